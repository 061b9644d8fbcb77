// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program does not run where it could meet what it works on: while a system
 * call is inside of a map on this CPU, a kprobe's program is left out and the
 * event dropped. The kprobe is on a lock that updating a hash map takes.
 *
 * It lies behind the five bytes at the function's entry. At the entry it would
 * be one of ftrace's, and patching ftrace's code takes this very lock: QEMU
 * 7.2, which emulates such code from a cache, jumps to 0 there once in some
 * hundred tries, whatever the kernel.
 */
#include "../tracefs.h"

#define UPDATES	1000
#define LOCK	"_raw_spin_lock+5"

static int map, counts;

static void update(void)
{
	for (int i = 0; i < UPDATES; i++)
		map_put(map, &(int){ i % 8 }, &(long long){ i }, 0);
}

/* As many system calls, and none on a map. */
static void other(void)
{
	for (int i = 0; i < UPDATES; i++)
		close(dup(map));
}

static long long kept(int event)
{
	long long count = -1;

	if (read(event, &count, sizeof(count)) != sizeof(count))
		bail("read of an event: %d", errno);
	return count;
}

/* Events of this task while @work is done; through a program if there is one. */
static long long events_of(int id, void (*work)(void), int prog)
{
	int event = event_open(PERF_TYPE_TRACEPOINT, id);
	long long count;

	if (prog >= 0 && ioctl(event, PERF_EVENT_IOC_SET_BPF, prog))
		bail("attach: %d", errno);
	work();
	count = kept(event);
	close(event);
	return count;
}

int main(void)
{
	long long plain, with, plain_other, with_other, runs = 0;
	int id, prog;

	mount_tracefs();
	map = map_create(BPF_MAP_TYPE_HASH, 4, 8, 16, 0);
	counts = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	add_event("kprobe_events", "p:nest_lock " LOCK "\n");
	id = event_id("kprobes/nest_lock");
	/* Keeps every event. */
	prog = PROG_LOAD(BPF_PROG_TYPE_KPROBE, ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4),
			 LD_MAP(1, counts), CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 2),
			 MOV_K(1, 1), ATOMIC(BPF_DW, BPF_ADD, 0, 1, 0), MOV_K(0, 1), EXIT());
	ok(prog >= 0, "a program that keeps every event%s%s", prog < 0 ? ": " : "", prog < 0 ? prog_log : "");

	plain = events_of(id, update, -1);
	with = events_of(id, update, prog);
	plain_other = events_of(id, other, -1);
	with_other = events_of(id, other, prog);
	note("updates: %lld locks taken, %lld with a program; others: %lld, %lld",
	     plain, with, plain_other, with_other);
	ok(plain >= UPDATES, "each update of a map takes the lock");
	ok(with < UPDATES / 2, "nested: with a program the events inside of updates are dropped");
	ok(plain_other >= UPDATES, "other system calls take such locks too");
	ok(with_other >= UPDATES, "their events are kept");
	map_get(counts, &(int){ 0 }, &runs);
	ok(runs >= UPDATES, "the program ran for those");
	return finish();
}
