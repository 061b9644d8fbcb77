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

#define cgroup_bpf_enabled(atype)			(0)
#define BPF_CGROUP_PRE_CONNECT_ENABLED(sk)		(0)

/* What a hook evaluates to when there is no program to ask. */
#define BPF_CGROUP_SILENT(answer)			({ (answer); })

/* Sockets: life cycle and addresses. */
#define BPF_CGROUP_RUN_PROG_INET_SOCK(...)		BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_INET_SOCK_RELEASE(...)	BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_INET_BIND_LOCK(...)		BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_INET4_POST_BIND(...)	BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_INET6_POST_BIND(...)	BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_INET4_CONNECT(...)		BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_INET6_CONNECT(...)		BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_INET4_CONNECT_LOCK(...)	BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_INET6_CONNECT_LOCK(...)	BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_SA_PROG(...)			BPF_CGROUP_SILENT(0)

/* Packets and messages. */
#define BPF_CGROUP_RUN_PROG_INET_EGRESS(...)		BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_INET_INGRESS(...)		BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_UDP4_RECVMSG_LOCK(...)	BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_UDP6_RECVMSG_LOCK(...)	BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_UDP4_SENDMSG_LOCK(...)	BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_UDP6_SENDMSG_LOCK(...)	BPF_CGROUP_SILENT(0)

/* TCP events, devices, sysctls. */
#define BPF_CGROUP_RUN_PROG_SOCK_OPS(...)		BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_SOCK_OPS_SK(...)		BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_DEVICE_CGROUP(...)		BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_SYSCTL(...)			BPF_CGROUP_SILENT(0)

/* Socket options; reading one keeps what the protocol answered. */
#define BPF_CGROUP_GETSOCKOPT_MAX_OPTLEN(optlen)	BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_SETSOCKOPT(...)		BPF_CGROUP_SILENT(0)
#define BPF_CGROUP_RUN_PROG_GETSOCKOPT(sk, lvl, opt, val, len, max, ret)	\
	BPF_CGROUP_SILENT(ret)
#define BPF_CGROUP_RUN_PROG_GETSOCKOPT_KERN(sk, lvl, opt, val, len, ret)	\
	BPF_CGROUP_SILENT(ret)

#endif
