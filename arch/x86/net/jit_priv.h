/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the JIT share.
 *
 *	jit_flow.c	where control comes together, which registers are live
 *	jit_func.c	functions of the program: their frames, calls of them
 *	jit_layout.c	the draft, short and long jumps, the checked image
 *	jit_blind.c	what is hidden from the author of a program
 *	jit_select.c	table of opcodes; moves and arithmetic
 *	jit_div.c	division and remainder
 *	jit_mem.c	loads, stores, atomics
 *	jit_control.c	entry, exit, jumps, calls
 *	jit_packet.c	packet loads
 *	jit_tail.c	tail calls
 *	jit_fuse.c	instructions that become fewer
 *
 * The code of an instruction is a chunk. One that is rarely run is put behind
 * the program, into a cold chunk. Jumps between chunks go through x86_jit_jump(),
 * which alone knows that they have two sizes, and calls to the outside through
 * x86_jit_call_address(): a selector never looks at an address.
 *
 * Registers: R0 rax, R1-R5 rdi rsi rdx rcx r8 (so that calls move nothing),
 * R6-R9 rbx r13 r14 r15, R10 rbp, the hidden one r12. r9-r11 are scratch:
 * r9 holds constants, and from one packet load to the next r10 and r11 hold the
 * size and the address of the linear data.
 */
#ifndef _JIT_PRIV_H
#define _JIT_PRIV_H

#include <linux/filter.h>

#include "jit.h"
#include "jit_encode.h"

#define JIT_REGS	(MAX_BPF_EXT_REG)
#define JIT_REG_FIELD	16		/* what an instruction can name */
#define JIT_ALWAYS	(-1)		/* in place of a condition */
#define JIT_CALL	(-2)		/* and it comes back */
#define JIT_CALL_FUNC	(-3)		/* of a function, at its entry */

/* Slow packet loads: one stub for each of three sizes, and what these share. */
#define JIT_PACKET_STUBS	4

/* Registers that a function keeps for who called it: R6-R9 and the hidden one. */
#define JIT_SAVED_REGS	5

struct jit;

/* ---- flow ---------------------------------------------------------------- */

/**
 * struct jit_flow - of one slot
 * @live: registers that may be read after it
 * @before: registers that may be read from it on
 * @leader: control may come from elsewhere than the slot before
 */
struct jit_flow {
	u16 live;
	u16 before;
	bool leader;
};

/**
 * struct jit_uses - of the whole program
 * @sites: most jumps its code can have
 * @colds: most cold chunks
 * @outsides: most calls and jumps to the outside
 * @marks: places that the owner of the image will want to know
 * @loops: a jump goes back
 */
struct jit_uses {
	u32 sites;
	u32 colds;
	u32 outsides;
	u32 marks;
	bool loops;
};

/**
 * struct jit_func - a function of the program; the first is where it begins
 * @start: its first slot
 * @end: behind its last slot
 * @stack: bytes below rbp for the program
 * @entry: bytes of code in front of its first instruction
 * @exit: slot of its first exit
 * @regs: registers it names
 * @calls: it calls helpers or functions, or loads from packets
 * @calls_funcs: it calls functions
 * @packets: it loads from packets
 * @tail_calls: it makes tail calls
 * @counts: its frame has the count of tail calls
 * @frame: rbp is set up
 * @packet_stub: chunks of slow packet loads, 0: not there yet
 */
struct jit_func {
	u32 start;
	u32 end;
	u32 stack;
	u32 entry;
	u32 exit;
	u16 regs;
	bool calls;
	bool calls_funcs;
	bool packets;
	bool tail_calls;
	bool counts;
	bool frame;
	u32 packet_stub[JIT_PACKET_STUBS];
};

int x86_jit_flow(struct jit *j);

/* ---- the state of a compilation ------------------------------------------ */

