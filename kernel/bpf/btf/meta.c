// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records by themselves: length, fields, names, items.
 *
 * One walk over the section of types, in order, in which each record gets its number.
 * What a record refers to may not have been met yet, so of type numbers only the
 * range is checked here; resolve.c does the rest. Each function of a row refuses with
 * the type's line and a reason.
 *
 * After this every record lies inside the section with all its items, its kind
 * exists, and its names do. Must never look at another record.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "../verifier/limits.h"
#include "btf.h"

#define BITS_OF(bytes)		((u64)(bytes) * BITS_PER_BYTE)

/* Bits of an info word that mean something. */
#define INFO_BITS		0x9f00ffffu

/* Most bits of an integer. */
#define INT_BITS_MAX		128

#define INT_DATA_BITS		0x0fffffffu

/* ---- checks that several kinds share ---------------------------------------------- */

static bool number_in_range(u32 type)
{
	return type <= BTF_MAX_TYPE;
}

int btf_no_vlen(struct btf_check *c, u32 id, const struct btf_type *t)
{
	return btf_vlen(t) ? btf_bad(c, id, "vlen != 0") : 0;
}

int btf_no_kflag(struct btf_check *c, u32 id, const struct btf_type *t)
{
	return btf_kflag(t) ? btf_bad(c, id, "Invalid btf_info kind_flag") : 0;
}

int btf_no_name(struct btf_check *c, u32 id, const struct btf_type *t)
{
	return t->name_off ? btf_bad(c, id, "Invalid name") : 0;
}

int btf_some_name(struct btf_check *c, u32 id, const struct btf_type *t)
{
	return *btf_name(c->btf, t->name_off) ? 0 : btf_bad(c, id, "Invalid name");
}

int btf_some_value(struct btf_check *c, u32 id, const struct btf_type *t)
{
	return *btf_name(c->btf, t->name_off) ? 0 : btf_bad(c, id, "Invalid value");
}

int btf_identifier(struct btf_check *c, u32 id, const struct btf_type *t)
{
	if (btf_name_is_identifier(c->btf, t->name_off))
		return 0;
	return btf_bad(c, id, "Invalid name");
}

int btf_identifier_or_none(struct btf_check *c, u32 id, const struct btf_type *t)
{
	return t->name_off ? btf_identifier(c, id, t) : 0;
}

int btf_ref_number(struct btf_check *c, u32 id, const struct btf_type *t)
{
	return number_in_range(t->type) ? 0 : btf_bad(c, id, "Invalid type_id");
}

/* ---- checks of one kind -------------------------------------------------------------- */

int btf_int_data(struct btf_check *c, u32 id, const struct btf_type *t)
{
	u32 word = *(const u32 *)btf_items(t);

	if (!(word & ~INT_DATA_BITS))
		return 0;
	btf_log_type_short(c, id);
	vlog(c->log, " Invalid int_data:%x\n", word);
	return -EINVAL;
}

int btf_int_bits(struct btf_check *c, u32 id, const struct btf_type *t)
{
	u32 word = *(const u32 *)btf_items(t);
	u32 bits = BTF_INT_OFFSET(word) + BTF_INT_BITS(word);

	if (bits > INT_BITS_MAX)
		return btf_bad(c, id, "nr_bits exceeds 128");
	if (bits > BITS_OF(t->size))
		return btf_bad(c, id, "nr_bits exceeds type_size");
	return 0;
}

/* At most one of its bits. */
int btf_int_encoding(struct btf_check *c, u32 id, const struct btf_type *t)
{
	switch (BTF_INT_ENCODING(*(const u32 *)btf_items(t))) {
	case 0:
	case BTF_INT_SIGNED:
	case BTF_INT_CHAR:
	case BTF_INT_BOOL:
		return 0;
	default:
		btf_log_type(c, id, "Unsupported encoding");
		return -ENOTSUPP;
	}
}

int btf_array_numbers(struct btf_check *c, u32 id, const struct btf_type *t)
{
	const struct btf_array *array = btf_items(t);

	if (t->size)
		return btf_bad(c, id, "size != 0");
	if (!array->type || !number_in_range(array->type))
		return btf_bad(c, id, "Invalid elem");
	if (!array->index_type || !number_in_range(array->index_type))
		return btf_bad(c, id, "Invalid index");
	return 0;
}

int btf_enum_size(struct btf_check *c, u32 id, const struct btf_type *t)
{
	if (t->size > sizeof(u64) || !is_power_of_2(t->size))
		return btf_bad(c, id, "Unexpected size");
	return 0;
}

