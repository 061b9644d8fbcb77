// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scalar domain, built narrow, against all concrete words.
 *
 * At 4/2 bits (-DSCALAR_WIDE=4 -DSCALAR_LOW=2) every closed scalar there is
 * takes part; at 8/4 bits a random sample does. Operands are sets of words
 * that are listed in full, so each check is about every member:
 *
 *	soundness	each concrete result is a member of the abstract one
 *	precision	how often the result is the best the domain can say, and
 *			how many words it holds for each word it has to hold
 *
 * usage: scalar_narrow [pairs-per-thousand [seed]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "concrete.h"
#include "scalar_parts.h"
#include "tap.h"

#define WIDE		SCALAR_WIDE
#define LOW		SCALAR_LOW
#define WORDS		(1U << WIDE)
#define MAX_ELEMENTS	4000

#define STR_(x)		#x
#define STR(x)		STR_(x)
#define WIDTHS		" at " STR(SCALAR_WIDE) "/" STR(SCALAR_LOW) " bits"

/* A scalar with its members listed. */
struct element {
	struct scalar s;
	unsigned int count;
	u8 member[WORDS];
};

static struct element elements[MAX_ELEMENTS];
static unsigned int n_elements;
static unsigned int per_thousand = 1000;
static u64 seed = 1;

static u64 rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545f4914f6cdd1dULL >> 16;
}

/* To the next pair of that part of all pairs, at random. */
static unsigned int stride(void)
{
	return per_thousand >= 1000 ? 1 : 1 + rnd() % (2000 / per_thousand - 1);
}

#define for_each_pair(a, b)						\
	for (unsigned long pair_ = 0;					\
	     pair_ < (unsigned long)n_elements * n_elements &&		\
	     ((a) = &elements[pair_ / n_elements],			\
	      (b) = &elements[pair_ % n_elements], true);		\
	     pair_ += stride())

static void list_members(struct element *e)
{
	unsigned int v;

	e->count = 0;
	for (v = 0; v < WORDS; v++) {
		if (scalar_contains(&e->s, v))
			e->member[e->count++] = v;
	}
}

/* The best the domain can say of a set, as joins of constants are exact. */
static bool best_of(struct scalar *best, const bool *in)
{
	struct scalar word;
	bool any = false;
	unsigned int v;

	for (v = 0; v < WORDS; v++) {
		if (!in[v])
			continue;
		scalar_const(&word, v);
		if (any)
			scalar_join(best, best, &word);
		else
			*best = word;
		any = true;
	}
	return any;
}

/* Counters of one operation. */
struct score {
	unsigned long pairs, wrong, best, held, needed;
};

static void score_result(struct score *score, const struct scalar *result,
			 const bool *must)
{
	struct scalar best;
	unsigned int v;
	bool good = true;

	if (!best_of(&best, must))
		return;
	score->pairs++;
	for (v = 0; v < WORDS; v++) {
		bool has = scalar_contains(result, v);

		good &= has || !must[v];
		score->held += has;
		score->needed += scalar_contains(&best, v);
	}
	score->wrong += !good;
	score->best += scalar_equal(result, &best);
}

static void score_report(const struct score *score, const char *kind,
			 const char *name)
{
	char text[80];

	printf("# %-6s %-12s %9lu pairs, best %6.2f%%, words held/needed %.4f\n",
	       kind, name, score->pairs,
	       score->pairs ? 100.0 * score->best / score->pairs : 0,
	       score->needed ? 1.0 * score->held / score->needed : 1);
	snprintf(text, sizeof(text), "%s %s is sound" WIDTHS, kind, name);
	tap_result(!score->wrong && score->pairs, text);
}

/* Element making. */

static void add_element(const struct scalar *s)
{
	struct element *e = &elements[n_elements];
	unsigned int i;

	if (n_elements == MAX_ELEMENTS)
		return;
	for (i = 0; i < n_elements; i++) {
		if (scalar_equal(&elements[i].s, s))
			return;
	}
	e->s = *s;
	list_members(e);
	n_elements++;
}

