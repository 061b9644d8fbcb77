// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attacks: programs built around the mistakes verifiers have made, and beside
 * each, where there is one, the closest program that is fine. An attack must be
 * refused for the right reason; its twin must load and give the right result.
 *
 * The table is for both kernels. A row that says in what they differ is left
 * out where PRISTINE is set.
 */
#include "test.h"

enum { ARRAY, HASH, READ_ONLY, WRITE_ONLY, MAPS };

#define VALUE_SIZE	16
#define INSNS_MAX	64

/**
 * struct attack - one program
 * @concept: the mistake
 * @insns: up to the last instruction that is not all zero
 * @err: 0 if it is a twin, else -errno
 * @log: what the log says
 * @ret: twin: bytes it lets through of a packet of 100; 0 also drops it
 * @ours: why this is not for the unmodified kernel
 */
struct attack {
	const char *concept;
	struct bpf_insn insns[INSNS_MAX];
	int err;
	const char *log;
	unsigned int ret;
	const char *ours;
};

#define ATTACK(what, errno_, text, ...)					\
	{ .concept = what, .err = -errno_, .log = text, .insns = { __VA_ARGS__ } }
#define TWIN(what, value, ...)						\
	{ .concept = what ": twin", .ret = value, .insns = { __VA_ARGS__ } }
#define OURS(why, what, errno_, text, ...)				\
	{ .concept = what, .err = -errno_, .log = text, .ours = why,	\
	  .insns = { __VA_ARGS__ } }

/* r6 = context, r0 = value of key 0 of a map, or the program ends */
#define VALUE(map)							\
	MOV_X(6, 1), ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), \
	LD_MAP(1, map), CALL(BPF_FUNC_map_lookup_elem),			\
	JMP_K(BPF_JNE, 0, 0, 1), EXIT()

/* a number nothing is known of: 4 from the packet's length, 8 from the map */
#define NUMBER32(r)	LDX(BPF_W, r, 6, 0)
#define NUMBER64(r)	LDX(BPF_DW, r, 0, 8)

#define RET(v)		MOV_K(0, v), EXIT()

/* r0 += @r; r0 = byte there; return 1 */
#define INDEX(r)	ALU_X(BPF_ADD, 0, r), LDX(BPF_B, 0, 0, 0), RET(1)

#define BOUNDS_MAX	"outside of the allowed memory range"
#define UNKNOWN		"unbounded min value"
#define UNBOUNDED	"unbounded memory access"
#define NEGATIVE	"min value is negative"

