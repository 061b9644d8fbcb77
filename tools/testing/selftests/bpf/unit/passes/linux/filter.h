/* SPDX-License-Identifier: GPL-2.0-only */
/* Instructions as the kernel code spells them. */
#ifndef _UNIT_PASSES_LINUX_FILTER_H
#define _UNIT_PASSES_LINUX_FILTER_H

#include <linux/bpf.h>

#define BPF_REG_CTX		BPF_REG_6
#define BPF_REG_FP		BPF_REG_10
#define BPF_MEMSX		0x80

#define BPF_LDST_BYTES(i)	(BPF_SIZE((i)->code) == BPF_DW ? 8 :	\
				 BPF_SIZE((i)->code) == BPF_W ? 4 :	\
				 BPF_SIZE((i)->code) == BPF_H ? 2 : 1)

#define UNIT_INSN(c, d, s, o, i)	((struct bpf_insn) { c, d, s, o, i })
#define BPF_ALU64_REG_OFF(op, d, s, o)	UNIT_INSN(BPF_ALU64 | op | BPF_X, d, s, o, 0)
#define BPF_MOV64_IMM(d, i)		UNIT_INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define BPF_JMP_A(o)			UNIT_INSN(BPF_JMP | BPF_JA, 0, 0, o, 0)
#define BPF_JMP32_A(i)			UNIT_INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, i)
#define BPF_EXIT_INSN()			UNIT_INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* Calls are recognised by number, so a resolved one keeps a small one. */
#define BPF_CALL_IMM(f)			((long)(f))

#endif
