// SPDX-License-Identifier: GPL-2.0-only
// verdict: loads
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	char fmt[] = "len %d protocol %x\n";
	__u64 k = bpf_get_smp_processor_id();
	struct val v = { .a = bpf_ktime_get_ns(), .b = bpf_get_prandom_u32() };

	bpf_trace_printk(fmt, sizeof(fmt), skb->len, skb->protocol);
	bpf_map_update_elem(&hash, &k, &v, BPF_ANY);
	return bpf_map_delete_elem(&hash, &k);
}
