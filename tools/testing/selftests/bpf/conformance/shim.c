// SPDX-License-Identifier: GPL-2.0-only
/*
 * Between upstream's test_verifier and bpf(2): linked in with --wrap=syscall.
 *
 * It looks at each program that is loaded and prints a line "class NAME" where
 * it uses something newer than the interface of Linux 4.3: program type, flag,
 * opcode, helper, field of the context, loop, call. So cases can be counted by
 * what they need. The rule looks at instructions alone: which registers hold the
 * context is followed along the text, without regard to jumps, and what a case
 * needs of the verifier itself (ranges, arithmetic on addresses) does not count.
 *
 * It must never change a call or its result.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <linux/bpf.h>

#define NEWEST_TYPE	BPF_PROG_TYPE_SCHED_ACT
#define END_OF_SKB	76	/* after tc_classid */
#define MOST_INSNS	4096

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static bool helper_is_old(int id)
{
	return (id >= BPF_FUNC_map_lookup_elem && id <= BPF_FUNC_perf_event_read) ||
	       id == BPF_FUNC_perf_event_output;
}

static const char *newer_jump(const struct bpf_insn *insn)
{
	switch (BPF_OP(insn->code)) {
	case BPF_CALL:
		if (insn->src_reg)
			return "call";
		return helper_is_old(insn->imm) ? NULL : "helper";
	case BPF_EXIT:
		return NULL;
	case BPF_JLT: case BPF_JLE: case BPF_JSLT: case BPF_JSLE:
		return "opcode";
	}
	return insn->off < 0 ? "loop" : NULL;
}

static const char *newer_opcode(const struct bpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_JMP:
		return newer_jump(insn);
	case BPF_JMP32:
		return "opcode";
	case BPF_ALU:
		return BPF_OP(insn->code) == BPF_ARSH ? "opcode" : NULL;
	case BPF_STX:
		return BPF_MODE(insn->code) == BPF_ATOMIC && insn->imm != BPF_ADD ? "opcode" : NULL;
	case BPF_LD:
		return insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
		       insn->src_reg > BPF_PSEUDO_MAP_FD ? "wide instruction" : NULL;
	}
	return NULL;
}

static bool is_access(const struct bpf_insn *insn, int *base)
{
	int class = BPF_CLASS(insn->code);

	*base = class == BPF_LDX ? insn->src_reg : insn->dst_reg;
	return class == BPF_LDX || ((class == BPF_ST || class == BPF_STX) &&
				    BPF_MODE(insn->code) == BPF_MEM);
}

/* Registers that hold the context, as a set of bits, after the instruction. */
static unsigned int context_after(const struct bpf_insn *insn, unsigned int held)
{
	int class = BPF_CLASS(insn->code);

	if (insn->code == (BPF_ALU64 | BPF_MOV | BPF_X) && held & 1U << insn->src_reg)
		return held | 1U << insn->dst_reg;
	if (insn->code == (BPF_JMP | BPF_CALL))
		return held & ~0x3fU;
	if (class == BPF_ALU64 || class == BPF_ALU || class == BPF_LDX || class == BPF_LD)
		return held & ~(1U << insn->dst_reg);
	return held;
}

static const char *newer_program(const union bpf_attr *attr)
{
	const struct bpf_insn *insn = (const void *)(long)attr->insns;
	bool skb = attr->prog_type != BPF_PROG_TYPE_KPROBE;
	unsigned int held = 1U << BPF_REG_1;
	int base;

	if (attr->prog_type > NEWEST_TYPE || attr->expected_attach_type)
		return "program type";
	if (attr->prog_flags & ~BPF_F_TEST_RND_HI32)
		return "flag";
	if (attr->insn_cnt > MOST_INSNS)
		return "length";
	for (unsigned int i = 0; i < attr->insn_cnt; i++, insn++) {
		const char *newer = newer_opcode(insn);

		if (newer)
			return newer;
		if (skb && is_access(insn, &base) && held & 1U << base &&
		    (BPF_SIZE(insn->code) != BPF_W || insn->off < 0 || insn->off >= END_OF_SKB))
			return "field";
		held = context_after(insn, held);
		i += insn->code == (BPF_LD | BPF_IMM | BPF_DW);
		insn += insn->code == (BPF_LD | BPF_IMM | BPF_DW);
	}
	return NULL;
}

static bool map_is_old(const union bpf_attr *attr)
{
	return attr->map_type <= BPF_MAP_TYPE_PERF_EVENT_ARRAY && !attr->map_flags;
}

long __wrap_syscall(long number, ...)
{
	const char *newer = NULL;
	long arg[6];
	va_list list;
	int i;

	va_start(list, number);
	for (i = 0; i < 6; i++)
		arg[i] = va_arg(list, long);
	va_end(list);

	if (number == SYS_bpf && arg[0] == BPF_PROG_LOAD)
		newer = newer_program((const void *)arg[1]);
	else if (number == SYS_bpf && arg[0] == BPF_MAP_CREATE && !map_is_old((const void *)arg[1]))
		newer = "map";
	else if (number == SYS_bpf && arg[0] == BPF_BTF_LOAD)
		newer = "type information";
	if (newer)
		printf("\nclass %s\n", newer);
	return __real_syscall(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}
