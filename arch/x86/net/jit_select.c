// SPDX-License-Identifier: GPL-2.0-only
/*
 * Selection: the table of opcodes, which tells all parts what an instruction is, and
 * the moves and arithmetic that need no fixed registers. One function per class of
 * opcodes.
 *
 * A selector appends the code of one instruction. It must leave every register that
 * is live behind the instruction, but its destination, as it was.
 */
#include <linux/bitops.h>
#include <linux/log2.h>

#include "insn_table.h"
#include "jit_priv.h"

const u8 x86_jit_reg[JIT_REG_FIELD] = {
	[BPF_REG_0] = RAX,
	[BPF_REG_1] = RDI,
	[BPF_REG_2] = RSI,
	[BPF_REG_3] = RDX,
	[BPF_REG_4] = RCX,
	[BPF_REG_5] = R8,
	[BPF_REG_6] = RBX,
	[BPF_REG_7] = R13,
	[BPF_REG_8] = R14,
	[BPF_REG_9] = R15,
	[BPF_REG_10] = RBP,
	[BPF_REG_AX] = R12,
};

/* ---- constants ----------------------------------------------------------- */

/**
 * x86_jit_load_imm() - put a constant into a register
 * @j: compilation
 * @reg: machine register, not R11 if the constant needs 64 bits
 * @value: constant
 *
 * Flags are lost.
 *
 * Context: any.
 */
void x86_jit_load_imm(struct jit *j, u8 reg, u64 value)
{
	if (!value)
		x86_alu_rr(&j->code, X86_XOR, false, reg, reg);
	else if (j->target.blind)
		x86_jit_load_blinded(j, reg, value);
	else if (value == (u32)value)
		x86_mov_ri32(&j->code, reg, value);
	else if (x86_is_s32(value))
		x86_mov_rs32(&j->code, reg, value);
	else
		x86_mov_ri64(&j->code, reg, value);
}

/**
 * x86_jit_imm_reg() - put a constant into the scratch register for constants
 * @j: compilation
 * @value: constant
 *
 * Context: any.
 * Return: the register.
 */
u8 x86_jit_imm_reg(struct jit *j, u64 value)
{
	x86_jit_load_imm(j, R9, value);
	return R9;
}

/**
 * x86_jit_alu_imm() - two-operand arithmetic with a constant
 * @j: compilation
 * @op: operation
 * @w: 64 bits
 * @reg: machine register
 * @imm: constant, extended by its sign
 *
 * Context: any.
 */
void x86_jit_alu_imm(struct jit *j, enum x86_alu op, bool w, u8 reg, s32 imm)
{
	if (j->target.blind)
		x86_alu_rr(&j->code, op, w, reg, x86_jit_imm_reg(j, extended(w, imm)));
	else
		x86_alu_ri(&j->code, op, w, reg, imm);
}

/**
 * x86_jit_clear_upper() - make the upper half of a register 0, if it may be other
 * @j: compilation
 * @bpf_reg: register of the program
 *
 * Context: any.
 */
void x86_jit_clear_upper(struct jit *j, u8 bpf_reg)
{
	if (!is_clear(j, bpf_reg))
		x86_mov_rr(&j->code, false, x86_jit_reg[bpf_reg], x86_jit_reg[bpf_reg]);
}

/* ---- which upper halves are 0 -------------------------------------------- */

static bool alu64_clears(const struct jit *j, const struct bpf_insn *insn)
{
	bool dst = is_clear(j, insn->dst_reg), reg = by_reg(insn);
	bool src = reg ? is_clear(j, insn->src_reg) : insn->imm >= 0;

	switch (BPF_OP(insn->code)) {
	case BPF_MOV:
		return src && !insn->off;
	case BPF_AND:
		return dst || src;
	case BPF_OR:
	case BPF_XOR:
		return dst && src;
	case BPF_RSH:
		return dst || (!reg && (insn->imm & 63) >= 32);
	case BPF_DIV:
	case BPF_MOD:
		/* Neither quotient nor remainder exceeds the dividend. */
		return dst && !insn->off;
	default:
		return false;
	}
}

static void set_clear(struct jit *j, u8 bpf_reg, bool clear)
{
	j->clear &= ~BIT(bpf_reg);
	j->clear |= clear << bpf_reg;
}

