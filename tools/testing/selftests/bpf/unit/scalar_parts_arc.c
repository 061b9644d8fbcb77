// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each function of arc.h and word.h alone, against members: arcs exhaustively at
 * 4 bits, both at random at 8, 32 and 64 bits.
 *
 * usage: scalar_parts_arc [random-rounds]
 */
#include "parts.h"
#include "word.h"

#define SAMPLES	12

static const unsigned int widths[] = { 4, 8, 32, 64 };

/* Is @v met on the way up from lo to hi? */
static bool on_arc(struct arc arc, u64 v, unsigned int width)
{
	u64 mask = ones(width);

	return ((v - arc.lo) & mask) <= ((arc.hi - arc.lo) & mask);
}

static u64 some_word(unsigned int width)
{
	return parts_word() & ones(width);
}

/* lo <= hi in one half of the circle. */
static struct arc some_piece(unsigned int width)
{
	u64 sign = width_sign(width), lo = some_word(width), hi = some_word(width);

	if (parts_below(3) == 0)
		hi = lo + parts_below(4);
	lo &= sign - 1;
	hi &= sign - 1;
	if (lo > hi)
		swap_words(&lo, &hi);
	if (parts_below(2)) {
		lo |= sign;
		hi |= sign;
	}
	return (struct arc){ lo, hi };
}

static u64 some_of(struct arc range)
{
	switch (parts_below(4)) {
	case 0:
		return range.lo;
	case 1:
		return range.hi;
	default:
		return range.hi - range.lo == ~0ULL ? parts_random() :
		       range.lo + parts_random() % (range.hi - range.lo + 1);
	}
}

/* ---- arcs ---------------------------------------------------------------------- */

static const struct {
	const char *name;
	arc_fn fn;
	u8 op;
	bool is_signed;
} binary[] = {
	{ "arc_add", arc_add, BPF_ADD },
	{ "arc_sub", arc_sub, BPF_SUB },
	{ "arc_mul", arc_mul, BPF_MUL },
	{ "arc_udiv", arc_udiv, BPF_DIV },
	{ "arc_umod", arc_umod, BPF_MOD },
	{ "arc_sdiv", arc_sdiv, BPF_DIV, true },
	{ "arc_smod", arc_smod, BPF_MOD, true },
	{ "arc_and", arc_and, BPF_AND },
	{ "arc_or", arc_or, BPF_OR },
	{ "arc_xor", arc_xor, BPF_XOR },
};

static const struct {
	const char *name;
	struct arc (*fn)(struct arc a, unsigned int amount, unsigned int width);
	u8 op;
} shifts[] = {
	{ "arc_shl", arc_shl, BPF_LSH },
	{ "arc_shr", arc_shr, BPF_RSH },
	{ "arc_sar", arc_sar, BPF_ARSH },
};

/* Pieces of 4-bit words: @n counts them all, in either half. */
static bool nth_piece(unsigned int n, struct arc *piece)
{
	*piece = (struct arc){ n / 16, n % 16 };
	return piece->lo <= piece->hi && piece->lo / 8 == piece->hi / 8;
}

static unsigned long all_narrow(unsigned int i)
{
	unsigned long wrong = 0;
	unsigned int m, n;
	struct arc a, b, r;
	u64 x, y;

	for (m = 0; m < 256; m++)
		for (n = 0; n < 256; n++) {
			if (!nth_piece(m, &a) || !nth_piece(n, &b))
				continue;
			r = binary[i].fn(a, b, 4);
			for (x = a.lo; x <= a.hi; x++)
				for (y = b.lo; y <= b.hi; y++)
					wrong += !on_arc(r, concrete_word(binary[i].op,
						binary[i].is_signed, 4, x, y), 4);
		}
	return wrong;
}

static unsigned long some_wide(unsigned int i, unsigned int width)
{
	struct arc a = some_piece(width), b = some_piece(width);
	struct arc r = binary[i].fn(a, b, width);
	unsigned long wrong = 0;
	unsigned int n;

	for (n = 0; n < SAMPLES; n++)
		wrong += !on_arc(r, concrete_word(binary[i].op, binary[i].is_signed, width,
						  some_of(a), some_of(b)), width);
	return wrong;
}

