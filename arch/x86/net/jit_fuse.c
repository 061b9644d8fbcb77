// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions that become fewer: several that become one, and moves of what nobody
 * looks at, that become none.
 *
 * Each rule looks at the instructions from a slot on and either makes code for
 * some of them or leaves them alone. It needs that control comes to the later
 * ones only through the first, and that a register whose value it does not make
 * is dead behind them. A rule is independent of the others and can be left out.
 */
#include <linux/bitops.h>
#include <linux/log2.h>

#include "jit_priv.h"

/*
 * A rule gets the instructions from a slot on, at least two; it asks are_together()
 * before it looks further. It returns slots.
 */
typedef u32 (*fuse_rule_t)(struct jit *j, const struct bpf_insn *insn, u32 slot);

/* Are @n instructions there, entered only through the first? */
static bool are_together(const struct jit *j, u32 slot, u32 n)
{
	u32 i;

	if (slot + n > j->len)
		return false;
	for (i = 1; i < n; i++)
		if (j->flow[slot + i].leader)
			return false;
	return true;
}

/* ---- shapes -------------------------------------------------------------- */

static bool is_alu(const struct bpf_insn *insn)
{
	return BPF_CLASS(insn->code) == BPF_ALU || BPF_CLASS(insn->code) == BPF_ALU64;
}

static bool is_plain_mov(const struct bpf_insn *insn)
{
	return (insn->code == (BPF_ALU64 | BPF_MOV | BPF_X) ||
		insn->code == (BPF_ALU | BPF_MOV | BPF_X)) &&
	       !insn->off && insn->dst_reg != insn->src_reg;
}

static bool is_cond_jump(const struct bpf_insn *insn)
{
	u8 class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);

	return (class == BPF_JMP || class == BPF_JMP32) && op != BPF_JA && op != BPF_CALL &&
	       op != BPF_EXIT && op <= BPF_JSLE;
}

static bool is_load(const struct bpf_insn *insn, u8 size)
{
	return insn->code == (BPF_LDX | BPF_MEM | size);
}

/* The low bits of their results depend on low bits only; -1 for others. */
static int simple_alu(const struct bpf_insn *insn)
{
	return is_alu(insn) ? alu_of(BPF_OP(insn->code)) : -1;
}

/* ---- rotation ------------------------------------------------------------ */

/* One of the two shifts of a rotation; the amount it shifts left comes back, or 0. */
static u8 half_of_rotation(const struct bpf_insn *insn, bool w, u8 reg)
{
	u8 bits = w ? 64 : 32;

	if (!is_alu(insn) || is_wide(insn) != w || insn->dst_reg != reg || by_reg(insn) ||
	    insn->imm <= 0 || insn->imm >= bits)
		return 0;
	if (BPF_OP(insn->code) == BPF_LSH)
		return insn->imm;
	return BPF_OP(insn->code) == BPF_RSH ? bits - insn->imm : 0;
}

static bool is_join(const struct bpf_insn *insn, bool w)
{
	u8 op = BPF_OP(insn->code);

	return is_alu(insn) && by_reg(insn) && is_wide(insn) == w &&
	       (op == BPF_OR || op == BPF_XOR || op == BPF_ADD);
}

static void rotate_left(struct jit *j, bool w, u8 dst, u8 src, u8 n)
{
	if (dst != src && j->target.bmi2) {
		x86_rorx(&j->code, w, dst, src, (w ? 64 : 32) - n);
		return;
	}
	if (dst != src)
		x86_mov_rr(&j->code, w, dst, src);
	x86_shift_ri(&j->code, X86_ROL, w, dst, n);
}

/*
 * t = x;  x <<= n;  t >>= 64 - n;  x |= t, where t is dead behind. The shifts in
 * any order, either way round, and the result in t where x is dead.
 */
