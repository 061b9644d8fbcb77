// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types of maps: the answer to each case of map_cases.h. The memory of the types ends
 * where the data does, so that a look behind the last record is seen.
 */
#include "blob.h"
#include "map_cases.h"
#include "validate.h"
#include "../../../../../kernel/bpf/btf/object.h"

static int check(const struct map_case *c)
{
	struct blob blob = blob_make(c->types);
	union bpf_attr attr;
	struct btf btf;
	int err;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = c->type;
	attr.key_size = c->key_size;
	attr.value_size = c->value_size;
	attr.max_entries = c->max;
	attr.btf_key_type_id = c->key;
	attr.btf_value_type_id = c->value;
	err = validate(&btf, blob.data, blob.size, NULL, 0);
	/* Without a type for the value there is no question: cmd_map.c. */
	if (err)
		err = -EBADMSG;
	else
		err = c->value ? btf_check_map(&btf, &attr) : -EINVAL;
	btf_free_parts(&btf);
	free(blob.data);
	return err;
}

/* Doubled at each of many levels: only who asks each type once gets to an end. */
static bool deep(const char *name)
{
	enum { LEVELS = 200 };
	struct { struct btf_header h; u32 words[12 * LEVELS]; char strings[64]; } blob;
	u32 *to = blob.words, id;
	struct btf btf;
	bool owned;
	int err;

	memset(&blob, 0, sizeof(blob));
	memcpy(blob.strings + 1, name, strlen(name));
	/* [1] structure of no bytes; [n] two of [n - 1]. */
	*to++ = 1;
	*to++ = BTF_KIND_STRUCT << 24;
	*to++ = 0;
	for (id = 2; id < LEVELS; id++) {
		*to++ = 0;
		*to++ = BTF_KIND_STRUCT << 24 | 2;
		*to++ = 0;
		for (int i = 0; i < 2; i++) {
			*to++ = 0;
			*to++ = id - 1;
			*to++ = 0;
		}
	}
	blob.h = (struct btf_header){
		.magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(blob.h),
		.type_len = (char *)to - (char *)blob.words,
		.str_off = (char *)to - (char *)blob.words, .str_len = 32,
	};
	memmove(to, blob.strings, 32);
	err = validate(&btf, &blob, sizeof(blob.h) + blob.h.type_len + 32, NULL, 0);
	owned = !err && btf.owned[LEVELS - 1];
	btf_free_parts(&btf);
	return !err && owned;
}

int main(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(map_cases); i++) {
		const struct map_case *c = &map_cases[i];
		int err = check(c), want = c->ours ?: c->err;

		if (err != want)
			printf("# %d, wanted %d\n", err, want);
		tap_result(err == want, c->name);
	}
	tap_result(deep("bpf_spin_lock"), "a lock under many levels");
	tap_result(!deep("other"), "no lock under many levels");
	tap_result(!machine_live, "no memory is left");
	return tap_status();
}
