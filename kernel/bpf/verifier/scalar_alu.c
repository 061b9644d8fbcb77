// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scalar domain: what instructions do to numbers.
 *
 * Owns the transfer functions of ALU, extension and byte-order instructions
 * with RFC 9669's meaning of the corner cases: division by zero gives zero,
 * the remainder by zero is the dividend, the smallest number by -1 is itself,
 * shift amounts count modulo the width, 32-bit results are zero-extended.
 *
 * Why each operation is sound (w is the width it works at)
 * --------------------------------------------------------
 *	ADD, SUB   carries are monotone in the operands; arc lengths add up
 *	MUL	   rows are joined with and without each free bit; products of a
 *		   box differ from its corner by at most the spread, mod 2^w
 *	NEG	   is 0 - x
 *	DIV, MOD   unsigned division is monotone in both arguments; a zero
 *		   divisor is taken out and joined (0, or the dividend);
 *		   by 2^k they are RSH and AND
 *		   x mod y is x less a multiple of y: low bits stay where y is
 *		   known to have zeros
 *	SDIV, SMOD on magnitudes, which a piece has in one order; then the sign
 *	AND, OR, XOR  bitwise; exact bounds of a box of two ranges (Warren)
 *	LSH, RSH, ARSH  the amounts are enumerated after masking with w - 1;
 *		   an LSH of 32 or more uses what the low half knows
 *	64-bit ADD, SUB, MUL, AND, OR, XOR, NEG, LSH  the low half of the result
 *		   depends on the low halves only: computed from them as well
 *	32-bit forms  work on the low halves; the result is zero-extended
 *	zext, sext the low part is cut out as a word of that width, then each of
 *		   its halves is extended, where extension keeps the order
 *	bswap	   a permutation of bits
 *
 * Must never: touch the fields of a scalar, or narrow a result by anything but
 * the operands.
 */
#include <linux/log2.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#include <uapi/linux/bpf.h>

#include "scalar_parts.h"

static bool is_shift(u8 op)
{
	return op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH;
}

/* Does the low half of the result depend on the low halves only? */
static bool keeps_low(u8 op)
{
	return op != BPF_DIV && op != BPF_MOD && op != BPF_RSH &&
	       op != BPF_ARSH;
}

static void const_word(struct word *x, u64 v, unsigned int width)
{
	word_empty(x, width);
	x->bits = tnum_const(v);
	word_add_arc(x, (struct arc){ v, v });
}

/* The amounts that a shift at a width really uses. */
static void shift_amounts(struct word *r, const struct word *b,
			  unsigned int width)
{
	struct word mask;

	if (word_is_const(b)) {
		const_word(r, word_umin(b) & (width - 1), b->width);
		return;
	}
	const_word(&mask, width - 1, b->width);
	word_alu(r, BPF_AND, false, b, &mask);
}

/* Unsigned division by 2^k: the shift and the mask know the bits. */
static bool divide_by_power(struct word *r, u8 op, const struct word *a,
			    const struct word *b)
{
	u64 divisor = word_umin(b);
	struct word by;

	if (!word_is_const(b) || !is_single_bit(divisor))
		return false;
	if (op == BPF_DIV) {
		const_word(&by, ilog2(divisor), a->width);
		word_shift(r, BPF_RSH, a, &by, a->width);
	} else {
		const_word(&by, divisor - 1, a->width);
		word_alu(r, BPF_AND, false, a, &by);
	}
	return true;
}

/* What an instruction other than a division does to two words. */
static u64 alu_words(u8 op, u64 x, u64 y, unsigned int width)
{
	unsigned int amount = y & (width - 1);

	switch (op) {
	case BPF_ADD:
		return x + y;
	case BPF_SUB:
		return x - y;
	case BPF_MUL:
		return x * y;
	case BPF_OR:
		return x | y;
	case BPF_AND:
		return x & y;
	case BPF_XOR:
		return x ^ y;
	case BPF_LSH:
		return x << amount;
	case BPF_RSH:
		return x >> amount;
	default:
		return tnum_sar(tnum_sext(tnum_const(x), width), amount).value;
	}
}

/* Two words that are known give one that is. */
static bool alu_known(struct scalar *dst, u8 op, bool is64,
		      const struct scalar *a, const struct scalar *b)
{
	unsigned int width = is64 ? SCALAR_WIDE : SCALAR_LOW;
	u64 mask = width_mask(width);

	if (op == BPF_DIV || op == BPF_MOD ||
	    !scalar_is_const(a) || !scalar_is_const(b))
		return false;
	scalar_const(dst, alu_words(op, scalar_const_value(a) & mask,
				    scalar_const_value(b) & mask, width) & mask);
	return true;
}

