/* SPDX-License-Identifier: GPL-2.0-only */
/* Type information for tests that are not about it, loaded. */
#ifndef _BTF_TYPES_H
#define _BTF_TYPES_H

#include "test.h"
#include "blob.h"

static inline MAYBE_UNUSED int types_load_blob(const struct blob *blob)
{
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.btf = ptr64(blob->data);
	a.btf_size = (__u32)blob->size;
	return (int)sys_bpf(BPF_BTF_LOAD, &a);
}

/* A descriptor of what @text describes, as in blob.h; ends the test if there is none. */
static inline MAYBE_UNUSED int types_load(const char *text)
{
	struct blob blob = blob_make(text);
	int fd = types_load_blob(&blob);

	if (fd < 0)
		bail("types: %d: %s", fd, text);
	free(blob.data);
	return fd;
}

/* Where a string lies in the section of strings. */
static inline MAYBE_UNUSED __u32 types_string(const struct blob *blob, const char *text)
{
	const struct btf_header *h = (const void *)blob->data;
	const char *strings = (const char *)blob->data + h->hdr_len + h->str_off;
	const char *at = memmem(strings, h->str_len, text, strlen(text) + 1);

	if (!at)
		bail("no string %s", text);
	return (__u32)(at - strings);
}

#endif
