// SPDX-License-Identifier: GPL-2.0-only
/*
 * The part of fd_array.h that does not depend on what the slots hold.
 */
#include <linux/nospec.h>

#include "fd_array.h"

#define FD_ARRAY_FLAGS	(BPF_F_NUMA_NODE | BPF_F_RDONLY | BPF_F_WRONLY)

/**
 * fd_array_check() - all checks of MAP_CREATE
 * @attr: attribute
 * @more_flags: flags the type has beyond those of all
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int fd_array_check(const union bpf_attr *attr, u32 more_flags)
{
	if (attr->max_entries == 0 || attr->key_size != sizeof(u32) ||
	    attr->value_size != sizeof(u32))
		return -EINVAL;
	return attr->map_flags & ~(FD_ARRAY_FLAGS | more_flags) ? -EINVAL : 0;
}

/**
 * fd_array_alloc() - memory for an array of pointers behind something else
 * @attr: attribute, checked
 * @head: bytes of the type's structure, which ends in a struct bpf_array
 *
 * Context: process context, may sleep.
 * Return: zeroed memory for bpf_map_area_free() with its array set up, or NULL.
 */
void *fd_array_alloc(const union bpf_attr *attr, size_t head)
{
	u64 slots = (u64)attr->max_entries * sizeof(void *);
	struct bpf_array *array;
	void *area;

	area = bpf_map_area_alloc(head + slots, bpf_map_attr_node(attr));
	if (!area)
		return NULL;

	array = area + head - sizeof(*array);
	bpf_map_init_from_attr(&array->map, attr);
	array->elem_size = sizeof(void *);
	return area;
}

/**
 * fd_array_slot() - slot of a key
 * @array: array
 * @key: 32-bit index
 *
 * Context: any.
 * Return: the slot, or NULL for an index outside.
 */
void **fd_array_slot(struct bpf_array *array, const void *key)
{
	u32 index = *(const u32 *)key;

	if (index >= array->map.max_entries)
		return NULL;
	return &array->ptrs[array_index_nospec(index, array->map.max_entries)];
}

void fd_array_make_room(struct bpf_map *map)
{
	/* All slots are there from the start. */
}

void *fd_array_lookup(struct bpf_map *map, void *key)
{
	/* A slot is not a value. */
	return NULL;
}

int fd_array_update_by_prog(struct bpf_map *map, void *key, void *value, u64 flags)
{
	/* A program has no descriptors. */
	return -EINVAL;
}

int fd_array_delete_by_prog(struct bpf_map *map, void *key)
{
	return -EINVAL;
}
