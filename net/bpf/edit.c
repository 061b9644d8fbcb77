// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing into a packet.
 *
 * The bytes of a packet may be shared with clones of it, and may lie in pages.
 * Every write goes through packet_make_writable(), which gives the packet a
 * linear copy of its own as far as it is written. That may move all of it: no
 * address of packet bytes is valid across the call. Helpers that call it say so in
 * their contract. Stores of programs themselves go to bytes that bpf_packet_own() has
 * made the packet's own before the program began, and that stay so: a helper that
 * makes a clone ends with packet_make_writable().
 *
 * Offsets count from the link layer header, where the data of a packet begins
 * while a classifier or action runs, in both directions.
 */
#include <linux/filter.h>
#include <linux/skbuff.h>
#include <net/sch_generic.h>

#include "skb.h"

/**
 * packet_make_writable() - make the beginning of a packet linear and its own
 * @skb: packet
 * @end: how many bytes, from its first
 *
 * Context: any but NMI and hard interrupt.
 * Return: 0 or -ENOMEM, also if the packet is shorter.
 */
int packet_make_writable(struct sk_buff *skb, unsigned int end)
{
	int err = skb_ensure_writable(skb, end);

	bpf_compute_data_pointers(skb);
	return err;
}

/* Make all linear bytes of a packet its own. Programs cannot name it: it is called
 * before the first instruction of one that writes into the packet by itself.
 */
BPF_CALL_1(bpf_packet_own, struct sk_buff *, skb)
{
	return packet_make_writable(skb, skb_headlen(skb));
}

/**
 * packet_csum_add_mac() - let the device's checksum cover the link layer header
 * @skb: packet, its data at that header
 *
 * A packet that comes in was summed from its network header on
 * (CHECKSUM_COMPLETE). The functions that insert and remove tags expect the sum
 * to begin where the data does.
 *
 * Context: any.
 */
void packet_csum_add_mac(struct sk_buff *skb)
{
	if (skb_at_tc_ingress(skb))
		skb_postpush_rcsum(skb, skb_mac_header(skb), skb->mac_len);
}

/**
 * packet_csum_sub_mac() - undo packet_csum_add_mac(), for the header as it is now
 * @skb: packet
 *
 * Context: any.
 */
void packet_csum_sub_mac(struct sk_buff *skb)
{
	if (skb_at_tc_ingress(skb))
		skb_postpull_rcsum(skb, skb_mac_header(skb), skb->mac_len);
}

static void store_summed(struct sk_buff *skb, u32 offset, const void *from,
			 u32 len)
{
	void *to = skb->data + offset;

	__skb_postpull_rcsum(skb, to, len, offset);
	memcpy(to, from, len);
	__skb_postpush_rcsum(skb, to, len, offset);
}

#define STORE_FLAGS	(BPF_F_RECOMPUTE_CSUM | BPF_F_INVALIDATE_HASH)

BPF_CALL_5(bpf_skb_store_bytes, struct sk_buff *, skb, u32, offset,
	   const void *, from, u32, len, u64, flags)
{
	if (flags & ~(u64)STORE_FLAGS)
		return -EINVAL;
	if (offset > INT_MAX || packet_make_writable(skb, offset + len))
		return -EFAULT;

	if (flags & BPF_F_RECOMPUTE_CSUM)
		store_summed(skb, offset, from, len);
	else
		memcpy(skb->data + offset, from, len);
	if (flags & BPF_F_INVALIDATE_HASH)
		skb_clear_hash(skb);
	return 0;
}

const struct bpf_func_proto bpf_skb_store_bytes_proto = {
	.func		= bpf_skb_store_bytes,
	.moves_packet	= true,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_PTR_TO_CTX, ARG_ANYTHING, ARG_PTR_TO_MEM,
			    ARG_CONST_SIZE, ARG_ANYTHING },
};
