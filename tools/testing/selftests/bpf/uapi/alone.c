// SPDX-License-Identifier: GPL-2.0-only
/* A C program that includes nothing but the header: it must be complete. */
#include <linux/bpf.h>

static const struct bpf_insn program[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1 },
	{ .code = BPF_JMP | BPF_EXIT },
};

int main(void)
{
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
		.insn_cnt = sizeof(program) / sizeof(program[0]),
		.insns = (__u64)(unsigned long)program,
	};
	struct __sk_buff skb = { .len = 1 };

	return !(attr.insn_cnt == 2 && skb.len == 1 && program[1].code == 0x95);
}
