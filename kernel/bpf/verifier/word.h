/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known about a number at one width: known bits, and a range in each
 * half of the number circle. Internal to the scalar domain.
 */
#ifndef _BPF_VERIFIER_WORD_H
#define _BPF_VERIFIER_WORD_H

#include <linux/types.h>

#include "arc.h"
#include "tnum.h"

/*
 * The members are the words that fit @bits and lie in one of the two ranges.
 * half[HALF_POS] has the sign bit clear, half[HALF_NEG] has it set; a half
 * without members is NO_RANGE. Both are words of @width bits, zero above.
 */
struct word {
	unsigned int width;
	struct tnum bits;
	struct arc half[HALVES];
};

#define NO_RANGE	((struct arc){ .lo = 1, .hi = 0 })

static inline bool range_is_empty(struct arc range)
{
	return range.lo > range.hi;
}

static inline bool word_is_empty(const struct word *x)
{
	return range_is_empty(x->half[HALF_POS]) &&
	       range_is_empty(x->half[HALF_NEG]);
}

/* May it be any word of its width? */
static inline bool word_is_unknown(const struct word *x)
{
	u64 mask = width_mask(x->width), sign = width_sign(x->width);

	return x->bits.mask == mask && !x->half[HALF_POS].lo &&
	       x->half[HALF_POS].hi == sign - 1 &&
	       x->half[HALF_NEG].lo == sign && x->half[HALF_NEG].hi == mask;
}

void word_unknown(struct word *x, unsigned int width);
void word_empty(struct word *x, unsigned int width);

u64 word_umin(const struct word *x);
u64 word_umax(const struct word *x);
u64 word_smin(const struct word *x);
u64 word_smax(const struct word *x);
bool word_is_const(const struct word *x);
bool word_equal(const struct word *a, const struct word *b);

void word_add_arc(struct word *x, struct arc arc);
bool word_clip(struct word *x, struct arc arc);
bool word_tighten(struct word *x);
void word_join(struct word *x, const struct word *other);
bool word_meet(struct word *x, const struct word *other);
bool word_exclude(struct word *x, u64 v);

void word_alu(struct word *r, u8 op, bool is_signed, const struct word *a,
	      const struct word *b);
void word_shift(struct word *r, u8 op, const struct word *a,
		const struct word *amount, unsigned int limit);

#endif /* _BPF_VERIFIER_WORD_H */
