// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reference machine. Written from the text of RFC 9669 (section numbers
 * below), shares nothing with the product: decodes by fields instead of by
 * opcode, computes in 128 bits and cuts, moves memory byte by byte. Little
 * endian hosts only.
 */
#include "reference.h"

typedef __int128 wide;
typedef unsigned __int128 uwide;

static u64 cut(uwide value, int bits)
{
	return bits == 64 ? (u64)value : (u64)(value % ((uwide)1 << bits));
}

static wide as_signed(u64 value, int bits)
{
	wide v = cut(value, bits);

	return v >= (wide)1 << (bits - 1) ? v - ((wide)1 << bits) : v;
}

/* Section 4.1. */
static wide divide(u64 a, u64 b, int bits, bool is_signed)
{
	if (!cut(b, bits))
		return 0;
	if (is_signed)
		return as_signed(a, bits) / as_signed(b, bits);
	return (wide)cut(a, bits) / cut(b, bits);
}

static wide modulo(u64 a, u64 b, int bits, bool is_signed)
{
	if (!cut(b, bits))
		return cut(a, bits);
	if (is_signed)
		return as_signed(a, bits) % as_signed(b, bits);
	return (wide)cut(a, bits) % cut(b, bits);
}

/* Halve or double @count times; @a already has its sign. */
static wide shift(wide a, u64 count, bool left)
{
	for (; count; count--)
		a = left ? (wide)((uwide)a * 2) : (a - (a & 1)) / 2;
	return a;
}

static u64 alu(u8 op, int bits, s16 off, u64 a, u64 b)
{
	u64 count = cut(b, bits) % bits;
	u64 ua = cut(a, bits);

	switch (op >> 4) {
	case 0x0:
		return cut((uwide)a + b, bits);
	case 0x1:
		return cut((uwide)a - b, bits);
	case 0x2:
		return cut((uwide)a * b, bits);
	case 0x3:
		return cut(divide(a, b, bits, off == 1), bits);
	case 0x4:
		return cut(a | b, bits);
	case 0x5:
		return cut(a & b, bits);
	case 0x6:
		return cut(shift(ua, count, true), bits);
	case 0x7:
		return cut(shift(ua, count, false), bits);
	case 0x8:
		return cut(-(uwide)a, bits);
	case 0x9:
		return cut(modulo(a, b, bits, off == 1), bits);
	case 0xa:
		return cut((a | b) & ~(a & b), bits);
	case 0xb:
		return cut(off ? (uwide)as_signed(b, off) : b, bits);
	default:
		return cut(shift(as_signed(a, bits), count, false), bits);
	}
}

/* Section 4.2: the bytes of the low @width bits, reversed or as they are. */
static u64 byte_order(u64 value, int width, bool reverse)
{
	u64 result = 0;
	int i;

	for (i = 0; i < width; i += 8) {
		u64 byte = value >> i & 0xff;

		result |= byte << (reverse ? width - 8 - i : i);
	}
	return result;
}

/* Section 4.3. */
static bool condition(u8 op, int bits, u64 a, u64 b)
{
	wide sa = as_signed(a, bits), sb = as_signed(b, bits);
	u64 ua = cut(a, bits), ub = cut(b, bits);

	switch (op >> 4) {
	case 0x1:
		return ua == ub;
	case 0x2:
		return ua > ub;
	case 0x3:
		return ua >= ub;
	case 0x4:
		return (ua & ub) != 0;
	case 0x5:
		return ua != ub;
	case 0x6:
		return sa > sb;
	case 0x7:
		return sa >= sb;
	case 0xa:
		return ua < ub;
	case 0xb:
		return ua <= ub;
	case 0xc:
		return sa < sb;
	default:
		return sa <= sb;
	}
}

static u64 get(const u8 *at, int bytes)
{
	u64 value = 0;

	while (bytes--)
		value = value * 256 + at[bytes];
	return value;
}

