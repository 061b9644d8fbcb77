// SPDX-License-Identifier: GPL-2.0-only
/* Classifiers and an action as people write them for tc, with packet loads. */
#include "corpus/corpus.h"
#include <linux/pkt_cls.h>

#define IS_ICMP(skb) (load_half(skb, 12) == ETH_P_IP && load_byte(skb, 23) == 1)

SEC("classifier/drop_large")
int drop_large(struct __sk_buff *skb)
{
	return IS_ICMP(skb) && skb->len > 500 ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("classifier/match_icmp")
int match_icmp(struct __sk_buff *skb)
{
	return IS_ICMP(skb) ? -1 : 0;
}

SEC("action/drop")
int drop(struct __sk_buff *skb)
{
	return TC_ACT_SHOT;
}

/* Pings go to another address than they were sent to: 10.7.0.77 becomes .2. */
SEC("classifier/rewrite")
int rewrite(struct __sk_buff *skb)
{
	__be32 from = bpf_htonl(0x0a07004d), to = bpf_htonl(0x0a070002);

	if (!IS_ICMP(skb) || load_word(skb, 30) != 0x0a07004d)
		return TC_ACT_OK;
	bpf_l3_csum_replace(skb, 24, from, to, sizeof(to));
	bpf_skb_store_bytes(skb, 30, &to, sizeof(to), 0);
	return TC_ACT_OK;
}

/* And answers come back from there. */
SEC("classifier/restore")
int restore(struct __sk_buff *skb)
{
	__be32 from = bpf_htonl(0x0a070002), to = bpf_htonl(0x0a07004d);

	if (!IS_ICMP(skb) || skb->len < 1000 || load_word(skb, 26) != 0x0a070002)
		return TC_ACT_OK;
	bpf_l3_csum_replace(skb, 24, from, to, sizeof(to));
	bpf_skb_store_bytes(skb, 26, &to, sizeof(to), 0);
	return TC_ACT_OK;
}
