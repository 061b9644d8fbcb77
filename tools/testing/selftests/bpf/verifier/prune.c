// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pruning. Each refused program has two ways to one point; the one walked
 * first is good, the second looks alike in all but the one thing that makes it
 * bad, and must not be taken for the first. Its twin shows that the rest of the
 * program is fine.
 *
 * The way that is walked first is the one that does not jump. R6 is the
 * context, R9 a number nothing is known of, R8 a value of ARRAY_8.
 */
#include "cases.h"

#define START								\
	VALUE(ARRAY_8), MOV_X(8, 0), LDX(BPF_W, 9, 6, 4)

/* Without jump: first; with: second. One instruction each. */
#define EITHER(first, second)						\
	JMP_K(BPF_JGT, 9, 100, 2), first, JA(1), second

/* Far enough behind the join that a state is stored on each way. */
#define SPACE	MOV_K(0, 1), MOV_K(0, 2), MOV_K(0, 3), MOV_K(0, 4)

#define USE(r)	ALU_X(BPF_ADD, 8, r), LDX(BPF_B, 0, 8, 0), RET(1)

#define TOO_FAR "outside of the allowed memory range"
#define UNKNOWN	"R8 unbounded memory access"

static const struct vcase cases[] = {
	/* bounds */
	RUNS("both in bounds", 1, START, EITHER(MOV_K(1, 3), MOV_K(1, 7)),
	     USE(1)),
	BAD("the second is not", EACCES, TOO_FAR, START,
	    EITHER(MOV_K(1, 3), MOV_K(1, 8)), USE(1)),
	BAD("the second is not, seen through a sum", EACCES, TOO_FAR, START,
	    EITHER(MOV_K(1, 3), MOV_K(1, 7)), MOV_K(2, 1), ALU_X(BPF_ADD, 1, 2),
	    USE(1)),
	RUNS("seen through a mask it is", 1, START,
	     EITHER(MOV_K(1, 3), MOV_X(1, 9)), ALU_K(BPF_AND, 1, 7), USE(1)),
	BAD("a range and a wider one", EACCES, UNKNOWN, START,
	    LDX(BPF_W, 1, 6, 0), EITHER(ALU_K(BPF_AND, 1, 7), MOV_K(2, 0)),
	    USE(1)),
	BAD("bounds of the other operand of a comparison", EACCES, TOO_FAR,
	    START, LDX(BPF_W, 1, 6, 0), EITHER(MOV_K(2, 3), MOV_K(2, 9)),
	    JMP_X(BPF_JNE, 1, 2, 2), USE(1)),
	BAD("the branch that was decided on the first way", EACCES,
	    "R4 !read_ok", START, EITHER(MOV_K(1, 3), MOV_K(1, 8)), SPACE,
	    JMP_K(BPF_JLT, 1, 5, 1), MOV_X(0, 4), RET(1)),
	RUNS("decided alike on both", 1, START,
	     EITHER(MOV_K(1, 3), MOV_K(1, 4)), SPACE,
	     JMP_K(BPF_JLT, 1, 5, 1), MOV_X(0, 4), RET(1)),

	/* equality */
	RUNS("a check of a copy", 1, START, LDX(BPF_W, 1, 6, 0),
	     ALU_K(BPF_RSH, 1, 5),
	     JMP_K(BPF_JGT, 9, 100, 1), MOV_X(2, 1), MOV_X(2, 1),
	     JMP_K(BPF_JGT, 2, 7, 2), USE(1)),
	{ .name = "a copy on the first way only", .err = -EACCES,
	  .log = UNKNOWN,
	  .insns = { START, LDX(BPF_W, 1, 6, 0), LDX(BPF_W, 2, 6, 8),
		     EITHER(MOV_X(2, 1), MOV_K(3, 0)), SPACE,
		     JMP_K(BPF_JGT, 2, 7, 2), USE(1) },
	  .differs = "accepts it" },
	BAD("a copy on the stack on the first way only", EACCES, UNKNOWN, START,
	    LDX(BPF_W, 1, 6, 0), ST(BPF_DW, 10, -16, 0),
	    EITHER(STX(BPF_DW, 10, 1, -16), MOV_K(3, 0)), SPACE,
	    LDX(BPF_DW, 2, 10, -16), JMP_K(BPF_JGT, 2, 7, 2), USE(1)),
	{ .name = "a copy that is lost on the second way", .err = -EACCES,
	  .log = UNKNOWN,
	  .insns = { START, LDX(BPF_W, 1, 6, 0), MOV_X(2, 1),
		     EITHER(MOV_K(3, 0), LDX(BPF_W, 2, 6, 8)), SPACE,
		     JMP_K(BPF_JGT, 2, 7, 2), USE(1) },
	  .differs = "accepts it" },

	/* kinds */
	BAD("a number for a pointer", EACCES, "R1 invalid mem access 'scalar'",
	    START, EITHER(MOV_X(1, 8), MOV_X(1, 9)), SPACE,
	    LDX(BPF_B, 0, 1, 0), RET(1)),
	BAD("a pointer for a number", EACCES, "R1 pointer arithmetic with *=",
	    START, EITHER(MOV_X(1, 9), MOV_X(1, 8)), SPACE,
	    ALU_K(BPF_MUL, 1, 2), RET(1)),
	BAD("nothing for a number", EACCES, "R4 !read_ok", START,
	    EITHER(MOV_K(4, 1), MOV_K(3, 1)), SPACE, MOV_X(0, 4), EXIT()),
	BAD("nothing on the stack for a pointer", EACCES,
	    "R1 invalid mem access 'scalar'", START,
	    EITHER(STX(BPF_DW, 10, 8, -16), MOV_K(3, 1)), SPACE,
	    LDX(BPF_DW, 1, 10, -16), LDX(BPF_B, 0, 1, 0), RET(1)),
	BAD("a pointer on the stack for nothing", EACCES,
	    "invalid size of register fill", START,
	    EITHER(MOV_K(3, 1), STX(BPF_DW, 10, 8, -16)), SPACE,
	    LDX(BPF_W, 1, 10, -16), RET(1)),
	BAD("another object", EACCES, "invalid read from stack R1 off=0", START,
	    EITHER(MOV_X(1, 8), MOV_X(1, 10)), SPACE, LDX(BPF_B, 0, 1, 0),
	    RET(1)),
	BAD("another offset", EACCES, TOO_FAR, START, MOV_X(1, 8),
	    EITHER(ALU_K(BPF_ADD, 1, 4), ALU_K(BPF_ADD, 1, 8)), SPACE,
	    LDX(BPF_B, 0, 1, 0), RET(1)),
	BAD("another offset on the stack", EACCES,
	    "invalid write to stack R1 off=0", START, MOV_X(1, 10),
	    EITHER(ALU_K(BPF_ADD, 1, -8), MOV_K(3, 0)), SPACE,
	    ST(BPF_DW, 1, 0, 0), RET(1)),
	BAD("an unchecked value for a checked one", EACCES,
	    "R1 invalid mem access 'map_value_or_null'", START, LOOKUP(ARRAY_8),
	    EITHER(MOV_X(1, 8), MOV_X(1, 0)), SPACE, LDX(BPF_B, 0, 1, 0),
	    RET(1)),
	BAD("the value of another map", EACCES,
	    "invalid access to map value, value_size=8 off=40 size=1", START,
	    LOOKUP(ARRAY_48), JMP_K(BPF_JEQ, 0, 0, 9),
	    EITHER(MOV_X(1, 0), MOV_X(1, 8)), SPACE, LDX(BPF_B, 0, 1, 40),
	    RET(1)),

	/* identities */
	{ .name = "a check of another pointer", .err = -EACCES,
	  .log = "R1 invalid mem access 'map_value_or_null'",
	  .insns = { START, LOOKUP(ARRAY_8), MOV_X(7, 0), LOOKUP(ARRAY_8),
		     MOV_X(1, 0), EITHER(MOV_X(2, 1), MOV_X(2, 7)), SPACE,
		     JMP_K(BPF_JEQ, 2, 0, 1), LDX(BPF_B, 0, 1, 0), RET(1) },
	  .differs = "accepts it" },
	RUNS("a check of the same", 1, START, LOOKUP(ARRAY_8), MOV_X(7, 0),
	     LOOKUP(ARRAY_8), MOV_X(1, 0), EITHER(MOV_X(2, 1), MOV_X(2, 1)),
	     SPACE, JMP_K(BPF_JEQ, 2, 0, 1), LDX(BPF_B, 0, 1, 0), RET(1)),

	/* what is not live does not count */
	RUNS("a dead register may hold anything", 1, START,
	     EITHER(MOV_X(1, 8), MOV_K(2, 1)), SPACE, MOV_K(1, 0), RET(1)),
};

