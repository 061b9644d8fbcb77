/* SPDX-License-Identifier: GPL-2.0-only */
/* What flows.bpf.c counts and flows.c prints. */
#ifndef SAMPLE_FLOWS_H
#define SAMPLE_FLOWS_H

#include <linux/types.h>

struct flow {
	__u32 src, dst;
	__u16 sport, dport;
	__u8 version, protocol;
	__u16 unused;
};

struct sums {
	__u64 packets, bytes;
};

#endif