static u32 fuse_rotation(struct jit *j, const struct bpf_insn *insn, u32 slot)
{
	u8 x = insn->src_reg, t = insn->dst_reg, n, other;
	bool w = is_wide(insn);

	n = half_of_rotation(&insn[1], w, x) ?: half_of_rotation(&insn[1], w, t);
	if (!n || !are_together(j, slot, 4) || !is_join(&insn[3], w))
		return 0;
	other = half_of_rotation(&insn[2], w, insn[1].dst_reg == x ? t : x);
	if (n != other || BPF_OP(insn[1].code) == BPF_OP(insn[2].code))
		return 0;
	if (insn[3].dst_reg == x && insn[3].src_reg == t && !is_live(j, slot + 3, t))
		rotate_left(j, w, x86_jit_reg[x], x86_jit_reg[x], n);
	else if (insn[3].dst_reg == t && insn[3].src_reg == x && !is_live(j, slot + 3, x))
		rotate_left(j, w, x86_jit_reg[t], x86_jit_reg[x], n);
	else
		return 0;
	return 4;
}

/* ---- read, modify, write ------------------------------------------------- */

/* t = *p;  t += x;  *p = t, where t is dead behind. */
static u32 fuse_update(struct jit *j, const struct bpf_insn *insn, u32 slot)
{
	u8 t = insn->dst_reg, size = BPF_SIZE(insn->code);
	struct x86_mem m = mem_of(insn->src_reg, insn->off);
	bool w = size == BPF_DW;
	int op;

	op = simple_alu(&insn[1]);
	if (op < 0 || insn[1].dst_reg != t || !are_together(j, slot, 3) ||
	    !(is_load(insn, BPF_W) || is_load(insn, BPF_DW)))
		return 0;
	if ((w && !is_wide(&insn[1])) ||
	    (by_reg(&insn[1]) && insn[1].src_reg == t) || t == insn->src_reg)
		return 0;
	if (insn[2].code != (BPF_STX | BPF_MEM | size) || insn[2].dst_reg != insn->src_reg ||
	    insn[2].src_reg != t || insn[2].off != insn->off || is_live(j, slot + 2, t))
		return 0;

	if (by_reg(&insn[1]))
		x86_alu_mr(&j->code, op, w, m, src_of(&insn[1]));
	else if (op == X86_ADD && insn[1].imm == 1)
		x86_inc_m(&j->code, w, m);
	else
		x86_alu_mi(&j->code, op, w, m, insn[1].imm);
	return 3;
}

/* ---- load and use -------------------------------------------------------- */

/* t = *p;  dst += t, where t is dead behind. */
static u32 fuse_load_alu(struct jit *j, const struct bpf_insn *insn, u32 slot)
{
	const struct bpf_insn *use = &insn[1];
	bool w = is_wide(use);
	int op;

	if (!(is_load(insn, BPF_DW) || (is_load(insn, BPF_W) && !w)))
		return 0;
	op = simple_alu(use);
	if (op < 0 || !by_reg(use) || use->src_reg != insn->dst_reg ||
	    use->dst_reg == use->src_reg || is_live(j, slot + 1, insn->dst_reg))
		return 0;
	x86_alu_rm(&j->code, op, w, dst_of(use), mem_of(insn->src_reg, insn->off));
	return 2;
}

/* Does a comparison of what was loaded with a constant fit one with memory? */
static bool compare_memory_imm(struct jit *j, const struct bpf_insn *load,
			       const struct bpf_insn *use)
{
	struct x86_mem m = mem_of(load->src_reg, load->off);
	bool narrow = use->imm >= 0 && !x86_jit_is_signed_jump(use);
	u8 size = BPF_SIZE(load->code);

	if (BPF_OP(use->code) == BPF_JSET)
		return false;
	if (size == BPF_B && narrow && use->imm <= 0xff) {
		x86_alu_m8i8(&j->code, X86_CMP, m, use->imm);
		return true;
	}
	if (size != BPF_DW && (size != BPF_W || (is_wide(use) && !narrow)))
		return false;
	x86_alu_mi(&j->code, X86_CMP, size == BPF_DW && is_wide(use), m, use->imm);
	return true;
}

