/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A packet as the table of context fields needs it: all members it names, of the
 * kernel's widths. Where they stand does not matter here.
 */
#ifndef _UNIT_VERIFIER_SKBUFF_H
#define _UNIT_VERIFIER_SKBUFF_H

struct net_device {
	int ifindex;
};

struct skb_shared_info {
	u16 gso_size;
	u16 gso_segs;
	struct {
		u64 hwtstamp;
	} hwtstamps;
};

struct sk_buff {
	struct net_device *dev;
	u64 tstamp;
	char cb[48];
	u32 len;
	u16 queue_mapping;
	u8 pkt_type_bits;
	u8 vlan_bits;
	u32 priority;
	int skb_iif;
	u32 hash;
	u16 vlan_proto;
	u16 vlan_tci;
	u32 napi_id;
	u32 mark;
	u16 protocol;
	u16 tc_index;
	unsigned char *end;
	unsigned char *data;
	u8 cloned_bits;
};

#define PKT_TYPE_OFFSET		offsetof(struct sk_buff, pkt_type_bits)
#define PKT_TYPE_MAX		7
#define CLONED_OFFSET		offsetof(struct sk_buff, cloned_bits)
#define CLONED_MASK		1
#define PKT_VLAN_PRESENT_OFFSET	offsetof(struct sk_buff, vlan_bits)
#define PKT_VLAN_PRESENT_BIT	7
#define SKB_MONO_DELIVERY_TIME_MASK 1
#define NO_QUEUE_MAPPING	0xffff

#endif
