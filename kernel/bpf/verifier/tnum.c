// SPDX-License-Identifier: GPL-2.0-only
/*
 * Known-bits numbers: the lattice and the transfer functions.
 *
 * Owns struct tnum (see tnum.h). Invariant of every input and output:
 * value & mask == 0. All functions are pure and work on 64 bits; a narrower
 * number has known zeros above its width, and its caller cuts the result with
 * tnum_keep(). That is right for add, sub, mul, shl and the logic operations,
 * because their low result bits depend on low operand bits only.
 *
 * Sources: J. Regehr, U. Duongsaa, "Deriving abstract transfer functions for
 * analyzing embedded software", LCTES 2006; H. Vishwanathan et al., "Sound,
 * precise, and fast abstract interpretation with tristate numbers", CGO 2022.
 *
 * Must never: depend on kernel state, or on an operand being non-constant.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/types.h>
#include <asm/byteorder.h>

#include "tnum.h"

/* Build from the known bits that are 1 and the bits that are free. */
static struct tnum make(u64 ones, u64 unknown)
{
	return (struct tnum){ .value = ones & ~unknown, .mask = unknown };
}

/**
 * tnum_covers() - Order of the sets
 * @outer: The larger set, perhaps.
 * @inner: The smaller set, perhaps.
 *
 * Each bit known in @outer must be known in @inner and the same.
 *
 * Context: Any context.
 * Return: true if every member of @inner is one of @outer.
 */
bool tnum_covers(struct tnum outer, struct tnum inner)
{
	u64 known = ~outer.mask;

	return !(inner.mask & known) && (inner.value & known) == outer.value;
}

/**
 * tnum_join() - Smallest tnum that holds both sets
 * @a: First set.
 * @b: Second set.
 *
 * A bit stays known where both know it and agree.
 * Example: 0b0010 and 0b0100 give 0b0xx0.
 *
 * Context: Any context.
 * Return: The union, rounded up.
 */
struct tnum tnum_join(struct tnum a, struct tnum b)
{
	return make(a.value, a.mask | b.mask | (a.value ^ b.value));
}

/**
 * tnum_of_range() - Bits that are the same in a whole unsigned range
 * @lo: Smallest word.
 * @hi: Largest word, not below @lo.
 *
 * Counting from @lo to @hi changes no bit above the highest one in which the
 * two differ, and takes that one and possibly all below through both values.
 * Example: 0b1001..0b1100 differ from bit 2 down, so 0b1xxx stays as 0b1xxx
 * with bits 2..0 free.
 *
 * Context: Any context.
 * Return: The smallest tnum that holds the range.
 */
struct tnum tnum_of_range(u64 lo, u64 hi)
{
	unsigned int free_bits = fls64(lo ^ hi);
	u64 unknown = free_bits ? ~0ULL >> (64 - free_bits) : 0;

	return make(lo, unknown);
}

/**
 * tnum_ceil() - Smallest member that is not below a word
 * @t: The set.
 * @from: Where to start.
 * @member: Result.
 *
 * Put the bits of @from where @t is free. If that is @from itself, done. Else
 * look at the highest bit that differs, a known one. If the candidate has it,
 * it is already above @from, and the free bits below go to zero. If @from has
 * it, the free part above must be counted up by one: setting all other bits
 * lets the carry run through to it.
 * Example: @t = 0b1x0x, @from = 0b1010: candidate 0b1000 lacks bit 1, so
 * (0b1000 | 0b1011) + 1 = 0b1100, the answer.
 *
 * Context: Any context.
 * Return: false if all members are below @from.
 */
bool tnum_ceil(struct tnum t, u64 from, u64 *member)
{
	u64 candidate = t.value | (from & t.mask);
	u64 differ = candidate ^ from;
	u64 below, filled;

	if (!differ) {
		*member = from;
		return true;
	}
	below = ~0ULL >> (64 - fls64(differ));
	if (candidate > from) {
		*member = candidate & ~(t.mask & below);
		return true;
	}
	filled = candidate | ~t.mask | below;
	if (filled == ~0ULL)
		return false;
	*member = t.value | ((filled + 1) & t.mask);
	return true;
}

