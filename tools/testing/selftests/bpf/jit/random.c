// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs, half of them of several functions that use more registers or less,
 * memory and packets or not, compiled in every variant, against the reference. Beside single
 * instructions they are made of phrases: sequences as compilers write them, which
 * the JIT looks for, also with one thing wrong that makes them something else.
 *
 * usage: random [PROGRAMS [SEED [EVERY]]]; EVERY: the images of one program of so many are
 * decoded
 */
#include "chance.h"
#include "native.h"
#include "tap.h"

#define MAX_UNITS	40
/* None has more slots. */
#define UNIT_MAX	24
#define MAX_LEN		(MAX_UNITS * UNIT_MAX)

/* Functions beside main, and units of each. */
#define MAX_FUNCS	4
#define FUNC_UNITS	10
#define FUNC_LEN	((FUNC_UNITS + 2) * UNIT_MAX + BODY_MEMORY / 8)

/* R6 is the packet. A function keeps to few registers, so that some die. */
static u8 pool[4];

/* What the function that is being made may use; main may all. */
static u8 regs[9];
static u32 nregs;

static void allow_regs(u32 kept)
{
	u8 i;

	nregs = 0;
	for (i = 0; i < 10; i++)
		if (i < 6 || (i > 6 && kept >> (i - 7) & 1))
			regs[nregs++] = i;
}

static u8 target(void)
{
	return below(4) ? pool[below(4)] : regs[below(nregs)];
}

/* Another one, which every function may use. */
static u8 other_than(u8 reg)
{
	return reg == 5 ? 4 : 5;
}

static s16 place(unsigned int bytes)
{
	return BODY_CENTRE + ((int)below(BODY_MEMORY / bytes) - BODY_MEMORY / 2 / (int)bytes) *
	       (int)bytes;
}

/* ---- a program under construction ------------------------------------------------ */

static struct bpf_insn body[MAX_LEN + 4];
static bool entry_ok[MAX_LEN + 4];
static u32 len;

/* Main is the first one. A function calls those behind it. */
static struct {
	struct bpf_insn insns[FUNC_LEN];
	u32 len;
	bool packet;
	bool memory;
} funcs[1 + MAX_FUNCS];
static u32 nfuncs, current_func;

static void put(struct bpf_insn insn)
{
	body[len++] = insn;
}

static const u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
static const u8 jumps[] = {
	BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT, BPF_JSGE, BPF_JLT, BPF_JLE,
	BPF_JSLT, BPF_JSLE,
};
static const u8 simple[] = { BPF_ADD, BPF_SUB, BPF_OR, BPF_AND, BPF_XOR };
#define PICK(list)	(list)[below(ARRAY_SIZE(list))]
#define ALU_CLASS	(below(2) ? BPF_ALU64 : BPF_ALU)
#define JMP_CLASS	(below(2) ? BPF_JMP : BPF_JMP32)

/* Calls and packet loads leave R1-R5 undefined. */
static void define_arguments(void)
{
	int i;

	for (i = 1; i <= 5; i++)
		put(BPF_MOV64_IMM(i, operand()));
}

/* ---- units ------------------------------------------------------------------------ */

static void unit_alu(void)
{
	static const u8 ops[] = {
		BPF_ADD, BPF_SUB, BPF_MUL, BPF_OR, BPF_AND, BPF_LSH, BPF_RSH, BPF_XOR, BPF_MOV,
		BPF_ARSH, BPF_DIV, BPF_MOD,
	};
	static const s16 widths[] = { 0, 0, 0, 8, 16, 32 };
	struct bpf_insn insn = {
		.code = ALU_CLASS | PICK(ops) | (below(2) ? BPF_X : BPF_K),
		.dst_reg = target(),
		.src_reg = target(),
		.imm = operand(),
	};
	u8 op = BPF_OP(insn.code);

	if (op == BPF_DIV || op == BPF_MOD)
		insn.off = below(3) == 0;
	if (op == BPF_MOV && BPF_SRC(insn.code) == BPF_X)
		insn.off = PICK(widths);
	if (insn.off == 32 && BPF_CLASS(insn.code) == BPF_ALU)
		insn.off = 0;
	put(insn);
}

