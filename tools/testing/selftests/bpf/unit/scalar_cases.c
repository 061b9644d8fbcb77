// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scalar domain on cases people rely on: what compilers emit to extend,
 * mask and check an index, the shapes of published verifier bugs, and the
 * edges of the interface. A case is a start, some steps, and the text that
 * scalar_print() gives in the end, so it also fixes that text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/limits.h>

#include "concrete.h"
#include "scalar.h"
#include "tap.h"

enum step_kind { END, K, LOAD, LOADSX, URANGE, SRANGE, ALU64, ALU32, SALU64,
		 SALU32, JUMP, NOJUMP, JUMP32, NOJUMP32, ZEXT, SEXT, SEXT32,
		 BSWAP, BE, LE };

struct step {
	enum step_kind kind;
	s64 a, b;
};

#define ANY		{ LOAD, 8 }
#define IMPOSSIBLE	"impossible"

static const struct case_row {
	const char *name;
	struct step step[8];
	const char *text;
} cases[] = {
	{ "unknown says nothing", { ANY }, "" },
	{ "constant", { { K, 5 } }, "umin=5,umax=5,var_off=(0x5; 0x0)" },
	{ "constant -1", { { K, -1 } },
	  "umin=18446744073709551615,var_off=(0xffffffffffffffff; 0x0),u32_min=4294967295" },
	{ "byte load", { { LOAD, 1 } }, "umax=255,var_off=(0x0; 0xff)" },
	{ "word load", { { LOAD, 4 } },
	  "umax=4294967295,var_off=(0x0; 0xffffffff)" },
	{ "signed byte load", { { LOADSX, 1 } }, "smin=-128,smax=127" },
	{ "signed word load", { { LOADSX, 4 } },
	  "smin=-2147483648,smax=2147483647" },

	/* Checks of an index. */
	{ "if r > 15 goto, not taken", { ANY, { NOJUMP, BPF_JGT, 15 } },
	  "umax=15,var_off=(0x0; 0xf)" },
	{ "signed checks from both sides",
	  { ANY, { NOJUMP, BPF_JSGT, 9 }, { NOJUMP, BPF_JSLT, 0 } },
	  "umax=9,var_off=(0x0; 0xf)" },
	{ "signed upper check alone does not bound below",
	  { ANY, { NOJUMP, BPF_JSGT, 9 } }, "smax=9" },
	{ "two arcs: unsigned check of a signed range",
	  { { SRANGE, -5, 5 }, { JUMP, BPF_JGT, 3 } },
	  "smin=-5,smax=5,umin=4" },
	{ "two arcs: the other edge",
	  { { SRANGE, -5, 5 }, { NOJUMP, BPF_JGT, 3 } },
	  "umax=3,var_off=(0x0; 0x3)" },
	{ "mask", { ANY, { ALU64, BPF_AND, 0x3f } },
	  "umax=63,var_off=(0x0; 0x3f)" },
	{ "mask that keeps alignment", { ANY, { ALU64, BPF_AND, 0x7c } },
	  "umax=124,var_off=(0x0; 0x7c)" },
	{ "scaled index", { { LOAD, 1 }, { ALU64, BPF_MUL, 24 } },
	  "umax=6120,var_off=(0x0; 0x1ff8)" },
	{ "remainder", { ANY, { ALU64, BPF_MOD, 10 } },
	  "umax=9,var_off=(0x0; 0xf)" },
	{ "remainder of a multiple", { ANY, { ALU64, BPF_LSH, 2 },
	  { ALU64, BPF_MOD, 12 } }, "umax=8,var_off=(0x0; 0xc)" },
	{ "not equal at the end", { { URANGE, 0, 8 }, { JUMP, BPF_JNE, 8 } },
	  "umax=7,var_off=(0x0; 0x7)" },
	{ "not equal in the middle", { { URANGE, 0, 7 }, { JUMP, BPF_JNE, 4 } },
	  "umax=7,var_off=(0x0; 0x7)" },
	{ "bit test taken", { { URANGE, 0, 15 }, { JUMP, BPF_JSET, 4 } },
	  "umin=4,umax=15,var_off=(0x4; 0xb)" },
	{ "bit test not taken", { { URANGE, 0, 15 }, { NOJUMP, BPF_JSET, 4 } },
	  "umax=11,var_off=(0x0; 0xb)" },

	/* Idioms of compilers. */
	{ "zero extension by two shifts", { { SRANGE, 0, 1000 },
	  { ALU64, BPF_OR, 1LL << 40 }, { ALU64, BPF_LSH, 32 },
	  { ALU64, BPF_RSH, 32 } }, "umax=1000,var_off=(0x0; 0x3ff)" },
	{ "sign extension by two shifts", { ANY, { NOJUMP32, BPF_JSGT, 5 },
	  { NOJUMP32, BPF_JSLT, -5 }, { ALU64, BPF_LSH, 32 },
	  { ALU64, BPF_ARSH, 32 } }, "smin=-5,smax=5" },
	{ "32-bit check, then zero extension", { ANY, { NOJUMP32, BPF_JGT, 8 },
	  { ZEXT, 32 } }, "umax=8,var_off=(0x0; 0xf)" },
	{ "sign mask, as in clamping", { ANY, { ALU64, BPF_ARSH, 63 } },
	  "smin=-1,smax=0" },
	{ "sign mask and value", { ANY, { ALU64, BPF_ARSH, 63 },
	  { ALU64, BPF_AND, -13 } },
	  "smin=-13,smax=0,umax=18446744073709551603,var_off=(0x0; 0xfffffffffffffff3),u32_max=4294967283" },
	{ "sum wraps and comes back", { { LOAD, 1 }, { ALU64, BPF_ADD, -100 },
	  { ALU64, BPF_ADD, 100 } }, "umax=255,var_off=(0x0; 0xff)" },
	{ "product with a negative", { { LOAD, 1 }, { ALU64, BPF_MUL, -2 },
	  { JUMP, BPF_JSLT, -500 } },
	  "umin=18446744073709551106,umax=18446744073709551114,var_off=(0xfffffffffffffe00; 0xe),u32_min=4294966786,u32_max=4294966794" },

	/* Shapes of published bugs: a wrong answer here was an exploit. */
	{ "32-bit shift looks at 32 bits", { { K, 2 }, { ALU64, BPF_LSH, 31 },
	  { ALU32, BPF_RSH, 31 } },
	  "umax=0,var_off=(0x0; 0x0)" },
	{ "32-bit shift of an unknown", { ANY, { ALU32, BPF_RSH, 31 } },
	  "umax=1,var_off=(0x0; 0x1)" },
	{ "32-bit arithmetic shift of an unknown",
	  { ANY, { ALU32, BPF_ARSH, 31 } },
	  "umax=4294967295,var_off=(0x0; 0xffffffff),s32_min=-1,s32_max=0" },
	{ "32-bit check leaves the upper half open",
	  { ANY, { JUMP32, BPF_JLT, 16 } },
	  "smax=9223372032559808527,umax=18446744069414584335,var_off=(0x0; 0xffffffff0000000f),s32_min=0,s32_max=15,u32_max=15" },
	{ "64-bit check that does not bound the low half",
	  { ANY, { JUMP, BPF_JLT, 1LL << 33 } },
	  "umax=8589934591,var_off=(0x0; 0x1ffffffff)" },
	{ "range across a multiple of 2^32", { { URANGE, 0xffffffff, 0x100000001 } },
	  "umin=4294967295,umax=4294967297,var_off=(0x0; 0x1ffffffff),s32_min=-1,s32_max=1" },
	{ "negative range shifted right", { { SRANGE, -8, -1 }, { ALU64, BPF_RSH, 1 } },
	  "umin=9223372036854775804,umax=9223372036854775807,var_off=(0x7ffffffffffffffc; 0x3),s32_min=-4,s32_max=-1,u32_min=4294967292" },
	{ "32-bit division sees zero in 2^32",
	  { { K, 7 }, { ALU32, BPF_DIV, 1LL << 32 } },
	  "umax=0,var_off=(0x0; 0x0)" },
	{ "32-bit remainder sees zero in 2^32",
	  { { K, 0x500000007 }, { ALU32, BPF_MOD, 1LL << 32 } },
	  "umin=7,umax=7,var_off=(0x7; 0x0)" },
	{ "smallest number by -1", { { K, S64_MIN }, { SALU64, BPF_DIV, -1 } },
	  "umin=9223372036854775808,umax=9223372036854775808,var_off=(0x8000000000000000; 0x0),s32_min=0,s32_max=0,u32_max=0" },
	{ "smallest number modulo -1", { { K, S64_MIN }, { SALU64, BPF_MOD, -1 } },
	  "umax=0,var_off=(0x0; 0x0)" },
	{ "or of 32-bit constants", { { K, 0x100000001 }, { ALU32, BPF_OR, 2 } },
	  "umin=3,umax=3,var_off=(0x3; 0x0)" },

	/* Extensions and byte order. */
	{ "sign extension to 32 bits", { { K, 0x80 }, { SEXT32, 8 } },
	  "umin=4294967168,umax=4294967168,var_off=(0xffffff80; 0x0),s32_min=-128,s32_max=-128" },
	{ "sign extension of a range", { { URANGE, 0x7e, 0x81 }, { SEXT, 8 } },
	  "smin=-128,smax=127,umin=126,umax=18446744073709551489,u32_max=4294967169" },
	{ "byte swap of a constant", { { K, 0x1234 }, { BSWAP, 16 } },
	  "umin=13330,umax=13330,var_off=(0x3412; 0x0)" },
	{ "byte swap of a byte", { { LOAD, 1 }, { BSWAP, 32 } },
	  "umax=4278190080,var_off=(0x0; 0xff000000),s32_max=2130706432" },
	{ "byte swap drops what is above", { ANY, { BSWAP, 16 } },
	  "umax=65535,var_off=(0x0; 0xffff)" },

	/* Outcomes that cannot be. */
	{ "equal to a word outside", { { LOAD, 1 }, { JUMP, BPF_JEQ, 256 } },
	  IMPOSSIBLE },
	{ "equal to a word that does not fit the bits",
	  { ANY, { ALU64, BPF_AND, 6 }, { JUMP, BPF_JEQ, 3 } }, IMPOSSIBLE },
	{ "not equal to itself", { { K, 3 }, { NOJUMP, BPF_JEQ, 3 } },
	  IMPOSSIBLE },
	{ "below zero, unsigned", { ANY, { JUMP, BPF_JLT, 0 } }, IMPOSSIBLE },
	{ "above all, signed", { ANY, { JUMP, BPF_JSGT, S64_MAX } }, IMPOSSIBLE },
	{ "bit test of a zero bit", { { LOAD, 1 }, { JUMP, BPF_JSET, 0x100 } },
	  IMPOSSIBLE },
};

