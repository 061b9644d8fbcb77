// SPDX-License-Identifier: GPL-2.0-only
/*
 * Check mode for one program.
 *
 * It is verified
 *
 *	never	walking every path, if that ends, with all numbers;
 *	full	pruning by all that is live, with all numbers, if "never" did not end;
 *	normal	as the kernel does: with the numbers that something asks for;
 *	eager	so too, but storing a state wherever one may be stored.
 *
 * Verdict, rule and the facts handed to lowering must be the same in all ways, but
 * for one thing: a load at a variable offset of the stack gives a number, also if
 * it meets a pointer, and a way that knows the offset finds the pointer and may
 * refuse what is done to it. Then runs alone decide whether accepting was right.
 * Then concrete runs are held against the proofs: of "never" or "full" every
 * value, of the other two every needed one.
 */
#include "modes.h"

enum { NORMAL, EAGER, WHOLE, WAYS };

struct modes_count modes_count;
u32 modes_patience = 20 * 1024;

static const char *compare(const struct load *a, const struct load *b)
{
	if (a->err != b->err)
		return "verdicts differ";
	if (a->err)
		return a->rule != b->rule ? "reasons differ" : NULL;
	if (a->stack_depth != b->stack_depth)
		return "stack depths differ";
	if (a->max_ctx_offset != b->max_ctx_offset)
		return "parts of the context differ";
	if (memcmp(a->func, b->func, a->funcs * sizeof(*a->func)))
		return "functions differ";
	for (u32 i = 0; i < a->len; i++) {
		const struct insn_aux *x = &a->aux[i], *y = &b->aux[i];

		if (x->seen != y->seen || x->mem != y->mem ||
		    x->call_map_poison != y->call_map_poison ||
		    (!x->call_map_poison && x->call_map != y->call_map) ||
		    x->key != y->key || x->key_off != y->key_off ||
		    (x->key == FACT_SAME && x->call_key != y->call_key) ||
		    (x->key_off == FACT_SAME && x->call_key_off != y->call_key_off))
			return "facts differ";
	}
	return NULL;
}

/* One accepted what the other knew too much of. */
static bool was_blurred(const struct load *a, const struct proof *pa,
			const struct load *b, const struct proof *pb)
{
	if ((!a->err) == (!b->err) || !(a->err ? pb : pa)->blurred)
		return false;
	modes_count.blurred++;
	return true;
}

static bool gave_up(const struct load *load)
{
	return load->err == -EAGAIN || (load->err && load->rule == RULE_LIMIT);
}

/* All values: by every path, or else by comparing all that is live. */
static const struct load *verify_whole(struct proof *proof,
				       const struct load *program)
{
	static struct load never, full;

	load_patience = modes_patience + 16 * program->len;
	load_copy(&never, program);
	proof_of_load(proof, &never, PRUNE_NEVER);
	if (!gave_up(&never))
		return &never;
	proof_free(proof);
	modes_count.no_need++;
	load_patience *= 8;
	load_copy(&full, program);
	proof_of_load(proof, &full, PRUNE_FULL);
	return &full;
}

static void tally(const struct load *load, const struct load *eager, bool again)
{
	if (load->err) {
		modes_count.refused++;
		if (load->rule < __RULE_MAX)
			modes_count.rules[load->rule]++;
	} else {
		modes_count.accepted++;
		modes_count.saved += load->steps != eager->steps;
		modes_count.again += again;
	}
}

const char *modes_check(struct load *program, u64 seed, u32 runs)
{
	static struct load eager;
	struct proof proofs[WAYS];
	const char *wrong = NULL;
	const struct load *whole;

	whole = verify_whole(&proofs[WHOLE], program);
	load_patience = 8 * (modes_patience + 16 * program->len);
	load_copy(&eager, program);
	proof_of_load(&proofs[EAGER], &eager, PRUNE_EAGER);
	proof_of_load(&proofs[NORMAL], program, PRUNE_NORMAL);

	if (!gave_up(&eager) &&
	    !was_blurred(program, &proofs[NORMAL], &eager, &proofs[EAGER]))
		wrong = compare(program, &eager);
	if (!wrong && !gave_up(whole) &&
	    !was_blurred(program, &proofs[NORMAL], whole, &proofs[WHOLE]))
		wrong = compare(program, whole);
	tally(whole, &eager, proofs[NORMAL].walks > 1);
	for (u32 i = 0; i < WAYS && !program->err; i++) {
		if (!proofs[i].root) {
			modes_count.too_big++;
			break;
		}
	}

	if (!program->err)
		machine_prepare(program);
	for (u32 i = 0; i < runs && !program->err && !wrong; i++) {
		wrong = witness_run(program, proofs, WAYS, seed * runs + i);
		modes_count.runs++;
	}
	for (u32 i = 0; i < WAYS; i++)
		proof_free(&proofs[i]);
	return wrong;
}
