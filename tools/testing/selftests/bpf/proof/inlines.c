// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the compiler emit the inline functions of the headers, whether a source
 * file calls them or not, so that each can be proved by its name.
 */
#include "arc.h"
#include "tnum.h"
#include "word.h"

void *const inlines[] = {
	tnum_const, tnum_unknown, tnum_is_const, tnum_min, tnum_max,
	tnum_contains, tnum_is_aligned, tnum_keep, tnum_meet,
	width_mask, width_sign, is_single_bit, arc_full, arc_half,
	range_is_empty, word_is_empty, word_is_unknown,
};
