// SPDX-License-Identifier: GPL-2.0-only
// verdict: loads; 6.1 gives up
/* 60 tests in a row: 2^60 paths that differ in a sum nobody checks. */
#include "corpus.h"

SEC("socket")
int prog(struct __sk_buff *skb)
{
	__u64 sum = 0;

#pragma unroll
	for (int i = 0; i < 60; i++)
		if (load_byte(skb, i) == 'x')
			sum++;
	return sum;
}
