/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Type information as an object, and what the files that check it share.
 *
 * The user's bytes are copied once and never written again (but for being moved as
 * a whole, so that the types lie aligned). Until validation has passed nothing in
 * them may be believed: a type number, an offset of a name, a count. Afterwards:
 *
 * - each number from 1 to nr_types - 1 is a type whose record, items included, lies
 *   inside the section of types;
 * - each offset of a name is that of a terminated string;
 * - each reference leads to a type that exists and is of a kind that may stand there;
 * - no type contains itself, and what has a size has one below 2^32.
 *
 * A type is named by its number throughout; number 0 is void and has no record.
 */
#ifndef _BPF_BTF_H
#define _BPF_BTF_H

#include <linux/btf.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "../verifier/log.h"

/* Bytes one object may have. */
#define BTF_MAX_SIZE		(16U << 20)

/* Types under resolution at one time, each because of the one before. */
#define BTF_MAX_DEPTH		32

/* Characters of a name, its end not counted, and of a name in the log. */
#define BTF_NAME_MAX		512
#define BTF_LOG_NAME		"%.1023s"

/**
 * struct btf - type information
 * @memory: what kvfree() takes; @data lies in it
 * @data: bytes as the user gave them
 * @data_size: how many
 * @types: section of types in @data, aligned
 * @types_len: its bytes
 * @strings: section of strings in @data; begins and ends with a zero
 * @strings_len: its bytes
 * @offsets: per type, where its record lies in @types
 * @base: per type, the type behind its modifiers and names: itself, if it is none
 * @extent: per type, bytes of an array, or of a prototype the first parameter
 *	without a name, from 1; else 0
 * @owned: per type, whether a value of it has bytes that belong to the kernel
 * @nr_types: highest number plus one
 * @id: number shown to user space
 * @refcnt: references
 * @rcu: grace period for lookups by number
 */
struct btf {
	void *memory;
	u8 *data;
	u32 data_size;
	const u8 *types;
	u32 types_len;
	const char *strings;
	u32 strings_len;
	u32 *offsets;
	u32 *base;
	u32 *extent;
	bool *owned;
	u32 nr_types;
	u32 id;
	refcount_t refcnt;
	struct rcu_head rcu;
};

/* What children of a type under resolution are resolved for. */
enum btf_mode {
	BTF_MODE_ANY = 0,	/* not known yet */
	BTF_MODE_POINTED,	/* to point to: what has a size needs no resolution */
	BTF_MODE_VALUE,		/* to contain: pointers need none */
};

enum btf_state {
	BTF_UNRESOLVED = 0,
	BTF_ON_STACK,
	BTF_RESOLVED,
};

/**
 * struct btf_frame - a type under resolution
 * @id: its number
 * @next: which of its references is next
 * @mode: enum btf_mode, for its children
 */
struct btf_frame {
	u32 id;
	u32 next;
	enum btf_mode mode;
};

/**
 * struct btf_check - one validation
 * @btf: what is validated
 * @log: text for the user
 * @state: per type, enum btf_state
 * @stack: types under resolution
 * @depth: how many
 * @work: records and items looked at, for pauses
 */
struct btf_check {
	struct btf *btf;
	struct vlog *log;
	u8 *state;
	struct btf_frame stack[BTF_MAX_DEPTH];
	u32 depth;
	u32 work;
};

#define BTF_CHECKS_MAX	6

typedef int (*btf_check_fn)(struct btf_check *c, u32 id, const struct btf_type *t);

/**
 * struct btf_kind_row - a kind of type
 * @name: as the log prints it
 * @fixed: bytes behind struct btf_type
 * @item: bytes behind these for each of vlen, 0 if vlen counts nothing
 * @is_sized: a variable of this kind has a size
 * @is_modifier: stands for the type it refers to
 * @is_source: nothing but its own user may refer to it
 * @needs_resolve: refers to types in a way that has to be followed
 * @checks: of a record by itself, in the order in which they are reported
 * @details: rest of the type's line in the log, may be NULL
 * @items: checks and prints the items, may be NULL
 * @resolve: follows references; BTF_PUSHED asks to be called again
 */
struct btf_kind_row {
	const char *name;
	u8 fixed;
	u8 item;
	bool is_sized;
	bool is_modifier;
	bool is_source;
	btf_check_fn checks[BTF_CHECKS_MAX];
	void (*details)(struct btf_check *c, const struct btf_type *t);
	btf_check_fn items;
	int (*resolve)(struct btf_check *c, struct btf_frame *frame,
		       const struct btf_type *t);
};

/* Something has to be resolved first. */
#define BTF_PUSHED	1

/* kinds.c */
const struct btf_kind_row *btf_kind_row(const struct btf_type *t);
bool btf_kind_exists(u32 kind);

static inline const struct btf_type *btf_type(const struct btf *btf, u32 id)
{
	return (const struct btf_type *)(btf->types + btf->offsets[id]);
}

