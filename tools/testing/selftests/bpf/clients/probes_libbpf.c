// SPDX-License-Identifier: GPL-2.0-only
/*
 * What libbpf finds out about the kernel by its probes of program types, map types
 * and helpers, against the kernel's own tables: matrix/rows, which is made of them.
 *
 * Each row is there, on Linux 6.1 too ($PRISTINE); and nothing else is, here.
 * Helpers are asked for only with types that load: of others libbpf assumes the best.
 *
 *	probes_libbpf matrix/rows
 */
#include "../test.h"
#include <bpf/libbpf.h>

#define TYPES	64
#define HELPERS	__BPF_FUNC_MAX_ID

static bool prog_types[TYPES], map_types[TYPES], helpers[TYPES][HELPERS];

static void mark(bool *table, unsigned int size, unsigned int at)
{
	if (at >= size)
		bail("row %u is beyond what libbpf can be asked", at);
	table[at] = true;
}

static void read_rows(const char *path)
{
	FILE *f = path ? fopen(path, "r") : NULL;
	unsigned int a, b;
	char line[256];

	if (!f)
		bail("no rows: %s", path ?: "usage: probes_libbpf ROWS");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "prog_type %u", &a) == 1)
			mark(prog_types, TYPES, a);
		else if (sscanf(line, "map_type %u", &a) == 1)
			mark(map_types, TYPES, a);
		else if (sscanf(line, "helper %u %u", &a, &b) == 2 && a < TYPES)
			mark(helpers[a], HELPERS, b);
	}
	fclose(f);
}

/*
 * One answer. What is in the tables must be there; the rest is only counted, and
 * the first of it named.
 */
static int more;

static void judge(int answer, bool offered, const char *what, const char *name)
{
	if (offered)
		is(answer, 1, "%s %s", what, name);
	else if (answer == 1 && !more++ && !getenv("PRISTINE"))
		note("%s %s is not in the tables", what, name);
}

static void judge_others(const char *what)
{
	if (getenv("PRISTINE"))
		skip(what, "Linux 6.1 has %d more", more);
	else
		is(more, 0, "%s", what);
	more = 0;
}

static const char *name_of(const char *name, int number)
{
	static char text[32];

	snprintf(text, sizeof(text), "%d", number);
	return name ?: text;
}

static void probe_helpers(enum bpf_prog_type type)
{
	const char *of = libbpf_bpf_prog_type_str(type);
	char what[64];

	snprintf(what, sizeof(what), "%s: helper", of);
	for (int id = 1; id < HELPERS; id++)
		judge(libbpf_probe_bpf_helper(type, id, NULL), helpers[type][id], what,
		      name_of(NULL, id));
	snprintf(what, sizeof(what), "%s: no other helper", of);
	judge_others(what);
	is(libbpf_probe_bpf_helper(type, 12345, NULL), 0, "%s: none of an unknown number", of);
}

int main(int argc, char **argv)
{
	read_rows(argv[1]);
	libbpf_set_print(NULL);
	for (int type = 1; libbpf_bpf_prog_type_str(type); type++)
		judge(libbpf_probe_bpf_prog_type(type, NULL), prog_types[type], "program type",
		      libbpf_bpf_prog_type_str(type));
	judge_others("no other program type");
	for (int type = 1; libbpf_bpf_map_type_str(type); type++)
		judge(libbpf_probe_bpf_map_type(type, NULL), map_types[type], "map type",
		      libbpf_bpf_map_type_str(type));
	judge_others("no other map type");
	for (int type = 0; type < TYPES; type++)
		if (prog_types[type])
			probe_helpers(type);
	return finish();
}
