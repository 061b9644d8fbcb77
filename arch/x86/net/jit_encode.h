/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Encoders: one small function per x86-64 instruction form.
 *
 * Owns the machine's encoding and nothing else. A function writes exactly one
 * instruction at the position of a struct x86_code; what it writes depends on its
 * arguments alone, and what does not fit is counted, not written. Nothing here
 * knows eBPF, allocates or reads the CPU. It must never choose between
 * instructions, except between forms of one with one meaning.
 *
 * @w: 64 bits, else 32; the latter clears the upper half of the destination.
 *
 * An instruction is: prefixes, REX (4 bits: width, and the fourth bit of the
 * three register numbers), opcode, ModRM, perhaps SIB, displacement, immediate:
 *
 *	add r9, [rbx + 8]	4c 03 4b 08
 *	REX 0100WRXB: W, R = upper bit of r9; ModRM: disp8, reg = 1, rm = 3
 */
#ifndef _JIT_ENCODE_H
#define _JIT_ENCODE_H

#include <linux/string.h>
#include <linux/types.h>

enum x86_gpr {
	RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI,
	R8, R9, R10, R11, R12, R13, R14, R15,
	X86_NO_REG,
};

/* Two-operand arithmetic; the number is part of every encoding. */
enum x86_alu {
	X86_ADD, X86_OR, X86_ADC, X86_SBB, X86_AND, X86_SUB, X86_XOR, X86_CMP,
};

enum x86_shift {
	X86_ROL = 0, X86_ROR = 1, X86_SHL = 4, X86_SHR = 5, X86_SAR = 7,
};

/* One operand in the F7 group. */
enum x86_unary {
	X86_NOT = 2, X86_NEG = 3, X86_MUL = 4, X86_IMUL = 5, X86_DIV = 6,
	X86_IDIV = 7,
};

/* Conditions; the lowest bit negates. */
enum x86_cc {
	X86_O, X86_NO, X86_B, X86_AE, X86_E, X86_NE, X86_BE, X86_A,
	X86_S, X86_NS, X86_P, X86_NP, X86_L, X86_GE, X86_LE, X86_G,
};

/**
 * struct x86_code - where instructions go
 * @bytes: where
 * @pos: bytes so far, also when they did not fit
 * @limit: size of @bytes
 */
struct x86_code {
	u8 *bytes;
	u32 pos;
	u32 limit;
};

/**
 * struct x86_mem - an address: base + index * 8 + disp
 * @base: any register
 * @index: X86_NO_REG, or any register but RSP
 * @disp: displacement
 */
struct x86_mem {
	u8 base;
	u8 index;
	s32 disp;
};

#define X86_MEM(b, d)	((struct x86_mem){ .base = (b), .index = X86_NO_REG, .disp = (d) })

static inline bool x86_is_s8(s64 value)
{
	return value == (s8)value;
}

static inline bool x86_is_s32(s64 value)
{
	return value == (s32)value;
}

/* ---- parts --------------------------------------------------------------- */

static inline void x86_byte(struct x86_code *c, u8 byte)
{
	if (c->pos < c->limit)
		c->bytes[c->pos] = byte;
	c->pos++;
}

/*
 * The lowest byte first. One store where 8 bytes fit: what is too much is
 * overwritten by what comes next.
 */
static __always_inline void x86_imm(struct x86_code *c, u64 value, unsigned int bytes)
{
	if (c->pos + sizeof(value) <= c->limit) {
		memcpy(c->bytes + c->pos, &value, sizeof(value));
		c->pos += bytes;
		return;
	}
	for (; bytes; bytes--, value >>= 8)
		x86_byte(c, value);
}

static inline u8 x86_rex_bits(bool w, u8 reg, u8 index, u8 rm)
{
	return 0x40 | w << 3 | (reg >> 3 & 1) << 2 | (index >> 3 & 1) << 1 | (rm >> 3 & 1);
}

