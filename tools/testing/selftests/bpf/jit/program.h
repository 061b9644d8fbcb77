/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program that a test writes, instruction by instruction.
 */
#ifndef _JIT_TEST_PROGRAM_H
#define _JIT_TEST_PROGRAM_H

#include <linux/filter.h>

#define LEN_MAX		2048

static struct bpf_insn insns[LEN_MAX];
static u32 len;

static inline void put(struct bpf_insn insn)
{
	if (len == LEN_MAX)
		abort();
	insns[len++] = insn;
}

static inline void put_wide(u8 reg, u64 value)
{
	const struct bpf_insn pair[] = { BPF_LD_IMM64(reg, value) };

	put(pair[0]);
	put(pair[1]);
}

#endif
