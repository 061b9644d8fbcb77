// SPDX-License-Identifier: GPL-2.0-only
/* See objmaps.h. */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <stdlib.h>
#include "objmaps.h"

#define MAX_SHOWN 32

static void to_stdout(void *ctx, const char *fmt, va_list args)
{
	vprintf(fmt, args);
}

/* By the object's own type information if it has some, else as hex words. */
static void print_value(struct btf_dump *types, __u32 type, const void *data, size_t size)
{
	LIBBPF_OPTS(btf_dump_type_data_opts, opts, .compact = true, .emit_zeroes = true);

	if (types && type && btf_dump__dump_type_data(types, type, data, size, &opts) > 0)
		return;
	for (size_t i = 0; i < size; i++)
		printf("%s%02x", i && !(i % 4) ? " " : "", ((const unsigned char *)data)[i]);
}

static void show_map(const struct bpf_map *map, struct btf_dump *types)
{
	size_t key_size = bpf_map__key_size(map), value_size = bpf_map__value_size(map);
	void *key = calloc(1, key_size), *value = calloc(1, value_size);
	int fd = bpf_map__fd(map), n = 0, err;

	printf("  map %s\n", bpf_map__name(map));
	for (err = bpf_map_get_next_key(fd, NULL, key); !err;
	     err = bpf_map_get_next_key(fd, key, key)) {
		if (bpf_map_lookup_elem(fd, key, value) || ++n > MAX_SHOWN)
			continue;
		printf("    ");
		print_value(types, bpf_map__btf_key_type_id(map), key, key_size);
		printf(" = ");
		print_value(types, bpf_map__btf_value_type_id(map), value, value_size);
		printf("\n");
	}
	if (n > MAX_SHOWN)
		printf("    and %d more\n", n - MAX_SHOWN);
	if (!n)
		printf("    empty\n");
	free(key);
	free(value);
}

void show_maps(struct bpf_object *obj)
{
	struct btf *btf = bpf_object__btf(obj);
	struct btf_dump *types = btf ? btf_dump__new(btf, to_stdout, NULL, NULL) : NULL;
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj)
		show_map(map, types);
	btf_dump__free(types);
}
