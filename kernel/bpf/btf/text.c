// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the log says of types: a line for each record and item when it is met, and
 * once more, with the reason behind it, for the one that is refused.
 *
 *	[4] STRUCT s size=8 vlen=2
 *		a type_id=1 bits_offset=0
 *		b type_id=9 bits_offset=32 Invalid member
 *
 * Clients search the log for these texts. Names are the user's bytes and are cut, so
 * that a line costs the same whatever they are. Text decides nothing.
 */
#include "btf.h"

static bool is_quiet(const struct btf_check *c)
{
	return !c->log->kbuf;
}

static void log_ending(struct btf_check *c, const char *why)
{
	if (why)
		vlog(c->log, " %s\n", why);
	else
		vlog(c->log, "\n");
}

/**
 * btf_log_type_short() - the beginning of a type's line: number, kind and name
 * @c: validation
 * @id: number
 *
 * Context: process context, may sleep.
 */
void btf_log_type_short(struct btf_check *c, u32 id)
{
	const struct btf_type *t = btf_type(c->btf, id);

	vlog(c->log, "[%u] %s " BTF_LOG_NAME, id, btf_kind_row(t)->name,
	     btf_name_or(c->btf, t->name_off));
}

/**
 * btf_log_type() - a type's line
 * @c: validation
 * @id: number; record and items lie inside the section
 * @why: reason to refuse it, or NULL
 *
 * Context: process context, may sleep.
 */
void btf_log_type(struct btf_check *c, u32 id, const char *why)
{
	const struct btf_type *t = btf_type(c->btf, id);
	const struct btf_kind_row *row = btf_kind_row(t);

	if (is_quiet(c))
		return;
	btf_log_type_short(c, id);
	if (row->details)
		row->details(c, t);
	log_ending(c, why);
}

/**
 * btf_log_member() - a member's line
 * @c: validation
 * @t: structure or union
 * @m: its member
 * @type: type to print
 * @why: reason to refuse it, or NULL
 *
 * Context: process context, may sleep.
 */
void btf_log_member(struct btf_check *c, const struct btf_type *t,
		    const struct btf_member *m, u32 type, const char *why)
{
	if (is_quiet(c))
		return;
	vlog(c->log, "\t" BTF_LOG_NAME " type_id=%u", btf_name_or(c->btf, m->name_off), type);
	if (btf_kflag(t))
		vlog(c->log, " bitfield_size=%u bits_offset=%u",
		     BTF_MEMBER_BITFIELD_SIZE(m->offset), BTF_MEMBER_BIT_OFFSET(m->offset));
	else
		vlog(c->log, " bits_offset=%u", m->offset);
	log_ending(c, why);
}

/**
 * btf_log_secinfo() - the line of a variable in a section
 * @c: validation
 * @info: variable
 * @why: reason to refuse it, or NULL
 *
 * Context: process context, may sleep.
 */
void btf_log_secinfo(struct btf_check *c, const struct btf_var_secinfo *info,
		     const char *why)
{
	if (is_quiet(c))
		return;
	vlog(c->log, "\t type_id=%u offset=%u size=%u", info->type, info->offset,
	     info->size);
	log_ending(c, why);
}

/**
 * btf_bad() - refuse a type
 * @c: validation
 * @id: number
 * @why: reason
 *
 * Context: process context, may sleep.
 * Return: -EINVAL.
 */
int btf_bad(struct btf_check *c, u32 id, const char *why)
{
	btf_log_type(c, id, why);
	return -EINVAL;
}

/**
 * btf_bad_member() - refuse a member because of the type it has
 * @c: validation
 * @id: structure or union
 * @m: its member
 * @type: the member's type, as it is to be printed
 * @why: reason
 *
 * Context: process context, may sleep.
 * Return: -EINVAL.
 */
int btf_bad_member(struct btf_check *c, u32 id, const struct btf_member *m,
		   u32 type, const char *why)
{
	btf_log_type(c, id, NULL);
	btf_log_member(c, btf_type(c->btf, id), m, type, why);
	return -EINVAL;
}

/**
 * btf_bad_param() - refuse a function or prototype because of a parameter
 * @c: validation
 * @id: number
 * @number: which one, from 1
 *
 * Context: process context, may sleep.
 * Return: -EINVAL.
 */
int btf_bad_param(struct btf_check *c, u32 id, u32 number)
{
	char why[32];

	snprintf(why, sizeof(why), "Invalid arg#%u", number);
	return btf_bad(c, id, why);
}

/* ---- the rest of a type's line, by kind ------------------------------------------ */

void btf_details_size(struct btf_check *c, const struct btf_type *t)
{
	vlog(c->log, " size=%u", t->size);
}

void btf_details_ref(struct btf_check *c, const struct btf_type *t)
{
	vlog(c->log, " type_id=%u", t->type);
}

static const char *encoding_name(u32 encoding)
{
	static const char *const names[] = {
		[0] = "(none)",
		[BTF_INT_SIGNED] = "SIGNED",
		[BTF_INT_CHAR] = "CHAR",
		[BTF_INT_BOOL] = "BOOL",
	};

	if (encoding < ARRAY_SIZE(names) && names[encoding])
		return names[encoding];
	return "UNKN";
}

void btf_details_int(struct btf_check *c, const struct btf_type *t)
{
	u32 word = *(const u32 *)btf_items(t);

	vlog(c->log, " size=%u bits_offset=%u nr_bits=%u encoding=%s", t->size,
	     BTF_INT_OFFSET(word), BTF_INT_BITS(word),
	     encoding_name(BTF_INT_ENCODING(word)));
}

void btf_details_array(struct btf_check *c, const struct btf_type *t)
{
	const struct btf_array *array = btf_items(t);

	vlog(c->log, " type_id=%u index_type_id=%u nr_elems=%u", array->type,
	     array->index_type, array->nelems);
}

void btf_details_items(struct btf_check *c, const struct btf_type *t)
{
	vlog(c->log, " size=%u vlen=%u", t->size, btf_vlen(t));
}

void btf_details_fwd(struct btf_check *c, const struct btf_type *t)
{
	vlog(c->log, "%s", btf_kflag(t) ? " union" : " struct");
}

/* A last parameter without a type stands for any number of them. */
void btf_details_proto(struct btf_check *c, const struct btf_type *t)
{
	const struct btf_param *param = btf_items(t);
	u32 i, n = btf_vlen(t);

	vlog(c->log, " return=%u args=(%s", t->type, n ? "" : "void");
	for (i = 0; i < n; i++) {
		if (i)
			vlog(c->log, ", ");
		if (i == n - 1 && !param[i].type)
			vlog(c->log, "vararg");
		else
			vlog(c->log, "%u " BTF_LOG_NAME, param[i].type,
			     btf_name_or(c->btf, param[i].name_off));
	}
	vlog(c->log, ")");
}

void btf_details_var(struct btf_check *c, const struct btf_type *t)
{
	const struct btf_var *var = btf_items(t);

	vlog(c->log, " type_id=%u linkage=%u", t->type, var->linkage);
}

void btf_details_tag(struct btf_check *c, const struct btf_type *t)
{
	const struct btf_decl_tag *tag = btf_items(t);

	vlog(c->log, " type=%u component_idx=%d", t->type, tag->component_idx);
}
