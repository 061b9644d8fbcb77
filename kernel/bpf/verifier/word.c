// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is known about a number at one width.
 *
 * Owns struct word (word.h). A word is the reduced product of a tnum and two
 * ranges, one per half of the number circle. The two ranges say the same as an
 * unsigned and a signed range together, without the overlap between those:
 *
 *	both halves inhabited:	umin = pos.lo  umax = neg.hi
 *				smin = neg.lo  smax = pos.hi
 *	one half only:		umin = smin = its lo, umax = smax = its hi
 *
 * so an intersection of an unsigned and a signed range, which may fall into
 * two arcs, is held as it is.
 *
 * Every binary operation has the same form: take the pieces of both operands,
 * apply the tnum and the arc function to each pair of pieces, and join what
 * comes out. It is sound because the pieces of an operand hold all its
 * members, so each concrete pair is in some pair of pieces, and the tnum and
 * arc functions are sound for those.
 *
 * Must never: return an empty word for operands with members, or rely on a
 * later tightening to make a result right. Tightening only makes it smaller.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include <uapi/linux/bpf.h>

#include "word.h"

static struct tnum tnum_top(unsigned int width)
{
	return (struct tnum){ .mask = width_mask(width) };
}

/**
 * word_unknown() - Any word of a width
 * @x: Result.
 * @width: Bits.
 *
 * Context: Any context.
 */
void word_unknown(struct word *x, unsigned int width)
{
	x->width = width;
	x->bits = tnum_top(width);
	x->half[HALF_POS] = arc_half(HALF_POS, width);
	x->half[HALF_NEG] = arc_half(HALF_NEG, width);
}

/**
 * word_empty() - No word yet, to join results into
 * @x: Result. Its bits mean nothing until the first result is in.
 * @width: Bits.
 *
 * Context: Any context.
 */
void word_empty(struct word *x, unsigned int width)
{
	x->width = width;
	x->bits = tnum_top(width);
	x->half[HALF_POS] = NO_RANGE;
	x->half[HALF_NEG] = NO_RANGE;
}

/* The outer end on the side of @first, else of the other half. */
static const struct arc *inhabited(const struct word *x, enum arc_half first)
{
	if (range_is_empty(x->half[first]))
		first = first == HALF_POS ? HALF_NEG : HALF_POS;
	return &x->half[first];
}

/**
 * word_umin() - Smallest member, unsigned
 * @x: Set with members.
 *
 * Context: Any context.
 * Return: Lower bound of the set.
 */
u64 word_umin(const struct word *x)
{
	return inhabited(x, HALF_POS)->lo;
}

/**
 * word_umax() - Largest member, unsigned
 * @x: Set with members.
 *
 * Context: Any context.
 * Return: Upper bound of the set.
 */
u64 word_umax(const struct word *x)
{
	return inhabited(x, HALF_NEG)->hi;
}

/**
 * word_smin() - Smallest member, signed
 * @x: Set with members.
 *
 * Context: Any context.
 * Return: Lower bound of the set, not sign-extended.
 */
u64 word_smin(const struct word *x)
{
	return inhabited(x, HALF_NEG)->lo;
}

/**
 * word_smax() - Largest member, signed
 * @x: Set with members.
 *
 * Context: Any context.
 * Return: Upper bound of the set, not sign-extended.
 */
u64 word_smax(const struct word *x)
{
	return inhabited(x, HALF_POS)->hi;
}

/**
 * word_is_const() - Is there one member only
 * @x: Set with members.
 *
 * Context: Any context.
 * Return: true if the ranges leave one word.
 */
bool word_is_const(const struct word *x)
{
	return word_umin(x) == word_umax(x);
}

/**
 * word_equal() - Same representation
 * @a: First set.
 * @b: Second set, of the same width.
 *
 * Context: Any context.
 * Return: true if no field differs.
 */
