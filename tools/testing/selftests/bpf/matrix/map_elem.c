// SPDX-License-Identifier: GPL-2.0-only
/*
 * Matrix: map x how its descriptor was opened x command on elements x key x flags.
 *
 * For each type of the code's table (kernel/bpf/types.c) there are the variants
 * below, in a state that is made anew before each case: keys 0 and 1 are there,
 * key 9 is not, and in a full map four others are. A map that can only be read
 * stays as it was made; one that is frozen was brought into that state before.
 */
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include "matrix.h"

#define MAX_ENTRIES	4
#define PRESENT		1
#define ABSENT		9

static int open_prog(void)
{
	const struct bpf_insn insns[] = { MOV_K(0, 0), EXIT() };

	return prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, insns, 2, "GPL", 0, NULL, 0);
}

static int open_event(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
	};

	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static const struct variant {
	const char *name;
	__u32 type;
	__u32 flags;
	bool is_full;
	int (*object)(void);	/* what values are descriptors of, NULL for bytes */
} variants[] = {
	{ "hash", BPF_MAP_TYPE_HASH, 0, false, NULL },
	{ "hash_full", BPF_MAP_TYPE_HASH, 0, true, NULL },
	{ "lazy", BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, false, NULL },
	{ "lazy_full", BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, true, NULL },
	{ "array", BPF_MAP_TYPE_ARRAY, 0, true, NULL },
	{ "progs", BPF_MAP_TYPE_PROG_ARRAY, 0, true, open_prog },
	{ "events", BPF_MAP_TYPE_PERF_EVENT_ARRAY, 0, true, open_event },
};

enum { MODE_RW, MODE_RD, MODE_WR, MODE_FROZEN, MODES };
enum { KEY_PRESENT, KEY_ABSENT, KEY_NULL, KEY_BAD, KEYS };

#define BITS		64
#define COMMANDS	38

static const char *map_names[ARRAY_LEN(variants)];
static const char *const mode_names[] = { "rw", "rd", "wr", "frozen" };
static const char *const key_names[] = { "present", "absent", "null", "bad" };
static const char *const command_names[COMMANDS] = {
	[BPF_MAP_LOOKUP_ELEM] = "lookup",
	[BPF_MAP_UPDATE_ELEM] = "update",
	[BPF_MAP_DELETE_ELEM] = "delete",
	[BPF_MAP_GET_NEXT_KEY] = "next",
	[BPF_MAP_LOOKUP_AND_DELETE_ELEM] = "take",
	[BPF_MAP_FREEZE] = "freeze",
	[BPF_MAP_LOOKUP_BATCH] = "lookup_batch",
	[BPF_MAP_LOOKUP_AND_DELETE_BATCH] = "take_batch",
	[BPF_MAP_UPDATE_BATCH] = "update_batch",
	[BPF_MAP_DELETE_BATCH] = "delete_batch",
};

/* Flags: one bit, or the small numbers that have more than one, or all. */
static const char *flag_names[BITS + 7];
static __u64 flag_values[BITS + 7];

static const struct axis axes[] = {
	{ "map", map_names, ARRAY_LEN(variants) },
	{ "mode", mode_names, MODES },
	{ "command", command_names, COMMANDS },
	{ "key", key_names, KEYS },
	{ "flags", flag_names, ARRAY_LEN(flag_names) },
};

static int fds[MODES];
static __u64 good_value;	/* of the map under test */

static void flags_setup(void)
{
	static const __u64 more[] = { 0, 3, 5, 6, 7, 9, ~0ULL };
	char name[24];

	for (size_t i = 0; i < ARRAY_LEN(flag_names); i++) {
		flag_values[i] = i < BITS ? 1ULL << i : more[i - BITS];
		if (i < BITS)
			snprintf(name, sizeof(name), "bit%zu", i);
		else
			snprintf(name, sizeof(name), "f%lld", (long long)more[i - BITS]);
		flag_names[i] = strdup(name);
	}
}

static void make_state(const struct variant *v, int fd)
{
	__u32 absent = ABSENT;

	map_del(fd, &absent);
	for (__u32 key = 0; key < (v->is_full ? MAX_ENTRIES : 2); key++)
		map_put(fd, &key, &good_value, 0);
}

static int freeze(int fd)
{
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.map_fd = fd;
	return (int)sys_bpf(BPF_MAP_FREEZE, &a);
}

