/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The path that exploration is on, step by step, kept for the report of a refusal.
 */
#ifndef _BPF_VERIFIER_TRAIL_H
#define _BPF_VERIFIER_TRAIL_H

#include <linux/types.h>

struct live;
struct verifier_env;

/**
 * struct trail_step - an instruction of the path
 * @insn: its index
 * @depth: number of the frame it ran in
 * @regs: registers it wrote, as bits
 * @has_slots: it wrote stack slots of its own frame
 * @first: the first of these, by number
 * @last: the last
 * @forks: its other edge waits
 */
struct trail_step {
	u64 insn : 20;
	u64 depth : 3;
	u64 regs : 11;
	u64 has_slots : 1;
	u64 first : 6;
	u64 last : 6;
	u64 forks : 1;
};

/**
 * struct trail - the path from the first instruction
 * @env: the load; NULL if nothing is kept
 * @steps: oldest first
 * @count: how many
 * @room: how many there is memory for
 * @waiting: branches that waited before the last step
 * @visits: per instruction, how often it was walked on all paths; or NULL
 */
struct trail {
	struct verifier_env *env;
	struct trail_step *steps;
	u32 count;
	u32 room;
	u32 waiting;
	u32 *visits;
};

/* Where a value came from. */
enum origin {
	ORIGIN_UNKNOWN = 0,	/* not kept, or not to be told */
	ORIGIN_STEP,		/* a step wrote it */
	ORIGIN_LOST,		/* a call took it */
	ORIGIN_ENTRY,		/* there at the beginning */
	ORIGIN_NOWHERE,		/* nothing on this path wrote it */
};

/**
 * struct trail_place - a register or stack slot at one point of the path
 * @pos: before the step with this number
 * @depth: number of the frame
 * @is_slot: a slot, else a register
 * @number: which
 */
struct trail_place {
	u32 pos;
	u32 depth;
	bool is_slot;
	u32 number;
};

void trail_init(struct trail *trail, struct verifier_env *env);
void trail_free(struct trail *trail);
void trail_step(struct trail *trail, u32 insn, u32 depth, u32 waiting);
void trail_wrote(struct trail *trail, const struct live *written, u32 waiting);
void trail_back(struct trail *trail);

enum origin trail_origin(const struct trail *trail, struct trail_place *place);
bool trail_source(const struct trail *trail, struct trail_place *place);

#endif /* _BPF_VERIFIER_TRAIL_H */
