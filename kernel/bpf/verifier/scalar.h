/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the verifier knows about a number. A struct scalar stands for a set of
 * 64-bit words and is copied by assignment. Only scalar.c looks inside; all
 * others use the functions below. No function allocates, sleeps, locks or
 * keeps state, so each may be called from any context; the same source builds
 * in user space. Outputs may alias inputs unless said otherwise.
 *
 * The set a scalar stands for is never empty: a function that could produce
 * the empty set returns bool, and on false its outputs hold nothing of use.
 */
#ifndef _BPF_VERIFIER_SCALAR_H
#define _BPF_VERIFIER_SCALAR_H

#include <linux/types.h>
#include "tnum.h"

/* How a conditional jump over two sets of numbers can go. */
enum {
	BRANCH_NEVER = 0,
	BRANCH_ALWAYS = 1,
	BRANCH_MAYBE = 2,
};

/* Private to scalar.c: see there for what the fields mean. */
struct scalar_range64 {
	u64 lo;
	u64 hi;
};

struct scalar_range32 {
	u32 lo;
	u32 hi;
};

struct scalar {
	struct tnum bits;
	struct scalar_range64 wide[2];
	struct scalar_range32 low[2];
};

/* Making one. */
void scalar_const(struct scalar *s, u64 v);
void scalar_unknown(struct scalar *s);
void scalar_bits(struct scalar *s, struct tnum bits);
void scalar_unknown_bytes(struct scalar *s, unsigned int bytes);
void scalar_unknown_sx(struct scalar *s, unsigned int bytes);
bool scalar_set_urange(struct scalar *s, u64 lo, u64 hi);
bool scalar_set_srange(struct scalar *s, s64 lo, s64 hi);

/* Asking one. The 32-bit questions are about the low half. */
bool scalar_is_const(const struct scalar *s);
u64 scalar_const_value(const struct scalar *s);
bool scalar_is_const32(const struct scalar *s);
u32 scalar_const_value32(const struct scalar *s);
bool scalar_is_unknown(const struct scalar *s);
bool scalar_contains(const struct scalar *s, u64 v);
u64 scalar_umin(const struct scalar *s);
u64 scalar_umax(const struct scalar *s);
s64 scalar_smin(const struct scalar *s);
s64 scalar_smax(const struct scalar *s);
u32 scalar_u32min(const struct scalar *s);
u32 scalar_u32max(const struct scalar *s);
s32 scalar_s32min(const struct scalar *s);
s32 scalar_s32max(const struct scalar *s);
struct tnum scalar_tnum(const struct scalar *s);
int scalar_print(char *buf, size_t size, const struct scalar *s);

/* Order of sets. */
bool scalar_covers(const struct scalar *outer, const struct scalar *inner);
bool scalar_equal(const struct scalar *a, const struct scalar *b);
void scalar_join(struct scalar *dst, const struct scalar *a,
		 const struct scalar *b);
bool scalar_meet(struct scalar *dst, const struct scalar *a,
		 const struct scalar *b);

/* Instructions. */
void scalar_alu(struct scalar *dst, u8 op, bool is64, bool is_signed_divmod,
		const struct scalar *a, const struct scalar *b);
void scalar_zext(struct scalar *s, unsigned int bits);
void scalar_sext(struct scalar *s, unsigned int bits, bool to32);
void scalar_bswap(struct scalar *s, unsigned int bits);
void scalar_to_be(struct scalar *s, unsigned int bits);
void scalar_to_le(struct scalar *s, unsigned int bits);

/* Conditional jumps. */
int scalar_branch(u8 op, bool is32, const struct scalar *a,
		  const struct scalar *b);
bool scalar_refine(u8 op, bool is32, bool taken, struct scalar *a,
		   struct scalar *b);

#endif /* _BPF_VERIFIER_SCALAR_H */
