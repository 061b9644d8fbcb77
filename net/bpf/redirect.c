// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending a copy of the packet through another device, out of it or as if it had
 * come in there.
 *
 * A device expects frames that begin with a link layer header, or none at all.
 * The copy is brought into that form, and its checksum with it. Whatever happens,
 * the copy is consumed and the program's packet stays.
 */
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/sch_generic.h>

#include "skb.h"

static int refuse(struct sk_buff *copy, int err)
{
	kfree_skb(copy);
	return err;
}

/* Programs on two devices may send to each other for ever. */
static int transmit(struct sk_buff *copy, struct net_device *dev)
{
	int ret;

	if (dev_xmit_recursion()) {
		net_crit_ratelimited("bpf: copies sent through %s run in a circle\n",
				     dev->name);
		return refuse(copy, -ENETDOWN);
	}
	copy->dev = dev;
	skb_clear_tstamp(copy);

	dev_xmit_recursion_inc();
	ret = dev_queue_xmit(copy);
	dev_xmit_recursion_dec();
	return ret;
}

static int receive_payload(struct sk_buff *copy, struct net_device *dev)
{
	int ret = ____dev_forward_skb(dev, copy, false);

	if (ret)
		return ret;
	copy->dev = dev;
	return netif_rx(copy);
}

/* To a device with link layer headers. */
static int send_frame(struct sk_buff *copy, struct net_device *dev, bool ingress)
{
	if (copy->mac_header >= copy->network_header || !copy->len)
		return refuse(copy, -ERANGE);

	packet_csum_add_mac(copy);
	return ingress ? dev_forward_skb_nomtu(dev, copy) : transmit(copy, dev);
}

/* To one without: the packet begins at its network header. */
static int send_payload(struct sk_buff *copy, struct net_device *dev,
			bool ingress)
{
	int header = skb_network_offset(copy);

	if (header) {
		__skb_pull(copy, header);
		if (!copy->len)
			return refuse(copy, -ERANGE);
		/* What came in here was never summed with its header. */
		if (!skb_at_tc_ingress(copy))
			skb_postpull_rcsum(copy, skb_mac_header(copy), header);
	}
	skb_pop_mac_header(copy);
	skb_reset_mac_len(copy);
	return ingress ? receive_payload(copy, dev) : transmit(copy, dev);
}

/* Segments of no kind: nothing below could cut the packet into them. */
static bool has_bad_segments(const struct sk_buff *skb)
{
	return skb_is_gso(skb) && !skb_shinfo(skb)->gso_type;
}

BPF_CALL_3(bpf_clone_redirect, struct sk_buff *, skb, u32, ifindex, u64, flags)
{
	bool ingress = flags & BPF_F_INGRESS;
	struct net_device *dev;
	struct sk_buff *copy;

	if (flags & ~(u64)BPF_F_INGRESS)
		return -EINVAL;
	if (has_bad_segments(skb))
		return -EBADMSG;
	dev = dev_get_by_index_rcu(dev_net(skb->dev), ifindex);
	if (!dev)
		return -EINVAL;
	copy = skb_clone(skb, GFP_ATOMIC);
	if (!copy)
		return -ENOMEM;

	/* What the program writes from now on must not show in the copy. */
	if (packet_make_writable(skb, skb_headlen(skb)))
		return refuse(copy, -ENOMEM);
	return dev_is_mac_header_xmit(dev) ? send_frame(copy, dev, ingress) :
					     send_payload(copy, dev, ingress);
}

const struct bpf_func_proto bpf_clone_redirect_proto = {
	.func		= bpf_clone_redirect,
	.moves_packet	= true,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_PTR_TO_CTX, ARG_ANYTHING, ARG_ANYTHING },
};
