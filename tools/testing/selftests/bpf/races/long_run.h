/* SPDX-License-Identifier: GPL-2.0-only */
/* A program that runs for long, and says when it begins and when it ends. */
#ifndef SELFTEST_BPF_RACES_LONG_RUN_H
#define SELFTEST_BPF_RACES_LONG_RUN_H

#include "../test.h"

/* Where it counts: keys of an array of 64-bit values. */
struct long_run {
	int map, begun, ended;
};

#define LONG_RUN_MOST	20000	/* calls of a helper that does little: tens of ms on the debug kernel */

static inline struct bpf_insn *count_long_run(struct bpf_insn *in, int map, int key)
{
	const struct bpf_insn add[] = {
		ST(BPF_W, 10, -4, key), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, map),
		CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 2), MOV_K(1, 1),
		ATOMIC(BPF_DW, BPF_ADD, 0, 1, 0),
	};

	memcpy(in, add, sizeof(add));
	return in + ARRAY_LEN(add);
}

/* A program of @type that calls @calls times and returns @verdict. */
static inline int load_long_run(__u32 type, struct long_run where, int calls, int verdict)
{
	static struct bpf_insn insns[LONG_RUN_MOST + 32];
	struct bpf_insn *in = count_long_run(insns, where.map, where.begun);
	int fd;

	for (int i = 0; i < calls; i++)
		*in++ = CALL(BPF_FUNC_get_smp_processor_id);
	in = count_long_run(in, where.map, where.ended);
	*in++ = MOV_K(0, verdict);
	*in++ = EXIT();
	fd = prog_load_log(type, insns, (size_t)(in - insns), "GPL", 0, NULL, 0);
	if (fd < 0)
		bail("long program: %d", fd);
	return fd;
}

#endif
