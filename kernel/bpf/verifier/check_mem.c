// SPDX-License-Identifier: GPL-2.0-only
/*
 * Obligations of memory accesses: through a pointer to memory, inside of the
 * object, aligned where that matters, in a direction the object allows.
 *
 * One routine per kind of memory decides loads, stores, atomics and accesses by
 * helpers alike. Offsets are computed in 64 bits from parts that are below
 * 2^30 each, or refused before they are added.
 *
 * What the passes after exploration may know of an access is noted here.
 */
#include <linux/align.h>
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "check.h"
#include "packet.h"

/* An offset whose variable part may be as large as this is unbounded. */
#define UNBOUNDED	(1LL << 29)

static const char *type_name(const struct access *access)
{
	if (access->is_indirect)
		return "indirect access to";
	return access->type == BPF_READ ? "read from" : "write to";
}

/* ---- alignment ------------------------------------------------------------------ */

static const char *align_name(enum reg_kind kind)
{
	switch (kind) {
	case REG_STACK:
		return "stack ";
	case REG_MAP_VALUE:
		return "value ";
	case REG_CTX:
		return "context ";
	default:
		return "";
	}
}

/* The stack is modelled in aligned slots; elsewhere the machine does not care. */
static int check_align(struct explore *ex, const struct access *access)
{
	const struct vreg *reg = &ex->cur->reg[access->regno];
	struct tnum var = scalar_tnum(&reg->num);
	struct tnum sum;

	if (reg_is_packet(reg))
		return packet_check_align(ex, access);
	if (access->is_indirect ||
	    (reg->kind != REG_STACK && !access->is_atomic &&
	     !ex->env->strict_align))
		return 0;
	sum = tnum_add(var, tnum_const((s64)reg->off + access->off));
	if (tnum_is_aligned(sum, access->size))
		return 0;
	return reject(ex->env, RULE_MEM_ALIGN, -EACCES,
		      "misaligned %saccess off (0x%llx; 0x%llx)+%d+%d size %u\n",
		      align_name(reg->kind), var.value, var.mask, reg->off,
		      access->off, access->size);
}

/* ---- the stack ------------------------------------------------------------------- */

/*
 * Linux tells "may start outside" (-EACCES), of the lowest address, from "may
 * end outside" (-EINVAL).
 */
static int check_stack_range(struct explore *ex, const struct access *access,
			     s64 lo, s64 hi)
{
	const struct vreg *reg = &ex->cur->reg[access->regno];
	struct tnum var = scalar_tnum(&reg->num);
	int err = 0;

	if (lo < -MAX_BPF_STACK || lo >= 0)
		err = -EACCES;
	else if (hi + access->size > 0)
		err = -EINVAL;
	if (!err)
		return 0;
	if (reg_is_fixed(reg))
		return reject(ex->env, RULE_STACK_BOUNDS, err,
			      "invalid %s stack R%u off=%lld size=%u\n",
			      type_name(access), access->regno, lo,
			      access->size);
	return reject(ex->env, RULE_STACK_BOUNDS, err,
		      "invalid variable-offset %s stack R%u var_off=(0x%llx; 0x%llx) size=%u\n",
		      type_name(access), access->regno, var.value, var.mask,
		      access->size);
}

/* Part of a stored pointer is neither read nor replaced by an atomic. */
static int check_fill(struct explore *ex, const struct access *access, s64 off)
{
	const struct vreg *reg = &ex->cur->reg[access->regno];
	const struct vslot *slot = vframe_slot(explore_frame(ex, reg), stack_slot(off));

	if (access->type != BPF_READ || access->is_indirect ||
	    access->size == 8 || !reg_is_pointer(&slot->val))
		return 0;
	return reject(ex->env, RULE_SPILL, -EACCES,
		      "invalid size of register fill\n");
}