static bool jump(struct scalar *s, const struct step *step, bool is32, bool taken)
{
	struct scalar k;

	scalar_const(&k, step->b);
	return scalar_refine(step->a, is32, taken, s, &k);
}

static void alu(struct scalar *s, const struct step *step, bool is64,
		bool is_signed)
{
	struct scalar k;

	scalar_const(&k, step->b);
	scalar_alu(s, step->a, is64, is_signed, s, &k);
}

static bool run_step(struct scalar *s, const struct step *step)
{
	switch (step->kind) {
	case K:
		scalar_const(s, step->a);
		break;
	case LOAD:
		scalar_unknown_bytes(s, step->a);
		break;
	case LOADSX:
		scalar_unknown_sx(s, step->a);
		break;
	case URANGE: return scalar_set_urange(s, step->a, step->b);
	case SRANGE: return scalar_set_srange(s, step->a, step->b);
	case ALU64:
		alu(s, step, true, false);
		break;
	case ALU32:
		alu(s, step, false, false);
		break;
	case SALU64:
		alu(s, step, true, true);
		break;
	case SALU32:
		alu(s, step, false, true);
		break;
	case JUMP: return jump(s, step, false, true);
	case NOJUMP: return jump(s, step, false, false);
	case JUMP32: return jump(s, step, true, true);
	case NOJUMP32: return jump(s, step, true, false);
	case ZEXT:
		scalar_zext(s, step->a);
		break;
	case SEXT:
		scalar_sext(s, step->a, false);
		break;
	case SEXT32:
		scalar_sext(s, step->a, true);
		break;
	case BSWAP:
		scalar_bswap(s, step->a);
		break;
	case BE:
		scalar_to_be(s, step->a);
		break;
	case LE:
		scalar_to_le(s, step->a);
		break;
	case END:
		break;
	}
	return true;
}

