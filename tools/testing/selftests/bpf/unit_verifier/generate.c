// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs, put together from parts. What decides their fate are accesses
 * to a map value at an offset that is bounded, or nearly, on some paths, or of
 * which an equal value is, or through a pointer that was null-checked on some
 * paths. These are the facts pruning must not lose.
 *
 * Most programs are tame: after each part the verifier is asked, and a part that
 * it refuses is taken back. So they load, though each part was ventured; and
 * what a verifier with a hole lets pass stays in. The others are left as they
 * are, and most of those are refused somewhere.
 *
 * Jumps go forward, but for a loop in some programs. R6 is the context, R7 a
 * value of MAP_16, R10 the stack; R0-R5, R8 and R9 hold numbers most of the time.
 * Slots fp-8 to fp-32 take part in everything, all of them written at the start;
 * fp-40 and below hold keys.
 */
#include "generate.h"
#include "raw_bpf.h"

#define ONE_IN(n) (random_below(n) == 0)
#define PICK(array) ((array)[random_below(ARRAY_SIZE(array))])

static struct load *out;
static bool loops;

static void emit(struct bpf_insn insn)
{
	if (out->len < GENERATE_MAX)
		out->insns[out->len++] = insn;
}

static void emit_map_to(int reg, int map)
{
	const struct bpf_insn pair[] = {
		LD64_SRC(reg, BPF_PSEUDO_MAP_FD, map, 0),
	};

	emit(pair[0]);
	emit(pair[1]);
}

static void emit_map(int map)
{
	emit_map_to(1, map);
}

/* The register and the slot the program is about just now. */
static int hot_reg, hot_slot;

static int number_reg(void)
{
	static const int regs[] = { 0, 1, 2, 3, 8, 8, 9, 9 };

	return ONE_IN(2) ? hot_reg : PICK(regs);
}

/* A register about to be written. */
static int written_reg(void)
{
	int reg = number_reg();

	if (!ONE_IN(3))
		hot_reg = reg;
	return reg;
}

static int constant(void)
{
	static const int values[] = {
		0, 1, 2, 3, 4, 7, 8, 9, 12, 14, 15, 16, 17, 31, 100, -1, -8,
		-16, 255, 0x7fffffff, 0xffff,
	};

	return PICK(values);
}

static int slot(void)
{
	if (ONE_IN(2))
		hot_slot = -8 * (1 + (int)random_below(4));
	return hot_slot;
}

static void fresh_number(void)
{
	emit(LDX(ONE_IN(2) ? BPF_W : BPF_B, number_reg(), 6,
		 4 * random_below(12)));
}

/* One operand: negation, byte order, sign extension. */
static void unary(void)
{
	static const u8 widths[] = { 16, 32, 64 };
	int dst = number_reg(), width = PICK(widths);

	switch (random_below(5)) {
	case 0:
		emit(INSN(BPF_ALU64 | BPF_NEG, dst, 0, 0, 0));
		break;
	case 1:
		emit(INSN(BPF_ALU | BPF_NEG, dst, 0, 0, 0));
		break;
	case 2:
		emit(INSN(BPF_ALU64 | BPF_END, dst, 0, 0, width));
		break;
	case 3:
		emit(SWAP(ONE_IN(2) ? BPF_TO_LE : BPF_TO_BE, dst, width));
		break;
	default:
		emit(INSN((ONE_IN(2) ? BPF_ALU : BPF_ALU64) | BPF_MOV | BPF_X,
			  written_reg(), dst, ONE_IN(2) ? 8 : 16, 0));
	}
}

static void arithmetic(void)
{
	static const u8 ops[] = {
		BPF_ADD, BPF_ADD, BPF_SUB, BPF_AND, BPF_AND, BPF_OR, BPF_XOR,
		BPF_RSH, BPF_LSH, BPF_MUL, BPF_MOD, BPF_DIV, BPF_ARSH,
	};
	u8 op = PICK(ops), class = ONE_IN(3) ? BPF_ALU : BPF_ALU64;
	bool is_signed = (op == BPF_DIV || op == BPF_MOD) && ONE_IN(3);
	int imm = constant();

	if (ONE_IN(8)) {
		unary();
		return;
	}
	if (ONE_IN(3)) {
		imm = number_reg();
		emit(INSN(class | op | BPF_X, written_reg(), imm, is_signed, 0));
		return;
	}
	if (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)
		imm = random_below(class == BPF_ALU ? 32 : 64);
	if ((op == BPF_DIV || op == BPF_MOD) && !imm)
		imm = 3;
	emit(INSN(class | op | BPF_K, number_reg(), 0, is_signed, imm));
}

