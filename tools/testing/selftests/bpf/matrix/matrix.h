/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A matrix: every combination of a few coordinates, the kernel's answer to each,
 * and what a hand-written file expects.
 *
 * The coordinates come from the code's own tables: matrix/rows is made by a
 * program that contains those tables (tables/). The expectations are written by
 * people, in NAME.expect, whose form expect.c explains. The two are never derived
 * from each other: a row of the code that the file does not list fails, and so
 * does the reverse, and a rule that decides no case.
 *
 * A program describes its axes, makes cases group by group, and returns what
 * matrix_end() says:
 *
 *	matrix_begin("ctx", axes, 3);
 *	matrix_group("read of 4 bytes");
 *	matrix_case((int[]){ off, size, access }, err, text);
 *	return matrix_end();
 *
 * With MATRIX_ALL in the environment it prints each case with its answer.
 */
#ifndef SELFTEST_BPF_MATRIX_H
#define SELFTEST_BPF_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include "raw_bpf.h"

#define MAX_AXES	6
#define MAX_WORDS	16

/**
 * struct axis - one coordinate
 * @name: what rules and messages call it
 * @names: names of the values, at their numbers; NULL if they have none
 * @count: how many
 * @hex: failed cases are shown with the number, in base 16
 */
struct axis {
	const char *name;
	const char *const *names;
	int count;
	bool hex;
};

/* A row of the code's tables: its words after the name of the table. */
struct row {
	char *words[MAX_WORDS];
	int n;
};

void matrix_begin(const char *name, const struct axis *axes, int n);
void matrix_group(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void matrix_case(const int *at, int err, const char *text);
int matrix_end(void);

/*
 * If less is asked for (quick()): is this case to be left out, as all but one of
 * @every are? Then a rule need not decide a case.
 */
bool matrix_left_out(unsigned int every);

/* Rows of table @table; NULL behind the last. */
const struct row *matrix_row(const char *table, int i);
const struct row *matrix_row_or_die(const char *table, int i);
long row_number(const struct row *row, int word);

/*
 * Load and close a program: 0 or -errno. @text is then the reason the kernel's
 * log ends in, "" without one, good until the next call.
 */
int matrix_load(__u32 type, const struct bpf_insn *insns, size_t cnt,
		const char *license, const char **text);

#endif
