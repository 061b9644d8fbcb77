// SPDX-License-Identifier: GPL-2.0-only
/*
 * Concrete runs against the verifier's claims.
 *
 * While a load is verified, every state that is walked (check_operands() is
 * called once for each instruction) and every stored state that was finished
 * is copied. Then the program runs, with real memory, on the reference machine,
 * and before each instruction
 *
 *	- some state that was walked here must contain the machine's state, if
 *	  the load was verified without pruning;
 *	- at a prune point, some stored state must contain it as far as values
 *	  are live and needed, and equal where it says equal, if every visit was
 *	  stored;
 *	- a load or store must lie in one of the objects, of the kind noted;
 *	- the instruction must have been seen.
 */
#include "../unit_interp/reference.h"
#include "insn_valid.h"
#include "witness.h"

#define MAX_RUN		2000

struct seen_state {
	struct seen_state *next;
	struct vstate st;
};

struct seen_stored {
	struct seen_stored *next;
	struct live live;
	struct stored *st;
};

static struct seen_state *walked[LOAD_MAX_INSNS];
static struct seen_stored *finished[LOAD_MAX_INSNS];
static bool recording;

/* A stored state knows neither where nor what of it is live. */
static struct {
	const struct stored *st;
	u32 insn;
	struct live live;
} taken[1 << 16];
static u32 ntaken;

/* ---- recording, by the linker's --wrap ------------------------------------------ */

int __real_check_operands(struct explore *ex, const struct bpf_insn *insn);
int __wrap_check_operands(struct explore *ex, const struct bpf_insn *insn)
{
	if (recording && ex->env->prune == PRUNE_NEVER) {
		struct seen_state *s = malloc(sizeof(*s));

		vstate_copy(&s->st, ex->cur);
		s->next = walked[ex->pc];
		walked[ex->pc] = s;
	}
	return __real_check_operands(ex, insn);
}

void __real_stored_take(struct stored *old, struct vstate *cur,
			const struct live *live, struct defs *defs, u32 insn);
void __wrap_stored_take(struct stored *old, struct vstate *cur,
			const struct live *live, struct defs *defs, u32 insn)
{
	__real_stored_take(old, cur, live, defs, insn);
	if (recording && ntaken < ARRAY_SIZE(taken)) {
		taken[ntaken].st = old;
		taken[ntaken].insn = insn;
		taken[ntaken++].live = *live;
	}
}

void __real_stored_finish(struct stored *old, struct defs *defs);
void __wrap_stored_finish(struct stored *old, struct defs *defs)
{
	size_t size = struct_size(old, value, old->values);
	u32 i = ntaken;
	struct seen_stored *s;

	__real_stored_finish(old, defs);
	while (i && taken[i - 1].st != old)
		i--;
	if (!recording || !i)
		return;
	s = malloc(sizeof(*s));
	s->live = taken[i - 1].live;
	s->st = malloc(size);
	memcpy(s->st, old, size);
	s->next = finished[taken[i - 1].insn];
	finished[taken[i - 1].insn] = s;
}

void witness_start(void)
{
	recording = true;
}

void witness_forget(void)
{
	recording = false;
	ntaken = 0;
	for (u32 i = 0; i < LOAD_MAX_INSNS; i++) {
		while (walked[i]) {
			struct seen_state *next = walked[i]->next;

			free(walked[i]);
			walked[i] = next;
		}
		while (finished[i]) {
			struct seen_stored *next = finished[i]->next;

			free(finished[i]->st);
			free(finished[i]);
			finished[i] = next;
		}
	}
}

/* ---- the world of a run ------------------------------------------------------------ */

static struct {
	u8 gap0[1024];
	u8 stack[MAX_BPF_STACK];
	u8 gap1[1024];
	u8 ctx[CTX_BYTES];
	u8 gap2[1024];
	u8 value[LOAD_MAPS][64];
	u8 gap3[1024];
	u8 packet[64];
} world;

static u64 address(const void *p)
{
	return (u64)(uintptr_t)p;
}

