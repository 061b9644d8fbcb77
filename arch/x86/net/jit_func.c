// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions: a program may have several, which call each other. Each has its own
 * entry, frame and exits; the code of all is one image, in the order of the program.
 *
 *	main:	as in jit_control.c
 *	others:	[push rbp;  mov rbp, rsp;  sub rsp, stack;  [push r10]]
 *		[push of each callee-saved register it uses]
 *		what the instructions make
 *
 * A call is "call rel32": arguments and result are where they are. R6-R9 and R10 are
 * the caller's again behind it, because who uses one saves it; so is nothing else.
 * Nothing but the arguments goes in: what a function keeps in r9-r11, the bounds of a
 * packet for instance, it finds out itself. Nobody comes to such an entry indirectly,
 * so it has no endbr64.
 *
 * How many tail calls a run has left is one number, in the frame of who was entered
 * first, or of the program that went on in its place. Frames of functions that need it
 * have a word of 8 bytes where main's frame has the number, with
 *
 *	its lower half	the number; 0 where it is elsewhere
 *	its upper half	how far above the return address it is, in words of 8 bytes;
 *			0 where it is here
 *
 * and such a word is what r10 brings, be it to a function or to a tail entry: a program
 * that goes on in place of a function counts where that counted. The frame that has the
 * number is a caller's: it stays while the word is used. A program whose functions make
 * no tail calls never has any other word than a number.
 *
 * Takes no lock.
 */
#include <linux/bitops.h>
#include <linux/bpf.h>
#include <linux/errno.h>
#include <linux/mm.h>

#include "jit_priv.h"

static const u8 saved_regs[JIT_SAVED_REGS] = {
	BPF_REG_6, BPF_REG_7, BPF_REG_8, BPF_REG_9, BPF_REG_AX,
};

/* ---- where they are ------------------------------------------------------ */

/* They start in order: no one but the last ends where the program does. */
static int check_funcs(const struct jit *j)
{
	const struct jit_func *f;

	if (j->funcs->start)
		return -EINVAL;
	for (f = j->funcs; f < j->funcs + j->nfuncs; f++)
		if (f->start >= f->end || f->stack > MAX_BPF_STACK)
			return -EINVAL;
	return 0;
}

/**
 * x86_jit_find_funcs() - take over the functions of a program
 * @j: compilation
 * @program: input
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, or -EINVAL if they do not cover the program.
 */
int x86_jit_find_funcs(struct jit *j, const struct jit_program *program)
{
	const struct bpf_prog_func one = { 0, program->stack_depth };
	const struct bpf_prog_func *from = program->nfuncs ? program->funcs : &one;
	u32 i, n = program->nfuncs ?: 1;

	j->funcs = kvcalloc(n, sizeof(*j->funcs), GFP_KERNEL | __GFP_NOWARN);
	if (!j->funcs)
		return -ENOMEM;
	j->nfuncs = n;
	for (i = 0; i < n; i++) {
		j->funcs[i].start = from[i].start;
		j->funcs[i].end = i + 1 < n ? from[i + 1].start : j->len;
		j->funcs[i].stack = round_up(from[i].stack_depth, 8);
	}
	return check_funcs(j);
}

/* NULL: none starts there. */
static const struct jit_func *func_at(const struct jit *j, s64 slot)
{
	u32 low = 0, high = j->nfuncs;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (j->funcs[middle].start == slot)
			return &j->funcs[middle];
		if (j->funcs[middle].start < slot)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- frames -------------------------------------------------------------- */

/**
 * x86_jit_saved_reg() - does the function save a register for who called it?
 * @f: function, analysed
 * @i: which of JIT_SAVED_REGS that can be, in the order of the pushes
 *
 * Context: any.
 * Return: the machine's register, or X86_NO_REG.
 */
u8 x86_jit_saved_reg(const struct jit_func *f, u32 i)
{
	return f->regs & BIT(saved_regs[i]) ? x86_jit_reg[saved_regs[i]] : X86_NO_REG;
}

static u32 count_saved_regs(const struct jit_func *f)
{
	u32 i, n = 0;

	for (i = 0; i < ARRAY_SIZE(saved_regs); i++)
		n += f->regs >> saved_regs[i] & 1;
	return n;
}

/* A little more stack if calls want it aligned. */
static void align_stack(struct jit_func *f)
{
	/* The return address and RBP are 16 bytes together. */
	if ((f->stack / 8 + f->counts + count_saved_regs(f)) % 2)
		f->stack += 8;
}

/**
 * x86_jit_decide_frames() - which frame each function has
 * @j: compilation, analysed
 *
 * R10 is where the frame is; a frame also lets others walk the stack. Who calls
 * functions, some of which make tail calls, hands on how many are left.
 *
 * Context: any.
 */
void x86_jit_decide_frames(struct jit *j)
{
	struct jit_func *f;
	bool shared = false;

	for (f = j->funcs + 1; f < j->funcs + j->nfuncs; f++)
		shared |= f->tail_calls;
	for (f = j->funcs; f < j->funcs + j->nfuncs; f++) {
		f->counts = f->tail_calls || (shared && f->calls_funcs);
		f->frame = f->stack || f->calls || f->counts || f->regs & BIT(BPF_REG_FP);
		if (j->target.aligned_calls && f->calls)
			align_stack(f);
	}
}

/**
 * x86_jit_frame_layout() - what makes frames alike
 * @f: function whose frame is decided
 *
 * That is what the code behind the prologue, which the exits belong to, knows of it.
 * Only frames with a count are compared.
 *
 * Context: any.
 * Return: a number; 0 if there is no count.
 */
u32 x86_jit_frame_layout(const struct jit_func *f)
{
	u32 i, saved = 0;

	for (i = 0; i < ARRAY_SIZE(saved_regs); i++)
		saved |= (f->regs >> saved_regs[i] & 1) << i;
	return f->counts ? 1 | saved << 1 | f->stack << 8 : 0;
}

/* ---- calls --------------------------------------------------------------- */

/*
 * R10 = the word for the called function. It is entered with the stack pointer at
 * rbp - below - 8; a number that is here lies right below the stack, one that is
 * elsewhere is @distance above rbp + 8.
 */
static void pass_count(struct jit *j)
{
	u32 saved = count_saved_regs(j->func), below = j->func->stack / 8 + 1 + saved;

	x86_load(&j->code, false, R10, x86_jit_count_distance(j));
	x86_lea(&j->code, false, R11, X86_MEM(R10, below + 2));
	x86_test_rr(&j->code, false, R10, R10);
	x86_mov_ri32(&j->code, R10, saved + 1);
	x86_cmov(&j->code, X86_NE, false, R10, R11);
	x86_shift_ri(&j->code, X86_SHL, true, R10, 32);
}

/**
 * x86_jit_call_func() - call of a function of the program
 * @j: compilation
 * @insn: instruction
 *
 * Main is none that could be called: it begins to count.
 *
 * Context: any.
 */
void x86_jit_call_func(struct jit *j, const struct bpf_insn *insn)
{
	const struct jit_func *f = func_at(j, (s64)j->slot + 1 + insn->imm);

	if (!f || f == j->funcs) {
		jit_fail(j, -EINVAL);
		return;
	}
	if (f->counts)
		pass_count(j);
	x86_jit_jump(j, JIT_CALL_FUNC, f - j->funcs);
}
