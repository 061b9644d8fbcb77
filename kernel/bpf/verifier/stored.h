/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * States kept at prune points, and when one of them covers the current state.
 */
#ifndef _BPF_VERIFIER_STORED_H
#define _BPF_VERIFIER_STORED_H

#include "defs.h"
#include "state.h"

/* A state cannot have more values, nor more classes of equal ones. */
#define STATE_VALUES	(MAX_BPF_REG + FRAME_SLOTS)

/**
 * struct stored - the live part of a state, as it was at a prune point
 * @next: next finished one at the same instruction, or next with a like hash
 * @below: stored before on the same path, while unfinished
 * @hash: of the values and their classes, for unfinished states
 * @needed: bit c: class c was needed; set when the state is finished, for good
 * @insn: where it was stored
 * @first_def: definition of class 0; class c has the c-th after it
 * @waiting: branches that waited when it was stored; at the end of a path with
 *	as many waiting again, all paths from here are finished
 * @nslots: slots that existed
 * @room: values it has memory for
 * @values: values in @value
 * @classes: classes of equal numbers among them
 * @hits: states it covered
 * @misses: states it did not
 * @value: live registers, then live slots below @nslots, in order of number;
 *	numbers have their class as @val.def
 */
struct stored {
	struct stored *next;
	struct stored *below;
	u64 hash;
	u64 needed[BITS_TO_U64(STATE_VALUES)];
	u32 insn;
	u32 first_def;
	u32 waiting;
	u8 nslots;
	u8 room;
	u8 values;
	u8 classes;
	u16 hits;
	u16 misses;
	struct vslot value[];
};

/**
 * struct match - scratch memory of one comparison
 * @seen: bit c: @holder of class c is set
 * @ids: pairs in @id
 * @holder: a current value that stands where class c stood
 * @id: identities that must go together, old and current
 */
struct match {
	u64 seen[BITS_TO_U64(STATE_VALUES)];
	u32 ids;
	const struct vreg *holder[STATE_VALUES];
	struct {
		u32 old;
		u32 cur;
	} id[STATE_VALUES];
};

u32 stored_values(const struct vstate *st, const struct live *live);
void stored_take(struct stored *old, struct vstate *cur,
		 const struct live *live, struct defs *defs, u32 insn);
void stored_finish(struct stored *old, struct defs *defs);
bool stored_covers(const struct stored *old, const struct vstate *cur,
		   const struct live *live, struct match *match);
bool stored_equals(const struct stored *old, const struct vstate *cur,
		   const struct live *live, struct match *match);
void stored_need(const struct stored *old, const struct vstate *cur,
		 const struct live *live, struct defs *defs);
u64 stored_hash(const struct vstate *cur, const struct live *live,
		struct match *match);

#endif /* _BPF_VERIFIER_STORED_H */
