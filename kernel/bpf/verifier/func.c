// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions of a program: where each begins, how deep they call each other,
 * and how much stack a chain of calls takes.
 *
 * A function begins where some call goes to; the first one begins where the
 * program does. It ends where the next begins. verifier_functions() comes before
 * any other look at the program and finds the beginnings; that no jump leaves a
 * function is seen to in cfg.c. verifier_frames() follows the calls, without
 * recursion: in the order that cfg.c leaves, what a function calls comes before
 * the call. verifier_stack() adds up what exploration saw each function use.
 *
 * Calls are counted whether they run or not, so what is said of a program does
 * not depend on what exploration finds out. Works on one load, no locks.
 */
#include <linux/align.h>
#include <linux/mm.h>

#include "insn_valid.h"
#include "verifier.h"

/* As Linux 6.1 counts: a frame takes at least this, and a multiple of it. */
#define FRAME_ALIGN	32

/* ---- where they begin ---------------------------------------------------------- */

static int mark_start(struct verifier_env *env, u32 idx)
{
	s64 target = insn_callee(&env->insns[idx], idx);

	if (target < 0 || target >= env->len) {
		vlog_about(&env->log, idx);
		return reject(env, RULE_CALL_TARGET, -EINVAL, "call to invalid destination\n");
	}
	env->funcs += !env->aux[target].func_start;
	env->aux[target].func_start = true;
	return 0;
}

/* Count them, and mark where they begin. */
static int mark_starts(struct verifier_env *env)
{
	u32 i;

	env->funcs = 1;
	env->aux[0].func_start = true;
	for (i = 0; i < env->len; i += insn_slots(&env->insns[i])) {
		int err = verifier_pause(i);

		if (!err && insn_calls_function(&env->insns[i]))
			err = mark_start(env, i);
		if (err)
			return err;
	}
	return 0;
}

static int find_functions(struct verifier_env *env)
{
	u32 i, f = 0;
	int err;

	err = mark_starts(env);
	if (err)
		return err;
	if (env->funcs > VERIFIER_MAX_FUNCS)
		return reject(env, RULE_LIMIT_FUNCS, -E2BIG, "too many subprograms\n");
	env->func = verifier_zalloc(env, env->funcs, sizeof(*env->func));
	if (!env->func)
		return -ENOMEM;
	for (i = 0; f < env->funcs; i++)
		if (env->aux[i].func_start)
			env->func[f++].start = i;
	return 0;
}

/*
 * A load outside of the packet, and a tail call, end the function they stand in, with
 * a number in R0; without types nobody knows that the function returns one.
 */
static int check_ending(struct verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = &env->insns[idx];
	const char *what = NULL;

	if (opcode_of(insn)->kind == INSN_PACKET)
		what = "LD_ABS";
	else if (insn->code == (BPF_JMP | BPF_CALL) && !insn->src_reg &&
		 insn->imm == BPF_FUNC_tail_call)
		what = "tail_call";
	if (!what)
		return 0;
	vlog_about(&env->log, idx);
	return reject(env, RULE_FUNC_KIND, -EINVAL, "%s is not allowed in subprogs without BTF\n",
		      what);
}

static int check_endings(struct verifier_env *env)
{
	u32 i = env->funcs > 1 ? env->func[1].start : env->len;

	for (; i < env->len; i += insn_slots(&env->insns[i])) {
		int err = verifier_pause(i) ?: check_ending(env, i);

		if (err)
			return err;
	}
	return 0;
}

static void log_functions(struct verifier_env *env)
{
	u32 f;

	for (f = 0; f < env->funcs && vlog_wants(&env->log, VLOG_LEVEL2); f++)
		vlog(&env->log, "func#%u @%u\n", f, env->func[f].start);
}

/**
 * verifier_functions() - find the functions of the program
 * @env: load; receives func, and func_start in the aux of their beginnings
 *
 * Runs on instructions nobody has looked at: all fields may hold anything.
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL, -E2BIG, -ENOMEM, -EAGAIN when killed.
 */
