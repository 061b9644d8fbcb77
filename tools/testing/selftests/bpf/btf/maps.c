// SPDX-License-Identifier: GPL-2.0-only
/*
 * Types of maps: MAP_CREATE of each case of map_cases.h, and what a map says of its
 * types afterwards. "ours" as an argument: where we differ from Linux 6.1; "theirs":
 * what it says there.
 */
#include "types.h"
#include "map_cases.h"

static int create(const struct map_case *c)
{
	int fd, types = types_load(c->types);
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.map_type = c->type;
	a.key_size = c->key_size;
	a.value_size = c->value_size;
	a.max_entries = c->max;
	a.btf_fd = (__u32)types;
	a.btf_key_type_id = c->key;
	a.btf_value_type_id = c->value;
	fd = (int)sys_bpf(BPF_MAP_CREATE, &a);
	close(types);
	return fd;
}

/* Not every configuration has maps of events. */
static bool is_offered(const struct map_case *c)
{
	int fd = map_create(c->type, 4, 4, 1, 0);

	close(fd);
	return fd >= 0;
}

/* The map has the types, and nothing but zeros stands where nothing is defined. */
static void check_info(const struct map_case *c, int fd)
{
	struct bpf_map_info info;
	union bpf_attr a;

	memset(&info, 0xff, sizeof(info));
	memset(&a, 0, sizeof(a));
	a.info.bpf_fd = (__u32)fd;
	a.info.info_len = sizeof(info);
	a.info.info = ptr64(&info);
	is(sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &a), 0, "%s: described", c->name);
	ok(info.btf_id && info.btf_key_type_id == c->key && info.btf_value_type_id == c->value,
	   "%s: has its types", c->name);
	ok(info.type == c->type && info.key_size == c->key_size &&
	   info.value_size == c->value_size && info.max_entries == c->max && info.id &&
	   info.id == (__u32)fdinfo_number(fd, "\nmap_id:\t"), "%s: is this map", c->name);
	is(*(__u32 *)(&info.btf_value_type_id + 1), 0, "%s: nothing between the fields", c->name);
}

int main(int argc, char **argv)
{
	bool differing = argc > 1, ours = differing && !strcmp(argv[1], "ours");

	for (size_t i = 0; i < ARRAY_LEN(map_cases); i++) {
		const struct map_case *c = &map_cases[i];
		int fd;

		if (differing != !!c->ours)
			continue;
		if (!is_offered(c)) {
			skip(c->name, "no maps of this type");
			continue;
		}
		fd = create(c);
		if (is(fd < 0 ? fd : 0, ours ? c->ours : c->err, "%s", c->name) && fd >= 0)
			check_info(c, fd);
		close(fd);
	}
	return finish();
}
