/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The walk over all paths of a program: what its parts share.
 */
#ifndef _BPF_VERIFIER_EXPLORE_H
#define _BPF_VERIFIER_EXPLORE_H

#include "arena.h"
#include "defs.h"
#include "state.h"
#include "stored.h"
#include "trail.h"
#include "verifier.h"

/* "No instruction": the path ends here. */
#define PC_END	U32_MAX

/**
 * struct waiting - a branch to be taken later
 * @below: waited longer
 * @mark: the arena without it
 * @from: the jump
 * @pc: where it goes
 * @since: instructions on the path since the last stored state
 * @log: the log up to the end of the jump's line
 * @st: state there, packed
 */
struct waiting {
	struct waiting *below;
	struct arena_mark mark;
	u32 from;
	u32 pc;
	u32 since;
	u64 log;
	struct vstate st;
};

/**
 * struct point - a prune point
 * @list: finished states, the last useful one first
 * @spare: states given up, their memory for the next ones
 * @count: states stored here, finished or not, and not given up
 */
struct point {
	struct stored *list;
	struct stored *spare;
	u32 count;
};

/**
 * struct explore - one exploration
 * @env: the load
 * @st: current state
 * @cur: its frame that runs
 * @scratch: room for another state
 * @defs: definitions of the current path
 * @pc: current instruction
 * @next: instruction to go on with, PC_END at the end of a path
 * @last_id: last identity given to a nullable pointer
 * @waiting: branches to be taken later, latest first
 * @nwaiting: how many
 * @waiting_mem: their memory
 * @stored_mem: memory of stored states
 * @points: per instruction
 * @rounds: unfinished stored states by their hash, if the program has a loop
 * @path: unfinished stored states, latest first
 * @nstored: states stored now
 * @since: instructions on this path since the last stored state
 * @written: registers and slots the current instruction wrote, for the log
 * @from: the jump that led to @pc at the start of a path, else PC_END
 * @line: in the log, the end of the current instruction's line
 * @indent: spaces from there to its annotation
 * @match: scratch memory of comparisons
 * @trail: the path so far, if there is a log
 * @bad_arg: register of the argument a call was refused for, or 0
 */
struct explore {
	struct verifier_env *env;
	struct vstate *st;
	struct vframe *cur;
	struct vstate *scratch;
	struct defs defs;
	u32 pc;
	u32 next;
	u32 last_id;
	struct waiting *waiting;
	u32 nwaiting;
	struct arena waiting_mem;
	struct arena stored_mem;
	struct point *points;
	struct stored **rounds;
	struct stored *path;
	u32 nstored;
	u32 since;
	struct live written;
	u32 from;
	u64 line;
	int indent;
	struct match match;
	struct trail trail;
	u32 bad_arg;
};

/* The frame that a pointer to the stack points into. */
static inline struct vframe *explore_frame(struct explore *ex, const struct vreg *reg)
{
	return &ex->st->frame[reg->frame];
}

/* explore.c: take the edge to @pc later, with @st. */
int explore_later(struct explore *ex, u32 pc, const struct vstate *st);

#endif /* _BPF_VERIFIER_EXPLORE_H */
