// SPDX-License-Identifier: GPL-2.0-only
/* A map, a variable and a function, with the types that clang gives them. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct seen {
	__u64 packets;
	__u32 last;
	__u32 flag : 3;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct seen);
} lengths SEC(".maps");

__u64 packets;

static __attribute__((noinline)) int is_long(struct __sk_buff *skb)
{
	return skb->len > 100;
}

SEC("socket")
int count(struct __sk_buff *skb)
{
	struct seen seen = { .packets = 1, .last = skb->len };
	__u32 key = skb->len;

	__sync_fetch_and_add(&packets, 1);
	bpf_map_update_elem(&lengths, &key, &seen, BPF_ANY);
	return is_long(skb) ? 0 : 1;
}
