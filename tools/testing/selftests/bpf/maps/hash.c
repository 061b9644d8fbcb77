// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a hash map promises to one user at a time, for every way to create one
 * and many shapes of key and value.
 */
#include "../test.h"

#include <sys/mman.h>

static const struct shape {
	const char *name;
	__u32 key, value, max, flags;
} shapes[] = {
	{ "4/8", 4, 8, 64, 0 },
	{ "8/4", 8, 4, 64, 0 },
	{ "1/1", 1, 1, 64, 0 },
	{ "3/5", 3, 5, 64, 0 },
	{ "7/9", 7, 9, 64, 0 },
	{ "13/1", 13, 1, 64, 0 },
	{ "512/1", 512, 1, 64, 0 },
	{ "600/600", 600, 600, 64, 0 },
	{ "4/100000", 4, 100000, 64, 0 },
	{ "4/8, one entry", 4, 8, 1, 0 },
	{ "4/8, 3 entries", 4, 8, 3, 0 },
	{ "4/8, 1000 entries", 4, 8, 1000, 0 },
	{ "4/8, NO_PREALLOC", 4, 8, 64, BPF_F_NO_PREALLOC },
	{ "4/8, NO_PREALLOC, one entry", 4, 8, 1, BPF_F_NO_PREALLOC },
	{ "4/8, NO_PREALLOC, 5000 entries", 4, 8, 5000, BPF_F_NO_PREALLOC },
	{ "3/5, NO_PREALLOC", 3, 5, 64, BPF_F_NO_PREALLOC },
	{ "4/100000, NO_PREALLOC", 4, 100000, 64, BPF_F_NO_PREALLOC },
	{ "4/8, ZERO_SEED", 4, 8, 64, BPF_F_ZERO_SEED },
	{ "4/8, NUMA_NODE", 4, 8, 64, BPF_F_NUMA_NODE },
};

/* Keys and values that use all bytes they have; one byte tells 64 keys apart. */
static void make_key(const struct shape *s, __u32 i, __u8 *key)
{
	for (__u32 b = 0; b < s->key; b++)
		key[b] = (__u8)(i >> 8 * (b % 4)) ^ (__u8)(b / 4 * 37);
}

static void make_value(const struct shape *s, __u32 i, __u32 round, __u8 *value)
{
	for (__u32 b = 0; b < s->value; b++)
		value[b] = (__u8)(i * 7 + round * 31 + b);
}

static __u8 *key, *value, *got;

static long put(const struct shape *s, int fd, __u32 i, __u32 round, __u64 flags)
{
	make_key(s, i, key);
	make_value(s, i, round, value);
	return map_put(fd, key, value, flags);
}

/* 1: there with the value of that round; 0: missing; else a wrong value or error */
static long check(const struct shape *s, int fd, __u32 i, __u32 round)
{
	long ret;

	make_key(s, i, key);
	make_value(s, i, round, value);
	memset(got, 0xa5, s->value + 8);
	ret = map_get(fd, key, got);
	if (ret == -ENOENT)
		return 0;
	if (ret)
		return ret;
	/* Not a byte more than the value may be written. */
	for (int b = 0; b < 8; b++)
		if (got[s->value + b] != 0xa5)
			return 3;
	return memcmp(got, value, s->value) ? 2 : 1;
}

static long del(const struct shape *s, int fd, __u32 i)
{
	make_key(s, i, key);
	return map_del(fd, key);
}

static long count(const struct shape *s, int fd)
{
	__u8 *at = malloc(s->key), *next = malloc(s->key);
	long n = 0, ret = map_next(fd, NULL, next);

	while (!ret && n < 100000) {
		n++;
		memcpy(at, next, s->key);
		ret = map_next(fd, at, next);
	}
	free(at);
	free(next);
	return ret == -ENOENT ? n : ret;
}

static bool fill(const struct shape *s, int fd, __u32 round, __u64 flags)
{
	for (__u32 i = 0; i < s->max; i++)
		if (put(s, fd, i, round, flags))
			return false;
	return true;
}

static bool all_are(const struct shape *s, int fd, __u32 round)
{
	for (__u32 i = 0; i < s->max; i++)
		if (check(s, fd, i, round) != 1)
			return false;
	return true;
}

