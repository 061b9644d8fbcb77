// SPDX-License-Identifier: GPL-2.0-only
/*
 * Socket maps are not offered. The protocol tables name a function that would
 * move a socket under such a map; it refuses. Reuseport socket arrays likewise
 * hold no socket, and no program type may set socket options.
 */
#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/filter.h>

#ifndef CONFIG_NET_SOCK_MSG
int tcp_bpf_update_proto(struct sock *sk, struct sk_psock *psock, bool restore)
{
	return -EOPNOTSUPP;
}
#endif

void bpf_sk_reuseport_detach(struct sock *sk)
{
}

static u64 no_such_helper(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return -EOPNOTSUPP;
}

const struct bpf_func_proto bpf_sk_setsockopt_proto = {
	.func = no_such_helper,
};

const struct bpf_func_proto bpf_sk_getsockopt_proto = {
	.func = no_such_helper,
};
