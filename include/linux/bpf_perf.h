/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of programs in perf buffers, for helpers of subsystems. */
#ifndef _LINUX_BPF_PERF_H
#define _LINUX_BPF_PERF_H

#include <linux/limits.h>
#include <linux/types.h>

struct bpf_map;
struct perf_raw_record;
struct pt_regs;

/*
 * Bytes of a record's contents. Its length has 16 bits, and perf adds what else the
 * event asks for: a header, time stamps, a call chain.
 */
#define BPF_RECORD_MAX	(U16_MAX - 2048)

int bpf_perf_output(struct bpf_map *map, u64 flags, struct pt_regs *regs,
		    struct perf_raw_record *raw);

#endif /* _LINUX_BPF_PERF_H */
