// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers on perf events: read a counter, write a record for user space.
 *
 * A record is described by a struct perf_sample_data, which is too large for the
 * stack. Each CPU has a few: a program writing one may be interrupted by another
 * that writes one, in a softirq, a hard interrupt and an NMI. More levels than
 * that do not exist, short of a program that traces what perf itself calls.
 *
 * Nothing here sleeps or takes a lock of ours; perf's buffers are made for NMIs.
 */
#include <linux/bpf.h>
#include <linux/bpf_perf.h>
#include <linux/filter.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>

#include "perf_event_array.h"

#define SAMPLE_LEVELS	3

struct samples {
	int level;
	struct perf_sample_data data[SAMPLE_LEVELS];
	struct pt_regs regs[SAMPLE_LEVELS];
};

static DEFINE_PER_CPU(struct samples, cpu_samples);

/* ---- reading ----------------------------------------------------------------- */

BPF_CALL_2(bpf_perf_event_read, struct bpf_map *, map, u64, flags)
{
	struct perf_event *event;
	u64 value = 0;
	int err;

	if (flags & ~BPF_F_INDEX_MASK)
		return -EINVAL;
	event = bpf_event_array_find(map, flags);
	if (IS_ERR(event))
		return PTR_ERR(event);
	err = perf_event_read_local(event, &value, NULL, NULL);
	/* Counters and errors share 64 bits: a caller tells them by their size. */
	return err ?: value;
}

const struct bpf_func_proto bpf_perf_event_read_proto = {
	.func		= bpf_perf_event_read,
	.gpl_only	= true,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_CONST_MAP_PTR, ARG_ANYTHING },
};

/* ---- writing ----------------------------------------------------------------- */

static int check_output_event(const struct perf_event *event)
{
	if (event->attr.type != PERF_TYPE_SOFTWARE ||
	    event->attr.config != PERF_COUNT_SW_BPF_OUTPUT)
		return -EINVAL;
	/* A buffer is written by the CPU its event counts on, and by no other. */
	if (event->oncpu != smp_processor_id())
		return -EOPNOTSUPP;
	return 0;
}

static int output(struct perf_event *event, struct pt_regs *regs,
		  struct perf_raw_record *raw)
{
	struct samples *samples = this_cpu_ptr(&cpu_samples);
	int level = samples->level++;
	struct perf_sample_data *data;
	int err = -EBUSY;

	/* Whoever interrupts us must see the level taken. */
	barrier();
	if (level < SAMPLE_LEVELS) {
		data = &samples->data[level];
		if (!regs) {
			regs = &samples->regs[level];
			perf_fetch_caller_regs(regs);
		}
		perf_sample_data_init(data, 0, 0);
		data->raw = raw;
		data->sample_flags |= PERF_SAMPLE_RAW;
		err = perf_event_output(event, data, regs);
	}
	barrier();
	samples->level--;
	return err;
}

/**
 * bpf_perf_output() - write a record to an event of an array
 * @map: PERF_EVENT_ARRAY
 * @flags: index in the low 32 bits, BPF_F_CURRENT_CPU for this CPU; the rest 0
 * @regs: where the program was called from, NULL for where we are
 * @raw: contents of the record
 *
 * Context: any, RCU read side, migration disabled.
 * Return: 0; -E2BIG for an index outside or a record too long for perf, -ENOENT
 * for an empty slot, -EINVAL for an event of another kind, -EOPNOTSUPP if it
 * does not count on this CPU now, -EBUSY if programs interrupted each other more
 * often than there are levels; what perf_event_output() says otherwise.
 */
int bpf_perf_output(struct bpf_map *map, u64 flags, struct pt_regs *regs,
		    struct perf_raw_record *raw)
{
	struct perf_event *event;
	int err;

	event = bpf_event_array_find(map, flags);
	if (IS_ERR(event))
		return PTR_ERR(event);

	/* A task that took over the CPU would not give back levels in order. */
	preempt_disable();
	err = check_output_event(event);
	if (!err)
		err = output(event, regs, raw);
	preempt_enable();
	return err;
}

BPF_CALL_5(bpf_perf_event_output, struct pt_regs *, regs, struct bpf_map *, map,
	   u64, flags, void *, data, u64, size)
{
	struct perf_raw_record raw = {
		.frag = { .size = size, .data = data },
	};

	if (flags & ~BPF_F_INDEX_MASK)
		return -EINVAL;
	if (size > BPF_RECORD_MAX)
		return -E2BIG;
	return bpf_perf_output(map, flags, regs, &raw);
}

const struct bpf_func_proto bpf_perf_event_output_proto = {
	.func		= bpf_perf_event_output,
	.gpl_only	= true,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_PTR_TO_CTX, ARG_CONST_MAP_PTR, ARG_ANYTHING,
			    ARG_PTR_TO_MEM, ARG_CONST_SIZE_OR_ZERO },
};
