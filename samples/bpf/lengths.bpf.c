// SPDX-License-Identifier: GPL-2.0-only
/*
 * A histogram: how many packets have a length from 2^n to 2^(n+1) - 1. Returns
 * how much of a packet its socket gets: here all of the small ones.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define SLOTS 17

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, __u64);
} by_length SEC(".maps");

SEC("socket")
int histogram(struct __sk_buff *skb)
{
	__u32 len = skb->len, slot = 0;
	__u64 *count;

	/* Unrolled: a loop needs a verifier that can tell it ends. */
#pragma unroll
	for (int n = 1; n < SLOTS; n++)
		if (len >> n)
			slot = n;
	count = bpf_map_lookup_elem(&by_length, &slot);
	if (count)
		__sync_fetch_and_add(count, 1);
	return len < 100 ? -1 : 0;
}

char LICENSE[] SEC("license") = "GPL";
