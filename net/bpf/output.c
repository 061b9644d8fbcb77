// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records for user space that hold bytes of a packet behind the program's own.
 *
 * perf asks for the bytes when it has found room for them, piece by piece, so
 * they are copied once and the packet may lie in pages.
 */
#include <linux/bpf_perf.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/skbuff.h>

#include "skb.h"

/* Return: how many bytes could not be copied. */
static unsigned long copy_packet(void *to, const void *skb, unsigned long off,
				 unsigned long len)
{
	return skb_copy_bits(skb, off, to, len) ? len : 0;
}

BPF_CALL_5(bpf_skb_event_output, struct sk_buff *, skb, struct bpf_map *, map,
	   u64, flags, void *, data, u64, size)
{
	u64 bytes = (flags & BPF_F_CTXLEN_MASK) >> 32;
	struct perf_raw_frag packet = {
		.copy = copy_packet,
		.data = skb,
		.size = bytes,
	};
	struct perf_raw_record raw = {
		.frag = { .data = data, .size = size },
	};

	if (flags & ~(u64)(BPF_F_CTXLEN_MASK | BPF_F_INDEX_MASK))
		return -EINVAL;
	if (bytes > skb->len)
		return -EFAULT;
	if (size + bytes > BPF_RECORD_MAX)
		return -E2BIG;
	if (bytes)
		raw.frag.next = &packet;
	return bpf_perf_output(map, flags & BPF_F_INDEX_MASK, NULL, &raw);
}

const struct bpf_func_proto bpf_skb_event_output_proto = {
	.func		= bpf_skb_event_output,
	.gpl_only	= true,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_PTR_TO_CTX, ARG_CONST_MAP_PTR, ARG_ANYTHING,
			    ARG_PTR_TO_MEM, ARG_CONST_SIZE_OR_ZERO },
};
