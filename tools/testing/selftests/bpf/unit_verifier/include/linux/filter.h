/* SPDX-License-Identifier: GPL-2.0-only */
/* What the verifier and the program type take from the kernel's filter.h. */
#ifndef _UNIT_VERIFIER_FILTER_H
#define _UNIT_VERIFIER_FILTER_H

#include <linux/bpf.h>
#include <linux/insn_build.h>

#include <net/sch_generic.h>

struct bpf_skb_data_end {
	struct qdisc_skb_cb qdisc_cb;
	void *data_meta;
	void *data_end;
};

#define __GFP_NOWARN	0
#define bpf_prog_size(len)	struct_size_t(struct bpf_prog, insnsi, len)
struct bpf_prog *bpf_prog_realloc(struct bpf_prog *old, unsigned int size,
				  gfp_t flags);

#endif
