// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions and prototypes.
 *
 * A prototype may be used by any number of functions and have any number of
 * parameters, so a function does not walk them: the prototype's check notes the first
 * parameter without a name, and that number is what functions look at. A function may
 * come first; then it finds out and notes it.
 */
#include <linux/kernel.h>

#include "btf.h"

/* Parameters that were not looked at yet. */
#define NOT_KNOWN	0
/* All have a name: a number that no parameter has. */
#define ALL_NAMED	(BTF_MAX_VLEN + 1)

/* A last parameter without type and name stands for any number of them. */
static u32 count_params(const struct btf_type *proto)
{
	const struct btf_param *param = btf_items(proto);
	u32 n = btf_vlen(proto);

	return n && !param[n - 1].type ? n - 1 : n;
}

static bool is_named(const struct btf *btf, const struct btf_param *param)
{
	return param->name_off && btf_name_exists(btf, param->name_off) &&
	       btf_name_is_identifier(btf, param->name_off);
}

static u32 first_unnamed(struct btf_check *c, u32 id)
{
	const struct btf_type *t = btf_type(c->btf, id);
	const struct btf_param *param = btf_items(t);
	u32 *known = &c->btf->extent[id];
	u32 i, n = btf_vlen(t);

	if (*known != NOT_KNOWN)
		return *known;
	for (i = 0; i < n; i++)
		if (param[i].type && !is_named(c->btf, &param[i]))
			break;
	c->work += n;
	*known = i < n ? i + 1 : ALL_NAMED;
	return *known;
}

int btf_resolve_func(struct btf_check *c, struct btf_frame *frame, const struct btf_type *t)
{
	const struct btf *btf = c->btf;
	u32 unnamed;

	if (!btf_has_type(btf, t->type) ||
	    btf_kind(btf_type(btf, t->type)) != BTF_KIND_FUNC_PROTO)
		return btf_bad(c, frame->id, "Invalid type_id");
	unnamed = first_unnamed(c, t->type);
	return unnamed == ALL_NAMED ? 0 : btf_bad_param(c, frame->id, unnamed);
}

/* Can a value of this type be passed? 1, 0, or -errno of its resolution. */
static int is_passable(struct btf_check *c, u32 type)
{
	u32 base;
	int err;

	if (!type || !btf_may_refer(c->btf, type))
		return 0;
	if (c->state[type] != BTF_RESOLVED) {
		err = btf_resolve(c, type);
		if (err)
			return err;
	}
	base = c->btf->base[type];
	return base && btf_is_sized(btf_type(c->btf, base));
}

static int check_param(struct btf_check *c, const struct btf_param *param)
{
	if (!btf_name_exists(c->btf, param->name_off))
		return 0;
	if (param->name_off && !btf_name_is_identifier(c->btf, param->name_off))
		return 0;
	return is_passable(c, param->type);
}

/**
 * btf_check_proto() - check what a prototype takes and returns
 * @c: validation; nothing is under resolution
 * @id: prototype
 * @t: its record
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL, or an error of btf_resolve().
 */
int btf_check_proto(struct btf_check *c, u32 id, const struct btf_type *t)
{
	const struct btf_param *param = btf_items(t);
	u32 i, n = count_params(t);
	int good;

	if (t->type) {
		good = is_passable(c, t->type);
		if (good <= 0)
			return good ?: btf_bad(c, id, "Invalid return type");
	}
	if (n < btf_vlen(t) && param[n].name_off)
		return btf_bad_param(c, id, n + 1);
	for (i = 0; i < n; i++) {
		good = check_param(c, &param[i]);
		if (good <= 0)
			return good ?: btf_bad_param(c, id, i + 1);
	}
	c->work += n;
	return 0;
}
