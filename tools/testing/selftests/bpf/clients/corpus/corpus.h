/* SPDX-License-Identifier: GPL-2.0-only */
/* For programs as people write them, compiled for three instruction sets. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Loads from the packet that only compilers can name; offset in bytes. */
#define PACKET_LOAD(size) __u64 load_##size(struct __sk_buff *from, __u64 at) \
	asm("llvm.bpf.load." #size)
PACKET_LOAD(word);
PACKET_LOAD(half);
PACKET_LOAD(byte);

char LICENSE[] SEC("license") = "GPL";

struct val {
	__u64 a, b;
	__u32 arr[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct val);
} arr SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, struct val);
} hash SEC(".maps");
