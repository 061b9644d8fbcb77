// SPDX-License-Identifier: GPL-2.0-only
/*
 * Program types beside socket filters, for programs that guests loaded: the tables
 * are the kernel's, net/bpf/tc.c and kernel/bpf/kprobe.c. Of their helpers only the
 * prototypes are here, taken from the sources; nothing calls a helper.
 */
#include <linux/bpf.h>
#include <linux/filter.h>

#include "types.h"

#include "helper_protos.h"

const struct bpf_func_proto *bpf_get_skb_set_tunnel_key_proto(void)
{
	return &bpf_skb_set_tunnel_key_proto;
}

/* Never called: a prologue only has to lead somewhere. */
u64 bpf_packet_own(u64 skb, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return 0;
}

int security_locked_down(int what)
{
	return 0;
}

const struct bpf_verifier_ops *const types_ops[TYPES] = {
	[BPF_PROG_TYPE_SOCKET_FILTER]	= &sk_filter_verifier_ops,
	[BPF_PROG_TYPE_KPROBE]		= &kprobe_verifier_ops,
	[BPF_PROG_TYPE_SCHED_CLS]	= &tc_verifier_ops,
	[BPF_PROG_TYPE_SCHED_ACT]	= &tc_verifier_ops,
};
