/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the race tests share: threads that run until a time is over, random
 * numbers of their own, counters of what must not happen.
 *
 * What must not happen in the kernel, KASAN and lockdep see, on the debug kernel.
 * Broken on purpose, it was caught there: a program that holds no reference to its
 * maps, by objects and by traffic; a socket's filter freed without waiting for
 * those who run it, by traffic.
 */
#ifndef SELFTEST_BPF_RACES_RACE_H
#define SELFTEST_BPF_RACES_RACE_H

#include "../held.h"
#include "../memory.h"

#include <pthread.h>
#include <time.h>

#define THREADS	8

struct racer {
	pthread_t thread;
	int number;
	__u32 state;		/* of rnd() */
	unsigned long done;	/* that did something */
};

static bool race_over;

static inline bool racing(void)
{
	return !__atomic_load_n(&race_over, __ATOMIC_RELAXED);
}

static inline MAYBE_UNUSED __u32 rnd(struct racer *r, __u32 below)
{
	r->state = r->state * 1664525 + 1013904223;
	return (r->state >> 8) % below;
}

static inline MAYBE_UNUSED void count(unsigned long *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

static inline MAYBE_UNUSED void pause_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static inline MAYBE_UNUSED long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Is the memory back that was there @before, but for what caches keep? */
static inline MAYBE_UNUSED bool memory_back(long before)
{
	for (int tries = 0; tries < 100; tries++) {
		if (available_kb_shrunk() > before - 4096)
			return true;
		pause_ms(50);
	}
	note("%ld kB of %ld kB are back", available_kb_shrunk(), before);
	return false;
}

/*
 * race - run bodies[i] in thread i for @ms
 *
 * On a busy machine, or with a kernel full of checks, that may be too short for
 * anything to happen: it goes on until @enough says so, ten times as long at most.
 * Returns how often they did something.
 */
static inline MAYBE_UNUSED unsigned long race(void *(*const bodies[THREADS])(void *), long ms,
					      bool (*enough)(void))
{
	static struct racer racers[THREADS];
	long start = now_ms();
	unsigned long done = 0;

	__atomic_store_n(&race_over, false, __ATOMIC_RELAXED);
	for (int i = 0; i < THREADS; i++) {
		racers[i] = (struct racer){ .number = i, .state = (__u32)i * 2654435761u + 1 };
		if (pthread_create(&racers[i].thread, NULL, bodies[i], &racers[i]))
			bail("thread: %m");
	}
	do
		pause_ms(50);
	while (now_ms() < start + ms || (enough && !enough() && now_ms() < start + 10 * ms));
	__atomic_store_n(&race_over, true, __ATOMIC_RELAXED);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(racers[i].thread, NULL);
		done += racers[i].done;
	}
	return done;
}

#endif
