// SPDX-License-Identifier: GPL-2.0-only
/* Loading and unloading of a program is told to perf, with number and tag. */
#include "../test.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <linux/perf_event.h>

#define PAGE	4096
#define DATA	(8 * PAGE)

struct bpf_record {
	struct perf_event_header header;
	__u16 type, flags;
	__u32 id;
	__u8 tag[8];
};

static struct perf_event_mmap_page *ring;

static int open_ring(void)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.bpf_event = 1,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);

	if (fd < 0)
		return -errno;
	ring = mmap(NULL, PAGE + DATA, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return ring == MAP_FAILED ? -errno : 0;
}

/* Next record about a program, waiting a while for it. */
static bool next_record(struct bpf_record *out)
{
	for (int tries = 0; tries < 200; tries++) {
		__u64 head = __atomic_load_n(&ring->data_head, __ATOMIC_ACQUIRE);

		while (ring->data_tail < head) {
			char *at = (char *)ring + PAGE + ring->data_tail % DATA;
			struct perf_event_header *h = (void *)at;
			bool wanted = h->type == PERF_RECORD_BPF_EVENT;

			/* Few records: none reaches the end of the ring. */
			if (wanted)
				memcpy(out, at, sizeof(*out));
			ring->data_tail += h->size;
			if (wanted)
				return true;
		}
		usleep(10000);
	}
	return false;
}

int main(void)
{
	struct bpf_record record;
	char tag[17] = "", got[17];
	cpu_set_t set;
	__u32 id = 0;
	int fd, err;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
	err = open_ring();
	if (err)
		bail("no perf event: %d", err);

	fd = FILTER(MOV_K(0, 0), EXIT());
	sscanf(strstr(fdinfo(fd), "prog_tag:") ?: "", "prog_tag: %16s", tag);
	id = (__u32)fdinfo_number(fd, "prog_id:\t");
	if (!ok(next_record(&record), "a load is told"))
		return finish();
	for (int i = 0; i < 8; i++)
		sprintf(got + 2 * i, "%02x", record.tag[i]);
	is(record.type, PERF_BPF_EVENT_PROG_LOAD, "as a load");
	is(record.id, id, "with its number");
	is_str(got, tag, "and tag");

	is(FILTER(EXIT()), -EACCES, "a program that is refused");
	close(fd);
	if (!ok(next_record(&record), "an unload is told"))
		return finish();
	is(record.type, PERF_BPF_EVENT_PROG_UNLOAD, "as an unload, the refused one left out");
	is(record.id, id, "with the number");
	return finish();
}
