// SPDX-License-Identifier: GPL-2.0-only
/* Rows "command NUMBER NAME ATTR_END PRIVILEGED" of the table of commands. */
#include "../../../../../../kernel/bpf/syscall.c"

void print_commands(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].name)
			printf("command %zu %s %u %s\n", i, commands[i].name, commands[i].attr_end,
			       commands[i].is_privileged ? "privileged" : "open");
	printf("attr %zu\n", sizeof(union bpf_attr));
}
