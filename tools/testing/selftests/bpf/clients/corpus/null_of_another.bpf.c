// SPDX-License-Identifier: GPL-2.0-only
// verdict: refused: invalid mem access 'map_value_or_null'
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	__u64 k = skb->len, other = skb->mark;
	struct val *v = bpf_map_lookup_elem(&hash, &k);
	struct val *w = bpf_map_lookup_elem(&hash, &other);

	if (!v)
		return 0;
	w->a++;
	return 0;
}