int btf_float_size(struct btf_check *c, u32 id, const struct btf_type *t)
{
	if ((t->size <= 8 && is_power_of_2(t->size) && t->size > 1) ||
	    t->size == 12 || t->size == 16)
		return 0;
	return btf_bad(c, id, "Invalid type_size");
}

int btf_fwd_type(struct btf_check *c, u32 id, const struct btf_type *t)
{
	return t->type ? btf_bad(c, id, "type != 0") : 0;
}

/* Where others have their number of items, functions have a linkage. */
int btf_func_linkage(struct btf_check *c, u32 id, const struct btf_type *t)
{
	if (btf_vlen(t) > BTF_FUNC_GLOBAL)
		return btf_bad(c, id, "Invalid func linkage");
	return 0;
}

int btf_var_numbers(struct btf_check *c, u32 id, const struct btf_type *t)
{
	const struct btf_var *var = btf_items(t);

	if (!t->type || !number_in_range(t->type))
		return btf_bad(c, id, "Invalid type_id");
	if (var->linkage > BTF_VAR_GLOBAL_ALLOCATED)
		return btf_bad(c, id, "Linkage not supported");
	return 0;
}

int btf_section_size(struct btf_check *c, u32 id, const struct btf_type *t)
{
	return t->size ? 0 : btf_bad(c, id, "size == 0");
}

int btf_tag_component(struct btf_check *c, u32 id, const struct btf_type *t)
{
	const struct btf_decl_tag *tag = btf_items(t);

	return tag->component_idx < -1 ? btf_bad(c, id, "Invalid component_idx") : 0;
}

/* ---- items ---------------------------------------------------------------------------- */

/* Bit where a member begins, after @last, the one before it. */
static const char *member_fault(struct btf_check *c, const struct btf_type *t,
				const struct btf_member *m, u32 at, u32 last)
{
	if (m->name_off && !btf_name_is_identifier(c->btf, m->name_off))
		return "Invalid name";
	if (!m->type || !number_in_range(m->type))
		return "Invalid type_id";
	if (at < last || (btf_kind(t) == BTF_KIND_UNION && at))
		return "Invalid member bits_offset";
	if (at > BITS_OF(t->size))
		return "Member bits_offset exceeds its struct size";
	return NULL;
}

int btf_members(struct btf_check *c, u32 id, const struct btf_type *t)
{
	const struct btf_member *m = btf_items(t);
	u32 i, at, last = 0, n = btf_vlen(t);
	const char *why;

	for (i = 0; i < n; i++, m++) {
		if (!btf_name_exists(c->btf, m->name_off)) {
			char text[48];

			snprintf(text, sizeof(text), "Invalid member name_offset:%u",
				 m->name_off);
			btf_log_member(c, t, m, m->type, text);
			return -EINVAL;
		}
		at = btf_kflag(t) ? BTF_MEMBER_BIT_OFFSET(m->offset) : m->offset;
		why = member_fault(c, t, m, at, last);
		btf_log_member(c, t, m, m->type, why);
		if (why)
			return -EINVAL;
		last = at;
	}
	c->work += n;
	return 0;
}

/* Of either kind; the name comes first in both. */
static int enumerator_name(struct btf_check *c, u32 id, u32 name_off)
{
	if (!btf_name_exists(c->btf, name_off)) {
		vlog(c->log, "\tInvalid name_offset:%u\n", name_off);
		return -EINVAL;
	}
	if (!btf_name_is_identifier(c->btf, name_off))
		return btf_bad(c, id, "Invalid name");
	return 0;
}

int btf_enumerators(struct btf_check *c, u32 id, const struct btf_type *t)
{
	const struct btf_enum *e = btf_items(t);
	u32 i, n = btf_vlen(t);
	int err;

	for (i = 0; i < n; i++, e++) {
		err = enumerator_name(c, id, e->name_off);
		if (err)
			return err;
		vlog(c->log, btf_kflag(t) ? "\t" BTF_LOG_NAME " val=%d\n" :
					    "\t" BTF_LOG_NAME " val=%u\n",
		     btf_name(c->btf, e->name_off), e->val);
	}
	c->work += n;
	return 0;
}

int btf_enumerators64(struct btf_check *c, u32 id, const struct btf_type *t)
{
	const struct btf_enum64 *e = btf_items(t);
	u32 i, n = btf_vlen(t);
	int err;

	for (i = 0; i < n; i++, e++) {
		err = enumerator_name(c, id, e->name_off);
		if (err)
			return err;
		vlog(c->log, btf_kflag(t) ? "\t" BTF_LOG_NAME " val=%lld\n" :
					    "\t" BTF_LOG_NAME " val=%llu\n",
		     btf_name(c->btf, e->name_off),
		     (unsigned long long)e->val_hi32 << 32 | e->val_lo32);
	}
	c->work += n;
	return 0;
}

