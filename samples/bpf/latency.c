// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads latency.bpf.o, puts it on a function of the kernel while a command runs,
 * and prints how long the function took.
 *
 *	latency OBJECT FUNCTION COMMAND...
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include "latency.h"
#include "live.h"

static void list(int map)
{
	static const char stars[] = "****************************************";
	unsigned long long counts[SLOTS], most = 1;

	for (unsigned int slot = 0; slot < SLOTS; slot++) {
		if (bpf_map_lookup_elem(map, &slot, &counts[slot]))
			counts[slot] = 0;
		most = counts[slot] > most ? counts[slot] : most;
	}
	printf("%20s %10s\n", "nanoseconds from", "calls");
	for (unsigned int slot = 0; slot < SLOTS; slot++)
		if (counts[slot])
			printf("%20llu %10llu %.*s\n", 1ULL << slot, counts[slot],
			       (int)(counts[slot] * (sizeof(stars) - 1) / most), stars);
}

static void show(void *arg, int seconds, const char *doing)
{
	printf("after %d s, %s\n", seconds, doing);
	list(*(int *)arg);
}

int main(int argc, char **argv)
{
	struct bpf_link *enter, *leave;
	struct bpf_object *obj;
	int histogram, status;

	if (argc < 4) {
		fprintf(stderr, "usage: %s OBJECT FUNCTION COMMAND...\n", argv[0]);
		return 2;
	}
	obj = bpf_object__open_file(argv[1], NULL);
	if (!obj || bpf_object__load(obj))
		return 1;	/* libbpf has said why */
	histogram = bpf_object__find_map_fd_by_name(obj, "histogram");
	enter = bpf_program__attach_kprobe(bpf_object__find_program_by_name(obj, "enter"),
					   false, argv[2]);
	leave = bpf_program__attach_kprobe(bpf_object__find_program_by_name(obj, "leave"),
					   true, argv[2]);
	if (!enter || !leave || histogram < 0)
		return 1;

	status = watch(argv + 3, show, &histogram);
	puts("in the end");
	list(histogram);
	bpf_link__destroy(enter);
	bpf_link__destroy(leave);
	bpf_object__close(obj);
	return status;
}
