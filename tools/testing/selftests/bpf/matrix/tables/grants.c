// SPDX-License-Identifier: GPL-2.0-only
/*
 * What program types besides socket filters are granted: their tables, with the
 * prototypes of the helpers. The bodies stay out.
 */
#include "../../../../../../net/bpf/tc.c"
#include "../../../../../../kernel/bpf/kprobe.c"

#define HELPER(name)	u64 bpf_##name(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)

HELPER(tail_call);
HELPER(probe_read);
HELPER(get_current_pid_tgid);
HELPER(get_current_uid_gid);
HELPER(get_current_comm);
HELPER(perf_event_read);
HELPER(perf_event_output);
HELPER(skb_event_output);
HELPER(skb_store_bytes);
HELPER(l3_csum_replace);
HELPER(l4_csum_replace);
HELPER(clone_redirect);
HELPER(get_cgroup_classid);
HELPER(skb_vlan_push);
HELPER(skb_vlan_pop);
HELPER(skb_get_tunnel_key);
HELPER(skb_set_tunnel_key);

#include "protos.h"

const struct bpf_func_proto *bpf_get_skb_set_tunnel_key_proto(void)
{
	return &bpf_skb_set_tunnel_key_proto;
}

int security_locked_down(int what)
{
	return 0;
}