/*
 * Twenty questions in a row have a million paths. Only what is needed may tell
 * them apart.
 */
static void many_paths(bool needed)
{
	struct bpf_insn insns[512];
	size_t n = 0;
	int fd;

#define ADD(...) do {							\
		const struct bpf_insn add[] = { __VA_ARGS__ };		\
		memcpy(&insns[n], add, sizeof(add));			\
		n += ARRAY_LEN(add);					\
	} while (0)

	ADD(MOV_X(6, 1), ST(BPF_DW, 10, -8, 0), MOV_X(2, 10),
	    ALU_K(BPF_ADD, 2, -8), LD_MAP(1, case_fds[ARRAY_8]),
	    CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JNE, 0, 0, 1), EXIT(),
	    MOV_X(8, 0), MOV_K(7, 0));
	for (int bit = 0; bit < 30; bit++)
		ADD(LDX(BPF_W, 1, 6, 0), MOV_K(3, 0), MOV_K(4, 0), MOV_K(5, 0),
		    JMP_K(BPF_JSET, 1, 1 << bit, 1),
		    ALU_K(BPF_ADD, 7, bit < 4 ? 1 : 1 << (bit / 2)));
	if (needed)
		ADD(ALU_X(BPF_ADD, 8, 7), LDX(BPF_B, 0, 8, 0), RET(1));
	else
		ADD(MOV_X(0, 7), EXIT());

	fd = prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insns, n);
	if (needed)
		is(fd, -EACCES, "2^30 paths of which one is bad");
	else
		ok(fd >= 0, "2^30 paths that differ in nothing needed");
	if (fd >= 0)
		close(fd);
}

