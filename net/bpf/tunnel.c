// SPDX-License-Identifier: GPL-2.0-only
/*
 * The key of a tunnel: where a packet that came out of one was sent from, and
 * where one that goes into it shall be sent to.
 *
 * Devices that leave the choice to others take the key from the packet's route.
 * One such route for each CPU is enough for programs: it is filled for a packet
 * and read by the device below it, in one go. They are made when the first
 * program asks for the helper, and stay.
 *
 * struct bpf_tunnel_key grew. A program passes the size it was compiled with;
 * what lies behind that is 0 when the key is set and left out when it is read.
 */
#include <linux/atomic.h>
#include <linux/filter.h>
#include <linux/skbuff.h>
#include <net/dst_metadata.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>

#include "skb.h"

static struct metadata_dst __percpu *key_routes;

/* Sizes the structure has had. The first knew nothing but IPv4. */
#define KEY_SIZE_V4	offsetof(struct bpf_tunnel_key, remote_ipv6[1])

static const u8 key_sizes[] = {
	KEY_SIZE_V4,
	offsetof(struct bpf_tunnel_key, tunnel_ext),
	offsetof(struct bpf_tunnel_key, tunnel_label),
	offsetof(struct bpf_tunnel_key, local_ipv6[0]),
	sizeof(struct bpf_tunnel_key),
};

static bool is_key_size(u32 size)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(key_sizes); i++)
		if (size == key_sizes[i])
			return true;
	return false;
}

/* ---- from the packet to the program -------------------------------------------- */

static void read_key(struct bpf_tunnel_key *to, const struct ip_tunnel_info *info,
		     u64 flags)
{
	const struct ip_tunnel_key *key = &info->key;

	to->tunnel_id = be64_to_cpu(key->tun_id);
	to->tunnel_tos = key->tos;
	to->tunnel_ttl = key->ttl;
	if (flags & BPF_F_TUNINFO_FLAGS)
		to->tunnel_flags = key->tun_flags;

	if (flags & BPF_F_TUNINFO_IPV6) {
		memcpy(to->remote_ipv6, &key->u.ipv6.src, sizeof(to->remote_ipv6));
		memcpy(to->local_ipv6, &key->u.ipv6.dst, sizeof(to->local_ipv6));
		to->tunnel_label = be32_to_cpu(key->label);
	} else {
		to->remote_ipv4 = be32_to_cpu(key->u.ipv4.src);
		to->local_ipv4 = be32_to_cpu(key->u.ipv4.dst);
	}
}

static int get_key(const struct sk_buff *skb, struct bpf_tunnel_key *key, u32 size,
		   u64 flags)
{
	const struct ip_tunnel_info *info = skb_tunnel_info(skb);
	bool is_ipv6 = flags & BPF_F_TUNINFO_IPV6;

	if (!info || flags & ~(u64)(BPF_F_TUNINFO_IPV6 | BPF_F_TUNINFO_FLAGS))
		return -EINVAL;
	if ((ip_tunnel_info_af(info) == AF_INET6) != is_ipv6)
		return -EPROTO;
	if (!is_key_size(size) || (is_ipv6 && size == KEY_SIZE_V4))
		return -EINVAL;
	read_key(key, info, flags);
	return 0;
}

BPF_CALL_4(bpf_skb_get_tunnel_key, struct sk_buff *, skb, void *, to, u32, size,
	   u64, flags)
{
	struct bpf_tunnel_key key = {};
	int err = get_key(skb, &key, size, flags);

	/* The program was promised that all of its memory is written. */
	if (err)
		memset(to, 0, size);
	else
		memcpy(to, &key, size);
	return err;
}

const struct bpf_func_proto bpf_skb_get_tunnel_key_proto = {
	.func		= bpf_skb_get_tunnel_key,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_PTR_TO_CTX, ARG_PTR_TO_UNINIT_MEM, ARG_CONST_SIZE,
			    ARG_ANYTHING },
};

/* ---- from the program to the packet -------------------------------------------- */

