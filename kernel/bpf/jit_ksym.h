/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Machine code found by address, see jit_ksym.c.
 */
#ifndef _BPF_JIT_KSYM_H
#define _BPF_JIT_KSYM_H

#include <linux/bpf.h>
#include <linux/rbtree_latch.h>

/* bpf_prog_TAG_NAME */
#define BPF_JIT_SYMBOL_LEN	(9 + 2 * BPF_TAG_SIZE + 1 + BPF_OBJ_NAME_LEN)

/**
 * struct bpf_jit_symbol - an image and its name
 * @node: by address
 * @listed: /proc/kallsyms may show it
 * @place: at which place, if so
 * @start: first byte of the image, where the program begins
 * @end: behind the last byte
 * @name: constant while it can be found
 */
struct bpf_jit_symbol {
	struct latch_tree_node node;
	bool listed;
	unsigned int place;
	unsigned long start;
	unsigned long end;
	char name[BPF_JIT_SYMBOL_LEN];
};

void bpf_jit_symbol_add(struct bpf_jit_symbol *symbol, const struct bpf_prog *prog);
void bpf_jit_symbol_del(struct bpf_jit_symbol *symbol);

#endif /* _BPF_JIT_KSYM_H */
