// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every instruction that RFC 9669 defines, alone, over boundary operands: all
 * 256 opcodes with all values of the fields that select a variant.
 */
#include "compare.h"

static const u64 values[] = {
	0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65,
	0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x12345678, 0x7fffffff,
	0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x100000000,
	0x100000001, 0x1ffffffff, 0x7fffffff00000000, 0x7fffffffffffffff,
	0x8000000000000000, 0x8000000000000001, 0x8000000080000000,
	0xffffffff00000000, 0xffffffff7fffffff, 0xffffffff80000000,
	0xfffffffffffffffe, 0xffffffffffffffff, 0x0123456789abcdef,
	0xfedcba9876543210, 0x00ff00ff00ff00ff,
};

static const s32 immediates[] = {
	0, 1, 2, 3, 5, 8, 15, 31, 32, 63, 64, 0x7f, 0x80, 0xff, 0x7fff, 0x8000,
	0xffff, 0x12345678, 0x7fffffff, INT_MIN, INT_MIN + 1, -0x8000, -128,
	-2, -1, 16,
};

static const s16 offsets[] = { 0, 1, 8, 16, 32 };

static unsigned long runs, failures;

/* The instruction, then R9 = 1 if it did not jump, R9 = 2 if it did. */
static void one_case(struct bpf_insn insn, struct bpf_insn second, const u64 *reg,
		     u32 pointers)
{
	u8 memory[MEMORY_BYTES];
	struct outcome product, reference;
	struct bpf_insn program[] = {
		insn,
		second,
		BPF_MOV64_IMM(BPF_REG_9, 1),
		BPF_EXIT_INSN(),
		BPF_MOV64_IMM(BPF_REG_9, 2),
		BPF_EXIT_INSN(),
	};
	int i;

	for (i = 0; i < MEMORY_BYTES; i++)
		memory[i] = i * 73 + 0x85;
	memset(&product, 0, sizeof(product));
	memset(&reference, 0, sizeof(reference));
	if (!run_reference(program, reg, memory, pointers, &reference))
		abort();
	run_product(program, reg, memory, pointers, &product);
	runs++;
	if (!outcomes_differ(&product, &reference, !reference.aborted))
		return;
	if (failures++ < 5) {
		print_program(program, 2);
		print_difference(&product, &reference);
	}
}

static const struct bpf_insn nop = BPF_JMP_A(0);

/* Operands in two registers or in one; R0 takes part for CMPXCHG. */
static void binary(struct bpf_insn insn)
{
	u64 reg[11] = { [0] = 0x1111111122222222 };
	unsigned int a, b;

	for (a = 0; a < ARRAY_SIZE(values); a++) {
		insn.dst_reg = 3;
		reg[3] = values[a];
		for (b = 0; b < ARRAY_SIZE(values); b++) {
			insn.src_reg = 7;
			reg[7] = values[b];
			one_case(insn, nop, reg, 0);
		}
		insn.src_reg = 3;
		one_case(insn, nop, reg, 0);
	}
}

static void with_immediates(struct bpf_insn insn)
{
	u64 reg[11] = { 0 };
	unsigned int a, b;

	insn.dst_reg = 8;
	insn.src_reg = 0;
	for (a = 0; a < ARRAY_SIZE(values); a++) {
		reg[insn.dst_reg] = values[a];
		for (b = 0; b < ARRAY_SIZE(immediates); b++) {
			insn.imm = immediates[b];
			if (ref_defines(&insn))
				one_case(insn, nop, reg, 0);
		}
	}
}

static void alu_and_jumps(struct bpf_insn insn)
{
	bool jump = (insn.code & 7) == BPF_JMP || (insn.code & 7) == BPF_JMP32;
	unsigned int i;

	if (insn.code == (BPF_JMP | BPF_CALL) || insn.code == (BPF_JMP | BPF_EXIT))
		return;
	for (i = 0; i < (jump ? 1 : ARRAY_SIZE(offsets)); i++) {
		insn.off = jump ? 3 : offsets[i];
		insn.imm = insn.code == (BPF_JMP32 | BPF_JA) ? 3 : 32;
		if (!ref_defines(&insn))
			continue;
		if (insn.code == (BPF_JMP32 | BPF_JA))
			binary(insn);
		else if (BPF_SRC(insn.code) == BPF_X)
			binary(insn);
		if (insn.code != (BPF_JMP32 | BPF_JA))
			with_immediates(insn);
	}
}

