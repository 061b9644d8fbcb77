// SPDX-License-Identifier: GPL-2.0-only
/* Long random sequences of operations on one CPU, each compared with a model. */
#include "machine.h"

#include "tap.h"

#define KEYS	200

static unsigned int state = 1;

static unsigned int rnd(void)
{
	state = state * 1103515245 + 12345;
	return state >> 8;
}

/* What the map should hold. */
static struct {
	bool there;
	u8 seed;
} model[KEYS];
static u32 model_count;

static struct bpf_map *map;
static u8 key[64], value[4096], got[4096];

static void set_key(u32 k)
{
	memset(key, 0x77, sizeof(key));
	memcpy(key, &k, map->key_size < 4 ? map->key_size : 4);
}

static void set_value(u8 *to, u32 k, u8 seed)
{
	for (u32 i = 0; i < map->value_size; i++)
		to[i] = (u8)(k * 3 + seed + i);
}

static int model_update(u32 k, u8 seed, u64 flags)
{
	if (flags > BPF_EXIST)
		return -EINVAL;
	if (model[k].there && flags == BPF_NOEXIST)
		return -EEXIST;
	if (!model[k].there && flags == BPF_EXIST)
		return -ENOENT;
	if (!model[k].there && model_count == map->max_entries)
		return -E2BIG;
	model_count += !model[k].there;
	model[k].there = true;
	model[k].seed = seed;
	return 0;
}

static bool one_update(u32 k)
{
	u8 seed = (u8)rnd();
	u64 flags = rnd() % 4;

	set_key(k);
	set_value(value, k, seed);
	map->ops->map_make_room(map);
	return map->ops->map_update_elem(map, key, value, flags) ==
	       model_update(k, seed, flags);
}

static bool one_delete(u32 k)
{
	int want = model[k].there ? 0 : -ENOENT;

	set_key(k);
	model_count -= model[k].there;
	model[k].there = false;
	return map->ops->map_delete_elem(map, key) == want;
}

static bool one_lookup(u32 k)
{
	int want = model[k].there ? 0 : -ENOENT;
	void *elem;

	set_key(k);
	set_value(value, k, model[k].seed);
	elem = map->ops->map_lookup_elem(map, key);
	if (map->ops->map_copy_elem(map, key, got) != want || !elem != !!want)
		return false;
	return want || (!memcmp(elem, value, map->value_size) &&
			!memcmp(got, value, map->value_size));
}

/* Every key that is there exactly once, in keys the map really has. */
static bool one_walk(void)
{
	bool seen[KEYS] = { false };
	u8 at[64], next[64];
	u32 n = 0, k = 0;
	int ret;

	for (ret = map->ops->map_get_next_key(map, NULL, next); !ret;
	     ret = map->ops->map_get_next_key(map, at, next)) {
		memcpy(&k, next, map->key_size < 4 ? map->key_size : 4);
		if (k >= KEYS || seen[k] || !model[k].there)
			return false;
		seen[k] = true;
		n++;
		memcpy(at, next, map->key_size);
	}
	return ret == -ENOENT && n == model_count;
}

static void run(const char *name, u32 key_size, u32 value_size, u32 max, u32 flags)
{
	bool good = true;
	int i;

	memset(model, 0, sizeof(model));
	model_count = 0;
	map = map_make(BPF_MAP_TYPE_HASH, key_size, value_size, max, flags);
	if (IS_ERR(map)) {
		tap_result(false, name);
		return;
	}
	for (i = 0; i < 100000 && good; i++) {
		u32 k = rnd() % KEYS;

		switch (rnd() % 8) {
		case 0 ... 2:
			good = one_update(k);
			break;
		case 3 ... 4:
			good = one_delete(k);
			break;
		default:
			good = one_lookup(k);
		}
		if (i % 500 == 0)
			good &= one_walk();
		if (i % 997 == 0)
			machine_settle();
	}
	if (!good)
		printf("# step %d differs from the model\n", i);
	tap_result(good, name);
	map_unmake(map);
}

int main(void)
{
	run("more room than keys", 4, 8, 1000, 0);
	run("exactly as many", 4, 8, KEYS, 0);
	run("half as many", 4, 8, KEYS / 2, 0);
	run("three", 4, 8, 3, 0);
	run("one", 4, 8, 1, 0);
	run("keys of 1, values of 1", 1, 1, 100, 0);
	run("keys of 3, values of 5", 3, 5, 100, 0);
	run("keys of 33, values of 4096", 33, 4096, 100, 0);
	run("on demand, more room than keys", 4, 8, 1000, BPF_F_NO_PREALLOC);
	run("on demand, half as many", 4, 8, KEYS / 2, BPF_F_NO_PREALLOC);
	run("on demand, one", 4, 8, 1, BPF_F_NO_PREALLOC);
	run("on demand, values of 4096", 9, 4096, 100, BPF_F_NO_PREALLOC);
	return tap_status();
}
