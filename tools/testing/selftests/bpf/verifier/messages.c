// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every rule of kernel/bpf/verifier/rules.h: the smallest program that is refused for it,
 * and the same one mended. Documentation/bpf/verifier-messages.rst is made from the
 * table below by docs/messages.py, which reads it as text: one row a rule, in the order
 * of the rules, instructions by the macros of cases.h.
 *
 * A rule without a row fails, and so does a row that another rule refuses.
 */
#include <stddef.h>
#include "cases.h"
#include "front.h"
#include "report.h"
#include "../../../../../kernel/bpf/verifier/rules.h"

#define ROW_INSNS	24
#define LONG_INSNS	12100

/* A descriptor that is open nowhere. */
#define CLOSED		1000
#define FN(distance)	INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, distance)
#define FIELD(name)	offsetof(struct __sk_buff, name)

/* Programs that are too long for a row. */
static size_t many_maps(struct bpf_insn *insns, bool mended);
static size_t long_jump(struct bpf_insn *insns, bool mended);

/**
 * struct message - one rule
 * @rule: its name
 * @err: errno of the refusal
 * @text: part of the classic line
 * @bad: the program; it ends where only zeroes follow
 * @good: the same, mended
 * @make: makes both, instead
 * @type: program type, 0: socket filter
 * @license: NULL: GPL
 */
struct message {
	const char *rule;
	int err;
	const char *text;
	struct bpf_insn bad[ROW_INSNS];
	struct bpf_insn good[ROW_INSNS];
	size_t (*make)(struct bpf_insn *insns, bool mended);
	unsigned int type;
	const char *license;
};

#define BAD_PROG(...)	.bad = { __VA_ARGS__ }
#define GOOD_PROG(...)	.good = { __VA_ARGS__ }

