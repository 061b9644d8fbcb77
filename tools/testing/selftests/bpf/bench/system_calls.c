// SPDX-License-Identifier: GPL-2.0-only
/* What bpf(2) costs a process, entry and return included. */
#include "bench.h"

#define CALLS	64

/* struct table - a map that a row is about: FILLED of its elements are there */
struct table {
	__u32 type, key_size, value_size, size, flags;
};

#define FILLED(t) ((t)->type == BPF_MAP_TYPE_ARRAY ? (t)->size : (t)->size / 2)

/*
 * struct call - what a row does
 * @first: number of the first key of CALLS
 * @undo: done afterwards, uncounted, so that the next try finds the same
 */
struct call {
	const struct table *table;
	int cmd;
	int undo;
	__u32 first;
	long want;
};

static __u8 key[64] __attribute__((aligned(8)));
static __u8 next[64], value[4096];

static long element(int cmd, int map, __u32 n)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	memcpy(key, &n, sizeof(n));
	attr.map_fd = map;
	attr.key = ptr64(key);
	attr.value = cmd == BPF_MAP_GET_NEXT_KEY ? ptr64(next) : cmd == BPF_MAP_DELETE_ELEM ? 0 : ptr64(value);
	return raw_bpf(cmd, &attr, sizeof(attr));
}

static int make(const struct table *t, struct outcome *out)
{
	int map = map_create(t->type, t->key_size, t->value_size, t->size, t->flags);

	if (map < 0)
		no_figure(out, "the map cannot be made: %s", strerror(-map));
	for (__u32 i = 0; map >= 0 && i < FILLED(t); i++)
		if (element(BPF_MAP_UPDATE_ELEM, map, i))
			no_figure(out, "the map cannot be filled");
	return map;
}

/* Only the call is counted, with the three instructions around it. */
static __u64 ticks(const struct call *c, int map, struct outcome *out)
{
	union bpf_attr attr;
	__u64 best = -1ULL;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = ptr64(key);
	attr.value = c->cmd == BPF_MAP_GET_NEXT_KEY ? ptr64(next) : c->cmd == BPF_MAP_DELETE_ELEM ? 0 : ptr64(value);
	for (int i = 0; i < TRIES; i++) {
		__u64 sum = 0;

		for (__u32 n = c->first; n < c->first + CALLS; n++) {
			__u64 began;
			long ret;

			memcpy(key, &n, sizeof(n));
			began = now();
			ret = raw_bpf(c->cmd, &attr, sizeof(attr));
			sum += now() - began;
			/* The last key has no next one; which that is, chance decides. */
			if (c->cmd == BPF_MAP_GET_NEXT_KEY && ret == -ENOENT)
				continue;
			if (ret != c->want)
				no_figure(out, "returns %ld, not %ld", ret, c->want);
			if (!i && c->cmd == BPF_MAP_LOOKUP_ELEM)
				out->check = mix(out->check, *(__u64 *)value);
		}
		best = sum < best ? sum : best;
		for (__u32 n = c->first; c->undo && n < c->first + CALLS; n++)
			element(c->undo, map, n);
	}
	return best;
}

static void measure_call(const struct row *row, struct outcome *out)
{
	const struct call *c = row->how;
	int map = c->table ? make(c->table, out) : -1;

	if (*out->none)
		return;
	out->cost = (double)ticks(c, map, out) / CALLS;
	if (c->table) {
		out->check = mix(out->check, contents(map, c->table->key_size, c->table->value_size));
		close(map);
	}
}

/* An element's share of making the map of @row->size. */
static void measure_create(const struct row *row, struct outcome *out)
{
	const struct table *t = row->how;
	__u64 best = -1ULL;

	for (int i = 0; i < TRIES && !*out->none; i++) {
		__u64 began = now();
		int map = map_create(t->type, t->key_size, t->value_size, row->size, t->flags);

		began = now() - began;
		best = began < best ? began : best;
		if (map < 0)
			no_figure(out, "the map cannot be made: %s", strerror(-map));
		close(map);
		/* What the last one leaves behind is freed later. */
		usleep(50000);
	}
	out->cost = (double)best / row->size;
}

