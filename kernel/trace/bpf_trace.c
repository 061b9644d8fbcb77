// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs on perf and trace events. No program type attaches to an event yet:
 * attaching is refused, so an event's list of programs is always empty and
 * every event is kept.
 */
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/trace_events.h>

int perf_event_attach_bpf_prog(struct perf_event *event, struct bpf_prog *prog,
			       u64 bpf_cookie)
{
	return -EINVAL;
}

void perf_event_detach_bpf_prog(struct perf_event *event)
{
}

int perf_event_query_prog_array(struct perf_event *event, void __user *info)
{
	return -EOPNOTSUPP;
}

unsigned int trace_call_bpf(struct trace_event_call *call, void *ctx)
{
	return 1;
}
