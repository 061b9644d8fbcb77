// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the RFC leaves to the kernel: entries and their stacks, calls of helpers and of
 * functions, tail calls, the barrier, and an instruction that nobody defined.
 */
#include "compare.h"

#define TAIL_CALL	BPF_RAW_INSN(BPF_JMP | BPF_TAIL_CALL, 0, 0, 0, 0)

static u64 seen[5];

static u64 note_arguments(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	const u64 args[] = { r1, r2, r3, r4, r5 };

	memcpy(seen, args, sizeof(seen));
	return 0xfedcba9876543210;
}

static void test_helper_call(void)
{
	static const u64 want[] = { 0x100000001, 2, 0, -1ULL, 0x8000000000000000 };
	struct bpf_insn program[] = {
		BPF_EMIT_CALL(note_arguments),
		BPF_EXIT_INSN(),
	};
	u64 reg[MAX_BPF_EXT_REG] = { 9 };
	u32 result;

	memcpy(&reg[BPF_REG_1], want, sizeof(want));
	reg[BPF_REG_6] = 66;
	result = interpret(reg, program, NULL);
	tap_result(!memcmp(seen, want, sizeof(want)), "helper gets R1 to R5");
	tap_result(result == 0x76543210 && reg[0] == 0xfedcba9876543210 &&
		   reg[BPF_REG_6] == 66, "helper's result is R0, R6 stays");
}

/* The context goes through memory at both ends of the stack. */
static void test_stack(void)
{
	bool good = true;
	int depth;

	for (depth = 8; depth <= MAX_BPF_STACK; depth += 8) {
		struct bpf_insn program[] = {
			BPF_STX_MEM(BPF_DW, BPF_REG_FP, BPF_REG_1, -depth),
			BPF_STX_MEM(BPF_B, BPF_REG_FP, BPF_REG_1, -1),
			BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_FP, -depth),
			BPF_EXIT_INSN(),
		};

		for (int calls = 0; calls < 2; calls++)
			good &= bpf_interp_select(depth, calls)((void *)0x12345678, program) ==
				0x12345678;
	}
	tap_result(good, "every stack depth has an entry that holds it");
	tap_result(bpf_interp_select(0, false) == bpf_interp_select(1, false) &&
		   bpf_interp_select(0, false) != bpf_interp_select(MAX_BPF_STACK, false),
		   "small programs get a small stack");
}

/* Two slots: R0 = number; what follows a failed tail call: EXIT. */
static struct bpf_prog *leaf(int number)
{
	struct bpf_prog *p = calloc(1, bpf_prog_size(2));

	p->len = 2;
	p->insnsi[0] = BPF_MOV64_IMM(BPF_REG_0, number);
	p->insnsi[1] = BPF_EXIT_INSN();
	return p;
}

static struct bpf_array *make_array(u32 slots)
{
	struct bpf_array *array;

	array = calloc(1, sizeof(*array) + slots * sizeof(array->ptrs[0]));
	array->map.max_entries = slots;
	return array;
}

static u32 tail_call(struct bpf_array *array, u64 index)
{
	struct bpf_insn program[] = {
		BPF_LD_IMM64(BPF_REG_2, (uintptr_t)array),
		BPF_LD_IMM64(BPF_REG_3, index),
		BPF_MOV64_IMM(BPF_REG_0, 7),
		TAIL_CALL,
		BPF_EXIT_INSN(),
	};

	return bpf_interp_select(MAX_BPF_STACK, true)(NULL, program);
}

static void test_tail_call_slots(void)
{
	struct bpf_array *array = make_array(4);

	array->ptrs[0] = leaf(100);
	array->ptrs[3] = leaf(103);
	tap_result(tail_call(array, 0) == 100 && tail_call(array, 3) == 103,
		   "tail call reaches the first and the last slot");
	tap_result(tail_call(array, 1) == 7, "empty slot: next instruction");
	tap_result(tail_call(array, 4) == 7 && tail_call(array, 0xffffffff) == 7,
		   "index outside: next instruction");
	tap_result(tail_call(array, 0x100000003) == 103,
		   "index is the low half of R3");
	free(array->ptrs[0]);
	free(array->ptrs[3]);
	free(array);
}

/*
 * Calls @nowhere and then itself for ever, R6 counts its runs; the result is the
 * count when a call fails.
 */
