// SPDX-License-Identifier: GPL-2.0-only
/* The context, and packet loads, which take it from R6. */
#include "cases.h"

#define CB	48

static const struct vcase cases[] = {
	RUNS("len", 100, LDX(BPF_W, 0, 1, 0), EXIT()),
	RUNS("a byte of it", 100, LDX(BPF_B, 0, 1, 0), EXIT()),
	BAD("beyond all fields", EACCES,
	    "invalid bpf_context access off=1000 size=4", LDX(BPF_W, 0, 1, 1000),
	    EXIT()),
	BAD("before the first", EACCES,
	    "invalid bpf_context access off=-4 size=4", LDX(BPF_W, 0, 1, -4),
	    EXIT()),
	BAD("between two fields", EACCES,
	    "invalid bpf_context access off=2 size=4", LDX(BPF_W, 0, 1, 2),
	    EXIT()),
	BAD("two fields at once", EACCES,
	    "invalid bpf_context access off=0 size=8", LDX(BPF_DW, 0, 1, 0),
	    EXIT()),
	RUNS("a field that may be written", 3, MOV_K(2, 3),
	     STX(BPF_W, 1, 2, CB), LDX(BPF_W, 0, 1, CB), EXIT()),
	BAD("one that may not", EACCES,
	    "invalid bpf_context access off=0 size=4", MOV_K(2, 1),
	    STX(BPF_W, 1, 2, 0), RET(0)),
	BAD("no immediates", EACCES, "BPF_ST stores into R1 ctx is not allowed",
	    ST(BPF_W, 1, CB, 0), RET(0)),
	GOOD("a pointer may be written there", STX(BPF_DW, 1, 1, CB), RET(0)),

	/* moved contexts */
	BAD("a moved context is not read", EACCES,
	    "dereference of modified ctx ptr R1 off=8 disallowed",
	    ALU_K(BPF_ADD, 1, 8), LDX(BPF_W, 0, 1, 0), EXIT()),
	BAD("nor written", EACCES,
	    "dereference of modified ctx ptr R1 off=48 disallowed",
	    MOV_K(2, 0), ALU_K(BPF_ADD, 1, CB), STX(BPF_W, 1, 2, 0), RET(0)),
	BAD("nor one moved backwards", EACCES,
	    "negative offset ctx ptr R1 off=-8 disallowed",
	    ALU_K(BPF_SUB, 1, 8), LDX(BPF_W, 0, 1, 8), EXIT()),
	RUNS("one that came back is", 100, ALU_K(BPF_ADD, 1, 8),
	     ALU_K(BPF_ADD, 1, -8), LDX(BPF_W, 0, 1, 0), EXIT()),
	GOOD("it may be moved", ALU_K(BPF_ADD, 1, 8), RET(0)),
	BAD("by a number", EACCES,
	    "variable ctx access var_off=(0x0; 0x8) disallowed",
	    LDX(BPF_W, 0, 1, 0), ALU_K(BPF_AND, 0, 8), ALU_X(BPF_ADD, 1, 0),
	    LDX(BPF_W, 0, 1, 0), EXIT()),

	/* what a load gives */
	BAD("a field is as wide as its load", EACCES,
	    "R0 unbounded memory access", VALUE(ARRAY_8), LDX(BPF_W, 1, 6, 0),
	    ALU_X(BPF_ADD, 0, 1), LDX(BPF_B, 0, 0, 0), EXIT()),
	BAD("a byte has 8 bits", EACCES,
	    "invalid access to map value, value_size=48 off=255 size=1",
	    VALUE(ARRAY_48), LDX(BPF_B, 1, 6, 0), ALU_X(BPF_ADD, 0, 1),
	    LDX(BPF_B, 0, 0, 0), EXIT()),

	/* one instruction, two kinds of memory */
	BAD("context or stack", EINVAL,
	    "same insn cannot be used with different pointers",
	    MOV_X(2, 1), LDX(BPF_W, 3, 1, 0), ST(BPF_DW, 10, -8, 0),
	    JMP_K(BPF_JEQ, 3, 0, 2), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8),
	    LDX(BPF_W, 0, 2, 0), EXIT()),
	BAD("stack or context", EINVAL,
	    "same insn cannot be used with different pointers",
	    MOV_X(2, 1), LDX(BPF_W, 3, 1, 0), ST(BPF_DW, 10, -8, 0),
	    JMP_K(BPF_JNE, 3, 0, 2), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8),
	    LDX(BPF_W, 0, 2, 0), EXIT()),
	BAD("in a store", EINVAL,
	    "same insn cannot be used with different pointers",
	    MOV_X(2, 1), LDX(BPF_W, 3, 1, 0), MOV_K(4, 0),
	    JMP_K(BPF_JEQ, 3, 0, 2), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -96),
	    STX(BPF_W, 2, 4, CB), RET(0)),
	GOOD("stack or map value", VALUE(ARRAY_8), LDX(BPF_W, 3, 6, 0),
	     ST(BPF_DW, 10, -8, 0), JMP_K(BPF_JEQ, 3, 0, 2), MOV_X(0, 10),
	     ALU_K(BPF_ADD, 0, -8), LDX(BPF_W, 0, 0, 0), EXIT()),

	/* packet loads */
	RUNS("a byte of the packet", 2, MOV_X(6, 1), LDABS(BPF_B, 1), EXIT()),
	RUNS("at an offset", 3, MOV_X(6, 1), MOV_K(7, 1), LDIND(BPF_B, 7, 1),
	     EXIT()),
	RUNS("beyond the packet the program ends", 0, MOV_X(6, 1),
	     LDABS(BPF_B, 100), RET(50)),
	BAD("R6 is written", EACCES, "R6 !read_ok", LDABS(BPF_B, 0), EXIT()),
	BAD("R6 is the context", EINVAL,
	    "at the time of BPF_LD_ABS|IND R6 != pointer to skb", MOV_X(6, 10),
	    LDABS(BPF_B, 0), EXIT()),
	BAD("where it was", EACCES,
	    "dereference of modified ctx ptr R6 off=4 disallowed", MOV_X(6, 1),
	    ALU_K(BPF_ADD, 6, 4), LDABS(BPF_B, 0), EXIT()),
	BAD("the offset is written", EACCES, "R7 !read_ok", MOV_X(6, 1),
	    LDIND(BPF_W, 7, 0), EXIT()),
	BAD("R1 is lost", EACCES, "R1 !read_ok", MOV_X(6, 1), LDABS(BPF_W, 0),
	    MOV_X(0, 1), EXIT()),
	BAD("R5 is lost", EACCES, "R5 !read_ok", MOV_X(6, 1), MOV_K(5, 1),
	    LDABS(BPF_W, 0), MOV_X(0, 5), EXIT()),
	RUNS("R7 is kept", 9, MOV_X(6, 1), MOV_K(7, 9), LDABS(BPF_W, 0),
	     MOV_X(0, 7), EXIT()),
	GOOD("R6 is kept", MOV_X(6, 1), LDABS(BPF_W, 0), LDABS(BPF_H, 0),
	     EXIT()),
	BAD("what was read is not known", EACCES, "R0 ", VALUE(ARRAY_8),
	    MOV_X(7, 0), LDABS(BPF_H, 0), MOV32_X(0, 0), ALU_X(BPF_ADD, 0, 7),
	    LDX(BPF_B, 0, 0, 0), EXIT()),
};

int main(void)
{
	return cases_run(cases, ARRAY_LEN(cases));
}