static void unit_swap(void)
{
	static const u8 codes[] = {
		BPF_ALU | BPF_END | BPF_TO_LE, BPF_ALU | BPF_END | BPF_TO_BE, BPF_ALU64 | BPF_END,
	};

	if (below(4))
		put(BPF_RAW_INSN(PICK(codes), target(), 0, 0, 16 << below(3)));
	else
		put(BPF_RAW_INSN(ALU_CLASS | BPF_NEG, target(), 0, 0, 0));
}

/* A swap behind a load or before a store; sometimes not of all bytes, or seen later. */
static void unit_swap_memory(void)
{
	u8 size = sizes[1 + below(3)], bytes = bpf_size_to_bytes(size), t = target();
	struct bpf_insn swap = BPF_RAW_INSN(below(2) ? BPF_ALU | BPF_END | BPF_TO_BE :
					    BPF_ALU64 | BPF_END, below(8) ? t : target(), 0, 0,
					    below(8) ? 8 * bytes : 16 << below(3));

	if (below(2)) {
		put(BPF_LDX_MEM(size, t, BPF_REG_10, place(bytes)));
		put(swap);
		return;
	}
	put(swap);
	put(BPF_STX_MEM(size, BPF_REG_10, t, place(bytes)));
	if (below(4))
		put(BPF_MOV64_IMM(t, operand()));
}

static void unit_memory(void)
{
	u8 size = PICK(sizes), bytes = bpf_size_to_bytes(size);

	switch (below(4)) {
	case 0:
		put(BPF_LDX_MEM(size, target(), BPF_REG_10, place(bytes)));
		break;
	case 1:
		put(BPF_STX_MEM(size, BPF_REG_10, target(), place(bytes)));
		break;
	case 2:
		put(BPF_RAW_INSN(BPF_ST | BPF_MEM | size, BPF_REG_10, 0, place(bytes), operand()));
		break;
	default:
		size = sizes[below(3)];
		put(BPF_LDX_MEMSX(size, target(), BPF_REG_10, place(bpf_size_to_bytes(size))));
	}
}

static void unit_atomic(void)
{
	static const s32 ops[] = {
		BPF_ADD, BPF_OR, BPF_AND, BPF_XOR, BPF_ADD | BPF_FETCH, BPF_OR | BPF_FETCH,
		BPF_AND | BPF_FETCH, BPF_XOR | BPF_FETCH, BPF_XCHG, BPF_CMPXCHG,
	};
	u8 size = below(2) ? BPF_W : BPF_DW, bytes = bpf_size_to_bytes(size);

	put(BPF_ATOMIC_OP(size, PICK(ops), BPF_REG_10, target(), place(bytes)));
}

static void unit_wide(void)
{
	u64 value = operand();
	u8 reg = target();
	struct bpf_insn wide[] = { BPF_LD_IMM64(reg, value) };

	put(wide[0]);
	put(wide[1]);
}

static void unit_jump(void)
{
	struct bpf_insn insn = {
		.code = JMP_CLASS | PICK(jumps) | (below(2) ? BPF_X : BPF_K),
		.dst_reg = target(),
		.src_reg = target(),
		.imm = below(4) ? operand() : 0,
	};

	if (!below(6))
		insn = below(2) ? BPF_JMP_A(0) : BPF_JMP32_A(0);
	else if (!below(12))
		insn = BPF_EXIT_INSN();
	put(insn);
}

