// SPDX-License-Identifier: GPL-2.0-only
/*
 * Matrix: each of the 256 opcodes x both register fields x offset x immediate.
 *
 * What each opcode's fields may hold is the code's table, insn_valid.c. The
 * instruction stands behind a prologue that makes most of what it could use:
 *
 *	r0-r5, r9	the number 1
 *	r6		the context
 *	r7		fp-64, the middle of three zeroed words
 *	r8		a number nobody knows
 *
 * and before "r0 = 0; exit", which a branch on r8 reaches in any case. A wide
 * immediate gets an empty second slot.
 *
 * Not the whole product: all registers with fields that are 0, a few registers
 * with all fields, and values that mean something somewhere.
 */
#include "matrix.h"

enum { OP, DST, SRC, OFF, IMM, AXES };

/* Arithmetic by its sign: {op} in a message. */
#define SIGN(op, sign)							\
	[BPF_ALU | (op) | BPF_K] = sign, [BPF_ALU | (op) | BPF_X] = sign, \
	[BPF_ALU64 | (op) | BPF_K] = sign, [BPF_ALU64 | (op) | BPF_X] = sign

static const char *const signs[256] = {
	SIGN(BPF_ADD, "+="), SIGN(BPF_SUB, "-="), SIGN(BPF_MUL, "*="), SIGN(BPF_DIV, "/="),
	SIGN(BPF_MOD, "%="), SIGN(BPF_OR, "|="), SIGN(BPF_AND, "&="), SIGN(BPF_XOR, "^="),
	SIGN(BPF_LSH, "<<="), SIGN(BPF_RSH, ">>="), SIGN(BPF_ARSH, "s>>="),
};

static const struct axis axes[AXES] = {
	{ "op", signs, 256, .hex = true }, { "dst" }, { "src" }, { "off" }, { "imm" },
};

/* Registers of each sort: two numbers, a pointer, no register. */
static const int few_dst[] = { 0, 1, 7, 11 };
static const int few_src[] = { 0, 1 };
static const int few_off[] = { 0, 1, -1 };
static const int few_imm[] = { 0, 1, -1 };

/* Values that mean something somewhere: widths, shifts, operations, edges. */
static const int more_off[] = { 2, 8, 16, 24, 32, 64, INT16_MAX, INT16_MIN };
static const int more_imm[] = {
	2, 16, 24, 31, 32, 63, 64, BPF_ADD | BPF_FETCH, BPF_OR | BPF_FETCH,
	BPF_AND | BPF_FETCH, BPF_XOR | BPF_FETCH, BPF_OR, BPF_AND, BPF_XOR,
	BPF_XCHG, BPF_CMPXCHG, INT32_MAX, INT32_MIN,
};

#define EACH(value, list)						\
	(const int *value = (list); value < (list) + ARRAY_LEN(list); value++)

static const struct bpf_insn prologue[] = {
	MOV_X(6, 1), MOV_X(7, 10), ALU_K(BPF_ADD, 7, -64),
	ST(BPF_DW, 7, -8, 0), ST(BPF_DW, 7, 0, 0), ST(BPF_DW, 7, 8, 0),
	MOV_K(0, 1), MOV_K(1, 1), MOV_K(2, 1), MOV_K(3, 1), MOV_K(4, 1), MOV_K(5, 1),
	MOV_K(9, 1), LDX(BPF_W, 8, 6, 0),
};

static void one(int op, int dst, int src, int off, int imm)
{
	bool wide = op == (BPF_LD | BPF_IMM | BPF_DW);
	struct bpf_insn prog[ARRAY_LEN(prologue) + 5];
	struct bpf_insn *p = prog + ARRAY_LEN(prologue);
	const char *text;
	int err;

	/* 5 divides the length of no list, so each value of each is met. */
	if (matrix_left_out(5))
		return;
	memcpy(prog, prologue, sizeof(prologue));
	*p++ = JMP_K(BPF_JEQ, 8, 0, wide ? 2 : 1);
	*p++ = INSN(op, dst, src, off, imm);
	if (wide)
		*p++ = INSN(0, 0, 0, 0, 0);
	*p++ = MOV_K(0, 0);
	*p++ = EXIT();
	err = matrix_load(BPF_PROG_TYPE_SOCKET_FILTER, prog, p - prog, "GPL", &text);
	matrix_case((int[]){ op, dst, src, off, imm }, err, text);
}

static bool is_few(int reg)
{
	return reg == 0 || reg == 1 || reg == 7 || reg == 11;
}

static void registers(int op)
{
	for (int dst = 0; dst < 16; dst++)
		for (int src = 0; src < 16; src++)
			if (is_few(dst) || is_few(src))
				one(op, dst, src, 0, 0);
}

static void fields(int op)
{
	for EACH(off, few_off)
		for EACH(imm, few_imm)
			for EACH(dst, few_dst)
				for EACH(src, few_src)
					if (*off || *imm)
						one(op, *dst, *src, *off, *imm);
}

static void values(int op)
{
	for EACH(off, more_off)
		for EACH(src, few_src)
			one(op, 1, *src, *off, 0);
	for EACH(imm, more_imm)
		for EACH(src, few_src) {
			one(op, 1, *src, 0, *imm);
			one(op, 7, *src, 0, *imm);
		}
}

int main(void)
{
	matrix_begin("opcode", axes, AXES);
	for (int op = 0; op < 256; op++) {
		if (op % 8 == 0)
			matrix_group("opcodes %02x to %02x", op, op + 7);
		registers(op);
		fields(op);
		values(op);
	}
	return matrix_end();
}
