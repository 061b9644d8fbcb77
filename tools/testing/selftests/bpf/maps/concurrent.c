// SPDX-License-Identifier: GPL-2.0-only
/*
 * One hash map, many threads: no value is a mix of two, no key vanishes while it
 * is only replaced, the map never holds too much, iteration comes to an end.
 * (On the pristine kernel values are mixes now and then.)
 */
#include "../test.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#define THREADS	8
#define WORDS	32
#define KEYS	24		/* shared, few: chains are short, collisions many */
#define ROUND_MS (quick() ? 500 : 1500)

static struct setup {
	const char *name;
	__u32 max, flags, key_size;
} setups[] = {
	{ "preallocated", KEYS + THREADS, 0, 4 },
	{ "on demand", KEYS + THREADS, BPF_F_NO_PREALLOC, 4 },
	{ "one bucket", 1, 0, 4 },
	{ "long keys", KEYS + THREADS, 0, 256 },
};

static int fd;
static __u32 key_size;
static volatile bool stop;
static unsigned long torn, vanished, wrong, done, found;

static void set_key(__u8 *key, __u32 i)
{
	memset(key, 0x11, key_size);
	memcpy(key, &i, 4);
}

/* A value is one word over and over, and the word names its key. */
static void set_value(__u64 *value, __u32 key, __u32 n)
{
	for (int i = 0; i < WORDS; i++)
		value[i] = (__u64)key << 32 | n;
}

static void judge(const __u64 *value, __u32 key)
{
	for (int i = 1; i < WORDS; i++)
		if (value[i] != value[0]) {
			__atomic_add_fetch(&torn, 1, __ATOMIC_RELAXED);
			return;
		}
	if (value[0] >> 32 != key)
		__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&found, 1, __ATOMIC_RELAXED);
}

static unsigned int rnd(unsigned int *state)
{
	*state = *state * 1103515245 + 12345;
	return *state >> 8;
}

/* Updates, deletes and looks up keys everybody uses. */
static void *churn(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg * 7919 + 1;
	__u64 value[WORDS];
	__u8 key[256];

	while (!stop) {
		__u32 k = rnd(&seed) % KEYS;
		long ret;

		set_key(key, k);
		switch (rnd(&seed) % 4) {
		case 0:
			ret = map_del(fd, key);
			if (ret && ret != -ENOENT)
				__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
			break;
		case 1:
			set_value(value, k, seed);
			ret = map_put(fd, key, value, BPF_ANY);
			if (ret && ret != -E2BIG)
				__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
			break;
		default:
			ret = map_get(fd, key, value);
			if (!ret)
				judge(value, k);
			else if (ret != -ENOENT)
				__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
		}
		__atomic_add_fetch(&done, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Only replaces a key of its own: nobody may ever miss it. */
static void *replace(void *arg)
{
	__u32 mine = KEYS + (__u32)(uintptr_t)arg;
	__u64 value[WORDS];
	__u8 key[256];

	set_key(key, mine);
	for (__u32 n = 0; !stop; n++) {
		set_value(value, mine, n);
		if (map_put(fd, key, value, BPF_EXIST))
			__atomic_add_fetch(&vanished, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void *watch(void *arg)
{
	__u32 other = KEYS + (__u32)(uintptr_t)arg;
	__u64 value[WORDS];
	__u8 key[256];

	set_key(key, other);
	while (!stop) {
		if (map_get(fd, key, value))
			__atomic_add_fetch(&vanished, 1, __ATOMIC_RELAXED);
		else
			judge(value, other);
		__atomic_add_fetch(&done, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* One pass over the map; a key taken away under it may start it anew. */
static long walk(void)
{
	__u8 key[256], next[256];
	long n = 0, ret = map_next(fd, NULL, next);

	while (!ret && n < 1000000) {
		n++;
		memcpy(key, next, key_size);
		ret = map_next(fd, key, next);
	}
	return ret == -ENOENT ? n : -1;
}

static void *iterate(void *arg)
{
	while (!stop) {
		if (walk() < 0)
			__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static bool something_happened(void)
{
	return __atomic_load_n(&done, __ATOMIC_RELAXED) > 100 &&
	       __atomic_load_n(&found, __ATOMIC_RELAXED) > 10;
}

static void run(const char *name, void *(*const *bodies)(void *), int n)
{
	pthread_t threads[THREADS];
	struct timespec ts = { ROUND_MS / 1000, ROUND_MS % 1000 * 1000000L };

	stop = false;
	torn = vanished = wrong = done = found = 0;
	for (int i = 0; i < n; i++)
		pthread_create(&threads[i], NULL, bodies[i], (void *)(uintptr_t)(i / 2));
	/* Longer where others keep the processor busy. */
	for (int rounds = 0; rounds < 1 || (rounds < 50 && !something_happened()); rounds++)
		nanosleep(&ts, NULL);
	stop = true;
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	is(torn, 0, "%s: no value is a mix", name);
	is(vanished, 0, "%s: a key being replaced is always there", name);
	is(wrong, 0, "%s: no other result", name);
	ok(something_happened(), "%s: something happened (%lu, %lu found)", name, done, found);
}

static void test(const struct setup *s)
{
	void *(*const churners[])(void *) = {
		churn, churn, churn, churn, churn, churn, churn, iterate,
	};
	void *(*const replacers[])(void *) = {
		replace, watch, replace, watch, churn, churn, churn, iterate,
	};
	__u64 value[WORDS];
	__u8 key[256];
	char name[64];
	long n;

	key_size = s->key_size;
	fd = map_create(BPF_MAP_TYPE_HASH, key_size, sizeof(value), s->max, s->flags);
	if (!ok(fd >= 0, "%s: create", s->name))
		return;

	snprintf(name, sizeof(name), "%s, churn", s->name);
	run(name, churners, THREADS);
	n = walk();
	ok(n >= 0 && n <= s->max, "%s: %ld entries of at most %u", name, n, s->max);

	if (s->max > KEYS) {
		for (__u32 i = 0; i < THREADS; i++) {
			set_key(key, KEYS + i);
			set_value(value, KEYS + i, 0);
			map_put(fd, key, value, BPF_ANY);
		}
		snprintf(name, sizeof(name), "%s, replace", s->name);
		run(name, replacers, THREADS);
		n = walk();
		ok(n >= 0 && n <= s->max, "%s: %ld entries of at most %u", name, n, s->max);
	}

	/* Nothing leaked: every key goes in once the map is empty. */
	while (!map_next(fd, NULL, key))
		map_del(fd, key);
	for (n = 0; n < s->max; n++) {
		set_key(key, 1000 + n);
		if (map_put(fd, key, value, BPF_NOEXIST))
			break;
	}
	is(n, s->max, "%s: holds all its entries afterwards", s->name);
	set_key(key, 999);
	is(map_put(fd, key, value, BPF_NOEXIST), -E2BIG, "%s: and no more", s->name);
	close(fd);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(setups); i++)
		test(&setups[i]);
	return finish();
}
