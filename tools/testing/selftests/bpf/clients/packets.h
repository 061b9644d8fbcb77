/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames for filter tests: well-formed ones of many protocols, the same cut off
 * at awkward places, and noise. The same seed makes the same frames.
 */
#ifndef SELFTEST_BPF_PACKETS_H
#define SELFTEST_BPF_PACKETS_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 1600

struct frame {
	size_t len;
	uint8_t data[FRAME_MAX];
};

/* A small generator of its own: libc's differs between versions. */
struct rng {
	uint64_t s;
};

static inline uint32_t rng_next(struct rng *r)
{
	/* xorshift64*, Vigna 2016 */
	r->s ^= r->s >> 12;
	r->s ^= r->s << 25;
	r->s ^= r->s >> 27;
	return (uint32_t)((r->s * 0x2545F4914F6CDD1DULL) >> 32);
}

static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
	return rng_next(r) % n;
}

/* frames_make - fill @out with @n frames */
void frames_make(struct rng *r, struct frame *out, size_t n);

#endif
