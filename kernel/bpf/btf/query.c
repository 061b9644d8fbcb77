// SPDX-License-Identifier: GPL-2.0-only
/*
 * Questions about types: how large, what kind of integer.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>

#include "btf.h"

/**
 * btf_int_is_regular() - does an integer have all bits of its bytes?
 * @t: integer
 *
 * Context: any.
 * Return: true if it is one of 1, 2, 4, 8 or 16 bytes and not a part of them.
 */
bool btf_int_is_regular(const struct btf_type *t)
{
	u32 word = *(const u32 *)btf_items(t);

	return t->size <= 16 && is_power_of_2(t->size) && !BTF_INT_OFFSET(word) &&
	       BTF_INT_BITS(word) == t->size * BITS_PER_BYTE;
}

/**
 * btf_base_size() - bytes of a type that has a size
 * @btf: type information
 * @base: type that is no modifier, resolved, and has a size
 *
 * Context: any.
 * Return: bytes.
 */
u32 btf_base_size(const struct btf *btf, u32 base)
{
	const struct btf_type *t = btf_type(btf, base);

	if (btf_kind(t) == BTF_KIND_PTR)
		return sizeof(void *);
	return btf_kind(t) == BTF_KIND_ARRAY ? btf->extent[base] : t->size;
}

/**
 * btf_type_size() - bytes of what is declared with a type
 * @btf: validated type information
 * @id: number, from the user
 * @size: result
 *
 * Looks behind modifiers and names, and through variables; a section has the size
 * it says.
 *
 * Context: any.
 * Return: 0, or -EINVAL if the number is none or the type has no size.
 */
int btf_type_size(const struct btf *btf, u32 id, u32 *size)
{
	const struct btf_type *t;

	if (!btf_has_type(btf, id))
		return -EINVAL;
	id = btf->base[id];
	if (!id)
		return -EINVAL;
	t = btf_type(btf, id);
	if (btf_kind(t) == BTF_KIND_DATASEC) {
		*size = t->size;
		return 0;
	}
	if (btf_kind(t) == BTF_KIND_VAR) {
		id = btf->base[t->type];
		t = btf_type(btf, id);
	}
	if (!btf_is_sized(t))
		return -EINVAL;
	*size = btf_base_size(btf, id);
	return 0;
}
