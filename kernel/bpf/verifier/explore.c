// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exploration: every path of the program is walked, instruction by instruction,
 * until each has ended or the first refusal.
 *
 * Owns the walk: which instruction comes next, which branches wait, at which
 * prune points states are stored and compared, and the limits. What
 * instructions mean is in check*.c and exec_*.c, what a stored state covers in
 * stored.c, why leaving paths out is sound in pruning.rst.
 *
 * The walk is depth first, so everything that belongs to a stored state's
 * subtree is over when as many branches wait as did when it was stored. Stored
 * states of the current path form a list, latest first; they are finished in
 * that order. Only finished states may end a path; an unfinished one that is
 * fully equal to the current state is an endless loop.
 *
 * The cost of a load is counted in steps, one per instruction walked, and does
 * not depend on the machine or the log. Must never recurse.
 */
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "exec.h"
#include "insn_valid.h"
#include "limits.h"

/* At least so many instructions between two stored states of a path. */
#define STORE_DISTANCE	8

/* A state that missed more often than this, and 3 times as often as it hit, goes. */
#define MISSES_FREE	6

/* Unfinished states are found by a hash: a long loop leaves many. */
#define ROUND_BITS	12

/* A function leaves these as they were. */
#define CALLEE_SAVED	(BIT(BPF_REG_6) | BIT(BPF_REG_7) | BIT(BPF_REG_8) | BIT(BPF_REG_9))

/* Column of the "; R0_w=..." behind an instruction. */
#define LOG_COLUMN	38

/* ---- the log --------------------------------------------------------------------- */

static bool wants_paths(struct explore *ex)
{
	return vlog_wants(&ex->env->log, VLOG_LEVEL1 | VLOG_LEVEL2);
}

static void log_frame(struct explore *ex, const struct vframe *frame)
{
	static const struct live all = { .regs = 0x7ff, .slots = ~0ULL };

	vframe_print(&ex->env->log, frame, &all, "");
	vlog(&ex->env->log, "\n");
}

static void log_state(struct explore *ex)
{
	if (!wants_paths(ex))
		return;
	vlog(&ex->env->log, "%u:", ex->pc);
	log_frame(ex, ex->cur);
}

static void log_enter(struct explore *ex)
{
	struct vlog *log = &ex->env->log;

	if (!wants_paths(ex))
		return;
	vlog(log, "caller:\n");
	log_frame(ex, ex->cur - 1);
	vlog(log, "callee:\n");
	log_frame(ex, ex->cur);
}

static void log_return(struct explore *ex)
{
	struct vlog *log = &ex->env->log;

	if (!wants_paths(ex) || ex->next == PC_END)
		return;
	vlog(log, "returning from callee:\n");
	log_frame(ex, ex->cur + 1);
	vlog(log, "to caller at %u:\n", ex->next);
	log_frame(ex, ex->cur);
}

static void log_path_start(struct explore *ex)
{
	if (ex->from == PC_END || !wants_paths(ex))
		return;
	vlog(&ex->env->log, "\nfrom %u to ", ex->from);
	log_state(ex);
}

/* The instruction on a line of its own; log_effect() may add to that line. */
static void log_insn(struct explore *ex, const struct bpf_insn *insn)
{
	struct vlog *log = &ex->env->log;
	u64 start, width;

	if (!wants_paths(ex))
		return;
	vlog_source(ex->env, ex->pc);
	start = vlog_mark(log);
	vlog(log, "%u: ", ex->pc);
	vlog_insn(log, insn);
	ex->line = vlog_mark(log);
	width = ex->line - start;
	ex->indent = width < LOG_COLUMN ? LOG_COLUMN - width : 1;
	vlog(log, "\n");
}

static void log_effect(struct explore *ex)
{
	struct vlog *log = &ex->env->log;

	if (!wants_paths(ex) || (!ex->written.regs && !ex->written.slots))
		return;
	vlog_rewind(log, ex->line);
	vlog(log, "%*s;", ex->indent, "");
	vframe_print(log, ex->cur, &ex->written, "_w");
	vlog(log, "\n");
}

