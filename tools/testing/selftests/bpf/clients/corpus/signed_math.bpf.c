// SPDX-License-Identifier: GPL-2.0-only
// verdict: loads
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	__s64 wide = (__s64)(load_word(skb, 0) << 32 | load_word(skb, 4));
	__s32 low = (__s32)load_word(skb, 8);
	__u32 k = 1;
	struct val *v = bpf_map_lookup_elem(&arr, &k);

	if (!v)
		return 0;
	if (wide < low)
		v->a += (__u64)(wide >> 5);
	else if (low < -1000)
		v->a -= (__u32)low / 3;
	else
		v->b += (__u64)wide % 1000;
	v->arr[low & 15] = v->arr[(low >> 4) & 15] + (wide > 0 ? 1 : -low);
	return low >= 0 ? low & 0xff : -low & 0x7f;
}