static void unit_packet(void)
{
	u8 size = sizes[below(3)];

	if (below(2))
		put(BPF_LD_ABS(size, below(16) ? below(PACKET_BYTES - 3) : operand()));
	else
		put(BPF_LD_IND(size, target(), below(16) ? below(PACKET_BYTES) : operand()));
	if (below(2))
		put(BPF_LD_ABS(sizes[below(3)], below(PACKET_BYTES - 3)));
	define_arguments();
}

/* An index that is inside most of the time. */
static void unit_packet_indexed(void)
{
	u8 reg = target();

	put(BPF_ALU64_IMM(BPF_AND, reg, 31));
	put(BPF_LD_IND(sizes[below(3)], reg, below(40)));
	define_arguments();
}

static void unit_call(void)
{
	put(BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, 0));
	define_arguments();
}

static void unit_rotate(void)
{
	u8 class = ALU_CLASS, bits = class == BPF_ALU ? 32 : 64, n = 1 + below(bits - 1);
	u8 x = target(), t = target(), left = below(2), swap = below(2), to_t = below(2);
	static const u8 joins[] = { BPF_OR, BPF_XOR, BPF_ADD };
	u8 rest = bits - n - !below(10), second = below(8) ? class : ALU_CLASS;
	struct bpf_insn shifts[] = {
		BPF_RAW_INSN(class | (left ? BPF_LSH : BPF_RSH) | BPF_K, x, 0, 0, n),
		BPF_RAW_INSN(second | (left ? BPF_RSH : BPF_LSH) | BPF_K, t, 0, 0, rest),
	};

	put(BPF_RAW_INSN(class | BPF_MOV | BPF_X, t, x, 0, 0));
	put(shifts[swap]);
	put(shifts[!swap]);
	put(BPF_RAW_INSN((below(8) ? class : ALU_CLASS) | PICK(joins) | BPF_X, to_t ? t : x,
			 to_t ? x : t, 0, 0));
	if (below(4))
		put(BPF_MOV64_IMM(to_t ? x : t, operand()));
}

static void unit_update(void)
{
	u8 size = below(6) ? (below(2) ? BPF_W : BPF_DW) : PICK(sizes), t = target();
	s16 off = place(bpf_size_to_bytes(size));
	u8 src = below(2) ? BPF_X : BPF_K;

	put(BPF_LDX_MEM(size, t, BPF_REG_10, off));
	put(BPF_RAW_INSN(ALU_CLASS | PICK(simple) | src, t, target(), 0,
			 below(3) ? operand() : 1));
	put(BPF_STX_MEM(below(8) ? size : BPF_B, BPF_REG_10, t,
			below(8) ? off : place(bpf_size_to_bytes(size))));
	if (below(4))
		put(BPF_MOV64_IMM(t, operand()));
}

static void unit_load_use(void)
{
	u8 size = PICK(sizes), t = target();

	put(BPF_LDX_MEM(size, t, BPF_REG_10, place(bpf_size_to_bytes(size))));
	put(BPF_RAW_INSN(ALU_CLASS | PICK(simple) | BPF_X, target(), t, 0, 0));
	if (below(4))
		put(BPF_MOV64_IMM(t, operand()));
}

/* The loaded register dies on both sides: the jump goes to what overwrites it. */
static void unit_load_compare(void)
{
	u8 size = PICK(sizes), t = target();
	struct bpf_insn jump = {
		.code = JMP_CLASS | PICK(jumps) | (below(2) ? BPF_X : BPF_K),
		.dst_reg = below(3) ? t : target(),
		.src_reg = below(2) ? t : target(),
		.imm = below(2) ? operand() : below(256),
		.off = 1,
	};

	put(BPF_LDX_MEM(size, t, BPF_REG_10, place(bpf_size_to_bytes(size))));
	put(jump);
	put(BPF_RAW_INSN(ALU_CLASS | BPF_ADD | BPF_K, pool[0] == t ? pool[1] : pool[0], 0, 0, 77));
	put(BPF_MOV64_IMM(t, operand()));
}

