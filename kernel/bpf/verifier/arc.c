// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arcs of the number circle: transfer functions on pieces.
 *
 * Every function here gets its operands as pieces, arcs inside one half of the
 * circle (arc.h), where the words ascend in both orders; word.c does the
 * splitting and joins the results. Results are arcs, so an operation that
 * wraps for all its operands loses nothing. Where the results may spread over
 * more words than the circle has, the answer is the full arc.
 *
 * Sources: J. Navas et al., "Signedness-agnostic program analysis: precise
 * integer bounds for low-level code", APLAS 2012; G. Gange et al., "Interval
 * analysis and machine arithmetic", TOPLAS 2015; H. Warren, "Hacker's
 * Delight", 2nd ed., 4-3 (bounds of logic operations).
 *
 * Pure; 64-bit divisions go through math64 so that 32-bit machines link.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/types.h>

#include "arc.h"

static struct arc arc_from(u64 lo, u64 steps, unsigned int width)
{
	u64 mask = width_mask(width);

	return (struct arc){ lo & mask, (lo + steps) & mask };
}

/* The negatives of the members; the walk turns round. */
static struct arc arc_neg(struct arc a, unsigned int width)
{
	u64 mask = width_mask(width);

	return (struct arc){ -a.hi & mask, -a.lo & mask };
}

static bool arc_is_negative(struct arc piece, unsigned int width)
{
	return piece.lo & width_sign(width);
}

/* Absolute values of a piece, to be read unsigned: -2^(w-1) gives 2^(w-1). */
static struct arc magnitude(struct arc piece, unsigned int width)
{
	return arc_is_negative(piece, width) ? arc_neg(piece, width) : piece;
}

/**
 * arc_clip() - Narrow a range to its part on an arc
 * @range: Range that does not wrap, lo <= hi.
 * @by: Any arc.
 *
 * If @by wraps, the intersection is up to two ranges, one at each end of the
 * circle; then an end of @range that lies in the gap moves to the far side.
 * Example: 3..9 by 12 -> 5 (wrapping) leaves 3..5; 3..13 is not narrowed.
 *
 * Context: Any context.
 * Return: false if the two have no word in common.
 */
bool arc_clip(struct arc *range, struct arc by)
{
	if (by.lo <= by.hi) {
		range->lo = max(range->lo, by.lo);
		range->hi = min(range->hi, by.hi);
	} else {
		if (range->lo > by.hi)
			range->lo = max(range->lo, by.lo);
		if (range->hi < by.lo)
			range->hi = min(range->hi, by.hi);
	}
	return range->lo <= range->hi;
}

/**
 * arc_add() - Sums of two pieces
 * @a: First operand.
 * @b: Second operand.
 * @width: Bits of the operation.
 *
 * Steps add up; start plus start is the first sum on the walk. A piece has
 * fewer steps than half the circle, so the sum cannot go all the way round.
 *
 * Context: Any context.
 * Return: Arc of the sums.
 */
struct arc arc_add(struct arc a, struct arc b, unsigned int width)
{
	return arc_from(a.lo + b.lo, (a.hi - a.lo) + (b.hi - b.lo), width);
}

/**
 * arc_sub() - Differences of two pieces
 * @a: Minuend.
 * @b: Subtrahend.
 * @width: Bits of the operation.
 *
 * Context: Any context.
 * Return: Arc of the differences.
 */
struct arc arc_sub(struct arc a, struct arc b, unsigned int width)
{
	return arc_add(a, (struct arc){ -b.hi, -b.lo }, width);
}

/*
 * How far the products of two ranges spread above the smallest: on magnitudes,
 * (x + i)(y + j) lies between x*y and x*y + i_max * y_max + x * j_max. Returns
 * false if that is more than a word holds.
 */
static bool box_spread(struct arc x, struct arc y, u64 *spread)
{
	u64 from_x, from_y;

	return !check_mul_overflow(x.hi - x.lo, y.hi, &from_x) &&
	       !check_mul_overflow(x.lo, y.hi - y.lo, &from_y) &&
	       !check_add_overflow(from_x, from_y, spread);
}

/**
 * arc_mul() - Products of two pieces
 * @a: First factor.
 * @b: Second factor.
 * @width: Bits of the operation.
 *
 * Only the spread must fit the circle, the products themselves may wrap. Signs
 * are put back afterwards.
 * Example at 4 bits: 5..6 * 7 is 35..42, spread 7, so the arc 3 -> 10.
 *
 * Context: Any context.
 * Return: Arc of the products.
 */
struct arc arc_mul(struct arc a, struct arc b, unsigned int width)
{
	bool negate = arc_is_negative(a, width) != arc_is_negative(b, width);
	struct arc x = magnitude(a, width), y = magnitude(b, width);
	struct arc product;
	u64 spread;

	if (!box_spread(x, y, &spread) || spread > width_mask(width))
		return arc_full(width);
	product = arc_from(x.lo * y.lo, spread, width);
	return negate ? arc_neg(product, width) : product;
}

