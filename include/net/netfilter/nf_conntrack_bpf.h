/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connection tracking offers functions to programs here. Programs cannot call
 * kernel functions yet, so nothing is registered.
 */
#ifndef _NF_CONNTRACK_BPF_H
#define _NF_CONNTRACK_BPF_H

static inline int register_nf_conntrack_bpf(void)
{
	return 0;
}

static inline void cleanup_nf_conntrack_bpf(void)
{
}

static inline int register_nf_nat_bpf(void)
{
	return 0;
}

#endif
