/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What one load may cost. The limits count things, not seconds or pages, so a
 * program meets them on every machine or on none.
 */
#ifndef _BPF_VERIFIER_LIMITS_H
#define _BPF_VERIFIER_LIMITS_H

/* Definitions alive at one time: 256 MiB of them. A power of two. */
#define VERIFIER_MAX_DEFS	(16U << 20)

/* Bytes of stored states. */
#define VERIFIER_MAX_STORED	(192U << 20)

/*
 * Bytes of waiting states. As many as Linux 6.1 lets wait, 8,192, have room when they
 * are as large as can be: eight functions and 512 bytes of stack, 14 KiB.
 */
#define VERIFIER_MAX_WAITING	(128U << 20)

/*
 * All memory of a load is charged to the loader and fails quietly. Where a
 * memory cgroup has no more, the load fails and nobody is killed.
 */
#define VERIFIER_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

#endif /* _BPF_VERIFIER_LIMITS_H */
