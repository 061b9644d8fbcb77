// SPDX-License-Identifier: GPL-2.0-only
/*
 * Layout: jumps at the edges of what a short one reaches, jumps that push each
 * other over the edge, very large programs. Each image runs, and a jump in it is
 * long only if it must be.
 */
#include "decode.h"
#include "native.h"
#include "tap.h"

static csh handle;
static unsigned int short_jumps, long_jumps;

#define COUNT_MAX	400000

/* 2 and 3 bytes of code that add 1 and 2 to R1. */
static const struct bpf_insn two_bytes = BPF_RAW_INSN(BPF_ALU | BPF_ADD | BPF_X, 1, 2, 0, 0);
static const struct bpf_insn three_bytes = BPF_RAW_INSN(BPF_ALU64 | BPF_ADD | BPF_X, 1, 2, 0, 0);

static struct bpf_insn program[COUNT_MAX + 16];
static u32 len;

static void put(struct bpf_insn insn)
{
	program[len++] = insn;
}

/* Exactly @bytes of code, at least 2. */
static void filler(unsigned int bytes)
{
	if (bytes & 1) {
		put(three_bytes);
		bytes -= 3;
	}
	for (; bytes; bytes -= 2)
		put(two_bytes);
}

/* Distances of the jumps; false if a long one would have reached as a short one. */
static bool look(bool minimal)
{
	const u8 *code = native_image();
	size_t left = native_size();
	uint64_t address = 0;
	cs_insn *insn = cs_malloc(handle);
	bool good = true;

	short_jumps = 0;
	long_jumps = 0;
	while (left && cs_disasm_iter(handle, &code, &left, &address, insn)) {
		s64 distance;

		if (!cs_insn_group(handle, insn, X86_GRP_JUMP) || insn->address < 2)
			continue;
		distance = insn->detail->x86.operands[0].imm - (s64)insn->address - 2;
		if (insn->size == 2)
			short_jumps++;
		else
			long_jumps++;
		if (minimal && insn->size > 2 && distance >= -128 && distance <= 127)
			good = false;
	}
	cs_free(insn, 1);
	return good && !left;
}

static int compile(unsigned int variant)
{
	struct jit_program input = { program, len, 0 };
	struct image_facts facts;
	int err = native_compile(&input, &native_variants[variant].target, 0);

	return err ?: native_check_image(&facts) ? 0 : -EILSEQ;
}

static bool returns(u64 want)
{
	u64 result;

	return native_run(native_entry(), NULL, &result) && result == want;
}

/* ---- the edges ------------------------------------------------------------------- */

static void start(void)
{
	len = 0;
	put(BPF_MOV64_IMM(1, 0));
	put(BPF_MOV64_IMM(2, 1));
	put(BPF_MOV64_IMM(0, 0));
}

/* Over @bytes, forwards: taken, they are not run. */
static bool forward(struct bpf_insn jump, unsigned int bytes, bool taken)
{
	u32 at, fillers;

	start();
	at = len;
	put(jump);
	filler(bytes);
	fillers = len - at - 1;
	program[at].off = fillers;
	if (jump.code == (BPF_JMP32 | BPF_JA)) {
		program[at].off = 0;
		program[at].imm = fillers;
	}
	put(BPF_MOV64_REG(0, 1));
	put(BPF_EXIT_INSN());
	return !compile(0) && returns(taken ? 0 : fillers) && look(true) &&
	       (bytes <= 127 ? short_jumps == 1 && !long_jumps : long_jumps == 1);
}

/* Back over @bytes and itself: run twice. */
static bool backward(unsigned int bytes)
{
	u32 at, fillers;
	bool fits;

	start();
	put(BPF_MOV64_IMM(3, 2));
	at = len;
	filler(bytes);
	fillers = len - at;
	put(BPF_ALU64_IMM(BPF_SUB, 3, 1));
	put(BPF_JMP_IMM(BPF_JNE, 3, 0, 0));
	program[len - 1].off = (s32)at - (s32)len;
	put(BPF_MOV64_REG(0, 1));
	put(BPF_EXIT_INSN());
	/* dec rdx is 3 bytes, the jump 2; zero is known. */
	fits = bytes + 3 + 2 <= 128;
	return !compile(0) && returns(2 * fillers) && look(true) &&
	       (fits ? short_jumps == 1 && !long_jumps : long_jumps == 1);
}

static void test_edges(void)
{
	bool good = true, back = true;
	unsigned int bytes;

	for (bytes = 100; bytes < 160; bytes++) {
		good &= forward(BPF_JMP_A(0), bytes, true);
		good &= forward(BPF_JMP32_A(0), bytes, true);
		good &= forward(BPF_JMP_IMM(BPF_JEQ, 2, 1, 0), bytes, true);
		good &= forward(BPF_JMP_IMM(BPF_JEQ, 2, 2, 0), bytes, false);
		good &= forward(BPF_JMP32_REG(BPF_JSGT, 2, 1, 0), bytes, true);
		back &= backward(bytes);
	}
	tap_result(good, "forward jumps over 100 to 159 bytes: short up to 127");
	tap_result(back, "backward jumps over 100 to 159 bytes: short up to 128");
}