static void unit_move(void)
{
	static const u8 ops[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_LSH, BPF_RSH, BPF_ARSH, BPF_XOR };
	u8 t = target();

	put(BPF_RAW_INSN(ALU_CLASS | BPF_MOV | BPF_X, t, target(), 0, 0));
	put(BPF_RAW_INSN(ALU_CLASS | PICK(ops) | (below(2) ? BPF_X : BPF_K), t,
			 below(4) ? target() : t, 0, operand()));
}

/* Memory by another base than R10, gone afterwards. */
static void unit_pointer(void)
{
	u8 p = target(), t = target(), size = PICK(sizes);

	if (t == p)
		t = other_than(p);
	put(BPF_MOV64_REG(p, BPF_REG_10));
	put(BPF_ALU64_IMM(BPF_ADD, p, BODY_CENTRE));
	put(BPF_LDX_MEM(size, t, p, place(bpf_size_to_bytes(size)) - BODY_CENTRE));
	put(BPF_STX_MEM(size, p, t, place(bpf_size_to_bytes(size)) - BODY_CENTRE));
	put(BPF_RAW_INSN(BPF_ST | BPF_MEM | size, p, 0,
			 place(bpf_size_to_bytes(size)) - BODY_CENTRE, operand()));
	size = below(2) ? BPF_W : BPF_DW;
	put(BPF_ATOMIC_OP(size, below(2) ? BPF_OR | BPF_FETCH : BPF_ADD | BPF_FETCH, p, t,
			  place(bpf_size_to_bytes(size)) - BODY_CENTRE));
	put(BPF_MOV64_IMM(p, operand()));
}

/* A store of a constant is the last that needs its base, which fixed registers are near. */
static void unit_store(void)
{
	u8 p = target(), t = target(), size = PICK(sizes);

	if (t == p)
		t = other_than(p);
	put(BPF_MOV64_REG(p, BPF_REG_10));
	put(BPF_ALU64_IMM(BPF_ADD, p, BODY_CENTRE));
	put(BPF_ALU64_REG(below(2) ? BPF_LSH : BPF_DIV, t, t));
	put(BPF_RAW_INSN(BPF_ST | BPF_MEM | size, p, 0,
			 place(bpf_size_to_bytes(size)) - BODY_CENTRE, operand()));
	put(BPF_MOV64_IMM(p, operand()));
}

/*
 * Memory by an address that comes out of it: t = *(t + off); t += 8; *(t + off) = t.
 * Or by one that was just swapped into its order: *(t + off) = t. The address that is
 * left behind is taken off again.
 */
static void unit_self(void)
{
	u8 t = target(), s = target();
	s16 off = BODY_CENTRE - BODY_MEMORY / 2 + 8 * below(BODY_MEMORY / 8 - 1);

	put(BPF_MOV64_REG(t, BPF_REG_10));
	put(BPF_ALU64_IMM(BPF_ADD, t, BODY_CENTRE));
	if (below(2)) {
		put(BPF_STX_MEM(BPF_DW, BPF_REG_10, t, off));
		put(BPF_LDX_MEM(BPF_DW, t, t, off - BODY_CENTRE));
		put(BPF_ALU64_IMM(BPF_ADD, t, 8));
		put(BPF_STX_MEM(BPF_DW, t, t, off - BODY_CENTRE));
	} else {
		put(BPF_RAW_INSN(BPF_ALU64 | BPF_END, t, 0, 0, 64));
		put(BPF_RAW_INSN(BPF_ALU64 | BPF_END, t, 0, 0, 64));
		put(BPF_STX_MEM(BPF_DW, t, t, off + 8 - BODY_CENTRE));
	}
	put(BPF_MOV64_IMM(t, operand()));
	put(BPF_LDX_MEM(BPF_DW, s, BPF_REG_10, off + 8));
	put(BPF_ALU64_REG(BPF_SUB, s, BPF_REG_10));
	put(BPF_STX_MEM(BPF_DW, BPF_REG_10, s, off + 8));
	put(BPF_ST_MEM(BPF_DW, BPF_REG_10, off, below(100)));
}

