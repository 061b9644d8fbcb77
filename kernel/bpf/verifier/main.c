// SPDX-License-Identifier: GPL-2.0-only
/*
 * The verifier's front door: the list of passes.
 *
 * Each pass reads what earlier ones put into the environment and adds to it;
 * the first that fails decides errno and reason. Only the last one, lowering,
 * changes the program. All memory of a load hangs off its environment and goes
 * with it, whatever happened.
 *
 * There is no lock and no global state: any number of loads run in parallel,
 * each can be killed.
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "verifier.h"
#include "../btf/btf.h"

#define INSNS_MAX	1000000

static int (*const passes[])(struct verifier_env *env) = {
	verifier_functions,
	verifier_layout,
	verifier_debug_info,
	verifier_insn_valid,
	verifier_resolve,
	verifier_cfg,
	verifier_frames,
	verifier_liveness,
	verifier_explore,
	verifier_stack,
	verifier_inline,
	verifier_lower,
};

static int run_passes(struct verifier_env *env)
{
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(passes) && !err; i++)
		err = passes[i](env);
	return err;
}

/* User-mode Linux has x86's loads and stores, and an arch/ that does not say so. */
static bool unaligned_is_slow(void)
{
	return !IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS) &&
	       !IS_ENABLED(CONFIG_UML_X86);
}

static struct verifier_env *env_alloc(struct bpf_prog *prog,
				      const union bpf_attr *attr)
{
	struct verifier_env *env;

	env = verifier_env_alloc();
	if (!env)
		return NULL;
	env->prog = prog;
	env->attr = attr;
	env->ops = prog->aux->type_desc->ops;
	env->type = prog->type;
	env->insns = prog->insnsi;
	env->len = prog->len;
	env->fd_array = attr->fd_array;
	env->strict_align = attr->prog_flags & BPF_F_STRICT_ALIGNMENT ||
			    unaligned_is_slow();
	if (attr->prog_flags & BPF_F_ANY_ALIGNMENT)
		env->strict_align = false;
	if (attr->prog_flags & BPF_F_TEST_STATE_FREQ)
		env->prune = PRUNE_EAGER;
	env->aux = verifier_zalloc(env, env->len, sizeof(*env->aux));
	if (env->aux)
		return env;
	kvfree(env);
	return NULL;
}

static void env_free(struct verifier_env *env)
{
	while (env->map_cnt)
		bpf_map_put(env->maps[--env->map_cnt]);
	btf_put(env->btf);
	vlog_free(&env->log);
	kvfree(env->tail_sites);
	kvfree(env->prog_func);
	verifier_free(env, env->lines);
	verifier_free(env, env->postorder);
	verifier_free(env, env->live_regs);
	verifier_free(env, env->asked_regs);
	verifier_free(env, env->live_stack);
	verifier_free(env, env->func);
	verifier_free(env, env->aux);
	kvfree(env);
}

/* Clients parse the last line. Nothing here marks reads, so that number is 0. */
static void log_summary(struct verifier_env *env, ktime_t start)
{
	if (vlog_wants(&env->log, VLOG_STATS))
		vlog(&env->log, "verification time %lld usec\nstack depth %u\n",
		     ktime_us_delta(ktime_get(), start), env->stack_depth);
	vlog(&env->log,
	     "processed %u insns (limit %d) max_states_per_insn %u total_states %u peak_states %u mark_read %d\n",
	     env->steps, VERIFIER_MAX_STEPS, env->states_per_insn,
	     env->states_total, env->states_peak, 0);
}

/* The program takes over the maps, the types, and the facts that outlive the load. */
static int hand_over(struct verifier_env *env)
{
	struct bpf_prog_aux *aux = env->prog->aux;

	aux->stack_depth = env->stack_depth;
	aux->max_ctx_offset = env->max_ctx_offset;
	aux->verified_insns = env->steps;
	aux->funcs = env->prog_func;
	aux->nfuncs = env->prog_funcs;
	env->prog_func = NULL;
	aux->btf = env->btf;
	env->btf = NULL;
	if (!env->map_cnt)
		return 0;

	aux->used_maps = kmemdup(env->maps, env->map_cnt * sizeof(*env->maps),
				 VERIFIER_GFP);
	if (!aux->used_maps)
		return -ENOMEM;
	aux->used_map_cnt = env->map_cnt;
	env->map_cnt = 0;
	aux->tail_sites = env->tail_sites;
	env->tail_sites = NULL;
	return 0;
}

/**
 * bpf_check() - verify a program and make it ready to run
 * @prog: program, not yet visible to anyone; may be at another address on
 *	return, also after an error, and belongs to the caller in any case
 * @attr: attributes of BPF_PROG_LOAD, from kernel memory
 *
 * On success the instructions are the lowered ones, and prog->aux holds the
 * used maps with a reference each, in memory for kfree(), and the tables of its
 * functions and of its tail calls to known slots, for kvfree().
 *
 * Context: process context, may sleep.
 * Return: 0 or -errno; the reason stands in the user's log.
 */
int bpf_check(struct bpf_prog **prog, const union bpf_attr *attr)
{
	ktime_t start = ktime_get();
	struct verifier_env *env;
	int err, log_err;

	if (!(*prog)->len || (*prog)->len > INSNS_MAX)
		return -E2BIG;
	env = env_alloc(*prog, attr);
	if (!env)
		return -ENOMEM;

	err = vlog_init(&env->log, attr->log_level, attr->log_buf, attr->log_size);
	if (err)
		goto free;

	err = run_passes(env);
	log_summary(env, start);
	log_err = vlog_finish(&env->log);
	err = log_err ?: err;
	if (!err)
		err = hand_over(env);
	*prog = env->prog;
free:
	env_free(env);
	return err;
}
