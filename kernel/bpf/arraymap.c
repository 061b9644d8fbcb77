// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_ARRAY: values side by side, all of them there from the start.
 *
 * The key is a 32-bit index. Elements are zero at first, live as long as the
 * map and are written in place without a lock, by programs and by user space:
 * a reader may see a value half written. Nothing can be deleted.
 *
 * Elements stand value_size rounded up to 8 apart. Only value_size bytes are
 * ever copied: callers' buffers are no longer than that.
 *
 * With BPF_F_MMAPABLE the elements have pages of their own, which processes may
 * map; what the kernel keeps of the array ends where the first of them begins.
 */
#include <linux/bpf.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include <asm/unaligned.h>

#include "fd_array.h"

#define ARRAY_FLAGS	(BPF_F_NUMA_NODE | BPF_F_RDONLY | BPF_F_WRONLY |	\
			 BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG | BPF_F_MMAPABLE)

/* Elements stand at multiples of this many bytes, and none is larger. */
#define ELEM_ALIGN	8U
#define VALUE_SIZE_MAX	((u32)INT_MAX)

#define ARRAY_PROG_ACCESS	(BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG)

static struct bpf_array *to_array(struct bpf_map *map)
{
	return container_of(map, struct bpf_array, map);
}

static int array_alloc_check(const union bpf_attr *attr)
{
	if (attr->max_entries == 0 || attr->value_size == 0 ||
	    attr->key_size != sizeof(u32))
		return -EINVAL;
	if (attr->map_flags & ~ARRAY_FLAGS)
		return -EINVAL;
	if ((attr->map_flags & ARRAY_PROG_ACCESS) == ARRAY_PROG_ACCESS)
		return -EINVAL;
	/* So that rounding up an element cannot leave 32 bits. */
	if (attr->value_size > VALUE_SIZE_MAX)
		return -E2BIG;
	return 0;
}

/*
 * Elements to allocate. An index that passed the bounds check is masked, which
 * under a mispredicted check still reaches up to the next power of two. For a
 * creator who may not read kernel memory anyway that room must be the map's.
 */
static u64 array_slots(const union bpf_attr *attr)
{
	if (perfmon_capable())
		return attr->max_entries;
	return 1ULL << order_base_2(attr->max_entries);
}

/* Of a map for processes: what lies before the elements, in whole pages. */
#define ARRAY_HEAD	PAGE_ALIGN(offsetof(struct bpf_array, value))

/* @size: of the elements, 2^63 at most: sums with it stay in 64 bits. */
static struct bpf_array *array_area_alloc(const union bpf_attr *attr, u64 size)
{
	int node = bpf_map_attr_node(attr);
	void *area;

	if (!(attr->map_flags & BPF_F_MMAPABLE))
		return bpf_map_area_alloc(offsetof(struct bpf_array, value) + size, node);

	area = bpf_map_pages_alloc(ARRAY_HEAD + PAGE_ALIGN(size), node);
	return area ? area + ARRAY_HEAD - offsetof(struct bpf_array, value) : NULL;
}

static struct bpf_map *array_alloc(const union bpf_attr *attr)
{
	u32 elem_size = round_up(attr->value_size, ELEM_ALIGN);
	struct bpf_array *array;
	u64 size;

	if (check_mul_overflow(array_slots(attr), (u64)elem_size, &size))
		return ERR_PTR(-ENOMEM);
	array = array_area_alloc(attr, size);
	if (!array)
		return ERR_PTR(-ENOMEM);

	bpf_map_init_from_attr(&array->map, attr);
	array->elem_size = elem_size;
	array->index_mask = (1ULL << order_base_2(attr->max_entries)) - 1;
	return &array->map;
}

static void array_free(struct bpf_map *map)
{
	struct bpf_array *array = to_array(map);

	if (map->map_flags & BPF_F_MMAPABLE)
		bpf_map_area_free((void *)array->value - ARRAY_HEAD);
	else
		bpf_map_area_free(array);
}

static void array_release_uref(struct bpf_map *map)
{
	/* Values refer to nothing. */
}

static void array_make_room(struct bpf_map *map)
{
	/* All room there can be was made at creation. */
}

static void *array_lookup(struct bpf_map *map, void *key)
{
	struct bpf_array *array = to_array(map);
	/* Programs may have their keys anywhere on the stack. */
	u32 index = get_unaligned((u32 *)key);

	if (unlikely(index >= map->max_entries))
		return NULL;

	index = array_index_nospec(index, map->max_entries);
	return array->value + (u64)array->elem_size * index;
}

static int array_copy(struct bpf_map *map, void *key, void *value)
{
	void *elem = array_lookup(map, key);

	if (!elem)
		return -ENOENT;
	memcpy(value, elem, map->value_size);
	return 0;
}

static int array_update(struct bpf_map *map, void *key, void *value, u64 flags)
{
	void *elem;

	if (unlikely(flags > BPF_EXIST))
		return -EINVAL;
	elem = array_lookup(map, key);
	if (unlikely(!elem))
		return -E2BIG;
	if (unlikely(flags == BPF_NOEXIST))
		return -EEXIST;

	memcpy(elem, value, map->value_size);
	return 0;
}

static int array_delete(struct bpf_map *map, void *key)
{
	return -EINVAL;
}

/**
 * bpf_array_next_key() - step through the indexes of any kind of array
 * @map: map whose keys are 32-bit indexes
 * @key: index to step from, NULL or one outside to begin
 * @next_key: the next index
 *
 * Context: any.
 * Return: 0, or -ENOENT after the last.
 */
int bpf_array_next_key(struct bpf_map *map, void *key, void *next_key)
{
	u32 index = key ? *(u32 *)key : U32_MAX;
	u32 *next = next_key;

	if (index >= map->max_entries) {
		*next = 0;
		return 0;
	}
	if (index == map->max_entries - 1)
		return -ENOENT;
	*next = index + 1;
	return 0;
}

/*
 * Programs read the index as 32 bits and multiply it themselves: by an immediate, which is
 * negative from 2^31 on, or by a shift if the stride is a power of two. 2^31 is the
 * largest there is, and shifted.
 */
static void *array_elements(struct bpf_map *map, u32 *stride)
{
	struct bpf_array *array = to_array(map);

	BUILD_BUG_ON(round_up(VALUE_SIZE_MAX, ELEM_ALIGN) > 1U << 31);
	BUILD_BUG_ON(offsetof(struct bpf_array, value) % ELEM_ALIGN);
	*stride = array->elem_size;
	return array->value;
}

static void *array_user_pages(struct bpf_map *map, u64 *size)
{
	struct bpf_array *array = to_array(map);

	if (!(map->map_flags & BPF_F_MMAPABLE))
		return ERR_PTR(-EINVAL);
	*size = PAGE_ALIGN((u64)map->max_entries * array->elem_size);
	return array->value;
}

const struct bpf_map_ops array_map_ops = {
	.map_alloc_check	= array_alloc_check,
	.map_alloc		= array_alloc,
	.map_free		= array_free,
	.map_release_uref	= array_release_uref,
	.map_make_room		= array_make_room,
	.map_lookup_elem	= array_lookup,
	.map_lookup_func	= bpf_map_lookup_elem,
	.map_copy_elem		= array_copy,
	.map_update_elem	= array_update,
	.map_delete_elem	= array_delete,
	.map_get_next_key	= bpf_array_next_key,
	.map_elements		= array_elements,
	.map_user_pages		= array_user_pages,
	.user			= &bpf_map_plain_user_ops,
};