bool word_equal(const struct word *a, const struct word *b)
{
	int h;

	for (h = 0; h < HALVES; h++) {
		if (a->half[h].lo != b->half[h].lo ||
		    a->half[h].hi != b->half[h].hi)
			return false;
	}
	return a->bits.value == b->bits.value && a->bits.mask == b->bits.mask;
}

/* Move the ends of a range inwards to words that fit the known bits; most do. */
static bool fit_bits(struct arc *range, struct tnum bits)
{
	return !range_is_empty(*range) &&
	       (tnum_contains(bits, range->lo) ||
		tnum_ceil(bits, range->lo, &range->lo)) &&
	       (tnum_contains(bits, range->hi) ||
		tnum_floor(bits, range->hi, &range->hi)) &&
	       !range_is_empty(*range);
}

/* Smallest range that holds both; either may be empty. */
static struct arc hull(struct arc a, struct arc b)
{
	if (range_is_empty(a))
		return b;
	if (range_is_empty(b))
		return a;
	return (struct arc){ min(a.lo, b.lo), max(a.hi, b.hi) };
}

/**
 * word_add_arc() - Let the words of an arc in
 * @x: Set to widen; its bits are left alone.
 * @arc: What to add.
 *
 * Context: Any context.
 */
void word_add_arc(struct word *x, struct arc arc)
{
	u64 sign = width_sign(x->width);
	int h = arc.lo & sign ? HALF_NEG : HALF_POS;

	if (arc.lo <= arc.hi && !((arc.lo ^ arc.hi) & sign)) {
		x->half[h] = hull(x->half[h], arc);
		return;
	}
	for (h = 0; h < HALVES; h++) {
		struct arc part = arc_half(h, x->width);

		if (arc_clip(&part, arc))
			x->half[h] = hull(x->half[h], part);
	}
}

/**
 * word_clip() - Keep the words on an arc
 * @x: Set to narrow; its bits are left alone.
 * @arc: What may stay.
 *
 * Context: Any context.
 * Return: false if nothing stays.
 */
bool word_clip(struct word *x, struct arc arc)
{
	int h;

	for (h = 0; h < HALVES; h++) {
		if (!range_is_empty(x->half[h]) && !arc_clip(&x->half[h], arc))
			x->half[h] = NO_RANGE;
	}
	return !word_is_empty(x);
}

/* Is the highest of some bits among others, or below one of them? */
static bool not_above(u64 bits, u64 others)
{
	return (bits & ~others) <= others;
}

/*
 * Do the ranges say nothing about the free bits? So if the highest of them is
 * not the same all through a range; the sign is not, if both halves have words.
 */
static bool bits_stay_free(const struct word *x)
{
	const struct arc *pos = &x->half[HALF_POS], *neg = &x->half[HALF_NEG];

	if (range_is_empty(*pos))
		return not_above(x->bits.mask, neg->lo ^ neg->hi);
	if (range_is_empty(*neg))
		return not_above(x->bits.mask, pos->lo ^ pos->hi);
	return not_above(x->bits.mask & ~width_sign(x->width),
			 (pos->lo ^ pos->hi) | (neg->lo ^ neg->hi));
}

/**
 * word_tighten() - Let bits and ranges narrow each other
 * @x: Set to narrow.
 *
 * The ends of a range move to members of the tnum; then the bits that no
 * inhabited range changes become known. One round: a caller that wants the
 * fixpoint repeats it.
 * Example: bits 0b0xx0, range 3..5: range 4..4, bits 0b0100.
 *
 * Context: Any context.
 * Return: false if nothing is left.
 */
bool word_tighten(struct word *x)
{
	struct tnum seen = x->bits;
	bool first = true;
	int h;

	for (h = 0; h < HALVES; h++)
		if (!fit_bits(&x->half[h], x->bits))
			x->half[h] = NO_RANGE;
	if (word_is_empty(x))
		return false;
	if (bits_stay_free(x))
		return true;
	for (h = 0; h < HALVES; h++) {
		struct tnum part;

		if (range_is_empty(x->half[h]))
			continue;
		part = tnum_of_range(x->half[h].lo, x->half[h].hi);
		seen = first ? part : tnum_join(seen, part);
		first = false;
	}
	return tnum_meet(&x->bits, seen);
}

