/* SPDX-License-Identifier: GPL-2.0-only */
/* Random programs that are worth verifying. */
#ifndef _UNIT_VERIFIER_GENERATE_H
#define _UNIT_VERIFIER_GENERATE_H

#include "machine.h"

#define GENERATE_MAX	512

void generate(struct load *load, u64 seed);

#endif