/**
 * x86_jit_track_operands() - where it depends on the operands of arithmetic of 64 bits
 * @j: compilation
 * @insn: instruction just compiled
 *
 * Context: any.
 */
void x86_jit_track_operands(struct jit *j, const struct bpf_insn *insn)
{
	set_clear(j, insn->dst_reg, alu64_clears(j, insn));
}

static void track_atomic(struct jit *j, const struct bpf_insn *insn)
{
	bool clear = BPF_SIZE(insn->code) == BPF_W;

	if (insn->imm == BPF_CMPXCHG)
		set_clear(j, BPF_REG_0, clear);
	else if (insn->imm & BPF_FETCH)
		set_clear(j, insn->src_reg, clear);
}

static void track_ld(struct jit *j, const struct bpf_insn *insn)
{
	if (BPF_MODE(insn->code) == BPF_IMM) {
		set_clear(j, insn->dst_reg, !insn[1].imm);
		return;
	}
	j->clear &= BIT(6) | BIT(7) | BIT(8) | BIT(9) | BIT(BPF_REG_AX);
	j->clear |= BIT(BPF_REG_0);
}

/**
 * x86_jit_track_depending() - where it depends on more than operands: atomics, calls,
 *	loads of constants and packets, changes of byte order
 * @j: compilation
 * @insn: instruction just compiled
 *
 * Context: any.
 */
void x86_jit_track_depending(struct jit *j, const struct bpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_STX:
		track_atomic(j, insn);
		break;
	case BPF_JMP:
		j->clear = 0;
		break;
	case BPF_LD:
		track_ld(j, insn);
		break;
	default:
		set_clear(j, insn->dst_reg, insn->imm != 64);
	}
}

/* ---- moves --------------------------------------------------------------- */

static void select_mov(struct jit *j, const struct bpf_insn *insn)
{
	bool w = is_wide(insn);
	u8 dst = dst_of(insn), src = src_of(insn);

	if (!by_reg(insn))
		x86_jit_load_imm(j, dst, imm_of(insn));
	else if (insn->off == 8)
		x86_movsx_rr8(&j->code, w, dst, src);
	else if (insn->off == 16)
		x86_movsx_rr16(&j->code, w, dst, src);
	else if (insn->off == 32 && w)
		x86_movsxd_rr(&j->code, dst, src);
	else if (insn->off)
		jit_fail(j, -EINVAL);
	else if (dst != src)
		x86_mov_rr(&j->code, w, dst, src);
	else if (!w)
		x86_jit_clear_upper(j, insn->dst_reg);
}

static void select_imm64(struct jit *j, const struct bpf_insn *insn)
{
	x86_jit_load_imm(j, dst_of(insn), (u32)insn[0].imm | (u64)(u32)insn[1].imm << 32);
}

/* ---- addition, subtraction, bits ----------------------------------------- */

/* One more than the machine's number, see alu_of(). */
const u8 x86_jit_alu_ops[16] = {
	[BPF_ADD >> 4] = 1 + X86_ADD,
	[BPF_SUB >> 4] = 1 + X86_SUB,
	[BPF_OR >> 4] = 1 + X86_OR,
	[BPF_AND >> 4] = 1 + X86_AND,
	[BPF_XOR >> 4] = 1 + X86_XOR,
};

/*
 * Constants with a shorter form. +128 does not fit a signed byte, -(-128) does.
 * Returns false if there is none.
 */
static bool short_add(struct jit *j, const struct bpf_insn *insn)
{
	bool w = is_wide(insn), add = BPF_OP(insn->code) == BPF_ADD;
	s32 imm = insn->imm;
	bool up = add ? imm > 0 : imm < 0;

	if (imm == 1 || imm == -1) {
		if (up)
			x86_inc(&j->code, w, dst_of(insn));
		else
			x86_dec(&j->code, w, dst_of(insn));
	} else if (imm == 128) {
		x86_alu_ri8(&j->code, add ? X86_SUB : X86_ADD, w, dst_of(insn), -128);
	} else {
		return false;
	}
	sets_zero_flag(j, insn);
	return true;
}

