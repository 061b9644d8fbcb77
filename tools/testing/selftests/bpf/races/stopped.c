// SPDX-License-Identifier: GPL-2.0-only
/*
 * A run is stopped at each instruction of the function that finds an event in an array,
 * and there the event is taken away: replaced, or gone with the array's last descriptor.
 * What was found stays until the run is over; KASAN sees it used otherwise.
 *
 * What stops it is a long program on a kprobe at that instruction. It says when it
 * begins; who hears that, on another CPU, takes away.
 */
#include "long_run.h"
#include "race.h"

#include "../perf.h"
#include "../tracefs.h"

#define FUNCTION	"bpf_event_array_find"
#define CALLS		6000	/* of a helper that does little: how long a stop is */
#define TRIES		3	/* of one that was over before the event was gone */

static int stops, event_id_now, events[2], map = -1, writer = -1;
static int heard;
static bool over;
static unsigned long stopped, in_time, wrong;

/* ---- programs ------------------------------------------------------------------------ */

/* A clock takes no records: the function is all that a call does. */
static int load_writer(void)
{
	return FILTER(LD_MAP(2, map), MOV_K(3, 0), ST(BPF_DW, 10, -8, 0), MOV_X(4, 10),
		      ALU_K(BPF_ADD, 4, -8), MOV_K(5, 8), CALL(BPF_FUNC_perf_event_output), EXIT());
}

static long long count_of(int slot)
{
	long long value = 0;

	map_get(stops, &slot, &value);
	return value;
}

/* ---- probes ---------------------------------------------------------------------------- */

static bool command(const char *line)
{
	int fd = open(TRACEFS "/kprobe_events", O_WRONLY | O_APPEND);
	bool good = write(fd, line, strlen(line)) > 0;

	close(fd);
	return good;
}

/* From its address to the next one. */
static int function_length(void)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long start = 0, end = -1UL, at;
	char line[256], name[128];

	for (int pass = 0; f && pass < 2; pass++, rewind(f))
		while (fgets(line, sizeof(line), f)) {
			if (sscanf(line, "%lx %*c %127s", &at, name) != 2)
				continue;
			if (!pass && !strcmp(name, FUNCTION))
				start = at;
			if (pass && at > start && at < end)
				end = at;
		}
	if (!start)
		bail("no " FUNCTION);
	fclose(f);
	return (int)(end - start);
}

/* False if no instruction begins there. */
static bool put_probe(int offset)
{
	char line[64];

	snprintf(line, sizeof(line), "p:stop " FUNCTION "+%d\n", offset);
	if (!command(line))
		return false;
	event_id_now = event_id("kprobes/stop");
	return true;
}

/* ---- taking away ------------------------------------------------------------------------ */

static int replace(void)
{
	return map_put(map, &(int){ 0 }, &events[1], 0);
}

static int end_array(void)
{
	int fd = map;

	map = -1;
	return close(fd);
}

static int (*const ways[])(void) = { replace, end_array };

static void *run(void *arg)
{
	cpu_set_t other;

	CPU_ZERO(&other);
	CPU_SET(1, &other);
	if (sched_setaffinity(0, sizeof(other), &other))
		bail("two CPUs are needed: %m");
	heard = prog_test_run(writer, 1);
	__atomic_store_n(&over, true, __ATOMIC_RELEASE);
	return NULL;
}

static bool is_stopped(long long before)
{
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
		if (count_of(0) > before)
			return true;
		sched_yield();
	}
	return false;
}

/* Whether the event was gone before the stop was over, or nothing stopped. */
static bool stop_once(int (*take)(void))
{
	bool late = false;
	long long begun = count_of(0), ended = count_of(1);
	pthread_t runner;

	map = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1, 0);
	if (map_put(map, &(int){ 0 }, &events[0], 0))
		bail("array");
	writer = load_writer();
	over = false;
	if (pthread_create(&runner, NULL, run, NULL))
		bail("thread: %m");
	if (is_stopped(begun)) {
		wrong += take() != 0;
		late = count_of(1) != ended;
	}
	pthread_join(runner, NULL);
	/* The event that was found, or the one in its place, or none any more. */
	wrong += heard != -EINVAL && heard != -ENOENT;
	close(writer);
	if (map >= 0)
		close(map);
	return !late;
}

static void stop_at(int offset, int prog)
{
	int event = event_open(PERF_TYPE_TRACEPOINT, event_id_now);

	if (ioctl(event, PERF_EVENT_IOC_SET_BPF, prog))
		bail("probe: %m");
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		long long begun = count_of(0);
		bool good = false;

		for (int tries = 0; !good && tries < TRIES; tries++)
			good = stop_once(ways[i]);
		if (count_of(0) == begun)
			continue;
		stopped++;
		in_time += good;
	}
	close(event);
}

int main(void)
{
	int places = 0, held, prog, length = function_length();

	mount_tracefs();
	stops = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0);
	for (int i = 0; i < 2; i++)
		events[i] = software_event(PERF_COUNT_SW_CPU_CLOCK, 0, -1);
	stay_on_first_cpu();
	prog = load_long_run(BPF_PROG_TYPE_KPROBE, (struct long_run){ stops, 0, 1 }, CALLS, 1);
	if (stops < 0 || events[1] < 0)
		bail("map %d event %d", stops, events[1]);
	held = held_objects();
	for (int offset = 0; offset < length; offset++) {
		if (!put_probe(offset))
			continue;
		places++;
		stop_at(offset, prog);
		command("-:stop\n");
	}
	is(wrong, 0, "each run ends as it must");
	ok(stopped > 10, "%lu runs stopped at some of %d instructions", stopped, places);
	ok(in_time > stopped / 2, "%lu lost their event while they stood", in_time);
	none_held(held);
	return finish();
}
