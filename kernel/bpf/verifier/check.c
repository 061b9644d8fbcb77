// SPDX-License-Identifier: GPL-2.0-only
/*
 * Obligations of registers and arithmetic.
 *
 * A register must have been written before it is read; the frame pointer is
 * never written; pointers may only be moved, and only within limits that keep
 * all sums of offsets far from overflow. Messages have the wording of Linux
 * 6.1, which tools and people match.
 */
#include <linux/kernel.h>

#include "check.h"
#include "insn_valid.h"

/* A pointer is never further from its object than this. */
#define OFFSET_LIMIT	(1LL << 29)

/**
 * check_read() - A register is read
 * @ex: The exploration.
 * @regno: The register.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -EACCES if it was not written.
 */
int check_read(struct explore *ex, u32 regno)
{
	if (ex->cur->reg[regno].kind != REG_NONE)
		return 0;
	return reject(ex->env, RULE_REG_UNINIT, -EACCES, "R%u !read_ok\n",
		      regno);
}

/**
 * check_write() - A register is written
 * @ex: The exploration.
 * @regno: The register.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -EACCES for the frame pointer.
 */
int check_write(struct explore *ex, u32 regno)
{
	if (regno != BPF_REG_10)
		return 0;
	return reject(ex->env, RULE_REG_FP, -EACCES,
		      "frame pointer is read only\n");
}

/**
 * check_operands() - The registers an instruction names
 * @ex: The exploration.
 * @insn: The instruction.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -errno.
 */
int check_operands(struct explore *ex, const struct bpf_insn *insn)
{
	const struct opcode *opcode = opcode_of(insn);
	int err = 0;

	if (opcode->src & USE_READ)
		err = check_read(ex, insn->src_reg);
	if (!err && (opcode->dst & USE_READ))
		err = check_read(ex, insn->dst_reg);
	if (!err && (opcode->dst & USE_WRITE))
		err = check_write(ex, insn->dst_reg);
	return err;
}

/**
 * check_enter() - A function of the program is called
 * @ex: The exploration.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -EFAULT if there is no room for its frame, which verifier_frames()
 * has seen to.
 */
int check_enter(struct explore *ex)
{
	return WARN_ON_ONCE(ex->st->depth + 1 >= ex->env->frames) ? -EFAULT : 0;
}

/**
 * check_exit() - The program, or a function of it, returns
 * @ex: The exploration.
 *
 * A function may leave R0 unwritten; the caller then has none. It returns no address
 * of a stack: its own is gone, and of the caller's nobody keeps track across a call.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -errno.
 */
int check_exit(struct explore *ex)
{
	if (!ex->st->depth)
		return check_read(ex, BPF_REG_0);
	if (ex->cur->reg[BPF_REG_0].kind != REG_STACK)
		return 0;
	return reject(ex->env, RULE_LEAK, -EINVAL, "cannot return stack pointer to the caller\n");
}

/* ---- arithmetic with pointers ------------------------------------------------- */

/* Operations no pointer takes part in, and the two it does. */
static const struct {
	u8 op;
	bool is_bitwise;
	char text[5];
} op_texts[] = {
	{ BPF_AND, true, "&=" },
	{ BPF_OR, true, "|=" },
	{ BPF_XOR, true, "^=" },
	{ BPF_LSH, false, "<<=" },
	{ BPF_RSH, false, ">>=" },
	{ BPF_ARSH, false, "s>>=" },
	{ BPF_MUL, false, "*=" },
	{ BPF_DIV, false, "/=" },
	{ BPF_MOD, false, "%=" },
	{ BPF_ADD, false, "+=" },
	{ BPF_SUB, false, "-=" },
};

static u32 op_index(u8 op)
{
	u32 i = 0;

	while (i < ARRAY_SIZE(op_texts) - 1 && op_texts[i].op != op)
		i++;
	return i;
}

static const char *op_name(u8 op)
{
	return op_texts[op_index(op)].text;
}

/* What is added to a pointer is a number that cannot lead far away. */
static int check_number(struct explore *ex, const struct vreg *ptr,
			const struct scalar *num)
{
	const char *name = reg_kind_name(ptr->kind);
	s64 min = scalar_smin(num);

	if (scalar_is_const(num)) {
		if (min > -OFFSET_LIMIT && min < OFFSET_LIMIT)
			return 0;
		return reject(ex->env, RULE_PTR_RANGE, -EINVAL,
			      "math between %s pointer and %lld is not allowed\n",
			      name, min);
	}
	if (min == S64_MIN)
		return reject(ex->env, RULE_PTR_RANGE, -EINVAL,
			      "math between %s pointer and register with unbounded min value is not allowed\n",
			      name);
	/* One that was left out may be as large as it can: the next walk knows. */
	if (ex->env->unasked && !ex->env->ask_all && scalar_smax(num) >= OFFSET_LIMIT)
		min = scalar_smax(num);
	if (min <= -OFFSET_LIMIT || min >= OFFSET_LIMIT)
		return reject(ex->env, RULE_PTR_RANGE, -EINVAL,
			      "value %lld makes %s pointer be out of bounds\n",
			      min, name);
	return 0;
}

