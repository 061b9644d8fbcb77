// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lookups in arrays as instructions of the program.
 *
 * The elements of an array lie side by side and never move, so looking one up
 * takes a comparison and a sum, and one whose key is the same on every path is
 * an address. The comparison decides what the program asks next anyway, whether
 * it got NULL, so it takes the place of that jump:
 *
 *	r2 = r10
 *	r2 += -4
 *	r1 = map[id:7]			r1 = *(u32 *)(r10 - 4)
 *	call bpf_map_lookup_elem	r0 = 0
 *	if r0 == 0 goto out		if w1 >= 64 goto out
 *					r1 *= 8
 *					r0 = (address of element 0)
 *					r0 += r1
 *
 * and with 3 for a key on every path
 *
 *					r0 = (address of element 3)
 *
 * What only made arguments for the call is dropped. The index is not masked: who
 * loads the program may read the kernel's memory, so there is nothing for a
 * mispredicted comparison to give away. Others' lookups stay calls of the helper,
 * which masks it.
 *
 * First verifier_inline() decides, and writes its decisions to the side array;
 * lowering then asks inline_lookup() for the instructions. All relies on facts
 * that exploration confirmed on every visit, and the number among them, the key,
 * was marked as needed, so a visit that was pruned would have had the same.
 */
#include <linux/capability.h>
#include <linux/log2.h>

#include "insn_valid.h"
#include "verifier.h"

/* Slots that a lookup and its jump grow by. */
#define GROWTH	6

static bool jumps_if_null(const struct bpf_insn *insn)
{
	return insn->code == (BPF_JMP | BPF_JEQ | BPF_K);
}

static bool asks_for_null(const struct bpf_insn *insn)
{
	return (jumps_if_null(insn) || insn->code == (BPF_JMP | BPF_JNE | BPF_K)) &&
	       insn->dst_reg == BPF_REG_0 && !insn->imm;
}

/* ---- decisions --------------------------------------------------------------- */

static bool is_inlinable(const struct verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = &env->insns[idx];
	const struct insn_aux *aux = &env->aux[idx];
	u32 stride;

	return aux->seen && opcode_of(insn)->kind == INSN_CALL && !insn->src_reg &&
	       insn->imm == BPF_FUNC_map_lookup_elem &&
	       aux->call_map && !aux->call_map_poison &&
	       aux->call_map->ops->map_elements(aux->call_map, &stride);
}

/* The jump behind the lookup, come to from there alone, with both sides alive. */
static bool takes_jump(const struct verifier_env *env, u32 idx)
{
	const struct bpf_insn *jump = &env->insns[idx + 1];
	const struct insn_aux *aux = &env->aux[idx + 1];

	return aux->seen && !aux->jump_target && asks_for_null(jump) &&
	       env->aux[idx + 2].seen && env->aux[insn_target(jump, idx + 1)].seen;
}

static u16 arguments_unused(const struct insn_aux *aux)
{
	if (aux->key == FACT_SAME || aux->key_off == FACT_SAME)
		return BIT(BPF_REG_1) | BIT(BPF_REG_2);
	return BIT(BPF_REG_1);
}

static bool only_computes(u8 kind)
{
	return kind == INSN_MOV || kind == INSN_ALU || kind == INSN_NEG ||
	       kind == INSN_END || kind == INSN_WIDE;
}

/*
 * Backwards from the lookup: control can only go on to it from each instruction
 * looked at, so a register that none of those behind reads is not read at all
 * before the lookup writes it. Whether control also comes from elsewhere in
 * between does not matter.
 */
static void drop_arguments(struct verifier_env *env, u32 call)
{
	u16 unread = arguments_unused(&env->aux[call]);
	u32 i;

	for (i = call; unread && i--; ) {
		const struct bpf_insn *insn = &env->insns[i];
		const struct opcode *op = opcode_of(insn);

		if (env->aux[i].wide_second)
			continue;
		if (op->kind >= INSN_PACKET)
			return;
		if (only_computes(op->kind) && unread & BIT(insn->dst_reg)) {
			env->aux[i].dropped = true;
			continue;
		}
		if (op->dst & USE_READ)
			unread &= ~BIT(insn->dst_reg);
		if (op->src & USE_READ)
			unread &= ~BIT(insn->src_reg);
	}
}