/* A result and whether it is 0; sometimes its low half is, whatever the other. */
static void unit_zero(void)
{
	u8 t = target(), s = pool[0] == t ? pool[1] : pool[0];

	if (below(4)) {
		put(BPF_RAW_INSN(ALU_CLASS | PICK(simple) | (below(2) ? BPF_X : BPF_K), t, target(),
				 0, operand()));
	} else {
		put(BPF_MOV32_REG(s, t));
		put(BPF_RAW_INSN(ALU_CLASS | (below(2) ? BPF_SUB : BPF_XOR) | BPF_X, t, s, 0, 0));
	}
	put(BPF_RAW_INSN(JMP_CLASS | (below(4) ? BPF_JEQ : PICK(jumps)) | BPF_K,
			 below(4) ? t : target(), 0, 1, 0));
	put(BPF_RAW_INSN(ALU_CLASS | BPF_XOR | BPF_K, target(), 0, 0, 0x55));
}

/* A value below 2^32, what becomes of it, and something that can tell. */
static void unit_halves(void)
{
	static const u8 ops[] = {
		BPF_MOV, BPF_MOV, BPF_MOV, BPF_AND, BPF_OR, BPF_XOR, BPF_RSH, BPF_DIV, BPF_MOD,
		BPF_ADD, BPF_SUB, BPF_ARSH,
	};
	static const s16 widths[] = { 0, 8, 16, 32 };
	u8 s = target(), t = target(), op = PICK(ops), src = below(3) ? BPF_X : BPF_K;
	s16 off = 0;

	if (op == BPF_MOV && src == BPF_X)
		off = PICK(widths);
	else if (op == BPF_DIV || op == BPF_MOD)
		off = below(2);
	put(BPF_MOV32_REG(s, s));
	if (below(2))
		put(BPF_MOV32_REG(t, t));
	put(BPF_RAW_INSN(BPF_ALU64 | op | src, t, s, off, operand()));
	switch (below(4)) {
	case 0:
		put(BPF_MOV32_REG(t, t));
		break;
	case 1:
		put(BPF_RAW_INSN(BPF_ALU64 | (below(2) ? BPF_DIV : BPF_MOD) | BPF_K, t, 0, 0,
				 3 + below(1000)));
		break;
	default:
		put(BPF_RAW_INSN(BPF_JMP | PICK(jumps) | (below(2) ? BPF_X : BPF_K), t, s, 1,
				 below(2) ? operand() : below(4)));
		put(BPF_ALU64_IMM(BPF_XOR, target(), 0x77));
	}
}

/* *(R10 + off) -= 1; c is its value. */
static void count_down(s16 off, u8 c)
{
	put(BPF_LDX_MEM(BPF_DW, c, BPF_REG_10, off));
	put(BPF_ALU64_IMM(BPF_ADD, c, -1));
	put(BPF_STX_MEM(BPF_DW, BPF_REG_10, c, off));
}

/*
 * Two loops, one in the other, and a register that lives only round both: it is set
 * in the inner one and read at the start of the outer. The inner one goes back
 * without a condition, so nothing but the way round tells that it lives.
 */
