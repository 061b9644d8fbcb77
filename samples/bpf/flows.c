// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads flows.bpf.o and lists the flows of an interface while a command runs.
 *
 *	flows OBJECT INTERFACE COMMAND...
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <sys/socket.h>
#include "flows.h"
#include "live.h"

static void list(int map)
{
	struct flow flow, *from = NULL;
	struct sums sums;

	printf("%-3s %5s %8s:%-5s > %8s:%-5s %9s %12s\n", "IP", "proto", "from", "port", "to",
	       "port", "packets", "bytes");
	while (!bpf_map_get_next_key(map, from, &flow)) {
		if (!bpf_map_lookup_elem(map, &flow, &sums))
			printf("v%-2u %5u %08x:%-5u > %08x:%-5u %9llu %12llu\n", flow.version,
			       flow.protocol, flow.src, flow.sport, flow.dst, flow.dport,
			       sums.packets, sums.bytes);
		from = &flow;
	}
}

static void show(void *arg, int seconds, const char *doing)
{
	printf("after %d s, %s\n", seconds, doing);
	list(*(int *)arg);
}

int main(int argc, char **argv)
{
	struct bpf_object *obj;
	int sk, prog, flows, status;

	if (argc < 4) {
		fprintf(stderr, "usage: %s OBJECT INTERFACE COMMAND...\n", argv[0]);
		return 2;
	}
	obj = bpf_object__open_file(argv[1], NULL);
	if (!obj || bpf_object__load(obj))
		return 1;	/* libbpf has said why */
	prog = bpf_program__fd(bpf_object__find_program_by_name(obj, "dissect"));
	flows = bpf_object__find_map_fd_by_name(obj, "flows");
	sk = packet_socket(argv[2]);
	if (prog < 0 || flows < 0 || sk < 0)
		return 1;
	if (setsockopt(sk, SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog))) {
		perror("SO_ATTACH_BPF");
		return 1;
	}
	status = watch(argv + 3, show, &flows);
	puts("in the end");
	list(flows);
	return status;
}