/**
 * word_join() - Union, rounded up part by part
 * @x: Set that becomes the union; may be empty so far.
 * @other: Set with members, of the same width.
 *
 * Context: Any context.
 */
void word_join(struct word *x, const struct word *other)
{
	int h;

	x->bits = word_is_empty(x) ? other->bits :
				     tnum_join(x->bits, other->bits);
	for (h = 0; h < HALVES; h++)
		x->half[h] = hull(x->half[h], other->half[h]);
}

/**
 * word_meet() - Intersect
 * @x: Set that becomes the intersection.
 * @other: Set to intersect with, of the same width.
 *
 * Context: Any context.
 * Return: false if the intersection was seen to be empty.
 */
bool word_meet(struct word *x, const struct word *other)
{
	int h;

	for (h = 0; h < HALVES; h++) {
		struct arc *range = &x->half[h];
		struct arc by = other->half[h];

		if (range_is_empty(*range) || range_is_empty(by) ||
		    !arc_clip(range, by))
			*range = NO_RANGE;
	}
	return tnum_meet(&x->bits, other->bits) && word_tighten(x);
}

/**
 * word_exclude() - Take one word out, if it stands at an end
 * @x: Set to narrow.
 * @v: The word.
 *
 * Context: Any context.
 * Return: false if nothing is left.
 */
bool word_exclude(struct word *x, u64 v)
{
	int h;

	for (h = 0; h < HALVES; h++) {
		struct arc *range = &x->half[h];

		if (range_is_empty(*range))
			continue;
		if (range->lo == v && range->hi == v)
			*range = NO_RANGE;
		else if (range->lo == v)
			range->lo++;
		else if (range->hi == v)
			range->hi--;
	}
	return word_tighten(x);
}

/* One inhabited half of an operand, with the bits as known there. */
struct piece {
	struct tnum bits;
	struct arc range;
};

static int split(struct piece *piece, const struct word *x)
{
	int h, n = 0;

	for (h = 0; h < HALVES; h++) {
		struct arc range = x->half[h];
		struct tnum bits = x->bits;

		if (fit_bits(&range, bits) &&
		    (not_above(bits.mask, range.lo ^ range.hi) ||
		     tnum_meet(&bits, tnum_of_range(range.lo, range.hi))))
			piece[n++] = (struct piece){ bits, range };
	}
	return n;
}

/* Join one result, known as bits and as an arc, into the set so far. */
static void add_result(struct word *r, struct tnum bits, struct arc arc)
{
	struct word part;

	word_empty(&part, r->width);
	part.bits = tnum_keep(bits, width_mask(r->width));
	word_add_arc(&part, arc);
	if (!word_tighten(&part))
		return;
	word_join(r, &part);
}

/*
 * An operand that stands for no word at all (a contradiction that tightening
 * did not see) allows any answer; unknown is the one that surprises nobody.
 */
static void settle(struct word *r)
{
	if (word_is_empty(r))
		word_unknown(r, r->width);
}

/* How one operation treats a pair of pieces. NULL bits: nothing is known. */
struct binary {
	struct tnum (*bits)(struct tnum a, struct tnum b);
	arc_fn arc;
};

#define OP(code)	(BPF_OP(code) >> 4)

static const struct binary binary_ops[][2] = {
	[OP(BPF_ADD)] = { { tnum_add, arc_add }, { tnum_add, arc_add } },
	[OP(BPF_SUB)] = { { tnum_sub, arc_sub }, { tnum_sub, arc_sub } },
	[OP(BPF_MUL)] = { { tnum_mul, arc_mul }, { tnum_mul, arc_mul } },
	[OP(BPF_DIV)] = { { NULL, arc_udiv }, { NULL, arc_sdiv } },
	[OP(BPF_OR)]  = { { tnum_or, arc_or }, { tnum_or, arc_or } },
	[OP(BPF_AND)] = { { tnum_and, arc_and }, { tnum_and, arc_and } },
	[OP(BPF_MOD)] = { { tnum_mod, arc_umod }, { tnum_mod, arc_smod } },
	[OP(BPF_XOR)] = { { tnum_xor, arc_xor }, { tnum_xor, arc_xor } },
};

