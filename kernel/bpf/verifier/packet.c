// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses of packet bytes: where they come from, what is proved of them, what
 * they may be used for.
 *
 * A packet has linear bytes from data up to data_end, and in front of them, from
 * data_meta up to data, bytes that travel with it. Programs load the three addresses
 * from their context. How far apart they are is not known before a program runs, so
 * the program has to compare, and here is kept what it found out:
 *
 *	r2 = data, r3 = data_end	r2=pkt(off=0,r=0)	r3=pkt_end
 *	r4 = r2, r4 += 14		r4=pkt(off=14,r=0)
 *	if r4 > r3 goto out		r2=pkt(off=0,r=14)	r4=pkt(off=14,r=14)
 *	r0 = *(u8 *)(r2 + 13)		allowed
 *
 * A pointer is base + @num + @off. The base is data, or data_meta for
 * REG_PACKET_META; @num is a number of which the set is known; pointers of one kind
 * and one @id have the same @num, not only the same set. The claims, in @range:
 *
 *	n >= 0			if @num is not negative, the bytes from base + @num
 *				up to base + @num + n are all there
 *	PACKET_AT_END		base + @num + @off >= data_end
 *	PACKET_BEYOND_END	base + @num + @off > data_end
 *
 * Why each rule keeps them true:
 *
 *   load	Nothing is claimed. All data pointers that live at one time hold one
 *		address, since what moves the packet ends all of them, so they share
 *		identity 0, with @num 0.
 *   comparison	From p <= data_end, p being base + @num + @off, follows that all bytes
 *		from base + @num up to p are below data_end, if the sum did not wrap;
 *		and with p < data_end the byte at p is, too. The sum is at most
 *		COMPARED_MAX, which no packet reaches the end of the address space with.
 *		The bytes are said of base + @num, so all pointers of the identity
 *		learn of them. In front of data the end is data itself: a pointer of
 *		identity 0 at offset 0. From p > data_end nothing follows for bytes; that
 *		is kept of p alone, for when it is compared again.
 *   constant	base + @num stays, so n does. Where p itself is changes, but upwards
 *		it stays behind the end, if @num is at most COMPARED_MAX: offsets are
 *		below 2^30, and no memory of packets lies that near to the end of the
 *		address space. A larger @num can take p there itself: with r5 = -1 -
 *		data, data + r5 is behind all packets, and 8 bytes further is 7.
 *   variable	base + @num changes, so the sum has an identity of its own, without
 *		claims. Only if what was subtracted is not negative n stays: all is
 *		further down, so below the end, and that it is not below the base is
 *		asked for with each access.
 *   access	@num is not negative, 0 <= @off + offset and @off + offset + size <= n:
 *		the claim itself.
 *   helpers	that may move the packet, change its length, or let others have its
 *		bytes, make numbers of all pointers, as of data_end.
 *   writes	go to bytes that may be shared with clones of the packet, unless the
 *		prologue of the program type ran first; lowering puts it in front. A
 *		helper that makes a clone must see to it that the packet's bytes are its
 *		own again. Atomics are for memory that others look at: none here.
 *
 * States: a stored pointer covers one of which at least as much is claimed, and
 * identities go together one to one, so what is found out about one is known of the
 * same others (stored.c).
 */
#include "exec.h"
#include "packet.h"

/* The furthest a pointer of which something is claimed may be from its base. */
#define COMPARED_MAX	0xffff

/* In front of the packet as Linux lays it out, so that the IP header is aligned. */
#define LINK_PAD	2

/* ---- loads from the context -------------------------------------------------------- */

static const u8 field_kinds[] = {
	[BPF_CTX_NUMBER]	= REG_SCALAR,
	[BPF_CTX_PACKET]	= REG_PACKET,
	[BPF_CTX_PACKET_END]	= REG_PACKET_END,
	[BPF_CTX_PACKET_META]	= REG_PACKET_META,
};

/* What a load gives that was found valid. */
static enum reg_kind field_kind(struct explore *ex, const struct bpf_insn *insn)
{
	const struct bpf_verifier_ops *ops = ex->env->ops;
	struct bpf_insn_access access;

