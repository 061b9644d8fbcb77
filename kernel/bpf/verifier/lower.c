// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the instructions user space wrote to those that run.
 *
 * One pass: old instructions are read in order, new ones appended to another
 * array, and where each old one starts in it is noted. Only when all stand is
 * every jump given its new distance. Nothing is ever inserted into finished
 * code, so there are no distances to repair on the way.
 *
 *   - a context access becomes what the program type says;
 *   - before the first instruction of a program that writes into the packet stands
 *     what makes the packet's bytes its own; jumps to the first one come behind it;
 *   - a map's descriptor becomes the map's address, or that of its value;
 *   - a helper's number becomes its distance from __bpf_call_base(), or the call
 *     becomes what inline.c makes of it;
 *   - a call of a function of the program gets its new distance, and how much stack
 *     the caller takes, behind which the function's begins;
 *   - a tail call becomes an instruction; if it goes to the same slot of the same
 *     array on every visit, that names an entry of a table that tells which;
 *   - what exploration never reached is not copied. A conditional jump with
 *     one dead side becomes nothing or an unconditional one; where control
 *     would come to a dead place, it meets "r0 = 0; exit" instead of whatever
 *     happens to follow.
 *
 * This is the first pass that writes to the program, and the last of all: when
 * it fails the program is still as loaded. check_result() then looks at the
 * result as it will run. It must never make an instruction from a fact that
 * exploration did not confirm on every visit.
 */
#include <linux/mm.h>
#include <linux/overflow.h>

#include "../tail_sites.h"
#include "insn_valid.h"
#include "verifier.h"

/* Most instructions one can become: a context load that extends, and a stop. */
#define GROWTH_MAX	(BPF_LOWER_MAX + 1 + 2)

/**
 * struct output - code under construction
 * @env: load
 * @insns: new instructions
 * @len: how many
 * @room: how many fit
 * @start: per old slot, index in @insns where it starts; one more for the end
 */
struct output {
	struct verifier_env *env;
	struct bpf_insn *insns;
	u32 len;
	u32 room;
	u32 *start;
};

static int output_reserve(struct output *out)
{
	struct bpf_insn *bigger;
	u32 room = out->room + out->room / 2 + GROWTH_MAX;

	if (out->room - out->len >= GROWTH_MAX)
		return 0;
	bigger = kvmalloc_array(room, sizeof(*bigger), VERIFIER_GFP);
	if (!bigger)
		return -ENOMEM;
	memcpy(bigger, out->insns, array_size(out->len, sizeof(*bigger)));
	kvfree(out->insns);
	out->insns = bigger;
	out->room = room;
	return 0;
}

static void emit(struct output *out, struct bpf_insn insn)
{
	out->insns[out->len++] = insn;
}

static bool is_live(const struct output *out, s64 idx)
{
	return out->env->aux[idx].seen;
}

/* ---- one instruction ----------------------------------------------------------- */

static int copy_insn(struct output *out, u32 idx)
{
	emit(out, out->env->insns[idx]);
	return 0;
}

static int lower_wide(struct output *out, u32 idx)
{
	struct bpf_insn lo = out->env->insns[idx];
	struct bpf_insn hi = out->env->insns[idx + 1];
	const struct insn_aux *aux = &out->env->aux[idx];

	if (aux->map) {
		const void *address = aux->is_value ? value_address(aux) : aux->map;

		lo.src_reg = 0;
		lo.imm = lower_32_bits((unsigned long)address);
		hi.imm = upper_32_bits((unsigned long)address);
	}
	emit(out, lo);
	emit(out, hi);
	return 0;
}

/*
 * A tail call that always goes to the same slot? There is none for an index outside:
 * such a call looks at the array, and finds that out, each time.
 */
static bool is_tail_site(const struct verifier_env *env, u32 idx)
{
	const struct insn_aux *aux = &env->aux[idx];
	const struct bpf_insn *call = &env->insns[idx];

	return aux->key == FACT_SAME && call->imm == BPF_FUNC_tail_call &&
	       aux->call_map && !aux->call_map_poison &&
	       aux->call_key < aux->call_map->max_entries;
}

/* Memory for the table of all of them. */
static int reserve_tail_sites(struct verifier_env *env)
{
	u32 i, count = 0;

	for (i = 0; i < env->len; i++)
		count += is_tail_site(env, i);
	if (!count)
		return 0;
	env->tail_sites = kvzalloc(struct_size(env->tail_sites, site, count), VERIFIER_GFP);
	return env->tail_sites ? 0 : -ENOMEM;
}

