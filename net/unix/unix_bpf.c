// SPDX-License-Identifier: GPL-2.0-only
/* UNIX sockets under a socket map: not offered, see net/core/sock_map.c. */
#include <linux/errno.h>
#include <linux/init.h>
#include <net/af_unix.h>

int unix_dgram_bpf_update_proto(struct sock *sk, struct sk_psock *psock,
				bool restore)
{
	return -EOPNOTSUPP;
}

int unix_stream_bpf_update_proto(struct sock *sk, struct sk_psock *psock,
				 bool restore)
{
	return -EOPNOTSUPP;
}

void __init unix_bpf_build_proto(void)
{
}
