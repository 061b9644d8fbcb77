// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classifiers and actions of traffic control, as the verifier sees them: the
 * fields they may use, helpers that change packets, and what comes before programs
 * that do so by themselves.
 *
 * Both types have the same rights. What their return value means is up to those
 * who run them, net/sched/cls_bpf.c and act_bpf.c.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/kernel.h>
#include <linux/pkt_cls.h>
#include <linux/skbuff.h>

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

/* A packet that was never cloned has its bytes for itself. Of another one they are
 * copied; if there is no memory for that, it is dropped, as the program would have
 * seen and changed what others hold.
 */
static unsigned int tc_packet_prologue(struct bpf_insn *out)
{
	const struct bpf_insn prologue[] = {
		BPF_LDX_MEM(BPF_B, BPF_REG_6, BPF_REG_1, CLONED_OFFSET),
		BPF_ALU32_IMM(BPF_AND, BPF_REG_6, CLONED_MASK),
		BPF_JMP_IMM(BPF_JEQ, BPF_REG_6, 0, 6),
		BPF_MOV64_REG(BPF_REG_6, BPF_REG_1),
		BPF_EMIT_CALL(bpf_packet_own),
		BPF_MOV64_REG(BPF_REG_1, BPF_REG_6),
		BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 2),
		BPF_MOV64_IMM(BPF_REG_0, TC_ACT_SHOT),
		BPF_EXIT_INSN(),
	};

	BUILD_BUG_ON(ARRAY_SIZE(prologue) > BPF_LOWER_MAX);
	memcpy(out, prologue, sizeof(prologue));
	return ARRAY_SIZE(prologue);
}

const struct bpf_verifier_ops tc_verifier_ops = {
	.get_func_proto = tc_get_func_proto,
	.is_valid_access = tc_is_valid_access,
	.lower_ctx_access = skb_lower_ctx_access,
	.ctx_value = skb_ctx_value,
	.packet_prologue = tc_packet_prologue,
	.has_packet_loads = true,
};
