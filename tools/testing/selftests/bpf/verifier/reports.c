// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the report says of typical refusals: the parts that a person needs, in their
 * order, not each letter. And when there is none.
 */
#include <stddef.h>
#include "cases.h"
#include "front.h"
#include "report.h"

#define MAX_PARTS	8
#define FN(distance)	INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, distance)
#define FIELD(name)	offsetof(struct __sk_buff, name)

/**
 * struct refusal - a program and what its report says
 * @c: the program, its errno and classic text
 * @parts: texts of the report, in order
 */
struct refusal {
	struct vcase c;
	const char *parts[MAX_PARTS];
};

static const struct refusal refusals[] = {
	{ BAD("a value at an index without a bound", EACCES, "R0 unbounded memory access",
	      VALUE(ARRAY_8), NUMBER(1), ALU_X(BPF_ADD, 0, 1), LDX(BPF_B, 0, 0, 0), EXIT()),
	  { "VALUE_BOUNDS: access outside of a map's value", " 9: (61)", " 10: (0f)", " -> 11: (71)",
	    "R0 is an address in a map value of 8 bytes, at an offset from 0 to 4294967295",
	    "made by 10: (0f) r0 += r1", "R1 is a number from 0 to 4294967295",
	    "needed: 1 byte at R0+0 inside of a map value of 8 bytes: an offset of R0 from 0 to 7" } },
	{ BAD("an index that is one too large", EACCES, "max value is outside",
	      VALUE(ARRAY_8), NUMBER(1), ALU_K(BPF_AND, 1, 8), ALU_X(BPF_ADD, 0, 1),
	      LDX(BPF_B, 0, 0, 0), EXIT()),
	  { "VALUE_BOUNDS", "at an offset from 0 to 8", "R1 is a number from 0 to 8",
	    "made by 10: (57) r1 &= 8", "an offset of R0 from 0 to 7" } },
	{ BAD("an index that went through the stack", EACCES, "R2 unbounded memory access",
	      VALUE(ARRAY_8), NUMBER(1), STX(BPF_DW, 10, 1, -8), LDX(BPF_DW, 2, 10, -8),
	      ALU_X(BPF_ADD, 2, 0), LDX(BPF_B, 0, 2, 0), EXIT()),
	  { "R2 is an address in a map value", "made by 12: (0f) r2 += r0",
	    "from 11: (79) r2 = *(u64 *)(r10 -8)", "from 10: (7b) *(u64 *)(r10 -8) = r1" } },
	{ BAD("no comparison with NULL", EACCES, "R0 invalid mem access 'map_value_or_null'",
	      LOOKUP(ARRAY_8), LDX(BPF_DW, 0, 0, 0), EXIT()),
	  { "NULL_CHECK: an address is used that may be NULL", " -> 6: (79)",
	    "R0 is a map value of 8 bytes, or NULL", "made by 5: (85) call bpf_map_lookup_elem#1",
	    "needed: a branch on this path", "repair: compare it with NULL" } },
	{ BAD("NULL given to a helper", EACCES, "R2 type=map_value_or_null expected=fp",
	      LOOKUP(ARRAY_48), MOV_X(2, 0), LD_MAP(1, HASH_48), CALL(BPF_FUNC_map_lookup_elem),
	      RET(0)),
	  { "NULL_CHECK", "R2 is a map value of 48 bytes, or NULL", "made by 6: (bf) r2 = r0",
	    "from 5: (85) call bpf_map_lookup_elem#1" } },
	{ BAD("a register nobody wrote", EACCES, "R2 !read_ok", MOV_X(0, 2), EXIT()),
	  { "REG_UNINIT: a register is read that nothing was written to", " -> 0: (bf) r0 = r2",
	    "R2 holds nothing", "nothing on this path wrote R2", "repair: set it on every path" } },
	{ BAD("a register that a call took", EACCES, "R3 !read_ok",
	      MOV_K(3, 1), CALL(BPF_FUNC_ktime_get_ns), MOV_X(0, 3), EXIT()),
	  { "REG_UNINIT", "R3 holds nothing",
	    "lost, as R1 to R5 are, in the call 1: (85) call bpf_ktime_get_ns#5" } },
	{ { .name = "packet bytes without a check", .err = -EACCES,
	    .log = "invalid access to packet, off=13 size=1", .type = BPF_PROG_TYPE_SCHED_CLS,
	    .insns = { LDX(BPF_W, 2, 1, FIELD(data)), LDX(BPF_B, 0, 2, 13), EXIT() } },
	  { "PACKET_BOUNDS: access to packet bytes that may not be there",
	    "R2 is an address in the packet, at offset 0, where no bytes are proved to be",
	    "made by 0: (61)", "needed: 14 bytes of the packet", "data_end", "so far 0",
	    "repair: compare" } },
	{ { .name = "packet bytes with a check that is too small", .err = -EACCES,
	    .log = "invalid access to packet, off=13 size=2", .type = BPF_PROG_TYPE_SCHED_CLS,
	    .insns = { LDX(BPF_W, 2, 1, FIELD(data)), LDX(BPF_W, 3, 1, FIELD(data_end)),
		       MOV_K(0, 0), MOV_X(4, 2), ALU_K(BPF_ADD, 4, 14), JMP_X(BPF_JGT, 4, 3, 1),
		       LDX(BPF_H, 0, 2, 13), EXIT() } },
	  { "where 14 bytes are proved to be", "the path: branch at 5 not taken",
	    "needed: 15 bytes of the packet", "so far 14" } },
	{ BAD("a place in the stack that depends on a number", EACCES,
	      "invalid unbounded variable-offset write to stack R2",
	      MOV_X(6, 1), NUMBER(1), MOV_X(2, 10), ALU_X(BPF_ADD, 2, 1), ST(BPF_B, 2, -8, 0), RET(0)),
	  { "STACK_BOUNDS", "R2 is an address on the stack, at an offset from 0 to 4294967295 from fp",
	    "made by 3: (0f) r2 += r1", "R1 is a number from 0 to 4294967295", "made by 1: (61)",
	    "needed: 1 byte at R2-8 inside of the frame", "an offset of R2 from -504 to 7" } },
	{ BAD("a key that ends behind the stack", EINVAL, "invalid indirect access to stack R2",
	      ST(BPF_DW, 10, -8, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -2), LD_MAP(1, HASH_48),
	      CALL(BPF_FUNC_map_lookup_elem), RET(0)),
	  { "STACK_BOUNDS", " -> 5: (85)", "R2 is an address on the stack, at offset -2 from fp",
	    "made by 2: (07) r2 += -2", "needed: 4 bytes at R2+0", "an offset of R2 from -512 to -4" } },
	{ BAD("a loop without an end", EINVAL, "infinite loop detected",
	      MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 0, -1), EXIT()),
	  { "CFG_LOOP: a loop comes back to where it was", " -> 1: (15) if r0 == 0x0",
	    "needed: each round changes something", "repair: count the rounds" } },
	{ BAD("the wrong argument", EACCES, "R2 type=ctx expected=fp",
	      MOV_X(2, 1), LD_MAP(1, HASH_48), CALL(BPF_FUNC_map_lookup_elem), RET(0)),
	  { "CALL_ARG: an argument of a helper is of the wrong kind", "R2 is the context, at offset 0",
	    "made by 0: (bf) r2 = r1", "from R1, the context of the program",
	    "needed: argument 2 of bpf_map_lookup_elem in R2 is one of: fp, pkt" } },
	{ BAD("a misaligned place in the stack", EACCES, "misaligned stack access",
	      ST(BPF_DW, 10, -9, 0), RET(0)),
	  { "MEM_ALIGN: the address is not a multiple of the size", "R10 is an address on the stack",
	    "needed: R10-9 is a multiple of 8" } },
	{ BAD("the address of a frame is returned", EINVAL, "cannot return stack pointer to the caller",
	      FN(1), EXIT(), MOV_X(0, 10), EXIT()),
	  { "LEAK: the address of a stack frame would outlive", " -> 3: (95) exit",
	    "R0 is an address on the stack", "made by 2: (bf) r0 = r10" } },
	{ BAD("too many steps", E2BIG, "BPF program is too large",
	      MOV_K(0, 0), ALU_K(BPF_ADD, 0, 1), JMP_K(BPF_JLT, 0, 2000000, -2), EXIT()),
	  { "LIMIT: the program is too complex", "1000000 steps were taken, of a budget of 1000000",
	    "the hottest instruction, walked ", " times: 1: (07) r0 += 1",
	    "needed: at most 1000000 steps" } },
	{ BAD("code that no path leads to", EINVAL, "unreachable insn 2",
	      MOV_K(0, 0), EXIT(), MOV_K(0, 1), EXIT()),
	  { "CFG_UNREACHABLE: no path leads to an instruction", " 0: (b7)", " 1: (95)",
	    " -> 2: (b7) r0 = 1", " 3: (95)" } },
	{ BAD("an argument of a function", EACCES, "R1 invalid mem access 'scalar'",
	      MOV_K(6, 0), MOV_X(1, 6), FN(1), EXIT(), LDX(BPF_B, 0, 1, 0), EXIT()),
	  { "MEM_TYPE", "R1 is the number 0", "made by 1: (bf) r1 = r6", "from 0: (b7) r6 = 0" } },
	{ BAD("the result of a function", EACCES, "R0 invalid mem access 'scalar'",
	      FN(2), LDX(BPF_B, 0, 0, 0), EXIT(), MOV_K(0, 5), EXIT()),
	  { "MEM_TYPE", "R0 is the number 5", "made by 0: (85) call pc+2" } },
	{ BAD("a mistake on one of two ways", EACCES, "R7 !read_ok",
	      LDX(BPF_W, 2, 1, 0), JMP_K(BPF_JEQ, 2, 0, 1), MOV_K(7, 1), JMP_K(BPF_JGT, 2, 9, 0),
	      MOV_X(0, 7), EXIT()),
	  { "REG_UNINIT", "nothing on this path wrote R7", "the path: branch at 1 taken, at 3" } },
	{ BAD("a field of the wrong size", EACCES, "invalid bpf_context access off=0 size=8",
	      LDX(BPF_DW, 0, 1, 0), EXIT()),
	  { "CTX_ACCESS", "R1 is the context, at offset 0",
	    "needed: a field that programs of this type may read; 8 bytes at offset 0 are none" } },
};