static const struct message messages[] = {
	{ "INSN_OPCODE", EINVAL, "unknown opcode e7",
	  BAD_PROG(INSN(0xe7, 0, 0, 0, 0), EXIT()),
	  GOOD_PROG(MOV_K(0, 0), EXIT()) },
	{ "INSN_RESERVED", EINVAL, "BPF_EXIT uses reserved fields",
	  BAD_PROG(MOV_K(0, 0), INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 1)),
	  GOOD_PROG(MOV_K(0, 0), EXIT()) },
	{ "INSN_REG", EINVAL, "R11 is invalid",
	  BAD_PROG(MOV_K(11, 0), EXIT()),
	  GOOD_PROG(MOV_K(0, 0), EXIT()) },
	{ "INSN_IMM", EINVAL, "div by zero",
	  BAD_PROG(MOV_K(0, 8), ALU_K(BPF_DIV, 0, 0), EXIT()),
	  GOOD_PROG(MOV_K(0, 8), ALU_K(BPF_DIV, 0, 2), EXIT()) },
	{ "INSN_WIDE", EINVAL, "invalid bpf_ld_imm64 insn",
	  BAD_PROG(INSN(BPF_LD | BPF_IMM | BPF_DW, 0, 0, 0, 5), EXIT()),
	  GOOD_PROG(LD64(0, 5), EXIT()) },
	{ "INSN_OBJECT", EINVAL, "unrecognized bpf_ld_imm64 insn",
	  BAD_PROG(LD64_SRC(0, 9, 5, 0), EXIT()),
	  GOOD_PROG(LD64(0, 5), EXIT()) },
	{ "FD_ARRAY", EPROTO, "fd_idx without fd_array is invalid",
	  BAD_PROG(LD_MAP_AT(1, 0), MOV_K(0, 0), EXIT()),
	  GOOD_PROG(LD_MAP(1, HASH_48), MOV_K(0, 0), EXIT()) },
	{ "MAP_FD", EBADF, "is not pointing to valid bpf_map",
	  BAD_PROG(LD_MAP(1, CLOSED), MOV_K(0, 0), EXIT()),
	  GOOD_PROG(LD_MAP(1, HASH_48), MOV_K(0, 0), EXIT()) },
	{ "MAP_VALUE", ENOTSUPP_, "invalid access to map value pointer, value_size=48 off=0",
	  BAD_PROG(LD_VALUE(1, ARRAY_48, 0), LDX(BPF_DW, 0, 1, 0), EXIT()),
	  GOOD_PROG(LD_VALUE(1, ONE_24, 0), LDX(BPF_DW, 0, 1, 0), EXIT()) },
	{ "MAP_TYPE", EINVAL, "cannot pass map_type 1 into func bpf_tail_call#12",
	  BAD_PROG(LD_MAP(2, HASH_48), MOV_K(3, 0), CALL(BPF_FUNC_tail_call), MOV_K(0, 0), EXIT()),
	  GOOD_PROG(LOOKUP(HASH_48), MOV_K(0, 0), EXIT()) },
	{ "LIMIT_MAPS", E2BIG, "more than 64 different maps", .make = many_maps },
	{ "CFG_JUMP", EINVAL, "jump out of range from insn 1 to 7",
	  BAD_PROG(MOV_K(0, 0), JA(5), EXIT()),
	  GOOD_PROG(MOV_K(0, 0), JA(0), EXIT()) },
	{ "CFG_END", EINVAL, "last insn is not an exit or jmp",
	  BAD_PROG(MOV_K(0, 0)),
	  GOOD_PROG(MOV_K(0, 0), EXIT()) },
	{ "CFG_UNREACHABLE", EINVAL, "unreachable insn 2",
	  BAD_PROG(MOV_K(0, 0), EXIT(), MOV_K(0, 1), EXIT()),
	  GOOD_PROG(LDX(BPF_W, 2, 1, 0), MOV_K(0, 0), JMP_K(BPF_JEQ, 2, 0, 1), EXIT(),
		    MOV_K(0, 1), EXIT()) },
	{ "CFG_LOOP", EINVAL, "infinite loop detected",
	  BAD_PROG(MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 0, -1), EXIT()),
	  GOOD_PROG(MOV_K(0, 0), ALU_K(BPF_ADD, 0, 1), JMP_K(BPF_JLT, 0, 5, -2), EXIT()) },
	{ "CFG_RECURSION", EINVAL, "back-edge from insn 1 to 0",
	  BAD_PROG(MOV_K(0, 0), FN(-2), EXIT()),
	  GOOD_PROG(FN(1), EXIT(), MOV_K(0, 0), EXIT()) },
	{ "CALL_TARGET", EINVAL, "call to invalid destination",
	  BAD_PROG(FN(9), EXIT()),
	  GOOD_PROG(FN(1), EXIT(), MOV_K(0, 0), EXIT()) },
	{ "FUNC_KIND", EINVAL, "LD_ABS is not allowed in subprogs without BTF",
	  BAD_PROG(FN(1), EXIT(), MOV_X(6, 1), LDABS(BPF_B, 0), EXIT()),
	  GOOD_PROG(MOV_X(6, 1), LDABS(BPF_B, 0), EXIT()) },
	{ "CALL_KERNEL", ENOTSUPP_, "calling kernel function is not supported",
	  BAD_PROG(INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, 1), EXIT()),
	  GOOD_PROG(CALL(BPF_FUNC_ktime_get_ns), EXIT()) },
	{ "REG_UNINIT", EACCES, "R2 !read_ok",
	  BAD_PROG(MOV_X(0, 2), EXIT()),
	  GOOD_PROG(MOV_K(2, 7), MOV_X(0, 2), EXIT()) },
	{ "REG_FP", EACCES, "frame pointer is read only",
	  BAD_PROG(ALU_K(BPF_ADD, 10, -8), MOV_K(0, 0), EXIT()),
	  GOOD_PROG(MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), MOV_K(0, 0), EXIT()) },
	{ "PTR_ARITH", EACCES, "R2 bitwise operator &= on pointer prohibited",
	  BAD_PROG(MOV_X(2, 10), ALU_K(BPF_AND, 2, -8), MOV_K(0, 0), EXIT()),
	  GOOD_PROG(MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), MOV_K(0, 0), EXIT()) },
	{ "PTR_RANGE", EINVAL, "math between fp pointer and 536870912 is not allowed",
	  BAD_PROG(MOV_X(2, 10), ALU_K(BPF_ADD, 2, 536870912), MOV_K(0, 0), EXIT()),
	  GOOD_PROG(MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), MOV_K(0, 0), EXIT()) },
	{ "NULL_CHECK", EACCES, "R0 invalid mem access 'map_value_or_null'",
	  BAD_PROG(LOOKUP(ARRAY_8), LDX(BPF_DW, 0, 0, 0), EXIT()),
	  GOOD_PROG(LOOKUP(ARRAY_8), JMP_K(BPF_JEQ, 0, 0, 1), LDX(BPF_DW, 0, 0, 0), EXIT()) },
	{ "MEM_TYPE", EACCES, "R2 invalid mem access 'scalar'",
	  BAD_PROG(MOV32_X(2, 1), LDX(BPF_W, 0, 2, 0), EXIT()),
	  GOOD_PROG(MOV_X(2, 1), LDX(BPF_W, 0, 2, 0), EXIT()) },
	{ "STACK_BOUNDS", EACCES, "invalid write to stack R10 off=-520 size=8",
	  BAD_PROG(ST(BPF_DW, 10, -520, 0), MOV_K(0, 0), EXIT()),
	  GOOD_PROG(ST(BPF_DW, 10, -512, 0), MOV_K(0, 0), EXIT()) },
	{ "VALUE_BOUNDS", EACCES, "R0 unbounded memory access",
	  BAD_PROG(VALUE(ARRAY_8), NUMBER(1), ALU_X(BPF_ADD, 0, 1), LDX(BPF_B, 0, 0, 0), EXIT()),
	  GOOD_PROG(VALUE(ARRAY_8), NUMBER(1), ALU_K(BPF_AND, 1, 7), ALU_X(BPF_ADD, 0, 1),
		    LDX(BPF_B, 0, 0, 0), EXIT()) },
	{ "PACKET_BOUNDS", EACCES, "invalid access to packet, off=13 size=1",
	  BAD_PROG(LDX(BPF_W, 2, 1, FIELD(data)), LDX(BPF_B, 0, 2, 13), EXIT()),
	  GOOD_PROG(LDX(BPF_W, 2, 1, FIELD(data)), LDX(BPF_W, 3, 1, FIELD(data_end)), MOV_K(0, 0),
		    MOV_X(4, 2), ALU_K(BPF_ADD, 4, 14), JMP_X(BPF_JGT, 4, 3, 1),
		    LDX(BPF_B, 0, 2, 13), EXIT()),
	  .type = BPF_PROG_TYPE_SCHED_CLS },
	{ "CALL_SIZE", EACCES, "invalid zero-sized read",
	  BAD_PROG(ST(BPF_DW, 10, -8, 0), MOV_K(2, 0), MOV_X(3, 10), ALU_K(BPF_ADD, 3, -8),
		   MOV_K(4, 0), MOV_K(5, 0), CALL(BPF_FUNC_skb_store_bytes), EXIT()),
	  GOOD_PROG(ST(BPF_DW, 10, -8, 0), MOV_K(2, 0), MOV_X(3, 10), ALU_K(BPF_ADD, 3, -8),
		    MOV_K(4, 8), MOV_K(5, 0), CALL(BPF_FUNC_skb_store_bytes), EXIT()),
	  .type = BPF_PROG_TYPE_SCHED_CLS },
	{ "MEM_ALIGN", EACCES, "misaligned stack access",
	  BAD_PROG(ST(BPF_DW, 10, -9, 0), MOV_K(0, 0), EXIT()),
	  GOOD_PROG(ST(BPF_DW, 10, -16, 0), MOV_K(0, 0), EXIT()) },
	{ "MEM_KIND", EINVAL, "same insn cannot be used with different pointers",
	  BAD_PROG(LDX(BPF_W, 2, 1, 0), MOV_X(3, 10), ST(BPF_W, 10, -8, 0), ALU_K(BPF_ADD, 3, -8),
		   JMP_K(BPF_JEQ, 2, 0, 1), MOV_X(3, 1), LDX(BPF_W, 0, 3, 0), EXIT()),
	  GOOD_PROG(LDX(BPF_W, 2, 1, 0), MOV_X(3, 10), ST(BPF_W, 10, -8, 0), ALU_K(BPF_ADD, 3, -8),
		    JMP_K(BPF_JEQ, 2, 0, 2), LDX(BPF_W, 0, 1, 0), EXIT(), LDX(BPF_W, 0, 3, 0),
		    EXIT()) },
	{ "MEM_WRITE", EACCES, "BPF_ST stores into R1 ctx is not allowed",
	  BAD_PROG(ST(BPF_W, 1, FIELD(cb), 5), MOV_K(0, 0), EXIT()),
	  GOOD_PROG(MOV_K(2, 5), STX(BPF_W, 1, 2, FIELD(cb)), MOV_K(0, 0), EXIT()) },
	{ "MEM_DIRECTION", EACCES, "write into map forbidden, value_size=24 off=0 size=8",
	  BAD_PROG(LD_VALUE(1, RDONLY_24, 0), ST(BPF_DW, 1, 0, 5), MOV_K(0, 0), EXIT()),
	  GOOD_PROG(LD_VALUE(1, ONE_24, 0), ST(BPF_DW, 1, 0, 5), MOV_K(0, 0), EXIT()) },
	{ "SPILL", EACCES, "invalid size of register spill",
	  BAD_PROG(STX(BPF_W, 10, 1, -8), MOV_K(0, 0), EXIT()),
	  GOOD_PROG(STX(BPF_DW, 10, 1, -8), MOV_K(0, 0), EXIT()) },
	{ "LEAK", EINVAL, "cannot return stack pointer to the caller",
	  BAD_PROG(FN(1), EXIT(), MOV_X(0, 10), EXIT()),
	  GOOD_PROG(FN(1), EXIT(), MOV_K(0, 0), EXIT()) },
	{ "CTX_ACCESS", EACCES, "invalid bpf_context access off=0 size=8",
	  BAD_PROG(LDX(BPF_DW, 0, 1, 0), EXIT()),
	  GOOD_PROG(LDX(BPF_W, 0, 1, 0), EXIT()) },
	{ "CTX_MODIFIED", EACCES, "dereference of modified ctx ptr R1 off=4 disallowed",
	  BAD_PROG(ALU_K(BPF_ADD, 1, 4), LDX(BPF_W, 0, 1, 0), EXIT()),
	  GOOD_PROG(LDX(BPF_W, 0, 1, 4), EXIT()) },
	{ "CALL_UNKNOWN", EINVAL, "unknown func bpf_get_current_pid_tgid#14",
	  BAD_PROG(CALL(BPF_FUNC_get_current_pid_tgid), EXIT()),
	  GOOD_PROG(CALL(BPF_FUNC_ktime_get_ns), EXIT()) },
	{ "CALL_GPL", EINVAL, "cannot call GPL-restricted function",
	  BAD_PROG(CALL(BPF_FUNC_trace_printk), EXIT()),
	  GOOD_PROG(CALL(BPF_FUNC_ktime_get_ns), EXIT()), .license = "Proprietary" },
	{ "CALL_ARG", EACCES, "R2 type=ctx expected=fp",
	  BAD_PROG(MOV_X(2, 1), LD_MAP(1, HASH_48), CALL(BPF_FUNC_map_lookup_elem), MOV_K(0, 0),
		   EXIT()),
	  GOOD_PROG(LOOKUP(HASH_48), MOV_K(0, 0), EXIT()) },
	{ "PKT_LOAD", EINVAL, "BPF_LD_[ABS|IND] instructions not allowed for this program type",
	  BAD_PROG(MOV_X(6, 1), LDABS(BPF_B, 0), EXIT()),
	  GOOD_PROG(MOV_K(0, 0), EXIT()), .type = BPF_PROG_TYPE_KPROBE },
	{ "PKT_CTX", EINVAL, "R6 != pointer to skb",
	  BAD_PROG(MOV_K(6, 0), LDABS(BPF_B, 0), EXIT()),
	  GOOD_PROG(MOV_X(6, 1), LDABS(BPF_B, 0), EXIT()) },
	{ "LIMIT", E2BIG, "BPF program is too large. Processed 1000001 insn",
	  BAD_PROG(MOV_K(0, 0), ALU_K(BPF_ADD, 0, 1), JMP_K(BPF_JLT, 0, 2000000, -2), EXIT()),
	  GOOD_PROG(MOV_K(0, 0), ALU_K(BPF_ADD, 0, 1), JMP_K(BPF_JLT, 0, 2000, -2), EXIT()) },
	{ "LIMIT_FUNCS", E2BIG, "the call stack of 9 frames is too deep !",
	  BAD_PROG(FN(1), EXIT(), FN(1), EXIT(), FN(1), EXIT(), FN(1), EXIT(), FN(1), EXIT(),
		   FN(1), EXIT(), FN(1), EXIT(), FN(1), EXIT(), MOV_K(0, 0), EXIT()),
	  GOOD_PROG(FN(1), EXIT(), FN(1), EXIT(), FN(1), EXIT(), FN(1), EXIT(), FN(1), EXIT(),
		    FN(1), EXIT(), FN(1), EXIT(), MOV_K(0, 0), EXIT()) },
	{ "LIMIT_STACK", EACCES, "combined stack size of 2 calls is 640. Too large",
	  BAD_PROG(ST(BPF_DW, 10, -304, 0), FN(1), EXIT(), ST(BPF_DW, 10, -304, 0), MOV_K(0, 0),
		   EXIT()),
	  GOOD_PROG(ST(BPF_DW, 10, -256, 0), FN(1), EXIT(), ST(BPF_DW, 10, -256, 0), MOV_K(0, 0),
		    EXIT()) },
	{ "LIMIT_JUMP", E2BIG, "becomes too long", .make = long_jump },
};