/* Number in the table, from 1; 0 if it does not belong there. */
static u32 add_tail_site(struct verifier_env *env, u32 idx)
{
	struct bpf_tail_sites *sites = env->tail_sites;

	if (!is_tail_site(env, idx))
		return 0;
	sites->site[sites->count++] = (struct bpf_tail_site){
		.map = env->aux[idx].call_map,
		.index = env->aux[idx].call_key,
	};
	return sites->count;
}

/*
 * Whatever the program it goes to needs from those who run it, this one needs:
 * which it will be is not known.
 */
static void lower_tail_call(struct output *out, u32 idx)
{
	u32 number = add_tail_site(out->env, idx);

	out->env->prog->cb_access = 1;
	out->env->prog->dst_needed = 1;
	emit(out, BPF_RAW_INSN(BPF_JMP | BPF_TAIL_CALL, 0, 0, 0, number));
}

/* The jump that was taken over starts where its successor in the lookup stands. */
static void lower_lookup(struct output *out, u32 idx)
{
	u32 jump_at, n = inline_lookup(out->env, idx, &out->insns[out->len], &jump_at);

	BUILD_BUG_ON(INLINE_MAX > GROWTH_MAX);
	if (out->env->aux[idx + 1].in_lookup)
		out->start[idx + 1] = out->len + jump_at;
	out->len += n;
}

/* A map that is known can be asked directly. */
static const void *called_func(const struct insn_aux *aux, const struct bpf_insn *call,
			       const struct bpf_func_proto *proto)
{
	if (call->imm == BPF_FUNC_map_lookup_elem && aux->call_map && !aux->call_map_poison)
		return aux->call_map->ops->map_lookup_func;
	return proto->func;
}

static int lower_call(struct output *out, u32 idx)
{
	struct verifier_env *env = out->env;
	struct bpf_insn call = env->insns[idx];
	const struct bpf_func_proto *proto;
	s64 distance;

	if (insn_calls_function(&call)) {
		/* The distance comes in fix_calls(). */
		call.off = env->func[verifier_func_at(env, idx)].stack_depth;
		emit(out, call);
		return 0;
	}
	if (call.imm == BPF_FUNC_tail_call) {
		lower_tail_call(out, idx);
		return 0;
	}
	if (env->aux[idx].inlined) {
		lower_lookup(out, idx);
		return 0;
	}
	proto = env->ops->get_func_proto(call.imm, env->prog);
	if (WARN_ON_ONCE(!proto || !proto->func))
		return -EFAULT;
	distance = BPF_CALL_IMM(called_func(&env->aux[idx], &call, proto));
	if (WARN_ON_ONCE(distance != (s32)distance))
		return -EFAULT;
	call.imm = distance;
	emit(out, call);
	return 0;
}

/* The program type knows no extending loads: load plainly, then extend. */
static int lower_ctx(struct output *out, u32 idx)
{
	struct verifier_env *env = out->env;
	struct bpf_insn insn = env->insns[idx];
	bool is_load = BPF_CLASS(insn.code) == BPF_LDX;
	bool extends = is_load && BPF_MODE(insn.code) == BPF_MEMSX;
	struct bpf_insn_access access = {
		.off = insn.off,
		.size = BPF_LDST_BYTES(&insn),
		.type = is_load ? BPF_READ : BPF_WRITE,
		.prog = env->prog,
	};
	unsigned int n;

	if (extends)
		insn.code = BPF_LDX | BPF_MEM | BPF_SIZE(insn.code);
	n = env->ops->lower_ctx_access(&access, &insn, &out->insns[out->len]);
	if (WARN_ON_ONCE(!n || n > BPF_LOWER_MAX))
		return -EFAULT;
	out->len += n;
	if (extends)
		emit(out, BPF_ALU64_REG_OFF(BPF_MOV, insn.dst_reg, insn.dst_reg,
					    access.size * BITS_PER_BYTE));
	return 0;
}

static int lower_memory(struct output *out, u32 idx)
{
	if (out->env->aux[idx].mem == MEM_CTX)
		return lower_ctx(out, idx);
	return copy_insn(out, idx);
}

