/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * States kept at prune points, and when one of them covers the current state.
 */
#ifndef _BPF_VERIFIER_STORED_H
#define _BPF_VERIFIER_STORED_H

#include "defs.h"
#include "state.h"

/* A frame cannot have more values, nor more classes of equal ones. */
#define FRAME_VALUES	(MAX_BPF_REG + FRAME_SLOTS)

/**
 * struct stored - the live part of a state, as it was at a prune point
 * @next: next finished one at the same instruction, or next with a like hash
 * @below: stored before on the same path, while unfinished
 * @hash: of the values and their classes, for unfinished states
 * @insn: where it was stored
 * @first_def: definition of class 0; class c has the c-th after it
 * @waiting: branches that waited when it was stored; at the end of a path with
 *	as many waiting again, all paths from here are finished
 * @room: values it has memory for
 * @values: values in @value
 * @classes: classes of equal numbers among them
 * @hits: states it covered
 * @misses: states it did not
 * @depth: number of the frame that ran
 * @nslots: per frame, slots that existed
 * @call: per frame, the instruction that called it
 * @value: per frame, from the first: live registers, then live slots below
 *	@nslots, in order of number; numbers have their class as @val.def, and
 *	whether they were needed, set when the state is finished, for good
 */
struct stored {
	struct stored *next;
	struct stored *below;
	u64 hash;
	u32 insn;
	u32 first_def;
	u32 waiting;
	u16 room;
	u16 values;
	u16 classes;
	u16 hits;
	u16 misses;
	u8 depth;
	u8 nslots[BPF_MAX_FRAMES];
	u32 call[BPF_MAX_FRAMES];
	struct vslot value[];
};

/**
 * struct match - scratch memory of storing or comparing one state
 * @ids: pairs in @id
 * @class: what is found out of each class, room for all values of a state
 * @id: identities that must go together, old and current; as much room
 */
struct match {
	u32 ids;
	union match_class {
		u32 def;			/* storing: which it was */
		const struct vreg *holder;	/* comparing: a value in its place */
	} *class;
	struct match_id {
		u32 old;
		u32 cur;
	} *id;
};

int match_init(struct match *match, struct verifier_env *env, u32 frames);
void match_free(struct match *match, struct verifier_env *env);

u32 stored_values(const struct vstate *st, const struct live *live);
void stored_take(struct stored *old, struct vstate *cur, const struct live *live,
		 struct match *match, struct defs *defs, u32 insn);
void stored_finish(struct stored *old, struct defs *defs);
bool stored_covers(const struct stored *old, const struct vstate *cur,
		   const struct live *live, struct match *match);
bool stored_equals(const struct stored *old, const struct vstate *cur,
		   const struct live *live, struct match *match);
void stored_need(struct stored *old, struct vstate *cur, const struct live *live,
		 struct defs *defs);
u64 stored_hash(const struct vstate *cur, const struct live *live,
		struct match *match);

#endif /* _BPF_VERIFIER_STORED_H */
