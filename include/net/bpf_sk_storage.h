/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hooks of per-socket storage, a map type that is not offered: sockets have
 * none, and a request to list it is refused.
 */
#ifndef _BPF_SK_STORAGE_H
#define _BPF_SK_STORAGE_H

#include <linux/err.h>
#include <linux/types.h>

struct bpf_sk_storage_diag;
struct nlattr;
struct sk_buff;
struct sock;

#ifdef CONFIG_BPF_SYSCALL
void bpf_sk_storage_free(struct sock *sk);
#else
static inline void bpf_sk_storage_free(struct sock *sk)
{
}
#endif

static inline int bpf_sk_storage_clone(const struct sock *sk, struct sock *newsk)
{
	return 0;
}

static inline struct bpf_sk_storage_diag *
bpf_sk_storage_diag_alloc(const struct nlattr *nla)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline void bpf_sk_storage_diag_free(struct bpf_sk_storage_diag *diag)
{
}

static inline int bpf_sk_storage_diag_put(struct bpf_sk_storage_diag *diag,
					  struct sock *sk, struct sk_buff *skb,
					  int stg_array_type,
					  unsigned int *res_diag_size)
{
	return 0;
}

#endif
