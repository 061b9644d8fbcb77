// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs write records to events that are exchanged, taken out, unmapped and closed
 * meanwhile: a program that hears 0 has written its whole record, or the event was
 * already past being read. Nothing of an event stays that nobody holds.
 */
#include "race.h"

#include "../perf.h"
#include "../tracefs.h"
#include <sys/mman.h>

#define RACE_MS		2500
#define CPUS		2
#define PAGES		4
#define PAGE		4096
#define WORD		0x1122334455667788ULL
#define OTHER_WORD	0x99aabbccddeeff00ULL

static int events, outcomes, probe_id;
static unsigned long torn, strange, records, exchanged, ended;
static long unexpected;

/* ---- programs ---------------------------------------------------------------------- */

/* What a write may say: done, empty slot, of another CPU, full or unmapped, a clock. */
static const int good_results[] = { 0, -ENOENT, -EOPNOTSUPP, -ENOSPC, -EINVAL };

/* Writes two words to a slot of @map; leaves in R0 what the helper said. */
#define WRITE_RECORD(map, where)						\
	MOV_X(6, 1), LD64(1, WORD), STX(BPF_DW, 10, 1, -16), LD64(1, OTHER_WORD),	\
	STX(BPF_DW, 10, 1, -8), MOV_X(1, 6), LD_MAP(2, map), LD64(3, where),	\
	MOV_X(4, 10), ALU_K(BPF_ADD, 4, -16), MOV_K(5, 16), CALL(BPF_FUNC_perf_event_output)

static int load_writer(int map, __u64 where)
{
	return FILTER(WRITE_RECORD(map, where), EXIT());
}

/* Reads a counter as well, and tells one run in slot 0 of outcomes. */
static int load_probe(void)
{
	return PROG_LOAD(BPF_PROG_TYPE_KPROBE, WRITE_RECORD(events, BPF_F_CURRENT_CPU),
			 LD_MAP(1, events), MOV_K(2, 3), CALL(BPF_FUNC_perf_event_read),
			 ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4),
			 LD_MAP(1, outcomes), CALL(BPF_FUNC_map_lookup_elem),
			 JMP_K(BPF_JEQ, 0, 0, 2), MOV_K(1, 1), ATOMIC(BPF_DW, BPF_ADD, 0, 1, 0),
			 MOV_K(0, 1), EXIT());
}

/* ---- events --------------------------------------------------------------------------- */

static int open_output(int cpu)
{
	return software_event(PERF_COUNT_SW_BPF_OUTPUT, -1, cpu);
}

static void look_at(const struct perf_event_header *header)
{
	static const __u64 words[] = { WORD, OTHER_WORD };

	if (header->type == PERF_RECORD_LOST)
		return;
	/* The size stands before the bytes. */
	if (header->type != PERF_RECORD_SAMPLE || memcmp((const char *)(header + 1) + 4, words, 16))
		count(&torn);
	else
		count(&records);
}

/* All that is there now. */
static void read_buffer(struct perf_event_mmap_page *page)
{
	__u64 head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE), tail = page->data_tail;
	const char *data = (const char *)page + PAGE;
	char copy[256];

	while (tail < head) {
		const struct perf_event_header *header =
			(const void *)(data + tail % ((__u64)PAGES * PAGE));
		size_t size = header->size;

		if (!size || size > sizeof(copy)) {
			count(&torn);
			break;
		}
		for (size_t i = 0; i < size; i++)
			copy[i] = data[(tail + i) % ((__u64)PAGES * PAGE)];
		look_at((const void *)copy);
		tail += size;
	}
	__atomic_store_n(&page->data_tail, tail, __ATOMIC_RELEASE);
}

/* ---- threads --------------------------------------------------------------------------- */

static void judge(int got)
{
	for (size_t i = 0; i < ARRAY_LEN(good_results); i++)
		if (got == good_results[i])
			return;
	unexpected = got;
	count(&strange);
}

static void *write_records(void *arg)
{
	struct racer *r = arg;
	int here = load_writer(events, BPF_F_CURRENT_CPU);
	int there = load_writer(events, (__u64)r->number % CPUS);

	while (racing()) {
		judge(prog_test_run(rnd(r, 4) ? here : there, 50));
		r->done++;
	}
	close(here);
	close(there);
	return NULL;
}

