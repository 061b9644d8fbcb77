// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a load: pieces of its block and chunks of its arenas hold what was
 * written into them, whatever else is taken and given back, and limits are kept.
 *
 * Where a sanitizer watches a load has no block; here it has one, and the sanitizer
 * watches the edges of that.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/errno.h>
#include <linux/sizes.h>

#include "tap.h"
#include "arena.h"
#include "verifier.h"

#define PIECES	64

static struct piece {
	u8 *at;
	size_t size;
	u8 fill;
} pieces[PIECES];

static u64 state = 1;

static u32 below(u32 n)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % n;
}

static void fill(struct piece *p)
{
	p->fill = (u8)below(256);
	memset(p->at, p->fill, p->size);
}

static bool is_whole(const struct piece *p)
{
	for (size_t i = 0; i < p->size; i++)
		if (p->at[i] != p->fill)
			return false;
	return true;
}

static bool in_block(const struct verifier_env *env, const void *p)
{
	return p >= (void *)(env + 1) && p < (void *)env->room_end;
}

static size_t room(const struct verifier_env *env)
{
	return (size_t)(env->room_end - env->room);
}

/* ---- the block ------------------------------------------------------------------------ */

/* Sizes of any remainder by 8, zeroed or not, freed in any order. */
static void test_pieces(void)
{
	bool good = true;
	u32 inside = 0, outside = 0;

	for (u32 round = 0; round < 300; round++) {
		struct verifier_env *env = verifier_env_alloc();
		u32 n = 1 + below(PIECES);

		for (u32 i = 0; i < n; i++) {
			struct piece *p = &pieces[i];

			p->size = below(8) ? below(300) : below(20000);
			p->fill = 0;
			p->at = below(2) ? verifier_alloc(env, 1, p->size) :
					   verifier_zalloc(env, p->size, 1);
			if (p->size)
				good &= (uintptr_t)p->at % 8 == 0;
			inside += in_block(env, p->at);
			outside += !in_block(env, p->at);
			good &= !in_block(env, p->at) || p->at + p->size <= (u8 *)env->room_end;
			fill(p);
		}
		for (u32 i = 0; i < n; i++)
			good &= is_whole(&pieces[i]);
		for (u32 i = n; i--; )
			verifier_free(env, pieces[i].at);
		kvfree(env);
	}
	tap_result(good && inside > 1000 && outside > 100, "pieces lie apart, in the block and outside");
}

static void test_zeroes(void)
{
	struct verifier_env *env = verifier_env_alloc();
	bool good = true;
	u8 *p;

	memset(env->room, 0xff, room(env));
	for (u32 i = 0; i < 100; i++) {
		p = verifier_zalloc(env, 3, 37);
		for (u32 k = 0; k < 111; k++)
			good &= !p[k];
	}
	good &= in_block(env, p);
	p = verifier_zalloc(env, 1, room(env) + 1);
	good &= !in_block(env, p) && !p[0] && !p[room(env)];
	verifier_free(env, p);
	kvfree(env);
	tap_result(good, "what shall be zero is, in the block and outside");
}

/* @short_by: of what is left of the block. */
static bool last_piece(size_t short_by, bool inside)
{
	struct verifier_env *env = verifier_env_alloc();
	struct piece before = { .size = 13 }, last;
	void *after;
	bool good;

	before.at = verifier_alloc(env, 1, before.size);
	last.size = room(env) - short_by;
	last.at = verifier_alloc(env, last.size, 1);
	fill(&before);
	fill(&last);
	good = in_block(env, last.at) == inside && is_whole(&before) &&
	       env->room <= env->room_end;
	after = verifier_alloc(env, 1, 64);
	good &= !in_block(env, after) || !inside;
	verifier_free(env, after);
	verifier_free(env, last.at);
	kvfree(env);
	return good;
}

static void test_end_of_block(void)
{
	tap_result(last_piece(1, true) && last_piece(7, true) && last_piece(8, true) &&
		   last_piece(0, false),
		   "the last piece of a block, and the first that has no room");
}

static void test_overflow(void)
{
	struct verifier_env *env = verifier_env_alloc();

	tap_result(!verifier_alloc(env, SIZE_MAX / 2, 3) && !verifier_zalloc(env, SIZE_MAX / 2, 3) &&
		   !verifier_alloc(env, 1UL << 33, 1UL << 33) &&
		   !verifier_zalloc(env, 1UL << 33, 1UL << 33),
		   "more than there can be is refused");
	kvfree(env);
}

/* ---- arenas ------------------------------------------------------------------------------ */

/* Pieces come, and go back to a mark; those before it stay. */
static void test_marks(void)
{
	struct verifier_env *env = verifier_env_alloc();
	struct arena_mark marks[PIECES];
	struct arena arena;
	bool good = true;
	int err = 0;
	u32 n = 0;

	arena_init(&arena, env, 4 * SZ_1M);
	for (u32 round = 0; round < 100000; round++) {
		if (n == PIECES || (n && !below(3))) {
			n = below(n);
			good &= is_whole(&pieces[n]);
			arena_release(&arena, marks[n]);
			continue;
		}
		marks[n] = arena_mark(&arena);
		pieces[n].size = below(30) ? below(400) : below(SZ_64K - 64);
		pieces[n].at = arena_alloc(&arena, pieces[n].size, &err);
		if (!pieces[n].at)
			break;
		good &= (uintptr_t)pieces[n].at % 8 == 0;
		fill(&pieces[n++]);
		for (u32 i = 0; i < n; i++)
			good &= is_whole(&pieces[i]);
	}
	arena_free(&arena);
	kvfree(env);
	tap_result(good && !err, "an arena gives back to a mark, and keeps what was before");
}

static void test_growth(void)
{
	struct verifier_env *env = verifier_env_alloc();
	struct arena arena;
	size_t last = 0;
	bool good = true;
	int err = 0;

	arena_init(&arena, env, SZ_1M);
	good &= !arena.size && arena_alloc(&arena, 8, &err) && arena.size == SZ_2K;
	for (u32 i = 0; i < 1000; i++) {
		good &= arena_alloc(&arena, 128, &err) != NULL;
		good &= arena.size == last || arena.size <= last + SZ_64K;
		last = arena.size;
	}
	good &= last >= 128000 && last < 128000 + 2 * SZ_64K;
	arena_free(&arena);
	good &= !arena.size && arena_alloc(&arena, 8, &err) && arena.size == SZ_2K;
	arena_free(&arena);
	kvfree(env);
	tap_result(good && !err, "chunks are small at first, and no larger than 64 kB");
}

static void test_limit(void)
{
	struct verifier_env *env = verifier_env_alloc();
	struct arena_mark start;
	struct arena arena;
	u32 first = 0, again = 0;
	int err = 0;
	bool good;

	arena_init(&arena, env, 4 * SZ_64K);
	start = arena_mark(&arena);
	while (arena_alloc(&arena, 1000, &err))
		first++;
	good = err == -E2BIG && arena.size <= 4 * SZ_64K && first > 200;
	arena_release(&arena, start);
	err = 0;
	while (arena_alloc(&arena, 1000, &err))
		again++;
	good &= err == -E2BIG && again == first;
	arena_free(&arena);

	err = 0;
	good &= !arena_alloc(&arena, SZ_64K, &err) && err == -E2BIG && !arena.size;
	arena_free(&arena);
	kvfree(env);
	tap_result(good, "a limit is kept, the same number of pieces each time");
}

int main(void)
{
	test_pieces();
	test_zeroes();
	test_end_of_block();
	test_overflow();
	test_marks();
	test_growth();
	test_limit();
	return tap_status();
}
