// SPDX-License-Identifier: GPL-2.0-only
/* UDP under a socket map: not offered, see net/core/sock_map.c. */
#include <linux/errno.h>
#include <net/udp.h>

int udp_bpf_update_proto(struct sock *sk, struct sk_psock *psock, bool restore)
{
	return -EOPNOTSUPP;
}
