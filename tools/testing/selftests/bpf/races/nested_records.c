// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program writes a record, and on the way a kprobe runs another that writes a record
 * into the same buffer, between the head and the body of the first. Both are whole in
 * the end, and each was told so. The second does not run in itself.
 *
 * More levels cannot be made from here: a program of a probe does not run while one
 * runs on its CPU, whatever the context.
 */
#include "race.h"

#include "../tracefs.h"
#include <sched.h>
#include <sys/mman.h>

#define PAGES		8
#define PAGE		4096
#define RUNS		20

static int events, said;
static struct perf_event_mmap_page *page;
static unsigned long outer, inner, strange;

/* Places in said: what the helper told the probe, and how often it ran. */
enum { RESULT, COUNT };

/* Writes 32 bytes that are all @byte; R0 is what the helper says. */
#define WRITE_RECORD(byte)							\
	MOV_X(6, 1), LD64(1, 0x0101010101010101ULL * (byte)),			\
	STX(BPF_DW, 10, 1, -32), STX(BPF_DW, 10, 1, -24), STX(BPF_DW, 10, 1, -16),	\
	STX(BPF_DW, 10, 1, -8), MOV_X(1, 6), LD_MAP(2, events), LD64(3, BPF_F_CURRENT_CPU), \
	MOV_X(4, 10), ALU_K(BPF_ADD, 4, -32), MOV_K(5, 32), CALL(BPF_FUNC_perf_event_output)

#define OUTER	0x11
#define INNER	0x22

/* Adds R1 to a place of said; clobbers R6. */
#define ADD_TO(place)								\
	ST(BPF_W, 10, -36, place), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -36), LD_MAP(1, said), \
	CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 1), ATOMIC(BPF_DW, BPF_ADD, 0, 6, 0)

static int load_inner(void)
{
	return PROG_LOAD(BPF_PROG_TYPE_KPROBE, WRITE_RECORD(INNER), MOV_X(6, 0), ADD_TO(RESULT),
			 MOV_K(6, 1), ADD_TO(COUNT), MOV_K(0, 1), EXIT());
}

static int load_outer(void)
{
	return FILTER(WRITE_RECORD(OUTER), EXIT());
}

static long long value_of(int place)
{
	long long value = -1;

	map_get(said, &place, &value);
	return value;
}

static void look_at(const struct perf_event_header *header)
{
	const __u8 *bytes = (const __u8 *)(header + 1) + 4;

	for (int i = 1; i < 32; i++)
		if (bytes[i] != bytes[0]) {
			count(&strange);
			return;
		}
	count(bytes[0] == OUTER ? &outer : bytes[0] == INNER ? &inner : &strange);
}

static void read_records(void)
{
	__u64 head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
	const char *data = (const char *)page + PAGE;

	/* The buffer has room for all: nothing wraps. */
	for (__u64 at = page->data_tail; at < head;) {
		const struct perf_event_header *header = (const void *)(data + at);

		if (header->type != PERF_RECORD_SAMPLE || header->size < 44) {
			count(&strange);
			break;
		}
		look_at(header);
		at += header->size;
	}
}

static void make_event(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_RAW,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	page = mmap(NULL, (PAGES + 1) * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED || map_put(events, &(__u32){ 0 }, &fd, 0))
		bail("event: %m");
}

int main(void)
{
	int event, probe, prog, good = 0;
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	sched_setaffinity(0, sizeof(first), &first);
	mount_tracefs();
	/* Copies a part of a record into the buffer, which is open then. */
	add_event("kprobe_events", "p:nested_copy perf_output_copy\n");
	events = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 2, 0);
	said = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0);
	make_event();
	prog = load_outer();
	probe = load_inner();
	if (prog < 0 || probe < 0)
		bail("load: %d %d\n%s", prog, probe, prog_log);
	event = event_open(PERF_TYPE_TRACEPOINT, event_id("kprobes/nested_copy"));
	is(ioctl(event, PERF_EVENT_IOC_SET_BPF, probe), 0, "a program where records are copied");

	for (int i = 0; i < RUNS; i++)
		good += !prog_test_run(prog, 0);
	close(event);
	is(good, RUNS, "each outer record is said to be written");
	ok(value_of(COUNT) >= RUNS, "the inner program runs with each (%lld times)", value_of(COUNT));
	is(value_of(RESULT), 0, "each inner record is said to be written");
	read_records();
	is((long long)outer, RUNS, "the outer records are there");
	is((long long)inner, value_of(COUNT), "so are the inner ones");
	is((long long)strange, 0, "and nothing else");
	return finish();
}
