// SPDX-License-Identifier: GPL-2.0-only
/*
 * Measures rows and prints a line for each, fields between tabs:
 *
 *	row GROUP NAME SIZE ENGINE UNIT COST CHECK GATE    a figure
 *	none GROUP NAME SIZE ENGINE REASON                 why there is none
 *	native GROUP NAME SIZE - UNIT COST                 the same in C
 *
 * bench [--gate] [--handicap PERCENT] [WORD...]
 *
 * --gate	only the rows of the gate
 * --handicap	operations that do nothing for the result, added to each program of
 *		the execution group that has more than one operation
 * WORD		only groups or rows whose name contains one of these
 *
 * Costs are in instructions if the machine's time stamp counter counts those.
 */
#include "bench.h"

#include <sys/resource.h>

int handicap;

/* Memory first, while nothing has been allocated; engines in the order of the enum. */
static const struct group *const groups[] = {
	&text_memory, &program_memory, &map_memory, &execution, &map_ops, &system_calls, &loading, &jit_time, &jit_size,
};

static const char *const engine_names[ENGINES] = { "interpreter", "JIT" };

static char **words;

static bool wanted(const struct group *g, const struct row *r)
{
	if (!*words)
		return true;
	for (char **w = words; *w; w++)
		if (strstr(g->name, *w) || strstr(r->name, *w))
			return true;
	return false;
}

static void print(const struct group *g, const struct row *r, const char *engine, const struct outcome *out)
{
	if (*out->none) {
		printf("none\t%s\t%s\t%ld\t%s\t%s\n", g->name, r->name, r->size, engine, out->none);
		return;
	}
	printf("row\t%s\t%s\t%ld\t%s\t%s\t%.3f\t%llx\t%d\n", g->name, r->name, r->size, engine, g->unit,
	       out->cost, (unsigned long long)out->check, r->gate);
	if (out->native)
		printf("native\t%s\t%s\t%ld\t-\t%s\t%.3f\n", g->name, r->name, r->size, g->unit, out->native);
}

static void measure(const struct group *g, bool gate, const char *engine)
{
	for (size_t i = 0; i < g->count; i++) {
		struct outcome out = { 0 };

		if ((gate && !g->rows[i].gate) || !wanted(g, &g->rows[i]))
			continue;
		g->run(&g->rows[i], &out);
		print(g, &g->rows[i], engine, &out);
		if (getenv("BENCH_FLUSH"))
			fflush(stdout);
	}
	/* One write a group: the channel to the host is not quiet. */
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static char buffer[1 << 16];
	struct rlimit lock = { RLIM_INFINITY, RLIM_INFINITY }, files = { 4096, 4096 };
	bool gate = false;

	setrlimit(RLIMIT_MEMLOCK, &lock);
	setrlimit(RLIMIT_NOFILE, &files);
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	for (words = argv + 1; *words && !strncmp(*words, "--", 2); words++) {
		if (!strcmp(*words, "--gate")) {
			gate = true;
		} else if (!strcmp(*words, "--handicap") && words[1]) {
			handicap = atoi(*++words);
		} else {
			fprintf(stderr, "bench: unknown option %s\n", *words);
			return 2;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		const struct group *g = groups[i];
		bool of_jit = g == &text_memory || g == &jit_time || g == &jit_size;

		for (enum engine e = INTERPRETER; e < ENGINES; e++) {
			if ((!g->engines && e != (of_jit ? JIT : INTERPRETER)) || !have_engine(e))
				continue;
			set_engine(e);
			measure(g, gate, g->engines || of_jit ? engine_names[e] : "-");
		}
	}
	printf("end\n");
	return fflush(stdout);
}