	if (ex->cur->reg[insn->src_reg].kind != REG_CTX || !ops->ctx_value)
		return REG_SCALAR;
	access = (struct bpf_insn_access){
		.off = insn->off,
		.size = bpf_size_to_bytes(BPF_SIZE(insn->code)),
		.type = BPF_READ,
		.prog = ex->env->prog,
	};
	return field_kinds[ops->ctx_value(&access)];
}

/**
 * packet_check_field() - A load from the context, that may give an address
 * @ex: The exploration.
 * @insn: The load; what it accesses was found valid.
 *
 * The context shows 32 bits of an address, and a load gives all of it. There are no
 * 32 bits of which the sign could be extended.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -EACCES for such a load.
 */
int packet_check_field(struct explore *ex, const struct bpf_insn *insn)
{
	if (BPF_MODE(insn->code) != BPF_MEMSX || field_kind(ex, insn) == REG_SCALAR)
		return 0;
	return reject(ex->env, RULE_CTX_ACCESS, -EACCES,
		      "invalid bpf_context access off=%d size=%u\n", insn->off,
		      bpf_size_to_bytes(BPF_SIZE(insn->code)));
}

/**
 * packet_load_field() - A load from the context gives an address
 * @ex: The exploration.
 * @insn: The load, which was allowed.
 *
 * Context: Process context, may sleep.
 * Return: false, with nothing done, if it gives a number.
 */
bool packet_load_field(struct explore *ex, const struct bpf_insn *insn)
{
	enum reg_kind kind = field_kind(ex, insn);

	if (kind == REG_SCALAR)
		return false;
	reg_pointer(exec_dst(ex, insn->dst_reg), kind, NULL);
	return true;
}

/* ---- accesses ---------------------------------------------------------------------- */

static int check_direction(struct explore *ex, const struct access *access)
{
	if (access->type == BPF_READ)
		return 0;
	if (!ex->env->ops->packet_prologue)
		return reject(ex->env, RULE_MEM_WRITE, -EACCES, "cannot write into packet\n");
	ex->env->writes_packet = true;
	return 0;
}

/**
 * packet_check_access() - Bytes of the packet are read or written
 * @ex: The exploration.
 * @access: What is accessed, through a pointer of which reg_is_packet() is true.
 *
 * Context: Process context, may sleep.
 * Return: 0, -EACCES, or -EINVAL if the pointer is behind the end of the packet.
 */
int packet_check_access(struct explore *ex, const struct access *access)
{
	const struct vreg *reg = &ex->cur->reg[access->regno];
	s64 off = (s64)reg->off + access->off;
	int err = check_direction(ex, access);

	if (err)
		return err;
	if (scalar_smin(&reg->num) < 0)
		return reject(ex->env, RULE_PACKET_BOUNDS, -EACCES,
			      "R%u min value is negative, either use unsigned index or do a if (index >=0) check.\n",
			      access->regno);
	if (reg->range < 0)
		return reject(ex->env, RULE_PACKET_BOUNDS, -EINVAL,
			      "R%u offset is outside of the packet\n", access->regno);
	if (off >= 0 && access->size && off + access->size <= reg->range)
		return 0;
	return reject(ex->env, RULE_PACKET_BOUNDS, -EACCES,
		      "invalid access to packet, off=%lld size=%u, R%u(id=%u,off=%lld,r=%d)\nR%u offset is outside of the packet\n",
		      off, access->size, access->regno, reg->id, off, reg->range,
		      access->regno);
}

/**
 * packet_check_align() - Packet bytes are accessed at an aligned address
 * @ex: The exploration.
 * @access: As for packet_check_access().
 *
 * Context: Process context, may sleep.
 * Return: 0 or -EACCES.
 */