/* Loads and stores at several distances from a base in the middle. */
static void memory_access(struct bpf_insn insn)
{
	static const s16 distances[] = { 0, 1, -1, 8, -8, 3, 40, -64 };
	bool load = BPF_CLASS(insn.code) == BPF_LDX;
	u8 base = load ? 7 : 3, value = load ? 3 : 7;
	u64 reg[11] = { [0] = 5 };
	unsigned int d, v;

	insn.dst_reg = 3;
	insn.src_reg = 7;
	reg[base] = MEMORY_BYTES / 2;
	for (d = 0; d < ARRAY_SIZE(distances); d++) {
		for (v = 0; v < ARRAY_SIZE(values); v++) {
			insn.off = distances[d];
			insn.imm = values[v];
			reg[value] = values[v];
			one_case(insn, nop, reg, 1 << base);
		}
	}
	/* The address register is the one loaded. */
	insn.src_reg = insn.dst_reg = base;
	insn.off = 8;
	if (load)
		one_case(insn, nop, reg, 1 << base);
}

/* Compare-and-exchange with the right expectation and with wrong ones. */
static void atomic_access(struct bpf_insn insn)
{
	u64 reg[11] = { 0 }, there = 0;
	unsigned int v, w;
	int i;

	for (i = 7; i >= 0; i--)
		there = there << 8 | (u8)((MEMORY_BYTES / 2 + 8 + i) * 73 + 0x85);
	insn.dst_reg = 3;
	insn.off = 8;
	reg[3] = MEMORY_BYTES / 2;
	for (v = 0; v < ARRAY_SIZE(values); v++) {
		u64 expected[] = { there, (u32)there, there ^ 1, values[v],
				   there ^ 1ULL << 63 };

		for (w = 0; w < ARRAY_SIZE(expected); w++) {
			insn.src_reg = 7;
			reg[0] = expected[w];
			reg[7] = values[v];
			one_case(insn, nop, reg, 1 << 3);
			insn.src_reg = 0;
			one_case(insn, nop, reg, 1 << 3);
		}
	}
}

static void packet_access(struct bpf_insn insn)
{
	u64 reg[11] = { [6] = (uintptr_t)test_packet };
	s32 k;

	insn.src_reg = 7;
	for (k = -4; k <= (s32)sizeof(test_packet) + 4; k++) {
		insn.imm = k;
		reg[7] = 0;
		one_case(insn, nop, reg, 0);
		insn.imm = k - 5;
		reg[7] = 0xabcd00000005;
		one_case(insn, nop, reg, 0);
	}
}

static void wide_immediates(struct bpf_insn insn)
{
	u64 reg[11] = { 0 };
	unsigned int v;

	for (v = 0; v < ARRAY_SIZE(values); v++) {
		struct bpf_insn second = { .imm = values[v] >> 32 };

		insn.dst_reg = v % 10;
		insn.imm = values[v];
		one_case(insn, second, reg, 0);
	}
}

static void test_opcode(u8 code)
{
	struct bpf_insn insn = { .code = code };
	int op;

	switch (BPF_CLASS(code)) {
	case BPF_LD:
		if (code == (BPF_LD | BPF_IMM | BPF_DW))
			wide_immediates(insn);
		else if (ref_defines(&insn))
			packet_access(insn);
		break;
	case BPF_LDX:
	case BPF_ST:
	case BPF_STX:
		if (BPF_MODE(code) != BPF_ATOMIC && ref_defines(&insn))
			memory_access(insn);
		for (op = 0; op < 256 && BPF_MODE(code) == BPF_ATOMIC; op++) {
			insn.imm = op;
			if (ref_defines(&insn))
				atomic_access(insn);
		}
		break;
	default:
		alu_and_jumps(insn);
	}
}

int main(void)
{
	static const char * const classes[] = {
		"LD", "LDX", "ST", "STX", "ALU", "JMP", "JMP32", "ALU64",
	};
	unsigned long before;
	int class, rest;
	char name[80];

	machine_init();
	for (class = 0; class < 8; class++) {
		before = runs;
		failures = 0;
		for (rest = 0; rest < 32; rest++)
			test_opcode(rest << 3 | class);
		snprintf(name, sizeof(name), "class %s as the RFC: %lu cases",
			 classes[class], runs - before);
		tap_result(!failures && runs > before, name);
	}
	tap_result(!shim_warnings, "no instruction without handler was met");
	return tap_status();
}
