// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transfer functions of conditional jumps.
 *
 * A comparison of numbers narrows both operands on each edge, in all registers
 * and slots that hold the same value. If one edge is impossible, the proof
 * relies on what was known of both operands, so they become needed; the same if
 * neither is possible and the path ends. A comparison of a nullable pointer
 * with 0 decides for all pointers of the same identity. What a comparison of two
 * addresses of the packet tells is in packet.c. Other comparisons with pointers
 * tell nothing, as in Linux 6.1, where even the stack may be null.
 */
#include "exec.h"
#include "packet.h"

/* One side of a comparison of numbers: its value on the two edges. */
struct side {
	struct scalar num[2];
	u32 def;
	u32 regno;		/* MAX_BPF_REG for an immediate */
};

static void side_init(struct side *side, const struct vreg *reg, u32 regno)
{
	side->num[0] = reg->num;
	side->num[1] = reg->num;
	side->def = reg->def;
	side->regno = regno;
}

/* Give all holders of a value its narrower bounds. */
static void narrow(struct vstate *st, u32 regno, u32 old,
		   const struct scalar *num, u32 def)
{
	u32 f, i;

	reg_scalar(&vstate_top(st)->reg[regno], num, def);
	if (old == DEF_NONE)
		return;
	for (f = 0; f <= st->depth; f++) {
		struct vframe *frame = &st->frame[f];

		for (i = 0; i < MAX_BPF_REG; i++)
			if (frame->reg[i].kind == REG_SCALAR && frame->reg[i].def == old)
				reg_scalar(&frame->reg[i], num, def);
		for (i = 0; i < frame->nslots; i++)
			if (frame->slot[i].val.kind == REG_SCALAR &&
			    frame->slot[i].val.def == old)
				reg_scalar(&frame->slot[i].val, num, def);
	}
}

/* Apply what an edge says about one side. */
static void narrow_side(struct explore *ex, struct vstate *st,
			const struct side *side, const struct side *other,
			bool taken)
{
	u32 def;

	if (side->regno == MAX_BPF_REG ||
	    scalar_equal(&side->num[taken], &vstate_top(st)->reg[side->regno].num))
		return;
	def = defs_make(&ex->defs, ex->pc, side->def, other->def);
	ex->written.regs |= 1U << side->regno;
	narrow(st, side->regno, side->def, &side->num[taken], def);
}

/* Bounds of both sides on one edge; false if it is impossible. */
static bool refine_edge(const struct bpf_insn *insn, bool taken,
			struct side *a, struct side *b)
{
	struct scalar *x = &a->num[taken], *y = &b->num[taken];
	bool is32 = BPF_CLASS(insn->code) == BPF_JMP32;

	if (!scalar_refine(BPF_OP(insn->code), is32, taken, x, y))
		return false;
	if (a->def != DEF_NONE && a->def == b->def) {
		if (!scalar_meet(x, x, y))
			return false;
		*y = *x;
	}
	return true;
}

/* What x op x gives whatever x is: 1 or 0, or -1 if it depends. */
static int reflexive(u8 op)
{
	switch (op) {
	case BPF_JEQ:
	case BPF_JGE:
	case BPF_JLE:
	case BPF_JSGE:
	case BPF_JSLE:
		return 1;
	case BPF_JSET:
		return -1;
	default:
		return 0;
	}
}

/* The edge of which @taken tells is possible; do both sides permit it? */
static void possible_edges(const struct bpf_insn *insn, struct side *a,
			   struct side *b, bool possible[2])
{
	bool same = a->def != DEF_NONE && a->def == b->def;
	int always = same ? reflexive(BPF_OP(insn->code)) : -1;
	int taken;

	for (taken = 0; taken < 2; taken++) {
		possible[taken] = always < 0 || always == taken;
		if (possible[taken])
			possible[taken] = refine_edge(insn, taken, a, b);
	}
}

static int go_on(struct explore *ex, u32 target, const bool possible[2])
{
	ex->next = possible[0] ? ex->pc + 1 : possible[1] ? target : PC_END;
	return 0;
}

static int jump_numbers(struct explore *ex, const struct bpf_insn *insn,
			u32 target, const struct vreg *src)
{
	u32 srcno = BPF_SRC(insn->code) == BPF_X ? insn->src_reg : MAX_BPF_REG;
	struct vstate *st = ex->st;
	bool possible[2];
	struct side a, b;
	int err = 0;

	side_init(&a, &ex->cur->reg[insn->dst_reg], insn->dst_reg);
	side_init(&b, src, srcno);
	possible_edges(insn, &a, &b, possible);
	if (!possible[0] || !possible[1]) {
		defs_need(&ex->defs, a.def);
		defs_need(&ex->defs, b.def);
	} else {
		vstate_copy(ex->scratch, st);
		narrow_side(ex, ex->scratch, &a, &b, true);
		narrow_side(ex, ex->scratch, &b, &a, true);
		err = explore_later(ex, target, ex->scratch);
	}
	if (possible[0] || possible[1]) {
		narrow_side(ex, st, &a, &b, !possible[0]);
		narrow_side(ex, st, &b, &a, !possible[0]);
	}
	return err ?: go_on(ex, target, possible);
}

