// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control: how a program is entered and left, jumps and calls.
 *
 *	entry:	[endbr64]  [mov r10d, 33]	as many tail calls are left
 *	tail:	[endbr64]  [push rbp;  mov rbp, rsp;  sub rsp, stack;  [push r10]]
 *		[push of each callee-saved register it uses]
 *	body:	what the instructions make
 *
 * A part in brackets is there only if it is needed. Tail calls come in at "tail", see
 * jit_tail.c, or at "body" if they bring the frame. How many a run has left lies right
 * below the program's stack, and goes from one program's frame to the next one's in
 * r10: a program that makes no tail calls never looks at it, and both entries are one.
 * An interrupting run has a frame, and so a count, of its own. See jit_func.c for
 * functions that main calls.
 */
#include <linux/bpf.h>
#include <linux/errno.h>

#include "jit_priv.h"

/* An epilogue of up to this many bytes is repeated, a longer one jumped to. */
#define INLINE_EPILOGUE	6

/* ---- entry and exit ------------------------------------------------------ */

/**
 * x86_jit_entries() - where one comes into the image
 * @j: compilation, begun
 *
 * Context: any.
 * Return: the places, and the layout of the frame.
 */
struct jit_entries x86_jit_entries(const struct jit *j)
{
	return (struct jit_entries){
		.tail = j->tail,
		.body = j->body,
		.layout = x86_jit_frame_layout(j->funcs),
	};
}

static void make_entries(struct jit *j)
{
	if (j->target.ibt)
		x86_endbr64(&j->code);
	if (!j->func->counts)
		return;
	x86_mov_ri32(&j->code, R10, MAX_TAIL_CALL_CNT);
	j->tail = j->code.pos;
	if (j->target.ibt)
		x86_endbr64(&j->code);
}

static void make_frame(struct jit *j)
{
	u32 stack = j->func->stack;

	x86_push(&j->code, RBP);
	x86_mov_rr(&j->code, true, RBP, RSP);
	if (stack == 128)
		x86_alu_ri8(&j->code, X86_ADD, true, RSP, -128);
	else if (stack)
		x86_alu_ri(&j->code, X86_SUB, true, RSP, stack);
	if (j->func->counts)
		x86_push(&j->code, R10);
}

/**
 * x86_jit_prologue() - entries and frame of a function
 * @j: compilation
 *
 * Context: any.
 */
void x86_jit_prologue(struct jit *j)
{
	const struct jit_func *f = j->func;
	unsigned int i;

	if (f == j->funcs)
		make_entries(j);
	if (f->frame)
		make_frame(j);
	for (i = 0; i < JIT_SAVED_REGS; i++)
		if (x86_jit_saved_reg(f, i) != X86_NO_REG)
			x86_push(&j->code, x86_jit_saved_reg(f, i));
	if (f == j->funcs)
		j->body = j->code.pos;
}

/**
 * x86_jit_undo_prologue() - give up registers and frame
 * @j: compilation
 *
 * Context: any.
 */
void x86_jit_undo_prologue(struct jit *j)
{
	unsigned int i;

	for (i = JIT_SAVED_REGS; i--; )
		if (x86_jit_saved_reg(j->func, i) != X86_NO_REG)
			x86_pop(&j->code, x86_jit_saved_reg(j->func, i));
	if (j->func->frame)
		x86_leave(&j->code);
}

/**
 * x86_jit_stop_speculation() - behind a return or an indirect jump
 * @j: compilation
 *
 * Context: any.
 */
void x86_jit_stop_speculation(struct jit *j)
{
	if (j->target.sls)
		x86_int3(&j->code);
}

/* R0 is worth keeping, R4 no more. */
static void forget_branches(struct jit *j)
{
	if (j->target.clear_history) {
		x86_push(&j->code, RAX);
		x86_jit_call_address(j, j->target.clear_history, false);
		x86_pop(&j->code, RAX);
	}
	if (j->target.fence_history)
		x86_ibhf(&j->code);
}

/**
 * x86_jit_return() - go where the return address says
 * @j: compilation
 *
 * Context: any.
 */
void x86_jit_return(struct jit *j)
{
	if (j->target.return_thunk) {
		x86_jit_call_address(j, j->target.return_thunk, true);
	} else {
		x86_ret(&j->code);
		x86_jit_stop_speculation(j);
	}
}

static void epilogue(struct jit *j)
{
	if (j->func == j->funcs)
		forget_branches(j);
	x86_jit_undo_prologue(j);
	x86_jit_return(j);
}

static bool epilogue_is_short(struct jit *j)
{
	unsigned int i, size = j->func->frame + (j->target.return_thunk ? 5 : 1 + j->target.sls);

	size += (j->target.clear_history ? 7 : 0) + (j->target.fence_history ? 5 : 0);
	for (i = 0; i < JIT_SAVED_REGS; i++)
		if (x86_jit_saved_reg(j->func, i) != X86_NO_REG)
			size += x86_jit_saved_reg(j->func, i) < R8 ? 1 : 2;
	return size <= INLINE_EPILOGUE;
}

/**
 * x86_jit_exit() - end of the function, R0 is its value
 * @j: compilation
 * @insn: instruction
 *
 * Context: any.
 */
void x86_jit_exit(struct jit *j, const struct bpf_insn *insn)
{
	if (j->slot == j->func->exit || epilogue_is_short(j))
		epilogue(j);
	else
		x86_jit_jump(j, JIT_ALWAYS, j->func->exit);
}