/* The frame is the function's to which it belongs, whoever accesses it. */
static void note_depth(struct explore *ex, const struct vreg *reg, u32 depth)
{
	struct bpf_prog_func *func = &ex->env->func[explore_frame(ex, reg)->func];

	func->stack_depth = max_t(u32, func->stack_depth, ALIGN(depth, 8));
}

static int check_stack(struct explore *ex, const struct access *access)
{
	const struct vreg *reg = &ex->cur->reg[access->regno];
	s64 lo = (s64)reg->off + access->off, hi = lo;
	int err;

	if (!reg_is_fixed(reg)) {
		s64 min = scalar_smin(&reg->num), max = scalar_smax(&reg->num);

		if (min <= -UNBOUNDED || max >= UNBOUNDED)
			return reject(ex->env, RULE_STACK_BOUNDS, -EACCES,
				      "invalid unbounded variable-offset %s stack R%u\n",
				      type_name(access), access->regno);
		lo += min;
		hi += max;
	}
	err = check_stack_range(ex, access, lo, hi);
	if (!err && reg_is_fixed(reg))
		err = check_fill(ex, access, lo);
	if (err)
		return err;
	note_depth(ex, reg, -lo);
	return 0;
}

/* ---- map values ------------------------------------------------------------------ */

static int check_inside(struct explore *ex, const struct access *access, s64 off,
			const char *which)
{
	u32 room = ex->cur->reg[access->regno].map->value_size;

	if (off >= 0 && off + access->size <= room)
		return 0;
	return reject(ex->env, RULE_VALUE_BOUNDS, -EACCES,
		      "invalid access to map value, value_size=%u off=%lld size=%u\nR%u %s value is outside of the allowed memory range\n",
		      room, off, access->size, access->regno, which);
}

/* A map can be closed to programs in one direction when it is made. */
static int check_direction(struct explore *ex, const struct access *access)
{
	const struct vreg *reg = &ex->cur->reg[access->regno];
	bool is_read = access->type == BPF_READ;
	u32 closed = is_read ? BPF_F_WRONLY_PROG : BPF_F_RDONLY_PROG;

	if (!(reg->map->map_flags & closed))
		return 0;
	return reject(ex->env, RULE_MEM_DIRECTION, -EACCES,
		      "%s map forbidden, value_size=%u off=%lld size=%u\n",
		      is_read ? "read from" : "write into",
		      reg->map->value_size, (s64)reg->off + access->off,
		      access->size);
}

static int check_map_value(struct explore *ex, const struct access *access)
{
	const struct vreg *reg = &ex->cur->reg[access->regno];
	s64 off = (s64)reg->off + access->off;
	s64 min = scalar_smin(&reg->num);
	u64 max = scalar_umax(&reg->num);
	int err = check_direction(ex, access);

	if (err)
		return err;
	if (min < 0 && (min <= -UNBOUNDED || min + off < 0))
		return reject(ex->env, RULE_VALUE_BOUNDS, -EACCES,
			      "R%u min value is negative, either use unsigned index or do a if (index >=0) check.\n",
			      access->regno);
	if (min >= UNBOUNDED)
		min = UNBOUNDED;
	err = check_inside(ex, access, min + off, "min");
	if (err)
		return err;
	if (max >= UNBOUNDED)
		return reject(ex->env, RULE_VALUE_BOUNDS, -EACCES,
			      "R%u unbounded memory access, make sure to bounds check any such access\n",
			      access->regno);
	return check_inside(ex, access, (s64)max + off, "max");
}

/* ---- the context ----------------------------------------------------------------- */

/**
 * check_ctx_whole() - A context pointer is where the program received it
 * @ex: The exploration.
 * @regno: Register that holds it.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -EACCES.
 */
