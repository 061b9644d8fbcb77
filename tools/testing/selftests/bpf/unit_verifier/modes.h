/* SPDX-License-Identifier: GPL-2.0-only */
/* Check mode: one program, verified in every way, against itself and runs. */
#ifndef _UNIT_VERIFIER_MODES_H
#define _UNIT_VERIFIER_MODES_H

#include "witness.h"

/* Sums over all programs so far. */
struct modes_count {
	u32 accepted;
	u32 refused;
	u32 saved;	/* accepted with less work because of pruning */
	u32 no_need;	/* accepted; all values checked, though no way walked all */
	u32 too_big;	/* accepted; in some way only compared */
	u32 again;	/* accepted, but not by the numbers that something asked for */
	u32 blurred;	/* verdicts differ by what is known of a stack offset */
	u32 rules[__RULE_MAX];
	u64 runs;
};

extern struct modes_count modes_count;

/* Steps to walk every path in; longer programs prune by all values instead. */
extern u32 modes_patience;

/*
 * Verify @program in all ways and run it @runs times if it is accepted. Returns
 * what is wrong, or NULL; @program has the verdict.
 */
const char *modes_check(struct load *program, u64 seed, u32 runs);

#endif
