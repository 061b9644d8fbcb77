/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tail calls that always go to the same slot, see tail_sites.c.
 */
#ifndef _BPF_TAIL_SITES_H
#define _BPF_TAIL_SITES_H

#include <linux/bpf.h>
#include <linux/rbtree.h>

/**
 * struct bpf_tail_site - a tail call of which array and slot are known
 * @map: array
 * @index: slot, inside
 * @layout: of the frame of the program it belongs to, see struct bpf_jit_image
 * @jump: machine code that is changed: a nop, a jump into a program, or a jump to
 *	@leave; NULL if there is no machine code
 * @leave: undoes the frame and comes to @out
 * @out: machine code that is changed: a jump to where tail calls come into a program
 * @node: among those of @map
 */
struct bpf_tail_site {
	struct bpf_map *map;
	u32 index;
	u32 layout;
	void *jump;
	void *leave;
	void *out;
	struct rb_node node;
};

/**
 * struct bpf_tail_sites - those of a program
 * @count: how many
 * @joined: their maps know them
 * @site: in the order of the instructions; an instruction says its place plus 1
 */
struct bpf_tail_sites {
	u32 count;
	bool joined;
	struct bpf_tail_site site[];
};

#ifdef CONFIG_BPF_JIT
void bpf_tail_site_add(struct rb_root *sites, struct bpf_tail_site *site,
		       const struct bpf_prog *to);
void bpf_tail_sites_lead(struct rb_root *sites, u32 index, const struct bpf_prog *to);
#else
/* The interpreter looks into the array. */
static inline void bpf_tail_site_add(struct rb_root *sites, struct bpf_tail_site *site,
				     const struct bpf_prog *to)
{
}

static inline void bpf_tail_sites_lead(struct rb_root *sites, u32 index,
				       const struct bpf_prog *to)
{
}
#endif

#endif /* _BPF_TAIL_SITES_H */