/* Level 1 shows one path, the one that is refused, from its beginning. */
static void log_path_end(struct explore *ex)
{
	struct vlog *log = &ex->env->log;

	/* The next path begins elsewhere, and maybe with this text gone. */
	ex->env->line_shown = NULL;
	if (!wants_paths(ex) || vlog_wants(log, VLOG_LEVEL2))
		return;
	vlog_rewind(log, ex->waiting ? ex->waiting->log : 0);
	if (ex->waiting)
		vlog(log, "\n");
}

static void log_pruned(struct explore *ex, u32 from)
{
	if (!wants_paths(ex))
		return;
	if (from != PC_END)
		vlog(&ex->env->log, "\nfrom %u to %u: safe\n", from, ex->pc);
	else
		vlog(&ex->env->log, "%u: safe\n", ex->pc);
}

/* ---- branches that wait ------------------------------------------------------------ */

static int limit_reached(struct explore *ex, int err, const char *what)
{
	if (err == -ENOMEM)
		return err;
	return reject(ex->env, RULE_LIMIT, -E2BIG,
		      "BPF program is too complex: too many %s\n", what);
}

/**
 * explore_later() - Leave an edge to be explored after the current path
 * @ex: The exploration.
 * @pc: Where the edge leads.
 * @st: The state there.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -errno.
 */
int explore_later(struct explore *ex, u32 pc, const struct vstate *st)
{
	struct arena_mark mark = arena_mark(&ex->waiting_mem);
	struct waiting *w;
	int err = 0;

	w = arena_alloc(&ex->waiting_mem,
			offsetof(struct waiting, st) + vstate_packed_size(st), &err);
	if (!w)
		return limit_reached(ex, err, "branches");
	w->below = ex->waiting;
	w->mark = mark;
	w->from = ex->pc;
	w->pc = pc;
	w->since = ex->since;
	w->log = ex->line;
	vstate_pack(&w->st, st);
	ex->waiting = w;
	ex->nwaiting++;
	return 0;
}

/* Go on with the branch that waits for the shortest time. */
static bool next_path(struct explore *ex)
{
	struct waiting *w = ex->waiting;

	if (!w)
		return false;
	ex->from = w->from;
	ex->pc = w->pc;
	ex->since = w->since;
	vstate_unpack(ex->st, &w->st);
	ex->cur = vstate_top(ex->st);
	ex->waiting = w->below;
	ex->nwaiting--;
	arena_release(&ex->waiting_mem, w->mark);
	return true;
}

/* ---- stored states ----------------------------------------------------------------- */

static struct stored **round_of(struct explore *ex, u32 insn, u64 hash)
{
	return &ex->rounds[hash_64(hash + insn, ROUND_BITS)];
}

/* Unfinished states leave the table in the opposite order they came. */
static void finish_state(struct explore *ex, struct stored *done)
{
	struct point *point = &ex->points[done->insn];

	ex->path = done->below;
	if (ex->rounds)
		*round_of(ex, done->insn, done->hash) = done->next;
	stored_finish(done, &ex->defs);
	done->next = point->list;
	point->list = done;
}

/* The current path ended: finish the stored states it was the last one of. */
static void path_ended(struct explore *ex)
{
	while (ex->path && ex->path->waiting == ex->nwaiting)
		finish_state(ex, ex->path);
	log_path_end(ex);
}

static struct stored *stored_alloc(struct explore *ex, struct point *point,
				   u32 values, int *err)
{
	struct stored *st = point->spare;

	if (st && st->room >= values) {
		point->spare = st->next;
		return st;
	}
	st = arena_alloc(&ex->stored_mem, struct_size(st, value, values), err);
	if (st)
		st->room = values;
	return st;
}

