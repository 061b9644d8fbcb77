// SPDX-License-Identifier: GPL-2.0-only
// verdict: loads
/* Inserts, replaces and deletes by content; the map is smaller than the keys. */
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	__u64 k = load_byte(skb, 11) & 63;
	struct val fresh = { .a = skb->len, .b = k };
	struct val *v = bpf_map_lookup_elem(&hash, &k);

	if (v && v->a > 100)
		return -bpf_map_delete_elem(&hash, &k) + 1;
	if (v) {
		fresh.a += v->a;
		return -bpf_map_update_elem(&hash, &k, &fresh, BPF_EXIST) + 2;
	}
	return -bpf_map_update_elem(&hash, &k, &fresh, BPF_NOEXIST) + 3;
}
