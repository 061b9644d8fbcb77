// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every instruction that RFC 9669 defines, in every pair of registers, over
 * boundary operands, compiled in every variant. An instruction comes alone, behind
 * a 32-bit move (so that its operand is known to be below 2^32), and with R0, R3
 * and R4 dead behind it (so that the registers of the machine's divisions and
 * shifts need not be saved).
 */
#include "native.h"
#include "tap.h"

static const u64 values[] = {
	0, 1, 2, 3, 7, 31, 32, 63, 64, 0x7f, 0x80, 0xff, 0x8000, 0xffff, 0x12345678,
	0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x100000000, 0x1ffffffff,
	0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000001, 0xffffffff00000000,
	0xffffffff7fffffff, 0xffffffff80000000, 0xfffffffffffffffe, 0xffffffffffffffff,
	0x0123456789abcdef, 0xfedcba9876543210,
};

static const s32 immediates[] = {
	0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 13, 15, 31, 32, 63, 64, 100, 127, 128, 129, 255, 256,
	641, 1000, 0x7fff, 0x8000, 0xffff, 0x10000, 1000000, 0x12345678, 0x3fffffff,
	0x40000000, 0x40000001, 0x7ffffffe, 0x7fffffff, INT_MIN, INT_MIN + 1, -0x8000, -129, -128,
	-127, -10, -3, -2, -1,
};

static unsigned long runs, failures;

/* ---- one program, many operands -------------------------------------------------- */

static struct bpf_insn program[64 + FRAME_SLOTS];
static u32 program_len;

static void compile(const struct bpf_insn *body, u32 len)
{
	program_len = frame_program(program, body, len, 1);
}

/* Values of @a and @b from all pairs, or from @some of them that differ by round. */
static void operands(const struct variant *v, u8 a, u8 b, unsigned int some)
{
	struct jit_program input = { program, program_len, BODY_STACK };
	static unsigned int round;
	unsigned int i, n = some ?: ARRAY_SIZE(values) * ARRAY_SIZE(values);
	struct image_facts facts;
	int err = native_compile(&input, &v->target, 0);

	if (err || (some && !native_check_image(&facts))) {
		if (failures++ < 3)
			printf("# %s: code %02x: error %d\n", v->name, program[42].code, err);
		return;
	}
	for (i = 0; i < n; i++) {
		unsigned int pick = some ? round++ * 7919 : i;
		struct state start = { .reg = { 0x11, 0x22, 0x3333333333, 0x44, -5, 6, 7, 8, 9, 10 } };
		struct state got, want;
		u64 result, expected;
		bool good;

		start.reg[b] = values[pick / ARRAY_SIZE(values) % ARRAY_SIZE(values)];
		start.reg[a] = values[pick % ARRAY_SIZE(values)];
		got = want = start;
		good = native_reference(program, program_len, &want, &expected) &&
		       native_run(native_entry(), &got, &result) && result == expected &&
		       !memcmp(&got, &want, sizeof(got));
		runs++;
		if (!good && failures++ < 3)
			native_same(program, program_len, v, &start, false);
	}
}

/* The instruction in its three surroundings. */
static void surrounded(struct bpf_insn insn, u8 a, u8 b, unsigned int some)
{
	/* A jump is over what follows it. */
	bool jump = (BPF_CLASS(insn.code) == BPF_JMP || BPF_CLASS(insn.code) == BPF_JMP32);
	struct bpf_insn after[] = {
		BPF_ALU64_IMM(BPF_XOR, BPF_REG_8, 0x1234),
		BPF_MOV64_IMM(BPF_REG_0, 0x55),
		BPF_MOV64_IMM(BPF_REG_3, 0x56),
		BPF_MOV64_IMM(BPF_REG_4, 0x57),
	};
	struct bpf_insn body[8];
	unsigned int kind, i, n;

	for (kind = 0; kind < 4; kind += some ? 3 : 1) {
		n = 0;
		if (kind & 1)
			body[n++] = BPF_MOV32_REG(a, a);
		body[n++] = insn;
		if (jump)
			body[n++] = after[0];
		for (i = 1; i < 4 && kind & 2; i++)
			if (after[i].dst_reg != a)
				body[n++] = after[i];
		compile(body, n);
		for (i = 0; i < (some ? 4 : VARIANTS); i++)
			operands(&native_variants[i], a, b, some);
	}
}