static void check_arcs(unsigned long rounds)
{
	unsigned long n, wrong;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(binary); i++) {
		wrong = all_narrow(i);
		for (n = 0; n < rounds; n++)
			wrong += some_wide(i, widths[n % ARRAY_SIZE(widths)]);
		parts_result(binary[i].name, wrong);
	}
}

static void check_shifts(unsigned long rounds)
{
	unsigned int i, width, amount, m;
	unsigned long n, wrong;
	struct arc a;
	u64 x;

	for (i = 0; i < ARRAY_SIZE(shifts); i++) {
		wrong = 0;
		for (m = 0; m < 256; m++)
			for (amount = 0; amount < 4 && nth_piece(m, &a); amount++)
				for (x = a.lo; x <= a.hi; x++)
					wrong += !on_arc(shifts[i].fn(a, amount, 4),
						concrete_word(shifts[i].op, false, 4, x, amount), 4);
		for (n = 0; n < rounds * SAMPLES; n++) {
			width = widths[n % ARRAY_SIZE(widths)];
			amount = parts_below(width);
			a = some_piece(width);
			x = some_of(a);
			wrong += !on_arc(shifts[i].fn(a, amount, width),
				concrete_word(shifts[i].op, false, width, x, amount), width);
		}
		parts_result(shifts[i].name, wrong);
	}
}

/* ---- clipping, exhaustively at 4 bits ------------------------------------------------ */

static void check_clip(void)
{
	unsigned long wrong = 0;
	unsigned int m, n;

	for (m = 0; m < 256; m++)
		for (n = 0; n < 256; n++) {
			struct arc range = { m / 16, m % 16 }, by = { n / 16, n % 16 }, was = range;
			bool left, any = false, lost = false, grown = false;
			u64 v;

			if (range.lo > range.hi)
				continue;
			left = arc_clip(&range, by);
			for (v = was.lo; v <= was.hi; v++) {
				bool both = on_arc(by, v, 4);

				any |= both;
				lost |= left && both && (v < range.lo || v > range.hi);
			}
			grown = left && (range.lo < was.lo || range.hi > was.hi);
			wrong += left != any || lost || grown;
		}
	parts_result("arc_clip", wrong);
}

static void check_circle(void)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		unsigned int w = widths[i];
		struct arc pos = arc_half(HALF_POS, w), neg = arc_half(HALF_NEG, w);

		good &= width_mask(w) == ones(w) && width_sign(w) == 1ULL << (w - 1) &&
			arc_full(w).lo == 0 && arc_full(w).hi == ones(w) &&
			pos.lo == 0 && pos.hi + 1 == neg.lo && neg.lo == width_sign(w) &&
			neg.hi == ones(w);
	}
	good &= is_single_bit(1) && is_single_bit(1ULL << 63) && !is_single_bit(0) &&
		!is_single_bit(3);
	tap_result(good, "width_mask, width_sign, arc_full, arc_half, is_single_bit");
}

/* ---- words ------------------------------------------------------------------------------ */

static bool in_word(const struct word *x, u64 v)
{
	unsigned int h;

	if (v & ~ones(x->width) || !tnum_contains(x->bits, v))
		return false;
	for (h = 0; h < HALVES; h++)
		if (!range_is_empty(x->half[h]) && v >= x->half[h].lo && v <= x->half[h].hi)
			return true;
	return false;
}

/* A set that holds @v, and not much more than a range or a few bits around it. */
static struct word around(u64 v, unsigned int width)
{
	u64 free = parts_word() & ones(width), other = some_word(width);
	struct arc arc = parts_below(2) ? (struct arc){ v, other } : (struct arc){ other, v };
	struct word x;

	word_unknown(&x, width);
	if (parts_below(3))
		x.bits = (struct tnum){ v & ~free, free };
	if (parts_below(3))
		word_clip(&x, arc);
	word_tighten(&x);
	return x;
}

