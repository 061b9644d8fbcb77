// SPDX-License-Identifier: GPL-2.0-only
/* Rows "ctx OFFSET BYTES r|rw" of the fields of struct __sk_buff. */
#include "../../../../../../net/bpf/skb.c"

void print_ctx(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(skb_fields); i++)
		printf("ctx %u %u %s\n", skb_fields[i].off, skb_fields[i].bytes,
		       skb_fields[i].writable ? "rw" : "r");
}
