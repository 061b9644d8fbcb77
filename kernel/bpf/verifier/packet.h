/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses of packet bytes: what is proved of them, and what they may be used for.
 */
#ifndef _BPF_VERIFIER_PACKET_H
#define _BPF_VERIFIER_PACKET_H

#include "check.h"

/* Obligations. */
int packet_check_access(struct explore *ex, const struct access *access);
int packet_check_align(struct explore *ex, const struct access *access);
int packet_check_arg(struct explore *ex, u32 regno, const struct bpf_func_proto *proto);
int packet_check_field(struct explore *ex, const struct bpf_insn *insn);

/* Transfer functions. */
bool packet_load_field(struct explore *ex, const struct bpf_insn *insn);
void packet_moved(struct explore *ex, struct vreg *moved, const struct scalar *num,
		  bool subtract);
void packet_forget(struct explore *ex);

/* Comparisons. */
bool packet_is_compared(const struct vframe *frame, const struct bpf_insn *insn);
void packet_edges(const struct vframe *frame, const struct bpf_insn *insn, bool possible[2]);
void packet_learn(struct vstate *st, const struct bpf_insn *insn, bool taken);

#endif /* _BPF_VERIFIER_PACKET_H */
