// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blinding: what of a program's numbers is in its image, and whether an author can
 * count how far a jump goes.
 */
#include "jit_encode.h"
#include "native.h"
#include "tap.h"

#define BLIND	(&native_variants[2].target)

static int compile_for(const struct bpf_insn *insns, u32 len, const struct jit_target *target)
{
	struct jit_program program = { insns, len, 0 };

	return native_compile(&program, target, 0);
}

#define COMPILE(program, target)	compile_for(program, ARRAY_SIZE(program), target)

static u64 run(void *ctx)
{
	u64 result;

	return native_run(native_entry(), ctx, &result) ? result : 0xbadbadbad;
}

static bool image_is(const u8 *bytes, u32 size)
{
	return native_size() == size && !memcmp(native_image(), bytes, size);
}

/* ---- constants --------------------------------------------------------------------- */

#define MARK	0x5aa51234
#define MARK64	0x1122334455667788ULL

/* Every instruction with a constant, the constant in it. */
static bool constant_hidden(struct bpf_insn insn, struct bpf_insn second, u64 value, bool *seen)
{
	bool wide = insn.code == (BPF_LD | BPF_IMM | BPF_DW);
	const struct bpf_insn program[] = {
		BPF_MOV64_REG(6, 1), insn, wide ? second : BPF_MOV64_IMM(7, 1),
		BPF_MOV64_IMM(8, 1), BPF_MOV64_IMM(0, 1), BPF_EXIT_INSN(),
	};
	bool hidden = true;
	u32 i;

	for (i = 0; i < VARIANTS; i++) {
		const struct jit_target *t = &native_variants[i].target;

		if (COMPILE(program, t))
			return false;
		if (t->blind)
			hidden &= !native_has_constant(value) && !native_has_constant(value + 4) &&
				  !native_has_constant(value + 1) && !native_has_constant(-value);
		else
			*seen |= native_has_constant(value);
	}
	return hidden;
}

static void test_constants(void)
{
	struct bpf_insn none = { 0 }, high = { .imm = MARK64 >> 32 };
	bool hidden = true, seen = false;
	unsigned int code, n = 0, plain = 0;
	char name[80];

	for (code = 0; code < 256; code++) {
		struct bpf_insn insn = { .code = code, .dst_reg = 2, .imm = MARK };
		bool jump = BPF_CLASS(code) == BPF_JMP || BPF_CLASS(code) == BPF_JMP32;

		if (BPF_CLASS(code) == BPF_STX || BPF_CLASS(code) == BPF_LDX || !ref_defines(&insn) ||
		    code == (BPF_LD | BPF_IMM | BPF_DW) || (jump && BPF_OP(code) >= BPF_CALL &&
		    BPF_OP(code) <= BPF_EXIT) || (jump && BPF_OP(code) == BPF_JA))
			continue;
		if (BPF_SRC(code) == BPF_X && BPF_CLASS(code) >= BPF_ALU)
			continue;
		if (BPF_OP(code) == BPF_END && BPF_CLASS(code) == BPF_ALU)
			continue;
		insn.off = jump;
		seen = false;
		hidden &= constant_hidden(insn, none, MARK, &seen);
		insn.imm = -MARK;
		hidden &= constant_hidden(insn, none, (u32)-MARK, &seen);
		plain += seen;
		n++;
	}
	snprintf(name, sizeof(name), "no constant of %u opcodes is in a blinded image", n);
	tap_result(hidden && n > 40, name);
	snprintf(name, sizeof(name), "those of %u are in images that are not blinded", plain);
	tap_result(plain > 40, name);
	hidden = constant_hidden((struct bpf_insn){ BPF_LD | BPF_IMM | BPF_DW, 2, 0, 0, (s32)MARK64 },
				 high, MARK64, &seen);
	tap_result(hidden && seen, "nor a constant of 64 bits");
}

static void test_seed(void)
{
	const struct bpf_insn program[] = { BPF_MOV64_IMM(0, MARK), BPF_EXIT_INSN() };
	struct jit_target t = native_variants[2].target;
	u8 first[64];
	bool good;

	good = !COMPILE(program, &t) && run(NULL) == MARK;
	memcpy(first, native_image(), native_size());
	good &= !COMPILE(program, &t) && image_is(first, native_size());
	t.seed++;
	good &= !COMPILE(program, &t) && run(NULL) == MARK && !image_is(first, native_size());
	tap_result(good, "another seed makes another image, the same the same");
}

