/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Run a program in the product and in the reference and compare all they can
 * see: registers, memory, the packet. Includes the product, since interpret()
 * and its registers are private to it.
 */
#ifndef _UNIT_INTERP_MACHINE_H
#define _UNIT_INTERP_MACHINE_H

#include <stdio.h>

#include "reference.h"

u64 __bpf_call_base(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return 0;
}

#include "interp.c"
#include "tap.h"

#define MEMORY_BYTES	128

int shim_warnings;

void shim_warned(const char *file, int line)
{
}

u32 get_random_u32(void)
{
	return 0;
}

static u8 test_packet[64];

int bpf_skb_load(const struct sk_buff *skb, int off, unsigned int size, u32 *val)
{
	u32 value = 0;

	if ((const u8 *)skb != test_packet)
		abort();
	if ((u64)(u32)off + size > sizeof(test_packet))
		return -EFAULT;
	while (size--)
		value = value << 8 | test_packet[off++];
	*val = value;
	return 0;
}

static inline void machine_init(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(test_packet); i++)
		test_packet[i] = i * 37 + 129;
}

/*
 * What one run leaves. @below: stack of functions if R10 is in @memory; @aborted: a packet
 * load failed, registers do not count.
 */
struct outcome {
	u64 reg[MAX_BPF_EXT_REG];
	u8 below[MAX_BPF_STACK] __attribute__((aligned(16)));
	u8 memory[MEMORY_BYTES] __attribute__((aligned(16)));
	u32 result;
	bool aborted;
};

/* Registers that hold the address of @memory at the start count from it after. */
static inline void run_product(const struct bpf_insn *program, const u64 *reg,
			const u8 *memory, u32 pointers, struct outcome *out)
{
	struct frame frames[FRAMES];
	int i;

	memcpy(out->memory, memory, MEMORY_BYTES);
	for (i = 0; i < 11; i++)
		out->reg[i] = reg[i] + (pointers >> i & 1 ?
					(uintptr_t)out->memory : 0);
	out->reg[BPF_REG_AX] = 0;
	out->result = interpret(out->reg, program, frames);
}

static inline bool run_reference(const struct bpf_insn *program, const u64 *reg,
			  const u8 *memory, u32 pointers, struct outcome *out)
{
	struct ref_machine m = {
		.packet = test_packet,
		.packet_len = sizeof(test_packet),
	};
	enum ref_step step;
	int i;

	memcpy(out->memory, memory, MEMORY_BYTES);
	for (i = 0; i < 11; i++)
		m.reg[i] = reg[i] + (pointers >> i & 1 ?
				     (uintptr_t)out->memory : 0);
	do {
		step = ref_step(&m, program);
	} while (step == REF_NEXT);

	memcpy(out->reg, m.reg, sizeof(m.reg));
	out->result = m.reg[0];
	out->aborted = BPF_CLASS(program[m.pc - 1].code) == BPF_LD;
	return step == REF_END;
}

/*
 * A register that still points into the memory of its run is made relative.
 */
static inline bool outcomes_differ(struct outcome *a, struct outcome *b, bool registers)
{
	int i;

	if (a->result != b->result || memcmp(a->memory, b->memory, MEMORY_BYTES))
		return true;
	for (i = 0; registers && i < 11; i++) {
		u64 da = a->reg[i] - (uintptr_t)a->memory;
		u64 db = b->reg[i] - (uintptr_t)b->memory;

		if (a->reg[i] != b->reg[i] &&
		    (da != db || da > MEMORY_BYTES))
			return true;
	}
	return false;
}

static inline void print_program(const struct bpf_insn *p, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		printf("#  %3u: code %02x dst r%u src r%u off %d imm %#x\n", i,
		       p[i].code, p[i].dst_reg, p[i].src_reg, p[i].off, p[i].imm);
}

static inline void print_difference(const struct outcome *a, const struct outcome *b)
{
	int i;

	for (i = 0; i < 11; i++)
		if (a->reg[i] != b->reg[i])
			printf("#  r%d product %#llx reference %#llx\n", i,
			       a->reg[i], b->reg[i]);
	for (i = 0; i < MEMORY_BYTES; i++)
		if (a->memory[i] != b->memory[i])
			printf("#  memory[%d] product %#x reference %#x\n", i,
			       a->memory[i], b->memory[i]);
}

#endif
