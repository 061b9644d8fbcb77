// SPDX-License-Identifier: GPL-2.0-only
/*
 * Division and remainder.
 *
 * By a register: the machine's instruction, which works on RDX:RAX and traps
 * where eBPF does not: by 0, and -2^63 by -1. Those cases are tested first and
 * go another way. RAX and RDX are saved only if the program reads them later.
 *
 * By a constant d: never an instruction that divides. Powers of two shift and
 * mask. Otherwise n / d = n * M >> (N + s), where N is the width, s the largest
 * number with 2^s < d, and M = 2^(N+s) / d rounded up. M exceeds the exact ratio
 * by e / d, e = M * d - 2^(N+s), so the product is too large by less than 1 / d,
 * and the quotient right, as long as e <= 2^s (Granlund and Montgomery 1994).
 *
 *	n / 10, N = 32: s = 3, M = 2^35 / 10 = cccccccd, e = 2 <= 8
 *
 * Otherwise one more bit does it, M = 2^N + m with s larger by one:
 *
 *	n / 7, N = 32: s = 2, e = 5 > 4; so s = 3, M = 2^35 / 7 = 1:24924925
 *
 * Signed constants are rare and go through the machine's instruction.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/log2.h>

#include "insn_table.h"
#include "jit_priv.h"

/* Multiplier of an unsigned division; @extra: M is 2^N more than @m. */
struct reciprocal {
	u64 m;
	u8 shift;
	bool extra;
};

static bool is_mod(const struct bpf_insn *insn)
{
	return BPF_OP(insn->code) == BPF_MOD;
}

/* 2^(bits+s) / d rounded down, without its bit 2^bits; the remainder to @rest. */
static u64 divide_power(unsigned int bits, unsigned int s, u32 d, u64 *rest)
{
	u64 rem = BIT_ULL(s) % d, quotient = 0;

	while (bits--) {
		rem *= 2;
		quotient = quotient * 2 + (rem >= d);
		rem -= rem >= d ? d : 0;
	}
	*rest = rem;
	return quotient;
}

/* @d is no power of two, so that rounding up is always adding one. */
static struct reciprocal reciprocal_of(u32 d, bool w)
{
	struct reciprocal r = { .shift = ilog2(d) };
	u64 rest;

	r.m = divide_power(w ? 64 : 32, r.shift, d, &rest) + 1;
	if (d - rest <= BIT_ULL(r.shift))
		return r;
	r.extra = true;
	r.m = divide_power(w ? 64 : 32, ++r.shift, d, &rest) + 1;
	return r;
}

/* ---- by the machine's instruction ---------------------------------------- */

/* @divisor is neither RAX nor RDX and not 0. Uses r9 and r10. */
static void divide(struct jit *j, const struct bpf_insn *insn, u8 divisor)
{
	u8 dst = dst_of(insn), result = is_mod(insn) ? RDX : RAX;
	bool save_rax = dst != RAX && is_live(j, j->slot, BPF_REG_0);
	bool save_rdx = dst != RDX && is_live(j, j->slot, BPF_REG_3);
	bool w = is_wide(insn);

	if (save_rax)
		x86_mov_rr(&j->code, true, R9, RAX);
	if (save_rdx)
		x86_mov_rr(&j->code, true, R10, RDX);
	if (dst != RAX)
		x86_mov_rr(&j->code, w, RAX, dst);
	if (insn->off) {
		x86_cqo(&j->code, w);
		x86_unary_r(&j->code, X86_IDIV, w, divisor);
	} else {
		x86_alu_rr(&j->code, X86_XOR, false, RDX, RDX);
		x86_unary_r(&j->code, X86_DIV, w, divisor);
	}
	if (dst != result)
		x86_mov_rr(&j->code, w, dst, result);
	if (save_rax)
		x86_mov_rr(&j->code, true, RAX, R9);
	if (save_rdx)
		x86_mov_rr(&j->code, true, RDX, R10);
}

static u8 safe_divisor(struct jit *j, const struct bpf_insn *insn)
{
	u8 src = src_of(insn);

	if (src != RAX && src != RDX)
		return src;
	x86_mov_rr(&j->code, is_wide(insn), R11, src);
	return R11;
}

/*
 * Divisors 0 and -1: r9 = divisor + 1 is 1 or 0. The quotient by them is the
 * dividend times the divisor, the remainder the dividend times r9.
 */
