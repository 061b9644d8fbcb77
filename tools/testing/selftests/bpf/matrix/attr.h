/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An attribute for each command that works, to be broken one field at a time.
 *
 * What attributes point to lies at fixed addresses, in areas of 64 KiB with
 * nothing behind them: flipping a low bit of such an address stays inside, any
 * other leads nowhere. Addresses of 38 bits exist under UML too. Descriptors are numbers far apart for the same reason.
 */
#ifndef SELFTEST_BPF_MATRIX_ATTR_H
#define SELFTEST_BPF_MATRIX_ATTR_H

#include <fcntl.h>
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "matrix.h"

#define AREA_SIZE	0x10000
#define AREA(bit)	(1ULL << (bit))

enum {
	AREA_KEY = 31,		/* zeroes */
	AREA_VALUE,
	AREA_LICENSE,
	AREA_INSNS,
	AREA_LOG,
	AREA_READONLY,		/* zeroes, may not be written */
	AREA_ATTR,		/* the attribute itself, where its place matters */
};

/* Open descriptors; no other number with one bit changed is one of them. */
enum { FD_MAP = 256, FD_PROG = 448, FD_FILE = 800, FD_SOCKET = 900, FD_CLOSED = 999 };

static const struct bpf_insn good_prog[] = { MOV_K(0, 0), EXIT() };

static inline void die(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(2);
}

static inline void *area(int bit)
{
	return (void *)AREA(bit);
}

static inline void make_area(int bit)
{
	if (mmap(area(bit), AREA_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != area(bit))
		die("no area");
}

static inline void move_fd(int fd, int to)
{
	if (fd < 0 || dup2(fd, to) != to)
		die("no descriptor");
	close(fd);
}

static inline void make_map(void)
{
	move_fd(map_create(BPF_MAP_TYPE_HASH, 4, 8, 4, 0), FD_MAP);
}

static inline void attr_setup(void)
{
	for (int bit = AREA_KEY; bit <= AREA_ATTR; bit++)
		make_area(bit);
	strcpy(area(AREA_LICENSE), "GPL");
	memcpy(area(AREA_INSNS), good_prog, sizeof(good_prog));
	mprotect(area(AREA_READONLY), AREA_SIZE, PROT_READ);

	make_map();
	move_fd(prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, good_prog, 2, "GPL", 0, NULL, 0),
		FD_PROG);
	move_fd(open("/", O_RDONLY), FD_FILE);
	move_fd(socket(AF_UNIX, SOCK_DGRAM, 0), FD_SOCKET);
}

static inline void attr_map_create(union bpf_attr *a)
{
	a->map_type = BPF_MAP_TYPE_HASH;
	a->key_size = 4;
	a->value_size = 8;
	a->max_entries = 4;
}

static inline void attr_elem(union bpf_attr *a)
{
	a->map_fd = FD_MAP;
	a->key = AREA(AREA_KEY);
	a->value = AREA(AREA_VALUE);
}

static inline void attr_first_key(union bpf_attr *a)
{
	attr_elem(a);
	a->key = 0;
}

static inline void attr_delete(union bpf_attr *a)
{
	attr_elem(a);
	a->value = 0;
}

static inline void attr_freeze(union bpf_attr *a)
{
	a->map_fd = FD_MAP;
}

static inline void attr_prog_load(union bpf_attr *a)
{
	a->prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	a->insn_cnt = ARRAY_LEN(good_prog);
	a->insns = AREA(AREA_INSNS);
	a->license = AREA(AREA_LICENSE);
}

static inline void attr_prog_load_log(union bpf_attr *a)
{
	attr_prog_load(a);
	a->log_level = 1;
	a->log_size = 4096;
	a->log_buf = AREA(AREA_LOG);
}

/* 64 zero bytes: a packet without a protocol. */
static inline void attr_test_run(union bpf_attr *a)
{
	a->test.prog_fd = FD_PROG;
	a->test.data_size_in = 64;
	a->test.data_in = AREA(AREA_KEY);
	a->test.data_size_out = 4096;
	a->test.data_out = AREA(AREA_VALUE);
}

