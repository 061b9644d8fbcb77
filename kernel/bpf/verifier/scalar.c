// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scalar domain: what the verifier knows about a number.
 *
 * Owns struct scalar. No other file reads or writes its fields: instructions
 * (scalar_alu.c) and jumps (scalar_jmp.c) open it into words, one per width,
 * and seal the result (scalar_parts.h). All is pure (no kernel state, no
 * allocation, no locks, no floating point) and also builds in user space, where
 * tools/testing/selftests/bpf/unit checks it: completely at small widths, with
 * edge operands at 64/32.
 *
 * The set
 * -------
 * A 64-bit word v is a member of s if all of these hold:
 *
 *	v fits the known bits s->bits;
 *	v lies in s->wide[HALF_POS] (sign bit clear) or s->wide[HALF_NEG] (set);
 *	the low 32 bits of v lie in s->low[HALF_POS] or s->low[HALF_NEG], with
 *	bit 31 as the sign.
 *
 * An empty range has lo > hi and is stored as 1, 0. Two ranges per width, one
 * per half of the number circle, say as much as an unsigned and a signed range
 * (word.c), and hold an intersection of those that falls into two arcs.
 * Layers: tnum.c knows bits, arc.c arcs, word.c their product at one width,
 * this file the product of the widths.
 *
 * Reduction
 * ---------
 * close_up() lets the parts narrow each other. Each step keeps every member,
 * so it may stop after any number of rounds; no function needs it to be sound.
 *
 *	bits -> range	the ends move to words that fit (tnum_ceil, tnum_floor)
 *	range -> bits	the common leading bits of the ranges are known
 *	wide -> low	a wide range of less than 2^32 words projects to one arc
 *			of low words: 0x1fffffff0..0x200000003 gives
 *			0xfffffff0 -> 3, that is -16..-1 and 0..3
 *	low -> wide	the ends move to the next word whose low half is allowed:
 *			from 0x1_00000005 with low words 8..9 to 0x1_00000008
 *
 * Worked example of the two halves: r in -5..5 signed. Halves 0..5 and -5..-1.
 * `if r > 3 goto` (unsigned), not taken: clip to 0..3, only 0..3 stays; taken:
 * 4..5 and -5..-1. An unsigned range alone would have become 4..2^64-1 and a
 * signed one would have stayed as it was.
 *
 * Must never: widen an operand instead of failing, keep pointers, or treat the
 * two sides of a comparison as one variable.
 */
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include "scalar.h"
#include "scalar_parts.h"
#include "word.h"

/* More rounds gain next to nothing; see the unit test's closure report. */
#define CLOSE_ROUNDS	4

/**
 * scalar_wide() - Open a scalar: the whole word
 * @x: Result, of SCALAR_WIDE bits.
 * @s: The scalar.
 *
 * Context: Any context.
 */
void scalar_wide(struct word *x, const struct scalar *s)
{
	int h;

	x->width = SCALAR_WIDE;
	x->bits = s->bits;
	for (h = 0; h < HALVES; h++)
		x->half[h] = (struct arc){ s->wide[h].lo, s->wide[h].hi };
}

/**
 * scalar_low() - Open a scalar: the low half
 * @x: Result, of SCALAR_LOW bits.
 * @s: The scalar.
 *
 * Context: Any context.
 */
void scalar_low(struct word *x, const struct scalar *s)
{
	int h;

	x->width = SCALAR_LOW;
	x->bits = tnum_keep(s->bits, width_mask(SCALAR_LOW));
	for (h = 0; h < HALVES; h++)
		x->half[h] = (struct arc){ s->low[h].lo, s->low[h].hi };
}

/* Bits above the low half are free in what the low half says of the whole. */
static struct tnum spread_low(struct tnum low)
{
	low.mask |= width_mask(SCALAR_WIDE) & ~width_mask(SCALAR_LOW);
	return low;
}

