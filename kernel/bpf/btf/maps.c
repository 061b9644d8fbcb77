// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types of maps: do they fit the sizes the map has?
 *
 * A key may go without a type where there is but one element: an array with a section
 * of variables for its value, which is how global data is described. Types do not
 * change what a map does here, so that values which ask for more in 6.1, with locks,
 * timers or pointers of the kernel, are refused: their bytes would be the user's to
 * write.
 */
#include <linux/err.h>
#include <linux/kernel.h>

#include "object.h"

static bool has_size(const struct btf *btf, u32 id, u32 size)
{
	u32 is;

	return !btf_type_size(btf, id, &is) && is == size;
}

/* The index of an array. */
static bool is_index(const struct btf *btf, u32 id)
{
	const struct btf_type *t = btf_type(btf, btf->base[id]);
	u32 word;

	if (btf_kind(t) == BTF_KIND_VAR)
		t = btf_type(btf, btf->base[t->type]);
	/* Only an integer has a word behind its record. */
	if (btf_kind(t) != BTF_KIND_INT)
		return false;
	word = *(const u32 *)btf_items(t);
	return BTF_INT_BITS(word) == 32 && !BTF_INT_OFFSET(word);
}

static bool value_is_section(const struct btf *btf, u32 id)
{
	return btf_kind(btf_type(btf, btf->base[id])) == BTF_KIND_DATASEC;
}

/**
 * btf_check_map() - check the types of a map
 * @btf: type information
 * @attr: attribute of BPF_MAP_CREATE, with a type for the value
 *
 * Context: process context.
 * Return: 0, -EINVAL if a type does not fit, -ENOTSUPP if maps of that type have none,
 * or -EOPNOTSUPP for structures that are not offered.
 */
int btf_check_map(const struct btf *btf, const union bpf_attr *attr)
{
	u32 key = attr->btf_key_type_id, value = attr->btf_value_type_id;
	bool is_array = attr->map_type == BPF_MAP_TYPE_ARRAY;

	if (key && !has_size(btf, key, attr->key_size))
		return -EINVAL;
	if (!has_size(btf, value, attr->value_size))
		return -EINVAL;
	if (attr->map_type == BPF_MAP_TYPE_PERF_EVENT_ARRAY)
		return -ENOTSUPP;
	if (!key && !(is_array && attr->max_entries == 1 && value_is_section(btf, value)))
		return -EINVAL;
	if (key && is_array && !is_index(btf, key))
		return -EINVAL;
	return btf->owned[btf->base[value]] ? -EOPNOTSUPP : 0;
}