static void test_shape(const struct shape *s)
{
	int fd = map_create(BPF_MAP_TYPE_HASH, s->key, s->value, s->max, s->flags);
	const char *name = s->name;
	__u8 *first = calloc(1, s->key), *next = calloc(1, s->key);
	__u32 rounds = quick() && s->max > 64 ? 2 : 18;
	bool good = true;

	if (!ok(fd >= 0, "%s: create", name))
		return;
	key = calloc(1, s->key);
	value = calloc(1, s->value);
	got = calloc(1, s->value + 8);

	is(check(s, fd, 0, 0), 0, "%s: empty map has no key", name);
	is(del(s, fd, 0), -ENOENT, "%s: nothing to delete", name);
	is(put(s, fd, 0, 0, BPF_EXIST), -ENOENT, "%s: nothing to replace", name);
	is(map_next(fd, NULL, next), -ENOENT, "%s: no first key", name);
	is(count(s, fd), 0, "%s: count 0", name);

	ok(fill(s, fd, 0, BPF_NOEXIST), "%s: fill", name);
	ok(all_are(s, fd, 0), "%s: all there", name);
	is(count(s, fd), s->max, "%s: each key once", name);
	is(put(s, fd, 0, 1, BPF_NOEXIST), -EEXIST, "%s: NOEXIST of a key that is there", name);
	is(check(s, fd, 0, 0), 1, "%s: and changes nothing", name);
	is(put(s, fd, s->max, 0, BPF_ANY), -E2BIG, "%s: full", name);
	is(put(s, fd, s->max, 0, BPF_NOEXIST), -E2BIG, "%s: full, NOEXIST", name);
	is(put(s, fd, s->max, 0, BPF_EXIST), -ENOENT, "%s: full, EXIST", name);
	is(check(s, fd, s->max, 0), 0, "%s: the refused key is not there", name);

	ok(fill(s, fd, 1, BPF_EXIST), "%s: replace all in a full map", name);
	ok(all_are(s, fd, 1), "%s: all replaced", name);
	for (__u32 round = 2; round < 2 + rounds; round++)
		good &= fill(s, fd, round, BPF_ANY) && all_are(s, fd, round);
	ok(good, "%s: again and again", name);
	is(count(s, fd), s->max, "%s: none became more", name);

	is(del(s, fd, 0), 0, "%s: delete", name);
	is(del(s, fd, 0), -ENOENT, "%s: only once", name);
	is(check(s, fd, 0, 1 + rounds), 0, "%s: deleted key is gone", name);
	is(count(s, fd), s->max - 1, "%s: one less", name);
	is(put(s, fd, s->max, 0, BPF_ANY), 0, "%s: room for another", name);
	is(put(s, fd, 0, 0, BPF_ANY), -E2BIG, "%s: but one only", name);
	is(del(s, fd, s->max), 0, "%s: delete that", name);

	make_key(s, 0, first);
	is(map_next(fd, NULL, key), s->max > 1 ? 0 : -ENOENT, "%s: first key", name);
	is(map_next(fd, first, next), s->max > 1 ? 0 : -ENOENT,
	   "%s: from a missing key to the first", name);
	ok(s->max == 1 || !memcmp(key, next, s->key), "%s: the same first", name);

	/* Emptying by the usual loop. */
	for (good = true; !map_next(fd, NULL, next);)
		good &= !map_del(fd, next);
	ok(good, "%s: empty it", name);
	is(count(s, fd), 0, "%s: empty", name);
	ok(fill(s, fd, 20, BPF_ANY) && all_are(s, fd, 20), "%s: fill again", name);
	close(fd);
	free(first);
	free(next);
	free(key);
	free(value);
	free(got);
}

/* Two maps with the same contents iterate differently: the hash has a key. */
static void test_seed(void)
{
	int same = 0;

	for (__u32 flags = 0; flags <= BPF_F_ZERO_SEED; flags += BPF_F_ZERO_SEED) {
		__u32 order[2][256], n[2] = { 0, 0 };

		for (int m = 0; m < 2; m++) {
			int fd = map_create(BPF_MAP_TYPE_HASH, 4, 4, 256, flags);
			__u32 k = 0;

			for (__u32 i = 0; i < 256; i++)
				map_put(fd, &i, &i, 0);
			for (long ret = map_next(fd, NULL, &k); !ret && n[m] < 256;
			     ret = map_next(fd, &k, &k))
				order[m][n[m]++] = k;
			close(fd);
		}
		same = n[0] == 256 && n[1] == 256 && !memcmp(order[0], order[1], sizeof(order[0]));
		is(same, flags ? 1 : 0, flags ? "ZERO_SEED: same order" : "random seed: other order");
	}
}

/* In the values of one map nothing of another's shows. */
static void test_fresh_values(void)
{
	__u8 big[4096], out[4096];
	__u32 k;
	int fd;

	memset(big, 0xee, sizeof(big));
	fd = map_create(BPF_MAP_TYPE_HASH, 4, sizeof(big), 8, 0);
	for (k = 0; k < 8; k++)
		map_put(fd, &k, big, 0);
	close(fd);
	usleep(100000);
	fd = map_create(BPF_MAP_TYPE_ARRAY, 4, sizeof(big), 8, 0);
	for (k = 0; k < 8; k++) {
		map_get(fd, &k, out);
		for (size_t i = 0; i < sizeof(out); i++)
			if (out[i]) {
				ok(false, "a new array is zero");
				return;
			}
	}
	ok(true, "a new array is zero");
	close(fd);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		test_shape(&shapes[i]);
	test_seed();
	test_fresh_values();
	return finish();
}