static bool exchange_bits(struct word *wide, struct word *low)
{
	if (!tnum_meet(&wide->bits, spread_low(low->bits)))
		return false;
	low->bits = tnum_keep(wide->bits, width_mask(SCALAR_LOW));
	return true;
}

/* Narrow the low half to the low words of the wide ranges. */
static bool low_from_wide(struct word *low, const struct word *wide)
{
	u64 mask = width_mask(SCALAR_LOW);
	struct word seen;
	int h;

	word_empty(&seen, SCALAR_LOW);
	for (h = 0; h < HALVES; h++) {
		struct arc range = wide->half[h];

		if (range_is_empty(range))
			continue;
		if (range.hi - range.lo >= mask)
			return true;
		range.lo &= mask;
		range.hi &= mask;
		word_add_arc(&seen, range);
	}
	return word_meet(low, &seen);
}

/* How far up (or down) to the next word whose low half is allowed? */
static u64 steps_to_low(u64 from, const struct word *low, bool down)
{
	u64 mask = width_mask(SCALAR_LOW), steps = mask;
	int h;

	from &= mask;
	for (h = 0; h < HALVES; h++) {
		struct arc range = low->half[h];

		if (range_is_empty(range))
			continue;
		if (from >= range.lo && from <= range.hi)
			return 0;
		steps = min(steps, down ? (from - range.hi) & mask :
					  (range.lo - from) & mask);
	}
	return steps;
}

/* Move the ends of the wide ranges to words whose low half is allowed. */
static bool wide_from_low(struct word *wide, const struct word *low)
{
	int h;

	for (h = 0; h < HALVES; h++) {
		struct arc *range = &wide->half[h];
		u64 up, down;

		if (range_is_empty(*range))
			continue;
		up = steps_to_low(range->lo, low, false);
		down = steps_to_low(range->hi, low, true);
		if (up > range->hi - range->lo) {
			*range = NO_RANGE;
			continue;
		}
		range->lo += up;
		range->hi -= down;
	}
	return !word_is_empty(wide);
}

/* Let all parts narrow each other. Returns false if nothing is left. */
static bool close_up(struct word *wide, struct word *low)
{
	struct word wide_before, low_before;
	int round;

	for (round = 0; round < CLOSE_ROUNDS; round++) {
		wide_before = *wide;
		low_before = *low;
		if (!exchange_bits(wide, low) ||
		    !word_tighten(wide) || !word_tighten(low) ||
		    !low_from_wide(low, wide) || !wide_from_low(wide, low))
			return false;
		if (word_equal(wide, &wide_before) &&
		    word_equal(low, &low_before))
			break;
	}
	return exchange_bits(wide, low);
}

static void store(struct scalar *s, const struct word *wide,
		  const struct word *low)
{
	int h;

	s->bits = wide->bits;
	for (h = 0; h < HALVES; h++) {
		s->wide[h].lo = wide->half[h].lo;
		s->wide[h].hi = wide->half[h].hi;
		s->low[h].lo = low->half[h].lo;
		s->low[h].hi = low->half[h].hi;
	}
}

/**
 * scalar_seal() - Make a scalar of what is known at both widths
 * @s: Result.
 * @wide: What is known of the whole word; narrowed on return.
 * @low: What is known of its low half; narrowed on return.
 *
 * Context: Any context.
 * Return: false, with @s unchanged, if the two were seen to exclude each other.
 */
bool scalar_seal(struct scalar *s, struct word *wide, struct word *low)
{
	if (word_is_unknown(wide) && word_is_unknown(low)) {
		scalar_unknown(s);
		return true;
	}
	if (!close_up(wide, low))
		return false;
	store(s, wide, low);
	return true;
}

/**
 * scalar_seal_result() - As scalar_seal(), for what cannot be empty
 * @s: Result.
 * @wide: What is known of the whole word.
 * @low: What is known of its low half.
 *
 * Operands with members have results, so an empty result can only come from an
 * operand that is empty without having been seen to be. Any answer is right
 * then; unknown is the safe one.
 *
 * Context: Any context.
 */
