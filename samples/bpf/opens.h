/* SPDX-License-Identifier: GPL-2.0-only */
/* What opens.bpf.c sends and opens.c prints. */
#ifndef SAMPLE_OPENS_H
#define SAMPLE_OPENS_H

#include <linux/types.h>

struct record {
	__u32 thread, number;
	char comm[16];
	char path[64];
};

#endif