/* No path goes on here. */
static void emit_stop(struct output *out)
{
	emit(out, BPF_MOV64_IMM(BPF_REG_0, 0));
	emit(out, BPF_EXIT_INSN());
}

/* The distance comes in fix_jumps(), from the old instruction. */
static int lower_ja(struct output *out, u32 idx)
{
	if (is_live(out, insn_target(&out->env->insns[idx], idx)))
		emit(out, BPF_JMP_A(0));
	else
		emit_stop(out);
	return 0;
}

static int lower_jump(struct output *out, u32 idx)
{
	const struct bpf_insn *insn = &out->env->insns[idx];
	bool taken = is_live(out, insn_target(insn, idx));
	bool next = is_live(out, idx + 1);

	if (taken && next)
		emit(out, *insn);
	else if (taken)
		emit(out, BPF_JMP_A(0));
	else if (!next)
		emit_stop(out);
	return 0;
}

static int (*const lower_kind[__INSN_KIND_MAX])(struct output *out, u32 idx) = {
	[INSN_ALU]	= copy_insn,
	[INSN_MOV]	= copy_insn,
	[INSN_NEG]	= copy_insn,
	[INSN_END]	= copy_insn,
	[INSN_LDX]	= lower_memory,
	[INSN_ST]	= lower_memory,
	[INSN_STX]	= lower_memory,
	[INSN_ATOMIC]	= copy_insn,
	[INSN_WIDE]	= lower_wide,
	[INSN_PACKET]	= copy_insn,
	[INSN_JA]	= lower_ja,
	[INSN_JUMP]	= lower_jump,
	[INSN_CALL]	= lower_call,
	[INSN_EXIT]	= copy_insn,
};

static int lower_insn(struct output *out, u32 idx)
{
	const struct bpf_insn *insn = &out->env->insns[idx];
	int err;

	err = output_reserve(out);
	if (!err)
		err = lower_kind[opcode_of(insn)->kind](out, idx);
	if (!err && !insn_jumps(insn) && insn_falls_through(insn) &&
	    !is_live(out, idx + insn_slots(insn)))
		emit_stop(out);
	return err;
}

static int emit_prologue(struct output *out)
{
	unsigned int n;

	if (!out->env->writes_packet)
		return 0;
	n = out->env->ops->packet_prologue(&out->insns[out->len]);
	if (WARN_ON_ONCE(!n || n > BPF_LOWER_MAX))
		return -EFAULT;
	out->len += n;
	return 0;
}

static int lower_all(struct output *out)
{
	struct verifier_env *env = out->env;
	int err = emit_prologue(out);
	u32 i;

	if (err)
		return err;

	for (i = 0; i < env->len; i++) {
		err = verifier_pause(i);
		if (err)
			return err;
		if (env->aux[i].in_lookup)
			continue;
		out->start[i] = out->len;
		if (!env->aux[i].wide_second && !env->aux[i].dropped && is_live(out, i))
			err = lower_insn(out, i);
		if (err)
			return err;
	}
	out->start[env->len] = out->len;
	return 0;
}

/* ---- jumps ----------------------------------------------------------------------- */

/* An unconditional jump has a long form; a conditional one has not. */
static int fix_jump(struct output *out, u32 idx)
{
	struct verifier_env *env = out->env;
	u32 at = out->start[idx];
	struct bpf_insn *insn = &out->insns[at];
	s64 target = insn_target(&env->insns[idx], idx);
	s64 distance = (s64)out->start[target] - at - 1;

	if (distance == (s16)distance) {
		insn->off = distance;
		return 0;
	}
	if (opcode_of(insn)->kind == INSN_JA) {
		*insn = BPF_JMP32_A(distance);
		return 0;
	}
	vlog_insn_at(env, idx);
	return reject(env, RULE_LIMIT_JUMP, -E2BIG,
		      "jump from insn %u to %lld becomes too long: %lld instructions\n",
		      idx, target, distance);
}

static int fix_jumps(struct output *out)
{
	struct verifier_env *env = out->env;
	int err = 0;
	u32 i;

	for (i = 0; i < env->len && !err; i++) {
		u32 at = out->start[i];

		if (env->aux[i].wide_second || !insn_jumps(&env->insns[i]))
			continue;
		/* It may have become nothing, or a stop. */
		if (out->start[i + 1] > at && insn_jumps(&out->insns[at]))
			err = fix_jump(out, i);
	}
	return err;
}

