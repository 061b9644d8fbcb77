// SPDX-License-Identifier: GPL-2.0-only
/*
 * For perf record -e OBJECT/map:asked.value=N,map:given.value=M/: perf puts the
 * numbers into the maps, the programs compare. Calls of read() in libc that want N
 * bytes are events, and returns of vfs_read() with M.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <linux/version.h>
#include <bpf/bpf_helpers.h>

struct number {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
};

struct number asked SEC(".maps"), given SEC(".maps");

static __always_inline int is(void *map, __u64 value)
{
	__u32 zero = 0;
	__u64 *wanted = bpf_map_lookup_elem(map, &zero);

	return wanted && *wanted == value;
}

SEC("exec=/lib/x86_64-linux-gnu/libc.so.6;call=read")
int on_call(struct pt_regs *ctx)
{
	return is(&asked, ctx->rdx);
}

SEC("end=vfs_read%return")
int on_end(struct pt_regs *ctx)
{
	return is(&given, ctx->rax);
}

char LICENSE[] SEC("license") = "GPL";
int VERSION SEC("version") = LINUX_VERSION_CODE;
