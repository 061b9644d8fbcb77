// SPDX-License-Identifier: GPL-2.0-only
/*
 * The trail: which instructions led here, and which of them wrote what.
 *
 * Owns the list of steps of the current path, and how often each instruction was
 * walked. It is kept when the load has a log, for one reader: the report of a
 * refusal, which looks backwards for where a value came from. Nothing else may depend
 * on it. Without memory for it the list is empty from then on, and reports say less.
 *
 * A path that ended is taken back to the last fork, as exploration goes on there with
 * the branch that waits: the walk is depth first, so that is always the one.
 *
 * Answers are true or ORIGIN_UNKNOWN. What is not seen here, writes to a frame from a
 * function called with its address, ends the search. One task owns a load: no locks.
 */
#include <linux/bits.h>
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "insn_valid.h"
#include "state.h"
#include "trail.h"
#include "verifier.h"

#define ROOM_FIRST	1024

/* Nobody waits for a search through a path that is longer. */
#define SEARCH_MAX	BIT(20)

/* ---- keeping it ------------------------------------------------------------------- */

/**
 * trail_init() - Begin to keep the path
 * @trail: A trail, zeroed.
 * @env: The load.
 *
 * Context: Process context, may sleep.
 */
void trail_init(struct trail *trail, struct verifier_env *env)
{
	trail->env = env;
	trail->visits = verifier_zalloc(env, env->len, sizeof(*trail->visits));
}

/**
 * trail_free() - Give all memory back
 * @trail: A trail, perhaps never begun.
 *
 * Context: Process context, may sleep.
 */
void trail_free(struct trail *trail)
{
	if (!trail->env)
		return;
	verifier_free(trail->env, trail->visits);
	verifier_free(trail->env, trail->steps);
	*trail = (struct trail){};
}

/* Part of a path would be worse than none. */
static void give_up(struct trail *trail)
{
	verifier_free(trail->env, trail->steps);
	trail->steps = NULL;
	trail->count = 0;
	trail->room = U32_MAX;
}

static bool grow(struct trail *trail)
{
	u32 room = trail->room ? 2 * trail->room : ROOM_FIRST;
	struct trail_step *steps;

	if (trail->room == U32_MAX)
		return false;
	steps = verifier_alloc(trail->env, room, sizeof(*steps));
	if (!steps) {
		give_up(trail);
		return false;
	}
	if (trail->count)
		memcpy(steps, trail->steps, trail->count * sizeof(*steps));
	verifier_free(trail->env, trail->steps);
	trail->steps = steps;
	trail->room = room;
	return true;
}

/**
 * trail_step() - An instruction is about to be executed
 * @trail: The trail.
 * @insn: Its index.
 * @depth: Number of the frame that runs.
 * @waiting: How many branches wait.
 *
 * Context: Process context, may sleep.
 */
void trail_step(struct trail *trail, u32 insn, u32 depth, u32 waiting)
{
	if (trail->visits)
		trail->visits[insn]++;
	if ((!trail->steps || trail->count == trail->room) && !grow(trail))
		return;
	trail->steps[trail->count++] = (struct trail_step){ .insn = insn, .depth = depth };
	trail->waiting = waiting;
}

/**
 * trail_wrote() - The last step was executed
 * @trail: The trail.
 * @written: What it wrote.
 * @waiting: How many branches wait now.
 *
 * Context: Any context.
 */
void trail_wrote(struct trail *trail, const struct live *written, u32 waiting)
{
	struct trail_step *step;

	if (!trail->count)
		return;
	step = &trail->steps[trail->count - 1];
	step->regs = written->regs;
	step->forks = waiting > trail->waiting;
	step->has_slots = written->slots != 0;
	if (step->has_slots) {
		step->first = __ffs64(written->slots);
		step->last = fls64(written->slots) - 1;
	}
}

/**
 * trail_back() - The path has ended
 * @trail: The trail; goes back to the last step with an edge that waits.
 *
 * Context: Any context.
 */
void trail_back(struct trail *trail)
{
	while (trail->count && !trail->steps[trail->count - 1].forks)
		trail->count--;
	if (!trail->count)
		return;
	/* The other edge is taken next; what the jump settled on this one is not so there. */
	trail->steps[trail->count - 1].forks = false;
	trail->steps[trail->count - 1].regs = 0;
}

/* ---- looking back ------------------------------------------------------------------- */

static const struct bpf_insn *insn_of(const struct trail *trail, const struct trail_step *step)
{
	return &trail->env->insns[step->insn];
}