static bool compare_memory_reg(struct jit *j, const struct bpf_insn *load,
			       const struct bpf_insn *use)
{
	struct x86_mem m = mem_of(load->src_reg, load->off);
	bool w = is_wide(use);

	if (BPF_OP(use->code) == BPF_JSET || use->dst_reg == use->src_reg ||
	    !(is_load(load, BPF_DW) || (is_load(load, BPF_W) && !w)))
		return false;
	if (use->dst_reg == load->dst_reg)
		x86_alu_mr(&j->code, X86_CMP, w, m, src_of(use));
	else
		x86_alu_rm(&j->code, X86_CMP, w, dst_of(use), m);
	return true;
}

/* t = *p;  if t > x goto L, where t is dead on both sides. */
static u32 fuse_load_compare(struct jit *j, const struct bpf_insn *insn, u32 slot)
{
	const struct bpf_insn *use = &insn[1];
	u8 t = insn->dst_reg;
	bool made;

	if (!is_cond_jump(use) || !use->off || is_live(j, slot + 1, t))
		return 0;
	if (by_reg(use))
		made = (use->dst_reg == t || use->src_reg == t) &&
		       compare_memory_reg(j, insn, use);
	else
		made = use->dst_reg == t && compare_memory_imm(j, insn, use);
	if (!made)
		return 0;
	x86_jit_jump(j, x86_jit_condition(use), x86_jit_jump_target(use, slot + 1));
	return 2;
}

/* ---- byte order ---------------------------------------------------------- */

/* Does it swap all bytes that an access of this size moves? */
static bool is_swap(const struct bpf_insn *insn, u8 size)
{
	return (insn->code == (BPF_ALU | BPF_END | BPF_TO_BE) ||
		insn->code == (BPF_ALU64 | BPF_END)) && insn->imm == 8 * bpf_size_to_bytes(size);
}

/* t = *p;  t = swapped t. */
static u32 fuse_load_swap(struct jit *j, const struct bpf_insn *insn, u32 slot)
{
	struct x86_mem m = mem_of(insn->src_reg, insn->off);
	u8 size = BPF_SIZE(insn->code), dst = dst_of(insn);

	if (!is_load(insn, size) || !is_swap(&insn[1], size) || insn[1].dst_reg != insn->dst_reg)
		return 0;
	if (size == BPF_H) {
		x86_movzx_rm16(&j->code, dst, m);
		x86_rol16(&j->code, dst, 8);
		return 2;
	}
	if (!j->target.movbe)
		return 0;
	x86_movbe_rm(&j->code, size == BPF_DW, dst, m);
	return 2;
}

/* t = swapped t;  *p = t, where t is dead behind. */
static u32 fuse_swap_store(struct jit *j, const struct bpf_insn *insn, u32 slot)
{
	const struct bpf_insn *store = &insn[1];
	struct x86_mem m = mem_of(store->dst_reg, store->off);
	u8 size = BPF_SIZE(store->code), t = insn->dst_reg;

	if (!j->target.movbe || store->code != (BPF_STX | BPF_MEM | size) ||
	    !is_swap(insn, size) || store->src_reg != t || store->dst_reg == t ||
	    is_live(j, slot + 1, t))
		return 0;
	if (size == BPF_H)
		x86_movbe_mr16(&j->code, m, dst_of(insn));
	else
		x86_movbe_mr(&j->code, size == BPF_DW, m, dst_of(insn));
	return 2;
}

/* ---- move and change ----------------------------------------------------- */

/* dst = src;  dst += x. The move may be wider than what follows, not narrower. */
static bool sum_of_move(struct jit *j, const struct bpf_insn *mov, const struct bpf_insn *use)
{
	bool w = is_wide(use), sub = BPF_OP(use->code) == BPF_SUB;
	u8 dst = dst_of(mov), src = src_of(mov);

	if (by_reg(use) && !sub) {
		u8 other = use->src_reg == mov->dst_reg ? src : src_of(use);

		x86_lea_sum(&j->code, w, dst, src, other);
		return true;
	}
	if (by_reg(use) || j->target.blind || (sub && use->imm == S32_MIN))
		return false;
	x86_lea(&j->code, w, dst, X86_MEM(src, sub ? -use->imm : use->imm));
	return true;
}

