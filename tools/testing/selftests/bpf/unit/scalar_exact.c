// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the transfer functions on pieces and known bits promise the best
 * answer there is, do they give it? All operands at 4 bits.
 */
#include "arc.h"
#include "concrete.h"
#include "tap.h"
#include "tnum.h"

#define WIDTH	4
#define WORDS	(1U << WIDTH)
#define ALL	(WORDS - 1)

/* The shortest arc that holds a set starts after the longest gap. */
static unsigned int fewest_steps(const bool *in)
{
	unsigned int start, gap, longest = 0;

	for (start = 0; start < WORDS; start++) {
		for (gap = 0; gap < WORDS && !in[(start + gap) & ALL];)
			gap++;
		if (gap > longest)
			longest = gap;
	}
	return ALL - longest;
}

static void collect(bool *in, u8 op, struct arc a, struct arc b)
{
	u64 x, y;

	for (x = a.lo; x <= a.hi; x++)
		for (y = b.lo; y <= b.hi; y++)
			in[concrete_word(op, false, WIDTH, x, y)] = true;
}

/* Does the arc hold the set, in as few steps as can be? */
static bool is_best(struct arc r, const bool *in, bool as_range)
{
	unsigned int v, first = WORDS, last = 0;

	for (v = 0; v < WORDS; v++) {
		if (!in[v])
			continue;
		if (((v - r.lo) & ALL) > ((r.hi - r.lo) & ALL))
			return false;
		first = v < first ? v : first;
		last = v;
	}
	if (as_range)
		return r.lo == first && r.hi == last;
	return ((r.hi - r.lo) & ALL) == fewest_steps(in);
}

static void check_arc(const char *name, u8 op, arc_fn fn, bool as_range)
{
	unsigned long pairs = 0, wrong = 0;
	unsigned int half = WORDS / 2, i, j, k, l;

	for (i = 0; i < WORDS; i++) {
		for (j = i; j < WORDS && j / half == i / half; j++) {
			for (k = 0; k < WORDS; k++) {
				for (l = k; l < WORDS && l / half == k / half; l++) {
					struct arc a = { i, j }, b = { k, l };
					bool in[WORDS] = {};

					collect(in, op, a, b);
					wrong += !is_best(fn(a, b, WIDTH), in, as_range);
					pairs++;
				}
			}
		}
	}
	printf("# %s: %lu pairs of pieces, %lu not best\n", name, pairs, wrong);
	tap_result(pairs && !wrong, name);
}

static bool bits_best(struct tnum r, u8 op, struct tnum a, struct tnum b)
{
	u64 any = 0, each = ALL, x, y;

	for (x = 0; x < WORDS; x++) {
		for (y = 0; y < WORDS; y++) {
			u64 v = concrete_word(op, false, WIDTH, x, y);

			if (!tnum_contains(a, x) || !tnum_contains(b, y))
				continue;
			any |= v;
			each &= v;
		}
	}
	return (r.value & ALL) == each && (r.mask & ALL) == (any ^ each);
}

static void check_bits(const char *name, u8 op,
		       struct tnum (*fn)(struct tnum a, struct tnum b))
{
	unsigned long pairs = 0, wrong = 0;
	struct tnum a, b;

	for (a.mask = 0; a.mask < WORDS; a.mask++) {
		for (a.value = 0; a.value < WORDS; a.value++) {
			for (b.mask = 0; b.mask < WORDS; b.mask++) {
				for (b.value = 0; b.value < WORDS; b.value++) {
					if (a.mask & a.value || b.mask & b.value)
						continue;
					wrong += !bits_best(fn(a, b), op, a, b);
					pairs++;
				}
			}
		}
	}
	printf("# %s: %lu pairs, %lu not best\n", name, pairs, wrong);
	tap_result(pairs && !wrong, name);
}

/* The neighbours of each word among the members of each tnum. */
static void check_neighbours(void)
{
	unsigned long wrong = 0;
	struct tnum t;
	u64 from, v, got;

	for (t.mask = 0; t.mask < WORDS; t.mask++) {
		for (t.value = 0; t.value < WORDS; t.value++) {
			for (from = 0; from < WORDS && !(t.mask & t.value); from++) {
				for (v = from; v < WORDS && !tnum_contains(t, v);)
					v++;
				if (tnum_ceil(t, from, &got) != (v < WORDS) ||
				    (v < WORDS && got != v))
					wrong++;
				for (v = from; v < WORDS && !tnum_contains(t, v);)
					v--;
				if (tnum_floor(t, from, &got) != (v < WORDS) ||
				    (v < WORDS && got != v))
					wrong++;
			}
		}
	}
	tap_result(!wrong, "tnum_ceil and tnum_floor find the next member");
}

int main(void)
{
	check_arc("arc_add is best", BPF_ADD, arc_add, false);
	check_arc("arc_sub is best", BPF_SUB, arc_sub, false);
	check_arc("arc_or is best", BPF_OR, arc_or, true);
	check_arc("arc_and is best", BPF_AND, arc_and, true);
	check_arc("arc_xor is best", BPF_XOR, arc_xor, true);
	check_bits("tnum_add is best", BPF_ADD, tnum_add);
	check_bits("tnum_sub is best", BPF_SUB, tnum_sub);
	check_bits("tnum_or is best", BPF_OR, tnum_or);
	check_bits("tnum_and is best", BPF_AND, tnum_and);
	check_bits("tnum_xor is best", BPF_XOR, tnum_xor);
	check_neighbours();
	return tap_status();
}