static void copy(void)
{
	int src = number_reg(), dst = written_reg();

	switch (random_below(8)) {
	case 0:
		emit(INSN(BPF_ALU | BPF_MOV | BPF_X, dst, src, 0, 0));
		break;
	case 1:
		emit(INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src,
			  8 << random_below(3), 0));
		break;
	case 2:
		emit(MOV_K(dst, constant()));
		break;
	default:
		emit(MOV_X(dst, src));
	}
}

static void spill(void)
{
	static const u8 sizes[] = { BPF_DW, BPF_DW, BPF_DW, BPF_W, BPF_H, BPF_B };
	u8 size = PICK(sizes);
	int bytes = 1 << (size == BPF_DW ? 3 : size == BPF_W ? 2 :
			  size == BPF_H ? 1 : 0);
	int off = slot() + bytes * (int)random_below(8 / bytes);

	switch (random_below(5)) {
	case 0:
		emit(ST(size, 10, off, constant()));
		break;
	case 1:
	case 2:
		emit(STX(size, 10, number_reg(), off));
		break;
	case 3:
		if (size != BPF_DW && ONE_IN(2))
			emit(INSN(BPF_LDX | BPF_MEMSX | size, written_reg(), 10,
				  off, 0));
		else
			emit(LDX(size, written_reg(), 10, off));
		break;
	default:
		emit(LDX(size, written_reg(), 10, off));
	}
}

/* Map values and the context forget what is stored there. */
static void elsewhere(void)
{
	static const u8 sizes[] = { BPF_DW, BPF_W, BPF_H, BPF_B };
	u8 size = PICK(sizes);
	int at = 8 * (int)random_below(2);

	switch (random_below(5)) {
	case 0:
		emit(STX(size, 7, number_reg(), at));
		break;
	case 1:
		emit(ST(size, 7, at, constant()));
		break;
	case 2:
		emit(STX(BPF_W, 6, number_reg(), 48 + 4 * random_below(5)));
		break;
	case 3:
		emit(INSN(BPF_LDX | BPF_MEMSX | BPF_H, written_reg(), 7, at, 0));
		break;
	default:
		emit(LDX(size, written_reg(), 7, at));
	}
}

/* Through memory in pieces and back. */
static void pieces(void)
{
	static const u8 sizes[] = { BPF_W, BPF_H, BPF_B };
	u8 in = PICK(sizes), out_size = ONE_IN(2) ? in : PICK(sizes);
	int at = slot();

	if (ONE_IN(2))
		emit(ST(BPF_DW, 10, at, 0));
	emit(STX(in, 10, number_reg(), at));
	if (ONE_IN(3))
		emit(STX(BPF_B, 10, number_reg(), at + 1));
	emit(LDX(ONE_IN(3) ? BPF_DW : out_size, written_reg(), 10, at));
}

static void jump(void)
{
	static const u8 ops[] = {
		BPF_JEQ, BPF_JNE, BPF_JGT, BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE,
		BPF_JSGT, BPF_JSLT, BPF_JSGE, BPF_JSLE, BPF_JSET,
	};
	u8 class = ONE_IN(4) ? BPF_JMP32 : BPF_JMP;
	int off = 1 + random_below(6);

	if (ONE_IN(4))
		emit(INSN(class | PICK(ops) | BPF_X, number_reg(), number_reg(),
			  off, 0));
	else
		emit(INSN(class | PICK(ops) | BPF_K, number_reg(), 0, off,
			  constant()));
}

/* Use a number as an offset, usually after a check of it or of its source. */
static void use_offset(void)
{
	int index = number_reg(), limit = 7 + random_below(10);

	if (ONE_IN(3))
		emit(ALU_K(BPF_AND, index, ONE_IN(2) ? 15 : 7));
	if (ONE_IN(2))
		emit(JMP_K(BPF_JGT, index, limit, 3 + random_below(2)));
	emit(MOV_X(4, 7));
	if (ONE_IN(4)) {
		emit(ALU_K(BPF_ADD, 4, 8));
		emit(ALU_K(BPF_SUB, 4, ONE_IN(4) ? 7 : 8));
	}
	emit(ALU_X(BPF_ADD, 4, index));
	emit(LDX(ONE_IN(3) ? BPF_DW : BPF_B, ONE_IN(2) ? 5 : number_reg(), 4, 0));
}

/* An offset on the stack; fp-32 .. fp-1 is where the numbers are. */
static void use_stack_offset(void)
{
	int index = number_reg();

	if (!ONE_IN(3))
		emit(ALU_K(BPF_AND, index, ONE_IN(2) ? 8 : 24));
	emit(MOV_X(4, 10));
	emit(ALU_K(BPF_ADD, 4, -32));
	emit(ALU_X(BPF_ADD, 4, index));
	if (ONE_IN(2))
		emit(LDX(BPF_DW, number_reg(), 4, 0));
	else
		emit(STX(BPF_DW, 4, number_reg(), 0));
}

