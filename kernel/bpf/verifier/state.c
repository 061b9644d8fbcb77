// SPDX-License-Identifier: GPL-2.0-only
/*
 * States: making, copying and printing them.
 *
 * Owns the layout of struct vstate. Comparing states with stored ones is
 * stored.c, changing them by instructions exec_*.c.
 *
 * Invariants: slots at and beyond nslots do not exist and read as never
 * written. A slot holds a pointer only with all its bytes written. A scalar has
 * no map, no offset, no id and no range; a pointer has no definition.
 *
 * Printing is for people and tools that know the look of Linux's own logs. It
 * must never show a kernel address.
 */
#include <linux/filter.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "state.h"

/**
 * reg_scalar() - Make a value a number
 * @reg: The value.
 * @num: What is known of the number.
 * @def: Its definition.
 *
 * Context: Any context.
 */
void reg_scalar(struct vreg *reg, const struct scalar *num, u32 def)
{
	*reg = (struct vreg){
		.kind = REG_SCALAR,
		.def = def,
		.num = *num,
	};
}

/**
 * reg_pointer() - Make a value a pointer to the start of an object
 * @reg: The value.
 * @kind: Kind of object.
 * @map: Map it belongs to, or NULL.
 *
 * Context: Any context.
 */
void reg_pointer(struct vreg *reg, enum reg_kind kind, struct bpf_map *map)
{
	*reg = (struct vreg){
		.kind = kind,
		.map = map,
	};
	scalar_const(&reg->num, 0);
}

/**
 * vstate_init() - The state before the first instruction
 * @st: The state.
 *
 * Context: Any context.
 */
void vstate_init(struct vstate *st)
{
	st->nslots = 0;
	memset(st->reg, 0, sizeof(st->reg));
	reg_pointer(&st->reg[BPF_REG_1], REG_CTX, NULL);
	reg_pointer(&st->reg[BPF_REG_10], REG_STACK, NULL);
}

/**
 * vstate_copy() - Copy a state
 * @dst: Where to; needs room for vstate_size() of @src only.
 * @src: Where from.
 *
 * Context: Any context.
 */
void vstate_copy(struct vstate *dst, const struct vstate *src)
{
	memcpy(dst, src, vstate_size(src));
}

/**
 * vstate_grow() - Bring slots into existence, never written
 * @st: A state with room for all slots.
 * @nslots: How many it has at least afterwards.
 *
 * Context: Any context.
 */
void vstate_grow(struct vstate *st, u32 nslots)
{
	if (nslots <= st->nslots)
		return;
	memset(&st->slot[st->nslots], 0,
	       (nslots - st->nslots) * sizeof(st->slot[0]));
	st->nslots = nslots;
}

/**
 * vstate_slot() - Read a slot that may not exist
 * @st: The state.
 * @s: Number of the slot.
 *
 * Context: Any context.
 * Return: The slot, or one that was never written.
 */
const struct vslot *vstate_slot(const struct vstate *st, u32 s)
{
	static const struct vslot never_written;

	return s < st->nslots ? &st->slot[s] : &never_written;
}

/**
 * vstate_number() - What the stack holds, if that is one number
 * @st: The state.
 * @off: Where, from the frame pointer.
 * @size: Bytes, 1 to 8.
 * @num: Written.
 * @def: Its definition, written.
 *
 * Bytes that were never written are unknown bits.
 *
 * Context: Any context.
 * Return: Is it a number in one slot?
 */
bool vstate_number(const struct vstate *st, s32 off, u32 size, struct scalar *num, u32 *def)
{
	const struct vslot *slot = vstate_slot(st, stack_slot(off));
	struct scalar bits;

	if (stack_byte(off) + size > 8 || slot->val.kind != REG_SCALAR)
		return false;
	scalar_const(&bits, 8 * stack_byte(off));
	scalar_alu(num, BPF_RSH, true, false, &slot->val.num, &bits);
	scalar_zext(num, 8 * size);
	*def = slot->val.def;
	return true;
}

/**
 * vstate_keep() - Forget what is not live
 * @st: The state.
 * @live: What is.
 *
 * Afterwards no mistake about liveness can make a comparison of states unsound:
 * what was not compared cannot be used either.
 *
 * Context: Any context.
 */
void vstate_keep(struct vstate *st, const struct live *live)
{
	u32 i;

	for (i = 0; i < MAX_BPF_REG; i++)
		if (!(live->regs & (1U << i)))
			st->reg[i].kind = REG_NONE;
	for (i = 0; i < st->nslots; i++) {
		if (live->slots & (1ULL << i))
			continue;
		st->slot[i].val.kind = REG_NONE;
		st->slot[i].init = 0;
	}
}