static const struct attack attacks[] = {
	/* Maps that programs may only read, or only write. */
	ATTACK("store to a map that is read-only for programs", EACCES,
	       "write into map forbidden", VALUE(READ_ONLY), ST(BPF_W, 0, 0, 1), RET(1)),
	ATTACK("atomic on a map that is read-only for programs", EACCES,
	       "write into map forbidden", VALUE(READ_ONLY), MOV_K(1, 1),
	       ATOMIC(BPF_DW, BPF_ADD, 0, 1, 0), RET(1)),
	ATTACK("helper that updates a map that is read-only for programs", EACCES,
	       "write into map forbidden", ST(BPF_DW, 10, -8, 0), ST(BPF_DW, 10, -16, 0),
	       ST(BPF_DW, 10, -24, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), MOV_X(3, 10),
	       ALU_K(BPF_ADD, 3, -24), MOV_K(4, 0), LD_MAP(1, READ_ONLY),
	       CALL(BPF_FUNC_map_update_elem), RET(1)),
	ATTACK("helper that deletes from a map that is read-only for programs", EACCES,
	       "write into map forbidden", ST(BPF_DW, 10, -8, 0), MOV_X(2, 10),
	       ALU_K(BPF_ADD, 2, -8), LD_MAP(1, READ_ONLY),
	       CALL(BPF_FUNC_map_delete_elem), RET(1)),
	TWIN("map that is read-only for programs", 1, VALUE(READ_ONLY),
	     LDX(BPF_DW, 1, 0, 0), RET(1)),
	ATTACK("lookup in a map that is write-only for programs", EACCES,
	       "read from map forbidden", VALUE(WRITE_ONLY), LDX(BPF_DW, 1, 0, 0), RET(1)),
	TWIN("map that is write-only for programs", 1, ST(BPF_DW, 10, -8, 0),
	     ST(BPF_DW, 10, -16, 0), ST(BPF_DW, 10, -24, 0), MOV_X(2, 10),
	     ALU_K(BPF_ADD, 2, -8), MOV_X(3, 10), ALU_K(BPF_ADD, 3, -24), MOV_K(4, 0),
	     LD_MAP(1, WRITE_ONLY), CALL(BPF_FUNC_map_update_elem), RET(1)),

	/* Widths: what 32 bits say about 64. */
	ATTACK("32-bit move of -1 taken for 64-bit -1", EACCES, BOUNDS_MAX,
	       VALUE(ARRAY), MOV32_K(1, -1), JMP_K(BPF_JNE, 1, -1, 2), RET(1),
	       LDX(BPF_B, 0, 0, VALUE_SIZE), RET(2)),
	TWIN("32-bit move of -1", 2, VALUE(ARRAY), MOV32_K(1, -1),
	     JMP_K(BPF_JEQ, 1, -1, 2), RET(2), LDX(BPF_B, 0, 0, VALUE_SIZE), RET(1)),
	ATTACK("32-bit bound used for a 64-bit index", EINVAL, UNKNOWN,
	       VALUE(ARRAY), NUMBER64(1), JMP32_K(BPF_JLT, 1, 8, 1), EXIT(), INDEX(1)),
	TWIN("32-bit bound", 1, VALUE(ARRAY), NUMBER64(1), JMP32_K(BPF_JLT, 1, 8, 2),
	     RET(1), MOV32_X(1, 1), INDEX(1)),
	ATTACK("32-bit equality says nothing of the high half", EACCES, BOUNDS_MAX,
	       VALUE(ARRAY), LD64(1, 0x100000005ULL), JMP32_K(BPF_JEQ, 1, 5, 2), RET(1),
	       JMP_K(BPF_JEQ, 1, 5, 1), LDX(BPF_B, 0, 0, VALUE_SIZE), RET(2)),
	ATTACK("32-bit shift judged by 64-bit bounds", EACCES, BOUNDS_MAX,
	       VALUE(ARRAY), NUMBER32(1), ALU_K(BPF_AND, 1, 1), LD64(2, 0x200000000ULL),
	       ALU_X(BPF_OR, 1, 2), ALU_K(BPF_RSH, 1, 29), INDEX(1)),
	TWIN("32-bit shift", 1, VALUE(ARRAY), NUMBER32(1), ALU_K(BPF_AND, 1, 1),
	     LD64(2, 0x200000000ULL), ALU_X(BPF_OR, 1, 2), ALU32_K(BPF_RSH, 1, 29), INDEX(1)),
	ATTACK("truncated sum", EACCES, BOUNDS_MAX, VALUE(ARRAY), NUMBER64(1),
	       ALU_K(BPF_AND, 1, 15), ALU32_K(BPF_ADD, 1, -1), ALU_K(BPF_RSH, 1, 27), INDEX(1)),

	/* Arithmetic at the edges. */
	ATTACK("remainder by a register that may be 0", EINVAL, UNKNOWN,
	       VALUE(ARRAY), NUMBER64(1), LDX(BPF_DW, 2, 0, 0), ALU_K(BPF_AND, 2, 7),
	       ALU_X(BPF_MOD, 1, 2), INDEX(1)),
	ATTACK("remainder by 0 is the number itself", EINVAL, UNKNOWN,
	       VALUE(ARRAY), NUMBER64(1), MOV_K(2, 0), ALU_X(BPF_MOD, 1, 2), INDEX(1)),
	TWIN("quotient by 0", 1, VALUE(ARRAY), NUMBER64(1), MOV_K(2, 0),
	     ALU_X(BPF_DIV, 1, 2), ALU_K(BPF_AND, 1, 7), INDEX(1)),
	ATTACK("negative number shifted right as unsigned", EINVAL, "math between map_value",
	       VALUE(ARRAY), MOV_K(1, -1), ALU_K(BPF_RSH, 1, 1), INDEX(1)),
	ATTACK("negative number shifted right as signed", EACCES, BOUNDS_MAX,
	       VALUE(ARRAY), MOV_K(1, -8), ALU_K(BPF_ARSH, 1, 1), INDEX(1)),
	ATTACK("signed bound only", EACCES, NEGATIVE, VALUE(ARRAY), NUMBER64(1),
	       JMP_K(BPF_JSGT, 1, -100, 1), EXIT(), JMP_K(BPF_JSLT, 1, 8, 1), EXIT(), INDEX(1)),
	TWIN("signed bounds", 1, VALUE(ARRAY), NUMBER64(1), JMP_K(BPF_JSGE, 1, 0, 2),
	     RET(0), JMP_K(BPF_JSLT, 1, 8, 2), RET(0), INDEX(1)),
	ATTACK("difference that goes below 0", EACCES, NEGATIVE, VALUE(ARRAY), NUMBER64(1),
	       ALU_K(BPF_AND, 1, 7), MOV_K(2, 4), ALU_X(BPF_SUB, 2, 1), INDEX(2)),
	ATTACK("product that wraps", EACCES, "R0", VALUE(ARRAY), NUMBER32(1),
	       ALU_K(BPF_AND, 1, 0xff), ALU_K(BPF_MUL, 1, 0x10000000), ALU32_K(BPF_MUL, 1, 2),
	       ALU_K(BPF_RSH, 1, 27), INDEX(1)),
	ATTACK("comparison of a register with itself bounds nothing", EINVAL, UNKNOWN,
	       VALUE(ARRAY), NUMBER64(1), JMP_X(BPF_JSET, 1, 1, 2), RET(1), INDEX(1)),
	ATTACK("bits not set say nothing of the others", EINVAL, UNKNOWN,
	       VALUE(ARRAY), NUMBER64(1), JMP_K(BPF_JSET, 1, 0xf0, 2), INDEX(1)),
	ATTACK("byte swap keeps no order", EACCES, "R0", VALUE(ARRAY), NUMBER32(1),
	       ALU_K(BPF_AND, 1, 7), SWAP(BPF_TO_BE, 1, 32), MOV32_X(1, 1), INDEX(1)),

	/* Joins: what holds on one way to an instruction only. */
	ATTACK("equal on one path, used as equal on both", EINVAL, UNKNOWN,
	       VALUE(ARRAY), NUMBER64(1), LDX(BPF_DW, 2, 0, 0), NUMBER32(3),
	       JMP_K(BPF_JGT, 3, 9, 1), MOV_X(2, 1), JMP_K(BPF_JGT, 1, 7, 4),
	       INDEX(2), RET(1)),
	ATTACK("equal on the path explored last", EINVAL, UNKNOWN,
	       VALUE(ARRAY), NUMBER64(1), LDX(BPF_DW, 2, 0, 0), NUMBER32(3),
	       JMP_K(BPF_JGT, 3, 9, 1), JA(1), MOV_X(2, 1), JMP_K(BPF_JGT, 1, 7, 4),
	       INDEX(2), RET(1)),
	ATTACK("offset small on the first path, large on the second", EACCES, BOUNDS_MAX,
	       VALUE(ARRAY), NUMBER32(3), MOV_K(1, 0), JMP_K(BPF_JGT, 3, 9, 1), JA(1),
	       MOV_K(1, VALUE_SIZE), INDEX(1)),
	ATTACK("offset needed only behind a second join", EACCES, BOUNDS_MAX,
	       VALUE(ARRAY), NUMBER32(3), NUMBER32(4), MOV_K(1, 0), JMP_K(BPF_JGT, 3, 9, 1),
	       MOV_K(1, VALUE_SIZE), MOV_K(5, 1), JMP_K(BPF_JGT, 4, 8, 1), MOV_K(5, 2),
	       MOV_X(2, 1), JMP_X(BPF_JGT, 3, 4, 1), MOV_K(5, 3), ALU_K(BPF_ADD, 2, 0), INDEX(2)),
	ATTACK("offset spilled through a copy of the frame pointer", EACCES, BOUNDS_MAX,
	       VALUE(ARRAY), NUMBER32(3), MOV_X(4, 10), ALU_K(BPF_ADD, 4, -16),
	       ST(BPF_DW, 4, 0, 0), JMP_K(BPF_JGT, 3, 9, 1), ST(BPF_DW, 4, 0, VALUE_SIZE),
	       MOV_K(5, 1), LDX(BPF_DW, 1, 10, -16), INDEX(1)),
	ATTACK("number on one path, pointer on the other, in a register", EACCES,
	       "invalid mem access 'scalar'", VALUE(ARRAY), NUMBER32(3), MOV_X(4, 0),
	       JMP_K(BPF_JGT, 3, 9, 1), MOV_K(4, 64), LDX(BPF_B, 0, 4, 0), RET(1)),
	ATTACK("number on one path, pointer on the other, in the stack", EACCES,
	       "invalid mem access 'scalar'", VALUE(ARRAY), NUMBER32(3),
	       STX(BPF_DW, 10, 0, -16), JMP_K(BPF_JGT, 3, 9, 1), ST(BPF_DW, 10, -16, 64),
	       LDX(BPF_DW, 4, 10, -16), LDX(BPF_B, 0, 4, 0), RET(1)),
	ATTACK("written on one path only", EACCES, "R4 !read_ok", VALUE(ARRAY), NUMBER32(3),
	       JMP_K(BPF_JGT, 3, 9, 1), MOV_K(4, 64), MOV_X(0, 4), EXIT()),
	ATTACK("one instruction, context and value", EINVAL,
	       "same insn cannot be used with different pointers", VALUE(ARRAY), NUMBER32(3),
	       JMP_K(BPF_JGT, 3, 9, 1), MOV_X(6, 0), LDX(BPF_W, 0, 6, 0), EXIT()),
	TWIN("one instruction, stack and value", 1, VALUE(ARRAY), NUMBER32(3), MOV_X(4, 10),
	     ALU_K(BPF_ADD, 4, -16), ST(BPF_DW, 4, 0, 1), JMP_K(BPF_JGT, 3, 9, 1),
	     MOV_X(4, 0), LDX(BPF_DW, 0, 4, 0), RET(1)),

	/* Null. */
	ATTACK("one lookup checked, another one used", EACCES, "map_value_or_null",
	       VALUE(ARRAY), MOV_X(7, 0), ST(BPF_DW, 10, -8, 1), MOV_X(2, 10),
	       ALU_K(BPF_ADD, 2, -8), LD_MAP(1, ARRAY), CALL(BPF_FUNC_map_lookup_elem),
	       JMP_K(BPF_JNE, 7, 0, 1), EXIT(), LDX(BPF_B, 0, 0, 0), RET(1)),
	ATTACK("same lookup on one path, two on the other", EACCES, "map_value_or_null",
	       MOV_X(6, 1), ST(BPF_DW, 10, -8, 1), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8),
	       LD_MAP(1, HASH), CALL(BPF_FUNC_map_lookup_elem), MOV_X(7, 0), MOV_X(2, 10),
	       ALU_K(BPF_ADD, 2, -8), LD_MAP(1, HASH), CALL(BPF_FUNC_map_lookup_elem),
	       LDX(BPF_W, 3, 6, 0), JMP_K(BPF_JGT, 3, 9, 1), MOV_X(7, 0),
	       JMP_K(BPF_JNE, 7, 0, 2), RET(1), LDX(BPF_B, 0, 0, 0), RET(1)),
	TWIN("a copy in the stack is checked", 1, MOV_X(6, 1), ST(BPF_DW, 10, -8, 1),
	     MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_MAP(1, HASH),
	     CALL(BPF_FUNC_map_lookup_elem), STX(BPF_DW, 10, 0, -16),
	     JMP_K(BPF_JNE, 0, 0, 2), RET(1), LDX(BPF_DW, 7, 10, -16),
	     LDX(BPF_B, 0, 7, 0), RET(1)),
	ATTACK("arithmetic before the check", EACCES, "null-check it first",
	       ST(BPF_DW, 10, -8, 1), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_MAP(1, HASH),
	       CALL(BPF_FUNC_map_lookup_elem), ALU_K(BPF_ADD, 0, 8), JMP_K(BPF_JNE, 0, 0, 1),
	       EXIT(), LDX(BPF_B, 0, 0, -8), RET(1)),
	ATTACK("32-bit check of an address", EACCES, "map_value_or_null",
	       ST(BPF_DW, 10, -8, 1), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_MAP(1, HASH),
	       CALL(BPF_FUNC_map_lookup_elem), JMP32_K(BPF_JNE, 0, 0, 1), EXIT(),
	       LDX(BPF_B, 0, 0, 0), RET(1)),
	ATTACK("the wrong edge of the check", EACCES, "invalid mem access",
	       ST(BPF_DW, 10, -8, 1), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_MAP(1, HASH),
	       CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 2), RET(1),
	       LDX(BPF_B, 0, 0, 0), RET(1)),

	/* The stack. */
	ATTACK("one byte of a stored pointer replaced", EACCES, "invalid mem access 'scalar'",
	       VALUE(ARRAY), STX(BPF_DW, 10, 0, -16), ST(BPF_B, 10, -9, 0),
	       LDX(BPF_DW, 1, 10, -16), LDX(BPF_B, 0, 1, 0), RET(1)),
	ATTACK("stored pointer replaced at an unknown offset", EACCES,
	       "invalid mem access 'scalar'", VALUE(ARRAY), STX(BPF_DW, 10, 0, -16),
	       NUMBER32(3), ALU_K(BPF_AND, 3, 8), MOV_X(4, 10), ALU_K(BPF_ADD, 4, -24),
	       ALU_X(BPF_ADD, 4, 3), ST(BPF_DW, 4, 0, 64), LDX(BPF_DW, 1, 10, -16),
	       LDX(BPF_B, 0, 1, 0), RET(1)),
	ATTACK("stored offset replaced at an unknown offset", EINVAL, UNKNOWN,
	       VALUE(ARRAY), ST(BPF_DW, 10, -16, 0), ST(BPF_DW, 10, -24, 0),
	       NUMBER32(3), ALU_K(BPF_AND, 3, 8), MOV_X(4, 10), ALU_K(BPF_ADD, 4, -24),
	       ALU_X(BPF_ADD, 4, 3), ST(BPF_DW, 4, 0, 64), LDX(BPF_DW, 1, 10, -16), INDEX(1)),
	ATTACK("half of a stored offset replaced", EINVAL, "math between", VALUE(ARRAY),
	       ST(BPF_DW, 10, -16, 0), ST(BPF_W, 10, -12, 1), LDX(BPF_DW, 1, 10, -16), INDEX(1)),
	ATTACK("half of a slot written, all of it used", EINVAL, UNKNOWN, VALUE(ARRAY),
	       NUMBER64(1), STX(BPF_DW, 10, 1, -16), ST(BPF_W, 10, -16, 0),
	       LDX(BPF_DW, 1, 10, -16), INDEX(1)),
	TWIN("half of a slot written and used", 1, VALUE(ARRAY), NUMBER64(1),
	     STX(BPF_DW, 10, 1, -16), ST(BPF_W, 10, -16, 0), LDX(BPF_W, 1, 10, -16), INDEX(1)),
	ATTACK("exchanged slot still taken for a pointer", EACCES, "invalid mem access 'scalar'",
	       VALUE(ARRAY), STX(BPF_DW, 10, 0, -16), MOV_K(1, 64),
	       ATOMIC(BPF_DW, BPF_XCHG, 10, 1, -16), LDX(BPF_DW, 2, 10, -16),
	       LDX(BPF_B, 0, 2, 0), RET(1)),
	ATTACK("offset changed by an atomic", EINVAL, UNKNOWN, VALUE(ARRAY),
	       ST(BPF_DW, 10, -16, 0), MOV_K(1, 64), ATOMIC(BPF_DW, BPF_ADD, 10, 1, -16),
	       LDX(BPF_DW, 1, 10, -16), INDEX(1)),
	ATTACK("below the stack", EACCES, "invalid write to stack", ST(BPF_B, 10, -513, 0), RET(1)),
	TWIN("all of the stack", 1, ST(BPF_B, 10, -512, 0), ST(BPF_DW, 10, -512, 0), RET(1)),
	ATTACK("above the stack", EACCES, "invalid write to stack", ST(BPF_B, 10, 0, 0), RET(1)),
	ATTACK("across the top of the stack", EACCES, "misaligned stack access",
	       MOV_X(1, 10), ALU_K(BPF_ADD, 1, -4), ST(BPF_DW, 1, 0, 0), RET(1)),
	ATTACK("far below the stack and back by the offset", EACCES, "invalid write to stack",
	       MOV_X(1, 10), ALU_K(BPF_ADD, 1, -40000), ST(BPF_DW, 1, 32760, 0), RET(1)),
	TWIN("below the stack and back by the offset", 1, MOV_X(1, 10),
	     ALU_K(BPF_ADD, 1, -32768), ST(BPF_DW, 1, 32760, 0), RET(1)),
	ATTACK("offset that leaves 32 bits", EINVAL, "pointer", VALUE(ARRAY),
	       ALU_K(BPF_ADD, 0, 0x1fffffff), ALU_K(BPF_ADD, 0, 0x1fffffff),
	       LDX(BPF_B, 0, 0, 0), RET(1)),
	ATTACK("key beyond the frame", EINVAL, "invalid indirect access to stack",
	       MOV_X(2, 10), ALU_K(BPF_ADD, 2, -2), LD_MAP(1, ARRAY),
	       CALL(BPF_FUNC_map_lookup_elem), RET(1)),
	ATTACK("key at an unknown offset, one byte too far", EINVAL, "stack",
	       MOV_X(6, 1), ST(BPF_DW, 10, -8, 0), NUMBER32(3), ALU_K(BPF_AND, 3, 7),
	       MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), ALU_X(BPF_ADD, 2, 3), LD_MAP(1, ARRAY),
	       CALL(BPF_FUNC_map_lookup_elem), RET(1)),
	TWIN("key at an unknown offset", 1, MOV_X(6, 1), ST(BPF_DW, 10, -8, 0), NUMBER32(3),
	     ALU_K(BPF_AND, 3, 4), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), ALU_X(BPF_ADD, 2, 3),
	     LD_MAP(1, ARRAY), CALL(BPF_FUNC_map_lookup_elem), RET(1)),
	ATTACK("key that runs out of a value", EACCES, BOUNDS_MAX, VALUE(ARRAY),
	       MOV_X(2, 0), ALU_K(BPF_ADD, 2, VALUE_SIZE - 2), LD_MAP(1, ARRAY),
	       CALL(BPF_FUNC_map_lookup_elem), RET(1)),
	ATTACK("value to store that runs out of a value", EACCES, BOUNDS_MAX, VALUE(ARRAY),
	       MOV_X(3, 0), ALU_K(BPF_ADD, 3, 1), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4),
	       MOV_K(4, 0), LD_MAP(1, ARRAY), CALL(BPF_FUNC_map_update_elem), RET(1)),

	/* Addresses as numbers. */
	ATTACK("address stored in a value and followed again", EACCES,
	       "invalid mem access 'scalar'", VALUE(ARRAY), STX(BPF_DW, 0, 0, 0),
	       LDX(BPF_DW, 1, 0, 0), LDX(BPF_B, 0, 1, 0), RET(1)),
	ATTACK("32 bits of an address", EACCES, "invalid mem access 'scalar'", VALUE(ARRAY),
	       MOV32_X(1, 0), LDX(BPF_B, 0, 1, 0), RET(1)),
	ATTACK("address shifted there and back", EACCES, "prohibited", VALUE(ARRAY),
	       ALU_K(BPF_LSH, 0, 1), ALU_K(BPF_RSH, 0, 1), LDX(BPF_B, 0, 0, 0), RET(1)),
	OURS("answers by its type information", "map followed as memory", EACCES, "R1",
	     LD_MAP(1, ARRAY), ST(BPF_DW, 1, 0, 0), RET(1)),
	ATTACK("map moved", EACCES, "prohibited", LD_MAP(1, ARRAY), ALU_K(BPF_ADD, 1, 8),
	       LDX(BPF_DW, 0, 1, 0), RET(1)),
	ATTACK("number for a map", EACCES, "expected=map_ptr", LD64(1, 0xffff888000000000ULL),
	       MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), CALL(BPF_FUNC_map_lookup_elem), RET(1)),
	ATTACK("value for a map", EACCES, "expected=map_ptr", VALUE(ARRAY), MOV_X(1, 0),
	       MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), CALL(BPF_FUNC_map_lookup_elem), RET(1)),

	/* The context and the packet. */
	ATTACK("context moved by a constant", EACCES, "modified ctx ptr", ALU_K(BPF_ADD, 1, 4),
	       LDX(BPF_W, 0, 1, 0), EXIT()),
	ATTACK("context at an unknown offset", EACCES, "variable ctx access", MOV_X(6, 1),
	       NUMBER32(3), ALU_K(BPF_AND, 3, 4), ALU_X(BPF_ADD, 6, 3), LDX(BPF_W, 0, 6, 0), EXIT()),
	ATTACK("store to a field of the packet", EACCES, "invalid bpf_context access",
	       MOV_K(2, 1), STX(BPF_W, 1, 2, 0), RET(1)),
	ATTACK("beyond the control block", EACCES, "invalid bpf_context access",
	       MOV_K(2, 1), STX(BPF_DW, 1, 2, 64), RET(1)),
	ATTACK("before the context", EACCES, "", LDX(BPF_W, 0, 1, -4), EXIT()),
	ATTACK("argument kept across a packet load", EACCES, "R1 !read_ok", MOV_X(6, 1),
	       LDABS(BPF_B, 0), LDX(BPF_W, 0, 1, 0), EXIT()),
	ATTACK("packet load with another context", EINVAL, "R6 != pointer to skb",
	       MOV_X(6, 10), LDABS(BPF_B, 0), EXIT()),
	ATTACK("argument kept across a call", EACCES, "R5 !read_ok", MOV_K(5, 1),
	       CALL(BPF_FUNC_get_smp_processor_id), MOV_X(0, 5), EXIT()),

	/* Dead code is checked for form, never run, and no way into the middle. */
	TWIN("dead arm full of traps", 1, MOV_K(1, 1), JMP_K(BPF_JEQ, 1, 1, 3),
	     LDX(BPF_DW, 0, 9, 0), ST(BPF_DW, 10, 8, 0), LDX(BPF_B, 0, 1, 0), RET(1)),
	TWIN("dead arm that moves the frame pointer", 7, ST(BPF_DW, 10, -8, 7), MOV_K(1, 1),
	     JMP_K(BPF_JEQ, 1, 1, 9), ALU_K(BPF_ADD, 10, 10), NEG(10), MOV_X(10, 1), MOV_K(10, 0),
	     LDX(BPF_DW, 10, 10, -8), ATOMIC(BPF_DW, BPF_ADD | BPF_FETCH, 10, 10, -8),
	     ATOMIC(BPF_DW, BPF_CMPXCHG, 10, 10, -8), LD64(10, 1), LDX(BPF_DW, 0, 10, -8), EXIT()),
	ATTACK("arm that moves the frame pointer, nearly dead", EACCES, "frame pointer is read only",
	       MOV_X(6, 1), NUMBER32(1), ST(BPF_DW, 10, -8, 7), ALU_K(BPF_OR, 1, 1),
	       JMP_K(BPF_JGT, 1, 1, 1), ALU_K(BPF_ADD, 10, 10), LDX(BPF_DW, 0, 10, -8), EXIT()),
	ATTACK("arm that is only nearly dead", EACCES, "R9 !read_ok", MOV_X(6, 1), NUMBER32(1),
	       ALU_K(BPF_OR, 1, 1), JMP_K(BPF_JGT, 1, 1, 3), LDX(BPF_DW, 0, 9, 0),
	       ST(BPF_DW, 10, 8, 0), LDX(BPF_B, 0, 1, 0), RET(1)),
	ATTACK("jump into a wide instruction", EINVAL, "", MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 0, 1),
	       LD64(0, 1), EXIT()),
	ATTACK("wide instruction at the end", EINVAL, "", MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 0, 1),
	       EXIT(), INSN(BPF_LD | BPF_IMM | BPF_DW, 0, 0, 0, 1)),
	ATTACK("reserved offset below 0", EINVAL, "uses reserved fields",
	       INSN(BPF_ALU64 | BPF_ADD | BPF_K, 0, 0, -1, 1), RET(1)),
	ATTACK("atomic that fetches into the frame pointer", EACCES, "frame pointer is read only",
	       ST(BPF_DW, 10, -8, 0), ATOMIC(BPF_DW, BPF_XCHG, 10, 10, -8), RET(1)),
	ATTACK("compare-and-exchange with nothing to compare", EACCES, "R0 !read_ok",
	       ST(BPF_DW, 10, -8, 0), MOV_K(1, 1), ATOMIC(BPF_DW, BPF_CMPXCHG, 10, 1, -8),
	       RET(1)),
	ATTACK("atomic between two words of a value", EACCES, "misaligned", VALUE(ARRAY),
	       MOV_K(1, 1), ATOMIC(BPF_W, BPF_ADD, 0, 1, 2), RET(1)),
	ATTACK("helper with a number below 0", EINVAL, "invalid func", CALL(-1), EXIT()),
	ATTACK("helper with the greatest number", EINVAL, "invalid func", CALL(0x7fffffff), EXIT()),

	/* Version 4 of the instruction set: widening of negative numbers. */
	OURS("no sign-extending loads there", "sign-extending load as an index", EACCES, NEGATIVE,
	     VALUE(ARRAY), INSN(BPF_LDX | 0x80 | BPF_B, 1, 0, 0, 0), JMP_K(BPF_JSLT, 1, 8, 1),
	     EXIT(), INDEX(1)),
	OURS("no sign-extending moves there", "sign-extending move as an index", EACCES, "R0",
	     VALUE(ARRAY), NUMBER64(2), ALU_K(BPF_AND, 2, 0xff),
	     INSN(BPF_ALU64 | BPF_MOV | BPF_X, 1, 2, 8, 0), JMP_K(BPF_JSLT, 1, 8, 1), EXIT(),
	     INDEX(1)),
	OURS("no signed division there", "signed remainder as an index", EACCES, NEGATIVE,
	     VALUE(ARRAY), NUMBER64(1), INSN(BPF_ALU64 | BPF_MOD | BPF_K, 1, 0, 1, 8), INDEX(1)),
};

