// SPDX-License-Identifier: GPL-2.0-only
// verdict: refused: unknown func bpf_skb_store_bytes#9
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	__u32 zero = 0;

	return bpf_skb_store_bytes(skb, 0, &zero, sizeof(zero), 0);
}
