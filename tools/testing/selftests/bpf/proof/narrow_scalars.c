// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scalars at small widths, completely: every pair of scalars and every concrete
 * member, of each instruction, jump and set operation. SCALAR_WIDE and SCALAR_LOW
 * are the compiler's. With "all" every scalar that satisfies the invariant is an
 * operand, else those that closing up leaves as they are.
 *
 * usage: narrow_scalars all|closed
 */
#include "narrow.h"

#define MAX	60000

static struct scalar scalars[MAX];
static u32 members[MAX];
static unsigned int n_scalars;

static void set_half(struct scalar *s, int h, struct arc wide, struct arc low)
{
	s->wide[h] = (struct scalar_range64){ wide.lo, wide.hi };
	s->low[h] = (struct scalar_range32){ low.lo, low.hi };
}

/* Members as a set of bits. */
static u32 members_of(const struct scalar *s)
{
	u32 set = 0;
	u64 v;

	for (v = 0; v <= ones(SCALAR_WIDE); v++)
		set |= (u32)scalar_contains(s, v) << v;
	return set;
}

/* Sealing what a scalar opens to narrows it no more. */
static bool is_closed(const struct scalar *s)
{
	struct word wide, low;
	struct scalar closed;

	scalar_wide(&wide, s);
	scalar_low(&low, s);
	return scalar_seal(&closed, &wide, &low) && scalar_equal(&closed, s);
}

static void add_scalar(struct tnum bits, const struct arc wide[2],
		       const struct arc low[2])
{
	struct scalar s = { .bits = bits };
	int h;

	for (h = 0; h < 2; h++)
		set_half(&s, h, wide[h], low[h]);
	if (!deep && !is_closed(&s))
		return;
	scalars[n_scalars] = s;
	members[n_scalars++] = members_of(&s);
}

static void make_scalars(void)
{
	struct arc wide[2][64], low[2][64];
	static struct tnum tnums[100];
	unsigned int n_wide = 0, n_low = 0, t, p, n, q, m;
	unsigned int n_tnums = list_tnums(tnums, SCALAR_WIDE);
	int h;

	for (h = 0; h < 2; h++) {
		n_wide = list_halves(wide[h], h, SCALAR_WIDE);
		n_low = list_halves(low[h], h, SCALAR_LOW);
	}
	for (t = 0; t < n_tnums; t++)
		for (p = 0; p < n_wide; p++)
			for (n = p ? 0 : 1; n < n_wide; n++)
				for (q = 0; q < n_low; q++)
					for (m = q ? 0 : 1; m < n_low; m++)
						add_scalar(tnums[t],
							   (struct arc[]){ wide[0][p], wide[1][n] },
							   (struct arc[]){ low[0][q], low[1][m] });
}

static bool alu_pair(const struct alu_case *c, bool is64, unsigned int a,
		     unsigned int b)
{
	unsigned int width = is64 ? SCALAR_WIDE : SCALAR_LOW;
	struct scalar r;
	u32 result;
	u64 x, y;

	scalar_alu(&r, c->op, is64, c->is_signed, &scalars[a], &scalars[b]);
	result = members_of(&r);
	operands++;
	for (x = 0; members[a] >> x; x++) {
		for (y = 0; members[a] >> x & 1 && members[b] >> y; y++) {
			if (!(members[b] >> y & 1))
				continue;
			tried++;
			if (!(result >> concrete_word(c->op, c->is_signed, width,
						      x, y) & 1))
				return wrong(c->name, a, b, x, y);
		}
	}
	return true;
}

static bool jump_pair(u8 op, bool is32, unsigned int a, unsigned int b)
{
	unsigned int width = is32 ? SCALAR_LOW : SCALAR_WIDE;
	u32 left[2] = { 0 }, right[2] = { 0 };
	int taken;
	u64 x, y;

	operands++;
	for (taken = 0; taken < 2; taken++) {
		struct scalar l = scalars[a], r = scalars[b];

		if (!scalar_refine(op, is32, taken, &l, &r))
			continue;
		left[taken] = members_of(&l);
		right[taken] = members_of(&r);
	}
	for (x = 0; members[a] >> x; x++) {
		for (y = 0; members[a] >> x & 1 && members[b] >> y; y++) {
			if (!(members[b] >> y & 1))
				continue;
			tried++;
			taken = concrete_jump(op, width, x, y);
			if (!(left[taken] >> x & 1) || !(right[taken] >> y & 1))
				return wrong("jump", a, b, x, y);
		}
	}
	return true;
}

static bool set_pair(unsigned int a, unsigned int b)
{
	struct scalar join, meet;
	bool covers = scalar_covers(&scalars[a], &scalars[b]);
	u32 common = 0;

	if (scalar_meet(&meet, &scalars[a], &scalars[b]))
		common = members_of(&meet);
	scalar_join(&join, &scalars[a], &scalars[b]);
	operands++;
	tried += 1 << SCALAR_WIDE;
	if ((covers && members[b] & ~members[a]) ||
	    (members[a] | members[b]) & ~members_of(&join) ||
	    common != (members[a] & members[b]))
		return wrong("sets", a, b, 0, 0);
	return true;
}

/* Neither a word too few nor one too many, and nothing left to close up. */
static bool each_bits(void)
{
	static struct tnum tnums[100];
	unsigned int t, n_tnums = list_tnums(tnums, SCALAR_WIDE);
	struct scalar s;
	u64 x;

	for (t = 0; t < n_tnums; t++) {
		scalar_bits(&s, tnums[t]);
		operands++;
		for (x = 0; x <= ones(SCALAR_WIDE); x++, tried++)
			if ((members_of(&s) >> x & 1) != tnum_contains(tnums[t], x))
				return wrong("bits", t, 0, x, 0);
		if (!is_closed(&s))
			return wrong("bits", t, 0, 0, 0);
	}
	return true;
}

static bool each_alu(const struct alu_case *c, bool is64)
{
	unsigned int a, b;

	for (a = 0; a < n_scalars; a++)
		for (b = 0; b < n_scalars; b++)
			if (!alu_pair(c, is64, a, b))
				return false;
	return true;
}

static bool each_jump(u8 op, bool is32)
{
	unsigned int a, b;

	for (a = 0; a < n_scalars; a++)
		for (b = 0; b < n_scalars; b++)
			if (!jump_pair(op, is32, a, b))
				return false;
	return true;
}

static bool each_set(void)
{
	unsigned int a, b;

	for (a = 0; a < n_scalars; a++)
		for (b = 0; b < n_scalars; b++)
			if (!set_pair(a, b))
				return false;
	return true;
}

static void check_scalars(void)
{
	unsigned int c, half;

	for (c = 0; c < ALU_CASES; c++)
		for (half = 0; half < 2; half++)
			report(half ? "alu64" : "alu32", alu_cases[c].name,
			       SCALAR_WIDE, each_alu(&alu_cases[c], half));
	for (c = 0; c < JUMP_CASES; c++)
		for (half = 0; half < 2; half++)
			report(half ? "refine32" : "refine64", jump_cases[c].name,
			       SCALAR_WIDE, each_jump(jump_cases[c].op, half));
	report("sets", "join, meet, covers", SCALAR_WIDE, each_set());
	report("sets", "known bits", SCALAR_WIDE, each_bits());
}

int main(int argc, char **argv)
{
	deep = argc > 1 && !strcmp(argv[1], "all");
	began = clock();
	make_scalars();
	printf("# %u scalars at %u/%u bits\n", n_scalars, SCALAR_WIDE,
	       SCALAR_LOW);
	check_scalars();
	return tap_status();
}
