// SPDX-License-Identifier: GPL-2.0-only
/*
 * For perf record -e: says of each read of 777 or 778 bytes how long it is and who
 * wants it, and only those of 777 become events of the probe. Nothing else in the
 * guest reads so many bytes.
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <linux/version.h>
#include <bpf/bpf_helpers.h>

/* perf opens an event for output by this name, one for each CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} __bpf_stdout__ SEC(".maps");

struct told {
	__u32 bytes;
	__u32 process;
};

/* The name of the event, and what perf finds the address of. */
SEC("read=vfs_read")
int on_read(struct pt_regs *ctx)
{
	struct told told = { ctx->rdx, bpf_get_current_pid_tgid() >> 32 };

	if (told.bytes != 777 && told.bytes != 778)
		return 0;
	bpf_perf_event_output(ctx, &__bpf_stdout__, BPF_F_CURRENT_CPU, &told, sizeof(told));
	return told.bytes == 777;
}

char LICENSE[] SEC("license") = "GPL";
int VERSION SEC("version") = LINUX_VERSION_CODE;