static void raw_word(struct word *x, unsigned int width, unsigned int code)
{
	unsigned int ranges = width_sign(width) * (width_sign(width) + 1) / 2;
	int h;

	word_unknown(x, width);
	for (h = 0; h < HALVES; h++, code /= ranges + 1) {
		unsigned int pick = code % (ranges + 1), lo = 0;
		unsigned int left = width_sign(width);

		if (pick == ranges) {
			x->half[h] = NO_RANGE;
			continue;
		}
		for (; pick >= left; lo++)
			pick -= left--;
		x->half[h].hi = x->half[h].lo + lo + pick;
		x->half[h].lo += lo;
	}
}

static unsigned int raw_words(unsigned int width)
{
	unsigned int sign = width_sign(width);
	unsigned int ranges = sign * (sign + 1) / 2 + 1;

	return ranges * ranges;
}

static bool raw_contains(const struct word *x, u64 v)
{
	v &= width_mask(x->width);
	return tnum_contains(x->bits, v) &&
	       ((v >= x->half[0].lo && v <= x->half[0].hi) ||
		(v >= x->half[1].lo && v <= x->half[1].hi));
}

/* Seal one combination of parts; see that no member is lost. */
static void try_raw(struct score *score, struct tnum bits, unsigned int wide_code,
		    unsigned int low_code, unsigned long *undetected)
{
	struct word wide, low, w, l;
	bool in[WORDS], any = false;
	struct scalar s;
	unsigned int v;

	raw_word(&wide, WIDE, wide_code);
	raw_word(&low, LOW, low_code);
	wide.bits = bits;
	w = wide;
	l = low;
	for (v = 0; v < WORDS; v++) {
		in[v] = raw_contains(&wide, v) && raw_contains(&low, v);
		any |= in[v];
	}
	if (!scalar_seal(&s, &w, &l)) {
		score->wrong += any;
		return;
	}
	if (any)
		score_result(score, &s, in);
	else
		(*undetected)++;
	if (WIDE == 4 || n_elements < MAX_ELEMENTS / 4)
		add_element(&s);
}

/* All closed scalars at 4/2; at 8/4 random parts, some of them dropped. */
static void make_elements(void)
{
	unsigned long undetected = 0, i;
	struct score score = {};
	u64 mask, value;
	unsigned int w, l;

	for (mask = 0; WIDE == 4 && mask < WORDS; mask++) {
		for (value = 0; value < WORDS; value++) {
			if (mask & value)
				continue;
			for (w = 0; w < raw_words(WIDE); w++)
				for (l = 0; l < raw_words(LOW); l++)
					try_raw(&score,
						(struct tnum){ value, mask },
						w, l, &undetected);
		}
	}
	for (i = 0; WIDE != 4 && i < 40000; i++) {
		mask = rnd() % 2 ? WORDS - 1 : rnd() % WORDS;
		value = rnd() % WORDS & ~mask;
		w = rnd() % raw_words(WIDE);
		l = rnd() % raw_words(LOW);
		if (i % 3 == 0)
			w = rnd() % 36;
		try_raw(&score, (struct tnum){ value, mask }, w,
			rnd() % 2 ? l : 0, &undetected);
	}
	score_report(&score, "close", "parts");
	printf("# %u scalars; empty, but not seen to be: %lu\n", n_elements,
	       undetected);
}

/* Lattice. */

/* A constant is covered exactly if it is a member. */
static void check_members(void)
{
	unsigned long wrong = 0;
	struct scalar word;
	unsigned int i, v;

	for (i = 0; i < n_elements; i++) {
		for (v = 0; v < WORDS; v++) {
			scalar_const(&word, v);
			wrong += scalar_covers(&elements[i].s, &word) !=
				 scalar_contains(&elements[i].s, v);
		}
	}
	tap_result(!wrong, "covers a constant if it is a member" WIDTHS);
}

/* Known bits: the words that have them and no others, as closing up would leave them. */
static void check_bits(void)
{
	unsigned int mask, value, v, wrong = 0;
	struct word wide, low;
	struct scalar s, sealed;

	for (mask = 0; mask < WORDS; mask++) {
		for (value = 0; value < WORDS; value++) {
			struct tnum bits = { .value = value, .mask = mask };

			if (value & mask)
				continue;
			scalar_bits(&s, bits);
			for (v = 0; v < WORDS; v++)
				wrong += scalar_contains(&s, v) != tnum_contains(bits, v);
			word_unknown(&wide, WIDE);
			word_unknown(&low, LOW);
			wide.bits = bits;
			wrong += !scalar_seal(&sealed, &wide, &low) || !scalar_equal(&sealed, &s);
		}
	}
	tap_result(!wrong, "known bits: each set exact and closed");
}

