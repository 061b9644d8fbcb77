/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of expectations: reading them, and the rule that decides a case. */
#ifndef SELFTEST_BPF_MATRIX_EXPECT_H
#define SELFTEST_BPF_MATRIX_EXPECT_H

#include "matrix.h"

/* Values of one coordinate that a rule is about. */
struct pattern {
	struct { long lo, hi; } span[64];
	int n;		/* 0: every value */
};

/* What the kernel says. */
struct answer {
	bool is_any;	/* not looked at */
	int err;	/* 0 or -errno */
	char *text;	/* may name coordinates as {axis} */
};

struct rule {
	struct pattern at[MAX_AXES];
	struct answer want;
	struct answer linux_want;	/* if has_linux: what Linux 6.1 says */
	bool has_linux;
	char *reason;			/* why it differs */
	int line;
	unsigned long used;
};

struct expect {
	struct rule *rules;
	int n;
	char **rows;		/* lines "row ...", single spaces */
	int rows_n;
	int unused_reason;	/* line of a reason no rule gives, or 0 */
};

void expect_read(struct expect *e, const char *path, const struct axis *axes, int n);
struct rule *expect_find(struct expect *e, const int *at, int n);

#endif
