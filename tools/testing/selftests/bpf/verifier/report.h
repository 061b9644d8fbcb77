/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The report in a log: finding it, and what must hold of every one.
 *
 * Lines of the report begin with "|", and no other line of a log does. So a log without
 * these lines is one to compare with Linux 6.1: report_cut().
 */
#ifndef SELFTEST_BPF_VERIFIER_REPORT_H
#define SELFTEST_BPF_VERIFIER_REPORT_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* As report.c has them. */
#define REPORT_LINES	25
#define REPORT_BYTES	3072
#define REPORT_BUFFER	4096

/* Where a line that begins with "|" starts, from @text on; or NULL. */
static inline const char *report_start(const char *text)
{
	const char *at;

	if (*text == '|')
		return text;
	at = strstr(text, "\n|");
	return at ? at + 1 : NULL;
}

/* The name of the rule; empty if there is no report of a refusal. */
static inline void report_rule(const char *log, char *name, size_t size)
{
	const char *at = report_start(log);
	size_t len = at ? strcspn(at + 2, ":\n") : 0;

	snprintf(name, size, "%.*s", (int)(at ? len : 0), at ? at + 2 : "");
}

/* Take the lines of the report out of a log. */
static inline void report_cut(char *log)
{
	char *to = log;

	for (const char *from = log; *from;) {
		size_t len = strcspn(from, "\n");

		len += from[len] == '\n';
		if (*from != '|') {
			memmove(to, from, len);
			to += len;
		}
		from += len;
	}
	*to = '\0';
}

/* What is wrong with the log of a refusal with the classic text @classic; or NULL. */
static inline const char *report_wrong(const char *log, const char *classic)
{
	const char *start = report_start(log), *text = strstr(log, classic), *end;
	const char *need, *repair;
	unsigned int lines = 0;

	if (!start)
		return "no report";
	if (!text || text > start)
		return "the classic text does not stand before it";
	for (end = start; *end == '|'; lines++) {
		if (end[1] != ' ')
			return "a line has no space behind the bar";
		end += strcspn(end, "\n");
		end += *end == '\n';
	}
	if (strncmp(end, "processed ", 10) && strncmp(end, "verification time ", 18))
		return "no figures behind it";
	if (lines > REPORT_LINES || end - start > REPORT_BYTES)
		return "too long";
	if (report_start(end))
		return "two of them";
	need = strstr(start, "\n| needed: ");
	repair = strstr(start, "\n| repair: ");
	if (!need || !repair || need > repair || repair > end)
		return "no need, or no repair";
	return NULL;
}

#endif
