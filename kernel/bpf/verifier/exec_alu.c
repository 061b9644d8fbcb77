// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transfer functions of arithmetic.
 *
 * Numbers are computed by the scalar domain. A pointer keeps its kind under
 * addition and subtraction of a number; constants go to its fixed offset, the
 * rest to its variable one. Where the bits of a pointer are used as a number,
 * nothing is known of the result.
 *
 * Each result gets a definition whose parents are those its bounds depend on.
 * A parent is left out if the recorded bounds would hold without knowing
 * anything of it; so masks cut history, and pruning sees more.
 */
#include "exec.h"
#include "packet.h"

/* Is what a left operand that is one word would give among the results? */
static bool holds_for(const struct scalar *result, u8 op, bool is64,
		      bool is_signed, u64 word, const struct scalar *b)
{
	struct scalar r;

	scalar_const(&r, word);
	scalar_alu(&r, op, is64, is_signed, &r, b);
	return scalar_covers(result, &r);
}

/*
 * Is the result the same if nothing is known of one operand? Any word can be a
 * sum, a difference or an exclusive or then. For others two words often tell.
 */
static bool holds_without(const struct scalar *result, u8 op, bool is64,
			  bool is_signed, const struct scalar *a,
			  const struct scalar *b)
{
	struct scalar r;

	if (op == BPF_ADD || op == BPF_SUB || op == BPF_XOR) {
		/* A bit that is known, or not being just any word, is something. */
		if (is64 || ~scalar_tnum(result).mask << 32)
			return is64 && scalar_is_unknown(result);
		scalar_unknown_bytes(&r, 4);
		return scalar_covers(result, &r);
	}
	if (scalar_is_const(b) &&
	    (!holds_for(result, op, is64, is_signed, 0, b) ||
	     !holds_for(result, op, is64, is_signed, ~0ULL, b)))
		return false;
	scalar_alu(&r, op, is64, is_signed, a, b);
	return scalar_covers(result, &r);
}

/**
 * exec_set_number() - Make a register a computed number
 * @ex: The exploration.
 * @reg: The register or value; may be one the number was computed from.
 * @num: What is known of it; not inside @reg.
 * @a: Definition its bounds depend on, or DEF_NONE.
 * @b: Another.
 *
 * Context: Process context, may sleep.
 */
void exec_set_number(struct explore *ex, struct vreg *reg,
		     const struct scalar *num, u32 a, u32 b)
{
	u32 def = DEF_NONE;

	if (scalar_is_unknown(num)) {
		a = DEF_NONE;
		b = DEF_NONE;
	}
	if (a != DEF_NONE || b != DEF_NONE || !scalar_is_const(num))
		def = defs_make(&ex->defs, ex->pc, a, b);
	reg_scalar(reg, num, def);
}

/**
 * exec_set_unknown() - Make a register a number of which only the width is known
 * @ex: The exploration.
 * @regno: The register.
 * @bytes: Width.
 * @sx: Sign-extended, else zero-extended.
 *
 * Context: Process context, may sleep.
 */
void exec_set_unknown(struct explore *ex, u32 regno, u32 bytes, bool sx)
{
	struct scalar num;

	if (sx)
		scalar_unknown_sx(&num, bytes);
	else
		scalar_unknown_bytes(&num, bytes);
	exec_set_number(ex, exec_dst(ex, regno), &num, DEF_NONE, DEF_NONE);
}

/* A value as a number; returns its definition. */
static u32 number_of(const struct vreg *reg, struct scalar *num)
{
	if (reg->kind == REG_SCALAR) {
		*num = reg->num;
		return reg->def;
	}
	scalar_unknown(num);
	return DEF_NONE;
}

/* The source operand as a number; immediates have no history. */
static u32 operand_of(struct explore *ex, const struct bpf_insn *insn,
		      struct scalar *num)
{
	if (BPF_SRC(insn->code) == BPF_X)
		return number_of(&ex->cur->reg[insn->src_reg], num);
	scalar_const(num, (s64)insn->imm);
	return DEF_NONE;
}

/* Does nothing depend on the number that @insn makes? Then it is one of @bytes. */
static bool is_unasked(struct explore *ex, const struct bpf_insn *insn, u32 bytes)
{
	struct verifier_env *env = ex->env;

	if (env->ask_all || env->asked_regs[ex->pc + 1] & BIT(insn->dst_reg))
		return false;
	env->unasked = true;
	exec_set_unknown(ex, insn->dst_reg, bytes, false);
	return true;
}

static u32 alu_bytes(const struct bpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_ALU64 ? 8 : 4;
}

static void alu_numbers(struct explore *ex, const struct bpf_insn *insn)
{
	bool is64 = BPF_CLASS(insn->code) == BPF_ALU64;
	struct vreg *dst = exec_dst(ex, insn->dst_reg);
	u8 op = BPF_OP(insn->code);
	bool is_signed = insn->off;
	struct scalar a, b, r, any;
	u32 da, db;

	da = number_of(dst, &a);
	db = operand_of(ex, insn, &b);
	scalar_alu(&r, op, is64, is_signed, &a, &b);
	if (!scalar_is_unknown(&r)) {
		scalar_unknown(&any);
		if (da != DEF_NONE &&
		    holds_without(&r, op, is64, is_signed, &any, &b)) {
			da = DEF_NONE;
			a = any;
		}
		if (db != DEF_NONE &&
		    holds_without(&r, op, is64, is_signed, &a, &any))
			db = DEF_NONE;
	}
	exec_set_number(ex, dst, &r, da, db);
}