/* Room for all but the last field of a description, which only newer callers have. */
static inline void attr_info(union bpf_attr *a)
{
	memset(area(AREA_VALUE), 0, AREA_SIZE);
	a->info.bpf_fd = FD_MAP;
	a->info.info_len = 80;
	a->info.info = AREA(AREA_VALUE);
}

/* One integer of 32 bits without a name. */
static inline void attr_btf_load(union bpf_attr *a)
{
	static const struct {
		struct btf_header h;
		__u32 words[4];
		char strings[4];
	} types = {
		{ BTF_MAGIC, BTF_VERSION, 0, sizeof(struct btf_header), 0, 16, 16, 1 },
		{ 0, BTF_KIND_INT << 24, 4, 32 },
	};

	memset(area(AREA_VALUE), 0, AREA_SIZE);
	memcpy(area(AREA_VALUE), &types, sizeof(types));
	a->btf = AREA(AREA_VALUE);
	a->btf_size = sizeof(types) - 3;
}

static inline void attr_btf_load_log(union bpf_attr *a)
{
	attr_btf_load(a);
	a->btf_log_level = 1;
	a->btf_log_size = 4096;
	a->btf_log_buf = AREA(AREA_LOG);
}

/**
 * struct request - a call that works
 * @name: of the code's row of the command; one command may have several
 * @variant: what rules call it
 * @fields: table of the fields of its attribute
 * @fill: writes into a zeroed attribute
 */
struct request {
	const char *name;
	const char *variant;
	const char *fields;
	void (*fill)(union bpf_attr *a);
};

static const struct request requests[] = {
	{ "map_create", "map_create", "attr.map_type", attr_map_create },
	{ "map_lookup_elem", "map_lookup_elem", "attr.map_fd", attr_elem },
	{ "map_update_elem", "map_update_elem", "attr.map_fd", attr_elem },
	{ "map_delete_elem", "map_delete_elem", "attr.map_fd", attr_delete },
	{ "map_get_next_key", "map_get_next_key", "attr.map_fd", attr_elem },
	{ "map_get_next_key", "map_first_key", "attr.map_fd", attr_first_key },
	{ "map_freeze", "map_freeze", "attr.map_fd", attr_freeze },
	{ "prog_load", "prog_load", "attr.prog_type", attr_prog_load },
	{ "prog_load", "prog_load_log", "attr.prog_type", attr_prog_load_log },
	{ "prog_test_run", "prog_test_run", "attr.test", attr_test_run },
	{ "obj_get_info_by_fd", "obj_info", "attr.info", attr_info },
	{ "btf_load", "btf_load", "attr.btf", attr_btf_load },
	{ "btf_load", "btf_load_log", "attr.btf", attr_btf_load_log },
};

#define REQUESTS	((int)ARRAY_LEN(requests))

static inline int request_number(const struct request *r)
{
	const struct row *row;

	for (int i = 0; (row = matrix_row("command", i)); i++)
		if (!strcmp(row->words[1], r->name))
			return row_number(row, 0);
	die(r->name);
	return -1;
}

/* Every command of the code must have a request here. */
static inline void requests_cover_commands(void)
{
	const struct row *row;
	bool found;

	for (int i = 0; (row = matrix_row("command", i)); i++) {
		found = false;
		for (int r = 0; r < REQUESTS; r++)
			found |= !strcmp(row->words[1], requests[r].name);
		if (!found)
			die(row->words[1]);
	}
}

/*
 * The map has one element, key 0, and is not frozen; what a call makes is closed
 * again: 0 or -errno.
 */
static inline int request_run(int cmd, const void *attr, unsigned int size)
{
	static const __u32 key;
	static const __u64 value;
	long ret;

	map_put(FD_MAP, &key, &value, 0);
	ret = sys_bpf_size(cmd, attr, size);
	if (ret < 0)
		return (int)ret;
	if (cmd == BPF_MAP_CREATE || cmd == BPF_PROG_LOAD || cmd == BPF_BTF_LOAD)
		close((int)ret);
	if (cmd == BPF_MAP_FREEZE)
		make_map();
	return 0;
}

#endif