static void check_order(void)
{
	unsigned long pairs = 0, wrong = 0, missed = 0, included = 0;
	const struct element *a, *b;
	unsigned int v;

	for_each_pair(a, b) {
		bool covers, subset = true;

		pairs++;
		for (v = 0; v < b->count && subset; v++)
			subset = scalar_contains(&a->s, b->member[v]);
		covers = scalar_covers(&a->s, &b->s);
		wrong += covers && !subset;
		included += subset;
		missed += subset && !covers;
		wrong += scalar_equal(&a->s, &b->s) != (a == b);
	}
	printf("# covers: %lu pairs, %lu included, %lu of them not seen\n",
	       pairs, included, missed);
	tap_result(pairs && !wrong, "covers implies inclusion" WIDTHS);
}

static void check_lattice(void)
{
	struct score join = {}, meet = {};
	unsigned long uncovered = 0, emptied = 0;
	const struct element *a, *b;
	unsigned int v;

	for_each_pair(a, b) {
		bool either[WORDS], both[WORDS], any = false;
		struct scalar r;

		for (v = 0; v < WORDS; v++) {
			bool in_a = scalar_contains(&a->s, v);
			bool in_b = scalar_contains(&b->s, v);

			either[v] = in_a || in_b;
			both[v] = in_a && in_b;
			any |= both[v];
		}
		scalar_join(&r, &a->s, &b->s);
		score_result(&join, &r, either);
		uncovered += !scalar_covers(&r, &a->s) || !scalar_covers(&r, &b->s);
		if (scalar_meet(&r, &a->s, &b->s))
			score_result(&meet, &r, both);
		else
			emptied += any;
	}
	score_report(&join, "set", "join");
	score_report(&meet, "set", "meet");
	tap_result(!uncovered, "join covers both operands" WIDTHS);
	tap_result(!emptied, "meet keeps common words" WIDTHS);
}

/* Instructions. */

static void alu_pair(struct score *score, const struct alu_case *c, bool is64,
		     const struct element *a, const struct element *b)
{
	unsigned int width = is64 ? WIDE : LOW;
	bool must[WORDS] = {};
	unsigned int i, j;
	struct scalar r;

	for (i = 0; i < a->count; i++)
		for (j = 0; j < b->count; j++)
			must[concrete_word(c->op, c->is_signed, width,
					   a->member[i], b->member[j])] = true;
	scalar_alu(&r, c->op, is64, c->is_signed, &a->s, &b->s);
	score_result(score, &r, must);
}

static void check_alu(const struct alu_case *c, bool is64)
{
	struct score score = {};
	const struct element *a, *b;

	if (c->op == BPF_NEG)
		for (a = elements; a < elements + n_elements; a++)
			alu_pair(&score, c, is64, a, elements);
	else
		for_each_pair(a, b)
			alu_pair(&score, c, is64, a, b);
	score_report(&score, is64 ? "alu64" : "alu32", c->name);
}

static u64 extend(u64 v, unsigned int bits, bool is_signed, bool to32)
{
	u64 r = is_signed ? (u64)to_signed(v, bits) : v & ones(bits);

	return r & ones(to32 ? LOW : WIDE);
}

static void check_extend(unsigned int bits, bool is_signed, bool to32)
{
	struct score score = {};
	char name[20];
	unsigned int i, v;

	for (i = 0; i < n_elements; i++) {
		const struct element *e = &elements[i];
		bool must[WORDS] = {};
		struct scalar r = e->s;

		for (v = 0; v < e->count; v++)
			must[extend(e->member[v], bits, is_signed, to32)] = true;
		if (is_signed)
			scalar_sext(&r, bits, to32);
		else
			scalar_zext(&r, bits);
		score_result(&score, &r, must);
	}
	snprintf(name, sizeof(name), "%s%u%s", is_signed ? "sext" : "zext", bits,
		 to32 ? "to32" : "");
	score_report(&score, "move", name);
}

