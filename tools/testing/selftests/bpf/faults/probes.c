// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs on kprobe and uprobe events when memory runs out. One that cannot be
 * attached leaves the others as they are. Detaching cannot fail: with or without
 * memory for a shorter list the program is gone, the others run, and the next one
 * finds its place. See sweep.h.
 *
 * Program n counts its runs in slot n. A look fires the event once and sees which
 * ran, and how many the kernel tells of.
 */
#include "sweep.h"

#include "../tracefs.h"

#define PROGS	3

static int counts, progs[PROGS], events[PROGS], asker = -1, spare = -1;

/* ---- the event -------------------------------------------------------------------- */

struct hook {
	const char *name;
	int id;
	void (*fire)(void);
};

static __attribute__((noinline)) void probed(void)
{
	__asm__ volatile("nop; nop; nop; nop" ::: "memory");
}

static void fire_kernel(void)
{
	syscall(SYS_getpgid, 0);
}

static struct hook hooks[] = {
	{ "kprobes/fault_enter", 0, fire_kernel },
	{ "kprobes/fault_leave", 0, fire_kernel },
	{ "uprobes/fault_user", 0, probed },
	{ "uprobes/fault_user_leave", 0, probed },
};

#define HOOK(op) (&hooks[(op)->arg[0]])

/* ---- programs ---------------------------------------------------------------------- */

static int counter(int slot)
{
	return PROG_LOAD(BPF_PROG_TYPE_KPROBE, ST(BPF_W, 10, -4, slot), MOV_X(2, 10),
			 ALU_K(BPF_ADD, 2, -4), LD_MAP(1, counts), CALL(BPF_FUNC_map_lookup_elem),
			 JMP_K(BPF_JEQ, 0, 0, 2), MOV_K(1, 1), ATOMIC(BPF_DW, BPF_ADD, 0, 1, 0),
			 MOV_K(0, 1), EXIT());
}

static __u64 runs(__u32 slot)
{
	__u64 value = 0;

	map_get(counts, &slot, &value);
	return value;
}

static unsigned int told(void)
{
	struct { __u32 len, cnt, ids[PROGS]; } query = { .len = PROGS };

	if (ioctl(asker, PERF_EVENT_IOC_QUERY_BPF, &query))
		bail("query: %m");
	return query.cnt;
}

/* Bit n: program n ran, once; from bit 8: how many there are. */
static __u64 look(const struct op *op)
{
	__u64 before[PROGS], seen = (__u64)told() << 8;

	for (__u32 i = 0; i < PROGS; i++)
		before[i] = runs(i);
	HOOK(op)->fire();
	for (__u32 i = 0; i < PROGS; i++) {
		__u64 more = runs(i) - before[i];

		if (more > 1)
			bail("program %u ran %llu times", i, more);
		seen |= more << i;
	}
	return seen;
}

static __u64 attached(__u64 set)
{
	return set | (__u64)__builtin_popcountll(set) << 8;
}

static __u64 wanted(const struct op *op)
{
	return attached((__u64)op->arg[2]);
}

static long attach(int n)
{
	return ioctl(events[n], PERF_EVENT_IOC_SET_BPF, progs[n]) ? -errno : 0;
}

/* ---- operations ----------------------------------------------------------------------- */

/* arg: hook, programs before, programs after, the one it is about */
static bool prepare(const struct op *op)
{
	int id = HOOK(op)->id;
	bool good = true;

	asker = event_open(PERF_TYPE_TRACEPOINT, id);
	spare = event_open(PERF_TYPE_TRACEPOINT, id);
	for (int i = 0; i < PROGS; i++) {
		events[i] = event_open(PERF_TYPE_TRACEPOINT, id);
		if (op->arg[1] & 1 << i)
			good &= !attach(i);
	}
	return good && look(op) == attached((__u64)op->arg[1]);
}

static void undo(const struct op *op, long ret)
{
	for (int i = 0; i < PROGS; i++) {
		close(events[i]);
		events[i] = -1;
	}
	close(spare);
	if (look(op))
		bail("%s: programs stay after the last event", op->name);
	close(asker);
}

static long attach_one(const struct op *op)
{
	return attach((int)op->arg[3]);
}

/* Two go, one after the other; the place of the first is left over at most. */
static long detach_two(const struct op *op)
{
	close(events[0]);
	close(events[1]);
	events[0] = events[1] = -1;
	return 0;
}

/* One goes, and its program comes back by another event: nothing counts twice. */
static long detach_and_attach(const struct op *op)
{
	int n = (int)op->arg[3];
	long err;

	close(events[n]);
	events[n] = dup(spare);
	err = attach(n);
	return err == -ENOMEM ? attach(n) : err;
}

static long query(const struct op *op)
{
	struct { __u32 len, cnt, ids[PROGS]; } query = { .len = PROGS };

	if (ioctl(asker, PERF_EVENT_IOC_QUERY_BPF, &query))
		return -errno;
	return query.cnt == 2 ? 0 : -EIO;
}

#define OP(n, body, which, ...)						\
	{ .name = n, .run = body, .prepare = prepare, .undo = undo,		\
	  .look = look, .done = wanted, .only = which, .arg = { __VA_ARGS__ } }

static const struct op ops[] = {
	OP("kprobe: first program", attach_one, BOTH_WAYS, 0, 0, 1, 0),
	OP("kprobe: second program", attach_one, ONE_FAILS, 0, 1, 3, 1),
	OP("kprobe: third program", attach_one, REST_FAILS, 0, 3, 7, 2),
	OP("kprobe: asked for two", query, ONE_FAILS, 0, 3, 3),
	OP("kprobe: the last program goes", detach_two, NO_MEMORY, 0, 1, 0),
	OP("kprobe: two of three go", detach_two, BOTH_WAYS, 0, 7, 4),
	OP("kprobe: one of three goes and comes back", detach_and_attach, ONE_FAILS, 0, 7, 7, 1),
	OP("kretprobe: first program", attach_one, ONE_FAILS, 1, 0, 1, 0),
	OP("kretprobe: two of three go", detach_two, ONE_FAILS, 1, 7, 4),
	OP("uprobe: first program", attach_one, ONE_FAILS, 2, 0, 1, 0),
	OP("uprobe: third program", attach_one, REST_FAILS, 2, 3, 7, 2),
	OP("uprobe: two of three go", detach_two, BOTH_WAYS, 2, 7, 4),
	OP("uprobe: one of three goes and comes back", detach_and_attach, ONE_FAILS, 2, 7, 7, 0),
	OP("uretprobe: second program", attach_one, ONE_FAILS, 3, 1, 3, 1),
	OP("uretprobe: two of three go", detach_two, ONE_FAILS, 3, 7, 4),
};

int main(int argc, char **argv)
{
	mount_tracefs();
	add_event("kprobe_events", "p:fault_enter __x64_sys_getpgid\n");
	add_event("kprobe_events", "r:fault_leave __x64_sys_getpgid\n");
	add_uprobe("p", "fault_user", probed);
	add_uprobe("r", "fault_user_leave", probed);
	for (size_t i = 0; i < ARRAY_LEN(hooks); i++) {
		hooks[i].id = event_id(hooks[i].name);
		/* Armed once, not with each try. */
		event_open(PERF_TYPE_TRACEPOINT, hooks[i].id);
	}
	if (!sweep_begin(argv))
		return finish();
	counts = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, PROGS, 0);
	for (int i = 0; i < PROGS; i++) {
		progs[i] = counter(i);
		if (progs[i] < 0)
			bail("counter: %d\n%s", progs[i], prog_log);
	}
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		sweep(&ops[i]);
	return sweep_end();
}
