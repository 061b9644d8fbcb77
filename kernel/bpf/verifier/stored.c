// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stored states: what pruning compares with.
 *
 * Owns the order "this finished state covers that current one", which must be
 * a proof: whatever the current state stands for, running on from here can do
 * nothing that was not allowed when the stored one was explored. The rules and
 * why they suffice are in pruning.rst; in short, for every live value:
 *
 *	never written	covers everything in a register, since it was not
 *			read; on the stack everything but a pointer, since
 *			there it may have been read as an unknown number
 *	number		covers numbers only; if it was needed, those within its
 *			bounds; equal needed numbers cover equal numbers only
 *	pointer		covers pointers into the same kind of object at offsets
 *			it allows, of which at least as much is proved; identities
 *			go together one to one
 *
 * What is not live is never looked at, and vstate_keep() sees to it that
 * nobody else does.
 */
#include <linux/bitops.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "stored.h"

static const struct vslot never_written;

/**
 * match_init() - Scratch memory
 * @match: What is made.
 * @env: The load.
 * @frames: Most frames a state of it has.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM; match_free() is due in either case.
 */
int match_init(struct match *match, struct verifier_env *env, u32 frames)
{
	match->class = verifier_alloc(env, frames * FRAME_VALUES, sizeof(*match->class));
	match->id = verifier_alloc(env, frames * FRAME_VALUES, sizeof(*match->id));
	return match->class && match->id ? 0 : -ENOMEM;
}

/**
 * match_free() - Give scratch memory back
 * @match: What match_init() made, or zeroes.
 * @env: The load.
 *
 * Context: Process context, may sleep.
 */
void match_free(struct match *match, struct verifier_env *env)
{
	verifier_free(env, match->class);
	verifier_free(env, match->id);
}

/* Live slots that exist in a frame with @nslots. */
static u64 live_slots(const struct live *live, u32 nslots)
{
	return nslots >= 64 ? live->slots : live->slots & ((1ULL << nslots) - 1);
}

/**
 * stored_values() - How many values of a state are live
 * @st: The state.
 * @live: What is live, per frame.
 *
 * Context: Any context.
 * Return: The number stored_take() needs room for.
 */
u32 stored_values(const struct vstate *st, const struct live *live)
{
	u32 f, n = 0;

	for (f = 0; f <= st->depth; f++)
		n += hweight16(live[f].regs) +
		     hweight64(live_slots(&live[f], st->frame[f].nslots));
	return n;
}

/* ---- storing ------------------------------------------------------------------ */

/* Constants without history are classes of their own. */
static u32 class_of(struct match *match, u16 *classes, u32 def)
{
	u32 c = 0;

	if (def == DEF_NONE)
		c = *classes;
	while (c < *classes && match->class[c].def != def)
		c++;
	if (c == *classes)
		match->class[(*classes)++].def = def;
	return c;
}

static void take_value(struct stored *old, struct match *match, const struct vreg *reg, u8 init)
{
	struct vslot *value = &old->value[old->values++];

	value->val = *reg;
	value->init = init;
	if (reg->kind == REG_SCALAR)
		value->val.def = class_of(match, &old->classes, reg->def);
}

static void take_frame(struct stored *old, struct match *match, const struct vframe *frame,
		       const struct live *live)
{
	u64 slots = live_slots(live, frame->nslots);
	u32 i;

	for (i = 0; i < MAX_BPF_REG; i++)
		if (live->regs & (1U << i))
			take_value(old, match, &frame->reg[i], ALL_BYTES);
	for (; slots; slots &= slots - 1) {
		i = __ffs64(slots);
		take_value(old, match, &frame->slot[i].val, frame->slot[i].init);
	}
}

typedef void (*holder_fn)(struct stored *old, struct vslot *value, struct vreg *cur,
			  struct defs *defs);

