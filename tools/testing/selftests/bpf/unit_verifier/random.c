// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pruning against no pruning, on random programs, and accepted programs
 * against concrete runs.
 *
 *	random COUNT [FIRST]	programs made from seeds FIRST .. FIRST+COUNT-1
 *	random -s SEED		show one
 *
 * Verdict, rule and the facts handed to lowering must be the same with
 * exploration of every path, with pruning, and with pruning at every chance.
 */
#include "insn_valid.h"
#include "witness.h"

#define RUNS 24

static struct {
	u32 accepted, refused, given_up, saved;
	u32 rules[__RULE_MAX];
} count;

static const char *compare(const struct load *a, const struct load *b)
{
	if (a->err != b->err)
		return "verdicts differ";
	if (a->err)
		return a->rule != b->rule ? "reasons differ" : NULL;
	if (a->stack_depth != b->stack_depth)
		return "stack depths differ";
	for (u32 i = 0; i < a->len; i++) {
		const struct insn_aux *x = &a->aux[i], *y = &b->aux[i];

		if (x->seen != y->seen || x->mem != y->mem ||
		    x->call_map_poison != y->call_map_poison ||
		    (!x->call_map_poison && x->call_map != y->call_map))
			return "facts differ";
	}
	return NULL;
}

static const char *run_concrete(const struct load *load, u64 seed)
{
	const char *wrong = NULL;

	for (u32 i = 0; !load->err && !wrong && i < RUNS; i++)
		wrong = witness_run(load, seed * RUNS + i);
	witness_forget();
	return wrong;
}

static void tally(const struct load *load, bool saved)
{
	if (load->err) {
		count.refused++;
		count.rules[load->rule]++;
	} else {
		count.accepted++;
		count.saved += saved;
	}
}

/*
 * One program; returns what is wrong, or NULL. If it has too many paths to walk
 * them all, the two ways of pruning are only compared with each other and with
 * concrete runs, which must end.
 */
static const char *try(u64 seed)
{
	static struct load plain, pruned, eager;
	const struct load *model = &plain;
	const char *wrong = NULL;

	generate(&plain, seed);
	memcpy(&pruned, &plain, sizeof(plain));
	memcpy(&eager, &plain, sizeof(plain));

	witness_start();
	load_run(&plain, PRUNE_NEVER, 0);
	if (plain.err != -EAGAIN)
		wrong = run_concrete(&plain, seed);
	witness_forget();
	if (wrong)
		return wrong;

	load_run(&pruned, PRUNE_NORMAL, 0);
	if (plain.err == -EAGAIN) {
		count.given_up++;
		model = &pruned;
	}
	witness_start();
	load_run(&eager, PRUNE_EAGER, 0);
	wrong = compare(model, &pruned) ?: compare(model, &eager) ?:
		run_concrete(&eager, seed);
	witness_forget();
	if (!wrong)
		tally(model, model->steps != eager.steps);
	return wrong;
}

static void show(u64 seed)
{
	static const char *const names[] = { "normal", "never", "eager" };
	static struct load load;

	for (u8 prune = PRUNE_NORMAL; prune <= PRUNE_EAGER; prune++) {
		generate(&load, seed);
		load_run(&load, prune, VLOG_LEVEL2);
		printf("---- pruning: %s, verdict %d, %u steps\n%s",
		       names[prune], load.err, load.steps, load.log);
	}
	load_print(&load);
}

int main(int argc, char **argv)
{
	static const char *const rules[] = {
#define X(name, text) #name,
		VERIFIER_RULES(X)
#undef X
	};
	u64 n, total = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000;
	u64 first = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	bool good;

	load_patience = 20 * 1024;
	if (argc > 2 && !strcmp(argv[1], "-s")) {
		show(first);
		return 0;
	}
	for (n = first; n < first + total; n++) {
		const char *wrong = try(n);

		if (wrong) {
			printf("not ok 1 - random programs # seed %llu: %s\n1..1\n", n, wrong);
			return 1;
		}
	}
	printf("# %u accepted (%u of them with less work), %u refused; %u too long without pruning\n#",
	       count.accepted, count.saved, count.refused, count.given_up);
	for (u32 i = 0; i < __RULE_MAX; i++)
		if (count.rules[i])
			printf(" %s %u", rules[i], count.rules[i]);
	/* All of this must have come up, or nothing was shown. */
	good = count.accepted && count.refused && count.saved &&
	       count.rules[RULE_CFG_LOOP];
	printf("\n%s 1 - random programs: pruning changes no verdict, runs stay within the claims\n1..1\n",
	       good ? "ok" : "not ok");
	return !good;
}
