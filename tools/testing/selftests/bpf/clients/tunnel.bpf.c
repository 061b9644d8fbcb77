// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tunnel keys by tc and ip: what leaves a device without a key of its own gets one
 * here, and what comes in tells its key in the trace. tunnel.sh attaches these.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define NEAR	0x0a070001	/* 10.7.0.1 */
#define FAR	0x0a070002

static __always_inline int send_to(struct __sk_buff *skb, __u32 id, __u32 remote, __u64 flags)
{
	struct bpf_tunnel_key key = {
		.tunnel_id = id,
		.remote_ipv4 = remote,
		.tunnel_tos = 8,
		.tunnel_ttl = 44,
	};

	return bpf_skb_set_tunnel_key(skb, &key, sizeof(key), flags) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("classifier/to_far")
int to_far(struct __sk_buff *skb)
{
	return send_to(skb, 0x123456, FAR, 0);
}

SEC("classifier/to_near")
int to_near(struct __sk_buff *skb)
{
	return send_to(skb, 0x654321, NEAR, BPF_F_ZERO_CSUM_TX | BPF_F_DONT_FRAGMENT);
}

/* fd07::2: addresses of IPv6 stand in the key as in the packet, those of IPv4 do not. */
SEC("classifier/to_far6")
int to_far6(struct __sk_buff *skb)
{
	struct bpf_tunnel_key key = {
		.tunnel_id = 6,
		.remote_ipv6 = { bpf_htonl(0xfd070000), 0, 0, bpf_htonl(2) },
		.tunnel_ttl = 66,
	};

	return bpf_skb_set_tunnel_key(skb, &key, sizeof(key), BPF_F_TUNINFO_IPV6) ?
	       TC_ACT_SHOT : TC_ACT_OK;
}

/* From before there were more fields: the first 8 bytes of the key. */
SEC("classifier/to_far_short")
int to_far_short(struct __sk_buff *skb)
{
	__u32 key[2] = { 0x88, FAR };

	return bpf_skb_set_tunnel_key(skb, (struct bpf_tunnel_key *)key, sizeof(key), 0) ?
	       TC_ACT_SHOT : TC_ACT_OK;
}

SEC("classifier/tell")
int tell(struct __sk_buff *skb)
{
	char format[] = "key %x of %x, ttl %d\n", none[] = "no key\n";
	struct bpf_tunnel_key key;

	if (bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0))
		bpf_trace_printk(none, sizeof(none));
	else
		bpf_trace_printk(format, sizeof(format), key.tunnel_id, key.remote_ipv4,
				 key.tunnel_ttl);
	return TC_ACT_OK;
}

/* The last word of the address. */
SEC("classifier/tell6")
int tell6(struct __sk_buff *skb)
{
	char format[] = "key %x of ::%x, ttl %d\n", none[] = "no key for IPv6\n";
	struct bpf_tunnel_key key;

	if (bpf_skb_get_tunnel_key(skb, &key, sizeof(key), BPF_F_TUNINFO_IPV6))
		bpf_trace_printk(none, sizeof(none));
	else
		bpf_trace_printk(format, sizeof(format), key.tunnel_id, bpf_ntohl(key.remote_ipv6[3]),
				 key.tunnel_ttl);
	return TC_ACT_OK;
}

/* Only one number may come in. */
SEC("classifier/only_123456")
int only_123456(struct __sk_buff *skb)
{
	struct bpf_tunnel_key key;

	if (bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0))
		return TC_ACT_SHOT;
	return key.tunnel_id == 0x123456 ? TC_ACT_OK : TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "GPL";