/* ---- programs that are made --------------------------------------------------------- */

static size_t many_maps(struct bpf_insn *insns, bool mended)
{
	static int fds[65];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(fds) - mended; i++) {
		const struct bpf_insn pair[] = { LD_MAP(1, 0) };

		if (!fds[i])
			fds[i] = map_create(BPF_MAP_TYPE_HASH, 4, 8, 1, 0);
		memcpy(&insns[n], pair, sizeof(pair));
		insns[n].imm = fds[i];
		n += ARRAY_LEN(pair);
	}
	insns[n++] = MOV_K(0, 0);
	insns[n++] = EXIT();
	return n;
}

/* Loads of this field become three to five instructions, as the kernel is configured. */
static size_t long_jump(struct bpf_insn *insns, bool mended)
{
	size_t n = 0, loads = mended ? 6000 : 12000;

	insns[n++] = MOV_X(6, 1);
	insns[n++] = LDX(BPF_W, 7, 6, 0);
	insns[n++] = MOV_K(0, 3);
	insns[n++] = JMP_K(BPF_JEQ, 7, 1, loads);
	for (size_t i = 0; i < loads; i++)
		insns[n++] = LDX(BPF_H, 0, 6, FIELD(gso_size));
	insns[n++] = EXIT();
	return n;
}