static void unit_loops(void)
{
	u8 x = below(2) ? target() : below(5), c = pool[0] == x ? pool[1] : pool[0];
	u8 y = pool[2] == x ? pool[3] : pool[2];
	u32 outer, inner;

	if (c == x)
		c = other_than(x);
	put(BPF_ST_MEM(BPF_DW, BPF_REG_10, OUTER_OFF, 1 + below(3)));
	outer = len;
	put(BPF_RAW_INSN(ALU_CLASS | BPF_ADD | BPF_K, y, 0, 0, 3));
	put(BPF_RAW_INSN(ALU_CLASS | PICK(simple) | BPF_X, y, x, 0, 0));
	put(BPF_MOV64_IMM(x, operand()));
	put(BPF_ST_MEM(BPF_DW, BPF_REG_10, INNER_OFF, 1 + below(3)));
	inner = len;
	count_down(INNER_OFF, c);
	put(BPF_JMP_IMM(BPF_JEQ, c, 0, 5));
	put(BPF_MOV64_REG(x, c));
	unit_alu();
	unit_alu();
	unit_alu();
	put(BPF_JMP_A(inner - len - 1));
	count_down(OUTER_OFF, c);
	put(BPF_JMP_IMM(BPF_JNE, c, 0, outer - len - 1));
	put(BPF_MOV64_IMM(x, operand()));
}

/* One behind this one; who reads packets has got them from its caller. */
static void unit_call_func(void)
{
	u32 to;

	if (current_func + 1 >= nfuncs) {
		unit_alu();
		return;
	}
	to = current_func + 1 + below(nfuncs - current_func - 1);
	if (funcs[to].packet)
		put(BPF_MOV64_REG(1, 6));
	put(BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, to));
	define_arguments();
}

#define MEMORY	1
#define PACKET	2

static const struct {
	void (*make)(void);
	u32 needs;
} units[] = {
	{ unit_alu }, { unit_alu }, { unit_alu }, { unit_alu }, { unit_swap },
	{ unit_memory, MEMORY }, { unit_atomic, MEMORY }, { unit_wide }, { unit_jump },
	{ unit_jump }, { unit_packet, PACKET }, { unit_packet_indexed, PACKET }, { unit_call },
	{ unit_call_func }, { unit_rotate }, { unit_update, MEMORY }, { unit_load_use, MEMORY },
	{ unit_load_compare, MEMORY }, { unit_move }, { unit_pointer, MEMORY }, { unit_zero },
	{ unit_halves }, { unit_halves }, { unit_self, MEMORY }, { unit_loops, MEMORY },
	{ unit_swap_memory, MEMORY }, { unit_store, MEMORY },
};

/* Jumps that have no target yet go forward to the start of some unit. */
static void aim_jumps(void)
{
	u32 i, to;

	for (i = 0; i < len; i++) {
		u8 class = BPF_CLASS(body[i].code), op = BPF_OP(body[i].code);

		if ((class != BPF_JMP && class != BPF_JMP32) || body[i].off ||
		    op == BPF_CALL || op == BPF_EXIT)
			continue;
		do {
			to = i + 1 + below(len - i);
		} while (!entry_ok[to]);
		if (body[i].code == (BPF_JMP32 | BPF_JA))
			body[i].imm = to - i - 1;
		else
			body[i].off = to - i - 1;
	}
}

static void random_units(u32 n)
{
	u32 lacks = (funcs[current_func].memory ? 0 : MEMORY) |
		    (funcs[current_func].packet ? 0 : PACKET);
	u32 unit;

	while (n--) {
		do {
			unit = below(ARRAY_SIZE(units));
		} while (units[unit].needs & lacks);
		entry_ok[len] = true;
		units[unit].make();
	}
	entry_ok[len] = true;
	aim_jumps();
}

static void begin_body(u32 kept)
{
	int i;

	len = 0;
	memset(entry_ok, 0, sizeof(entry_ok));
	memset(body, 0, sizeof(body));
	allow_regs(kept);
	for (i = 0; i < 4; i++)
		pool[i] = regs[below(nregs)];
}

