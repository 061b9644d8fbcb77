/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of one load: given out piece by piece, taken back from the end or all
 * at once.
 */
#ifndef _BPF_VERIFIER_ARENA_H
#define _BPF_VERIFIER_ARENA_H

#include <linux/types.h>

struct arena_chunk;
struct verifier_env;

/**
 * struct arena - a row of chunks
 * @env: the load, which memory comes from
 * @first: oldest chunk
 * @last: chunk that is being filled; those behind it are empty
 * @limit: bytes it may grow to
 * @size: bytes of all chunks
 */
struct arena {
	struct verifier_env *env;
	struct arena_chunk *first;
	struct arena_chunk *last;
	size_t limit;
	size_t size;
};

/* A place to go back to. */
struct arena_mark {
	struct arena_chunk *chunk;
	size_t used;
};

void arena_init(struct arena *arena, struct verifier_env *env, size_t limit);
void arena_free(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size, int *err);
struct arena_mark arena_mark(const struct arena *arena);
void arena_release(struct arena *arena, struct arena_mark mark);

#endif /* _BPF_VERIFIER_ARENA_H */