static void use_atomic(void)
{
	static const int ops[] = {
		BPF_ADD, BPF_ADD | BPF_FETCH, BPF_XCHG, BPF_CMPXCHG,
		BPF_AND | BPF_FETCH,
	};
	u8 size = ONE_IN(2) ? BPF_W : BPF_DW;

	emit(ATOMIC(size, PICK(ops), ONE_IN(2) ? 10 : 7, number_reg(),
		    ONE_IN(2) ? -8 : 8 * (int)random_below(2)));
	if (out->insns[out->len - 1].dst_reg == 10)
		out->insns[out->len - 1].off = slot();
	else if (out->insns[out->len - 1].off < 0)
		out->insns[out->len - 1].off = 0;
}

/* R0-R5 are lost in a call; give them numbers again. */
static void refill(void)
{
	static const int regs[] = { 0, 1, 2, 3 };

	for (u32 i = 0; i < ARRAY_SIZE(regs); i++)
		if (ONE_IN(8))
			continue;
		else if (ONE_IN(2))
			emit(MOV_X(regs[i], 8 + random_below(2)));
		else
			emit(LDX(BPF_W, regs[i], 6, 4 * random_below(12)));
}

static void lookup(void)
{
	int map = random_below(2), keep = 8 + random_below(2);

	emit(ST(BPF_DW, 10, -40, constant()));
	emit(MOV_X(2, 10));
	emit(ALU_K(BPF_ADD, 2, map == MAP_16 && ONE_IN(3) ? -36 : -40));
	emit_map(map);
	emit(CALL(BPF_FUNC_map_lookup_elem));
	if (ONE_IN(2))
		emit(MOV_X(keep, 0));
	if (ONE_IN(3))
		emit(STX(BPF_DW, 10, 0, slot()));
	if (!ONE_IN(6))
		emit(JMP_K(ONE_IN(2) ? BPF_JEQ : BPF_JNE, ONE_IN(4) ? keep : 0,
			   0, 1 + random_below(3)));
	if (ONE_IN(2))
		emit(LDX(BPF_DW, 5, ONE_IN(3) ? keep : 0, 8 * random_below(2)));
	if (!ONE_IN(6))
		emit(MOV_K(keep, constant()));
	refill();
}

static void call(void)
{
	if (ONE_IN(3)) {
		emit(CALL(BPF_FUNC_get_prandom_u32));
	} else {
		int size = number_reg();

		emit(MOV_X(2, size));
		emit(MOV_X(1, 10));
		emit(ALU_K(BPF_ADD, 1, -32));
		if (!ONE_IN(3))
			emit(ALU_K(BPF_AND, 2, 31));
		if (ONE_IN(2))
			emit(JMP_K(BPF_JEQ, 2, 0, 1));
		emit(CALL(ONE_IN(2) ? BPF_FUNC_trace_printk :
				      BPF_FUNC_get_current_comm));
	}
	refill();
}

static void packet(void)
{
	static const u8 sizes[] = { BPF_W, BPF_H, BPF_B };
	u8 size = PICK(sizes);

	if (ONE_IN(2))
		emit(LDABS(size, random_below(40)));
	else
		emit(LDIND(size, number_reg(), random_below(8)));
	if (ONE_IN(2))
		emit(MOV_X(8 + random_below(2), 0));
	refill();
}

/* Two ways to the same register, one of them perhaps a pointer. */
static void join(void)
{
	int dst = number_reg();

	emit(JMP_K(BPF_JGT, number_reg(), constant(), 2));
	emit(ONE_IN(12) ? MOV_X(dst, 7) : MOV_K(dst, constant()));
	emit(JA(1));
	emit(ONE_IN(2) ? MOV_X(dst, number_reg()) : MOV_K(dst, constant()));
	hot_reg = dst;
}

/* One path leaves a value alone that another one changes. */
static void side_path(void)
{
	int skip = 1 + random_below(2), bit = 1 << random_below(5);

	emit(JMP_K(ONE_IN(2) ? BPF_JSET : BPF_JEQ, number_reg(), bit, skip));
	while (skip--)
		switch (random_below(5)) {
		case 0:
			emit(MOV_X(written_reg(), number_reg()));
			break;
		case 1:
			emit(MOV_K(written_reg(), constant()));
			break;
		case 2:
			emit(STX(ONE_IN(2) ? BPF_DW : BPF_B, 10, number_reg(),
				 slot()));
			break;
		case 3:
			emit(STX(BPF_DW, 10, ONE_IN(4) ? 7 : number_reg(),
				 -48));
			break;
		default:
			emit(ALU_K(BPF_AND, written_reg(), 15));
		}
}