void scalar_seal_result(struct scalar *s, struct word *wide, struct word *low)
{
	if (!scalar_seal(s, wide, low))
		scalar_unknown(s);
}

/**
 * scalar_unknown() - Any 64-bit word
 * @s: Result.
 *
 * Context: Any context.
 */
void scalar_unknown(struct scalar *s)
{
	int h;

	s->bits = (struct tnum){ .mask = width_mask(SCALAR_WIDE) };
	for (h = 0; h < HALVES; h++) {
		struct arc wide = arc_half(h, SCALAR_WIDE);
		struct arc low = arc_half(h, SCALAR_LOW);

		s->wide[h] = (struct scalar_range64){ wide.lo, wide.hi };
		s->low[h] = (struct scalar_range32){ low.lo, low.hi };
	}
}

/**
 * scalar_const() - One word
 * @s: Result.
 * @v: The word.
 *
 * Context: Any context.
 */
void scalar_const(struct scalar *s, u64 v)
{
	u64 word = v & width_mask(SCALAR_WIDE), low = v & width_mask(SCALAR_LOW);
	int wide_half = word & width_sign(SCALAR_WIDE) ? HALF_NEG : HALF_POS;
	int low_half = low & width_sign(SCALAR_LOW) ? HALF_NEG : HALF_POS;

	s->bits = tnum_const(word);
	s->wide[!wide_half] = (struct scalar_range64){ 1, 0 };
	s->low[!low_half] = (struct scalar_range32){ 1, 0 };
	s->wide[wide_half] = (struct scalar_range64){ word, word };
	s->low[low_half] = (struct scalar_range32){ low, low };
}

/* The words of one half that have these bits: the smallest to the largest. */
static struct arc bits_half(struct tnum bits, int half, unsigned int width)
{
	u64 lo = tnum_min(bits) & width_mask(width), hi = tnum_max(bits) & width_mask(width);
	u64 sign = width_sign(width);

	if (half == HALF_NEG)
		return hi & sign ? (struct arc){ lo | sign, hi } : (struct arc){ 1, 0 };
	return lo & sign ? (struct arc){ 1, 0 } : (struct arc){ lo, hi & ~sign };
}

/**
 * scalar_bits() - Any word with some known bits
 * @s: Result.
 * @bits: The known bits; well-formed.
 *
 * Context: Any context.
 */
void scalar_bits(struct scalar *s, struct tnum bits)
{
	int h;

	s->bits = bits;
	for (h = 0; h < HALVES; h++) {
		struct arc wide = bits_half(bits, h, SCALAR_WIDE);
		struct arc low = bits_half(bits, h, SCALAR_LOW);

		s->wide[h] = (struct scalar_range64){ wide.lo, wide.hi };
		s->low[h] = (struct scalar_range32){ low.lo, low.hi };
	}
}

/**
 * scalar_unknown_bits() - Any word of some bits, zeros above
 * @s: Result.
 * @bits: How many.
 *
 * Context: Any context.
 */
void scalar_unknown_bits(struct scalar *s, unsigned int bits)
{
	scalar_bits(s, (struct tnum){ .mask = width_mask(min_t(u32, bits, SCALAR_WIDE)) });
}

/**
 * scalar_unknown_bytes() - Result of a zero-extending load
 * @s: Result.
 * @bytes: Size of the load: 1, 2, 4 or 8.
 *
 * Context: Any context.
 */
void scalar_unknown_bytes(struct scalar *s, unsigned int bytes)
{
	scalar_unknown_bits(s, bytes * 8);
}

/**
 * scalar_unknown_sx() - Result of a sign-extending load
 * @s: Result.
 * @bytes: Size of the load: 1, 2, 4 or 8.
 *
 * Context: Any context.
 */
void scalar_unknown_sx(struct scalar *s, unsigned int bytes)
{
	scalar_unknown(s);
	scalar_sext(s, bytes * 8, false);
}