/* It has R1-R5; all else it is about to use gets a value. */
static void random_func(void)
{
	u32 i;

	begin_body(below(8));
	if (funcs[current_func].packet)
		put(BPF_MOV64_REG(6, 1));
	for (i = 0; i < nregs; i++)
		if (!regs[i] || regs[i] > 5)
			put(BPF_MOV64_IMM(regs[i], operand()));
	for (i = 0; funcs[current_func].memory && i < BODY_MEMORY / 8; i++)
		put(BPF_ST_MEM(BPF_DW, 10, BODY_CENTRE - BODY_MEMORY / 2 + 8 * i, operand()));
	random_units(1 + below(FUNC_UNITS - 1));
	put(BPF_EXIT_INSN());
	memcpy(funcs[current_func].insns, body, len * sizeof(*body));
	funcs[current_func].len = len;
}

/* Half of the programs have main only. Who gets no packet has none to hand on. */
static void random_body(void)
{
	u32 i, packets;

	nfuncs = 1 + below(2) * (1 + below(MAX_FUNCS));
	packets = 1 + below(nfuncs);
	for (i = 0; i < nfuncs; i++) {
		funcs[i].packet = i < packets;
		funcs[i].memory = !i || below(2);
	}
	for (current_func = 1; current_func < nfuncs; current_func++)
		random_func();
	current_func = 0;
	begin_body(7);
	random_units(2 + below(MAX_UNITS - 2));
}

/* Main is framed; the functions follow, and calls of them get their distance. */
static u32 assemble(struct bpf_insn *program, struct bpf_prog_func *table)
{
	u32 size = frame_program(program, body, len, 1 + below(2)), i;

	table[0] = (struct bpf_prog_func){ 0, BODY_STACK };
	for (i = 1; i < nfuncs; i++) {
		table[i] = (struct bpf_prog_func){ size, funcs[i].memory ? BODY_STACK : 0 };
		memcpy(program + size, funcs[i].insns, funcs[i].len * sizeof(*program));
		size += funcs[i].len;
	}
	for (i = 0; i < size; i++)
		if (program[i].code == (BPF_JMP | BPF_CALL) && program[i].src_reg)
			program[i].imm = table[program[i].imm].start - i - 1;
	return size;
}

static void random_state_of(struct state *s)
{
	int i;

	for (i = 0; i < 10; i++)
		s->reg[i] = operand();
	for (i = 0; i < BODY_MEMORY / 8; i++)
		s->memory[i] = operand();
	s->reg[6] = (uintptr_t)&native_skb;
}

static unsigned long with_functions;
/* Decoding every image would take most of the time. */
static unsigned long every;

static bool one_program(unsigned long n)
{
	static struct bpf_insn program[MAX_LEN + FRAME_SLOTS + MAX_FUNCS * FUNC_LEN];
	struct bpf_prog_func table[1 + MAX_FUNCS];
	struct jit_program input = { program, 0, BODY_STACK, 0, table };
	struct state start;
	bool good = true;
	u32 i;

	random_body();
	input.len = assemble(program, table);
	input.nfuncs = nfuncs > 1 ? nfuncs : 0;
	with_functions += nfuncs > 1;
	random_state_of(&start);
	for (i = 0; i < VARIANTS; i++)
		good &= native_same_program(&input, &native_variants[i], &start, !(n % every));
	return good;
}

int main(int argc, char **argv)
{
	unsigned long programs = argc > 1 ? strtoul(argv[1], NULL, 0) : 4000;
	unsigned long n, failures = 0;
	char name[96];

	native_init();
	if (argc > 2)
		chance_begin(strtoull(argv[2], NULL, 0));
	every = argc > 3 ? strtoul(argv[3], NULL, 0) : 16;
	for (n = 0; n < programs && !failures; n++)
		failures += !one_program(n);
	snprintf(name, sizeof(name), "%lu random programs, %lu with functions, in %d variants as the RFC",
		 n, with_functions, VARIANTS);
	tap_result(!failures, name);
	snprintf(name, sizeof(name), "%lu instructions of their images decoded again", native_decoded);
	tap_result(!failures && native_decoded, name);
	tap_result(!native_live, "no memory is left over");
	return tap_status();
}