/* Round and round: a loop that ends, or does not, or may. */
static void count_down(void)
{
	static void (*const bodies[])(void) = {
		arithmetic, copy, spill, jump, side_path,
	};
	int counter = 8 + random_below(2), start, n = random_below(3);
	bool down = ONE_IN(2);

	if (!loops)
		return;
	emit(MOV_K(counter, down ? 1 + random_below(6) : 0));
	start = out->len;
	while (n--)
		PICK(bodies)();
	emit(ALU_K(BPF_ADD, counter, down ? -1 : 1));
	n = start - (int)out->len - 1;
	if (down)
		emit(JMP_K(BPF_JNE, counter, 0, n));
	else
		emit(JMP_K(ONE_IN(4) ? BPF_JNE : BPF_JLT, counter,
			   1 + random_below(6), n));
	hot_reg = counter;
}

/* Round until two numbers are equal: the second round knows no more than that. */
static void settle_equal(void)
{
	if (!loops)
		return;
	emit(LDX(BPF_W, 8, 6, 4 * random_below(12)));
	emit(LDX(BPF_W, 9, 6, 4 * random_below(12)));
	emit(JMP_X(BPF_JEQ, 8, 9, 2));
	emit(MOV_X(9, 8));
	emit(JA(-3));
}

/* Slot fp-48 is written on some paths only, perhaps with a pointer. */
static void use_late_slot(void)
{
	if (ONE_IN(2)) {
		emit(JMP_K(BPF_JGT, number_reg(), constant(), 1));
		emit(JA(1));
		emit(STX(BPF_DW, 10, ONE_IN(2) ? 7 : 10, -48));
	}
	if (ONE_IN(2)) {
		emit(LDX(BPF_W, written_reg(), 10, -48));
		return;
	}
	emit(LDX(BPF_DW, written_reg(), 10, -48));
	if (ONE_IN(3))
		emit(LDX(BPF_B, 5, hot_reg, 0));
	else
		emit(MOV32_X(hot_reg, hot_reg));
}

/*
 * Slots fp-56 to fp-128, which nothing else uses: written in part, or perhaps, or
 * to an unknown extent.
 */
static void use_fresh_slots(void)
{
	static const u8 sizes[] = { BPF_W, BPF_H, BPF_B };
	int at = -56 - 8 * (int)random_below(10);

	switch (random_below(4)) {
	case 0:
		emit(STX(PICK(sizes), 10, number_reg(), at));
		break;
	case 1:
		emit(ALU_K(BPF_AND, 3, 24));
		emit(MOV_X(4, 10));
		emit(ALU_K(BPF_ADD, 4, at - 24));
		emit(ALU_X(BPF_ADD, 4, 3));
		emit(ONE_IN(2) ? STX(BPF_DW, 4, number_reg(), 0) :
		     ATOMIC(BPF_DW, BPF_ADD, 4, number_reg(), 0));
		break;
	case 2:
		emit(MOV_X(2, number_reg()));
		emit(ALU_K(BPF_AND, 2, 15));
		emit(MOV_X(1, 10));
		emit(ALU_K(BPF_ADD, 1, at - 8));
		emit(CALL(BPF_FUNC_get_current_comm));
		refill();
		return;
	default:
		break;
	}
	if (ONE_IN(2))
		emit(LDX(ONE_IN(2) ? BPF_DW : BPF_W, written_reg(), 10, at));
}

/* The address of a slot goes through another slot, and is used. */
static void use_escaped(void)
{
	int at = slot();

	emit(MOV_X(4, 10));
	emit(ALU_K(BPF_ADD, 4, at));
	emit(STX(BPF_DW, 10, 4, -48));
	if (ONE_IN(2))
		emit(JMP_K(BPF_JGT, number_reg(), constant(), 1));
	emit(MOV_K(3, constant()));
	emit(LDX(BPF_DW, 4, 10, -48));
	if (ONE_IN(2))
		emit(LDX(BPF_DW, written_reg(), 4, 0));
	else
		emit(STX(ONE_IN(2) ? BPF_DW : BPF_B, 4, number_reg(), 0));
}

/* One call, two keys at two places. */
static void either_key(void)
{
	emit(ST(BPF_W, 10, -40, 5));
	emit(ST(BPF_W, 10, -36, ONE_IN(2) ? 5 : 6));
	emit(MOV_X(2, 10));
	emit(ALU_K(BPF_ADD, 2, -40));
	emit(LDX(BPF_W, 3, 6, 4 * random_below(12)));
	emit(JMP_K(BPF_JGT, 3, constant(), 1));
	emit(ALU_K(BPF_ADD, 2, 4));
	emit_map(MAP_16);
	emit(CALL(BPF_FUNC_map_lookup_elem));
	emit(JMP_K(BPF_JEQ, 0, 0, 1));
	emit(LDX(BPF_DW, 5, 0, 8));
	refill();
}