/* Each part behind the one before it. */
static const char *missing_part(const char *log, const char *const *parts)
{
	const char *at = report_start(log);

	for (int i = 0; at && i < MAX_PARTS && parts[i]; i++) {
		at = strstr(at, parts[i]);
		if (!at)
			return parts[i];
		at += strlen(parts[i]);
	}
	return at ? NULL : "the report";
}

static void check(const struct refusal *r)
{
	struct bpf_insn insns[MAX_CASE_INSNS];
	size_t len = case_prepare(&r->c, insns);
	const char *wrong;

	is(case_load(&r->c, insns, len, 4), r->c.err, "%s: refused", r->c.name);
	wrong = report_wrong(prog_log, r->c.log) ?: missing_part(prog_log, r->parts);
	if (has_kernel_address(prog_log))
		wrong = "no address of the kernel";
	if (!ok(!wrong, "%s: report", r->c.name))
		note("%s\n%s", wrong, prog_log);
}

/* A buffer that could not hold both has the classic text alone. */
static void check_sizes(void)
{
	static const struct bpf_insn bad[] = { MOV_X(0, 2), EXIT() };
	static char small[REPORT_BUFFER];

	is(prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, bad, ARRAY_LEN(bad), "GPL", 1, small,
			 sizeof(small) - 1), -EACCES, "refused with a small buffer");
	ok(strstr(small, "\nR2 !read_ok\nprocessed "), "it holds the classic text and no report");
	is(prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, bad, ARRAY_LEN(bad), "GPL", 1, small,
			 sizeof(small)), -EACCES, "refused with one byte more");
	ok(!report_wrong(small, "\nR2 !read_ok\n"), "it holds the report");
	report_cut(small);
	ok(strstr(small, "\nR2 !read_ok\nprocessed ") && !strchr(small, '|'),
	   "without its lines the log is classic");
}

static void check_accepted(void)
{
	static const struct bpf_insn good[] = { MOV_K(0, 2), EXIT() };
	static char log[REPORT_BUFFER];

	ok(prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, good, ARRAY_LEN(good), "GPL", 2, log,
			 sizeof(log)) >= 0, "mended it loads");
	ok(strstr(log, "processed ") && !report_start(log), "there is nothing to report");
}

int main(void)
{
	cases_setup();
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		check(&refusals[i]);
	check_sizes();
	check_accepted();
	return finish();
}
