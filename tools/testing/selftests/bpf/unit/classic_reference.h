/* SPDX-License-Identifier: GPL-2.0-only */
/* The classic machine, slow and literal. */
#ifndef _UNIT_CLASSIC_REFERENCE_H
#define _UNIT_CLASSIC_REFERENCE_H

#include "world.h"

/**
 * classic_run() - run a classic program on a packet
 * @prog: instructions
 * @len: their number
 * @skb: the packet
 * @verdict: what the program returns
 *
 * Return: false if the program does what no accepted program may do: leave
 * itself, read scratch memory it has not written, divide by a constant 0.
 */
bool classic_run(const struct sock_filter *prog, u32 len, const struct sk_buff *skb,
		 u32 *verdict);

/**
 * classic_compare() - convert a checked program, run both on some packets
 * @prog: instructions
 * @len: their number
 * @seed: of the packets
 *
 * Return: what is wrong, or NULL.
 */
const char *classic_compare(const struct sock_filter *prog, u32 len, u64 seed);

#endif
