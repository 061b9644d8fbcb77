// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words at small widths, completely: every operand that satisfies the
 * representation invariant and every concrete member. At 3 bits all words are
 * operands, also pairs of them; at 4 bits all words for what takes one, and for
 * pairs the words that word_tighten() leaves as they are.
 *
 * usage: narrow_words quick|deep
 */
#include "narrow.h"

#define MAX	120000

static struct word words[MAX], amounts[MAX];
static unsigned int n_words, n_amounts, width;

/* Does it hold all that its parts say, as words in the verifier mostly do? */
static bool is_tight(const struct word *x)
{
	struct word y = *x;

	return word_tighten(&y) && word_equal(x, &y);
}

static void make_words(bool all)
{
	static struct tnum tnums[100];
	struct arc pos[64], neg[64];
	unsigned int t, p, n, n_tnums, n_pos, n_neg;

	n_pos = list_halves(pos, 0, width);
	n_neg = list_halves(neg, 1, width);
	n_tnums = list_tnums(tnums, width);
	n_words = 0;
	for (t = 0; t < n_tnums; t++)
		for (p = 0; p < n_pos; p++)
			for (n = p ? 0 : 1; n < n_neg; n++) {
				words[n_words] = (struct word){ width,
					tnums[t], { pos[p], neg[n] } };
				n_words += all || is_tight(&words[n_words]);
			}
}

/* Amounts of a shift: words below a limit. */
static void make_amounts(unsigned int limit)
{
	unsigned int i;

	n_amounts = 0;
	for (i = 0; i < n_words; i++)
		if (word_umax(&words[i]) < limit)
			amounts[n_amounts++] = words[i];
}

static const struct {
	const char *name;
	u8 op;
	bool is_signed;
} binary[] = {
	{ "add", BPF_ADD }, { "sub", BPF_SUB }, { "mul", BPF_MUL },
	{ "or", BPF_OR }, { "and", BPF_AND }, { "xor", BPF_XOR },
	{ "div", BPF_DIV }, { "sdiv", BPF_DIV, true }, { "mod", BPF_MOD },
	{ "smod", BPF_MOD, true },
}, shifts[] = {
	{ "lsh", BPF_LSH }, { "rsh", BPF_RSH }, { "arsh", BPF_ARSH },
};

static bool word_pair(unsigned int i, const struct word *a, const struct word *b)
{
	struct word r;
	u64 x, y;

	word_alu(&r, binary[i].op, binary[i].is_signed, a, b);
	operands++;
	for (x = 0; x <= ones(width); x++) {
		for (y = 0; word_has(a, x) && y <= ones(width); y++) {
			if (!word_has(b, y))
				continue;
			tried++;
			if (!word_has(&r, concrete_word(binary[i].op,
							binary[i].is_signed,
							width, x, y)))
				return wrong(binary[i].name, a->bits.mask,
					     b->bits.mask, x, y);
		}
	}
	return true;
}

static void check_pairs(const char *which)
{
	unsigned int i, a, b;
	bool good;

	for (i = 0; i < ARRAY_SIZE(binary); i++) {
		for (good = true, a = 0; a < n_words; a++)
			for (b = 0; b < n_words && good; b++)
				good = word_pair(i, &words[a], &words[b]);
		report(which, binary[i].name, width, good);
	}
}

/* An amount of the width or more, which a wide LSH may have, leaves nothing. */
static bool word_shifted(unsigned int i, const struct word *a,
			 const struct word *by, unsigned int limit)
{
	struct word r;
	u64 x, n, v;

	word_shift(&r, shifts[i].op, a, by, limit);
	operands++;
	for (x = 0; x <= ones(width); x++) {
		for (n = 0; word_has(a, x) && n < limit; n++) {
			if (!word_has(by, n))
				continue;
			tried++;
			v = n >= width ? 0 : concrete_word(shifts[i].op, false,
							   width, x, n);
			if (!word_has(&r, v))
				return wrong(shifts[i].name, a->bits.mask,
					     by->bits.mask, x, n);
		}
	}
	return true;
}

static void check_shift(const char *name, unsigned int i, unsigned int limit)
{
	unsigned int a, b;
	bool good = true;

	make_amounts(limit);
	for (a = 0; a < n_words; a++)
		for (b = 0; b < n_amounts && good; b++)
			good = word_shifted(i, &words[a], &amounts[b], limit);
	report("words", name, width, good);
}

