// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where control can go.
 *
 * verifier_layout() comes before almost any other look at the program: every jump
 * of it, reachable or not, lands inside its function, and the last instruction of
 * a function does not run on.
 * verifier_cfg() walks the program depth first from its first instruction,
 * without recursion: the path stands in an array. It finds what cannot be
 * reached and jumps into the middle of a wide instruction, learns whether there
 * is a loop, and leaves the order in which later passes sweep over the program.
 * Whether a loop ends is for exploration.
 *
 * The second slot of a wide instruction takes part in the walk as if it could
 * be executed, since a jump to it may be all that is wrong with a program and
 * should be what is reported.
 *
 * Works on one load, no locks. It must never judge by values: a branch that is
 * decided at run time has two edges here.
 */
#include <linux/mm.h>

#include "insn_valid.h"
#include "verifier.h"

/* ---- layout ---------------------------------------------------------------- */

/* Where function @f ends. */
static u32 func_end(const struct verifier_env *env, u32 f)
{
	return f + 1 < env->funcs ? env->func[f + 1].start : env->len;
}

static int check_target(struct verifier_env *env, u32 f, u32 idx)
{
	s64 target = insn_target(&env->insns[idx], idx);

	if (target >= env->func[f].start && target < func_end(env, f))
		return 0;
	vlog_insn_at(env, idx);
	return reject(env, RULE_CFG_JUMP, -EINVAL,
		      "jump out of range from insn %u to %lld\n", idx, target);
}

/* An end that a wide instruction claims for itself is refused with it. */
static int check_end(struct verifier_env *env, u32 f)
{
	u8 kind = opcode_of(&env->insns[func_end(env, f) - 1])->kind;

	if (kind == INSN_EXIT || kind == INSN_JA)
		return 0;
	vlog_about(&env->log, func_end(env, f) - 1);
	return reject(env, RULE_CFG_END, -EINVAL, "last insn is not an exit or jmp\n");
}

/**
 * verifier_layout() - jumps stay inside, an end is an end
 * @env: load
 *
 * Runs on instructions nobody has looked at: all fields may hold anything.
 *
 * Context: process context, may sleep.
 * Return: 0 or -EINVAL.
 */
int verifier_layout(struct verifier_env *env)
{
	u32 i, f = 0, end = func_end(env, 0);
	int err;

	for (i = 0; i < env->len; i += insn_slots(&env->insns[i])) {
		err = verifier_pause(i);
		for (; i >= end && !err; end = func_end(env, f))
			err = check_end(env, f++);
		if (!err && insn_jumps(&env->insns[i]))
			err = check_target(env, f, i);
		if (err)
			return err;
	}
	for (err = 0; f < env->funcs && !err; f++)
		err = check_end(env, f);
	return err;
}

/* ---- walk ------------------------------------------------------------------ */

enum color {
	NEW = 0,	/* not reached yet */
	OPEN,		/* on the path */
	DONE,		/* everything behind it was walked */
};

/**
 * struct walk - state of the depth-first walk
 * @color: enum color per slot
 * @edges: edges already followed per slot
 * @path: slots from the entry to where the walk is
 * @depth: how many
 */
struct walk {
	u8 *color;
	u8 *edges;
	u32 *path;
	u32 depth;
};

static int walk_alloc(struct walk *walk, struct verifier_env *env)
{
	walk->color = verifier_zalloc(env, env->len, sizeof(*walk->color));
	walk->edges = verifier_zalloc(env, env->len, sizeof(*walk->edges));
	walk->path = verifier_alloc(env, env->len, sizeof(*walk->path));
	env->postorder = verifier_alloc(env, env->len, sizeof(*env->postorder));
	if (!walk->color || !walk->edges || !walk->path || !env->postorder)
		return -ENOMEM;
	return 0;
}

static void walk_free(struct walk *walk, struct verifier_env *env)
{
	verifier_free(env, walk->color);
	verifier_free(env, walk->edges);
	verifier_free(env, walk->path);
}

