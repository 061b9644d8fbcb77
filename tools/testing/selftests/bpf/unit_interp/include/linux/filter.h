/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The part of the kernel's filter.h that the interpreter and the program
 * objects see: instructions as they are, objects cut to the members used.
 */
#ifndef _SHIM_LINUX_FILTER_H
#define _SHIM_LINUX_FILTER_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>
#include <linux/types.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef unsigned int gfp_t;

#ifndef __force
#define __force
#endif
#undef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#define noinline		__attribute__((noinline))
#define __maybe_unused		__attribute__((unused))
#define __annotate_jump_table
#define __diag_push()
#define __diag_pop()
#define __diag_ignore_all(option, comment)
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define container_of(p, type, member)	\
	((type *)((char *)(p) - offsetof(type, member)))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define BITS_PER_BYTE		8
#define BIT_ULL(n)		(1ULL << (n))

#include "insn_build.h"

#define MAX_TAIL_CALL_CNT	33
#define MAX_BPF_STACK		512

struct sk_buff;

struct work_struct {
	void (*func)(struct work_struct *work);
};

typedef struct {
	int refs;
} refcount_t;

static inline void refcount_set(refcount_t *r, int n)
{
	r->refs = n;
}

struct bpf_prog;

struct bpf_prog_aux {
	refcount_t refcnt;
	u32 stack_depth;
	struct bpf_prog *prog;
	struct work_struct work;
};

typedef unsigned int (*bpf_func_t)(const void *ctx, const struct bpf_insn *insn);

struct bpf_prog {
	u16 pages;
	u16 locked:1;
	u32 len;
	u8 tag[BPF_TAG_SIZE];
	bpf_func_t bpf_func;
	struct bpf_prog_aux *aux;
	struct bpf_insn insnsi[];
};

struct bpf_map {
	u32 max_entries;
};

struct bpf_array {
	struct bpf_map map;
	void *ptrs[];
};

#define bpf_prog_size(len)	\
	(sizeof(struct bpf_prog) + (len) * sizeof(struct bpf_insn))

static inline unsigned int bpf_prog_insn_size(const struct bpf_prog *prog)
{
	return prog->len * sizeof(struct bpf_insn);
}

struct bpf_prog *bpf_prog_alloc(unsigned int size, gfp_t extra);
struct bpf_prog *bpf_prog_realloc(struct bpf_prog *old, unsigned int size,
				  gfp_t extra);
void __bpf_prog_free(struct bpf_prog *fp);
void bpf_prog_free(struct bpf_prog *fp);
struct bpf_prog *bpf_prog_select_runtime(struct bpf_prog *fp, int *err);
int bpf_prog_calc_tag(struct bpf_prog *fp);
bpf_func_t bpf_interp_select(u32 stack_depth);
bool bpf_insn_is_known(u8 code);
int bpf_skb_load(const struct sk_buff *skb, int off, unsigned int size, u32 *val);

#endif
