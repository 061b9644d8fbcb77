// SPDX-License-Identifier: GPL-2.0-only
// verdict: refused: invalid bpf_context access off=8 size=4
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	skb->mark = 1;
	return 0;
}
