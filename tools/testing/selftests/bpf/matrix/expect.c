// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of expectations, a line each:
 *
 *	# anything
 *	row WORDS... # WHAT           the code's tables must have this row
 *	let NAME VALUES               a name for values, usable in any column
 *	reason NAME SECTION: TEXT...  why Linux 6.1 answers differently, and the
 *	                              section of Documentation/bpf/compat.rst
 *	COLUMN... : ANSWER            a rule: one column for each axis
 *	COLUMN... : ANSWER / ANSWER NAME   ... with Linux 6.1's answer, and why
 *
 * A column is *, or a list of values, names and ranges: 1,4..7,fp. An answer is
 * OK or an errno, then the last line of the kernel's log in quotation marks if
 * there is one; {axis} in it is that coordinate by name or number, {axis:d} its
 * number, {axis:x} that in base 16, {axis+8} the sum. "any" is an answer nobody looks at.
 *
 * The last rule that fits decides, so the general stand before the specific.
 */
#include "expect.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct let {
	char *name;
	struct pattern values;
};

struct reason {
	char *name;
	int line;
	bool used;
};

static struct let lets[256];
static struct reason reasons[64];
static int lets_n, reasons_n;
static const char *file;
static int line_no;

static __attribute__((noreturn)) void bad(const char *why, const char *what)
{
	printf("Bail out! %s:%d: %s: %s\n", file, line_no, why, what);
	exit(2);
}

static char *word(char **at)
{
	char *p = *at + strspn(*at, " \t");
	size_t n = strcspn(p, " \t");

	if (!n)
		return NULL;
	*at = p + n + (p[n] ? 1 : 0);
	p[n] = '\0';
	return p;
}

/* ---- columns ------------------------------------------------------------------- */

static void pattern_add(struct pattern *p, long lo, long hi)
{
	if (p->n == ARRAY_LEN(p->span))
		bad("too many values", "split the line");
	p->span[p->n].lo = lo;
	p->span[p->n++].hi = hi;
}

static bool add_let(struct pattern *p, const char *name)
{
	for (int i = 0; i < lets_n; i++) {
		if (strcmp(lets[i].name, name))
			continue;
		for (int s = 0; s < lets[i].values.n; s++)
			pattern_add(p, lets[i].values.span[s].lo, lets[i].values.span[s].hi);
		return true;
	}
	return false;
}

/* The value called @name, which ends at @end; -1: there is none. */
static int value_of(const char *name, const char *end, const struct axis *axis)
{
	size_t len = end - name;

	for (int i = 0; axis && axis->names && i < axis->count; i++)
		if (axis->names[i] && !strncmp(axis->names[i], name, len) && !axis->names[i][len])
			return i;
	return -1;
}

/* A name, or two with .. between them. */
static bool add_name(struct pattern *p, const char *name, const struct axis *axis)
{
	const char *end = name + strlen(name), *dots = strstr(name, "..");
	int lo = value_of(name, dots ?: end, axis);
	int hi = dots ? value_of(dots + 2, end, axis) : lo;

	if (lo < 0 || hi < lo)
		return false;
	pattern_add(p, lo, hi);
	return true;
}

static void add_numbers(struct pattern *p, const char *item)
{
	char *end;
	long lo = strtol(item, &end, 0), hi = lo;

	if (!strncmp(end, "..", 2))
		hi = strtol(end + 2, &end, 0);
	if (end == item || *end || hi < lo)
		bad("neither a name nor a number", item);
	pattern_add(p, lo, hi);
}

/* @axis NULL: the values of a "let", which may serve several axes. */
static void read_pattern(struct pattern *p, char *text, const struct axis *axis)
{
	memset(p, 0, sizeof(*p));
	if (!strcmp(text, "*"))
		return;
	for (char *item = strtok(text, ","); item; item = strtok(NULL, ","))
		if (!add_let(p, item) && !add_name(p, item, axis))
			add_numbers(p, item);
}

/* A name of a let may be that of a value of an axis: try each of them. */
static void read_let(char *rest, const struct axis *axes, int n)
{
	struct let *let = &lets[lets_n];
	char *name = word(&rest), *text = word(&rest);
	const struct axis *axis = NULL;
	struct pattern probe = {};
	char first[64] = "";

	if (!name || !text || lets_n == ARRAY_LEN(lets))
		bad("let NAME VALUES wanted", name ?: "");
	sscanf(text, "%63[^,]", first);
	for (int i = 0; i < n && !axis; i++)
		if (add_name(&probe, first, &axes[i]))
			axis = &axes[i];
	let->name = strdup(name);
	read_pattern(&let->values, text, axis);
	lets_n++;
}

/* ---- answers ------------------------------------------------------------------- */

