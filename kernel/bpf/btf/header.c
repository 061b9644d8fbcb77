// SPDX-License-Identifier: GPL-2.0-only
/*
 * The header, and where it says that the two sections lie.
 *
 * The sections follow the header and fill the rest, without gap and overlap, and the
 * strings are last. A header longer than the one known must be zero where it is not
 * known. A shorter one counts as zero where it ends.
 *
 * After this the sections' addresses and lengths stand in struct btf, the types lie
 * aligned to four bytes, and the strings begin and end with a zero. Nothing but this
 * file reads the header.
 */
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/string.h>

#include "btf.h"

/* A section as the header has it. */
struct section {
	u32 off;
	u32 len;
};

static int refuse(struct btf_check *c, int err, const char *why)
{
	vlog(c->log, "%s\n", why);
	return err;
}

static void log_header(struct btf_check *c, const struct btf_header *h)
{
	vlog(c->log, "magic: 0x%x\nversion: %u\nflags: 0x%x\nhdr_len: %u\n",
	     h->magic, h->version, h->flags, h->hdr_len);
	vlog(c->log, "type_off: %u\ntype_len: %u\nstr_off: %u\nstr_len: %u\n",
	     h->type_off, h->type_len, h->str_off, h->str_len);
	vlog(c->log, "btf_total_size: %u\n", c->btf->data_size);
}

static bool all_zero(const u8 *p, const u8 *end)
{
	return p >= end || !memchr_inv(p, 0, end - p);
}

/* As much of the header as there is; its own length decides that. */
static int read_header(struct btf_check *c, struct btf_header *h, u32 *hdr_len)
{
	const struct btf *btf = c->btf;

	if (btf->data_size < offsetofend(struct btf_header, hdr_len))
		return refuse(c, -EINVAL, "hdr_len not found");
	memcpy(hdr_len, btf->data + offsetof(struct btf_header, hdr_len), sizeof(*hdr_len));
	if (*hdr_len > btf->data_size)
		return refuse(c, -EINVAL, "btf_header not found");
	if (!all_zero(btf->data + sizeof(*h), btf->data + *hdr_len))
		return refuse(c, -E2BIG, "Unsupported btf_header");

	memset(h, 0, sizeof(*h));
	memcpy(h, btf->data, min_t(u32, *hdr_len, sizeof(*h)));
	log_header(c, h);
	return 0;
}

/* The first section begins at 0, the second where the first ends, which is all. */
static int check_sections(struct btf_check *c, const struct section *first,
			  const struct section *second, u32 room)
{
	const struct section *sections[] = { first, second };
	u32 i, end = 0;

	for (i = 0; i < ARRAY_SIZE(sections); i++) {
		if (sections[i]->off > room)
			return refuse(c, -EINVAL, "Invalid section offset");
		if (sections[i]->off > end)
			return refuse(c, -EINVAL, "Unsupported section found");
		if (sections[i]->off < end)
			return refuse(c, -EINVAL, "Section overlap found");
		if (sections[i]->len > room - end)
			return refuse(c, -EINVAL, "Total section length too long");
		end += sections[i]->len;
	}
	if (end != room)
		return refuse(c, -EINVAL, "Unsupported section found");
	return 0;
}

static int check_strings(struct btf_check *c, const struct btf_header *h, u32 room)
{
	const char *strings = (const char *)c->btf->data + c->btf->data_size - h->str_len;

	if (h->str_off + h->str_len != room)
		return refuse(c, -EINVAL, "String section is not at the end");
	if (!h->str_len || h->str_len - 1 > BTF_MAX_NAME_OFFSET ||
	    strings[0] || strings[h->str_len - 1])
		return refuse(c, -EINVAL, "Invalid string section");
	return 0;
}

/* The memory has room to move in: see object.c. */
static void align_types(struct btf *btf, u32 hdr_len)
{
	u32 shift = -hdr_len % sizeof(u32);

	if (!shift)
		return;
	memmove(btf->data + shift, btf->data, btf->data_size);
	btf->data += shift;
}

static void set_sections(struct btf *btf, const struct btf_header *h, u32 hdr_len)
{
	align_types(btf, hdr_len);
	btf->types = btf->data + hdr_len + h->type_off;
	btf->types_len = h->type_len;
	btf->strings = (const char *)btf->data + hdr_len + h->str_off;
	btf->strings_len = h->str_len;
}

/**
 * btf_check_header() - check the header and find the sections
 * @c: validation; nothing of the data was looked at before
 *
 * Context: any.
 * Return: 0, -EINVAL, -ENOTSUPP for an unknown version or flag, or -E2BIG for a
 * header with unknown parts in use.
 */
int btf_check_header(struct btf_check *c)
{
	struct section types, strings;
	struct btf_header h;
	u32 hdr_len, room;
	int err;

	err = read_header(c, &h, &hdr_len);
	if (err)
		return err;
	if (h.magic != BTF_MAGIC)
		return refuse(c, -EINVAL, "Invalid magic");
	if (h.version != BTF_VERSION)
		return refuse(c, -ENOTSUPP, "Unsupported version");
	if (h.flags)
		return refuse(c, -ENOTSUPP, "Unsupported flags");
	room = c->btf->data_size - hdr_len;
	if (!room)
		return refuse(c, -EINVAL, "No data");

	types = (struct section){ h.type_off, h.type_len };
	strings = (struct section){ h.str_off, h.str_len };
	/* Offsets beyond 2^31 count as before 0, which decides only what is said of them. */
	if ((s32)(types.off - strings.off) <= 0)
		err = check_sections(c, &types, &strings, room);
	else
		err = check_sections(c, &strings, &types, room);
	if (err)
		return err;
	err = check_strings(c, &h, room);
	if (err)
		return err;
	if (h.type_off % sizeof(u32))
		return refuse(c, -EINVAL, "Unaligned type_off");
	if (!h.type_len)
		return refuse(c, -EINVAL, "No type found");
	set_sections(c->btf, &h, hdr_len);
	return 0;
}
