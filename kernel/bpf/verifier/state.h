/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the verifier knows at one point of one path: the frames of the functions that
 * were called and have not returned, each with its registers and its stack.
 */
#ifndef _BPF_VERIFIER_STATE_H
#define _BPF_VERIFIER_STATE_H

#include <linux/bpf.h>
#include <linux/types.h>

#include "defs.h"
#include "scalar.h"
#include "verifier.h"

#define FRAME_SLOTS	(MAX_BPF_STACK / 8)

#define ALL_BYTES	0xff

/* What a value is. Only plain ones, without OR_NULL, may be followed. */
enum reg_kind {
	REG_NONE = 0,			/* never written, or not any more */
	REG_SCALAR,			/* a number */
	REG_CTX,			/* the context of the program */
	REG_MAP_PTR,			/* a map, as an argument of helpers */
	REG_MAP_VALUE,			/* inside a value of a map */
	REG_MAP_VALUE_OR_NULL,		/* its start, or 0 */
	REG_STACK,			/* inside the stack of a frame */
	REG_PACKET,			/* near the first byte of the packet */
	REG_PACKET_META,		/* near the first byte in front of it */
	REG_PACKET_END,			/* behind the last linear byte */
	__REG_KINDS
};

/* Instead of a number of bytes in vreg.range: where the pointer itself is. */
#define PACKET_AT_END		(-1)	/* at data_end or behind it */
#define PACKET_BEYOND_END	(-2)	/* behind it */

/**
 * struct vreg - one value
 * @kind: what it is
 * @range: REG_PACKET, REG_PACKET_META: what is proved of it, see packet.c
 * @off: pointers: constant distance from the start of the object; for the
 *	stack from the frame pointer
 * @def: scalars: the definition; equal numbers are equal values
 * @id: REG_MAP_VALUE_OR_NULL: values with the same id are null together;
 *	REG_PACKET, REG_PACKET_META: those with the same id have the same @num
 * @frame: REG_STACK: number of the frame
 * @map: map of the pointer
 * @num: scalars: the value; pointers: what is added to @off
 */
struct vreg {
	u8 kind;
	s32 range : 24;
	s32 off;
	u32 def;
	union {
		u32 id;
		u32 frame;
	};
	struct bpf_map *map;
	struct scalar num;
};

/**
 * struct vslot - eight bytes of stack
 * @val: what they hold; a pointer only when all of it was stored at once;
 *	bits of @val.num in bytes that were not written are unknown
 * @init: bit b: byte b (from the lowest address) was written
 * @needed: in a finished stored state: it was needed; see stored.c
 */
struct vslot {
	struct vreg val;
	u8 init;
	bool needed;
};

/**
 * struct vframe - a function that was called and has not returned
 * @call: the instruction that called it; 0 in the first frame
 * @func: number of the function
 * @nslots: slots in use; those beyond were never written
 * @reg: registers
 * @slot: stack; slot s is fp - 8 * (s + 1)
 */
struct vframe {
	u32 call;
	u16 func;
	u16 nslots;
	struct vreg reg[MAX_BPF_REG];
	struct vslot slot[FRAME_SLOTS];
};

/**
 * struct vstate - all frames at one point of one path
 * @depth: number of the frame that runs; frame 0 is that of the first function
 * @frame: the frames. Kept states are packed: of each frame they have
 *	vframe_size() bytes, the next one stands right behind them
 */
struct vstate {
	u32 depth;
	struct vframe frame[];
};

/**
 * struct live - which part of a frame matters at an instruction
 * @regs: bit r: register r
 * @slots: bit s: stack slot s
 */
struct live {
	u16 regs;
	u64 slots;
};

static inline bool reg_is_pointer(const struct vreg *reg)
{
	return reg->kind > REG_SCALAR;
}

/* A pointer that packet bytes may be accessed through. */
static inline bool reg_is_packet(const struct vreg *reg)
{
	return reg->kind == REG_PACKET || reg->kind == REG_PACKET_META;
}

/* A pointer of which the exact offset is known: @off. */
static inline bool reg_is_fixed(const struct vreg *reg)
{
	return scalar_is_const(&reg->num) && !scalar_const_value(&reg->num);
}

/* Bytes of a frame that has to be kept: unused slots are left out. */
static inline size_t vframe_size(const struct vframe *frame)
{
	return offsetof(struct vframe, slot) + frame->nslots * sizeof(frame->slot[0]);
}

/* The frame behind one in a packed state. */
static inline struct vframe *vframe_packed_next(const struct vframe *frame)
{
	return (struct vframe *)((char *)frame + vframe_size(frame));
}

static inline struct vframe *vstate_top(struct vstate *st)
{
	return &st->frame[st->depth];
}

/* Where a stack byte is: distance below the frame pointer, 1 .. 512. */
static inline u32 stack_slot(s32 off)
{
	return (-off - 1) / 8;
}

static inline u32 stack_byte(s32 off)
{
	return off & 7;
}

void reg_scalar(struct vreg *reg, const struct scalar *num, u32 def);
void reg_pointer(struct vreg *reg, enum reg_kind kind, struct bpf_map *map);
void vframe_keep(struct vframe *frame, const struct live *live);
void vframe_grow(struct vframe *frame, u32 nslots);
const struct vslot *vframe_slot(const struct vframe *frame, u32 s);
bool vframe_number(const struct vframe *frame, s32 off, u32 size, struct scalar *num, u32 *def);

void vframe_init(struct vframe *frame, u32 number, u32 func, u32 call);
void vstate_init(struct vstate *st);
void vstate_copy(struct vstate *dst, const struct vstate *src);
size_t vstate_packed_size(const struct vstate *st);
void vstate_pack(struct vstate *packed, const struct vstate *st);
void vstate_unpack(struct vstate *st, const struct vstate *packed);

const char *reg_kind_name(enum reg_kind kind);
void reg_print(struct vlog *log, const struct vreg *reg);
void vframe_print(struct vlog *log, const struct vframe *frame,
		  const struct live *which, const char *mark);

#endif /* _BPF_VERIFIER_STATE_H */
