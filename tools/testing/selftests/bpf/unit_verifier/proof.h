/* SPDX-License-Identifier: GPL-2.0-only */
/* The proof that a load was: every state the verifier walked, as a tree. */
#ifndef _UNIT_VERIFIER_PROOF_H
#define _UNIT_VERIFIER_PROOF_H

#include "load.h"

/**
 * struct node - one instruction of one path, before it is executed
 * @child: what came after it, last found first
 * @sibling: next child of the same parent
 * @cover: the path ended here, because this node covers all beyond
 * @peer: made under the same stored state
 * @pc: the instruction
 * @need_regs: per frame, bit r: the number in register r is needed
 * @need_slots: per frame, bit s: the number in slot s is
 * @st: what the verifier claims, packed; nothing in a node that has a @cover
 */
struct node {
	struct node *child;
	struct node *sibling;
	struct node *cover;
	struct node *peer;
	u32 pc;
	u16 need_regs[BPF_MAX_FRAMES];
	u64 need_slots[BPF_MAX_FRAMES];
	struct vstate st;
};

struct block;

/**
 * struct proof - one of them
 * @root: the first instruction; NULL if there is nothing to check
 * @all: every claim must hold, else those about needed numbers
 * @too_big: there was no room for all of it
 * @walks: how often the program was explored
 * @blurred: the stack was accessed at a variable offset while it held a pointer;
 *	what is read so is a number, though it may be the pointer
 * @blocks: private: memory of the nodes
 * @used: private: bytes of it
 */
struct proof {
	struct node *root;
	bool all;
	bool too_big;
	u32 walks;
	bool blurred;
	struct block *blocks;
	size_t used;
};

/* Load, and keep the proof; @proof is empty if the program was refused. */
void proof_of_load(struct proof *proof, struct load *load, u8 prune);
void proof_free(struct proof *proof);

/* Bytes one proof may take. */
extern size_t proof_limit;

#endif
