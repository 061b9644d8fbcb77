// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads opens.bpf.o and prints which files a command and all others open and
 * remove meanwhile.
 *
 *	opens OBJECT COMMAND...
 */
#include <asm/unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include "live.h"
#include "opens.h"

static void on_record(void *arg, int cpu, void *data, __u32 size)
{
	const struct record *record = data;

	printf("%6u %-16s %-8s %.64s\n", record->thread, record->comm,
	       record->number == __NR_openat ? "open" : "remove", record->path);
}

static void on_lost(void *arg, int cpu, __u64 count)
{
	printf("%llu records lost on CPU %d\n", count, cpu);
}

static void show(void *arg, int seconds, const char *doing)
{
	perf_buffer__consume(arg);
}

int main(int argc, char **argv)
{
	struct perf_buffer *buffer;
	struct bpf_object *obj;
	struct bpf_link *link;
	int records, status;

	if (argc < 3) {
		fprintf(stderr, "usage: %s OBJECT COMMAND...\n", argv[0]);
		return 2;
	}
	obj = bpf_object__open_file(argv[1], NULL);
	if (!obj || bpf_object__load(obj))
		return 1;	/* libbpf has said why */
	records = bpf_object__find_map_fd_by_name(obj, "records");
	buffer = perf_buffer__new(records, 64, on_record, on_lost, NULL, NULL);
	if (!buffer)
		return 1;
	link = bpf_program__attach_kprobe(bpf_object__find_program_by_name(obj, "on_syscall"),
					  false, "x64_sys_call");
	if (!link)
		return 1;

	status = watch(argv + 2, show, buffer);
	perf_buffer__consume(buffer);
	bpf_link__destroy(link);
	perf_buffer__free(buffer);
	bpf_object__close(obj);
	return status;
}
