/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fuzz target: LLVMFuzzerTestOneInput() and nothing else. With libFuzzer it
 * is explored; with replay.c the same file runs a corpus once, with any
 * compiler.
 */
#ifndef _FUZZ_TARGET_H
#define _FUZZ_TARGET_H

#include "world.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* The bytes of an input as a stream of choices; zeroes when they end. */
struct choices {
	const u8 *at, *end;
};

static inline u8 choose_byte(struct choices *c)
{
	return c->at < c->end ? *c->at++ : 0;
}

static inline u32 choose(struct choices *c, u32 n)
{
	return n > 256 ? ((u32)choose_byte(c) << 8 | choose_byte(c)) % n : choose_byte(c) % n;
}

static inline u32 choose_word(struct choices *c)
{
	u32 w = 0;

	for (u32 i = 0; i < 4; i++)
		w = w << 8 | choose_byte(c);
	return w;
}

static inline bool choices_left(const struct choices *c)
{
	return c->at < c->end;
}

/* A finding: show the program and stop where the fuzzer sees it. */
static inline void found(const char *what, const void *insns, u32 len)
{
	const u64 *slot = insns;

	fprintf(stderr, "FOUND %s\n", what);
	for (u32 i = 0; i < len && i < 4200; i++)
		fprintf(stderr, "%4u: %016llx\n", i, slot[i]);
	abort();
}

#endif