/* ---- classes -------------------------------------------------------------------------- */

static void registers(struct bpf_insn insn)
{
	u8 a, b;

	for (a = 0; a < 10; a++) {
		for (b = 0; b < 10; b++) {
			insn.dst_reg = a;
			insn.src_reg = b;
			surrounded(insn, a, b, 3);
		}
	}
	insn.dst_reg = 5;
	insn.src_reg = 2;
	surrounded(insn, 5, 2, 0);
}

static void constants(struct bpf_insn insn)
{
	unsigned int i;
	u8 a;

	for (i = 0; i < ARRAY_SIZE(immediates); i++) {
		insn.imm = immediates[i];
		if (!ref_defines(&insn))
			continue;
		/* RAX, RDX and RCX are special, the others take turns. */
		for (a = 0; a < 10; a += a == 4 ? 1 + i % 5 : a > 4 ? 5 : 1) {
			insn.dst_reg = a;
			surrounded(insn, a, a, a == 1 ? 32 : 2);
		}
	}
}

static void alu_and_jumps(u8 code)
{
	static const s16 offsets[] = { 0, 1, 8, 16, 32 };
	bool jump = BPF_CLASS(code) == BPF_JMP || BPF_CLASS(code) == BPF_JMP32;
	struct bpf_insn insn = { .code = code };
	unsigned int i;

	if (code == (BPF_JMP | BPF_CALL) || code == (BPF_JMP | BPF_EXIT) ||
	    (jump && BPF_OP(code) == BPF_JA))
		return;
	for (i = 0; i < (jump ? 1 : ARRAY_SIZE(offsets)); i++) {
		insn.off = jump ? 1 : offsets[i];
		insn.imm = 32;
		if (!ref_defines(&insn))
			continue;
		if (BPF_SRC(code) == BPF_X && BPF_OP(code) != BPF_END)
			registers(insn);
		else
			constants(insn);
	}
}

/* The base is R10, or a register set to point where R10 does. */
static void memory_at(struct bpf_insn insn, u8 base, u8 value, s16 off)
{
	bool load = BPF_CLASS(insn.code) == BPF_LDX;
	struct bpf_insn body[] = {
		BPF_MOV64_REG(base, BPF_REG_10),
		insn,
		BPF_MOV64_IMM(base, 7),
	};
	bool own = base != BPF_REG_10, same = base == value && BPF_CLASS(insn.code) != BPF_ST;
	unsigned int i;

	/* What it stores or exchanges would be an address. */
	if (same && !load)
		return;
	body[1].off = off;
	body[1].dst_reg = load ? value : base;
	body[1].src_reg = load ? base : value;
	compile(body + !own, (own && !(load && same)) ? 3 : 1 + own);
	for (i = 0; i < 4; i++)
		operands(&native_variants[i], value == 10 ? 0 : value, 0, 2);
}

static void memory(u8 code, s32 imm)
{
	static const s16 offs[] = { BODY_CENTRE, BODY_CENTRE + 8, -128, -136, -24 };
	struct bpf_insn insn = { .code = code, .imm = imm };
	unsigned int i;
	u8 base, value;

	for (base = 0; base <= 10; base++)
		for (value = 0; value < 10; value++)
			for (i = 0; i < (base == 10 ? ARRAY_SIZE(offs) : 1); i++)
				memory_at(insn, base, value, offs[i]);
}

static void memory_class(u8 code)
{
	struct bpf_insn insn = { .code = code };
	unsigned int i;
	int op;

	if (BPF_MODE(code) == BPF_ATOMIC && BPF_CLASS(code) == BPF_STX) {
		for (op = 0; op < 256; op++) {
			insn.imm = op;
			if (ref_defines(&insn))
				memory(code, op);
		}
	} else if (ref_defines(&insn)) {
		for (i = 0; i < (BPF_CLASS(code) == BPF_ST ? ARRAY_SIZE(immediates) : 1); i += 5)
			memory(code, immediates[i]);
	}
}

