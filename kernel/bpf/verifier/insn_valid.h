/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each opcode does with the fields of its instruction.
 *
 * One row per opcode; checks, control flow, liveness and text are all read off
 * the same row, so they cannot disagree about an instruction.
 */
#ifndef _BPF_VERIFIER_INSN_VALID_H
#define _BPF_VERIFIER_INSN_VALID_H

#include <linux/filter.h>
#include <linux/types.h>

enum insn_kind {
	INSN_UNKNOWN = 0,
	INSN_ALU,	/* dst = dst op operand */
	INSN_MOV,
	INSN_NEG,
	INSN_END,	/* byte order and byte swaps */
	INSN_LDX,
	INSN_ST,
	INSN_STX,
	INSN_ATOMIC,
	INSN_WIDE,	/* 64-bit immediate in two slots */
	INSN_PACKET,	/* LD_ABS and LD_IND */
	INSN_JA,
	INSN_JUMP,	/* conditional */
	INSN_CALL,
	INSN_EXIT,
	__INSN_KIND_MAX
};

/* Meaning of a register field. READ and WRITE are bits. */
enum insn_use {
	USE_NONE = 0,	/* reserved, zero */
	USE_READ = 1,
	USE_WRITE = 2,
	USE_BOTH = USE_READ | USE_WRITE,
	USE_TAG = 4,	/* not a register: selects a variant */
};

enum insn_off {
	OFF_ZERO = 0,
	OFF_ANY,
	OFF_SIGNED,	/* 1 selects the signed division */
	OFF_SEXT,	/* width a move extends from */
};

enum insn_imm {
	IMM_ZERO = 0,
	IMM_ANY,
	IMM_DIVISOR,
	IMM_SHIFT,
	IMM_SWAP,
	IMM_ATOMIC,
};

/**
 * struct opcode - a row of the table
 * @kind: enum insn_kind
 * @dst: enum insn_use of dst_reg
 * @src: enum insn_use of src_reg
 * @off: enum insn_off
 * @imm: enum insn_imm
 */
struct opcode {
	u8 kind;
	u8 dst;
	u8 src;
	u8 off;
	u8 imm;
};

extern const struct opcode opcode_table[256];

static inline const struct opcode *opcode_of(const struct bpf_insn *insn)
{
	return &opcode_table[insn->code];
}

/* Slots an instruction takes. */
static inline u32 insn_slots(const struct bpf_insn *insn)
{
	return opcode_of(insn)->kind == INSN_WIDE ? 2 : 1;
}

/* Index a jump at @idx leads to; may lie outside of the program. */
static inline s64 insn_target(const struct bpf_insn *insn, u32 idx)
{
	bool by_imm = insn->code == (BPF_JMP32 | BPF_JA);

	return (s64)idx + 1 + (by_imm ? insn->imm : insn->off);
}

static inline bool insn_jumps(const struct bpf_insn *insn)
{
	u8 kind = opcode_of(insn)->kind;

	return kind == INSN_JA || kind == INSN_JUMP;
}

/* Does control go on to the next instruction, at least sometimes? */
static inline bool insn_falls_through(const struct bpf_insn *insn)
{
	u8 kind = opcode_of(insn)->kind;

	return kind != INSN_JA && kind != INSN_EXIT;
}

/* A call of another function of the program, not of a helper. */
static inline bool insn_calls_function(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg == BPF_PSEUDO_CALL;
}

/* Where such a call goes to. */
static inline s64 insn_callee(const struct bpf_insn *insn, u32 idx)
{
	return (s64)idx + 1 + insn->imm;
}

/* The atomic operations that hand the old value back in the source register. */
static inline bool insn_fetches(const struct bpf_insn *insn)
{
	return insn->imm & BPF_FETCH && insn->imm != BPF_CMPXCHG;
}

#endif /* _BPF_VERIFIER_INSN_VALID_H */
