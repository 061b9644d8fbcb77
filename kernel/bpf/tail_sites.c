// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tail calls that always go to the same slot of an array, as machine code that
 * is changed with the slot. A run does not look at the array: it meets
 *
 *	jump:	nop			the slot is empty
 *		jmp body		it has a program with the same frame
 *		jmp leave		it has another one
 *	...
 *	leave:	the frame is undone
 *	out:	jmp tail		where tail calls come into that program
 *
 * The interpreter, and calls whose slot is not known, look at the array.
 *
 * A program that is taken out of a slot is let go of afterwards, and its memory
 * lives on until all runs that have begun are over. So nothing has to be right for
 * runs that are between "jump" and "out" but that they find a program there that
 * was in the slot at some time of the run. Hence the order: first all "out" lead to
 * the new program, then all "jump" do; where it is none only "jump" changes. From
 * there on no run comes to "leave" on an old way, and what "out" says counts no
 * more until it is set again, before "jump" leads there. A run that was on its way
 * meanwhile takes the old program or the new one. What "out" of an empty slot leads to
 * may be other code by then: no run comes there, and a CPU that supposes one does
 * forgets that when it finds out, as with any jump it guessed wrong.
 *
 * Each change is made as the kernel changes its own code, so that a CPU runs the
 * old instruction or the new one, whole.
 *
 * Locking: the array's, which the caller holds, keeps the tree of its sites, their
 * code and the slot together. A site stands in a tree no longer than its program's
 * code exists.
 */
#include <linux/bpf.h>
#include <linux/rbtree.h>
#include <linux/sched.h>

#include "jit_image.h"
#include "tail_sites.h"

static const struct bpf_tail_site *site_of(const struct rb_node *node)
{
	return rb_entry(node, struct bpf_tail_site, node);
}

/* By slot, and there by address: that is how code is changed with the fewest stops. */
static bool site_less(struct rb_node *a, const struct rb_node *b)
{
	const struct bpf_tail_site *x = site_of(a), *y = site_of(b);

	return x->index != y->index ? x->index < y->index : x->jump < y->jump;
}

static int site_compare(const void *key, const struct rb_node *node)
{
	u32 index = *(const u32 *)key, own = site_of(node)->index;

	return index < own ? -1 : index > own;
}

/* NULL: to the next instruction. */
static const void *jump_target(const struct bpf_tail_site *site, const struct bpf_prog *to)
{
	const struct bpf_jit_image *image;

	if (!to)
		return NULL;
	image = to->aux->image;
	return image->layout == site->layout ? image->start + image->body : site->leave;
}

static void write_jump(void *at, const void *to)
{
	u8 insn[BPF_JIT_JUMP_BYTES];

	bpf_jit_jump_insn(insn, at, to);
	/* Fails only for the kernel's own code. */
	bpf_jit_text_copy(at, insn, sizeof(insn));
}

/**
 * bpf_tail_site_add() - from now on a site is kept right
 * @sites: of its array
 * @site: site of a program that nobody runs yet
 * @to: program in the slot, or NULL
 *
 * Context: process context, may sleep, under the lock of the array.
 */
void bpf_tail_site_add(struct rb_root *sites, struct bpf_tail_site *site,
		       const struct bpf_prog *to)
{
	if (to) {
		write_jump(site->out, to->tail_func);
		write_jump(site->jump, jump_target(site, to));
	}
	rb_add(&site->node, sites, site_less);
}

/* Others change code too, and a slot may have many sites: so many at a time. */
#define POKES_MAX	256

/* Where all sites of a slot have their "out", or their "jump", go. */
static void poke_all(struct rb_root *sites, u32 index, const struct bpf_prog *to, bool out)
{
	struct rb_node *node;
	u32 n = 0;

	bpf_jit_poke_begin();
	rb_for_each(node, &index, sites, site_compare) {
		const struct bpf_tail_site *site = site_of(node);

		if (out)
			bpf_jit_poke(site->out, to->tail_func);
		else
			bpf_jit_poke(site->jump, jump_target(site, to));
		if (++n % POKES_MAX)
			continue;
		bpf_jit_poke_end();
		cond_resched();
		bpf_jit_poke_begin();
	}
	bpf_jit_poke_end();
}

/**
 * bpf_tail_sites_lead() - the slot has another program
 * @sites: of the array
 * @index: slot
 * @to: program, or NULL
 *
 * When it returns no run gets to the old program any more by a site, but those
 * that were on the way.
 *
 * Context: process context, may sleep, under the lock of the array.
 */
void bpf_tail_sites_lead(struct rb_root *sites, u32 index, const struct bpf_prog *to)
{
	if (!rb_find_first(&index, sites, site_compare))
		return;
	if (to)
		poke_all(sites, index, to, true);
	poke_all(sites, index, to, false);
}
