// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_perf_event_output() of a program over packets: its own bytes, and as many of
 * the packet as the flags say.
 */
#include "tc.h"
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/mman.h>

#define PAGES	16

static int events, event_fd;
static struct perf_event_mmap_page *ring;

static void open_ring(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_BPF_OUTPUT, .size = sizeof(attr),
		.sample_type = PERF_SAMPLE_RAW, .sample_period = 1,
	};
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		bail("affinity");
	event_fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);
	ring = mmap(NULL, (1 + PAGES) * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, event_fd, 0);
	events = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4, 0);
	if (ring == MAP_FAILED || events < 0 || map_put(events, &(int){ 0 }, &event_fd, 0))
		bail("perf event: %s", strerror(errno));
}

/* The raw part of the one record there is; its length, or 0. */
static __u32 record(unsigned char *raw)
{
	unsigned char *data = (unsigned char *)ring + 4096, copy[PAGES * 4096];
	__u64 head = __atomic_load_n(&ring->data_head, __ATOMIC_ACQUIRE), tail = ring->data_tail;
	struct perf_event_header *h = (void *)copy;
	__u32 len;

	if (head == tail)
		return 0;
	for (__u64 i = 0; i < head - tail; i++)
		copy[i] = data[(tail + i) % (PAGES * 4096)];
	__atomic_store_n(&ring->data_tail, head, __ATOMIC_RELEASE);
	if (h->type != PERF_RECORD_SAMPLE || h->size != head - tail)
		return 0;
	memcpy(&len, copy + sizeof(*h), 4);
	memcpy(raw, copy + sizeof(*h) + 4, len);
	return len;
}

static long long output(__u64 flags, int size)
{
	return run_at(EGRESS, SHOW(ST(BPF_DW, 10, -32, 0x31323334), ST(BPF_DW, 10, -24, 0x35363738),
				   MOV_X(1, 6), LD_MAP(2, events), LD64(3, flags), MOV_X(4, 10),
				   ALU_K(BPF_ADD, 4, -32), MOV_K(5, size),
				   CALL(BPF_FUNC_perf_event_output)));
}

#define WITH(bytes)	((__u64)(bytes) << 32)

static void test_lengths(void)
{
	static const int sizes[] = { 0, 1, 7, 8, 16 };
	static const int packets[] = { 0, 1, 14, 60, 199, FRAME_LEN };
	static const unsigned char own[] = { 0x34, 0x33, 0x32, 0x31, 0, 0, 0, 0, 0x38, 0x37, 0x36, 0x35 };
	unsigned char raw[4096];
	char want[64];

	for (size_t s = 0; s < ARRAY_LEN(sizes); s++)
		for (size_t p = 0; p < ARRAY_LEN(packets); p++) {
			int size = sizes[s], bytes = packets[p];
			__u32 len;

			snprintf(want, sizeof(want), "%d own, %d of the packet", size, bytes);
			is(output(BPF_F_CURRENT_CPU | WITH(bytes), size), 0, "%s", want);
			len = record(raw);
			/* With its length of 4 bytes a record ends at a multiple of 8. */
			is(len, (__u32)((size + bytes + 4 + 7) / 8 * 8 - 4), "%s: length", want);
			ok(!memcmp(raw, own, size < 12 ? (size_t)size : 12) &&
			   !memcmp(raw + size, frame, (size_t)bytes), "%s: contents", want);
		}
}

int main(void)
{
	unsigned char raw[4096];

	tc_init();
	open_ring();
	test_lengths();
	is(output(WITH(14), 8), 0, "by index");
	is(record(raw), 28, "is written");
	is(output(BPF_F_CURRENT_CPU | WITH(FRAME_LEN + 1), 8), -EFAULT, "more than the packet has");
	is(output(BPF_F_CURRENT_CPU | 1ULL << 52, 8), -EINVAL, "a flag nobody knows");
	is(output(BPF_F_CURRENT_CPU | 1ULL << 63, 8), -EINVAL, "another");
	is(output(3, 8), -ENOENT, "an empty slot");
	is(output(4, 8), -E2BIG, "behind the array");
	is(record(raw), 0, "nothing is written");
	return finish();
}
