// SPDX-License-Identifier: GPL-2.0-only
/*
 * VLAN tags: put one on a packet, take one off.
 *
 * The outermost tag stands beside the packet, others in its bytes. Pushing a
 * second tag writes the first into the bytes and so moves the header.
 */
#include <linux/filter.h>
#include <linux/if_vlan.h>
#include <linux/skbuff.h>

#include "skb.h"

BPF_CALL_3(bpf_skb_vlan_push, struct sk_buff *, skb, __be16, proto, u16, tci)
{
	int err;

	if (!eth_type_vlan(proto))
		proto = htons(ETH_P_8021Q);

	packet_csum_add_mac(skb);
	err = skb_vlan_push(skb, proto, tci);
	packet_csum_sub_mac(skb);
	bpf_compute_data_pointers(skb);
	return err;
}

const struct bpf_func_proto bpf_skb_vlan_push_proto = {
	.func		= bpf_skb_vlan_push,
	.moves_packet	= true,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_PTR_TO_CTX, ARG_ANYTHING, ARG_ANYTHING },
};

BPF_CALL_1(bpf_skb_vlan_pop, struct sk_buff *, skb)
{
	int err;

	packet_csum_add_mac(skb);
	err = skb_vlan_pop(skb);
	packet_csum_sub_mac(skb);
	bpf_compute_data_pointers(skb);
	return err;
}

const struct bpf_func_proto bpf_skb_vlan_pop_proto = {
	.func		= bpf_skb_vlan_pop,
	.moves_packet	= true,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_PTR_TO_CTX },
};