static inline u32 btf_kind(const struct btf_type *t)
{
	return BTF_INFO_KIND(t->info);
}

static inline u32 btf_vlen(const struct btf_type *t)
{
	return BTF_INFO_VLEN(t->info);
}

static inline bool btf_kflag(const struct btf_type *t)
{
	return BTF_INFO_KFLAG(t->info);
}

/* What lies behind the record; the type says what it is. */
static inline const void *btf_items(const struct btf_type *t)
{
	return t + 1;
}

static inline bool btf_is_sized(const struct btf_type *t)
{
	return btf_kind_row(t)->is_sized;
}

/* Number of a type that exists; void does not count. */
static inline bool btf_has_type(const struct btf *btf, u32 id)
{
	return id && id < btf->nr_types;
}

/* names.c */
bool btf_name_exists(const struct btf *btf, u32 offset);
bool btf_name_is_identifier(const struct btf *btf, u32 offset);
const char *btf_name(const struct btf *btf, u32 offset);
const char *btf_name_or(const struct btf *btf, u32 offset);

/* text.c */
void btf_log_type(struct btf_check *c, u32 id, const char *why);
void btf_log_type_short(struct btf_check *c, u32 id);
void btf_log_member(struct btf_check *c, const struct btf_type *t,
		    const struct btf_member *m, u32 type, const char *why);
void btf_log_secinfo(struct btf_check *c, const struct btf_var_secinfo *info,
		     const char *why);
int btf_bad(struct btf_check *c, u32 id, const char *why);
int btf_bad_member(struct btf_check *c, u32 id, const struct btf_member *m,
		   u32 type, const char *why);
int btf_bad_param(struct btf_check *c, u32 id, u32 number);
void btf_details_size(struct btf_check *c, const struct btf_type *t);
void btf_details_ref(struct btf_check *c, const struct btf_type *t);
void btf_details_int(struct btf_check *c, const struct btf_type *t);
void btf_details_array(struct btf_check *c, const struct btf_type *t);
void btf_details_items(struct btf_check *c, const struct btf_type *t);
void btf_details_fwd(struct btf_check *c, const struct btf_type *t);
void btf_details_proto(struct btf_check *c, const struct btf_type *t);
void btf_details_var(struct btf_check *c, const struct btf_type *t);
void btf_details_tag(struct btf_check *c, const struct btf_type *t);

/* header.c */
int btf_check_header(struct btf_check *c);

/* meta.c: records by themselves */
int btf_check_types(struct btf_check *c);
int btf_no_vlen(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_no_kflag(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_no_name(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_some_name(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_some_value(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_identifier(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_identifier_or_none(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_ref_number(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_int_data(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_int_bits(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_int_encoding(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_array_numbers(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_enum_size(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_float_size(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_fwd_type(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_func_linkage(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_var_numbers(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_section_size(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_tag_component(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_members(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_enumerators(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_enumerators64(struct btf_check *c, u32 id, const struct btf_type *t);
int btf_variables(struct btf_check *c, u32 id, const struct btf_type *t);

/* members.c */
int btf_check_member(struct btf_check *c, u32 id, const struct btf_member *m);

/* resolve.c: references */
int btf_check_references(struct btf_check *c);
int btf_resolve(struct btf_check *c, u32 root);
bool btf_may_refer(const struct btf *btf, u32 target);
int btf_resolve_ref(struct btf_check *c, struct btf_frame *frame, const struct btf_type *t);
int btf_resolve_array(struct btf_check *c, struct btf_frame *frame, const struct btf_type *t);
int btf_resolve_members(struct btf_check *c, struct btf_frame *frame, const struct btf_type *t);
int btf_resolve_var(struct btf_check *c, struct btf_frame *frame, const struct btf_type *t);
int btf_resolve_section(struct btf_check *c, struct btf_frame *frame, const struct btf_type *t);
int btf_resolve_tag(struct btf_check *c, struct btf_frame *frame, const struct btf_type *t);

/* protos.c */
int btf_resolve_func(struct btf_check *c, struct btf_frame *frame, const struct btf_type *t);
int btf_check_proto(struct btf_check *c, u32 id, const struct btf_type *t);

/* owned.c */
bool btf_is_owned(const struct btf *btf, u32 id);

/* check.c */
int btf_validate(struct btf *btf, struct vlog *log);
void btf_free_parts(struct btf *btf);
int btf_pause(struct btf_check *c);

/* query.c: of what has been validated, but for the first two */
bool btf_int_is_regular(const struct btf_type *t);
u32 btf_base_size(const struct btf *btf, u32 base);
int btf_type_size(const struct btf *btf, u32 id, u32 *size);

/* object.c */
struct btf *btf_get_by_fd(u32 fd);
void btf_get(struct btf *btf);
void btf_put(struct btf *btf);
extern const struct file_operations btf_fops;

#endif /* _BPF_BTF_H */
