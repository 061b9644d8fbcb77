/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What instructions do to concrete words, written from RFC 9669 and nothing
 * else, at any width up to 64 bits. The oracle of the scalar tests.
 */
#ifndef _UNIT_CONCRETE_H
#define _UNIT_CONCRETE_H

#include <assert.h>
#include <linux/kernel.h>
#include <linux/types.h>
#include <linux/bpf.h>

static inline u64 ones(unsigned int width)
{
	return width == 64 ? ~0ULL : (1ULL << width) - 1;
}

static inline s64 to_signed(u64 x, unsigned int width)
{
	x &= ones(width);
	return x >> (width - 1) ? (s64)(x | ~ones(width)) : (s64)x;
}

static inline u64 concrete_divmod(u8 op, bool is_signed, unsigned int width,
				  u64 x, u64 y)
{
	s64 sx = to_signed(x, width), sy = to_signed(y, width);

	if (!y)
		return op == BPF_DIV ? 0 : x;
	if (!is_signed)
		return op == BPF_DIV ? x / y : x % y;
	if (sy == -1)
		return op == BPF_DIV ? 0 - x : 0;
	return op == BPF_DIV ? sx / sy : sx % sy;
}

static inline u64 concrete_op(u8 op, bool is_signed, unsigned int width,
			      u64 x, u64 y)
{
	unsigned int amount = y & (width - 1);

	switch (op) {
	case BPF_ADD: return x + y;
	case BPF_SUB: return x - y;
	case BPF_MUL: return x * y;
	case BPF_OR: return x | y;
	case BPF_AND: return x & y;
	case BPF_XOR: return x ^ y;
	case BPF_LSH: return x << amount;
	case BPF_RSH: return x >> amount;
	case BPF_ARSH: return to_signed(x, width) >> amount;
	case BPF_NEG: return 0 - x;
	case BPF_DIV:
	case BPF_MOD: return concrete_divmod(op, is_signed, width, x, y);
	default:
		assert(0);
	}
	return 0;
}

/* One operation on words of @width bits; the result is cut to that width. */
static inline u64 concrete_word(u8 op, bool is_signed, unsigned int width,
				u64 x, u64 y)
{
	return concrete_op(op, is_signed, width, x & ones(width),
			   y & ones(width)) & ones(width);
}

/* Does the comparison hold? */
static inline bool concrete_jump(u8 op, unsigned int width, u64 x, u64 y)
{
	s64 sx = to_signed(x, width), sy = to_signed(y, width);

	x &= ones(width);
	y &= ones(width);
	switch (op) {
	case BPF_JEQ: return x == y;
	case BPF_JNE: return x != y;
	case BPF_JSET: return x & y;
	case BPF_JGT: return x > y;
	case BPF_JGE: return x >= y;
	case BPF_JLT: return x < y;
	case BPF_JLE: return x <= y;
	case BPF_JSGT: return sx > sy;
	case BPF_JSGE: return sx >= sy;
	case BPF_JSLT: return sx < sy;
	case BPF_JSLE: return sx <= sy;
	default:
		assert(0);
	}
	return false;
}

/* The instructions under test, with the names for reports. */
struct alu_case {
	const char *name;
	u8 op;
	bool is_signed;
};

static const struct alu_case alu_cases[] = {
	{ "add", BPF_ADD, false }, { "sub", BPF_SUB, false },
	{ "mul", BPF_MUL, false }, { "div", BPF_DIV, false },
	{ "sdiv", BPF_DIV, true }, { "mod", BPF_MOD, false },
	{ "smod", BPF_MOD, true }, { "or", BPF_OR, false },
	{ "and", BPF_AND, false }, { "xor", BPF_XOR, false },
	{ "lsh", BPF_LSH, false }, { "rsh", BPF_RSH, false },
	{ "arsh", BPF_ARSH, false }, { "neg", BPF_NEG, false },
};

static const struct {
	const char *name;
	u8 op;
} jump_cases[] = {
	{ "jeq", BPF_JEQ }, { "jne", BPF_JNE }, { "jset", BPF_JSET },
	{ "jgt", BPF_JGT }, { "jge", BPF_JGE }, { "jlt", BPF_JLT },
	{ "jle", BPF_JLE }, { "jsgt", BPF_JSGT }, { "jsge", BPF_JSGE },
	{ "jslt", BPF_JSLT }, { "jsle", BPF_JSLE },
};

#define ALU_CASES	ARRAY_SIZE(alu_cases)
#define JUMP_CASES	ARRAY_SIZE(jump_cases)

#endif
