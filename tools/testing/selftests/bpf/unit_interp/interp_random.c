// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs in the product and in the reference: what single instructions
 * cannot show, such as a handler that disturbs another register, a jump that
 * lands one slot off or a wide instruction that is entered in its middle. Half of
 * them have functions that call each other.
 *
 * usage: interp_random [PROGRAMS [SEED]]
 */
#include "chance.h"
#include "compare.h"

#define MAX_LEN		60

/* Beside main; each has FUNC_STACK bytes of stack, and main's are below R10 too. */
#define MAX_FUNCS	3
#define FUNC_STACK	64

/* R6 is the packet and R10 points into memory; both are never written. */
static u8 target(void)
{
	static const u8 regs[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9 };

	return regs[below(ARRAY_SIZE(regs))];
}

/* Being made, and how many; a function calls those behind it. */
static u32 func, nfuncs;

static s16 distance(unsigned int bytes)
{
	int words = (int)below((func ? FUNC_STACK : MEMORY_BYTES) / bytes) - FUNC_STACK / (int)bytes;

	return words * (int)bytes;
}

static struct bpf_insn random_memory(struct bpf_insn insn)
{
	unsigned int bytes = insn.code & 0x10 ? (insn.code & 0x08 ? 8 : 1) :
						(insn.code & 0x08 ? 2 : 4);
	static const s32 atomics[] = {
		BPF_ADD, BPF_OR, BPF_AND, BPF_XOR, BPF_ADD | BPF_FETCH,
		BPF_OR | BPF_FETCH, BPF_AND | BPF_FETCH, BPF_XOR | BPF_FETCH,
		BPF_XCHG, BPF_CMPXCHG,
	};

	insn.off = distance(bytes);
	if (BPF_CLASS(insn.code) == BPF_LDX)
		insn.src_reg = BPF_REG_FP;
	else
		insn.dst_reg = BPF_REG_FP;
	if (BPF_MODE(insn.code) == BPF_ATOMIC)
		insn.imm = atomics[below(ARRAY_SIZE(atomics))];
	return insn;
}

static struct bpf_insn random_insn(unsigned int left)
{
	static const s16 variants[] = { 0, 0, 0, 1, 8, 16, 32 };
	struct bpf_insn insn = {
		.code = random64() >> 40,
		.dst_reg = target(),
		.src_reg = target(),
		.imm = operand(),
	};

	switch (BPF_CLASS(insn.code)) {
	case BPF_LDX:
	case BPF_ST:
	case BPF_STX:
		return random_memory(insn);
	case BPF_LD:
		insn.imm = below(8) ? below(sizeof(test_packet)) : operand();
		return insn;
	case BPF_JMP:
	case BPF_JMP32:
		insn.off = below(left);
		if (insn.code == (BPF_JMP32 | BPF_JA))
			insn.imm = below(left);
		return insn;
	default:
		insn.off = variants[below(ARRAY_SIZE(variants))];
		if (BPF_OP(insn.code) == BPF_END)
			insn.imm = 16 << below(3);
		return insn;
	}
}

static bool usable(const struct bpf_insn *insn)
{
	return ref_defines(insn) && insn->code != (BPF_JMP | BPF_CALL) &&
	       insn->code != (BPF_LD | BPF_IMM | BPF_DW) &&
	       (insn->code != (BPF_JMP | BPF_EXIT) || !below(8));
}

/* The distance is a number of a function until it is known where that is. */
static struct bpf_insn random_call(void)
{
	u32 to = func + 1 + below(nfuncs - func - 1);

	return BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, FUNC_STACK, to);
}

/* Jumps go forward, at most to the last instruction. */
static unsigned int random_program(struct bpf_insn *p)
{
	unsigned int len = 2 + below(MAX_LEN - 4), i;

	for (i = 0; i < len; i++) {
		if (func + 1 < nfuncs && !below(10)) {
			p[i] = random_call();
			continue;
		}
		do {
			p[i] = random_insn(len - i);
		} while (!usable(&p[i]));
	}
	p[len] = BPF_EXIT_INSN();
	return len + 1;
}

/* Make the last one wide: a jump may reach its first slot, none its second. */
static unsigned int append_wide(struct bpf_insn *p, unsigned int len)
{
	u64 value = operand();
	struct bpf_insn wide[] = { BPF_LD_IMM64(target(), value) };

	p[len - 1] = wide[0];
	p[len] = wide[1];
	p[len + 1] = BPF_EXIT_INSN();
	return len + 2;
}

/* Its stack has something everywhere, the same each time. */
static unsigned int random_function(struct bpf_insn *p)
{
	unsigned int i;

	for (i = 0; i < FUNC_STACK / 8; i++)
		p[i] = BPF_ST_MEM(BPF_DW, BPF_REG_FP, 8 * (int)i - FUNC_STACK, operand());
	return i + random_program(p + i);
}

static unsigned int random_functions(struct bpf_insn *p)
{
	unsigned int start[1 + MAX_FUNCS], len, i;

	nfuncs = 1 + below(2) * (1 + below(MAX_FUNCS));
	func = 0;
	len = append_wide(p, random_program(p));
	for (func = 1; func < nfuncs; func++) {
		start[func] = len;
		len += random_function(p + len);
	}
	for (i = 0; i < len; i++)
		if (p[i].code == (BPF_JMP | BPF_CALL))
			p[i].imm = start[p[i].imm] - i - 1;
	return len;
}

static bool one_program(void)
{
	struct bpf_insn program[(1 + MAX_FUNCS) * (MAX_LEN + FUNC_STACK / 8 + 4)];
	struct outcome product, reference;
	u8 memory[MEMORY_BYTES];
	u64 reg[11];
	unsigned int len;
	bool whole;
	int i;

	len = random_functions(program);
	for (i = 0; i < 11; i++)
		reg[i] = operand();
	for (i = 0; i < MEMORY_BYTES; i++)
		memory[i] = random64() >> 50;
	reg[6] = (uintptr_t)test_packet;
	reg[BPF_REG_FP] = MEMORY_BYTES / 2;

	memset(&product, 0, sizeof(product));
	memset(&reference, 0, sizeof(reference));
	whole = run_reference(program, reg, memory, 1 << BPF_REG_FP, &reference);
	run_product(program, reg, memory, 1 << BPF_REG_FP, &product);
	if (whole && !outcomes_differ(&product, &reference, !reference.aborted))
		return true;
	print_program(program, len);
	print_difference(&product, &reference);
	return false;
}

int main(int argc, char **argv)
{
	unsigned long programs = argc > 1 ? strtoul(argv[1], NULL, 0) : 200000;
	unsigned long n, failures = 0;
	char name[80];

	machine_init();
	if (argc > 2)
		chance_begin(strtoull(argv[2], NULL, 0));
	for (n = 0; n < programs && failures < 3; n++)
		failures += !one_program();
	snprintf(name, sizeof(name), "%lu random programs as the RFC", n);
	tap_result(!failures && !shim_warnings, name);
	return tap_status();
}
