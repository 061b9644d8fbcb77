// SPDX-License-Identifier: GPL-2.0-only
/*
 * An array that keeps its events holds an event that runs a program that holds the
 * array. When the last descriptor goes nobody can reach any of them, and all end.
 */
#include "fd_array.h"

#include "../tracefs.h"

static int id;

/* How many programs run on the probe. */
static int running(void)
{
	struct { __u32 len, cnt, ids[4]; } query = { .len = 4 };
	int event = event_open(PERF_TYPE_TRACEPOINT, id);

	if (ioctl(event, PERF_EVENT_IOC_QUERY_BPF, &query))
		bail("query: %m");
	close(event);
	return (int)query.cnt;
}

/* The event is given back behind a grace period. */
static int running_in_the_end(void)
{
	int left = running();

	for (int i = 0; left && i < 200; i++) {
		usleep(20000);
		left = running();
	}
	return left;
}

int main(void)
{
	int map, prog, event;

	mount_tracefs();
	add_event("kprobe_events", "p:circle __x64_sys_getpgid\n");
	id = event_id("kprobes/circle");
	map = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4, BPF_F_PRESERVE_ELEMS);
	prog = PROG_LOAD(BPF_PROG_TYPE_KPROBE, LD_MAP(1, map), MOV_K(2, 0),
			 CALL(BPF_FUNC_perf_event_read), MOV_K(0, 1), EXIT());
	event = event_open(PERF_TYPE_TRACEPOINT, id);
	is(ioctl(event, PERF_EVENT_IOC_SET_BPF, prog), 0, "the event runs the program");
	is(put(map, 0, event, 0), 0, "the array holds the event");
	close(prog);
	close(event);
	is(running(), 1, "without their descriptors both go on");
	close(map);
	is(running_in_the_end(), 0, "without the array's, nothing is left");
	return finish();
}
