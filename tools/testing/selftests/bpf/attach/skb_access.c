// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which accesses to struct __sk_buff a socket filter, or with an argument a
 * classifier or an action may make: every offset, width and direction is tried by
 * loading a program that does just that. The
 * "verdict" lines are for comparison between kernels: one character an offset,
 * '+' accepted, '.' refused with EACCES, otherwise the last digit of the errno;
 * ' ' stands where the field is a pointer, which not every kernel hands out.
 */
#include "../test.h"
#include <stddef.h>

#define LAST_OFF	208

static const struct {
	const char *name;
	__u8 code;
	int bytes;
} width[] = {
	{ "byte", BPF_B, 1 }, { "half", BPF_H, 2 },
	{ "word", BPF_W, 4 }, { "double", BPF_DW, 8 },
};

enum { READ, STORE, STORE_IMM, ADD, WAYS };
static const char *const way_name[WAYS] = { "read", "store", "store-imm", "add" };

static __u32 prog_type = BPF_PROG_TYPE_SOCKET_FILTER;

static int try_access(int way, __u8 size, int off)
{
	struct bpf_insn access[WAYS] = {
		[READ]		= LDX(size, 2, 1, off),
		[STORE]		= STX(size, 1, 0, off),
		[STORE_IMM]	= ST(size, 1, off, 0),
		[ADD]		= ATOMIC(size, BPF_ADD, 1, 0, off),
	};
	struct bpf_insn prog[] = { MOV_K(0, 0), access[way], MOV_K(0, 0), EXIT() };
	int fd = prog_load(prog_type, prog, ARRAY_LEN(prog));

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static bool is_pointer(int off, int bytes)
{
	return bytes == 8 && off == (int)offsetof(struct __sk_buff, sk);
}

static char letter(int err)
{
	return err == 0 ? '+' : err == -EACCES ? '.' : (char)('0' + -err % 10);
}

int main(int argc, char **argv)
{
	char row[LAST_OFF + 8];

	if (argc > 1)
		prog_type = strcmp(argv[1], "cls") ? BPF_PROG_TYPE_SCHED_ACT : BPF_PROG_TYPE_SCHED_CLS;

	for (int way = 0; way < WAYS; way++)
		for (size_t w = 0; w < ARRAY_LEN(width); w++) {
			int off, n = 0, good = 0;

			for (off = 0; off < LAST_OFF; off++) {
				int err = try_access(way, width[w].code, off);

				row[n++] = is_pointer(off, width[w].bytes) ? ' ' : letter(err);
				good += !err;
			}
			row[n] = '\0';
			printf("verdict %s %s %s\n", way_name[way], width[w].name, row);
			if (way == READ && width[w].bytes == 4)
				ok(good > 0, "some words can be read");
			if (way == ADD)
				is(good, 0, "no %s can be added to", width[w].name);
		}
	is(try_access(READ, BPF_W, -4), -EACCES, "read before the context");
	is(try_access(STORE, BPF_W, -4), -EACCES, "write before the context");
	is(try_access(READ, BPF_W, 0x7ffc), -EACCES, "read far behind the context");
	is(try_access(READ, BPF_W, 0), 0, "read of len");
	is(try_access(STORE, BPF_W, offsetof(struct __sk_buff, mark)), argc > 1 ? 0 : -EACCES,
	   "write of mark");
	is(try_access(STORE, BPF_H, offsetof(struct __sk_buff, mark)), -EACCES, "write of half of it");
	return finish();
}