/* Quotients in unsigned order; a zero divisor gives zero. */
static struct arc quotients(struct arc a, struct arc b)
{
	if (!b.hi)
		return (struct arc){ 0, 0 };
	return (struct arc){
		.lo = b.lo ? div64_u64(a.lo, b.hi) : 0,
		.hi = div64_u64(a.hi, max(b.lo, 1ULL)),
	};
}

/* Remainders by divisors that are not zero. */
static struct arc proper_remainders(struct arc a, struct arc b)
{
	if (a.hi < b.lo)
		return a;
	if (b.lo == b.hi) {
		u64 below = a.lo - div64_u64(a.lo, b.lo) * b.lo;

		/* No multiple of the divisor between the ends? */
		if (a.hi - a.lo < b.lo - below)
			return (struct arc){ below, below + (a.hi - a.lo) };
	}
	return (struct arc){ 0, min(a.hi, b.hi - 1) };
}

/* Remainders in unsigned order; a zero divisor gives the dividend. */
static struct arc remainders(struct arc a, struct arc b)
{
	struct arc r;

	if (!b.hi)
		return a;
	r = proper_remainders(a, (struct arc){ max(b.lo, 1ULL), b.hi });
	if (!b.lo) {
		r.lo = min(r.lo, a.lo);
		r.hi = max(r.hi, a.hi);
	}
	return r;
}

/**
 * arc_udiv() - Unsigned quotients of two pieces
 * @a: Dividend.
 * @b: Divisor.
 * @width: Bits of the operation.
 *
 * Division grows with the dividend and falls with the divisor.
 *
 * Context: Any context.
 * Return: Arc of the quotients.
 */
struct arc arc_udiv(struct arc a, struct arc b, unsigned int width)
{
	return quotients(a, b);
}

/**
 * arc_umod() - Unsigned remainders of two pieces
 * @a: Dividend.
 * @b: Divisor.
 * @width: Bits of the operation.
 *
 * Context: Any context.
 * Return: Arc of the remainders.
 */
struct arc arc_umod(struct arc a, struct arc b, unsigned int width)
{
	return remainders(a, b);
}

/**
 * arc_sdiv() - Signed quotients of two pieces
 * @a: Dividend.
 * @b: Divisor.
 * @width: Bits of the operation.
 *
 * Truncation means: divide the magnitudes, then give the sign. The smallest
 * number by -1 has the magnitude 2^(w-1), which is the smallest number again,
 * as the instruction wants.
 *
 * Context: Any context.
 * Return: Arc of the quotients.
 */
struct arc arc_sdiv(struct arc a, struct arc b, unsigned int width)
{
	struct arc q = quotients(magnitude(a, width), magnitude(b, width));

	if (arc_is_negative(a, width) != arc_is_negative(b, width))
		q = arc_neg(q, width);
	return q;
}

/**
 * arc_smod() - Signed remainders of two pieces
 * @a: Dividend.
 * @b: Divisor.
 * @width: Bits of the operation.
 *
 * The remainder of the magnitudes with the sign of the dividend.
 *
 * Context: Any context.
 * Return: Arc of the remainders.
 */
struct arc arc_smod(struct arc a, struct arc b, unsigned int width)
{
	struct arc r = remainders(magnitude(a, width), magnitude(b, width));

	return arc_is_negative(a, width) ? arc_neg(r, width) : r;
}

static u64 top_bit(u64 word)
{
	return 1ULL << (fls64(word) - 1);
}

/* The next word above @word that has @bit set and nothing below it. */
static u64 raise_to(u64 word, u64 bit)
{
	return (word | bit) & -bit;
}

/* The next word below @word that has @bit clear and all ones below it. */
static u64 sink_from(u64 word, u64 bit)
{
	return (word - bit) | (bit - 1);
}

/*
 * Smallest x | y. A bit that only one of the two smallest members has is in
 * the result anyhow, so the other member may take it for free and drop all its
 * lower bits, if that stays in range; the highest such bit saves most.
 * Example: 0b0011..0b0101 | 0b0100: raising 0b0011 to 0b0100 gives 0b0100.
 */
static u64 least_or(struct arc a, struct arc b)
{
	u64 lone = a.lo ^ b.lo;

	while (lone) {
		u64 bit = top_bit(lone);
		struct arc *lacks = a.lo & bit ? &b : &a;
		u64 raised = raise_to(lacks->lo, bit);

		if (raised <= lacks->hi) {
			lacks->lo = raised;
			break;
		}
		lone ^= bit;
	}
	return a.lo | b.lo;
}

/*
 * Largest x | y. A bit that both largest members have is needed only once, so
 * one of them may give it up for all ones below it.
 * Example: 0b0001..0b0100 | 0b0100: sinking to 0b0011 gives 0b0111.
 */
