// SPDX-License-Identifier: GPL-2.0-only
/*
 * Eight CPUs work on one or two maps and are interrupted in the middle of it by
 * NMIs and interrupts that work on the same maps. Nothing may hang, no value be
 * a mix, no element be lost or be in two places, a key that is only replaced
 * never be missing.
 */
#include "machine.h"

#include "tap.h"

#define KEYS	40
#define WORDS	16
#define STABLE	1000	/* + CPU: keys that are only replaced */

static struct bpf_map *maps[2];
static u32 map_count;
static unsigned long torn, missing, odd, busy, done[3];
static __thread unsigned int state;

static unsigned int rnd(void)
{
	/* A handler that comes in between only makes it more random. */
	state = state * 1103515245 + 12345 + this_cpu;
	return state >> 8;
}

static void count(unsigned long *what)
{
	__atomic_add_fetch(what, 1, __ATOMIC_RELAXED);
}

struct wide_key {
	u32 k[8];
};

static void set_key(struct wide_key *key, u32 k)
{
	for (int i = 0; i < 8; i++)
		key->k[i] = k;
}

static void judge(const u64 *value, u32 k)
{
	for (int i = 1; i < WORDS; i++)
		if (value[i] != value[0]) {
			count(&torn);
			return;
		}
	if (value[0] >> 32 != k)
		count(&odd);
}

/* Only an NMI may find that it would have to wait for what it interrupted. */
static void refused(int level)
{
	count(level == 2 ? &busy : &odd);
}

static void update(struct bpf_map *map, u32 k, u64 flags, int level)
{
	struct wide_key key;
	u64 value[WORDS];
	int ret;

	set_key(&key, k);
	for (int i = 0; i < WORDS; i++)
		value[i] = (u64)k << 32 | state;
	ret = map->ops->map_update_elem(map, &key, value, flags);
	if (ret == -EBUSY)
		refused(level);
	else if (ret && ret != -E2BIG && ret != -ENOMEM && ret != -EEXIST && ret != -ENOENT)
		count(&odd);
	else if (flags == BPF_EXIST && k >= STABLE && ret)
		count(&missing);
}

static void lookup(struct bpf_map *map, u32 k)
{
	struct wide_key key;
	u64 value[WORDS];
	int ret;

	set_key(&key, k);
	ret = map->ops->map_copy_elem(map, &key, value);
	if (!ret)
		judge(value, k);
	else if (ret != -ENOENT)
		count(&odd);
	else if (k >= STABLE)
		count(&missing);
}

static void something(int level)
{
	struct bpf_map *map = maps[rnd() % map_count];
	u32 k = rnd() % KEYS, stable = STABLE + rnd() % NR_CPUS;
	struct wide_key key;
	int ret;

	switch (rnd() % 8) {
	case 0 ... 1:
		update(map, k, rnd() % 3, level);
		break;
	case 2:
		set_key(&key, k);
		ret = map->ops->map_delete_elem(map, &key);
		if (ret == -EBUSY)
			refused(level);
		else if (ret && ret != -ENOENT)
			count(&odd);
		break;
	case 3 ... 4:
		update(map, stable, BPF_EXIST, level);
		break;
	case 5:
		lookup(map, k);
		break;
	default:
		lookup(map, stable);
	}
	count(&done[level]);
}

static void body(int cpu)
{
	state = cpu * 7919 + 1;
	while (!machine_stop) {
		something(0);
		if (rnd() % 64 == 0)
			maps[0]->ops->map_make_room(maps[0]);
	}
}

static void on_irq(int cpu)
{
	something(1);
	something(1);
}

static void on_nmi(int cpu)
{
	something(2);
	something(2);
}

/* All the room there should be: nothing leaked, nothing doubled. */
static bool holds_exactly(struct bpf_map *map)
{
	struct wide_key key;
	u64 value[WORDS] = { 0 };
	u32 n;

	while (!map->ops->map_get_next_key(map, NULL, &key))
		if (map->ops->map_delete_elem(map, &key))
			return false;
	for (n = 0; n <= map->max_entries; n++) {
		set_key(&key, 5000 + n);
		map->ops->map_make_room(map);
		if (map->ops->map_update_elem(map, &key, value, BPF_NOEXIST))
			break;
	}
	if (n != map->max_entries)
		printf("# holds %u of %u\n", n, map->max_entries);
	return n == map->max_entries;
}

static void report(const char *name, const char *what, unsigned long n)
{
	char text[128];

	if (n)
		printf("# %lu times\n", n);
	snprintf(text, sizeof(text), "%s: %s", name, what);
	tap_result(!n, text);
}

static bool all_took_part(void)
{
	return done[0] > 1000 && done[1] > 100 && done[2] > 100;
}

static void run(const char *name, u32 count_of_maps, u32 max, u32 flags)
{
	struct wide_key key;
	bool exact = true;
	char text[128];

	torn = missing = odd = busy = done[0] = done[1] = done[2] = 0;
	map_count = count_of_maps;
	for (u32 m = 0; m < map_count; m++) {
		maps[m] = map_make(BPF_MAP_TYPE_HASH, sizeof(key), WORDS * 8, max, flags);
		for (u32 i = 0; i < NR_CPUS; i++) {
			maps[m]->ops->map_make_room(maps[m]);
			update(maps[m], STABLE + i, BPF_ANY, 0);
		}
	}
	machine_run(body, on_irq, on_nmi, getenv("QUICK") ? 300 : 1500, all_took_part);
	printf("# %s: %lu operations, %lu in interrupts, %lu in NMIs; %lu were refused\n",
	       name, done[0], done[1], done[2], busy);
	report(name, "no value is a mix", torn);
	report(name, "no key that is only replaced is missing", missing);
	report(name, "no other result", odd);
	for (u32 m = 0; m < map_count; m++) {
		exact &= holds_exactly(maps[m]);
		map_unmake(maps[m]);
	}
	snprintf(text, sizeof(text), "%s: no element lost or doubled", name);
	tap_result(exact, text);
	snprintf(text, sizeof(text), "%s: all contexts took part", name);
	tap_result(all_took_part(), text);
}

int main(void)
{
	run("room for all", 1, KEYS + NR_CPUS, 0);
	run("short of room", 1, KEYS / 2 + NR_CPUS, 0);
	run("just room to replace", 1, NR_CPUS, 0);
	run("two maps", 2, KEYS / 2 + NR_CPUS, 0);
	run("on demand", 1, KEYS + NR_CPUS, BPF_F_NO_PREALLOC);
	run("on demand, large", 1, 100000, BPF_F_NO_PREALLOC);
	machine_stall_every = 32;
	run("stalled", 1, NR_CPUS + 2, 0);
	run("stalled, on demand", 1, NR_CPUS + 2, BPF_F_NO_PREALLOC);
	return tap_status();
}
