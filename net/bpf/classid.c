// SPDX-License-Identifier: GPL-2.0-only
/*
 * The class that net_cls gives to the control group of the sender.
 */
#include <linux/filter.h>
#include <linux/skbuff.h>
#include <net/cls_cgroup.h>

#include "skb.h"

BPF_CALL_1(bpf_get_cgroup_classid, const struct sk_buff *, skb)
{
	return task_get_classid(skb);
}

const struct bpf_func_proto bpf_get_cgroup_classid_proto = {
	.func		= bpf_get_cgroup_classid,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_PTR_TO_CTX },
};
