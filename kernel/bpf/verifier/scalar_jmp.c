// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scalar domain: what conditional jumps tell about numbers.
 *
 * Owns the refinement of both sides of a comparison by its outcome, and the
 * verdict which outcomes are possible. The verdict is made of refinements, so
 * the two cannot disagree: an edge is impossible exactly if refining by it
 * leaves one side without members.
 *
 * Soundness: a refinement takes a word from one side only if the comparison
 * fails for it with every member of the other side.
 *
 *	x == y	both become the intersection
 *	x != y	if one side is one word, the other loses it where it is an end
 *	x < y	x stays below the largest y, y above the smallest x, in the
 *		order of the comparison; either order is an arc from a pole
 *	x & y	what the AND of both can be must allow the outcome; then
 *		set: neither side is 0, and if only one bit can be in both, both
 *		have it; clear: a bit that one side surely has, the other lacks
 *
 * Nothing here knows whether the two sides are the same register; that x == x
 * always holds is for the caller to see.
 */
#include <linux/minmax.h>
#include <linux/types.h>
#include <uapi/linux/bpf.h>

#include "scalar_parts.h"

enum relation {
	REL_NONE,
	REL_EQ,
	REL_NE,
	REL_LT,
	REL_LE,
	REL_SET,
	REL_CLEAR,
};

/* What holds on one edge; with @swap, of the source and the destination. */
struct edge {
	enum relation relation;
	bool is_signed;
	bool swap;
};

#define OP(code)	(BPF_OP(code) >> 4)

/* [operation][is it taken] */
static const struct edge edges[16][2] = {
	[OP(BPF_JEQ)]  = { { REL_NE }, { REL_EQ } },
	[OP(BPF_JNE)]  = { { REL_EQ }, { REL_NE } },
	[OP(BPF_JSET)] = { { REL_CLEAR }, { REL_SET } },
	[OP(BPF_JGT)]  = { { REL_LE, false, false }, { REL_LT, false, true } },
	[OP(BPF_JGE)]  = { { REL_LT, false, false }, { REL_LE, false, true } },
	[OP(BPF_JLT)]  = { { REL_LE, false, true }, { REL_LT, false, false } },
	[OP(BPF_JLE)]  = { { REL_LT, false, true }, { REL_LE, false, false } },
	[OP(BPF_JSGT)] = { { REL_LE, true, false }, { REL_LT, true, true } },
	[OP(BPF_JSGE)] = { { REL_LT, true, false }, { REL_LE, true, true } },
	[OP(BPF_JSLT)] = { { REL_LE, true, true }, { REL_LT, true, false } },
	[OP(BPF_JSLE)] = { { REL_LT, true, true }, { REL_LE, true, false } },
};

static bool refine_ne(struct word *x, struct word *y)
{
	if (word_is_const(x))
		return word_exclude(y, word_umin(x));
	if (word_is_const(y))
		return word_exclude(x, word_umin(y));
	return true;
}

/*
 * x < y, or x <= y if @orequal. Walking up from the pole where the order
 * begins: x is on the arc from there to the largest y, y on the arc from the
 * smallest x to where the order ends.
 */
static bool refine_less(struct word *x, struct word *y, bool is_signed,
			bool orequal)
{
	u64 mask = width_mask(x->width);
	u64 first = is_signed ? width_sign(x->width) : 0;
	u64 last = (first - 1) & mask;
	u64 top = is_signed ? word_smax(y) : word_umax(y);
	u64 bottom = is_signed ? word_smin(x) : word_umin(x);

	if (!orequal) {
		if (top == first || bottom == last)
			return false;
		top = (top - 1) & mask;
		bottom = (bottom + 1) & mask;
	}
	return word_clip(x, (struct arc){ first, top }) &&
	       word_clip(y, (struct arc){ bottom, last });
}

static bool refine_set(struct word *x, struct word *y)
{
	u64 common = tnum_max(x->bits) & tnum_max(y->bits);
	struct tnum has = { .value = common, .mask = ~common };
	struct word both;

	word_alu(&both, BPF_AND, false, x, y);
	if (!word_exclude(&both, 0))
		return false;
	if (is_single_bit(common) &&
	    (!tnum_meet(&x->bits, has) || !tnum_meet(&y->bits, has)))
		return false;
	return word_exclude(x, 0) && word_exclude(y, 0);
}

static bool refine_clear(struct word *x, struct word *y)
{
	struct tnum lacks_x = { .mask = ~x->bits.value };
	struct tnum lacks_y = { .mask = ~y->bits.value };
	struct word both;

	word_alu(&both, BPF_AND, false, x, y);
	if (!word_clip(&both, (struct arc){ 0, 0 }))
		return false;
	return tnum_meet(&x->bits, lacks_y) && tnum_meet(&y->bits, lacks_x);
}

static bool refine_words(const struct edge *edge, struct word *x,
			 struct word *y)
{
	switch (edge->relation) {
	case REL_EQ:
		if (!word_meet(x, y))
			return false;
		*y = *x;
		return true;
	case REL_NE:
		return refine_ne(x, y);
	case REL_LT:
	case REL_LE:
		return refine_less(x, y, edge->is_signed,
				   edge->relation == REL_LE);
	case REL_SET:
		return refine_set(x, y);
	case REL_CLEAR:
		return refine_clear(x, y);
	default:
		return true;
	}
}

/* The comparison saw one width; let the rest of the scalar follow. */
static bool seal_side(struct scalar *s, struct word *x, bool is32)
{
	struct word other;

	if (is32) {
		scalar_wide(&other, s);
		return scalar_seal(s, &other, x);
	}
	scalar_low(&other, s);
	return scalar_seal(s, x, &other);
}

/**
 * scalar_refine() - Narrow both sides of a comparison by its outcome
 * @op: BPF_JEQ, BPF_JNE, BPF_JSET, or an ordered comparison.
 * @is32: Compares the low halves.
 * @taken: Did the comparison hold?
 * @a: Left side (destination register).
 * @b: Right side (source). Must be another object than @a: for a comparison of
 *     a register with itself or with an equal one pass a copy, then take the
 *     meet of both results.
 *
 * Context: Any context.
 * Return: false if the outcome is impossible; @a and @b are then unspecified.
 */
bool scalar_refine(u8 op, bool is32, bool taken, struct scalar *a,
		   struct scalar *b)
{
	const struct edge *edge = &edges[OP(op)][taken];
	void (*open)(struct word *x, const struct scalar *s) =
		is32 ? scalar_low : scalar_wide;
	struct word x, y;

	if (edge->relation == REL_EQ && !is32) {
		if (!scalar_meet(a, a, b))
			return false;
		*b = *a;
		return true;
	}
	if (edge->swap)
		swap(a, b);
	open(&x, a);
	open(&y, b);
	return refine_words(edge, &x, &y) &&
	       seal_side(a, &x, is32) && seal_side(b, &y, is32);
}

/**
 * scalar_branch() - Which outcomes can a comparison have
 * @op: As for scalar_refine().
 * @is32: Compares the low halves.
 * @a: Left side.
 * @b: Right side.
 *
 * Context: Any context.
 * Return: BRANCH_NEVER, BRANCH_ALWAYS or BRANCH_MAYBE.
 */
int scalar_branch(u8 op, bool is32, const struct scalar *a,
		  const struct scalar *b)
{
	struct scalar x = *a, y = *b;

	if (!scalar_refine(op, is32, true, &x, &y))
		return BRANCH_NEVER;
	x = *a;
	y = *b;
	return scalar_refine(op, is32, false, &x, &y) ? BRANCH_MAYBE :
						       BRANCH_ALWAYS;
}
