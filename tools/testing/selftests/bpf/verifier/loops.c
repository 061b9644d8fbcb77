// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loops: those that end are followed round by round, all others are refused; those that
 * go on for longer than a load may cost are in limits.c. A rule must hold in the last
 * round of a loop and in its second as well as in its first.
 */
#include <stddef.h>
#include "cases.h"

#define FIELD(f) offsetof(struct __sk_buff, f)

/* The body of a loop over R7 from 0 to n - 1; @len is the length of what is between. */
#define FOR_START	MOV_K(7, 0)
#define FOR_END(n, len)	ALU_K(BPF_ADD, 7, 1), JMP_K(BPF_JLT, 7, n, -(len) - 2)

static const struct vcase cases[] = {
	/* Counters of all kinds. */
	RUNS("up to a constant", 5,
	     MOV_K(0, 0), ALU_K(BPF_ADD, 0, 1), JMP_K(BPF_JLT, 0, 5, -2), EXIT()),
	RUNS("up until equal", 6,
	     MOV_K(0, 0), ALU_K(BPF_ADD, 0, 2), JMP_K(BPF_JNE, 0, 6, -2), EXIT()),
	RUNS("down to 0", 9,
	     MOV_K(0, 0), MOV_K(2, 9), ALU_K(BPF_ADD, 0, 1), ALU_K(BPF_SUB, 2, 1),
	     JMP_K(BPF_JNE, 2, 0, -3), EXIT()),
	RUNS("down below 0", 10,
	     MOV_K(0, 0), MOV_K(2, 9), ALU_K(BPF_ADD, 0, 1), ALU_K(BPF_SUB, 2, 1),
	     JMP_K(BPF_JSGE, 2, 0, -3), EXIT()),
	RUNS("in 32 bits", 7,
	     MOV32_K(0, 0), ALU32_K(BPF_ADD, 0, 1), JMP32_K(BPF_JLE, 0, 6, -2), EXIT()),
	RUNS("by doubling", 64,
	     MOV_K(0, 1), ALU_K(BPF_LSH, 0, 1), JMP_K(BPF_JLE, 0, 32, -2), EXIT()),
	RUNS("until a bit is set", 8,
	     MOV_K(0, 0), ALU_K(BPF_ADD, 0, 1), JMP_K(BPF_JSET, 0, 8, 1), JA(-3), EXIT()),
	RUNS("with a condition at the head", 4,
	     MOV_K(0, 0), JMP_K(BPF_JGE, 0, 4, 2), ALU_K(BPF_ADD, 0, 1), JA(-3), EXIT()),
	RUNS("with the counter on the stack", 3,
	     ST(BPF_DW, 10, -8, 0), LDX(BPF_DW, 0, 10, -8), ALU_K(BPF_ADD, 0, 1),
	     STX(BPF_DW, 10, 0, -8), JMP_K(BPF_JLT, 0, 3, -4), EXIT()),
	RUNS("to a bound of the packet", 4,
	     MOV_X(6, 1), NUMBER(2), ALU_K(BPF_AND, 2, 7), MOV_K(0, 0), JMP_X(BPF_JGE, 0, 2, 2),
	     ALU_K(BPF_ADD, 0, 1), JA(-3), EXIT()),
	RUNS("one in another", 42,
	     MOV_K(0, 0), MOV_K(2, 0), MOV_K(3, 0), ALU_K(BPF_ADD, 0, 1), ALU_K(BPF_ADD, 3, 1),
	     JMP_K(BPF_JLT, 3, 7, -3), ALU_K(BPF_ADD, 2, 1), JMP_K(BPF_JLT, 2, 6, -6), EXIT()),
	RUNS("left in the middle", 3,
	     MOV_X(6, 1), MOV_K(0, 0), NUMBER(2), JMP_K(BPF_JEQ, 0, 3, 2), ALU_K(BPF_ADD, 0, 1),
	     JMP_K(BPF_JLT, 0, 50, -4), EXIT()),
	RUNS("entered in the middle", 10,
	     MOV_X(6, 1), MOV_K(0, 2), NUMBER(2), JMP_K(BPF_JEQ, 2, 100, 1), ALU_K(BPF_ADD, 0, 1),
	     ALU_K(BPF_ADD, 0, 2), JMP_K(BPF_JLT, 0, 10, -3), EXIT()),
	/* Loops that never end, or that nobody can see end. */
	BAD("nothing changes", EINVAL, "infinite loop detected",
	    MOV_X(6, 1), NUMBER(2), MOV_K(0, 0), JMP_K(BPF_JEQ, 2, 0, 1), JA(-1), EXIT()),
	BAD("nothing changes, all registers set", EINVAL, "infinite loop detected",
	    MOV_K(0, 0), MOV_K(2, 0), JMP_K(BPF_JEQ, 2, 0, -1), EXIT()),
	BAD("a counter that nobody counts", EINVAL, "infinite loop detected",
	    MOV_K(0, 0), MOV_X(2, 0), ALU_K(BPF_ADD, 2, 1), JMP_K(BPF_JLT, 0, 5, -3), EXIT()),
	BAD("a counter that goes back and forth", EINVAL, "infinite loop detected",
	    MOV_K(0, 0), ALU_K(BPF_XOR, 0, 1), JMP_K(BPF_JLT, 0, 5, -2), EXIT()),
	BAD("a counter that starts again", EINVAL, "infinite loop detected",
	    MOV_K(0, 0), MOV_K(2, 0), ALU_K(BPF_ADD, 2, 1), JMP_K(BPF_JLT, 2, 5, -2),
	    JMP_K(BPF_JEQ, 0, 0, -4), EXIT()),
	BAD("luck decides", EINVAL, "infinite loop detected",
	    CALL(BPF_FUNC_get_prandom_u32), JMP_K(BPF_JNE, 0, 1, -2), EXIT()),
	BAD("the packet decides, the same each time", EINVAL, "infinite loop detected",
	    MOV_X(6, 1), NUMBER(2), MOV_K(0, 0), JMP_K(BPF_JNE, 2, 1, -2), EXIT()),
	BAD("back to the first instruction, as before", EINVAL, "infinite loop detected",
	    MOV_X(6, 1), LDX(BPF_W, 2, 6, FIELD(cb[0])), JMP_K(BPF_JLT, 2, 8, -3), RET(0)),
	GOOD("an endless one that is never entered",
	     MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 0, 1), JA(-1), EXIT()),

	/* An index in its last round. */
	RUNS("index into a value, last fits", 1,
	     VALUE(ARRAY_48), MOV_X(8, 0), MOV_K(2, 0),
	     MOV_X(3, 8), ALU_X(BPF_ADD, 3, 2), LDX(BPF_B, 4, 3, 0), ALU_K(BPF_ADD, 2, 1),
	     JMP_K(BPF_JLT, 2, 48, -5), LDX(BPF_B, 0, 8, 0), EXIT()),
	BAD("index into a value, last does not", EACCES, "invalid access to map value",
	    VALUE(ARRAY_48), MOV_X(8, 0), MOV_K(2, 0),
	    MOV_X(3, 8), ALU_X(BPF_ADD, 3, 2), LDX(BPF_B, 4, 3, 0), ALU_K(BPF_ADD, 2, 1),
	    JMP_K(BPF_JLT, 2, 49, -5), LDX(BPF_B, 0, 8, 0), EXIT()),
	RUNS("pointer that moves, last fits", 1,
	     VALUE(ARRAY_48), MOV_X(8, 0), MOV_K(2, 0),
	     LDX(BPF_DW, 4, 8, 0), ALU_K(BPF_ADD, 8, 8), ALU_K(BPF_ADD, 2, 1),
	     JMP_K(BPF_JLT, 2, 6, -4), LDX(BPF_DW, 0, 0, 0), EXIT()),
	BAD("pointer that moves, last does not", EACCES, "invalid access to map value",
	    VALUE(ARRAY_48), MOV_X(8, 0), MOV_K(2, 0),
	    LDX(BPF_DW, 4, 8, 0), ALU_K(BPF_ADD, 8, 8), ALU_K(BPF_ADD, 2, 1),
	    JMP_K(BPF_JLT, 2, 7, -4), LDX(BPF_DW, 0, 0, 0), EXIT()),
	RUNS("stack is filled, then read", 28,
	     MOV_X(2, 10), ALU_K(BPF_ADD, 2, -64), MOV_K(3, 0), MOV_K(0, 0),
	     STX(BPF_DW, 2, 3, 0), ALU_K(BPF_ADD, 2, 8), ALU_K(BPF_ADD, 3, 1),
	     JMP_K(BPF_JLT, 3, 8, -4),
	     ALU_K(BPF_ADD, 2, -8), LDX(BPF_DW, 4, 2, 0), ALU_X(BPF_ADD, 0, 4),
	     ALU_K(BPF_SUB, 3, 1), JMP_K(BPF_JNE, 3, 0, -5), EXIT()),
	BAD("stack is filled one too far", EACCES, "invalid write to stack",
	    MOV_X(2, 10), ALU_K(BPF_ADD, 2, -64), MOV_K(3, 0), MOV_K(0, 0),
	    STX(BPF_DW, 2, 3, 0), ALU_K(BPF_ADD, 2, 8), ALU_K(BPF_ADD, 3, 1),
	    JMP_K(BPF_JLT, 3, 9, -4), EXIT()),

	/* What the second round finds. */
	RUNS("a call in each round", 5,
	     FOR_START, CALL(BPF_FUNC_get_prandom_u32), FOR_END(5, 1), MOV_X(0, 7), EXIT()),
	BAD("an argument that the call took", EACCES, "R2 !read_ok",
	    MOV_K(2, 0), FOR_START, MOV_X(3, 2), CALL(BPF_FUNC_get_prandom_u32), FOR_END(5, 2),
	    MOV_X(0, 7), EXIT()),
	RUNS("a value of the round before, asked", 1,
	     MOV_X(6, 1), ST(BPF_DW, 10, -8, 0), MOV_K(9, 0), FOR_START,
	     JMP_K(BPF_JEQ, 9, 0, 1), LDX(BPF_B, 8, 9, 0),
	     MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_MAP(1, ARRAY_48),
	     CALL(BPF_FUNC_map_lookup_elem), MOV_X(9, 0), FOR_END(5, 8), MOV_K(0, 1), EXIT()),
	BAD("a value of the round before, not asked", EACCES, "R9 invalid mem access 'map_value_or_null'",
	    VALUE(ARRAY_48), MOV_X(9, 0), FOR_START,
	    LDX(BPF_B, 8, 9, 0),
	    MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_MAP(1, ARRAY_48),
	    CALL(BPF_FUNC_map_lookup_elem), MOV_X(9, 0), FOR_END(5, 7), MOV_K(0, 1), EXIT()),
	BAD("a pointer that becomes a number", EACCES, "R8 invalid mem access 'scalar'",
	    MOV_X(8, 1), FOR_START, LDX(BPF_W, 8, 8, 0), FOR_END(3, 1), MOV_K(0, 0), EXIT()),
	BAD("a number that one round lets grow", EACCES, "R3 unbounded memory access",
	    VALUE(ARRAY_48), MOV_X(8, 0), LDX(BPF_W, 9, 6, 0), ALU_K(BPF_AND, 9, 7), FOR_START,
	    ALU_K(BPF_LSH, 9, 10), FOR_END(4, 1),
	    MOV_X(3, 8), ALU_X(BPF_ADD, 3, 9), LDX(BPF_B, 0, 3, 0), EXIT()),
	BAD("one of two ways round does not keep the bound", EACCES, "invalid access to map value",
	    VALUE(ARRAY_48), MOV_X(8, 0), MOV_K(9, 40), FOR_START,
	    LDX(BPF_W, 2, 6, 0), JMP_K(BPF_JNE, 2, 3, 1), ALU_K(BPF_ADD, 9, 4), FOR_END(3, 3),
	    MOV_X(3, 8), ALU_X(BPF_ADD, 3, 9), LDX(BPF_B, 0, 3, 0), EXIT()),
	GOOD("both ways round keep it",
	     VALUE(ARRAY_48), MOV_X(8, 0), MOV_K(9, 40), FOR_START,
	     LDX(BPF_W, 2, 6, 0), JMP_K(BPF_JNE, 2, 3, 1), ALU_K(BPF_ADD, 9, 2), FOR_END(3, 3),
	     MOV_X(3, 8), ALU_X(BPF_ADD, 3, 9), LDX(BPF_B, 0, 3, 0), EXIT()),

	/* What is lowered in a loop becomes longer: the jump back goes further. */
	RUNS("over loads of the context", 6,
	     MOV_X(6, 1), FOR_START,
	     LDX(BPF_B, 2, 6, FIELD(pkt_type)), LDX(BPF_W, 3, 6, FIELD(vlan_present)),
	     LDX(BPF_W, 4, 6, FIELD(queue_mapping)), LDX(BPF_W, 5, 6, FIELD(ifindex)),
	     LDX(BPF_W, 2, 6, FIELD(protocol)), LDX(BPF_W, 3, 6, FIELD(vlan_tci)),
	     FOR_END(6, 6), MOV_X(0, 7), EXIT()),
	RUNS("over loads of the packet", 3,
	     MOV_X(6, 1), MOV_K(8, 0), FOR_START, INSN(BPF_LD | BPF_ABS | BPF_B, 0, 0, 0, 0),
	     ALU_X(BPF_ADD, 8, 0), FOR_END(3, 2), MOV_X(0, 8), EXIT()),
	RUNS("over lookups", 4,
	     MOV_X(6, 1), ST(BPF_DW, 10, -8, 0), MOV_K(8, 0), FOR_START,
	     STX(BPF_W, 10, 7, -8), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_MAP(1, ARRAY_8),
	     CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 1), ALU_K(BPF_ADD, 8, 1),
	     FOR_END(9, 8), MOV_X(0, 8), EXIT()),
	RUNS("over code that never runs", 6,
	     MOV_K(2, 1), FOR_START, JMP_K(BPF_JEQ, 2, 1, 2), LDX(BPF_W, 3, 1, FIELD(protocol)),
	     LDX(BPF_W, 3, 1, FIELD(protocol)), FOR_END(6, 3), MOV_X(0, 7), EXIT()),
};

int main(void)
{
	return cases_run(cases, sizeof(cases) / sizeof(*cases));
}
