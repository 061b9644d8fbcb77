/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opening and sealing a scalar, for the files of the scalar domain only: they
 * work on words of one width, and scalar.c alone knows how those are kept.
 */
#ifndef _BPF_VERIFIER_SCALAR_PARTS_H
#define _BPF_VERIFIER_SCALAR_PARTS_H

#include "scalar.h"
#include "word.h"

/* The unit tests build the domain narrow, to try all values there are. */
#ifndef SCALAR_WIDE
#define SCALAR_WIDE	64
#define SCALAR_LOW	32
#endif

void scalar_wide(struct word *x, const struct scalar *s);
void scalar_low(struct word *x, const struct scalar *s);
void scalar_unknown_bits(struct scalar *s, unsigned int bits);
bool scalar_seal(struct scalar *s, struct word *wide, struct word *low);
void scalar_seal_result(struct scalar *s, struct word *wide, struct word *low);

#endif /* _BPF_VERIFIER_SCALAR_PARTS_H */