/* Call @fn for every value of @old and what stands in its place in @cur. */
static __always_inline void all_holders(struct stored *old, struct vstate *cur,
					const struct live *live, struct defs *defs, holder_fn fn)
{
	struct vslot *value = old->value;
	u32 f, i;

	for (f = 0; f <= old->depth; f++) {
		struct vframe *frame = &cur->frame[f];
		u64 slots = live_slots(&live[f], old->nslots[f]);

		for (i = 0; i < MAX_BPF_REG; i++)
			if (live[f].regs & (1U << i))
				fn(old, value++, &frame->reg[i], defs);
		for (; slots; slots &= slots - 1)
			fn(old, value++, &frame->slot[__ffs64(slots)].val, defs);
	}
}

/* Give the holders of each class its fresh definition. */
static void refresh(struct stored *old, struct vslot *value, struct vreg *cur, struct defs *defs)
{
	if (value->val.kind == REG_SCALAR)
		cur->def = old->first_def + value->val.def;
}

/**
 * stored_take() - Store the live part of a state
 * @old: Where to; has room for stored_values().
 * @cur: The state. Its live numbers get new definitions, one for each class of
 *	equal ones, so that what is needed from here on can be told.
 * @live: What is live, per frame.
 * @match: Scratch memory.
 * @defs: The definitions.
 * @insn: The prune point.
 *
 * Context: Process context, may sleep.
 */
void stored_take(struct stored *old, struct vstate *cur, const struct live *live,
		 struct match *match, struct defs *defs, u32 insn)
{
	u32 f, c;

	old->insn = insn;
	old->depth = cur->depth;
	old->values = 0;
	old->classes = 0;
	for (f = 0; f <= cur->depth; f++) {
		old->nslots[f] = cur->frame[f].nslots;
		old->call[f] = cur->frame[f].call;
		take_frame(old, match, &cur->frame[f], &live[f]);
	}

	old->first_def = defs->top;
	for (c = 0; c < old->classes; c++)
		defs_make(defs, insn, match->class[c].def, DEF_NONE);
	/* Otherwise they do not all exist; the next instruction ends the load. */
	if (!defs->err)
		all_holders(old, cur, live, defs, refresh);
}

/**
 * stored_finish() - All paths from a stored state were explored
 * @old: The state.
 * @defs: The definitions; those made since the state was stored are dropped.
 *
 * Context: Any context.
 */
void stored_finish(struct stored *old, struct defs *defs)
{
	u32 i;

	for (i = 0; i < old->values; i++) {
		struct vslot *value = &old->value[i];

		value->needed = value->val.kind == REG_SCALAR &&
				defs_is_needed(defs, old->first_def + value->val.def);
	}
	defs_reset(defs, old->first_def);
}

/* ---- comparing ---------------------------------------------------------------- */

typedef bool (*value_fn)(const struct stored *old, struct match *match,
			 const struct vslot *value, const struct vreg *cur,
			 u8 init);

static __always_inline bool
frame_values(const struct stored *old, u32 f, const struct vslot **value,
	     const struct vframe *frame, const struct live *live, struct match *match,
	     value_fn fn)
{
	u64 slots = live_slots(live, max_t(u32, old->nslots[f], frame->nslots));
	u32 i;

	for (i = 0; i < MAX_BPF_REG; i++) {
		if (!(live->regs & (1U << i)))
			continue;
		if (!fn(old, match, (*value)++, &frame->reg[i], ALL_BYTES))
			return false;
	}
	for (; slots; slots &= slots - 1) {
		const struct vslot *slot;

		i = __ffs64(slots);
		slot = vframe_slot(frame, i);
		if (!fn(old, match, i < old->nslots[f] ? (*value)++ : &never_written,
			&slot->val, slot->init))
			return false;
	}
	return true;
}

/* Were the same functions called from the same places? */
static bool same_calls(const struct stored *old, const struct vstate *cur)
{
	u32 f;

	if (old->depth != cur->depth)
		return false;
	for (f = 1; f <= cur->depth; f++)
		if (old->call[f] != cur->frame[f].call)
			return false;
	return true;
}

/*
 * Call @fn for every live value of either state until it says no. Inlined, so
 * that @fn is a direct call.
 */