/* What would be one instruction of the machine with the constant in it. */
static void test_fused(void)
{
	const struct bpf_insn add = BPF_ALU64_IMM(BPF_ADD, 0, MARK);
	const struct bpf_insn forms[][5] = {
		{ BPF_MOV64_REG(0, 1), add, BPF_MOV64_IMM(2, 1), BPF_MOV64_IMM(3, 1) },
		{ BPF_MOV64_REG(0, 1), BPF_ALU64_IMM(BPF_SUB, 0, MARK), BPF_MOV64_IMM(2, 1),
		  BPF_MOV64_IMM(3, 1) },
		{ BPF_MOV64_REG(0, 1), BPF_ALU64_IMM(BPF_MUL, 0, MARK), BPF_MOV64_IMM(2, 1),
		  BPF_MOV64_IMM(3, 1) },
		{ BPF_MOV64_IMM(0, 0), BPF_LDX_MEM(BPF_DW, 2, 1, 0), BPF_JMP_IMM(BPF_JEQ, 2, MARK, 1),
		  BPF_MOV64_IMM(0, 1) },
		{ BPF_LDX_MEM(BPF_DW, 0, 1, 0), add, BPF_STX_MEM(BPF_DW, 1, 0, 0),
		  BPF_MOV64_IMM(0, 0) },
	};
	bool hidden = true, seen = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		struct bpf_insn program[5];

		memcpy(program, forms[i], sizeof(program));
		program[4] = BPF_EXIT_INSN();
		hidden &= !COMPILE(program, BLIND) && !native_has_constant((u32)MARK) &&
			  !native_has_constant((u32)-MARK);
		seen &= !COMPILE(program, &native_variants[0].target) &&
			(native_has_constant((u32)MARK) || native_has_constant((u32)-MARK));
	}
	tap_result(hidden && seen, "nor one of instructions that otherwise become one");
}

/* ---- offsets of memory ------------------------------------------------------------- */

static const struct bpf_insn accesses[] = {
	BPF_LDX_MEM(BPF_B, 0, 1, 0), BPF_LDX_MEM(BPF_H, 0, 1, 0), BPF_LDX_MEM(BPF_W, 0, 1, 0),
	BPF_LDX_MEM(BPF_DW, 0, 1, 0), BPF_LDX_MEMSX(BPF_B, 0, 1, 0),
	BPF_LDX_MEMSX(BPF_H, 0, 1, 0), BPF_LDX_MEMSX(BPF_W, 0, 1, 0),
	BPF_STX_MEM(BPF_B, 1, 2, 0), BPF_STX_MEM(BPF_H, 1, 2, 0), BPF_STX_MEM(BPF_W, 1, 2, 0),
	BPF_STX_MEM(BPF_DW, 1, 2, 0), BPF_ST_MEM(BPF_B, 1, 0, MARK), BPF_ST_MEM(BPF_H, 1, 0, MARK),
	BPF_ST_MEM(BPF_W, 1, 0, MARK), BPF_ST_MEM(BPF_DW, 1, 0, MARK),
	BPF_ATOMIC_OP(BPF_DW, BPF_ADD, 1, 2, 0), BPF_ATOMIC_OP(BPF_DW, BPF_ADD | BPF_FETCH, 1, 2, 0),
	BPF_ATOMIC_OP(BPF_W, BPF_OR | BPF_FETCH, 1, 2, 0), BPF_ATOMIC_OP(BPF_DW, BPF_XCHG, 1, 2, 0),
	BPF_ATOMIC_OP(BPF_W, BPF_CMPXCHG, 1, 2, 0),
};

/* Does the access at @off do to memory what it does at 0, and is @off hidden? */
static bool offset_hidden(struct bpf_insn insn, s16 off, const struct jit_target *t, bool *same)
{
	static u64 memory[2 << 13];
	u64 *middle = memory + ARRAY_SIZE(memory) / 2, want = 0, result, left[2] = { 0 };
	struct bpf_insn program[] = {
		BPF_MOV64_IMM(2, 77), BPF_MOV64_IMM(0, 0x11), insn, BPF_ALU64_REG(BPF_ADD, 0, 2),
		BPF_EXIT_INSN(),
	};
	int i;

	for (i = 0; i < 2; i++) {
		program[2].off = i ? off : 0;
		*(u64 *)((char *)middle + program[2].off) = 0x8182838485868788;
		if (COMPILE(program, t))
			return false;
		result = run(middle);
		left[i] = *(u64 *)((char *)middle + program[2].off);
		*same &= !i || result == want;
		want = result;
	}
	*same &= left[0] == left[1];
	return !native_has_constant((u32)(s32)off) && !native_has_constant((u32)MARK);
}

