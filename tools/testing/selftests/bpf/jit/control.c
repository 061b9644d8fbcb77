// SPDX-License-Identifier: GPL-2.0-only
/*
 * What instructions alone do not show: entry and exit, what a program that uses
 * little costs, calls, tail calls, the hidden register, what holds while the CPU
 * only supposes, and everything that may go wrong.
 */
#include "native.h"
#include "tap.h"

#define TAIL_CALL	BPF_RAW_INSN(BPF_JMP | BPF_TAIL_CALL, 0, 0, 0, 0)

static int compile_depth(const struct bpf_insn *insns, u32 len, u32 depth,
			 const struct jit_target *target, u32 offset)
{
	struct jit_program program = { insns, len, depth };

	return native_compile(&program, target, offset);
}

#define COMPILE(program, depth, target) \
	compile_depth(program, ARRAY_SIZE(program), depth, target, 0)

static u64 run(void *ctx)
{
	u64 result;

	return native_run(native_entry(), ctx, &result) ? result : 0xbadbadbad;
}

static bool image_is(const u8 *bytes, u32 size)
{
	return native_size() == size && !memcmp(native_image(), bytes, size);
}

/* ---- entry and exit ----------------------------------------------------------------- */

static void test_small_programs(void)
{
	static const u8 empty[] = { 0x31, 0xc0, 0xc3 };
	static const u8 one_saved[] = {
		0x53, 0x48, 0x89, 0xfb, 0x8b, 0x43, 0x08, 0x5b, 0xc3,
	};
	const struct bpf_insn nothing[] = { BPF_MOV64_IMM(0, 0), BPF_EXIT_INSN() };
	const struct bpf_insn r6[] = {
		BPF_MOV64_REG(6, 1),
		BPF_LDX_MEM(BPF_W, 0, 6, 8),
		BPF_EXIT_INSN(),
	};
	const struct jit_target *t = &native_variants[0].target;

	tap_result(!COMPILE(nothing, 0, t) && image_is(empty, sizeof(empty)) && run(NULL) == 0,
		   "an empty program has no frame and saves nothing");
	tap_result(!COMPILE(r6, 0, t) && image_is(one_saved, sizeof(one_saved)),
		   "only the registers that are used are saved");
}

/* The last variant is a machine with every mitigation. */
static void test_mitigations(void)
{
	static const u8 stopped[] = { 0x31, 0xc0, 0xc3, 0xcc };
	/* Intel: IBHF. The decoder does not know it. */
	static const u8 fenced[] = { 0x31, 0xc0, 0xf3, 0x48, 0x0f, 0x1e, 0xf8, 0xc3 };
	const struct bpf_insn nothing[] = { BPF_MOV64_IMM(0, 0), BPF_EXIT_INSN() };
	const struct bpf_insn two_exits[] = {
		BPF_MOV64_REG(6, 1),
		BPF_LD_IMM64(0, 0x123456789abcdef0),
		BPF_JMP_IMM(BPF_JEQ, 6, 7, 1),
		BPF_EXIT_INSN(),
		BPF_ALU64_IMM(BPF_ADD, 0, 1),
		BPF_EXIT_INSN(),
	};
	const struct jit_target *t = &native_variants[VARIANTS - 1].target;
	struct jit_target fence = native_variants[0].target;
	bool good;

	tap_result(!COMPILE(nothing, 0, &native_variants[1].target) &&
		   image_is(stopped, sizeof(stopped)), "int3 behind a return");
	fence.fence_history = true;
	tap_result(!COMPILE(nothing, 0, &fence) && image_is(fenced, sizeof(fenced)) &&
		   run(NULL) == 0, "a fence for the history of branches before a return");
	native_cleared = 0;
	good = !COMPILE(two_exits, 0, t) && run((void *)7) == 0x123456789abcdef1 &&
	       native_cleared == 1 && run((void *)8) == 0x123456789abcdef0 && native_cleared == 2;
	tap_result(good, "each exit clears the history of branches, and keeps R0");
}

static void test_stack_depths(void)
{
	bool good = true;
	int depth, i;

	for (depth = 8; depth <= MAX_BPF_STACK; depth += 8) {
		const struct bpf_insn program[] = {
			BPF_STX_MEM(BPF_DW, 10, 1, -depth),
			BPF_MOV64_IMM(9, 5),
			BPF_MOV64_IMM(1, 5),
			BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, 0),
			BPF_LDX_MEM(BPF_DW, 0, 10, -depth),
			BPF_EXIT_INSN(),
		};

		for (i = 0; i < VARIANTS; i++)
			good &= !COMPILE(program, depth, &native_variants[i].target) &&
				run((void *)0x12345678) == 0x12345678;
	}
	tap_result(good, "every stack depth holds what is stored at its end across a call");
}