/* One call, two maps. */
static void either_lookup(void)
{
	emit(ST(BPF_DW, 10, -40, 0));
	emit(MOV_X(2, 10));
	emit(ALU_K(BPF_ADD, 2, -40));
	emit(LDX(BPF_W, 3, 6, 4 * random_below(12)));
	emit_map(random_below(2));
	emit(JMP_K(BPF_JGT, 3, constant(), 2));
	emit_map(random_below(2));
	emit(CALL(BPF_FUNC_map_lookup_elem));
	emit(JMP_K(BPF_JEQ, 0, 0, 1));
	emit(LDX(BPF_DW, 5, 0, ONE_IN(3) ? 40 : 8));
	refill();
}

/* The slot is a constant, one of two, or any number; now and then of one of two arrays. */
static void tail_call(void)
{
	emit(MOV_K(3, random_below(6)));
	if (ONE_IN(3)) {
		emit(JMP_K(BPF_JGT, number_reg(), constant(), 1));
		emit(ONE_IN(2) ? MOV_K(3, random_below(6)) : MOV_X(3, 8));
	} else if (ONE_IN(3)) {
		emit(MOV_X(3, 8 + random_below(2)));
	}
	emit(MOV_X(1, 6));
	emit_map_to(2, MAP_PROGS);
	if (ONE_IN(4)) {
		emit(JMP_K(BPF_JGT, number_reg(), constant(), 2));
		emit_map_to(2, MAP_OTHER_PROGS);
	}
	emit(CALL(BPF_FUNC_tail_call));
	emit(MOV_K(0, 0));
	refill();
}

static int near_limit(void)
{
	return 13 + random_below(4);
}

/* A slot that is set on two ways, overwritten on some further one, then used. */
static void relay(void)
{
	int at = slot();

	emit(ST(BPF_DW, 10, at, near_limit()));
	emit(JMP_K(BPF_JGT, number_reg(), constant(), 1));
	emit(ST(BPF_DW, 10, at, near_limit()));
	emit(LDX(BPF_W, 1, 6, 4));
	emit(LDX(BPF_W, 2, 6, 8));
	emit(JMP_K(BPF_JGT, 1, constant(), 1));
	emit(ST(BPF_DW, 10, at, near_limit()));
	emit(JMP_K(BPF_JGT, 2, constant(), 3));
	emit(LDX(BPF_DW, 3, 10, at));
	emit(MOV_X(4, 7));
	emit(ALU_X(BPF_ADD, 4, 3));
	emit(LDX(BPF_B, 5, 4, 0));
}

/* Two numbers, of which one or the other was bounded on some path. */
static void two_bounds(void)
{
	int a = 8, b = 9;

	emit(LDX(BPF_W, a, 6, 4));
	emit(LDX(BPF_W, b, 6, 8));
	emit(ONE_IN(2) ? ALU_K(BPF_AND, a, 7) : ALU_K(BPF_AND, b, 15));
	emit(JMP_K(BPF_JGT, number_reg(), constant(), 1));
	emit(ONE_IN(2) ? ALU_K(BPF_AND, b, 15) : MOV_K(a, constant()));
	switch (random_below(3)) {
	case 0:
		emit(ALU_X(BPF_AND, a, b));
		break;
	case 1:
		emit(ALU_X(BPF_ADD, a, b));
		break;
	default:
		emit(JMP_X(ONE_IN(2) ? BPF_JLT : BPF_JGT, a, b, 3));
	}
	emit(MOV_X(4, 7));
	emit(ALU_X(BPF_ADD, 4, a));
	emit(LDX(BPF_B, 5, 4, 0));
	hot_reg = a;
}

/* An address that nobody uses, made of a number that nothing else asks for. */
static void idle_address(void)
{
	emit(LDX(BPF_W, 5, 6, 4));
	emit(ONE_IN(8) ? ALU_K(BPF_LSH, 5, 40) : ALU_K(BPF_AND, 5, 7));
	emit(MOV_X(4, 7));
	emit(ALU_X(BPF_ADD, 4, 5));
	emit(MOV_K(4, constant()));
	emit(MOV_K(5, constant()));
}

static void get_value(int map)
{
	emit(ST(BPF_DW, 10, -40, 0));
	emit(MOV_X(2, 10));
	emit(ALU_K(BPF_ADD, 2, -40));
	emit_map(map);
	emit(CALL(BPF_FUNC_map_lookup_elem));
}

/* Two nullable pointers, of which one may be checked and the other used. */
static void two_lookups(void)
{
	get_value(random_below(2));
	emit(MOV_X(8, 0));
	if (ONE_IN(2))
		get_value(random_below(2));
	emit(MOV_X(9, 0));
	emit(LDX(BPF_W, 1, 6, 4));
	emit(JMP_K(BPF_JEQ, 1, constant(), 1));
	emit(ONE_IN(2) ? MOV_X(9, 8) : MOV_X(8, 9));
	if (ONE_IN(2))
		emit(JMP_K(BPF_JEQ, 8, 0, 2 + random_below(2)));
	emit(JMP_K(BPF_JEQ, ONE_IN(4) ? 8 : 9, 0, 1));
	emit(LDX(BPF_DW, 5, ONE_IN(4) ? 8 : 9, ONE_IN(2) ? 40 : 8));
	emit(MOV_K(8, constant()));
	emit(MOV_K(9, constant()));
	refill();
}