static void *fire(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		syscall(SYS_getpgid, 0);
		r->done++;
	}
	return NULL;
}

/* Stores an event, lets it fill, reads it, and ends it in one of several orders. */
static void *exchange(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		__u32 cpu = rnd(r, CPUS), slot = rnd(r, 8) ? cpu : rnd(r, CPUS);
		int fd = open_output((int)cpu);
		void *page = mmap(NULL, (PAGES + 1) * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		if (fd < 0 || page == MAP_FAILED || map_put(events, &slot, &fd, 0))
			bail("an event: %m");
		if (rnd(r, 2))
			pause_ms(rnd(r, 5));
		if (rnd(r, 2))
			map_del(events, &slot);
		read_buffer(page);
		if (rnd(r, 2))
			ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
		if (rnd(r, 2)) {
			munmap(page, (PAGES + 1) * PAGE);
			close(fd);
		} else {
			close(fd);
			munmap(page, (PAGES + 1) * PAGE);
		}
		count(&exchanged);
		r->done++;
	}
	return NULL;
}

/* Slots in quick succession: who just found an event loses it. */
static void *replace(void *arg)
{
	struct racer *r = arg;
	int fds[CPUS];

	for (int cpu = 0; cpu < CPUS; cpu++)
		fds[cpu] = open_output(cpu);
	while (racing()) {
		__u32 slot = rnd(r, CPUS);

		if (map_put(events, &slot, &fds[rnd(r, CPUS)], 0))
			count(&strange);
		r->done++;
	}
	for (int cpu = 0; cpu < CPUS; cpu++)
		close(fds[cpu]);
	return NULL;
}

/* An array goes with its events while a program that holds it writes to them. */
static void *end_arrays(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		bool stay = rnd(r, 2);
		int map = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, CPUS,
				     stay ? BPF_F_PRESERVE_ELEMS : 0);
		int prog = load_writer(map, BPF_F_CURRENT_CPU), other = dup(map);

		for (__u32 cpu = 0; cpu < CPUS; cpu++) {
			int fd = open_output((int)cpu);

			map_put(map, &cpu, &fd, 0);
			close(fd);
		}
		judge(prog_test_run(prog, 50));
		close(map);
		judge(prog_test_run(prog, 50));
		close(other);
		/* Events go with the last descriptor, or stay as long as the program. */
		if ((prog_test_run(prog, 50) == -ENOENT) == stay)
			count(&strange);
		close(prog);
		count(&ended);
		r->done++;
	}
	return NULL;
}

static __u64 probe_runs(void)
{
	__u64 value = 0;

	map_get(outcomes, &(__u32){ 0 }, &value);
	return value;
}

static bool enough(void)
{
	return records > 50 && exchanged > 20 && ended > 3 && probe_runs() > 50;
}

static void attach_probe(void)
{
	int event, prog = load_probe();

	if (prog < 0)
		bail("probe: %d\n%s", prog, prog_log);
	/* Both stay: arming and disarming under load is another race. */
	event = event_open(PERF_TYPE_TRACEPOINT, probe_id);
	is(ioctl(event, PERF_EVENT_IOC_SET_BPF, prog), 0, "a kprobe writes and reads as well");
}

int main(void)
{
	static void *(*const bodies[THREADS])(void *) = {
		write_records, write_records, fire, replace, exchange, exchange, exchange, end_arrays,
	};
	int clock, held;

	mount_tracefs();
	add_event("kprobe_events", "p:race_perf __x64_sys_getpgid\n");
	probe_id = event_id("kprobes/race_perf");
	events = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4, 0);
	outcomes = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	clock = event_open(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK);
	map_put(events, &(__u32){ 3 }, &clock, 0);
	attach_probe();
	held = held_objects();
	ok(race(bodies, RACE_MS, enough) > 0, "eight threads");
	is(torn, 0, "every record is whole");
	is(strange, 0, "every write is done or says why not (%ld)", unexpected);
	ok(enough(), "%lu events exchanged, %lu arrays ended, %lu records read, %llu runs of the probe",
	   exchanged, ended, records, probe_runs());
	none_held(held);
	return finish();
}
