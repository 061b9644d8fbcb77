/* SPDX-License-Identifier: GPL-2.0-only */
/* Parts of random programs, and what they are put into. */
#ifndef _UNIT_VERIFIER_PARTS_H
#define _UNIT_VERIFIER_PARTS_H

#include "generate.h"
#include "raw_bpf.h"

#define ONE_IN(n) (random_below(n) == 0)
#define PICK(array) ((array)[random_below(ARRAY_SIZE(array))])

/* generate.c: the program in the making; may parts go round; a function to call, or -1. */
extern struct load *out;
extern bool has_loops;
void emit(struct bpf_insn insn);
int pick_function(void);

/* parts.c: the register and the slot the program is about just now. */
extern int hot_reg, hot_slot;
void emit_map(int map);
int number_reg(void);
int constant(void);
void refill(void);
void random_part(void);

/* parts_packet.c */
void packet_bytes(void);
void packet_paths(void);
void packet_identities(void);
void packet_moves(void);
void packet_behind(void);
void packet_key(void);
void packet_kinds(void);
void packet_back(void);

#endif
