// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which registers and stack slots still matter at each instruction.
 *
 * A register or slot is live before an instruction if some path from there may
 * read it before it is written. Exploration compares only what is live, so too
 * much costs time and too little accepts bad programs: every doubt here is
 * decided for "live".
 *
 * Registers: the opcode table says what is read and written; one backward sweep.
 *
 * Stack: loads and stores name a slot only if their base register is the frame
 * pointer plus a known number. So a forward sweep first finds such registers:
 *
 *	r2 = r10	r2: fp
 *	r2 += -8	r2: fp-8
 *	call 1		reads from fp-8 up to fp: slot 0 is live before
 *
 * A register that may point somewhere into the frame, it is not known where, is
 * ANYWHERE: a load through it reads every slot, a store through it kills none.
 * If such a register, or fp-8 itself, is stored in memory, it may come back by
 * any 8-byte load, so then every such load gives ANYWHERE. A helper reads from
 * the address it gets upwards, never below. A store kills a slot only if it
 * covers all of it.
 *
 * A number is asked for if a branch, an address or a call may depend on it, or another
 * number that is asked for; what a program returns may be any number. The same sweep
 * finds that:
 *
 *	r7 = *(u32 *)(r6 + 0)
 *	r7 *= 31		not asked for
 *	r8 &= 15		asked for
 *	*(u32 *)(r9 + 8) = r7
 *	r9 += r8
 *	r0 = *(u8 *)(r9 + 0)
 *
 * Exploration computes no others. Too many cost time; too few can only make it refuse,
 * and then it asks for all (verifier_explore()).
 *
 * Functions of the program: a call reads the arguments that are live where the
 * function begins, which the sweep comes to before the call. If one of them may point
 * into the frame, the function may read and write all of it, also while it runs:
 * what the frame of a caller keeps is what is live behind the call, and then all its
 * slots. A function has registers and a frame of its own, whose address it cannot hand
 * back. What it returns is asked for.
 *
 * Slot s is the 8 bytes at fp - 8 * (s + 1). Works on one load, no locks. It
 * must never be told what exploration finds out.
 */
#include <linux/mm.h>

#include "insn_valid.h"
#include "verifier.h"

#define ARG_REGS	(BIT(BPF_REG_1) | BIT(BPF_REG_2) | BIT(BPF_REG_3) | \
			 BIT(BPF_REG_4) | BIT(BPF_REG_5))
#define SCRATCH_REGS	(BIT(BPF_REG_0) | ARG_REGS)
#define SLOT_BYTES	8
#define FRAME_ALL	(~0ULL)
#define REGS_ALL	((1U << MAX_BPF_REG) - 1)

/*
 * A sweep carries what it finds over one jump back. Loops are nested a few deep, but a
 * program that is all jumps back, each to the one before, would need a sweep for each.
 * After so many everything is taken for live, which it may be called at any time.
 */
#define SWEEPS_MAX	64

/* ---- registers --------------------------------------------------------------- */

struct reg_effect {
	u16 reads;
	u16 writes;
};

/* A call reads the arguments its prototype names; all of them if there is none. */
static u16 call_reads(const struct verifier_env *env, const struct bpf_insn *insn)
{
	const struct bpf_func_proto *proto = NULL;
	u16 reads = 0;
	int i;

	if (insn_calls_function(insn))
		return env->live_regs[insn_callee(insn, insn - env->insns)] & ARG_REGS;
	if (!insn->src_reg && insn->imm >= 0 && insn->imm < __BPF_FUNC_MAX_ID)
		proto = env->ops->get_func_proto(insn->imm, env->prog);
	if (!proto)
		return ARG_REGS;
	for (i = 0; i < MAX_BPF_FUNC_ARGS; i++)
		if (proto->arg_type[i] != ARG_NONE)
			reads |= BIT(BPF_REG_1 + i);
	return reads;
}

