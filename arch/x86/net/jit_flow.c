// SPDX-License-Identifier: GPL-2.0-only
/*
 * Facts about the control and data flow of a lowered program: where control
 * comes together, which registers are live, what the whole program uses.
 *
 * Reads the program, writes the compilation's arrays, allocates nothing. A register
 * that is called dead is never read again on any path before it is written;
 * calling one live that is dead costs an instruction, the contrary a wrong
 * result. Hence what is not known, a loop seen for the first time, is all live.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "jit_priv.h"

#define ALL_REGS	((u16)((1 << JIT_REGS) - 1))
/* Of the one register that a field of an instruction names. */
#define FIELD(reg)	((JIT_READS(1) | JIT_WRITES(1)) << (reg))

/**
 * x86_jit_jump_target() - where a jump goes
 * @insn: jump
 * @slot: its slot
 *
 * Context: any.
 * Return: slot.
 */
u32 x86_jit_jump_target(const struct bpf_insn *insn, u32 slot)
{
	bool far = insn->code == (BPF_JMP32 | BPF_JA);

	return slot + 1 + (far ? insn->imm : insn->off);
}

/* ---- forwards ------------------------------------------------------------ */

static int note_jump(struct jit *j, const struct jit_func *f, u32 slot)
{
	u32 target = x86_jit_jump_target(&j->insns[slot], slot);

	if (target < f->start || target >= f->end)
		return -EINVAL;
	j->flow[target].leader = true;
	j->uses.sites++;
	j->uses.loops |= target <= slot;
	return 0;
}

/* A division jumps there and back; a packet load also calls a stub from there. */
static void note_cold(struct jit_uses *uses)
{
	uses->sites += 3;
	uses->colds++;
}

/* What those of a function share is noted with the first. */
static void note_packet(struct jit_func *f, struct jit_uses *uses)
{
	f->calls = true;
	if (f->packets)
		return;
	f->packets = true;
	uses->sites += JIT_PACKET_STUBS;
	uses->colds += JIT_PACKET_STUBS;
	uses->outsides += 2;
}

static void note_call(struct jit_func *f, const struct bpf_insn *insn, struct jit_uses *uses)
{
	f->calls = true;
	if (insn->src_reg) {
		f->calls_funcs = true;
		uses->sites++;
	} else {
		uses->outsides++;
	}
}

static void note_tail_call(struct jit_func *f, const struct bpf_insn *insn, struct jit_uses *uses)
{
	f->tail_calls = true;
	uses->sites += 6;
	uses->colds++;
	if (insn->imm)
		uses->marks += JIT_TAIL_MARKS;
	else
		uses->outsides++;
}

/* The second slot of a wide load looks like an instruction that does nothing. */
static int note_wide(const struct bpf_insn *insns, u32 end, u32 slot)
{
	return slot + 1 == end || insns[slot + 1].code ? -EINVAL : 0;
}

/* The most that the code of an instruction can have of everything. */
static int note_insn(struct jit *j, struct jit_func *f, u32 slot)
{
	const struct bpf_insn *insn = &j->insns[slot];
	struct jit_uses *uses = &j->uses;

	switch (x86_jit_rows[insn->code].kind) {
	case JIT_KIND_PACKET:
		note_packet(f, uses);
		fallthrough;
	case JIT_KIND_DIVISION:
		note_cold(uses);
		return 0;
	case JIT_KIND_WIDE:
		return note_wide(j->insns, f->end, slot);
	case JIT_KIND_JUMP:
	case JIT_KIND_ALWAYS_JUMP:
		return note_jump(j, f, slot);
	case JIT_KIND_CALL:
		note_call(f, insn, uses);
		return 0;
	case JIT_KIND_TAIL_CALL:
		note_tail_call(f, insn, uses);
		return 0;
	case JIT_KIND_EXIT:
		f->exit = min(f->exit, slot);
		uses->sites++;
		uses->outsides += 2;
		return 0;
	default:
		return 0;
	}
}

/* Or control would come into the middle of the next function. */
static bool end_is_closed(const struct jit *j, const struct jit_func *f)
{
	u32 kind = x86_jit_rows[j->insns[f->end - 1].code].kind;

	return f->end == j->len || kind == JIT_KIND_EXIT || kind == JIT_KIND_ALWAYS_JUMP;
}