static void plain_imm(struct jit *j, const struct bpf_insn *insn)
{
	x86_jit_alu_imm(j, alu_of(BPF_OP(insn->code)), is_wide(insn), dst_of(insn), insn->imm);
	sets_zero_flag(j, insn);
}

/**
 * x86_jit_keep_value() - arithmetic that changes nothing but that 32 bits clear the
 *	upper half
 * @j: compilation
 * @insn: instruction
 *
 * Context: any.
 */
void x86_jit_keep_value(struct jit *j, const struct bpf_insn *insn)
{
	if (!is_wide(insn))
		x86_jit_clear_upper(j, insn->dst_reg);
}

static void select_sum_imm(struct jit *j, const struct bpf_insn *insn)
{
	if (!insn->imm)
		x86_jit_keep_value(j, insn);
	else if (j->target.blind || !short_add(j, insn))
		plain_imm(j, insn);
}

/* A mask without upper half needs no 64 bits; of 8 or 16 bits it is an extension. */
static void short_mask(struct jit *j, const struct bpf_insn *insn)
{
	u8 dst = dst_of(insn);

	if (insn->imm == 0xff) {
		x86_movzx_rr8(&j->code, dst, dst);
	} else if (insn->imm == 0xffff) {
		x86_movzx_rr16(&j->code, dst, dst);
	} else {
		x86_alu_ri(&j->code, X86_AND, is_wide(insn) && insn->imm < 0, dst, insn->imm);
		sets_zero_flag(j, insn);
	}
}

static void select_and_imm(struct jit *j, const struct bpf_insn *insn)
{
	if (insn->imm == -1)
		x86_jit_keep_value(j, insn);
	else if (j->target.blind)
		plain_imm(j, insn);
	else
		short_mask(j, insn);
}

static void select_or_imm(struct jit *j, const struct bpf_insn *insn)
{
	if (!insn->imm)
		x86_jit_keep_value(j, insn);
	else
		plain_imm(j, insn);
}

static void select_xor_imm(struct jit *j, const struct bpf_insn *insn)
{
	if (insn->imm == -1)
		x86_unary_r(&j->code, X86_NOT, is_wide(insn), dst_of(insn));
	else
		select_or_imm(j, insn);
}

static void select_alu_reg(struct jit *j, const struct bpf_insn *insn)
{
	x86_alu_rr(&j->code, alu_of(BPF_OP(insn->code)), is_wide(insn), dst_of(insn),
		   src_of(insn));
	sets_zero_flag(j, insn);
}

static void select_neg(struct jit *j, const struct bpf_insn *insn)
{
	x86_unary_r(&j->code, X86_NEG, is_wide(insn), dst_of(insn));
	sets_zero_flag(j, insn);
}

/* ---- multiplication ------------------------------------------------------ */

static void select_mul_imm(struct jit *j, const struct bpf_insn *insn)
{
	bool w = is_wide(insn);
	u8 dst = dst_of(insn);
	s32 imm = insn->imm;

	if (imm == 1)
		x86_jit_keep_value(j, insn);
	else if (imm == -1)
		x86_unary_r(&j->code, X86_NEG, w, dst);
	else if (!imm)
		x86_alu_rr(&j->code, X86_XOR, false, dst, dst);
	else if (imm > 0 && is_power_of_2((u32)imm))
		x86_shift_ri(&j->code, X86_SHL, w, dst, ilog2((u32)imm));
	else if (j->target.blind)
		x86_imul_rr(&j->code, w, dst, x86_jit_imm_reg(j, imm_of(insn)));
	else
		x86_imul_rri(&j->code, w, dst, dst, imm);
}

static void select_mul_reg(struct jit *j, const struct bpf_insn *insn)
{
	x86_imul_rr(&j->code, is_wide(insn), dst_of(insn), src_of(insn));
}

/* ---- shifts -------------------------------------------------------------- */

const u8 x86_jit_shift_ops[16] = {
	[BPF_LSH >> 4] = X86_SHL,
	[BPF_RSH >> 4] = X86_SHR,
	[BPF_ARSH >> 4] = X86_SAR,
};

static void select_shift_imm(struct jit *j, const struct bpf_insn *insn)
{
	bool w = is_wide(insn);
	u8 n = insn->imm & (w ? 63 : 31);

	if (n) {
		x86_shift_ri(&j->code, x86_jit_shift_ops[BPF_OP(insn->code) >> 4], w,
			     dst_of(insn), n);
		sets_zero_flag(j, insn);
	} else {
		x86_jit_keep_value(j, insn);
	}
}