static void set_arc(struct scalar *s, struct arc arc)
{
	struct word wide, low;

	word_unknown(&wide, SCALAR_WIDE);
	word_unknown(&low, SCALAR_LOW);
	word_clip(&wide, arc);
	scalar_seal_result(s, &wide, &low);
}

/**
 * scalar_set_urange() - The words of an unsigned range
 * @s: Result.
 * @lo: Smallest.
 * @hi: Largest.
 *
 * Context: Any context.
 * Return: false, with @s unchanged, if the range is empty.
 */
bool scalar_set_urange(struct scalar *s, u64 lo, u64 hi)
{
	if (lo > hi)
		return false;
	set_arc(s, (struct arc){ lo, hi });
	return true;
}

/**
 * scalar_set_srange() - The words of a signed range
 * @s: Result.
 * @lo: Smallest.
 * @hi: Largest.
 *
 * Context: Any context.
 * Return: false, with @s unchanged, if the range is empty.
 */
bool scalar_set_srange(struct scalar *s, s64 lo, s64 hi)
{
	u64 mask = width_mask(SCALAR_WIDE);

	if (lo > hi)
		return false;
	set_arc(s, (struct arc){ lo & mask, hi & mask });
	return true;
}

/* Read a word of a width as a signed number. */
static s64 as_signed(u64 word, unsigned int width)
{
	return (s64)(word << (64 - width)) >> (64 - width);
}

/**
 * scalar_is_const() - Is it one word
 * @s: The scalar.
 *
 * Context: Any context.
 * Return: true if all bits are known.
 */
bool scalar_is_const(const struct scalar *s)
{
	return tnum_is_const(s->bits);
}

/**
 * scalar_const_value() - Which word
 * @s: The scalar, for which scalar_is_const() holds.
 *
 * Context: Any context.
 * Return: Its only member.
 */
u64 scalar_const_value(const struct scalar *s)
{
	return s->bits.value;
}

/**
 * scalar_is_const32() - Is the low half one word
 * @s: The scalar.
 *
 * Context: Any context.
 * Return: true if the low 32 bits are known.
 */
bool scalar_is_const32(const struct scalar *s)
{
	return !(s->bits.mask & width_mask(SCALAR_LOW));
}

/**
 * scalar_const_value32() - Which low half
 * @s: The scalar, for which scalar_is_const32() holds.
 *
 * Context: Any context.
 * Return: The low half of all members.
 */
u32 scalar_const_value32(const struct scalar *s)
{
	return s->bits.value & width_mask(SCALAR_LOW);
}

/**
 * scalar_is_unknown() - Is nothing known
 * @s: The scalar.
 *
 * Context: Any context.
 * Return: true if every word is a member.
 */
bool scalar_is_unknown(const struct scalar *s)
{
	struct word wide, low;

	if (s->bits.mask != width_mask(SCALAR_WIDE))
		return false;
	scalar_wide(&wide, s);
	scalar_low(&low, s);
	return word_is_unknown(&wide) && word_is_unknown(&low);
}

/**
 * scalar_contains() - Is a word a member
 * @s: The scalar.
 * @v: The word.
 *
 * Context: Any context.
 * Return: true if it is.
 */
bool scalar_contains(const struct scalar *s, u64 v)
{
	u64 low = v & width_mask(SCALAR_LOW);
	bool in_wide = false, in_low = false;
	int h;

	for (h = 0; h < HALVES; h++) {
		in_wide |= v >= s->wide[h].lo && v <= s->wide[h].hi;
		in_low |= low >= s->low[h].lo && low <= s->low[h].hi;
	}
	return in_wide && in_low && tnum_contains(s->bits, v);
}

/**
 * scalar_umin() - Unsigned lower bound
 * @s: The scalar.
 *
 * Context: Any context.
 * Return: No member is below it.
 */
u64 scalar_umin(const struct scalar *s)
{
	struct word x;

	scalar_wide(&x, s);
	return word_umin(&x);
}

