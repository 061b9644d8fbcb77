// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which values have bytes that belong to the kernel.
 *
 * A lock, a timer, a pointer that is marked as one of the kernel's: where a map's value
 * has one of these, at any depth, 6.1 may keep its own data there. The question is asked
 * once of each type, when it is resolved. What it contains is resolved before, so one
 * look at the direct parts is enough, however deep types are nested and however often
 * one is used.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "btf.h"

static const char *const structs[] = { "bpf_spin_lock", "bpf_timer" };
static const char *const tags[] = { "kptr", "kptr_ref" };

static bool is_one_of(const char *name, const char *const *names, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* The pointer may not have been resolved, so its tag need not exist. */
static bool is_kernel_pointer(const struct btf *btf, const struct btf_type *t)
{
	const struct btf_type *tag;

	if (!btf_has_type(btf, t->type))
		return false;
	tag = btf_type(btf, t->type);
	return btf_kind(tag) == BTF_KIND_TYPE_TAG &&
	       is_one_of(btf_name(btf, tag->name_off), tags, ARRAY_SIZE(tags));
}

static bool part_is_owned(const struct btf *btf, u32 id)
{
	const struct btf_type *t;

	id = btf->base[id];
	if (!id)
		return false;
	t = btf_type(btf, id);
	return btf_kind(t) == BTF_KIND_PTR ? is_kernel_pointer(btf, t) : btf->owned[id];
}

static bool members_are_owned(const struct btf *btf, const struct btf_type *t)
{
	const struct btf_member *m = btf_items(t);
	u32 i;

	for (i = 0; i < btf_vlen(t); i++)
		if (part_is_owned(btf, m[i].type))
			return true;
	return false;
}

static bool variables_are_owned(const struct btf *btf, const struct btf_type *t)
{
	const struct btf_var_secinfo *info = btf_items(t);
	u32 i;

	for (i = 0; i < btf_vlen(t); i++)
		if (part_is_owned(btf, info[i].type))
			return true;
	return false;
}

/**
 * btf_is_owned() - does a value of a type have bytes that belong to the kernel?
 * @btf: type information
 * @id: number of a type whose references are resolved
 *
 * Context: any.
 * Return: true if it does.
 */
bool btf_is_owned(const struct btf *btf, u32 id)
{
	const struct btf_type *t = btf_type(btf, id);
	const struct btf_array *array;

	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
		return is_one_of(btf_name(btf, t->name_off), structs, ARRAY_SIZE(structs)) ||
		       members_are_owned(btf, t);
	case BTF_KIND_UNION:
		return members_are_owned(btf, t);
	case BTF_KIND_ARRAY:
		array = btf_items(t);
		return part_is_owned(btf, array->type);
	case BTF_KIND_VAR:
		return part_is_owned(btf, t->type);
	case BTF_KIND_DATASEC:
		return variables_are_owned(btf, t);
	case BTF_KIND_PTR:
		return is_kernel_pointer(btf, t);
	default:
		return false;
	}
}