/* Whatever is pushed before it, a call finds the stack where the target wants it. */
static void test_aligned_calls(void)
{
	static const u8 regs[] = { 6, 7, 8, 9, BPF_REG_AX };
	struct jit_target t = native_variants[0].target;
	bool good = true, odd = false;
	u32 n, saved, depth;

	for (t.aligned_calls = false;; t.aligned_calls = true) {
		for (saved = 0; saved <= ARRAY_SIZE(regs); saved++) {
			for (depth = 0; depth <= 24; depth += 8) {
				struct bpf_insn program[16];

				for (n = 0; n < saved; n++)
					program[n] = BPF_MOV64_IMM(regs[n], 3);
				program[n++] = BPF_MOV64_IMM(1, 5);
				program[n++] = BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, 0);
				program[n++] = BPF_MOV64_IMM(0, 2);
				program[n++] = BPF_EXIT_INSN();
				good &= !compile_depth(program, n, depth, &t, 0) && run(NULL) == 2;
				if (t.aligned_calls)
					good &= native_helper_frame % 16 == 0;
				else
					odd |= native_helper_frame % 16 != 0;
			}
		}
		if (t.aligned_calls)
			break;
	}
	tap_result(good && odd, "calls find an aligned stack where the target wants it");
}

/* So do those that a stub of packet loads makes. */
static void test_aligned_packet_calls(void)
{
	const struct bpf_insn insns[] = {
		BPF_MOV64_REG(6, 1), BPF_LD_ABS(BPF_W, PACKET_BYTES), BPF_MOV64_IMM(0, 2), BPF_EXIT_INSN(),
	};
	struct jit_target t = native_variants[0].target;
	bool good = true;
	u32 depth;

	t.aligned_calls = true;
	t.packet_load = (uintptr_t)native_helper;
	for (depth = 0; depth <= 24; depth += 8) {
		native_helper_frame = 1;
		good &= !COMPILE(insns, depth, &t);
		run(&native_skb);
		good &= native_helper_frame % 16 == 0;
	}
	tap_result(good, "slow packet loads find an aligned stack too");
}

/* Whichever callee-saved registers, all come back; every exit works. */
static void test_saved_registers(void)
{
	static const u8 regs[] = { 6, 7, 8, 9, BPF_REG_AX };
	bool good = true;
	u32 mask, v;

	for (mask = 0; mask < 32; mask++) {
		struct bpf_insn program[16] = { BPF_JMP_IMM(BPF_JEQ, 1, 0, 2) };
		struct image_facts facts;
		u32 n = 3, i;

		program[1] = BPF_MOV64_IMM(0, 1);
		program[2] = BPF_EXIT_INSN();
		for (i = 0; i < 5; i++)
			if (mask >> i & 1)
				program[n++] = BPF_MOV64_IMM(regs[i], 3);
		program[n++] = BPF_MOV64_IMM(0, 2);
		program[n++] = BPF_EXIT_INSN();
		for (v = 0; v < 2 * VARIANTS; v++) {
			const struct jit_target *t = &native_variants[v / 2].target;

			good &= !compile_depth(program, n, v & 1 ? 16 : 0, t, 0) &&
				native_check_image(&facts) && run((void *)1) == 1 && run(NULL) == 2;
		}
	}
	tap_result(good, "callee-saved registers come back at each exit");
}

static void test_hidden_register(void)
{
	const struct bpf_insn program[] = {
		BPF_MOV64_REG(BPF_REG_AX, 1),
		BPF_ALU64_IMM(BPF_ADD, BPF_REG_AX, 1000),
		BPF_LDX_MEM(BPF_DW, 0, BPF_REG_AX, -1000),
		BPF_ALU64_REG(BPF_SUB, 0, BPF_REG_AX),
		BPF_ALU64_REG(BPF_ADD, 0, 1),
		BPF_EXIT_INSN(),
	};
	u64 word = 0x1111111111;

	tap_result(!COMPILE(program, 0, &native_variants[0].target) && run(&word) == word - 1000,
		   "the hidden register is a register");
}

static void test_barrier(void)
{
	const struct bpf_insn program[] = {
		BPF_MOV64_IMM(0, 5),
		BPF_ST_NOSPEC(),
		BPF_EXIT_INSN(),
	};
	static const u8 lfence[] = { 0x0f, 0xae, 0xe8 };
	bool good = !COMPILE(program, 0, &native_variants[0].target) && run(NULL) == 5;

	tap_result(good && memmem(native_image(), native_size(), lfence, 3),
		   "the barrier is one and changes nothing");
}

