// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables of map types and program types, and the check that they are whole.
 *
 * A command calls an operation of a map type without asking whether it exists.
 * That is safe because a table of operations with a hole never gets into
 * map_types[]: it is refused at boot, before user space runs, and its type
 * stays unknown.
 *
 * Written at boot only; read without a lock.
 */
#include <linux/bpf.h>
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/nospec.h>
#include <linux/printk.h>

static const struct {
	enum bpf_map_type type;
	const struct bpf_map_ops *ops;
} known_map_types[] = {
	{ BPF_MAP_TYPE_HASH,	&htab_map_ops },
	{ BPF_MAP_TYPE_ARRAY,	&array_map_ops },
	{ BPF_MAP_TYPE_PROG_ARRAY, &prog_array_map_ops },
#ifdef CONFIG_PERF_EVENTS
	{ BPF_MAP_TYPE_PERF_EVENT_ARRAY, &perf_event_array_map_ops },
#endif
};

static const struct bpf_prog_type_desc prog_types[] = {
#ifdef CONFIG_NET
	{ BPF_PROG_TYPE_SOCKET_FILTER, &sk_filter_verifier_ops, BPF_TYPE_CAP_NONE,
	  bpf_test_run_skb },
#endif
#if IS_ENABLED(CONFIG_NET_CLS_BPF)
	{ BPF_PROG_TYPE_SCHED_CLS, &tc_verifier_ops, BPF_TYPE_CAP_NET_ADMIN,
	  bpf_test_run_skb },
#endif
#if IS_ENABLED(CONFIG_NET_ACT_BPF)
	{ BPF_PROG_TYPE_SCHED_ACT, &tc_verifier_ops, BPF_TYPE_CAP_NET_ADMIN,
	  bpf_test_run_skb },
#endif
#ifdef CONFIG_BPF_EVENTS
	{ BPF_PROG_TYPE_KPROBE, &kprobe_verifier_ops, BPF_TYPE_CAP_PERFMON },
#endif
};

#define MAP_TYPE_MAX	(BPF_MAP_TYPE_USER_RINGBUF + 1)

static const struct bpf_map_ops *map_types[MAP_TYPE_MAX] __ro_after_init;

/* The table of operations has nothing but function pointers in it. */
static bool __init ops_are_complete(const struct bpf_map_ops *ops)
{
	void * const *slot = (void * const *)ops;
	size_t i;

	BUILD_BUG_ON(sizeof(*ops) % sizeof(*slot));
	for (i = 0; i < sizeof(*ops) / sizeof(*slot); i++)
		if (!slot[i])
			return false;
	return true;
}

static int __init bpf_map_types_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known_map_types); i++) {
		if (ops_are_complete(known_map_types[i].ops))
			map_types[known_map_types[i].type] = known_map_types[i].ops;
		else
			pr_err("bpf: map type %d lacks an operation, refused\n",
			       known_map_types[i].type);
	}
	return 0;
}
core_initcall(bpf_map_types_init);

/**
 * bpf_map_type_find() - operations of a map type
 * @type: number from user space
 *
 * Context: any.
 * Return: a complete table, or NULL for an unknown type.
 */
const struct bpf_map_ops *bpf_map_type_find(u32 type)
{
	if (type >= MAP_TYPE_MAX)
		return NULL;
	return map_types[array_index_nospec(type, MAP_TYPE_MAX)];
}

/**
 * bpf_prog_type_find() - row of a program type
 * @type: number from user space
 *
 * Context: any.
 * Return: the row, or NULL for a type that could not be attached anywhere.
 */
const struct bpf_prog_type_desc *bpf_prog_type_find(u32 type)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(prog_types); i++)
		if (prog_types[i].type == type)
			return &prog_types[i];
	return NULL;
}
