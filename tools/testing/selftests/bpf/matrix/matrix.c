// SPDX-License-Identifier: GPL-2.0-only
/*
 * What all matrices share: the code's rows, cases judged by the expectations,
 * one KTAP line for each group of cases, a "verdict" line that must be the same
 * on the unmodified kernel.
 *
 * Every case that fails is printed with its coordinates, up to SHOWN of a group.
 * Where expectations say that Linux 6.1 answers differently, a run on it (the
 * environment has PRISTINE) is held to that answer, and the case takes no part
 * in the verdict.
 */
#include "expect.h"
#include "test.h"

#define SHOWN	40

static struct {
	const char *name;
	const struct axis *axes;
	int n;
	struct expect expect;
	bool pristine, show_all, sampled;
	unsigned long cases, differing;
	struct {
		char name[128];
		unsigned long cases, failed, compared;
		__u32 sum;
	} group;
} m;

/* ---- rows of the code's tables ---------------------------------------------------- */

static char **row_lines;
static int row_lines_n;

static void rows_read(void)
{
	char line[1024];
	FILE *f;

	if (row_lines)
		return;
	f = fopen("matrix/rows", "r");
	if (!f)
		bail("matrix/rows is missing: made from the kernel's tables");
	row_lines = calloc(4096, sizeof(*row_lines));
	while (fgets(line, sizeof(line), f) && row_lines_n < 4096) {
		line[strcspn(line, "\n")] = '\0';
		row_lines[row_lines_n++] = strdup(line);
	}
	fclose(f);
}

const struct row *matrix_row(const char *table, int i)
{
	static struct row row;
	size_t len = strlen(table);

	rows_read();
	for (int l = 0; l < row_lines_n; l++) {
		if (strncmp(row_lines[l], table, len) || row_lines[l][len] != ' ' || i--)
			continue;
		char *copy = strdup(row_lines[l] + len);

		row.n = 0;
		for (char *w = strtok(copy, " "); w && row.n < MAX_WORDS; w = strtok(NULL, " "))
			row.words[row.n++] = w;
		return &row;
	}
	return NULL;
}

const struct row *matrix_row_or_die(const char *table, int i)
{
	const struct row *row = matrix_row(table, i);

	if (!row)
		bail("no row %d of table %s in matrix/rows", i, table);
	return row;
}

long row_number(const struct row *row, int word)
{
	char *end;
	long value;

	if (word >= row->n)
		bail("row %s has no word %d", row->words[0], word);
	value = strtol(row->words[word], &end, 0);
	if (*end)
		bail("row %s: %s is no number", row->words[0], row->words[word]);
	return value;
}

static bool in_list(const char *line, char *const *list, int n)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(line, list[i]))
			return true;
	return false;
}

/* The first word of a row of the file names a table; all its rows count. */
static bool is_listed_table(const char *line)
{
	size_t len = strcspn(line, " ");

	for (int i = 0; i < m.expect.rows_n; i++)
		if (!strncmp(m.expect.rows[i], line, len + 1))
			return true;
	return false;
}

static void check_rows(void)
{
	int bad = 0;

	for (int i = 0; i < row_lines_n; i++) {
		if (!is_listed_table(row_lines[i]) ||
		    in_list(row_lines[i], m.expect.rows, m.expect.rows_n))
			continue;
		note("the code has \"%s\", %s.expect does not", row_lines[i], m.name);
		bad++;
	}
	for (int i = 0; i < m.expect.rows_n; i++) {
		if (in_list(m.expect.rows[i], row_lines, row_lines_n))
			continue;
		note("%s.expect has \"%s\", the code does not", m.name, m.expect.rows[i]);
		bad++;
	}
	ok(m.expect.rows_n && !bad, "%s: rows of the code are those expected", m.name);
}

/* ---- cases ------------------------------------------------------------------------ */

static const char *axis_name(int axis, int value)
{
	const struct axis *a = &m.axes[axis];

	return a->names && value >= 0 && value < a->count ? a->names[value] : NULL;
}

static void print_value(char *out, size_t size, int axis, int value, char as)
{
	const char *name = axis_name(axis, value);

	if (as == 'x')
		snprintf(out, size, "%02x", value);
	else if (as == 'd' || !name)
		snprintf(out, size, "%d", value);
	else
		snprintf(out, size, "%s", name);
}

/* The coordinate named at @from to @out; returns where its name ends, 0: none. */
static size_t expand_one(char *out, size_t size, const char *from, const int *at)
{
	for (int i = 0; i < m.n; i++) {
		const char *rest = from + 1 + strlen(m.axes[i].name);
		char *end = (char *)rest;

		if (strncmp(from + 1, m.axes[i].name, rest - from - 1))
			continue;
		if (*rest == '+') {
			snprintf(out, size, "%ld", strtol(rest, &end, 10) + at[i]);
		} else if (*rest == ':' && rest[1]) {
			end += 2;
			print_value(out, size, i, at[i], rest[1]);
		} else {
			print_value(out, size, i, at[i], 0);
		}
		if (*end == '}')
			return end + 1 - from;
	}
	*out = '\0';
	return 0;
}

static const char *expand(const char *text, const int *at)
{
	static char out[512];
	size_t n = 0, skip;

	while (*text && n < sizeof(out) - 64) {
		out[n] = '\0';
		skip = *text == '{' ? expand_one(out + n, sizeof(out) - n, text, at) : 0;
		if (skip) {
			n += strlen(out + n);
			text += skip;
		} else {
			out[n++] = *text++;
		}
	}
	out[n] = '\0';
	return out;
}