/* A value of one map or the other. */
static void either_map(void)
{
	int map = random_below(2);

	get_value(map);
	emit(JMP_K(BPF_JNE, 0, 0, 2));
	emit(MOV_K(0, 0));
	emit(EXIT());
	emit(MOV_X(8, 0));
	emit(LDX(BPF_W, 1, 6, 4));
	emit(JMP_K(BPF_JGT, 1, constant(), 1));
	emit(MOV_X(8, 7));
	emit(LDX(BPF_DW, 5, 8, ONE_IN(3) ? 40 : 8));
	emit(MOV_K(8, constant()));
	refill();
}

/* ---- addresses of the packet: R2 and R4 point into it, R3 to its end ----------- */

static void get_packet(void)
{
	bool meta = ONE_IN(5);

	emit(LDX(BPF_W, 2, 6, meta ? CTX_DATA_META : CTX_DATA));
	emit(LDX(BPF_W, 3, 6, meta ? CTX_DATA : CTX_DATA_END));
	if (ONE_IN(16))
		emit(INSN(BPF_LDX | BPF_MEMSX | BPF_W, 2, 6, CTX_DATA, 0));
	if (meta && ONE_IN(3))
		emit(ALU_K(BPF_ADD, 3, 1 + random_below(4)));
	emit(MOV_X(4, 2));
}

/* Nothing of that is a number. */
static void drop_packet(void)
{
	refill();
	emit(MOV_K(2, constant()));
	emit(MOV_K(3, constant()));
	emit(MOV_K(4, constant()));
	emit(MOV_K(5, constant()));
}

static int packet_distance(void)
{
	return ONE_IN(8) ? -2 : (int)random_below(ONE_IN(4) ? 40 : 12);
}

static void move_packet_pointer(int reg)
{
	if (ONE_IN(2)) {
		emit(ALU_K(ONE_IN(5) ? BPF_SUB : BPF_ADD, reg, packet_distance()));
		return;
	}
	emit(LDX(ONE_IN(3) ? BPF_W : BPF_B, 1, 6, 4 * random_below(12)));
	if (!ONE_IN(6))
		emit(ALU_K(BPF_AND, 1, ONE_IN(2) ? 7 : 31));
	if (ONE_IN(8))
		emit(ALU_K(BPF_SUB, 1, 3));
	emit(ALU_X(ONE_IN(5) ? BPF_SUB : BPF_ADD, reg, 1));
}

/* One of the two, against the end, usually so that going on is safe. */
static void compare_packet(int reg, int skip)
{
	static const u8 ops[] = { BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE };
	u8 class = ONE_IN(12) ? BPF_JMP32 : BPF_JMP;

	if (ONE_IN(3))
		emit(INSN(class | PICK(ops) | BPF_X, reg, 3, skip, 0));
	else if (ONE_IN(3))
		emit(INSN(class | PICK(ops) | BPF_X, 3, reg, skip, 0));
	else if (ONE_IN(2))
		emit(JMP_X(BPF_JGT, reg, 3, skip));
	else
		emit(JMP_X(BPF_JLT, 3, reg, skip));
}

static void access_packet(int reg)
{
	static const u8 sizes[] = { BPF_B, BPF_B, BPF_H, BPF_W, BPF_DW };
	int at = packet_distance();

	switch (random_below(7)) {
	case 6:
		emit(ATOMIC(BPF_W, BPF_ADD, reg, 8, at));
		break;
	case 0:
		emit(ST(PICK(sizes), reg, at, constant()));
		break;
	case 1:
		emit(STX(PICK(sizes), reg, 8, at));
		break;
	default:
		emit(LDX(PICK(sizes), 5, reg, at));
	}
}

static void packet_bytes(void)
{
	int n = 1 + random_below(3);

	get_packet();
	while (n--) {
		if (ONE_IN(2))
			move_packet_pointer(ONE_IN(3) ? 2 : 4);
		if (ONE_IN(4))
			emit(STX(BPF_DW, 10, ONE_IN(2) ? 2 : 4, -48));
		compare_packet(ONE_IN(3) ? 2 : 4, 1 + random_below(2));
		if (ONE_IN(4))
			emit(LDX(BPF_DW, ONE_IN(2) ? 2 : 4, 10, -48));
		access_packet(ONE_IN(3) ? 4 : 2);
	}
	drop_packet();
}