/* At the limit no more states are stored; the walk goes on and takes longer. */
static int store_state(struct explore *ex, const struct live *live, u64 hash)
{
	struct verifier_env *env = ex->env;
	struct point *point = &ex->points[ex->pc];
	struct stored *st;
	int err = 0;

	st = stored_alloc(ex, point, stored_values(ex->st, live), &err);
	if (!st)
		return err == -E2BIG ? 0 : err;
	stored_take(st, ex->st, live, &ex->match, &ex->defs, ex->pc);
	st->hash = hash;
	st->hits = 0;
	st->misses = 0;
	st->waiting = ex->nwaiting;
	st->below = ex->path;
	ex->path = st;
	if (ex->rounds) {
		struct stored **round = round_of(ex, ex->pc, hash);

		st->next = *round;
		*round = st;
	}

	ex->since = 0;
	env->states_total++;
	env->states_peak = max(env->states_peak, ++ex->nstored);
	env->states_per_insn = max(env->states_per_insn, ++point->count);
	return 0;
}

static bool is_useless(const struct stored *st)
{
	return st->misses > MISSES_FREE + 3 * st->hits;
}

/* Look for a state that covers the current one; weed out useless ones. */
static bool find_cover(struct explore *ex, const struct live *live)
{
	struct point *point = &ex->points[ex->pc];
	struct stored **link = &point->list;
	struct stored *st;

	while ((st = *link)) {
		if (stored_covers(st, ex->st, live, &ex->match)) {
			st->hits = min(st->hits + 1, U16_MAX / 4);
			stored_need(st, ex->st, live, &ex->defs);
			*link = st->next;
			st->next = point->list;
			point->list = st;
			return true;
		}
		if (st->misses < U16_MAX)
			st->misses++;
		if (is_useless(st)) {
			*link = st->next;
			st->next = point->spare;
			point->spare = st;
			point->count--;
			ex->nstored--;
		} else {
			link = &st->next;
		}
	}
	return false;
}

/* Was the program here before on this path, in the same state? */
static bool goes_round(struct explore *ex, const struct live *live, u64 hash)
{
	struct stored *st;

	for (st = *round_of(ex, ex->pc, hash); st; st = st->next)
		if (st->insn == ex->pc && st->hash == hash &&
		    stored_equals(st, ex->st, live, &ex->match))
			return true;
	return false;
}

/* While a function runs: what is live behind the call, and what the function was shown. */
static struct live live_in_caller(const struct verifier_env *env, u32 call)
{
	return (struct live){
		.regs = (env->live_regs[call + 1] & CALLEE_SAVED) | BIT(BPF_REG_10),
		.slots = env->aux[call].shows_stack ? ~0ULL : env->live_stack[call + 1],
	};
}

/* What is live in each frame; forget what is not. */
static void keep_live(struct explore *ex, struct live *live)
{
	const struct verifier_env *env = ex->env;
	u32 f;

	for (f = 0; f <= ex->st->depth; f++) {
		if (f == ex->st->depth)
			live[f] = (struct live){
				.regs = env->live_regs[ex->pc] | BIT(BPF_REG_10),
				.slots = env->live_stack[ex->pc],
			};
		else
			live[f] = live_in_caller(env, ex->st->frame[f + 1].call);
		vframe_keep(&ex->st->frame[f], &live[f]);
	}
}

/* Returns 1 if the path ends here because all beyond is known, 0, or -errno. */
static int prune_point(struct explore *ex)
{
	struct verifier_env *env = ex->env;
	struct live live[BPF_MAX_FRAMES];
	u64 hash = 0;

	keep_live(ex, live);
	if (find_cover(ex, live)) {
		log_pruned(ex, ex->from);
		return 1;
	}
	if (ex->rounds) {
		hash = stored_hash(ex->st, live, &ex->match);
		if (goes_round(ex, live, hash))
			return reject(env, RULE_CFG_LOOP, -EINVAL,
				      "infinite loop detected at insn %u\n",
				      ex->pc);
	}
	if (!ex->points[ex->pc].count || ex->since >= STORE_DISTANCE ||
	    env->prune == PRUNE_EAGER)
		return store_state(ex, live, hash);
	return 0;
}

