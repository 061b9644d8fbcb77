// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_perf_event_output() and bpf_perf_event_read(): records that user space
 * finds in its buffer byte for byte, counters, and every error.
 */
#include "../perf.h"

#include <sys/mman.h>

#define PAGES	8
#define PAGE	4096

static int events, results;

static int event_open(__u64 config, int pid, int cpu)
{
	int fd = software_event(config, pid, cpu);

	if (fd < 0)
		bail("event %llu: %d", config, fd);
	return fd;
}

static void store(__u32 index, int fd)
{
	int err = map_put(events, &index, &fd, 0);

	if (err)
		bail("store at %u: %d", index, err);
}

/* A filter that calls @helper with the arguments @args sets, and keeps R0. */
static int calling(const struct bpf_insn *args, size_t cnt, int helper)
{
	struct bpf_insn insns[64] = { MOV_X(6, 1) }, *in = insns + 1;
	const struct bpf_insn tail[] = {
		CALL(helper), MOV_X(7, 0), ST(BPF_W, 10, -4, 0), MOV_X(2, 10),
		ALU_K(BPF_ADD, 2, -4), LD_MAP(1, results), CALL(BPF_FUNC_map_lookup_elem),
		JMP_K(BPF_JEQ, 0, 0, 1), STX(BPF_DW, 0, 7, 0), MOV_K(0, 0), EXIT(),
	};

	memcpy(in, args, cnt * sizeof(*args));
	in += cnt;
	memcpy(in, tail, sizeof(tail));
	in += ARRAY_LEN(tail);
	return prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insns, in - insns);
}

static long long run(int prog, size_t len)
{
	static const char packet[2048] = "0123456789abcdef";
	long long result = 0x7777;
	__u32 key = 0;

	if (prog < 0)
		bail("load: %d\n%s", prog, prog_log);
	map_put(results, &key, &result, 0);
	filter_run(prog, packet, len, NULL);
	map_get(results, &key, &result);
	return result;
}

#define CALLING(helper, ...)						\
	calling((struct bpf_insn[]) { __VA_ARGS__ },			\
		ARRAY_LEN(((struct bpf_insn[]) { __VA_ARGS__ })), helper)
#define OUTPUT(flags, size)						\
	CALLING(BPF_FUNC_perf_event_output,				\
		LD64(1, 0x1122334455667788ULL), STX(BPF_DW, 10, 1, -16), \
		LD64(1, 0x99aabbccddeeff00ULL), STX(BPF_DW, 10, 1, -8),	\
		MOV_X(1, 6), LD_MAP(2, events), LD64(3, flags), MOV_X(4, 10), \
		ALU_K(BPF_ADD, 4, -16), MOV_K(5, size))

/* The raw part of the newest record; -1 if there is none. */
static int newest(struct perf_event_mmap_page *page, void *out, size_t room)
{
	const char *data = (const char *)page + PAGE;
	__u64 head = __atomic_load_n(&page->data_head, __ATOMIC_ACQUIRE);
	const struct perf_event_header *header;
	int size = -1;

	while (page->data_tail < head) {
		header = (const void *)(data + page->data_tail % ((__u64)PAGES * PAGE));
		if (header->type == PERF_RECORD_SAMPLE) {
			size = *(const int *)(header + 1);
			memcpy(out, (const char *)(header + 1) + 4,
			       (size_t)size < room ? (size_t)size : room);
		}
		page->data_tail += header->size;
	}
	return size;
}

static void test_output(void)
{
	static const __u64 words[] = { 0x1122334455667788ULL, 0x99aabbccddeeff00ULL };
	int fd = event_open(PERF_COUNT_SW_BPF_OUTPUT, -1, 0), size;
	struct perf_event_mmap_page *page;
	char got[2048];

	page = mmap(NULL, (PAGES + 1) * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		bail("mmap of an event: %d", errno);
	store(0, fd);

	is(run(OUTPUT(0, 16), 64), 0, "write 16 bytes to event 0");
	size = newest(page, got, sizeof(got));
	ok(size >= 16 && size < 24 && !memcmp(got, words, 16), "they are in the buffer (%d)", size);
	is(run(OUTPUT(BPF_F_CURRENT_CPU, 16), 64), 0, "to the event of this CPU");
	ok(newest(page, got, sizeof(got)) >= 16, "also there");
	is(run(OUTPUT(0, 9), 64), 0, "9 bytes");
	size = newest(page, got, sizeof(got));
	ok(size >= 9 && size < 17 && !memcmp(got, words, 9), "are padded (%d)", size);
	is(run(OUTPUT(0, 0), 64), 0, "nothing");
	ok(newest(page, got, sizeof(got)) >= 0, "is a record too");

	is(run(OUTPUT(16ULL << 32, 8), 64), 0, "8 bytes and 16 of the packet");
	size = newest(page, got, sizeof(got));
	ok(size >= 24 && !memcmp(got, words, 8) && !memcmp(got + 8, "0123456789abcdef", 16),
	   "in this order (%d)", size);
	is(run(OUTPUT(64ULL << 32, 8), 64), 0, "all of the packet");
	is(run(OUTPUT(65ULL << 32, 8), 64), -EFAULT, "a byte more than the packet");

	is(run(OUTPUT(3, 16), 64), -ENOENT, "an empty slot");
	is(run(OUTPUT(8, 16), 64), -E2BIG, "an index outside");
	is(run(OUTPUT(1ULL << 52, 16), 64), -EINVAL, "flags that do not exist");
	munmap(page, (PAGES + 1) * PAGE);
	is(run(OUTPUT(0, 16), 64), -ENOSPC, "nobody has mapped the buffer");
	close(fd);
}

static void test_kinds(void)
{
	int clock = event_open(PERF_COUNT_SW_CPU_CLOCK, 0, -1);
	int elsewhere = event_open(PERF_COUNT_SW_BPF_OUTPUT, -1, 1);

	store(1, clock);
	is(run(OUTPUT(1, 16), 64), -EINVAL, "output to a clock");
	store(2, elsewhere);
	is(run(OUTPUT(2, 16), 64), -EOPNOTSUPP, "output to the event of another CPU");
	close(clock);
	close(elsewhere);
}

static void test_load(void)
{
	ok(OUTPUT(0, 16) >= 0, "a socket filter may write records");
	is(CALLING(BPF_FUNC_perf_event_read, LD_MAP(1, events), MOV_K(2, 0)), -EINVAL,
	   "but not read counters");
	is_str(prog_log, "unknown func bpf_perf_event_read#22", "as the log says");
	is(CALLING(BPF_FUNC_perf_event_output, LD_MAP(2, results), MOV_K(3, 0), MOV_X(4, 10),
		   ALU_K(BPF_ADD, 4, -8), ST(BPF_DW, 10, -8, 0), MOV_K(5, 8)), -EINVAL,
	   "to an array of values");
	is(CALLING(BPF_FUNC_map_lookup_elem, ST(BPF_W, 10, -4, 0), LD_MAP(1, events), MOV_X(2, 10),
		   ALU_K(BPF_ADD, 2, -4)), -EINVAL, "lookup in an array of events");
	is_str(prog_log, "cannot pass map_type 4 into func", "as the log says");
}

int main(void)
{
	stay_on_first_cpu();
	events = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 8, 0);
	results = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	test_load();
	test_output();
	test_kinds();
	return finish();
}