static unsigned long check_bounds(const struct word *x, u64 v)
{
	s64 s = to_signed(v, x->width);

	return !in_word(x, v) || word_is_empty(x) || v < word_umin(x) || v > word_umax(x) ||
	       s < to_signed(word_smin(x), x->width) || s > to_signed(word_smax(x), x->width) ||
	       (word_is_const(x) && word_umin(x) != v) || !word_equal(x, x) ||
	       (word_is_unknown(x) && !in_word(x, some_word(x->width)));
}

static unsigned long check_narrowing(struct word x, u64 v, u64 other)
{
	struct word y = around(v, x.width), z = x;
	u64 end = parts_below(2) ? other : word_umax(&x);
	unsigned long wrong = 0;

	wrong += !word_meet(&z, &y) || !in_word(&z, v);
	z = x;
	if (end != v)
		wrong += !word_exclude(&z, end) || !in_word(&z, v);
	z = x;
	wrong += !word_clip(&z, (struct arc){ v, other }) || !word_tighten(&z) || !in_word(&z, v);
	return wrong;
}

static unsigned long check_widening(struct word x, u64 v, u64 other)
{
	struct word y = around(other, x.width), z = x, none;
	unsigned long wrong = 0;

	word_join(&z, &y);
	wrong += !in_word(&z, v) || !in_word(&z, other);
	word_empty(&none, x.width);
	wrong += !word_is_empty(&none);
	word_join(&none, &x);
	wrong += !in_word(&none, v);
	z = x;
	z.bits = tnum_unknown();
	word_add_arc(&z, (struct arc){ other, (other + 3) & ones(x.width) });
	wrong += !in_word(&z, v) || !in_word(&z, other) ||
		 !in_word(&z, (other + 3) & ones(x.width));
	return wrong;
}

static unsigned long check_operation(const struct word *x, u64 v, u64 other)
{
	static const u8 ops[] = {
		BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_MOD, BPF_XOR,
	};
	static const u8 shift_ops[] = { BPF_LSH, BPF_RSH, BPF_ARSH };
	u8 op = ops[parts_below(ARRAY_SIZE(ops))], shift = shift_ops[parts_below(3)];
	bool is_signed = parts_below(2) && (op == BPF_DIV || op == BPF_MOD);
	struct word y = around(other, x->width), r, amount;
	u64 by = other % x->width;
	unsigned long wrong;

	word_alu(&r, op, is_signed, x, &y);
	wrong = !in_word(&r, concrete_word(op, is_signed, x->width, v, other));
	amount = around(by, x->width);
	word_clip(&amount, (struct arc){ 0, x->width - 1 });
	word_tighten(&amount);
	word_shift(&r, shift, x, &amount, x->width);
	wrong += !in_word(&r, concrete_word(shift, false, x->width, v, by));
	return wrong;
}

static void check_words(unsigned long rounds)
{
	unsigned long bounds = 0, narrow = 0, wide = 0, operation = 0, n;

	for (n = 0; n < rounds * 4; n++) {
		unsigned int width = widths[n % ARRAY_SIZE(widths)];
		u64 v = some_word(width), other = some_word(width);
		struct word x = around(v, width);

		bounds += check_bounds(&x, v);
		narrow += check_narrowing(x, v, other);
		wide += check_widening(x, v, other);
		operation += check_operation(&x, v, other);
	}
	parts_result("word_unknown, word_umin, word_umax, word_smin, word_smax, word_is_const, "
		     "word_is_unknown, word_equal",
		     bounds);
	parts_result("word_clip, word_tighten, word_meet, word_exclude", narrow);
	parts_result("word_empty, word_is_empty, word_add_arc, word_join", wide);
	parts_result("word_alu, word_shift", operation);
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 20000;

	check_circle();
	check_clip();
	check_arcs(rounds);
	check_shifts(rounds / 4);
	check_words(rounds);
	return tap_status();
}
