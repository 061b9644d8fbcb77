// SPDX-License-Identifier: GPL-2.0-only
/*
 * Members of structures and unions: does what a member is fit where it lies?
 *
 * With the structure's flag set, a member's offset holds the width of a bitfield in
 * its upper byte, 0 if it is none. Without it, a bitfield is an integer of fewer bits
 * than its bytes have. Each kind has a check for either form.
 *
 * A member is inside its structure afterwards. Sums are of 64 bits.
 */
#include <linux/kernel.h>

#include "btf.h"

/* Bits that an integer and the rest of its first byte may have. */
#define COPY_BITS_MAX	128

/* Enumerators are bitfields of an int at most. */
#define ENUM_BITS	32

/**
 * struct spot - a member and where it lies
 * @size: bytes of the structure
 * @type: the member's type, behind modifiers
 * @bytes: its size
 * @at: bit where it begins
 * @width: bits of a bitfield, or 0
 */
struct spot {
	u32 size;
	const struct btf_type *type;
	u32 bytes;
	u32 at;
	u32 width;
};

/* Each returns why not, or NULL. */
typedef const char *(*spot_fn)(const struct spot *s);

static const char *bytes_inside(const struct spot *s)
{
	if (s->at / BITS_PER_BYTE + (u64)s->bytes > s->size)
		return "Member exceeds struct_size";
	return NULL;
}

static const char *plain(const struct spot *s)
{
	if (s->at % BITS_PER_BYTE)
		return "Member is not byte aligned";
	return bytes_inside(s);
}

/* To its own size, or a pointer's if that is less. */
static const char *plain_float(const struct spot *s)
{
	u32 align = min_t(u32, s->bytes, sizeof(void *));

	if (s->at % (align * BITS_PER_BYTE))
		return "Member is not properly aligned";
	return bytes_inside(s);
}

static const char *bits_inside(const struct spot *s, u64 at, u32 bits)
{
	u32 copied = at % BITS_PER_BYTE + bits;

	if (copied > COPY_BITS_MAX)
		return "nr_copy_bits exceeds 128";
	if (at + bits > (u64)s->size * BITS_PER_BYTE)
		return "Member exceeds struct_size";
	return NULL;
}

static const char *plain_int(const struct spot *s)
{
	u32 word = *(const u32 *)btf_items(s->type);
	u64 at = (u64)s->at + BTF_INT_OFFSET(word);

	if (at > U32_MAX)
		return "bits_offset exceeds U32_MAX";
	return bits_inside(s, at, BTF_INT_BITS(word));
}

static const char *field_int(const struct spot *s)
{
	u32 bits = s->bytes * BITS_PER_BYTE;

	if (!btf_int_is_regular(s->type))
		return "Invalid member base type";
	if (!s->width && s->at % BITS_PER_BYTE)
		return "Invalid member offset";
	if (s->width > bits)
		return "Invalid member bitfield_size";
	return bits_inside(s, s->at, s->width ?: bits);
}

static const char *field_enum(const struct spot *s)
{
	if (!s->width && s->at % BITS_PER_BYTE)
		return "Member is not byte aligned";
	if (s->width > ENUM_BITS)
		return "Invalid member bitfield_size";
	return bits_inside(s, s->at, s->width ?: ENUM_BITS);
}

static const struct {
	spot_fn plain;
	spot_fn field;		/* NULL: no bitfield can be of this kind */
} spots[NR_BTF_KINDS] = {
	[BTF_KIND_INT]		= { plain_int, field_int },
	[BTF_KIND_PTR]		= { plain },
	[BTF_KIND_ARRAY]	= { plain },
	[BTF_KIND_STRUCT]	= { plain },
	[BTF_KIND_UNION]	= { plain },
	[BTF_KIND_ENUM]		= { plain, field_enum },
	[BTF_KIND_ENUM64]	= { plain, field_enum },
	[BTF_KIND_FLOAT]	= { plain_float },
};

static const char *spot_fault(const struct spot *s, bool has_widths)
{
	u32 kind = btf_kind(s->type);

	if (!has_widths)
		return spots[kind].plain(s);
	if (spots[kind].field)
		return spots[kind].field(s);
	if (s->width)
		return "Invalid member bitfield_size";
	return spots[kind].plain(s);
}

/**
 * btf_check_member() - check that a member fits
 * @c: validation
 * @id: structure or union
 * @m: its member, whose type is resolved and has a size
 *
 * Context: process context, may sleep.
 * Return: 0 or -EINVAL.
 */
int btf_check_member(struct btf_check *c, u32 id, const struct btf_member *m)
{
	const struct btf_type *t = btf_type(c->btf, id);
	u32 base = c->btf->base[m->type];
	struct spot s = {
		.size = t->size,
		.type = btf_type(c->btf, base),
		.bytes = btf_base_size(c->btf, base),
		.at = m->offset,
	};
	const char *why;

	if (btf_kflag(t)) {
		s.at = BTF_MEMBER_BIT_OFFSET(m->offset);
		s.width = BTF_MEMBER_BITFIELD_SIZE(m->offset);
	}
	why = spot_fault(&s, btf_kflag(t));
	return why ? btf_bad_member(c, id, m, base, why) : 0;
}
