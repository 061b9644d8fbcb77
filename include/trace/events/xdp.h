/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace points of XDP that drivers and the page pool fire. No XDP program can be
 * loaded yet, so they are empty. Kept code gets linux/filter.h from here.
 */
#ifndef _TRACE_XDP_H
#define _TRACE_XDP_H

#include <linux/filter.h>
#include <linux/netdevice.h>
#include <net/xdp.h>

struct xdp_mem_allocator;

static inline void trace_xdp_exception(const struct net_device *dev,
				       const struct bpf_prog *prog, u32 act)
{
}

static inline void trace_xdp_bulk_tx(const struct net_device *dev, int sent,
				     int drops, int err)
{
}

static inline void trace_mem_connect(const struct xdp_mem_allocator *xa,
				     const struct xdp_rxq_info *rxq)
{
}

static inline bool trace_mem_connect_enabled(void)
{
	return false;
}

static inline void trace_mem_disconnect(const struct xdp_mem_allocator *xa)
{
}

#endif
