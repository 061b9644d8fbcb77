// SPDX-License-Identifier: GPL-2.0-only
/*
 * How large the code of a program is and how many instructions of the machine it
 * executes, both per instruction of the program. The executed ones are counted by
 * stepping through the image. What an empty program takes is taken off. And what a call
 * of a function takes, beside what the function does.
 */
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "native.h"

#define REPEAT	64
#define LEN_MAX	4096

static struct bpf_insn program[LEN_MAX];
static u32 len;

static void put(struct bpf_insn insn)
{
	program[len++] = insn;
}

/* ---- programs: all that they compute is in R0 at the end ------------------------- */

static void alu_mix(unsigned int i)
{
	put(BPF_ALU64_REG(BPF_ADD, 2 + i % 4, 2 + (i + 1) % 4));
	put(BPF_ALU64_IMM(BPF_XOR, 2 + (i + 1) % 4, 0x1234567 + i));
	put(BPF_ALU32_REG(BPF_SUB, 2 + (i + 2) % 4, 2 + i % 4));
	put(BPF_ALU64_IMM(BPF_LSH, 2 + i % 4, 1 + i % 7));
	put(BPF_ALU64_REG(BPF_OR, 2 + (i + 3) % 4, 2 + i % 4));
	put(BPF_ALU32_IMM(BPF_AND, 2 + (i + 2) % 4, 0xffff));
	put(BPF_MOV64_REG(0, 2 + i % 4));
	put(BPF_ALU64_IMM(BPF_MUL, 2 + (i + 1) % 4, 31));
}

static void shift_reg(unsigned int i)
{
	static const u8 ops[] = { BPF_LSH, BPF_RSH, BPF_ARSH };

	put(BPF_ALU64_REG(ops[i % 3], 2 + i % 2, 5));
	put(BPF_ALU32_REG(ops[i % 3], 2, 3));
}

static void div_reg(unsigned int i)
{
	put(BPF_ALU64_REG(i & 1 ? BPF_DIV : BPF_MOD, 2, 5));
	put(BPF_ALU32_REG(i & 2 ? BPF_DIV : BPF_MOD, 1, 5));
}

static void div_const(unsigned int i)
{
	static const s32 by[] = { 10, 1000, 7, 3, 60, 1000000 };

	put(BPF_ALU64_IMM(i & 1 ? BPF_DIV : BPF_MOD, 2, by[i % 6]));
	put(BPF_ALU32_IMM(i & 2 ? BPF_DIV : BPF_MOD, 1, by[(i + 3) % 6]));
}

static void div_power(unsigned int i)
{
	put(BPF_ALU64_IMM(i & 1 ? BPF_DIV : BPF_MOD, 2, 1 << (1 + i % 12)));
	put(BPF_ALU32_IMM(i & 2 ? BPF_DIV : BPF_MOD, 1, 1 << (1 + i % 12)));
}

static void byte_swap(unsigned int i)
{
	put(BPF_ENDIAN(BPF_TO_BE, 2, 64));
	put(BPF_ENDIAN(BPF_TO_BE, 3, 32));
	put(BPF_ENDIAN(BPF_TO_BE, 4, 16));
}

/* Compare and branch, a third taken, over one instruction. */
static void jumps(unsigned int i)
{
	put(BPF_JMP_IMM(i % 3 ? BPF_JGT : BPF_JLT, 2, 100 + i * 40, 1));
	put(BPF_ALU64_IMM(BPF_ADD, 3, 1));
	put(BPF_JMP_REG(BPF_JNE, 2, 3, 1));
	put(BPF_ALU64_REG(BPF_ADD, 3, 2));
}

static void rotations(unsigned int i)
{
	u8 n = 5 + i % 40;

	put(BPF_ALU64_REG(BPF_ADD, 2, 4));
	put(BPF_MOV64_REG(3, 2));
	put(BPF_ALU64_IMM(BPF_LSH, 2, n));
	put(BPF_ALU64_IMM(BPF_RSH, 3, 64 - n));
	put(BPF_ALU64_REG(BPF_OR, 2, 3));
	put(BPF_ALU64_REG(BPF_XOR, 4, 2));
}

static void counters(unsigned int i)
{
	put(BPF_LDX_MEM(BPF_DW, 2, 1, 8 * (i % 8)));
	put(BPF_ALU64_IMM(BPF_ADD, 2, 1));
	put(BPF_STX_MEM(BPF_DW, 1, 2, 8 * (i % 8)));
}

static void packet(unsigned int i)
{
	put(BPF_LD_ABS(i & 1 ? BPF_H : BPF_W, i % 32));
	put(BPF_JMP32_IMM(BPF_JEQ, 0, 0x12345, 1));
	put(BPF_ALU64_REG(BPF_ADD, 7, 0));
}

/* ---- counting ------------------------------------------------------------------------ */

static void build(void (*unit)(unsigned int i))
{
	unsigned int i;

	len = 0;
	for (i = 2; i <= 5 && unit != packet; i++)
		put(BPF_LDX_MEM(BPF_DW, i, 1, 8 * i));
	if (unit == packet) {
		put(BPF_MOV64_REG(6, 1));
		for (i = 0; i < 3; i++)
			put(BPF_MOV64_IMM(7, 0));
	}
	for (i = 0; i < REPEAT && unit; i++)
		unit(i);
	put(BPF_MOV64_REG(0, 2));
	put(BPF_EXIT_INSN());
}