static bool shift_of_move(struct jit *j, const struct bpf_insn *mov, const struct bpf_insn *use)
{
	if (!by_reg(use) || !j->target.bmi2 || use->src_reg == mov->dst_reg)
		return false;
	x86_shiftx(&j->code, x86_jit_shift_ops[BPF_OP(use->code) >> 4], is_wide(use), dst_of(mov),
		   src_of(mov), src_of(use));
	return true;
}

static bool product_of_move(struct jit *j, const struct bpf_insn *mov, const struct bpf_insn *use)
{
	if (by_reg(use) || j->target.blind || use->imm <= 2 || is_power_of_2((u32)use->imm))
		return false;
	x86_imul_rri(&j->code, is_wide(use), dst_of(mov), src_of(mov), use->imm);
	return true;
}

static u32 fuse_move(struct jit *j, const struct bpf_insn *insn, u32 slot)
{
	static bool (*const made[16])(struct jit *j, const struct bpf_insn *mov,
				      const struct bpf_insn *use) = {
		[BPF_ADD >> 4] = sum_of_move,
		[BPF_SUB >> 4] = sum_of_move,
		[BPF_LSH >> 4] = shift_of_move,
		[BPF_RSH >> 4] = shift_of_move,
		[BPF_ARSH >> 4] = shift_of_move,
		[BPF_MUL >> 4] = product_of_move,
	};
	const struct bpf_insn *use = &insn[1];
	u8 op = BPF_OP(use->code) >> 4;

	if (use->dst_reg != insn->dst_reg || (is_wide(use) && !is_wide(insn)) || !made[op] ||
	    !made[op](j, insn, use))
		return 0;
	return 2;
}

/* ---- rules --------------------------------------------------------------- */

/* For each kind of first instruction; NULL ends a list. */
static const fuse_rule_t rules[JIT_FIRSTS][5] = {
	[JIT_FIRST_MOVE] = { fuse_rotation, fuse_move },
	[JIT_FIRST_LOAD] = { fuse_update, fuse_load_alu, fuse_load_compare, fuse_load_swap },
	[JIT_FIRST_SWAP] = { fuse_swap_store },
};

/* May they be asked at all? */
static bool are_suited(const struct jit *j, const struct bpf_insn *insn, u8 first)
{
	/* Nothing but arithmetic goes together with a move. */
	if (first == JIT_FIRST_MOVE)
		return is_plain_mov(insn) && is_alu(&insn[1]);
	/* Blinded, offset and constant are hidden before they are used. */
	return !j->target.blind;
}

/*
 * Does it move what nobody looks at? So do the map and the index of a tail call to a
 * known slot.
 */
static bool is_idle(const struct jit *j, u32 slot, u8 first)
{
	return (first == JIT_FIRST_CONSTANT || first == JIT_FIRST_MOVE) &&
	       !is_live(j, slot, j->insns[slot].dst_reg);
}

/**
 * x86_jit_fuse() - make code for several instructions at once, or none for one
 * @j: compilation
 * @slot: where they begin, with one that can be the first
 *
 * Context: any.
 * Return: how many slots, 0 if no rule applies.
 */
u32 x86_jit_fuse(struct jit *j, u32 slot)
{
	const struct bpf_insn *insn = &j->insns[slot];
	u8 first = x86_jit_rows[insn->code].first;
	const fuse_rule_t *rule = rules[first];
	u32 used = 0, i;

	if (is_idle(j, slot, first))
		return slots_of(insn);
	if (!*rule || !are_together(j, slot, 2) || !are_suited(j, insn, first))
		return 0;
	for (; *rule && !used; rule++)
		used = (*rule)(j, insn, slot);
	for (i = 0; i < used; i++)
		x86_jit_track(j, &insn[i], x86_jit_rows[insn[i].code].upper);
	return used;
}
