// SPDX-License-Identifier: GPL-2.0-only
/*
 * Known bits and arcs at small widths, completely: every operand and every
 * concrete member. All tnums or pieces of a width are pairs of operands for the
 * binary functions, those of UNARY bits for the others. A shift takes its amount
 * modulo the width, so there the width is a power of two.
 *
 * usage: narrow_parts quick|deep
 */
#include "narrow.h"

#define UNARY		8
#define SETS		5
#define MAX		20000

static struct tnum tnums[MAX];
static struct arc pieces[MAX];
static unsigned int n_tnums, n_pieces, width;

static void make_pieces(void)
{
	struct arc found[MAX / 2];
	unsigned int half, i, n;

	n_pieces = 0;
	for (half = 0; half < 2; half++) {
		n = list_halves(found, half, width);
		for (i = 1; i < n; i++)
			pieces[n_pieces++] = found[i];
	}
}

static const struct {
	const char *name;
	u8 op;
	struct tnum (*bits)(struct tnum a, struct tnum b);
	arc_fn arc;
	bool is_signed;
} binary[] = {
	{ "add", BPF_ADD, tnum_add, arc_add },
	{ "sub", BPF_SUB, tnum_sub, arc_sub },
	{ "mul", BPF_MUL, tnum_mul, arc_mul },
	{ "or", BPF_OR, tnum_or, arc_or },
	{ "and", BPF_AND, tnum_and, arc_and },
	{ "xor", BPF_XOR, tnum_xor, arc_xor },
	{ "div", BPF_DIV, NULL, arc_udiv },
	{ "sdiv", BPF_DIV, NULL, arc_sdiv, true },
	{ "mod", BPF_MOD, tnum_mod, arc_umod },
	{ "smod", BPF_MOD, tnum_mod, arc_smod, true },
};

static const struct {
	const char *name;
	u8 op;
	struct tnum (*bits)(struct tnum t, unsigned int amount);
	struct arc (*arc)(struct arc a, unsigned int amount, unsigned int width);
} shifts[] = {
	{ "lsh", BPF_LSH, tnum_shl, arc_shl },
	{ "rsh", BPF_RSH, tnum_shr, arc_shr },
	{ "arsh", BPF_ARSH, tnum_sar, arc_sar },
};

/* Known bits. */

static bool tnum_pair(unsigned int i, struct tnum a, struct tnum b)
{
	struct tnum r = tnum_keep(binary[i].bits(a, b), ones(width));
	u64 x = a.value, y = b.value, v;

	operands++;
	if (r.value & r.mask)
		return wrong("bits", a.value, b.value, a.mask, b.mask);
	do {
		do {
			tried++;
			v = concrete_word(binary[i].op, binary[i].is_signed,
					  width, x, y);
			if (!tnum_contains(r, v))
				return wrong(binary[i].name, a.mask, b.mask, x,
					     y);
		} while (next_member(b, &y));
	} while (next_member(a, &x));
	return true;
}

static void check_tnums(unsigned int i)
{
	unsigned int a, b;
	bool good = true;

	for (a = 0; a < n_tnums; a++)
		for (b = 0; b < n_tnums && good; b++)
			good = tnum_pair(i, tnums[a], tnums[b]);
	report("known bits", binary[i].name, width, good);
}

static bool tnum_shifted(unsigned int i, struct tnum t, unsigned int amount)
{
	struct tnum whole = shifts[i].op == BPF_ARSH ? tnum_sext(t, width) : t;
	struct tnum r = tnum_keep(shifts[i].bits(whole, amount), ones(width));
	u64 x = t.value;

	operands++;
	do {
		tried++;
		if (r.value & r.mask ||
		    !tnum_contains(r, concrete_word(shifts[i].op, false, width,
						    x, amount)))
			return wrong(shifts[i].name, t.value, t.mask, x, amount);
	} while (next_member(t, &x));
	return true;
}

static bool tnum_extended(struct tnum t, unsigned int bits)
{
	struct tnum r = tnum_sext(t, bits), not = tnum_not(t);
	u64 x = t.value;

	operands++;
	do {
		tried++;
		if (!tnum_contains(r, to_signed(x, bits)) ||
		    !tnum_contains(not, ~x))
			return wrong("extension", t.value, t.mask, x, bits);
	} while (next_member(t, &x));
	return true;
}

/* tnum_ceil() and tnum_floor() are exact, so are the bits of a range. */
static bool tnum_neighbours(struct tnum t, u64 from)
{
	u64 up, down, x = t.value, best_up = ~0ULL, best_down = 0;
	bool any_up = false, any_down = false;

	operands++;
	do {
		tried++;
		if (x >= from && (!any_up || x < best_up)) {
			any_up = true;
			best_up = x;
		}
		if (x <= from && (!any_down || x > best_down)) {
			any_down = true;
			best_down = x;
		}
	} while (next_member(t, &x));
	if (tnum_ceil(t, from, &up) != any_up || (any_up && up != best_up) ||
	    tnum_floor(t, from, &down) != any_down ||
	    (any_down && down != best_down))
		return wrong("next member", t.value, t.mask, from, 0);
	return true;
}

static bool tnum_range(u64 lo, u64 hi)
{
	struct tnum r = tnum_of_range(lo, hi);
	u64 x;

	operands++;
	for (x = lo; x <= hi; x++) {
		tried++;
		if (!tnum_contains(r, x))
			return wrong("range", lo, hi, x, 0);
	}
	return true;
}

