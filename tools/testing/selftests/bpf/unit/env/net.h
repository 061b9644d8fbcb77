/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Packets and their devices, with the members that programs can see. One linear
 * buffer; the headers' places are offsets from its start.
 */
#ifndef _UNIT_ENV_NET_H
#define _UNIT_ENV_NET_H

#define QDISC_CB_PRIV_LEN	20
#define MIN_NAPI_ID		9
#define NO_QUEUE_MAPPING	0xffff

/* Bits of vlan_bits beside the one of a tag. */
#define CONFIG_NET_CLS_ACT	1
#define TC_AT_INGRESS_MASK	(1 << 6)
#define SKB_MONO_DELIVERY_TIME_MASK (1 << 5)

struct net_device {
	int ifindex;
	unsigned short type;
};

struct skb_shared_info {
	u16 gso_size;
	u16 gso_segs;
	struct {
		u64 hwtstamp;
	} hwtstamps;
};

struct qdisc_skb_cb {
	u32 pkt_len;
	u16 slave_dev_queue_mapping;
	u16 tc_classid;
	u8 data[QDISC_CB_PRIV_LEN];
};

struct sk_buff {
	struct net_device *dev;
	u64 tstamp;
	char cb[48] __attribute__((aligned(8)));
	u32 len, data_len;
	u16 mac_header, network_header;
	u16 queue_mapping;
	__be16 protocol;
	u8 pkt_type_bits;
	u8 vlan_bits;
	u16 vlan_tci;
	__be16 vlan_proto;
	u16 tc_index;
	u32 hash, mark, priority;
	int skb_iif;
	unsigned int napi_id;
	unsigned char *head, *data, *end;
	/* Whole struct __sk_buff fits, so that context offsets stay inside. */
	u8 room[128];
};

#define PKT_TYPE_OFFSET		offsetof(struct sk_buff, pkt_type_bits)
#define PKT_TYPE_MAX		7
#define PKT_VLAN_PRESENT_OFFSET	offsetof(struct sk_buff, vlan_bits)
#define PKT_VLAN_PRESENT_BIT	7

static inline struct qdisc_skb_cb *qdisc_skb_cb(const struct sk_buff *skb)
{
	return (struct qdisc_skb_cb *)skb->cb;
}

static inline bool skb_is_nonlinear(const struct sk_buff *skb)
{
	return skb->data_len;
}

static inline unsigned int skb_headlen(const struct sk_buff *skb)
{
	return skb->len - skb->data_len;
}

static inline u8 skb_metadata_len(const struct sk_buff *skb)
{
	return 0;
}

static inline unsigned char *skb_network_header(const struct sk_buff *skb)
{
	return skb->head + skb->network_header;
}

static inline unsigned char *skb_mac_header(const struct sk_buff *skb)
{
	return skb->head + skb->mac_header;
}

static inline bool skb_mac_header_was_set(const struct sk_buff *skb)
{
	return skb->mac_header != (u16)~0;
}

/* @off may be in front of data, not in front of head. */
static inline const void *skb_header_pointer_careful(const struct sk_buff *skb,
						     int off, int len, void *buf)
{
	s64 at = (s64)(skb->data - skb->head) + off;

	if (at < 0 || at + len > (skb->data - skb->head) + (s64)skb->len)
		return NULL;
	return skb->head + at;
}

static inline u16 get_unaligned_be16(const void *p)
{
	const u8 *b = p;

	return b[0] << 8 | b[1];
}

static inline u32 get_unaligned_be32(const void *p)
{
	const u8 *b = p;

	return (u32)get_unaligned_be16(b) << 16 | get_unaligned_be16(b + 2);
}

/* ---- netlink attributes -------------------------------------------------------- */

struct nlattr {
	u16 nla_len;
	u16 nla_type;
};

#define NLA_HDRLEN	4
#define NLA_ALIGN(len)	(((len) + 3) & ~3)
#define NLA_TYPE_MASK	0x3fff

u32 skb_get_poff(const struct sk_buff *skb);

/* ---- user memory of socket options ------------------------------------------------ */

typedef struct {
	void *user;
} sockptr_t;

struct sock;
struct xdp_frame;

#endif