/* The moved pointer: the same limits for both parts of its offset. */
static int check_moved(struct explore *ex, const struct vreg *ptr,
		       const struct scalar *num, bool subtract)
{
	struct scalar sum;
	s64 off = ptr->off;

	if (scalar_is_const(num)) {
		s64 by = scalar_const_value(num);

		off += subtract ? -by : by;
		sum = ptr->num;
	} else {
		scalar_alu(&sum, subtract ? BPF_SUB : BPF_ADD, true, false,
			   &ptr->num, num);
	}
	if (off <= -OFFSET_LIMIT || off >= OFFSET_LIMIT)
		return reject(ex->env, RULE_PTR_RANGE, -EINVAL,
			      "%s pointer offset %lld is not allowed\n",
			      reg_kind_name(ptr->kind), off);
	return check_number(ex, ptr, &sum);
}

static int reject_op(struct explore *ex, u32 dst, u8 op)
{
	if (op_texts[op_index(op)].is_bitwise)
		return reject(ex->env, RULE_PTR_ARITH, -EACCES,
			      "R%u bitwise operator %s on pointer prohibited\n",
			      dst, op_name(op));
	return reject(ex->env, RULE_PTR_ARITH, -EACCES,
		      "R%u pointer arithmetic with %s operator prohibited\n",
		      dst, op_name(op));
}

/* Does this kind of pointer move at all? */
static int check_kind_moves(struct explore *ex, const struct vreg *ptr, u32 dst,
			    u8 op, const struct scalar *num)
{
	const char *name = reg_kind_name(ptr->kind);

	switch (ptr->kind) {
	case REG_MAP_VALUE_OR_NULL:
		return reject(ex->env, RULE_NULL_CHECK, -EACCES,
			      "R%u pointer arithmetic on %s prohibited, null-check it first\n",
			      dst, name);
	case REG_MAP_PTR:
		if (op == BPF_ADD && scalar_is_const(num) &&
		    !scalar_const_value(num))
			return 0;
		fallthrough;
	case REG_PACKET_END:
		return reject(ex->env, RULE_PTR_ARITH, -EACCES,
			      "R%u pointer arithmetic on %s prohibited\n",
			      dst, name);
	default:
		return 0;
	}
}

static int check_sub(struct explore *ex, const struct vreg *ptr, u32 dst,
		     bool ptr_is_src)
{
	if (ptr_is_src)
		return reject(ex->env, RULE_PTR_ARITH, -EACCES,
			      "R%u tried to subtract pointer from scalar\n",
			      dst);
	if (ptr->kind == REG_STACK)
		return reject(ex->env, RULE_PTR_ARITH, -EACCES,
			      "R%u subtraction from stack pointer prohibited\n",
			      dst);
	return 0;
}

/* One pointer, one number, in 64 bits. */
static int check_move(struct explore *ex, const struct bpf_insn *insn,
		      const struct vreg *ptr, bool ptr_is_src,
		      const struct scalar *num)
{
	u8 op = BPF_OP(insn->code);
	u32 dst = insn->dst_reg;
	int err;

	err = check_kind_moves(ex, ptr, dst, op, num);
	if (!err)
		err = check_number(ex, ptr, num);
	if (!err && op != BPF_ADD && op != BPF_SUB)
		err = reject_op(ex, dst, op);
	if (!err && op == BPF_SUB)
		err = check_sub(ex, ptr, dst, ptr_is_src);
	return err ?: check_moved(ex, ptr, num, op == BPF_SUB);
}

static int check_pointer_alu(struct explore *ex, const struct bpf_insn *insn,
			     const struct vreg *dst, const struct vreg *src)
{
	bool ptr_is_src = reg_is_pointer(src);
	u8 op = BPF_OP(insn->code);
	const struct vreg *num = ptr_is_src ? dst : src;

	/* A difference, or 32 bits of one, is just a number. */
	if (op == BPF_SUB && (BPF_CLASS(insn->code) == BPF_ALU ||
			      (reg_is_pointer(dst) && ptr_is_src)))
		return 0;
	if (reg_is_pointer(dst) && ptr_is_src)
		return reject(ex->env, RULE_PTR_ARITH, -EACCES,
			      "R%u pointer %s pointer prohibited\n",
			      insn->dst_reg, op_name(op));
	if (BPF_CLASS(insn->code) == BPF_ALU)
		return reject(ex->env, RULE_PTR_ARITH, -EACCES,
			      "R%u 32-bit pointer arithmetic prohibited\n",
			      insn->dst_reg);

	defs_need(&ex->defs, num->def);
	return check_move(ex, insn, ptr_is_src ? src : dst, ptr_is_src,
			  &num->num);
}

/**
 * check_alu() - Arithmetic with two operands
 * @ex: The exploration.
 * @insn: The instruction; its operands were read.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -errno.
 */
int check_alu(struct explore *ex, const struct bpf_insn *insn)
{
	const struct vreg *dst = &ex->cur->reg[insn->dst_reg];
	const struct vreg *src = &ex->cur->reg[insn->src_reg];
	bool is_reg = BPF_SRC(insn->code) == BPF_X;
	struct vreg imm;

	if (!reg_is_pointer(dst) && !(is_reg && reg_is_pointer(src)))
		return 0;
	if (!is_reg) {
		struct scalar num;

		scalar_const(&num, (s64)insn->imm);
		reg_scalar(&imm, &num, DEF_NONE);
		src = &imm;
	}
	return check_pointer_alu(ex, insn, dst, src);
}
