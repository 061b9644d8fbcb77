// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classifiers and actions of traffic control, as the verifier sees them: the
 * fields they may use, and helpers that change packets.
 *
 * Both types have the same rights. What their return value means is up to those
 * who run them, net/sched/cls_bpf.c and act_bpf.c.
 */
#include <linux/bpf.h>
#include <linux/kernel.h>

#include "skb.h"

static const struct bpf_func_proto *const tc_helpers[] = {
	[BPF_FUNC_skb_store_bytes]	= &bpf_skb_store_bytes_proto,
	[BPF_FUNC_l3_csum_replace]	= &bpf_l3_csum_replace_proto,
	[BPF_FUNC_l4_csum_replace]	= &bpf_l4_csum_replace_proto,
	[BPF_FUNC_clone_redirect]	= &bpf_clone_redirect_proto,
	[BPF_FUNC_get_cgroup_classid]	= &bpf_get_cgroup_classid_proto,
	[BPF_FUNC_skb_vlan_push]	= &bpf_skb_vlan_push_proto,
	[BPF_FUNC_skb_vlan_pop]		= &bpf_skb_vlan_pop_proto,
	[BPF_FUNC_skb_get_tunnel_key]	= &bpf_skb_get_tunnel_key_proto,
};

static const struct bpf_func_proto *
tc_get_func_proto(enum bpf_func_id id, const struct bpf_prog *prog)
{
	if (id == BPF_FUNC_skb_set_tunnel_key)
		return bpf_get_skb_set_tunnel_key_proto();
	if ((u32)id < ARRAY_SIZE(tc_helpers) && tc_helpers[id])
		return tc_helpers[id];
	return skb_get_func_proto(id, prog);
}

static bool tc_is_valid_access(const struct bpf_insn_access *access)
{
	return skb_access_is_valid(access, SKB_TC);
}

const struct bpf_verifier_ops tc_verifier_ops = {
	.get_func_proto = tc_get_func_proto,
	.is_valid_access = tc_is_valid_access,
	.lower_ctx_access = skb_lower_ctx_access,
	.has_packet_loads = true,
};
