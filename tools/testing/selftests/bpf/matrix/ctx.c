// SPDX-License-Identifier: GPL-2.0-only
/*
 * Matrix: program type x offset in struct __sk_buff x size x what is done there.
 *
 * The table of fields is net/bpf/skb.c's. A program does one access and ends.
 */
#include "matrix.h"

enum { READ, WRITE, WRITE_IMM, ATOMIC_ADD, ACCESSES };

static const char *const access_names[] = { "read", "write", "write_imm", "atomic" };
static const char *const type_names[] = {
	[BPF_PROG_TYPE_SOCKET_FILTER] = "socket",
	[BPF_PROG_TYPE_SCHED_CLS] = "cls",
	[BPF_PROG_TYPE_SCHED_ACT] = "act",
};

static const struct axis axes[] = {
	{ "type", type_names, ARRAY_LEN(type_names) },
	{ "access", access_names, ACCESSES },
	{ "size" },
	{ "off" },
};

static struct bpf_insn access_insn(int access, int size, int off)
{
	int sz = size == 1 ? BPF_B : size == 2 ? BPF_H : size == 4 ? BPF_W : BPF_DW;

	switch (access) {
	case READ:
		return LDX(sz, 0, 1, off);
	case WRITE:
		return STX(sz, 1, 0, off);
	case WRITE_IMM:
		return ST(sz, 1, off, 7);
	default:
		return ATOMIC(sz, BPF_ADD, 1, 0, off);
	}
}

static void one(int type, int access, int size, int off)
{
	const struct bpf_insn prog[] = {
		MOV_K(0, 0), access_insn(access, size, off), MOV_K(0, 0), EXIT(),
	};
	const char *text;
	int err = matrix_load((__u32)type, prog, ARRAY_LEN(prog), "GPL", &text);

	matrix_case((int[]){ type, access, size, off }, err, text);
}

static void one_type(int type)
{
	for (int access = 0; access < ACCESSES; access++) {
		for (int size = 1; size <= 8; size *= 2) {
			matrix_group("%s: %s, %d bytes", type_names[type], access_names[access], size);
			for (int off = -8; off <= 256; off++)
				one(type, access, size, off);
		}
	}
}

int main(void)
{
	matrix_begin("ctx", axes, ARRAY_LEN(axes));
	for (int type = 0; type < (int)ARRAY_LEN(type_names); type++)
		if (type_names[type])
			one_type(type);
	return matrix_end();
}