/* ---- one instruction ---------------------------------------------------------------- */

static int step_call(struct explore *ex, const struct bpf_insn *insn)
{
	struct call call;
	int err;

	if (insn_calls_function(insn)) {
		err = check_enter(ex);
		if (err)
			return err;
		exec_enter(ex, insn);
		log_enter(ex);
		return 0;
	}
	err = check_call(ex, insn, &call);
	if (!err)
		exec_call(ex, &call);
	return err;
}

static int step_exit(struct explore *ex)
{
	int err = check_exit(ex);

	if (err)
		return err;
	exec_exit(ex);
	log_return(ex);
	return 0;
}

static int no_check(struct explore *ex, const struct bpf_insn *insn)
{
	return 0;
}

/**
 * struct step - how a kind of instruction is checked, then executed
 * @check: its own obligations, after those of its operands
 * @exec: moves the state, if nothing can go wrong any more
 */
struct step {
	int (*check)(struct explore *ex, const struct bpf_insn *insn);
	void (*exec)(struct explore *ex, const struct bpf_insn *insn);
};

static const struct step steps[__INSN_KIND_MAX] = {
	[INSN_ALU]	= { check_alu, exec_alu },
	[INSN_MOV]	= { no_check, exec_mov },
	[INSN_NEG]	= { no_check, exec_neg },
	[INSN_END]	= { no_check, exec_end },
	[INSN_LDX]	= { check_load, exec_load },
	[INSN_ST]	= { check_store, exec_store },
	[INSN_STX]	= { check_store, exec_store },
	[INSN_ATOMIC]	= { check_atomic, exec_atomic },
	[INSN_WIDE]	= { no_check, exec_wide },
	[INSN_PACKET]	= { check_packet, exec_packet },
};

/* Kinds that decide where control goes. */
static int step_control(struct explore *ex, const struct bpf_insn *insn)
{
	switch (opcode_of(insn)->kind) {
	case INSN_JA:
		ex->next = insn_target(insn, ex->pc);
		return 0;
	case INSN_JUMP:
		return exec_jump(ex, insn);
	case INSN_CALL:
		return step_call(ex, insn);
	case INSN_EXIT:
		return step_exit(ex);
	default:
		WARN_ON_ONCE(1);
		return -EFAULT;
	}
}

static int step(struct explore *ex)
{
	const struct bpf_insn *insn = &ex->env->insns[ex->pc];
	const struct step *step = &steps[opcode_of(insn)->kind];
	int err;

	ex->env->aux[ex->pc].seen = true;
	ex->next = ex->pc + insn_slots(insn);
	ex->written = (struct live){};
	log_insn(ex, insn);
	err = check_operands(ex, insn);
	if (err)
		return err;
	if (step->check) {
		err = step->check(ex, insn);
		if (!err)
			step->exec(ex, insn);
	} else {
		err = step_control(ex, insn);
	}
	if (err)
		return err;
	if (ex->defs.err)
		return limit_reached(ex, ex->defs.err, "values");
	log_effect(ex);
	return 0;
}

/* ---- the walk ------------------------------------------------------------------------ */

/* One path, from the current state to its end. */
static int walk_path(struct explore *ex)
{
	struct verifier_env *env = ex->env;
	int err;

	for (; ex->next != PC_END; ex->pc = ex->next, ex->from = PC_END) {
		if (env->aux[ex->pc].prune_point &&
		    env->prune != PRUNE_NEVER) {
			err = prune_point(ex);
			if (err)
				return min(err, 0);
		}
		log_path_start(ex);
		if (++env->steps > VERIFIER_MAX_STEPS)
			return reject(env, RULE_LIMIT, -E2BIG,
				      "BPF program is too large. Processed %u insn\n",
				      env->steps);
		err = verifier_pause(env->steps);
		if (!err)
			err = step(ex);
		if (err)
			return err;
		ex->since++;
	}
	return 0;
}

