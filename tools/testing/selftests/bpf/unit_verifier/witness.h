/* SPDX-License-Identifier: GPL-2.0-only */
/* Concrete runs against what the verifier claimed. */
#ifndef _UNIT_VERIFIER_WITNESS_H
#define _UNIT_VERIFIER_WITNESS_H

#include "machine.h"
#include "proof.h"

/* Run once, beside all proofs; what is wrong, or NULL. */
const char *witness_run(const struct load *load, const struct proof *proofs,
			u32 nproofs, u64 seed);

/* Steps of all runs so far, each held against each proof. */
extern u64 witness_steps, witness_called;

#endif