int check_ctx_whole(struct explore *ex, u32 regno)
{
	const struct vreg *reg = &ex->cur->reg[regno];
	struct tnum var = scalar_tnum(&reg->num);

	if (reg->off < 0)
		return reject(ex->env, RULE_CTX_MODIFIED, -EACCES,
			      "negative offset ctx ptr R%u off=%d disallowed\n",
			      regno, reg->off);
	if (reg->off)
		return reject(ex->env, RULE_CTX_MODIFIED, -EACCES,
			      "dereference of modified ctx ptr R%u off=%d disallowed\n",
			      regno, reg->off);
	if (!reg_is_fixed(reg))
		return reject(ex->env, RULE_CTX_MODIFIED, -EACCES,
			      "variable ctx access var_off=(0x%llx; 0x%llx) disallowed\n",
			      var.value, var.mask);
	return 0;
}

static int check_ctx(struct explore *ex, const struct access *access)
{
	struct verifier_env *env = ex->env;
	const struct bpf_insn_access want = {
		.off = access->off,
		.size = access->size,
		.type = access->type,
		.prog = env->prog,
	};
	int err = check_ctx_whole(ex, access->regno);

	if (err)
		return err;
	if (access->off < 0 || !env->ops->is_valid_access(&want))
		return reject(env, RULE_CTX_ACCESS, -EACCES,
			      "invalid bpf_context access off=%d size=%u\n",
			      access->off, access->size);
	env->max_ctx_offset = max(env->max_ctx_offset,
				  (u32)access->off + access->size);
	return 0;
}

/* ---- any memory ------------------------------------------------------------------ */

/**
 * check_access() - An access to memory
 * @ex: The exploration.
 * @access: What is accessed; the register was read.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -errno.
 */
int check_access(struct explore *ex, const struct access *access)
{
	enum reg_kind kind = ex->cur->reg[access->regno].kind;
	int err = check_align(ex, access);

	if (err)
		return err;
	switch (kind) {
	case REG_STACK:
		return check_stack(ex, access);
	case REG_MAP_VALUE:
		return check_map_value(ex, access);
	case REG_CTX:
		return check_ctx(ex, access);
	case REG_PACKET:
	case REG_PACKET_META:
		return packet_check_access(ex, access);
	default:
		return reject(ex->env,
			      kind == REG_MAP_VALUE_OR_NULL ? RULE_NULL_CHECK : RULE_MEM_TYPE,
			      -EACCES, "R%u invalid mem access '%s'\n", access->regno,
			      reg_kind_name(kind));
	}
}

/* ---- instructions ---------------------------------------------------------------- */

static const u8 mem_kinds[__REG_KINDS] = {
	[REG_CTX]	= MEM_CTX,
	[REG_STACK]	= MEM_STACK,
	[REG_MAP_VALUE]	= MEM_MAP_VALUE,
	[REG_PACKET]	= MEM_PACKET,
	[REG_PACKET_META] = MEM_PACKET,
};

/*
 * Context accesses are rewritten, others are not, so all visits of one
 * instruction must agree on that.
 */
static int note_kind(struct explore *ex, enum reg_kind kind)
{
	struct insn_aux *aux = &ex->env->aux[ex->pc];
	u8 mem = mem_kinds[kind];

	if (aux->mem == MEM_UNSEEN || aux->mem == mem) {
		aux->mem = mem;
		return 0;
	}
	if (aux->mem == MEM_CTX || mem == MEM_CTX)
		return reject(ex->env, RULE_MEM_KIND, -EINVAL,
			      "same insn cannot be used with different pointers\n");
	aux->mem = MEM_MIXED;
	return 0;
}

/**
 * check_load() - LDX
 * @ex: The exploration.
 * @insn: The instruction; its operands were checked.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -errno.
 */
int check_load(struct explore *ex, const struct bpf_insn *insn)
{
	const struct access access = {
		.regno = insn->src_reg,
		.off = insn->off,
		.size = bpf_size_to_bytes(BPF_SIZE(insn->code)),
		.type = BPF_READ,
	};

	return check_access(ex, &access) ?:
	       packet_check_field(ex, insn) ?:
	       note_kind(ex, ex->cur->reg[insn->src_reg].kind);
}