static void run_case(const struct case_row *row)
{
	char text[400] = IMPOSSIBLE;
	const struct step *step;
	struct scalar s;
	bool alive = true;

	for (step = row->step; alive && step->kind != END; step++)
		alive = run_step(&s, step);
	if (alive)
		scalar_print(text, sizeof(text), &s);
	if (strcmp(text, row->text))
		printf("# %s\n#   want %s\n#   have %s\n", row->name, row->text,
		       text);
	tap_result(!strcmp(text, row->text), row->name);
}

static void check_failures_leave_alone(void)
{
	struct scalar s, byte, other;

	scalar_unknown_bytes(&byte, 1);
	s = byte;
	scalar_const(&other, 256);
	tap_result(!scalar_set_urange(&s, 2, 1) && scalar_equal(&s, &byte) &&
		   !scalar_set_srange(&s, 1, -1) && scalar_equal(&s, &byte) &&
		   !scalar_meet(&s, &s, &other) && scalar_equal(&s, &byte),
		   "what fails changes nothing");
}

static void check_aliases(void)
{
	struct scalar a, b, r, s;

	scalar_unknown_bytes(&a, 1);
	scalar_unknown_sx(&b, 2);
	scalar_alu(&r, BPF_SUB, true, false, &a, &b);
	s = a;
	scalar_alu(&s, BPF_SUB, true, false, &s, &b);
	tap_result(scalar_equal(&r, &s), "the result may be the left operand");
	s = b;
	scalar_alu(&s, BPF_SUB, true, false, &a, &s);
	tap_result(scalar_equal(&r, &s), "the result may be the right operand");
	scalar_alu(&s, BPF_NEG, true, false, &a, NULL);
	tap_result(scalar_smin(&s) == -255 && !scalar_smax(&s),
		   "negation needs no right operand");
}

