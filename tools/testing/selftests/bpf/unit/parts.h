/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of the scalar domain's parts share. */
#ifndef _UNIT_PARTS_H
#define _UNIT_PARTS_H

#include <stdio.h>
#include <stdlib.h>

#include "concrete.h"
#include "tap.h"

static u64 parts_seed = 88172645463325252ULL;

static inline u64 parts_random(void)
{
	parts_seed ^= parts_seed << 13;
	parts_seed ^= parts_seed >> 7;
	parts_seed ^= parts_seed << 17;
	return parts_seed * 0x2545f4914f6cdd1dULL;
}

static inline unsigned int parts_below(unsigned int n)
{
	return (parts_random() >> 33) % n;
}

/* Random, small, or near a power of two. */
static inline u64 parts_word(void)
{
	u64 power = 1ULL << parts_below(64);

	switch (parts_below(4)) {
	case 0:
		return parts_random();
	case 1:
		return parts_random() >> parts_below(64);
	case 2:
		return power + parts_below(5) - 2;
	default:
		return 0 - power + parts_below(5) - 2;
	}
}

static inline void swap_words(u64 *a, u64 *b)
{
	u64 t = *a;

	*a = *b;
	*b = t;
}

static inline void parts_result(const char *name, unsigned long wrong)
{
	char text[160];

	if (wrong)
		printf("# %lu wrong\n", wrong);
	snprintf(text, sizeof(text), "%s: sound", name);
	tap_result(!wrong, text);
}

#endif
