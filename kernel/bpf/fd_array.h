/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What arrays of programs and arrays of perf events have in common.
 *
 * Key and value are 32 bits wide. User space writes a descriptor; the array holds
 * the object behind it, with a reference, in ptrs[]. Programs never see a slot as
 * memory: only the one helper of the type may be given such a map.
 *
 * A slot changes by one exchange, so a program on another CPU finds the old
 * object or the new one. The old one may still be in use then: who takes it out
 * lets go of it in a way that waits for programs.
 */
#ifndef _BPF_FD_ARRAY_H
#define _BPF_FD_ARRAY_H

#include <linux/bpf.h>

int fd_array_check(const union bpf_attr *attr, u32 more_flags);
void *fd_array_alloc(const union bpf_attr *attr, size_t head);
void **fd_array_slot(struct bpf_array *array, const void *key);

/* Operations both types answer in the same way. */
void fd_array_make_room(struct bpf_map *map);
void *fd_array_lookup(struct bpf_map *map, void *key);
int fd_array_update_by_prog(struct bpf_map *map, void *key, void *value, u64 flags);
int fd_array_delete_by_prog(struct bpf_map *map, void *key);

/* Of every type whose keys are indexes; in arraymap.c. */
int bpf_array_next_key(struct bpf_map *map, void *key, void *next_key);

static inline struct bpf_array *to_bpf_array(struct bpf_map *map)
{
	return container_of(map, struct bpf_array, map);
}

#endif /* _BPF_FD_ARRAY_H */
