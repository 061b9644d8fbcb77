// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads from packets: what stands behind LD_ABS and LD_IND.
 *
 * An offset counts from the first byte the program sees, or, if it is one of
 * the large negative numbers of classic BPF, from the network or the link layer
 * header, which may lie in front of that byte. Only bytes of the packet's buffer
 * are ever read, and nothing is changed, so any number of runs may share a
 * packet.
 */
#include <linux/filter.h>
#include <linux/skbuff.h>
#include <asm/unaligned.h>

/**
 * bpf_internal_load_pointer_neg_helper() - address of a negative offset
 * @skb: packet
 * @k: offset below 0
 * @size: bytes to be read there
 *
 * The bytes have to lie in the linear part of the packet.
 *
 * Context: any.
 * Return: the address, or NULL if there are no such bytes.
 */
void *bpf_internal_load_pointer_neg_helper(const struct sk_buff *skb, int k,
					   unsigned int size)
{
	const unsigned char *base;
	unsigned int room, off;

	if (k >= SKF_NET_OFF) {
		base = skb_network_header(skb);
		off = k - SKF_NET_OFF;
	} else if (k >= SKF_LL_OFF && skb_mac_header_was_set(skb)) {
		base = skb_mac_header(skb);
		off = k - SKF_LL_OFF;
	} else {
		return NULL;
	}

	if (base < skb->head || base > skb_tail_pointer(skb))
		return NULL;
	room = skb_tail_pointer(skb) - base;
	if (off > room || size > room - off)
		return NULL;
	return (void *)(base + off);
}

static const void *packet_bytes(const struct sk_buff *skb, int off,
				unsigned int size, void *buf)
{
	if (off < 0)
		return bpf_internal_load_pointer_neg_helper(skb, off, size);
	return skb_header_pointer(skb, off, size, buf);
}

/**
 * bpf_skb_load() - the packet load behind LD_ABS and LD_IND
 * @skb: packet
 * @off: offset, see above
 * @size: bytes: 1, 2 or 4
 * @val: the value, converted from network order
 *
 * Context: any; the packet is not changed.
 * Return: 0 or -EFAULT if the bytes are not all inside the packet.
 */
int bpf_skb_load(const struct sk_buff *skb, int off, unsigned int size, u32 *val)
{
	const void *bytes;
	u32 buf;

	bytes = packet_bytes(skb, off, size, &buf);
	if (unlikely(!bytes))
		return -EFAULT;

	switch (size) {
	case 4:
		*val = get_unaligned_be32(bytes);
		return 0;
	case 2:
		*val = get_unaligned_be16(bytes);
		return 0;
	default:
		*val = *(const u8 *)bytes;
		return 0;
	}
}