/* Any operation, at the width of its operands. */
static void alu(struct word *r, u8 op, bool is_signed, const struct word *a,
		const struct word *b)
{
	struct word amounts;

	if (is_shift(op)) {
		shift_amounts(&amounts, b, a->width);
		word_shift(r, op, a, &amounts, a->width);
		return;
	}
	if ((op == BPF_DIV || op == BPF_MOD) && !is_signed &&
	    divide_by_power(r, op, a, b))
		return;
	word_alu(r, op, is_signed, a, b);
}

/* A narrower word, sign-extended to a larger width. */
static void sign_extend(struct word *r, const struct word *x,
			unsigned int width)
{
	u64 fill = width_mask(width) & ~width_mask(x->width);
	struct arc neg = x->half[HALF_NEG];

	word_empty(r, width);
	r->bits = tnum_keep(tnum_sext(x->bits, x->width), width_mask(width));
	r->half[HALF_POS] = x->half[HALF_POS];
	if (!range_is_empty(neg))
		r->half[HALF_NEG] = (struct arc){ neg.lo | fill, neg.hi | fill };
}

/*
 * A shift to the left by 32 or more leaves no trace of the upper half, so what
 * is known of the low half alone holds for a word with the same low half and
 * any other upper one, also for the sign extension. This is what keeps bounds
 * through the compilers' idiom of two shifts by 32.
 * Example: the low half is in -5..5, nothing else is known. `r <<= 32` gives
 * -5 * 2^32 .. 5 * 2^32, and `r s>>= 32` then -5..5.
 */
static void drop_upper_half(struct word *wide_a, const struct word *low_a,
			    const struct word *wide_b)
{
	struct word amounts;

	shift_amounts(&amounts, wide_b, SCALAR_WIDE);
	if (word_umin(&amounts) >= SCALAR_WIDE - SCALAR_LOW)
		sign_extend(wide_a, low_a, SCALAR_WIDE);
}

/* The low half of a result at full width; @wide_b gives the shift amounts. */
static void alu_low_half(struct word *r, u8 op, const struct word *a,
			 const struct word *b, const struct word *wide_b)
{
	struct word amounts;

	if (op == BPF_LSH) {
		shift_amounts(&amounts, wide_b, SCALAR_WIDE);
		word_shift(r, op, a, &amounts, SCALAR_WIDE);
	} else if (keeps_low(op)) {
		word_alu(r, op, false, a, b);
	} else {
		word_unknown(r, SCALAR_LOW);
	}
}

/* A narrower word becomes the whole, zeros above it. */
static void seal_zext(struct scalar *s, const struct word *x)
{
	struct word wide, low;
	int h;

	word_empty(&wide, SCALAR_WIDE);
	wide.bits = x->bits;
	for (h = 0; h < HALVES; h++) {
		if (!range_is_empty(x->half[h]))
			word_add_arc(&wide, x->half[h]);
	}
	if (x->width == SCALAR_LOW)
		low = *x;
	else
		word_unknown(&low, SCALAR_LOW);
	scalar_seal_result(s, &wide, &low);
}

/**
 * scalar_alu() - Arithmetic and logic instructions
 * @dst: Result; may be an operand.
 * @op: BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_MOD, BPF_OR, BPF_AND, BPF_XOR,
 *	BPF_LSH, BPF_RSH, BPF_ARSH or BPF_NEG. BPF_MOV is assignment, with
 *	scalar_zext() or scalar_sext().
 * @is64: Full width; else on the low halves, and zero-extended.
 * @is_signed_divmod: BPF_DIV and BPF_MOD are signed.
 * @a: Destination register before the instruction.
 * @b: Source; not used by BPF_NEG, and may be NULL there.
 *
 * Context: Any context.
 */
