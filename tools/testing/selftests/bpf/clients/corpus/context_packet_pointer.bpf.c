// SPDX-License-Identifier: GPL-2.0-only
// verdict: refused: invalid bpf_context access off=80 size=4
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	char *data = (void *)(long)skb->data_end;

	data -= 8;
	return *data;
}
