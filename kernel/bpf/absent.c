// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers for features that kept code calls but that this subsystem does not
 * offer: iterators, task storage. Every entry refuses or does nothing;
 * none is reachable from bpf(2). A feature that arrives takes its entries away.
 */
#include <linux/bpf.h>
#include <linux/btf_ids.h>
#include <linux/filter.h>

/* Registration must look successful: IPv6 does not start otherwise. */
int bpf_iter_reg_target(const struct bpf_iter_reg *reg_info)
{
	return 0;
}

void bpf_iter_unreg_target(const struct bpf_iter_reg *reg_info)
{
}

struct bpf_prog *bpf_iter_get_info(struct bpf_iter_meta *meta, bool in_stop)
{
	return NULL;
}

int bpf_iter_run_prog(struct bpf_prog *prog, void *ctx)
{
	return 0;
}

/* Types of sockets for iterators; there is no type information to point to. */
u32 btf_sock_ids[MAX_BTF_SOCK_TYPE];

void bpf_task_storage_free(struct task_struct *task)
{
}
