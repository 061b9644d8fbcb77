// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads from packets: what stands behind LD_ABS and LD_IND.
 *
 * An offset counts from the first byte the program sees, or, if it is one of
 * the large negative numbers of classic BPF, from the network or the link layer
 * header, which may lie in front of that byte. Only bytes of the packet are read,
 * linear or in pages, and nothing is changed, so any number of runs may share a
 * packet.
 */
#include <linux/filter.h>
#include <linux/skbuff.h>
#include <asm/unaligned.h>

/* Where a negative offset points, from skb->data; false if it means nothing. */
static bool resolve_negative(const struct sk_buff *skb, int off, int *pos)
{
	const unsigned char *header;

	if (off >= SKF_NET_OFF) {
		header = skb_network_header(skb);
		off -= SKF_NET_OFF;
	} else if (off >= SKF_LL_OFF && skb_mac_header_was_set(skb)) {
		header = skb_mac_header(skb);
		off -= SKF_LL_OFF;
	} else {
		return false;
	}
	*pos = header - skb->data + off;
	return true;
}

static const void *packet_bytes(const struct sk_buff *skb, int off,
				unsigned int size, void *buf)
{
	if (off < 0 && !resolve_negative(skb, off, &off))
		return NULL;
	return skb_header_pointer_careful(skb, off, size, buf);
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
