// SPDX-License-Identifier: GPL-2.0-only
/*
 * What conditional jumps tell. A refused load through R0, which was never
 * written ("R0 !read_ok"), marks an edge that must be walked; the same load on
 * an edge that must not be does no harm.
 */
#include "cases.h"

/* Ends the load with a refusal if it is walked. */
#define TRAP	LDX(BPF_W, 0, 5, 0)
#define TRAPPED	"R5 !read_ok"

/* The edge of "r2 op k" that is not possible holds the trap. */
#define DEAD_TAKEN(...)		__VA_ARGS__, JA(1), TRAP, RET(1)
#define DEAD_NEXT(...)		__VA_ARGS__, TRAP, RET(1)

/* r2 = a number from lo to lo + 7 */
#define FROM(lo)							\
	LDX(BPF_W, 2, 1, 0), ALU_K(BPF_AND, 2, 7), ALU_K(BPF_ADD, 2, lo)

#define NUMBER2	LDX(BPF_W, 2, 1, 0)

/* r3 = r2 as an index of a value of 8 bytes; R1 must be the context */
#define AS_INDEX							\
	MOV_X(7, 2), LOOKUP(ARRAY_8), JMP_K(BPF_JNE, 0, 0, 1), EXIT(),	\
	ALU_X(BPF_ADD, 0, 7), LDX(BPF_B, 0, 0, 0), RET(1)

