// SPDX-License-Identifier: GPL-2.0-only
/*
 * References: each leads somewhere it may lead, and nothing contains itself.
 *
 * Types are resolved in the order of their numbers. One that needs another puts it
 * on a stack of BTF_MAX_DEPTH entries and is called again when that is done; to meet
 * one that is on the stack is a loop. So time is linear in the number of references,
 * and the kernel's stack does not grow with the input.
 *
 * Loops through pointers are ordinary: a structure points to itself. What only has to
 * be pointed to is not followed where it has a size of its own, and what is contained
 * is not followed where it is a pointer:
 *
 *	ptr -> const -> struct		stops at the structure
 *	struct -> typedef -> ptr	stops at the pointer
 *
 * A typedef that was followed for a pointer may thus be resolved while the structure
 * behind it is not. Who contains it follows that structure as well; so the size of
 * what is contained is always known, and no type is inside itself. (6.1 does not, and
 * takes an array of its own type, if a pointer to that type has a lower number.)
 */
#include <linux/kernel.h>

#include "btf.h"

/* ---- the stack ---------------------------------------------------------------------- */

static bool is_value_kind(const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_ARRAY:
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return true;
	default:
		return false;
	}
}

/* What children of @t are wanted for, if @t is wanted for @mode. */
static enum btf_mode child_mode(const struct btf_type *t, enum btf_mode mode)
{
	if (is_value_kind(t))
		return BTF_MODE_VALUE;
	if (btf_kind(t) == BTF_KIND_PTR)
		return BTF_MODE_POINTED;
	return btf_kind_row(t)->is_modifier ? mode : BTF_MODE_ANY;
}

static bool is_enough(const struct btf_type *t, enum btf_mode mode)
{
	switch (mode) {
	case BTF_MODE_POINTED:
		return btf_kind(t) != BTF_KIND_PTR && !btf_kind_row(t)->is_modifier;
	case BTF_MODE_VALUE:
		return btf_kind(t) == BTF_KIND_PTR;
	default:
		return false;
	}
}

static int push(struct btf_check *c, u32 id, enum btf_mode mode)
{
	if (c->state[id] == BTF_ON_STACK)
		return -EEXIST;
	if (c->depth == BTF_MAX_DEPTH)
		return -E2BIG;
	c->state[id] = BTF_ON_STACK;
	c->stack[c->depth++] = (struct btf_frame){
		.id = id,
		.mode = child_mode(btf_type(c->btf, id), mode),
	};
	return BTF_PUSHED;
}

/* Have @id resolved as far as @frame needs it: 0 if it is. */
static int want(struct btf_check *c, const struct btf_frame *frame, u32 id)
{
	if (!id || c->state[id] == BTF_RESOLVED ||
	    is_enough(btf_type(c->btf, id), frame->mode))
		return 0;
	return push(c, id, frame->mode);
}

/* The same, and what is behind it too, because its size is needed. */
static int want_value(struct btf_check *c, const struct btf_frame *frame, u32 id)
{
	int err = want(c, frame, id);
	u32 base;

	if (err)
		return err;
	base = c->btf->base[id];
	if (!base || c->state[base] == BTF_RESOLVED ||
	    !is_value_kind(btf_type(c->btf, base)))
		return 0;
	return push(c, base, frame->mode);
}

/**
 * btf_may_refer() - may an ordinary type refer to this one?
 * @btf: type information, records checked
 * @target: number, from the user
 *
 * Context: any.
 * Return: true for void and for types that are no variables, sections or tags.
 */
bool btf_may_refer(const struct btf *btf, u32 target)
{
	if (!target)
		return true;
	return btf_has_type(btf, target) &&
	       !btf_kind_row(btf_type(btf, target))->is_source;
}

static bool base_is_sized(const struct btf *btf, u32 id)
{
	u32 base = btf->base[id];

	return base && btf_is_sized(btf_type(btf, base));
}

/* ---- by kind: 0 when all is done --------------------------------------------------------- */

int btf_resolve_ref(struct btf_check *c, struct btf_frame *frame, const struct btf_type *t)
{
	int err;

	if (!btf_may_refer(c->btf, t->type))
		return btf_bad(c, frame->id, "Invalid type_id");
	err = want(c, frame, t->type);
	if (!err && btf_kind_row(t)->is_modifier)
		c->btf->base[frame->id] = c->btf->base[t->type];
	return err;
}

