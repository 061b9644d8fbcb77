// SPDX-License-Identifier: GPL-2.0-only
/*
 * The report: why a program was refused, for the person who has to mend it.
 *
 * It stands behind the classic line, which says the same in the words of Linux 6.1, and
 * in front of the figures that close the log:
 *
 *	| RULE: what is wrong
 *	| the instruction, marked, between its neighbours
 *	| because: the values it takes, where they came from, which way the path went
 *	| needed: what would have to hold
 *	| repair: how programs come to that
 *
 * Each line begins with "| ", which no line of Linux 6.1 does: who wants the classic log
 * leaves these out. There are at most LINES_MAX lines and REPORT_MAX bytes, and none if
 * the user's buffer could not hold them and the classic line.
 *
 * Must never decide anything, or fail: it reads what exploration left, and writes to the
 * log. What is missing, the trail for want of memory, makes it shorter. No text holds an
 * address of the kernel: sizes, offsets, numbers of the program, and names, no more.
 *
 * One task owns a load: no locks.
 */
#include <linux/kernel.h>
#include <linux/stdarg.h>

#include "insn_valid.h"
#include "report.h"

#define LINES_MAX	25
#define REPORT_MAX	3072

/* One line and its end: an instruction and a value, or a text of the table of rules. */
#define LINE_MAX	320

/* A smaller buffer holds the classic text only. */
#define REPORT_BUFFER	4096

/* Neighbours that are shown, on each side. */
#define NEIGHBOURS	2

struct rule_text {
	const char *name;
	const char *wrong;
	const char *need;
	const char *repair;
};

static const struct rule_text rule_texts[] = {
#define X(name, wrong, need, repair) { #name, wrong, need, repair },
	VERIFIER_RULES(X)
#undef X
};

/* ---- lines --------------------------------------------------------------------------- */

/**
 * report_begin() - Begin a line
 * @r: The report.
 *
 * Context: Process context, may sleep.
 * Return: false if there is no room for one more.
 */
bool report_begin(struct report *r)
{
	struct vlog *log = &r->env->log;

	if (r->lines == LINES_MAX || vlog_mark(log) - r->start > REPORT_MAX - LINE_MAX)
		return false;
	r->lines++;
	vlog(log, "| ");
	return true;
}

/**
 * report_end() - End a line
 * @r: The report.
 *
 * Context: Process context, may sleep.
 */
void report_end(struct report *r)
{
	vlog(&r->env->log, "\n");
}

/**
 * report_line() - A line, if there is room for it
 * @r: The report.
 * @fmt: Format, without a newline.
 *
 * Context: Process context, may sleep.
 */
void report_line(struct report *r, const char *fmt, ...)
{
	char text[LINE_MAX - 8];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!report_begin(r))
		return;
	vlog(&r->env->log, "%s", text);
	report_end(r);
}

/**
 * report_insn() - An instruction, as part of a line
 * @r: The report.
 * @idx: Its index.
 *
 * Context: Process context, may sleep.
 */
void report_insn(struct report *r, u32 idx)
{
	const struct bpf_insn *insn = &r->env->insns[idx];

	vlog(&r->env->log, "%u: ", idx);
	/* Before the form of the program was checked its end may be half of one. */
	if (insn_slots(insn) > r->env->len - idx)
		vlog(&r->env->log, "(%02x)", insn->code);
	else
		vlog_insn(&r->env->log, insn);
}

/* ---- the instruction between its neighbours --------------------------------------------- */

static void show_insn(struct report *r, u32 idx)
{
	if (!report_begin(r))
		return;
	vlog(&r->env->log, idx == r->at ? " -> " : "    ");
	report_insn(r, idx);
	report_end(r);
}

/*
 * Of helpers that do not exist the instruction alone: clients that have to explain one
 * look for the classic line among the last few of the log.
 */
static void show_program(struct report *r)
{
	u32 before[NEIGHBOURS] = { REPORT_NOWHERE, REPORT_NOWHERE };
	bool is_alone = r->env->log.rule == RULE_CALL_UNKNOWN;
	u32 i = 0, n;

	if (r->at >= r->env->len)
		return;
	for (; i < r->at; i += insn_slots(&r->env->insns[i])) {
		before[0] = before[1];
		before[1] = i;
	}
	for (n = 0; n < NEIGHBOURS && !is_alone; n++)
		if (before[n] != REPORT_NOWHERE)
			show_insn(r, before[n]);
	/* The second half of a wide instruction, perhaps: then only that is of interest. */
	show_insn(r, r->at);
	for (n = 0; n < NEIGHBOURS && !is_alone; n++) {
		i += insn_slots(&r->env->insns[i]);
		if (i >= r->env->len)
			break;
		show_insn(r, i);
	}
}

/* ---- what is needed --------------------------------------------------------------------- */

static const struct vreg *reg_of(const struct report *r, u32 regno)
{
	return &r->ex->cur->reg[regno];
}

static const char *plural(s64 n)
{
	return n == 1 ? "" : "s";
}

/* Of which offsets of a register are all bytes of an access inside of [@lo, @hi)? */
static void need_offset(struct report *r, const struct access *access, s64 lo, s64 hi,
			const char *what)
{
	s64 first = lo - access->off, last = hi - access->off - access->size;

	if (first <= last)
		report_line(r,
			    "needed: %u byte%s at R%u%+d inside of %s: an offset of R%u from %lld to %lld",
			    access->size, plural(access->size), access->regno, access->off, what,
			    access->regno,
			    first, last);
	else
		report_line(r, "needed: %u byte%s at R%u%+d inside of %s, which has not so many",
			    access->size, plural(access->size), access->regno, access->off, what);
}