static void make_world(void)
{
	u8 *p = (u8 *)&world;

	for (size_t i = 0; i < sizeof(world); i++)
		p[i] = random_below(3) ? random_below(20) : random_below(256);
	for (size_t i = 0; i < CTX_BYTES; i += 4)
		if (random_below(3))
			memset(world.ctx + i + 1, 0, 3);
}

static bool within(u64 addr, u32 size, const u8 *object, u32 room)
{
	return addr >= address(object) && addr + size <= address(object) + room;
}

static bool access_allowed(const struct load *load, u32 pc, u64 addr, u32 size)
{
	u8 mem = load->aux[pc].mem;

	if (within(addr, size, world.stack, MAX_BPF_STACK))
		return mem == MEM_STACK || mem == MEM_MIXED;
	if (within(addr, size, world.ctx, CTX_BYTES))
		return mem == MEM_CTX;
	for (u32 m = 0; m < LOAD_MAPS; m++)
		if (within(addr, size, world.value[m], load_maps[m].value_size))
			return mem == MEM_MAP_VALUE || mem == MEM_MIXED;
	return false;
}

/* ---- containment -------------------------------------------------------------------- */

/* Where a pointer without any offset points. */
static u64 object_of(const struct vreg *reg)
{
	switch (reg->kind) {
	case REG_CTX:
		return address(world.ctx);
	case REG_STACK:
		return address(world.stack + MAX_BPF_STACK);
	case REG_MAP_PTR:
		return address(reg->map);
	default:
		return address(world.value[reg->map - load_maps]);
	}
}

static bool contains(const struct vreg *reg, u64 v)
{
	if (reg->kind == REG_NONE)
		return true;
	if (reg->kind == REG_SCALAR)
		return scalar_contains(&reg->num, v);
	if (reg->kind == REG_MAP_VALUE_OR_NULL && !v)
		return true;
	return scalar_contains(&reg->num, v - object_of(reg) - reg->off);
}

static u64 slot_value(u32 s)
{
	u64 v;

	memcpy(&v, world.stack + MAX_BPF_STACK - 8 * (s + 1), 8);
	return v;
}

/* Equal definitions are equal values. */
static bool equal_where_said(const struct vstate *st, const u64 *reg)
{
	for (u32 i = 0; i < MAX_BPF_REG; i++) {
		const struct vreg *a = &st->reg[i];

		if (a->kind != REG_SCALAR || a->def == DEF_NONE)
			continue;
		for (u32 j = i + 1; j < MAX_BPF_REG; j++)
			if (st->reg[j].kind == REG_SCALAR &&
			    st->reg[j].def == a->def && reg[i] != reg[j])
				return false;
		for (u32 s = 0; s < st->nslots; s++)
			if (st->slot[s].val.kind == REG_SCALAR &&
			    st->slot[s].val.def == a->def &&
			    slot_value(s) != reg[i])
				return false;
	}
	return true;
}

static bool state_contains(const struct vstate *st, const u64 *reg)
{
	for (u32 i = 0; i < MAX_BPF_REG; i++)
		if (!contains(&st->reg[i], reg[i]))
			return false;
	for (u32 s = 0; s < st->nslots; s++)
		if (!contains(&st->slot[s].val, slot_value(s)))
			return false;
	return equal_where_said(st, reg);
}

struct classes {
	bool known[STATE_VALUES];
	u64 value[STATE_VALUES];
};

static bool stored_value_contains(const struct stored *st,
				  const struct vreg *reg, u64 v,
				  struct classes *classes)
{
	if (reg->kind != REG_SCALAR)
		return contains(reg, v);
	if (!(st->needed[reg->def / 64] >> (reg->def % 64) & 1))
		return true;
	if (!contains(reg, v) ||
	    (classes->known[reg->def] && classes->value[reg->def] != v))
		return false;
	classes->known[reg->def] = true;
	classes->value[reg->def] = v;
	return true;
}

