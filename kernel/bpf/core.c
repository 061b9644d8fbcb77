// SPDX-License-Identifier: GPL-2.0-only
/*
 * Program objects: memory and the choice of what runs them.
 *
 * A program lives in whole pages from vmalloc. It is writable and private to
 * the one who makes it until bpf_prog_select_runtime(), which checks that every
 * instruction has an implementation, sets bpf_func and makes the pages
 * read-only; from then on nobody may write to them, aux holds what changes.
 *
 * Takes no lock: before selection there is one owner, afterwards the object is
 * constant. Must never make a program runnable whose instructions it has not
 * looked at.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/filter.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include <asm/byteorder.h>

#include "insn_table.h"
#include "jit_core.h"

/* Resolved helper calls are distances from here; nothing ever calls it. */
u64 __bpf_call_base(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return 0;
}
EXPORT_SYMBOL_GPL(__bpf_call_base);

/* ---- memory ---------------------------------------------------------------- */

/*
 * Charged to whoever makes the program. Where a memory cgroup has no more, that
 * fails and nobody is killed. Any user's filter can ask for an image: it fails
 * without a message.
 */
#define PROG_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

static struct bpf_prog *image_alloc(size_t size, gfp_t extra)
{
	struct bpf_prog *fp;

	size = PAGE_ALIGN(size);
	if (size >> PAGE_SHIFT > type_max(typeof(fp->pages)))
		return NULL;

	fp = __vmalloc(size, PROG_GFP | __GFP_ZERO | extra);
	if (fp)
		fp->pages = size >> PAGE_SHIFT;
	return fp;
}

/**
 * bpf_prog_alloc() - make an empty program
 * @size: bytes, from bpf_prog_size()
 * @gfp_extra_flags: added to an accounted GFP_KERNEL allocation
 *
 * The caller writes instructions, len and type, and selects the runtime.
 *
 * Context: process context, may sleep.
 * Return: a zeroed program with one reference or NULL.
 */
struct bpf_prog *bpf_prog_alloc(unsigned int size, gfp_t gfp_extra_flags)
{
	struct bpf_prog_aux *aux;
	struct bpf_prog *fp;

	fp = image_alloc(size, gfp_extra_flags);
	if (!fp)
		return NULL;

	aux = kzalloc(sizeof(*aux), PROG_GFP | gfp_extra_flags);
	if (!aux) {
		vfree(fp);
		return NULL;
	}

	refcount_set(&aux->refcnt, 1);
	aux->prog = fp;
	aux->ksym.name = "";
	fp->aux = aux;
	return fp;
}
EXPORT_SYMBOL_GPL(bpf_prog_alloc);

/**
 * bpf_prog_realloc() - make room in a program that cannot run yet
 * @old: program, given up on success
 * @size: bytes needed, from bpf_prog_size()
 * @gfp_extra_flags: as for bpf_prog_alloc()
 *
 * Context: process context, may sleep.
 * Return: the program, perhaps at another address, or NULL with @old intact.
 */
struct bpf_prog *bpf_prog_realloc(struct bpf_prog *old, unsigned int size,
				  gfp_t gfp_extra_flags)
{
	size_t have = (size_t)old->pages << PAGE_SHIFT;
	struct bpf_prog *fp;
	u16 pages;

	if (WARN_ON_ONCE(old->locked))
		return NULL;
	if (size <= have)
		return old;

	fp = image_alloc(size, gfp_extra_flags);
	if (!fp)
		return NULL;

	pages = fp->pages;
	memcpy(fp, old, have);
	fp->pages = pages;
	fp->aux->prog = fp;
	vfree(old);
	return fp;
}

/**
 * __bpf_prog_free() - free a program at once
 * @fp: program nothing refers to any more
 *
 * Context: process context, may sleep.
 */
void __bpf_prog_free(struct bpf_prog *fp)
{
	bpf_jit_free(fp);
	kvfree(fp->aux->funcs);
	kfree(fp->aux);
	vfree(fp);
}

static void free_work(struct work_struct *work)
{
	__bpf_prog_free(container_of(work, struct bpf_prog_aux, work)->prog);
}

/**
 * bpf_prog_free() - free a program from wherever the last user let go of it
 * @fp: program no run can reach any more: a grace period is over
 *
 * Unmapping pages and restoring their protection may sleep, so that is left to
 * a worker.
 *
 * Context: any but NMI.
 */
void bpf_prog_free(struct bpf_prog *fp)
{
	INIT_WORK(&fp->aux->work, free_work);
	schedule_work(&fp->aux->work);
}
EXPORT_SYMBOL_GPL(bpf_prog_free);

/* ---- runtime --------------------------------------------------------------- */

enum insn_known {
	INSN_UNKNOWN = 0,
	INSN_PUBLIC,
	INSN_INTERNAL,
};

#define PUBLIC(label, code)	\
	[code] = INSN_PUBLIC,
#define INTERNAL(label, code)	\
	[code] = INSN_INTERNAL,
static const u8 known_insns[256] = {
	BPF_INSN_TABLE(PUBLIC)
	BPF_INTERNAL_INSN_TABLE(INTERNAL)
};