static void open_map(const struct variant *v)
{
	const __u32 size = v->object ? 4 : 8;

	good_value = v->object ? (__u32)v->object() : 7;
	fds[MODE_RW] = map_create(v->type, 4, size, MAX_ENTRIES, v->flags);
	fds[MODE_RD] = map_create(v->type, 4, size, MAX_ENTRIES, v->flags | BPF_F_RDONLY);
	fds[MODE_WR] = map_create(v->type, 4, size, MAX_ENTRIES, v->flags | BPF_F_WRONLY);
	fds[MODE_FROZEN] = map_create(v->type, 4, size, MAX_ENTRIES, v->flags);
	for (int mode = 0; mode < MODES; mode++)
		if (fds[mode] < 0) {
			printf("Bail out! no map %s\n", v->name);
			exit(2);
		}
	make_state(v, fds[MODE_FROZEN]);
	freeze(fds[MODE_FROZEN]);
}

static void close_map(const struct variant *v)
{
	if (v->object)
		close((int)good_value);
	for (int mode = 0; mode < MODES; mode++)
		close(fds[mode]);
}

static void one(int map, int mode, int command, int key, int flags)
{
	__u32 keys[] = { [KEY_PRESENT] = PRESENT, [KEY_ABSENT] = ABSENT };
	const void *at = key == KEY_NULL ? NULL : key == KEY_BAD ? (void *)8 : &keys[key];
	__u64 out = good_value;
	int err;

	make_state(&variants[map], fds[mode]);
	err = map_elem(command, fds[mode], at, command == BPF_MAP_DELETE_ELEM ? NULL : &out,
		       flag_values[flags]);
	/* Where an iteration stands in a hash is chance: the end is as good. */
	if (command == BPF_MAP_GET_NEXT_KEY && key == KEY_PRESENT && err == -ENOENT)
		err = 0;
	matrix_case((int[]){ map, mode, command, key, flags }, err, "");
}

static void all_of(int map, int mode, int command)
{
	int flags_n = mode == MODE_RW ? (int)ARRAY_LEN(flag_names) : 0;

	for (int key = 0; key < KEYS; key++) {
		if (!flags_n)
			one(map, mode, command, key, BITS);
		for (int flags = 0; flags < flags_n; flags++)
			one(map, mode, command, key, flags);
	}
}

static long foreign_run(int fd, int command)
{
	static __u64 keys[8], values[8], position;
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	if (command == BPF_MAP_LOOKUP_AND_DELETE_ELEM)
		return map_elem(command, fd, keys, values, 0);
	if (command == BPF_MAP_FREEZE)
		return freeze(fd);
	a.batch.out_batch = ptr64(&position);
	a.batch.keys = ptr64(keys);
	a.batch.values = ptr64(values);
	a.batch.count = 1;
	a.batch.map_fd = fd;
	return sys_bpf(command, &a);
}

/* They may freeze or empty the map, so each gets its own. */
static void foreign(int map, int command)
{
	open_map(&variants[map]);
	make_state(&variants[map], fds[MODE_RW]);
	matrix_case((int[]){ map, MODE_RW, command, KEY_PRESENT, BITS },
		    foreign_run(fds[MODE_RW], command), "");
	close_map(&variants[map]);
}

static void all_commands(int map)
{
	open_map(&variants[map]);
	for (int mode = 0; mode < MODES; mode++) {
		for (int command = BPF_MAP_LOOKUP_ELEM; command <= BPF_MAP_GET_NEXT_KEY;
		     command++) {
			matrix_group("%s, %s, opened %s", variants[map].name,
				     command_names[command], mode_names[mode]);
			all_of(map, mode, command);
		}
	}
	close_map(&variants[map]);

	matrix_group("%s, commands on all of it, or not offered", variants[map].name);
	for (int command = BPF_MAP_LOOKUP_AND_DELETE_ELEM; command < COMMANDS; command++)
		if (command_names[command])
			foreign(map, command);
}

static void variants_cover_types(void)
{
	const struct row *row;
	bool found;

	for (int i = 0; (row = matrix_row("map_type", i)); i++) {
		found = false;
		for (size_t v = 0; v < ARRAY_LEN(variants); v++)
			found |= variants[v].type == row_number(row, 0);
		if (!found) {
			printf("Bail out! no variant of map type %s\n", row->words[0]);
			exit(2);
		}
	}
}

int main(void)
{
	for (size_t v = 0; v < ARRAY_LEN(variants); v++)
		map_names[v] = variants[v].name;
	flags_setup();
	matrix_begin("map_elem", axes, ARRAY_LEN(axes));
	variants_cover_types();
	for (size_t v = 0; v < ARRAY_LEN(variants); v++)
		all_commands(v);
	return matrix_end();
}