static void put(u8 *at, int bytes, u64 value)
{
	for (; bytes--; value /= 256)
		*at++ = value % 256;
}

static int width_of(u8 code)
{
	static const int bytes[] = { 4, 2, 1, 8 };

	return bytes[code >> 3 & 3];
}

/* Section 5.3. */
static void atomic(struct ref_machine *m, const struct bpf_insn *insn)
{
	u8 *at = (u8 *)(uintptr_t)(m->reg[insn->dst_reg] + insn->off);
	int bytes = width_of(insn->code);
	u64 *src = &m->reg[insn->src_reg];
	u64 old = get(at, bytes);
	u64 operand = *src;

	switch (insn->imm) {
	case 0xe1:
		put(at, bytes, operand);
		*src = old;
		return;
	case 0xf1:
		if (old == cut(m->reg[0], bytes * 8))
			put(at, bytes, operand);
		m->reg[0] = old;
		return;
	default:
		put(at, bytes, alu(insn->imm & 0xf0, bytes * 8, 0, old, operand));
		if (insn->imm & 1)
			*src = old;
	}
}

/*
 * Section 4.3.2: a call of a function of the program. It has a stack of its own; R6 to
 * R10 are the caller's again behind it, R1 to R5 are what the function left.
 */
static enum ref_step enter(struct ref_machine *m, const struct bpf_insn *insn)
{
	struct ref_frame *frame = &m->frames[m->depth];
	int i;

	if (insn->src_reg != 1 || m->depth == REF_FRAMES - 1)
		return REF_BAD;
	frame->pc = m->pc;
	for (i = 6; i <= 10; i++)
		frame->kept[i - 6] = m->reg[i];
	for (i = 0; i < REF_STACK; i++)
		frame->stack[i] = 0xa5;
	m->reg[10] = (uintptr_t)(frame->stack + REF_STACK);
	m->pc += insn->imm;
	m->depth++;
	return REF_NEXT;
}

static enum ref_step leave(struct ref_machine *m)
{
	const struct ref_frame *frame;
	int i;

	if (!m->depth)
		return REF_END;
	frame = &m->frames[--m->depth];
	for (i = 6; i <= 10; i++)
		m->reg[i] = frame->kept[i - 6];
	m->pc = frame->pc;
	return REF_NEXT;
}

/* Section 5.5: network order, a load outside ends the function with 0. */
static enum ref_step packet(struct ref_machine *m, const struct bpf_insn *insn)
{
	u64 base = insn->code & 0x40 ? m->reg[insn->src_reg] : 0;
	int bytes = width_of(insn->code);
	u32 off = (u32)base + (u32)insn->imm;

	m->reg[0] = 0;
	if ((u64)off + bytes > m->packet_len)
		return leave(m);
	m->reg[0] = byte_order(get(m->packet + off, bytes), bytes * 8, true);
	return REF_NEXT;
}

static void memory(struct ref_machine *m, const struct bpf_insn *insn)
{
	u64 *dst = &m->reg[insn->dst_reg], *src = &m->reg[insn->src_reg];
	u8 class = insn->code & 7, mode = insn->code & 0xe0;
	int bytes = width_of(insn->code);

	if (class == 1) {
		*dst = get((u8 *)(uintptr_t)(*src + insn->off), bytes);
		if (mode == 0x80)
			*dst = (u64)as_signed(*dst, bytes * 8);
	} else {
		u64 value = class == 2 ? (u64)(s64)insn->imm : *src;

		put((u8 *)(uintptr_t)(*dst + insn->off), bytes, value);
	}
}

static void arithmetic(struct ref_machine *m, const struct bpf_insn *insn)
{
	int bits = (insn->code & 7) == 7 ? 64 : 32;
	u64 *dst = &m->reg[insn->dst_reg];
	u64 b = insn->code & 8 ? m->reg[insn->src_reg] : (u64)(s64)insn->imm;
	bool reverse = bits == 64 || insn->code & 8;

	if (insn->code >> 4 == 0xd)
		*dst = byte_order(*dst, insn->imm, reverse);
	else
		*dst = alu(insn->code & 0xf0, bits, insn->off, *dst, b);
}