static int map_fds[MAPS];

static void create_maps(void)
{
	static const __u32 flags[MAPS] = {
		[READ_ONLY] = BPF_F_RDONLY_PROG, [WRITE_ONLY] = BPF_F_WRONLY_PROG,
	};

	for (int i = 0; i < MAPS; i++) {
		__u32 type = i == HASH ? BPF_MAP_TYPE_HASH : BPF_MAP_TYPE_ARRAY;

		map_fds[i] = map_create(type, 4, VALUE_SIZE, 4, flags[i]);
		if (map_fds[i] < 0)
			bail("map %d: %s", i, strerror(-map_fds[i]));
	}
}

static size_t prepare(const struct attack *a, struct bpf_insn *insns)
{
	static const struct bpf_insn nothing;
	size_t len = INSNS_MAX;

	while (!memcmp(&a->insns[len - 1], &nothing, sizeof(nothing)))
		len--;
	memcpy(insns, a->insns, len * sizeof(*insns));
	for (size_t i = 0; i < len; i++)
		if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) &&
		    insns[i].src_reg == BPF_PSEUDO_MAP_FD)
			insns[i].imm = map_fds[insns[i].imm];
	return len;
}

static void judge(const struct attack *a, int fd)
{
	static const char packet[100] = { 1, 2, 3 };

	if (!is(fd < 0 ? fd : 0, a->err, "%s", a->concept))
		note("%s", prog_log);
	if (!a->ours)
		printf("verdict %s: %d\n", a->concept, fd < 0 ? fd : 0);
	if (a->err)
		is_str(prog_log, a->log, "%s: reason", a->concept);
	else if (fd >= 0)
		is(filter_run(fd, packet, sizeof(packet), NULL), a->ret, "%s: result", a->concept);
}

int main(void)
{
	const char *env = getenv("PRISTINE");
	bool pristine = env && *env;

	create_maps();
	for (size_t i = 0; i < ARRAY_LEN(attacks); i++) {
		const struct attack *a = &attacks[i];
		struct bpf_insn insns[INSNS_MAX];
		int fd;

		if (pristine && a->ours) {
			skip(a->concept, "%s", a->ours);
			continue;
		}
		fd = prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insns, prepare(a, insns));
		judge(a, fd);
		if (fd >= 0)
			close(fd);
	}
	return finish();
}