static const struct vcase cases[] = {
	BAD("operands are written", EACCES, "R2 !read_ok",
	    JMP_K(BPF_JEQ, 2, 0, 0), RET(0)),
	BAD("both", EACCES, "R3 !read_ok", MOV_K(2, 1),
	    JMP_X(BPF_JEQ, 2, 3, 0), RET(0)),

	/* constants decide */
	RUNS("== of equals", 1, MOV_K(2, 5), DEAD_NEXT(JMP_K(BPF_JEQ, 2, 5, 1))),
	RUNS("== of others", 1, MOV_K(2, 5), DEAD_TAKEN(JMP_K(BPF_JEQ, 2, 6, 1))),
	RUNS("!= of others", 1, MOV_K(2, 5), DEAD_NEXT(JMP_K(BPF_JNE, 2, 6, 1))),
	RUNS("> is unsigned", 1, MOV_K(2, -1), DEAD_NEXT(JMP_K(BPF_JGT, 2, 0, 1))),
	RUNS("s> is signed", 1, MOV_K(2, -1), DEAD_TAKEN(JMP_K(BPF_JSGT, 2, 0, 1))),
	RUNS("a 32-bit constant is not sign-extended", 1, MOV32_K(2, -1),
	     DEAD_TAKEN(JMP_K(BPF_JEQ, 2, -1, 1))),
	RUNS("a 64-bit constant is", 1, MOV_K(2, -1),
	     DEAD_NEXT(JMP_K(BPF_JEQ, 2, -1, 1))),
	RUNS("32-bit jumps see the low half", 1, LD64(2, 0x500000001ULL),
	     DEAD_NEXT(JMP32_K(BPF_JEQ, 2, 1, 1))),
	RUNS("64-bit jumps see all", 1, LD64(2, 0x500000001ULL),
	     DEAD_TAKEN(JMP_K(BPF_JEQ, 2, 1, 1))),
	RUNS("& tests bits", 1, MOV_K(2, 6), DEAD_TAKEN(JMP_K(BPF_JSET, 2, 9, 1))),
	RUNS("& tests any bit", 1, MOV_K(2, 6), DEAD_NEXT(JMP_K(BPF_JSET, 2, 10, 1))),
	BAD("an edge that is possible is walked", EACCES, TRAPPED, NUMBER2,
	    DEAD_NEXT(JMP_K(BPF_JEQ, 2, 5, 1))),
	BAD("also the other", EACCES, TRAPPED, NUMBER2,
	    DEAD_TAKEN(JMP_K(BPF_JEQ, 2, 5, 1))),

	/* ranges decide */
	RUNS("a range below", 1, FROM(0), DEAD_TAKEN(JMP_K(BPF_JGT, 2, 7, 1))),
	BAD("a range that touches", EACCES, TRAPPED, FROM(0),
	    DEAD_TAKEN(JMP_K(BPF_JGT, 2, 6, 1))),
	RUNS("a range above", 1, FROM(8), DEAD_NEXT(JMP_K(BPF_JGE, 2, 8, 1))),
	BAD("a range that touches from above", EACCES, TRAPPED, FROM(8),
	    DEAD_NEXT(JMP_K(BPF_JGE, 2, 9, 1))),
	RUNS("a negative range, signed", 1, FROM(-8),
	     DEAD_NEXT(JMP_K(BPF_JSLT, 2, 0, 1))),
	RUNS("a negative range, unsigned", 1, FROM(-8),
	     DEAD_TAKEN(JMP_K(BPF_JLT, 2, 100, 1))),
	BAD("a range across 0", EACCES, TRAPPED, FROM(-4),
	    DEAD_NEXT(JMP_K(BPF_JSLT, 2, 0, 1))),
	RUNS("bits that are known", 1, NUMBER2, ALU_K(BPF_OR, 2, 1),
	     DEAD_NEXT(JMP_K(BPF_JSET, 2, 1, 1))),
	RUNS("twice the same question", 1, NUMBER2, JMP_K(BPF_JGT, 2, 9, 3),
	     DEAD_TAKEN(JMP_K(BPF_JGT, 2, 9, 1))),
	RUNS("once != and then ==", 1, NUMBER2, JMP_K(BPF_JNE, 2, 0, 2),
	     DEAD_NEXT(JMP_K(BPF_JEQ, 2, 0, 1))),

	/* the copies share */
	RUNS("a copy is bounded with its source", 1, NUMBER2, MOV_X(3, 2),
	     JMP_K(BPF_JGT, 3, 7, 13), AS_INDEX, RET(1)),
	RUNS("and the source with its copy", 1, NUMBER2, MOV_X(3, 2),
	     JMP_K(BPF_JGT, 2, 7, 14), MOV_X(2, 3), AS_INDEX, RET(1)),
	BAD("not after the copy was changed", EACCES,
	    "R0 unbounded memory access", NUMBER2, MOV_X(3, 2),
	    ALU_K(BPF_AND, 3, 7), JMP_K(BPF_JGT, 3, 7, 13), AS_INDEX, RET(1)),
	BAD("nor on the other edge", EACCES, "R0 unbounded memory access",
	    NUMBER2, MOV_X(3, 2), JMP_K(BPF_JLT, 3, 7, 13), AS_INDEX, RET(1)),
	BAD("equal on one path only is not equal", EACCES,
	    "R0 unbounded memory access", LDX(BPF_W, 3, 1, 4), NUMBER2,
	    LDX(BPF_W, 4, 1, 8), JMP_K(BPF_JGT, 4, 9, 1), MOV_X(3, 2),
	    JMP_K(BPF_JGT, 3, 7, 13), AS_INDEX, RET(1)),
	RUNS("== with a constant", 1, NUMBER2, JMP_K(BPF_JNE, 2, 5, 13),
	     AS_INDEX, RET(1)),
	RUNS("== with a register", 1, NUMBER2, LDX(BPF_W, 3, 1, 4),
	     ALU_K(BPF_AND, 3, 7), JMP_X(BPF_JNE, 2, 3, 13), AS_INDEX, RET(1)),
	{ .name = "< a register", .runs = true, .ret = 1,
	  .insns = { NUMBER2, LDX(BPF_W, 3, 1, 4), ALU_K(BPF_AND, 3, 7),
		     JMP_X(BPF_JGE, 2, 3, 13), AS_INDEX, RET(1) },
	  .differs = "learns only from constants" },

	/* counts of shifts, modulo the width */
	{ "a shift by 65 is one by 1", .runs = true, .ret = 1,
	  .insns = { MOV_K(2, 8), MOV_K(3, 65), ALU_X(BPF_RSH, 2, 3), AS_INDEX },
	  .differs = "forgets the value" },
	{ "a shift by 64 is none", .err = -EACCES, .log = "invalid access to map value",
	  .insns = { MOV_K(2, 8), MOV_K(3, 64), ALU_X(BPF_RSH, 2, 3), AS_INDEX },
	  .differs = "forgets the value" },
	{ "a short one by 33 is one by 1", .runs = true, .ret = 1,
	  .insns = { MOV_K(2, 8), MOV_K(3, 33), ALU32_X(BPF_RSH, 2, 3), AS_INDEX },
	  .differs = "forgets the value" },

	/* pointers */
	GOOD("pointers may be compared", JMP_X(BPF_JEQ, 1, 10, 2), RET(0),
	     RET(1)),
	BAD("nothing is known of the outcome", EACCES, TRAPPED,
	    DEAD_NEXT(JMP_X(BPF_JEQ, 1, 10, 1))),
	BAD("of either", EACCES, TRAPPED,
	    DEAD_TAKEN(JMP_X(BPF_JEQ, 1, 10, 1))),
	GOOD("with numbers too", NUMBER2, JMP_X(BPF_JGT, 1, 2, 2), RET(0),
	     RET(1)),
	RUNS("a checked value is not null", 1, VALUE(ARRAY_8),
	     DEAD_NEXT(JMP_K(BPF_JNE, 0, 0, 1))),
	BAD("the stack is not asked", EACCES, TRAPPED,
	    DEAD_TAKEN(JMP_K(BPF_JEQ, 10, 0, 1))),
	BAD("nor the context", EACCES, TRAPPED,
	    DEAD_NEXT(JMP_K(BPF_JNE, 1, 0, 1))),
	BAD("nor a map", EACCES, TRAPPED, LD_MAP(2, ARRAY_8),
	    DEAD_NEXT(JMP_K(BPF_JNE, 2, 0, 1))),
	BAD("they may be 1", EACCES, TRAPPED,
	    DEAD_TAKEN(JMP_K(BPF_JEQ, 10, 1, 1))),
	BAD("32 bits of them may be 0", EACCES, TRAPPED,
	    DEAD_TAKEN(JMP32_K(BPF_JEQ, 10, 0, 1))),

	/* null checks */
	RUNS("== 0", 1, LOOKUP(ARRAY_8), JMP_K(BPF_JEQ, 0, 0, 1),
	     LDX(BPF_DW, 0, 0, 0), EXIT()),
	RUNS("!= 0", 1, LOOKUP(ARRAY_8), JMP_K(BPF_JNE, 0, 0, 1), EXIT(),
	     LDX(BPF_DW, 0, 0, 0), EXIT()),
	BAD("on the wrong edge", EACCES, "R0 invalid mem access 'scalar'",
	    LOOKUP(ARRAY_8), JMP_K(BPF_JNE, 0, 0, 1), LDX(BPF_DW, 0, 0, 0),
	    RET(0)),
	RUNS("null is the number 0", 1, LOOKUP(ARRAY_8),
	     JMP_K(BPF_JNE, 0, 0, 2), DEAD_NEXT(JMP_K(BPF_JEQ, 0, 0, 1))),
	BAD("> 0 is no check", EACCES,
	    "R0 invalid mem access 'map_value_or_null'", LOOKUP(ARRAY_8),
	    JMP_K(BPF_JGT, 0, 0, 2), RET(0), LDX(BPF_DW, 0, 0, 0), EXIT()),
	BAD("!= 1 is none", EACCES,
	    "R0 invalid mem access 'map_value_or_null'", LOOKUP(ARRAY_8),
	    JMP_K(BPF_JEQ, 0, 1, 1), LDX(BPF_DW, 0, 0, 0), RET(0)),
	BAD("32 bits are none", EACCES,
	    "R0 invalid mem access 'map_value_or_null'", LOOKUP(ARRAY_8),
	    JMP32_K(BPF_JEQ, 0, 0, 1), LDX(BPF_DW, 0, 0, 0), RET(0)),
	BAD("a register with 0 is none", EACCES,
	    "R0 invalid mem access 'map_value_or_null'", LOOKUP(ARRAY_8),
	    MOV_K(1, 0), JMP_X(BPF_JEQ, 0, 1, 1), LDX(BPF_DW, 0, 0, 0), RET(0)),
	RUNS("a copy is checked with its source", 1, LOOKUP(ARRAY_8),
	     MOV_X(7, 0), JMP_K(BPF_JEQ, 0, 0, 1), LDX(BPF_DW, 0, 7, 0),
	     EXIT()),
	BAD("another value of the same map is not", EACCES,
	    "R7 invalid mem access 'map_value_or_null'", LOOKUP(ARRAY_8),
	    MOV_X(7, 0), LOOKUP(ARRAY_8), JMP_K(BPF_JEQ, 0, 0, 1),
	    LDX(BPF_DW, 0, 7, 0), EXIT()),

	/* the result of a dead edge does not count */
	RUNS("an edge that is not walked may be wrong", 1, MOV_K(2, 0),
	     JMP_K(BPF_JEQ, 2, 0, 2), ST(BPF_DW, 10, 0, 0),
	     STX(BPF_DW, 3, 4, 0), RET(1)),
};

int main(void)
{
	return cases_run(cases, ARRAY_LEN(cases));
}