/* ---- the test ------------------------------------------------------------------------- */

static const char *const rules[] = {
#define X(name, ...) #name,
	VERIFIER_RULES(X)
#undef X
};

static struct bpf_insn program[LONG_INSNS];

static size_t fill(const struct message *m, bool mended)
{
	const struct bpf_insn *row = mended ? m->good : m->bad;
	static const struct bpf_insn nothing;
	size_t len = ROW_INSNS;

	if (m->make)
		return m->make(program, mended);
	while (len && !memcmp(&row[len - 1], &nothing, sizeof(nothing)))
		len--;
	memcpy(program, row, len * sizeof(*row));
	for (size_t i = 0; i < len; i++)
		if (program[i].code == (BPF_LD | BPF_IMM | BPF_DW) && program[i].imm < CASE_MAPS &&
		    (program[i].src_reg == BPF_PSEUDO_MAP_FD ||
		     program[i].src_reg == BPF_PSEUDO_MAP_VALUE))
			program[i].imm = case_fds[program[i].imm];
	return len;
}

static int load(const struct message *m, size_t len, unsigned int level)
{
	int fd = prog_load_as(m->type ?: BPF_PROG_TYPE_SOCKET_FILTER, program, len,
			      m->license ?: "GPL", level);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static void check(const struct message *m)
{
	char name[64];

	size_t len = fill(m, false);
	const char *why;

	is(load(m, len, 4), -m->err, "%s: refused", m->rule);
	is_str(prog_log, m->text, "%s: classic text", m->rule);
	report_rule(prog_log, name, sizeof(name));
	if (!ok(!strcmp(name, m->rule), "%s: the rule of the report", m->rule))
		note("%s", prog_log);
	why = report_wrong(prog_log, m->text);
	if (!ok(!why && !has_kernel_address(prog_log), "%s: form of the report", m->rule))
		note("%s\n%s", why ?: "an address", prog_log);
	/* A million lines take longer than their steps. */
	is(load(m, len, m->err == E2BIG ? 4 : 1), -m->err, "%s: refused with its path", m->rule);
	why = report_wrong(prog_log, m->text);
	if (!ok(!why, "%s: form of the report with the path", m->rule))
		note("%s\n%s", why, prog_log);
	is(load(m, len, 0), -m->err, "%s: refused without a log", m->rule);

	len = fill(m, true);
	if (!is(load(m, len, 1), 0, "%s: mended", m->rule))
		note("%s", prog_log);
	report_rule(prog_log, name, sizeof(name));
	ok(!*name, "%s: no report of what is accepted", m->rule);
}

int main(void)
{
	const char *no_events = getenv("NO_BPF_EVENTS");

	cases_setup();
	is(ARRAY_LEN(messages), ARRAY_LEN(rules), "as many rows as rules");
	for (size_t i = 0; i < ARRAY_LEN(messages) && i < ARRAY_LEN(rules); i++) {
		const struct message *m = &messages[i];

		is_str(rules[i], m->rule, "row %zu is of rule %s", i, rules[i]);
		if (no_events && *no_events && (!strcmp(m->rule, "CALL_GPL") ||
						m->type == BPF_PROG_TYPE_KPROBE))
			skip(m->rule, "kernel without CONFIG_BPF_EVENTS");
		else
			check(m);
	}
	return finish();
}