/**
 * verifier_inline() - decide which lookups become instructions
 * @env: load, explored
 *
 * None does that could make a jump of the program too long.
 *
 * Context: process context, may sleep.
 * Return: 0, or -EAGAIN when killed.
 */
int verifier_inline(struct verifier_env *env)
{
	u32 i, room = env->len < S16_MAX ? (S16_MAX - env->len) / GROWTH : 0;

	if (!perfmon_capable())
		return 0;
	for (i = 0; i < env->len && room; i++) {
		int err = verifier_pause(i);

		if (err)
			return err;
		if (env->aux[i].wide_second || !is_inlinable(env, i))
			continue;
		env->aux[i].inlined = true;
		env->aux[i + 1].in_lookup = takes_jump(env, i);
		drop_arguments(env, i);
		room--;
	}
	return 0;
}

/* ---- instructions ------------------------------------------------------------ */

/**
 * struct sequence - instructions in the making
 * @insns: where they go, room for INLINE_MAX
 * @len: how many
 */
struct sequence {
	struct bpf_insn *insns;
	u32 len;
};

static void put(struct sequence *seq, struct bpf_insn insn)
{
	seq->insns[seq->len++] = insn;
}

static void put_address(struct sequence *seq, const void *address)
{
	const struct bpf_insn wide[2] = { BPF_LD_IMM64(BPF_REG_0, (unsigned long)address) };

	put(seq, wide[0]);
	put(seq, wide[1]);
}

static void put_index(struct sequence *seq, const struct insn_aux *aux)
{
	if (aux->key_off == FACT_SAME)
		put(seq, BPF_LDX_MEM(BPF_W, BPF_REG_1, BPF_REG_FP, aux->call_key_off));
	else
		put(seq, BPF_LDX_MEM(BPF_W, BPF_REG_1, BPF_REG_2, 0));
}

static void put_product(struct sequence *seq, u32 stride)
{
	if (is_power_of_2(stride))
		put(seq, BPF_ALU64_IMM(BPF_LSH, BPF_REG_1, ilog2(stride)));
	else
		put(seq, BPF_ALU64_IMM(BPF_MUL, BPF_REG_1, stride));
}

/* R0: the address of the element, or 0 where the jump to the outside is taken. */
static void put_search(struct sequence *seq, const struct insn_aux *aux, const char *elements,
		       u32 stride, const struct bpf_insn *jump, u32 *jump_at)
{
	/* Instructions behind the comparison, for it to go past. */
	u32 rest = jump && !jumps_if_null(jump) ? 5 : 4;

	put_index(seq, aux);
	put(seq, BPF_MOV64_IMM(BPF_REG_0, 0));
	*jump_at = seq->len;
	put(seq, BPF_JMP32_IMM(BPF_JGE, BPF_REG_1, aux->call_map->max_entries, rest));
	put_product(seq, stride);
	put_address(seq, elements);
	put(seq, BPF_ALU64_REG(BPF_ADD, BPF_REG_0, BPF_REG_1));
	if (rest == 5) {
		*jump_at = seq->len;
		put(seq, BPF_JMP_A(0));
	}
}

/**
 * inline_lookup() - the instructions of a lookup, and of the jump behind it
 * @env: load, with the decisions of verifier_inline()
 * @idx: the call
 * @insns: written, at most INLINE_MAX
 * @jump_at: where among them the jump stands that goes to where the program's
 *	jump behind the lookup goes, if that was taken over: its distance is
 *	open. If it was, and there is no such jump, the number of instructions.
 *
 * Context: any.
 * Return: how many.
 */
u32 inline_lookup(const struct verifier_env *env, u32 idx, struct bpf_insn *insns, u32 *jump_at)
{
	const struct bpf_insn *jump = env->aux[idx + 1].in_lookup ? &env->insns[idx + 1] : NULL;
	const struct insn_aux *aux = &env->aux[idx];
	struct sequence seq = { .insns = insns };
	const char *elements;
	u32 stride;

	elements = aux->call_map->ops->map_elements(aux->call_map, &stride);
	if (aux->key != FACT_SAME || aux->call_key >= aux->call_map->max_entries) {
		put_search(&seq, aux, elements, stride, jump, jump_at);
		return seq.len;
	}
	put_address(&seq, elements + (size_t)aux->call_key * stride);
	*jump_at = seq.len;
	if (jump && !jumps_if_null(jump))
		put(&seq, BPF_JMP_A(0));
	return seq.len;
}
