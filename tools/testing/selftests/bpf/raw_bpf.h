/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bpf(2) without a library: instructions as initialisers, and the commands as
 * functions that return what the call returned, or -errno.
 */
#ifndef SELFTEST_BPF_RAW_BPF_H
#define SELFTEST_BPF_RAW_BPF_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/bpf.h>

#include "record.h"

#ifndef SO_ATTACH_BPF
#define SO_ATTACH_BPF 50
#endif

#define MAYBE_UNUSED __attribute__((unused))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Instructions, all built on one initialiser. op is a BPF_ADD, BPF_JGT, ... */

#define INSN(c, d, s, o, i)						\
	((struct bpf_insn) { .code = (__u8)(c), .dst_reg = (d),	\
			     .src_reg = (s), .off = (__s16)(o), .imm = (__s32)(i) })

#define ALU_K(op, d, i)		INSN(BPF_ALU64 | BPF_K | (op), d, 0, 0, i)
#define ALU_X(op, d, s)		INSN(BPF_ALU64 | BPF_X | (op), d, s, 0, 0)
#define ALU32_K(op, d, i)	INSN(BPF_ALU | BPF_K | (op), d, 0, 0, i)
#define ALU32_X(op, d, s)	INSN(BPF_ALU | BPF_X | (op), d, s, 0, 0)
#define MOV_K(d, i)		ALU_K(BPF_MOV, d, i)
#define MOV_X(d, s)		ALU_X(BPF_MOV, d, s)
#define MOV32_K(d, i)		ALU32_K(BPF_MOV, d, i)
#define MOV32_X(d, s)		ALU32_X(BPF_MOV, d, s)
#define NEG(d)			ALU_K(BPF_NEG, d, 0)
/* dir is BPF_TO_LE or BPF_TO_BE, bits 16, 32 or 64 */
#define SWAP(dir, d, bits)	INSN(BPF_ALU | BPF_END | (dir), d, 0, 0, bits)

/* sz is BPF_B, BPF_H, BPF_W or BPF_DW. LDX: d = *(s + o); STX: *(d + o) = s */
#define LDX(sz, d, s, o)	INSN(BPF_LDX | BPF_MEM | (sz), d, s, o, 0)
#define STX(sz, d, s, o)	INSN(BPF_STX | BPF_MEM | (sz), d, s, o, 0)
#define ST(sz, d, o, i)		INSN(BPF_ST | BPF_MEM | (sz), d, 0, o, i)
/* what is BPF_ADD, BPF_ADD | BPF_FETCH, BPF_XCHG, BPF_CMPXCHG, ... */
#define ATOMIC(sz, what, d, s, o) INSN(BPF_STX | BPF_ATOMIC | (sz), d, s, o, what)
#define LDABS(sz, i)		INSN(BPF_LD | BPF_ABS | (sz), 0, 0, 0, i)
#define LDIND(sz, s, i)		INSN(BPF_LD | BPF_IND | (sz), 0, s, 0, i)

/* Two slots each. */
#define LD64_SRC(d, s, lo, hi)	INSN(BPF_LD | BPF_IMM | BPF_DW, d, s, 0, lo), INSN(0, 0, 0, 0, hi)
#define LD64(d, v)		LD64_SRC(d, 0, (__u32)(v), (__u32)((__u64)(v) >> 32))
#define LD_MAP(d, fd)		LD64_SRC(d, BPF_PSEUDO_MAP_FD, fd, 0)

#define JMP_K(op, d, i, o)	INSN(BPF_JMP | BPF_K | (op), d, 0, o, i)
#define JMP_X(op, d, s, o)	INSN(BPF_JMP | BPF_X | (op), d, s, o, 0)
#define JMP32_K(op, d, i, o)	INSN(BPF_JMP32 | BPF_K | (op), d, 0, o, i)
#define JMP32_X(op, d, s, o)	INSN(BPF_JMP32 | BPF_X | (op), d, s, o, 0)
#define JA(o)			INSN(BPF_JMP | BPF_JA, 0, 0, o, 0)
#define CALL(id)		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, id)
#define EXIT()			INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* bpf(2) */

static inline MAYBE_UNUSED long sys_bpf_size(int cmd, const void *attr, unsigned int size)
{
	long ret;

	if (cmd == BPF_PROG_LOAD && attr && getenv("BPF_RECORD"))
		record_program(attr);
	ret = syscall(__NR_bpf, cmd, attr, size);
	return ret < 0 ? -errno : ret;
}

