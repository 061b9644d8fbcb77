// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the RFC leaves to the kernel: entries and their stacks, helper calls,
 * tail calls, the barrier, and an instruction that nobody defined.
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
	result = interpret(reg, program);
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
		bpf_func_t run = bpf_interp_select(depth);

		good &= run((void *)0x12345678, program) == 0x12345678;
	}
	tap_result(good, "every stack depth has an entry that holds it");
	tap_result(bpf_interp_select(0) == bpf_interp_select(1) &&
		   bpf_interp_select(0) != bpf_interp_select(MAX_BPF_STACK),
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

	return bpf_interp_select(MAX_BPF_STACK)(NULL, program);
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
	result = interpret(reg, self->insnsi);
	tap_result(result == runs, name);
	reg[BPF_REG_6] = 0;
	result = interpret(reg, self->insnsi);
	tap_result(result == runs, "each run counts anew");
	free(self);
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

	tap_result(interpret(reg, barrier) == 5, "barrier has no effect on values");
	tap_result(interpret(reg, unknown) == 0 && shim_warnings == 1,
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
	test_odd_instructions();
	return tap_status();
}
