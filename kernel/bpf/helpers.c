// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that belong to no subsystem: maps, time, random numbers, the CPU.
 *
 * A helper runs in whatever context its program does, possibly an NMI: it must
 * not sleep, allocate or wait. Its arguments are what the verifier proved from
 * the prototype beside it.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/init.h>
#include <linux/percpu.h>
#include <linux/prandom.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>

/* ---- maps ---------------------------------------------------------------------- */

BPF_CALL_2(bpf_map_lookup_elem, struct bpf_map *, map, void *, key)
{
	return (unsigned long)map->ops->map_lookup_elem(map, key);
}

const struct bpf_func_proto bpf_map_lookup_elem_proto = {
	.func		= bpf_map_lookup_elem,
	.packet_access	= true,
	.ret_type	= RET_PTR_TO_MAP_VALUE_OR_NULL,
	.arg_type	= { ARG_CONST_MAP_PTR, ARG_PTR_TO_MAP_KEY },
};

BPF_CALL_4(bpf_map_update_elem, struct bpf_map *, map, void *, key,
	   void *, value, u64, flags)
{
	return map->ops->map_update_elem(map, key, value, flags);
}

const struct bpf_func_proto bpf_map_update_elem_proto = {
	.func		= bpf_map_update_elem,
	.packet_access	= true,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_CONST_MAP_PTR, ARG_PTR_TO_MAP_KEY,
			    ARG_PTR_TO_MAP_VALUE, ARG_ANYTHING },
};

BPF_CALL_2(bpf_map_delete_elem, struct bpf_map *, map, void *, key)
{
	return map->ops->map_delete_elem(map, key);
}

const struct bpf_func_proto bpf_map_delete_elem_proto = {
	.func		= bpf_map_delete_elem,
	.packet_access	= true,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_CONST_MAP_PTR, ARG_PTR_TO_MAP_KEY },
};

/* ---- time, randomness, place ----------------------------------------------------- */

BPF_CALL_0(bpf_ktime_get_ns)
{
	/* The one clock an NMI may read. */
	return ktime_get_mono_fast_ns();
}

const struct bpf_func_proto bpf_ktime_get_ns_proto = {
	.func		= bpf_ktime_get_ns,
	.ret_type	= RET_INTEGER,
};

/*
 * Programs have a generator of their own, so that what they draw tells nothing
 * about the kernel's. A program that interrupts another in the middle of a step
 * only disturbs randomness.
 */
static DEFINE_PER_CPU(struct rnd_state, program_rnd);

BPF_CALL_0(bpf_get_prandom_u32)
{
	u32 value = prandom_u32_state(&get_cpu_var(program_rnd));

	put_cpu_var(program_rnd);
	return value;
}

const struct bpf_func_proto bpf_get_prandom_u32_proto = {
	.func		= bpf_get_prandom_u32,
	.ret_type	= RET_INTEGER,
};

static int __init program_rnd_init(void)
{
	prandom_seed_full_state(&program_rnd);
	return 0;
}
late_initcall(program_rnd_init);

BPF_CALL_0(bpf_get_smp_processor_id)
{
	return smp_processor_id();
}

const struct bpf_func_proto bpf_get_smp_processor_id_proto = {
	.func		= bpf_get_smp_processor_id,
	.ret_type	= RET_INTEGER,
};
