// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TYPE_KPROBE: programs on kprobes, kretprobes and uprobes. The context
 * is the registers of what was interrupted, and may be read only.
 *
 * Nothing here runs while a program does: these are the tables of the verifier.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/ptrace.h>
#include <linux/security.h>

static bool kprobe_is_valid_access(const struct bpf_insn_access *access)
{
	const int end = sizeof(struct pt_regs);

	return access->type == BPF_READ && access->off >= 0 &&
	       access->off < end && access->off % access->size == 0 &&
	       access->off + access->size <= end;
}

/* The registers are memory as the program sees them. */
static unsigned int kprobe_lower_ctx_access(const struct bpf_insn_access *access,
					    const struct bpf_insn *insn,
					    struct bpf_insn *out)
{
	*out = *insn;
	return 1;
}

static const struct bpf_func_proto *const kprobe_helpers[] = {
	[BPF_FUNC_map_lookup_elem]	= &bpf_map_lookup_elem_proto,
	[BPF_FUNC_map_update_elem]	= &bpf_map_update_elem_proto,
	[BPF_FUNC_map_delete_elem]	= &bpf_map_delete_elem_proto,
	[BPF_FUNC_probe_read]		= &bpf_probe_read_proto,
	[BPF_FUNC_ktime_get_ns]		= &bpf_ktime_get_ns_proto,
	[BPF_FUNC_get_prandom_u32]	= &bpf_get_prandom_u32_proto,
	[BPF_FUNC_get_smp_processor_id]	= &bpf_get_smp_processor_id_proto,
	[BPF_FUNC_tail_call]		= &bpf_tail_call_proto,
	[BPF_FUNC_get_current_pid_tgid]	= &bpf_get_current_pid_tgid_proto,
	[BPF_FUNC_get_current_uid_gid]	= &bpf_get_current_uid_gid_proto,
	[BPF_FUNC_get_current_comm]	= &bpf_get_current_comm_proto,
	[BPF_FUNC_perf_event_read]	= &bpf_perf_event_read_proto,
	[BPF_FUNC_perf_event_output]	= &bpf_perf_event_output_proto,
};

static const struct bpf_func_proto *
kprobe_get_func_proto(enum bpf_func_id id, const struct bpf_prog *prog)
{
	if (id == BPF_FUNC_trace_printk)
		return bpf_get_trace_printk_proto();
	if ((u32)id >= ARRAY_SIZE(kprobe_helpers))
		return NULL;
	/* A locked down kernel keeps its memory to itself, root or not. */
	if (id == BPF_FUNC_probe_read &&
	    security_locked_down(LOCKDOWN_BPF_READ_KERNEL))
		return NULL;
	return kprobe_helpers[id];
}

const struct bpf_verifier_ops kprobe_verifier_ops = {
	.get_func_proto = kprobe_get_func_proto,
	.is_valid_access = kprobe_is_valid_access,
	.lower_ctx_access = kprobe_lower_ctx_access,
};
