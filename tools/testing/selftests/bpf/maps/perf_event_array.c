// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_PERF_EVENT_ARRAY from user space: which events it takes, and that
 * an event goes with the file of the map through which it came.
 */
#include "fd_array.h"

#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/wait.h>

static int event(__u32 type, __u64 config, int pid, int cpu, bool inherit)
{
	struct perf_event_attr attr = {
		.type = type,
		.size = sizeof(attr),
		.config = config,
		.inherit = inherit,
		.sample_type = config == PERF_COUNT_SW_BPF_OUTPUT ? PERF_SAMPLE_RAW : 0,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void test_create(void)
{
	static const struct bad_map rows[] = {
		{ 4, 4, 0, 0, -EINVAL, "no entries" },
		{ 8, 4, 4, 0, -EINVAL, "key of 8 bytes" },
		{ 4, 8, 4, 0, -EINVAL, "value of 8 bytes" },
		{ 4, 4, 0xffffffff, 0, -ENOMEM, "as many as can be" },
		{ 4, 4, 4, BPF_F_NO_PREALLOC, -EINVAL, "not preallocated" },
		{ 4, 4, 4, BPF_F_RDONLY_PROG, -EINVAL, "read-only for programs" },
		{ 4, 4, 4, BPF_F_MMAPABLE, -EINVAL, "to be mapped" },
	};

	refused_maps(BPF_MAP_TYPE_PERF_EVENT_ARRAY, rows, ARRAY_LEN(rows));
}

static void test_elements(void)
{
	int map = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4, 0);
	int output = event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_BPF_OUTPUT, -1, 0, false);
	int clock = event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, 0, -1, false);
	int inherited = event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, 0, -1, true);
	__u32 key = 0, value, next = 77;

	if (map < 0 || output < 0 || clock < 0 || inherited < 0)
		bail("map %d events %d %d %d", map, output, clock, inherited);
	is(del(map, 0), -ENOENT, "delete of an empty slot");
	is(del(map, 4), -E2BIG, "delete outside");
	is(put(map, 4, -1, 0), -E2BIG, "update outside");
	is(put(map, 0, -1, 0), -EBADF, "a descriptor that is none");
	is(put(map, 0, map, 0), -EBADF, "a map's descriptor");
	is(put(map, 0, output, BPF_NOEXIST), -EINVAL, "BPF_NOEXIST");
	is(put(map, 0, output, BPF_EXIST), -EINVAL, "BPF_EXIST");
	is(put(map, 0, inherited, 0), -EOPNOTSUPP, "an event that children inherit");
	is(put(map, 0, output, 0), 0, "an event to write to");
	is(put(map, 0, clock, 0), 0, "replaced by a clock");
	is(map_get(map, &key, &value), -524, "nothing to look up");
	is(map_next(map, NULL, &next), 0, "first key");
	is(next, 0, "is 0");
	is(del(map, 0), 0, "delete");
	is(del(map, 0), -ENOENT, "only once");
	close(inherited);
	close(clock);
	close(output);
	close(map);
}

/* Counters of the processor, if it has any, of software, and what counts nothing. */
static void test_kinds(void)
{
	static const struct { const char *name; __u32 type; __u64 config; int want; } kinds[] = {
		{ "HARDWARE", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, 0 },
		{ "RAW", PERF_TYPE_RAW, 0xc0, 0 },
		{ "SOFTWARE, a clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, 0 },
		{ "SOFTWARE, output of programs", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_BPF_OUTPUT, 0 },
		{ "SOFTWARE, page faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, 0 },
	};
	int map = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4, 0);

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		int fd = event(kinds[i].type, kinds[i].config, -1, 0, false);

		if (fd == -ENOENT || fd == -EOPNOTSUPP) {
			skip(kinds[i].name, "this machine has no such counter");
			continue;
		}
		is(put(map, (__u32)i % 4, fd, 0), kinds[i].want, "an event of type %s", kinds[i].name);
		close(fd);
	}
	close(map);
}

/* The same map by another file: what a child's descriptor is not, dup's neither. */
static int reopened(int map)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", map);
	return open(path, O_RDWR);
}

static void test_files(__u32 flags, bool kept)
{
	const char *how = kept ? "preserved" : "ordinary";
	int map = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4, flags), other;
	int output = event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_BPF_OUTPUT, -1, 0, false);

	other = dup(map);
	is(put(map, 0, output, 0), 0, "%s: store", how);
	close(map);
	is(del(other, 0), 0, "%s: a dup is the same file, the event is still there", how);
	is(put(other, 1, output, 0), 0, "%s: store through it", how);
	if (!fork()) {
		close(other);
		_exit(0);
	}
	wait(NULL);
	is(del(other, 1), 0, "%s: the end of a child changes nothing", how);
	is(reopened(other), -1, "%s: /proc does not open maps", how);
	close(output);
	close(other);
}

/* The last descriptor goes, a program still holds the map. */
static void test_program_holds(__u32 flags, int want)
{
	int map = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4, flags);
	int clock = event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, 0, -1, false);
	int prog = FILTER(LD_MAP(2, map), MOV_K(3, 0), MOV_X(4, 10), ALU_K(BPF_ADD, 4, -8),
			  ST(BPF_DW, 10, -8, 0), MOV_K(5, 8), CALL(BPF_FUNC_perf_event_output), EXIT());
	const char *how = flags ? "preserved" : "ordinary";

	is(put(map, 0, clock, 0), 0, "%s: store", how);
	close(clock);
	is(prog_test_run(prog, 0), -EINVAL, "%s: a clock takes no records", how);
	close(map);
	is(prog_test_run(prog, 0), want, "%s: without descriptors the event %s", how,
	   flags ? "stays" : "is gone");
	close(prog);
}

int main(void)
{
	test_create();
	test_elements();
	test_kinds();
	test_files(0, false);
	test_files(BPF_F_PRESERVE_ELEMS, true);
	test_program_holds(0, -ENOENT);
	test_program_holds(BPF_F_PRESERVE_ELEMS, -EINVAL);
	return finish();
}
