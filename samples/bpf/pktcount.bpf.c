// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts packets and bytes by protocol and direction, as a filter on a packet
 * socket. Returns 0: the socket itself receives nothing.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "pktcount.h"

#define L4_OF_IPV4 (ETH_HLEN + 9)
#define L4_OF_IPV6 (ETH_HLEN + 6)

/* The load instructions only this program type and tc have: network order, and
 * a packet that is too short ends the program.
 */
unsigned long long load_byte(void *skb, unsigned long long off) asm("llvm.bpf.load.byte");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PKT_ROWS);
	__type(key, struct pkt_key);
	__type(value, struct pkt_sum);
} by_protocol SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PKT_DIRECTIONS);
	__type(key, __u32);
	__type(value, struct pkt_sum);
} totals SEC(".maps");

/* Several CPUs add to one sum at a time. */
static __always_inline void add(struct pkt_sum *sum, __u64 bytes)
{
	__sync_fetch_and_add(&sum->packets, 1);
	__sync_fetch_and_add(&sum->bytes, bytes);
}

SEC("socket")
int count_packets(struct __sk_buff *skb)
{
	__u32 out = skb->pkt_type == PACKET_OUTGOING;
	struct pkt_key key = { .ethertype = bpf_ntohs(skb->protocol), .out = out };
	struct pkt_sum *sum = bpf_map_lookup_elem(&totals, &out);

	if (sum)
		add(sum, skb->len);

	if (key.ethertype == ETH_P_IP)
		key.l4 = load_byte(skb, L4_OF_IPV4);
	else if (key.ethertype == ETH_P_IPV6)
		key.l4 = load_byte(skb, L4_OF_IPV6);

	sum = bpf_map_lookup_elem(&by_protocol, &key);
	if (!sum) {
		struct pkt_sum zero = {};

		/* Another CPU may have been first: then its element is used. */
		bpf_map_update_elem(&by_protocol, &key, &zero, BPF_NOEXIST);
		sum = bpf_map_lookup_elem(&by_protocol, &key);
		if (!sum)
			return 0;
	}
	add(sum, skb->len);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
