// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interpreter: runs any lowered program, instruction by instruction.
 *
 * Owns the meaning of every opcode (RFC 9669 and the internal ones). The state
 * of a run, registers, program stack and what calls of functions have saved, lives in
 * the frame of the caller of interpret() and is gone with it; nothing is shared between
 * runs, so programs may interrupt each other. Takes no lock, never sleeps by itself.
 * A call of a function is no call of C: what the kernel's stack needs is known.
 *
 * Trusts the program: bounds were proved by the verifier or the classic
 * checker, bpf_prog_select_runtime() refuses an instruction without a handler.
 * Registers and stack are not cleared for a run, the same proof says that they
 * are written before they are read. It must never write to the image, which is
 * read-only and may run on many CPUs.
 *
 * A handler is a label and ends in `goto next`, the only dispatch. A copy of the
 * indirect jump at the end of every handler was measured and is no faster: CPUs
 * predict it by history.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/filter.h>
#include <linux/math64.h>
#include <linux/nospec.h>
#include <linux/string.h>
#include <linux/swab.h>

#include <asm/barrier.h>
#include <asm/byteorder.h>

#include "insn_table.h"

/* Division never traps: RFC 9669, section 4.1. */
static __always_inline u64 udiv(u64 a, u64 b, bool wide)
{
	if (!b)
		return 0;
	return wide ? div64_u64(a, b) : (u32)a / (u32)b;
}

static __always_inline u64 umod(u64 a, u64 b, bool wide)
{
	u64 rem;

	if (!b)
		return a;
	if (!wide)
		return (u32)a % (u32)b;
	div64_u64_rem(a, b, &rem);
	return rem;
}

/* Operands of 32 bits come sign-extended, so that one width does for both. */
static noinline u64 sdiv(s64 a, s64 b)
{
	if (!b)
		return 0;
	if (b == -1)
		return -(u64)a;
	return div64_s64(a, b);
}

static noinline u64 smod(s64 a, s64 b)
{
	if (!b)
		return a;
	if (b == -1)
		return 0;
	return a - div64_s64(a, b) * b;
}

/* The low 8, 16 or 32 bits of @value as a signed number. */
static noinline u64 sign_extend(u64 value, unsigned int bits)
{
	return sign_extend64(value, bits - 1);
}

static __always_inline u64 to_le(u64 value, unsigned int bits)
{
	switch (bits) {
	case 16:
		return (__force u16)cpu_to_le16(value);
	case 32:
		return (__force u32)cpu_to_le32(value);
	default:
		return (__force u64)cpu_to_le64(value);
	}
}

static __always_inline u64 to_be(u64 value, unsigned int bits)
{
	switch (bits) {
	case 16:
		return (__force u16)cpu_to_be16(value);
	case 32:
		return (__force u32)cpu_to_be32(value);
	default:
		return (__force u64)cpu_to_be64(value);
	}
}

static __always_inline u64 bswap(u64 value, unsigned int bits)
{
	switch (bits) {
	case 16:
		return swab16(value);
	case 32:
		return swab32(value);
	default:
		return swab64(value);
	}
}

/*
 * Atomic operations of one width. Those that fetch replace the source register
 * by the old value and order memory fully; compare-and-exchange works on R0.
 */
#define DEFINE_ATOMIC(name, type, counter, prefix)			\
static void name(counter *var, s32 op, u64 *src, u64 *r0)		\
{									\
	type val = *src;						\
									\
	switch (op) {							\
	case BPF_ADD:							\
		prefix##_add(val, var);					\
		break;							\
	case BPF_OR:							\
		prefix##_or(val, var);					\
		break;							\
	case BPF_AND:							\
		prefix##_and(val, var);					\
		break;							\
	case BPF_XOR:							\
		prefix##_xor(val, var);					\
		break;							\
	case BPF_ADD | BPF_FETCH:					\
		*src = (type)prefix##_fetch_add(val, var);		\
		break;							\
	case BPF_OR | BPF_FETCH:					\
		*src = (type)prefix##_fetch_or(val, var);		\
		break;							\
	case BPF_AND | BPF_FETCH:					\
		*src = (type)prefix##_fetch_and(val, var);		\
		break;							\
	case BPF_XOR | BPF_FETCH:					\
		*src = (type)prefix##_fetch_xor(val, var);		\
		break;							\
	case BPF_XCHG:							\
		*src = (type)prefix##_xchg(var, val);			\
		break;							\
	case BPF_CMPXCHG:						\
		*r0 = (type)prefix##_cmpxchg(var, *r0, val);		\
		break;							\
	}								\
}

