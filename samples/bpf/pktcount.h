/* SPDX-License-Identifier: GPL-2.0-only */
/* What the counting program and its two loaders agree on. */
#ifndef SAMPLE_PKTCOUNT_H
#define SAMPLE_PKTCOUNT_H

#include <linux/types.h>

enum { PKT_IN, PKT_OUT, PKT_DIRECTIONS };

/* Key of the hash: one row for each protocol and direction. No padding. */
struct pkt_key {
	__u16 ethertype;	/* host byte order */
	__u8 l4;		/* IP protocol or IPv6 next header, else 0 */
	__u8 out;		/* PKT_IN or PKT_OUT */
};

struct pkt_sum {
	__u64 packets;
	__u64 bytes;
};

#define PKT_ROWS 64

#endif