/**
 * tnum_floor() - Largest member that is not above a word
 * @t: The set.
 * @from: Where to start.
 * @member: Result.
 *
 * Complement turns the order round, so this is tnum_ceil() in the mirror.
 *
 * Context: Any context.
 * Return: false if all members are above @from.
 */
bool tnum_floor(struct tnum t, u64 from, u64 *member)
{
	if (!tnum_ceil(tnum_not(t), ~from, member))
		return false;
	*member = ~*member;
	return true;
}

/**
 * tnum_not() - Complement each member
 * @t: The set.
 *
 * Context: Any context.
 * Return: The set of complements, exact.
 */
struct tnum tnum_not(struct tnum t)
{
	return make(~t.value, t.mask);
}

/**
 * tnum_and() - Bitwise and
 * @a: First operand.
 * @b: Second operand.
 *
 * A result bit is 1 if both are known 1, and can be 1 only if both can.
 *
 * Context: Any context.
 * Return: The smallest tnum that holds every result.
 */
struct tnum tnum_and(struct tnum a, struct tnum b)
{
	u64 surely = tnum_min(a) & tnum_min(b);
	u64 possibly = tnum_max(a) & tnum_max(b);

	return make(surely, surely ^ possibly);
}

/**
 * tnum_or() - Bitwise or
 * @a: First operand.
 * @b: Second operand.
 *
 * A result bit is 1 if one is known 1, and can be 1 if one can.
 *
 * Context: Any context.
 * Return: The smallest tnum that holds every result.
 */
struct tnum tnum_or(struct tnum a, struct tnum b)
{
	u64 surely = tnum_min(a) | tnum_min(b);
	u64 possibly = tnum_max(a) | tnum_max(b);

	return make(surely, surely ^ possibly);
}

/**
 * tnum_xor() - Bitwise exclusive or
 * @a: First operand.
 * @b: Second operand.
 *
 * A free bit on either side frees the result bit.
 *
 * Context: Any context.
 * Return: The smallest tnum that holds every result.
 */
struct tnum tnum_xor(struct tnum a, struct tnum b)
{
	return make(a.value ^ b.value, a.mask | b.mask);
}

/**
 * tnum_add() - Sum, wrapping
 * @a: First operand.
 * @b: Second operand.
 *
 * The carry into a bit grows with the operands. If the sum of the smallest and
 * the sum of the largest members have the same carry into a bit, so has every
 * sum; where the operand bits are known, carries show in those two sums.
 * Example: 0b00x + 0b001: smallest sum 001, largest 010; they differ in the two
 * low bits, so 0b0xx.
 *
 * Context: Any context.
 * Return: The smallest tnum that holds every sum.
 */
struct tnum tnum_add(struct tnum a, struct tnum b)
{
	u64 least = tnum_min(a) + tnum_min(b);
	u64 most = tnum_max(a) + tnum_max(b);

	return make(least, (least ^ most) | a.mask | b.mask);
}

/**
 * tnum_sub() - Difference, wrapping
 * @a: Minuend.
 * @b: Subtrahend.
 *
 * As tnum_add(), with borrows: fewest for largest minus smallest, most for
 * smallest minus largest.
 *
 * Context: Any context.
 * Return: The smallest tnum that holds every difference.
 */
struct tnum tnum_sub(struct tnum a, struct tnum b)
{
	u64 most = tnum_max(a) - tnum_min(b);
	u64 least = tnum_min(a) - tnum_max(b);

	return make(most, (most ^ least) | a.mask | b.mask);
}

/* School multiplication: @b is added, or perhaps added, for each bit of @a. */
static struct tnum mul_by_rows(struct tnum a, struct tnum b)
{
	struct tnum sum = tnum_const(0);