/**
 * struct jit_site - a jump between chunks, or a call
 * @chunk: where it is
 * @drafted: where it ends in the draft
 * @end: where it ends in the image
 * @target: chunk it goes to
 * @cc: condition, JIT_ALWAYS or JIT_CALL; JIT_CALL_FUNC if @target is a function
 * @wide: it has the long form
 */
struct jit_site {
	u32 chunk;
	u32 drafted;
	u32 end;
	u32 target;
	s8 cc;
	bool wide;
};

typedef void (*jit_select_t)(struct jit *j, const struct bpf_insn *insn);

/**
 * struct jit_cold - a cold chunk
 * @slot: whose instruction @make gets
 * @func: whose code it is
 * @make: makes its code
 */
struct jit_cold {
	u32 slot;
	struct jit_func *func;
	jit_select_t make;
};

/**
 * struct jit_outside - a call of, or a jump to, something outside the image
 * @drafted: where it ends in the draft
 * @address: of what
 */
struct jit_outside {
	u32 drafted;
	u64 address;
};

/* Of a tail call to a known slot: one in its code, two in its cold chunk. */
#define JIT_TAIL_MARKS	3

/**
 * struct jit_mark - a place in the code of a tail call to a known slot
 * @drafted: in the draft
 * @at: in the image, once that is written
 * @slot: whose code it is
 * @func: where that is
 */
struct jit_mark {
	u32 drafted;
	u32 at;
	u32 slot;
	const struct jit_func *func;
};

/**
 * struct jit - one compilation
 * @code: the draft
 * @insns: input
 * @len: slots of @insns
 * @tail_sites: input
 * @target: input
 * @funcs: all functions, in order
 * @nfuncs: how many
 * @flow: facts of each slot
 * @uses: facts of the program
 * @start: per chunk where it starts; slots, the end, then cold chunks
 * @cold: all cold chunks, in order
 * @colds: how many
 * @sites: all jumps, in order
 * @nsites: how many
 * @outsides: all calls to the outside, in order
 * @noutsides: how many
 * @marks: all of them, in order
 * @nmarks: how many
 * @err: first thing that went wrong
 * @slot: being compiled
 * @chunk: being compiled
 * @func: being compiled
 * @tail: where tail calls come in
 * @body: behind the prologue
 * @draws: random numbers taken
 * @clear: registers whose upper half is 0
 * @zero_at: up to here the zero flag tells of a register whether it is 0
 * @zero_reg: of which
 * @zero_wide: of all of it
 * @packet: r10 and r11 describe the packet
 * @label: positions inside a chunk
 */
struct jit {
	struct x86_code code;
	const struct bpf_insn *insns;
	u32 len;
	u32 tail_sites;
	struct jit_target target;
	struct jit_func *funcs;
	u32 nfuncs;
	struct jit_flow *flow;
	struct jit_uses uses;
	u32 *start;
	struct jit_cold *cold;
	u32 colds;
	struct jit_site *sites;
	u32 nsites;
	struct jit_outside *outsides;
	u32 noutsides;
	struct jit_mark *marks;
	u32 nmarks;
	int err;
	u32 slot;
	u32 chunk;
	struct jit_func *func;
	u32 tail;
	u32 body;
	u32 draws;
	u16 clear;
	u32 zero_at;
	u8 zero_reg;
	bool zero_wide;
	bool packet;
	u32 label[2];
};

/* In place of zero_at: it tells nothing. */
#define JIT_NOWHERE	U32_MAX

/* What an instruction makes of the upper half of its destination. */
enum jit_upper {
	JIT_UPPER_DEPENDS,
	JIT_UPPER_BY_OPERANDS,
	JIT_UPPER_CLEARED,
	JIT_UPPER_FILLED,
	JIT_UPPER_KEPT,
};

/* Whether instructions that begin with it may become fewer. */
enum jit_first {
	JIT_FIRST_OF_NONE,
	JIT_FIRST_CONSTANT,
	JIT_FIRST_MOVE,
	JIT_FIRST_LOAD,
	JIT_FIRST_SWAP,
	JIT_FIRSTS,
};

