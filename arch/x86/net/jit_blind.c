// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blinding: what a program's author may know of its image.
 *
 * Numbers of a program that stand in its image are bytes its author chose, and
 * bytes in the middle of an instruction are instructions too, for who can make
 * the CPU jump there. Blinded (net.core.bpf_jit_harden), there are
 *
 *  - constants, c ^ r and r in place of c, where r is random: 31 bits, 63 of a
 *    wide one. Each of the two alone is as random as r.
 *  - offsets of memory of more than a byte: base + (o + r) and then -r, 29 bits.
 *  - distances of jumps and of calls of functions. They are sums of sizes, which an
 *    author could count. One instruction in eight, by chance, has a nop of 1 to 8
 *    bytes in front, which gives a size a variance of 2.9, so that a distance over n
 *    instructions has a deviation of 1.7 * sqrt(n) bytes: 17 over 100 of them, 96 over
 *    3,200, where 50,000 bytes of code lie and the second byte of a distance could be
 *    c3, ret. The same holds for where in the image an instruction lies.
 *  - distances of helpers, from a place not known in pages not known.
 *  - no distances of other programs: tail calls look at the array.
 *
 * What is left is chosen but short: offsets, shift counts and distances of at most
 * a byte, the size of the stack, and which instruction it is (a multiplication by
 * a power of two is a shift). No two such bytes are neighbours.
 *
 * Random numbers come from a permutation of a count mixed with a secret seed, so
 * that the same seed gives the same image. Must never be asked for a number that
 * decides anything but how an image looks.
 */
#include <linux/bitops.h>

#include "jit_priv.h"

/* Offsets are hidden behind a number of 29 bits above it: the sum needs 4 bytes. */
#define OFFSET_MASK	BIT(29)

/* The finaliser of splitmix64. Not 0, and bit 31 clear: both widths read it alike. */
static u32 draw(struct jit *j)
{
	u64 x = j->target.seed + ++j->draws * 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	x ^= x >> 31;
	return (x & S32_MAX) ?: 0x5bd1e995;
}

/**
 * x86_jit_load_blinded() - put a constant into a register, unseen
 * @j: compilation
 * @reg: machine register, not R11 if the constant needs 64 bits
 * @value: constant
 *
 * Flags are lost, R11 too if the constant needs 64 bits. Both halves have a fixed
 * size.
 *
 * Context: any.
 */
void x86_jit_load_blinded(struct jit *j, u8 reg, u64 value)
{
	u32 mask = draw(j);
	u64 wide_mask;

	if (value == (u32)value) {
		x86_mov_ri32(&j->code, reg, (u32)value ^ mask);
		x86_alu_ri32(&j->code, X86_XOR, false, reg, mask);
	} else if (x86_is_s32(value)) {
		x86_mov_rs32(&j->code, reg, (s32)value ^ mask);
		x86_alu_ri32(&j->code, X86_XOR, true, reg, mask);
	} else {
		wide_mask = (u64)mask << 32 | draw(j);
		x86_mov_ri64(&j->code, reg, value ^ wide_mask);
		x86_mov_ri64(&j->code, R11, wide_mask);
		x86_alu_rr(&j->code, X86_XOR, true, reg, R11);
		j->packet = false;
	}
}

/**
 * x86_jit_address() - where a load, a store or an atomic operation goes
 * @j: compilation
 * @base: register of the program
 * @off: offset
 * @scratch: machine register that may be lost, and is kept until the access
 *
 * Flags stay. Its code has a fixed size.
 *
 * Context: any.
 * Return: the address.
 */
struct x86_mem x86_jit_address(struct jit *j, u8 base, s16 off, u8 scratch)
{
	s32 mask;

	if (!j->target.blind || x86_is_s8(off))
		return mem_of(base, off);
	mask = OFFSET_MASK | (draw(j) & (OFFSET_MASK - 1));
	x86_lea(&j->code, true, scratch, X86_MEM(x86_jit_reg[base], mask + off));
	return X86_MEM(scratch, -mask);
}

/**
 * x86_jit_pad() - make sizes unknown
 * @j: compilation that blinds, between two instructions of the program
 *
 * Flags stay.
 *
 * Context: any.
 */
void x86_jit_pad(struct jit *j)
{
	u32 chance = draw(j);

	if (!(chance & 7))
		x86_nop(&j->code, 1 + (chance >> 3 & 7));
}
