/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps whose values are descriptors, indexed by a number. */
#ifndef SELFTEST_BPF_FD_ARRAY_H
#define SELFTEST_BPF_FD_ARRAY_H

#include "../test.h"

static inline int put(int map, __u32 index, int value, __u64 flags)
{
	return map_put(map, &index, &value, flags);
}

static inline int del(int map, __u32 index)
{
	return map_del(map, &index);
}

/* A map that cannot be made, and why not. */
struct bad_map {
	__u32 key, value, max, flags;
	int want;
	const char *name;
};

static inline void refused_maps(__u32 type, const struct bad_map *rows, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		is(map_create(type, rows[i].key, rows[i].value, rows[i].max, rows[i].flags),
		   rows[i].want, "create: %s", rows[i].name);
}

#endif