DEFINE_ATOMIC(atomic_insn_w, u32, atomic_t, atomic)
DEFINE_ATOMIC(atomic_insn_dw, u64, atomic64_t, atomic64)

/*
 * The program a tail call goes to, NULL to stay where we are. A call of an empty
 * slot counts, one of an index outside does not: so does Linux.
 */
static const struct bpf_prog *tail_call_target(const struct bpf_array *array,
					       u32 index, u32 *calls)
{
	u32 slots = array->map.max_entries;

	if (unlikely(index >= slots || *calls == MAX_TAIL_CALL_CNT))
		return NULL;
	++*calls;
	return READ_ONCE(array->ptrs[array_index_nospec(index, slots)]);
}

/* LD_ABS and LD_IND: the packet is in R6, the value goes to R0. */
static int load_packet(u64 *regs, int off, unsigned int bytes)
{
	const struct sk_buff *skb = (void *)(unsigned long)regs[BPF_REG_CTX];
	u32 val;
	int err;

	err = bpf_skb_load(skb, off, bytes, &val);
	if (!err)
		regs[BPF_REG_0] = val;
	return err;
}

/* A helper takes the argument registers whether it looks at them or not. */
static __always_inline u64 call_helper(const u64 *regs, s32 distance)
{
	void *func = (void *)__bpf_call_base + distance;

	return BPF_CAST_CALL(func)(regs[BPF_REG_1], regs[BPF_REG_2],
				   regs[BPF_REG_3], regs[BPF_REG_4],
				   regs[BPF_REG_5]);
}

/**
 * struct frame - what a function finds again behind its call of another
 * @call: the call
 * @regs: R6 to R10
 */
struct frame {
	const struct bpf_insn *call;
	u64 regs[BPF_REG_FP - BPF_REG_6 + 1];
};

/* The one that runs first needs none. */
#define FRAMES	(BPF_MAX_FRAMES - 1)

/* The next function gets the stack that is left. */
static __always_inline void frame_save(struct frame *frame, u64 *regs,
				       const struct bpf_insn *call)
{
	frame->call = call;
	memcpy(frame->regs, &regs[BPF_REG_6], sizeof(frame->regs));
	regs[BPF_REG_FP] -= call->off;
}

static __always_inline const struct bpf_insn *frame_restore(const struct frame *frame, u64 *regs)
{
	memcpy(&regs[BPF_REG_6], frame->regs, sizeof(frame->regs));
	return frame->call;
}

#define DST		regs[insn->dst_reg]
#define SRC		regs[insn->src_reg]
#define MEM(type, base)	(*(type *)(unsigned long)((base) + insn->off))

/*
 * One form of an operation. Expressions see the operands as @a and @b, unsigned,
 * and as @sa and @sb, signed; @wide tells 64 bits from 32.
 */
#define OPERANDS(bits, second)						\
	u##bits a = DST, b = (second);					\
	s##bits sa __maybe_unused = a, sb __maybe_unused = b;		\
	const bool wide __maybe_unused = (bits) == 64

#define ALU_FORM(label, bits, second, expr)				\
	do_##label: {							\
		OPERANDS(bits, second);					\
		DST = (u##bits)(expr);					\
		goto next;						\
	}

