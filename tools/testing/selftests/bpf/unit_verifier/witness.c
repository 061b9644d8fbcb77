// SPDX-License-Identifier: GPL-2.0-only
/*
 * Concrete runs against the verifier's claims.
 *
 * A run goes down the tree of a proof: from each instruction to the one that
 * was walked next on the same path, and where the verifier did not walk on, to
 * the stored state that covered this one. At every node all that is claimed of
 * the machine must hold:
 *
 *	number		lies in each part of the abstract value
 *	pointer		points into the object, at an offset claimed
 *	written		the register, and the bytes of the stack, were
 *	equal		numbers of one definition are the same, and pointers of
 *			one identity, so that they are null together; to the packet
 *			they are as far from each other as their offsets
 *
 * If the proof is one in which every path was walked, or in which all live
 * values were compared, this is so for all values. Else for the numbers that
 * something needs; those that nothing needs may have become anything.
 */
#include "witness.h"

/* No program that is accepted runs longer. */
#define MAX_RUN		(1 << 20)

u64 witness_steps, witness_called;

/* ---- one value ------------------------------------------------------------------ */

/* Each part by itself, so that one that is wrong is not hidden by others. */
static bool number_holds(const struct scalar *num, u64 v)
{
	return tnum_contains(scalar_tnum(num), v) &&
	       v >= scalar_umin(num) && v <= scalar_umax(num) &&
	       (s64)v >= scalar_smin(num) && (s64)v <= scalar_smax(num) &&
	       (u32)v >= scalar_u32min(num) && (u32)v <= scalar_u32max(num) &&
	       (s32)v >= scalar_s32min(num) && (s32)v <= scalar_s32max(num) &&
	       scalar_contains(num, v);
}

static bool value_holds(const struct vreg *reg, u64 v, bool needed,
			const char *name, u32 n)
{
	char text[320];

	if (reg->kind == REG_NONE || (reg->kind == REG_SCALAR && !needed))
		return true;
	if (reg->kind != REG_SCALAR)
		return machine_points(reg, v) ||
		       machine_wrong("%s%u is %#llx, not the %s claimed", name,
				     n, v, reg_kind_name(reg->kind));
	if (number_holds(&reg->num, v))
		return true;
	scalar_print(text, sizeof(text), &reg->num);
	return machine_wrong("%s%u is %#llx, claimed was %.150s", name, n, v,
			     text);
}

/* ---- equal values ------------------------------------------------------------------ */

struct holder {
	u32 kind;
	u32 name;
	u64 v;
};

/* Values of one definition, or identity, among those that count. */
static bool equal_so_far(struct holder *holders, u32 *n, const struct vreg *reg,
			 bool needed, u64 v)
{
	bool is_number = reg->kind == REG_SCALAR;
	struct holder mine = { reg->kind, is_number ? reg->def : reg->id, v };

	if (reg_is_packet(reg))
		mine.v -= reg->off;
	if (reg->kind == REG_NONE || reg->kind == REG_STACK || (is_number && !needed) ||
	    !mine.name)
		return true;
	for (u32 i = 0; i < *n; i++)
		if (holders[i].kind == mine.kind && holders[i].name == mine.name)
			return holders[i].v == mine.v ||
			       machine_wrong("%#llx and %#llx are claimed to be equal",
					     holders[i].v, mine.v);
	holders[(*n)++] = mine;
	return true;
}

/* ---- a state ------------------------------------------------------------------------- */

static bool registers_hold(u16 need, const struct vframe *frame, u32 f,
			   const struct machine *m, struct holder *holders, u32 *n)
{
	for (u32 r = 0; r < MAX_BPF_REG; r++) {
		const struct vreg *reg = &frame->reg[r];
		bool needed = need >> r & 1;
		u64 v = machine_reg(m, f, r);

		if (reg->kind != REG_NONE && !(m->frame[f].init_regs >> r & 1))
			return machine_wrong("R%u was never written", r);
		if (!value_holds(reg, v, needed, "R", r) ||
		    !equal_so_far(holders, n, reg, needed, v))
			return false;
	}
	return true;
}

static bool slots_hold(u64 need, const struct vframe *frame, u32 f,
		       const struct machine *m, struct holder *holders, u32 *n)
{
	for (u32 s = 0; s < frame->nslots; s++) {
		const struct vslot *slot = &frame->slot[s];
		u8 written = m->frame[f].init_slots[s];
		bool needed = need >> s & 1;
		u64 v = machine_slot(f, s);

		if (slot->init & ~written)
			return machine_wrong("fp-%u: bytes %#x were written, claimed was %#x",
					     8 * (s + 1), written, slot->init);
		if (!value_holds(&slot->val, v, needed, "fp-", 8 * (s + 1)) ||
		    !equal_so_far(holders, n, &slot->val, needed, v))
			return false;
	}
	return true;
}

static bool node_holds(const struct proof *proof, const struct node *node,
		       const struct machine *m)
{
	struct holder holders[BPF_MAX_FRAMES * FRAME_VALUES];
	const struct vframe *frame = node->st.frame;
	u32 n = 0;

	if (node->st.depth != m->depth)
		return machine_wrong("%u functions were called, claimed was %u", m->depth,
				     node->st.depth);
	for (u32 f = 0; f <= m->depth; f++) {
		if (f && frame->call != m->frame[f].call)
			return machine_wrong("called from %u, claimed was %u",
					     m->frame[f].call, frame->call);
		if (!registers_hold(proof->all ? ~0 : node->need_regs[f], frame, f, m, holders, &n) ||
		    !slots_hold(proof->all ? ~0ULL : node->need_slots[f], frame, f, m, holders, &n))
			return false;
		frame = vframe_packed_next(frame);
	}
	return true;
}

/*
 * The node the machine is at now, or NULL. There may be two if a jump leads to
 * the next instruction; any that holds is a proof of the rest.
 */
static const struct node *go_down(const struct proof *proof,
				  const struct node *first,
				  const struct machine *m)
{
	bool found = false;

	for (const struct node *node = first; node; node = node->sibling) {
		const struct node *at = node->cover ?: node;

		if (node->pc != m->ref.pc)
			continue;
		found = true;
		if (node_holds(proof, at, m))
			return at;
	}
	if (!found)
		machine_wrong("no path of the proof comes here");
	return NULL;
}

static const char *complain(const struct proof *proof, long pc)
{
	static char text[400];

	snprintf(text, sizeof(text), "insn %ld: %s (%s)", pc, machine_error,
		 !proof ? "facts" : proof->all ? "all values" : "needed values");
	return text;
}

const char *witness_run(const struct load *load, const struct proof *proofs,
			u32 nproofs, u64 seed)
{
	const struct node *at[nproofs];
	enum machine_state state;
	struct machine m;

	for (u32 i = 0; i < nproofs; i++)
		at[i] = proofs[i].root;
	machine_start(&m, load, seed);
	for (u32 n = 0; n < MAX_RUN; n++) {
		long pc = m.ref.pc;

		for (u32 i = 0; i < nproofs; i++) {
			if (!proofs[i].root)
				continue;
			at[i] = go_down(&proofs[i], n ? at[i]->child : at[i], &m);
			if (!at[i])
				return complain(&proofs[i], pc);
			witness_steps++;
			witness_called += m.depth > 0;
		}
		state = machine_step(&m);
		if (state == MACHINE_WRONG)
			return complain(NULL, pc);
		if (state == MACHINE_ENDED)
			return NULL;
	}
	return "a run that does not end";
}
