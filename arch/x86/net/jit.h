/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pure core of the x86-64 JIT: a lowered program in, bytes out.
 *
 * It knows the CPU and the kernel only by struct jit_target, writes only where
 * it is told, and gives the same bytes for the same input. Whoever calls it owns
 * the image: its memory, its protection, and whether it is ever run.
 *
 *	jit = x86_jit_begin(&program, &target);	all decisions, sizes, addresses
 *	...					find x86_jit_size() bytes
 *	err = x86_jit_write(jit, bytes, address);	the image, to run at @address
 *	x86_jit_entries(jit), x86_jit_tail_site(jit, i)	places in it
 *	x86_jit_end(jit);
 *
 * On any error nothing of the image may be used.
 */
#ifndef _JIT_H
#define _JIT_H

#include <linux/filter.h>

struct jit;

/**
 * struct jit_program - what to compile
 * @insns: lowered program, trusted to be safe
 * @len: slots
 * @stack_depth: bytes of stack it uses, if it has one function
 * @funcs: its functions, see struct bpf_prog_func; NULL: there is one
 * @nfuncs: how many, or 0
 * @tail_sites: tail calls may say that they go to a known slot, by a number from 1
 *	to this
 */
struct jit_program {
	const struct bpf_insn *insns;
	u32 len;
	u32 stack_depth;
	u32 tail_sites;
	const struct bpf_prog_func *funcs;
	u32 nfuncs;
};

/**
 * struct jit_target - what to compile for
 * @bmi2: the CPU has shlx, rorx and mulx
 * @movbe: the CPU has movbe
 * @ibt: what is jumped to indirectly starts with endbr64
 * @sls: int3 follows what control never passes, lest the CPU supposes it does
 * @aligned_calls: who is called may expect the stack at a multiple of 16, as the
 *	ABI of user space has it
 * @blind: no number of the program that is longer than a byte is to be seen in the
 *	image
 * @mask: packet loads and tail calls stay inside packet and array, also those the
 *	CPU only supposes to run
 * @seed: for blinding; secret and fresh for each program
 * @call_base: address that the distances of helpers count from
 * @packet_load: address of a jit_packet_load_t
 * @return_thunk: address to jump to in place of RET, or 0
 * @jump_thunk: address that jumps to R11, or 0 for a plain indirect jump
 * @clear_history: address to call before the program returns, or 0: makes the
 *	CPU forget its branches, changes rax and rcx
 * @fence_history: the CPU is told at that place not to use them
 */
struct jit_target {
	bool bmi2;
	bool movbe;
	bool ibt;
	bool sls;
	bool aligned_calls;
	bool blind;
	bool mask;
	bool fence_history;
	u64 seed;
	u64 call_base;
	u64 packet_load;
	u64 return_thunk;
	u64 jump_thunk;
	u64 clear_history;
};

/* Slow path of packet loads. Returns the value, or negative: outside. */
typedef s64 (*jit_packet_load_t)(const struct sk_buff *skb, int off, unsigned int bytes);

/**
 * struct jit_entries - places of an image, as distances from its begin
 * @tail: where tail calls come in
 * @body: behind the prologue
 * @layout: of the frame that the prologue makes; 0: none that another program, or a
 *	function of one, could have made
 */
struct jit_entries {
	u32 tail;
	u32 body;
	u32 layout;
};

/* Size of @jump and of @out below. */
#define JIT_JUMP_BYTES	5

/**
 * struct jit_tail_site - a tail call to a known slot; whoever owns the image puts
 *	jumps into it. Distances from the begin of the image.
 * @number: as the instruction has it
 * @jump: a nop: the slot is empty. A jump to the body of a program that has a frame
 *	of the same layout, or to @leave.
 * @leave: what undoes the frame, and ends in @out
 * @out: traps. A jump to the tail entry of a program.
 * @layout: of the frame of the function it is in, as of struct jit_entries
 */
struct jit_tail_site {
	u32 number;
	u32 jump;
	u32 leave;
	u32 out;
	u32 layout;
};

struct jit *x86_jit_begin(const struct jit_program *program, const struct jit_target *target);
u32 x86_jit_size(const struct jit *j);
struct jit_entries x86_jit_entries(const struct jit *j);
int x86_jit_write(struct jit *j, u8 *bytes, u64 address);
u32 x86_jit_tail_sites(const struct jit *j);
/* After writing. */
struct jit_tail_site x86_jit_tail_site(const struct jit *j, u32 i);
void x86_jit_end(struct jit *j);

#endif /* _JIT_H */
