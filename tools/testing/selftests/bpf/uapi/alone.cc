// SPDX-License-Identifier: GPL-2.0-only
/* The same in C++. */
#include <linux/bpf.h>

static const struct bpf_insn program[] = {
	{ BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 1 },
	{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 },
};

int main()
{
	bpf_attr attr = {};
	__sk_buff skb = {};

	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insn_cnt = sizeof(program) / sizeof(program[0]);
	attr.insns = reinterpret_cast<unsigned long>(program);
	skb.len = 1;
	return !(attr.insn_cnt == 2 && skb.len == 1 && program[1].code == 0x95);
}