/* ---- jumps --------------------------------------------------------------- */

static const u8 conditions[16] = {
	[BPF_JEQ >> 4] = X86_E,
	[BPF_JNE >> 4] = X86_NE,
	[BPF_JGT >> 4] = X86_A,
	[BPF_JGE >> 4] = X86_AE,
	[BPF_JLT >> 4] = X86_B,
	[BPF_JLE >> 4] = X86_BE,
	[BPF_JSGT >> 4] = X86_G,
	[BPF_JSGE >> 4] = X86_GE,
	[BPF_JSLT >> 4] = X86_L,
	[BPF_JSLE >> 4] = X86_LE,
	[BPF_JSET >> 4] = X86_NE,
};

/**
 * x86_jit_condition() - what to jump on after the operands of a jump were compared
 * @insn: conditional jump
 *
 * Context: any.
 * Return: condition of the machine.
 */
enum x86_cc x86_jit_condition(const struct bpf_insn *insn)
{
	return conditions[BPF_OP(insn->code) >> 4];
}

/**
 * x86_jit_is_signed_jump() - does it compare signed numbers?
 * @insn: conditional jump
 *
 * Context: any.
 * Return: true if it does.
 */
bool x86_jit_is_signed_jump(const struct bpf_insn *insn)
{
	return conditions[BPF_OP(insn->code) >> 4] >= X86_L;
}

/* Bits that are all in the low byte or in the low half are tested there. */
static void test_imm(struct jit *j, const struct bpf_insn *insn)
{
	u8 dst = dst_of(insn);
	bool w = is_wide(insn) && insn->imm < 0;

	if (j->target.blind)
		x86_test_rr(&j->code, w, dst, x86_jit_imm_reg(j, extended(w, insn->imm)));
	else if (!(insn->imm & ~0xff))
		x86_test_ri8(&j->code, dst, insn->imm);
	else
		x86_test_ri32(&j->code, w, dst, insn->imm);
}

/*
 * Is the answer in the zero flag? A result of 32 bits is 0 if its lower half is; of the
 * lower half of one of 64 bits nothing is known.
 */
static bool zero_is_known(const struct jit *j, const struct bpf_insn *insn)
{
	u8 op = BPF_OP(insn->code);

	return (op == BPF_JEQ || op == BPF_JNE) && j->zero_at == j->code.pos &&
	       j->zero_reg == insn->dst_reg && (is_wide(insn) || !j->zero_wide);
}

static void compare_imm(struct jit *j, const struct bpf_insn *insn)
{
	u8 dst = dst_of(insn);
	bool w = is_wide(insn);

	/* Two numbers below 2^32 compare alike in 32 bits, if unsigned. */
	if (w && is_clear(j, insn->dst_reg) && insn->imm >= 0 && !x86_jit_is_signed_jump(insn))
		w = false;
	if (insn->imm)
		x86_jit_alu_imm(j, X86_CMP, w, dst, insn->imm);
	else if (!zero_is_known(j, insn))
		x86_test_rr(&j->code, w, dst, dst);
}

static void compare_reg(struct jit *j, const struct bpf_insn *insn)
{
	bool clear = is_clear(j, insn->dst_reg) && is_clear(j, insn->src_reg);
	bool w = is_wide(insn) && !(clear && !x86_jit_is_signed_jump(insn));

	if (BPF_OP(insn->code) == BPF_JSET)
		x86_test_rr(&j->code, w, dst_of(insn), src_of(insn));
	else
		x86_alu_rr(&j->code, X86_CMP, w, dst_of(insn), src_of(insn));
}

/**
 * x86_jit_branch() - conditional jump
 * @j: compilation
 * @insn: instruction
 *
 * Context: any.
 */
void x86_jit_branch(struct jit *j, const struct bpf_insn *insn)
{
	if (!insn->off)
		return;
	if (by_reg(insn))
		compare_reg(j, insn);
	else if (BPF_OP(insn->code) == BPF_JSET)
		test_imm(j, insn);
	else
		compare_imm(j, insn);
	x86_jit_jump(j, x86_jit_condition(insn), x86_jit_jump_target(insn, j->slot));
}

/**
 * x86_jit_ja() - jump
 * @j: compilation
 * @insn: instruction
 *
 * Context: any.
 */
void x86_jit_ja(struct jit *j, const struct bpf_insn *insn)
{
	u32 target = x86_jit_jump_target(insn, j->slot);

	if (target != j->slot + 1)
		x86_jit_jump(j, JIT_ALWAYS, target);
}

/* ---- calls --------------------------------------------------------------- */

/**
 * x86_jit_call() - call of a helper, whose arguments are where C wants them, or of a
 *	function
 * @j: compilation
 * @insn: instruction
 *
 * Context: any.
 */
void x86_jit_call(struct jit *j, const struct bpf_insn *insn)
{
	j->packet = false;
	if (insn->src_reg == BPF_PSEUDO_CALL)
		x86_jit_call_func(j, insn);
	else if (insn->src_reg)
		jit_fail(j, -EINVAL);
	else
		x86_jit_call_address(j, j->target.call_base + (s64)insn->imm, false);
}

/**
 * x86_jit_nospec() - barrier against speculation
 * @j: compilation
 * @insn: instruction
 *
 * Context: any.
 */
void x86_jit_nospec(struct jit *j, const struct bpf_insn *insn)
{
	x86_lfence(&j->code);
}
