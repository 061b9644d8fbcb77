// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tail calls: go on as another program, or behind the call if there is none or the
 * run has made its share.
 *
 * One that may go to any slot looks at the array. One that goes to a known slot has
 * two places where whoever owns the image puts a jump:
 *
 *		sub	[left], 1
 *		jb	none
 *	jump:	nop				to a body, to "leave", or on
 *		...
 *	none:	inc	[left]			so it stays
 *		if the number is elsewhere and not 0:
 *			dec	[elsewhere];  inc [left];  try again
 *		jmp	behind "jump"
 *	leave:	the frame is undone, r10 = [left]
 *	out:	int3				to the tail entry of a program
 *
 * A body counts on in the frame it gets. Both are direct jumps: there is nothing to
 * mask, and no thunk.
 */
#include <linux/bpf.h>
#include <linux/errno.h>

#include "jit_priv.h"

/* How many tail calls the run has left, or 0 if it counts elsewhere: see jit_func.c. */
static struct x86_mem left_of(const struct jit *j)
{
	return X86_MEM(RBP, -(s32)j->func->stack - 8);
}

/**
 * x86_jit_count_distance() - where it says how far the count of tail calls is
 * @j: compilation of a function that counts
 *
 * Context: any.
 * Return: the address.
 */
struct x86_mem x86_jit_count_distance(const struct jit *j)
{
	return X86_MEM(RBP, -(s32)j->func->stack - 4);
}

/*
 * None was left: so it stays. One that is left elsewhere is brought here, and taken.
 * Nothing between the begin of a tail call and where it counts minds to be run again.
 */
static void none_left(struct jit *j, const struct bpf_insn *insn)
{
	const struct x86_mem elsewhere = { .base = RBP, .index = R11, .disp = 8 };

	x86_inc_m(&j->code, false, left_of(j));
	x86_load(&j->code, false, R11, x86_jit_count_distance(j));
	x86_test_rr(&j->code, false, R11, R11);
	x86_jit_jump(j, X86_E, j->slot + 1);
	x86_alu_mi8(&j->code, X86_CMP, false, elsewhere, 0);
	x86_jit_jump(j, X86_E, j->slot + 1);
	x86_alu_mi8(&j->code, X86_SUB, false, elsewhere, 1);
	x86_inc_m(&j->code, false, left_of(j));
	x86_jit_jump(j, JIT_ALWAYS, j->slot);
}

/* ---- to any slot ------------------------------------------------------------- */

/*
 * An index inside counts, whether there is a program or not. Its upper half does not,
 * so it is cleared, one way or the other. Masked, it lies inside also while the CPU
 * only supposes so: with the carry that the comparison left, sbb makes ones or zeroes.
 */
static void tail_call_target(struct jit *j, u32 none)
{
	const struct x86_mem program = {
		.base = RSI, .index = RDX, .disp = offsetof(struct bpf_array, ptrs),
	};

	BUILD_BUG_ON(sizeof_field(struct bpf_map, max_entries) != 4);
	BUILD_BUG_ON(sizeof_field(struct bpf_array, ptrs[0]) != 8);
	x86_alu_rm(&j->code, X86_CMP, false, RDX,
		   X86_MEM(RSI, offsetof(struct bpf_array, map.max_entries)));
	x86_jit_jump(j, X86_AE, j->slot + 1);
	if (j->target.mask) {
		x86_alu_rr(&j->code, X86_SBB, false, R11, R11);
		x86_alu_rr(&j->code, X86_AND, false, RDX, R11);
	} else {
		x86_jit_clear_upper(j, BPF_REG_3);
	}
	x86_alu_mi8(&j->code, X86_SUB, false, left_of(j), 1);
	x86_jit_jump(j, X86_B, none);
	x86_load(&j->code, true, R11, program);
	x86_test_rr(&j->code, true, R11, R11);
	x86_jit_jump(j, X86_E, j->slot + 1);
	x86_load(&j->code, true, R11, X86_MEM(R11, offsetof(struct bpf_prog, tail_func)));
	x86_load(&j->code, true, R10, left_of(j));
}

static void jump_to_r11(struct jit *j)
{
	x86_jmp_r(&j->code, R11);
	x86_jit_stop_speculation(j);
}

static void tail_call(struct jit *j, const struct bpf_insn *insn)
{
	BUILD_BUG_ON(sizeof_field(struct bpf_prog, tail_func) != 8);
	tail_call_target(j, x86_jit_cold_chunk(j, none_left));
	x86_jit_undo_prologue(j);
	if (j->target.jump_thunk)
		x86_jit_call_address(j, j->target.jump_thunk, true);
	else
		jump_to_r11(j);
}

/* ---- to a known slot --------------------------------------------------------- */

/* "none", "leave" and "out" of the top. */
static void known_tail_call_cold(struct jit *j, const struct bpf_insn *insn)
{
	u32 i;

	none_left(j, insn);
	x86_jit_mark(j);
	x86_load(&j->code, true, R10, left_of(j));
	x86_jit_undo_prologue(j);
	for (i = 0; i < JIT_JUMP_BYTES; i++)
		x86_int3(&j->code);
	x86_jit_mark(j);
}

static void known_tail_call(struct jit *j, const struct bpf_insn *insn)
{
	u32 cold = x86_jit_cold_chunk(j, known_tail_call_cold);

	if ((u32)insn->imm > j->tail_sites)
		jit_fail(j, -EINVAL);
	x86_alu_mi8(&j->code, X86_SUB, false, left_of(j), 1);
	x86_jit_jump(j, X86_B, cold);
	x86_nop(&j->code, JIT_JUMP_BYTES);
	x86_jit_mark(j);
}

/**
 * x86_jit_tail_call() - go on as another program, R1 its context, or behind it
 * @j: compilation
 * @insn: instruction
 *
 * Context: any.
 */
void x86_jit_tail_call(struct jit *j, const struct bpf_insn *insn)
{
	j->packet = false;
	if (insn->imm)
		known_tail_call(j, insn);
	else
		tail_call(j, insn);
}

/**
 * x86_jit_tail_sites() - how many tail calls go to a known slot
 * @j: compilation
 *
 * Context: any.
 * Return: how many.
 */
u32 x86_jit_tail_sites(const struct jit *j)
{
	return j->nmarks / JIT_TAIL_MARKS;
}

/**
 * x86_jit_tail_site() - where one of them is
 * @j: compilation, written
 * @i: which
 *
 * Cold chunks come in the order of their instructions, behind all of them.
 *
 * Context: any.
 * Return: its number and its places.
 */
struct jit_tail_site x86_jit_tail_site(const struct jit *j, u32 i)
{
	const struct jit_mark *jump = &j->marks[i];
	const struct jit_mark *cold = &j->marks[x86_jit_tail_sites(j) + (JIT_TAIL_MARKS - 1) * i];

	return (struct jit_tail_site){
		.number = j->insns[jump->slot].imm,
		.jump = jump->at - JIT_JUMP_BYTES,
		.leave = cold[0].at,
		.out = cold[1].at - JIT_JUMP_BYTES,
		.layout = x86_jit_frame_layout(jump->func),
	};
}