static int errno_of(const char *name)
{
	static const int wide = 600;

	for (int e = 1; e < wide; e++) {
		const char *known = strerrorname_np(e);

		if (known && !strcmp(known, name))
			return -e;
	}
	/* Of the kernel only. */
	if (!strcmp(name, "ENOTSUPP"))
		return -524;
	bad("no such errno", name);
}

static void read_answer(struct answer *a, char **rest)
{
	char *name = word(rest), *p, *end;

	if (!name)
		bad("an answer is missing", "");
	a->text = strdup("");
	a->is_any = !strcmp(name, "any");
	if (!a->is_any && strcmp(name, "OK"))
		a->err = errno_of(name);
	p = *rest + strspn(*rest, " \t");
	if (*p != '"')
		return;
	end = strrchr(p + 1, '"');
	/* The second answer's text is not this one's. */
	for (char *slash = strstr(p, "\" /"); slash; slash = NULL)
		end = slash;
	if (!end)
		bad("no end of the text", p);
	*end = '\0';
	a->text = strdup(p + 1);
	*rest = end + 1;
}

static void read_reason_of(struct rule *rule, char **rest)
{
	char *name = word(rest);

	for (int i = 0; name && i < reasons_n; i++) {
		if (!strcmp(reasons[i].name, name)) {
			reasons[i].used = true;
			rule->reason = reasons[i].name;
			return;
		}
	}
	bad("a difference wants a reason", name ?: "");
}

static void read_rule(struct rule *rule, char *columns, char *rest, const struct axis *axes, int n)
{
	char *w;

	memset(rule, 0, sizeof(*rule));
	rule->line = line_no;
	for (int i = 0; i < n; i++) {
		w = word(&columns);
		if (!w)
			bad("a column is missing for axis", axes[i].name);
		read_pattern(&rule->at[i], w, &axes[i]);
	}
	w = word(&columns);
	if (w)
		bad("one column too many", w);
	read_answer(&rule->want, &rest);
	w = word(&rest);
	if (!w)
		return;
	if (strcmp(w, "/"))
		bad("/ and the answer of Linux wanted", w);
	rule->has_linux = true;
	read_answer(&rule->linux_want, &rest);
	read_reason_of(rule, &rest);
}

/* ---- files --------------------------------------------------------------------- */

static void *grow(void *array, int n, size_t size)
{
	if (n % 64)
		return array;
	array = realloc(array, (n + 64) * size);
	if (!array)
		bad("no memory", "");
	return array;
}

static void read_row(struct expect *e, char *rest)
{
	char text[512] = "";
	char *w;

	while ((w = word(&rest)) && *w != '#' && strlen(text) + strlen(w) + 2 < sizeof(text)) {
		strcat(text, *text ? " " : "");
		strcat(text, w);
	}
	e->rows = grow(e->rows, e->rows_n, sizeof(*e->rows));
	e->rows[e->rows_n++] = strdup(text);
}

static void read_line(struct expect *e, char *line, const struct axis *axes, int n)
{
	char *rest = line, *colon = strstr(line, " : ");
	char first[32] = "";

	sscanf(line, "%31s", first);
	if (!*first || *first == '#')
		return;
	if (!strcmp(first, "row")) {
		word(&rest);
		read_row(e, rest);
	} else if (!strcmp(first, "let")) {
		word(&rest);
		read_let(rest, axes, n);
	} else if (!strcmp(first, "reason")) {
		word(&rest);
		if (reasons_n == ARRAY_LEN(reasons))
			bad("too many reasons", "");
		reasons[reasons_n++] = (struct reason){ strdup(word(&rest) ?: ""), line_no };
	} else if (colon) {
		*colon = '\0';
		e->rules = grow(e->rules, e->n, sizeof(*e->rules));
		read_rule(&e->rules[e->n++], line, colon + 3, axes, n);
	} else {
		bad("no rule", line);
	}
}

void expect_read(struct expect *e, const char *path, const struct axis *axes, int n)
{
	char line[1024];
	FILE *f;

	memset(e, 0, sizeof(*e));
	file = path;
	line_no = 0;
	f = fopen(path, "r");
	if (!f)
		bad("cannot be read", strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		line_no++;
		line[strcspn(line, "\n")] = '\0';
		read_line(e, line, axes, n);
	}
	fclose(f);
	for (int i = 0; i < reasons_n; i++)
		if (!reasons[i].used)
			e->unused_reason = reasons[i].line;
}

static bool pattern_has(const struct pattern *p, long value)
{
	for (int i = 0; i < p->n; i++)
		if (value >= p->span[i].lo && value <= p->span[i].hi)
			return true;
	return !p->n;
}

struct rule *expect_find(struct expect *e, const int *at, int n)
{
	for (int r = e->n - 1; r >= 0; r--) {
		int i = 0;

		while (i < n && pattern_has(&e->rules[r].at[i], at[i]))
			i++;
		if (i == n) {
			e->rules[r].used++;
			return &e->rules[r];
		}
	}
	return NULL;
}
