/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report of a refusal: what its parts share.
 */
#ifndef _BPF_VERIFIER_REPORT_H
#define _BPF_VERIFIER_REPORT_H

#include "check.h"
#include "trail.h"
#include "verifier.h"

/* "No instruction": the refusal is about the program as a whole. */
#define REPORT_NOWHERE	U32_MAX

/**
 * struct report - a report being written
 * @env: the load
 * @ex: the exploration, where it was refused; NULL outside of it
 * @start: the log before it
 * @lines: written so far
 * @at: instruction it is about, or REPORT_NOWHERE
 */
struct report {
	struct verifier_env *env;
	const struct explore *ex;
	u64 start;
	u32 lines;
	u32 at;
};

/* report.c */
bool report_begin(struct report *r);
void report_end(struct report *r);
__printf(2, 3) void report_line(struct report *r, const char *fmt, ...);
void report_insn(struct report *r, u32 idx);

/* report_value.c: what is known of the values an instruction takes, and from where. */
void report_values(struct report *r, enum verifier_rule rule);
bool report_access(const struct report *r, struct access *access);

#endif /* _BPF_VERIFIER_REPORT_H */
