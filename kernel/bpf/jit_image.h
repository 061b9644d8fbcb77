/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of machine code, see jit_image.c.
 */
#ifndef _BPF_JIT_IMAGE_H
#define _BPF_JIT_IMAGE_H

#include <linux/rcupdate.h>
#include <linux/types.h>

#include "jit_ksym.h"

struct bpf_jit_chunk;

/**
 * struct bpf_jit_image - a piece of executable memory
 * @chunk: what it is a piece of
 * @start: first byte
 * @size: bytes asked for
 * @tail: where tail calls come in, from @start
 * @body: where the program begins behind its prologue, from @start
 * @layout: of the frame that the prologue makes: who has a frame of the same layout
 *	may go on at @body; 0: nobody may
 * @symbol: how others find it by address
 * @rcu: readers of @symbol may be left when the memory has gone
 */
struct bpf_jit_image {
	struct bpf_jit_chunk *chunk;
	void *start;
	u32 size;
	u32 tail;
	u32 body;
	u32 layout;
	struct bpf_jit_symbol symbol;
	struct rcu_head rcu;
};

struct bpf_jit_image *bpf_jit_image_alloc(u32 size, bool hide);
int bpf_jit_image_write(struct bpf_jit_image *image, const void *bytes);
void bpf_jit_image_free(struct bpf_jit_image *image);

/* Of the architecture. */
bool bpf_jit_text_copy(void *to, const void *from, size_t size);
void bpf_jit_text_fill(void *at, u8 byte, size_t size);

#define BPF_JIT_JUMP_BYTES	5

/* The instruction at @at that goes to @to, or on if that is NULL. */
void bpf_jit_jump_insn(u8 *insn, const void *at, const void *to);

/* The same in code that runs. Between begin and end; done when end returns. */
void bpf_jit_poke_begin(void);
void bpf_jit_poke(void *at, const void *to);
void bpf_jit_poke_end(void);

#endif /* _BPF_JIT_IMAGE_H */