/* ---- printing ---------------------------------------------------------------- */

static const char * const kind_names[__REG_KINDS] = {
	[REG_NONE]		= "?",
	[REG_SCALAR]		= "scalar",
	[REG_CTX]		= "ctx",
	[REG_MAP_PTR]		= "map_ptr",
	[REG_MAP_VALUE]		= "map_value",
	[REG_MAP_VALUE_OR_NULL]	= "map_value_or_null",
	[REG_STACK]		= "fp",
	[REG_PACKET]		= "pkt",
	[REG_PACKET_META]	= "pkt_meta",
	[REG_PACKET_END]	= "pkt_end",
};

/**
 * reg_kind_name() - Name of a kind in messages
 * @kind: The kind.
 *
 * Context: Any context.
 * Return: The name.
 */
const char *reg_kind_name(enum reg_kind kind)
{
	return kind_names[kind];
}

static void print_scalar(struct vlog *log, const struct scalar *num)
{
	char text[320];

	if (scalar_is_const(num)) {
		vlog(log, "%lld", (s64)scalar_const_value(num));
		return;
	}
	scalar_print(text, sizeof(text), num);
	vlog(log, "scalar(%s)", text);
}

static void print_pointer(struct vlog *log, const struct vreg *reg)
{
	bool fixed = reg_is_fixed(reg);
	char text[320];

	vlog(log, "%s", reg_kind_name(reg->kind));
	if (reg->kind == REG_STACK && fixed) {
		vlog(log, "%d", reg->off);
		return;
	}
	vlog(log, "(");
	if (reg->id)
		vlog(log, "id=%u,", reg->id);
	vlog(log, "off=%d", reg->off);
	if (reg_is_packet(reg))
		vlog(log, ",r=%d", reg->range);
	if (reg->map)
		vlog(log, ",ks=%u,vs=%u", reg->map->key_size,
		     reg->map->value_size);
	if (fixed) {
		vlog(log, ",imm=0)");
		return;
	}
	scalar_print(text, sizeof(text), &reg->num);
	vlog(log, ",%s)", text);
}

/**
 * reg_print() - Append a value to the log
 * @log: The log.
 * @reg: The value.
 *
 * Context: Process context, may sleep.
 */
void reg_print(struct vlog *log, const struct vreg *reg)
{
	if (reg->kind == REG_SCALAR)
		print_scalar(log, &reg->num);
	else if (reg_is_pointer(reg))
		print_pointer(log, reg);
	else
		vlog(log, "%s", reg_kind_name(reg->kind));
}

/* One letter a byte, from the highest address as Linux prints them. */
static void print_bytes(struct vlog *log, const struct vslot *slot)
{
	struct tnum bits = scalar_tnum(&slot->val.num);
	char text[9];
	int b;

	for (b = 0; b < 8; b++) {
		bool zero = !((tnum_max(bits) >> (8 * b)) & 0xff);

		text[7 - b] = !(slot->init & (1 << b)) ? '?' : zero ? '0' : 'm';
	}
	text[8] = '\0';
	vlog(log, "%s", text);
}

static void print_slot(struct vlog *log, const struct vslot *slot)
{
	if (slot->val.kind == REG_SCALAR &&
	    (slot->init != ALL_BYTES || scalar_is_unknown(&slot->val.num)))
		print_bytes(log, slot);
	else if (slot->val.kind == REG_SCALAR &&
		 scalar_contains(&slot->val.num, 0) &&
		 scalar_is_const(&slot->val.num))
		vlog(log, "00000000");
	else if (reg_is_pointer(&slot->val))
		vlog(log, "%s", reg_kind_name(slot->val.kind));
	else
		reg_print(log, &slot->val);
}

/**
 * vstate_print() - Append part of a state to the log
 * @log: The log.
 * @st: The state.
 * @which: Registers and slots to show; those without a value are left out.
 * @mark: What to put behind each name: "_w" for one that was just written.
 *
 * Context: Process context, may sleep.
 */
void vstate_print(struct vlog *log, const struct vstate *st,
		  const struct live *which, const char *mark)
{
	u32 i;

	for (i = 0; i < MAX_BPF_REG; i++) {
		if (!(which->regs & (1U << i)) || !st->reg[i].kind)
			continue;
		vlog(log, " R%u%s=", i, i == BPF_REG_10 ? "" : mark);
		reg_print(log, &st->reg[i]);
	}
	for (i = 0; i < st->nslots; i++) {
		if (!(which->slots & (1ULL << i)) || !st->slot[i].init)
			continue;
		vlog(log, " fp-%u%s=", 8 * (i + 1), mark);
		print_slot(log, &st->slot[i]);
	}
}