static int resolve_index(struct btf_check *c, struct btf_frame *frame, u32 index)
{
	const struct btf_type *t;
	int err;

	if (!btf_may_refer(c->btf, index))
		return btf_bad(c, frame->id, "Invalid index");
	err = want(c, frame, index);
	if (err)
		return err;
	index = c->btf->base[index];
	t = index ? btf_type(c->btf, index) : NULL;
	if (!t || btf_kind(t) != BTF_KIND_INT || !btf_int_is_regular(t))
		return btf_bad(c, frame->id, "Invalid index");
	return 0;
}

static int resolve_elems(struct btf_check *c, struct btf_frame *frame,
			 const struct btf_array *array)
{
	const struct btf_type *t;
	u64 size;
	u32 base;
	int err;

	if (!btf_may_refer(c->btf, array->type))
		return btf_bad(c, frame->id, "Invalid elem");
	err = want_value(c, frame, array->type);
	if (err)
		return err;
	if (!base_is_sized(c->btf, array->type))
		return btf_bad(c, frame->id, "Invalid elem");
	base = c->btf->base[array->type];
	t = btf_type(c->btf, base);
	if (btf_kind(t) == BTF_KIND_INT && !btf_int_is_regular(t))
		return btf_bad(c, frame->id, "Invalid array of int");
	size = (u64)array->nelems * btf_base_size(c->btf, base);
	if (size > U32_MAX)
		return btf_bad(c, frame->id, "Array size overflows U32_MAX");
	c->btf->extent[frame->id] = size;
	return 0;
}

int btf_resolve_array(struct btf_check *c, struct btf_frame *frame, const struct btf_type *t)
{
	const struct btf_array *array = btf_items(t);
	int err;

	if (!frame->next) {
		err = resolve_index(c, frame, array->index_type);
		if (err)
			return err;
		frame->next++;
	}
	return resolve_elems(c, frame, array);
}

int btf_resolve_members(struct btf_check *c, struct btf_frame *frame, const struct btf_type *t)
{
	const struct btf_member *m = btf_items(t);
	u32 n = btf_vlen(t);
	int err;

	for (m += frame->next; frame->next < n; frame->next++, m++) {
		if (!btf_may_refer(c->btf, m->type))
			return btf_bad_member(c, frame->id, m, m->type, "Invalid member");
		err = want_value(c, frame, m->type);
		if (err)
			return err;
		if (!base_is_sized(c->btf, m->type))
			return btf_bad_member(c, frame->id, m, m->type, "Invalid member");
		err = btf_check_member(c, frame->id, m);
		if (err)
			return err;
	}
	c->work += n;
	return 0;
}

int btf_resolve_var(struct btf_check *c, struct btf_frame *frame, const struct btf_type *t)
{
	int err;

	if (!btf_may_refer(c->btf, t->type))
		return btf_bad(c, frame->id, "Invalid type_id");
	err = want_value(c, frame, t->type);
	if (err)
		return err;
	if (!base_is_sized(c->btf, t->type))
		return btf_bad(c, frame->id, "Invalid type_id");
	return 0;
}

static int bad_variable(struct btf_check *c, u32 id, const struct btf_var_secinfo *info,
			const char *why)
{
	btf_log_type(c, id, NULL);
	btf_log_secinfo(c, info, why);
	return -EINVAL;
}

int btf_resolve_section(struct btf_check *c, struct btf_frame *frame, const struct btf_type *t)
{
	const struct btf_var_secinfo *info = btf_items(t);
	const struct btf *btf = c->btf;
	u32 size, n = btf_vlen(t);
	int err;

	for (info += frame->next; frame->next < n; frame->next++, info++) {
		if (!btf_has_type(btf, info->type) ||
		    btf_kind(btf_type(btf, info->type)) != BTF_KIND_VAR)
			return bad_variable(c, frame->id, info, "Not a VAR kind member");
		err = want(c, frame, info->type);
		if (err)
			return err;
		err = btf_type_size(btf, info->type, &size);
		if (err || info->size < size)
			return bad_variable(c, frame->id, info, "Invalid size");
	}
	c->work += n;
	return 0;
}