static void test_tail_call_limit(int nowhere, u32 runs, const char *name)
{
	struct bpf_array *array = make_array(2);
	struct bpf_prog *self = calloc(1, bpf_prog_size(8));
	const struct bpf_insn body[] = {
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_6, 1),
		BPF_MOV64_IMM(BPF_REG_3, nowhere),
		TAIL_CALL,
		BPF_MOV64_IMM(BPF_REG_3, 0),
		TAIL_CALL,
		BPF_MOV64_REG(BPF_REG_0, BPF_REG_6),
		BPF_EXIT_INSN(),
	};
	u64 reg[MAX_BPF_EXT_REG] = { 0 };
	u32 result;

	memcpy(self->insnsi, body, sizeof(body));
	array->ptrs[0] = self;
	reg[BPF_REG_2] = (uintptr_t)array;
	result = interpret(reg, self->insnsi, NULL);
	tap_result(result == runs, name);
	reg[BPF_REG_6] = 0;
	result = interpret(reg, self->insnsi, NULL);
	tap_result(result == runs, "each run counts anew");
	free(self);
	free(array);
}

/* ---- functions --------------------------------------------------------------- */

/* A call @distance slots further, from a function with @stack bytes. */
#define CALL_FUNC(distance, stack)	\
	BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, stack, distance)

static u32 run_calls(const struct bpf_insn *insns, u32 depth, u64 ctx)
{
	return bpf_interp_select(depth, true)((void *)(uintptr_t)ctx, insns);
}

/* The function has other values in all registers, and its caller none of them. */
static void test_registers_across_calls(void)
{
	const struct bpf_insn insns[] = {
		BPF_MOV64_IMM(6, 6), BPF_MOV64_IMM(7, 70), BPF_MOV64_IMM(8, 800), BPF_MOV64_IMM(9, 9000),
		BPF_MOV64_IMM(1, 1), BPF_MOV64_IMM(2, 2), BPF_MOV64_IMM(3, 3), BPF_MOV64_IMM(4, 4),
		BPF_MOV64_IMM(5, 5), CALL_FUNC(5, 8),
		BPF_ALU64_REG(BPF_ADD, 0, 6), BPF_ALU64_REG(BPF_ADD, 0, 7),
		BPF_ALU64_REG(BPF_ADD, 0, 8), BPF_ALU64_REG(BPF_ADD, 0, 9), BPF_EXIT_INSN(),
		/* R0 = 10000 * (R1 + 2 R2 + 4 R3 + 8 R4 + 16 R5) */
		BPF_MOV64_REG(6, 5), BPF_MOV64_IMM(7, 1), BPF_MOV64_IMM(8, 1), BPF_MOV64_IMM(9, 10000),
		BPF_ALU64_IMM(BPF_LSH, 6, 1), BPF_ALU64_REG(BPF_ADD, 6, 4),
		BPF_ALU64_IMM(BPF_LSH, 6, 1), BPF_ALU64_REG(BPF_ADD, 6, 3),
		BPF_ALU64_IMM(BPF_LSH, 6, 1), BPF_ALU64_REG(BPF_ADD, 6, 2),
		BPF_ALU64_IMM(BPF_LSH, 6, 1), BPF_ALU64_REG(BPF_ADD, 6, 1),
		BPF_MOV64_REG(0, 6), BPF_ALU64_REG(BPF_MUL, 0, 9), BPF_EXIT_INSN(),
	};

	tap_result(run_calls(insns, 8, 0) == 10000 * (1 + 4 + 12 + 32 + 80) + 9876,
		   "a function gets R1 to R5 and keeps R6 to R9; R0 is its result");
}

/*
 * Each function calls the next, which adds its own number, from memory of its own, to a
 * sum in the frame of the first. @n frames of @stack bytes each.
 */
static u32 chain_of_calls(u32 n, u32 stack)
{
	struct bpf_insn insns[16 * 16], *p = insns;
	u32 i;

	*p++ = BPF_ST_MEM(BPF_DW, 10, -8, 1);
	*p++ = BPF_MOV64_REG(1, 10);
	*p++ = BPF_ALU64_IMM(BPF_ADD, 1, -8);
	*p++ = CALL_FUNC(2, stack);
	*p++ = BPF_LDX_MEM(BPF_DW, 0, 10, -8);
	*p++ = BPF_EXIT_INSN();
	for (i = 1; i < n; i++) {
		*p++ = BPF_MOV64_REG(6, 1);
		*p++ = BPF_ST_MEM(BPF_DW, 10, -(s16)stack, i);
		*p++ = BPF_ST_MEM(BPF_DW, 10, -8, 1 << i);
		if (i + 1 < n)
			*p++ = CALL_FUNC(5, stack);
		else
			*p++ = BPF_MOV64_IMM(0, 0);
		*p++ = BPF_LDX_MEM(BPF_DW, 0, 10, -8);
		*p++ = BPF_LDX_MEM(BPF_DW, 1, 6, 0);
		*p++ = BPF_ALU64_REG(BPF_ADD, 0, 1);
		*p++ = BPF_STX_MEM(BPF_DW, 6, 0, 0);
		*p++ = BPF_EXIT_INSN();
	}
	return run_calls(insns, n * stack, 0);
}