	while (tnum_max(a) && tnum_max(b)) {
		if (a.value & 1)
			sum = tnum_add(sum, b);
		else if (a.mask & 1)
			sum = tnum_join(sum, tnum_add(sum, b));
		a = tnum_shr(a, 1);
		b = tnum_shl(b, 1);
	}
	return sum;
}

/**
 * tnum_mul() - Product, wrapping
 * @a: First factor.
 * @b: Second factor.
 *
 * A known 1 bit of one factor adds the shifted other factor, a free bit adds
 * it or not, so the sum before and after are joined. Multiplication commutes,
 * so both orders hold and their meet is taken; the two share every true
 * product, hence the meet is not empty.
 * Example: 0bx1 * 0b011: row 0 gives 0011, row 1 perhaps adds 0110:
 * join(0011, 1001) = 0bx0x1 (3 and 9).
 *
 * Context: Any context.
 * Return: A tnum that holds every product.
 */
struct tnum tnum_mul(struct tnum a, struct tnum b)
{
	struct tnum product = mul_by_rows(a, b);

	tnum_meet(&product, mul_by_rows(b, a));
	return product;
}

/**
 * tnum_mod() - Remainder, signed or not
 * @a: Dividend.
 * @b: Divisor; by zero the remainder is the dividend.
 *
 * The remainder is the dividend less a multiple of the divisor. If all
 * divisors end in n zeros, so do the multiples, and the low n bits of the
 * dividend stay.
 * Example: a multiple of 4, modulo 12, is a multiple of 4.
 *
 * Context: Any context.
 * Return: A tnum that holds every remainder.
 */
struct tnum tnum_mod(struct tnum a, struct tnum b)
{
	u64 multiple = tnum_max(b);
	u64 kept = (multiple & -multiple) - 1;

	return make(a.value, a.mask | ~kept);
}

/**
 * tnum_shl() - Shift left by a constant
 * @t: The set.
 * @amount: Below 64.
 *
 * Context: Any context.
 * Return: The shifted set, exact.
 */
struct tnum tnum_shl(struct tnum t, unsigned int amount)
{
	return (struct tnum){ t.value << amount, t.mask << amount };
}

/**
 * tnum_shr() - Logical shift right by a constant
 * @t: The set.
 * @amount: Below 64.
 *
 * Context: Any context.
 * Return: The shifted set, exact.
 */
struct tnum tnum_shr(struct tnum t, unsigned int amount)
{
	return (struct tnum){ t.value >> amount, t.mask >> amount };
}

/**
 * tnum_sar() - Arithmetic shift right by a constant
 * @t: The set.
 * @amount: Below 64.
 *
 * Both words take their own top bit along: a known sign is copied in @value, a
 * free sign in @mask.
 *
 * Context: Any context.
 * Return: The smallest tnum that holds the shifted set.
 */
struct tnum tnum_sar(struct tnum t, unsigned int amount)
{
	return (struct tnum){ (s64)t.value >> amount, (s64)t.mask >> amount };
}

/**
 * tnum_sext() - Sign-extend the low bits
 * @t: The set.
 * @bits: How many low bits count, 1 to 64.
 *
 * Context: Any context.
 * Return: The smallest tnum that holds the extended low parts.
 */
struct tnum tnum_sext(struct tnum t, unsigned int bits)
{
	return tnum_sar(tnum_shl(t, 64 - bits), 64 - bits);
}

/**
 * tnum_bswap() - Reverse the low bytes
 * @t: The set.
 * @bits: How many low bits count, 16, 32 or 64; those above become zero.
 *
 * Context: Any context.
 * Return: The permuted set, exact.
 */
struct tnum tnum_bswap(struct tnum t, unsigned int bits)
{
	struct tnum whole = { __swab64(t.value), __swab64(t.mask) };

	return tnum_shr(whole, 64 - bits);
}
