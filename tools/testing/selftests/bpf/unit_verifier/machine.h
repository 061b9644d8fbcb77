/* SPDX-License-Identifier: GPL-2.0-only */
/* A concrete machine for accepted programs, which watches what they do. */
#ifndef _UNIT_VERIFIER_MACHINE_H
#define _UNIT_VERIFIER_MACHINE_H

#include "../unit_interp/reference.h"
#include "load.h"

/**
 * struct activation - a function that was called and has not returned
 * @call: the instruction that called it
 * @depth: bytes of stack it may use
 * @reg: its registers while one that it called runs
 * @init_regs: bit r: register r was written
 * @dead_regs: bit r: since it was written, register r was said not to be live
 * @dead_slots: the same for slots of the stack
 * @init_slots: per slot, the bytes that were written
 */
struct activation {
	u32 call;
	u32 depth;
	u64 reg[MAX_BPF_REG];
	u16 init_regs;
	u16 dead_regs;
	u64 dead_slots;
	u8 init_slots[FRAME_SLOTS];
};

/**
 * struct machine - one run
 * @ref: registers and the next instruction
 * @load: the program, and the facts about it that must hold
 * @depth: number of the function that runs; 0 is the first
 * @frame: those functions
 */
struct machine {
	struct ref_machine ref;
	const struct load *load;
	u32 depth;
	struct activation frame[BPF_MAX_FRAMES];
};

enum machine_state { MACHINE_RUNS, MACHINE_ENDED, MACHINE_WRONG };

/* Why the machine stopped, after MACHINE_WRONG; also used by those who watch. */
extern char machine_error[256];
bool machine_wrong(const char *fmt, ...) __printf(1, 2);

/* Objects for a program; then any number of runs. */
void machine_prepare(const struct load *load);
void machine_start(struct machine *m, const struct load *load, u64 seed);
enum machine_state machine_step(struct machine *m);

/* Do values and addresses belong together? */
u64 machine_reg(const struct machine *m, u32 frame, u32 regno);
u64 machine_slot(u32 frame, u32 slot);
bool machine_points(const struct vreg *reg, u64 address);

u64 random_below(u64 limit);
void random_seed(u64 seed);

#endif
