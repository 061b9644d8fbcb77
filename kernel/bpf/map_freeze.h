/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who of user space may still write into a map, and the end of that.
 *
 * One word tells all: map->writers counts writers that have begun and not ended,
 * which are system calls under way and mappings that may be written through. To
 * freeze a map is to exchange a count of 0 for MAP_FROZEN, so a writer either
 * began before, and the map cannot be frozen, or it does not begin any more. There
 * is no moment between looking and acting, and no lock.
 *
 * Ending is a release and freezing an acquire: who sees a map frozen sees all that
 * was ever written. A frozen map stays frozen.
 *
 * Programs are not counted. What a map promises to stay the same to the end is
 * told by map_is_constant() alone.
 */
#ifndef _BPF_MAP_FREEZE_H
#define _BPF_MAP_FREEZE_H

#include <linux/atomic.h>
#include <linux/bpf.h>

#define MAP_FROZEN	S64_MIN

/* A writer begins, unless the map is frozen; map_write_end() goes with it. */
static inline bool map_write_begin(struct bpf_map *map)
{
	return atomic64_inc_unless_negative(&map->writers);
}

/* One more, while the caller's own has not ended: never refused. */
static inline void map_write_again(struct bpf_map *map)
{
	atomic64_inc(&map->writers);
}

static inline void map_write_end(struct bpf_map *map)
{
	atomic64_dec_return_release(&map->writers);
}

/* Nobody writes and the map is not frozen, just now. */
static inline bool map_is_idle(const struct bpf_map *map)
{
	return !atomic64_read(&map->writers);
}

static inline bool map_is_frozen(const struct bpf_map *map)
{
	return atomic64_read_acquire(&map->writers) < 0;
}

/* 0, or -EBUSY if somebody writes, or the map is frozen. */
static inline int map_freeze(struct bpf_map *map)
{
	return atomic64_cmpxchg(&map->writers, 0, MAP_FROZEN) ? -EBUSY : 0;
}

/*
 * Will every byte of the values stay as it is, as long as the map lives? Who may
 * write at all:
 *
 *  - programs, through an address or a helper: never, the verifier refuses it for
 *    such a map, and it was made such a map before the first program could see it;
 *  - system calls: each counts as a writer before it looks at the map's content,
 *    so none is under way when it is frozen, and none begins afterwards;
 *  - a mapping: never, such a map cannot be mapped to be written. It would not be
 *    enough that none is left when the map is frozen: device drivers and io_uring
 *    keep pages of a mapping that is gone, and write to them.
 */
static inline bool map_is_constant(const struct bpf_map *map)
{
	return map->map_flags & BPF_F_RDONLY_PROG && map_is_frozen(map);
}

#endif /* _BPF_MAP_FREEZE_H */
