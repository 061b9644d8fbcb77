// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which instructions exist and which of their fields may hold what.
 *
 * This pass looks at every instruction by itself, reachable or not. After it no
 * other pass meets an unknown opcode, a register number above 10, or something
 * in a field that the opcode does not use: a field that is reserved today can be
 * given a meaning tomorrow. A write to the frame pointer is well-formed; who
 * comes to it is refused there, see check_write().
 *
 * The table is all there is to know; the functions only interpret it. No state,
 * no locks. It must never look at what a register holds.
 */
#include "../insn_table.h"
#include "insn_valid.h"
#include "verifier.h"

#define ROW(k, d, s, o, i) {						\
	.kind = INSN_##k, .dst = USE_##d, .src = USE_##s,		\
	.off = OFF_##o, .imm = IMM_##i,					\
}

/* An operation of two operands, by immediate and by register, 32 and 64 bits. */
#define BINARY(op, o, i)						\
	[BPF_ALU | (op) | BPF_K] = ROW(ALU, BOTH, NONE, o, i),		\
	[BPF_ALU | (op) | BPF_X] = ROW(ALU, BOTH, READ, o, ZERO),	\
	[BPF_ALU64 | (op) | BPF_K] = ROW(ALU, BOTH, NONE, o, i),	\
	[BPF_ALU64 | (op) | BPF_X] = ROW(ALU, BOTH, READ, o, ZERO)

#define COMPARE(op)							\
	[BPF_JMP | (op) | BPF_K] = ROW(JUMP, READ, NONE, ANY, ANY),	\
	[BPF_JMP | (op) | BPF_X] = ROW(JUMP, READ, READ, ANY, ZERO),	\
	[BPF_JMP32 | (op) | BPF_K] = ROW(JUMP, READ, NONE, ANY, ANY),	\
	[BPF_JMP32 | (op) | BPF_X] = ROW(JUMP, READ, READ, ANY, ZERO)

#define MEMORY(size)							\
	[BPF_LDX | BPF_MEM | (size)] = ROW(LDX, WRITE, READ, ANY, ZERO), \
	[BPF_ST | BPF_MEM | (size)] = ROW(ST, READ, NONE, ANY, ANY),	\
	[BPF_STX | BPF_MEM | (size)] = ROW(STX, READ, READ, ANY, ZERO)

#define PACKET(size)							\
	[BPF_LD | BPF_ABS | (size)] = ROW(PACKET, NONE, NONE, ZERO, ANY), \
	[BPF_LD | BPF_IND | (size)] = ROW(PACKET, NONE, READ, ZERO, ANY)

#define SEXT_LOAD(size)							\
	[BPF_LDX | BPF_MEMSX | (size)] = ROW(LDX, WRITE, READ, ANY, ZERO)

