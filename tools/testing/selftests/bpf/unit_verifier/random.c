// SPDX-License-Identifier: GPL-2.0-only
/*
 * Check mode over random programs.
 *
 *	random COUNT [FIRST]	programs made from seeds FIRST .. FIRST+COUNT-1
 *	random -s SEED		show one
 */
#include <malloc.h>

#include "generate.h"
#include "modes.h"

#define RUNS 16

/* Programs that show every verdict that is looked for. */
#define ENOUGH 2000

static void show(u64 seed)
{
	static const char *const names[] = { "normal", "never", "eager" };
	static struct load load;

	for (u8 prune = PRUNE_NORMAL; prune <= PRUNE_EAGER; prune++) {
		generate(&load, seed);
		load.attr.log_level = VLOG_LEVEL2;
		load.attr.log_buf = (u64)(uintptr_t)load.log;
		load.attr.log_size = sizeof(load.log);
		load_run(&load, prune);
		printf("---- pruning: %s, verdict %d, %u steps\n%s",
		       names[prune], load.err, load.steps, load.log);
	}
	load_print(&load);
}

static void print_counts(void)
{
	static const char *const rules[] = {
#define X(name, ...) #name,
		VERIFIER_RULES(X)
#undef X
	};
	const struct modes_count *c = &modes_count;

	printf("# %u accepted (%u%%; %u of them with less work), %u refused; all paths were too many in %u, %u only compared, %u blurred, %u walked again; %llu runs, %llu steps checked, %llu in called functions\n#",
	       c->accepted, 100 * c->accepted / max(1u, c->accepted + c->refused),
	       c->saved, c->refused, c->no_need, c->too_big, c->blurred, c->again,
	       c->runs, witness_steps, witness_called);
	for (u32 i = 0; i < __RULE_MAX; i++)
		if (c->rules[i])
			printf(" %s %u", rules[i], c->rules[i]);
	printf("\n");
}

int main(int argc, char **argv)
{
	u64 n, total = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000;
	u64 first = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	static struct load program;
	bool good;

	/* A load frees all it took, and the next one wants it again. */
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	proof_limit = 64 << 20;
	if (argc > 2 && !strcmp(argv[1], "-s")) {
		show(first);
		return 0;
	}
	for (n = first; n < first + total; n++) {
		const char *wrong;

		generate(&program, n);
		wrong = modes_check(&program, n, RUNS);
		if (wrong) {
			printf("not ok 1 - random programs # seed %llu: %s\n1..1\n",
			       n, wrong);
			return 1;
		}
	}
	print_counts();
	/* All of this must have come up, or nothing was shown. */
	good = modes_count.accepted && modes_count.refused &&
	       modes_count.blurred <= total / 500 + 1 &&
	       modes_count.again && modes_count.again <= total / 2 &&
	       modes_count.saved && witness_steps > 10 * total && witness_called > total &&
	       (modes_count.rules[RULE_CFG_LOOP] || total < ENOUGH);
	printf("%s 1 - random programs: same verdict in every way, runs within all claims\n1..1\n",
	       good ? "ok" : "not ok");
	return !good;
}
