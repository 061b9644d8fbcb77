// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program the kernel must refuse: an element that is not there has no
 * address, and this adds to it without asking.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} lengths SEC(".maps");

SEC("socket")
int count_lengths(struct __sk_buff *skb)
{
	__u32 len = skb->len;
	__u64 *seen = bpf_map_lookup_elem(&lengths, &len);

	*seen += 1;	/* needed first: if (!seen) return 0; */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
