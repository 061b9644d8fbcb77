// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writers that begin and end on several threads, and freezes in between: what was
 * frozen does not change, and who comes later is refused. One counter after the other
 * is used, each by whoever sees that it is the one of now.
 */
#include <pthread.h>
#include <sched.h>

#include "machine.h"
#include "map_freeze.h"

#include "tap.h"

#define THREADS		3
#define WORDS		8
#define ROUNDS		(getenv("QUICK") ? 500 : ROUNDS_MAX)
#define ROUNDS_MAX	2000

static struct {
	struct bpf_map map;
	u64 words[WORDS];
} maps[ROUNDS_MAX + 1];

static u32 now;
static bool stop;
/* So many writers that there is always one: nobody begins until the freezer was lucky. */
static bool hush;
#define PATIENCE	50
static unsigned long written, refused;

static void *writer(void *arg)
{
	u64 seed = (uintptr_t)arg + 1;

	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		u32 n = __atomic_load_n(&now, __ATOMIC_ACQUIRE);

		if (__atomic_load_n(&hush, __ATOMIC_RELAXED)) {
			sched_yield();
			continue;
		}
		if (!map_write_begin(&maps[n].map)) {
			__atomic_add_fetch(&refused, 1, __ATOMIC_RELAXED);
			sched_yield();
			continue;
		}
		for (u32 i = 0; i < WORDS; i++) {
			__atomic_store_n(&maps[n].words[i], ++seed, __ATOMIC_RELAXED);
			if (i == WORDS / 2 && seed % 7 == 0)
				sched_yield();
		}
		map_write_end(&maps[n].map);
		__atomic_add_fetch(&written, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static bool is_stable(u32 n)
{
	u64 first[WORDS];

	for (u32 i = 0; i < WORDS; i++)
		first[i] = __atomic_load_n(&maps[n].words[i], __ATOMIC_RELAXED);
	for (u32 look = 0; look < 5; look++) {
		sched_yield();
		for (u32 i = 0; i < WORDS; i++)
			if (__atomic_load_n(&maps[n].words[i], __ATOMIC_RELAXED) != first[i])
				return false;
	}
	return true;
}

static void race(void)
{
	pthread_t thread[THREADS];
	unsigned long busy = 0, changed = 0;
	u32 rounds = ROUNDS;

	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, writer, (void *)(i << 32));
	for (u32 n = 0; n < rounds; n++) {
		/* Somebody is there. */
		while (!__atomic_load_n(&maps[n].words[0], __ATOMIC_RELAXED))
			sched_yield();
		for (u32 tries = 1; map_freeze(&maps[n].map); tries++) {
			busy++;
			sched_yield();
			__atomic_store_n(&hush, tries > PATIENCE, __ATOMIC_RELAXED);
		}
		__atomic_store_n(&hush, false, __ATOMIC_RELAXED);
		changed += !is_stable(n);
		__atomic_store_n(&now, n + 1, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	for (u32 i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	printf("# %u frozen, %lu times busy, %lu times written, %lu times refused\n", rounds, busy,
	       written, refused);
	tap_result(written && refused && busy, "writers and freezes meet");
	tap_result(!changed, "what is frozen does not change");
}

static void sequence(void)
{
	struct bpf_map map = {};

	tap_result(map_is_idle(&map) && !map_is_frozen(&map), "a new map is neither written nor frozen");
	tap_result(map_write_begin(&map) && map_freeze(&map) == -EBUSY && !map_is_idle(&map),
		   "not frozen while somebody writes");
	map_write_again(&map);
	map_write_end(&map);
	tap_result(map_freeze(&map) == -EBUSY, "nor while one of two does");
	map_write_end(&map);
	tap_result(map_is_idle(&map) && !map_freeze(&map) && map_is_frozen(&map), "then it is");
	tap_result(map_freeze(&map) == -EBUSY && !map_write_begin(&map) && map_is_frozen(&map),
		   "and stays, whoever comes");
	tap_result(!map_is_constant(&map), "but programs may write it");
	map.map_flags = BPF_F_RDONLY_PROG;
	tap_result(map_is_constant(&map), "unless they may not");
	map.writers = (atomic64_t){ 0 };
	tap_result(!map_is_constant(&map), "which is nothing without being frozen");
}

int main(void)
{
	sequence();
	race();
	return tap_status();
}
