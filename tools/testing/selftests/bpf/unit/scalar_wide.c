// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scalar domain at 64/32 bits, against concrete runs.
 *
 * A random straight-line program runs twice at once: over scalars, and over
 * many concrete register files that all took the same way. After each step
 * every concrete register must be a member of its scalar. A jump follows one
 * edge; the runs that go the other way drop out. Constants and start values
 * prefer the edges of the widths.
 *
 * usage: scalar_wide [programs [seed]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <asm/byteorder.h>

#include "concrete.h"
#include "scalar.h"
#include "tap.h"

#define REGS		4
#define RUNS		24
#define STEPS		24

struct machine {
	struct scalar reg[REGS];
	u64 run[RUNS][REGS];
	int runs;
};

static unsigned long checked, wrong_alu, wrong_jump, wrong_verdict, wrong_move;
static unsigned long wrong_bounds, wrong_join, pruned, decided, jumps;

/* The fuzz target of the same name chooses instead. */
static u64 rnd(void);
static unsigned int below(unsigned int n);

/* A word near a power of two, small, random, or a mix of halves. */
static u64 edge_word(void)
{
	u64 v = 1ULL << below(64);

	switch (below(6)) {
	case 0: return below(70) - 4ULL;
	case 1: return v + below(5) - 2;
	case 2: return -(v + below(5) - 2);
	case 3: return rnd() >> below(64);
	case 4: return ((u64)(u32)edge_word() << 32) | (u32)edge_word();
	default: return v | 1ULL << below(64);
	}
}

static void fail(unsigned long *counter, const char *what, const struct scalar *s,
		 u64 v)
{
	char text[400];

	scalar_print(text, sizeof(text), s);
	if (!(*counter)++)
		printf("# %s: 0x%llx is not in (%s)\n", what, v, text);
}

static bool bounds_hold(const struct scalar *s, u64 v)
{
	return v >= scalar_umin(s) && v <= scalar_umax(s) &&
	       (s64)v >= scalar_smin(s) && (s64)v <= scalar_smax(s) &&
	       (u32)v >= scalar_u32min(s) && (u32)v <= scalar_u32max(s) &&
	       (s32)v >= scalar_s32min(s) && (s32)v <= scalar_s32max(s) &&
	       tnum_contains(scalar_tnum(s), v) &&
	       (!scalar_is_const(s) || v == scalar_const_value(s)) &&
	       (!scalar_is_const32(s) || (u32)v == scalar_const_value32(s));
}

static void check_reg(struct machine *m, int r, unsigned long *counter,
		      const char *what)
{
	int i;

	for (i = 0; i < m->runs; i++) {
		checked++;
		if (!scalar_contains(&m->reg[r], m->run[i][r]))
			fail(counter, what, &m->reg[r], m->run[i][r]);
		if (!bounds_hold(&m->reg[r], m->run[i][r]))
			fail(&wrong_bounds, "bounds", &m->reg[r], m->run[i][r]);
	}
}

/* Give a register a new meaning: constant, load, or range. */
static void load(struct machine *m, int r)
{
	static const unsigned int sizes[] = { 1, 2, 4, 8 };
	unsigned int bytes = sizes[below(4)], kind = below(4);
	u64 lo = edge_word(), hi = edge_word();
	int i;

	if (kind == 0)
		scalar_const(&m->reg[r], lo);
	else if (kind == 1)
		scalar_unknown_bytes(&m->reg[r], bytes);
	else if (kind == 2)
		scalar_unknown_sx(&m->reg[r], bytes);
	else if (!scalar_set_srange(&m->reg[r], lo, hi))
		scalar_set_srange(&m->reg[r], hi, lo);
	for (i = 0; i < m->runs; i++) {
		u64 v = edge_word();

		if (kind == 0)
			v = lo;
		else if (kind == 1)
			v &= ones(bytes * 8);
		else if (kind == 2)
			v = to_signed(v, bytes * 8);
		else if (!scalar_contains(&m->reg[r], v))
			v = below(2) ? lo : hi;
		m->run[i][r] = v;
	}
	check_reg(m, r, &wrong_move, "load");
}

static void alu(struct machine *m, int d, int s)
{
	const struct alu_case *c = &alu_cases[below(ALU_CASES)];
	unsigned int width = below(2) ? 64 : 32;
	struct scalar imm, *src = &m->reg[s];
	u64 k = (s32)edge_word();
	bool is_imm = below(3) == 0;
	int i;

	if (is_imm) {
		scalar_const(&imm, k);
		src = &imm;
	}
	scalar_alu(&m->reg[d], c->op, width == 64, c->is_signed, &m->reg[d], src);
	for (i = 0; i < m->runs; i++)
		m->run[i][d] = concrete_word(c->op, c->is_signed, width,
					     m->run[i][d],
					     is_imm ? k : m->run[i][s]);
	check_reg(m, d, &wrong_alu, c->name);
}

static u64 swapped(u64 v, unsigned int bits)
{
	u64 r = 0;

	for (; bits; bits -= 8, v >>= 8)
		r = r << 8 | (v & 0xff);
	return r;
}

static void move(struct machine *m, int d, int s)
{
	unsigned int bits = 8U << below(4), kind = below(6);
	int i;

	m->reg[d] = m->reg[s];
	if (kind < 2 && bits == 8)
		bits = 16;
	if (kind == 0)
		scalar_bswap(&m->reg[d], bits);
	else if (kind == 1)
		scalar_to_be(&m->reg[d], bits);
	else if (kind == 2)
		scalar_to_le(&m->reg[d], bits);
	else if (kind == 3)
		scalar_zext(&m->reg[d], bits);
	else
		scalar_sext(&m->reg[d], bits, kind == 5 && bits < 32);
	for (i = 0; i < m->runs; i++) {
		u64 v = m->run[i][s];

		if (kind < 2)
			v = swapped(v, bits);
		else if (kind < 4)
			v &= ones(bits);
		else if (kind == 5 && bits < 32)
			v = to_signed(v, bits) & ones(32);
		else
			v = to_signed(v, bits);
		m->run[i][d] = v;
	}
	check_reg(m, d, &wrong_move, "move");
}

static void join(struct machine *m, int d, int s)
{
	struct scalar a = m->reg[d], b = m->reg[s];
	int i;

	scalar_join(&m->reg[d], &a, &b);
	if (!scalar_covers(&m->reg[d], &a) || !scalar_covers(&m->reg[d], &b))
		wrong_join++;
	for (i = 0; i < m->runs; i += 2)
		m->run[i][d] = m->run[i][s];
	check_reg(m, d, &wrong_join, "join");
}

/* Keep the runs that take the edge; false if there is none. */
static bool follow(struct machine *m, u8 op, unsigned int width, bool taken,
		   int d, int s)
{
	int i, kept = 0;

	for (i = 0; i < m->runs; i++) {
		if (concrete_jump(op, width, m->run[i][d], m->run[i][s]) == taken)
			memcpy(m->run[kept++], m->run[i], sizeof(m->run[i]));
	}
	m->runs = kept;
	return kept;
}

static bool jump(struct machine *m, int d, int s)
{
	u8 op = jump_cases[below(JUMP_CASES)].op;
	bool is32 = below(2), taken;
	unsigned int width = is32 ? 32 : 64;
	int verdict, i;

	if (d == s)
		return true;
	if (below(2))
		load(m, s);
	verdict = scalar_branch(op, is32, &m->reg[d], &m->reg[s]);
	taken = concrete_jump(op, width, m->run[0][d], m->run[0][s]);
	for (i = 0; i < m->runs && verdict != BRANCH_MAYBE; i++)
		if (concrete_jump(op, width, m->run[i][d], m->run[i][s]) !=
		    (verdict == BRANCH_ALWAYS))
			fail(&wrong_verdict, "verdict", &m->reg[d],
			     m->run[i][d]);
	jumps++;
	decided += verdict != BRANCH_MAYBE;
	if (!follow(m, op, width, taken, d, s))
		return false;
	if (!scalar_refine(op, is32, taken, &m->reg[d], &m->reg[s])) {
		wrong_jump++;
		return false;
	}
	check_reg(m, d, &wrong_jump, "jump");
	check_reg(m, s, &wrong_jump, "jump");
	return m->runs;
}

static void program(void)
{
	struct machine m = { .runs = RUNS };
	int r, step;

	for (r = 0; r < REGS; r++)
		load(&m, r);
	for (step = 0; step < STEPS; step++) {
		int d = below(REGS), s = below(REGS);

		switch (below(12)) {
		case 0:
			load(&m, d);
			break;
		case 1:
			move(&m, d, s);
			break;
		case 2:
			join(&m, d, s);
			break;
		case 3:
		case 4:
		case 5:
		case 6:
			if (!jump(&m, d, s)) {
				pruned++;
				return;
			}
			break;
		default:
			alu(&m, d, s);
			break;
		}
	}
}

#ifndef SCALAR_CHOSEN
static u64 seed = 1;

static u64 rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545f4914f6cdd1dULL;
}

static unsigned int below(unsigned int n)
{
	return (rnd() >> 33) % n;
}

int main(int argc, char **argv)
{
	unsigned long i, programs = argc > 1 ? strtoul(argv[1], NULL, 0) : 20000;

	if (argc > 2)
		seed = strtoull(argv[2], NULL, 0) | 1;
	for (i = 0; i < programs; i++)
		program();
	printf("# %lu programs, %lu words checked, %lu of %lu jumps decided\n",
	       programs, checked, decided, jumps);
	tap_result(checked && !wrong_alu, "alu keeps every run at 64/32 bits");
	tap_result(!wrong_move, "loads and moves keep every run at 64/32 bits");
	tap_result(!wrong_join, "join keeps every run at 64/32 bits");
	tap_result(!wrong_jump, "jumps keep every run at 64/32 bits");
	tap_result(decided && !wrong_verdict, "verdicts hold for every run at 64/32 bits");
	tap_result(!wrong_bounds, "bounds hold for every run at 64/32 bits");
	return tap_status();
}
#endif
