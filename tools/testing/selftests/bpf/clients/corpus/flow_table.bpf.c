// SPDX-License-Identifier: GPL-2.0-only
// verdict: loads
#include "corpus.h"

struct flow {
	__be32 src, dst;
	__u16 sport, dport;
	__u32 proto;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct flow);
	__type(value, struct val);
} flows SEC(".maps");

static __always_inline int parse(struct __sk_buff *skb, struct flow *f)
{
	__u64 off = ETH_HLEN, proto = load_half(skb, 12);

	if (proto == ETH_P_8021AD || proto == ETH_P_8021Q) {
		proto = load_half(skb, off + 2);
		off += 4;
	}
	if (proto == ETH_P_8021Q) {
		proto = load_half(skb, off + 2);
		off += 4;
	}
	if (proto != ETH_P_IP)
		return -1;
	f->src = load_word(skb, off + 12);
	f->dst = load_word(skb, off + 16);
	f->proto = load_byte(skb, off + 9);
	if (load_half(skb, off + 6) & 0x3fff)
		return 0;
	off += (load_byte(skb, off) & 15) * 4;
	if (f->proto == 6 || f->proto == 17) {
		__u32 ports = load_word(skb, off);

		f->sport = ports >> 16;
		f->dport = ports;
	}
	return 0;
}

SEC("socket")
int prog(struct __sk_buff *skb)
{
	struct flow k = {};
	struct val *v;

	if (parse(skb, &k))
		return 0;
	v = bpf_map_lookup_elem(&flows, &k);
	if (v) {
		__sync_fetch_and_add(&v->a, 1);
		__sync_fetch_and_add(&v->b, skb->len);
	} else {
		struct val first = { .a = 1, .b = skb->len };

		bpf_map_update_elem(&flows, &k, &first, BPF_ANY);
	}
	return 0;
}
