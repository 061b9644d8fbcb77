/* SPDX-License-Identifier: GPL-2.0-only */
/* The trace event that carries what programs print. Its name and field are ABI. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM bpf_trace

#if !defined(_BPF_PRINTK_EVENT_H) || defined(TRACE_HEADER_MULTI_READ)
#define _BPF_PRINTK_EVENT_H

#include <linux/tracepoint.h>

TRACE_EVENT(bpf_trace_printk,
	TP_PROTO(const char *line),
	TP_ARGS(line),
	TP_STRUCT__entry(__string(bpf_string, line)),
	TP_fast_assign(__assign_str(bpf_string, line);),
	TP_printk("%s", __get_str(bpf_string))
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH ../../kernel/bpf
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE printk_event
#include <trace/define_trace.h>
