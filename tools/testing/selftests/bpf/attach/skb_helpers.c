// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of the helpers 1 to 25, but those named below, a socket filter, or with an
 * argument a classifier or an action may call. A helper the program
 * type has is refused here because no argument is set; one it does not have is
 * refused as unknown. "verdict" lines are for comparison between kernels.
 */
#include "../test.h"

#define FIRST	1
#define LAST	25

/* Other programs of these tests are about them, or they are not offered. */
static bool is_left_out(int id)
{
	return id == BPF_FUNC_redirect || id == BPF_FUNC_get_route_realm;
}

static __u32 prog_type = BPF_PROG_TYPE_SOCKET_FILTER;

static const char *granted(int id, const char *license)
{
	struct bpf_insn prog[] = { CALL(id), MOV_K(0, 0), EXIT() };
	int fd = prog_load_as(prog_type, prog, ARRAY_LEN(prog), license, 1);

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
	if (argc > 1)
		prog_type = strcmp(argv[1], "cls") ? BPF_PROG_TYPE_SCHED_ACT : BPF_PROG_TYPE_SCHED_CLS;

	for (int id = FIRST; id <= LAST; id++)
		if (!is_left_out(id))
			printf("verdict helper %d %s, proprietary %s\n", id,
		       granted(id, "GPL"), granted(id, "Proprietary"));
	is_str(granted(BPF_FUNC_map_lookup_elem, "GPL"), "granted", "map lookup is granted");
	is_str(granted(BPF_FUNC_probe_read, "GPL"), "unknown", "reading the kernel is not");
	is_str(granted(BPF_FUNC_get_smp_processor_id, "x"), "loads", "the CPU is, without arguments");
	is_str(granted(100000, "GPL"), "?", "no such helper");
	is_str(granted(BPF_FUNC_skb_store_bytes, "x"), argc > 1 ? "granted" : "unknown",
	       "writing packets is for traffic control");
	is_str(granted(BPF_FUNC_get_cgroup_classid, "x"), argc > 1 ? "loads" : "unknown",
	       "so is the class of the sender");
	return finish();
}