/*
 * The older shifts count by CL. R4 is there: moved aside where it is neither the
 * count nor dead, and shifted elsewhere where it is what is to be shifted.
 */
static void shift_by_cl(struct jit *j, const struct bpf_insn *insn)
{
	enum x86_shift op = x86_jit_shift_ops[BPF_OP(insn->code) >> 4];
	u8 dst = dst_of(insn), src = src_of(insn);
	bool w = is_wide(insn), save;

	if (src == RCX) {
		x86_shift_by_cl(&j->code, op, w, dst);
		return;
	}
	j->packet = false;
	if (dst == RCX) {
		x86_mov_rr(&j->code, true, R11, RCX);
		x86_mov_rr(&j->code, false, RCX, src);
		x86_shift_by_cl(&j->code, op, w, R11);
		x86_mov_rr(&j->code, w, RCX, R11);
		return;
	}
	save = is_live(j, j->slot, BPF_REG_4);
	if (save)
		x86_mov_rr(&j->code, true, R11, RCX);
	x86_mov_rr(&j->code, false, RCX, src);
	x86_shift_by_cl(&j->code, op, w, dst);
	if (save)
		x86_mov_rr(&j->code, true, RCX, R11);
}

static void select_shift_reg(struct jit *j, const struct bpf_insn *insn)
{
	if (j->target.bmi2)
		x86_shiftx(&j->code, x86_jit_shift_ops[BPF_OP(insn->code) >> 4], is_wide(insn),
			   dst_of(insn), dst_of(insn), src_of(insn));
	else
		shift_by_cl(j, insn);
}

/* ---- byte order ---------------------------------------------------------- */

static void select_keep_order(struct jit *j, const struct bpf_insn *insn)
{
	if (insn->imm == 16)
		x86_movzx_rr16(&j->code, dst_of(insn), dst_of(insn));
	else if (insn->imm == 32)
		x86_jit_clear_upper(j, insn->dst_reg);
	else if (insn->imm != 64)
		jit_fail(j, -EINVAL);
}

static void select_swap(struct jit *j, const struct bpf_insn *insn)
{
	u8 dst = dst_of(insn);

	if (insn->imm == 16) {
		x86_rol16(&j->code, dst, 8);
		x86_movzx_rr16(&j->code, dst, dst);
	} else if (insn->imm == 32 || insn->imm == 64) {
		x86_bswap(&j->code, insn->imm == 64, dst);
	} else {
		jit_fail(j, -EINVAL);
	}
}

/* ---- the table ----------------------------------------------------------- */

/* 32 bits clear the upper half; what 64 bits make of it is @wide. */
#define UPPER_OF(code, wide)						\
	(BPF_CLASS(code) == BPF_ALU ? JIT_UPPER_CLEARED : (wide))
#define BY(code, reg, imm)	(BPF_SRC(code) == BPF_X ? (reg) : (imm))

/* Of the register that a field names. */
#define IS_READ		JIT_READS(~0)
#define IS_WRITTEN	JIT_WRITES(~0)

#define CHANGES(code)	.dst = IS_READ | IS_WRITTEN, .src = BY(code, IS_READ, 0)
#define SETS(code)	.dst = IS_WRITTEN, .src = BY(code, IS_READ, 0)
#define CHANGES_ONE	.dst = IS_READ | IS_WRITTEN

#define ALU_ROW(imm, wide, opcode)					\
	[opcode] = { BY(opcode, select_alu_reg, imm), UPPER_OF(opcode, wide), CHANGES(opcode) }

#define SUM_ROW(label, opcode)	ALU_ROW(select_sum_imm, JIT_UPPER_FILLED, opcode),
#define AND_ROW(label, opcode)	ALU_ROW(select_and_imm, JIT_UPPER_BY_OPERANDS, opcode),
#define OR_ROW(label, opcode)	ALU_ROW(select_or_imm, JIT_UPPER_BY_OPERANDS, opcode),
#define XOR_ROW(label, opcode)	ALU_ROW(select_xor_imm, JIT_UPPER_BY_OPERANDS, opcode),
#define MUL_ROW(label, opcode)						\
	[opcode] = { BY(opcode, select_mul_reg, select_mul_imm),	\
		     UPPER_OF(opcode, JIT_UPPER_FILLED), CHANGES(opcode) },