/*
 * Is every word a result? Sums, differences, exclusive ors and products by an
 * odd number take each value once while one operand takes each.
 */
static bool gives_any(u8 op, const struct word *a, const struct word *b)
{
	switch (op) {
	case BPF_ADD:
	case BPF_SUB:
	case BPF_XOR:
		return word_is_unknown(a) || word_is_unknown(b);
	case BPF_MUL:
		return (word_is_unknown(a) && (b->bits.value & 1)) ||
		       (word_is_unknown(b) && (a->bits.value & 1));
	default:
		return false;
	}
}

/**
 * word_alu() - Binary operation other than a shift
 * @r: Result; may be one of the operands.
 * @op: BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_MOD, BPF_XOR.
 * @is_signed: Signed form of BPF_DIV and BPF_MOD.
 * @a: Left operand.
 * @b: Right operand, of the same width.
 *
 * Context: Any context.
 */
void word_alu(struct word *r, u8 op, bool is_signed, const struct word *a,
	      const struct word *b)
{
	const struct binary *fn = &binary_ops[OP(op)][is_signed];
	struct piece left[HALVES], right[HALVES];
	unsigned int width = a->width;
	int i, j, lefts, rights;

	if (gives_any(op, a, b)) {
		word_unknown(r, width);
		return;
	}
	lefts = split(left, a);
	rights = split(right, b);
	word_empty(r, width);
	for (i = 0; i < lefts; i++) {
		for (j = 0; j < rights; j++) {
			const struct piece *x = &left[i], *y = &right[j];

			add_result(r,
				   fn->bits ? fn->bits(x->bits, y->bits) :
					      tnum_top(width),
				   fn->arc(x->range, y->range, width));
		}
	}
	settle(r);
}

/* A piece shifted by a known amount below the width. */
static void shift_piece(struct word *r, u8 op, const struct piece *x,
			unsigned int amount)
{
	unsigned int width = r->width;
	struct tnum bits = x->bits;

	if (op == BPF_LSH)
		add_result(r, tnum_shl(bits, amount),
			   arc_shl(x->range, amount, width));
	else if (op == BPF_RSH)
		add_result(r, tnum_shr(bits, amount),
			   arc_shr(x->range, amount, width));
	else
		add_result(r, tnum_sar(tnum_sext(bits, width), amount),
			   arc_sar(x->range, amount, width));
}

/**
 * word_shift() - Shift by a set of amounts
 * @r: Result; may be @a.
 * @op: BPF_LSH, BPF_RSH or BPF_ARSH.
 * @a: Operand.
 * @amount: Amounts, of any width; all members are below @limit.
 * @limit: Bound of the amounts, at least the width of @a.
 *
 * There are at most 64 amounts: each that @amount may be is tried, so only
 * shifts by constants need a transfer function. @limit above the width is for
 * the low half of a wider BPF_LSH, where nothing is left of large amounts.
 *
 * Context: Any context.
 */
void word_shift(struct word *r, u8 op, const struct word *a,
		const struct word *amount, unsigned int limit)
{
	u64 last = min_t(u64, word_umax(amount), limit - 1);
	struct piece piece[HALVES];
	int i, pieces = split(piece, a);
	unsigned int width = a->width;
	u64 n;

	word_empty(r, width);
	for (n = word_umin(amount); n <= last; n++) {
		if (!tnum_contains(amount->bits, n))
			continue;
		if (n >= width) {
			add_result(r, tnum_const(0), (struct arc){ 0, 0 });
			break;
		}
		for (i = 0; i < pieces; i++)
			shift_piece(r, op, &piece[i], n);
	}
	settle(r);
}
