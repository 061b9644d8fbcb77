// SPDX-License-Identifier: GPL-2.0-only
/* Prototypes of the helpers; their bodies are compiled and never run. */
#include "../../../../../../kernel/bpf/helpers.c"

u64 bpf_trace_printk(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);

#include "printk_proto.h"

const struct bpf_func_proto *bpf_get_trace_printk_proto(void)
{
	return &bpf_trace_printk_proto;
}

bool perfmon_capable(void)
{
	return true;
}