#define DIV_ROW(label, opcode)						\
	[opcode] = { x86_jit_div, UPPER_OF(opcode, JIT_UPPER_BY_OPERANDS), \
		     .kind = JIT_KIND_DIVISION, CHANGES(opcode) },
#define MOV_ROW(label, opcode)						\
	[opcode] = { select_mov, UPPER_OF(opcode, JIT_UPPER_BY_OPERANDS), \
		     BY(opcode, JIT_FIRST_MOVE, JIT_FIRST_CONSTANT), SETS(opcode) },
#define SHIFT_ROW(label, opcode)					\
	[opcode] = { BY(opcode, select_shift_reg, select_shift_imm),	\
		     UPPER_OF(opcode, JIT_UPPER_BY_OPERANDS), CHANGES(opcode) },
#define LDX_ROW(opcode, does_upper, begins)				\
	[opcode] = { x86_jit_ldx, does_upper, begins, .dst = IS_WRITTEN, .src = IS_READ }
#define ST_ROW(opcode)							\
	[opcode] = { x86_jit_st, JIT_UPPER_KEPT, .dst = IS_READ }
#define STX_ROW(opcode)							\
	[opcode] = { x86_jit_stx, JIT_UPPER_KEPT, .dst = IS_READ, .src = IS_READ }
#define ATOMIC_ROW(size)						\
	[BPF_STX | BPF_ATOMIC | (size)] = {				\
		x86_jit_atomic, .kind = JIT_KIND_ATOMIC, .dst = IS_READ, .src = IS_READ, \
	}
#define JUMP_ROW(label, opcode)						\
	[opcode] = { x86_jit_branch, JIT_UPPER_KEPT, .kind = JIT_KIND_JUMP, \
		     .dst = IS_READ, .src = BY(opcode, IS_READ, 0) },
#define PACKET_ROW(label, opcode)					\
	[opcode] = {							\
		x86_jit_packet, .kind = JIT_KIND_PACKET,		\
		.src = BPF_MODE(opcode) == BPF_IND ? IS_READ : 0,	\
		.more = JIT_READS(BIT(BPF_REG_CTX)) |			\
			JIT_WRITES(BIT(BPF_REG_0) | JIT_ARG_REGS),	\
	},

