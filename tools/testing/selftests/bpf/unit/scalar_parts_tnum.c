// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each function of tnum.h alone, against all members: over every tnum whose free
 * and set bits are among the low 4, and over random ones of 64 bits by sampling.
 *
 * usage: scalar_parts_tnum [random-rounds]
 */
#include "concrete.h"
#include "parts.h"
#include "tnum.h"

#define SMALL	16
#define MEMBERS	16

/* A tnum with members to try: all there are, or some. */
struct sample {
	struct tnum t;
	u64 member[MEMBERS];
	unsigned int count;
};

static struct sample small[81];
static unsigned int smalls;

static u64 some_member(struct tnum t)
{
	return t.value | (parts_word() & t.mask);
}

static struct sample random_sample(void)
{
	struct sample s;

	s.t.mask = parts_word() & parts_word();
	if (parts_below(3) == 0)
		s.t.mask |= parts_word();
	s.t.value = parts_word() & ~s.t.mask;
	s.member[0] = tnum_min(s.t);
	s.member[1] = tnum_max(s.t);
	for (s.count = 2; s.count < MEMBERS; s.count++)
		s.member[s.count] = some_member(s.t);
	return s;
}

static void list_small(void)
{
	struct tnum t;
	u64 v;

	for (t.mask = 0; t.mask < SMALL; t.mask++)
		for (t.value = 0; t.value < SMALL; t.value++) {
			struct sample *s = &small[smalls];

			if (t.mask & t.value)
				continue;
			s->t = t;
			s->count = 0;
			for (v = 0; v < SMALL; v++)
				if (tnum_contains(t, v))
					s->member[s->count++] = v;
			smalls++;
		}
}

/* ---- operations on two ------------------------------------------------------- */

static const struct {
	const char *name;
	struct tnum (*fn)(struct tnum a, struct tnum b);
	u8 op;
	bool is_signed;
} binary[] = {
	{ "tnum_and", tnum_and, BPF_AND },
	{ "tnum_or", tnum_or, BPF_OR },
	{ "tnum_xor", tnum_xor, BPF_XOR },
	{ "tnum_add", tnum_add, BPF_ADD },
	{ "tnum_sub", tnum_sub, BPF_SUB },
	{ "tnum_mul", tnum_mul, BPF_MUL },
	{ "tnum_mod", tnum_mod, BPF_MOD },
	{ "tnum_mod, signed", tnum_mod, BPF_MOD, true },
};

static bool well_formed(struct tnum t)
{
	return !(t.value & t.mask);
}

static bool holds_binary(unsigned int i, const struct sample *a, const struct sample *b)
{
	struct tnum r = binary[i].fn(a->t, b->t);
	unsigned int m, n;

	for (m = 0; m < a->count; m++)
		for (n = 0; n < b->count; n++)
			if (!tnum_contains(r, concrete_word(binary[i].op, binary[i].is_signed, 64,
							    a->member[m], b->member[n])))
				return false;
	return well_formed(r);
}

/* Join, meet and order, from the members. */
static bool holds_lattice(const struct sample *a, const struct sample *b)
{
	struct tnum join = tnum_join(a->t, b->t), meet = a->t;
	bool common = tnum_meet(&meet, b->t), subset = true, shared = false;
	unsigned int m;

	for (m = 0; m < a->count; m++) {
		if (!tnum_contains(join, a->member[m]))
			return false;
		if (tnum_contains(b->t, a->member[m])) {
			shared = true;
			if (!common || !tnum_contains(meet, a->member[m]))
				return false;
		} else {
			subset = false;
		}
	}
	for (m = 0; m < b->count; m++)
		if (!tnum_contains(join, b->member[m]))
			return false;
	if (tnum_covers(b->t, a->t) && !subset)
		return false;
	if (!tnum_covers(join, a->t) || !tnum_covers(join, b->t))
		return false;
	/* With all members at hand the answers are exact. */
	if (a->count < MEMBERS && b->count < MEMBERS)
		return common == shared && tnum_covers(b->t, a->t) == subset;
	return !common || (tnum_covers(a->t, meet) && tnum_covers(b->t, meet));
}

static void check_pairs(unsigned long rounds)
{
	unsigned int i, j, k;
	unsigned long n;

	for (i = 0; i < ARRAY_SIZE(binary); i++) {
		unsigned long wrong = 0;

		for (j = 0; j < smalls; j++)
			for (k = 0; k < smalls; k++)
				wrong += !holds_binary(i, &small[j], &small[k]);
		for (n = 0; n < rounds; n++) {
			struct sample a = random_sample(), b = random_sample();

			wrong += !holds_binary(i, &a, &b);
		}
		parts_result(binary[i].name, wrong);
	}
}

