// SPDX-License-Identifier: GPL-2.0-only
// verdict: refused: R0 max value is outside of the allowed memory range
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	__u32 k = 0;
	struct val *v = bpf_map_lookup_elem(&arr, &k);

	if (v)
		v->arr[skb->len & 31]++;	/* has 16 */
	return 0;
}
