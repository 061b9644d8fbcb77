// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transfer functions of loads, stores and atomics.
 *
 * Only the stack is modelled; what is read from a map value or the context is
 * an unknown number of the access's width, unless the map says that its values
 * never change any more. A slot of the stack is one number of
 * 64 bits, or one pointer. A narrow store replaces some bits of the number, a
 * narrow load takes some out; after a narrow store into a pointer nothing is
 * known of the other bits. So zeroed buffers, spilled words and bytes need no
 * special cases.
 *
 * An access at a variable offset: a load gives an unknown number; a store may
 * or may not hit each slot in its range, so nothing is known of those
 * afterwards, and no byte counts as written because of it.
 */
#include "../map_freeze.h"
#include "exec.h"
#include "packet.h"

static void stack_note(struct explore *ex, const struct vframe *frame, u32 s)
{
	if (frame == ex->cur)
		ex->written.slots |= 1ULL << s;
}

/* Bits @shift .. of a slot that a narrow access covers. */
static u64 byte_mask(u32 size)
{
	return size == 8 ? ~0ULL : (1ULL << (8 * size)) - 1;
}

static void keep_bits(struct scalar *num, u64 mask)
{
	struct scalar m;

	scalar_const(&m, mask);
	scalar_alu(num, BPF_AND, true, false, num, &m);
}

static void shift_bits(struct scalar *num, u8 op, u32 bits)
{
	struct scalar amount;

	if (!bits)
		return;
	scalar_const(&amount, bits);
	scalar_alu(num, op, true, false, num, &amount);
}

/* ---- stack ---------------------------------------------------------------------- */

/* Is nothing known of the number but some of its bits? */
static bool is_bits(const struct scalar *num)
{
	struct scalar bits;

	scalar_bits(&bits, scalar_tnum(num));
	return scalar_equal(&bits, num);
}

/* old with @size bytes from bit @shift replaced by those of new */
static void merge_bits(struct scalar *r, const struct scalar *old,
		       const struct scalar *new, u32 size, u32 shift)
{
	struct tnum known = scalar_tnum(old);
	struct scalar bits = *new;

	/* A constant where little is known is the usual: the key of a lookup. */
	if (scalar_is_const(new) && is_bits(old)) {
		known.value &= ~(byte_mask(size) << shift);
		known.mask &= ~(byte_mask(size) << shift);
		known.value |= (scalar_const_value(new) & byte_mask(size)) << shift;
		scalar_bits(r, known);
		return;
	}
	*r = *old;
	keep_bits(r, ~(byte_mask(size) << shift));
	keep_bits(&bits, byte_mask(size));
	shift_bits(&bits, BPF_LSH, shift);
	scalar_alu(r, BPF_OR, true, false, r, &bits);
}

static void store_narrow(struct explore *ex, struct vslot *slot,
			 const struct vreg *val, u32 size, u32 byte)
{
	struct scalar old, new, any, r, without;
	u32 dold = DEF_NONE, dnew = DEF_NONE;

	scalar_unknown(&any);
	old = any;
	new = any;
	if (slot->val.kind == REG_SCALAR) {
		old = slot->val.num;
		dold = slot->val.def;
	}
	if (val->kind == REG_SCALAR) {
		new = val->num;
		dnew = val->def;
	}
	merge_bits(&r, &old, &new, size, 8 * byte);
	/* What is known of a bit that stays was known of the old number. */
	if (dold != DEF_NONE && !(~scalar_tnum(&r).mask & ~(byte_mask(size) << 8 * byte))) {
		merge_bits(&without, &any, &new, size, 8 * byte);
		if (scalar_covers(&r, &without))
			dold = DEF_NONE;
	}
	exec_set_number(ex, &slot->val, &r, dold, dnew);
	slot->init |= ((1U << size) - 1) << byte;
}

static void store_stack(struct explore *ex, struct vframe *frame, s32 off, u32 size,
			const struct vreg *val)
{
	u32 s = stack_slot(off);
	struct vslot *slot;

	vframe_grow(frame, s + 1);
	slot = &frame->slot[s];
	stack_note(ex, frame, s);
	if (size == 8) {
		slot->val = *val;
		slot->init = ALL_BYTES;
	} else {
		store_narrow(ex, slot, val, size, stack_byte(off));
	}
}

