// SPDX-License-Identifier: GPL-2.0-only
// verdict: loads
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	volatile __u8 *byte = (void *)&skb->protocol;
	volatile __u16 *half = (void *)&skb->mark;

	return byte[0] + half[1];
}