void scalar_alu(struct scalar *dst, u8 op, bool is64, bool is_signed_divmod,
		const struct scalar *a, const struct scalar *b)
{
	struct word wide, low, wide_a, wide_b, low_a, low_b;
	bool is_signed = is_signed_divmod && (op == BPF_DIV || op == BPF_MOD);
	struct scalar zero;

	if (op == BPF_NEG) {
		scalar_const(&zero, 0);
		b = a;
		a = &zero;
		op = BPF_SUB;
	}
	if (alu_known(dst, op, is64, a, b))
		return;
	scalar_low(&low_a, a);
	scalar_low(&low_b, b);
	if (!is64) {
		alu(&low, op, is_signed, &low_a, &low_b);
		seal_zext(dst, &low);
		return;
	}
	scalar_wide(&wide_a, a);
	scalar_wide(&wide_b, b);
	if (op == BPF_LSH)
		drop_upper_half(&wide_a, &low_a, &wide_b);
	alu(&wide, op, is_signed, &wide_a, &wide_b);
	if (tnum_is_const(wide.bits)) {
		scalar_const(dst, wide.bits.value);
		return;
	}
	alu_low_half(&low, op, &low_a, &low_b, &wide_b);
	scalar_seal_result(dst, &wide, &low);
}

/*
 * Cut out the low part as a word of its own. A range longer than the part sees
 * every value of it; a shorter one projects to an arc.
 */
static void low_part(struct word *x, const struct scalar *s, unsigned int bits)
{
	u64 mask = width_mask(bits);
	struct word low;
	int h;

	scalar_low(&low, s);
	if (bits == SCALAR_LOW) {
		*x = low;
		return;
	}
	word_empty(x, bits);
	x->bits = tnum_keep(low.bits, mask);
	for (h = 0; h < HALVES; h++) {
		struct arc range = low.half[h];

		if (range_is_empty(range))
			continue;
		if (range.hi - range.lo < mask) {
			range.lo &= mask;
			range.hi &= mask;
		} else {
			range = arc_full(bits);
		}
		word_add_arc(x, range);
	}
	if (word_is_empty(x) || !word_tighten(x))
		word_unknown(x, bits);
}

/**
 * scalar_zext() - Keep the low bits, zeros above
 * @s: The scalar.
 * @bits: 8, 16 or 32; 64 changes nothing.
 *
 * Context: Any context.
 */
void scalar_zext(struct scalar *s, unsigned int bits)
{
	struct word part;

	if (bits >= SCALAR_WIDE)
		return;
	if (scalar_is_const(s)) {
		scalar_const(s, scalar_const_value(s) & width_mask(bits));
		return;
	}
	low_part(&part, s, bits);
	seal_zext(s, &part);
}

/**
 * scalar_sext() - Sign-extend the low bits
 * @s: The scalar.
 * @bits: 8, 16 or 32; 64 changes nothing.
 * @to32: Extend to 32 bits and zero the upper half, as 32-bit moves do.
 *
 * Context: Any context.
 */
void scalar_sext(struct scalar *s, unsigned int bits, bool to32)
{
	struct word part, wide, low;

	if (bits >= SCALAR_WIDE)
		return;
	low_part(&part, s, bits);
	if (to32) {
		sign_extend(&low, &part, SCALAR_LOW);
		seal_zext(s, &low);
		return;
	}
	sign_extend(&wide, &part, SCALAR_WIDE);
	word_unknown(&low, SCALAR_LOW);
	scalar_seal_result(s, &wide, &low);
}

/**
 * scalar_bswap() - Reverse the low bytes, zeros above
 * @s: The scalar.
 * @bits: 16, 32 or 64.
 *
 * Context: Any context.
 */
void scalar_bswap(struct scalar *s, unsigned int bits)
{
	struct word wide, low;

	word_unknown(&wide, SCALAR_WIDE);
	word_unknown(&low, SCALAR_LOW);
	wide.bits = tnum_bswap(scalar_tnum(s), bits);
	scalar_seal_result(s, &wide, &low);
}

static bool host_is_big_endian(void)
{
	return (__force __u16)__cpu_to_be16(1) == 1;
}

/**
 * scalar_to_be() - Convert from the host's to big-endian order
 * @s: The scalar.
 * @bits: 16, 32 or 64.
 *
 * Context: Any context.
 */
void scalar_to_be(struct scalar *s, unsigned int bits)
{
	if (host_is_big_endian())
		scalar_zext(s, bits);
	else
		scalar_bswap(s, bits);
}

/**
 * scalar_to_le() - Convert from the host's to little-endian order
 * @s: The scalar.
 * @bits: 16, 32 or 64.
 *
 * Context: Any context.
 */
void scalar_to_le(struct scalar *s, unsigned int bits)
{
	if (host_is_big_endian())
		scalar_bswap(s, bits);
	else
		scalar_zext(s, bits);
}