/* A process's way through all elements, of which there are half of @row->size. */
static void measure_walk(const struct row *row, struct outcome *out)
{
	struct table t = *(const struct table *)row->how;
	__u64 began, found = 0;
	union bpf_attr attr;
	int map;

	t.size = row->size;
	map = make(&t, out);
	if (*out->none)
		return;
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.value = ptr64(key);
	began = now();
	while (!raw_bpf(BPF_MAP_GET_NEXT_KEY, &attr, sizeof(attr))) {
		attr.key = ptr64(key);
		found++;
	}
	out->cost = (double)(now() - began) / found;
	out->check = found;
	close(map);
}

static void measure(const struct row *row, struct outcome *out)
{
	static void (*const how[])(const struct row *row, struct outcome *out) = {
		measure_call, measure_create, measure_walk,
	};

	how[row->arg](row, out);
}

#define MAP(t, k, v, n, f) (&(const struct table) { BPF_MAP_TYPE_##t, k, v, n, f })
#define CALL_ON(map, ...) (&(const struct call) { map, __VA_ARGS__ })

#define ALL_CALLS(name, map, g)									\
	{ name ": look up", 0, CALL_ON(map, BPF_MAP_LOOKUP_ELEM, 0, 100, 0), 0, g },		\
	{ name ": look up, miss", 0, CALL_ON(map, BPF_MAP_LOOKUP_ELEM, 0, 5000, -ENOENT) },	\
	{ name ": update", 0, CALL_ON(map, BPF_MAP_UPDATE_ELEM, 0, 100, 0), 0, g },		\
	{ name ": insert", 0, CALL_ON(map, BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM, 5000, 0) }, \
	{ name ": delete", 0, CALL_ON(map, BPF_MAP_DELETE_ELEM, BPF_MAP_UPDATE_ELEM, 100, 0), 0, g }, \
	{ name ": next key", 0, CALL_ON(map, BPF_MAP_GET_NEXT_KEY, 0, 100, 0) }

#define SERIES(name, map, how) \
	{ name, 1000, map, how }, { name, 10000, map, how }, { name, 100000, map, how }

enum { CALL_ROW, CREATE_ROW, WALK_ROW };

static const struct row rows[] = {
	{ "unknown command", 0, CALL_ON(NULL, 9999, 0, 0, -EINVAL) },
	{ "array, value of 8: look up", 0, CALL_ON(MAP(ARRAY, 4, 8, 1024, 0), BPF_MAP_LOOKUP_ELEM, 0, 100, 0) },
	{ "array, value of 8: update", 0, CALL_ON(MAP(ARRAY, 4, 8, 1024, 0), BPF_MAP_UPDATE_ELEM, 0, 100, 0) },
	{ "array, value of 8: next key", 0, CALL_ON(MAP(ARRAY, 4, 8, 1024, 0), BPF_MAP_GET_NEXT_KEY, 0, 100, 0) },
	ALL_CALLS("hash, 4 to 8", MAP(HASH, 4, 8, 1024, 0), true),
	ALL_CALLS("hash, 16 to 64", MAP(HASH, 16, 64, 1024, 0), false),
	ALL_CALLS("hash, 64 to 1024", MAP(HASH, 64, 1024, 1024, 0), false),
	ALL_CALLS("hash, NO_PREALLOC, 4 to 8", MAP(HASH, 4, 8, 1024, BPF_F_NO_PREALLOC), false),
	SERIES("make an array, value of 8, an element", MAP(ARRAY, 4, 8, 0, 0), CREATE_ROW),
	SERIES("make a hash, 4 to 8, an element", MAP(HASH, 4, 8, 0, 0), CREATE_ROW),
	SERIES("make a hash, 16 to 64, an element", MAP(HASH, 16, 64, 0, 0), CREATE_ROW),
	SERIES("walk a hash, 4 to 8, a key", MAP(HASH, 4, 8, 0, 0), WALK_ROW),
};

const struct group system_calls = GROUP("system calls", "instructions", rows, false, measure);
