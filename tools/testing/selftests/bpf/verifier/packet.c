// SPDX-License-Identifier: GPL-2.0-only
/* Addresses of packet bytes: what is proved of them, and what they may be used for. */
#include "cases.h"

#include <stddef.h>

#define FIELD(name)	((int)offsetof(struct __sk_buff, name))
#define DATA(r, ctx)	LDX(BPF_W, r, ctx, FIELD(data))
#define DATA_END(r, ctx) LDX(BPF_W, r, ctx, FIELD(data_end))
#define META(r, ctx)	LDX(BPF_W, r, ctx, FIELD(data_meta))

/* r6 = context, r2 = the packet, r3 = its end */
#define PACKET		MOV_X(6, 1), DATA(2, 1), DATA_END(3, 1)
/* The program ends unless @r <= r3. */
#define OR_END(r)	JMP_X(BPF_JLE, r, 3, 2), RET(0)
/* r4 = r2 + n, and the bytes up to there are there. */
#define NEED(n)		MOV_X(4, 2), ALU_K(BPF_ADD, 4, n), OR_END(4)
/* r5 = an unknown number, at most @mask */
#define SMALL(mask)	NUMBER(5), ALU_K(BPF_AND, 5, mask)
/* A helper that moves the packet: four bytes from the stack. */
#define STORE_BYTES							\
	ST(BPF_DW, 10, -8, 0), MOV_X(1, 6), MOV_K(2, 0), MOV_X(3, 10),	\
	ALU_K(BPF_ADD, 3, -8), MOV_K(4, 4), MOV_K(5, 0),		\
	CALL(BPF_FUNC_skb_store_bytes)
#define LOAD(r, off)	LDX(BPF_B, 0, r, off), RET(0)

#define CLS		.type = BPF_PROG_TYPE_SCHED_CLS
#define YES(what, ...)	{ .name = what, CLS, .insns = { __VA_ARGS__ } }
#define NO(what, errno_, text, ...)					\
	{ .name = what, CLS, .err = -errno_, .log = text, .insns = { __VA_ARGS__ } }
#define OUTSIDE(what, off, size, more, ...)				\
	NO(what, EACCES, "invalid access to packet, off=" #off " size=" #size ", " more, \
	   __VA_ARGS__)
#define STRICT(what, ...)						\
	{ .name = what, CLS, .flags = BPF_F_STRICT_ALIGNMENT, .insns = { __VA_ARGS__ } }
#define NOT_STRICT(what, text, ...)					\
	{ .name = what, CLS, .flags = BPF_F_STRICT_ALIGNMENT, .err = -EACCES, \
	  .log = text, .insns = { __VA_ARGS__ } }

/* A helper with arguments that any of them takes. */
#define CALL_WITH(id)							\
	ST(BPF_DW, 10, -8, 0), MOV_X(1, 6), MOV_K(2, 24), MOV_K(3, 0),	\
	MOV_K(4, 0), MOV_K(5, 0), CALL(id)

#define MOVED(what, ...)						\
	NO(what " ends all pointers", EACCES, "R7 invalid mem access 'scalar'", \
	   PACKET, NEED(4), MOV_X(7, 2), __VA_ARGS__, LOAD(7, 0)),	\
	YES(what ", then asked again", PACKET, NEED(4), __VA_ARGS__, DATA(2, 6), \
	    DATA_END(3, 6), NEED(4), LOAD(2, 3)),			\
	NO(what ", then not asked again", EACCES,			\
	   "invalid access to packet, off=0 size=1, R2(id=0,off=0,r=0)", \
	   PACKET, NEED(4), __VA_ARGS__, DATA(2, 6), DATA_END(3, 6), LOAD(2, 0))
#define KEPT(what, ...)							\
	YES(what " keeps pointers", PACKET, NEED(4), MOV_X(7, 2), __VA_ARGS__, \
	    LOAD(7, 3)),						\
	OUTSIDE(what " proves nothing", 4, 1, "R7(id=0,off=4,r=4)", PACKET, NEED(4), \
		MOV_X(7, 2), __VA_ARGS__, LOAD(7, 4))