static bool need_stack(struct report *r)
{
	struct access access;

	if (!report_access(r, &access) || reg_of(r, access.regno)->kind != REG_STACK)
		return false;
	need_offset(r, &access, -MAX_BPF_STACK, 0, "the frame of 512 bytes below fp");
	return true;
}

static bool need_value(struct report *r)
{
	struct access access;
	char what[48];

	if (!report_access(r, &access) || reg_of(r, access.regno)->kind != REG_MAP_VALUE)
		return false;
	snprintf(what, sizeof(what), "a map value of %u bytes",
		 reg_of(r, access.regno)->map->value_size);
	need_offset(r, &access, 0, reg_of(r, access.regno)->map->value_size, what);
	return true;
}

static bool need_packet(struct report *r)
{
	struct access access;
	const struct vreg *reg;
	s64 end;

	if (!report_access(r, &access))
		return false;
	reg = reg_of(r, access.regno);
	if (!reg_is_packet(reg) || scalar_smin(&reg->num) < 0)
		return false;
	end = (s64)reg->off + access.off + access.size;
	report_line(r,
		    "needed: %lld byte%s of the packet, counted from offset 0, that a comparison with %s proved to be there; so far %d",
		    end, plural(end),
		    reg->kind == REG_PACKET ? "data_end" : "data", max_t(s32, reg->range, 0));
	return true;
}

static bool need_align(struct report *r)
{
	struct access access;

	if (!report_access(r, &access))
		return false;
	report_line(r, "needed: R%u%+d is a multiple of %u", access.regno, access.off,
		    access.size);
	return true;
}

static bool need_field(struct report *r)
{
	struct access access;

	if (!report_access(r, &access))
		return false;
	report_line(r,
		    "needed: a field that programs of this type may %s; %u byte%s at offset %d %s none",
		    access.type == BPF_READ ? "read" : "write", access.size, plural(access.size),
		    access.off, access.size == 1 ? "is" : "are");
	return true;
}

static bool need_argument(struct report *r)
{
	const struct bpf_func_proto *proto;
	const struct bpf_insn *insn;

	if (!r->ex || !r->ex->bad_arg)
		return false;
	insn = &r->env->insns[r->at];
	proto = r->env->ops->get_func_proto(insn->imm, r->env->prog);
	if (!proto)
		return false;
	report_line(r, "needed: argument %u of %s in R%u is one of: %s", r->ex->bad_arg,
		    vlog_func_name(insn->imm), r->ex->bad_arg,
		    check_call_expects(proto->arg_type[r->ex->bad_arg - 1]));
	return true;
}

/* Rules of which more can be said than the table has. */
static bool (*const needs[__RULE_MAX])(struct report *r) = {
	[RULE_STACK_BOUNDS]	= need_stack,
	[RULE_VALUE_BOUNDS]	= need_value,
	[RULE_PACKET_BOUNDS]	= need_packet,
	[RULE_MEM_ALIGN]	= need_align,
	[RULE_CTX_ACCESS]	= need_field,
	[RULE_CALL_ARG]		= need_argument,
};

/* ---- programs that are too complex --------------------------------------------------------- */

/* The instruction that was walked most often. */
static void show_hottest(struct report *r)
{
	const struct verifier_env *env = r->env;
	const u32 *visits = r->ex ? r->ex->trail.visits : NULL;
	u32 i, hottest = 0;

	report_line(r, "because:");
	report_line(r,
		    "    %u steps were taken, of a budget of %u; %u states were kept, at most %u at one place",
		    min_t(u32, env->steps, VERIFIER_MAX_STEPS), VERIFIER_MAX_STEPS,
		    env->states_total, env->states_per_insn);
	if (!visits)
		return;
	for (i = 0; i < env->len; i++)
		if (visits[i] > visits[hottest])
			hottest = i;
	if (!report_begin(r))
		return;
	vlog(&r->env->log, "    the hottest instruction, walked %u times: ", visits[hottest]);
	report_insn(r, hottest);
	report_end(r);
}

/* ---- a refusal ------------------------------------------------------------------------------- */

static bool is_wanted(const struct vlog *log)
{
	return log->kbuf && log->rejected && !log->reported && log->ubuf_size >= REPORT_BUFFER;
}

static u32 place_of(const struct verifier_env *env, const struct explore *ex)
{
	if (ex)
		return ex->pc;
	return env->log.insn ? env->log.insn - 1 : REPORT_NOWHERE;
}

/**
 * report_refusal() - Say why the program was refused
 * @env: The load, which a pass has refused.
 * @ex: The exploration, if it was the one; else NULL.
 *
 * Does nothing if the pass failed without a reason of its own, or the report is written.
 *
 * Context: Process context, may sleep.
 */
void report_refusal(struct verifier_env *env, const struct explore *ex)
{
	struct report r = {
		.env = env,
		.ex = ex,
		.start = vlog_mark(&env->log),
		.at = place_of(env, ex),
	};
	const struct rule_text *rule = &rule_texts[env->log.rule];
	bool (*need)(struct report *r);

	if (!is_wanted(&env->log))
		return;
	env->log.reported = true;
	report_line(&r, "%s: %s", rule->name, rule->wrong);
	show_program(&r);
	if (env->log.rule == RULE_LIMIT)
		show_hottest(&r);
	else if (ex)
		report_values(&r, env->log.rule);
	need = ex ? needs[env->log.rule] : NULL;
	if (!need || !need(&r))
		report_line(&r, "needed: %s", rule->need);
	report_line(&r, "repair: %s", rule->repair);
}