/* @force: with the empty prefix a byte register is sil, without it is dh. */
static inline void x86_rex(struct x86_code *c, bool w, u8 reg, u8 index, u8 rm,
			   bool force)
{
	u8 rex = x86_rex_bits(w, reg, index, rm);

	if (rex != 0x40 || force)
		x86_byte(c, rex);
}

/* @bytes of @value, behind a prefix if there is one. */
static __always_inline void x86_with_rex(struct x86_code *c, u8 rex, u64 value,
					 unsigned int bytes)
{
	bool empty = rex == 0x40;

	x86_imm(c, empty ? value : value << 8 | rex, bytes + !empty);
}

static inline void x86_rex_rr(struct x86_code *c, bool w, u8 reg, u8 rm)
{
	x86_rex(c, w, reg, 0, rm, false);
}

static inline void x86_rex_mem(struct x86_code *c, bool w, u8 reg, struct x86_mem m)
{
	x86_rex(c, w, reg, m.index == X86_NO_REG ? 0 : m.index, m.base, false);
}

static inline void x86_modrm_rr(struct x86_code *c, u8 reg, u8 rm)
{
	x86_byte(c, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

/*
 * ModRM, SIB and displacement of memory; how many bytes to @bytes. RSP and R12 as base
 * need a SIB byte; RBP and R13 without displacement mean something else, so they get one
 * of 0.
 */
static inline u64 x86_mem_bytes(u8 reg, struct x86_mem m, unsigned int *bytes)
{
	bool sib = m.index != X86_NO_REG || (m.base & 7) == RSP;
	u8 mod = !m.disp && (m.base & 7) != RBP ? 0 : x86_is_s8(m.disp) ? 1 : 2;
	u64 value = mod << 6 | (reg & 7) << 3 | (sib ? RSP : m.base & 7);
	unsigned int n = 1 + sib;

	if (m.index != X86_NO_REG)
		value |= (3 << 6 | (m.index & 7) << 3 | (m.base & 7)) << 8;
	else if (sib)
		value |= (RSP << 3 | (m.base & 7)) << 8;
	*bytes = n + (mod == 2 ? 4 : mod);
	return value | (u64)(u32)m.disp << 8 * n;
}

static inline void x86_modrm_mem(struct x86_code *c, u8 reg, struct x86_mem m)
{
	unsigned int n;
	u64 value = x86_mem_bytes(reg, m, &n);

	x86_imm(c, value, n);
}

static inline u8 x86_rex_bits_mem(bool w, u8 reg, struct x86_mem m)
{
	return x86_rex_bits(w, reg, m.index == X86_NO_REG ? 0 : m.index, m.base);
}

/* One opcode byte, two registers, then @bytes of a constant. Most are like that. */
static __always_inline void x86_op_rr_imm(struct x86_code *c, u8 op, bool w, u8 reg, u8 rm,
					  u32 imm, unsigned int bytes)
{
	u64 value = op | (0xc0 | (reg & 7) << 3 | (rm & 7)) << 8 | (u64)imm << 16;

	x86_with_rex(c, x86_rex_bits(w, reg, 0, rm), value, 2 + bytes);
}

static inline void x86_op_rr(struct x86_code *c, u8 op, bool w, u8 reg, u8 rm)
{
	x86_op_rr_imm(c, op, w, reg, rm, 0, 0);
}

/* One opcode byte, a register and memory: at most 8 bytes. */
static inline void x86_op_m(struct x86_code *c, u8 op, bool w, u8 reg, struct x86_mem m)
{
	unsigned int n;
	u64 value = x86_mem_bytes(reg, m, &n);

	x86_with_rex(c, x86_rex_bits_mem(w, reg, m), value << 8 | op, 1 + n);
}

/* The same with opcodes of the second page. */
static inline void x86_op0f_rr(struct x86_code *c, u8 op, bool w, u8 reg, u8 rm)
{
	u32 value = 0x0f | op << 8 | (0xc0 | (reg & 7) << 3 | (rm & 7)) << 16;

	x86_with_rex(c, x86_rex_bits(w, reg, 0, rm), value, 3);
}

static inline void x86_op0f_m(struct x86_code *c, u8 op, bool w, u8 reg, struct x86_mem m)
{
	x86_rex_mem(c, w, reg, m);
	x86_byte(c, 0x0f);
	x86_byte(c, op);
	x86_modrm_mem(c, reg, m);
}

/* ---- moves --------------------------------------------------------------- */

static inline void x86_mov_rr(struct x86_code *c, bool w, u8 dst, u8 src)
{
	x86_op_rr(c, 0x89, w, src, dst);
}

/* Clears the upper half. */
static inline void x86_mov_ri32(struct x86_code *c, u8 dst, u32 imm)
{
	x86_with_rex(c, x86_rex_bits(false, 0, 0, dst), 0xb8 | (dst & 7) | (u64)imm << 8, 5);
}

/* Extends the sign. */
static inline void x86_mov_rs32(struct x86_code *c, u8 dst, s32 imm)
{
	x86_op_rr_imm(c, 0xc7, true, 0, dst, imm, 4);
}

static inline void x86_mov_ri64(struct x86_code *c, u8 dst, u64 imm)
{
	x86_rex_rr(c, true, 0, dst);
	x86_byte(c, 0xb8 | (dst & 7));
	x86_imm(c, imm, 8);
}

/* From 8 or 16 bits to 32 (so to 64); the sign one to what @w says. */
static inline void x86_movzx_rr8(struct x86_code *c, u8 dst, u8 src)
{
	x86_rex(c, false, dst, 0, src, src >= RSP);
	x86_byte(c, 0x0f);
	x86_byte(c, 0xb6);
	x86_modrm_rr(c, dst, src);
}

static inline void x86_movzx_rr16(struct x86_code *c, u8 dst, u8 src)
{
	x86_op0f_rr(c, 0xb7, false, dst, src);
}

static inline void x86_movsx_rr8(struct x86_code *c, bool w, u8 dst, u8 src)
{
	x86_rex(c, w, dst, 0, src, src >= RSP);
	x86_byte(c, 0x0f);
	x86_byte(c, 0xbe);
	x86_modrm_rr(c, dst, src);
}

static inline void x86_movsx_rr16(struct x86_code *c, bool w, u8 dst, u8 src)
{
	x86_op0f_rr(c, 0xbf, w, dst, src);
}

static inline void x86_movsxd_rr(struct x86_code *c, u8 dst, u8 src)
{
	x86_op_rr(c, 0x63, true, dst, src);
}

#define X86_LEA_RIP_BYTES	7

/* The address @distance behind the end of the instruction. */
static inline void x86_lea_rip(struct x86_code *c, u8 dst, s32 distance)
{
	u64 value = 0x8d | ((dst & 7) << 3 | RBP) << 8 | (u64)(u32)distance << 16;

	x86_with_rex(c, x86_rex_bits(true, dst, 0, 0), value, 6);
}

static inline void x86_lea(struct x86_code *c, bool w, u8 dst, struct x86_mem m)
{
	x86_op_m(c, 0x8d, w, dst, m);
}

/* dst = base + index, with no displacement where the base allows. */
static inline void x86_lea_sum(struct x86_code *c, bool w, u8 dst, u8 base, u8 index)
{
	bool disp = (base & 7) == RBP;

	x86_rex(c, w, dst, index, base, false);
	x86_byte(c, 0x8d);
	x86_byte(c, (disp ? 0x40 : 0) | (dst & 7) << 3 | RSP);
	x86_byte(c, (index & 7) << 3 | (base & 7));
	if (disp)
		x86_byte(c, 0);
}

/* ---- arithmetic ---------------------------------------------------------- */

static inline void x86_alu_rr(struct x86_code *c, enum x86_alu op, bool w, u8 dst, u8 src)
{
	x86_op_rr(c, op << 3 | 1, w, src, dst);
}

static inline void x86_alu_ri8(struct x86_code *c, enum x86_alu op, bool w, u8 dst, s8 imm)
{
	x86_op_rr_imm(c, 0x83, w, op, dst, (u8)imm, 1);
}

static inline void x86_alu_ri32(struct x86_code *c, enum x86_alu op, bool w, u8 dst, s32 imm)
{
	if (dst == RAX)
		x86_with_rex(c, x86_rex_bits(w, 0, 0, 0), op << 3 | 5 | (u64)(u32)imm << 8, 5);
	else
		x86_op_rr_imm(c, 0x81, w, op, dst, imm, 4);
}

static inline void x86_alu_ri(struct x86_code *c, enum x86_alu op, bool w, u8 dst, s32 imm)
{
	if (x86_is_s8(imm))
		x86_alu_ri8(c, op, w, dst, imm);
	else
		x86_alu_ri32(c, op, w, dst, imm);
}

static inline void x86_alu_rm(struct x86_code *c, enum x86_alu op, bool w, u8 dst,
			      struct x86_mem src)
{
	x86_op_m(c, op << 3 | 3, w, dst, src);
}

static inline void x86_alu_mr(struct x86_code *c, enum x86_alu op, bool w, struct x86_mem dst,
			      u8 src)
{
	x86_op_m(c, op << 3 | 1, w, src, dst);
}

/* A byte in memory and a byte. */
static inline void x86_alu_m8i8(struct x86_code *c, enum x86_alu op, struct x86_mem dst, s8 imm)
{
	x86_op_m(c, 0x80, false, op, dst);
	x86_byte(c, imm);
}

static inline void x86_alu_mi8(struct x86_code *c, enum x86_alu op, bool w, struct x86_mem dst,
			       s8 imm)
{
	x86_op_m(c, 0x83, w, op, dst);
	x86_byte(c, imm);
}

static inline void x86_alu_mi32(struct x86_code *c, enum x86_alu op, bool w,
				struct x86_mem dst, s32 imm)
{
	x86_op_m(c, 0x81, w, op, dst);
	x86_imm(c, imm, 4);
}

static inline void x86_alu_mi(struct x86_code *c, enum x86_alu op, bool w, struct x86_mem dst,
			      s32 imm)
{
	if (x86_is_s8(imm))
		x86_alu_mi8(c, op, w, dst, imm);
	else
		x86_alu_mi32(c, op, w, dst, imm);
}

static inline void x86_test_rr(struct x86_code *c, bool w, u8 a, u8 b)
{
	x86_op_rr(c, 0x85, w, b, a);
}

/* The low byte of @reg. */
static inline void x86_test_ri8(struct x86_code *c, u8 reg, u8 imm)
{
	if (reg == RAX) {
		x86_byte(c, 0xa8);
	} else {
		x86_rex(c, false, 0, 0, reg, reg >= RSP);
		x86_byte(c, 0xf6);
		x86_modrm_rr(c, 0, reg);
	}
	x86_byte(c, imm);
}

static inline void x86_test_ri32(struct x86_code *c, bool w, u8 reg, s32 imm)
{
	if (reg == RAX)
		x86_with_rex(c, x86_rex_bits(w, 0, 0, 0), 0xa9 | (u64)(u32)imm << 8, 5);
	else
		x86_op_rr_imm(c, 0xf7, w, 0, reg, imm, 4);
}

static inline void x86_inc(struct x86_code *c, bool w, u8 reg)
{
	x86_op_rr(c, 0xff, w, 0, reg);
}

static inline void x86_dec(struct x86_code *c, bool w, u8 reg)
{
	x86_op_rr(c, 0xff, w, 1, reg);
}

static inline void x86_inc_m(struct x86_code *c, bool w, struct x86_mem m)
{
	x86_op_m(c, 0xff, w, 0, m);
}

/* MUL, IMUL, DIV and IDIV work on RDX:RAX. */
static inline void x86_unary_r(struct x86_code *c, enum x86_unary op, bool w, u8 reg)
{
	x86_op_rr(c, 0xf7, w, op, reg);
}

/* Sign of RAX to all of RDX. */
static inline void x86_cqo(struct x86_code *c, bool w)
{
	x86_rex_rr(c, w, 0, 0);
	x86_byte(c, 0x99);
}

static inline void x86_imul_rr(struct x86_code *c, bool w, u8 dst, u8 src)
{
	x86_op0f_rr(c, 0xaf, w, dst, src);
}

static inline void x86_imul_rri8(struct x86_code *c, bool w, u8 dst, u8 src, s8 imm)
{
	x86_op_rr_imm(c, 0x6b, w, dst, src, (u8)imm, 1);
}

static inline void x86_imul_rri32(struct x86_code *c, bool w, u8 dst, u8 src, s32 imm)
{
	x86_op_rr_imm(c, 0x69, w, dst, src, imm, 4);
}

static inline void x86_imul_rri(struct x86_code *c, bool w, u8 dst, u8 src, s32 imm)
{
	if (x86_is_s8(imm))
		x86_imul_rri8(c, w, dst, src, imm);
	else
		x86_imul_rri32(c, w, dst, src, imm);
}

/* ---- shifts and swaps ---------------------------------------------------- */

static inline void x86_shift_ri(struct x86_code *c, enum x86_shift op, bool w, u8 reg, u8 n)
{
	if (n == 1)
		x86_op_rr(c, 0xd1, w, op, reg);
	else
		x86_op_rr_imm(c, 0xc1, w, op, reg, n, 1);
}

static inline void x86_shift_by_cl(struct x86_code *c, enum x86_shift op, bool w, u8 reg)
{
	x86_op_rr(c, 0xd3, w, op, reg);
}

/* The low 16 bits rotate left, the others stay. */
static inline void x86_rol16(struct x86_code *c, u8 reg, u8 n)
{
	x86_byte(c, 0x66);
	x86_op_rr_imm(c, 0xc1, false, X86_ROL, reg, n, 1);
}

static inline void x86_bswap(struct x86_code *c, bool w, u8 reg)
{
	x86_rex_rr(c, w, 0, reg);
	x86_byte(c, 0x0f);
	x86_byte(c, 0xc8 | (reg & 7));
}

/* Three-byte VEX, no vector length: what BMI2 uses. @pp: 1 66, 2 f3, 3 f2. */
static inline void x86_vex(struct x86_code *c, u8 page, u8 pp, bool w, u8 reg, u8 v, u8 rm)
{
	x86_byte(c, 0xc4);
	x86_byte(c, (reg < R8) << 7 | 1 << 6 | (rm < R8) << 5 | page);
	x86_byte(c, w << 7 | (~v & 15) << 3 | pp);
}

/* dst = src shifted by count, modulo the width; flags stay. SHL, SHR, SAR. */
static inline void x86_shiftx(struct x86_code *c, enum x86_shift op, bool w, u8 dst, u8 src,
			      u8 count)
{
	u8 pp = op == X86_SHL ? 1 : op == X86_SAR ? 2 : 3;

	x86_vex(c, 2, pp, w, dst, count, src);
	x86_byte(c, 0xf7);
	x86_modrm_rr(c, dst, src);
}

static inline void x86_rorx(struct x86_code *c, bool w, u8 dst, u8 src, u8 n)
{
	x86_vex(c, 3, 3, w, dst, 0, src);
	x86_byte(c, 0xf0);
	x86_modrm_rr(c, dst, src);
	x86_byte(c, n);
}

/* high:low = RDX * src, unsigned; flags stay. */
static inline void x86_mulx(struct x86_code *c, bool w, u8 high, u8 low, u8 src)
{
	x86_vex(c, 2, 3, w, high, low, src);
	x86_byte(c, 0xf6);
	x86_modrm_rr(c, high, src);
}

/* ---- memory -------------------------------------------------------------- */

static inline void x86_load(struct x86_code *c, bool w, u8 dst, struct x86_mem m)
{
	x86_op_m(c, 0x8b, w, dst, m);
}

static inline void x86_movzx_rm8(struct x86_code *c, u8 dst, struct x86_mem m)
{
	x86_op0f_m(c, 0xb6, false, dst, m);
}

static inline void x86_movzx_rm16(struct x86_code *c, u8 dst, struct x86_mem m)
{
	x86_op0f_m(c, 0xb7, false, dst, m);
}

static inline void x86_movsx_rm8(struct x86_code *c, u8 dst, struct x86_mem m)
{
	x86_op0f_m(c, 0xbe, true, dst, m);
}

static inline void x86_movsx_rm16(struct x86_code *c, u8 dst, struct x86_mem m)
{
	x86_op0f_m(c, 0xbf, true, dst, m);
}

static inline void x86_movsxd_rm(struct x86_code *c, u8 dst, struct x86_mem m)
{
	x86_op_m(c, 0x63, true, dst, m);
}

/* Loads and stores in the other byte order. */
static inline void x86_movbe(struct x86_code *c, u8 op, bool w, u8 reg, struct x86_mem m)
{
	x86_rex_mem(c, w, reg, m);
	x86_imm(c, 0x380f, 2);
	x86_byte(c, op);
	x86_modrm_mem(c, reg, m);
}

static inline void x86_movbe_rm(struct x86_code *c, bool w, u8 dst, struct x86_mem m)
{
	x86_movbe(c, 0xf0, w, dst, m);
}

static inline void x86_movbe_mr(struct x86_code *c, bool w, struct x86_mem m, u8 src)
{
	x86_movbe(c, 0xf1, w, src, m);
}

static inline void x86_movbe_mr16(struct x86_code *c, struct x86_mem m, u8 src)
{
	x86_byte(c, 0x66);
	x86_movbe(c, 0xf1, false, src, m);
}

static inline void x86_store8(struct x86_code *c, struct x86_mem m, u8 src)
{
	x86_rex(c, false, src, m.index == X86_NO_REG ? 0 : m.index, m.base, src >= RSP);
	x86_byte(c, 0x88);
	x86_modrm_mem(c, src, m);
}

static inline void x86_store16(struct x86_code *c, struct x86_mem m, u8 src)
{
	x86_byte(c, 0x66);
	x86_op_m(c, 0x89, false, src, m);
}

static inline void x86_store(struct x86_code *c, bool w, struct x86_mem m, u8 src)
{
	x86_op_m(c, 0x89, w, src, m);
}

static inline void x86_store8_i(struct x86_code *c, struct x86_mem m, u8 imm)
{
	x86_op_m(c, 0xc6, false, 0, m);
	x86_byte(c, imm);
}

static inline void x86_store16_i(struct x86_code *c, struct x86_mem m, u16 imm)
{
	x86_byte(c, 0x66);
	x86_op_m(c, 0xc7, false, 0, m);
	x86_imm(c, imm, 2);
}

static inline void x86_store_i(struct x86_code *c, bool w, struct x86_mem m, s32 imm)
{
	x86_op_m(c, 0xc7, w, 0, m);
	x86_imm(c, imm, 4);
}

/* ---- atomics ------------------------------------------------------------- */

static inline void x86_lock_alu_mr(struct x86_code *c, enum x86_alu op, bool w,
				   struct x86_mem m, u8 src)
{
	x86_byte(c, 0xf0);
	x86_alu_mr(c, op, w, m, src);
}

static inline void x86_lock_xadd(struct x86_code *c, bool w, struct x86_mem m, u8 src)
{
	x86_byte(c, 0xf0);
	x86_op0f_m(c, 0xc1, w, src, m);
}

static inline void x86_lock_cmpxchg(struct x86_code *c, bool w, struct x86_mem m, u8 src)
{
	x86_byte(c, 0xf0);
	x86_op0f_m(c, 0xb1, w, src, m);
}

/* Locks by itself. */
static inline void x86_xchg_mr(struct x86_code *c, bool w, struct x86_mem m, u8 src)
{
	x86_op_m(c, 0x87, w, src, m);
}

/* ---- control ------------------------------------------------------------- */

/* Distances count from the end of the instruction. */
static inline void x86_jcc8(struct x86_code *c, enum x86_cc cc, s8 distance)
{
	x86_byte(c, 0x70 | cc);
	x86_byte(c, distance);
}

static inline void x86_jcc32(struct x86_code *c, enum x86_cc cc, s32 distance)
{
	x86_byte(c, 0x0f);
	x86_byte(c, 0x80 | cc);
	x86_imm(c, distance, 4);
}

static inline void x86_jmp8(struct x86_code *c, s8 distance)
{
	x86_byte(c, 0xeb);
	x86_byte(c, distance);
}

static inline void x86_jmp32(struct x86_code *c, s32 distance)
{
	x86_byte(c, 0xe9);
	x86_imm(c, distance, 4);
}

static inline void x86_call32(struct x86_code *c, s32 distance)
{
	x86_byte(c, 0xe8);
	x86_imm(c, distance, 4);
}

static inline void x86_jmp_r(struct x86_code *c, u8 reg)
{
	x86_op_rr(c, 0xff, false, 4, reg);
}

static inline void x86_push(struct x86_code *c, u8 reg)
{
	x86_rex_rr(c, false, 0, reg);
	x86_byte(c, 0x50 | (reg & 7));
}

static inline void x86_pop(struct x86_code *c, u8 reg)
{
	x86_rex_rr(c, false, 0, reg);
	x86_byte(c, 0x58 | (reg & 7));
}

static inline void x86_leave(struct x86_code *c)
{
	x86_byte(c, 0xc9);
}

static inline void x86_ret(struct x86_code *c)
{
	x86_byte(c, 0xc3);
}

static inline void x86_int3(struct x86_code *c)
{
	x86_byte(c, 0xcc);
}

/* Branches after it are not predicted by those before it; a nop on older CPUs. */
static inline void x86_ibhf(struct x86_code *c)
{
	x86_byte(c, 0xf3);
	x86_imm(c, 0xf81e0f48, 4);
}

static inline void x86_endbr64(struct x86_code *c)
{
	x86_imm(c, 0xfa1e0ff3, 4);
}

static inline void x86_lfence(struct x86_code *c)
{
	x86_imm(c, 0xe8ae0f, 3);
}

/* One instruction of 1 to 8 bytes that does nothing. */
static inline void x86_nop(struct x86_code *c, unsigned int bytes)
{
	static const u64 nops[] = {
		0x90, 0x9066, 0x1f0f, 0x401f0f, 0x20441f0f, 0x20441f0f66, 0x801f0f, 0x20841f0f,
	};

	x86_imm(c, nops[bytes - 1], bytes);
}

static inline void x86_setcc(struct x86_code *c, enum x86_cc cc, u8 reg)
{
	x86_rex(c, false, 0, 0, reg, reg >= RSP);
	x86_byte(c, 0x0f);
	x86_byte(c, 0x90 | cc);
	x86_modrm_rr(c, 0, reg);
}

static inline void x86_cmov(struct x86_code *c, enum x86_cc cc, bool w, u8 dst, u8 src)
{
	x86_op0f_rr(c, 0x40 | cc, w, dst, src);
}

#endif /* _JIT_ENCODE_H */
