// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records for user space when memory runs out: from the opening of an event over its
 * buffer and its place in an array to the record that is read, each allocation fails.
 * Whatever was made until then is given back, and the next try writes its record. See
 * sweep.h; arrays of events by themselves: fd_arrays.c.
 */
#include "sweep.h"

#include "../perf.h"

#define PAGE	4096
#define PAGES	4
#define WORD	0x1122334455667788ULL

/* What is there of the output of one operation. */
static struct {
	int fd;
	struct perf_event_mmap_page *page;
} out = { .fd = -1 };

static int map = -1, writer = -1;

/* ---- the program ------------------------------------------------------------------ */

/* Writes a word to slot 0; its result is what the helper said. */
static int load_writer(void)
{
	return FILTER(MOV_X(6, 1), LD64(1, WORD), STX(BPF_DW, 10, 1, -8), MOV_X(1, 6), LD_MAP(2, map),
		      MOV_K(3, 0), MOV_X(4, 10), ALU_K(BPF_ADD, 4, -8), MOV_K(5, 8),
		      CALL(BPF_FUNC_perf_event_output), EXIT());
}

/* Buffers are counted as pinned memory of who mapped them, beyond what users may have. */
static __u64 pinned_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	unsigned long kb = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmPin: %lu kB", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb;
}

/* What the program hears, and what is pinned. */
static __u64 look(const struct op *op)
{
	int heard = prog_test_run(writer, 1);

	return (__u64)(__u32)heard << 32 | pinned_kb();
}

/* ---- steps ------------------------------------------------------------------------ */

static int open_event(bool of_task)
{
	out.fd = software_event(PERF_COUNT_SW_BPF_OUTPUT, of_task ? 0 : -1, of_task ? -1 : 0);
	return out.fd < 0 ? out.fd : 0;
}

static int map_buffer(void)
{
	void *page = mmap(NULL, (PAGES + 1) * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, out.fd, 0);

	if (page == MAP_FAILED)
		return -errno;
	out.page = page;
	return 0;
}

/* The record behind the last one is the word; its size stands before the bytes. */
static int read_one(void)
{
	__u64 tail = out.page->data_tail, word = WORD;
	__u64 head = __atomic_load_n(&out.page->data_head, __ATOMIC_ACQUIRE);
	const char *data = (const char *)out.page + PAGE;
	const struct perf_event_header *header = (const void *)(data + tail);

	if (head == tail || header->type != PERF_RECORD_SAMPLE ||
	    memcmp((const char *)(header + 1) + 4, &word, sizeof(word)))
		return -EPROTO;
	out.page->data_tail += header->size;
	return 0;
}

static void take_apart(void)
{
	map_del(map, &(__u32){ 0 });
	if (out.page)
		munmap(out.page, (PAGES + 1) * PAGE);
	if (out.fd >= 0)
		close(out.fd);
	out.page = NULL;
	out.fd = -1;
}

/* ---- operations ------------------------------------------------------------------- */

/* All steps; arg: a task's event or a CPU's */
static long go_on(const struct op *op)
{
	int err = open_event(op->arg[0]);

	if (!err)
		err = map_buffer();
	if (!err)
		err = map_put(map, &(__u32){ 0 }, &out.fd, BPF_ANY);
	if (!err)
		err = prog_test_run(writer, 1);
	if (!err)
		err = read_one();
	if (err) {
		/* Without memory not even munmap() works. */
		sweep_calm();
		take_apart();
	}
	return err;
}

static void undo(const struct op *op, long ret)
{
	take_apart();
	if (look(op) != (__u64)(__u32)-ENOENT << 32)
		bail("%s: an event or its buffer stays", op->name);
}

static __u64 done(const struct op *op)
{
	return (PAGES + 1) * PAGE / 1024;
}

#define OUTPUT(n, of_task)							\
	{ .name = n, .run = go_on, .undo = undo, .look = look, .done = done, .arg = { of_task } }

static const struct op ops[] = {
	OUTPUT("a record to the event of a CPU", false),
	OUTPUT("a record to the event of a task", true),
};

static void count_all_as_pinned(void)
{
	FILE *f = fopen("/proc/sys/kernel/perf_event_mlock_kb", "w");

	if (!f || fputs("0", f) < 0 || fclose(f))
		bail("perf_event_mlock_kb: %m");
}

int main(int argc, char **argv)
{
	stay_on_first_cpu();
	count_all_as_pinned();
	if (!sweep_begin(argv))
		return finish();
	map = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 1, 0);
	writer = load_writer();
	if (map < 0 || writer < 0)
		bail("array %d program %d", map, writer);
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		sweep(&ops[i]);
	return sweep_end();
}
