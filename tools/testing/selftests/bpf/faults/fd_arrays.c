// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arrays of programs and of perf events when memory runs out: each allocation of
 * making one, of storing, replacing and deleting, and of loading a program that
 * uses one fails. What a slot held is in it still, as the map and the programs that
 * go through it tell. See sweep.h.
 */
#include "../engine.h"
#include "sweep.h"

#include "../perf.h"
#include "../tracefs.h"

#define SLOTS	4
#define EMPTY	1
#define OLD	2
#define NEW	3

static int map = -1;

/* ---- creation ------------------------------------------------------------------- */

/* arg: type, entries, flags */
static long create(const struct op *op)
{
	return map_create((__u32)op->arg[0], 4, 4, (__u32)op->arg[1], (__u32)op->arg[2]);
}

#define CREATE(n, which, ...) \
	{ .name = "create " n, .run = create, .only = which, .arg = { __VA_ARGS__ } }

static const struct op creations[] = {
	CREATE("array of programs", BOTH_WAYS, BPF_MAP_TYPE_PROG_ARRAY, SLOTS),
	CREATE("array of 100000 programs", REST_FAILS, BPF_MAP_TYPE_PROG_ARRAY, 100000),
	CREATE("array of events", BOTH_WAYS, BPF_MAP_TYPE_PERF_EVENT_ARRAY, SLOTS),
	CREATE("array of events that stay", ONE_FAILS, BPF_MAP_TYPE_PERF_EVENT_ARRAY, 1000,
	       BPF_F_PRESERVE_ELEMS),
};

/* ---- programs -------------------------------------------------------------------- */

static int old_prog = -1, new_prog = -1, caller = -1;

static long store_prog(const struct op *op)
{
	return map_put(map, &(__u32){ 0 }, &new_prog, BPF_ANY);
}

static long delete(const struct op *op)
{
	return map_del(map, &(__u32){ 0 });
}

/* What a packet meets behind the slot: the length it is cut to. */
static __u64 called(const struct op *op)
{
	return (__u64)filter_run(caller, "12345678", 8, NULL);
}

static int load_caller(void)
{
	return FILTER(LD_MAP(2, map), MOV_K(3, 0), CALL(BPF_FUNC_tail_call), MOV_K(0, EMPTY), EXIT());
}

static long load_user(const struct op *op)
{
	return load_caller();
}

/* arg[1]: is there a program already */
static bool with_progs(const struct op *op)
{
	map = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, SLOTS, 0);
	caller = load_caller();
	return map >= 0 && caller >= 0 &&
	       (!op->arg[1] || !map_put(map, &(__u32){ 0 }, &old_prog, BPF_ANY));
}

static void without_progs(const struct op *op, long ret)
{
	if (ret > 2)
		close((int)ret);
	close(caller);
	close(map);
}

static __u64 wanted(const struct op *op)
{
	return (__u64)op->arg[0];
}

#define PROGS(n, body, which, want, before)					\
	{ .name = n, .run = body, .prepare = with_progs, .undo = without_progs,	\
	  .look = called, .done = wanted, .only = which, .arg = { want, before } }

static const struct op of_progs[] = {
	PROGS("store a program", store_prog, NO_MEMORY, NEW, 0),
	PROGS("replace a program", store_prog, NO_MEMORY, NEW, 1),
	PROGS("delete a program", delete, NO_MEMORY, EMPTY, 1),
	PROGS("load with an array of programs", load_user, ONE_FAILS, OLD, 1),
};

/* ---- events ---------------------------------------------------------------------- */

static int old_event = -1, new_event = -1, probe = -1, results;

/* What a program hears that writes to the slot. */
static __u64 written(const struct op *op)
{
	__u64 value = 0;

	filter_run(caller, "12345678", 8, NULL);
	map_get(results, &(__u32){ 0 }, &value);
	return value;
}

