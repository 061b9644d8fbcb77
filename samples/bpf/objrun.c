// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs any object: attaches its socket filters to an interface and shows its
 * maps while a command runs.
 *
 *	objrun OBJECT INTERFACE COMMAND...
 *	objrun --load OBJECT		only load it
 *	objrun --stats OBJECT		load it and say what the verifier did
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "live.h"
#include "objcheck.h"
#include "objmaps.h"

#define MAX_PROGS 16

struct running {
	struct bpf_object *obj;
	struct {
		const char *name;
		int sk;
		unsigned long long packets, bytes;
	} progs[MAX_PROGS];
	int count;
};

/* What a filter kept waits in its socket: count it and make room. */
static void drain(struct running *r)
{
	char byte;
	ssize_t n;

	for (int i = 0; i < r->count; i++) {
		while ((n = recv(r->progs[i].sk, &byte, 1, MSG_DONTWAIT | MSG_TRUNC)) >= 0) {
			r->progs[i].packets++;
			r->progs[i].bytes += (size_t)n;
		}
	}
}

static void show(void *arg, int seconds, const char *doing)
{
	struct running *r = arg;

	drain(r);
	if (seconds < 0)
		printf("\n  at the end\n");
	else
		printf("\n  after %d s, %s\n", seconds, doing);
	for (int i = 0; i < r->count; i++)
		printf("  the socket of %s received %llu packets, %llu bytes\n", r->progs[i].name,
		       r->progs[i].packets, r->progs[i].bytes);
	show_maps(r->obj);
}

static int attach_all(struct running *r, const char *iface)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, r->obj) {
		int sk, fd = bpf_program__fd(prog);

		if (bpf_program__type(prog) != BPF_PROG_TYPE_SOCKET_FILTER || r->count == MAX_PROGS)
			continue;
		sk = packet_socket(iface);
		if (sk < 0 || setsockopt(sk, SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof(fd))) {
			perror(bpf_program__name(prog));
			return -1;
		}
		r->progs[r->count].name = bpf_program__name(prog);
		r->progs[r->count++].sk = sk;
		printf("  %s: attached to %s\n", bpf_program__name(prog), iface);
	}
	return r->count ? 0 : -1;
}

static int load_with_stats(struct bpf_object *obj)
{
	enum { ROOM = 1 << 16, LEVEL_STATS = 4 };
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj) {
		bpf_program__set_log_level(prog, LEVEL_STATS);
		bpf_program__set_log_buf(prog, calloc(1, ROOM), ROOM);
	}
	if (bpf_object__load(obj))
		return 1;
	bpf_object__for_each_program(prog, obj) {
		size_t size;

		printf("  %s: %zu instructions\n%s", bpf_program__name(prog),
		       bpf_program__insn_cnt(prog), bpf_program__log_buf(prog, &size));
	}
	return 0;
}

int main(int argc, char **argv)
{
	bool stats = argc == 3 && !strcmp(argv[1], "--stats");
	bool load_only = stats || (argc == 3 && !strcmp(argv[1], "--load"));
	struct running r = { 0 };
	int status;

	if (argc < 4 && !load_only) {
		fputs("usage: objrun OBJECT INTERFACE COMMAND...\n", stderr);
		fputs("       objrun --load|--stats OBJECT\n", stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	r.obj = bpf_object__open_file(argv[load_only ? 2 : 1], NULL);
	if (!r.obj)
		return 1;
	objcheck(r.obj);
	if (stats)
		return load_with_stats(r.obj);
	if (bpf_object__load(r.obj))
		return 1;	/* libbpf has printed the kernel's log */
	if (load_only) {
		printf("  loaded\n");
		return 0;
	}
	if (attach_all(&r, argv[2])) {
		fprintf(stderr, "no socket filter was attached: write it with SEC(\"socket\")\n");
		return 1;
	}
	status = watch(argv + 3, show, &r);
	show(&r, -1, "");
	return status;
}
