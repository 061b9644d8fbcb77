/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small world for socket filters: maps behind descriptors, packets, loads
 * through bpf_check(), runs whose effects can be compared.
 */
#ifndef _UNIT_ENV_WORLD_H
#define _UNIT_ENV_WORLD_H

#include "machine.h"

/* Descriptors of the maps; others name nothing. */
enum {
	FD_ARRAY = 3,		/* 4 values of 8 bytes */
	FD_HASH,		/* keys of 4, 4 values of 16 */
	FD_HASH_WIDE,		/* keys of 8, 3 values of 48 */
	FD_ARRAY_ODD,		/* 1 value of 13 */
	FD_RDONLY,		/* array programs may not write */
	FD_WRONLY,		/* array programs may not read */
	FD_ARRAY_LONG,		/* 5 values of 20 bytes, 24 apart */
	FD_ONE,			/* 1 value of 24 */
	FD_CONSTANT,		/* the same, never to change: the words 5, -2, 0x0102...08 */
	FD_RDONLY_ONE,		/* the same, programs may not write, not frozen */
	FD_FROZEN_ONE,		/* the same, frozen, programs may write */
	FD_END,
};

#define WORLD_LOG_MAX	(1u << 16)

/**
 * struct world_load - one call of bpf_check()
 * @insns: program as user space would give it
 * @len: slots
 * @fd_array: descriptors for instructions that name maps by place, or NULL
 * @prog_flags: BPF_F_STRICT_ALIGNMENT, BPF_F_ANY_ALIGNMENT
 * @gpl: license is compatible
 * @log_level: as in the attribute
 * @log_size: bytes of the user's buffer
 * @allocations: this many succeed, -1: all
 * @patience: rounds of 1024 steps before the task is killed, 0: never
 * @err: verdict
 * @prog: the program, if it was accepted; world_unload() frees it
 * @log: text, if there is one
 * @spare: allocations that were allowed and not made
 * @live: allocations before
 * @refs: references to maps before
 */
struct world_load {
	const struct bpf_insn *insns;
	u32 len;
	const u32 *fd_array;
	u32 prog_flags;
	bool gpl;
	u32 log_level;
	u32 log_size;
	long allocations;
	u32 patience;
	int err;
	struct bpf_prog *prog;
	char *log;
	long spare;
	long live;
	int refs[FD_END];
};

/* Each returns what is wrong, or NULL. */
const char *world_check(struct world_load *load);
const char *world_compare(const struct world_load *load, u64 seed);
/* The same with another engine, which has a stack of its own. False: it cannot. */
typedef bool (*world_engine_t)(const struct bpf_prog *prog, void *ctx, u64 *result);
const char *world_compare_with(const struct world_load *load, u64 seed, world_engine_t engine);
void world_unload(struct world_load *load);
struct bpf_map *world_map(u32 fd);
/* The map a wide instruction names. */
struct bpf_map *world_named(const struct world_load *load, const struct bpf_insn *insn);

/* A packet made from a number; the same for the same number. */
struct sk_buff *world_packet(u64 seed);
/* The whole buffer of that packet: where it begins and ends. */
extern u8 world_packet_bytes[];
/* What a packet load at @off finds there, after the ABI; false: nothing. */
bool world_packet_load(const struct sk_buff *skb, s64 off, u32 size, u32 *val);

u64 world_random(u64 *state);

/* world_interp.c: the interpreter with registers and stack of our choice. */
u32 world_interpret(u64 *regs, const struct bpf_insn *insns);

#endif
