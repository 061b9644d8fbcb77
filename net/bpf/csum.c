// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checksums inside of a packet, adjusted for a field that was changed.
 *
 * Nothing is summed again: the sum of the old value is taken out and that of the
 * new one put in (RFC 1624). The low bits of the flags say how: 2 or 4 are the
 * bytes of a field that had one value and has another; 0 means that @to is a
 * difference somebody computed.
 */
#include <linux/filter.h>
#include <linux/skbuff.h>
#include <net/checksum.h>

#include "skb.h"

/* A header further inside than this is none. */
#define CSUM_OFFSET_MAX	0xffff

static __sum16 *csum_at(struct sk_buff *skb, u32 offset)
{
	if (offset > CSUM_OFFSET_MAX || offset % sizeof(__sum16))
		return NULL;
	if (packet_make_writable(skb, offset + sizeof(__sum16)))
		return NULL;
	return (__sum16 *)(skb->data + offset);
}

/* Of a header by itself: what the header's sum makes up for is in the header. */
static int replace_l3(__sum16 *sum, u64 from, u64 to, u32 bytes)
{
	switch (bytes) {
	case 0:
		if (from)
			return -EINVAL;
		csum_replace_by_diff(sum, (__force __wsum)to);
		return 0;
	case 2:
		csum_replace2(sum, (__force __be16)from, (__force __be16)to);
		return 0;
	case 4:
		csum_replace4(sum, (__force __be32)from, (__force __be32)to);
		return 0;
	default:
		return -EINVAL;
	}
}

BPF_CALL_5(bpf_l3_csum_replace, struct sk_buff *, skb, u32, offset,
	   u64, from, u64, to, u64, flags)
{
	__sum16 *sum;

	if (flags & ~(u64)BPF_F_HDR_FIELD_MASK)
		return -EINVAL;
	sum = csum_at(skb, offset);
	if (!sum)
		return -EFAULT;
	return replace_l3(sum, from, to, flags & BPF_F_HDR_FIELD_MASK);
}

const struct bpf_func_proto bpf_l3_csum_replace_proto = {
	.func		= bpf_l3_csum_replace,
	.moves_packet	= true,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_PTR_TO_CTX, ARG_ANYTHING, ARG_ANYTHING,
			    ARG_ANYTHING, ARG_ANYTHING },
};

/* Of a transport: the field may belong to the pseudo header, which the sum covers
 * and a checksum that the device is still to finish does not.
 */
static int replace_l4(struct sk_buff *skb, __sum16 *sum, u64 from, u64 to,
		      u64 flags)
{
	bool pseudo = flags & BPF_F_PSEUDO_HDR;

	switch (flags & BPF_F_HDR_FIELD_MASK) {
	case 0:
		if (from)
			return -EINVAL;
		inet_proto_csum_replace_by_diff(sum, skb, (__force __wsum)to,
						pseudo, flags & BPF_F_IPV6);
		return 0;
	case 2:
		inet_proto_csum_replace2(sum, skb, (__force __be16)from,
					 (__force __be16)to, pseudo);
		return 0;
	case 4:
		inet_proto_csum_replace4(sum, skb, (__force __be32)from,
					 (__force __be32)to, pseudo);
		return 0;
	default:
		return -EINVAL;
	}
}

#define L4_FLAGS	(BPF_F_HDR_FIELD_MASK | BPF_F_PSEUDO_HDR | \
			 BPF_F_MARK_MANGLED_0 | BPF_F_MARK_ENFORCE | BPF_F_IPV6)

BPF_CALL_5(bpf_l4_csum_replace, struct sk_buff *, skb, u32, offset,
	   u64, from, u64, to, u64, flags)
{
	bool zero_is_none = flags & BPF_F_MARK_MANGLED_0;
	__sum16 *sum;
	int err;

	if (flags & ~(u64)L4_FLAGS)
		return -EINVAL;
	sum = csum_at(skb, offset);
	if (!sum)
		return -EFAULT;

	/* UDP: 0 says that there is no checksum, a sum of 0 is written as ~0. */
	if (zero_is_none && !*sum && !(flags & BPF_F_MARK_ENFORCE))
		return 0;
	err = replace_l4(skb, sum, from, to, flags);
	if (!err && zero_is_none && !*sum)
		*sum = CSUM_MANGLED_0;
	return err;
}

const struct bpf_func_proto bpf_l4_csum_replace_proto = {
	.func		= bpf_l4_csum_replace,
	.moves_packet	= true,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_PTR_TO_CTX, ARG_ANYTHING, ARG_ANYTHING,
			    ARG_ANYTHING, ARG_ANYTHING },
};
