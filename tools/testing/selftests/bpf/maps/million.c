// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps of a million elements are made, filled, walked and freed without holding
 * a CPU: a thread that only wants to run now and then is never kept waiting for
 * long. Memory comes back when the map is gone.
 */
#include "../memory.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

#define MILLION	1000000u

/*
 * Emulated CPUs on a busy host stall by themselves for half a second, so the
 * limit is far from what it takes on an idle one (20 ms).
 */
#define LIMIT_MS 1500

static volatile bool stop;
static long worst_us[2];

static long long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

/* Sleeps a millisecond at a time on one CPU and notes how late it wakes up. */
static void *watchdog(void *arg)
{
	int cpu = (int)(uintptr_t)arg;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	while (!stop) {
		long long before = now_us();
		long late;

		usleep(1000);
		late = now_us() - before - 1000;
		if (late > worst_us[cpu])
			worst_us[cpu] = late;
	}
	return NULL;
}

static void calm(const char *what, long long since)
{
	long worst = worst_us[0] > worst_us[1] ? worst_us[0] : worst_us[1];

	note("%s: %lld ms, longest delay %ld us", what, (now_us() - since) / 1000, worst);
	ok(worst < LIMIT_MS * 1000, "%s: the CPUs stay usable (%ld ms of at most %d)", what,
	   worst / 1000, LIMIT_MS);
	worst_us[0] = worst_us[1] = 0;
}

/* Deferred work is done when memory has come back. */
static bool memory_returns(long before)
{
	for (int i = 0; i < 100; i++) {
		if (available_kb() > before - 4096)
			return true;
		usleep(100000);
	}
	return false;
}

static void one_map(const char *name, __u32 type, __u32 value, __u32 flags, __u32 fill)
{
	long before = available_kb(), during;
	long long start = now_us();
	char what[64];
	__u64 v[8] = { 1 };
	__u32 i, next;
	long ret;
	int fd;

	fd = map_create(type, 4, value, MILLION, flags);
	if (!ok(fd >= 0, "%s: create (%d)", name, fd))
		return;
	snprintf(what, sizeof(what), "%s: create", name);
	calm(what, start);

	start = now_us();
	for (i = 0, ret = 0; i < fill && !ret; i++)
		ret = map_put(fd, &i, v, BPF_ANY);
	is(ret, 0, "%s: %u elements", name, i);
	snprintf(what, sizeof(what), "%s: fill", name);
	calm(what, start);
	during = available_kb();
	ok(before - during > (long)(fill / 1024 * value), "%s: uses %ld MB", name,
	   (before - during) / 1024);

	/* Alone in a million buckets: the walk to it must not hold the CPU either. */
	start = now_us();
	if (type == BPF_MAP_TYPE_HASH) {
		for (i = 1; i < fill; i++)
			map_del(fd, &i);
		is(map_next(fd, NULL, &next), 0, "%s: find the last one", name);
		is(next, 0, "%s: it is that", name);
		is(map_next(fd, &next, &next), -ENOENT, "%s: the last one", name);
	}
	snprintf(what, sizeof(what), "%s: empty", name);
	calm(what, start);

	start = now_us();
	close(fd);
	ok(memory_returns(before), "%s: memory comes back", name);
	snprintf(what, sizeof(what), "%s: free", name);
	calm(what, start);
}

int main(void)
{
	pthread_t dogs[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&dogs[i], NULL, watchdog, (void *)(uintptr_t)i);
	one_map("hash", BPF_MAP_TYPE_HASH, 8, 0, 100000);
	one_map("hash, 64", BPF_MAP_TYPE_HASH, 64, 0, 100000);
	one_map("hash, on demand", BPF_MAP_TYPE_HASH, 64, BPF_F_NO_PREALLOC, 100000);
	one_map("array", BPF_MAP_TYPE_ARRAY, 64, 0, 100000);
	stop = true;
	for (int i = 0; i < 2; i++)
		pthread_join(dogs[i], NULL);
	return finish();
}
