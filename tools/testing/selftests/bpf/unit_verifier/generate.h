/* SPDX-License-Identifier: GPL-2.0-only */
/* Random programs that are worth verifying. */
#ifndef _UNIT_VERIFIER_GENERATE_H
#define _UNIT_VERIFIER_GENERATE_H

#include "load.h"

void generate(struct load *load, u64 seed);
u64 random_below(u64 limit);
void random_seed(u64 seed);

#endif
