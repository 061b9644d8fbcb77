// SPDX-License-Identifier: GPL-2.0-only
// verdict: loads
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	__u32 k = 2;
	struct val *v = bpf_map_lookup_elem(&arr, &k);
	__u64 x = load_word(skb, 2) << 20 ^ load_word(skb, 9);

	if (!v)
		return 0;
	v->a += bpf_be64_to_cpu(x);
	v->b += bpf_htonl((__u32)x) + ((__u64)bpf_htons((__u16)x) << 40);
	v->arr[x & 15] ^= (__u32)(x >> 7);
	return bpf_ntohs((__u16)x) & 0x1ff;
}
