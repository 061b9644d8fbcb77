/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The opcodes of RFC 9669, and the few this kernel adds for itself.
 *
 * One list serves all: the interpreter makes its dispatch table of it and must
 * define a handler per row, core.c makes the table of known opcodes of it. A
 * row is OP(label, opcode). The variants that a second field selects stand
 * here too, for the verifier and for core.c.
 */
#ifndef _BPF_INSN_TABLE_H
#define _BPF_INSN_TABLE_H

#include <linux/filter.h>

/* An arithmetic operation: 64 and 32 bits, by register and by immediate. */
#define __BPF_ALU_ROWS(OP, op)						\
	OP(ALU64_##op##_X, BPF_ALU64 | BPF_##op | BPF_X)		\
	OP(ALU64_##op##_K, BPF_ALU64 | BPF_##op | BPF_K)		\
	OP(ALU32_##op##_X, BPF_ALU | BPF_##op | BPF_X)			\
	OP(ALU32_##op##_K, BPF_ALU | BPF_##op | BPF_K)

/* A conditional jump in the same four forms. */
#define __BPF_JUMP_ROWS(OP, op)						\
	OP(JMP64_##op##_X, BPF_JMP | BPF_##op | BPF_X)			\
	OP(JMP64_##op##_K, BPF_JMP | BPF_##op | BPF_K)			\
	OP(JMP32_##op##_X, BPF_JMP32 | BPF_##op | BPF_X)		\
	OP(JMP32_##op##_K, BPF_JMP32 | BPF_##op | BPF_K)

/* Plain memory access of one width. */
#define __BPF_MEM_ROWS(OP, size)					\
	OP(LDX_MEM_##size, BPF_LDX | BPF_MEM | BPF_##size)		\
	OP(STX_MEM_##size, BPF_STX | BPF_MEM | BPF_##size)		\
	OP(ST_MEM_##size, BPF_ST | BPF_MEM | BPF_##size)

/* Packet loads of one width. */
#define __BPF_PACKET_ROWS(OP, size)					\
	OP(LD_ABS_##size, BPF_LD | BPF_ABS | BPF_##size)		\
	OP(LD_IND_##size, BPF_LD | BPF_IND | BPF_##size)

/* DIV, MOD and MOV select their signed variant by the offset field. */
#define BPF_INSN_TABLE(OP)						\
	__BPF_ALU_ROWS(OP, ADD)						\
	__BPF_ALU_ROWS(OP, SUB)						\
	__BPF_ALU_ROWS(OP, MUL)						\
	__BPF_ALU_ROWS(OP, DIV)						\
	__BPF_ALU_ROWS(OP, OR)						\
	__BPF_ALU_ROWS(OP, AND)						\
	__BPF_ALU_ROWS(OP, LSH)						\
	__BPF_ALU_ROWS(OP, RSH)						\
	__BPF_ALU_ROWS(OP, MOD)						\
	__BPF_ALU_ROWS(OP, XOR)						\
	__BPF_ALU_ROWS(OP, MOV)						\
	__BPF_ALU_ROWS(OP, ARSH)					\
	OP(ALU64_NEG, BPF_ALU64 | BPF_NEG)				\
	OP(ALU32_NEG, BPF_ALU | BPF_NEG)				\
	OP(END_TO_LE, BPF_ALU | BPF_END | BPF_TO_LE)			\
	OP(END_TO_BE, BPF_ALU | BPF_END | BPF_TO_BE)			\
	OP(END_BSWAP, BPF_ALU64 | BPF_END)				\
	OP(JA_OFF, BPF_JMP | BPF_JA)					\
	OP(JA_IMM, BPF_JMP32 | BPF_JA)					\
	__BPF_JUMP_ROWS(OP, JEQ)					\
	__BPF_JUMP_ROWS(OP, JNE)					\
	__BPF_JUMP_ROWS(OP, JSET)					\
	__BPF_JUMP_ROWS(OP, JGT)					\
	__BPF_JUMP_ROWS(OP, JGE)					\
	__BPF_JUMP_ROWS(OP, JLT)					\
	__BPF_JUMP_ROWS(OP, JLE)					\
	__BPF_JUMP_ROWS(OP, JSGT)					\
	__BPF_JUMP_ROWS(OP, JSGE)					\
	__BPF_JUMP_ROWS(OP, JSLT)					\
	__BPF_JUMP_ROWS(OP, JSLE)					\
	OP(CALL, BPF_JMP | BPF_CALL)					\
	OP(EXIT, BPF_JMP | BPF_EXIT)					\
	__BPF_MEM_ROWS(OP, B)						\
	__BPF_MEM_ROWS(OP, H)						\
	__BPF_MEM_ROWS(OP, W)						\
	__BPF_MEM_ROWS(OP, DW)						\
	OP(LDX_MEMSX_B, BPF_LDX | BPF_MEMSX | BPF_B)			\
	OP(LDX_MEMSX_H, BPF_LDX | BPF_MEMSX | BPF_H)			\
	OP(LDX_MEMSX_W, BPF_LDX | BPF_MEMSX | BPF_W)			\
	OP(ATOMIC_W, BPF_STX | BPF_ATOMIC | BPF_W)			\
	OP(ATOMIC_DW, BPF_STX | BPF_ATOMIC | BPF_DW)			\
	OP(LD_IMM64, BPF_LD | BPF_IMM | BPF_DW)				\
	__BPF_PACKET_ROWS(OP, B)					\
	__BPF_PACKET_ROWS(OP, H)					\
	__BPF_PACKET_ROWS(OP, W)

/* What the immediate of the atomic opcodes selects; the only list of them. */
#define BPF_ATOMIC_TABLE(OP)						\
	OP(BPF_ADD)							\
	OP(BPF_OR)							\
	OP(BPF_AND)							\
	OP(BPF_XOR)							\
	OP(BPF_ADD | BPF_FETCH)						\
	OP(BPF_OR | BPF_FETCH)						\
	OP(BPF_AND | BPF_FETCH)						\
	OP(BPF_XOR | BPF_FETCH)						\
	OP(BPF_XCHG)							\
	OP(BPF_CMPXCHG)

static inline bool bpf_atomic_op_exists(s32 op)
{
	switch (op) {
#define __BPF_ATOMIC_CASE(value)					\
	case value:
	BPF_ATOMIC_TABLE(__BPF_ATOMIC_CASE)
#undef __BPF_ATOMIC_CASE
		return true;
	default:
		return false;
	}
}

/* Bits that byte order and byte swap work on, an immediate. */
static inline bool bpf_swap_width_exists(s32 bits)
{
	return bits == 16 || bits == 32 || bits == 64;
}

/* Offset field of a move: the width it sign-extends from, 0 for none. */
static inline bool bpf_move_width_exists(u8 code, s16 bits)
{
	return bits == 0 || bits == 8 || bits == 16 ||
	       (bits == 32 && BPF_CLASS(code) == BPF_ALU64);
}

/* Offset field of a division: 1 for the signed one. */
static inline bool bpf_division_exists(s16 off)
{
	return off == 0 || off == 1;
}

/* Made by lowering only; a loaded program that has one is refused. */
#define BPF_INTERNAL_INSN_TABLE(OP)					\
	OP(TAIL_CALL, BPF_JMP | BPF_TAIL_CALL)				\
	OP(NOSPEC, BPF_ST | BPF_NOSPEC)

#endif /* _BPF_INSN_TABLE_H */
