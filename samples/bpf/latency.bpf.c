// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long a kernel function takes: the time it is entered by each thread, and a
 * histogram by powers of two when it returns.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include "latency.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u64);
} entered SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, __u64);
} histogram SEC(".maps");

/* The position of the highest bit, by halves: a loop would need more verifier. */
static __always_inline __u32 log2_of(__u64 v)
{
	__u32 r = 0;

	if (v >> 32) {
		v >>= 32;
		r += 32;
	}
	if (v >> 16) {
		v >>= 16;
		r += 16;
	}
	if (v >> 8) {
		v >>= 8;
		r += 8;
	}
	if (v >> 4) {
		v >>= 4;
		r += 4;
	}
	if (v >> 2) {
		v >>= 2;
		r += 2;
	}
	return r + (v >> 1);
}

SEC("kprobe")
int enter(struct pt_regs *ctx)
{
	__u64 thread = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns();

	bpf_map_update_elem(&entered, &thread, &now, BPF_ANY);
	return 0;
}

SEC("kretprobe")
int leave(struct pt_regs *ctx)
{
	__u64 thread = bpf_get_current_pid_tgid(), *began, *count;
	__u32 slot;

	began = bpf_map_lookup_elem(&entered, &thread);
	if (!began)
		return 0;	/* it was inside when we came */
	slot = log2_of(bpf_ktime_get_ns() - *began);
	bpf_map_delete_elem(&entered, &thread);
	count = bpf_map_lookup_elem(&histogram, &slot);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
