// SPDX-License-Identifier: GPL-2.0-only
/*
 * Validation as a whole: header, records, references.
 *
 * The input is hostile and up to BTF_MAX_SIZE long. Every step is linear in it, yields
 * now and then, and ends when the caller is killed; memory is in proportion to it and
 * charged to the caller. What is only needed meanwhile goes at the end.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "../verifier/limits.h"
#include "btf.h"

/* Records and items between two pauses. */
#define PAUSE_EVERY	1024

/**
 * btf_pause() - let others run after some work
 * @c: validation; counts one step of work
 *
 * Context: process context, may sleep.
 * Return: 0, or -EAGAIN if the caller is being killed.
 */
int btf_pause(struct btf_check *c)
{
	if (++c->work < PAUSE_EVERY)
		return 0;
	c->work = 0;
	cond_resched();
	return fatal_signal_pending(current) ? -EAGAIN : 0;
}

/* Types that refer to nothing are resolved, and no type stands for another yet. */
static int prepare_references(struct btf_check *c)
{
	struct btf *btf = c->btf;
	u32 id;

	btf->base = kvmalloc_array(btf->nr_types, sizeof(*btf->base), VERIFIER_GFP);
	btf->extent = kvcalloc(btf->nr_types, sizeof(*btf->extent), VERIFIER_GFP);
	btf->owned = kvcalloc(btf->nr_types, sizeof(*btf->owned), VERIFIER_GFP);
	c->state = kvcalloc(btf->nr_types, sizeof(*c->state), VERIFIER_GFP);
	if (!btf->base || !btf->extent || !btf->owned || !c->state)
		return -ENOMEM;

	btf->base[0] = 0;
	for (id = 1; id < btf->nr_types; id++) {
		btf->base[id] = id;
		if (!btf_kind_row(btf_type(btf, id))->resolve)
			c->state[id] = BTF_RESOLVED;
	}
	return 0;
}

static int run_checks(struct btf_check *c)
{
	return btf_check_header(c) ?: btf_check_types(c) ?: prepare_references(c) ?:
	       btf_check_references(c);
}

/**
 * btf_validate() - check type information
 * @btf: data and its size set, all else zero; the memory has three bytes more
 * @log: log of the call
 *
 * Context: process context, may sleep.
 * Return: 0, or -errno with the reason in the log: -EINVAL, -ENOTSUPP, -E2BIG,
 * -EEXIST, -ENOMEM, -EAGAIN. The parts of @btf are the caller's to free.
 */
int btf_validate(struct btf *btf, struct vlog *log)
{
	struct btf_check *c;
	int err;

	c = kzalloc(sizeof(*c), VERIFIER_GFP);
	if (!c)
		return -ENOMEM;
	c->btf = btf;
	c->log = log;
	err = run_checks(c);
	kvfree(c->state);
	kfree(c);
	return err;
}

/**
 * btf_free_parts() - free what validation made, and the data
 * @btf: type information
 *
 * Context: process context, may sleep.
 */
void btf_free_parts(struct btf *btf)
{
	kvfree(btf->offsets);
	kvfree(btf->base);
	kvfree(btf->extent);
	kvfree(btf->owned);
	kvfree(btf->memory);
}