/*
 * A pointer is stored to the stack as a whole. One to a stack is stored in the frame
 * that runs only: in a frame that lives longer it could be found when what it points
 * to is gone.
 */
static int check_spill(struct explore *ex, const struct bpf_insn *insn,
		       u32 size)
{
	const struct vreg *base = &ex->cur->reg[insn->dst_reg];
	const struct vreg *val = &ex->cur->reg[insn->src_reg];

	if (BPF_CLASS(insn->code) != BPF_STX || base->kind != REG_STACK ||
	    !reg_is_fixed(base) || !reg_is_pointer(val))
		return 0;
	if (size == 8 && val->kind == REG_STACK && base->frame != ex->st->depth)
		return reject(ex->env, RULE_LEAK, -EINVAL,
			      "cannot spill pointers to stack into stack frame of the caller\n");
	if (size == 8)
		return 0;
	return reject(ex->env, RULE_SPILL, -EACCES,
		      "invalid size of register spill\n");
}

/**
 * check_store() - ST and STX
 * @ex: The exploration.
 * @insn: The instruction; its operands were checked.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -errno.
 */
int check_store(struct explore *ex, const struct bpf_insn *insn)
{
	const struct access access = {
		.regno = insn->dst_reg,
		.off = insn->off,
		.size = bpf_size_to_bytes(BPF_SIZE(insn->code)),
		.type = BPF_WRITE,
	};
	enum reg_kind kind = ex->cur->reg[insn->dst_reg].kind;

	if (BPF_CLASS(insn->code) == BPF_ST && kind == REG_CTX)
		return reject(ex->env, RULE_MEM_WRITE, -EACCES,
			      "BPF_ST stores into R%u ctx is not allowed\n",
			      insn->dst_reg);
	return check_access(ex, &access) ?:
	       check_spill(ex, insn, access.size) ?: note_kind(ex, kind);
}

/**
 * check_atomic() - Atomic operations
 * @ex: The exploration.
 * @insn: The instruction; its operands were checked.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -errno.
 */
int check_atomic(struct explore *ex, const struct bpf_insn *insn)
{
	struct access access = {
		.regno = insn->dst_reg,
		.off = insn->off,
		.size = bpf_size_to_bytes(BPF_SIZE(insn->code)),
		.type = BPF_READ,
		.is_atomic = true,
	};
	enum reg_kind kind = ex->cur->reg[insn->dst_reg].kind;
	int err = 0;

	if (insn->imm == BPF_CMPXCHG)
		err = check_read(ex, BPF_REG_0);
	if (err)
		return err;
	if (kind == REG_CTX || kind == REG_PACKET || kind == REG_PACKET_META)
		return reject(ex->env, RULE_MEM_WRITE, -EACCES,
			      "BPF_ATOMIC stores into R%u %s is not allowed\n",
			      insn->dst_reg, reg_kind_name(kind));
	if (insn->imm != BPF_CMPXCHG && (insn->imm & BPF_FETCH))
		err = check_write(ex, insn->src_reg);
	if (!err)
		err = check_access(ex, &access);
	access.type = BPF_WRITE;
	return err ?: check_access(ex, &access) ?: note_kind(ex, kind);
}

/**
 * check_packet() - LD_ABS and LD_IND
 * @ex: The exploration.
 * @insn: The instruction; its operands were checked.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -errno.
 */
int check_packet(struct explore *ex, const struct bpf_insn *insn)
{
	int err;

	if (!ex->env->ops->has_packet_loads)
		return reject(ex->env, RULE_PKT_LOAD, -EINVAL,
			      "BPF_LD_[ABS|IND] instructions not allowed for this program type\n");
	err = check_read(ex, BPF_REG_6);
	if (err)
		return err;
	if (ex->cur->reg[BPF_REG_6].kind != REG_CTX)
		return reject(ex->env, RULE_PKT_CTX, -EINVAL,
			      "at the time of BPF_LD_ABS|IND R6 != pointer to skb\n");
	return check_ctx_whole(ex, BPF_REG_6);
}
