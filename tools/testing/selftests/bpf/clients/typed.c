// SPDX-License-Identifier: GPL-2.0-only
/*
 * An object that clang made with -g and the system's libbpf loads as it is: the kernel
 * took its types, maps have theirs, and the log shows the lines of its source.
 *
 *	typed clients/typed.bpf.o
 */
#include "../test.h"
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static char log_text[1 << 20], warnings[1 << 16];

/* libbpf goes on without types where the kernel refuses them, and says so. */
static int keep_warning(enum libbpf_print_level level, const char *format, va_list args)
{
	size_t len = strlen(warnings);

	if (level == LIBBPF_WARN)
		vsnprintf(warnings + len, sizeof(warnings) - len, format, args);
	return 0;
}

static void check_map(struct bpf_map *map, __u32 types)
{
	struct bpf_map_info info;
	__u32 len = sizeof(info);
	const char *name = bpf_map__name(map);

	memset(&info, 0, sizeof(info));
	is(bpf_obj_get_info_by_fd(bpf_map__fd(map), &info, &len), 0, "%s: described", name);
	is(info.btf_id, types, "%s: has the object's types", name);
	ok(info.btf_value_type_id && info.btf_value_type_id == bpf_map__btf_value_type_id(map),
	   "%s: its value has the type that libbpf gave it", name);
}

int main(int argc, char **argv)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = log_text,
		    .kernel_log_size = sizeof(log_text), .kernel_log_level = 2);
	struct bpf_btf_info info;
	struct bpf_object *obj;
	struct bpf_map *map;
	__u32 len = sizeof(info);
	int fd;

	libbpf_set_print(keep_warning);
	obj = bpf_object__open_file(argc > 1 ? argv[1] : "", &opts);
	if (!obj)
		bail("usage: typed OBJECT");
	is(bpf_object__load(obj), 0, "loaded");
	is_str(warnings[0] ? warnings : "none", "none", "without a complaint");

	fd = bpf_object__btf_fd(obj);
	ok(fd >= 0, "the kernel took the types");
	memset(&info, 0, sizeof(info));
	is(bpf_obj_get_info_by_fd(fd, &info, &len), 0, "they are described");
	ok(info.id && info.btf_size > 100, "as many bytes of them");
	bpf_object__for_each_map(map, obj)
		check_map(map, info.id);
	/* A line of the source, as it stands there. */
	is_str(log_text, "\n; return skb->len > 100;\n", "the log shows the source");
	bpf_object__close(obj);
	return finish();
}