static __always_inline bool
all_values(const struct stored *old, const struct vstate *cur,
	   const struct live *live, struct match *match, value_fn fn)
{
	const struct vslot *value = old->value;
	u32 f, c;

	if (!same_calls(old, cur))
		return false;
	match->ids = 0;
	for (c = 0; c < old->classes; c++)
		match->class[c].holder = NULL;
	for (f = 0; f <= cur->depth; f++)
		if (!frame_values(old, f, &value, &cur->frame[f], &live[f], match, fn))
			return false;
	return true;
}

/* Old and current identities correspond one to one. */
static bool ids_match(struct match *match, u32 old, u32 cur)
{
	u32 i;

	for (i = 0; i < match->ids; i++)
		if (match->id[i].old == old || match->id[i].cur == cur)
			return match->id[i].old == old &&
			       match->id[i].cur == cur;
	match->id[match->ids].old = old;
	match->id[match->ids].cur = cur;
	match->ids++;
	return true;
}

static bool same_value(const struct vreg *a, const struct vreg *b)
{
	if (a->def != DEF_NONE && a->def == b->def)
		return true;
	return scalar_is_const(&a->num) && scalar_is_const(&b->num) &&
	       scalar_const_value(&a->num) == scalar_const_value(&b->num);
}

/* Values that were equal, and on whose being equal something may rely, are. */
static bool class_matches(union match_class *class, const struct vreg *cur)
{
	if (class->holder)
		return same_value(class->holder, cur);
	class->holder = cur;
	return true;
}

static bool number_covers(struct match *match, const struct vslot *value, const struct vreg *cur)
{
	if (!value->needed)
		return true;
	if (!scalar_covers(&value->val.num, &cur->num))
		return false;
	return scalar_is_const(&value->val.num) ||
	       class_matches(&match->class[value->val.def], cur);
}

/*
 * Is at least as much proved of a pointer to the packet? More bytes allow more. That a
 * pointer is behind the end has decided comparisons, and only the same decides them
 * again.
 */
static bool range_covers(const struct vreg *value, const struct vreg *cur)
{
	if (value->range < 0)
		return value->range == cur->range;
	return value->range <= cur->range;
}

static bool pointer_covers(struct match *match, const struct vreg *value,
			   const struct vreg *cur)
{
	if (value->off != cur->off || value->map != cur->map)
		return false;
	if (value->kind == REG_STACK && value->frame != cur->frame)
		return false;
	if (value->kind == REG_MAP_VALUE_OR_NULL &&
	    !ids_match(match, value->id, cur->id))
		return false;
	if (reg_is_packet(value) && (!range_covers(value, cur) ||
				     !ids_match(match, value->id, cur->id)))
		return false;
	return scalar_covers(&value->num, &cur->num);
}

/* A value that was never written counts as all written if it is a register. */
static bool value_covers(const struct stored *old, struct match *match,
			 const struct vslot *value, const struct vreg *cur,
			 u8 init)
{
	if (value->val.kind == REG_NONE)
		return value->init == ALL_BYTES || !reg_is_pointer(cur);
	if (value->val.kind != cur->kind || (value->init & ~init))
		return false;
	if (value->val.kind == REG_SCALAR)
		return number_covers(match, value, cur);
	return pointer_covers(match, &value->val, cur);
}

/**
 * stored_covers() - Is nothing new to be found from the current state
 * @old: A finished state stored at this instruction.
 * @cur: The current state.
 * @live: What is live here, per frame.
 * @match: Scratch memory.
 *
 * Context: Any context.
 * Return: true if exploring on can be left out.
 */
bool stored_covers(const struct stored *old, const struct vstate *cur,
		   const struct live *live, struct match *match)
{
	return all_values(old, cur, live, match, value_covers);
}

/* Equal numbers in equal classes, both ways; constants need no class. */
static bool number_equals(struct match *match, const struct vreg *value,
			  const struct vreg *cur)
{
	if (!scalar_equal(&value->num, &cur->num))
		return false;
	return scalar_is_const(&value->num) ||
	       ids_match(match, value->def | BIT(31), cur->def | BIT(31));
}