/* Could it have written to a frame of a caller, or anywhere in the stack unseen? */
static bool may_write_below(const struct trail *trail, const struct trail_step *step)
{
	const struct bpf_insn *insn = insn_of(trail, step);

	switch (opcode_of(insn)->kind) {
	case INSN_ST:
	case INSN_STX:
	case INSN_ATOMIC:
		return insn->dst_reg != BPF_REG_10;
	case INSN_CALL:
		return !insn_calls_function(insn);
	default:
		return false;
	}
}

/* A step of the place's own frame. ORIGIN_NOWHERE: not by this one. */
static enum origin slot_written(const struct trail_step *step, u32 slot)
{
	if (step->has_slots && slot >= step->first && slot <= step->last)
		return ORIGIN_STEP;
	return ORIGIN_NOWHERE;
}

static enum origin reg_written(const struct trail *trail, const struct trail_step *step, u32 reg)
{
	const struct bpf_insn *insn = insn_of(trail, step);
	u8 kind = opcode_of(insn)->kind;
	bool is_scratch = reg >= BPF_REG_1 && reg <= BPF_REG_5;

	if (insn_calls_function(insn))
		return is_scratch ? ORIGIN_LOST : reg ? ORIGIN_NOWHERE : ORIGIN_STEP;
	/* A jump writes nothing; it finds out. */
	if (kind == INSN_JUMP || !(step->regs & BIT(reg)))
		return ORIGIN_NOWHERE;
	if ((kind == INSN_CALL || kind == INSN_PACKET) && is_scratch)
		return ORIGIN_LOST;
	return ORIGIN_STEP;
}

/* Nothing in the frame wrote it: its function received it, or nobody did. */
static enum origin at_entry(const struct trail_place *place)
{
	if (place->is_slot)
		return ORIGIN_NOWHERE;
	if (place->number == BPF_REG_10 || (place->number == BPF_REG_1 && !place->depth))
		return ORIGIN_ENTRY;
	return ORIGIN_NOWHERE;
}

static bool is_argument(const struct trail_place *place)
{
	return !place->is_slot && place->number >= BPF_REG_1 && place->number <= BPF_REG_5;
}

/**
 * trail_origin() - Which step wrote a value last
 * @trail: The trail.
 * @place: Where it is; @place->pos becomes the number of the step, and for an argument
 *	of a function @place->depth the frame of the caller.
 *
 * Context: Process context.
 * Return: ORIGIN_STEP or ORIGIN_LOST with the step in @place, or why there is none.
 */
enum origin trail_origin(const struct trail *trail, struct trail_place *place)
{
	u32 i;

	if (!trail->count)
		return ORIGIN_UNKNOWN;
	for (i = place->pos; i-- > 0;) {
		const struct trail_step *step = &trail->steps[i];
		enum origin got;

		if (place->pos - i > SEARCH_MAX)
			return ORIGIN_UNKNOWN;
		if (step->depth > place->depth) {
			if (place->is_slot && may_write_below(trail, step))
				return ORIGIN_UNKNOWN;
			continue;
		}
		if (step->depth < place->depth) {
			/* The call that made the frame. */
			if (!is_argument(place))
				return at_entry(place);
			place->depth = step->depth;
			continue;
		}
		got = place->is_slot ? slot_written(step, place->number) :
				       reg_written(trail, step, place->number);
		if (got != ORIGIN_NOWHERE) {
			place->pos = i;
			return got;
		}
	}
	return at_entry(place);
}

/* A load from the frame itself: the slot it reads, if that is certain. */
static bool source_of_load(const struct bpf_insn *insn, struct trail_place *place)
{
	if (insn->src_reg != BPF_REG_10 || insn->off >= 0 || insn->off < -MAX_BPF_STACK)
		return false;
	place->is_slot = true;
	place->number = stack_slot(insn->off);
	return true;
}

/**
 * trail_source() - Where a step took from what it wrote
 * @trail: The trail.
 * @place: What trail_origin() found; becomes the value before the step that the written
 *	one was copied or computed from.
 *
 * Context: Any context.
 * Return: false if it made it anew, or from something that is not tracked.
 */
bool trail_source(const struct trail *trail, struct trail_place *place)
{
	const struct bpf_insn *insn = insn_of(trail, &trail->steps[place->pos]);
	u8 kind = opcode_of(insn)->kind;

	if (place->is_slot) {
		if (kind != INSN_STX)
			return false;
		place->is_slot = false;
		place->number = insn->src_reg;
		return true;
	}
	switch (kind) {
	case INSN_MOV:
		place->number = insn->src_reg;
		return BPF_SRC(insn->code) == BPF_X;
	case INSN_ALU:
	case INSN_NEG:
	case INSN_END:
		return true;
	case INSN_LDX:
		return source_of_load(insn, place);
	default:
		return false;
	}
}