static void fix_calls(struct output *out)
{
	struct verifier_env *env = out->env;
	u32 i;

	for (i = 0; i < env->len; i++) {
		u32 at = out->start[i];

		if (env->aux[i].seen && insn_calls_function(&env->insns[i]))
			out->insns[at].imm = out->start[insn_callee(&env->insns[i], i)] - at - 1;
	}
}

static u32 count_live_functions(const struct output *out)
{
	u32 f, n = 0;

	for (f = 0; f < out->env->funcs; f++)
		n += is_live(out, out->env->func[f].start);
	return n;
}

/*
 * Where the functions stand now; those that are never called are gone. What stands in
 * front of the program is part of the first one.
 */
static int keep_functions(struct output *out)
{
	struct verifier_env *env = out->env;
	u32 f, n = count_live_functions(out);

	if (n < 2)
		return 0;
	env->prog_func = kvmalloc_array(n, sizeof(*env->prog_func), VERIFIER_GFP);
	if (!env->prog_func)
		return -ENOMEM;
	for (f = 0; f < env->funcs; f++)
		if (is_live(out, env->func[f].start))
			env->prog_func[env->prog_funcs++] = (struct bpf_prog_func){
				.start = f ? out->start[env->func[f].start] : 0,
				.stack_depth = env->func[f].stack_depth,
			};
	return 0;
}

/* ---- the result ------------------------------------------------------------------ */

/* Marks in @starts where instructions begin; false if the code can run on. */
static bool mark_starts(const struct output *out, unsigned long *starts)
{
	u32 i, last = 0;

	for (i = 0; i < out->len; i += insn_slots(&out->insns[i])) {
		__set_bit(i, starts);
		last = i;
	}
	return i == out->len && !insn_falls_through(&out->insns[last]);
}

/* Every jump and call of the code that will run lands where an instruction begins. */
static int check_result(const struct output *out)
{
	unsigned long *starts;
	bool good;
	u32 i;

	starts = kvcalloc(BITS_TO_LONGS(out->len), sizeof(*starts), VERIFIER_GFP);
	if (!starts)
		return -ENOMEM;

	good = mark_starts(out, starts);
	for_each_set_bit(i, starts, out->len) {
		const struct bpf_insn *insn = &out->insns[i];
		bool calls = insn_calls_function(insn);
		s64 target = calls ? insn_callee(insn, i) : insn_target(insn, i);

		if (calls || insn_jumps(insn))
			good = good && target >= 0 && target < out->len &&
			       test_bit(target, starts);
	}
	kvfree(starts);
	return WARN_ON_ONCE(!good) ? -EFAULT : 0;
}

static int replace_insns(struct output *out)
{
	struct verifier_env *env = out->env;
	struct bpf_prog *prog;

	prog = bpf_prog_realloc(env->prog, bpf_prog_size(out->len), __GFP_NOWARN);
	if (!prog)
		return -ENOMEM;
	memcpy(prog->insnsi, out->insns, array_size(out->len, sizeof(*out->insns)));
	prog->len = out->len;
	env->prog = prog;
	env->insns = NULL;
	return 0;
}

/**
 * verifier_lower() - put the code that will run into the program
 * @env: load, explored; env->prog may move, env->insns is gone afterwards
 *
 * Context: process context, may sleep.
 * Return: 0, -E2BIG if a jump became too long, -ENOMEM, -EAGAIN when killed,
 * -EFAULT if the result does not hold together.
 */
int verifier_lower(struct verifier_env *env)
{
	struct output out = { .env = env };
	int err = reserve_tail_sites(env);

	if (err)
		return err;
	out.start = kvcalloc(env->len + 1, sizeof(*out.start), VERIFIER_GFP);
	out.room = env->len + GROWTH_MAX;
	out.insns = kvmalloc_array(out.room, sizeof(*out.insns), VERIFIER_GFP);
	err = out.start && out.insns ? lower_all(&out) : -ENOMEM;
	if (!err)
		err = fix_jumps(&out);
	if (!err && env->funcs > 1)
		fix_calls(&out);
	if (!err)
		err = keep_functions(&out);
	if (!err)
		err = check_result(&out);
	if (!err)
		err = replace_insns(&out);
	kvfree(out.start);
	kvfree(out.insns);
	return err;
}