static int load_writer(void)
{
	return FILTER(LD_MAP(2, map), MOV_K(3, 0), MOV_X(4, 10), ALU_K(BPF_ADD, 4, -8),
		      ST(BPF_DW, 10, -8, 0), MOV_K(5, 8), CALL(BPF_FUNC_perf_event_output),
		      STX(BPF_DW, 10, 0, -8), ST(BPF_W, 10, -12, 0), LD_MAP(1, results), MOV_X(2, 10),
		      ALU_K(BPF_ADD, 2, -12), MOV_X(3, 10), ALU_K(BPF_ADD, 3, -8), MOV_K(4, 0),
		      CALL(BPF_FUNC_map_update_elem), MOV_K(0, 0), EXIT());
}

/* A clock takes no records; the other has no buffer for them. */
static bool with_events(const struct op *op)
{
	map = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, SLOTS, 0);
	caller = load_writer();
	return map >= 0 && caller >= 0 &&
	       (!op->arg[1] || !map_put(map, &(__u32){ 0 }, &old_event, BPF_ANY));
}

static void without_events(const struct op *op, long ret)
{
	close(caller);
	close(map);
}

/* One that nobody else holds, and that holds a program: what stays, is counted. */
static int probe_id;

static bool with_probe(const struct op *op)
{
	int prog = PROG_LOAD(BPF_PROG_TYPE_KPROBE, MOV_K(0, 1), EXIT());
	bool good = with_events(op) && prog >= 0;

	probe = event_open(PERF_TYPE_TRACEPOINT, probe_id);
	good &= !ioctl(probe, PERF_EVENT_IOC_SET_BPF, prog);
	close(prog);
	return good;
}

static void without_probe(const struct op *op, long ret)
{
	close(probe);
	without_events(op, ret);
}

static long store_probe(const struct op *op)
{
	return map_put(map, &(__u32){ 0 }, &probe, BPF_ANY);
}

static long store_event(const struct op *op)
{
	return map_put(map, &(__u32){ 0 }, &new_event, BPF_ANY);
}

#define EVENTS(n, body, which, want, before)					\
	{ .name = n, .run = body, .prepare = with_events, .undo = without_events,	\
	  .look = written, .done = wanted, .only = which, .arg = { want, before } }

static const struct op of_events[] = {
	EVENTS("store an event", store_event, BOTH_WAYS, -ENOSPC, 0),
	EVENTS("replace an event", store_event, BOTH_WAYS, -ENOSPC, 1),
	EVENTS("delete an event", delete, NO_MEMORY, -ENOENT, 1),
	{ .name = "store an event that runs a program", .run = store_probe, .prepare = with_probe,
	  .undo = without_probe, .look = written, .done = wanted, .arg = { -EINVAL } },
};

static void sweep_all(const struct op *ops, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		sweep(&ops[i]);
}

int main(int argc, char **argv)
{
	stay_on_first_cpu();
	mount_tracefs();
	add_event("kprobe_events", "p:fault_stored __x64_sys_getpgid\n");
	probe_id = event_id("kprobes/fault_stored");
	event_open(PERF_TYPE_TRACEPOINT, probe_id);
	/* A program without machine code would not fit to those that have some. */
	if (have_jit())
		jit_set("enable", "0");
	if (!sweep_begin(argv))
		return finish();
	results = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	old_prog = FILTER(MOV_K(0, OLD), EXIT());
	new_prog = FILTER(MOV_K(0, NEW), EXIT());
	old_event = software_event(PERF_COUNT_SW_CPU_CLOCK, -1, 0);
	new_event = software_event(PERF_COUNT_SW_BPF_OUTPUT, -1, 0);
	if (old_prog < 0 || new_prog < 0 || old_event < 0 || new_event < 0)
		bail("programs %d %d events %d %d", old_prog, new_prog, old_event, new_event);
	sweep_all(creations, ARRAY_LEN(creations));
	sweep_all(of_progs, ARRAY_LEN(of_progs));
	sweep_all(of_events, ARRAY_LEN(of_events));
	return sweep_end();
}