/* The flag asks for a state wherever one may be stored. */
static void state_frequency(void)
{
	unsigned int states[2] = { 0, 0 };
	struct bpf_insn insns[64];
	size_t n = 0;

	ADD(VALUE(case_fds[ARRAY_8]), MOV_X(8, 0), MOV_K(7, 0), NUMBER(1));
	for (int bit = 0; bit < 6; bit++)
		ADD(JMP_K(BPF_JSET, 1, 1 << bit, 1), ALU_K(BPF_ADD, 7, 1));
	ADD(USE(7));
	for (int often = 0; often < 2; often++) {
		const struct vcase c = {
			.flags = often ? BPF_F_TEST_STATE_FREQ : 0,
		};
		int fd = case_load(&c, insns, n, 1);
		const char *text = strstr(prog_log, "total_states ");

		ok(fd >= 0, "64 paths%s", often ? ", states often" : "");
		sscanf(text ?: "", "total_states %u", &states[often]);
		if (fd >= 0)
			close(fd);
	}
	ok(states[0] && states[0] < states[1],
	   "BPF_F_TEST_STATE_FREQ: %u states instead of %u", states[1],
	   states[0]);
}

int main(void)
{
	cases_setup();
	state_frequency();
	many_paths(true);
	many_paths(false);
	return cases_run(cases, ARRAY_LEN(cases));
}
