// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interpreter, opened: its loop is private to interp.c, but a run that is to
 * be compared must have its registers and its stack at known places.
 */
#include "interp.c"
#include "world.h"

u32 world_interpret(u64 *regs, const struct bpf_insn *insns)
{
	struct frame frames[FRAMES];

	return interpret(regs, insns, frames);
}