static void packet_or_wide(u8 code)
{
	struct bpf_insn body[7] = { { .code = code } };
	struct state start = { .reg = { 1, 2, 3, 4, 5, 6, (uintptr_t)&native_skb, 5, 0xabcd00000003 } };
	unsigned int i, v;
	s32 k;

	if (!ref_defines(body))
		return;
	for (i = 1; i <= 5; i++)
		body[i] = BPF_MOV64_IMM(i, i);
	for (k = -4; k < PACKET_BYTES + 4; k++) {
		for (v = 0; v < VARIANTS; v++) {
			body[0].imm = BPF_MODE(code) == BPF_IND ? k - 5 : k;
			body[0].src_reg = 7 + (k & 1);
			if (code == (BPF_LD | BPF_IMM | BPF_DW)) {
				body[0] = (struct bpf_insn){ code, (k + 4) % 10, 0, 0, values[k & 31] };
				body[1] = (struct bpf_insn){ .imm = values[k & 31] >> 32 };
			}
			compile(body, 6);
			runs++;
			failures += !native_same(program, program_len, &native_variants[v],
						 &start, true);
		}
	}
}

/* ---- division by many constants ------------------------------------------------------------ */

static u64 state = 88172645463325252ULL;

static u64 random64(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dULL;
}

/* Around multiples of the divisor, where a quotient that is one off shows. */
static void divisor(u8 class, u8 op, s32 d)
{
	bool w = class == BPF_ALU64;
	u64 by = w ? (u64)(s64)d : (u32)d, top = w ? U64_MAX : U32_MAX;
	struct bpf_insn body[] = { BPF_RAW_INSN(class | op | BPF_K, 7, 0, 0, d) };
	struct jit_program input = { program, 0, BODY_STACK };
	unsigned int v, i;

	compile(body, 1);
	input.len = program_len;
	for (v = 0; v < 2; v++) {
		if (native_compile(&input, &native_variants[v].target, 0)) {
			failures++;
			return;
		}
		for (i = 0; i < 24; i++) {
			u64 k = i < 12 ? top / by - i / 3 : random64() % (top / by);
			u64 n = k * by + i % 3 - 1, result;
			struct state got = { .reg = { [7] = i == 23 ? top : n } };
			u64 a = w ? got.reg[7] : (u32)got.reg[7];
			u64 want = op == BPF_DIV ? a / by : a % by;

			runs++;
			if ((!native_run(native_entry(), &got, &result) || got.reg[7] != want) &&
			    failures++ < 3)
				printf("# %s: %llu by %llu is not %llu\n", native_variants[v].name, a,
				       by, got.reg[7]);
		}
	}
}

static void many_divisors(void)
{
	unsigned int i;
	s32 d;

	for (i = 0; i < 6000; i++) {
		d = i < 2050 ? i + 2 : i < 2100 ? INT_MAX - (s32)i + 2050 :
		    (s32)(random64() >> 32) >> (i % 31) | 2;
		divisor(i & 1 ? BPF_ALU : BPF_ALU64, i & 2 ? BPF_MOD : BPF_DIV, d);
		divisor(i & 1 ? BPF_ALU64 : BPF_ALU, i & 2 ? BPF_MOD : BPF_DIV, d);
	}
}

int main(void)
{
	static const char * const classes[] = {
		"LD", "LDX", "ST", "STX", "ALU", "JMP", "JMP32", "ALU64",
	};
	static void (*const tests[])(u8 code) = {
		packet_or_wide, memory_class, memory_class, memory_class, alu_and_jumps,
		alu_and_jumps, alu_and_jumps, alu_and_jumps,
	};
	unsigned long before;
	int class, rest;
	char name[80];

	native_init();
	for (class = 0; class < 8; class++) {
		before = runs;
		failures = 0;
		for (rest = 0; rest < 32; rest++)
			tests[class](rest << 3 | class);
		snprintf(name, sizeof(name), "class %s as the RFC: %lu runs", classes[class],
			 runs - before);
		tap_result(!failures && runs > before, name);
	}
	before = runs;
	failures = 0;
	many_divisors();
	snprintf(name, sizeof(name), "division by 6000 constants: %lu runs", runs - before);
	tap_result(!failures, name);
	return tap_status();
}