/**
 * scalar_umax() - Unsigned upper bound
 * @s: The scalar.
 *
 * Context: Any context.
 * Return: No member is above it.
 */
u64 scalar_umax(const struct scalar *s)
{
	struct word x;

	scalar_wide(&x, s);
	return word_umax(&x);
}

/**
 * scalar_smin() - Signed lower bound
 * @s: The scalar.
 *
 * Context: Any context.
 * Return: No member is below it.
 */
s64 scalar_smin(const struct scalar *s)
{
	struct word x;

	scalar_wide(&x, s);
	return as_signed(word_smin(&x), SCALAR_WIDE);
}

/**
 * scalar_smax() - Signed upper bound
 * @s: The scalar.
 *
 * Context: Any context.
 * Return: No member is above it.
 */
s64 scalar_smax(const struct scalar *s)
{
	struct word x;

	scalar_wide(&x, s);
	return as_signed(word_smax(&x), SCALAR_WIDE);
}

/**
 * scalar_u32min() - Unsigned lower bound of the low half
 * @s: The scalar.
 *
 * Context: Any context.
 * Return: No member's low half is below it.
 */
u32 scalar_u32min(const struct scalar *s)
{
	struct word x;

	scalar_low(&x, s);
	return word_umin(&x);
}

/**
 * scalar_u32max() - Unsigned upper bound of the low half
 * @s: The scalar.
 *
 * Context: Any context.
 * Return: No member's low half is above it.
 */
u32 scalar_u32max(const struct scalar *s)
{
	struct word x;

	scalar_low(&x, s);
	return word_umax(&x);
}

/**
 * scalar_s32min() - Signed lower bound of the low half
 * @s: The scalar.
 *
 * Context: Any context.
 * Return: No member's low half is below it.
 */
s32 scalar_s32min(const struct scalar *s)
{
	struct word x;

	scalar_low(&x, s);
	return as_signed(word_smin(&x), SCALAR_LOW);
}

/**
 * scalar_s32max() - Signed upper bound of the low half
 * @s: The scalar.
 *
 * Context: Any context.
 * Return: No member's low half is above it.
 */
s32 scalar_s32max(const struct scalar *s)
{
	struct word x;

	scalar_low(&x, s);
	return as_signed(word_smax(&x), SCALAR_LOW);
}

/**
 * scalar_tnum() - Known bits
 * @s: The scalar.
 *
 * Context: Any context.
 * Return: A tnum that holds every member.
 */
struct tnum scalar_tnum(const struct scalar *s)
{
	return s->bits;
}

/**
 * scalar_print() - Say what is known beyond the width of the type
 * @buf: Where to.
 * @size: Room, with the final NUL.
 * @s: The scalar.
 *
 * Comma-separated facts, each left out where it says nothing or repeats an
 * earlier one; nothing at all for an unknown scalar. Users read these names in
 * logs: smin, smax, umin, umax, var_off, s32_min, s32_max, u32_min, u32_max.
 * Example: a loaded byte gives "umax=255,var_off=(0x0; 0xff)".
 *
 * Context: Any context.
 * Return: Length of the text in @buf.
 */