static int walk(struct explore *ex)
{
	int err;

	vstate_init(ex->st);
	ex->cur = vstate_top(ex->st);
	ex->from = PC_END;
	log_state(ex);
	do {
		ex->next = ex->pc;
		err = walk_path(ex);
		if (err)
			return err;
		path_ended(ex);
	} while (next_path(ex));
	return 0;
}

static struct vstate *state_alloc(struct verifier_env *env)
{
	return verifier_alloc(env, 1, sizeof(struct vstate) + env->frames * sizeof(struct vframe));
}

static int explore_init(struct explore *ex, struct verifier_env *env)
{
	memset(ex, 0, sizeof(*ex));
	ex->env = env;
	defs_init(&ex->defs, env);
	arena_init(&ex->waiting_mem, env, VERIFIER_MAX_WAITING);
	arena_init(&ex->stored_mem, env, VERIFIER_MAX_STORED);
	ex->st = state_alloc(env);
	ex->scratch = state_alloc(env);
	ex->points = verifier_zalloc(env, env->len, sizeof(*ex->points));
	if (env->has_loop)
		ex->rounds = verifier_zalloc(env, 1 << ROUND_BITS, sizeof(*ex->rounds));
	if (!ex->st || !ex->scratch || !ex->points ||
	    (env->has_loop && !ex->rounds))
		return -ENOMEM;
	return match_init(&ex->match, env, env->frames);
}

static void explore_free(struct explore *ex)
{
	struct verifier_env *env = ex->env;

	defs_free(&ex->defs);
	arena_free(&ex->waiting_mem);
	arena_free(&ex->stored_mem);
	match_free(&ex->match, env);
	verifier_free(env, ex->rounds);
	verifier_free(env, ex->points);
	verifier_free(env, ex->scratch);
	verifier_free(env, ex->st);
	verifier_free(env, ex);
}

static int explore(struct verifier_env *env)
{
	struct explore *ex = verifier_alloc(env, 1, sizeof(*ex));
	int err;

	if (!ex)
		return -ENOMEM;
	err = explore_init(ex, env);
	if (!err)
		err = walk(ex);
	explore_free(ex);
	return err;
}

/* Let nothing remain of a walk but what passes before it found. */
static void explore_forget(struct verifier_env *env)
{
	u32 i;

	for (i = 0; i < env->len; i++) {
		struct insn_aux *aux = &env->aux[i];

		aux->call_map = NULL;
		aux->key = FACT_UNSEEN;
		aux->key_off = FACT_UNSEEN;
		aux->mem = MEM_UNSEEN;
		aux->seen = false;
		aux->call_map_poison = false;
	}
	for (i = 0; i < env->funcs; i++)
		env->func[i].stack_depth = 0;
	env->steps = 0;
	env->states_total = 0;
	env->states_peak = 0;
	env->states_per_insn = 0;
	env->max_ctx_offset = 0;
	env->writes_packet = false;
}

/**
 * verifier_explore() - Walk all paths of the program
 * @env: The load; the passes before have accepted it.
 *
 * Leaves in @env what was seen of each instruction, and the statistics.
 *
 * Numbers that nothing asked for are not computed. A sum of a pointer and such a
 * number may be refused, though nothing ever uses it: what is refused is walked once
 * more with all numbers. What is accepted without them is safe, as nothing known of a
 * number is always true of it.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -errno after saying why in the log.
 */
int verifier_explore(struct verifier_env *env)
{
	int err;

	/* Who reads the log wants to see all. */
	env->ask_all |= env->log.level != 0;
	err = explore(env);
	if (err != -EACCES && err != -EINVAL && err != -EPERM)
		return err;
	if (!env->unasked)
		return err;
	explore_forget(env);
	env->ask_all = true;
	return explore(env);
}
