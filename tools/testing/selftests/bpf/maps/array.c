// SPDX-License-Identifier: GPL-2.0-only
/* What an array map promises: every size of value, every bound of the index. */
#include "../test.h"

/* Bounds an index has to be checked against, beyond those of the map. */
static const __u32 far[] = {
	0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x10000, 0x40000000,
};

static void fill(__u8 *value, __u32 size, __u32 seed)
{
	for (__u32 i = 0; i < size; i++)
		value[i] = (__u8)(seed * 13 + i + 1);
}

static bool is_zero(const __u8 *value, __u32 size)
{
	for (__u32 i = 0; i < size; i++)
		if (value[i])
			return false;
	return true;
}

static void test_size(__u32 size, __u32 max)
{
	int fd = map_create(BPF_MAP_TYPE_ARRAY, 4, size, max, 0);
	__u8 *value = malloc(size + 8), *got = malloc(size + 8);
	bool zero = true, kept = true, exact = true;
	__u32 i, next;
	int refused = 0;

	if (!ok(fd >= 0, "value %u, max %u: create", size, max))
		return;
	for (i = 0; i < max; i++) {
		zero &= !map_get(fd, &i, got) && is_zero(got, size);
		fill(value, size, i);
		zero &= !map_put(fd, &i, value, i & 1 ? BPF_EXIST : BPF_ANY);
	}
	ok(zero, "value %u, max %u: zero at first", size, max);

	for (i = 0; i < max; i++) {
		fill(value, size, i);
		memset(got, 0x5a, size + 8);
		kept &= !map_get(fd, &i, got) && !memcmp(value, got, size);
		for (int b = 0; b < 8; b++)
			exact &= got[size + b] == 0x5a;
	}
	ok(kept, "value %u, max %u: each keeps its own", size, max);
	ok(exact, "value %u, max %u: not a byte more is copied", size, max);

	for (size_t f = 0; f < ARRAY_LEN(far); f++) {
		if (far[f] < max)
			continue;
		i = far[f];
		refused += map_get(fd, &i, got) == -ENOENT;
		refused += map_put(fd, &i, value, BPF_ANY) == -E2BIG;
		refused += map_del(fd, &i) == -EINVAL;
		refused += map_next(fd, &i, &next) == 0 && next == 0;
		refused -= 4;
	}
	i = max;
	refused += (map_get(fd, &i, got) == -ENOENT) + (map_put(fd, &i, value, 0) == -E2BIG) - 2;
	is(refused, 0, "value %u, max %u: indices beyond the end", size, max);

	i = max - 1;
	is(map_next(fd, &i, &next), -ENOENT, "value %u, max %u: end", size, max);
	is(map_put(fd, &i, value, BPF_NOEXIST), -EEXIST, "value %u, max %u: all exist", size, max);
	next = 77;
	for (i = 0, kept = !map_next(fd, NULL, &next) && next == 0; i + 1 < max; i++)
		kept &= !map_next(fd, &i, &next) && next == i + 1;
	ok(kept, "value %u, max %u: indices in order", size, max);
	close(fd);
	free(value);
	free(got);
}

int main(void)
{
	for (__u32 size = 1; size <= 17; size++)
		test_size(size, 5);
	for (__u32 max = 1; max <= 17; max++)
		test_size(12, max);
	test_size(65536, 3);
	test_size(1 << 20, 3);
	test_size(4, quick() ? 3000 : 100000);
	return finish();
}