int verifier_functions(struct verifier_env *env)
{
	int err = find_functions(env);

	if (err)
		return err;
	log_functions(env);
	return check_endings(env);
}

/**
 * verifier_func_at() - which function an instruction is part of
 * @env: load
 * @idx: the instruction
 *
 * Context: any.
 * Return: number of the function.
 */
u32 verifier_func_at(const struct verifier_env *env, u32 idx)
{
	u32 lo = 0, hi = env->funcs;

	while (hi - lo > 1) {
		u32 mid = (lo + hi) / 2;

		if (env->func[mid].start <= idx)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/* ---- chains of calls -------------------------------------------------------------- */

/* The dearest chain of calls that begins with one function. */
struct chain {
	u32 cost;
	u32 frames;
};

typedef u32 (*cost_fn)(const struct bpf_prog_func *func);

static u32 cost_frame(const struct bpf_prog_func *func)
{
	return 1;
}

static u32 cost_stack(const struct bpf_prog_func *func)
{
	return func->stack_depth;
}

static u32 cost_stack_rounded(const struct bpf_prog_func *func)
{
	return ALIGN(max(func->stack_depth, 1U), FRAME_ALIGN);
}

/* Called functions come first, so that each call finds its callee's chain complete. */
static int add_calls(struct verifier_env *env, cost_fn cost, struct chain *chain)
{
	u32 n;

	for (n = 0; n < env->postorder_cnt; n++) {
		const struct bpf_insn *insn = &env->insns[env->postorder[n]];
		struct chain *caller, *callee;
		int err = verifier_pause(n);
		u32 own;

		if (err)
			return err;
		if (!insn_calls_function(insn))
			continue;
		caller = &chain[verifier_func_at(env, env->postorder[n])];
		callee = &chain[verifier_func_at(env, insn_callee(insn, env->postorder[n]))];
		own = cost(&env->func[caller - chain]);
		if (own + callee->cost > caller->cost)
			*caller = (struct chain){ own + callee->cost, 1 + callee->frames };
	}
	return 0;
}

static int dearest_chain(struct verifier_env *env, cost_fn cost, struct chain *dearest)
{
	struct chain *chain = verifier_alloc(env, env->funcs, sizeof(*chain));
	int err;
	u32 f;

	if (!chain)
		return -ENOMEM;
	for (f = 0; f < env->funcs; f++)
		chain[f] = (struct chain){ cost(&env->func[f]), 1 };
	err = add_calls(env, cost, chain);
	*dearest = chain[0];
	verifier_free(env, chain);
	return err;
}

/**
 * verifier_frames() - how many frames there can be at one time
 * @env: load, after verifier_cfg(); receives frames
 *
 * Context: process context, may sleep.
 * Return: 0, -E2BIG, -ENOMEM, -EAGAIN when killed.
 */
int verifier_frames(struct verifier_env *env)
{
	struct chain most;
	int err;

	env->frames = 1;
	if (env->funcs == 1)
		return 0;
	err = dearest_chain(env, cost_frame, &most);
	if (err)
		return err;
	if (most.frames > BPF_MAX_FRAMES)
		return reject(env, RULE_LIMIT_FUNCS, -E2BIG,
			      "the call stack of %u frames is too deep !\n", most.frames);
	env->frames = most.frames;
	return 0;
}

/**
 * verifier_stack() - how much stack the program takes
 * @env: load, explored; receives stack_depth
 *
 * Context: process context, may sleep.
 * Return: 0, -EACCES, -ENOMEM, -EAGAIN when killed.
 */
int verifier_stack(struct verifier_env *env)
{
	struct chain most;
	int err;

	env->stack_depth = env->func[0].stack_depth;
	if (env->funcs == 1)
		return 0;
	err = dearest_chain(env, cost_stack_rounded, &most);
	if (err)
		return err;
	if (most.cost > MAX_BPF_STACK)
		return reject(env, RULE_LIMIT_STACK, -EACCES,
			      "combined stack size of %u calls is %u. Too large\n",
			      most.frames, most.cost);
	err = dearest_chain(env, cost_stack, &most);
	env->stack_depth = most.cost;
	return err;
}