/* @end is where the variable before it ends. All sums are of 64 bits. */
static const char *variable_fault(const struct btf_type *t,
				  const struct btf_var_secinfo *info, u64 end)
{
	if (!info->type || !number_in_range(info->type))
		return "Invalid type_id";
	if (info->offset < end || info->offset >= t->size)
		return "Invalid offset";
	if (!info->size || info->size > t->size)
		return "Invalid size";
	if ((u64)info->offset + info->size > t->size)
		return "Invalid offset+size";
	return NULL;
}

int btf_variables(struct btf_check *c, u32 id, const struct btf_type *t)
{
	const struct btf_var_secinfo *info = btf_items(t);
	u32 i, n = btf_vlen(t);
	const char *why;
	u64 end = 0;

	for (i = 0; i < n; i++, info++) {
		why = variable_fault(t, info, end);
		btf_log_secinfo(c, info, why);
		if (why)
			return -EINVAL;
		end = (u64)info->offset + info->size;
	}
	c->work += n;
	return 0;
}

/* ---- the walk --------------------------------------------------------------------------- */

/* Bytes of a whole record, items included, once all of it is known to be there. */
static int record_len(struct btf_check *c, u32 id, const struct btf_type *t, u32 left)
{
	const struct btf_kind_row *row = btf_kind_row(t);
	u32 needed = row->fixed + row->item * btf_vlen(t);

	left -= sizeof(*t);
	if (left >= needed)
		return sizeof(*t) + needed;
	btf_log_type_short(c, id);
	vlog(c->log, " meta_left:%u meta_needed:%u\n", left, needed);
	return -EINVAL;
}

/* What must hold before a record's kind can be asked anything. */
static int check_record(struct btf_check *c, u32 id, const struct btf_type *t, u32 left)
{
	if (left < sizeof(*t)) {
		vlog(c->log, "[%u] meta_left:%u meta_needed:%zu\n", id, left, sizeof(*t));
		return -EINVAL;
	}
	if (t->info & ~INFO_BITS) {
		vlog(c->log, "[%u] Invalid btf_info:%x\n", id, t->info);
		return -EINVAL;
	}
	if (!btf_kind_exists(btf_kind(t))) {
		vlog(c->log, "[%u] Invalid kind:%u\n", id, btf_kind(t));
		return -EINVAL;
	}
	if (!btf_name_exists(c->btf, t->name_off)) {
		vlog(c->log, "[%u] Invalid name_offset:%u\n", id, t->name_off);
		return -EINVAL;
	}
	return record_len(c, id, t, left);
}

static int check_fields(struct btf_check *c, u32 id, const struct btf_type *t)
{
	const struct btf_kind_row *row = btf_kind_row(t);
	int i, err;

	for (i = 0; i < BTF_CHECKS_MAX && row->checks[i]; i++) {
		err = row->checks[i](c, id, t);
		if (err)
			return err;
	}
	btf_log_type(c, id, NULL);
	return row->items ? row->items(c, id, t) : 0;
}

/* Numbers are given in the order of the records; there are few unused entries. */
static int shrink_offsets(struct btf *btf)
{
	u32 *exact = kvmalloc_array(btf->nr_types, sizeof(*exact), VERIFIER_GFP);

	if (!exact)
		return -ENOMEM;
	memcpy(exact, btf->offsets, btf->nr_types * sizeof(*exact));
	kvfree(btf->offsets);
	btf->offsets = exact;
	return 0;
}

/**
 * btf_check_types() - number the records and check each by itself
 * @c: validation, header checked
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL, -ENOTSUPP for an encoding of integers, -ENOMEM, or -EAGAIN if
 * the caller is being killed.
 */
int btf_check_types(struct btf_check *c)
{
	struct btf *btf = c->btf;
	u32 most = 1 + btf->types_len / sizeof(struct btf_type) + 1;
	u32 at = 0, id = 1;
	int len, err;

	btf->offsets = kvmalloc_array(most, sizeof(*btf->offsets), VERIFIER_GFP);
	if (!btf->offsets)
		return -ENOMEM;
	btf->offsets[0] = 0;
	for (; at < btf->types_len; at += len, id++) {
		btf->offsets[id] = at;
		len = check_record(c, id, btf_type(btf, id), btf->types_len - at);
		if (len < 0)
			return len;
		err = check_fields(c, id, btf_type(btf, id)) ?: btf_pause(c);
		if (err)
			return err;
	}
	btf->nr_types = id;
	return shrink_offsets(btf);
}
