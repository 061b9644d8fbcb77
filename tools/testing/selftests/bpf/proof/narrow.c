// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scalar domain at small widths, completely: every operand that satisfies
 * the representation invariant, closed or not, and every concrete member.
 *
 * Known bits at BITS bits, pieces at PIECE bits, words at WORD bits, whole
 * scalars at SCALAR_WIDE/SCALAR_LOW bits as the build has them. Each failure
 * prints its first operands.
 */
#include <stdio.h>
#include <string.h>

#include "concrete.h"
#include "scalar_parts.h"
#include "tap.h"

#define BITS	5
#define PIECE	5
#define WORD	3
#define MAX	8000

static unsigned long tried;

static void report(const char *what, const char *name, unsigned int width,
		   bool good)
{
	char text[80];

	printf("# %s %s: %lu combinations\n", what, name, tried);
	snprintf(text, sizeof(text), "%s %s is sound at %u bits", what, name,
		 width);
	tap_result(good && tried, text);
	tried = 0;
}

/* Known bits. */

static struct tnum tnums[MAX];
static unsigned int n_tnums;

static void make_tnums(unsigned int width)
{
	u64 mask, value;

	n_tnums = 0;
	for (mask = 0; mask <= ones(width); mask++)
		for (value = 0; value <= ones(width); value++)
			if (!(value & mask))
				tnums[n_tnums++] = (struct tnum){ value, mask };
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

static bool tnum_pair(unsigned int i, struct tnum a, struct tnum b)
{
	struct tnum r = tnum_keep(binary[i].bits(a, b), ones(BITS));
	u64 x, y;

	for (x = a.value; x <= tnum_max(a); x++) {
		for (y = b.value; y <= tnum_max(b); y++) {
			if (!tnum_contains(a, x) || !tnum_contains(b, y))
				continue;
			tried++;
			if (r.value & r.mask ||
			    !tnum_contains(r, concrete_word(binary[i].op,
							    binary[i].is_signed,
							    BITS, x, y)))
				return false;
		}
	}
	return true;
}

static void check_tnums(unsigned int i)
{
	unsigned int a, b;
	bool good = true;

	for (a = 0; a < n_tnums; a++)
		for (b = 0; b < n_tnums && good; b++)
			good = tnum_pair(i, tnums[a], tnums[b]);
	report("known bits", binary[i].name, BITS, good);
}

/* Pieces. */

static struct arc pieces[MAX];
static unsigned int n_pieces;

static void make_pieces(unsigned int width)
{
	u64 lo, hi, half = 1ULL << (width - 1);

	n_pieces = 0;
	for (lo = 0; lo <= ones(width); lo++)
		for (hi = lo; hi <= ones(width) && hi / half == lo / half; hi++)
			pieces[n_pieces++] = (struct arc){ lo, hi };
}

static bool piece_pair(unsigned int i, struct arc a, struct arc b)
{
	struct arc r = binary[i].arc(a, b, PIECE);
	u64 x, y, v;

	for (x = a.lo; x <= a.hi; x++) {
		for (y = b.lo; y <= b.hi; y++) {
			tried++;
			v = concrete_word(binary[i].op, binary[i].is_signed,
					  PIECE, x, y);
			if (((v - r.lo) & ones(PIECE)) >
			    ((r.hi - r.lo) & ones(PIECE)) ||
			    (r.lo | r.hi) > ones(PIECE))
				return false;
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
	report("pieces", binary[i].name, PIECE, good);
}

/* Ranges of one half, none among them. */
static unsigned int make_halves(struct arc *found, int half, unsigned int width)
{
	u64 sign = 1ULL << (width - 1), lo, hi;
	unsigned int n = 0;

	found[n++] = NO_RANGE;
	for (lo = 0; lo < sign; lo++)
		for (hi = lo; hi < sign; hi++)
			found[n++] = (struct arc){ lo + half * sign,
						   hi + half * sign };
	return n;
}

/* Words. */

static struct word words[MAX];
static unsigned int n_words;

static void make_words(unsigned int width)
{
	struct arc pos[64], neg[64];
	unsigned int t, p, n, n_pos, n_neg;

	n_pos = make_halves(pos, 0, width);
	n_neg = make_halves(neg, 1, width);
	make_tnums(width);
	n_words = 0;
	for (t = 0; t < n_tnums; t++)
		for (p = 0; p < n_pos; p++)
			for (n = p ? 0 : 1; n < n_neg; n++)
				words[n_words++] = (struct word){ width,
					tnums[t], { pos[p], neg[n] } };
}

static bool word_has(const struct word *x, u64 v)
{
	return tnum_contains(x->bits, v) &&
	       ((v >= x->half[0].lo && v <= x->half[0].hi) ||
		(v >= x->half[1].lo && v <= x->half[1].hi));
}

static bool word_pair(unsigned int i, const struct word *a, const struct word *b)
{
	struct word r;
	u64 x, y;

	word_alu(&r, binary[i].op, binary[i].is_signed, a, b);
	for (x = 0; x <= ones(WORD); x++) {
		for (y = 0; word_has(a, x) && y <= ones(WORD); y++) {
			if (!word_has(b, y))
				continue;
			tried++;
			if (!word_has(&r, concrete_word(binary[i].op,
							binary[i].is_signed,
							WORD, x, y)))
				return false;
		}
	}
	return true;
}

static void check_words(unsigned int i)
{
	unsigned int a, b;
	bool good = true;

	for (a = 0; a < n_words; a++)
		for (b = 0; b < n_words && good; b++)
			good = word_pair(i, &words[a], &words[b]);
	report("words", binary[i].name, WORD, good);
}

/* Scalars. */

static struct scalar scalars[MAX];
static unsigned int n_scalars;

static void set_half(struct scalar *s, int h, struct arc wide, struct arc low)
{
	s->wide[h] = (struct scalar_range64){ wide.lo, wide.hi };
	s->low[h] = (struct scalar_range32){ low.lo, low.hi };
}

static void make_scalars(void)
{
	struct arc wide[2][16], low[2][16];
	unsigned int n_wide = 0, n_low = 0, t, p, n, q, m;
	int h;

	for (h = 0; h < 2; h++) {
		n_wide = make_halves(wide[h], h, SCALAR_WIDE);
		n_low = make_halves(low[h], h, SCALAR_LOW);
	}
	make_tnums(SCALAR_WIDE);
	for (t = 0; t < n_tnums; t++)
		for (p = 0; p < n_wide; p++)
			for (n = p ? 0 : 1; n < n_wide; n++)
				for (q = 0; q < n_low; q++)
					for (m = q ? 0 : 1; m < n_low; m++) {
						struct scalar *s = &scalars[n_scalars++];

						s->bits = tnums[t];
						set_half(s, 0, wide[0][p], low[0][q]);
						set_half(s, 1, wide[1][n], low[1][m]);
					}
}

static bool alu_pair(const struct alu_case *c, bool is64, const struct scalar *a,
		     const struct scalar *b)
{
	unsigned int width = is64 ? SCALAR_WIDE : SCALAR_LOW;
	struct scalar r;
	u64 x, y;

	scalar_alu(&r, c->op, is64, c->is_signed, a, b);
	for (x = 0; x <= ones(SCALAR_WIDE); x++) {
		for (y = 0; y <= ones(SCALAR_WIDE); y++) {
			if (!scalar_contains(a, x) || !scalar_contains(b, y))
				continue;
			tried++;
			if (!scalar_contains(&r, concrete_word(c->op, c->is_signed,
							       width, x, y)))
				return false;
		}
	}
	return true;
}

static bool jump_pair(u8 op, bool is32, const struct scalar *a,
		      const struct scalar *b)
{
	unsigned int width = is32 ? SCALAR_LOW : SCALAR_WIDE;
	struct scalar left[2], right[2];
	bool can[2];
	u64 x, y;
	int taken;

	for (taken = 0; taken < 2; taken++) {
		left[taken] = *a;
		right[taken] = *b;
		can[taken] = scalar_refine(op, is32, taken, &left[taken],
					   &right[taken]);
	}
	for (x = 0; x <= ones(SCALAR_WIDE); x++) {
		for (y = 0; y <= ones(SCALAR_WIDE); y++) {
			if (!scalar_contains(a, x) || !scalar_contains(b, y))
				continue;
			tried++;
			taken = concrete_jump(op, width, x, y);
			if (!can[taken] || !scalar_contains(&left[taken], x) ||
			    !scalar_contains(&right[taken], y))
				return false;
		}
	}
	return true;
}

static bool set_pair(const struct scalar *a, const struct scalar *b)
{
	struct scalar join, meet;
	bool covers = scalar_covers(a, b), met = scalar_meet(&meet, a, b);
	u64 x;

	scalar_join(&join, a, b);
	for (x = 0; x <= ones(SCALAR_WIDE); x++) {
		bool in_a = scalar_contains(a, x), in_b = scalar_contains(b, x);

		tried++;
		if ((covers && in_b && !in_a) ||
		    ((in_a || in_b) && !scalar_contains(&join, x)) ||
		    (in_a && in_b && !(met && scalar_contains(&meet, x))))
			return false;
	}
	return true;
}

static void check_scalars(void)
{
	unsigned int a, b, c, half;
	bool good;

	for (c = 0; c < ALU_CASES; c++)
		for (half = 0; half < 2; half++) {
			for (good = true, a = 0; a < n_scalars; a++)
				for (b = 0; b < n_scalars && good; b++)
					good = alu_pair(&alu_cases[c], half, &scalars[a],
							&scalars[b]);
			report(half ? "alu64" : "alu32", alu_cases[c].name,
			       SCALAR_WIDE, good);
		}
	for (c = 0; c < JUMP_CASES; c++)
		for (half = 0; half < 2; half++) {
			for (good = true, a = 0; a < n_scalars; a++)
				for (b = 0; b < n_scalars && good; b++)
					good = jump_pair(jump_cases[c].op, half,
							 &scalars[a], &scalars[b]);
			report(half ? "refine32" : "refine64", jump_cases[c].name,
			       SCALAR_WIDE, good);
		}
	for (good = true, a = 0; a < n_scalars; a++)
		for (b = 0; b < n_scalars && good; b++)
			good = set_pair(&scalars[a], &scalars[b]);
	report("sets", "join, meet, covers", SCALAR_WIDE, good);
}

int main(void)
{
	unsigned int i;

	make_tnums(BITS);
	for (i = 0; i < ARRAY_SIZE(binary); i++)
		if (binary[i].bits)
			check_tnums(i);
	make_pieces(PIECE);
	for (i = 0; i < ARRAY_SIZE(binary); i++)
		check_pieces(i);
	make_words(WORD);
	for (i = 0; i < ARRAY_SIZE(binary); i++)
		check_words(i);
	make_scalars();
	check_scalars();
	return tap_status();
}