static void check_lattice(unsigned long rounds)
{
	unsigned long wrong = 0, n;
	unsigned int j, k;

	for (j = 0; j < smalls; j++)
		for (k = 0; k < smalls; k++)
			wrong += !holds_lattice(&small[j], &small[k]);
	for (n = 0; n < rounds; n++) {
		struct sample a = random_sample(), b = random_sample();

		wrong += !holds_lattice(&a, &b);
	}
	parts_result("tnum_join, tnum_meet, tnum_covers", wrong);
}

/* ---- operations on one ----------------------------------------------------------- */

static u64 reversed(u64 v, unsigned int bits)
{
	u64 r = 0;

	for (; bits; bits -= 8, v >>= 8)
		r = r << 8 | (v & 0xff);
	return r;
}

static bool holds_unary(const struct sample *s)
{
	unsigned int m, n;

	for (m = 0; m < s->count; m++) {
		u64 v = s->member[m];

		if (!tnum_contains(tnum_not(s->t), ~v) ||
		    !tnum_contains(tnum_keep(s->t, 0xff0f), v & 0xff0f))
			return false;
		for (n = 0; n < 64; n++)
			if (!tnum_contains(tnum_shl(s->t, n), v << n) ||
			    !tnum_contains(tnum_shr(s->t, n), v >> n) ||
			    !tnum_contains(tnum_sar(s->t, n), (s64)v >> n) ||
			    !tnum_contains(tnum_sext(s->t, n + 1), to_signed(v, n + 1)))
				return false;
		for (n = 16; n <= 64; n *= 2)
			if (!tnum_contains(tnum_bswap(s->t, n), reversed(v, n)))
				return false;
		if (v < tnum_min(s->t) || v > tnum_max(s->t))
			return false;
		for (n = 0; n < 4; n++)
			if (tnum_is_aligned(s->t, 1 << n) && v % (1 << n))
				return false;
	}
	return tnum_is_const(s->t) == (s->t.mask == 0);
}

static void check_single(unsigned long rounds)
{
	unsigned long wrong = 0, n;

	for (n = 0; n < smalls; n++)
		wrong += !holds_unary(&small[n]);
	for (n = 0; n < rounds / 20; n++) {
		struct sample s = random_sample();

		wrong += !holds_unary(&s);
	}
	parts_result("tnum_not, tnum_keep, tnum_shl, tnum_shr, tnum_sar, tnum_sext, tnum_bswap, tnum_is_aligned",
		     wrong);
}

/* ---- ranges and neighbours ---------------------------------------------------------- */

static bool holds_range(u64 lo, u64 hi, u64 v)
{
	return tnum_contains(tnum_of_range(lo, hi), v);
}

static bool holds_neighbours(const struct sample *s, u64 from)
{
	u64 up = 0, down = 0;
	bool above = tnum_ceil(s->t, from, &up), below = tnum_floor(s->t, from, &down);
	unsigned int m;

	if (above && (up < from || !tnum_contains(s->t, up)))
		return false;
	if (below && (down > from || !tnum_contains(s->t, down)))
		return false;
	for (m = 0; m < s->count; m++) {
		u64 v = s->member[m];

		if ((v >= from && (!above || v < up)) || (v <= from && (!below || v > down)))
			return false;
	}
	return true;
}

static void check_ranges(unsigned long rounds)
{
	unsigned long wrong = 0, n;
	u64 lo, hi, v;

	for (lo = 0; lo < 2 * SMALL; lo++)
		for (hi = lo; hi < 2 * SMALL; hi++)
			for (v = lo; v <= hi; v++)
				wrong += !holds_range(lo, hi, v);
	for (n = 0; n < rounds; n++) {
		lo = parts_word();
		hi = parts_word();
		if (lo > hi)
			swap_words(&lo, &hi);
		v = hi == ~0ULL && !lo ? parts_word() : lo + parts_word() % (hi - lo + 1);
		wrong += !holds_range(lo, hi, v);
	}
	parts_result("tnum_of_range", wrong);

	wrong = 0;
	for (n = 0; n < smalls; n++)
		for (v = 0; v < 2 * SMALL; v++)
			wrong += !holds_neighbours(&small[n], v);
	for (n = 0; n < rounds; n++) {
		struct sample s = random_sample();

		wrong += !holds_neighbours(&s, parts_below(2) ? parts_word() : some_member(s.t) + 1);
	}
	parts_result("tnum_ceil, tnum_floor", wrong);
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 20000;
	struct tnum c = tnum_const(7), u = tnum_unknown();

	list_small();
	tap_result(tnum_contains(c, 7) && !tnum_contains(c, 6) && tnum_is_const(c) &&
		   tnum_contains(u, 0) && tnum_contains(u, ~0ULL) && !tnum_is_const(u),
		   "tnum_const, tnum_unknown");
	check_pairs(rounds);
	check_lattice(rounds);
	check_single(rounds);
	check_ranges(rounds);
	return tap_status();
}
