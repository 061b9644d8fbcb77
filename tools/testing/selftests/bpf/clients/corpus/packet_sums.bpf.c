// SPDX-License-Identifier: GPL-2.0-only
// verdict: loads
/* Loads of every size and a sum that shows each byte's place. */
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	__u32 k = load_byte(skb, 0) & 7;
	struct val *v = bpf_map_lookup_elem(&arr, &k);
	__u64 sum = 0;

	if (!v)
		return 0;
#pragma unroll
	for (int i = 0; i < 24; i += 4)
		sum = sum * 31 + load_word(skb, i) + 7 * load_half(skb, i + 1) - load_byte(skb, i + 3);
	v->a += sum;
	v->b ^= sum << (sum & 7);
	v->arr[sum & 15] += (__s32)sum >> 3;
	return sum & 0x3ff;
}