static const struct vcase cases[] = {
	/* the context */
	YES("data", DATA(2, 1), RET(0)),
	YES("data_end", DATA_END(2, 1), RET(0)),
	YES("data_meta", META(2, 1), RET(0)),
	{ .name = "an action has them too", .type = BPF_PROG_TYPE_SCHED_ACT,
	  .insns = { PACKET, NEED(4), LOAD(2, 3) } },
	BAD("a socket filter has no data", EACCES, "invalid bpf_context access off=76 size=4",
	    DATA(2, 1), RET(0)),
	BAD("a socket filter has no data_end", EACCES,
	    "invalid bpf_context access off=80 size=4", DATA_END(2, 1), RET(0)),
	BAD("a socket filter has no data_meta", EACCES,
	    "invalid bpf_context access off=140 size=4", META(2, 1), RET(0)),
	NO("no half of data", EACCES, "invalid bpf_context access off=76 size=2",
	   LDX(BPF_H, 2, 1, FIELD(data)), RET(0)),
	NO("nor a byte of data_end", EACCES, "invalid bpf_context access off=83 size=1",
	   LDX(BPF_B, 2, 1, FIELD(data_end) + 3), RET(0)),
	NO("nor 8 bytes of data_end", EACCES, "invalid bpf_context access off=80 size=8",
	   LDX(BPF_DW, 2, 1, FIELD(data_end)), RET(0)),
	NO("nor a store to data", EACCES, "invalid bpf_context access off=76 size=4",
	   MOV_K(2, 0), STX(BPF_W, 1, 2, FIELD(data)), RET(0)),
	NO("nor to data_meta", EACCES, "invalid bpf_context access off=140 size=4",
	   MOV_K(2, 0), STX(BPF_W, 1, 2, FIELD(data_meta)), RET(0)),
	{ .name = "no sign of an address is extended", CLS, .err = -EACCES,
	  .log = "invalid bpf_context access off=76 size=4",
	  .insns = { INSN(BPF_LDX | 0x80 | BPF_W, 2, 1, FIELD(data), 0), RET(0) },
	  .differs = "6.1 has no loads that extend the sign" },

	/* nothing is known before a comparison */
	OUTSIDE("a byte of nothing", 0, 1, "R2(id=0,off=0,r=0)", PACKET, LOAD(2, 0)),
	NO("the reason names the register", EACCES, "R2 offset is outside of the packet",
	   PACKET, LOAD(2, 0)),
	YES("14 bytes", PACKET, NEED(14), LOAD(2, 13)),
	OUTSIDE("not 15", 14, 1, "R2(id=0,off=14,r=14)", PACKET, NEED(14), LOAD(2, 14)),
	YES("the last word", PACKET, NEED(14), LDX(BPF_W, 0, 2, 10), RET(0)),
	OUTSIDE("over the end", 11, 4, "R2(id=0,off=11,r=14)", PACKET, NEED(14),
		LDX(BPF_W, 0, 2, 11), RET(0)),
	OUTSIDE("in front", -1, 1, "R2(id=0,off=-1,r=14)", PACKET, NEED(14), LOAD(2, -1)),
	YES("the one that was compared", PACKET, NEED(14), LOAD(4, -1)),
	OUTSIDE("not up to its own place", 14, 1, "R4(id=0,off=14,r=14)", PACKET, NEED(14),
		LOAD(4, 0)),
	YES("down to the first byte", PACKET, NEED(14), LOAD(4, -14)),
	OUTSIDE("not below", -1, 1, "R4(id=0,off=-1,r=14)", PACKET, NEED(14), LOAD(4, -15)),
	YES("a copy made before", PACKET, MOV_X(7, 2), NEED(14), LOAD(7, 13)),
	YES("a copy made after", PACKET, NEED(14), MOV_X(7, 2), LOAD(7, 13)),
	YES("data loaded before", PACKET, DATA(7, 6), NEED(14), LOAD(7, 13)),
	OUTSIDE("data loaded after", 13, 1, "R7(id=0,off=13,r=0)", PACKET, NEED(14),
		DATA(7, 6), LOAD(7, 13)),
	YES("one on the stack", PACKET, STX(BPF_DW, 10, 2, -8), NEED(14),
	    LDX(BPF_DW, 7, 10, -8), LOAD(7, 13)),
	OUTSIDE("no more than the others", 14, 1, "R7(id=0,off=14,r=14)", PACKET,
		STX(BPF_DW, 10, 2, -8), NEED(14), LDX(BPF_DW, 7, 10, -8), LOAD(7, 14)),
	YES("the larger of two proofs, later", PACKET, NEED(4), NEED(14), LOAD(2, 13)),
	YES("the larger of two proofs, earlier", PACKET, NEED(14), NEED(4), LOAD(2, 13)),
	YES("an end from the stack", PACKET, STX(BPF_DW, 10, 3, -8), MOV_K(3, 0),
	    LDX(BPF_DW, 3, 10, -8), NEED(14), LOAD(2, 13)),
	OUTSIDE("no proof by itself", 0, 1, "R2(id=0,off=0,r=0)", PACKET, NEED(0),
		LOAD(2, 0)),
	YES("most there can be", PACKET, MOV_X(4, 2), ALU_K(BPF_ADD, 4, 32767),
	    ALU_K(BPF_ADD, 4, 32768), OR_END(4), LOAD(2, 32767)),
	OUTSIDE("not more", 0, 1, "R2(id=0,off=0,r=0)", PACKET, MOV_X(4, 2),
		ALU_K(BPF_ADD, 4, 32768), ALU_K(BPF_ADD, 4, 32768), OR_END(4),
		LOAD(2, 0)),
	OUTSIDE("nothing from in front", 0, 1, "R2(id=0,off=0,r=0)", PACKET, NEED(-4),
		LOAD(2, 0)),

	/* what is not a comparison with the end */
	OUTSIDE("with another pointer", 0, 1, "R2(id=0,off=0,r=0)", PACKET, MOV_X(3, 2),
		NEED(14), LOAD(2, 0)),
	OUTSIDE("with the context", 0, 1, "R2(id=0,off=0,r=0)", PACKET, MOV_X(3, 6),
		NEED(14), LOAD(2, 0)),
	OUTSIDE("with a number", 0, 1, "R2(id=0,off=0,r=0)", PACKET, NUMBER(3), NEED(14),
		LOAD(2, 0)),
	OUTSIDE("with an immediate", 0, 1, "R2(id=0,off=0,r=0)", PACKET,
		JMP_K(BPF_JLE, 2, 100, 2), RET(0), LOAD(2, 0)),
	OUTSIDE("half of it", 0, 1, "R2(id=0,off=0,r=0)", PACKET, MOV_X(4, 2),
		ALU_K(BPF_ADD, 4, 14), JMP32_X(BPF_JLE, 4, 3, 2), RET(0), LOAD(2, 0)),
	OUTSIDE("by sign", 0, 1, "R2(id=0,off=0,r=0)", PACKET, MOV_X(4, 2),
		ALU_K(BPF_ADD, 4, 14), JMP_X(BPF_JSLE, 4, 3, 2), RET(0), LOAD(2, 0)),
	OUTSIDE("for being equal", 0, 1, "R2(id=0,off=0,r=0)", PACKET, MOV_X(4, 2),
		ALU_K(BPF_ADD, 4, 14), JMP_X(BPF_JEQ, 4, 3, 2), RET(0), LOAD(2, 0)),
	OUTSIDE("for being different", 0, 1, "R2(id=0,off=0,r=0)", PACKET, MOV_X(4, 2),
		ALU_K(BPF_ADD, 4, 14), JMP_X(BPF_JNE, 4, 3, 2), RET(0), LOAD(2, 0)),
	OUTSIDE("of bits", 0, 1, "R2(id=0,off=0,r=0)", PACKET, MOV_X(4, 2),
		ALU_K(BPF_ADD, 4, 14), JMP_X(BPF_JSET, 4, 3, 2), RET(0), LOAD(2, 0)),

	/* the end itself */
	NO("the end is not read", EACCES, "R3 invalid mem access 'pkt_end'", PACKET,
	   LOAD(3, -1)),
	NO("nor written", EACCES, "R3 invalid mem access 'pkt_end'", PACKET,
	   ST(BPF_B, 3, -1, 0), RET(0)),
	NO("nor moved", EACCES, "R3 pointer arithmetic on pkt_end prohibited", PACKET,
	   ALU_K(BPF_ADD, 3, 1), RET(0)),
	NO("nor moved back", EACCES, "R3 pointer arithmetic on pkt_end prohibited", PACKET,
	   ALU_K(BPF_SUB, 3, 14), RET(0)),
	NO("nor by nothing", EACCES, "R3 pointer arithmetic on pkt_end prohibited", PACKET,
	   ALU_K(BPF_ADD, 3, 0), RET(0)),
	NO("nor added to a number", EACCES, "R5 pointer arithmetic on pkt_end prohibited",
	   PACKET, SMALL(7), ALU_X(BPF_ADD, 5, 3), RET(0)),
	YES("a length is a number", PACKET, ALU_X(BPF_SUB, 3, 2), MOV_X(0, 3), EXIT()),
	NO("one of which nothing is known", EINVAL, "math between pkt pointer and register with unbounded min value",
	   PACKET, ALU_X(BPF_SUB, 3, 2), ALU_X(BPF_ADD, 2, 3), RET(0)),

	/* constants */
	YES("moved, then used", PACKET, NEED(14), ALU_K(BPF_ADD, 2, 10), LDX(BPF_W, 0, 2, 0),
	    RET(0)),
	OUTSIDE("moved, then used too far", 11, 4, "R2(id=0,off=11,r=14)", PACKET, NEED(14),
		ALU_K(BPF_ADD, 2, 11), LDX(BPF_W, 0, 2, 0), RET(0)),
	YES("there and back", PACKET, NEED(14), ALU_K(BPF_ADD, 2, 1000),
	    ALU_K(BPF_SUB, 2, 990), LDX(BPF_W, 0, 2, 0), RET(0)),
	YES("a constant in a register", PACKET, NEED(14), MOV_K(5, 10),
	    ALU_X(BPF_ADD, 2, 5), LDX(BPF_W, 0, 2, 0), RET(0)),
	YES("constant + pointer", PACKET, NEED(14), MOV_K(5, 10), ALU_X(BPF_ADD, 5, 2),
	    LDX(BPF_W, 0, 5, 0), RET(0)),
	YES("pointer - constant", PACKET, NEED(14), MOV_K(5, 4), ALU_X(BPF_SUB, 4, 5),
	    LDX(BPF_W, 0, 4, 0), RET(0)),
	NO("too far", EINVAL, "math between pkt pointer and 536870912 is not allowed",
	   PACKET, ALU_K(BPF_ADD, 2, 1 << 29), RET(0)),
	NO("too far in two steps", EINVAL, "pkt pointer offset 1073741822 is not allowed",
	   PACKET, ALU_K(BPF_ADD, 2, (1 << 29) - 1), ALU_K(BPF_ADD, 2, (1 << 29) - 1),
	   RET(0)),
	NO("nothing but sums", EACCES, "R2 bitwise operator &= on pointer prohibited",
	   PACKET, ALU_K(BPF_AND, 2, -4), RET(0)),
	NO("no product", EACCES, "R2 pointer arithmetic with *= operator prohibited",
	   PACKET, ALU_K(BPF_MUL, 2, 2), RET(0)),
	NO("not in 32 bits", EACCES, "R2 32-bit pointer arithmetic prohibited", PACKET,
	   ALU32_K(BPF_ADD, 2, 2), RET(0)),
	NO("number - pointer", EACCES, "R5 tried to subtract pointer from scalar", PACKET,
	   SMALL(7), ALU_X(BPF_SUB, 5, 2), RET(0)),
	NO("pointer + pointer", EACCES, "R2 pointer += pointer prohibited", PACKET,
	   ALU_X(BPF_ADD, 2, 3), RET(0)),
	NO("a negated pointer is a number", EACCES, "R2 invalid mem access 'scalar'",
	   PACKET, NEED(14), NEG(2), LOAD(2, 0)),
	NO("half a pointer is a number", EACCES, "R2 invalid mem access 'scalar'", PACKET,
	   NEED(14), MOV32_X(2, 2), LOAD(2, 0)),

	/* numbers */
	YES("a number, then a comparison", PACKET, SMALL(255), ALU_X(BPF_ADD, 2, 5),
	    NEED(4), LDX(BPF_W, 0, 2, 0), RET(0)),
	OUTSIDE("a number, then too much", 1, 4, "R2(id=1,off=1,r=4)", PACKET, SMALL(255),
		ALU_X(BPF_ADD, 2, 5), NEED(4), LDX(BPF_W, 0, 2, 1), RET(0)),
	OUTSIDE("a comparison, then a number", 0, 1, "R2(id=1,off=0,r=0)", PACKET,
		NEED(300), SMALL(255), ALU_X(BPF_ADD, 2, 5), LOAD(2, 0)),
	YES("number + pointer", PACKET, SMALL(255), ALU_X(BPF_ADD, 5, 2), MOV_X(2, 5),
	    NEED(4), LOAD(2, 3)),
	YES("two numbers", PACKET, SMALL(255), ALU_X(BPF_ADD, 2, 5), SMALL(15),
	    ALU_X(BPF_ADD, 2, 5), NEED(4), LOAD(2, 3)),
	YES("a constant before", PACKET, SMALL(255), ALU_K(BPF_ADD, 2, 14),
	    ALU_X(BPF_ADD, 2, 5), NEED(4), LOAD(2, -14)),
	OUTSIDE("a constant before, below", -1, 1, "R2(id=1,off=-1,r=18)", PACKET,
		SMALL(255), ALU_K(BPF_ADD, 2, 14), ALU_X(BPF_ADD, 2, 5), NEED(4),
		LOAD(2, -15)),
	OUTSIDE("the same number is not the same pointer", 0, 1, "R7(id=2,off=0,r=0)",
		PACKET, SMALL(255), MOV_X(7, 2), ALU_X(BPF_ADD, 2, 5),
		ALU_X(BPF_ADD, 7, 5), NEED(4), LOAD(7, 0)),
	OUTSIDE("nor is data", 0, 1, "R7(id=0,off=0,r=0)", PACKET, SMALL(255), MOV_X(7, 2),
		ALU_X(BPF_ADD, 2, 5), NEED(4), LOAD(7, 0)),
	YES("but a copy is", PACKET, SMALL(255), ALU_X(BPF_ADD, 2, 5), MOV_X(7, 2), NEED(4),
	    LOAD(7, 3)),
	YES("as far as 65535", PACKET, SMALL(0xfff8), ALU_X(BPF_ADD, 2, 5), NEED(7),
	    LOAD(2, 6)),
	OUTSIDE("no further", 0, 1, "R2(id=1,off=0,r=0)", PACKET, SMALL(0xfff8),
		ALU_X(BPF_ADD, 2, 5), NEED(8), LOAD(2, 0)),
	OUTSIDE("not as far as any", 0, 1, "R2(id=1,off=0,r=0)", PACKET, NUMBER(5),
		ALU_X(BPF_ADD, 2, 5), NEED(4), LOAD(2, 0)),
	NO("numbers without lower end", EINVAL,
	   "math between pkt pointer and register with unbounded min value is not allowed",
	   MOV_X(6, 1), VALUE(ARRAY_8), LDX(BPF_DW, 5, 0, 0), DATA(2, 6),
	   ALU_X(BPF_ADD, 2, 5), RET(0)),
	NO("numbers that are far", EINVAL, "value 536870912 makes pkt pointer be out of bounds",
	   PACKET, SMALL(7), ALU_K(BPF_ADD, 5, 1 << 29), ALU_X(BPF_ADD, 2, 5), RET(0)),
	NO("a number that may be negative", EACCES,
	   "R2 min value is negative, either use unsigned index or do a if (index >=0) check.",
	   PACKET, SMALL(7), ALU_K(BPF_SUB, 5, 4), ALU_X(BPF_ADD, 2, 5), NEED(8),
	   LOAD(2, 4)),
	YES("one that is not, after a constant", PACKET, SMALL(7), ALU_K(BPF_ADD, 5, 4),
	    ALU_K(BPF_SUB, 2, 4), ALU_X(BPF_ADD, 2, 5), NEED(8), LOAD(2, 4)),
	YES("a number subtracted and another added", PACKET, SMALL(7), ALU_X(BPF_SUB, 2, 5),
	    SMALL(7), ALU_K(BPF_ADD, 5, 7), ALU_X(BPF_ADD, 2, 5), NEED(8), LOAD(2, 4)),
	NO("a number subtracted", EACCES, "R2 min value is negative", PACKET, NEED(14),
	   SMALL(7), ALU_X(BPF_SUB, 2, 5), LOAD(2, 7)),
	YES("what was there stays below the end", PACKET, SMALL(7), ALU_K(BPF_ADD, 5, 7),
	    ALU_X(BPF_ADD, 2, 5), NEED(8), SMALL(7), ALU_X(BPF_SUB, 2, 5), LOAD(2, 7)),
	OUTSIDE("and no more than it", 8, 1, "R2(id=2,off=8,r=8)", PACKET, SMALL(7),
		ALU_K(BPF_ADD, 5, 7), ALU_X(BPF_ADD, 2, 5), NEED(8), SMALL(7),
		ALU_X(BPF_SUB, 2, 5), LOAD(2, 8)),
	OUTSIDE("not if what is subtracted may be negative", 0, 1, "R2(id=2,off=0,r=0)",
		PACKET, SMALL(7), ALU_K(BPF_ADD, 5, 7), ALU_X(BPF_ADD, 2, 5), NEED(8),
		SMALL(7), ALU_K(BPF_SUB, 5, 1), ALU_X(BPF_SUB, 2, 5), LOAD(2, 0)),

	/* writes */
	YES("a word is written", PACKET, NEED(14), MOV_K(5, 1), STX(BPF_W, 2, 5, 10), RET(0)),
	OUTSIDE("over the end", 11, 4, "R2(id=0,off=11,r=14)", PACKET, NEED(14), MOV_K(5, 1),
		STX(BPF_W, 2, 5, 11), RET(0)),
	YES("an immediate is written", PACKET, NEED(14), ST(BPF_B, 2, 13, 1), RET(0)),
	OUTSIDE("not over the end", 14, 1, "R2(id=0,off=14,r=14)", PACKET, NEED(14),
		ST(BPF_B, 2, 14, 1), RET(0)),
	YES("an address is written", PACKET, NEED(14), STX(BPF_DW, 2, 10, 0), RET(0)),
	NO("no atomics", EACCES, "BPF_ATOMIC stores into R2 pkt is not allowed", PACKET,
	   NEED(14), MOV_K(5, 1), ATOMIC(BPF_W, BPF_ADD, 2, 5, 0), RET(0)),
	NO("nor in front", EACCES, "BPF_ATOMIC stores into R2 pkt_meta is not allowed",
	   MOV_X(6, 1), META(2, 1), DATA(3, 1), NEED(8), MOV_K(5, 1),
	   ATOMIC(BPF_DW, BPF_ADD, 2, 5, 0), RET(0)),
	YES("what was written is a number", PACKET, NEED(14), STX(BPF_DW, 2, 10, 0),
	    LDX(BPF_DW, 0, 2, 0), EXIT()),
	NO("not a pointer", EACCES, "R7 invalid mem access 'scalar'", PACKET, NEED(14),
	   STX(BPF_DW, 2, 10, 0), LDX(BPF_DW, 7, 2, 0), ST(BPF_B, 7, -1, 0), RET(0)),

	/* in front of the packet */
	YES("bytes in front", MOV_X(6, 1), META(2, 1), DATA(3, 1), NEED(8), LOAD(2, 7)),
	OUTSIDE("not more of them", 8, 1, "R2(id=0,off=8,r=8)", MOV_X(6, 1), META(2, 1),
		DATA(3, 1), NEED(8), LOAD(2, 8)),
	YES("written", MOV_X(6, 1), META(2, 1), DATA(3, 1), NEED(8), ST(BPF_W, 2, 4, 1),
	    RET(0)),
	OUTSIDE("the end of the packet is not their end", 0, 1, "R2(id=0,off=0,r=0)",
		MOV_X(6, 1), META(2, 1), DATA_END(3, 1), NEED(8), LOAD(2, 0)),
	OUTSIDE("nor is a byte of it", 0, 1, "R2(id=0,off=0,r=0)", MOV_X(6, 1), META(2, 1),
		DATA(3, 1), ALU_K(BPF_ADD, 3, 1), NEED(8), LOAD(2, 0)),
	OUTSIDE("nor one in front", 0, 1, "R2(id=0,off=0,r=0)", MOV_X(6, 1), META(2, 1),
		DATA(3, 1), ALU_K(BPF_SUB, 3, 1), NEED(8), LOAD(2, 0)),
	OUTSIDE("nor one that nobody knows", 0, 1, "R2(id=0,off=0,r=0)", MOV_X(6, 1),
		META(2, 1), DATA(3, 1), SMALL(7), ALU_X(BPF_ADD, 3, 5), NEED(8), LOAD(2, 0)),
	YES("the packet from a byte that came back", MOV_X(6, 1), META(2, 1), DATA(3, 1),
	    ALU_K(BPF_ADD, 3, 8), ALU_K(BPF_SUB, 3, 8), NEED(8), LOAD(2, 7)),
	OUTSIDE("bytes in front say nothing of those behind", 0, 1, "R3(id=0,off=0,r=0)",
		MOV_X(6, 1), META(2, 1), DATA(3, 1), NEED(8), LOAD(3, 0)),
	OUTSIDE("nor those behind of these", 0, 1, "R7(id=0,off=0,r=0)", PACKET, META(7, 1),
		NEED(8), LOAD(7, 0)),
	OUTSIDE("the packet does not begin in front", -1, 1, "R3(id=0,off=-1,r=0)",
		MOV_X(6, 1), META(2, 1), DATA(3, 1), NEED(8), LOAD(3, -1)),

	/* paths */
	YES("the smaller of two proofs", PACKET, NUMBER(5), MOV_X(4, 2),
	    JMP_K(BPF_JGT, 5, 100, 2), ALU_K(BPF_ADD, 4, 14), JA(1), ALU_K(BPF_ADD, 4, 20),
	    OR_END(4), LOAD(2, 13)),
	OUTSIDE("not the larger", 19, 1, "R2(id=0,off=19,r=14)", PACKET, NUMBER(5),
		MOV_X(4, 2), JMP_K(BPF_JGT, 5, 100, 5), ALU_K(BPF_ADD, 4, 20), OR_END(4),
		JA(4), ALU_K(BPF_ADD, 4, 14), OR_END(4), MOV_K(4, 0), LOAD(2, 19)),
	OUTSIDE("a path without one", 0, 1, "R2(id=0,off=0,r=0)", PACKET, NUMBER(5),
		JMP_K(BPF_JGT, 5, 100, 5), NEED(14), MOV_K(4, 0), LOAD(2, 0)),
	YES("a pointer of either path", PACKET, NEED(14), NUMBER(5),
	    JMP_K(BPF_JGT, 5, 100, 1), ALU_K(BPF_ADD, 2, 4), MOV_K(4, 0), LOAD(2, 9)),
	OUTSIDE("too far on one", 14, 1, "R2(id=0,off=14,r=14)", PACKET, NEED(14),
		NUMBER(5), JMP_K(BPF_JGT, 5, 100, 1), ALU_K(BPF_ADD, 2, 4), MOV_K(4, 0),
		LOAD(2, 10)),
	OUTSIDE("one identity is not two", 0, 1, "R7(id=2,off=0,r=0)", PACKET, SMALL(7),
		MOV_X(7, 2), ALU_X(BPF_ADD, 2, 5), ALU_X(BPF_ADD, 7, 5), NUMBER(5),
		JMP_K(BPF_JGT, 5, 100, 1), MOV_X(7, 2), NEED(4), LOAD(7, 0)),
	YES("one instruction, packet or stack", PACKET, NEED(14), ST(BPF_DW, 10, -16, 0),
	    ST(BPF_DW, 10, -8, 0), NUMBER(5), JMP_K(BPF_JGT, 5, 100, 2), MOV_X(2, 10),
	    ALU_K(BPF_ADD, 2, -16), LOAD(2, 0)),
	NO("packet or context", EINVAL, "same insn cannot be used with different pointers",
	   PACKET, NEED(14), NUMBER(5), JMP_K(BPF_JGT, 5, 100, 1), MOV_X(2, 6),
	   LDX(BPF_W, 0, 2, 0), RET(0)),

	/* behind the end */
	YES("behind, so never read", PACKET, MOV_X(4, 2), ALU_K(BPF_ADD, 4, 8),
	    JMP_X(BPF_JGT, 4, 3, 2), RET(0), JMP_X(BPF_JGT, 4, 3, 1), LDX(BPF_B, 0, 2, 100),
	    RET(0)),
	YES("behind is at or behind", PACKET, MOV_X(4, 2), ALU_K(BPF_ADD, 4, 8),
	    JMP_X(BPF_JGT, 4, 3, 2), RET(0), JMP_X(BPF_JGE, 4, 3, 1), LDX(BPF_B, 0, 2, 100),
	    RET(0)),
	YES("not below", PACKET, MOV_X(4, 2), ALU_K(BPF_ADD, 4, 8), JMP_X(BPF_JGT, 4, 3, 2),
	    RET(0), JMP_X(BPF_JLT, 3, 4, 1), LDX(BPF_B, 0, 2, 100), RET(0)),
	YES("at the end is not below", PACKET, MOV_X(4, 2), ALU_K(BPF_ADD, 4, 8),
	    JMP_X(BPF_JGE, 4, 3, 2), RET(0), JMP_X(BPF_JGE, 4, 3, 1), LDX(BPF_B, 0, 2, 100),
	    RET(0)),
	OUTSIDE("at the end may be at the end", 100, 1, "R2(id=0,off=100,r=8)", PACKET,
		MOV_X(4, 2), ALU_K(BPF_ADD, 4, 8), JMP_X(BPF_JGE, 4, 3, 2), RET(0),
		JMP_X(BPF_JGT, 4, 3, 1), LDX(BPF_B, 0, 2, 100), RET(0)),
	NO("behind nothing is read", EINVAL, "R4 offset is outside of the packet", PACKET,
	   MOV_X(4, 2), ALU_K(BPF_ADD, 4, 8), JMP_X(BPF_JGT, 4, 3, 2), RET(0), LOAD(4, -8)),
	OUTSIDE("others know nothing of it", 0, 1, "R2(id=0,off=0,r=0)", PACKET,
		MOV_X(4, 2), ALU_K(BPF_ADD, 4, 8), JMP_X(BPF_JGT, 4, 3, 2), RET(0),
		LOAD(2, 0)),
	{ .name = "moved down it may be in front of the end", CLS, .err = -EACCES,
	  .log = "invalid access to packet, off=100 size=1",
	  .insns = { PACKET, MOV_X(4, 2), ALU_K(BPF_ADD, 4, 8), JMP_X(BPF_JGT, 4, 3, 2),
		     RET(0), ALU_K(BPF_SUB, 4, 8), JMP_X(BPF_JGT, 4, 3, 1),
		     LDX(BPF_B, 0, 2, 100), RET(0) },
	  .differs = "6.1 takes it to be behind the end still" },
	YES("moved up from a near number it is behind", PACKET, SMALL(0xff), MOV_X(4, 2),
	    ALU_X(BPF_ADD, 4, 5), JMP_X(BPF_JGT, 4, 3, 2), RET(0), ALU_K(BPF_ADD, 4, 8),
	    JMP_X(BPF_JGT, 4, 3, 1), LDX(BPF_B, 0, 2, 100), RET(0)),
	/* data + (-1 - data) is behind the end, the byte after it is address 0 */
	{ .name = "moved up from a far number it may be anywhere", CLS, .err = -EACCES,
	  .log = "invalid access to packet, off=100 size=1",
	  .insns = { PACKET, NUMBER(5), ALU_K(BPF_LSH, 5, 31), MOV_X(4, 2),
		     ALU_X(BPF_ADD, 4, 5), JMP_X(BPF_JGT, 4, 3, 2), RET(0),
		     ALU_K(BPF_ADD, 4, 8), JMP_X(BPF_JGT, 4, 3, 1), LDX(BPF_B, 0, 2, 100),
		     RET(0) },
	  .differs = "6.1 does not ask whether the address can wrap" },
	YES("moved up it is behind", PACKET, MOV_X(4, 2), ALU_K(BPF_ADD, 4, 8),
	    JMP_X(BPF_JGT, 4, 3, 2), RET(0), ALU_K(BPF_ADD, 4, 8), JMP_X(BPF_JGT, 4, 3, 1),
	    LDX(BPF_B, 0, 2, 100), RET(0)),

	/* alignment */
	STRICT("aligned behind the padding", PACKET, NEED(18), LDX(BPF_W, 0, 2, 14), RET(0)),
	NOT_STRICT("the first word is not", "misaligned packet access off 2+(0x0; 0x0)+0+0 size 4",
		   PACKET, NEED(16), LDX(BPF_W, 0, 2, 0), RET(0)),
	STRICT("the first half is", PACKET, NEED(16), LDX(BPF_H, 0, 2, 0), RET(0)),
	NOT_STRICT("the second byte is not", "misaligned packet access off 2+(0x0; 0x0)+0+1 size 2",
		   PACKET, NEED(16), LDX(BPF_H, 0, 2, 1), RET(0)),
	STRICT("bytes are", PACKET, NEED(16), LOAD(2, 13)),
	STRICT("a multiple is", PACKET, SMALL(252), ALU_X(BPF_ADD, 2, 5), NEED(16),
	       LDX(BPF_W, 0, 2, 2), RET(0)),
	NOT_STRICT("another number is not",
		   "misaligned packet access off 2+(0x0; 0xfe)+0+2 size 4", PACKET,
		   SMALL(254), ALU_X(BPF_ADD, 2, 5), NEED(16), LDX(BPF_W, 0, 2, 2), RET(0)),
	NOT_STRICT("nor is a write", "misaligned packet access off 2+(0x0; 0x0)+4+0 size 8",
		   PACKET, NEED(16), ALU_K(BPF_ADD, 2, 4), ST(BPF_DW, 2, 0, 0), RET(0)),
	STRICT("in front likewise", MOV_X(6, 1), META(2, 1), DATA(3, 1), NEED(8),
	       LDX(BPF_W, 0, 2, 2), RET(0)),
	NOT_STRICT("in front not", "misaligned packet access off 2+(0x0; 0x0)+0+0 size 4",
		   MOV_X(6, 1), META(2, 1), DATA(3, 1), NEED(8), LDX(BPF_W, 0, 2, 0), RET(0)),
	YES("without the flag any address", PACKET, NEED(16), LDX(BPF_DW, 0, 2, 3), RET(0)),

	/* helpers */
	YES("a key", PACKET, NEED(4), LD_MAP(1, HASH_48), CALL(BPF_FUNC_map_lookup_elem),
	    RET(0)),
	OUTSIDE("part of a key", 0, 4, "R2(id=0,off=0,r=3)", PACKET, NEED(3),
		LD_MAP(1, HASH_48), CALL(BPF_FUNC_map_lookup_elem), RET(0)),
	YES("a key further inside", PACKET, NEED(14), ALU_K(BPF_ADD, 2, 10),
	    LD_MAP(1, ARRAY_8), CALL(BPF_FUNC_map_lookup_elem), RET(0)),
	OUTSIDE("too far inside", 11, 4, "R2(id=0,off=11,r=14)", PACKET, NEED(14),
		ALU_K(BPF_ADD, 2, 11), LD_MAP(1, ARRAY_8), CALL(BPF_FUNC_map_lookup_elem),
		RET(0)),
	YES("a value", PACKET, NEED(12), MOV_X(3, 2), ALU_K(BPF_ADD, 3, 4),
	    LD_MAP(1, ARRAY_8), MOV_K(4, 0), CALL(BPF_FUNC_map_update_elem), RET(0)),
	OUTSIDE("part of a value", 4, 8, "R3(id=0,off=4,r=11)", PACKET, NEED(11),
		MOV_X(3, 2), ALU_K(BPF_ADD, 3, 4), LD_MAP(1, ARRAY_8), MOV_K(4, 0),
		CALL(BPF_FUNC_map_update_elem), RET(0)),
	YES("a key to delete", PACKET, NEED(4), LD_MAP(1, HASH_48),
	    CALL(BPF_FUNC_map_delete_elem), RET(0)),
	YES("a key from in front", MOV_X(6, 1), META(2, 1), DATA(3, 1), NEED(4),
	    LD_MAP(1, HASH_48), CALL(BPF_FUNC_map_lookup_elem), RET(0)),
	NO("the end is no key", EACCES, "R2 type=pkt_end expected=fp, pkt, pkt_meta, map_key, map_value",
	   PACKET, MOV_X(2, 3), LD_MAP(1, HASH_48), CALL(BPF_FUNC_map_lookup_elem), RET(0)),
	NO("a packet is no map", EACCES, "R1 type=pkt expected=map_ptr", PACKET, NEED(4),
	   MOV_X(1, 2), CALL(BPF_FUNC_map_lookup_elem), RET(0)),
	NO("nor a context", EACCES, "helper access to the packet is not allowed", PACKET,
	   NEED(8), MOV_X(1, 2), MOV_K(2, 0), MOV_X(3, 10), ALU_K(BPF_ADD, 3, -8),
	   ST(BPF_DW, 10, -8, 0), MOV_K(4, 4), MOV_K(5, 0), CALL(BPF_FUNC_skb_store_bytes),
	   RET(0)),
	NO("no source of bytes", EACCES, "helper access to the packet is not allowed", PACKET,
	   NEED(8), MOV_X(3, 2), MOV_X(1, 6), MOV_K(2, 0), MOV_K(4, 4), MOV_K(5, 0),
	   CALL(BPF_FUNC_skb_store_bytes), RET(0)),
	NO("no text", EACCES, "helper access to the packet is not allowed", PACKET, NEED(8),
	   MOV_X(1, 2), MOV_K(2, 4), CALL(BPF_FUNC_trace_printk), RET(0)),
	YES("a number like any other", PACKET, MOV_X(3, 2), ST(BPF_DW, 10, -8, 0),
	    MOV_X(1, 10), ALU_K(BPF_ADD, 1, -8), MOV_K(2, 8), CALL(BPF_FUNC_trace_printk),
	    RET(0)),
	YES("lookups keep pointers", PACKET, NEED(14), MOV_X(7, 2), LD_MAP(1, HASH_48),
	    CALL(BPF_FUNC_map_lookup_elem), LOAD(7, 13)),
	YES("loads keep pointers", PACKET, NEED(14), MOV_X(7, 2), LDABS(BPF_B, 0),
	    LOAD(7, 13)),

	/* helpers that move the packet */
	MOVED("skb_store_bytes", STORE_BYTES),
	MOVED("l3_csum_replace", CALL_WITH(BPF_FUNC_l3_csum_replace)),
	MOVED("l4_csum_replace", CALL_WITH(BPF_FUNC_l4_csum_replace)),
	MOVED("clone_redirect", CALL_WITH(BPF_FUNC_clone_redirect)),
	MOVED("skb_vlan_push", CALL_WITH(BPF_FUNC_skb_vlan_push)),
	MOVED("skb_vlan_pop", CALL_WITH(BPF_FUNC_skb_vlan_pop)),
	KEPT("get_cgroup_classid", CALL_WITH(BPF_FUNC_get_cgroup_classid)),
	KEPT("get_prandom_u32", CALL_WITH(BPF_FUNC_get_prandom_u32)),
	KEPT("skb_set_tunnel_key", ST(BPF_DW, 10, -32, 0), ST(BPF_DW, 10, -24, 0),
	     ST(BPF_DW, 10, -16, 0), ST(BPF_DW, 10, -8, 0), MOV_X(1, 6), MOV_X(2, 10),
	     ALU_K(BPF_ADD, 2, -32), MOV_K(3, 28), MOV_K(4, 0),
	     CALL(BPF_FUNC_skb_set_tunnel_key)),
	KEPT("skb_get_tunnel_key", MOV_X(1, 6), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -32),
	     MOV_K(3, 28), MOV_K(4, 0), CALL(BPF_FUNC_skb_get_tunnel_key)),
	NO("a pointer on the stack ends too", EACCES, "R7 invalid mem access 'scalar'",
	   PACKET, NEED(4), STX(BPF_DW, 10, 2, -16), STORE_BYTES, LDX(BPF_DW, 7, 10, -16),
	   LOAD(7, 0)),
	NO("the end ends too", EACCES, "invalid access to packet, off=0 size=1, R2(id=0,off=0,r=0)",
	   PACKET, MOV_X(7, 3), STORE_BYTES, DATA(2, 6), MOV_X(3, 7), NEED(4), LOAD(2, 0)),
	YES("on one path only", PACKET, NEED(4), MOV_X(7, 2), NUMBER(5),
	    JMP_K(BPF_JGT, 5, 100, 10), STORE_BYTES, RET(0), LOAD(7, 3)),
};

int main(void)
{
	return cases_run(cases, ARRAY_LEN(cases));
}