/* ---- tail calls ------------------------------------------------------------------------ */

static struct bpf_array *make_array(u32 slots)
{
	struct bpf_array *array = calloc(1, sizeof(*array) + slots * sizeof(array->ptrs[0]));

	array->map.max_entries = slots;
	return array;
}

/* Each program has a place of its own in the image. */
static struct bpf_prog *make_program(const struct bpf_insn *insns, u32 len, u32 depth,
				     const struct jit_target *target, u32 number)
{
	struct bpf_prog *prog = calloc(1, sizeof(*prog));

	if (compile_depth(insns, len, depth, target, number * 4096))
		abort();
	prog->bpf_func = (void *)native_image();
	prog->tail_func = native_tail();
	return prog;
}

static u64 run_prog(const struct bpf_prog *prog, void *ctx)
{
	u64 result;

	return native_run((u8 *)prog->bpf_func - native_base(), ctx, &result) ? result : 0xbadbadbad;
}

static void test_tail_call_slots(const struct variant *v)
{
	struct bpf_array *array = make_array(4);
	const struct bpf_insn caller[] = {
		BPF_LDX_MEM(BPF_DW, 3, 1, 0),
		BPF_LDX_MEM(BPF_DW, 2, 1, 8),
		BPF_MOV64_IMM(6, 66),
		BPF_MOV64_IMM(9, 99),
		BPF_MOV64_IMM(0, 7),
		TAIL_CALL,
		BPF_EXIT_INSN(),
	};
	const struct bpf_insn small[] = { BPF_LDX_MEM(BPF_DW, 0, 1, 16), BPF_EXIT_INSN() };
	const struct bpf_insn large[] = {
		BPF_MOV64_REG(8, 1),
		BPF_STX_MEM(BPF_DW, 10, 8, -256),
		BPF_LDX_MEM(BPF_DW, 7, 10, -256),
		BPF_LDX_MEM(BPF_DW, 0, 7, 24),
		BPF_EXIT_INSN(),
	};
	u64 ctx[] = { 0, (uintptr_t)array, 100, 103 };
	struct bpf_prog *prog = make_program(caller, ARRAY_SIZE(caller), 40, &v->target, 1);
	bool good;

	array->ptrs[0] = make_program(small, ARRAY_SIZE(small), 0, &v->target, 2);
	array->ptrs[3] = make_program(large, ARRAY_SIZE(large), 256, &v->target, 3);
	good = run_prog(prog, ctx) == 100;
	ctx[0] = 3;
	good &= run_prog(prog, ctx) == 103;
	ctx[0] = 0x100000003;
	good &= run_prog(prog, ctx) == 103;
	tap_result(good, "tail call reaches programs with other frames, by the low half of R3");
	ctx[0] = 1;
	good = run_prog(prog, ctx) == 7;
	ctx[0] = 4;
	good &= run_prog(prog, ctx) == 7;
	ctx[0] = 0xffffffff;
	good &= run_prog(prog, ctx) == 7;
	tap_result(good, "an empty slot or an index outside: next instruction, R0 as it was");
	free(array->ptrs[0]);
	free(array->ptrs[3]);
	free(prog);
	free(array);
}

/*
 * Calls @nowhere and then itself for ever and counts its runs in the context; the
 * result is the count when a call fails.
 */
static bool tail_call_limit(const struct variant *v, int nowhere, u32 runs, u32 depth)
{
	struct bpf_array *array = make_array(2);
	const struct bpf_insn body[] = {
		BPF_MOV64_REG(6, 1),
		BPF_LDX_MEM(BPF_DW, 0, 6, 0),
		BPF_ALU64_IMM(BPF_ADD, 0, 1),
		BPF_STX_MEM(BPF_DW, 6, 0, 0),
		BPF_LDX_MEM(BPF_DW, 2, 6, 8),
		BPF_MOV64_IMM(3, nowhere),
		TAIL_CALL,
		BPF_MOV64_REG(1, 6),
		BPF_LDX_MEM(BPF_DW, 2, 6, 8),
		BPF_MOV64_IMM(3, 0),
		TAIL_CALL,
		BPF_LDX_MEM(BPF_DW, 0, 6, 0),
		BPF_EXIT_INSN(),
	};
	u64 ctx[] = { 0, (uintptr_t)array };
	struct bpf_prog *prog = make_program(body, ARRAY_SIZE(body), depth, &v->target, 1);
	bool good;

	array->ptrs[0] = prog;
	good = run_prog(prog, ctx) == runs;
	ctx[0] = 0;
	good &= run_prog(prog, ctx) == runs;
	free(prog);
	free(array);
	return good;
}