/* More is proved on one path than on the other. */
static void packet_paths(void)
{
	int a = random_below(12), b = random_below(12);

	get_packet();
	emit(LDX(BPF_W, 1, 6, 4));
	emit(JMP_K(BPF_JGT, 1, constant(), 3));
	emit(ALU_K(BPF_ADD, 4, a));
	emit(JMP_X(BPF_JGT, 4, 3, 4));
	emit(JA(2));
	emit(ALU_K(BPF_ADD, 4, b));
	emit(JMP_X(BPF_JGT, 4, 3, 1));
	emit(LDX(BPF_B, 5, 2, (ONE_IN(3) ? a : min(a, b)) - 1));
	drop_packet();
}

/* Two identities, perhaps made one on some path; one is checked, one is used. */
static void packet_identities(void)
{
	int used = ONE_IN(3) ? 2 : 4;

	get_packet();
	move_packet_pointer(2);
	if (ONE_IN(2))
		move_packet_pointer(4);
	emit(LDX(BPF_W, 1, 6, 4));
	emit(JMP_K(BPF_JGT, 1, constant(), 1));
	emit(ONE_IN(2) ? MOV_X(4, 2) : MOV_X(2, 4));
	emit(MOV_X(5, 6 - used));
	emit(ALU_K(BPF_ADD, 5, 8));
	emit(JMP_X(BPF_JGT, 5, 3, 1));
	emit(LDX(BPF_B, 5, used, ONE_IN(3) ? 8 : random_below(8)));
	drop_packet();
}

/* One path goes through a helper after which all has to be asked for again. */
static void packet_moves(void)
{
	bool spilled = ONE_IN(3);

	get_packet();
	emit(ALU_K(BPF_ADD, 4, 8));
	emit(JMP_X(BPF_JGT, 4, 3, spilled ? 15 : 14));
	emit(MOV_X(9, 2));
	if (spilled)
		emit(STX(BPF_DW, 10, 2, -48));
	emit(JMP_K(BPF_JGT, 8, constant(), 10));
	emit(ST(BPF_DW, 10, -8, 0));
	emit(MOV_X(1, 6));
	emit(MOV_K(2, 0));
	emit(MOV_X(3, 10));
	emit(ALU_K(BPF_ADD, 3, -8));
	emit(MOV_K(4, 4));
	emit(CALL(BPF_FUNC_skb_store_bytes));
	if (ONE_IN(2)) {
		emit(LDX(BPF_W, 9, 6, CTX_DATA));
		emit(MOV_K(2, 0));
	} else {
		emit(JA(ONE_IN(2) ? 2 : 1));
		emit(MOV_K(2, 0));
	}
	emit(MOV_K(1, 0));
	emit(spilled && ONE_IN(2) ? LDX(BPF_DW, 9, 10, -48) : MOV_K(1, 0));
	emit(LDX(BPF_B, 1, 9, random_below(9)));
	emit(MOV_K(9, constant()));
	drop_packet();
}

/* A pointer behind the end, or at it, decides the next comparison, if it stays there. */
static void packet_behind(void)
{
	get_packet();
	emit(ALU_K(BPF_ADD, 4, random_below(12)));
	compare_packet(4, 1);
	emit(JA(ONE_IN(2) ? 4 : 0));
	if (ONE_IN(2))
		move_packet_pointer(4);
	else if (ONE_IN(2))
		emit(ALU_K(BPF_ADD, 4, ONE_IN(2) ? 1 : -1));
	compare_packet(4, 1 + random_below(2));
	emit(MOV_K(0, 1));
	emit(LDX(BPF_B, 5, ONE_IN(2) ? 2 : 4, packet_distance()));
	drop_packet();
}

/* Back by a number: what was below the end still is, but perhaps below the base. */
static void packet_back(void)
{
	get_packet();
	if (ONE_IN(2)) {
		emit(LDX(BPF_B, 1, 6, 4));
		emit(ALU_K(BPF_AND, 1, 7));
		emit(ALU_K(BPF_ADD, 1, random_below(8)));
		emit(ALU_X(BPF_ADD, 4, 1));
	}
	emit(MOV_X(2, 4));
	emit(ALU_K(BPF_ADD, 4, 1 + random_below(12)));
	emit(JMP_X(BPF_JGT, 4, 3, 5));
	emit(LDX(BPF_B, 1, 6, 8));
	emit(ALU_K(BPF_AND, 1, 7));
	emit(ALU_K(BPF_SUB, 1, ONE_IN(4) ? 2 : 0));
	emit(ALU_X(BPF_SUB, 2, 1));
	emit(LDX(BPF_B, 1, 2, random_below(12)));
	drop_packet();
}

