// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory an object takes, in bytes by element or program.
 *
 * Counted is what is left to the whole machine, with the pages that wait on the
 * processor's own lists: the first without the second is off by megabytes. Both are
 * read until they stand still, for freeing goes on for a while.
 */
#include <fcntl.h>
#include <glob.h>

#include "bench.h"

struct table {
	__u32 type, key_size, value_size, flags;
};

/* The smallest map has a hundredth of these. */
#define ELEMENTS	100000
#define MAPS		100

/* struct crowd - @count programs of @insns instructions */
struct crowd {
	long insns, count;
};

static long number_after(const char *line, const char *word)
{
	const char *at = strstr(line, word);

	return at ? atol(at + strlen(word)) : 0;
}

/* Free pages, those of the processor's lists included. */
static long free_pages(void)
{
	FILE *f = fopen("/proc/zoneinfo", "r");
	bool lists = false;
	char line[256];
	long sum = 0;

	while (f && fgets(line, sizeof(line), f)) {
		if (strstr(line, "nr_free_pages"))
			sum += number_after(line, "nr_free_pages");
		else if (strstr(line, "pagesets"))
			lists = true;
		else if (strstr(line, "Node "))
			lists = false;
		else if (lists && strstr(line, " count:"))
			sum += number_after(line, "count:");
	}
	if (f)
		fclose(f);
	return sum;
}

/* Slabs that are empty but kept count as taken: give them back. */
static void shrink_slabs(void)
{
	glob_t found;

	if (glob("/sys/kernel/slab/*/shrink", 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		int fd = open(found.gl_pathv[i], O_WRONLY);

		if (fd < 0)
			continue;
		if (write(fd, "1", 1) != 1)
			fprintf(stderr, "%s: %s\n", found.gl_pathv[i], strerror(errno));
		close(fd);
	}
	globfree(&found);
}

/* Waiting costs nothing: the guest's idle time is skipped. */
static double free_bytes(void)
{
	long last = -1, same = 0;

	sleep(2);
	shrink_slabs();
	for (int i = 0; i < 100 && same < 4; i++) {
		long pages = free_pages();

		same = pages == last ? same + 1 : 0;
		last = pages;
		usleep(200000);
	}
	return (double)last * 4096;
}

static bool fill(int map, const struct table *t, long count)
{
	__u8 key[64] = { 0 }, value[VALUE_LEN] = { 1 };

	for (__u32 i = 0; i < count; i++) {
		memcpy(key, &i, sizeof(i));
		if (map_put(map, key, value, BPF_ANY))
			return false;
	}
	return true;
}

/* As many maps as make ELEMENTS: a small one may find room that others left. */
static void measure_map(const struct row *row, struct outcome *out)
{
	const struct table *t = row->how;
	int maps[MAPS], count = ELEMENTS / row->size;
	double before = free_bytes();
	int n;

	for (n = 0; n < count && !*out->none; n++) {
		maps[n] = map_create(t->type, t->key_size, t->value_size, row->size, t->flags);
		if (maps[n] < 0)
			no_figure(out, "the map cannot be made: %s", strerror(-maps[n]));
		/* An array is all there from the start. */
		else if (t->type == BPF_MAP_TYPE_HASH && !fill(maps[n], t, row->size))
			no_figure(out, "the map cannot be filled");
	}
	out->cost = (before - free_bytes()) / ELEMENTS;
	while (n--)
		close(maps[n]);
}

static void emit_line(struct prog *p, long insns)
{
	EMIT(p, MOV_K(0, 1));
	for (long i = 2; i < insns; i++)
		EMIT(p, ALU_K(BPF_ADD, 0, i));
	EMIT(p, EXIT());
}

/* The first one of an engine is another figure: it may bring what all share. */
static void measure_programs(const struct row *row, struct outcome *out)
{
	const struct crowd *crowd = row->how;
	long count = crowd->count;
	struct prog *p = fresh();
	int *fds = calloc(count, sizeof(*fds));
	double before;
	long n;

	emit_line(p, crowd->insns);
	memset(fds, 0xff, count * sizeof(*fds));
	before = free_bytes();
	for (n = 0; n < count && !*out->none; n++)
		fds[n] = load(p, out);
	out->cost = (before - free_bytes()) / count;
	while (n--)
		close(fds[n]);
	free(fds);
}

/* Bytes that a kernel has taken for machine code, by the function that takes them. */
static long text_bytes(void)
{
	static const char *const takers[] = { "bpf_prog_pack_alloc", "bpf_jit_text_alloc" };
	FILE *f = fopen("/proc/vmallocinfo", "r");
	char line[256];
	long pages = 0;

	while (f && fgets(line, sizeof(line), f))
		for (size_t i = 0; i < ARRAY_LEN(takers); i++)
			if (strstr(line, takers[i]))
				pages += number_after(line, "pages=");
	if (f)
		fclose(f);
	return pages * 4096;
}

/* The kernel has loaded programs of its own: classifiers of the network. */
static void measure_text(const struct row *row, struct outcome *out)
{
	const struct crowd *crowd = row->how;
	int fds[256];
	struct prog *p = fresh();
	long n;

	emit_line(p, crowd->insns);
	for (n = 0; n < crowd->count && !*out->none; n++)
		fds[n] = load(p, out);
	out->cost = (double)text_bytes();
	if (!out->cost)
		no_figure(out, "the kernel does not tell");
	while (n--)
		close(fds[n]);
}

#define MAP(t, k, v, f) (&(const struct table) { BPF_MAP_TYPE_##t, k, v, f })
#define CROWD(n, times) (&(const struct crowd) { n, times })
#define SERIES(name, map) { name, 1000, map }, { name, 10000, map }, { name, 100000, map }

/* First the first program of an engine. */
static const struct row program_rows[] = {
	{ "the first program", 0, CROWD(10, 1) },
	{ "a program of 10 instructions", 0, CROWD(10, 256) },
	{ "a program of 100 instructions", 0, CROWD(100, 256) },
	{ "a program of 4000 instructions", 0, CROWD(4000, 32) },
};

static const struct row text_rows[] = {
	{ "all images, with a first program", 0, CROWD(10, 1) },
	{ "all images, with 256 programs of 100", 0, CROWD(100, 256) },
};

static const struct row map_rows[] = {
	SERIES("hash, 4 to 8, an element", MAP(HASH, 4, 8, 0)),
	SERIES("hash, NO_PREALLOC, 4 to 8, an element", MAP(HASH, 4, 8, BPF_F_NO_PREALLOC)),
	SERIES("hash, 16 to 64, an element", MAP(HASH, 16, 64, 0)),
	SERIES("hash, NO_PREALLOC, 16 to 64, an element", MAP(HASH, 16, 64, BPF_F_NO_PREALLOC)),
	SERIES("array, value of 8, an element", MAP(ARRAY, 4, 8, 0)),
	SERIES("array, value of 4, an element", MAP(ARRAY, 4, 4, 0)),
};

const struct group program_memory = GROUP("memory of programs", "bytes", program_rows, true, measure_programs);
const struct group map_memory = GROUP("memory of maps", "bytes", map_rows, false, measure_map);
const struct group text_memory = GROUP("memory of machine code", "bytes", text_rows, false, measure_text);
