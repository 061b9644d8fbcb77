/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the exhaustive checks at small widths share: lists of all abstract
 * values there are, the members of one, and a line of the report.
 */
#ifndef _PROOF_NARROW_H
#define _PROOF_NARROW_H

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "concrete.h"
#include "scalar_parts.h"
#include "tap.h"

/* Is the large form wanted? Set by the first argument. */
static bool deep;
/* How many pairs of operands and how many concrete words were tried. */
static unsigned long operands, tried;
static clock_t began;

/* Returns true if the rest of a sweep is worth doing. */
static inline void report(const char *what, const char *name,
			  unsigned int width, bool good)
{
	char text[120];

	printf("# %s %s, %u bits: %lu operands, %lu concrete, %.1f s\n", what,
	       name, width, operands, tried,
	       (double)(clock() - began) / CLOCKS_PER_SEC);
	snprintf(text, sizeof(text), "%s %s is sound at %u bits", what, name,
		 width);
	tap_result(good && tried, text);
	operands = 0;
	tried = 0;
	began = clock();
}

/* The first operands for which something does not hold. */
static inline bool wrong(const char *what, u64 a, u64 b, u64 x, u64 y)
{
	printf("# wrong: %s of operands %#llx and %#llx, words %#llx %#llx\n",
	       what, (unsigned long long)a, (unsigned long long)b,
	       (unsigned long long)x, (unsigned long long)y);
	return false;
}

/* Walks the members of @t: x = first; do ... while (next_member(t, &x)). */
static inline bool next_member(struct tnum t, u64 *x)
{
	*x = t.value | ((*x - t.value - t.mask) & t.mask);
	return *x != t.value;
}

static inline unsigned int list_tnums(struct tnum *found, unsigned int width)
{
	unsigned int n = 0;
	u64 mask, value;

	for (mask = 0; mask <= ones(width); mask++)
		for (value = 0; value <= ones(width); value++)
			if (!(value & mask))
				found[n++] = (struct tnum){ value, mask };
	return n;
}

/* Ranges of one half, none among them. */
static inline unsigned int list_halves(struct arc *found, int half,
				       unsigned int width)
{
	u64 sign = 1ULL << (width - 1), lo, hi;
	unsigned int n = 0;

	found[n++] = NO_RANGE;
	for (lo = 0; lo < sign; lo++)
		for (hi = lo; hi < sign; hi++)
			found[n++] = (struct arc){ lo + half * sign,
						   hi + half * sign };
	return n;
}

static inline bool on_arc(u64 v, struct arc arc, unsigned int width)
{
	return v <= ones(width) && ((v - arc.lo) & ones(width)) <=
	       ((arc.hi - arc.lo) & ones(width));
}

static inline bool word_has(const struct word *x, u64 v)
{
	return tnum_contains(x->bits, v) &&
	       ((v >= x->half[0].lo && v <= x->half[0].hi) ||
		(v >= x->half[1].lo && v <= x->half[1].hi));
}

#endif /* _PROOF_NARROW_H */