static void signed_by_reg(struct jit *j, const struct bpf_insn *insn)
{
	bool w = is_wide(insn);

	x86_lea(&j->code, w, R9, X86_MEM(src_of(insn), 1));
	x86_alu_ri8(&j->code, X86_CMP, w, R9, 1);
	x86_jit_local_jump(j, X86_A, 0);
	x86_imul_rr(&j->code, w, dst_of(insn), is_mod(insn) ? R9 : src_of(insn));
	x86_jit_local_jump(j, JIT_ALWAYS, 1);
	x86_jit_label(j, 0);
	divide(j, insn, safe_divisor(j, insn));
	x86_jit_label(j, 1);
}

/* By 0: the quotient is 0, the remainder the dividend. */
static void divide_by_zero(struct jit *j, const struct bpf_insn *insn)
{
	if (is_mod(insn))
		x86_jit_clear_upper(j, insn->dst_reg);
	else
		x86_alu_rr(&j->code, X86_XOR, false, dst_of(insn), dst_of(insn));
	x86_jit_jump(j, JIT_ALWAYS, j->slot + 1);
}

static void unsigned_by_reg(struct jit *j, const struct bpf_insn *insn)
{
	bool w = is_wide(insn), done = is_mod(insn) && (w || is_clear(j, insn->dst_reg));

	x86_test_rr(&j->code, w, src_of(insn), src_of(insn));
	x86_jit_jump(j, X86_E, done ? j->slot + 1 : x86_jit_cold_chunk(j, divide_by_zero));
	divide(j, insn, safe_divisor(j, insn));
}

/* ---- by constants -------------------------------------------------------- */

static void set_zero(struct jit *j, u8 reg)
{
	x86_alu_rr(&j->code, X86_XOR, false, reg, reg);
}

/* A power of two above 1; the mask has at most 31 bits. */
static void by_power(struct jit *j, const struct bpf_insn *insn, u64 d)
{
	u8 dst = dst_of(insn);

	if (!is_mod(insn))
		x86_shift_ri(&j->code, X86_SHR, is_wide(insn), dst, ilog2(d));
	else if (d == 0x100)
		x86_movzx_rr8(&j->code, dst, dst);
	else if (d == 0x10000)
		x86_movzx_rr16(&j->code, dst, dst);
	else
		x86_alu_ri(&j->code, X86_AND, false, dst, d - 1);
}

/* Above half of the range: it goes in once or not at all. */
static void by_large(struct jit *j, const struct bpf_insn *insn)
{
	bool w = is_wide(insn);
	u8 dst = dst_of(insn);

	if (is_mod(insn)) {
		x86_mov_rr(&j->code, w, R9, dst);
		x86_alu_ri32(&j->code, X86_SUB, w, R9, insn->imm);
		x86_cmov(&j->code, X86_AE, w, dst, R9);
	} else {
		set_zero(j, R9);
		x86_alu_ri32(&j->code, X86_CMP, w, dst, insn->imm);
		x86_setcc(&j->code, X86_AE, R9);
		x86_mov_rr(&j->code, false, dst, R9);
	}
}

/* dst -= r9 * d, where r9 is the quotient. */
static void remainder_from_quotient(struct jit *j, const struct bpf_insn *insn)
{
	bool w = is_wide(insn);

	x86_imul_rri32(&j->code, w, R9, R9, insn->imm);
	x86_alu_rr(&j->code, X86_SUB, w, dst_of(insn), R9);
}

/* A dividend below 2^32: the product fits a register. */
static void narrow_by_constant(struct jit *j, const struct bpf_insn *insn)
{
	struct reciprocal r = reciprocal_of(insn->imm, false);
	u8 dst = dst_of(insn), quotient = is_mod(insn) ? R9 : dst;

	x86_jit_clear_upper(j, insn->dst_reg);
	x86_mov_ri32(&j->code, R9, r.m);
	if (!r.extra) {
		x86_imul_rr(&j->code, true, quotient, is_mod(insn) ? dst : R9);
		x86_shift_ri(&j->code, X86_SHR, true, quotient, 32 + r.shift);
	} else {
		x86_imul_rr(&j->code, true, R9, dst);
		x86_shift_ri(&j->code, X86_SHR, true, R9, 32);
		x86_alu_rr(&j->code, X86_ADD, true, quotient, is_mod(insn) ? dst : R9);
		x86_shift_ri(&j->code, X86_SHR, true, quotient, r.shift);
	}
	if (is_mod(insn))
		remainder_from_quotient(j, insn);
}