/* Bytes in front and behind: what is said of these says nothing of those. */
static void packet_kinds(void)
{
	emit(LDX(BPF_W, 2, 6, CTX_DATA_META));
	emit(LDX(BPF_W, 3, 6, CTX_DATA));
	emit(LDX(BPF_W, 5, 6, CTX_DATA_END));
	if (ONE_IN(3)) {
		emit(LDX(BPF_B, 1, 6, 4 * random_below(12)));
		emit(ALU_K(BPF_AND, 1, 7));
		emit(ALU_X(BPF_ADD, 3, 1));
	}
	emit(MOV_X(4, ONE_IN(2) ? 2 : 3));
	emit(ALU_K(BPF_ADD, 4, random_below(12)));
	emit(JMP_X(BPF_JGT, 4, ONE_IN(2) ? 3 : 5, 1));
	emit(LDX(BPF_B, 1, ONE_IN(2) ? 2 : 3, random_below(6)));
	drop_packet();
}

/* Bytes of the packet as a key, or as what a helper may not have. */
static void packet_key(void)
{
	get_packet();
	emit(ALU_K(BPF_ADD, 4, 8));
	emit(JMP_X(BPF_JGT, 4, 3, 6));
	if (ONE_IN(8)) {
		emit(MOV_X(1, 2));
		emit(MOV_K(2, 4));
		emit(CALL(BPF_FUNC_trace_printk));
	} else {
		emit(ALU_K(BPF_ADD, 2, packet_distance()));
		emit_map(random_below(2));
		emit(CALL(BPF_FUNC_map_lookup_elem));
		emit(JMP_K(BPF_JEQ, 0, 0, 1));
		emit(LDX(BPF_DW, 5, 0, 8));
	}
	drop_packet();
}

static void prologue(void)
{
	emit(MOV_X(6, 1));
	emit(ST(BPF_DW, 10, -40, 0));
	emit(MOV_X(2, 10));
	emit(ALU_K(BPF_ADD, 2, -40));
	emit_map(MAP_16);
	emit(CALL(BPF_FUNC_map_lookup_elem));
	emit(JMP_K(BPF_JNE, 0, 0, 1));
	emit(EXIT());
	emit(MOV_X(7, 0));
	for (int r = 0; r <= 9; r++)
		if (r != 6 && r != 7)
			emit(LDX(ONE_IN(2) ? BPF_W : BPF_B, r, 6, 4 * r));
	for (int s = -8; s >= -32; s -= 8)
		emit(STX(BPF_DW, 10, number_reg(), s));
}

/* A wide instruction must not be jumped into, nor the end be overrun. */
static void mend_jumps(void)
{
	for (u32 i = 0; i < out->len; i++) {
		struct bpf_insn *insn = &out->insns[i];
		u8 class = BPF_CLASS(insn->code);
		u32 target;

		if ((class != BPF_JMP && class != BPF_JMP32) ||
		    BPF_OP(insn->code) == BPF_CALL ||
		    BPF_OP(insn->code) == BPF_EXIT)
			continue;
		if (insn->off < 0)
			continue;
		target = min(i + 1 + insn->off, out->len - 2);
		if (!out->insns[target].code)
			target++;
		insn->off = target - i - 1;
	}
}

static void finish(void)
{
	emit(MOV_K(0, 0));
	emit(EXIT());
	mend_jumps();
}

/* Would what there is load? */
static bool would_load(void)
{
	static struct load trial;
	struct load *whole = out;

	load_copy(&trial, whole);
	out = &trial;
	finish();
	out = whole;
	load_run(&trial, PRUNE_NORMAL);
	return !trial.err;
}

static void add_part(void (*part)(void), bool tame)
{
	u32 len = out->len;

	part();
	if (tame && !would_load())
		out->len = len;
}

/* A program that is not tame ends with the first mistake, most likely. */
#define TAME_PARTS	30
#define WILD_PARTS	18

void generate(struct load *load, u64 seed)
{
	static void (*const parts[])(void) = {
		fresh_number, arithmetic, arithmetic, arithmetic, copy, copy,
		copy, spill, spill, spill, jump, jump, jump, use_offset,
		use_offset, use_offset, use_stack_offset, use_atomic, lookup,
		call, join, join, side_path, side_path, pieces, pieces,
		use_late_slot, two_lookups, either_map, two_bounds,
		relay, count_down, count_down, settle_equal, packet, elsewhere,
		use_fresh_slots, use_fresh_slots, use_escaped, either_lookup,
		either_key, tail_call, idle_address, packet_bytes, packet_bytes,
		packet_paths, packet_identities, packet_moves, packet_behind,
		packet_key, packet_kinds, packet_back,
	};
	bool tame;
	u32 n;

	random_seed(seed);
	for (n = 0; n < 20; n++)
		random_below(2);
	out = load;
	tame = !ONE_IN(6);
	loops = ONE_IN(tame ? 4 : 2);
	load->len = 0;
	load->ops = NULL;
	load->gpl = true;
	load->loops = true;
	memset(&load->attr, 0, sizeof(load->attr));
	hot_reg = 8;
	hot_slot = -8;
	prologue();
	for (n = 4 + random_below(tame ? TAME_PARTS : WILD_PARTS); n; n--)
		add_part(PICK(parts), tame);
	finish();
}
