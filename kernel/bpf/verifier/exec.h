/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Transfer functions: how instructions move the state. They run after check.c
 * has allowed the instruction and refuse nothing.
 */
#ifndef _BPF_VERIFIER_EXEC_H
#define _BPF_VERIFIER_EXEC_H

#include "check.h"
#include "explore.h"

/* exec_alu.c */
void exec_alu(struct explore *ex, const struct bpf_insn *insn);
void exec_mov(struct explore *ex, const struct bpf_insn *insn);
void exec_neg(struct explore *ex, const struct bpf_insn *insn);
void exec_end(struct explore *ex, const struct bpf_insn *insn);
void exec_wide(struct explore *ex, const struct bpf_insn *insn);

/* exec_mem.c */
void exec_load(struct explore *ex, const struct bpf_insn *insn);
void exec_store(struct explore *ex, const struct bpf_insn *insn);
void exec_atomic(struct explore *ex, const struct bpf_insn *insn);
void exec_packet(struct explore *ex, const struct bpf_insn *insn);
void exec_fill_stack(struct explore *ex, const struct vreg *base, u32 sure,
		     u32 size);
void exec_show_stack(struct explore *ex, const struct vreg *base, u32 size);

/* exec_jmp.c */
int exec_jump(struct explore *ex, const struct bpf_insn *insn);

/* exec_call.c */
void exec_call(struct explore *ex, const struct call *call);
void exec_enter(struct explore *ex, const struct bpf_insn *insn);
void exec_exit(struct explore *ex);

/* exec_alu.c: a register becomes a number computed from others. */
void exec_set_number(struct explore *ex, struct vreg *reg,
		     const struct scalar *num, u32 a, u32 b);
void exec_set_unknown(struct explore *ex, u32 regno, u32 bytes, bool sx);

static inline struct vreg *exec_dst(struct explore *ex, u32 regno)
{
	ex->written.regs |= 1U << regno;
	return &ex->cur->reg[regno];
}

#endif /* _BPF_VERIFIER_EXEC_H */
