// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs of traffic control, each for one thing; tc.sh attaches them. A
 * classifier in direct action mode decides by itself; an action is told by a
 * classifier.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

__u64 load_half(struct __sk_buff *skb, __u64 at) asm("llvm.bpf.load.half");
__u64 load_byte(struct __sk_buff *skb, __u64 at) asm("llvm.bpf.load.byte");

/* Where the protocol stands in an IPv4 packet, from its link layer header on. */
#define IS_ICMP(skb)	(load_half(skb, 12) == ETH_P_IP && load_byte(skb, 23) == IPPROTO_ICMP)

/* Pings of more than 500 bytes end here. */
SEC("tc/no_large_pings")
int no_large_pings(struct __sk_buff *skb)
{
	return IS_ICMP(skb) && skb->len > 500 ? TC_ACT_SHOT : TC_ACT_OK;
}

/* As an action: every packet that a classifier sends here gets a VLAN tag. */
SEC("action/tag")
int tag(struct __sk_buff *skb)
{
	bpf_skb_vlan_push(skb, bpf_htons(ETH_P_8021Q), 42);
	return TC_ACT_OK;
}

/* And loses it on the other side. */
SEC("tc/untag")
int untag(struct __sk_buff *skb)
{
	if (skb->vlan_present)
		bpf_skb_vlan_pop(skb);
	return TC_ACT_OK;
}

/* tc.sh makes an interface of this number. */
#define WATCHER	77

/* A copy of every ping goes there. */
SEC("tc/mirror_pings")
int mirror_pings(struct __sk_buff *skb)
{
	if (IS_ICMP(skb))
		bpf_clone_redirect(skb, WATCHER, 0);
	return TC_ACT_OK;
}

/* Each packet goes into tunnel 99 to the other side, whatever its address. */
static __always_inline int send_to(struct __sk_buff *skb, __u32 remote)
{
	struct bpf_tunnel_key key = {
		.tunnel_id = 99,
		.remote_ipv4 = remote,
		.tunnel_ttl = 64,
	};

	return bpf_skb_set_tunnel_key(skb, &key, sizeof(key), 0) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("tc/into_tunnel")
int into_tunnel(struct __sk_buff *skb)
{
	return send_to(skb, 0x0a070002);
}

SEC("tc/back_into_tunnel")
int back_into_tunnel(struct __sk_buff *skb)
{
	return send_to(skb, 0x0a070001);
}

/* Only what came by tunnel 99 from 10.7.0.1 may pass. */
SEC("tc/from_tunnel")
int from_tunnel(struct __sk_buff *skb)
{
	struct bpf_tunnel_key key;

	if (bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0))
		return TC_ACT_SHOT;
	return key.tunnel_id == 99 && key.remote_ipv4 == 0x0a070001 ? TC_ACT_OK : TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "GPL";
