// SPDX-License-Identifier: GPL-2.0-only
/*
 * The arena: memory that is freed with the load.
 *
 * Owns chunks of one size. A piece never spans two chunks. Releasing to a mark
 * makes everything given out since then free again; the chunks stay for reuse.
 * Not for pieces that must be freed one by one in any order.
 */
#include <linux/align.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "arena.h"
#include "limits.h"

#define CHUNK_SIZE	SZ_64K
#define CHUNK_ROOM	(CHUNK_SIZE - sizeof(struct arena_chunk))

struct arena_chunk {
	struct arena_chunk *next;
	size_t used;
	u64 data[];
};

/**
 * arena_init() - An empty arena
 * @arena: What to initialise.
 * @limit: Bytes it may take.
 *
 * Context: Any context.
 */
void arena_init(struct arena *arena, size_t limit)
{
	*arena = (struct arena){ .limit = limit };
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
		kvfree(chunk);
	}
	arena_init(arena, arena->limit);
}

/* Step to the next chunk, making it if there is none. */
static int next_chunk(struct arena *arena)
{
	struct arena_chunk *chunk;

	if (arena->last && arena->last->next) {
		arena->last = arena->last->next;
		arena->last->used = 0;
		return 0;
	}
	if (arena->size + CHUNK_SIZE > arena->limit)
		return -E2BIG;
	chunk = kvmalloc(CHUNK_SIZE, VERIFIER_GFP);
	if (!chunk)
		return -ENOMEM;
	chunk->next = NULL;
	chunk->used = 0;
	if (arena->last)
		arena->last->next = chunk;
	else
		arena->first = chunk;
	arena->last = chunk;
	arena->size += CHUNK_SIZE;
	return 0;
}

/**
 * arena_alloc() - Take a piece
 * @arena: The arena.
 * @size: Bytes, less than a chunk.
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
	if (!arena->last || arena->last->used + size > CHUNK_ROOM)
		ret = size > CHUNK_ROOM ? -E2BIG : next_chunk(arena);
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
