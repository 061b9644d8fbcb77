/* SPDX-License-Identifier: GPL-2.0-only */
/* Perf events for programs: the array that holds them, and writing to one. */
#ifndef _BPF_PERF_EVENT_ARRAY_H
#define _BPF_PERF_EVENT_ARRAY_H

#include <linux/bpf.h>

struct perf_event;

struct perf_event *bpf_event_array_find(struct bpf_map *map, u64 flags);

#endif /* _BPF_PERF_EVENT_ARRAY_H */