/* What there is to an instruction besides its operands. */
enum jit_kind {
	JIT_KIND_PLAIN,
	JIT_KIND_ATOMIC,
	JIT_KIND_DIVISION,
	JIT_KIND_PACKET,
	JIT_KIND_WIDE,
	JIT_KIND_JUMP,
	JIT_KIND_ALWAYS_JUMP,
	JIT_KIND_CALL,
	JIT_KIND_TAIL_CALL,
	JIT_KIND_EXIT,
};

/*
 * Registers that an instruction reads, a bit each, and in the upper half those that it
 * always writes.
 */
#define JIT_READS(regs)		((u32)(u16)(regs))
#define JIT_WRITES(regs)	((u32)(u16)(regs) << 16)

#define JIT_ARG_REGS	(BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5))

/**
 * struct jit_row - of the table of opcodes, the only one
 * @select: makes the code; NULL: there is no such instruction
 * @upper: enum jit_upper
 * @first: enum jit_first
 * @kind: enum jit_kind
 * @dst: whether it reads and writes its destination: all registers or none
 * @src: whether it reads its source, likewise
 * @more: registers it reads and writes whatever it names
 */
struct jit_row {
	jit_select_t select;
	u8 upper;
	u8 first;
	u8 kind;
	u32 dst;
	u32 src;
	u32 more;
};

extern const struct jit_row x86_jit_rows[256];
extern const u8 x86_jit_reg[JIT_REG_FIELD];
extern const u8 x86_jit_alu_ops[16];
extern const u8 x86_jit_shift_ops[16];

/* ---- what selectors ask -------------------------------------------------- */

static inline u8 dst_of(const struct bpf_insn *insn)
{
	return x86_jit_reg[insn->dst_reg];
}

static inline u8 src_of(const struct bpf_insn *insn)
{
	return x86_jit_reg[insn->src_reg];
}

/* 64 bits of ALU and JMP, whose classes are odd, or 32 of the even ones? */
static inline bool is_wide(const struct bpf_insn *insn)
{
	BUILD_BUG_ON(!(BPF_ALU64 & BPF_JMP & 1) || (BPF_ALU | BPF_JMP32) & 1);
	return insn->code & 1;
}

static inline bool by_reg(const struct bpf_insn *insn)
{
	return BPF_SRC(insn->code) == BPF_X;
}

static inline bool is_clear(const struct jit *j, u8 bpf_reg)
{
	return j->clear >> bpf_reg & 1;
}

static inline bool is_live(const struct jit *j, u32 slot, u8 bpf_reg)
{
	return j->flow[slot].live >> bpf_reg & 1;
}

static inline struct x86_mem mem_of(u8 bpf_base, s16 off)
{
	return X86_MEM(x86_jit_reg[bpf_base], off);
}

static inline u32 slots_of(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW) ? 2 : 1;
}

/* A constant as an operand of 64 bits, or of 32. */
static inline s64 extended(bool w, s32 imm)
{
	return w ? (s64)imm : (s64)(u32)imm;
}

static inline s64 imm_of(const struct bpf_insn *insn)
{
	return extended(is_wide(insn), insn->imm);
}

/* ADD, SUB, OR, AND, XOR of the machine; -1 for other operations. */
static inline int alu_of(u8 op)
{
	return x86_jit_alu_ops[op >> 4] - 1;
}

/* The code so far ends with an instruction whose zero flag is that of the result. */
static inline void sets_zero_flag(struct jit *j, const struct bpf_insn *insn)
{
	j->zero_at = j->code.pos;
	j->zero_reg = insn->dst_reg;
	j->zero_wide = is_wide(insn);
}

static inline void jit_fail(struct jit *j, int err)
{
	if (!j->err)
		j->err = err;
}

/* ---- jit_func.c ---------------------------------------------------------- */

