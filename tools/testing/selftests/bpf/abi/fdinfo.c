// SPDX-License-Identifier: GPL-2.0-only
/*
 * What /proc shows of descriptors of maps and programs, and the tag: the same
 * program has the same tag wherever its maps are, another program another one.
 */
#include "../engine.h"

#include <poll.h>
#include <sys/mman.h>

/* The lines from "map_type" or "prog_type" on, as one, without the number. */
static const char *shape(int fd, const char *from)
{
	static char out[4096];
	const char *text = strstr(fdinfo(fd), from);
	char *id;

	snprintf(out, sizeof(out), "%s", text ? text : "");
	id = strstr(out, "_id:\t");
	if (id) {
		size_t n = strcspn(id + 5, "\n");

		memmove(id + 6, id + 5 + n, strlen(id + 5 + n) + 1);
		id[5] = 'N';
	}
	for (char *p = out; *p; p++)
		if (*p == '\n')
			*p = ' ';
	return out;
}

static const char *link_of(int fd)
{
	static char target[64];
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target) - 1);
	target[n < 0 ? 0 : n] = '\0';
	return target;
}

static void test_map(void)
{
	int fd = map_create(BPF_MAP_TYPE_HASH, 3, 5, 1000, BPF_F_NO_PREALLOC);
	struct pollfd p;

	is_str(link_of(fd), "anon_inode:bpf-map", "a map's descriptor");
	is_str(shape(fd, "map_type"),
	       "map_type:\t1 key_size:\t3 value_size:\t5 max_entries:\t1000 map_flags:\t0x1 "
	       "map_extra:\t0x0 memlock:\t8192 map_id:\tN frozen:\t0 ", "fdinfo of a hash");
	p = (struct pollfd) { fd, POLLIN | POLLOUT, 0 };
	is(poll(&p, 1, 0), 1, "poll of a map");
	is(p.revents, POLLERR, "gives an error");
	ok(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED, "a hash has no pages");
	close(fd);

	fd = map_create(BPF_MAP_TYPE_ARRAY, 4, 100, 3, 0);
	is_str(shape(fd, "map_type"),
	       "map_type:\t2 key_size:\t4 value_size:\t100 max_entries:\t3 map_flags:\t0x0 "
	       "map_extra:\t0x0 memlock:\t4096 map_id:\tN frozen:\t0 ", "fdinfo of an array");
	close(fd);

	fd = map_create(BPF_MAP_TYPE_ARRAY, 4, 4, 1, BPF_F_RDONLY | BPF_F_NUMA_NODE);
	is_str(shape(fd, "map_flags"), "map_flags:\t0x4 ", "modes of the descriptor are not shown");
	close(fd);
	fd = map_create(BPF_MAP_TYPE_HASH, 4, 4, 1, BPF_F_RDONLY_PROG | BPF_F_ZERO_SEED);
	is_str(shape(fd, "map_flags"), "map_flags:\t0xc0 ", "other flags are");
	close(fd);
}

static void tag_of(int fd, char *tag)
{
	const char *line = strstr(fdinfo(fd), "prog_tag:\t");

	tag[0] = '\0';
	if (line)
		snprintf(tag, 17, "%.16s", line + 10);
}

static void test_prog(void)
{
	int fd = FILTER(MOV_K(0, 0), EXIT());
	char want[256];

	is_str(link_of(fd), "anon_inode:bpf-prog", "a program's descriptor");
	snprintf(want, sizeof(want),
		 "prog_type:\t1 prog_jited:\t%d prog_tag:\ta04f5eef06a7f555 memlock:\t4096 "
		 "prog_id:\tN run_time_ns:\t0 run_cnt:\t0 recursion_misses:\t0 verified_insns:\t2 ",
		 jit_get("enable") > 0);
	is_str(shape(fd, "prog_type"), want, "fdinfo of a program");
	close(fd);
}

/* Tags that programs have on every kernel since 4.10. */
static void test_tag(void)
{
	char tag[17], other[17];
	int map = map_create(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0), fd;
	int moved = fcntl(map, F_DUPFD_CLOEXEC, 300);

	fd = FILTER(MOV_K(0, 1), EXIT());
	tag_of(fd, tag);
	is_str(tag, "57cd311f2e27366b", "tag of another program");
	close(fd);

	fd = FILTER(LD_MAP(1, map), MOV_K(0, 0), EXIT());
	tag_of(fd, tag);
	close(fd);
	fd = FILTER(LD_MAP(1, moved), MOV_K(0, 0), EXIT());
	tag_of(fd, other);
	close(fd);
	ok(tag[0] && !strcmp(tag, other), "the map's descriptor is not part of it (%s)", tag);
	is_str(tag, "2c24d7c519a868e3", "tag of a program with a map");

	fd = FILTER(LD64(1, 0x123456789abcdef), LDX(BPF_W, 0, 10, -4), EXIT());
	if (fd >= 0)
		close(fd);
	fd = FILTER(LD64(1, 300), MOV_K(0, 0), EXIT());
	tag_of(fd, other);
	close(fd);
	ok(strcmp(tag, other), "a plain immediate is");

	/* 9 and 8 instructions: around the block of the hash. */
	fd = FILTER(MOV_K(0, 0), MOV_K(1, 1), MOV_K(2, 2), MOV_K(3, 3), MOV_K(4, 4),
		    MOV_K(5, 5), EXIT());
	tag_of(fd, tag);
	is_str(tag, "3f39bb4cb71849e4", "7 instructions");
	close(fd);
	fd = FILTER(MOV_K(0, 0), MOV_K(1, 1), MOV_K(2, 2), MOV_K(3, 3), MOV_K(4, 4),
		    MOV_K(5, 5), MOV_K(6, 6), EXIT());
	tag_of(fd, tag);
	is_str(tag, "fda9b0305f6068e5", "8 instructions");
	close(fd);
	fd = FILTER(MOV_K(0, 0), MOV_K(1, 1), MOV_K(2, 2), MOV_K(3, 3), MOV_K(4, 4),
		    MOV_K(5, 5), MOV_K(6, 6), MOV_K(7, 7), EXIT());
	tag_of(fd, tag);
	is_str(tag, "5ae284dce08603ab", "9 instructions");
	close(fd);
	close(map);
	close(moved);
}

/* Numbers of live objects differ and are not given out again at once. */
static int id_of(int fd, const char *label)
{
	const char *line = strstr(fdinfo(fd), label);

	return line ? atoi(line + strlen(label)) : -1;
}

static void test_ids(void)
{
	int a = FILTER(MOV_K(0, 0), EXIT()), b = FILTER(MOV_K(0, 0), EXIT());
	int id = id_of(b, "prog_id:");

	ok(id > 0 && id_of(a, "prog_id:") > 0 && id_of(a, "prog_id:") != id,
	   "two programs, two numbers");
	close(b);
	b = FILTER(MOV_K(0, 0), EXIT());
	ok(id_of(b, "prog_id:") != id, "a new program, a new number");
	close(a);
	close(b);
	a = map_create(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);
	b = map_create(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);
	ok(id_of(a, "map_id:") > 0 && id_of(a, "map_id:") != id_of(b, "map_id:"),
	   "two maps, two numbers");
	close(a);
	close(b);
}

int main(void)
{
	test_map();
	test_prog();
	test_tag();
	test_ids();
	return finish();
}