static const char *coordinates(const int *at)
{
	static char out[512];
	size_t n = 0;

	*out = '\0';
	for (int i = 0; i < m.n && n < sizeof(out) - 64; i++) {
		n += snprintf(out + n, sizeof(out) - n, "%s%s=", i ? " " : "", m.axes[i].name);
		print_value(out + n, sizeof(out) - n, i, at[i], m.axes[i].hex ? 'x' : 0);
		n += strlen(out + n);
	}
	return out;
}

static const char *err_name(int err)
{
	return !err ? "OK" : err == -524 ? "ENOTSUPP" : strerrorname_np(-err) ?: "?";
}

static void sum_add(const void *data, size_t len)
{
	const __u8 *p = data;

	while (len--)
		m.group.sum = (m.group.sum ^ *p++) * 16777619U;
}

static void group_end(void)
{
	if (!m.group.cases)
		return;
	if (m.group.failed > SHOWN)
		note("... and %lu more", m.group.failed - SHOWN);
	ok(!m.group.failed, "%s: %s: %lu cases", m.name, m.group.name, m.group.cases);
	if (m.group.compared)
		printf("verdict %s: %s: %lu cases, sum %08x\n", m.name, m.group.name,
		       m.group.compared, m.group.sum);
	memset(&m.group, 0, sizeof(m.group));
}

void matrix_group(const char *fmt, ...)
{
	group_end();
	TALLY_NAME(m.group.name, fmt);
	m.group.sum = 2166136261U;
}

static void fail_case(const int *at, int err, const char *text, const struct rule *rule,
		      const struct answer *want)
{
	if (++m.group.failed > SHOWN)
		return;
	if (!rule) {
		note("%s: %s \"%s\", no rule", coordinates(at), err_name(err), text);
		return;
	}
	note("%s: %s \"%s\", wanted %s \"%s\" (%s.expect:%d)", coordinates(at), err_name(err), text,
	     err_name(want->err), expand(want->text, at), m.name, rule->line);
}

void matrix_case(const int *at, int err, const char *text)
{
	struct rule *rule = expect_find(&m.expect, at, m.n);
	const struct answer *want = NULL;

	m.cases++;
	m.group.cases++;
	if (m.show_all)
		printf("case %s = %s \"%s\"\n", coordinates(at), err_name(err), text);
	if (rule)
		want = m.pristine && rule->has_linux ? &rule->linux_want : &rule->want;
	if (!rule || (!want->is_any && (want->err != err || strcmp(expand(want->text, at), text))))
		fail_case(at, err, text, rule, want);
	if (rule && rule->has_linux) {
		m.differing++;
		return;
	}
	m.group.compared++;
	sum_add(at, m.n * sizeof(*at));
	sum_add(&err, sizeof(err));
	sum_add(text, strlen(text));
}

bool matrix_left_out(unsigned int every)
{
	static unsigned int n;

	m.sampled = quick();
	return m.sampled && n++ % every;
}

/* ---- begin and end ---------------------------------------------------------------- */

void matrix_begin(const char *name, const struct axis *axes, int n)
{
	char path[64];

	m.name = name;
	m.axes = axes;
	m.n = n;
	m.pristine = getenv("PRISTINE");
	m.show_all = getenv("MATRIX_ALL");
	rows_read();
	snprintf(path, sizeof(path), "matrix/%s.expect", name);
	expect_read(&m.expect, path, axes, n);
	check_rows();
}

int matrix_end(void)
{
	int bad = 0;

	group_end();
	for (int i = 0; i < m.expect.n; i++) {
		if (m.expect.rules[i].used)
			continue;
		note("%s.expect:%d decides no case", m.name, m.expect.rules[i].line);
		bad++;
	}
	if (m.expect.unused_reason) {
		note("%s.expect:%d: a reason no rule gives", m.name, m.expect.unused_reason);
		bad++;
	}
	if (m.sampled)
		skip("every rule decides a case", "a sample of the cases");
	else
		ok(!bad, "%s: every one of %d rules decides a case", m.name, m.expect.n);
	note("%s: %lu cases, %lu of them known to differ from Linux 6.1", m.name, m.cases, m.differing);
	return finish();
}

/* ---- programs --------------------------------------------------------------------- */

/* Lines that sum up and give no reason. */
static bool is_summary(const char *line)
{
	return !strncmp(line, "processed ", 10) || !strncmp(line, "verification time", 17) ||
	       !strncmp(line, "stack depth", 11);
}

static const char *last_reason(char *log)
{
	const char *reason = "";

	for (char *line = strtok(log, "\n"); line; line = strtok(NULL, "\n"))
		if (!is_summary(line))
			reason = line;
	return reason;
}

int matrix_load(__u32 type, const struct bpf_insn *insns, size_t cnt, const char *license,
		const char **text)
{
	/* Too small for a report by one byte: what is compared is the classic text. */
	static char log[4095];
	union bpf_attr a;
	int fd;

	log[0] = '\0';
	memset(&a, 0, sizeof(a));
	a.prog_type = type;
	a.insns = ptr64(insns);
	a.insn_cnt = (__u32)cnt;
	a.license = ptr64(license);
	/* Statistics only: reasons stand in every log, instructions need not. */
	a.log_level = 4;
	a.log_buf = ptr64(log);
	a.log_size = sizeof(log);
	/* Machines differ in it, and the expectations are the same for all. */
	a.prog_flags = BPF_F_ANY_ALIGNMENT;
	fd = (int)sys_bpf(BPF_PROG_LOAD, &a);
	*text = last_reason(log);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}