static bool stored_contains(const struct seen_stored *s, const u64 *reg)
{
	const struct vslot *value = s->st->value;
	struct classes classes = {};

	for (u32 i = 0; i < MAX_BPF_REG; i++)
		if ((s->live.regs >> i & 1) &&
		    !stored_value_contains(s->st, &(value++)->val, reg[i],
					   &classes))
			return false;
	for (u32 i = 0; i < s->st->nslots; i++)
		if ((s->live.slots >> i & 1) &&
		    !stored_value_contains(s->st, &(value++)->val,
					   slot_value(i), &classes))
			return false;
	return true;
}

/* ---- the run ------------------------------------------------------------------------- */

static u64 call_helper(s32 func, const u64 *reg)
{
	switch (func) {
	case BPF_FUNC_map_lookup_elem:
		return random_below(4) ? address(world.value[
			(struct bpf_map *)(uintptr_t)reg[1] - load_maps]) : 0;
	case BPF_FUNC_get_current_comm:
		for (u64 i = 0; i < reg[2]; i++)
			((u8 *)(uintptr_t)reg[1])[i] = random_below(256);
		return random_below(3);
	default:
		return random_below(2) ? random_below(20) :
		       random_below(~0ULL >> 12);
	}
}

/* Calls and map pointers are not for the reference machine. */
static bool special(const struct load *load, struct ref_machine *m)
{
	const struct bpf_insn *insn = &load->insns[m->pc];

	if (opcode_of(insn)->kind == INSN_CALL) {
		m->reg[0] = call_helper(insn->imm, m->reg);
		for (u32 r = 1; r <= 5; r++)
			m->reg[r] = random_below(~0ULL);
		m->pc++;
		return true;
	}
	if (load->aux[m->pc].map) {
		m->reg[insn->dst_reg] = address(load->aux[m->pc].map);
		m->pc += 2;
		return true;
	}
	return false;
}

static const char *check_memory(const struct load *load,
				const struct ref_machine *m)
{
	const struct bpf_insn *insn = &load->insns[m->pc];
	u8 kind = opcode_of(insn)->kind;
	u32 base = kind == INSN_LDX ? insn->src_reg : insn->dst_reg;

	if (kind != INSN_LDX && kind != INSN_ST && kind != INSN_STX &&
	    kind != INSN_ATOMIC)
		return NULL;
	if (access_allowed(load, m->pc, m->reg[base] + insn->off,
			   bpf_size_to_bytes(BPF_SIZE(insn->code))))
		return NULL;
	return "access outside of any object";
}

static const char *check_claims(const struct load *load,
				const struct ref_machine *m)
{
	const struct seen_stored *stored = finished[m->pc];
	const struct seen_state *state = walked[m->pc];

	if (!load->aux[m->pc].seen)
		return "reached an instruction that was never seen";
	if (state) {
		while (state && !state_contains(&state->st, m->reg))
			state = state->next;
		if (!state)
			return "in none of the states that were walked";
	}
	if (load->aux[m->pc].prune_point && ntaken) {
		while (stored && !stored_contains(stored, m->reg))
			stored = stored->next;
		if (!stored)
			return "in none of the states that were stored";
	}
	return check_memory(load, m);
}

/* Run once; returns what is wrong, or NULL. */
const char *witness_run(const struct load *load, u64 seed)
{
	struct ref_machine m = {};
	const char *wrong;

	random_seed(seed);
	make_world();
	for (u32 r = 0; r < 10; r++)
		m.reg[r] = random_below(~0ULL);
	m.reg[1] = address(world.ctx);
	m.reg[10] = address(world.stack + MAX_BPF_STACK);
	m.packet = world.packet;
	m.packet_len = sizeof(world.packet);
	for (u32 n = 0; n < MAX_RUN; n++) {
		wrong = check_claims(load, &m);
		if (wrong)
			return wrong;
		if (special(load, &m))
			continue;
		switch (ref_step(&m, load->insns)) {
		case REF_END:
			return NULL;
		case REF_BAD:
			return "the reference machine gave up";
		default:
			break;
		}
	}
	return "did not end";
}
