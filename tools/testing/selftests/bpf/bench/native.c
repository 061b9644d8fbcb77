// SPDX-License-Identifier: GPL-2.0-only
/*
 * What some programs of execution.c compute, in C: the limit that a compiler which
 * sees the same work reaches, and a second opinion on the results.
 */
#include "bench.h"

static __u32 be16(const __u8 *p)
{
	return (__u32)p[0] << 8 | p[1];
}

static __u32 be32(const __u8 *p)
{
	return be16(p) << 16 | be16(p + 2);
}

__u32 native_parser(const __u8 *pkt, __u8 *value)
{
	__u32 at;

	if (be16(pkt + 12) != 0x0800)
		return 1;
	if (pkt[23] != 6)
		return 2;
	if (be16(pkt + 20) & 0x1fff)
		return 3;
	at = (pkt[14] & 15) * 4;
	if (be16(pkt + at + 16) != 80)
		return 4;
	return be32(pkt + 26) + be16(pkt + at + 14);
}

static __u64 rotate(__u64 v, int by)
{
	return v << by | v >> (64 - by);
}

static inline __attribute__((always_inline)) void sip_round(__u64 *v)
{
	v[0] += v[1]; v[1] = rotate(v[1], 13); v[1] ^= v[0]; v[0] = rotate(v[0], 32);
	v[2] += v[3]; v[3] = rotate(v[3], 16); v[3] ^= v[2];
	v[0] += v[3]; v[3] = rotate(v[3], 21); v[3] ^= v[0];
	v[2] += v[1]; v[1] = rotate(v[1], 17); v[1] ^= v[2]; v[2] = rotate(v[2], 32);
}

/* SipHash-2-4 of 40 bytes under the key 1, 2. */
__u32 native_siphash(const __u8 *pkt, __u8 *value)
{
	__u64 v[4] = { 0x736f6d6570736575ULL ^ 1, 0x646f72616e646f6dULL ^ 2,
		       0x6c7967656e657261ULL ^ 1, 0x7465646279746573ULL ^ 2 };

#pragma GCC unroll 6
	for (int i = 0; i <= 5; i++) {
		__u64 m = i == 5 ? 40ULL << 56 : ((const __u64 *)value)[i];

		v[3] ^= m;
		sip_round(v);
		sip_round(v);
		v[0] ^= m;
	}
	v[2] ^= 0xff;
#pragma GCC unroll 4
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return (__u32)(v[0] ^ v[1] ^ v[2] ^ v[3]);
}

static __u32 rotate32(__u32 v, int by)
{
	return v << by | v >> (32 - by);
}

/* Jenkins' final mixing, twice, over six words. */
__u32 native_jhash(const __u8 *pkt, __u8 *value)
{
	static const int by[] = { 14, 11, 25, 16, 4, 14, 24 };
	const __u32 *w = (const __u32 *)value;
	__u32 v[3] = { 0xdeadbeef, 0xdeadbeef, 0xdeadbeef };

	for (int half = 0; half < 2; half++) {
		for (int i = 0; i < 3; i++)
			v[i] += w[half * 3 + i];
#pragma GCC unroll 7
		for (int i = 0; i < 7; i++) {
			__u32 *to = v + (i + 2) % 3, *from = v + (i + 1) % 3;

			*to = (*to ^ *from) - rotate32(*from, by[i]);
		}
	}
	return v[2];
}

/* Counts of three kinds of bytes, and how often the kind changes. */
__u32 native_branchy(const __u8 *pkt, __u8 *value)
{
	__u32 low = 0, high = 0, odd = 0;

#pragma GCC unroll 32
	for (int i = 0; i < 32; i++) {
		__u32 b = value[i];

		if (b < 64)
			low += b;
		else if (b > 192)
			high += b;
		else if (b & 1)
			odd++;
		else
			low ^= high;
	}
	return low * 7 + high * 5 + odd;
}

/* The sum of 20 bytes as an IPv4 header has it. */
__u32 native_checksum(const __u8 *pkt, __u8 *value)
{
	__u64 sum = 0;

#pragma GCC unroll 10
	for (int i = 0; i < 10; i++)
		sum += ((const __u16 *)value)[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u32)(sum ^ 0xffff);
}

/* An element of an array that is known to exist. */
__u32 native_array_inc(const __u8 *pkt, __u8 *value)
{
	return (__u32)++*(__u64 *)value;
}