/* A failed tail call is a call without a result. */
const struct jit_row x86_jit_rows[256] = {
	__BPF_ALU_ROWS(SUM_ROW, ADD)
	__BPF_ALU_ROWS(SUM_ROW, SUB)
	__BPF_ALU_ROWS(AND_ROW, AND)
	__BPF_ALU_ROWS(OR_ROW, OR)
	__BPF_ALU_ROWS(XOR_ROW, XOR)
	__BPF_ALU_ROWS(MUL_ROW, MUL)
	__BPF_ALU_ROWS(DIV_ROW, DIV)
	__BPF_ALU_ROWS(DIV_ROW, MOD)
	__BPF_ALU_ROWS(MOV_ROW, MOV)
	__BPF_ALU_ROWS(SHIFT_ROW, LSH)
	__BPF_ALU_ROWS(SHIFT_ROW, RSH)
	__BPF_ALU_ROWS(SHIFT_ROW, ARSH)
	[BPF_ALU64 | BPF_NEG] = { select_neg, JIT_UPPER_FILLED, CHANGES_ONE },
	[BPF_ALU | BPF_NEG] = { select_neg, JIT_UPPER_CLEARED, CHANGES_ONE },
	[BPF_ALU | BPF_END | BPF_TO_LE] = { select_keep_order, CHANGES_ONE },
	[BPF_ALU | BPF_END | BPF_TO_BE] = {
		select_swap, .first = JIT_FIRST_SWAP, CHANGES_ONE,
	},
	[BPF_ALU64 | BPF_END] = { select_swap, .first = JIT_FIRST_SWAP, CHANGES_ONE },
	[BPF_LD | BPF_IMM | BPF_DW] = {
		select_imm64, .first = JIT_FIRST_CONSTANT, .kind = JIT_KIND_WIDE, .dst = IS_WRITTEN,
	},

	LDX_ROW(BPF_LDX | BPF_MEM | BPF_B, JIT_UPPER_CLEARED, JIT_FIRST_LOAD),
	LDX_ROW(BPF_LDX | BPF_MEM | BPF_H, JIT_UPPER_CLEARED, JIT_FIRST_LOAD),
	LDX_ROW(BPF_LDX | BPF_MEM | BPF_W, JIT_UPPER_CLEARED, JIT_FIRST_LOAD),
	LDX_ROW(BPF_LDX | BPF_MEM | BPF_DW, JIT_UPPER_FILLED, JIT_FIRST_LOAD),
	ST_ROW(BPF_ST | BPF_MEM | BPF_B),
	ST_ROW(BPF_ST | BPF_MEM | BPF_H),
	ST_ROW(BPF_ST | BPF_MEM | BPF_W),
	ST_ROW(BPF_ST | BPF_MEM | BPF_DW),
	STX_ROW(BPF_STX | BPF_MEM | BPF_B),
	STX_ROW(BPF_STX | BPF_MEM | BPF_H),
	STX_ROW(BPF_STX | BPF_MEM | BPF_W),
	STX_ROW(BPF_STX | BPF_MEM | BPF_DW),
	LDX_ROW(BPF_LDX | BPF_MEMSX | BPF_B, JIT_UPPER_FILLED, JIT_FIRST_OF_NONE),
	LDX_ROW(BPF_LDX | BPF_MEMSX | BPF_H, JIT_UPPER_FILLED, JIT_FIRST_OF_NONE),
	LDX_ROW(BPF_LDX | BPF_MEMSX | BPF_W, JIT_UPPER_FILLED, JIT_FIRST_OF_NONE),
	ATOMIC_ROW(BPF_W),
	ATOMIC_ROW(BPF_DW),
	__BPF_PACKET_ROWS(PACKET_ROW, B)
	__BPF_PACKET_ROWS(PACKET_ROW, H)
	__BPF_PACKET_ROWS(PACKET_ROW, W)

	[BPF_JMP | BPF_JA] = { x86_jit_ja, JIT_UPPER_KEPT, .kind = JIT_KIND_ALWAYS_JUMP },
	[BPF_JMP32 | BPF_JA] = { x86_jit_ja, JIT_UPPER_KEPT, .kind = JIT_KIND_ALWAYS_JUMP },
	__BPF_JUMP_ROWS(JUMP_ROW, JEQ)
	__BPF_JUMP_ROWS(JUMP_ROW, JNE)
	__BPF_JUMP_ROWS(JUMP_ROW, JSET)
	__BPF_JUMP_ROWS(JUMP_ROW, JGT)
	__BPF_JUMP_ROWS(JUMP_ROW, JGE)
	__BPF_JUMP_ROWS(JUMP_ROW, JLT)
	__BPF_JUMP_ROWS(JUMP_ROW, JLE)
	__BPF_JUMP_ROWS(JUMP_ROW, JSGT)
	__BPF_JUMP_ROWS(JUMP_ROW, JSGE)
	__BPF_JUMP_ROWS(JUMP_ROW, JSLT)
	__BPF_JUMP_ROWS(JUMP_ROW, JSLE)
	[BPF_JMP | BPF_CALL] = {
		x86_jit_call, .kind = JIT_KIND_CALL,
		.more = JIT_READS(JIT_ARG_REGS) | JIT_WRITES(JIT_ARG_REGS | BIT(BPF_REG_0)),
	},
	[BPF_JMP | BPF_TAIL_CALL] = {
		x86_jit_tail_call, .kind = JIT_KIND_TAIL_CALL,
		.more = JIT_READS(BIT(1) | BIT(2) | BIT(3)) | JIT_WRITES(JIT_ARG_REGS),
	},
	[BPF_JMP | BPF_EXIT] = {
		x86_jit_exit, JIT_UPPER_KEPT, .kind = JIT_KIND_EXIT,
		.more = JIT_READS(BIT(BPF_REG_0)),
	},
	[BPF_ST | BPF_NOSPEC] = { x86_jit_nospec, JIT_UPPER_KEPT },
};
