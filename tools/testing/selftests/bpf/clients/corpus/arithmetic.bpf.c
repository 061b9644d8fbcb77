// SPDX-License-Identifier: GPL-2.0-only
// verdict: loads
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	__u32 k = 0;
	struct val *v;
	__u64 x;

	switch (skb->protocol) {
	case bpf_htons(ETH_P_IP):
		k = 2;
		break;
	case bpf_htons(ETH_P_IPV6):
		k = 3;
		break;
	case bpf_htons(ETH_P_ARP):
		k = 7;
		break;
	}
	v = bpf_map_lookup_elem(&arr, &k);
	if (!v)
		return 0;
	x = v->a;
	v->a = x > 100 && x < 200 ? 0 : x * 3 + (x >> 2) + x / 7 + x % 9 - (x << 5);
	return 0;
}
