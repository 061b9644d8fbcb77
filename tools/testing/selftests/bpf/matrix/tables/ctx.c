// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows "ctx PROG_TYPE OFFSET BYTES r|rw part|whole" of the fields of struct
 * __sk_buff: what a type may do, and whether parts may be read.
 */
#include "../../../../../../net/bpf/skb.c"

void print_ctx(void)
{
	static const struct { int type, user; } types[] = {
		{ BPF_PROG_TYPE_SOCKET_FILTER, SKB_SOCKET },
		{ BPF_PROG_TYPE_SCHED_CLS, SKB_TC },
		{ BPF_PROG_TYPE_SCHED_ACT, SKB_TC },
	};

	for (size_t t = 0; t < ARRAY_SIZE(types); t++)
		for (size_t i = 0; i < ARRAY_SIZE(skb_fields); i++)
			if (skb_fields[i].read & types[t].user)
				printf("ctx %d %u %u %s %s\n", types[t].type,
				       skb_fields[i].off, skb_fields[i].bytes,
				       skb_fields[i].write & types[t].user ? "rw" : "r",
				       skb_fields[i].whole ? "whole" : "part");
}