#undef PUBLIC
#undef INTERNAL

/**
 * bpf_insn_is_known() - may a loaded program contain this opcode?
 * @code: opcode
 *
 * Context: any.
 * Return: true for the opcodes of RFC 9669, false for internal ones.
 */
bool bpf_insn_is_known(u8 code)
{
	return known_insns[code] == INSN_PUBLIC;
}

/* Some operations have variants that another field selects. */
static bool alu_variant_is_known(const struct bpf_insn *insn)
{
	switch (BPF_OP(insn->code)) {
	case BPF_DIV:
	case BPF_MOD:
		return bpf_division_exists(insn->off);
	case BPF_END:
		return bpf_swap_width_exists(insn->imm);
	case BPF_MOV:
		if (BPF_SRC(insn->code) == BPF_K)
			return insn->off == 0;
		return bpf_move_width_exists(insn->code, insn->off);
	default:
		return true;
	}
}

/* Is there an implementation? Whether the program is safe was decided before. */
static bool insn_is_runnable(const struct bpf_insn *insn, u32 left)
{
	u8 class = BPF_CLASS(insn->code);

	if (!known_insns[insn->code] || insn->dst_reg >= MAX_BPF_EXT_REG ||
	    insn->src_reg >= MAX_BPF_EXT_REG)
		return false;
	if (class == BPF_ALU || class == BPF_ALU64)
		return alu_variant_is_known(insn);

	switch (insn->code) {
	case BPF_LD | BPF_IMM | BPF_DW:
		return left > 1;
	case BPF_JMP | BPF_CALL:
		return insn->src_reg == 0 || insn->src_reg == BPF_PSEUDO_CALL;
	case BPF_STX | BPF_ATOMIC | BPF_W:
	case BPF_STX | BPF_ATOMIC | BPF_DW:
		return bpf_atomic_op_exists(insn->imm);
	default:
		return true;
	}
}

/* Does a function start there? */
static bool func_exists(const struct bpf_prog *fp, s64 start)
{
	const struct bpf_prog_func *funcs = fp->aux->funcs;
	u32 low = 0, high = fp->aux->nfuncs;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (funcs[middle].start == start)
			return true;
		if (funcs[middle].start < start)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/**
 * struct needs - what a program needs to run
 * @stack: bytes of stack
 * @calls: its functions call each other
 * @tail_calls: it makes tail calls
 */
struct needs {
	u32 stack;
	bool calls;
	bool tail_calls;
};

static int check_runnable(const struct bpf_prog *fp, struct needs *needs)
{
	u32 i;

	*needs = (struct needs){ .stack = fp->aux->stack_depth };
	if (needs->stack > MAX_BPF_STACK)
		return -EINVAL;

	for (i = 0; i < fp->len; i++) {
		const struct bpf_insn *insn = &fp->insnsi[i];

		if (!insn_is_runnable(insn, fp->len - i))
			return -EINVAL;
		if (insn->code == (BPF_LD | BPF_IMM | BPF_DW)) {
			i++;
		} else if (insn->code == (BPF_JMP | BPF_TAIL_CALL)) {
			needs->tail_calls = true;
		} else if (insn->code == (BPF_JMP | BPF_CALL) && insn->src_reg) {
			needs->calls = true;
			if (!func_exists(fp, (s64)i + 1 + insn->imm))
				return -EINVAL;
		}
	}
	return 0;
}

/*
 * A tail call of the interpreter leaves all functions that were entered: it has no way
 * back to them. Any program it goes on as runs on its stack, and with its frames.
 */
static int select_interpreter(struct bpf_prog *fp, const struct needs *needs)
{
	if (needs->calls && needs->tail_calls)
		return -EINVAL;
	fp->bpf_func = bpf_interp_select(needs->tail_calls ? MAX_BPF_STACK : needs->stack,
					 needs->calls || needs->tail_calls);
	return 0;
}

/**
 * bpf_prog_select_runtime() - make a program runnable and constant
 * @fp: lowered program, trusted to be safe
 * @err: 0, -EINVAL for an instruction without implementation, or if it makes tail calls,
 *	has functions that call each other and no machine code, -ENOTSUPP if all
 *	programs need that and it has none, or why the pages could not be protected; on
 *	error the program must not be run but freed
 *
 * Context: process context, may sleep.
 * Return: the program.
 */
struct bpf_prog *bpf_prog_select_runtime(struct bpf_prog *fp, int *err)
{
	struct needs needs;

	*err = check_runnable(fp, &needs);
	if (!*err)
		*err = bpf_jit_select(fp);
	if (!*err && !IS_ENABLED(CONFIG_BPF_JIT_ALWAYS_ON) && !fp->jited)
		*err = select_interpreter(fp, &needs);
	if (*err)
		return fp;

	fp->locked = 1;
	/* The direct map has to be put right when the pages are freed. */
	set_vm_flush_reset_perms(fp);
	*err = set_memory_ro((unsigned long)fp, fp->pages);
	return fp;
}
EXPORT_SYMBOL_GPL(bpf_prog_select_runtime);