int packet_check_align(struct explore *ex, const struct access *access)
{
	const struct vreg *reg = &ex->cur->reg[access->regno];
	struct tnum var = scalar_tnum(&reg->num);
	struct tnum sum;

	if (!ex->env->strict_align || access->is_indirect)
		return 0;
	sum = tnum_add(var, tnum_const((s64)LINK_PAD + reg->off + access->off));
	if (tnum_is_aligned(sum, access->size))
		return 0;
	return reject(ex->env, RULE_MEM_ALIGN, -EACCES,
		      "misaligned packet access off %d+(0x%llx; 0x%llx)+%d+%d size %u\n",
		      LINK_PAD, var.value, var.mask, reg->off, access->off, access->size);
}

/**
 * packet_check_arg() - A helper is given an address of packet bytes
 * @ex: The exploration.
 * @regno: The argument, of which reg_is_packet() is true.
 * @proto: Contract of the helper.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -EACCES if the helper is not made for it.
 */
int packet_check_arg(struct explore *ex, u32 regno, const struct bpf_func_proto *proto)
{
	if (proto->packet_access)
		return 0;
	return reject(ex->env, RULE_CALL_ARG, -EACCES,
		      "helper access to the packet is not allowed\n");
}

/* ---- arithmetic, and the end of all pointers --------------------------------------- */

/**
 * packet_moved() - A number was added to a pointer, or subtracted from it
 * @ex: The exploration.
 * @moved: The result, but with the identity and the claims of the pointer.
 * @num: The number.
 * @subtract: It was subtracted.
 *
 * Context: Any context.
 */
void packet_moved(struct explore *ex, struct vreg *moved, const struct scalar *num,
		  bool subtract)
{
	bool is_const = scalar_is_const(num);
	bool may_wrap = scalar_umax(&moved->num) > COMPARED_MAX;
	bool down = subtract ? scalar_smax(num) > 0 : scalar_smin(num) < 0;

	if (!is_const)
		moved->id = ++ex->last_id;
	if (moved->range < 0 ? down || !is_const || may_wrap :
	    !is_const && (!subtract || scalar_smin(num) < 0))
		moved->range = 0;
}

static void forget_value(struct explore *ex, struct vreg *reg)
{
	struct scalar num;

	if (!reg_is_packet(reg) && reg->kind != REG_PACKET_END)
		return;
	scalar_unknown(&num);
	exec_set_number(ex, reg, &num, DEF_NONE, DEF_NONE);
}

/**
 * packet_forget() - The packet may be somewhere else now
 * @ex: The exploration.
 *
 * Context: Process context, may sleep.
 */
void packet_forget(struct explore *ex)
{
	u32 f, i;

	for (f = 0; f <= ex->st->depth; f++) {
		struct vframe *frame = &ex->st->frame[f];

		for (i = 0; i < MAX_BPF_REG; i++)
			forget_value(ex, &frame->reg[i]);
		for (i = 0; i < frame->nslots; i++)
			forget_value(ex, &frame->slot[i].val);
	}
}

/* ---- comparisons -------------------------------------------------------------------- */

/* How a pointer may lie to the end, as a set. */
enum {
	BELOW = 1,
	EQUAL = 2,
	ABOVE = 4,
	ANY_ORDER = BELOW | EQUAL | ABOVE,
};

/**
 * struct comparison - a pointer against the end of its bytes
 * @regno: register with the pointer
 * @order: how it lies to the end if the jump is taken
 */
struct comparison {
	u32 regno;
	u8 order;
};

static u8 order_of(u8 op)
{
	switch (op) {
	case BPF_JLT:
		return BELOW;
	case BPF_JLE:
		return BELOW | EQUAL;
	case BPF_JGT:
		return ABOVE;
	case BPF_JGE:
		return ABOVE | EQUAL;
	default:
		return 0;
	}
}

/* The same said of the other operand. */
static u8 order_turned(u8 order)
{
	return (order & EQUAL) | (order & BELOW ? ABOVE : 0) | (order & ABOVE ? BELOW : 0);
}

static bool is_first_byte(const struct vreg *reg)
{
	return reg->kind == REG_PACKET && !reg->id && !reg->off && reg_is_fixed(reg);
}

static bool is_end_of(const struct vreg *end, const struct vreg *ptr)
{
	if (ptr->kind == REG_PACKET)
		return end->kind == REG_PACKET_END;
	return ptr->kind == REG_PACKET_META && is_first_byte(end);
}

