/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hooks of cgroup programs in the protocols. CGROUP_BPF is not offered, so each
 * hook is the constant answer "no program": 0, or the given return value.
 */
#ifndef _LINUX_BPF_CGROUP_H
#define _LINUX_BPF_CGROUP_H

#include <linux/bpf.h>
#include <linux/bpf-cgroup-defs.h>

struct cgroup;

static inline int cgroup_bpf_inherit(struct cgroup *cgrp)
{
	return 0;
}

static inline void cgroup_bpf_offline(struct cgroup *cgrp)
{
}

#define cgroup_bpf_enabled(atype)	(0)

#define BPF_CGROUP_PRE_CONNECT_ENABLED(sk)			(0)
#define BPF_CGROUP_GETSOCKOPT_MAX_OPTLEN(optlen)		({ 0; })

#define BPF_CGROUP_RUN_PROG_INET_INGRESS(sk, skb)		({ 0; })
#define BPF_CGROUP_RUN_PROG_INET_EGRESS(sk, skb)		({ 0; })
#define BPF_CGROUP_RUN_PROG_INET_SOCK(sk)			({ 0; })
#define BPF_CGROUP_RUN_PROG_INET_SOCK_RELEASE(sk)		({ 0; })
#define BPF_CGROUP_RUN_SA_PROG(sk, uaddr, atype)		({ 0; })
#define BPF_CGROUP_RUN_PROG_INET_BIND_LOCK(sk, uaddr, atype, flags) ({ 0; })
#define BPF_CGROUP_RUN_PROG_INET4_POST_BIND(sk)			({ 0; })
#define BPF_CGROUP_RUN_PROG_INET6_POST_BIND(sk)			({ 0; })
#define BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, uaddr)		({ 0; })
#define BPF_CGROUP_RUN_PROG_INET4_CONNECT_LOCK(sk, uaddr)	({ 0; })
#define BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, uaddr)		({ 0; })
#define BPF_CGROUP_RUN_PROG_INET6_CONNECT_LOCK(sk, uaddr)	({ 0; })
#define BPF_CGROUP_RUN_PROG_UDP4_SENDMSG_LOCK(sk, uaddr, ctx)	({ 0; })
#define BPF_CGROUP_RUN_PROG_UDP6_SENDMSG_LOCK(sk, uaddr, ctx)	({ 0; })
#define BPF_CGROUP_RUN_PROG_UDP4_RECVMSG_LOCK(sk, uaddr)	({ 0; })
#define BPF_CGROUP_RUN_PROG_UDP6_RECVMSG_LOCK(sk, uaddr)	({ 0; })
#define BPF_CGROUP_RUN_PROG_SOCK_OPS(sock_ops)			({ 0; })
#define BPF_CGROUP_RUN_PROG_SOCK_OPS_SK(sock_ops, sk)		({ 0; })
#define BPF_CGROUP_RUN_PROG_DEVICE_CGROUP(type, major, minor, access) ({ 0; })
#define BPF_CGROUP_RUN_PROG_SYSCTL(head, table, write, buf, count, pos) ({ 0; })
#define BPF_CGROUP_RUN_PROG_SETSOCKOPT(sock, level, optname, optval,	\
				       optlen, kernel_optval)	({ 0; })
#define BPF_CGROUP_RUN_PROG_GETSOCKOPT(sock, level, optname, optval,	\
				       optlen, max_optlen, retval)	({ retval; })
#define BPF_CGROUP_RUN_PROG_GETSOCKOPT_KERN(sock, level, optname, optval, \
					    optlen, retval)	({ retval; })

#endif
