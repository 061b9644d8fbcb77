// SPDX-License-Identifier: GPL-2.0-only
/* Global variables of all kinds, as clang places them. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

/* .rodata: what the loader says, and what stays */
const volatile __u32 limit = 100;
const volatile __u8 broken;
static const char labels[2][8] = { "short", "long" };

/* .data and .bss */
__u64 bytes = 1000;
__u32 pace = 3;
__u64 packets;
char last[8];

SEC("socket")
int count(struct __sk_buff *skb)
{
	__u32 is_long = skb->len > limit;

	packets += pace;
	__sync_fetch_and_add(&bytes, skb->len);
	/* No kernel accepts this, unless it knows that it does not happen. */
	if (broken)
		return *(volatile int *)16;
	for (int i = 0; i < sizeof(last); i++)
		last[i] = labels[is_long & 1][i];
	return is_long ? 2 : 1;
}