static void load_stack(struct explore *ex, u32 regno, const struct vframe *frame, s32 off,
		       u32 size, bool sx)
{
	const struct vslot *slot = vframe_slot(frame, stack_slot(off));
	struct scalar num, any;
	u32 def;

	if (slot->val.kind == REG_NONE) {
		exec_set_unknown(ex, regno, size, sx);
		return;
	}
	if (size == 8) {
		*exec_dst(ex, regno) = slot->val;
		return;
	}
	num = slot->val.num;
	def = slot->val.def;
	shift_bits(&num, BPF_RSH, 8 * stack_byte(off));
	if (sx) {
		scalar_sext(&num, 8 * size, false);
		scalar_unknown_sx(&any, size);
	} else {
		scalar_zext(&num, 8 * size);
		scalar_unknown_bytes(&any, size);
	}
	if (scalar_covers(&num, &any))
		def = DEF_NONE;
	exec_set_number(ex, exec_dst(ex, regno), &num, def, DEF_NONE);
}

/* A slot of which nothing is known any more; @init: bytes written for sure. */
static void forget_slot(struct explore *ex, struct vframe *frame, u32 s, u8 init)
{
	struct vslot *slot = &frame->slot[s];
	struct scalar num;

	slot->init |= init;
	if (slot->val.kind == REG_NONE && !slot->init)
		return;
	scalar_unknown(&num);
	exec_set_number(ex, &slot->val, &num, DEF_NONE, DEF_NONE);
	stack_note(ex, frame, s);
}

/**
 * exec_fill_stack() - Something unknown is written to a range of the stack
 * @ex: The exploration.
 * @base: Address, perhaps with a variable part.
 * @sure: Bytes that are written for sure.
 * @size: Bytes that may be written.
 *
 * Context: Process context, may sleep.
 */
void exec_fill_stack(struct explore *ex, const struct vreg *base, u32 sure,
		     u32 size)
{
	struct vframe *frame = explore_frame(ex, base);
	bool fixed = reg_is_fixed(base);
	s32 lo = base->off + (s32)scalar_smin(&base->num);
	s32 hi = base->off + (s32)scalar_smax(&base->num) + (s32)size;
	s32 off;

	if (lo >= hi)
		return;
	vframe_grow(frame, stack_slot(lo) + 1);
	for (off = lo; off < hi; off = (off & ~7) + 8) {
		s32 end = min(hi, (off & ~7) + 8);
		s32 sure_end = fixed ? min(end, lo + (s32)sure) : off;
		u8 init = 0;

		if (sure_end > off)
			init = ((1U << (sure_end - off)) - 1) << stack_byte(off);
		forget_slot(ex, frame, stack_slot(off), init);
	}
}

/**
 * exec_show_stack() - A helper is given a range of the stack to read
 * @ex: The exploration.
 * @base: Address, perhaps with a variable part.
 * @size: Bytes that may be read.
 *
 * To the helper all are bytes, and so they are from now on, as in Linux 6.1:
 * pointers among them can no longer be followed, but may be read in parts.
 *
 * Context: Process context, may sleep.
 */
void exec_show_stack(struct explore *ex, const struct vreg *base, u32 size)
{
	s32 lo = base->off + (s32)scalar_smin(&base->num);
	s32 hi = base->off + (s32)scalar_smax(&base->num) + (s32)size;
	struct vframe *frame = explore_frame(ex, base);
	s32 off;

	for (off = lo; off < hi; off = (off & ~7) + 8)
		if (reg_is_pointer(&vframe_slot(frame, stack_slot(off))->val))
			forget_slot(ex, frame, stack_slot(off), 0);
}

/* ---- instructions --------------------------------------------------------------- */

/* What the machine loads there, zero-extended; at any alignment. */
static u64 word_at(const void *at, u32 size)
{
	union {
		u8 bytes1;
		u16 bytes2;
		u32 bytes4;
		u64 bytes8;
	} word;

	memcpy(&word, at, size);
	switch (size) {
	case 1:
		return word.bytes1;
	case 2:
		return word.bytes2;
	case 4:
		return word.bytes4;
	default:
		return word.bytes8;
	}
}

/*
 * What a load finds in a value that never changes (map_is_constant()), at an offset
 * that is known: then it is there now.
 *
 * Why that is sound: there is one element, so a pointer to a value of the map is one
 * to this element, whoever looked it up. check_load() has seen to it that all bytes
 * lie in the value. They are the same at every run of the program, for it keeps the
 * map. The number depends on nothing but the pointer, and a state is only covered by
 * one whose pointer is the same: it needs no history.
 */
