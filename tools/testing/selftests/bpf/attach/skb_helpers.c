// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of the helpers 1 to 8 a socket filter may call. A helper the program
 * type has is refused here because no argument is set; one it does not have is
 * refused as unknown. "verdict" lines are for comparison between kernels.
 */
#include "../test.h"

#define FIRST	1
#define LAST	8

static const char *granted(int id, const char *license)
{
	struct bpf_insn prog[] = { CALL(id), MOV_K(0, 0), EXIT() };
	int fd = prog_load_as(BPF_PROG_TYPE_SOCKET_FILTER, prog, ARRAY_LEN(prog), license, 1);

	if (fd >= 0) {
		close(fd);
		return "loads";
	}
	if (strstr(prog_log, "unknown func"))
		return "unknown";
	if (strstr(prog_log, "GPL"))
		return "gpl";
	if (strstr(prog_log, "!read_ok") || strstr(prog_log, "expected="))
		return "granted";
	return "?";
}

int main(int argc, char **argv)
{
	int last = argc > 1 ? atoi(argv[1]) : LAST;

	for (int id = FIRST; id <= last; id++)
		printf("verdict helper %d %s, proprietary %s\n", id,
		       granted(id, "GPL"), granted(id, "Proprietary"));
	is_str(granted(BPF_FUNC_map_lookup_elem, "GPL"), "granted", "map lookup is granted");
	is_str(granted(BPF_FUNC_probe_read, "GPL"), "unknown", "reading the kernel is not");
	is_str(granted(BPF_FUNC_get_smp_processor_id, "x"), "loads", "the CPU is, without arguments");
	is_str(granted(100000, "GPL"), "?", "no such helper");
	return finish();
}
