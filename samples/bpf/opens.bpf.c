// SPDX-License-Identifier: GPL-2.0-only
/*
 * A syscall tracer in pieces: one probe sees every system call, and a tail call
 * goes to the program for its number. What it has to tell goes to user space as a
 * record in the buffer of its CPU.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <asm/unistd.h>
#include <bpf/bpf_helpers.h>
#include "opens.h"

int on_openat(struct pt_regs *ctx);
int on_unlinkat(struct pt_regs *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 512);
	__uint(key_size, sizeof(__u32));
	__array(values, int (struct pt_regs *ctx));
} by_number SEC(".maps") = {
	.values = {
		[__NR_openat] = (void *)&on_openat,
		[__NR_unlinkat] = (void *)&on_unlinkat,
	},
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} records SEC(".maps");

/* x64_sys_call(regs, number): the registers of the caller, and what it wants. */
static __always_inline void tell(struct pt_regs *ctx, __u32 number)
{
	struct pt_regs *caller = (struct pt_regs *)ctx->rdi;
	struct record record = { .number = number };
	const char *path = NULL;

	record.thread = bpf_get_current_pid_tgid();
	bpf_get_current_comm(record.comm, sizeof(record.comm));
	bpf_probe_read(&path, sizeof(path), &caller->rsi);
	bpf_probe_read(record.path, sizeof(record.path), path);
	bpf_perf_event_output(ctx, &records, BPF_F_CURRENT_CPU, &record, sizeof(record));
}

SEC("kprobe")
int on_openat(struct pt_regs *ctx)
{
	tell(ctx, __NR_openat);
	return 0;
}

SEC("kprobe")
int on_unlinkat(struct pt_regs *ctx)
{
	tell(ctx, __NR_unlinkat);
	return 0;
}

SEC("kprobe")
int on_syscall(struct pt_regs *ctx)
{
	bpf_tail_call(ctx, &by_number, (__u32)ctx->rsi);
	return 0;	/* nobody asked for this one */
}

char LICENSE[] SEC("license") = "GPL";