static bool constant_load(const struct vreg *base, const struct bpf_insn *insn, u64 *word)
{
	const struct bpf_map *map = base->map;
	const char *value;
	u32 stride;

	if (base->kind != REG_MAP_VALUE || !reg_is_fixed(base) || !map_is_constant(map) ||
	    map->max_entries != 1)
		return false;
	value = map->ops->map_elements(base->map, &stride);
	if (!value)
		return false;
	*word = word_at(value + base->off + insn->off, bpf_size_to_bytes(BPF_SIZE(insn->code)));
	return true;
}

static void load_constant(struct explore *ex, u32 regno, u64 word, u32 size, bool sx)
{
	struct scalar num;

	scalar_const(&num, word);
	if (sx)
		scalar_sext(&num, 8 * size, false);
	exec_set_number(ex, exec_dst(ex, regno), &num, DEF_NONE, DEF_NONE);
}

/**
 * exec_load() - LDX
 * @ex: The exploration.
 * @insn: The instruction; check_load() has allowed it.
 *
 * Context: Process context, may sleep.
 */
void exec_load(struct explore *ex, const struct bpf_insn *insn)
{
	const struct vreg *base = &ex->cur->reg[insn->src_reg];
	u32 size = bpf_size_to_bytes(BPF_SIZE(insn->code));
	bool sx = BPF_MODE(insn->code) == BPF_MEMSX;
	u64 word;

	if (base->kind == REG_STACK && reg_is_fixed(base))
		load_stack(ex, insn->dst_reg, explore_frame(ex, base), base->off + insn->off, size,
			   sx);
	else if (constant_load(base, insn, &word))
		load_constant(ex, insn->dst_reg, word, size, sx);
	else if (!packet_load_field(ex, insn))
		exec_set_unknown(ex, insn->dst_reg, size, sx);
}

/**
 * exec_store() - ST and STX
 * @ex: The exploration.
 * @insn: The instruction; check_store() has allowed it.
 *
 * Context: Process context, may sleep.
 */
void exec_store(struct explore *ex, const struct bpf_insn *insn)
{
	const struct vreg *base = &ex->cur->reg[insn->dst_reg];
	u32 size = bpf_size_to_bytes(BPF_SIZE(insn->code));
	struct vreg val;

	if (base->kind != REG_STACK)
		return;
	if (!reg_is_fixed(base)) {
		struct vreg at = *base;

		at.off += insn->off;
		exec_fill_stack(ex, &at, 0, size);
		return;
	}
	if (BPF_CLASS(insn->code) == BPF_STX) {
		val = ex->cur->reg[insn->src_reg];
	} else {
		struct scalar num;

		scalar_const(&num, (s64)insn->imm);
		reg_scalar(&val, &num, DEF_NONE);
	}
	store_stack(ex, explore_frame(ex, base), base->off + insn->off, size, &val);
}

/* Which register receives the old value, or -1. */
static int atomic_result(const struct bpf_insn *insn)
{
	if (insn->imm == BPF_CMPXCHG)
		return BPF_REG_0;
	return insn->imm & BPF_FETCH ? insn->src_reg : -1;
}

/**
 * exec_atomic() - Atomic operations, fetching or not
 * @ex: The exploration.
 * @insn: The instruction; check_atomic() has allowed it.
 *
 * What is fetched is what a load would have given, so an exchange takes even a
 * pointer out of the stack.
 *
 * Context: Process context, may sleep.
 */
void exec_atomic(struct explore *ex, const struct bpf_insn *insn)
{
	struct vreg at = ex->cur->reg[insn->dst_reg];
	u32 size = bpf_size_to_bytes(BPF_SIZE(insn->code));
	int result = atomic_result(insn);

	at.off += insn->off;
	if (result >= 0 && at.kind == REG_STACK && reg_is_fixed(&at))
		load_stack(ex, result, explore_frame(ex, &at), at.off, size, false);
	else if (result >= 0)
		exec_set_unknown(ex, result, size, false);
	if (at.kind == REG_STACK)
		exec_fill_stack(ex, &at, size, size);
}

/**
 * exec_packet() - LD_ABS and LD_IND
 * @ex: The exploration.
 * @insn: The instruction; check_packet() has allowed it.
 *
 * A load outside of the packet ends the program, so going on means R0 holds
 * what was read.
 *
 * Context: Process context, may sleep.
 */
void exec_packet(struct explore *ex, const struct bpf_insn *insn)
{
	u32 r;

	for (r = BPF_REG_1; r <= BPF_REG_5; r++)
		exec_dst(ex, r)->kind = REG_NONE;
	exec_set_unknown(ex, BPF_REG_0,
			 bpf_size_to_bytes(BPF_SIZE(insn->code)), false);
}
