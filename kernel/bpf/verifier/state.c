// SPDX-License-Identifier: GPL-2.0-only
/*
 * States: making, copying and printing them.
 *
 * Owns the layout of struct vstate and its frames. Comparing states with stored ones is
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

/* ---- one frame ---------------------------------------------------------------- */

/**
 * vframe_grow() - Bring slots into existence, never written
 * @frame: A frame with room for all slots.
 * @nslots: How many it has at least afterwards.
 *
 * Context: Any context.
 */
void vframe_grow(struct vframe *frame, u32 nslots)
{
	if (nslots <= frame->nslots)
		return;
	memset(&frame->slot[frame->nslots], 0,
	       (nslots - frame->nslots) * sizeof(frame->slot[0]));
	frame->nslots = nslots;
}

/**
 * vframe_slot() - Read a slot that may not exist
 * @frame: The frame.
 * @s: Number of the slot.
 *
 * Context: Any context.
 * Return: The slot, or one that was never written.
 */
const struct vslot *vframe_slot(const struct vframe *frame, u32 s)
{
	static const struct vslot never_written;

	return s < frame->nslots ? &frame->slot[s] : &never_written;
}

/**
 * vframe_number() - What the stack holds, if that is one number
 * @frame: The frame.
 * @off: Where, from its frame pointer.
 * @size: Bytes, 1 to 8.
 * @num: Written.
 * @def: Its definition, written.
 *
 * Bytes that were never written are unknown bits.
 *
 * Context: Any context.
 * Return: Is it a number in one slot?
 */
bool vframe_number(const struct vframe *frame, s32 off, u32 size, struct scalar *num, u32 *def)
{
	const struct vslot *slot = vframe_slot(frame, stack_slot(off));
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
 * vframe_keep() - Forget what is not live
 * @frame: The frame.
 * @live: What is.
 *
 * Afterwards no mistake about liveness can make a comparison of states unsound:
 * what was not compared cannot be used either.
 *
 * Context: Any context.
 */
void vframe_keep(struct vframe *frame, const struct live *live)
{
	u32 i;

	for (i = 0; i < MAX_BPF_REG; i++)
		if (!(live->regs & (1U << i)))
			frame->reg[i].kind = REG_NONE;
	for (i = 0; i < frame->nslots; i++) {
		if (live->slots & (1ULL << i))
			continue;
		frame->slot[i].val.kind = REG_NONE;
		frame->slot[i].init = 0;
	}
}

/* ---- all frames --------------------------------------------------------------- */

/**
 * vframe_init() - A function before its first instruction
 * @frame: Its frame; no register has a value but the frame pointer.
 * @number: Of the frame.
 * @func: Number of the function.
 * @call: The instruction that called it.
 *
 * Context: Any context.
 */
void vframe_init(struct vframe *frame, u32 number, u32 func, u32 call)
{
	frame->call = call;
	frame->func = func;
	frame->nslots = 0;
	memset(frame->reg, 0, sizeof(frame->reg));
	reg_pointer(&frame->reg[BPF_REG_10], REG_STACK, NULL);
	frame->reg[BPF_REG_10].frame = number;
}

/**
 * vstate_init() - The state before the first instruction
 * @st: The state, with room for one frame at least.
 *
 * Context: Any context.
 */
void vstate_init(struct vstate *st)
{
	st->depth = 0;
	vframe_init(&st->frame[0], 0, 0, 0);
	reg_pointer(&st->frame[0].reg[BPF_REG_1], REG_CTX, NULL);
}

/**
 * vstate_copy() - Copy a state
 * @dst: Where to; has room for as many frames.
 * @src: Where from.
 *
 * Context: Any context.
 */
void vstate_copy(struct vstate *dst, const struct vstate *src)
{
	u32 f;

	dst->depth = src->depth;
	for (f = 0; f <= src->depth; f++)
		memcpy(&dst->frame[f], &src->frame[f], vframe_size(&src->frame[f]));
}

/**
 * vstate_packed_size() - How much room a state needs that is kept
 * @st: The state.
 *
 * Context: Any context.
 * Return: Bytes.
 */
size_t vstate_packed_size(const struct vstate *st)
{
	size_t size = sizeof(*st);
	u32 f;

	for (f = 0; f <= st->depth; f++)
		size += vframe_size(&st->frame[f]);
	return size;
}

/**
 * vstate_pack() - Keep a state
 * @packed: Where to; has vstate_packed_size() bytes.
 * @st: The state.
 *
 * Context: Any context.
 */
void vstate_pack(struct vstate *packed, const struct vstate *st)
{
	struct vframe *to = packed->frame;
	u32 f;

	packed->depth = st->depth;
	for (f = 0; f <= st->depth; f++) {
		memcpy(to, &st->frame[f], vframe_size(&st->frame[f]));
		to = vframe_packed_next(to);
	}
}

/**
 * vstate_unpack() - Go on with a state that was kept
 * @st: Where to; has room for as many frames.
 * @packed: What vstate_pack() made.
 *
 * Context: Any context.
 */
void vstate_unpack(struct vstate *st, const struct vstate *packed)
{
	const struct vframe *from = packed->frame;
	u32 f;

	st->depth = packed->depth;
	for (f = 0; f <= packed->depth; f++) {
		memcpy(&st->frame[f], from, vframe_size(from));
		from = vframe_packed_next(from);
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
	if (reg->kind != REG_STACK && reg->id)
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
 * vframe_print() - Append part of a frame to the log
 * @log: The log.
 * @frame: The frame.
 * @which: Registers and slots to show; those without a value are left out.
 * @mark: What to put behind each name: "_w" for one that was just written.
 *
 * Context: Process context, may sleep.
 */
void vframe_print(struct vlog *log, const struct vframe *frame,
		  const struct live *which, const char *mark)
{
	u32 number = frame->reg[BPF_REG_10].frame, i;

	if (number)
		vlog(log, " frame%u:", number);
	for (i = 0; i < MAX_BPF_REG; i++) {
		if (!(which->regs & (1U << i)) || !frame->reg[i].kind)
			continue;
		vlog(log, " R%u%s=", i, i == BPF_REG_10 ? "" : mark);
		reg_print(log, &frame->reg[i]);
	}
	for (i = 0; i < frame->nslots; i++) {
		if (!(which->slots & (1ULL << i)) || !frame->slot[i].init)
			continue;
		vlog(log, " fp-%u%s=", 8 * (i + 1), mark);
		print_slot(log, &frame->slot[i]);
	}
}