const struct opcode opcode_table[256] = {
	BINARY(BPF_ADD, ZERO, ANY),
	BINARY(BPF_SUB, ZERO, ANY),
	BINARY(BPF_MUL, ZERO, ANY),
	BINARY(BPF_DIV, SIGNED, DIVISOR),
	BINARY(BPF_OR, ZERO, ANY),
	BINARY(BPF_AND, ZERO, ANY),
	BINARY(BPF_LSH, ZERO, SHIFT),
	BINARY(BPF_RSH, ZERO, SHIFT),
	BINARY(BPF_MOD, SIGNED, DIVISOR),
	BINARY(BPF_XOR, ZERO, ANY),
	BINARY(BPF_ARSH, ZERO, SHIFT),

	[BPF_ALU | BPF_MOV | BPF_K] = ROW(MOV, WRITE, NONE, ZERO, ANY),
	[BPF_ALU | BPF_MOV | BPF_X] = ROW(MOV, WRITE, READ, SEXT, ZERO),
	[BPF_ALU64 | BPF_MOV | BPF_K] = ROW(MOV, WRITE, NONE, ZERO, ANY),
	[BPF_ALU64 | BPF_MOV | BPF_X] = ROW(MOV, WRITE, READ, SEXT, ZERO),
	[BPF_ALU | BPF_NEG] = ROW(NEG, BOTH, NONE, ZERO, ZERO),
	[BPF_ALU64 | BPF_NEG] = ROW(NEG, BOTH, NONE, ZERO, ZERO),
	[BPF_ALU | BPF_END | BPF_TO_LE] = ROW(END, BOTH, NONE, ZERO, SWAP),
	[BPF_ALU | BPF_END | BPF_TO_BE] = ROW(END, BOTH, NONE, ZERO, SWAP),
	[BPF_ALU64 | BPF_END] = ROW(END, BOTH, NONE, ZERO, SWAP),

	MEMORY(BPF_B),
	MEMORY(BPF_H),
	MEMORY(BPF_W),
	MEMORY(BPF_DW),
	SEXT_LOAD(BPF_B),
	SEXT_LOAD(BPF_H),
	SEXT_LOAD(BPF_W),
	[BPF_STX | BPF_ATOMIC | BPF_W] = ROW(ATOMIC, READ, READ, ANY, ATOMIC),
	[BPF_STX | BPF_ATOMIC | BPF_DW] = ROW(ATOMIC, READ, READ, ANY, ATOMIC),
	[BPF_LD | BPF_IMM | BPF_DW] = ROW(WIDE, WRITE, TAG, ZERO, ANY),
	PACKET(BPF_B),
	PACKET(BPF_H),
	PACKET(BPF_W),

	COMPARE(BPF_JEQ),
	COMPARE(BPF_JNE),
	COMPARE(BPF_JSET),
	COMPARE(BPF_JGT),
	COMPARE(BPF_JGE),
	COMPARE(BPF_JLT),
	COMPARE(BPF_JLE),
	COMPARE(BPF_JSGT),
	COMPARE(BPF_JSGE),
	COMPARE(BPF_JSLT),
	COMPARE(BPF_JSLE),
	[BPF_JMP | BPF_JA] = ROW(JA, NONE, NONE, ANY, ZERO),
	[BPF_JMP32 | BPF_JA] = ROW(JA, NONE, NONE, ZERO, ANY),
	[BPF_JMP | BPF_CALL] = ROW(CALL, NONE, TAG, ZERO, ANY),
	[BPF_JMP | BPF_EXIT] = ROW(EXIT, NONE, NONE, ZERO, ZERO),
};

/* How messages call an instruction. */
static const char *const kind_names[__INSN_KIND_MAX] = {
	[INSN_ALU]	= "BPF_ALU",
	[INSN_MOV]	= "BPF_MOV",
	[INSN_NEG]	= "BPF_NEG",
	[INSN_END]	= "BPF_END",
	[INSN_LDX]	= "BPF_LDX",
	[INSN_ST]	= "BPF_ST",
	[INSN_STX]	= "BPF_STX",
	[INSN_ATOMIC]	= "BPF_ATOMIC",
	[INSN_WIDE]	= "BPF_LD_IMM64",
	[INSN_PACKET]	= "BPF_LD_[ABS|IND]",
	[INSN_JA]	= "BPF_JA",
	[INSN_JUMP]	= "BPF_JMP/JMP32",
	[INSN_CALL]	= "BPF_CALL",
	[INSN_EXIT]	= "BPF_EXIT",
};

static bool off_allowed(const struct opcode *op, const struct bpf_insn *insn)
{
	switch (op->off) {
	case OFF_ANY:
		return true;
	case OFF_SIGNED:
		return bpf_division_exists(insn->off);
	case OFF_SEXT:
		return bpf_move_width_exists(insn->code, insn->off);
	default:
		return insn->off == 0;
	}
}

/* Calls come in three variants; those of wide immediates are for resolve.c. */
static bool src_allowed(const struct opcode *op, const struct bpf_insn *insn)
{
	if (op->src == USE_NONE)
		return insn->src_reg == 0;
	if (op->kind == INSN_CALL)
		return insn->src_reg <= BPF_PSEUDO_KFUNC_CALL;
	return true;
}

