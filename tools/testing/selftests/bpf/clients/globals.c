// SPDX-License-Identifier: GPL-2.0-only
/*
 * Global variables in an object that clang made and the system's libbpf loads as it
 * is: their first values, what programs make of them, that the constant ones are.
 *
 *	globals clients/globals.bpf.o
 */
#include "../raw_freeze.h"
#include <bpf/libbpf.h>

/* As clang places the variables of clients/globals.bpf.c. */
struct data {
	__u64 bytes;
	__u32 pace;
};

struct bss {
	__u64 packets;
	char last[8];
};

static struct bpf_object *open_object(const char *path)
{
	struct bpf_object *obj = bpf_object__open_file(path, NULL);

	if (!obj)
		bail("%s: %m", path ?: "usage: globals OBJECT");
	return obj;
}

static struct bpf_map *section(struct bpf_object *obj, const char *suffix)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj) {
		const char *dot = strrchr(bpf_map__name(map), '.');

		if (dot && !strcmp(dot, suffix))
			return map;
	}
	bail("no section %s", suffix);
}

/* The first four bytes of .rodata are the limit, then comes the flag. */
static void set_constants(struct bpf_object *obj, __u32 limit, __u8 broken)
{
	struct bpf_map *map = section(obj, ".rodata");
	__u8 value[256];
	size_t size;

	memcpy(value, bpf_map__initial_value(map, &size), bpf_map__value_size(map));
	is(*(__u32 *)value, 100, "the constant's own value");
	memcpy(value, &limit, sizeof(limit));
	value[4] = broken;
	is(bpf_map__set_initial_value(map, value, size), 0, "another one is taken");
}

static void run(int prog, __u32 len, int want)
{
	char packet[256] = "";
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.test.prog_fd = (__u32)prog;
	a.test.data_in = ptr64(packet);
	a.test.data_size_in = len;
	is(sys_bpf(BPF_PROG_TEST_RUN, &a), 0, "a run on %u bytes", len);
	is(a.test.retval, want, "compares with the loader's limit");
}

static void test_run(const char *path)
{
	struct bpf_object *obj = open_object(path);
	struct bpf_map *data, *bss, *rodata;
	const struct bss *at;
	struct data d;
	struct bss b;
	__u32 key = 0;
	__u8 value[256];
	int prog;

	set_constants(obj, 120, 0);
	if (!is(bpf_object__load(obj), 0, "the object loads"))
		return;
	prog = bpf_program__fd(bpf_object__find_program_by_name(obj, "count"));
	data = section(obj, ".data");
	bss = section(obj, ".bss");
	rodata = section(obj, ".rodata");

	is(map_get(bpf_map__fd(data), &key, &d), 0, ".data is an array");
	ok(d.bytes == 1000 && d.pace == 3, "with the values of the object");
	is(map_get(bpf_map__fd(bss), &key, &b), 0, ".bss is an array");
	ok(!b.packets, "of zeroes");
	/* 14 bytes of each are the link layer's. */
	run(prog, 14 + 120, 1);
	run(prog, 14 + 121, 2);
	map_get(bpf_map__fd(data), &key, &d);
	is((long long)d.bytes, 1000 + 120 + 121, "a variable is added to");
	at = map_pages(bpf_map__fd(bss), PAGE, PROT_READ);
	if (ok(is_mapped(at), ".bss is mapped")) {
		is((long long)at->packets, 6, "a variable is seen in memory");
		ok(!strcmp(at->last, "long"), "so is a text, copied from a constant one");
	}

	map_get(bpf_map__fd(rodata), &key, value);
	is(map_put(bpf_map__fd(rodata), &key, value, BPF_ANY), -EPERM, ".rodata is frozen");
	is(fdinfo_number(bpf_map__fd(rodata), "\nfrozen:\t"), 1, "and says so");
	is(fdinfo_number(bpf_map__fd(data), "\nfrozen:\t"), 0, ".data is not");
	bpf_object__close(obj);
}

int main(int argc, char **argv)
{
	struct bpf_object *obj;

	test_run(argv[1]);
	obj = open_object(argv[1]);
	set_constants(obj, 120, 1);
	libbpf_set_print(NULL);
	is(bpf_object__load(obj), -EACCES, "with the other constant the bad branch is there");
	bpf_object__close(obj);
	return finish();
}
