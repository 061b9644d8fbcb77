/* SPDX-License-Identifier: GPL-2.0-only */
/* Concrete runs against what the verifier claimed. */
#ifndef _UNIT_VERIFIER_WITNESS_H
#define _UNIT_VERIFIER_WITNESS_H

#include "generate.h"

void witness_start(void);
const char *witness_run(const struct load *load, u64 seed);
void witness_forget(void);

#endif