/* pointer += number, number += pointer, pointer -= number */
static void move_pointer(struct explore *ex, struct vreg *dst,
			 const struct vreg *ptr, const struct scalar *num,
			 bool subtract)
{
	struct vreg moved = *ptr;

	if (scalar_is_const(num)) {
		s64 by = scalar_const_value(num);

		moved.off += subtract ? -by : by;
	} else {
		scalar_alu(&moved.num, subtract ? BPF_SUB : BPF_ADD, true,
			   false, &ptr->num, num);
	}
	if (reg_is_packet(&moved))
		packet_moved(ex, &moved, num, subtract);
	*dst = moved;
}

static bool alu_pointer(struct explore *ex, const struct bpf_insn *insn)
{
	bool is_reg = BPF_SRC(insn->code) == BPF_X;
	struct vreg *dst = &ex->cur->reg[insn->dst_reg];
	const struct vreg *src = is_reg ? &ex->cur->reg[insn->src_reg] : NULL;
	bool src_ptr = src && reg_is_pointer(src);
	struct scalar num;

	if (BPF_CLASS(insn->code) != BPF_ALU64 ||
	    reg_is_pointer(dst) == src_ptr)
		return false;
	if (src_ptr) {
		num = dst->num;
		move_pointer(ex, dst, src, &num, false);
	} else {
		operand_of(ex, insn, &num);
		move_pointer(ex, dst, dst, &num,
			     BPF_OP(insn->code) == BPF_SUB);
	}
	exec_dst(ex, insn->dst_reg);
	return true;
}

/**
 * exec_alu() - Arithmetic with two operands
 * @ex: The exploration.
 * @insn: The instruction; check_alu() has allowed it.
 *
 * Context: Process context, may sleep.
 */
void exec_alu(struct explore *ex, const struct bpf_insn *insn)
{
	if (!alu_pointer(ex, insn) && !is_unasked(ex, insn, alu_bytes(insn)))
		alu_numbers(ex, insn);
}

static void mov_part(struct explore *ex, const struct bpf_insn *insn)
{
	bool is64 = BPF_CLASS(insn->code) == BPF_ALU64;
	const struct vreg *src = &ex->cur->reg[insn->src_reg];
	struct scalar num;
	u32 def;

	if (is_unasked(ex, insn, alu_bytes(insn)))
		return;
	def = number_of(src, &num);
	if (insn->off)
		scalar_sext(&num, insn->off, !is64);
	else
		scalar_zext(&num, 32);
	exec_set_number(ex, exec_dst(ex, insn->dst_reg), &num, def, DEF_NONE);
}

/**
 * exec_mov() - Moves, with sign extension or without
 * @ex: The exploration.
 * @insn: The instruction.
 *
 * Context: Process context, may sleep.
 */
void exec_mov(struct explore *ex, const struct bpf_insn *insn)
{
	bool is64 = BPF_CLASS(insn->code) == BPF_ALU64;
	struct scalar num;

	if (BPF_SRC(insn->code) == BPF_K) {
		scalar_const(&num, is64 ? (s64)insn->imm : (u32)insn->imm);
		exec_set_number(ex, exec_dst(ex, insn->dst_reg), &num,
				DEF_NONE, DEF_NONE);
	} else if (is64 && !insn->off) {
		*exec_dst(ex, insn->dst_reg) = ex->cur->reg[insn->src_reg];
	} else {
		mov_part(ex, insn);
	}
}

/**
 * exec_neg() - Negation
 * @ex: The exploration.
 * @insn: The instruction.
 *
 * Context: Process context, may sleep.
 */
void exec_neg(struct explore *ex, const struct bpf_insn *insn)
{
	struct vreg *dst = exec_dst(ex, insn->dst_reg);
	struct scalar num;
	u32 def;

	if (is_unasked(ex, insn, alu_bytes(insn)))
		return;
	def = number_of(dst, &num);
	scalar_alu(&num, BPF_NEG, BPF_CLASS(insn->code) == BPF_ALU64, false,
		   &num, NULL);
	exec_set_number(ex, dst, &num, def, DEF_NONE);
}

/**
 * exec_end() - Conversion of byte order, and byte swaps
 * @ex: The exploration.
 * @insn: The instruction.
 *
 * Context: Process context, may sleep.
 */
void exec_end(struct explore *ex, const struct bpf_insn *insn)
{
	struct vreg *dst = exec_dst(ex, insn->dst_reg);
	struct scalar num;
	u32 def;

	if (is_unasked(ex, insn, insn->imm / BITS_PER_BYTE))
		return;
	def = number_of(dst, &num);
	if (BPF_CLASS(insn->code) == BPF_ALU64)
		scalar_bswap(&num, insn->imm);
	else if (BPF_SRC(insn->code) == BPF_TO_BE)
		scalar_to_be(&num, insn->imm);
	else
		scalar_to_le(&num, insn->imm);
	exec_set_number(ex, dst, &num, def, DEF_NONE);
}

/**
 * exec_wide() - A 64-bit immediate: a number, a map, or the value of one
 * @ex: The exploration.
 * @insn: First slot of the instruction.
 *
 * Context: Process context, may sleep.
 */
void exec_wide(struct explore *ex, const struct bpf_insn *insn)
{
	const struct insn_aux *aux = &ex->env->aux[ex->pc];
	struct vreg *dst = exec_dst(ex, insn->dst_reg);
	struct scalar num;

	if (aux->map) {
		reg_pointer(dst, aux->is_value ? REG_MAP_VALUE : REG_MAP_PTR, aux->map);
		dst->off = aux->is_value ? aux->value_off : 0;
		return;
	}
	scalar_const(&num, (u64)(u32)insn[1].imm << 32 | (u32)insn[0].imm);
	exec_set_number(ex, dst, &num, DEF_NONE, DEF_NONE);
}
