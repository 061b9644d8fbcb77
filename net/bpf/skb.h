/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of this directory share: the context of programs over packets,
 * and the two things a change of a packet must not forget.
 */
#ifndef _NET_BPF_SKB_H
#define _NET_BPF_SKB_H

#include <linux/bpf.h>

struct sk_buff;

/* Whose rules of struct __sk_buff: bits of struct skb_field.read and .write. */
enum {
	SKB_SOCKET = 1,		/* socket filters */
	SKB_TC = 2,		/* classifiers and actions */
};

/* skb.c: for struct bpf_verifier_ops. */
bool skb_access_is_valid(const struct bpf_insn_access *access, u8 user);
enum bpf_ctx_value skb_ctx_value(const struct bpf_insn_access *access);
unsigned int skb_lower_ctx_access(const struct bpf_insn_access *access,
				  const struct bpf_insn *insn,
				  struct bpf_insn *out);
const struct bpf_func_proto *skb_get_func_proto(enum bpf_func_id id,
						const struct bpf_prog *prog);

/* edit.c: before a byte of the packet is written. */
int packet_make_writable(struct sk_buff *skb, unsigned int end);
u64 bpf_packet_own(u64 skb, u64 r2, u64 r3, u64 r4, u64 r5);

/* edit.c: around a change of the link layer header. */
void packet_csum_add_mac(struct sk_buff *skb);
void packet_csum_sub_mac(struct sk_buff *skb);

/* The helpers, see the file of each. */
extern const struct bpf_func_proto bpf_skb_event_output_proto;
extern const struct bpf_func_proto bpf_skb_store_bytes_proto;
extern const struct bpf_func_proto bpf_l3_csum_replace_proto;
extern const struct bpf_func_proto bpf_l4_csum_replace_proto;
extern const struct bpf_func_proto bpf_clone_redirect_proto;
extern const struct bpf_func_proto bpf_get_cgroup_classid_proto;
extern const struct bpf_func_proto bpf_skb_vlan_push_proto;
extern const struct bpf_func_proto bpf_skb_vlan_pop_proto;
extern const struct bpf_func_proto bpf_skb_get_tunnel_key_proto;
const struct bpf_func_proto *bpf_get_skb_set_tunnel_key_proto(void);

#endif /* _NET_BPF_SKB_H */
