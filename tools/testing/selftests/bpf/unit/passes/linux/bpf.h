/* SPDX-License-Identifier: GPL-2.0-only */
/* What the verifier's passes need of the kernel, when built as a program. */
#ifndef _UNIT_PASSES_LINUX_BPF_H
#define _UNIT_PASSES_LINUX_BPF_H

#include_next <linux/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/kernel.h>
#include <linux/types.h>

#define __user
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define WARN_ON_ONCE(x)		({ bool bad_ = (x); if (bad_) abort(); bad_; })
#define IS_ERR(p)		((unsigned long)(p) >= (unsigned long)-4095)
#define PTR_ERR(p)		((int)(long)(p))
#define fallthrough		__attribute__((__fallthrough__))
#define ENOTSUPP		524

#define BIT(n)			(1UL << (n))
#define BITS_PER_BYTE		8
#define GENMASK_ULL(h, l)	((~0ULL << (l)) & (~0ULL >> (63 - (h))))
#define lower_32_bits(n)	((u32)(n))
#define upper_32_bits(n)	((u32)((u64)(n) >> 32))

#define GFP_KERNEL_ACCOUNT	0
#define __GFP_NOWARN		0
#define kvcalloc(n, size, gfp)		calloc(n, size)
#define kvmalloc_array(n, size, gfp)	malloc((size_t)(n) * (size))
#define kvfree(p)			free(p)
#define array_size(n, size)		((size_t)(n) * (size))

#define BITS_TO_LONGS(n)	(((n) + 63) / 64)
#define __set_bit(n, p)		((p)[(n) / 64] |= 1UL << (n) % 64)
#define test_bit(n, p)		((p)[(n) / 64] >> (n) % 64 & 1)
#define for_each_set_bit(i, p, n) \
	for ((i) = 0; (i) < (n); (i)++) if (test_bit(i, p))

#define MAX_BPF_STACK		512
#define MAX_BPF_FUNC_ARGS	5

struct bpf_map;

enum bpf_arg_type { ARG_NONE, ARG_ANYTHING };

struct bpf_func_proto {
	u64 (*func)(u64 a, u64 b, u64 c, u64 d, u64 e);
	enum bpf_arg_type arg_type[MAX_BPF_FUNC_ARGS];
};

struct bpf_prog {
	u32 len;
	struct bpf_insn *insnsi;
};

enum bpf_access_type { BPF_READ, BPF_WRITE };

struct bpf_insn_access {
	int off;
	int size;
	enum bpf_access_type type;
	struct bpf_prog *prog;
};

struct bpf_verifier_ops {
	const struct bpf_func_proto *(*get_func_proto)(enum bpf_func_id id,
						       const struct bpf_prog *prog);
	unsigned int (*lower_ctx_access)(const struct bpf_insn_access *access,
					 const struct bpf_insn *insn,
					 struct bpf_insn *out);
};

#define BPF_LOWER_MAX	16

/* Instructions stand in a buffer of their own here. */
#define bpf_prog_size(len)	(len)

static inline struct bpf_prog *bpf_prog_realloc(struct bpf_prog *prog, u32 len, int gfp)
{
	prog->insnsi = realloc(prog->insnsi, len * sizeof(*prog->insnsi));
	return prog;
}

struct bpf_map *bpf_map_get(u32 ufd);
void bpf_map_put(struct bpf_map *map);

#endif