/* What a tag may say something about: how many parts it has, or -1 if it may not. */
static int tag_parts(const struct btf *btf, const struct btf_type *target)
{
	switch (btf_kind(target)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return btf_vlen(target);
	case BTF_KIND_FUNC:
		return btf_vlen(btf_type(btf, target->type));
	case BTF_KIND_VAR:
	case BTF_KIND_TYPEDEF:
		return 0;
	default:
		return -1;
	}
}

static bool may_be_tagged(const struct btf *btf, u32 target)
{
	if (!btf_has_type(btf, target))
		return false;
	switch (btf_kind(btf_type(btf, target))) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_FUNC:
	case BTF_KIND_VAR:
	case BTF_KIND_TYPEDEF:
		return true;
	default:
		return false;
	}
}

int btf_resolve_tag(struct btf_check *c, struct btf_frame *frame, const struct btf_type *t)
{
	const struct btf_decl_tag *tag = btf_items(t);
	int err;

	if (!may_be_tagged(c->btf, t->type))
		return btf_bad(c, frame->id, "Invalid type_id");
	/* A function's parameters can only be counted when it is known to have some. */
	err = want(c, frame, t->type);
	if (err)
		return err;
	if (tag->component_idx >= tag_parts(c->btf, btf_type(c->btf, t->type)))
		return btf_bad(c, frame->id, "Invalid component_idx");
	return 0;
}

/* ---- all of them ---------------------------------------------------------------------------- */

/**
 * btf_resolve() - resolve a type and all it needs
 * @c: validation
 * @root: type, not resolved
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL, -EEXIST for a loop, -E2BIG for a chain that is too long, or
 * -EAGAIN if the caller is being killed.
 */
int btf_resolve(struct btf_check *c, u32 root)
{
	struct btf_frame *frame;
	int err;

	c->depth = 0;
	push(c, root, BTF_MODE_ANY);
	while (c->depth) {
		const struct btf_type *t;

		frame = &c->stack[c->depth - 1];
		t = btf_type(c->btf, frame->id);
		err = btf_kind_row(t)->resolve(c, frame, t);
		if (err == -EEXIST)
			btf_log_type(c, root, "Loop detected");
		else if (err == -E2BIG)
			btf_log_type(c, root, "Exceeded max resolving depth:32");
		if (err < 0)
			return err;
		if (err != BTF_PUSHED) {
			c->btf->owned[frame->id] = btf_is_owned(c->btf, frame->id);
			c->state[frame->id] = BTF_RESOLVED;
			c->depth--;
		}
		err = btf_pause(c);
		if (err)
			return err;
	}
	return 0;
}

/*
 * A tag belongs to the pointer before it, so nothing may stand between. Where it
 * does, some modifier stands directly before a tag.
 */
static int check_tag_order(struct btf_check *c, const struct btf_type *t)
{
	const struct btf_kind_row *row = btf_kind_row(t);

	if (!row->is_modifier || btf_kind(t) == BTF_KIND_TYPE_TAG || !t->type ||
	    btf_kind(btf_type(c->btf, t->type)) != BTF_KIND_TYPE_TAG)
		return 0;
	vlog(c->log, "Type tags don't precede modifiers\n");
	return -EINVAL;
}

/**
 * btf_check_references() - resolve all types
 * @c: validation, records checked, base numbers and states set up
 *
 * Context: process context, may sleep.
 * Return: 0 or -errno as btf_resolve().
 */
int btf_check_references(struct btf_check *c)
{
	const struct btf *btf = c->btf;
	int err = 0;
	u32 id;

	for (id = 1; id < btf->nr_types && !err; id++) {
		if (c->state[id] != BTF_RESOLVED)
			err = btf_resolve(c, id);
		if (!err && btf_kind(btf_type(btf, id)) == BTF_KIND_FUNC_PROTO)
			err = btf_check_proto(c, id, btf_type(btf, id));
		err = err ?: btf_pause(c);
	}
	for (id = 1; id < btf->nr_types && !err; id++)
		err = check_tag_order(c, btf_type(btf, id)) ?: btf_pause(c);
	return err;
}