#define SET_FLAGS	(BPF_F_TUNINFO_IPV6 | BPF_F_ZERO_CSUM_TX | \
			 BPF_F_DONT_FRAGMENT | BPF_F_SEQ_NUMBER)

static int check_key(const struct bpf_tunnel_key *key, u64 flags)
{
	/* Only IPv6 has flow labels. */
	if (key->tunnel_ext ||
	    (key->tunnel_label && !(flags & BPF_F_TUNINFO_IPV6)))
		return -EINVAL;
	return 0;
}

static __be16 key_flags(u64 flags)
{
	/* The route is used for another key right after: it must not be cached. */
	__be16 set = TUNNEL_KEY | TUNNEL_NOCACHE;

	if (!(flags & BPF_F_ZERO_CSUM_TX))
		set |= TUNNEL_CSUM;
	if (flags & BPF_F_DONT_FRAGMENT)
		set |= TUNNEL_DONT_FRAGMENT;
	if (flags & BPF_F_SEQ_NUMBER)
		set |= TUNNEL_SEQ;
	return set;
}

static void write_key(struct ip_tunnel_info *info, const struct bpf_tunnel_key *from,
		      u64 flags)
{
	struct ip_tunnel_key *key = &info->key;

	memset(info, 0, sizeof(*info));
	info->mode = IP_TUNNEL_INFO_TX;
	key->tun_flags = key_flags(flags);
	key->tun_id = cpu_to_be64(from->tunnel_id);
	key->tos = from->tunnel_tos;
	key->ttl = from->tunnel_ttl;

	if (flags & BPF_F_TUNINFO_IPV6) {
		info->mode |= IP_TUNNEL_INFO_IPV6;
		memcpy(&key->u.ipv6.dst, from->remote_ipv6, sizeof(from->remote_ipv6));
		memcpy(&key->u.ipv6.src, from->local_ipv6, sizeof(from->local_ipv6));
		key->label = cpu_to_be32(from->tunnel_label) & IPV6_FLOWLABEL_MASK;
	} else {
		key->u.ipv4.dst = cpu_to_be32(from->remote_ipv4);
		key->u.ipv4.src = cpu_to_be32(from->local_ipv4);
	}
}

BPF_CALL_4(bpf_skb_set_tunnel_key, struct sk_buff *, skb, const void *, from,
	   u32, size, u64, flags)
{
	struct metadata_dst *route = this_cpu_ptr(key_routes);
	struct bpf_tunnel_key key = {};

	if (flags & ~(u64)SET_FLAGS || !is_key_size(size))
		return -EINVAL;
	memcpy(&key, from, size);
	if (check_key(&key, flags))
		return -EINVAL;

	skb_dst_drop(skb);
	dst_hold(&route->dst);
	skb_dst_set(skb, &route->dst);
	write_key(&route->u.tun_info, &key, flags);
	return 0;
}

static const struct bpf_func_proto bpf_skb_set_tunnel_key_proto = {
	.func		= bpf_skb_set_tunnel_key,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_PTR_TO_CTX, ARG_PTR_TO_MEM, ARG_CONST_SIZE,
			    ARG_ANYTHING },
};

/* Loads run in parallel: whoever comes second throws its routes away. */
static bool make_routes(void)
{
	struct metadata_dst __percpu *made;

	/* Pairs with cmpxchg() below: who sees routes sees them initialised. */
	if (smp_load_acquire(&key_routes))
		return true;
	made = metadata_dst_alloc_percpu(IP_TUNNEL_OPTS_MAX, METADATA_IP_TUNNEL,
					 GFP_KERNEL);
	if (made && cmpxchg(&key_routes, NULL, made))
		metadata_dst_free_percpu(made);
	return made;
}

/**
 * bpf_get_skb_set_tunnel_key_proto() - prototype of the helper that sets the key
 *
 * Context: process context, may sleep: the first call makes the routes.
 * Return: the prototype, or NULL if there was no memory for the routes.
 */
const struct bpf_func_proto *bpf_get_skb_set_tunnel_key_proto(void)
{
	return make_routes() ? &bpf_skb_set_tunnel_key_proto : NULL;
}
