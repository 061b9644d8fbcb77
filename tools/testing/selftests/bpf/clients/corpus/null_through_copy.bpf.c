// SPDX-License-Identifier: GPL-2.0-only
// verdict: loads
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	__u64 k = skb->len;
	struct val *v = bpf_map_lookup_elem(&hash, &k), *seen = v;

	if (!seen) {
		struct val zero = {};

		bpf_map_update_elem(&hash, &k, &zero, BPF_NOEXIST);
		v = bpf_map_lookup_elem(&hash, &k);
		if (!v)
			return 0;
	}
	__sync_fetch_and_add(&v->a, 1);
	v->b += skb->len;
	return 0;
}
