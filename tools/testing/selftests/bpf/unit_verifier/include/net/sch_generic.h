/* SPDX-License-Identifier: GPL-2.0-only */
/* The part of a packet's control block that programs see. */
#ifndef _UNIT_VERIFIER_SCH_GENERIC_H
#define _UNIT_VERIFIER_SCH_GENERIC_H

struct qdisc_skb_cb {
	u32 pkt_len;
	u16 slave_dev_queue_mapping;
	u16 tc_classid;
	u8 data[20];
};

#endif
