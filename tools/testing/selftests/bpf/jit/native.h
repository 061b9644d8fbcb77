/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compile a program, look at the image with the independent decoder, run it as
 * it is, and run the reference beside it.
 *
 * A test's program body works on registers and on 128 bytes of stack around
 * R10 + BODY_CENTRE. frame_program() puts code around it that loads both from
 * struct state and stores both there: all a body leaves is compared, with no
 * access to the machine's registers. Memory for code is writable or executable,
 * never both.
 */
#ifndef _JIT_NATIVE_H
#define _JIT_NATIVE_H

#include "jit.h"
#include "reference.h"

#define BODY_MEMORY	128
#define BODY_CENTRE	(-80)
#define BODY_STACK	184
#define LOOPS_OFF	(-152)
#define SPARE_OFF	(-160)
#define INNER_OFF	(-168)
#define OUTER_OFF	(-176)
#define FRAME_SLOTS	128
#define IMAGE_BYTES	(4u << 20)
#define PACKET_BYTES	64
#define LINEAR_BYTES	40
#define SITES_MAX	64

struct state {
	u64 reg[10];
	u64 memory[BODY_MEMORY / 8];
};

struct variant {
	const char *name;
	struct jit_target target;
};

/* What an image is made of; @called: places inside that are called. */
struct image_facts {
	u32 bytes;
	u32 insns;
	u32 called;
};

extern u8 native_packet[PACKET_BYTES];
extern struct sk_buff native_skb;
extern int native_fail_allocation;
extern int native_live;
extern unsigned long native_decoded;
/* How often a program cleared the history of branches. */
extern unsigned int native_cleared;
/* Where the last call of a helper had its frame: below the return address. */
extern unsigned long native_helper_frame;

#define VARIANTS	6
extern struct variant native_variants[VARIANTS];

void native_init(void);
u64 native_helper(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);
s64 native_packet_load(const struct sk_buff *skb, int off, unsigned int bytes);

/* Compile to the image; 0 or an error. The image is executable after it. */
int native_compile(const struct jit_program *program, const struct jit_target *target,
		   u32 offset);
u8 *native_image(void);
u8 *native_base(void);
u32 native_entry(void);
u8 *native_tail(void);
struct jit_entries native_entries(void);
/* Tail calls to known slots; room for SITES_MAX. Returns how many. */
u32 native_sites(struct jit_tail_site *sites);
/* Put a jump into an image, or a nop if @to is NULL. */
void native_jump(u8 *at, const u8 *to);
/* Whoever comes there from now on is found out. */
void native_trap(void *at, u32 size);
u32 native_size(void);
/*
 * Decode again: every jump lands on an instruction inside, every call inside on one that
 * control does not come to from the one before.
 */
bool native_check_image(struct image_facts *facts);
bool native_has_constant(u64 value);
/* No constant of a program just compiled is in its image, but by chance. */
bool native_hides(const struct jit_program *input, const struct jit_target *target);
/* Run; false if a register of the caller came back changed. */
bool native_run(u32 entry, void *ctx, u64 *result);
bool native_reference(const struct bpf_insn *program, u32 len, struct state *state, u64 *result);

/*
 * A helper that notes where it and the functions above it return to, as the image has
 * it, by the frame pointers: native_walk_len of them.
 */
extern char native_walk[];
extern u32 native_walked[16], native_walk_len;

u32 frame_program(struct bpf_insn *out, const struct bpf_insn *body, u32 len, u32 loops);
/* The program in one variant against the reference; complains. */
bool native_same_program(const struct jit_program *program, const struct variant *v,
			 const struct state *start, bool look);
/* The same of a framed program with one function. */
bool native_same(const struct bpf_insn *program, u32 len, const struct variant *v,
		 const struct state *start, bool look);

#endif