static struct reg_effect reg_effect(const struct verifier_env *env,
				    const struct bpf_insn *insn)
{
	const struct opcode *op = opcode_of(insn);
	struct reg_effect e = {};

	if (op->dst & USE_READ)
		e.reads |= BIT(insn->dst_reg);
	if (op->dst & USE_WRITE)
		e.writes |= BIT(insn->dst_reg);
	if (op->src & USE_READ)
		e.reads |= BIT(insn->src_reg);

	switch (op->kind) {
	case INSN_ATOMIC:
		if (insn->imm == BPF_CMPXCHG)
			e.reads |= BIT(BPF_REG_0);
		/* What comes back is written after it was read: not a kill. */
		break;
	case INSN_PACKET:
		e.reads |= BIT(BPF_REG_CTX);
		e.writes |= SCRATCH_REGS;
		break;
	case INSN_CALL:
		e.reads |= call_reads(env, insn);
		e.writes |= SCRATCH_REGS;
		break;
	case INSN_EXIT:
		e.reads |= BIT(BPF_REG_0);
		break;
	}
	return e;
}

/* ---- which registers point into the frame -------------------------------------- */

/* Distance from the frame pointer, or one of these. */
enum {
	NO_FRAME = 1,	/* nothing derived from the frame pointer */
	ANYWHERE = 2,	/* perhaps into the frame, unknown where */
	UNVISITED = 3,	/* in the first register: no path came here yet */
};

#define TRACKED_REGS	BPF_REG_FP	/* the frame pointer itself is constant */

struct frame_regs {
	s16 at[TRACKED_REGS];
};

/**
 * struct frame_pass - the forward sweep
 * @env: load
 * @regs: per slot, what registers hold before the instruction
 * @asked_stack: per slot, as env->asked_regs; from the backward sweep
 * @escaped: an address of the frame was stored somewhere
 * @changed: the last sweep found something that sweeping again may spread
 */
struct frame_pass {
	struct verifier_env *env;
	struct frame_regs *regs;
	u64 *asked_stack;
	bool escaped;
	bool changed;
};

static s16 frame_get(const struct frame_regs *regs, u8 reg)
{
	return reg == BPF_REG_FP ? 0 : regs->at[reg];
}

/* Code that no path comes to may write the frame pointer, without effect. */
static void frame_set(struct frame_regs *regs, u8 reg, s16 at)
{
	if (reg != BPF_REG_FP)
		regs->at[reg] = at;
}

static bool is_frame_address(s16 at)
{
	return at <= 0;
}

static bool may_point_into_frame(s16 at)
{
	return at <= 0 || at == ANYWHERE;
}

static s16 frame_add(s16 at, s64 delta)
{
	s64 sum = at + delta;

	if (!is_frame_address(at))
		return at;
	return sum > 0 || sum < -MAX_BPF_STACK ? ANYWHERE : sum;
}

/* The two ways to move an address by a known distance; all else loses it. */
static s16 alu_result(const struct bpf_insn *insn, s16 dst, s16 src)
{
	if (insn->code == (BPF_ALU64 | BPF_ADD | BPF_K))
		return frame_add(dst, insn->imm);
	if (insn->code == (BPF_ALU64 | BPF_SUB | BPF_K))
		return frame_add(dst, -(s64)insn->imm);
	if (may_point_into_frame(dst) || may_point_into_frame(src))
		return ANYWHERE;
	return NO_FRAME;
}

static s16 mov_result(const struct bpf_insn *insn, s16 src)
{
	if (BPF_SRC(insn->code) == BPF_K)
		return NO_FRAME;
	if (BPF_CLASS(insn->code) == BPF_ALU64 && !insn->off)
		return src;
	return may_point_into_frame(src) ? ANYWHERE : NO_FRAME;
}

static s16 loaded(const struct frame_pass *pass, const struct bpf_insn *insn)
{
	return pass->escaped && BPF_SIZE(insn->code) == BPF_DW ? ANYWHERE :
								 NO_FRAME;
}

static void forget_scratch(struct frame_regs *regs)
{
	int r;

	for (r = BPF_REG_0; r <= BPF_REG_5; r++)
		regs->at[r] = NO_FRAME;
}

/* Moves @regs from before @insn to after it. */
static void frame_step(struct frame_pass *pass, const struct bpf_insn *insn,
		       struct frame_regs *regs)
{
	s16 none = NO_FRAME;
	bool by_reg = opcode_of(insn)->src & USE_READ;
	s16 src = by_reg ? frame_get(regs, insn->src_reg) : none;

