// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads, stores and atomic operations. Addresses were proved good: none of these
 * faults.
 */
#include <linux/bitops.h>

#include "insn_table.h"
#include "jit_priv.h"

/**
 * x86_jit_ldx() - load
 * @j: compilation
 * @insn: instruction
 *
 * Context: any.
 */
void x86_jit_ldx(struct jit *j, const struct bpf_insn *insn)
{
	struct x86_mem m = x86_jit_address(j, insn->src_reg, insn->off, R9);
	u8 dst = dst_of(insn);
	bool extend = BPF_MODE(insn->code) == BPF_MEMSX;

	switch (BPF_SIZE(insn->code) | extend) {
	case BPF_B:
		x86_movzx_rm8(&j->code, dst, m);
		break;
	case BPF_H:
		x86_movzx_rm16(&j->code, dst, m);
		break;
	case BPF_W:
		x86_load(&j->code, false, dst, m);
		break;
	case BPF_DW:
		x86_load(&j->code, true, dst, m);
		break;
	case BPF_B | true:
		x86_movsx_rm8(&j->code, dst, m);
		break;
	case BPF_H | true:
		x86_movsx_rm16(&j->code, dst, m);
		break;
	case BPF_W | true:
		x86_movsxd_rm(&j->code, dst, m);
		break;
	}
}

static void store_reg(struct jit *j, u8 size, struct x86_mem m, u8 src)
{
	if (size == BPF_B)
		x86_store8(&j->code, m, src);
	else if (size == BPF_H)
		x86_store16(&j->code, m, src);
	else
		x86_store(&j->code, size == BPF_DW, m, src);
}

/**
 * x86_jit_stx() - store a register
 * @j: compilation
 * @insn: instruction
 *
 * Context: any.
 */
void x86_jit_stx(struct jit *j, const struct bpf_insn *insn)
{
	struct x86_mem m = x86_jit_address(j, insn->dst_reg, insn->off, R9);

	store_reg(j, BPF_SIZE(insn->code), m, src_of(insn));
}

/* The constant is in r9, the address in r11. */
static void store_blinded(struct jit *j, const struct bpf_insn *insn)
{
	u8 size = BPF_SIZE(insn->code);
	u8 value = x86_jit_imm_reg(j, extended(size == BPF_DW, insn->imm));

	j->packet = false;
	store_reg(j, size, x86_jit_address(j, insn->dst_reg, insn->off, R11), value);
}

/**
 * x86_jit_st() - store a constant
 * @j: compilation
 * @insn: instruction
 *
 * Context: any.
 */
void x86_jit_st(struct jit *j, const struct bpf_insn *insn)
{
	struct x86_mem m = mem_of(insn->dst_reg, insn->off);
	u8 size = BPF_SIZE(insn->code);

	if (j->target.blind)
		store_blinded(j, insn);
	else if (size == BPF_B)
		x86_store8_i(&j->code, m, insn->imm);
	else if (size == BPF_H)
		x86_store16_i(&j->code, m, insn->imm);
	else
		x86_store_i(&j->code, size == BPF_DW, m, insn->imm);
}

/* ---- atomics ------------------------------------------------------------- */

/* The upper four bits are those of an arithmetic operation. */
static enum x86_alu atomic_alu(s32 op)
{
	return alu_of(op & 0xf0);
}

/*
 * The machine fetches only what it adds. For the others: compute the new value
 * in r11 until nobody changed the old one, in RAX, meanwhile. r10 stands for R0
 * where that is the address or the operand, and keeps it.
 *
 *	mov r10, rax;  mov rax, [m];  L: mov r11, rax;  or r11, src;
 *	lock cmpxchg [m], r11;  jne L;  mov src, rax;  mov rax, r10
 */
static void fetch_loop(struct jit *j, const struct bpf_insn *insn)
{
	bool w = BPF_SIZE(insn->code) == BPF_DW;
	bool from_r0 = insn->src_reg == BPF_REG_0, at_r0 = insn->dst_reg == BPF_REG_0;
	bool restore = !from_r0 && is_live(j, j->slot, BPF_REG_0);
	struct x86_mem m = x86_jit_address(j, insn->dst_reg, insn->off, R9);

	if (m.base == RAX)
		m.base = R10;
	if (from_r0 || at_r0 || restore)
		x86_mov_rr(&j->code, true, R10, RAX);
	x86_load(&j->code, w, RAX, m);
	x86_jit_label(j, 0);
	x86_mov_rr(&j->code, w, R11, RAX);
	x86_alu_rr(&j->code, atomic_alu(insn->imm), w, R11, from_r0 ? R10 : src_of(insn));
	x86_lock_cmpxchg(&j->code, w, m, R11);
	x86_jit_local_jump(j, X86_NE, 0);
	if (!from_r0)
		x86_mov_rr(&j->code, w, src_of(insn), RAX);
	if (restore)
		x86_mov_rr(&j->code, true, RAX, R10);
}

/* OR, AND, XOR, if what they fetch is read. */
static bool needs_loop(const struct jit *j, const struct bpf_insn *insn)
{
	switch (insn->imm) {
	case BPF_OR | BPF_FETCH:
	case BPF_AND | BPF_FETCH:
	case BPF_XOR | BPF_FETCH:
		return is_live(j, j->slot, insn->src_reg);
	default:
		return false;
	}
}

/* A 32-bit exchange that succeeds leaves RAX alone, upper half included. */
static void compare_exchange(struct jit *j, bool w, struct x86_mem m, u8 src)
{
	x86_lock_cmpxchg(&j->code, w, m, src);
	if (!w)
		x86_jit_clear_upper(j, BPF_REG_0);
}

static void one_instruction(struct jit *j, const struct bpf_insn *insn)
{
	struct x86_mem m = x86_jit_address(j, insn->dst_reg, insn->off, R9);
	bool w = BPF_SIZE(insn->code) == BPF_DW;
	u8 src = src_of(insn);

	if (insn->imm == BPF_XCHG)
		x86_xchg_mr(&j->code, w, m, src);
	else if (insn->imm == BPF_CMPXCHG)
		compare_exchange(j, w, m, src);
	else if (insn->imm == (BPF_ADD | BPF_FETCH) && is_live(j, j->slot, insn->src_reg))
		x86_lock_xadd(&j->code, w, m, src);
	else
		x86_lock_alu_mr(&j->code, atomic_alu(insn->imm), w, m, src);
}

/**
 * x86_jit_atomic() - atomic operation
 * @j: compilation
 * @insn: instruction
 *
 * Context: any.
 */
void x86_jit_atomic(struct jit *j, const struct bpf_insn *insn)
{
	j->packet = false;
	if (!bpf_atomic_op_exists(insn->imm))
		jit_fail(j, -EINVAL);
	else if (needs_loop(j, insn))
		x86_jit_local(j, insn, fetch_loop);
	else
		one_instruction(j, insn);
}
