// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program around a few statements, which try.sh gives when it compiles this.
 * They see the context as ctx and the maps below, and what they return is shown.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#ifndef TRY
#define TRY return 1;
#define TRY_SECTION "socket"
#define TRY_CONTEXT struct __sk_buff
#endif

unsigned long long load_byte(void *skb, unsigned long long off) asm("llvm.bpf.load.byte");
unsigned long long load_half(void *skb, unsigned long long off) asm("llvm.bpf.load.half");

#define TABLE(name, kind, entries, k, v)				\
	struct {							\
		__uint(type, BPF_MAP_TYPE_##kind);			\
		__uint(max_entries, entries);				\
		__type(key, k);						\
		__type(value, v);					\
	} name SEC(".maps")

TABLE(hash, HASH, 16, __u32, __u64);		/* empty */
TABLE(array, ARRAY, 4, __u32, __u64);		/* 0, 10, 20, 30 */
TABLE(progs, PROG_ARRAY, 4, __u32, __u32);	/* at 0 a program that returns 42 */
TABLE(events, PERF_EVENT_ARRAY, 4, __u32, __u32); /* at 0 a buffer, at 1 a clock */
TABLE(result, ARRAY, 1, __u32, __u64);

static __always_inline long tried(TRY_CONTEXT *ctx)
{
	TRY
}

static __always_inline int show(__u64 value)
{
	__u32 zero = 0;

	bpf_map_update_elem(&result, &zero, &value, BPF_ANY);
	return 0;
}

SEC(TRY_SECTION)
int first(TRY_CONTEXT *ctx)
{
	return show(tried(ctx));
}

SEC(TRY_SECTION)
int other(TRY_CONTEXT *ctx)
{
	return show(42);
}

char _license[] SEC("license") = "GPL";