static bool reserved_clear(const struct opcode *op, const struct bpf_insn *insn)
{
	if (op->dst == USE_NONE && insn->dst_reg)
		return false;
	if (op->imm == IMM_ZERO && insn->imm)
		return false;
	if (op->imm == IMM_SWAP && !bpf_swap_width_exists(insn->imm))
		return false;
	return src_allowed(op, insn) && off_allowed(op, insn);
}

static int check_imm(struct verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = &env->insns[idx];
	const struct opcode *op = opcode_of(insn);
	u32 bits = BPF_CLASS(insn->code) == BPF_ALU64 ? 64 : 32;

	if (op->imm == IMM_DIVISOR && !insn->imm) {
		vlog_insn_at(env, idx);
		return reject(env, RULE_INSN_IMM, -EINVAL, "div by zero\n");
	}
	if (op->imm == IMM_SHIFT && (u32)insn->imm >= bits) {
		vlog_insn_at(env, idx);
		return reject(env, RULE_INSN_IMM, -EINVAL, "invalid shift %d\n",
			      insn->imm);
	}
	if (op->imm == IMM_ATOMIC && !bpf_atomic_op_exists(insn->imm)) {
		vlog_insn_at(env, idx);
		return reject(env, RULE_INSN_IMM, -EINVAL,
			      "BPF_ATOMIC uses invalid atomic opcode %02x\n",
			      insn->imm);
	}
	return 0;
}

static int check_reg(struct verifier_env *env, u32 idx, u8 use, u8 reg)
{
	if (!(use & USE_BOTH))
		return 0;
	if (reg >= MAX_BPF_REG) {
		vlog_insn_at(env, idx);
		return reject(env, RULE_INSN_REG, -EINVAL, "R%d is invalid\n",
			      reg);
	}
	return 0;
}

static int check_regs(struct verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = &env->insns[idx];
	const struct opcode *op = opcode_of(insn);
	int err = check_reg(env, idx, op->src, insn->src_reg);

	return err ?: check_reg(env, idx, op->dst, insn->dst_reg);
}

static int check_second_slot(struct verifier_env *env, u32 idx)
{
	const struct bpf_insn *half = &env->insns[idx + 1];

	if (idx + 1 < env->len && !half->code && !half->dst_reg &&
	    !half->src_reg && !half->off) {
		env->aux[idx + 1].wide_second = true;
		return 0;
	}
	return reject(env, RULE_INSN_WIDE, -EINVAL, "invalid bpf_ld_imm64 insn\n");
}

static int check_opcode(struct verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = &env->insns[idx];
	const struct opcode *op = opcode_of(insn);

	/* For loads clients know the second wording, whatever the mode bits. */
	if (op->kind == INSN_UNKNOWN && BPF_CLASS(insn->code) != BPF_LDX) {
		vlog_insn_at(env, idx);
		return reject(env, RULE_INSN_OPCODE, -EINVAL,
			      "unknown opcode %02x\n", insn->code);
	}
	if (op->kind == INSN_UNKNOWN || !reserved_clear(op, insn)) {
		vlog_insn_at(env, idx);
		return reject(env, RULE_INSN_RESERVED, -EINVAL,
			      "%s uses reserved fields\n",
			      kind_names[op->kind] ?: kind_names[INSN_LDX]);
	}
	return 0;
}

static int check_insn(struct verifier_env *env, u32 idx)
{
	int err = 0;

	/* Both halves must be there before one is looked at. */
	if (insn_slots(&env->insns[idx]) == 2)
		err = check_second_slot(env, idx);
	return err ?: check_opcode(env, idx) ?: check_imm(env, idx) ?: check_regs(env, idx);
}

/**
 * verifier_insn_valid() - refuse what is not a well-formed instruction
 * @env: load; sets wide_second in its aux
 *
 * Context: process context, may sleep.
 * Return: 0, or -EINVAL.
 */
int verifier_insn_valid(struct verifier_env *env)
{
	u32 i;

	for (i = 0; i < env->len; i += insn_slots(&env->insns[i])) {
		int err = verifier_pause(i) ?: check_insn(env, i);

		if (err)
			return err;
	}
	return 0;
}
