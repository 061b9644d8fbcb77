// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_PROG_ARRAY: programs to go on with, for bpf_tail_call().
 *
 * A tail call exchanges the program under a running context and stack, so every
 * program that can be reached must be made for what every caller provides. That
 * is the contract of an array: fixed by the first program that is stored in it or
 * loaded with it, and from then on the condition for all others. It never
 * changes again, also not when the array becomes empty: running callers remain.
 *
 * A program and an array can hold each other. So an array lets go of all its
 * programs when the last user reference to it goes: nobody could fill it any
 * more, and the circle ends.
 *
 * Machine code that calls into a known slot does not look at it. The array knows
 * all such places, and changes them with the slot. It holds no reference to their
 * programs: each holds the array, and its places leave the array before its code
 * goes.
 *
 * Locking: the lock of an array is a mutex, since changing code sleeps. It protects
 * the contract and the known places, and slots from being changed twice at a time;
 * programs read slots without it. Taken inside: text_mutex.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "fd_array.h"
#include "prog_array.h"
#include "tail_sites.h"

/**
 * struct contract - what programs that may follow one another have in common
 * @fixed: the other members count
 * @jited: run as machine code: an interpreter cannot go on in it, or back
 * @type: program type: context, helpers and what the result means
 * @attach_type: the same, where one type has several meanings
 */
struct contract {
	bool fixed;
	bool jited;
	enum bpf_prog_type type;
	enum bpf_attach_type attach_type;
};

/**
 * struct prog_array - array of programs
 * @lock: see the top
 * @contract: whom it takes
 * @sites: machine code that calls into a known slot, a tree of struct bpf_tail_site
 * @array: slots, each a program with a reference, or NULL; must be last
 */
struct prog_array {
	struct mutex lock;
	struct contract contract;
	struct rb_root sites;
	struct bpf_array array;
};

static struct prog_array *to_prog_array(struct bpf_map *map)
{
	return container_of(map, struct prog_array, array.map);
}

/* ---- contract ---------------------------------------------------------------- */

/* Is @prog made for what the others are? The first one decides. */
static bool contract_join(struct prog_array *progs, const struct bpf_prog *prog)
{
	const struct contract own = {
		.fixed = true,
		.jited = prog->jited,
		.type = prog->type,
		.attach_type = prog->expected_attach_type,
	};
	struct contract *contract = &progs->contract;
	bool fits;

	mutex_lock(&progs->lock);
	if (!contract->fixed)
		*contract = own;
	fits = contract->jited == own.jited && contract->type == own.type &&
	       contract->attach_type == own.attach_type;
	mutex_unlock(&progs->lock);
	return fits;
}

static void site_join(struct prog_array *progs, struct bpf_tail_site *site)
{
	bpf_tail_site_add(&progs->sites, site, progs->array.ptrs[site->index]);
}

static void site_leave(struct prog_array *progs, struct bpf_tail_site *site)
{
	rb_erase(&site->node, &progs->sites);
}

/* Sites without machine code are none of the array's. */
static void act_on_sites(struct bpf_tail_sites *sites,
			 void (*act)(struct prog_array *progs, struct bpf_tail_site *site))
{
	u32 i;

	for (i = 0; i < sites->count; i++) {
		struct bpf_tail_site *site = &sites->site[i];
		struct prog_array *progs = to_prog_array(site->map);

		if (!site->jump)
			continue;
		mutex_lock(&progs->lock);
		act(progs, site);
		mutex_unlock(&progs->lock);
		cond_resched();
	}
}

/**
 * bpf_prog_leave_arrays() - the code of a program is about to go
 * @prog: program that no run can reach any more, or none ever could; still holds
 *	its maps
 *
 * Context: process context, may sleep.
 */
void bpf_prog_leave_arrays(const struct bpf_prog *prog)
{
	struct bpf_tail_sites *sites = prog->aux->tail_sites;

	if (sites && sites->joined)
		act_on_sites(sites, site_leave);
	prog->aux->tail_sites = NULL;
	kvfree(sites);
}

/**
 * bpf_prog_join_arrays() - bind a program to the arrays it may call into
 * @prog: program, its runtime selected, not visible yet
 *
 * Context: process context, may sleep.
 * Return: 0, or -EINVAL if an array is for programs of another kind.
 */
int bpf_prog_join_arrays(const struct bpf_prog *prog)
{
	u32 i;

	for (i = 0; i < prog->aux->used_map_cnt; i++) {
		struct bpf_map *map = prog->aux->used_maps[i];

		if (map->map_type == BPF_MAP_TYPE_PROG_ARRAY &&
		    !contract_join(to_prog_array(map), prog))
			return -EINVAL;
	}
	if (prog->aux->tail_sites) {
		act_on_sites(prog->aux->tail_sites, site_join);
		prog->aux->tail_sites->joined = true;
	}
	return 0;
}

/* ---- slots ------------------------------------------------------------------- */

