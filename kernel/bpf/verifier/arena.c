// SPDX-License-Identifier: GPL-2.0-only
/*
 * The arena: memory that is freed with the load.
 *
 * Owns chunks, each as large as all before it up to CHUNK_MAX: most loads need
 * little. A piece never spans two chunks. Releasing to a mark makes everything given
 * out since then free again; the chunks stay for reuse. Not for pieces that must be
 * freed one by one in any order.
 */
#include <linux/align.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/sizes.h>

#include "arena.h"
#include "verifier.h"

#define CHUNK_MIN	SZ_2K
#define CHUNK_MAX	SZ_64K

struct arena_chunk {
	struct arena_chunk *next;
	size_t room;
	size_t used;
	u64 data[];
};

/**
 * arena_init() - An empty arena
 * @arena: What to initialise.
 * @env: The load.
 * @limit: Bytes it may take.
 *
 * Context: Any context.
 */
void arena_init(struct arena *arena, struct verifier_env *env, size_t limit)
{
	*arena = (struct arena){ .env = env, .limit = limit };
}

/**
 * arena_free() - Give all memory back
 * @arena: The arena.
 *
 * Context: Process context, may sleep.
 */
void arena_free(struct arena *arena)
{
	struct arena_chunk *chunk, *next;

	for (chunk = arena->first; chunk; chunk = next) {
		next = chunk->next;
		verifier_free(arena->env, chunk);
	}
	arena_init(arena, arena->env, arena->limit);
}

static bool fits(const struct arena *arena, size_t size)
{
	return arena->last && arena->last->room - arena->last->used >= size;
}

static int add_chunk(struct arena *arena, size_t piece)
{
	size_t size = clamp_t(size_t, arena->size, CHUNK_MIN, CHUNK_MAX);
	struct arena_chunk *chunk;

	size = max(size, sizeof(*chunk) + piece);
	if (size > CHUNK_MAX || arena->size + size > arena->limit)
		return -E2BIG;
	chunk = verifier_alloc(arena->env, 1, size);
	if (!chunk)
		return -ENOMEM;
	chunk->next = NULL;
	chunk->room = size - sizeof(*chunk);
	chunk->used = 0;
	if (arena->last)
		arena->last->next = chunk;
	else
		arena->first = chunk;
	arena->last = chunk;
	arena->size += size;
	return 0;
}

/* Step to the next chunk with room for a piece, making it if there is none. */
static int next_chunk(struct arena *arena, size_t piece)
{
	while (arena->last && arena->last->next) {
		arena->last = arena->last->next;
		arena->last->used = 0;
		if (fits(arena, piece))
			return 0;
	}
	return add_chunk(arena, piece);
}

/**
 * arena_alloc() - Take a piece
 * @arena: The arena.
 * @size: Bytes, less than CHUNK_MAX.
 * @err: Set to -E2BIG at the limit, -ENOMEM without memory; else untouched.
 *
 * Context: Process context, may sleep.
 * Return: The piece, aligned to 8, its content undefined; or NULL.
 */
void *arena_alloc(struct arena *arena, size_t size, int *err)
{
	struct arena_chunk *chunk;
	int ret = 0;

	size = ALIGN(size, 8);
	if (!fits(arena, size))
		ret = next_chunk(arena, size);
	if (ret) {
		*err = ret;
		return NULL;
	}
	chunk = arena->last;
	chunk->used += size;
	return (char *)chunk->data + chunk->used - size;
}

/**
 * arena_mark() - Remember how full the arena is
 * @arena: The arena.
 *
 * Context: Any context.
 * Return: What arena_release() takes.
 */
struct arena_mark arena_mark(const struct arena *arena)
{
	return (struct arena_mark){
		.chunk = arena->last,
		.used = arena->last ? arena->last->used : 0,
	};
}

/**
 * arena_release() - Take back all pieces given out since a mark
 * @arena: The arena.
 * @mark: What arena_mark() returned.
 *
 * Context: Any context.
 */
void arena_release(struct arena *arena, struct arena_mark mark)
{
	arena->last = mark.chunk ?: arena->first;
	if (arena->last)
		arena->last->used = mark.used;
}
