// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs an object made from try.bpf.c once, over a packet of 64 bytes or at a system
 * call, and prints what its statements returned.
 *
 *	try OBJECT
 */
#define _GNU_SOURCE 1
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Ethernet, IPv4 from 10.0.0.1 to 10.0.0.2, UDP from port 1000 to 2000. */
static const unsigned char packet[64] = {
	2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0,
	0x45, 0, 0, 50, 0, 1, 0, 0, 64, 17, 0x66, 0xb7, 10, 0, 0, 1, 10, 0, 0, 2,
	1000 >> 8, 1000 & 255, 2000 >> 8, 2000 & 255, 0, 30, 0x12, 0x34,
};

static int map_of(struct bpf_object *obj, const char *name)
{
	return bpf_object__find_map_fd_by_name(obj, name);
}

static int event(__u64 config, int pid, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = config,
		.sample_type = PERF_SAMPLE_RAW,
	};
	int fd = syscall(SYS_perf_event_open, &attr, pid, cpu, -1, 0);

	/* Nobody reads what is written, but there must be a place for it. */
	if (fd >= 0 && config == PERF_COUNT_SW_BPF_OUTPUT)
		mmap(NULL, 2 * getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return fd;
}

static int fill(struct bpf_object *obj, int other)
{
	int buffer = event(PERF_COUNT_SW_BPF_OUTPUT, -1, 0);
	int clock = event(PERF_COUNT_SW_CPU_CLOCK, 0, -1);
	int err = 0;

	for (__u32 i = 0; i < 4; i++)
		err |= bpf_map_update_elem(map_of(obj, "array"), &i, &(__u64){ 10 * i }, 0);
	err |= bpf_map_update_elem(map_of(obj, "progs"), &(__u32){ 0 }, &other, 0);
	err |= bpf_map_update_elem(map_of(obj, "events"), &(__u32){ 0 }, &buffer, 0);
	return err | bpf_map_update_elem(map_of(obj, "events"), &(__u32){ 1 }, &clock, 0);
}

static int run(struct bpf_program *prog)
{
	unsigned char out[256];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .data_out = out, .data_size_out = sizeof(out));

	if (bpf_program__type(prog) != BPF_PROG_TYPE_KPROBE)
		return bpf_prog_test_run_opts(bpf_program__fd(prog), &opts);
	/* It says that it goes another way where there are no links, and does. */
	libbpf_set_print(NULL);
	if (!bpf_program__attach_kprobe(prog, false, "__x64_sys_getpgid"))
		return -1;
	syscall(SYS_getpgid, 1);
	return 0;
}

int main(int argc, char **argv)
{
	struct bpf_object *obj;
	__s64 value = 0;
	cpu_set_t set;

	if (argc != 2) {
		fprintf(stderr, "usage: %s OBJECT\n", argv[0]);
		return 2;
	}
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
	obj = bpf_object__open_file(argv[1], NULL);
	if (!obj || bpf_object__load(obj) ||
	    fill(obj, bpf_program__fd(bpf_object__find_program_by_name(obj, "other"))) ||
	    run(bpf_object__find_program_by_name(obj, "first"))) {
		perror(argv[1]);
		return 1;
	}
	bpf_map_lookup_elem(map_of(obj, "result"), &(__u32){ 0 }, &value);
	printf("%lld\n", value);
	return 0;
}
