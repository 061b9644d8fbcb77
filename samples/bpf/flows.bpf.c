// SPDX-License-Identifier: GPL-2.0-only
/*
 * A flow dissector in pieces: each protocol is a program of its own, and a tail
 * call goes from one to the next. What the pieces have to hand on stands in the
 * packet's control block, which a tail call keeps.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "flows.h"

enum { PARSE_VLAN, PARSE_IPV4, PARSE_IPV6, PARSERS };

/* Words of the control block. */
#define AT	0	/* where the next header begins */

#define PARSER(name) int name(struct __sk_buff *skb)

PARSER(vlan);
PARSER(ipv4);
PARSER(ipv6);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, PARSERS);
	__uint(key_size, sizeof(__u32));
	__array(values, PARSER());
} parsers SEC(".maps") = {
	.values = {
		[PARSE_VLAN] = (void *)&vlan,
		[PARSE_IPV4] = (void *)&ipv4,
		[PARSE_IPV6] = (void *)&ipv6,
	},
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct flow);
	__type(value, struct sums);
} flows SEC(".maps");

/* Bytes of the packet in host order; one that is not there ends the program. */
__u64 load_word(struct __sk_buff *skb, __u64 at) asm("llvm.bpf.load.word");
__u64 load_half(struct __sk_buff *skb, __u64 at) asm("llvm.bpf.load.half");
__u64 load_byte(struct __sk_buff *skb, __u64 at) asm("llvm.bpf.load.byte");

/* Falls through where nobody parses the protocol. */
static __always_inline void parse_next(struct __sk_buff *skb, __u32 ethertype, __u32 at)
{
	skb->cb[AT] = at;
	switch (ethertype) {
	case ETH_P_8021Q:
	case ETH_P_8021AD:
		bpf_tail_call(skb, &parsers, PARSE_VLAN);
		break;
	case ETH_P_IP:
		bpf_tail_call(skb, &parsers, PARSE_IPV4);
		break;
	case ETH_P_IPV6:
		bpf_tail_call(skb, &parsers, PARSE_IPV6);
		break;
	}
}

static __always_inline int count(struct __sk_buff *skb, struct flow *flow, __u32 at)
{
	struct sums zero = {}, *sums;

	if (flow->protocol == IPPROTO_TCP || flow->protocol == IPPROTO_UDP) {
		flow->sport = load_half(skb, at);
		flow->dport = load_half(skb, at + 2);
	}
	sums = bpf_map_lookup_elem(&flows, flow);
	if (!sums) {
		bpf_map_update_elem(&flows, flow, &zero, BPF_NOEXIST);
		sums = bpf_map_lookup_elem(&flows, flow);
	}
	if (sums) {
		__sync_fetch_and_add(&sums->packets, 1);
		__sync_fetch_and_add(&sums->bytes, skb->len);
	}
	return 0;
}

SEC("socket")
PARSER(vlan)
{
	__u32 at = skb->cb[AT];

	parse_next(skb, load_half(skb, at + 2), at + 4);
	return 0;
}

SEC("socket")
PARSER(ipv4)
{
	__u32 at = skb->cb[AT];
	struct flow flow = { .version = 4 };

	flow.protocol = load_byte(skb, at + 9);
	flow.src = load_word(skb, at + 12);
	flow.dst = load_word(skb, at + 16);
	return count(skb, &flow, at + (load_byte(skb, at) & 15) * 4);
}

SEC("socket")
PARSER(ipv6)
{
	__u32 at = skb->cb[AT];
	struct flow flow = { .version = 6 };

	/* The last words of the addresses tell flows of one network apart. */
	flow.protocol = load_byte(skb, at + 6);
	flow.src = load_word(skb, at + 20);
	flow.dst = load_word(skb, at + 36);
	return count(skb, &flow, at + 40);
}

SEC("socket")
PARSER(dissect)
{
	parse_next(skb, load_half(skb, 12), ETH_HLEN);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
