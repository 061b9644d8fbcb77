// SPDX-License-Identifier: GPL-2.0-only
/* Features of today's objects in one: whatever a kernel lacks it must say. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

__u64 packets;
const volatile __u32 limit = 100;

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} recent SEC(".maps");

static __attribute__((noinline)) int is_long(struct __sk_buff *skb)
{
	return skb->len > limit;
}

SEC("socket")
int count(struct __sk_buff *skb)
{
	__sync_fetch_and_add(&packets, 1);
	return is_long(skb) ? 0 : bpf_get_socket_cookie(skb) != 0;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}