static void test_offsets(void)
{
	static const s16 offs[] = { (s16)0xc394, 0x7fc3, -129, 130, 0x1234 };
	bool hidden = true, shown = false, same = true;
	unsigned int i, o;

	for (i = 0; i < ARRAY_SIZE(accesses); i++) {
		for (o = 0; o < ARRAY_SIZE(offs); o++) {
			hidden &= offset_hidden(accesses[i], offs[o], BLIND, &same);
			hidden &= offset_hidden(accesses[i], offs[o], &native_variants[3].target,
						&same);
			shown |= !offset_hidden(accesses[i], offs[o], &native_variants[0].target,
						&same);
		}
	}
	tap_result(hidden && shown, "no offset of memory of more than a byte is in the image");
	tap_result(same, "the access is where it was");
}

/* ---- distances ----------------------------------------------------------------------- */

#define SEEDS		96
#define JUMPED		3000

/* The distance of a jump over JUMPED additions, with one seed. */
static s32 distance(u64 seed)
{
	static struct bpf_insn program[JUMPED + 3];
	struct jit_target t = *BLIND;
	const u8 *jump;
	s32 value;
	u32 i;

	t.seed = seed;
	program[0] = BPF_MOV64_IMM(0, 5);
	program[1] = BPF_JMP_A(JUMPED);
	for (i = 0; i < JUMPED; i++)
		program[2 + i] = BPF_ALU32_IMM(BPF_ADD, 0, 0x1234567);
	program[2 + JUMPED] = BPF_EXIT_INSN();
	if (COMPILE(program, &t) || run(NULL) != 5)
		return 0;
	for (jump = native_image(); jump < native_image() + 64; jump++) {
		memcpy(&value, jump + 1, sizeof(value));
		if (*jump == 0xe9 && value > 0 && value < native_size())
			return value;
	}
	return 0;
}

/* A low byte that an author guesses comes once in 256 seeds; four times is luck. */
static void test_distances(void)
{
	unsigned int low[256] = { 0 }, most = 0, seed;
	s32 value, least = S32_MAX, largest = 0;
	bool good = true;
	char name[80];

	for (seed = 1; seed <= SEEDS; seed++) {
		value = distance(seed * 0x123456789abcdULL);
		good &= value > 16 * JUMPED;
		low[value & 0xff]++;
		most = max(most, low[value & 0xff]);
		least = min(least, value);
		largest = max(largest, value);
	}
	snprintf(name, sizeof(name), "a jump over %u instructions: %d to %d bytes, by chance", JUMPED,
		 least, largest);
	tap_result(good && most <= 5 && largest - least > 256, name);
}

/* Nops of every length are somewhere, and the program is what it was. */
static void test_padding(void)
{
	struct bpf_insn program[1000];
	unsigned int n, lengths = 0, i;
	u32 without;

	for (i = 0; i < ARRAY_SIZE(program) - 1; i++)
		program[i] = BPF_ALU64_REG(BPF_ADD, 0, 1);
	program[0] = BPF_MOV64_IMM(0, 0);
	program[i] = BPF_EXIT_INSN();
	if (COMPILE(program, &native_variants[0].target) || run((void *)3) != 3 * 998)
		lengths = 1000;
	without = native_size();
	if (COMPILE(program, BLIND) || run((void *)3) != 3 * 998)
		lengths = 1000;
	for (n = 3; n <= 8; n++) {
		struct x86_code code = { (u8 [8]){ 0 }, 0, 8 };

		x86_nop(&code, n);
		lengths += !!memmem(native_image(), native_size(), code.bytes, n);
	}
	tap_result(lengths == 6 && native_size() - without > 400 && native_size() - without < 750,
		   "nops between instructions, of every length, half a byte for each");
}

int main(void)
{
	native_init();
	test_constants();
	test_fused();
	test_seed();
	test_offsets();
	test_distances();
	test_padding();
	return tap_status();
}
