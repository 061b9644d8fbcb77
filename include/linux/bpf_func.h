/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of a program: what lowering and those that run programs agree on.
 *
 * A lowered program may have several functions: one behind the other, the first is
 * where it begins. No jump leaves one, and each ends in an exit or a jump. A call of
 * one by another is BPF_JMP | BPF_CALL with
 *
 *	src_reg	BPF_PSEUDO_CALL
 *	dst_reg	0
 *	imm	from the next instruction to the first one of the function
 *	off	bytes of stack of the function that calls: where the interpreter's
 *		stack is, the frame of the called one begins so far below its R10
 *
 * R1-R5 are the arguments and are gone behind the call, R0 is the result, R6-R10 are
 * what they were; BPF_REG_AX is gone. A function has no value in R6-R9 when it begins.
 * A packet load outside the packet ends the function it is in with 0. A tail call goes
 * on as another program in place of the function it is in: where that exits, the
 * function returns.
 *
 * The verifier sees to it that no more than BPF_MAX_FRAMES functions are entered at a
 * time, that their stacks are together at most MAX_BPF_STACK, and that a program which
 * also makes tail calls has machine code.
 */
#ifndef _LINUX_BPF_FUNC_H
#define _LINUX_BPF_FUNC_H

#include <linux/types.h>

#define BPF_MAX_FRAMES		8

/**
 * struct bpf_prog_func - a function of a program
 * @start: its first instruction; it ends where the next one starts
 * @stack_depth: bytes of stack it needs itself, a multiple of 8
 */
struct bpf_prog_func {
	u32 start;
	u32 stack_depth;
};

#endif /* _LINUX_BPF_FUNC_H */
