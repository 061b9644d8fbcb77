/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the passes of the verifier share: the environment of one load, the side
 * array of facts about each instruction, the log, rejection.
 *
 * A load owns its environment; nothing here is global, so loads run in
 * parallel. Passes run in the order of the list in main.c and communicate only
 * through the environment. The program's instructions are never used as
 * scratch space: facts live in struct insn_aux.
 */
#ifndef _BPF_VERIFIER_H
#define _BPF_VERIFIER_H

#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/types.h>

#include "limits.h"
#include "log.h"

struct explore;

#define VERIFIER_MAX_MAPS	64
#define VERIFIER_MAX_FUNCS	256

/* Steps (instructions walked, over all paths) one load may cost. */
#define VERIFIER_MAX_STEPS	1000000

/* What an instruction was seen to access; one kind over all visits. */
enum mem_kind {
	MEM_UNSEEN = 0,
	MEM_STACK,
	MEM_MAP_VALUE,
	MEM_CTX,
	MEM_PACKET,
	MEM_MIXED,	/* several of these, but never the context */
};

/* Something of an instruction that may be the same on every visit. */
enum fact {
	FACT_UNSEEN = 0,
	FACT_SAME,
	FACT_VARIES,
};

/*
 * How much exploration leaves out. All but the first are for tests; user space
 * asks for PRUNE_EAGER by BPF_F_TEST_STATE_FREQ.
 */
enum {
	PRUNE_NORMAL = 0,
	PRUNE_NEVER,	/* walk every path to its end */
	PRUNE_EAGER,	/* store a state on every visit of a prune point */
};

/**
 * struct insn_aux - facts about one instruction slot of the loaded program
 * @map: map a 64-bit immediate refers to, from resolve
 * @value_off: if the immediate is the address of a value, how far inside it
 * @mem: what a load or store goes to, from exploration
 * @call_map: map given to a helper when it is the same on every visit
 * @call_key: key of a lookup in an array, or index of a tail call, if @key says
 *	FACT_SAME
 * @call_key_off: where on the stack it is, if @key_off says so
 * @key: enum fact
 * @key_off: enum fact
 * @seen: reached by some feasible path
 * @jump_target: some jump lands here, from cfg
 * @prune_point: worth comparing states here, from cfg
 * @func_start: a function begins here
 * @shows_stack: a call that may tell where in the caller's stack something is, from
 *	liveness
 * @wide_second: second slot of a wide instruction, never executed by itself
 * @is_value: the 64-bit immediate is the address of the value of @map
 * @call_map_poison: visits disagree on @call_map
 * @inlined: a lookup that becomes instructions
 * @in_lookup: a jump that is made part of the lookup before it
 * @dropped: nothing needs what it computes
 */
struct insn_aux {
	struct bpf_map *map;
	struct bpf_map *call_map;
	u32 call_key;
	u32 value_off;
	s16 call_key_off;
	u8 key;
	u8 key_off;
	u8 mem;
	bool seen:1;
	bool jump_target:1;
	bool prune_point:1;
	bool func_start:1;
	bool shows_stack:1;
	bool wide_second:1;
	bool is_value:1;
	bool call_map_poison:1;
	bool inlined:1;
	bool in_lookup:1;
	bool dropped:1;
};

/**
 * struct verifier_env - one load
 * @room: memory nobody uses yet, behind the environment; see mem.c
 * @room_end: its end
 * @prog: program; @prog->insnsi stays as loaded until lowering
 * @ops: verifier side of the program type
 * @type: BPF_PROG_TYPE_*
 * @insns: the instructions, len of them
 * @len: slots
 * @aux: facts, len of them
 * @func: functions of the loaded program, in the order they stand; their depth comes
 *	from exploration
 * @funcs: how many
 * @fd_array: user space's descriptors of maps, for instructions with an index; or 0
 * @maps: maps the program names, a reference each, until the program takes them
 * @map_cnt: how many
 * @postorder: reachable instructions, successors before predecessors
 * @postorder_cnt: how many
 * @frames: most frames at one time
 * @has_loop: some jump goes back, so one sweep over @postorder may not suffice
 * @live_regs: per slot, bit r: register r may be read before it is written
 * @live_stack: per slot, bit s: stack slot s (8 bytes, s = 0 is fp-8) likewise
 * @asked_regs: per slot, bit r: what register r holds may decide something, if it is
 *	a number
 * @ask_all: numbers are computed in any case
 * @unasked: a number was not computed
 * @strict_align: refuse what is not naturally aligned
 * @prune: PRUNE_*
 * @attr: attributes of the load, from kernel memory
 * @btf: type information that came along, a reference, until the program takes it
 * @lines: lines of its source, in order of their instructions
 * @line_cnt: how many
 * @line_shown: the one in the log last
 * @log: what the user reads
 * @steps: instructions walked
 * @states_total: states stored
 * @states_peak: most states stored at one time
 * @states_per_insn: most states stored at one instruction
 * @stack_depth: bytes of stack that the program takes
 * @max_ctx_offset: highest context byte accessed plus one
 * @prog_func: functions of the lowered program, until the program takes them; NULL if
 *	there is one only
 * @prog_funcs: how many
 * @tail_sites: tail calls that always go to the same slot, until the program
 *	takes them; from lowering
 * @writes_packet: the program stores to the packet by itself
 */
