// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory runs out at every single allocation: creation fails cleanly, and a map
 * that grows on demand goes on with what it has.
 */
#include "machine.h"

#include "tap.h"

static void creation(const char *name, u32 type, u32 max, u32 flags)
{
	bool clean = true;
	char text[128];
	long n;

	for (n = 0; n < 10000; n++) {
		struct bpf_map *map;

		machine_allocations_left = n;
		map = map_make(type, 4, 8, max, flags);
		machine_allocations_left = -1;
		if (!IS_ERR(map)) {
			map_unmake(map);
			break;
		}
		clean &= PTR_ERR(map) == -ENOMEM;
	}
	snprintf(text, sizeof(text), "%s: each of %ld allocations may fail", name, n);
	tap_result(clean && n > 0 && n < 10000, text);
}

static void growth(void)
{
	struct bpf_map *map = map_make(BPF_MAP_TYPE_HASH, 4, 8, 100000, BPF_F_NO_PREALLOC);
	u64 value = 1;
	u32 k, first;
	int ret = 0;

	machine_allocations_left = 0;
	for (k = 0; !ret; k++) {
		map->ops->map_make_room(map);
		ret = map->ops->map_update_elem(map, &k, &value, BPF_ANY);
		machine_settle();
	}
	first = --k;
	tap_result(ret == -ENOMEM && first > 8, "without memory: -ENOMEM, not E2BIG");
	for (k = 0, ret = 0; k < first && !ret; k++)
		ret = map->ops->map_update_elem(map, &k, &value, BPF_EXIST);
	tap_result(!ret, "without memory: replacing goes on");
	k = 5;
	ret = map->ops->map_delete_elem(map, &k);
	k = 200000;
	tap_result(!ret && !map->ops->map_update_elem(map, &k, &value, BPF_ANY),
		   "without memory: a deleted element is used again");

	machine_allocations_left = -1;
	for (k = first, ret = 0; k < 100000 && !ret; k++) {
		map->ops->map_make_room(map);
		ret = map->ops->map_update_elem(map, &k, &value, BPF_ANY);
	}
	k = 200001;
	tap_result(!ret || ret == -E2BIG, "memory is back: the map fills up");
	tap_result(map->ops->map_update_elem(map, &k, &value, BPF_ANY) == -E2BIG,
		   "full is -E2BIG");
	map_unmake(map);
}

/* A program inserts in bursts and never asks: the worker keeps up between them. */
static void bursts(void)
{
	struct bpf_map *map = map_make(BPF_MAP_TYPE_HASH, 4, 8, 100000, BPF_F_NO_PREALLOC);
	u64 value = 1;
	u32 k = 0, refused = 0;

	for (int burst = 0; burst < 3000 && k < 90000; burst++) {
		for (int i = 0; i < 16; i++, k++)
			refused += !!map->ops->map_update_elem(map, &k, &value, BPF_ANY);
		machine_settle();
	}
	if (refused)
		printf("# %u of %u refused\n", refused, k);
	tap_result(!refused, "bursts of 16 are never refused");
	map_unmake(map);
}

int main(void)
{
	creation("hash", BPF_MAP_TYPE_HASH, 5000, 0);
	creation("hash on demand", BPF_MAP_TYPE_HASH, 5000, BPF_F_NO_PREALLOC);
	creation("array", BPF_MAP_TYPE_ARRAY, 100, 0);
	growth();
	bursts();
	return tap_status();
}
