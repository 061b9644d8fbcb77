// SPDX-License-Identifier: GPL-2.0-only
// verdict: refused: R0 min value is outside of the allowed memory range
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	__u32 k = 0, len = skb->len;
	struct val *v = bpf_map_lookup_elem(&arr, &k);

	if (v && len > 16)	/* the wrong way round */
		v->arr[len]++;
	return 0;
}