static u64 most_or(struct arc a, struct arc b)
{
	u64 twice = a.hi & b.hi;

	while (twice) {
		u64 bit = top_bit(twice);

		if (sink_from(a.hi, bit) >= a.lo)
			return sink_from(a.hi, bit) | b.hi;
		if (sink_from(b.hi, bit) >= b.lo)
			return a.hi | sink_from(b.hi, bit);
		twice ^= bit;
	}
	return a.hi | b.hi;
}

/* Smallest x ^ y: as least_or(), but every bit that can be cancelled counts. */
static u64 least_xor(struct arc a, struct arc b)
{
	u64 lone = a.lo ^ b.lo;

	while (lone) {
		u64 bit = top_bit(lone);
		struct arc *lacks = a.lo & bit ? &b : &a;

		if (raise_to(lacks->lo, bit) <= lacks->hi)
			lacks->lo = raise_to(lacks->lo, bit);
		lone = (a.lo ^ b.lo) & (bit - 1);
	}
	return a.lo ^ b.lo;
}

/*
 * Largest x ^ y: a bit that both have cancels; one of them should sink. Where
 * that leaves it free to take any lower bits, the best are all ones.
 */
static u64 most_xor(struct arc a, struct arc b)
{
	u64 twice = a.hi & b.hi;

	while (twice) {
		u64 bit = top_bit(twice);
		struct arc *sinks = sink_from(a.hi, bit) >= a.lo ? &a : &b;

		if (sink_from(sinks->hi, bit) >= sinks->lo) {
			sinks->hi = sink_from(sinks->hi, bit);
			if ((sinks->hi & -bit) >= sinks->lo)
				return (a.hi ^ b.hi) | (bit - 1);
		}
		twice = a.hi & b.hi & (bit - 1);
	}
	return a.hi ^ b.hi;
}

/**
 * arc_or() - Bitwise or of two pieces
 * @a: First operand.
 * @b: Second operand.
 * @width: Bits of the operation.
 *
 * Context: Any context.
 * Return: Smallest range that holds the results.
 */
struct arc arc_or(struct arc a, struct arc b, unsigned int width)
{
	return (struct arc){ least_or(a, b), most_or(a, b) };
}

/**
 * arc_and() - Bitwise and of two pieces
 * @a: First operand.
 * @b: Second operand.
 * @width: Bits of the operation.
 *
 * x & y = ~(~x | ~y), and complement turns a range round.
 *
 * Context: Any context.
 * Return: Smallest range that holds the results.
 */
struct arc arc_and(struct arc a, struct arc b, unsigned int width)
{
	u64 mask = width_mask(width);
	struct arc x = { ~a.hi & mask, ~a.lo & mask };
	struct arc y = { ~b.hi & mask, ~b.lo & mask };

	return (struct arc){ ~most_or(x, y) & mask, ~least_or(x, y) & mask };
}

/**
 * arc_xor() - Bitwise exclusive or of two pieces
 * @a: First operand.
 * @b: Second operand.
 * @width: Bits of the operation.
 *
 * Context: Any context.
 * Return: Smallest range that holds the results.
 */
struct arc arc_xor(struct arc a, struct arc b, unsigned int width)
{
	return (struct arc){ least_xor(a, b), most_xor(a, b) };
}

/**
 * arc_shl() - Shift a piece left
 * @a: Operand.
 * @amount: Below @width.
 * @width: Bits of the operation.
 *
 * A multiplication by 2^amount: only the shifted steps must fit the circle.
 *
 * Context: Any context.
 * Return: Arc of the results.
 */
struct arc arc_shl(struct arc a, unsigned int amount, unsigned int width)
{
	u64 steps = a.hi - a.lo;

	if (steps > width_mask(width) >> amount)
		return arc_full(width);
	return arc_from(a.lo << amount, steps << amount, width);
}

/**
 * arc_shr() - Logical shift of a piece to the right
 * @a: Operand.
 * @amount: Below @width.
 * @width: Bits of the operation.
 *
 * Context: Any context.
 * Return: Range of the results; the shift keeps unsigned order.
 */
struct arc arc_shr(struct arc a, unsigned int amount, unsigned int width)
{
	return (struct arc){ a.lo >> amount, a.hi >> amount };
}

/**
 * arc_sar() - Arithmetic shift of a piece to the right
 * @a: Operand.
 * @amount: Below @width.
 * @width: Bits of the operation.
 *
 * A negative piece shifts in ones: as the complement of the complement's
 * logical shift, which turns the order round twice.
 *
 * Context: Any context.
 * Return: Range of the results; the shift keeps signed order.
 */
struct arc arc_sar(struct arc a, unsigned int amount, unsigned int width)
{
	u64 flip = arc_is_negative(a, width) ? width_mask(width) : 0;

	return (struct arc){
		.lo = ((a.lo ^ flip) >> amount) ^ flip,
		.hi = ((a.hi ^ flip) >> amount) ^ flip,
	};
}
