/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arcs of the number circle. The 2^width words of one width stand on a circle;
 * an arc is what is met when walking up from @lo to @hi, both included, past
 * the top to zero if need be. No arc is empty.
 *
 * The circle is cut at its two poles, between -1 and 0 and between the largest
 * and the smallest signed word, into two halves: HALF_POS and HALF_NEG. Inside
 * one half, signed and unsigned order agree.
 */
#ifndef _BPF_VERIFIER_ARC_H
#define _BPF_VERIFIER_ARC_H

#include <linux/types.h>

enum arc_half {
	HALF_POS,
	HALF_NEG,
	HALVES,
};

struct arc {
	u64 lo;
	u64 hi;
};

/* All ones, and the sign bit, of a width of 1 to 64 bits. */
static inline u64 width_mask(unsigned int width)
{
	return ~0ULL >> (64 - width);
}

static inline u64 width_sign(unsigned int width)
{
	return 1ULL << (width - 1);
}

/* is_power_of_2() looks at a long only. */
static inline bool is_single_bit(u64 word)
{
	return word && !(word & (word - 1));
}

static inline struct arc arc_full(unsigned int width)
{
	return (struct arc){ 0, width_mask(width) };
}

static inline struct arc arc_half(enum arc_half half, unsigned int width)
{
	u64 sign = width_sign(width);

	return half == HALF_POS ? (struct arc){ 0, sign - 1 } :
				  (struct arc){ sign, width_mask(width) };
}

/*
 * A transfer function takes two arcs that each lie in one half and gives an
 * arc that holds every result; the result may lie anywhere.
 */
typedef struct arc (*arc_fn)(struct arc a, struct arc b, unsigned int width);

bool arc_clip(struct arc *range, struct arc by);

struct arc arc_add(struct arc a, struct arc b, unsigned int width);
struct arc arc_sub(struct arc a, struct arc b, unsigned int width);
struct arc arc_mul(struct arc a, struct arc b, unsigned int width);
struct arc arc_udiv(struct arc a, struct arc b, unsigned int width);
struct arc arc_umod(struct arc a, struct arc b, unsigned int width);
struct arc arc_sdiv(struct arc a, struct arc b, unsigned int width);
struct arc arc_smod(struct arc a, struct arc b, unsigned int width);
struct arc arc_and(struct arc a, struct arc b, unsigned int width);
struct arc arc_or(struct arc a, struct arc b, unsigned int width);
struct arc arc_xor(struct arc a, struct arc b, unsigned int width);
struct arc arc_shl(struct arc a, unsigned int amount, unsigned int width);
struct arc arc_shr(struct arc a, unsigned int amount, unsigned int width);
struct arc arc_sar(struct arc a, unsigned int amount, unsigned int width);

#endif /* _BPF_VERIFIER_ARC_H */
