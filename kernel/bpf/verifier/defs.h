/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where values came from. Every number the verifier tracks carries the number
 * of the definition that made it; registers and slots with the same definition
 * hold the same value. See pruning.rst for what that is good for.
 */
#ifndef _BPF_VERIFIER_DEFS_H
#define _BPF_VERIFIER_DEFS_H

#include <linux/types.h>

/* A value without a history: a constant, or none at all. Never shared. */
#define DEF_NONE	0

/**
 * struct def - one definition
 * @insn: instruction that made the value
 * @parent: definitions its bounds were computed from, or DEF_NONE
 * @link: private: next on the work list, and whether it is needed
 */
struct def {
	u32 insn;
	u32 parent[2];
	u32 link;
};

struct verifier_env;

/**
 * struct defs - all definitions of the current path, oldest first
 * @env: the load, which memory comes from
 * @chunk: where they are
 * @chunks: how many of these there are
 * @room: how many @chunk has room for
 * @top: number the next one gets
 * @err: an allocation failed; checked once per instruction
 */
struct defs {
	struct verifier_env *env;
	struct def **chunk;
	u32 chunks;
	u32 room;
	u32 top;
	int err;
};

void defs_init(struct defs *defs, struct verifier_env *env);
void defs_free(struct defs *defs);
u32 defs_make(struct defs *defs, u32 insn, u32 a, u32 b);
void defs_need(struct defs *defs, u32 n);
bool defs_is_needed(const struct defs *defs, u32 n);
u32 defs_insn(const struct defs *defs, u32 n);

/* Forget all definitions numbered @top and above. */
static inline void defs_reset(struct defs *defs, u32 top)
{
	defs->top = top;
}

#endif /* _BPF_VERIFIER_DEFS_H */