int scalar_print(char *buf, size_t size, const struct scalar *s)
{
	s64 smin = scalar_smin(s), smax = scalar_smax(s);
	u64 umin = scalar_umin(s), umax = scalar_umax(s);
	s64 low_smin = scalar_s32min(s), low_smax = scalar_s32max(s);
	u64 low_umin = scalar_u32min(s), low_umax = scalar_u32max(s);
	const struct {
		const char *name;
		s64 value;
		bool is_signed;
		bool shown;
	} facts[] = {
		{ "smin", smin, true, smin != S64_MIN && smin != (s64)umin },
		{ "smax", smax, true, smax != S64_MAX && smax != (s64)umax },
		{ "umin", umin, false, umin != 0 },
		{ "umax", umax, false, umax != U64_MAX },
		{ "var_off", 0, false, ~s->bits.mask },
		{ "s32_min", low_smin, true,
		  low_smin != S32_MIN && low_smin != smin },
		{ "s32_max", low_smax, true,
		  low_smax != S32_MAX && low_smax != smax },
		{ "u32_min", low_umin, false, low_umin && low_umin != umin },
		{ "u32_max", low_umax, false,
		  low_umax != U32_MAX && low_umax != umax },
	};
	const char *sep = "";
	size_t i;
	int len = 0;

	if (size)
		buf[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(facts); i++) {
		if (!facts[i].shown)
			continue;
		len += scnprintf(buf + len, size - len, "%s%s=", sep,
				 facts[i].name);
		if (!strcmp(facts[i].name, "var_off"))
			len += scnprintf(buf + len, size - len,
					 "(0x%llx; 0x%llx)", s->bits.value,
					 s->bits.mask);
		else
			len += scnprintf(buf + len, size - len,
					 facts[i].is_signed ? "%lld" : "%llu",
					 facts[i].value);
		sep = ",";
	}
	return len;
}

/* Is range @inner, perhaps empty, within @outer? */
static bool within(u64 outer_lo, u64 outer_hi, u64 inner_lo, u64 inner_hi)
{
	return inner_lo > inner_hi ||
	       (outer_lo <= inner_lo && inner_hi <= outer_hi);
}

/**
 * scalar_covers() - Order of the sets
 * @outer: The larger set, perhaps.
 * @inner: The smaller set, perhaps.
 *
 * Compares part by part: true is a proof, false may be for want of one.
 *
 * Context: Any context.
 * Return: true if every member of @inner is one of @outer.
 */
bool scalar_covers(const struct scalar *outer, const struct scalar *inner)
{
	int h;

	for (h = 0; h < HALVES; h++) {
		if (!within(outer->wide[h].lo, outer->wide[h].hi,
			    inner->wide[h].lo, inner->wide[h].hi) ||
		    !within(outer->low[h].lo, outer->low[h].hi,
			    inner->low[h].lo, inner->low[h].hi))
			return false;
	}
	return tnum_covers(outer->bits, inner->bits);
}

/**
 * scalar_equal() - Is the same known
 * @a: First scalar.
 * @b: Second scalar.
 *
 * Context: Any context.
 * Return: true if each covers the other.
 */
bool scalar_equal(const struct scalar *a, const struct scalar *b)
{
	return scalar_covers(a, b) && scalar_covers(b, a);
}

/**
 * scalar_join() - Union, rounded up
 * @dst: Result; may be an operand.
 * @a: First set.
 * @b: Second set.
 *
 * Part by part, and not closed up afterwards: so the result covers both
 * operands in the sense of scalar_covers(). Little is left to close, as every
 * end of a joined range is an end that one operand had.
 *
 * Context: Any context.
 */
void scalar_join(struct scalar *dst, const struct scalar *a,
		 const struct scalar *b)
{
	struct word wide, low, other;

	scalar_wide(&wide, a);
	scalar_wide(&other, b);
	word_join(&wide, &other);
	scalar_low(&low, a);
	scalar_low(&other, b);
	word_join(&low, &other);
	store(dst, &wide, &low);
}

/**
 * scalar_meet() - Intersection
 * @dst: Result; may be an operand.
 * @a: First set.
 * @b: Second set.
 *
 * Context: Any context.
 * Return: false, with @dst unchanged, if the sets were seen to be disjoint.
 */
bool scalar_meet(struct scalar *dst, const struct scalar *a,
		 const struct scalar *b)
{
	struct word wide, low, other;

	scalar_wide(&wide, a);
	scalar_wide(&other, b);
	if (!word_meet(&wide, &other))
		return false;
	scalar_low(&low, a);
	scalar_low(&other, b);
	return word_meet(&low, &other) && scalar_seal(dst, &wide, &low);
}