struct verifier_env {
	char *room;
	char *room_end;
	struct bpf_prog *prog;
	const struct bpf_verifier_ops *ops;
	u32 type;
	struct bpf_insn *insns;
	u32 len;
	struct insn_aux *aux;
	struct bpf_prog_func *func;
	u32 funcs;
	u64 fd_array;
	struct bpf_map *maps[VERIFIER_MAX_MAPS];
	u32 map_cnt;
	u32 *postorder;
	u32 postorder_cnt;
	u32 frames;
	bool has_loop;
	u16 *live_regs;
	u64 *live_stack;
	u16 *asked_regs;
	bool ask_all;
	bool unasked;
	bool strict_align;
	u8 prune;
	const union bpf_attr *attr;
	struct btf *btf;
	struct bpf_line_info *lines;
	u32 line_cnt;
	const struct bpf_line_info *line_shown;
	struct vlog log;
	u32 steps;
	u32 states_total;
	u32 states_peak;
	u32 states_per_insn;
	u32 stack_depth;
	u32 max_ctx_offset;
	struct bpf_prog_func *prog_func;
	u32 prog_funcs;
	struct bpf_tail_sites *tail_sites;
	bool writes_packet;
};

/*
 * Long loops call this once a round with their counter: it yields now and then
 * and says -EAGAIN when the task is being killed.
 */
static inline int verifier_pause(u32 round)
{
	if (round % 1024)
		return 0;
	cond_resched();
	return fatal_signal_pending(current) ? -EAGAIN : 0;
}

/* mem.c: memory that does not outlive the load. */
struct verifier_env *verifier_env_alloc(void);
void *verifier_alloc(struct verifier_env *env, size_t n, size_t size);
void *verifier_zalloc(struct verifier_env *env, size_t n, size_t size);
void verifier_free(struct verifier_env *env, void *mem);

/* log.c: "12: (b7) r0 = 1", a line of its own, before the reason of a refusal. */
void vlog_insn_at(struct verifier_env *env, u32 idx);

/* debug_info.c: the line of source an instruction was made of, if it is another. */
void vlog_source(struct verifier_env *env, u32 idx);

/* Passes, in order; each returns 0 or -errno after saying why in the log. */
int verifier_functions(struct verifier_env *env);	/* func.c */
int verifier_layout(struct verifier_env *env);		/* cfg.c */
int verifier_debug_info(struct verifier_env *env);	/* debug_info.c */
int verifier_insn_valid(struct verifier_env *env);	/* insn_valid.c */
int verifier_resolve(struct verifier_env *env);		/* resolve.c */
int verifier_cfg(struct verifier_env *env);		/* cfg.c */
int verifier_frames(struct verifier_env *env);		/* func.c */
int verifier_liveness(struct verifier_env *env);	/* liveness.c */
int verifier_explore(struct verifier_env *env);		/* explore.c */
int verifier_stack(struct verifier_env *env);		/* func.c */
int verifier_inline(struct verifier_env *env);		/* inline.c */
int verifier_lower(struct verifier_env *env);		/* lower.c */

/* func.c: number of the function of an instruction. */
u32 verifier_func_at(const struct verifier_env *env, u32 idx);

/* Where a wide instruction of the address of a value points to. */
static inline void *value_address(const struct insn_aux *aux)
{
	u32 stride;

	return aux->map->ops->map_elements(aux->map, &stride) + aux->value_off;
}

/* inline.c: most instructions of a lookup. */
#define INLINE_MAX	8

u32 inline_lookup(const struct verifier_env *env, u32 idx, struct bpf_insn *insns, u32 *jump_at);

#endif /* _BPF_VERIFIER_H */
