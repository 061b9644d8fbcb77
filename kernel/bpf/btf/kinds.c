// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of kinds: what each looks like and who checks it.
 *
 * A row is all there is to know of a kind besides the functions it names. The order
 * of the checks is the order in which 6.1 reports them, which shows when a record is
 * wrong in more ways than one.
 */
#include <linux/kernel.h>
#include <linux/nospec.h>

#include "btf.h"

#define REFERENCE						\
	.details = btf_details_ref, .resolve = btf_resolve_ref

#define MODIFIER						\
	.is_modifier = true, REFERENCE,				\
	.checks = { btf_no_vlen, btf_no_kflag, btf_ref_number, btf_no_name }

static const struct btf_kind_row kinds[NR_BTF_KINDS] = {
	[BTF_KIND_UNKN] = { .name = "UNKNOWN" },
	[BTF_KIND_INT] = {
		.name = "INT", .fixed = sizeof(u32), .is_sized = true,
		.checks = { btf_no_vlen, btf_no_kflag, btf_int_data, btf_int_bits,
			    btf_int_encoding },
		.details = btf_details_int,
	},
	[BTF_KIND_PTR] = {
		.name = "PTR", .is_sized = true, REFERENCE,
		.checks = { btf_no_vlen, btf_no_kflag, btf_ref_number, btf_no_name },
	},
	[BTF_KIND_ARRAY] = {
		.name = "ARRAY", .fixed = sizeof(struct btf_array), .is_sized = true,
		.checks = { btf_no_name, btf_no_vlen, btf_no_kflag, btf_array_numbers },
		.details = btf_details_array, .resolve = btf_resolve_array,
	},
	[BTF_KIND_STRUCT] = {
		.name = "STRUCT", .item = sizeof(struct btf_member), .is_sized = true,
		.checks = { btf_identifier_or_none },
		.details = btf_details_items, .items = btf_members,
		.resolve = btf_resolve_members,
	},
	[BTF_KIND_UNION] = {
		.name = "UNION", .item = sizeof(struct btf_member), .is_sized = true,
		.checks = { btf_identifier_or_none },
		.details = btf_details_items, .items = btf_members,
		.resolve = btf_resolve_members,
	},
	[BTF_KIND_ENUM] = {
		.name = "ENUM", .item = sizeof(struct btf_enum), .is_sized = true,
		.checks = { btf_enum_size, btf_identifier_or_none },
		.details = btf_details_items, .items = btf_enumerators,
	},
	[BTF_KIND_FWD] = {
		.name = "FWD",
		.checks = { btf_no_vlen, btf_fwd_type, btf_identifier },
		.details = btf_details_fwd,
	},
	[BTF_KIND_TYPEDEF] = {
		.name = "TYPEDEF", .is_modifier = true, REFERENCE,
		.checks = { btf_no_vlen, btf_no_kflag, btf_ref_number, btf_identifier },
	},
	[BTF_KIND_VOLATILE] = { .name = "VOLATILE", MODIFIER },
	[BTF_KIND_CONST] = { .name = "CONST", MODIFIER },
	[BTF_KIND_RESTRICT] = { .name = "RESTRICT", MODIFIER },
	[BTF_KIND_FUNC] = {
		.name = "FUNC",
		.checks = { btf_identifier, btf_func_linkage, btf_no_kflag },
		.details = btf_details_ref, .resolve = btf_resolve_func,
	},
	[BTF_KIND_FUNC_PROTO] = {
		.name = "FUNC_PROTO", .item = sizeof(struct btf_param),
		.checks = { btf_no_name, btf_no_kflag },
		.details = btf_details_proto,
	},
	[BTF_KIND_VAR] = {
		.name = "VAR", .fixed = sizeof(struct btf_var), .is_source = true,
		.checks = { btf_no_vlen, btf_no_kflag, btf_identifier, btf_var_numbers },
		.details = btf_details_var, .resolve = btf_resolve_var,
	},
	[BTF_KIND_DATASEC] = {
		.name = "DATASEC", .item = sizeof(struct btf_var_secinfo),
		.is_source = true,
		.checks = { btf_section_size, btf_no_kflag, btf_identifier },
		.details = btf_details_items, .items = btf_variables,
		.resolve = btf_resolve_section,
	},
	[BTF_KIND_FLOAT] = {
		.name = "FLOAT", .is_sized = true,
		.checks = { btf_no_vlen, btf_no_kflag, btf_float_size },
		.details = btf_details_size,
	},
	[BTF_KIND_DECL_TAG] = {
		.name = "DECL_TAG", .fixed = sizeof(struct btf_decl_tag),
		.is_source = true,
		.checks = { btf_some_value, btf_no_vlen, btf_no_kflag, btf_tag_component },
		.details = btf_details_tag, .resolve = btf_resolve_tag,
	},
	[BTF_KIND_TYPE_TAG] = {
		.name = "TYPE_TAG", .is_modifier = true, REFERENCE,
		.checks = { btf_no_vlen, btf_no_kflag, btf_ref_number, btf_some_name },
	},
	[BTF_KIND_ENUM64] = {
		.name = "ENUM64", .item = sizeof(struct btf_enum64), .is_sized = true,
		.checks = { btf_enum_size, btf_identifier_or_none },
		.details = btf_details_items, .items = btf_enumerators64,
	},
};

/**
 * btf_kind_exists() - is this a kind of type?
 * @kind: number from a record
 *
 * Context: any.
 * Return: true for all kinds there are; void is none.
 */
bool btf_kind_exists(u32 kind)
{
	return kind && kind < ARRAY_SIZE(kinds);
}

/**
 * btf_kind_row() - what there is to know of a type's kind
 * @t: record whose kind exists
 *
 * Context: any.
 * Return: the row.
 */
const struct btf_kind_row *btf_kind_row(const struct btf_type *t)
{
	return &kinds[array_index_nospec(btf_kind(t), ARRAY_SIZE(kinds))];
}
