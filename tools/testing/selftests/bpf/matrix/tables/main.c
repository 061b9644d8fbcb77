// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the rows of the kernel's own tables, which the matrices iterate over:
 * the sources with the tables are part of this program (see env.h).
 */
#include <linux/bpf.h>

int main(void)
{
	print_commands();
	print_fields();
	print_types();
	print_helper_rules();
	print_ctx();
	print_opcodes();
	return 0;
}