static inline MAYBE_UNUSED long sys_bpf(int cmd, const union bpf_attr *attr)
{
	return sys_bpf_size(cmd, attr, sizeof(*attr));
}

static inline __u64 ptr64(const void *p)
{
	return (__u64)(uintptr_t)p;
}

static inline MAYBE_UNUSED int map_create(__u32 type, __u32 key, __u32 value, __u32 max, __u32 flags)
{
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.map_type = type;
	a.key_size = key;
	a.value_size = value;
	a.max_entries = max;
	a.map_flags = flags;
	return (int)sys_bpf(BPF_MAP_CREATE, &a);
}

/* The four element commands differ only in what the third word points to. */
static inline MAYBE_UNUSED int map_elem(int cmd, int fd, const void *key, const void *other, __u64 flags)
{
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.map_fd = (__u32)fd;
	a.key = ptr64(key);
	a.value = ptr64(other);
	a.flags = flags;
	return (int)sys_bpf(cmd, &a);
}

static inline MAYBE_UNUSED int map_get(int fd, const void *key, void *value)
{
	return map_elem(BPF_MAP_LOOKUP_ELEM, fd, key, value, 0);
}

static inline MAYBE_UNUSED int map_put(int fd, const void *key, const void *value, __u64 flags)
{
	return map_elem(BPF_MAP_UPDATE_ELEM, fd, key, value, flags);
}

static inline MAYBE_UNUSED int map_del(int fd, const void *key)
{
	return map_elem(BPF_MAP_DELETE_ELEM, fd, key, NULL, 0);
}

static inline MAYBE_UNUSED int map_next(int fd, const void *key, void *next)
{
	return map_elem(BPF_MAP_GET_NEXT_KEY, fd, key, next, 0);
}

/*
 * prog_load_log - load a program. With a @log_level other than 0 the kernel
 * writes its log to @log.
 */
static inline MAYBE_UNUSED int prog_load_log(__u32 type, const struct bpf_insn *insns, size_t cnt,
					     const char *license, __u32 log_level,
					     char *log, size_t log_size)
{
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.prog_type = type;
	a.insns = ptr64(insns);
	a.insn_cnt = (__u32)cnt;
	a.license = ptr64(license);
	if (log_level) {
		a.log_level = log_level;
		a.log_buf = ptr64(log);
		a.log_size = (__u32)log_size;
	}
	return (int)sys_bpf(BPF_PROG_LOAD, &a);
}

/* prog_load_named - load a socket filter with a name */
static inline MAYBE_UNUSED int prog_load_named(const char *name, const struct bpf_insn *insns,
					       size_t cnt)
{
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	a.insns = ptr64(insns);
	a.insn_cnt = (__u32)cnt;
	a.license = ptr64("GPL");
	snprintf(a.prog_name, sizeof(a.prog_name), "%s", name);
	return (int)sys_bpf(BPF_PROG_LOAD, &a);
}

/* fdinfo - what /proc says of a descriptor */
static inline const char *fdinfo(int fd)
{
	static char text[4096];
	char path[64];
	ssize_t n;
	int file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = open(path, O_RDONLY);
	n = read(file, text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	close(file);
	return text;
}

/* fdinfo_number - of a line that begins with @name; -1 if there is none */
static inline MAYBE_UNUSED int fdinfo_number(int fd, const char *name)
{
	const char *line = strstr(fdinfo(fd), name);

	return line ? atoi(line + strlen(name)) : -1;
}

/* is_jited - 1: machine code runs this program; 0: the interpreter; -1: not said */
static inline MAYBE_UNUSED int is_jited(int fd)
{
	return fdinfo_number(fd, "\nprog_jited:\t");
}

/* Runs @prog on a packet of zeros, @repeat times or once: what it returned, or -errno. */
static inline MAYBE_UNUSED int prog_test_run(int prog, __u32 repeat)
{
	static const char packet[64];
	union bpf_attr attr;
	int err;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (__u32)prog;
	attr.test.data_in = ptr64(packet);
	attr.test.data_size_in = sizeof(packet);
	attr.test.repeat = repeat;
	err = (int)sys_bpf(BPF_PROG_TEST_RUN, &attr);
	return err ?: (int)attr.test.retval;
}

#endif