static void test_depth_of_calls(void)
{
	bool good = true;
	int warned = shim_warnings;
	u32 n, stack;

	for (n = 2; n <= BPF_MAX_FRAMES; n++)
		for (stack = 8; n * stack <= MAX_BPF_STACK; stack += 8)
			good &= chain_of_calls(n, stack) == (1 << n) - 1;
	tap_result(good && shim_warnings == warned,
		   "8 frames: each its own stack, and memory of its caller's");
	tap_result(!chain_of_calls(BPF_MAX_FRAMES + 1, 8) && shim_warnings == warned + 1,
		   "a ninth frame warns and ends with 0");
}

/* Two calls one after the other, and one in a loop: each returns where it was called. */
static void test_returns(void)
{
	const struct bpf_insn insns[] = {
		BPF_MOV64_IMM(6, 0), BPF_MOV64_IMM(7, 100),
		BPF_MOV64_REG(1, 6), CALL_FUNC(6, 0), BPF_MOV64_REG(6, 0),
		BPF_ALU64_IMM(BPF_SUB, 7, 1), BPF_JMP_IMM(BPF_JNE, 7, 0, -5),
		BPF_MOV64_REG(1, 6), CALL_FUNC(1, 0), BPF_EXIT_INSN(),
		BPF_MOV64_REG(0, 1), BPF_ALU64_IMM(BPF_ADD, 0, 3), BPF_EXIT_INSN(),
	};

	tap_result(run_calls(insns, 0, 0) == 303, "a function returns behind the call");
}

/* The context of a function is in its own R6. */
static void test_packet_in_function(void)
{
	struct bpf_insn insns[] = {
		CALL_FUNC(3, 0), BPF_MOV64_REG(6, 0), BPF_ALU64_IMM(BPF_ADD, 0, 1000),
		BPF_EXIT_INSN(),
		BPF_MOV64_REG(6, 1), BPF_LD_ABS(BPF_B, 5), BPF_ALU64_IMM(BPF_OR, 0, 0x100),
		BPF_EXIT_INSN(),
	};
	u64 packet = (uintptr_t)test_packet;
	bool good = run_calls(insns, 0, packet) == 1000 + (0x100 | test_packet[5]);

	insns[5].imm = sizeof(test_packet);
	tap_result(good && run_calls(insns, 0, packet) == 1000,
		   "a packet load outside ends the function with 0, not the program");
}

/* A program without functions goes on as one that has some. */
static void test_tail_call_to_functions(void)
{
	struct bpf_array *array = make_array(1);
	struct bpf_prog *to = calloc(1, bpf_prog_size(5));
	const struct bpf_insn body[] = {
		CALL_FUNC(2, 256), BPF_ALU64_IMM(BPF_ADD, 0, 1), BPF_EXIT_INSN(),
		BPF_MOV64_IMM(0, 40), BPF_EXIT_INSN(),
	};

	memcpy(to->insnsi, body, sizeof(body));
	array->ptrs[0] = to;
	tap_result(tail_call(array, 0) == 41, "a program goes on as one with functions");
	free(to);
	free(array);
}

static void test_odd_instructions(void)
{
	struct bpf_insn barrier[] = {
		BPF_MOV64_IMM(BPF_REG_0, 5),
		BPF_ST_NOSPEC(),
		BPF_EXIT_INSN(),
	};
	struct bpf_insn unknown[] = {
		BPF_MOV64_IMM(BPF_REG_0, 5),
		BPF_RAW_INSN(0xff, 0, 0, 0, 0),
		BPF_EXIT_INSN(),
	};
	u64 reg[MAX_BPF_EXT_REG] = { 0 };
	int warned = shim_warnings;

	tap_result(interpret(reg, barrier, NULL) == 5, "barrier has no effect on values");
	tap_result(interpret(reg, unknown, NULL) == 0 && shim_warnings == warned + 1,
		   "undefined opcode warns and ends with 0");
}

int main(void)
{
	test_helper_call();
	test_stack();
	test_tail_call_slots();
	test_tail_call_limit(2, 1 + MAX_TAIL_CALL_CNT,
			     "33 tail calls, then none; an index outside does not count");
	/* The 33rd call is the 17th of the empty slot: 16 went to the program. */
	test_tail_call_limit(1, 17, "a call of an empty slot counts");
	machine_init();
	test_registers_across_calls();
	test_depth_of_calls();
	test_returns();
	test_packet_in_function();
	test_tail_call_to_functions();
	test_odd_instructions();
	return tap_status();
}
