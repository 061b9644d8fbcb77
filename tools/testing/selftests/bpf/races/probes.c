// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs on probes that come and go while what they are on is called: a kprobe
 * and a uprobe under traffic, tail calls through slots that are exchanged, and a
 * kprobe inside of the allocator that updates maps, which allocate.
 */
#include "race.h"
#include "../tracefs.h"

#define RACE_MS		2500

static unsigned long attached, refused, fired, stored;
static int maps[2], progs, runs;
static int kprobe_id, uprobe_id, allocator_id;

/* Adds 1 to slot 0 of runs, then goes on in another that adds 1 to slot 1. */
static int load_counter(int slot, bool calls)
{
	return PROG_LOAD(BPF_PROG_TYPE_KPROBE, MOV_X(6, 1), ST(BPF_W, 10, -4, slot), MOV_X(2, 10),
			 ALU_K(BPF_ADD, 2, -4), LD_MAP(1, runs), CALL(BPF_FUNC_map_lookup_elem),
			 JMP_K(BPF_JEQ, 0, 0, 2), MOV_K(1, 1), ATOMIC(BPF_DW, BPF_ADD, 0, 1, 0),
			 MOV_X(1, 6), LD_MAP(2, progs), MOV_K(3, calls ? 0 : 99),
			 CALL(BPF_FUNC_tail_call), MOV_K(0, 1), EXIT());
}

/* Inserts a random key into each map, and deletes another. */
static int load_updater(void)
{
#define ONE(map)							\
	CALL(BPF_FUNC_get_prandom_u32), ALU_K(BPF_AND, 0, 63),		\
	STX(BPF_W, 10, 0, -4), ST(BPF_DW, 10, -16, 1), MOV_X(2, 10),	\
	ALU_K(BPF_ADD, 2, -4), MOV_X(3, 10), ALU_K(BPF_ADD, 3, -16),	\
	MOV_K(4, 0), LD_MAP(1, map), CALL(BPF_FUNC_map_update_elem),	\
	CALL(BPF_FUNC_get_prandom_u32), ALU_K(BPF_AND, 0, 63),		\
	STX(BPF_W, 10, 0, -4), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4),	\
	LD_MAP(1, map), CALL(BPF_FUNC_map_delete_elem)
	return PROG_LOAD(BPF_PROG_TYPE_KPROBE, ONE(maps[0]), ONE(maps[1]), MOV_K(0, 1), EXIT());
#undef ONE
}

static __attribute__((noinline)) void probed(void)
{
	__asm__ volatile("nop; nop; nop; nop" ::: "memory");
}

static void *fire(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		for (int i = 0; i < 20; i++) {
			syscall(SYS_getpgid, 0);
			probed();
		}
		r->done++;
		count(&fired);
	}
	return NULL;
}

/* Two may bring different programs to one event; one ends while another runs. */
static void *come_and_go(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		int event = event_open(PERF_TYPE_TRACEPOINT, rnd(r, 2) ? kprobe_id : uprobe_id);
		int prog = load_counter(0, true);

		if (ioctl(event, PERF_EVENT_IOC_SET_BPF, prog))
			count(&refused);
		else
			count(&attached);
		close(prog);
		for (int i = 0; i < 10; i++) {
			syscall(SYS_getpgid, 0);
			probed();
		}
		close(event);
		r->done++;
	}
	return NULL;
}

static void *exchange(void *arg)
{
	struct racer *r = arg;
	__u32 slot = 0;

	while (racing()) {
		int prog = load_counter(1, rnd(r, 2));

		map_put(progs, &slot, &prog, 0);
		close(prog);
		if (!rnd(r, 4))
			map_del(progs, &slot);
		r->done++;
	}
	return NULL;
}

static void *update(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		__u32 key = rnd(r, 64);
		__u64 value = 2;

		if (!map_put(maps[rnd(r, 2)], &key, &value, 0))
			count(&stored);
		key = rnd(r, 64);
		map_del(maps[rnd(r, 2)], &key);
		r->done++;
	}
	return NULL;
}

static __u64 run_count(__u32 slot)
{
	__u64 value = 0;

	map_get(runs, &slot, &value);
	return value;
}

static bool all_happened(void)
{
	return attached && fired && stored && run_count(0) && run_count(1);
}

/* As many keys fit as the map was made for, whatever happened to it. */
static void check_whole(int map, const char *name)
{
	__u64 value = 3;
	__u32 fit = 0;

	for (__u32 key = 0; key < 64; key++)
		map_del(map, &key);
	for (__u32 key = 100; key < 200; key++)
		fit += !map_put(map, &key, &value, 0);
	is(fit, 64, "%s: all 64 elements are there", name);
}

int main(void)
{
	static void *(*const bodies[THREADS])(void *) = {
		fire, fire, come_and_go, come_and_go, come_and_go, exchange, update, update,
	};
	int allocator, updater;

	mount_tracefs();
	add_event("kprobe_events", "p:race_call __x64_sys_getpgid\n");
	add_event("kprobe_events", "p:race_alloc kmem_cache_alloc\n");
	add_uprobe("p", "race_user", probed);
	kprobe_id = event_id("kprobes/race_call");
	allocator_id = event_id("kprobes/race_alloc");
	uprobe_id = event_id("uprobes/race_user");

	maps[0] = map_create(BPF_MAP_TYPE_HASH, 4, 8, 64, 0);
	maps[1] = map_create(BPF_MAP_TYPE_HASH, 4, 8, 64, BPF_F_NO_PREALLOC);
	progs = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0);
	runs = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0);
	/*
	 * The probes stay armed: taking the breakpoint of a kprobe out and putting it in
	 * again under traffic is another race, and not ours (Linux 6.1 loses it under
	 * emulation, jumping to 0).
	 */
	event_open(PERF_TYPE_TRACEPOINT, kprobe_id);
	event_open(PERF_TYPE_TRACEPOINT, uprobe_id);
	updater = load_updater();
	if (updater < 0)
		bail("updater: %d\n%s", updater, prog_log);
	allocator = event_open(PERF_TYPE_TRACEPOINT, allocator_id);
	is(ioctl(allocator, PERF_EVENT_IOC_SET_BPF, updater), 0, "a program inside the allocator");

	ok(race(bodies, RACE_MS, all_happened) > 0, "eight threads");
	close(allocator);
	ok(attached > 0, "programs came (%lu) and went (%lu were refused)", attached, refused);
	ok(run_count(0) > 0, "and ran (%llu times)", run_count(0));
	ok(run_count(1) > 0, "and went on in others (%llu times)", run_count(1));
	ok(stored > 0, "user space updated the maps meanwhile (%lu times)", stored);
	check_whole(maps[0], "preallocated");
	check_whole(maps[1], "not preallocated");
	return finish();
}