int x86_jit_find_funcs(struct jit *j, const struct jit_program *program);
void x86_jit_decide_frames(struct jit *j);
u8 x86_jit_saved_reg(const struct jit_func *f, u32 i);
u32 x86_jit_frame_layout(const struct jit_func *f);
void x86_jit_call_func(struct jit *j, const struct bpf_insn *insn);

/* ---- jit_layout.c -------------------------------------------------------- */

void x86_jit_jump(struct jit *j, int cc, u32 chunk);
u32 x86_jit_cold_chunk(struct jit *j, jit_select_t make);
void x86_jit_call_address(struct jit *j, u64 address, bool jump);
void x86_jit_mark(struct jit *j);
void x86_jit_local(struct jit *j, const struct bpf_insn *insn, jit_select_t body);
void x86_jit_label(struct jit *j, int label);
void x86_jit_local_jump(struct jit *j, int cc, int label);

/* ---- jit_blind.c --------------------------------------------------------- */

void x86_jit_load_blinded(struct jit *j, u8 reg, u64 value);
struct x86_mem x86_jit_address(struct jit *j, u8 base, s16 off, u8 scratch);
void x86_jit_pad(struct jit *j);

/* ---- selection ----------------------------------------------------------- */

void x86_jit_load_imm(struct jit *j, u8 reg, u64 value);
u8 x86_jit_imm_reg(struct jit *j, u64 value);
void x86_jit_alu_imm(struct jit *j, enum x86_alu op, bool w, u8 reg, s32 imm);
void x86_jit_clear_upper(struct jit *j, u8 bpf_reg);
void x86_jit_keep_value(struct jit *j, const struct bpf_insn *insn);
void x86_jit_track_operands(struct jit *j, const struct bpf_insn *insn);
void x86_jit_track_depending(struct jit *j, const struct bpf_insn *insn);

void x86_jit_div(struct jit *j, const struct bpf_insn *insn);

void x86_jit_ldx(struct jit *j, const struct bpf_insn *insn);
void x86_jit_st(struct jit *j, const struct bpf_insn *insn);
void x86_jit_stx(struct jit *j, const struct bpf_insn *insn);
void x86_jit_atomic(struct jit *j, const struct bpf_insn *insn);

void x86_jit_prologue(struct jit *j);
void x86_jit_undo_prologue(struct jit *j);
void x86_jit_return(struct jit *j);
void x86_jit_stop_speculation(struct jit *j);
void x86_jit_ja(struct jit *j, const struct bpf_insn *insn);
void x86_jit_branch(struct jit *j, const struct bpf_insn *insn);
void x86_jit_exit(struct jit *j, const struct bpf_insn *insn);
void x86_jit_call(struct jit *j, const struct bpf_insn *insn);
void x86_jit_nospec(struct jit *j, const struct bpf_insn *insn);
void x86_jit_packet(struct jit *j, const struct bpf_insn *insn);
enum x86_cc x86_jit_condition(const struct bpf_insn *insn);
bool x86_jit_is_signed_jump(const struct bpf_insn *insn);
u32 x86_jit_jump_target(const struct bpf_insn *insn, u32 slot);

void x86_jit_tail_call(struct jit *j, const struct bpf_insn *insn);
struct x86_mem x86_jit_count_distance(const struct jit *j);

u32 x86_jit_fuse(struct jit *j, u32 slot);

/* Note what an instruction just compiled does to upper halves. */
static inline void x86_jit_track(struct jit *j, const struct bpf_insn *insn, u8 upper)
{
	if (upper == JIT_UPPER_CLEARED)
		j->clear |= BIT(insn->dst_reg);
	else if (upper == JIT_UPPER_FILLED)
		j->clear &= ~BIT(insn->dst_reg);
	else if (upper == JIT_UPPER_BY_OPERANDS)
		x86_jit_track_operands(j, insn);
	else if (upper == JIT_UPPER_DEPENDS)
		x86_jit_track_depending(j, insn);
}

#endif /* _JIT_PRIV_H */
