/* SPDX-License-Identifier: GPL-2.0-only */
/* A load without a kernel: run the passes on a program and keep the answer. */
#ifndef _UNIT_VERIFIER_LOAD_H
#define _UNIT_VERIFIER_LOAD_H

#include "explore.h"

#define LOAD_MAX_INSNS	512
#define CTX_BYTES	96
#define CTX_WRITABLE	48	/* .. 68 */

enum { MAP_16, MAP_48, LOAD_MAPS };
extern struct bpf_map load_maps[LOAD_MAPS];

/**
 * struct load - a program and what became of it
 * @insns: the program; a map is named by LD64_SRC(reg, BPF_PSEUDO_MAP_FD, n, 0)
 * @len: slots
 * @err: verdict
 * @rule: why
 * @steps: what it cost
 * @aux: facts about the instructions
 * @log: text of the log, if asked for
 */
struct load {
	struct bpf_insn insns[LOAD_MAX_INSNS];
	u32 len;
	int err;
	enum verifier_rule rule;
	u32 steps;
	u32 stack_depth;
	struct insn_aux aux[LOAD_MAX_INSNS];
	char log[1 << 16];
};

/* A load that takes more steps is killed: -EAGAIN. A multiple of 1024. */
extern u32 load_patience;

void load_run(struct load *load, u8 prune, u32 log_level);
void load_print(const struct load *load);

#endif