/* Bigger operands, bigger results? Asked of growing pairs at random. */
static void report_monotonic(const struct alu_case *c)
{
	unsigned long tried = 0, smaller = 0, try;
	unsigned long limit = min(per_thousand * 2000UL, 40000UL);

	for (try = 0; try < limit; try++) {
		const struct scalar *a = &elements[rnd() % n_elements].s;
		const struct scalar *b = &elements[rnd() % n_elements].s;
		struct scalar more, r, r_more;
		bool is64 = try & 1;

		scalar_join(&more, a, &elements[rnd() % n_elements].s);
		scalar_alu(&r, c->op, is64, c->is_signed, a, b);
		scalar_alu(&r_more, c->op, is64, c->is_signed, &more, b);
		tried++;
		smaller += !scalar_covers(&r_more, &r);
	}
	printf("# monotone %-5s %lu of %lu grown operands, %lu violations\n",
	       c->name, tried - smaller, tried, smaller);
}

/* Jumps. */

struct jump_score {
	struct score narrowed;
	unsigned long lost, decided, decidable, wrong_verdict;
};

static void jump_edge(struct jump_score *score, u8 op, bool is32, bool taken,
		      const struct element *a, const struct element *b)
{
	bool left[WORDS] = {}, right[WORDS] = {}, any = false;
	struct scalar x = a->s, y = b->s;
	unsigned int i, j;

	for (i = 0; i < a->count; i++) {
		for (j = 0; j < b->count; j++) {
			if (concrete_jump(op, is32 ? LOW : WIDE, a->member[i],
					  b->member[j]) != taken)
				continue;
			any = true;
			left[a->member[i]] = true;
			right[b->member[j]] = true;
		}
	}
	if (!scalar_refine(op, is32, taken, &x, &y)) {
		score->lost += any;
		return;
	}
	score_result(&score->narrowed, &x, left);
	score_result(&score->narrowed, &y, right);
}

static void jump_verdict(struct jump_score *score, u8 op, bool is32,
			 const struct element *a, const struct element *b)
{
	bool can[2] = {};
	unsigned int i, j;
	int verdict = scalar_branch(op, is32, &a->s, &b->s);

	for (i = 0; i < a->count; i++)
		for (j = 0; j < b->count; j++)
			can[concrete_jump(op, is32 ? LOW : WIDE, a->member[i],
					  b->member[j])] = true;
	score->wrong_verdict += verdict == BRANCH_NEVER && can[1];
	score->wrong_verdict += verdict == BRANCH_ALWAYS && can[0];
	score->decidable += can[0] != can[1];
	score->decided += verdict != BRANCH_MAYBE;
}

static void check_jump(const char *name, u8 op, bool is32)
{
	struct jump_score score = {};
	char text[80], full[20];
	const struct element *a, *b;

	for_each_pair(a, b) {
		jump_edge(&score, op, is32, rnd() & 1, a, b);
		jump_verdict(&score, op, is32, a, b);
	}
	snprintf(full, sizeof(full), "%s%s", name, is32 ? "32" : "");
	score.narrowed.wrong += score.lost;
	score_report(&score.narrowed, "refine", full);
	printf("# branch %-12s decided %lu of %lu decidable\n", full,
	       score.decided, score.decidable);
	snprintf(text, sizeof(text), "branch %s is right" WIDTHS, full);
	tap_result(!score.wrong_verdict && score.decided, text);
}

int main(int argc, char **argv)
{
	unsigned int i;

	if (argc > 1)
		per_thousand = max(atoi(argv[1]), 1);
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 0) | 1;
	make_elements();
	check_members();
	check_bits();
	check_order();
	check_lattice();
	for (i = 0; i < ALU_CASES; i++) {
		check_alu(&alu_cases[i], true);
		check_alu(&alu_cases[i], false);
		report_monotonic(&alu_cases[i]);
	}
	for (i = 1; i <= LOW; i++) {
		check_extend(i, false, false);
		check_extend(i, true, false);
		check_extend(i, true, true);
	}
	for (i = 0; i < JUMP_CASES; i++) {
		check_jump(jump_cases[i].name, jump_cases[i].op, false);
		check_jump(jump_cases[i].name, jump_cases[i].op, true);
	}
	return tap_status();
}
