// SPDX-License-Identifier: GPL-2.0-only
/*
 * Definitions: storage, and spreading the mark "needed".
 *
 * Owns the array of definitions. It is last-in first-out: a definition only
 * has parents with smaller numbers, and when a stored state is finished all
 * that was made after it is dropped at once. Numbers of dropped definitions are
 * used again, so nothing that outlives a state may keep one.
 *
 * Invariant: the ancestors of a needed definition are needed. So marking stops
 * where it meets a mark.
 *
 * Must never recurse: chains are as long as paths. The definitions that still
 * have to pass the mark on are linked through themselves.
 */
#include <linux/errno.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "defs.h"
#include "verifier.h"

/* A page each. Most programs need one or two. */
#define CHUNK_SHIFT	8
#define CHUNK_DEFS	(1U << CHUNK_SHIFT)
#define CHUNKS		(VERIFIER_MAX_DEFS >> CHUNK_SHIFT)
#define CHUNKS_FIRST	16

/* In struct def.link: the mark, and the end of the work list. */
#define NEEDED		0x80000000U
#define LINK_END	0x7fffffffU

static struct def *def_at(const struct defs *defs, u32 n)
{
	return &defs->chunk[n >> CHUNK_SHIFT][n & (CHUNK_DEFS - 1)];
}

/**
 * defs_init() - An empty set of definitions
 * @defs: What to initialise.
 * @env: The load.
 *
 * Context: Any context.
 */
void defs_init(struct defs *defs, struct verifier_env *env)
{
	*defs = (struct defs){ .env = env, .top = DEF_NONE + 1 };
}

/**
 * defs_free() - Give all memory back
 * @defs: Initialised set.
 *
 * Context: Process context, may sleep.
 */
void defs_free(struct defs *defs)
{
	while (defs->chunks)
		verifier_free(defs->env, defs->chunk[--defs->chunks]);
	verifier_free(defs->env, defs->chunk);
	defs_init(defs, defs->env);
}

/* Room for twice as many chunks. */
static int make_room(struct defs *defs)
{
	u32 room = defs->room ? 2 * defs->room : CHUNKS_FIRST;
	struct def **chunk;

	chunk = verifier_alloc(defs->env, room, sizeof(*chunk));
	if (!chunk)
		return -ENOMEM;
	if (defs->chunks)
		memcpy(chunk, defs->chunk, array_size(defs->chunks, sizeof(*chunk)));
	verifier_free(defs->env, defs->chunk);
	defs->chunk = chunk;
	defs->room = room;
	return 0;
}

/* Memory for one more, which may be there already. */
static int defs_grow(struct defs *defs)
{
	struct def *chunk;
	int err = 0;

	if (defs->top >> CHUNK_SHIFT < defs->chunks)
		return 0;
	if (defs->chunks == CHUNKS)
		return -E2BIG;
	if (defs->chunks == defs->room)
		err = make_room(defs);
	if (err)
		return err;
	chunk = verifier_alloc(defs->env, CHUNK_DEFS, sizeof(*chunk));
	if (!chunk)
		return -ENOMEM;
	defs->chunk[defs->chunks++] = chunk;
	return 0;
}

/**
 * defs_make() - A new definition
 * @defs: The set.
 * @insn: Instruction that makes the value.
 * @a: A definition the value's bounds depend on, or DEF_NONE.
 * @b: Another, or DEF_NONE.
 *
 * A failure is remembered in @defs->err, where the explorer looks after each
 * instruction; until then the value counts as one without history.
 *
 * Context: Process context, may sleep.
 * Return: Its number, not needed yet.
 */
u32 defs_make(struct defs *defs, u32 insn, u32 a, u32 b)
{
	int err = defs_grow(defs);

	if (err) {
		defs->err = err;
		return DEF_NONE;
	}
	*def_at(defs, defs->top) = (struct def){
		.insn = insn,
		.parent = { a, b },
	};
	return defs->top++;
}

/* Mark @n unless it is, and put it on the work list. */
static void mark(struct defs *defs, u32 n, u32 *work)
{
	struct def *def;

	if (n == DEF_NONE)
		return;
	def = def_at(defs, n);
	if (def->link & NEEDED)
		return;
	def->link = NEEDED | *work;
	*work = n;
}

/**
 * defs_need() - Something relies on this value
 * @defs: The set.
 * @n: Its definition, or DEF_NONE.
 *
 * Marks the definition and its ancestors.
 *
 * Context: Any context.
 */
void defs_need(struct defs *defs, u32 n)
{
	u32 work = LINK_END;

	mark(defs, n, &work);
	while (work != LINK_END) {
		struct def *def = def_at(defs, work);

		work = def->link & ~NEEDED;
		mark(defs, def->parent[0], &work);
		mark(defs, def->parent[1], &work);
	}
}

/**
 * defs_is_needed() - Does something rely on this value
 * @defs: The set.
 * @n: Its definition.
 *
 * Context: Any context.
 * Return: false for DEF_NONE.
 */
bool defs_is_needed(const struct defs *defs, u32 n)
{
	return n != DEF_NONE && (def_at(defs, n)->link & NEEDED);
}

/**
 * defs_insn() - Which instruction made this value
 * @defs: The set.
 * @n: Its definition, not DEF_NONE.
 *
 * Context: Any context.
 * Return: Index of the instruction.
 */
u32 defs_insn(const struct defs *defs, u32 n)
{
	return def_at(defs, n)->insn;
}