static bool get_comparison(const struct vframe *frame, const struct bpf_insn *insn,
			   struct comparison *cmp)
{
	const struct vreg *dst = &frame->reg[insn->dst_reg];
	const struct vreg *src = &frame->reg[insn->src_reg];

	/* Half of an address tells nothing. */
	if (BPF_CLASS(insn->code) != BPF_JMP || BPF_SRC(insn->code) != BPF_X)
		return false;
	cmp->order = order_of(BPF_OP(insn->code));
	cmp->regno = insn->dst_reg;
	if (is_end_of(src, dst))
		return cmp->order;
	cmp->order = order_turned(cmp->order);
	cmp->regno = insn->src_reg;
	return cmp->order && is_end_of(dst, src);
}

/**
 * packet_is_compared() - Does a jump tell where the packet ends?
 * @frame: The frame that runs.
 * @insn: The conditional jump.
 *
 * Context: Any context.
 * Return: Whether packet_edges() and packet_learn() are for it.
 */
bool packet_is_compared(const struct vframe *frame, const struct bpf_insn *insn)
{
	struct comparison cmp;

	return get_comparison(frame, insn, &cmp);
}

static u8 order_on_edge(const struct comparison *cmp, bool taken)
{
	return taken ? cmp->order : ANY_ORDER & ~cmp->order;
}

static u8 order_known(const struct vreg *reg)
{
	switch (reg->range) {
	case PACKET_BEYOND_END:
		return ABOVE;
	case PACKET_AT_END:
		return ABOVE | EQUAL;
	default:
		return ANY_ORDER;
	}
}

/**
 * packet_edges() - Which ways can a comparison go?
 * @frame: The frame that runs.
 * @insn: The jump; packet_is_compared() is true of it.
 * @possible: Written: without the jump, and with it. One of them is.
 *
 * Context: Any context.
 */
void packet_edges(const struct vframe *frame, const struct bpf_insn *insn, bool possible[2])
{
	struct comparison cmp;
	int taken;

	get_comparison(frame, insn, &cmp);
	for (taken = 0; taken < 2; taken++)
		possible[taken] = order_known(&frame->reg[cmp.regno]) &
				  order_on_edge(&cmp, taken);
}

static void raise_range(struct vreg *reg, const struct vreg *ptr, s32 range)
{
	if (reg->kind == ptr->kind && reg->id == ptr->id && reg->range < range)
		reg->range = range;
}

/* All bytes up to @ptr are there, and with @open the one it points to. */
static void learn_bytes(struct vstate *st, const struct vreg *ptr, bool open)
{
	const struct vreg of = *ptr;
	u64 most = scalar_umax(&of.num);
	u32 f, i;

	/* That the first byte of all is there is not used, as in Linux 6.1. */
	if (of.off < 0 || (!of.off && open))
		return;
	if (most > COMPARED_MAX || most + of.off > COMPARED_MAX)
		return;
	for (f = 0; f <= st->depth; f++) {
		struct vframe *frame = &st->frame[f];

		for (i = 0; i < MAX_BPF_REG; i++)
			raise_range(&frame->reg[i], &of, of.off + open);
		for (i = 0; i < frame->nslots; i++)
			raise_range(&frame->slot[i].val, &of, of.off + open);
	}
}

/**
 * packet_learn() - What holds on one edge of a comparison
 * @st: The state there.
 * @insn: The jump; packet_is_compared() is true of it.
 * @taken: Which edge.
 *
 * Context: Any context.
 */
void packet_learn(struct vstate *st, const struct bpf_insn *insn, bool taken)
{
	struct comparison cmp;
	struct vreg *ptr;
	u8 order;

	get_comparison(vstate_top(st), insn, &cmp);
	order = order_on_edge(&cmp, taken);
	ptr = &vstate_top(st)->reg[cmp.regno];
	if (!(order & ABOVE))
		learn_bytes(st, ptr, !(order & EQUAL));
	else if (ptr->kind == REG_PACKET)
		ptr->range = order & EQUAL ? PACKET_AT_END : PACKET_BEYOND_END;
}