static bool value_equals(const struct stored *old, struct match *match,
			 const struct vslot *value, const struct vreg *cur,
			 u8 init)
{
	if (value->val.kind != cur->kind || value->init != init)
		return false;
	if (value->val.kind == REG_SCALAR)
		return number_equals(match, &value->val, cur);
	if (value->val.kind == REG_NONE)
		return true;
	return pointer_covers(match, &value->val, cur) &&
	       value->val.range == cur->range &&
	       scalar_equal(&value->val.num, &cur->num);
}

/**
 * stored_equals() - Did nothing change since an unfinished state
 * @old: A state stored at this instruction on the current path.
 * @cur: The current state.
 * @live: What is live here, per frame.
 * @match: Scratch memory.
 *
 * Context: Any context.
 * Return: true if the program can go round like this for ever.
 */
bool stored_equals(const struct stored *old, const struct vstate *cur,
		   const struct live *live, struct match *match)
{
	return all_values(old, cur, live, match, value_equals);
}

static void need(struct stored *old, struct vslot *value, struct vreg *cur, struct defs *defs)
{
	if (value->val.kind == REG_SCALAR && value->needed)
		defs_need(defs, cur->def);
}

/**
 * stored_need() - Make needed what the proof of a covering state relied on
 * @old: The state that covers @cur.
 * @cur: The current state.
 * @live: What is live here, per frame.
 * @defs: The definitions.
 *
 * Context: Any context.
 */
void stored_need(struct stored *old, struct vstate *cur, const struct live *live,
		 struct defs *defs)
{
	all_holders(old, cur, live, defs, need);
}

/* ---- hashing ------------------------------------------------------------------ */

static u64 mix(u64 hash, u64 v)
{
	return (rol64(hash, 5) ^ v) * GOLDEN_RATIO_64;
}

static u64 hash_value(u64 hash, struct match *match, const struct vreg *reg,
		      u8 init)
{
	struct tnum bits;

	hash = mix(hash, reg->kind | init << 8);
	if (reg->kind == REG_NONE)
		return hash;
	bits = scalar_tnum(&reg->num);
	hash = mix(mix(hash, bits.value), bits.mask);
	hash = mix(mix(hash, scalar_umin(&reg->num)), scalar_umax(&reg->num));
	if (reg->kind != REG_SCALAR)
		return mix(mix(hash, (u32)reg->off), (unsigned long)reg->map);
	if (!scalar_is_const(&reg->num)) {
		u32 i;

		for (i = 0; i < match->ids; i++)
			if (match->id[i].cur == reg->def)
				break;
		if (i == match->ids)
			match->id[match->ids++].cur = reg->def;
		hash = mix(hash, i);
	}
	return hash;
}

static u64 hash_frame(u64 hash, struct match *match, const struct vframe *frame,
		      const struct live *live)
{
	u64 slots = live_slots(live, frame->nslots);
	u32 i;

	hash = mix(hash, frame->call);
	for (i = 0; i < MAX_BPF_REG; i++)
		if (live->regs & (1U << i))
			hash = hash_value(hash, match, &frame->reg[i], ALL_BYTES);
	for (; slots; slots &= slots - 1) {
		const struct vslot *slot = &frame->slot[__ffs64(slots)];

		if (slot->init)
			hash = hash_value(mix(hash, slots), match, &slot->val,
					  slot->init);
	}
	return hash;
}

/**
 * stored_hash() - A number that equal states share
 * @cur: The state.
 * @live: What is live, per frame.
 * @match: Scratch memory.
 *
 * Classes count by their order, not by their number, so that the hash does not
 * change when numbers get fresh definitions.
 *
 * Context: Any context.
 * Return: The hash.
 */
u64 stored_hash(const struct vstate *cur, const struct live *live,
		struct match *match)
{
	u64 hash = 0;
	u32 f;

	match->ids = 0;
	for (f = 0; f <= cur->depth; f++)
		hash = hash_frame(hash, match, &cur->frame[f], &live[f]);
	return hash;
}
