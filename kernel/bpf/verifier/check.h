/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Obligations: what must hold before an instruction may be executed. Functions
 * here decide and refuse. They change no value; what they relied on they mark
 * needed, and what the later passes may know they note.
 */
#ifndef _BPF_VERIFIER_CHECK_H
#define _BPF_VERIFIER_CHECK_H

#include "explore.h"

/**
 * struct call - a helper call that was allowed
 * @proto: contract of the helper
 * @map: its map argument, or NULL
 */
struct call {
	const struct bpf_func_proto *proto;
	struct bpf_map *map;
};

/**
 * struct access - an access to memory
 * @regno: register that holds the address
 * @off: constant added to it
 * @size: bytes
 * @type: direction
 * @is_atomic: both directions at once, always naturally aligned
 * @is_indirect: made by a helper, not by a load or store
 */
struct access {
	u32 regno;
	s32 off;
	u32 size;
	enum bpf_access_type type;
	bool is_atomic;
	bool is_indirect;
};

/* check.c */
int check_read(struct explore *ex, u32 regno);
int check_write(struct explore *ex, u32 regno);
int check_operands(struct explore *ex, const struct bpf_insn *insn);
int check_alu(struct explore *ex, const struct bpf_insn *insn);
int check_enter(struct explore *ex);
int check_exit(struct explore *ex);

/* check_mem.c */
int check_access(struct explore *ex, const struct access *access);
int check_ctx_whole(struct explore *ex, u32 regno);
int check_load(struct explore *ex, const struct bpf_insn *insn);
int check_store(struct explore *ex, const struct bpf_insn *insn);
int check_atomic(struct explore *ex, const struct bpf_insn *insn);
int check_packet(struct explore *ex, const struct bpf_insn *insn);

/* check_call.c */
int check_call(struct explore *ex, const struct bpf_insn *insn,
	       struct call *call);
const char *check_call_expects(enum bpf_arg_type type);

#endif /* _BPF_VERIFIER_CHECK_H */
