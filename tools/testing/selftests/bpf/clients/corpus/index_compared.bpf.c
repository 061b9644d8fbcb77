// SPDX-License-Identifier: GPL-2.0-only
// verdict: loads
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	__u32 k = 0, len = skb->len;
	struct val *v = bpf_map_lookup_elem(&arr, &k);

	if (v && len < 16)
		v->arr[len]++;
	return 0;
}