static void test_tail_calls(void)
{
	bool outside = true, empty = true;
	u32 i, depth;

	for (i = 0; i < VARIANTS; i++) {
		test_tail_call_slots(&native_variants[i]);
		for (depth = 0; depth <= MAX_BPF_STACK; depth += 128) {
			outside &= tail_call_limit(&native_variants[i], 2, 1 + MAX_TAIL_CALL_CNT, depth);
			empty &= tail_call_limit(&native_variants[i], 1, 17, depth);
		}
	}
	tap_result(outside, "33 tail calls a run, then none; an index outside does not count");
	tap_result(empty, "a call of an empty slot counts");
}

/* Bounded also while the CPU only supposes that the index is. */
static void test_tail_call_mask(void)
{
	static const u8 mask[] = { 0x45, 0x19, 0xdb, 0x44, 0x21, 0xda };
	const struct bpf_insn program[] = { TAIL_CALL, BPF_EXIT_INSN() };
	bool masked = true, plain = true;
	u32 i;

	for (i = 0; i < VARIANTS; i++) {
		const struct jit_target *t = &native_variants[i].target;

		plain &= !COMPILE(program, 0, t);
		if (memmem(native_image(), native_size(), mask, sizeof(mask)))
			plain &= t->mask;
		else
			masked &= !t->mask;
	}
	tap_result(masked && plain, "the index of a tail call is masked where that is asked for");
}

/* Packet loads of who may not read everything: the offset, constant or not. */
static void test_packet_mask(void)
{
	/* jae; sbb rax, rax; and rsi, rax; add rsi, r11 */
	static const u8 mask[] = { 0x48, 0x19, 0xc0, 0x48, 0x21, 0xc6, 0x4c, 0x01, 0xde };
	const struct bpf_insn loads[] = { BPF_LD_ABS(BPF_W, 8), BPF_LD_IND(BPF_W, 7, 6) };
	bool masked = true, plain = true, good = true;
	unsigned int i, v;
	int at;

	for (i = 0; i < 2 * VARIANTS; i++) {
		struct jit_target t = native_variants[i / 2].target;

		t.mask = i & 1;
		for (v = 0; v < ARRAY_SIZE(loads); v++) {
			for (at = -6; at <= PACKET_BYTES - 6; at++) {
				struct bpf_insn insns[] = {
					BPF_MOV64_REG(6, 1), BPF_MOV64_IMM(7, at), loads[v],
					BPF_EXIT_INSN(),
				};
				s64 want = native_packet_load(&native_skb, v ? at + 6 : at, 4);

				insns[2].imm = v ? 6 : at;
				good &= !COMPILE(insns, 0, &t) && run(&native_skb) == (want < 0 ? 0 : want);
			}
			if (memmem(native_image(), native_size(), mask, sizeof(mask)))
				plain &= t.mask;
			else
				masked &= !t.mask;
		}
	}
	tap_result(masked && plain, "offsets of packet loads are masked where that is asked for");
	tap_result(good, "masked or not, they load what is there, at every offset");
}

/* ---- what holds where ways meet ------------------------------------------------------------ */

/* The sum tells whether R0 is 0 to who comes from there, not to who jumps. */
static void test_zero_where_ways_meet(void)
{
	const struct bpf_insn insns[] = {
		BPF_MOV64_IMM(0, 7), BPF_JMP_IMM(BPF_JEQ, 1, 8, 1), BPF_ALU64_IMM(BPF_ADD, 0, -7),
		BPF_JMP_IMM(BPF_JEQ, 0, 0, 2), BPF_MOV64_IMM(0, 2), BPF_EXIT_INSN(),
		BPF_MOV64_IMM(0, 1), BPF_EXIT_INSN(),
	};
	unsigned int i;
	bool good = true;

	for (i = 0; i < VARIANTS; i++)
		good &= !COMPILE(insns, 0, &native_variants[i].target) && run((void *)8) == 2 &&
			run((void *)9) == 1;
	tap_result(good, "the zero flag is not trusted where ways meet");
}

/* ---- slow packet loads --------------------------------------------------------------------- */