static int note_func(struct jit *j, struct jit_func *f)
{
	u32 i;
	int err;

	if (!end_is_closed(j, f))
		return -EINVAL;
	f->exit = U32_MAX;
	j->flow[f->start].leader = true;
	for (i = f->start; i < f->end; i++) {
		if (x86_jit_rows[j->insns[i].code].kind == JIT_KIND_PLAIN)
			continue;
		err = note_insn(j, f, i);
		if (err)
			return err;
	}
	return 0;
}

/* ---- backwards ----------------------------------------------------------- */

/* What it may write counts neither as read nor as written. */
static u32 atomic_regs(const struct bpf_insn *insn, u32 regs)
{
	if (insn->imm == BPF_CMPXCHG)
		return regs | JIT_READS(BIT(BPF_REG_0)) | JIT_WRITES(BIT(BPF_REG_0));
	if (insn->imm & BPF_FETCH)
		return regs | JIT_WRITES(BIT(insn->src_reg));
	return regs;
}

/*
 * Puts @regs right where an opcode does not tell all. Returns the registers that are
 * live behind the instruction, @next those where control goes on.
 */
static u16 behind_special(const struct bpf_insn *insns, u32 slot, const struct jit_flow *flow,
			  u16 next, u32 *regs)
{
	const struct bpf_insn *insn = &insns[slot];

	switch (x86_jit_rows[insn->code].kind) {
	case JIT_KIND_ATOMIC:
		*regs = atomic_regs(insn, *regs);
		return next;
	case JIT_KIND_TAIL_CALL:
		/* To a known slot: it looks at nothing but the context. */
		if (insn->imm)
			*regs = JIT_READS(BIT(BPF_REG_1)) | JIT_WRITES(JIT_ARG_REGS);
		return next;
	case JIT_KIND_JUMP:
		return next | flow[x86_jit_jump_target(insn, slot)].before;
	case JIT_KIND_ALWAYS_JUMP:
		return flow[x86_jit_jump_target(insn, slot)].before;
	case JIT_KIND_EXIT:
		return 0;
	default:
		return next;
	}
}

/*
 * Once, which is enough if no jump goes back. One that does finds its target as
 * the last round left it, at first all live. Each round is a sound starting point
 * of the next, so that it does not matter that two rounds do not always reach the
 * fixed point. What is live behind the end of a function is of no account: no way
 * leads there. Returns all registers that are read or written.
 */
static u16 compute_live(const struct jit *j, const struct jit_func *f)
{
	u16 next = ALL_REGS;
	u32 i, all = 0;

	for (i = f->end; i-- > f->start; ) {
		const struct bpf_insn *insn = &j->insns[i];
		const struct jit_row *row = &x86_jit_rows[insn->code];
		u32 regs = row->more | (FIELD(insn->dst_reg) & row->dst) |
			   (FIELD(insn->src_reg) & row->src);

		if (row->kind != JIT_KIND_PLAIN)
			next = behind_special(j->insns, i, j->flow, next, &regs);
		j->flow[i].live = next;
		next = (next & ~(regs >> 16)) | regs;
		j->flow[i].before = next;
		all |= regs;
	}
	return all | all >> 16;
}

/**
 * x86_jit_flow() - analyse a program
 * @j: compilation: its functions are known, the facts of slots are zeroed
 *
 * Each function by itself: a call of another one reads the arguments and writes what
 * any call may.
 *
 * Context: any; linear in the program.
 * Return: 0, or -EINVAL if control or a wide load leaves its function, or a register
 * does not exist.
 */
int x86_jit_flow(struct jit *j)
{
	struct jit_func *f;
	int err;
	u32 i;

	for (f = j->funcs; f < j->funcs + j->nfuncs; f++) {
		err = note_func(j, f);
		if (err)
			return err;
	}

	for (i = 0; j->uses.loops && i < j->len; i++)
		j->flow[i].before = ALL_REGS;
	for (f = j->funcs; f < j->funcs + j->nfuncs; f++) {
		f->regs = compute_live(j, f);
		if (j->uses.loops)
			compute_live(j, f);
		if (f->regs & ~ALL_REGS)
			return -EINVAL;
	}
	return 0;
}
