/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers for random programs: the same for the same seed.
 */
#ifndef _CHANCE_H
#define _CHANCE_H

#include <linux/types.h>

static u64 chance_state = 88172645463325252ULL;

/* Any number; 0 is as good as 1. */
static inline void chance_begin(u64 seed)
{
	chance_state = seed | 1;
}

static inline u64 random64(void)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return chance_state * 0x2545f4914f6cdd1dULL;
}

static inline u32 below(u32 n)
{
	return (random64() >> 33) % n;
}

/* Mostly values near a power of two, where carries and signs happen. */
static inline u64 operand(void)
{
	u64 value = 1ULL << below(64);

	switch (below(5)) {
	case 0:
		return random64();
	case 1:
		return value + below(3) - 1;
	case 2:
		return -value + below(3) - 1;
	case 3:
		return (u32)random64() >> below(32);
	default:
		return below(70);
	}
}

#endif
