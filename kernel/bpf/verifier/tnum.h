/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known-bits numbers. A tnum stands for a set of 64-bit words: bit i of every
 * member is bit i of @value where bit i of @mask is clear, and free where it is
 * set. A well-formed tnum has value & mask == 0, so it is never empty.
 *
 * Pure functions over the two words; they build in user space.
 */
#ifndef _BPF_VERIFIER_TNUM_H
#define _BPF_VERIFIER_TNUM_H

#include <linux/types.h>

struct tnum {
	u64 value;
	u64 mask;
};

static inline struct tnum tnum_const(u64 value)
{
	return (struct tnum){ .value = value };
}

static inline struct tnum tnum_unknown(void)
{
	return (struct tnum){ .mask = ~0ULL };
}

static inline bool tnum_is_const(struct tnum t)
{
	return !t.mask;
}

/* The smallest and the largest member, in unsigned order. */
static inline u64 tnum_min(struct tnum t)
{
	return t.value;
}

static inline u64 tnum_max(struct tnum t)
{
	return t.value | t.mask;
}

static inline bool tnum_contains(struct tnum t, u64 v)
{
	return (v & ~t.mask) == t.value;
}

/* Every member is a multiple of @size, a power of two. */
static inline bool tnum_is_aligned(struct tnum t, u64 size)
{
	return !(tnum_max(t) & (size - 1));
}

/**
 * tnum_meet() - Intersect
 * @t: Set that becomes the intersection.
 * @other: Set to intersect with.
 *
 * Context: Any context.
 * Return: false, with @t unchanged, if no word is in both.
 */
static inline bool tnum_meet(struct tnum *t, struct tnum other)
{
	u64 known_twice = ~(t->mask | other.mask);

	if ((t->value ^ other.value) & known_twice)
		return false;
	t->mask &= other.mask;
	t->value |= other.value;
	return true;
}

/* Forget all but the bits of @keep; the others become known zeros. */
static inline struct tnum tnum_keep(struct tnum t, u64 keep)
{
	return (struct tnum){ t.value & keep, t.mask & keep };
}

bool tnum_covers(struct tnum outer, struct tnum inner);
struct tnum tnum_join(struct tnum a, struct tnum b);

struct tnum tnum_of_range(u64 lo, u64 hi);
bool tnum_ceil(struct tnum t, u64 from, u64 *member);
bool tnum_floor(struct tnum t, u64 from, u64 *member);

struct tnum tnum_not(struct tnum t);
struct tnum tnum_and(struct tnum a, struct tnum b);
struct tnum tnum_or(struct tnum a, struct tnum b);
struct tnum tnum_xor(struct tnum a, struct tnum b);
struct tnum tnum_add(struct tnum a, struct tnum b);
struct tnum tnum_sub(struct tnum a, struct tnum b);
struct tnum tnum_mul(struct tnum a, struct tnum b);
struct tnum tnum_mod(struct tnum a, struct tnum b);
struct tnum tnum_shl(struct tnum t, unsigned int amount);
struct tnum tnum_shr(struct tnum t, unsigned int amount);
struct tnum tnum_sar(struct tnum t, unsigned int amount);
struct tnum tnum_sext(struct tnum t, unsigned int bits);
struct tnum tnum_bswap(struct tnum t, unsigned int bits);

#endif /* _BPF_VERIFIER_TNUM_H */
