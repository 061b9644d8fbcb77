/* SPDX-License-Identifier: GPL-2.0-only */
/* Program types by number, for the files that name them so. */
#ifndef _UNIT_VERIFIER_TYPES_H
#define _UNIT_VERIFIER_TYPES_H

#define TYPES	(BPF_PROG_TYPE_SCHED_ACT + 1)

/* NULL: no such type. */
extern const struct bpf_verifier_ops *const types_ops[TYPES];

#endif
