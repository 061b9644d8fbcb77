// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps are frozen while system calls and mappings write into them. Once a freeze has
 * succeeded nothing changes any more: not by a call that was on its way, not through
 * a mapping, and whoever comes later is told.
 *
 * One thread makes a map after the other, has it written to for a moment, and freezes
 * it; the others write to whichever map it is just now.
 */
#include "race.h"
#include "../raw_freeze.h"

#define RACE_MS	2500
#define MAP	100		/* the descriptor all know */
#define WORDS	2048		/* of a value: copying them takes a while */
#define SIZE	(WORDS * sizeof(__u64))
#define LOOKS	4

static unsigned long frozen, busy, changed, put, refused, mapped, unmapped, wrong;
static const __u32 key;

/* Writers begin and end while this goes on, so it may take some tries. */
static bool freeze(int fd)
{
	int err;

	while ((err = map_freeze(fd)) == -EBUSY && racing())
		count(&busy);
	if (err && err != -EBUSY)
		count(&wrong);
	return !err;
}

static void judge(int fd, struct racer *r)
{
	static __u64 first[WORDS], again[WORDS];

	if (map_get(fd, &key, first))
		count(&wrong);
	for (int look = 0; look < LOOKS; look++) {
		pause_ms(rnd(r, 2));
		if (map_get(fd, &key, again))
			count(&wrong);
		if (memcmp(first, again, SIZE))
			count(&changed);
	}
	count(&frozen);
}

static void *freezes(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		int fd = map_create(BPF_MAP_TYPE_ARRAY, 4, SIZE, 1, BPF_F_MMAPABLE);

		if (fd < 0 || dup2(fd, MAP) != MAP)
			bail("map: %m");
		pause_ms(rnd(r, 3));
		if (freeze(fd))
			judge(fd, r);
		close(fd);
		r->done++;
	}
	return NULL;
}

static void *updates(void *arg)
{
	struct racer *r = arg;
	__u64 value[WORDS];

	while (racing()) {
		int err;

		for (int i = 0; i < WORDS; i++)
			value[i] = r->state + i;
		rnd(r, 2);
		err = map_put(MAP, &key, value, BPF_ANY);
		count(!err ? &put : err == -EPERM ? &refused : &wrong);
		r->done++;
	}
	return NULL;
}

static void *mappings(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		__u64 *at = map_pages(MAP, SIZE, RW);
		long err = map_error(at);

		r->done++;
		if (err) {
			count(err == -EPERM ? &unmapped : &wrong);
			continue;
		}
		count(&mapped);
		for (__u32 i = 0; i < WORDS; i += 1 + rnd(r, 64))
			((volatile __u64 *)at)[i] = r->state;
		munmap(at, SIZE);
		pause_ms(rnd(r, 2));
	}
	return NULL;
}

static bool enough(void)
{
	return __atomic_load_n(&frozen, __ATOMIC_RELAXED) > 50;
}

int main(void)
{
	static void *(*const bodies[THREADS])(void *) = {
		freezes, updates, updates, mappings, mappings, updates, mappings, updates,
	};
	int held = held_objects(), first = map_create(BPF_MAP_TYPE_ARRAY, 4, SIZE, 1, BPF_F_MMAPABLE);

	if (first < 0 || dup2(first, MAP) != MAP)
		bail("map: %m");
	close(first);
	race(bodies, RACE_MS, enough);
	ok(frozen > 0, "race(freeze): %lu maps frozen, %lu times somebody was writing", frozen, busy);
	ok(put > 0 && refused > 0, "race(freeze): %lu updates, %lu too late", put, refused);
	ok(mapped > 0 && unmapped > 0, "race(freeze): %lu mappings, %lu too late", mapped, unmapped);
	is((long long)changed, 0, "race(freeze): frozen maps that changed");
	is((long long)wrong, 0, "race(freeze): other answers");
	close(MAP);
	none_held(held);
	return finish();
}