#define ALU(op, expr)							\
	ALU_FORM(ALU64_##op##_X, 64, SRC, expr)				\
	ALU_FORM(ALU64_##op##_K, 64, insn->imm, expr)			\
	ALU_FORM(ALU32_##op##_X, 32, SRC, expr)				\
	ALU_FORM(ALU32_##op##_K, 32, insn->imm, expr)

#define JUMP_FORM(label, bits, second, cond)				\
	do_##label: {							\
		OPERANDS(bits, second);					\
		if (cond)						\
			insn += insn->off;				\
		goto next;						\
	}

#define JUMP(op, cond)							\
	JUMP_FORM(JMP64_##op##_X, 64, SRC, cond)			\
	JUMP_FORM(JMP64_##op##_K, 64, insn->imm, cond)			\
	JUMP_FORM(JMP32_##op##_X, 32, SRC, cond)			\
	JUMP_FORM(JMP32_##op##_K, 32, insn->imm, cond)

#define MEMORY(size, type)						\
	do_LDX_MEM_##size:						\
		DST = MEM(type, SRC);					\
		goto next;						\
	do_STX_MEM_##size:						\
		MEM(type, DST) = SRC;					\
		goto next;						\
	do_ST_MEM_##size:						\
		MEM(type, DST) = insn->imm;				\
		goto next;

/* A load outside the packet ends the function with 0. */
#define PACKET(size, bytes)						\
	do_LD_ABS_##size:						\
		if (load_packet(regs, insn->imm, bytes))		\
			goto outside;					\
		goto next;						\
	do_LD_IND_##size:						\
		if (load_packet(regs, insn->imm + (u32)SRC, bytes))	\
			goto outside;					\
		goto next;

/*
 * Run from @insn until the program ends; R1 and R10 are set. @frames is for calls of
 * functions, NULL if there are none. The table and the handlers must be in one
 * function; the handlers are one line each.
 */
static unsigned int interpret(u64 *regs, const struct bpf_insn *insn, struct frame *frames)
{
	__diag_push();
	__diag_ignore_all("-Woverride-init", "rows replace the default");
#define DISPATCH(label, code)	\
		[code] = &&do_##label,
	static const void * const handlers[256] __annotate_jump_table = {
		[0 ... 255] = &&do_unknown,
		BPF_INSN_TABLE(DISPATCH)
		BPF_INTERNAL_INSN_TABLE(DISPATCH)
	};
#undef DISPATCH
	__diag_pop();
	const struct bpf_prog *target;
	u32 tail_calls = 0, depth = 0;

	insn--;
next:
	insn++;
	goto *handlers[insn->code];

	ALU(ADD, a + b)
	ALU(SUB, a - b)
	ALU(MUL, a * b)
	ALU(DIV, likely(!insn->off) ? udiv(a, b, wide) : sdiv(sa, sb))
	ALU(MOD, likely(!insn->off) ? umod(a, b, wide) : smod(sa, sb))
	ALU(OR, a | b)
	ALU(AND, a & b)
	ALU(XOR, a ^ b)
	ALU(LSH, a << (b & (wide ? 63 : 31)))
	ALU(RSH, a >> (b & (wide ? 63 : 31)))
	ALU(ARSH, sa >> (b & (wide ? 63 : 31)))

	ALU_FORM(ALU64_MOV_K, 64, insn->imm, b)
	ALU_FORM(ALU32_MOV_K, 32, insn->imm, b)
	ALU_FORM(ALU64_MOV_X, 64, SRC,
		 likely(!insn->off) ? b : sign_extend(b, insn->off))
	ALU_FORM(ALU32_MOV_X, 32, SRC,
		 likely(!insn->off) ? b : sign_extend(b, insn->off))
	ALU_FORM(ALU64_NEG, 64, 0, -a)
	ALU_FORM(ALU32_NEG, 32, 0, -a)
	ALU_FORM(END_TO_LE, 64, 0, to_le(a, insn->imm))
	ALU_FORM(END_TO_BE, 64, 0, to_be(a, insn->imm))
	ALU_FORM(END_BSWAP, 64, 0, bswap(a, insn->imm))

	JUMP(JEQ, a == b)
	JUMP(JNE, a != b)
	JUMP(JSET, a & b)
	JUMP(JGT, a > b)
	JUMP(JGE, a >= b)
	JUMP(JLT, a < b)
	JUMP(JLE, a <= b)
	JUMP(JSGT, sa > sb)
	JUMP(JSGE, sa >= sb)
	JUMP(JSLT, sa < sb)
	JUMP(JSLE, sa <= sb)

do_JA_OFF:
	insn += insn->off;
	goto next;
do_JA_IMM:
	insn += insn->imm;
	goto next;
do_CALL:
	if (insn->src_reg)
		goto call_function;
	regs[BPF_REG_0] = call_helper(regs, insn->imm);
	goto next;
call_function:
	if (WARN_ON_ONCE(!frames || depth == FRAMES))
		return 0;
	frame_save(&frames[depth++], regs, insn);
	insn += insn->imm;
	goto next;
outside:
	regs[BPF_REG_0] = 0;
do_EXIT:
	if (!depth)
		return regs[BPF_REG_0];
	insn = frame_restore(&frames[--depth], regs);
	goto next;

	MEMORY(B, u8)
	MEMORY(H, u16)
	MEMORY(W, u32)
	MEMORY(DW, u64)

do_LDX_MEMSX_B:
	DST = MEM(s8, SRC);
	goto next;
do_LDX_MEMSX_H:
	DST = MEM(s16, SRC);
	goto next;
do_LDX_MEMSX_W:
	DST = MEM(s32, SRC);
	goto next;

do_ATOMIC_W:
	atomic_insn_w(&MEM(atomic_t, DST), insn->imm, &SRC, regs);
	goto next;
do_ATOMIC_DW:
	atomic_insn_dw(&MEM(atomic64_t, DST), insn->imm, &SRC, regs);
	goto next;

do_LD_IMM64:
	DST = (u32)insn[0].imm | (u64)(u32)insn[1].imm << 32;
	insn++;
	goto next;

	PACKET(B, 1)
	PACKET(H, 2)
	PACKET(W, 4)

	/*
	 * On success another program goes on with the context and the stack of
	 * this run, otherwise the next instruction follows as if nothing had
	 * been asked.
	 */
do_TAIL_CALL:
	target = tail_call_target((void *)(unsigned long)regs[BPF_REG_2],
				  regs[BPF_REG_3], &tail_calls);
	if (!target)
		goto next;
	insn = target->insnsi - 1;
	goto next;

do_NOSPEC:
	barrier_nospec();
	goto next;

	/* Selecting the runtime has refused programs that could come here. */
do_unknown:
	WARN_ON_ONCE(1);
	return 0;
}

/*
 * The entry points: one per size of program stack, so that a program without
 * much state does not need 512 bytes of a deep kernel stack, with frames for calls of
 * functions and without. What KASAN puts around the variables would make the first sort
 * larger than a frame may be.
 */
#define DEFINE_ENTRY(name, size, calls, checked)			\
static unsigned int checked name(const void *ctx, const struct bpf_insn *insn) \
{									\
	struct frame frames[(calls) ? FRAMES : 0];			\
	u64 stack[(size) / sizeof(u64)];				\
	u64 regs[MAX_BPF_EXT_REG];					\
									\
	regs[BPF_REG_1] = (unsigned long)ctx;				\
	regs[BPF_REG_FP] = (unsigned long)&stack[ARRAY_SIZE(stack)];	\
	return interpret(regs, insn, (calls) ? frames : NULL);		\
}

#define DEFINE_ENTRIES(size)						\
DEFINE_ENTRY(interpret_##size, size, false,)				\
DEFINE_ENTRY(interpret_calls_##size, size, true, __no_sanitize_address)

DEFINE_ENTRIES(64)
DEFINE_ENTRIES(128)
DEFINE_ENTRIES(256)
DEFINE_ENTRIES(512)

/**
 * bpf_interp_select() - entry of the interpreter for a program
 * @stack_depth: bytes of stack the program needs, at most MAX_BPF_STACK; a
 *	program with tail calls needs all, the next one runs on the same stack
 * @calls: its functions call each other, or those of a program it goes on as may
 *
 * Context: any.
 * Return: the entry with the smallest stack that suffices.
 */
bpf_func_t bpf_interp_select(u32 stack_depth, bool calls)
{
	if (stack_depth <= 64)
		return calls ? interpret_calls_64 : interpret_64;
	if (stack_depth <= 128)
		return calls ? interpret_calls_128 : interpret_128;
	if (stack_depth <= 256)
		return calls ? interpret_calls_256 : interpret_256;
	return calls ? interpret_calls_512 : interpret_512;
}
