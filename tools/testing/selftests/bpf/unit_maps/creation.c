// SPDX-License-Identifier: GPL-2.0-only
/* What makes a map and what does not; arrays against the rules of their calls. */
#include "machine.h"

#include "tap.h"

#define ARRAY	BPF_MAP_TYPE_ARRAY
#define HASH	BPF_MAP_TYPE_HASH

static const struct {
	u32 type, key, value, max, flags;
	int err;
} attributes[] = {
	{ ARRAY, 4, 1, 1, 0, 0 },
	{ ARRAY, 3, 1, 1, 0, -EINVAL },
	{ ARRAY, 8, 1, 1, 0, -EINVAL },
	{ ARRAY, 4, 0, 1, 0, -EINVAL },
	{ ARRAY, 4, 1, 0, 0, -EINVAL },
	{ ARRAY, 4, 1, 1, BPF_F_NO_PREALLOC, -EINVAL },
	{ ARRAY, 4, 1, 1, 1u << 31, -EINVAL },
	{ ARRAY, 4, 1, 1, BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG, -EINVAL },
	{ ARRAY, 4, 1, 1, BPF_F_RDONLY_PROG, 0 },
	{ ARRAY, 4, 1, 1, BPF_F_RDONLY | BPF_F_WRONLY, 0 },
	{ ARRAY, 4, 0x80000000, 1, 0, -E2BIG },
	{ HASH, 1, 1, 1, 0, 0 },
	{ HASH, 0, 1, 1, 0, -EINVAL },
	{ HASH, 1, 0, 1, 0, -EINVAL },
	{ HASH, 1, 1, 0, 0, -EINVAL },
	{ HASH, 4, 4, 4, BPF_F_ZERO_SEED, 0 },
	{ HASH, 4, 4, 4, 1u << 31, -EINVAL },
	{ HASH, 4, 4, 4, BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG, -EINVAL },
	{ HASH, 4, 4, 4, BPF_F_WRONLY_PROG | BPF_F_NO_PREALLOC, 0 },
	{ HASH, 4, 4u << 20, 1, 0, -E2BIG },
	{ HASH, 0xffffffff, 0xffffffff, 1, 0, -E2BIG },
	{ HASH, 4, 4, 0x80000001, 0, -E2BIG },
	{ HASH, 4, 4, 0x80000000, 0, -E2BIG },
};

static void test_attributes(void)
{
	unsigned int wrong = 0;

	for (u32 i = 0; i < ARRAY_SIZE(attributes); i++) {
		struct bpf_map *map = map_make(attributes[i].type, attributes[i].key,
					       attributes[i].value, attributes[i].max,
					       attributes[i].flags);
		int err = IS_ERR(map) ? PTR_ERR(map) : 0;

		if (!err)
			map_unmake(map);
		if (err == attributes[i].err)
			continue;
		printf("# row %u: %d, want %d\n", i, err, attributes[i].err);
		wrong++;
	}
	tap_result(!wrong, "attributes of hash and array maps");
}

/* Elements do not touch, whatever their size. */
static bool elements_apart(u32 value_size, u32 max)
{
	struct bpf_map *map = map_make(ARRAY, 4, value_size, max, 0);
	u8 value[64], got[64];
	bool good = !IS_ERR(map);
	u32 k, i;

	for (k = 0; good && k < max; k++) {
		memset(value, k + 1, sizeof(value));
		good = !map->ops->map_update_elem(map, &k, value, BPF_ANY);
	}
	for (k = 0; good && k < max; k++) {
		u8 *at = map->ops->map_lookup_elem(map, &k);

		good = at && (uintptr_t)at % 8 == 0 && !map->ops->map_copy_elem(map, &k, got);
		for (i = 0; good && i < value_size; i++)
			good = at[i] == (u8)(k + 1) && got[i] == (u8)(k + 1);
	}
	if (good)
		map_unmake(map);
	return good;
}

static void test_array_keys(void)
{
	struct bpf_map *map = map_make(ARRAY, 4, 8, 3, 0);
	u32 none = 3, far = 0xffffffff, key = 1, next = 77;
	u64 value = 5;
	bool good = true;

	map->ops->map_make_room(map);
	tap_result(!map->ops->map_lookup_elem(map, &none) && !map->ops->map_lookup_elem(map, &far) &&
		   map->ops->map_copy_elem(map, &none, &value) == -ENOENT,
		   "array: nothing behind the last element");
	tap_result(map->ops->map_update_elem(map, &none, &value, BPF_ANY) == -E2BIG &&
		   map->ops->map_update_elem(map, &key, &value, BPF_NOEXIST) == -EEXIST &&
		   map->ops->map_update_elem(map, &key, &value, BPF_EXIST + 1) == -EINVAL &&
		   !map->ops->map_update_elem(map, &key, &value, BPF_EXIST),
		   "array: update");
	tap_result(map->ops->map_delete_elem(map, &key) == -EINVAL, "array: no deletion");
	good &= !map->ops->map_get_next_key(map, NULL, &next) && next == 0;
	for (key = 0; key < 2; key++)
		good &= !map->ops->map_get_next_key(map, &key, &next) && next == key + 1;
	good &= map->ops->map_get_next_key(map, &key, &next) == -ENOENT;
	good &= !map->ops->map_get_next_key(map, &far, &next) && next == 0;
	tap_result(good, "array: keys in order, an unknown one begins anew");
	map_unmake(map);
}

int main(void)
{
	test_attributes();
	tap_result(elements_apart(1, 5) && elements_apart(8, 7) && elements_apart(13, 4) &&
		   elements_apart(64, 1), "array: elements of all sizes");
	test_array_keys();
	tap_result(!machine_live, "nothing leaked");
	return tap_status();
}