static void enter(struct walk *walk, u32 idx)
{
	walk->color[idx] = OPEN;
	walk->path[walk->depth++] = idx;
}

/*
 * Successor number @n of @idx, fall-through first; false if there are fewer. To the
 * walk a function is a successor of its calls, so that it is done before they are.
 */
static bool successor(const struct verifier_env *env, u32 idx, u8 n, u32 *to)
{
	const struct bpf_insn *insn = &env->insns[idx];

	if (env->aux[idx].wide_second) {
		*to = idx + 1;
		return n == 0;
	}
	if (insn_falls_through(insn) && n-- == 0) {
		*to = idx + insn_slots(insn);
		return true;
	}
	if (insn_jumps(insn) && n == 0) {
		*to = insn_target(insn, idx);
		return true;
	}
	if (insn_calls_function(insn) && n == 0) {
		*to = insn_callee(insn, idx);
		return true;
	}
	return false;
}

/* Places where paths meet, or where the state changed much, are worth comparing. */
static void mark_edge(struct verifier_env *env, const struct walk *walk,
		      u32 from, u32 to)
{
	const struct bpf_insn *insn = &env->insns[from];
	u8 kind = opcode_of(insn)->kind;

	if (insn_jumps(insn) && to == insn_target(insn, from))
		env->aux[to].jump_target = true;
	if (walk->color[to] != NEW || kind == INSN_CALL)
		env->aux[to].prune_point = true;
}

/* A function that is open where it is called calls itself, perhaps through others. */
static int follow(struct verifier_env *env, struct walk *walk, u32 from, u32 to)
{
	mark_edge(env, walk, from, to);
	if (walk->color[to] == NEW) {
		enter(walk, to);
	} else if (walk->color[to] == OPEN) {
		if (insn_calls_function(&env->insns[from]) && to != from + 1) {
			vlog_about(&env->log, from);
			return reject(env, RULE_CFG_RECURSION, -EINVAL,
				      "back-edge from insn %u to %u\n", from, to);
		}
		env->has_loop = true;
	}
	return 0;
}

static int walk_all(struct verifier_env *env, struct walk *walk)
{
	u32 round = 0;
	int err = 0;
	u32 idx, to;

	enter(walk, 0);
	while (walk->depth) {
		err = verifier_pause(round++);
		if (err)
			break;
		idx = walk->path[walk->depth - 1];
		if (successor(env, idx, walk->edges[idx], &to)) {
			walk->edges[idx]++;
			err = follow(env, walk, idx, to);
			if (err)
				break;
			continue;
		}
		walk->color[idx] = DONE;
		walk->depth--;
		if (!env->aux[idx].wide_second)
			env->postorder[env->postorder_cnt++] = idx;
	}
	return err;
}

static int check_reached(struct verifier_env *env, const struct walk *walk)
{
	u32 i, slots;

	for (i = 0; i < env->len; i += slots) {
		slots = insn_slots(&env->insns[i]);
		if (walk->color[i] == NEW) {
			vlog_insn_at(env, i);
			return reject(env, RULE_CFG_UNREACHABLE, -EINVAL,
				      "unreachable insn %u\n", i);
		}
		if (slots == 2 && walk->color[i + 1] != NEW) {
			vlog_about(&env->log, i);
			return reject(env, RULE_CFG_JUMP, -EINVAL,
				      "jump into the middle of ldimm64 insn %u\n", i);
		}
	}
	return 0;
}

/**
 * verifier_cfg() - reachability, order, places to compare states
 * @env: load; receives postorder, has_loop, jump_target, prune_point
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL, -ENOMEM, -EAGAIN when killed.
 */
int verifier_cfg(struct verifier_env *env)
{
	struct walk walk = {};
	int err;

	err = walk_alloc(&walk, env);
	if (!err)
		err = walk_all(env, &walk);
	if (!err)
		err = check_reached(env, &walk);
	walk_free(&walk, env);
	return err;
}
