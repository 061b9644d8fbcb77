/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of programs in perf buffers, for helpers of subsystems. */
#ifndef _LINUX_BPF_PERF_H
#define _LINUX_BPF_PERF_H

#include <linux/types.h>

struct bpf_map;
struct perf_raw_record;
struct pt_regs;

int bpf_perf_output(struct bpf_map *map, u64 flags, struct pt_regs *regs,
		    struct perf_raw_record *raw);

#endif /* _LINUX_BPF_PERF_H */
