// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nanoseconds per instruction of loops that differ in what they dispatch: the
 * best of several runs. Figures of one machine compare with each other only.
 */
#include <time.h>

#include "compare.h"

#define ROUNDS	200000
#define REPEATS	9

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

/* Counts R0 down from ROUNDS over the body; two instructions of its own. */
static double measure(const struct bpf_insn *body, unsigned int len)
{
	struct bpf_insn program[64] = { BPF_MOV64_IMM(BPF_REG_0, ROUNDS) };
	struct outcome out = { .reg = { 0 } };
	struct frame frames[FRAMES];
	double best = 1e18;
	unsigned int n = 1 + len;
	int i;

	memcpy(&program[1], body, len * sizeof(*body));
	program[len + 4] = BPF_EXIT_INSN();
	program[n++] = BPF_ALU64_IMM(BPF_SUB, BPF_REG_0, 1);
	program[n] = BPF_JMP_IMM(BPF_JNE, BPF_REG_0, 0, -(int)n);
	n++;
	program[n] = BPF_EXIT_INSN();
	for (i = 0; i < REPEATS; i++) {
		double start = now(), took;

		out.reg[2] = (uintptr_t)out.memory;
		out.reg[3] = 3;
		interpret(out.reg, program, frames);
		took = now() - start;
		if (took < best)
			best = took;
	}
	return best / ROUNDS / (len + 2);
}

/* R0 is the loop's: a body has it in R1. */
static u64 first_argument(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return r1;
}

static void report(const char *name, const struct bpf_insn *body, unsigned int len)
{
	printf("%-32s %6.2f ns/insn\n", name, measure(body, len));
}

#define BODY(name, ...)	do {						\
	const struct bpf_insn body[] = { __VA_ARGS__ };			\
	report(name, body, ARRAY_SIZE(body));				\
} while (0)

int main(void)
{
	machine_init();
	BODY("moves", BPF_MOV64_REG(4, 3), BPF_MOV64_REG(5, 4),
	     BPF_MOV32_REG(6, 5), BPF_MOV64_REG(7, 6),
	     BPF_MOV64_REG(8, 7), BPF_MOV32_REG(9, 8));
	BODY("mixed arithmetic", BPF_ALU64_REG(BPF_ADD, 4, 3),
	     BPF_ALU64_IMM(BPF_XOR, 4, 77), BPF_ALU64_REG(BPF_LSH, 5, 3),
	     BPF_ALU32_REG(BPF_SUB, 6, 5), BPF_ALU64_IMM(BPF_AND, 6, 1023),
	     BPF_MOV64_REG(7, 6));
	BODY("loads and stores", BPF_LDX_MEM(BPF_W, 4, 2, 0),
	     BPF_LDX_MEM(BPF_DW, 5, 2, 8), BPF_STX_MEM(BPF_DW, 2, 4, 16),
	     BPF_ST_MEM(BPF_W, 2, 24, 5), BPF_LDX_MEM(BPF_B, 6, 2, 16));
	BODY("branches not taken", BPF_JMP_IMM(BPF_JEQ, 3, 9, 0),
	     BPF_JMP_REG(BPF_JGT, 3, 0, 0), BPF_JMP32_IMM(BPF_JSLT, 3, 0, 0),
	     BPF_JMP_IMM(BPF_JSET, 3, 4, 0));
	BODY("branches taken", BPF_JMP_IMM(BPF_JEQ, 3, 3, 0),
	     BPF_JMP_IMM(BPF_JNE, 3, 9, 0), BPF_JMP32_IMM(BPF_JSGT, 3, 0, 0),
	     BPF_JMP_IMM(BPF_JSET, 3, 1, 0));
	BODY("division", BPF_ALU64_REG(BPF_DIV, 4, 3),
	     BPF_ALU64_REG(BPF_MOD, 5, 3));
	BODY("helper calls", BPF_MOV64_REG(1, 0), BPF_EMIT_CALL(first_argument),
	     BPF_EMIT_CALL(first_argument));
	/* Over the exit of the loop, to the function behind it. */
	BODY("calls of a function that exits", BPF_CALL_REL(4), BPF_CALL_REL(3));
	BODY("atomic add", BPF_ATOMIC_OP(BPF_DW, BPF_ADD, 2, 3, 0));
	return 0;
}