/* Each is short; what they share is there once, for all sizes. */
static void test_packet_stubs(void)
{
	static const u8 sizes[] = { BPF_B, BPF_H, BPF_W };
	struct bpf_insn insns[2 + 30];
	u32 i, n, first, grown[3];
	bool good = true;

	for (n = 0; n < 3; n++) {
		insns[0] = BPF_MOV64_REG(6, 1);
		for (i = 0; i < 10 * (n + 1); i++)
			insns[1 + i] = (struct bpf_insn){ .code = BPF_LD | BPF_ABS | sizes[i / 10], .imm = i };
		insns[1 + i] = BPF_EXIT_INSN();
		good &= !compile_depth(insns, i + 2, 0, &native_variants[0].target, 0);
		first = native_size();
		insns[1 + i - 1] = BPF_MOV64_IMM(0, 0);
		good &= !compile_depth(insns, i + 2, 0, &native_variants[0].target, 0);
		grown[n] = first - native_size();
	}
	for (n = 0; n < 3; n++)
		good &= grown[n] < 40;
	tap_result(good, "the slow way of a packet load is short, the stub shared");
}

/* Outside, also a stub returns: calls and returns are pairs. */
static void test_packet_outside(void)
{
	/* mov [rsp], r9; and then returns */
	static const u8 redirect[] = { 0x4c, 0x89, 0x0c, 0x24 };
	const struct bpf_insn insns[] = {
		BPF_MOV64_REG(6, 1), BPF_LD_ABS(BPF_W, PACKET_BYTES), BPF_MOV64_IMM(0, 5),
		BPF_EXIT_INSN(),
	};
	bool good = true;
	unsigned int i;

	for (i = 0; i < VARIANTS; i++)
		good &= !COMPILE(insns, 0, &native_variants[i].target) && !run(&native_skb) &&
			memmem(native_image(), native_size(), redirect, sizeof(redirect));
	tap_result(good, "a load outside ends the program, by a return");
}

/* ---- failure --------------------------------------------------------------------------------- */

static void test_refusals(void)
{
	const struct jit_target *t = &native_variants[0].target;
	const struct bpf_insn unknown[] = { BPF_RAW_INSN(0xff, 0, 0, 0, 0), BPF_EXIT_INSN() };
	const struct bpf_insn far[] = { BPF_JMP_A(5), BPF_EXIT_INSN() };
	const struct bpf_insn back[] = { BPF_JMP_A(-5), BPF_EXIT_INSN() };
	const struct bpf_insn cut[] = { BPF_RAW_INSN(0x18, 0, 0, 0, 0) };
	const struct bpf_insn reg[] = { BPF_MOV64_REG(13, 1), BPF_EXIT_INSN() };
	const struct bpf_insn call[] = { BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, 0), BPF_EXIT_INSN() };
	const struct bpf_insn sub[] = { BPF_CALL_REL(0), BPF_EXIT_INSN() };
	const struct bpf_insn atomic[] = { BPF_ATOMIC_OP(BPF_W, 0x30, 1, 2, 0), BPF_EXIT_INSN() };
	struct jit_target remote = *t;

	remote.call_base = 0x7fffffff00000000;
	tap_result(COMPILE(unknown, 0, t) == -EINVAL && COMPILE(atomic, 0, t) == -EINVAL &&
		   COMPILE(sub, 0, t) == -EINVAL && COMPILE(reg, 0, t) == -EINVAL,
		   "what is not known is refused");
	tap_result(COMPILE(far, 0, t) == -EINVAL && COMPILE(back, 0, t) == -EINVAL &&
		   COMPILE(cut, 0, t) == -EINVAL, "a jump out of the program is refused");
	tap_result(COMPILE(call, 0, t) == 0 && COMPILE(call, 0, &remote) == -ERANGE,
		   "a helper out of reach is an error");
}

static void test_allocations(void)
{
	const struct bpf_insn program[] = {
		BPF_MOV64_REG(6, 1), BPF_LD_ABS(BPF_W, 5), BPF_JMP_IMM(BPF_JEQ, 0, 5, 1),
		BPF_ALU64_REG(BPF_DIV, 0, 0), BPF_EXIT_INSN(),
	};
	int n, err = -ENOMEM;
	bool good = true;

	for (n = 1; err && n < 100; n++) {
		native_fail_allocation = n;
		err = COMPILE(program, 0, &native_variants[0].target);
		good &= (!err || err == -ENOMEM) && !native_live;
	}
	native_fail_allocation = 0;
	tap_result(good && n > 5 && n < 100, "each failing allocation is reported, nothing is lost");
}

int main(void)
{
	native_init();
	test_small_programs();
	test_mitigations();
	test_stack_depths();
	test_aligned_calls();
	test_aligned_packet_calls();
	test_saved_registers();
	test_hidden_register();
	test_barrier();
	test_tail_calls();
	test_tail_call_mask();
	test_packet_mask();
	test_packet_stubs();
	test_packet_outside();
	test_zero_where_ways_meet();
	test_refusals();
	test_allocations();
	return tap_status();
}