static enum ref_step jump(struct ref_machine *m, const struct bpf_insn *insn)
{
	int bits = (insn->code & 7) == 5 ? 64 : 32;
	u64 b = insn->code & 8 ? m->reg[insn->src_reg] : (u64)(s64)insn->imm;

	switch (insn->code >> 4) {
	case 0x0:
		m->pc += bits == 64 ? insn->off : insn->imm;
		break;
	case 0x8:
		return enter(m, insn);
	case 0x9:
		return leave(m);
	default:
		if (condition(insn->code & 0xf0, bits, m->reg[insn->dst_reg], b))
			m->pc += insn->off;
	}
	return REF_NEXT;
}

/* Execute one instruction; calls of helpers are the business of who calls this. */
enum ref_step ref_step(struct ref_machine *m, const struct bpf_insn *program)
{
	const struct bpf_insn *insn = &program[m->pc++];

	if (!ref_defines(insn))
		return REF_BAD;

	switch (insn->code & 7) {
	case 0:
		if (insn->code != 0x18)
			return packet(m, insn);
		m->reg[insn->dst_reg] = cut(insn[0].imm, 32) |
					cut(insn[1].imm, 32) << 32;
		m->pc++;
		return REF_NEXT;
	case 4:
	case 7:
		arithmetic(m, insn);
		return REF_NEXT;
	case 5:
	case 6:
		return jump(m, insn);
	default:
		if (insn->code >> 5 == 6)
			atomic(m, insn);
		else
			memory(m, insn);
		return REF_NEXT;
	}
}

static bool defines_alu(const struct bpf_insn *insn)
{
	bool is64 = (insn->code & 7) == 7, reg = insn->code & 8;

	switch (insn->code >> 4) {
	case 0x3:
	case 0x9:
		return insn->off == 0 || insn->off == 1;
	case 0xb:
		if (reg && (insn->off == 8 || insn->off == 16))
			return true;
		if (reg && is64 && insn->off == 32)
			return true;
		return insn->off == 0;
	case 0x8:
		return !reg && insn->off == 0;
	case 0xd:
		if (is64 && reg)
			return false;
		return insn->off == 0 && (insn->imm == 16 || insn->imm == 32 ||
					  insn->imm == 64);
	default:
		return insn->code >> 4 < 0xd && insn->off == 0;
	}
}

static bool defines_jump(const struct bpf_insn *insn)
{
	bool is64 = (insn->code & 7) == 5, reg = insn->code & 8;

	switch (insn->code >> 4) {
	case 0x0:
		return !reg;
	case 0x8:
	case 0x9:
		return is64 && !reg;
	default:
		return insn->code >> 4 <= 0xd;
	}
}

static bool defines_atomic(s32 op)
{
	switch (op & ~1) {
	case 0x00:
	case 0x40:
	case 0x50:
	case 0xa0:
		return true;
	default:
		return op == 0xe1 || op == 0xf1;
	}
}

/* Does the RFC define this instruction (tables 3 to 16)? */
bool ref_defines(const struct bpf_insn *insn)
{
	u8 mode = insn->code >> 5, size = insn->code & 0x18;

	switch (insn->code & 7) {
	case 0:
		if (mode == 0)
			return size == 0x18;
		return (mode == 1 || mode == 2) && size != 0x18;
	case 1:
		return mode == 3 || (mode == 4 && size != 0x18);
	case 2:
		return mode == 3;
	case 3:
		if (mode == 6)
			return (size == 0 || size == 0x18) &&
			       defines_atomic(insn->imm);
		return mode == 3;
	case 4:
	case 7:
		return defines_alu(insn);
	default:
		return defines_jump(insn);
	}
}
