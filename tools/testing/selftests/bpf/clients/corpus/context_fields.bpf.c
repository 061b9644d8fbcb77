// SPDX-License-Identifier: GPL-2.0-only
// verdict: loads
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	skb->cb[0] = 1;
	skb->cb[4] = skb->cb[0] + skb->mark;
	return skb->cb[4] + skb->vlan_tci + skb->vlan_present + skb->vlan_proto +
	       skb->ifindex + skb->ingress_ifindex + skb->hash + skb->queue_mapping +
	       skb->priority + skb->pkt_type + skb->protocol + skb->tc_index;
}