	switch (opcode_of(insn)->kind) {
	case INSN_ALU:
	case INSN_NEG:
	case INSN_END:
		frame_set(regs, insn->dst_reg,
			  alu_result(insn, frame_get(regs, insn->dst_reg), src));
		break;
	case INSN_MOV:
		frame_set(regs, insn->dst_reg, mov_result(insn, src));
		break;
	case INSN_WIDE:
		frame_set(regs, insn->dst_reg, NO_FRAME);
		break;
	case INSN_LDX:
		frame_set(regs, insn->dst_reg, loaded(pass, insn));
		break;
	case INSN_ATOMIC:
		if (insn_fetches(insn))
			frame_set(regs, insn->src_reg, loaded(pass, insn));
		else if (insn->imm == BPF_CMPXCHG)
			regs->at[BPF_REG_0] = loaded(pass, insn);
		fallthrough;
	case INSN_STX:
		if (may_point_into_frame(src) && !pass->escaped) {
			pass->escaped = true;
			pass->changed = true;
		}
		break;
	case INSN_CALL:
	case INSN_PACKET:
		forget_scratch(regs);
		break;
	}
}

static void frame_merge(struct frame_pass *pass, u32 to,
			const struct frame_regs *from)
{
	struct frame_regs *into = &pass->regs[to];
	int r;

	if (into->at[0] == UNVISITED) {
		*into = *from;
		pass->changed |= pass->env->has_loop;
		return;
	}
	for (r = 0; r < TRACKED_REGS; r++) {
		if (into->at[r] == from->at[r] || into->at[r] == ANYWHERE)
			continue;
		into->at[r] = ANYWHERE;
		pass->changed |= pass->env->has_loop;
	}
}

/*
 * Once over the program, predecessors first. If there is no loop, only what
 * escapes concerns instructions that the sweep has passed.
 */
static int frame_sweep(struct frame_pass *pass)
{
	struct verifier_env *env = pass->env;
	u32 n = env->postorder_cnt;
	int err = 0;

	pass->changed = false;
	while (n-- && !err) {
		u32 idx = env->postorder[n];
		const struct bpf_insn *insn = &env->insns[idx];
		struct frame_regs after = pass->regs[idx];

		frame_step(pass, insn, &after);
		if (insn_falls_through(insn))
			frame_merge(pass, idx + insn_slots(insn), &after);
		if (insn_jumps(insn))
			frame_merge(pass, insn_target(insn, idx), &after);
		err = verifier_pause(n);
	}
	return err;
}

/* Any register may point anywhere. */
static void give_up_addresses(struct frame_pass *pass)
{
	u32 i;
	int r;

	pass->escaped = true;
	for (i = 0; i < pass->env->len; i++)
		for (r = 0; r < TRACKED_REGS; r++)
			pass->regs[i].at[r] = ANYWHERE;
}

static int find_frame_addresses(struct frame_pass *pass)
{
	const struct verifier_env *env = pass->env;
	u32 i, sweeps = 0;
	int r, err;

	pass->regs = verifier_alloc(pass->env, env->len, sizeof(*pass->regs));
	if (!pass->regs)
		return -ENOMEM;
	for (i = 0; i < env->len; i++)
		pass->regs[i].at[0] = UNVISITED;
	for (i = 0; i < env->funcs; i++)
		for (r = 0; r < TRACKED_REGS; r++)
			pass->regs[env->func[i].start].at[r] = NO_FRAME;

	do {
		err = frame_sweep(pass);
	} while (pass->changed && !err && ++sweeps < SWEEPS_MAX);
	if (pass->changed && !err)
		give_up_addresses(pass);
	return err;
}

/* ---- stack slots ---------------------------------------------------------------- */

/* Slots that may be read, surely are overwritten, and that a store may reach. */
struct stack_effect {
	u64 reads;
	u64 writes;
	u64 touches;
};

