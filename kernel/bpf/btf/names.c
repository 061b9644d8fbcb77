// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names: the section of strings.
 *
 * A name is an offset into one block of bytes that begins and ends with a zero, so
 * that every offset inside it is the beginning of a string that ends inside it, and
 * offset 0 is the empty one. Names may share their ends.
 *
 * What is named like a thing of C must look like one, with dots where compilers put
 * them; such names reach other parts of the kernel and logs. Others are any bytes.
 * Nothing here walks further than BTF_NAME_MAX, because a name may be as long as the
 * section, and be the name of a million types.
 */
#include <linux/ctype.h>

#include "btf.h"

/**
 * btf_name_exists() - is this an offset of the section of strings?
 * @btf: type information, header checked
 * @offset: from the user
 *
 * Context: any.
 * Return: true if a name lies there.
 */
bool btf_name_exists(const struct btf *btf, u32 offset)
{
	return offset < btf->strings_len;
}

/**
 * btf_name() - a name
 * @btf: type information
 * @offset: offset that exists
 *
 * Context: any.
 * Return: the string.
 */
const char *btf_name(const struct btf *btf, u32 offset)
{
	return btf->strings + offset;
}

/**
 * btf_name_or() - a name for the log, whatever the offset
 * @btf: type information, header checked
 * @offset: from the user
 *
 * Context: any.
 * Return: a string.
 */
const char *btf_name_or(const struct btf *btf, u32 offset)
{
	if (!btf_name_exists(btf, offset))
		return "(invalid-name-offset)";
	return *btf_name(btf, offset) ? btf_name(btf, offset) : "(anon)";
}

static bool is_part(char c, bool is_first)
{
	if (is_first ? isalpha(c) : isalnum(c))
		return true;
	return c == '_' || c == '.';
}

/**
 * btf_name_is_identifier() - may a thing of a program be called so?
 * @btf: type information
 * @offset: offset that exists
 *
 * Context: any.
 * Return: true if it begins with a letter, '_' or '.', goes on with these and
 * digits, and is not longer than BTF_NAME_MAX.
 */
bool btf_name_is_identifier(const struct btf *btf, u32 offset)
{
	const char *name = btf_name(btf, offset);
	u32 i;

	for (i = 0; i < BTF_NAME_MAX && name[i]; i++)
		if (!is_part(name[i], !i))
			return false;
	return i && !name[i];
}
