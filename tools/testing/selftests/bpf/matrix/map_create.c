// SPDX-License-Identifier: GPL-2.0-only
/*
 * Matrix: type of map x flags at creation x sizes.
 *
 * Every number of a type with each flag alone, small sizes; then, for the types
 * that the code's table (kernel/bpf/types.c) lists, edges of key size, value size
 * and number of elements in all combinations. Sizes are such that a map either
 * fits into any guest or into no machine.
 */
#include <stdio.h>
#include "matrix.h"

#define TYPES	41

enum flags {
	FLAG_LAST = 31,
	FLAG_NONE, FLAG_RD_WR, FLAG_PROG_RD_WR, FLAG_NODE_ANY, FLAG_NODE_BAD, FLAG_ALL,
	FLAGS
};

static const char *flag_names[FLAGS] = {
	[FLAG_NONE] = "none", [FLAG_RD_WR] = "rd_wr", [FLAG_PROG_RD_WR] = "prog_rd_wr",
	[FLAG_NODE_ANY] = "node_any", [FLAG_NODE_BAD] = "node_bad", [FLAG_ALL] = "all",
};

static const struct axis axes[] = {
	{ "type" }, { "flags", flag_names, FLAGS }, { "key" }, { "value" }, { "max" },
};

#define EDGES	INT32_MAX, INT32_MIN, -1

static const int key_sizes[] = {
	0, 1, 3, 4, 5, 8, 511, 512, 513, 4096, 0x10000, 0x400000, EDGES,
};
static const int value_sizes[] = { 0, 1, 4, 7, 8, 9, 4096, 0x10000, 0x400000, EDGES };
static const int max_entries[] = { 0, 1, 2, 3, INT32_MIN + 1, EDGES };

#define EACH(value, list)						\
	(const int *value = (list); value < (list) + ARRAY_LEN(list); value++)

static void set_flags(union bpf_attr *a, enum flags flags)
{
	switch (flags) {
	case FLAG_NONE:
		break;
	case FLAG_RD_WR:
		a->map_flags = BPF_F_RDONLY | BPF_F_WRONLY;
		break;
	case FLAG_PROG_RD_WR:
		a->map_flags = BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;
		break;
	case FLAG_NODE_ANY:
		a->map_flags = BPF_F_NUMA_NODE;
		a->numa_node = (__u32)-1;
		break;
	case FLAG_NODE_BAD:
		a->map_flags = BPF_F_NUMA_NODE;
		a->numa_node = 100000;
		break;
	case FLAG_ALL:
		a->map_flags = ~0U;
		break;
	default:
		a->map_flags = 1U << flags;
	}
}

static void one(int type, enum flags flags, int key, int value, int max)
{
	union bpf_attr a;
	int fd;

	memset(&a, 0, sizeof(a));
	a.map_type = type;
	a.key_size = key;
	a.value_size = value;
	a.max_entries = max;
	set_flags(&a, flags);
	fd = (int)sys_bpf(BPF_MAP_CREATE, &a);
	if (fd >= 0)
		close(fd);
	matrix_case((int[]){ type, flags, key, value, max }, fd < 0 ? fd : 0, "");
}

/* Arrays of descriptors take only values of 4 bytes. */
static int good_value(int type)
{
	return type == BPF_MAP_TYPE_PROG_ARRAY || type == BPF_MAP_TYPE_PERF_EVENT_ARRAY ? 4 : 8;
}

static void all_sizes(int type, enum flags flags)
{
	matrix_group("type %d, sizes, flags %s", type, flag_names[flags]);
	for EACH(key, key_sizes)
		for EACH(value, value_sizes)
			for EACH(max, max_entries)
				one(type, flags, *key, *value, *max);
}

int main(void)
{
	static char bits[FLAG_LAST + 1][8];

	for (int i = 0; i <= FLAG_LAST; i++) {
		snprintf(bits[i], sizeof(bits[i]), "bit%d", i);
		flag_names[i] = bits[i];
	}
	matrix_begin("map_create", axes, ARRAY_LEN(axes));
	for (int type = 0; type < TYPES; type++) {
		matrix_group("type %d, flags", type);
		for (int flags = 0; flags < FLAGS; flags++)
			one(type, flags, 4, good_value(type), 2);
	}
	for (int i = 0; matrix_row("map_type", i); i++) {
		int type = row_number(matrix_row("map_type", i), 0);

		all_sizes(type, FLAG_NONE);
		/* NO_PREALLOC */
		all_sizes(type, 0);
	}
	return matrix_end();
}