/* Slots touched by [off, off + size), relative to the frame pointer. */
static u64 slots_touched(s64 off, s64 size)
{
	s64 low = max_t(s64, off, -MAX_BPF_STACK);
	s64 end = min_t(s64, off + size, 0);
	u32 first, last;

	if (low >= end)
		return 0;
	first = (-end) / SLOT_BYTES;
	last = (-low - 1) / SLOT_BYTES;
	return GENMASK_ULL(last, first);
}

/* Slots [off, off + size) covers from end to end. */
static u64 slots_covered(s64 off, s64 size)
{
	bool whole = size == SLOT_BYTES && off % SLOT_BYTES == 0;

	return whole ? slots_touched(off, size) : 0;
}

static u64 reached_through(s16 at, s64 off, s64 size)
{
	if (at == ANYWHERE)
		return FRAME_ALL;
	return is_frame_address(at) ? slots_touched(at + off, size) : 0;
}

/* May a function be told where in the frame something is? */
static bool shows_stack(const struct frame_regs *regs)
{
	int r;

	for (r = BPF_REG_1; r <= BPF_REG_5; r++)
		if (may_point_into_frame(regs->at[r]))
			return true;
	return false;
}

/* Helpers may read from each address they get up to the top of the frame. */
static u64 call_stack_reads(const struct verifier_env *env,
			    const struct bpf_insn *insn,
			    const struct frame_regs *regs)
{
	u16 args = call_reads(env, insn);
	u64 reads = 0;
	int r;

	if (insn_calls_function(insn))
		return shows_stack(regs) ? FRAME_ALL : 0;

	for (r = BPF_REG_1; r <= BPF_REG_5; r++)
		if (args & BIT(r))
			reads |= reached_through(regs->at[r], 0, MAX_BPF_STACK);
	return reads;
}

static struct stack_effect stack_effect(const struct verifier_env *env,
					const struct bpf_insn *insn,
					const struct frame_regs *regs)
{
	struct stack_effect e = {};
	s64 size = BPF_LDST_BYTES(insn);
	s16 at;

	switch (opcode_of(insn)->kind) {
	case INSN_LDX:
		at = frame_get(regs, insn->src_reg);
		e.reads = reached_through(at, insn->off, size);
		break;
	case INSN_ATOMIC:
		at = frame_get(regs, insn->dst_reg);
		e.reads = reached_through(at, insn->off, size);
		break;
	case INSN_ST:
	case INSN_STX:
		at = frame_get(regs, insn->dst_reg);
		e.touches = reached_through(at, insn->off, size);
		if (is_frame_address(at))
			e.writes = slots_covered(at + insn->off, size);
		break;
	case INSN_CALL:
		e.reads = call_stack_reads(env, insn, regs);
		break;
	}
	return e;
}

/* ---- backward ------------------------------------------------------------------- */

/* Registers and slots, as bits, that may be read, and whose numbers are asked for. */
struct needs {
	u64 live_stack;
	u64 asked_stack;
	u16 live_regs;
	u16 asked_regs;
};

static __always_inline void needs_add(const struct verifier_env *env,
				      const struct frame_pass *pass, u32 at, struct needs *sum)
{
	sum->live_stack |= env->live_stack[at];
	sum->live_regs |= env->live_regs[at];
	sum->asked_stack |= pass->asked_stack[at];
	sum->asked_regs |= env->asked_regs[at];
}

/* What @insn asks for: operands for its result, or because it decides something. */
static __always_inline void add_asked(const struct verifier_env *env, struct needs *before,
				      const struct bpf_insn *insn,
				      const struct reg_effect *regs,
				      const struct stack_effect *stack, const struct needs *after)
{
	bool result = after->asked_regs & regs->writes;

	switch (opcode_of(insn)->kind) {
	case INSN_ALU:
	case INSN_NEG:
	case INSN_END:
	case INSN_MOV:
		before->asked_regs |= result ? regs->reads : 0;
		break;
	case INSN_LDX:
		before->asked_regs |= regs->reads;
		before->asked_stack |= result ? stack->reads : 0;
		break;
	case INSN_STX:
		before->asked_regs |= BIT(insn->dst_reg);
		before->asked_regs |= after->asked_stack & stack->touches ? BIT(insn->src_reg) : 0;
		break;
	case INSN_EXIT:
		before->asked_regs |= env->funcs > 1 ? regs->reads : 0;
		break;
	default:
		before->asked_regs |= regs->reads;
		before->asked_stack |= stack->reads;
	}
}