static unsigned long stepped(void *ctx)
{
	u64 base = (uintptr_t)native_image(), end = base + native_size();
	struct user_regs_struct regs;
	unsigned long n = 0;
	bool inside = false;
	int status;
	u64 result;
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		native_run(native_entry(), ctx, &result);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	while (!ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL) && waitpid(pid, &status, 0) == pid &&
	       WIFSTOPPED(status)) {
		if (ptrace(PTRACE_GETREGS, pid, NULL, &regs))
			break;
		inside = regs.rip >= base && regs.rip < end;
		n += inside;
	}
	return n;
}

struct measure {
	u32 slots;
	u32 bytes;
	unsigned long executed;
};

static struct measure measure(void (*unit)(unsigned int i), const struct jit_target *target)
{
	static u64 memory[64];
	unsigned int i;
	struct jit_program input = { program, 0, 0 };

	for (i = 0; i < ARRAY_SIZE(memory); i++)
		memory[i] = i * 0x123456789abULL;
	build(unit);
	input.len = len;
	if (native_compile(&input, target, 0))
		abort();
	return (struct measure){ len, native_size(),
				 stepped(unit == packet ? (void *)&native_skb : memory) };
}

/* Source instructions that are run: jumps skip some, as the machine's do. */
static unsigned long run_slots(void (*unit)(unsigned int i))
{
	unsigned long n = 0;
	struct bpf_insn *p;
	long pc = 0;
	u64 reg[11] = { 0 };

	if (unit != jumps)
		return len;
	for (; program[pc].code != (BPF_JMP | BPF_EXIT); pc++, n++) {
		p = &program[pc];
		if (p->code == (BPF_LDX | BPF_MEM | BPF_DW))
			reg[p->dst_reg] = p->off / 8 * 0x123456789abULL;
		else if (p->code == (BPF_ALU64 | BPF_ADD | BPF_K))
			reg[p->dst_reg] += p->imm;
		else if (p->code == (BPF_ALU64 | BPF_ADD | BPF_X))
			reg[p->dst_reg] += reg[p->src_reg];
		else if (p->code == (BPF_JMP | BPF_JGT | BPF_K))
			pc += reg[p->dst_reg] > p->imm;
		else if (p->code == (BPF_JMP | BPF_JLT | BPF_K))
			pc += reg[p->dst_reg] < p->imm;
		else if (p->code == (BPF_JMP | BPF_JNE | BPF_X))
			pc += reg[p->dst_reg] != reg[p->src_reg];
	}
	return n + 1;
}

/* ---- calls of functions ---------------------------------------------------------------- */

/* @calls calls of one that changes its stack and the registers it keeps, an instruction each. */
static unsigned long run_calls(const struct jit_target *target, u32 calls, u32 stack, u32 kept)
{
	struct bpf_prog_func funcs[] = { { 0, 0 }, { calls + 1, stack } };
	struct jit_program input = { program, 0, 0, 0, funcs, 2 };

	len = 0;
	while (len < calls)
		put(BPF_CALL_REL(calls - len));
	put(BPF_EXIT_INSN());
	if (stack)
		put(BPF_ST_MEM(BPF_DW, 10, -8, 1));
	while (kept--)
		put(BPF_ALU64_IMM(BPF_ADD, 6 + kept, 1));
	put(BPF_EXIT_INSN());
	input.len = len;
	if (native_compile(&input, target, 0))
		abort();
	return stepped(NULL);
}

static void report_calls(void)
{
	static const struct {
		const char *name;
		u32 stack;
		u32 kept;
	} rows[] = {
		{ "a leaf", 0, 0 }, { "with stack", 8, 0 }, { "that keeps two registers", 0, 2 },
		{ "with both", 8, 2 },
	};
	const struct jit_target *t = &native_variants[0].target;

	printf("%-30s %-16s %10s %10s\n", "per call of a function", "", "", "executed");
	for (u32 r = 0; r < ARRAY_SIZE(rows); r++) {
		unsigned long one = run_calls(t, 1, rows[r].stack, rows[r].kept);
		unsigned long many = run_calls(t, 1 + REPEAT, rows[r].stack, rows[r].kept);

		printf("%-30s %-16s %10s %10.2f\n", rows[r].name, "", "",
		       (many - one) / (double)REPEAT - !!rows[r].stack - rows[r].kept);
	}
}

int main(void)
{
	static const struct {
		const char *name;
		void (*unit)(unsigned int i);
	} rows[] = {
		{ "arithmetic mix", alu_mix },
		{ "shift by register", shift_reg },
		{ "div and mod by register", div_reg },
		{ "div and mod by constant", div_const },
		{ "div and mod by power of two", div_power },
		{ "byte swap", byte_swap },
		{ "compare and branch", jumps },
		{ "rotation among others", rotations },
		{ "increment in memory", counters },
		{ "packet load and compare", packet },
	};
	unsigned int r, v;

	native_init();
	printf("%-30s %-16s %10s %10s\n", "per instruction of the program", "", "bytes", "executed");
	for (r = 0; r < ARRAY_SIZE(rows); r++) {
		for (v = 0; v < 3; v++) {
			const struct jit_target *t = &native_variants[v].target;
			struct measure none = measure(NULL, t), m = measure(rows[r].unit, t);
			double slots = m.slots - none.slots, run = run_slots(rows[r].unit) - none.slots;

			printf("%-30s %-16s %10.2f %10.2f\n", v ? "" : rows[r].name,
			       native_variants[v].name, (m.bytes - none.bytes) / slots,
			       (m.executed - none.executed) / run);
		}
	}
	report_calls();
	return 0;
}