static void check_shifts(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shifts); i++)
		check_shift(shifts[i].name, i, width);
	check_shift("lsh of a low half", 0, 2 * width);
}

static bool word_sets(const struct word *a, const struct word *b)
{
	struct word join = *a, meet = *a;
	bool met = word_meet(&meet, b);
	u64 x;

	word_join(&join, b);
	operands++;
	for (x = 0; x <= ones(width); x++) {
		bool in_a = word_has(a, x), in_b = word_has(b, x);

		tried++;
		if (((in_a || in_b) && !word_has(&join, x)) ||
		    (in_a && in_b) != (met && word_has(&meet, x)))
			return wrong("sets", a->bits.mask, b->bits.mask, x, 0);
	}
	return true;
}

static void check_sets(void)
{
	unsigned int a, b;
	bool good = true;

	for (a = 0; a < n_words; a++)
		for (b = 0; b < n_words && good; b++)
			good = word_sets(&words[a], &words[b]);
	report("words", "join, meet", width, good);
}

/* What keeps all members but some says false only if it keeps none. */
static bool kept(const struct word *x, const struct word *r, bool some, u64 v)
{
	tried++;
	return word_has(x, v) == (some && word_has(r, v));
}

static bool word_narrowed(const struct word *x)
{
	struct word tight = *x, without;
	bool some = word_tighten(&tight), rest;
	u64 v, out;

	operands++;
	for (v = 0; v <= ones(width); v++)
		if (!kept(x, &tight, some, v))
			return wrong("tighten", x->bits.value, x->bits.mask, v, 0);
	for (out = 0; out <= ones(width); out++) {
		without = *x;
		rest = word_exclude(&without, out);
		for (v = 0; v <= ones(width); v++)
			if (v != out && !kept(x, &without, rest, v))
				return wrong("exclude", x->bits.value,
					     x->bits.mask, v, out);
	}
	return true;
}

static bool word_bounded(const struct word *x)
{
	u64 v, sign = 1ULL << (width - 1);

	operands++;
	for (v = 0; v <= ones(width); v++) {
		tried++;
		if (word_has(x, v) &&
		    (v < word_umin(x) || v > word_umax(x) ||
		     (v ^ sign) < (word_smin(x) ^ sign) ||
		     (v ^ sign) > (word_smax(x) ^ sign) ||
		     (word_is_const(x) && v != word_umin(x))))
			return wrong("bounds", x->bits.value, x->bits.mask, v, 0);
	}
	return true;
}

static bool word_clipped(const struct word *x, u64 lo, u64 hi)
{
	struct arc arc = { lo, hi };
	struct word clip = *x, more = *x;
	bool some = word_clip(&clip, arc);
	u64 v;

	word_add_arc(&more, arc);
	more.bits = tnum_unknown();
	operands++;
	for (v = 0; v <= ones(width); v++) {
		bool on = on_arc(v, arc, width);

		tried++;
		if ((word_has(x, v) && on && !(some && word_has(&clip, v))) ||
		    (word_has(&clip, v) && !word_has(x, v)) ||
		    ((word_has(x, v) || on) && !word_has(&more, v)))
			return wrong("clip", x->bits.mask, lo, hi, v);
	}
	return true;
}

static void check_unary(void)
{
	unsigned int a;
	bool good = true;
	u64 lo, hi;

	for (a = 0; a < n_words && good; a++)
		good = word_narrowed(&words[a]);
	report("words", "tighten, exclude", width, good);
	for (good = true, a = 0; a < n_words && good; a++)
		good = word_bounded(&words[a]);
	report("words", "bounds", width, good);
	for (good = true, a = 0; a < n_words; a++)
		for (lo = 0; lo <= ones(width); lo++)
			for (hi = 0; hi <= ones(width) && good; hi++)
				good = word_clipped(&words[a], lo, hi);
	report("words", "clip, add an arc", width, good);
}

int main(int argc, char **argv)
{
	deep = argc > 1 && !strcmp(argv[1], "deep");
	began = clock();
	width = deep ? 4 : 3;
	make_words(true);
	check_unary();
	width = 3;
	make_words(deep);
	check_pairs(deep ? "all words" : "words");
	check_sets();
	width = 4;
	make_words(false);
	check_shifts();
	if (deep) {
		check_pairs("words");
		check_sets();
	}
	return tap_status();
}
