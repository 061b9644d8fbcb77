/* SPDX-License-Identifier: GPL-2.0-only */
/* A load without a kernel: run the verifier on a program and keep the answer. */
#ifndef _UNIT_VERIFIER_LOAD_H
#define _UNIT_VERIFIER_LOAD_H

#include "explore.h"

/* Longer programs than tests of limits have. */
#define LOAD_MAX_INSNS	(1 << 17)

/* The model: a program type with a context and helpers of its own, and maps. */
#define CTX_BYTES	96
#define CTX_WRITABLE	48	/* .. 68 */
#define CTX_DATA	68	/* addresses of the packet, 4 bytes each */
#define CTX_DATA_END	72
#define CTX_DATA_META	76

enum { MAP_16, MAP_48, MAP_PROGS, MAP_OTHER_PROGS, MAP_ONE, MAP_CONSTANT, LOAD_MAPS };
extern const struct bpf_verifier_ops load_model_ops;

/**
 * struct load - a program and what became of it
 * @insns: the program
 * @len: slots
 * @ops: program type; NULL is the model
 * @attr: of the load; only licence, flags and log matter
 * @gpl: calls gpl_only helpers
 * @err: verdict
 * @rule: why
 * @steps: what it cost
 * @states: states stored
 * @stack_depth: bytes of stack, as handed on
 * @func: its functions
 * @funcs: how many
 * @max_ctx_offset: end of the context, as handed on
 * @aux: facts about the instructions
 * @live_regs: per instruction
 * @live_stack: likewise
 * @log: room for the text of a log
 */
struct load {
	struct bpf_insn insns[LOAD_MAX_INSNS];
	u32 len;
	const struct bpf_verifier_ops *ops;
	union bpf_attr attr;
	bool gpl;
	int err;
	enum verifier_rule rule;
	u32 steps;
	u32 states;
	u32 stack_depth;
	struct bpf_prog_func func[VERIFIER_MAX_FUNCS];
	u32 funcs;
	u32 max_ctx_offset;
	struct insn_aux aux[LOAD_MAX_INSNS];
	u16 live_regs[LOAD_MAX_INSNS];
	u64 live_stack[LOAD_MAX_INSNS];
	char log[1 << 16];
};

/* Beside PRUNE_*: prune, but compare all that is live, needed or not. */
#define PRUNE_FULL	16
/* And: as the attributes say. */
#define PRUNE_ASKED	17

/* A load that takes more steps is killed: -EAGAIN. A multiple of 1024. */
extern u32 load_patience;

/* The program of @to becomes that of @from. */
void load_copy(struct load *to, const struct load *from);
void load_run(struct load *load, u8 prune);

/* From memory of the test, which may not be there. Returns what was not copied. */
unsigned long load_from_user(void *to, u64 from, unsigned long n);
void load_print(const struct load *load);

/* Descriptors of maps: the model's are the first. */
#define LOAD_MAX_FDS	1024
extern struct bpf_map load_maps[LOAD_MAX_FDS];

/* The memory of a map with one value, which is there as long as the map. */
u8 *load_value(const struct bpf_map *map);
void load_forget_value(const struct bpf_map *map);

#endif
