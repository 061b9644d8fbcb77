/* SPDX-License-Identifier: GPL-2.0-only */
/* A slow and literal machine after RFC 9669, to compare the product with. */
#ifndef _REFERENCE_H
#define _REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/bpf.h>

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef short s16;
typedef int s32;
typedef long long s64;

/* Result of one instruction. */
enum ref_step {
	REF_NEXT,	/* go on with pc */
	REF_END,	/* the program ended */
	REF_BAD,	/* no such instruction */
};

/* Functions entered at a time, and the bytes of stack each of them has. */
#define REF_FRAMES	8
#define REF_STACK	512

/**
 * struct ref_frame - a function that called another one
 * @pc: where it goes on
 * @kept: its R6 to R10
 * @stack: memory of the one it called
 */
struct ref_frame {
	long pc;
	u64 kept[5];
	u8 stack[REF_STACK] __attribute__((aligned(16)));
};

/**
 * struct ref_machine - everything a program can see
 * @reg: R0-R10
 * @pc: slot of the next instruction
 * @packet: bytes that LD_ABS and LD_IND read
 * @packet_len: how many
 * @depth: calls of functions that have not returned
 * @frames: what they left
 */
struct ref_machine {
	u64 reg[11];
	long pc;
	const u8 *packet;
	u32 packet_len;
	u32 depth;
	struct ref_frame frames[REF_FRAMES - 1];
};

enum ref_step ref_step(struct ref_machine *m, const struct bpf_insn *program);
bool ref_defines(const struct bpf_insn *insn);

#endif