/* All pointers of an identity turn out null, or not. */
static void settle_null(struct vreg *reg, u32 id, bool is_null)
{
	struct scalar zero;

	if (reg->kind != REG_MAP_VALUE_OR_NULL || reg->id != id)
		return;
	if (is_null) {
		scalar_const(&zero, 0);
		reg_scalar(reg, &zero, DEF_NONE);
	} else {
		reg_pointer(reg, REG_MAP_VALUE, reg->map);
	}
}

static void settle_all(struct vstate *st, u32 id, bool is_null)
{
	u32 f, i;

	for (f = 0; f <= st->depth; f++) {
		struct vframe *frame = &st->frame[f];

		for (i = 0; i < MAX_BPF_REG; i++)
			settle_null(&frame->reg[i], id, is_null);
		for (i = 0; i < frame->nslots; i++)
			settle_null(&frame->slot[i].val, id, is_null);
	}
}

static bool is_null_check(const struct bpf_insn *insn)
{
	u8 op = BPF_OP(insn->code);

	return BPF_CLASS(insn->code) == BPF_JMP &&
	       BPF_SRC(insn->code) == BPF_K && !insn->imm &&
	       (op == BPF_JEQ || op == BPF_JNE);
}

/* A pointer that is nearer to its object than this cannot have come to address 0. */
#define NEAR	(1LL << 29)

/*
 * Is it the address of a value, and not 0? Its constant offset is below 2^29, and no
 * value lies within 2^30 of either end of the address space. A number that is added has
 * only a lower bound, unless the program checked it: value + (2^64 - value) is 0.
 */
static bool is_never_null(const struct vreg *reg)
{
	return reg->kind == REG_MAP_VALUE && scalar_smin(&reg->num) > -NEAR &&
	       scalar_smax(&reg->num) < NEAR;
}

/* A pointer to a map value, perhaps null, against 0. */
static int jump_null(struct explore *ex, const struct bpf_insn *insn,
		     u32 target)
{
	const struct vreg *reg = &ex->cur->reg[insn->dst_reg];
	bool taken_is_null = BPF_OP(insn->code) == BPF_JEQ;
	bool possible[2] = { true, true };
	u32 id = reg->id;
	int err;

	if (is_never_null(reg)) {
		possible[taken_is_null] = false;
		return go_on(ex, target, possible);
	}
	if (reg->kind != REG_MAP_VALUE_OR_NULL)
		return explore_later(ex, target, ex->st) ?: go_on(ex, target, possible);
	vstate_copy(ex->scratch, ex->st);
	settle_all(ex->scratch, id, taken_is_null);
	err = explore_later(ex, target, ex->scratch);
	settle_all(ex->st, id, !taken_is_null);
	ex->written.regs |= 1U << insn->dst_reg;
	return err ?: go_on(ex, target, possible);
}

/* Two addresses of the packet. */
static int jump_packet(struct explore *ex, const struct bpf_insn *insn,
		       u32 target)
{
	bool possible[2];
	int err = 0;

	packet_edges(ex->cur, insn, possible);
	if (possible[0] && possible[1]) {
		vstate_copy(ex->scratch, ex->st);
		packet_learn(ex->scratch, insn, true);
		err = explore_later(ex, target, ex->scratch);
		packet_learn(ex->st, insn, false);
	}
	return err ?: go_on(ex, target, possible);
}

/**
 * exec_jump() - Conditional jumps
 * @ex: The exploration. @ex->next becomes where to go on; the other edge, if
 *	both are possible, is left for later.
 * @insn: The instruction; its operands were read.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -errno.
 */
int exec_jump(struct explore *ex, const struct bpf_insn *insn)
{
	bool is_reg = BPF_SRC(insn->code) == BPF_X;
	const struct vreg *dst = &ex->cur->reg[insn->dst_reg];
	const struct vreg *src = &ex->cur->reg[insn->src_reg];
	const bool both[2] = { true, true };
	u32 target = ex->pc + 1 + insn->off;
	struct vreg imm;

	if (!is_reg) {
		struct scalar num;

		scalar_const(&num, (s64)insn->imm);
		reg_scalar(&imm, &num, DEF_NONE);
		src = &imm;
	}
	if (dst->kind == REG_SCALAR && src->kind == REG_SCALAR)
		return jump_numbers(ex, insn, target, src);
	if ((dst->kind == REG_MAP_VALUE ||
	     dst->kind == REG_MAP_VALUE_OR_NULL) && is_null_check(insn))
		return jump_null(ex, insn, target);
	if (packet_is_compared(ex->cur, insn))
		return jump_packet(ex, insn, target);
	return explore_later(ex, target, ex->st) ?: go_on(ex, target, both);
}