/* ---- jumps that depend on each other ------------------------------------------------ */

/*
 * @n jumps, each over the next @span ones: when the last does not reach, the one
 * before it does not either, and so on to the first, one a round.
 */
static bool chain(unsigned int n, unsigned int span, unsigned int tail, unsigned int variant)
{
	unsigned int i;

	start();
	for (i = 0; i < n; i++)
		put(BPF_JMP_IMM(BPF_JSGT, 2, 3, span));
	for (i = 0; i < span; i++)
		put(three_bytes);
	filler(tail);
	put(BPF_MOV64_REG(0, 1));
	put(BPF_EXIT_INSN());
	return !compile(variant) && returns(len - 3 - n - 2) && look(false);
}

static void test_chains(void)
{
	unsigned int span, tail;
	bool good = true;

	/* A comparison is 4 bytes, a short jump 2: 21 of them and a bit are 127. */
	for (span = 18; span < 24; span++)
		for (tail = 2; tail < 40; tail += 3)
			good &= chain(200, span, tail, span % VARIANTS);
	tap_result(good, "jumps that push each other apart");
}

/*
 * Each jump is over two others and 115 bytes, which a short one just reaches, but
 * the last: it is one byte further. So it becomes long, then the one before it does,
 * and so on through the whole program, about one a round.
 */
/* @n is even. */
static bool avalanche(unsigned int n)
{
	unsigned int i;

	start();
	for (i = 0; i < n; i++) {
		/* 4 bytes of comparison: of signed numbers it is never shortened. */
		put(BPF_JMP_IMM(BPF_JSGT, 2, 3, 28 + 1 + 29 + 1));
		filler(57 + i % 2);
	}
	program[len - 59].off += 2;
	program[len - 30].off += 5;
	filler(200);
	/* One that has nothing to do with it. */
	put(BPF_JMP_IMM(BPF_JSGT, 2, 3, 1));
	put(two_bytes);
	put(BPF_MOV64_REG(0, 1));
	put(BPF_EXIT_INSN());
	return !compile(0) && returns(len - 3 - n - 3) && look(false);
}

static void test_avalanche(void)
{
	tap_result(avalanche(6) && long_jumps == 6 && short_jumps == 1,
		   "an avalanche of 6 jumps: they become long");
	tap_result(avalanche(3000) && long_jumps == 3001 && !short_jumps,
		   "an avalanche of 3000 is cut short: every jump becomes long at once");
}

/* ---- cold code ------------------------------------------------------------------------- */

/*
 * A packet load that fails: its cold code has two jumps, the one back is long, and
 * so is, sooner or later, the one behind it to the exit, @bytes further up.
 */
static bool cold(unsigned int bytes)
{
	struct jit_program input = { program, 0, 0 };
	struct image_facts facts;
	u64 result;

	len = 0;
	put(BPF_MOV64_REG(6, 1));
	put(BPF_LD_ABS(BPF_W, PACKET_BYTES));
	put(BPF_MOV64_IMM(1, 0));
	put(BPF_MOV64_IMM(2, 0));
	filler(300);
	put(BPF_JMP_IMM(BPF_JEQ, 1, 0, 1));
	put(BPF_EXIT_INSN());
	filler(bytes);
	put(BPF_EXIT_INSN());
	input.len = len;
	return !native_compile(&input, &native_variants[0].target, 0) &&
	       native_check_image(&facts) && native_run(native_entry(), &native_skb, &result) &&
	       !result;
}

static void test_cold(void)
{
	unsigned int bytes;
	bool good = true;

	for (bytes = 2; bytes < 140; bytes++)
		good &= cold(bytes);
	tap_result(good, "both jumps of cold code at every distance");
}

/* ---- large programs --------------------------------------------------------------------- */

static void test_large(void)
{
	bool good;
	u32 i;

	start();
	for (i = 0; i < COUNT_MAX / 4; i++) {
		put(BPF_ALU64_IMM(BPF_ADD, 1, 1));
		put(BPF_JMP_IMM(BPF_JEQ, 1, -1, i % 3));
		put(two_bytes);
	}
	put(BPF_MOV64_REG(0, 1));
	put(BPF_MOV64_REG(0, 1));
	put(BPF_MOV64_REG(0, 1));
	put(BPF_EXIT_INSN());
	good = !compile(0) && returns(2 * (COUNT_MAX / 4)) && look(true);
	tap_result(good, "a program of 300,000 instructions");
}

int main(void)
{
	handle = decode_open();
	native_init();
	test_edges();
	test_chains();
	test_avalanche();
	test_cold();
	test_large();
	return tap_status();
}