/* @high = upper half of dst * m; r10 and r11 are lost, nothing else. */
static void multiply_high_bmi2(struct jit *j, u8 dst, u8 high, u64 m)
{
	bool save = is_live(j, j->slot, BPF_REG_3);

	if (dst == RDX) {
		x86_mov_ri64(&j->code, R9, m);
		x86_mulx(&j->code, true, high, R11, R9);
		return;
	}
	if (save)
		x86_mov_rr(&j->code, true, R10, RDX);
	x86_mov_ri64(&j->code, RDX, m);
	x86_mulx(&j->code, true, high, R11, dst);
	if (save)
		x86_mov_rr(&j->code, true, RDX, R10);
}

/* The same; @high is dst or R9. */
static void multiply_high(struct jit *j, u8 dst, u8 high, u64 m)
{
	bool save_rax = dst == RAX || is_live(j, j->slot, BPF_REG_0);
	bool save_rdx = dst == RDX || is_live(j, j->slot, BPF_REG_3);

	x86_mov_ri64(&j->code, R9, m);
	if (save_rax)
		x86_mov_rr(&j->code, true, R11, RAX);
	if (save_rdx)
		x86_mov_rr(&j->code, true, R10, RDX);
	if (dst != RAX)
		x86_mov_rr(&j->code, true, RAX, dst);
	x86_unary_r(&j->code, X86_MUL, true, R9);
	x86_mov_rr(&j->code, true, R9, RDX);
	if (save_rax)
		x86_mov_rr(&j->code, true, RAX, R11);
	if (save_rdx)
		x86_mov_rr(&j->code, true, RDX, R10);
	if (high != R9)
		x86_mov_rr(&j->code, true, high, R9);
}

/*
 * With the bit that does not fit, n * M >> 64 is t + n, t = n * m >> 64, which
 * has 65 bits; half of it is t + (n - t) / 2.
 */
static void add_extra(struct jit *j, u8 dst, u8 quotient, u8 shift)
{
	u8 half = quotient == R9 ? R11 : dst;

	if (half != dst)
		x86_mov_rr(&j->code, true, half, dst);
	x86_alu_rr(&j->code, X86_SUB, true, half, R9);
	x86_shift_ri(&j->code, X86_SHR, true, half, 1);
	x86_alu_rr(&j->code, X86_ADD, true, quotient, quotient == R9 ? half : R9);
	x86_shift_ri(&j->code, X86_SHR, true, quotient, shift - 1);
}

static void wide_by_constant(struct jit *j, const struct bpf_insn *insn)
{
	struct reciprocal r = reciprocal_of(insn->imm, true);
	u8 dst = dst_of(insn), quotient = is_mod(insn) ? R9 : dst;
	u8 high = r.extra ? R9 : quotient;

	if (j->target.bmi2)
		multiply_high_bmi2(j, dst, high, r.m);
	else
		multiply_high(j, dst, high, r.m);
	if (r.extra)
		add_extra(j, dst, quotient, r.shift);
	else
		x86_shift_ri(&j->code, X86_SHR, true, quotient, r.shift);
	if (is_mod(insn))
		remainder_from_quotient(j, insn);
}

static void unsigned_by_constant(struct jit *j, const struct bpf_insn *insn)
{
	u64 d = imm_of(insn);

	if (is_power_of_2(d))
		by_power(j, insn, d);
	else if (insn->imm < 0)
		by_large(j, insn);
	else if (!is_wide(insn) || is_clear(j, insn->dst_reg))
		narrow_by_constant(j, insn);
	else
		wide_by_constant(j, insn);
}

static void by_constant(struct jit *j, const struct bpf_insn *insn)
{
	bool minus_one = insn->off && insn->imm == -1;

	if (insn->imm == (is_mod(insn) ? 0 : 1)) {
		x86_jit_keep_value(j, insn);
	} else if (insn->imm == (is_mod(insn) ? 1 : 0) || (is_mod(insn) && minus_one)) {
		set_zero(j, dst_of(insn));
	} else if (minus_one) {
		x86_unary_r(&j->code, X86_NEG, is_wide(insn), dst_of(insn));
	} else if (insn->off || j->target.blind) {
		x86_jit_load_imm(j, R11, imm_of(insn));
		divide(j, insn, R11);
	} else {
		unsigned_by_constant(j, insn);
	}
}

/**
 * x86_jit_div() - DIV, MOD, and with offset 1 the signed ones
 * @j: compilation
 * @insn: instruction
 *
 * Context: any.
 */
void x86_jit_div(struct jit *j, const struct bpf_insn *insn)
{
	j->packet = false;
	if (!bpf_division_exists(insn->off))
		jit_fail(j, -EINVAL);
	else if (!by_reg(insn))
		by_constant(j, insn);
	else if (insn->off)
		x86_jit_local(j, insn, signed_by_reg);
	else
		unsigned_by_reg(j, insn);
}