static bool needs_change(struct verifier_env *env, const struct frame_pass *pass, u32 at,
			 const struct needs *now)
{
	bool same = env->live_stack[at] == now->live_stack &&
		    env->live_regs[at] == now->live_regs &&
		    pass->asked_stack[at] == now->asked_stack &&
		    env->asked_regs[at] == now->asked_regs;

	env->live_stack[at] = now->live_stack;
	env->live_regs[at] = now->live_regs;
	pass->asked_stack[at] = now->asked_stack;
	env->asked_regs[at] = now->asked_regs;
	return !same;
}

static bool live_update(struct verifier_env *env, const struct frame_pass *pass, u32 idx)
{
	const struct bpf_insn *insn = &env->insns[idx];
	struct stack_effect stack = stack_effect(env, insn, &pass->regs[idx]);
	struct reg_effect regs = reg_effect(env, insn);
	struct needs after = {}, before;

	if (insn_falls_through(insn))
		needs_add(env, pass, idx + insn_slots(insn), &after);
	if (insn_jumps(insn))
		needs_add(env, pass, insn_target(insn, idx), &after);
	before = (struct needs){
		.live_stack = (after.live_stack & ~stack.writes) | stack.reads,
		.live_regs = (after.live_regs & ~regs.writes) | regs.reads,
		.asked_stack = after.asked_stack & ~stack.writes,
		.asked_regs = after.asked_regs & ~regs.writes,
	};
	add_asked(env, &before, insn, &regs, &stack, &after);
	return needs_change(env, pass, idx, &before);
}

/* All may be read, and any number may decide something. */
static void give_up_needs(struct verifier_env *env)
{
	u32 i;

	for (i = 0; i < env->len; i++) {
		env->live_regs[i] = REGS_ALL;
		env->live_stack[i] = FRAME_ALL;
		env->asked_regs[i] = REGS_ALL;
	}
}

static int live_sweeps(struct verifier_env *env, const struct frame_pass *pass)
{
	u32 n, sweeps = 0;
	bool changed;
	int err = 0;

	do {
		changed = false;
		for (n = 0; n < env->postorder_cnt && !err; n++) {
			changed |= live_update(env, pass, env->postorder[n]);
			err = verifier_pause(n);
		}
	} while (changed && env->has_loop && !err && ++sweeps < SWEEPS_MAX);
	if (changed && env->has_loop && !err)
		give_up_needs(env);
	return err;
}

/* For exploration, which asks what a caller's frame must keep. */
static void note_shown_stacks(struct verifier_env *env, const struct frame_pass *pass)
{
	u32 n;

	for (n = 0; env->funcs > 1 && n < env->postorder_cnt; n++) {
		u32 idx = env->postorder[n];

		env->aux[idx].shows_stack = insn_calls_function(&env->insns[idx]) &&
					    shows_stack(&pass->regs[idx]);
	}
}

/**
 * verifier_liveness() - what is live before each instruction, and asked for
 * @env: load, after verifier_cfg(); receives live_regs, live_stack, asked_regs, and
 *	shows_stack in the aux of calls
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, -EAGAIN when killed.
 */
int verifier_liveness(struct verifier_env *env)
{
	struct frame_pass pass = { .env = env };
	int err = -ENOMEM;

	env->live_regs = verifier_zalloc(env, env->len, sizeof(*env->live_regs));
	env->live_stack = verifier_zalloc(env, env->len, sizeof(*env->live_stack));
	env->asked_regs = verifier_zalloc(env, env->len, sizeof(*env->asked_regs));
	pass.asked_stack = verifier_zalloc(env, env->len, sizeof(*pass.asked_stack));
	if (env->live_regs && env->live_stack && env->asked_regs && pass.asked_stack)
		err = find_frame_addresses(&pass);
	if (!err)
		err = live_sweeps(env, &pass);
	if (!err)
		note_shown_stacks(env, &pass);
	verifier_free(env, pass.asked_stack);
	verifier_free(env, pass.regs);
	return err;
}