static void check_unary_tnums(void)
{
	unsigned int i, a, n;
	bool good;
	u64 from;

	for (i = 0; i < ARRAY_SIZE(shifts); i++) {
		for (good = true, a = 0; a < n_tnums; a++)
			for (n = 0; n < width && good; n++)
				good = tnum_shifted(i, tnums[a], n);
		report("known bits", shifts[i].name, width, good);
	}
	for (good = true, a = 0; a < n_tnums; a++)
		for (n = 1; n <= width && good; n++)
			good = tnum_extended(tnums[a], n);
	report("known bits", "sext, not", width, good);
	for (good = true, a = 0; a < n_tnums; a++)
		for (from = 0; from <= ones(width) && good; from++)
			good = tnum_neighbours(tnums[a], from);
	report("known bits", "ceil, floor", width, good);
	for (good = true, a = 0; a <= ones(width); a++)
		for (from = a; from <= ones(width) && good; from++)
			good = tnum_range(a, from);
	report("known bits", "of a range", width, good);
}

static bool tnum_sets(struct tnum a, struct tnum b)
{
	struct tnum join = tnum_join(a, b), meet = a;
	bool met = tnum_meet(&meet, b), covers = tnum_covers(a, b);
	u64 x;

	operands++;
	for (x = 0; x <= ones(width); x++) {
		bool in_a = tnum_contains(a, x), in_b = tnum_contains(b, x);

		tried++;
		if ((covers && in_b && !in_a) ||
		    ((in_a || in_b) && !tnum_contains(join, x)) ||
		    (in_a && in_b) != (met && tnum_contains(meet, x)))
			return wrong("sets", a.value, a.mask, b.value, b.mask);
	}
	return true;
}

/* Pieces. */

static bool piece_pair(unsigned int i, struct arc a, struct arc b)
{
	struct arc r = binary[i].arc(a, b, width);
	u64 x, y, v;

	operands++;
	if ((r.lo | r.hi) > ones(width))
		return wrong("arc", a.lo, a.hi, b.lo, b.hi);
	for (x = a.lo; x <= a.hi; x++) {
		for (y = b.lo; y <= b.hi; y++) {
			tried++;
			v = concrete_word(binary[i].op, binary[i].is_signed,
					  width, x, y);
			if (!on_arc(v, r, width))
				return wrong(binary[i].name, a.lo, b.lo, x, y);
		}
	}
	return true;
}

static void check_pieces(unsigned int i)
{
	unsigned int a, b;
	bool good = true;

	for (a = 0; a < n_pieces; a++)
		for (b = 0; b < n_pieces && good; b++)
			good = piece_pair(i, pieces[a], pieces[b]);
	report("pieces", binary[i].name, width, good);
}

static bool piece_shifted(unsigned int i, struct arc a, unsigned int amount)
{
	struct arc r = shifts[i].arc(a, amount, width);
	u64 x;

	operands++;
	for (x = a.lo; x <= a.hi; x++) {
		tried++;
		if (!on_arc(concrete_word(shifts[i].op, false, width, x, amount),
			    r, width))
			return wrong(shifts[i].name, a.lo, a.hi, x, amount);
	}
	return true;
}

static bool clipped(struct arc range, struct arc by)
{
	struct arc r = range;
	bool some = arc_clip(&r, by);
	u64 x;

	operands++;
	for (x = range.lo; x <= range.hi; x++) {
		tried++;
		if (on_arc(x, by, width) && !(some && x >= r.lo && x <= r.hi))
			return wrong("clip", range.lo, range.hi, by.lo, by.hi);
	}
	return r.lo >= range.lo && r.hi <= range.hi;
}

static void check_unary_pieces(void)
{
	unsigned int i, a, n;
	bool good;

	for (i = 0; i < ARRAY_SIZE(shifts); i++) {
		for (good = true, a = 0; a < n_pieces; a++)
			for (n = 0; n < width && good; n++)
				good = piece_shifted(i, pieces[a], n);
		report("pieces", shifts[i].name, width, good);
	}
}

static void check_sets(void)
{
	u64 lo, hi, from, to;
	unsigned int a, b;
	bool good = true;

	n_tnums = list_tnums(tnums, width);
	for (a = 0; a < n_tnums; a++)
		for (b = 0; b < n_tnums && good; b++)
			good = tnum_sets(tnums[a], tnums[b]);
	report("known bits", "join, meet, covers", width, good);
	for (good = true, lo = 0; lo <= ones(width); lo++)
		for (hi = lo; hi <= ones(width); hi++)
			for (from = 0; from <= ones(width); from++)
				for (to = 0; to <= ones(width) && good; to++)
					good = clipped((struct arc){ lo, hi },
						       (struct arc){ from, to });
	report("pieces", "clip", width, good);
}

int main(int argc, char **argv)
{
	unsigned int i;

	deep = argc > 1 && !strcmp(argv[1], "deep");
	began = clock();
	width = deep ? 8 : 5;
	n_tnums = list_tnums(tnums, width);
	for (i = 0; i < ARRAY_SIZE(binary); i++)
		if (binary[i].bits)
			check_tnums(i);
	width = deep ? 6 : 5;
	make_pieces();
	for (i = 0; i < ARRAY_SIZE(binary); i++)
		check_pieces(i);
	width = SETS;
	check_sets();
	width = UNARY;
	n_tnums = list_tnums(tnums, width);
	check_unary_tnums();
	make_pieces();
	check_unary_pieces();
	return tap_status();
}
