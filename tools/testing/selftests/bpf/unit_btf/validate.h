/* SPDX-License-Identifier: GPL-2.0-only */
/* One validation as BPF_BTF_LOAD makes it, and what must hold afterwards. */
#ifndef _UNIT_BTF_VALIDATE_H
#define _UNIT_BTF_VALIDATE_H

#include "machine.h"
#include "tap.h"
#include "../../../../../kernel/bpf/btf/btf.h"

#define LOG_MAX	(1u << 20)

/* The memory a load would have: three bytes more than the data. */
static inline int validate(struct btf *btf, const void *data, u32 size, char *text, u32 level)
{
	struct vlog log = {};
	int err;

	memset(btf, 0, sizeof(*btf));
	btf->memory = kmalloc(size + 3, GFP_KERNEL);
	if (!btf->memory)
		return -ENOMEM;
	btf->data = btf->memory;
	btf->data_size = size;
	memcpy(btf->data, data, size);
	err = vlog_init(&log, level, level ? (unsigned long)text : 0, level ? LOG_MAX : 0);
	if (!err) {
		err = btf_validate(btf, &log);
		vlog_finish(&log);
	}
	vlog_free(&log);
	return err;
}

/* What others may rely on; NULL or what is wrong. */
static inline const char *broken(const struct btf *btf)
{
	u32 size;

	for (u32 id = 1; id < btf->nr_types; id++) {
		const struct btf_type *t = btf_type(btf, id);
		const u8 *end = (const u8 *)t + sizeof(*t);
		u32 base = btf->base[id];

		end += btf_kind_row(t)->fixed + btf_kind_row(t)->item * btf_vlen(t);
		if ((const u8 *)t < btf->types || end > btf->types + btf->types_len)
			return "a record is outside";
		if (btf->types + btf->types_len > (const u8 *)btf->strings ||
		    btf->strings + btf->strings_len > (char *)btf->data + btf->data_size)
			return "sections are not in order";
		if (!memchr(btf_name(btf, t->name_off), 0,
			    btf->strings_len - t->name_off))
			return "a name does not end";
		if (base >= btf->nr_types)
			return "a type stands for none";
		if (base && btf_kind_row(btf_type(btf, base))->is_modifier)
			return "a type stands for a modifier";
		btf_type_size(btf, id, &size);
	}
	return NULL;
}

#endif