static void check_text_is_cut(void)
{
	char text[12];
	struct scalar s;
	int len;

	scalar_unknown_bytes(&s, 1);
	memset(text, '!', sizeof(text));
	len = scalar_print(text, 9, &s);
	tap_result(len == 8 && !strcmp(text, "umax=255") && text[9] == '!',
		   "text ends where the room ends");
	tap_result(!scalar_print(text, 0, &s) && text[0] == 'u',
		   "no room, no text");
}

static void check_verdicts(void)
{
	struct scalar small, large, any;

	scalar_set_urange(&small, 0, 9);
	scalar_set_urange(&large, 10, 99);
	scalar_unknown(&any);
	tap_result(scalar_branch(BPF_JLT, false, &small, &large) == BRANCH_ALWAYS &&
		   scalar_branch(BPF_JGE, false, &small, &large) == BRANCH_NEVER &&
		   scalar_branch(BPF_JEQ, true, &small, &large) == BRANCH_NEVER &&
		   scalar_branch(BPF_JNE, true, &small, &large) == BRANCH_ALWAYS &&
		   scalar_branch(BPF_JSLT, true, &any, &large) == BRANCH_MAYBE &&
		   scalar_branch(BPF_JGE, false, &any, &any) == BRANCH_MAYBE,
		   "verdicts of ranges apart");
	tap_result(scalar_is_unknown(&any) && !scalar_is_unknown(&small) &&
		   scalar_covers(&any, &small) && !scalar_covers(&small, &any),
		   "unknown covers all and is covered by itself");
}

int main(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		run_case(&cases[i]);
	check_failures_leave_alone();
	check_aliases();
	check_text_is_cut();
	check_verdicts();
	tap_result(sizeof(struct scalar) == 64, "a scalar is a cache line");
	return tap_status();
}