/* Runs may be inside the old program, or on the way: bpf_prog_put() waits for them. */
static bool slot_set(struct bpf_map *map, void **slot, struct bpf_prog *prog)
{
	struct prog_array *progs = to_prog_array(map);
	struct bpf_prog *old;

	mutex_lock(&progs->lock);
	old = xchg(slot, prog);
	if (old != prog)
		bpf_tail_sites_lead(&progs->sites, slot - progs->array.ptrs, prog);
	mutex_unlock(&progs->lock);
	if (old)
		bpf_prog_put(old);
	return old;
}

static int prog_array_update(struct bpf_map *map, struct file *file, void *key,
			     void *value, u64 flags)
{
	void **slot = fd_array_slot(to_bpf_array(map), key);
	struct bpf_prog *prog;

	if (flags != BPF_ANY)
		return -EINVAL;
	if (!slot)
		return -E2BIG;
	prog = bpf_prog_get(*(u32 *)value);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	if (!contract_join(to_prog_array(map), prog)) {
		bpf_prog_put(prog);
		return -EINVAL;
	}

	slot_set(map, slot, prog);
	return 0;
}

static int prog_array_delete(struct bpf_map *map, void *key)
{
	void **slot = fd_array_slot(to_bpf_array(map), key);

	if (!slot)
		return -E2BIG;
	return slot_set(map, slot, NULL) ? 0 : -ENOENT;
}

/* User space reads the number of a program where it wrote a descriptor. */
static int prog_array_copy(struct bpf_map *map, void *key, void *value)
{
	void **slot = fd_array_slot(to_bpf_array(map), key);
	const struct bpf_prog *prog = slot ? READ_ONCE(*slot) : NULL;

	if (!prog)
		return -ENOENT;
	*(u32 *)value = prog->aux->id;
	return 0;
}

/* ---- life -------------------------------------------------------------------- */

static int prog_array_check(const union bpf_attr *attr)
{
	return fd_array_check(attr, 0);
}

static struct bpf_map *prog_array_alloc(const union bpf_attr *attr)
{
	struct prog_array *progs = fd_array_alloc(attr, sizeof(*progs));

	if (!progs)
		return ERR_PTR(-ENOMEM);
	mutex_init(&progs->lock);
	return &progs->array.map;
}

static void prog_array_clear(struct bpf_map *map)
{
	struct bpf_array *array = to_bpf_array(map);
	u32 i;

	for (i = 0; i < map->max_entries; i++) {
		if (READ_ONCE(array->ptrs[i]))
			slot_set(map, &array->ptrs[i], NULL);
		cond_resched();
	}
}

/* Nothing can be stored without a user reference: it is empty already. */
static void prog_array_free(struct bpf_map *map)
{
	bpf_map_area_free(to_prog_array(map));
}

static void prog_array_release_file(struct bpf_map *map, struct file *file)
{
	/* Programs stay as long as any file is left. */
}

static void prog_array_show_fdinfo(struct bpf_map *map, struct seq_file *seq)
{
	struct prog_array *progs = to_prog_array(map);
	struct contract contract;

	mutex_lock(&progs->lock);
	contract = progs->contract;
	mutex_unlock(&progs->lock);
	if (!contract.fixed)
		return;
	seq_printf(seq, "owner_prog_type:\t%u\n", contract.type);
	seq_printf(seq, "owner_jited:\t%u\n", contract.jited);
}

static const struct bpf_map_user_ops prog_array_user_ops = {
	.update_elem	= prog_array_update,
	.delete_elem	= prog_array_delete,
	.release_file	= prog_array_release_file,
	.show_fdinfo	= prog_array_show_fdinfo,
};

const struct bpf_map_ops prog_array_map_ops = {
	.map_alloc_check	= prog_array_check,
	.map_alloc		= prog_array_alloc,
	.map_free		= prog_array_free,
	.map_release_uref	= prog_array_clear,
	.map_make_room		= fd_array_make_room,
	.map_lookup_elem	= fd_array_lookup,
	.map_lookup_func	= bpf_map_lookup_elem,
	.map_copy_elem		= prog_array_copy,
	.map_update_elem	= fd_array_update_by_prog,
	.map_delete_elem	= fd_array_delete_by_prog,
	.map_get_next_key	= bpf_array_next_key,
	.map_elements		= bpf_map_no_elements,
	.map_user_pages		= bpf_map_no_user_pages,
	.user			= &prog_array_user_ops,
};

/* ---- helper ------------------------------------------------------------------ */

/*
 * The prototype is for the verifier. Lowering makes an instruction of the call,
 * so the function itself is never reached.
 */
BPF_CALL_3(bpf_tail_call, void *, ctx, struct bpf_map *, map, u64, index)
{
	return 0;
}

const struct bpf_func_proto bpf_tail_call_proto = {
	.func		= bpf_tail_call,
	.ret_type	= RET_VOID,
	.arg_type	= { ARG_PTR_TO_CTX, ARG_CONST_MAP_PTR, ARG_ANYTHING },
};
