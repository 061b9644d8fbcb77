// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads pktcount.bpf.o with libbpf and attaches it to an interface.
 *
 *	pktcount_libbpf OBJECT INTERFACE COMMAND...
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <sys/socket.h>
#include "live.h"
#include "report.h"

int main(int argc, char **argv)
{
	struct bpf_object *obj;
	int sk, prog, rows, totals;

	if (argc < 4) {
		fprintf(stderr, "usage: %s OBJECT INTERFACE COMMAND...\n", argv[0]);
		return 2;
	}
	obj = bpf_object__open_file(argv[1], NULL);
	if (!obj || bpf_object__load(obj))
		return 1;	/* libbpf has said why */
	prog = bpf_program__fd(bpf_object__find_program_by_name(obj, "count_packets"));
	rows = bpf_object__find_map_fd_by_name(obj, "by_protocol");
	totals = bpf_object__find_map_fd_by_name(obj, "totals");
	if (prog < 0 || rows < 0 || totals < 0) {
		fprintf(stderr, "%s: not the object this loader is for\n", argv[1]);
		return 1;
	}

	sk = packet_socket(argv[2]);
	if (sk < 0)
		return 1;
	if (setsockopt(sk, SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog))) {
		perror("SO_ATTACH_BPF");
		return 1;
	}
	return report(rows, totals, argv[2], argv + 3);
}
