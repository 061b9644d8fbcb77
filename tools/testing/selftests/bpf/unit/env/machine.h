/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine of threads, with interrupts as signals. */
#ifndef _UNIT_ENV_MACHINE_H
#define _UNIT_ENV_MACHINE_H

#include <linux/bpf.h>
#include <linux/filter.h>

/*
 * Run @cpu_body(cpu) on NR_CPUS threads; on each, interrupt it all the time. It ends
 * after @ms, or when @enough() says so on a busy host, but at ten times @ms.
 */
void machine_run(void (*cpu_body)(int cpu), void (*irq)(int cpu), void (*nmi)(int cpu),
		 unsigned int ms, bool (*enough)(void));
extern volatile bool machine_stop;

/*
 * A CPU stops for a while at one of so many barriers and ordered accesses, between
 * what they keep in order; 0: never.
 */
extern unsigned int machine_stall_every;

/* Wait until irq_work and workqueues have nothing left. */
void machine_settle(void);

/* The allocation after this many more fails, and all after it; -1: none. */
extern long machine_allocations_left;

/* Allocations not freed; called for each that is made. */
extern long machine_live;
extern void (*machine_allocated)(void *p, size_t size);

/* Clock and random numbers go on from here. */
extern u64 machine_time;

struct bpf_map *map_make(u32 type, u32 key, u32 value, u32 max, u32 flags);
void map_unmake(struct bpf_map *map);

#endif
