/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The benchmark's vocabulary: rows, programs as they are put together, and how a
 * cost is taken.
 *
 * A cost is counted in instructions of the machine, by the time stamp counter of a
 * guest that QEMU runs with one tick an instruction (scripts/boot --count). On any
 * other machine the figures are meaningless.
 *
 * What disturbs a count, interrupts above all, only ever adds to it, so each of
 * two terms of a difference is the least of several tries. Programs depend on what
 * they cannot know when they are loaded, and all that they compute goes into what
 * they return: leaving work out shows.
 */
#ifndef SELFTEST_BPF_BENCH_H
#define SELFTEST_BPF_BENCH_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <x86intrin.h>

#include "../raw_bpf.h"

/* An engine that a kernel does not have is left out. */
enum engine { INTERPRETER, JIT, ENGINES };

/*
 * struct outcome - of one row on one engine
 * @cost: instructions, or bytes, of one operation
 * @check: what must be the same on every kernel and engine
 * @native: instructions of the same by a C compiler, or 0
 * @none: why there is no figure, or NULL
 */
struct outcome {
	double cost;
	__u64 check;
	double native;
	char none[96];
};

/*
 * struct row - something that is measured
 * @name: for people; with @size it is unique in the group
 * @size: of what grows, in a series of rows of one name; or 0
 * @how: what @group's function needs to know
 * @arg: likewise
 * @gate: it is also one of those that a change must not make slower
 */
struct row {
	const char *name;
	long size;
	const void *how;
	long arg;
	bool gate;
};

/*
 * struct group - rows that are measured in one way
 * @unit: of a cost
 * @engines: run on every engine
 */
struct group {
	const char *name;
	const char *unit;
	const struct row *rows;
	size_t count;
	bool engines;
	void (*run)(const struct row *row, struct outcome *out);
};

#define GROUP(n, u, r, e, f) { n, u, r, ARRAY_LEN(r), e, f }

extern const struct group execution, map_ops, system_calls, loading, jit_time, jit_size;
extern const struct group program_memory, text_memory, map_memory;

/* Work for nothing, in per cent of a row's operations: shows that a gate fails. */
extern int handicap;

__attribute__((format(printf, 2, 3)))
void no_figure(struct outcome *out, const char *fmt, ...);

/* Programs */

#define PROG_MAX 50000

struct prog {
	struct bpf_insn insns[PROG_MAX];
	__u32 n;
};

void emit_all(struct prog *p, const struct bpf_insn *insns, size_t n);
#define EMIT(p, ...)							\
	emit_all(p, (struct bpf_insn[]) { __VA_ARGS__ },		\
		 ARRAY_LEN(((struct bpf_insn[]) { __VA_ARGS__ })))

/* An empty program buffer; one is in use at a time. */
struct prog *fresh(void);

/* Loads for tc and says in @out why it could not. With a JIT on, JITed or nothing. */
int load(const struct prog *p, struct outcome *out);

/* Engines: whether there is a JIT, and switching it. */
bool have_engine(enum engine e);
bool set_engine(enum engine e);
enum engine engine(void);

/* Counting */

#define TRIES 5

static inline __u64 now(void)
{
	__u64 t;

	_mm_lfence();
	t = __rdtsc();
	_mm_lfence();
	return t;
}

/* The system call with nothing around it. */
static inline long raw_bpf(int cmd, const union bpf_attr *attr, unsigned long size)
{
	long ret;

	asm volatile("syscall" : "=a"(ret)
		     : "0"(__NR_bpf), "D"((long)cmd), "S"(attr), "d"(size)
		     : "rcx", "r11", "memory");
	return ret;
}

#define PACKET_LEN 96
extern __u8 packet[PACKET_LEN];

/* Runs @prog on the packet; returns what it returned, and in packet_out what became of the packet. */
extern __u8 packet_out[PACKET_LEN];
__u32 run(int prog, __u32 repeat);

/* Instructions of one run of @prog; @reset, if not NULL, is called before each try. */
double run_cost(int prog, void (*reset)(void *), void *data);

/* The same without the program: that of one that only returns. */
double empty_cost(void);

static inline __u64 mix(__u64 h, __u64 v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ULL;
	return h ^ h >> 29;
}

/* A map's contents as one number, whatever the order they come in. */
__u64 contents(int map, __u32 key_size, __u32 value_size);

/* What a C compiler makes of the same; see native.c. */
typedef __u32 native_fn(const __u8 *pkt, __u8 *value);
double native_cost(native_fn *fn, __u8 *value);
native_fn native_parser, native_siphash, native_jhash, native_branchy, native_checksum;
native_fn native_array_inc;

#define VALUE_LEN 64
void fill_value(__u8 *value);

#endif
