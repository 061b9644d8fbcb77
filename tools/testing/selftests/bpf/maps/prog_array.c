// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_PROG_ARRAY from user space: descriptors in, numbers out, and one
 * kind of program per array, whichever comes first.
 */
#include "fd_array.h"

#include <fcntl.h>

static int sock, cls;

static int prog_of(__u32 type, __u32 attach_type)
{
	const struct bpf_insn insns[] = { MOV_K(0, 5), EXIT() };
	union bpf_attr attr = {
		.prog_type = type,
		.insns = ptr64(insns),
		.insn_cnt = ARRAY_LEN(insns),
		.license = ptr64("GPL"),
		.expected_attach_type = attach_type,
	};
	int fd = (int)sys_bpf(BPF_PROG_LOAD, &attr);

	if (fd < 0)
		bail("a trivial program of type %u: %d", type, fd);
	return fd;
}

static int array_of(__u32 entries)
{
	int fd = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, entries, 0);

	if (fd < 0)
		bail("array of programs: %d", fd);
	return fd;
}

static int get(int map, __u32 index)
{
	int id = 0, err = map_get(map, &index, &id);

	return err ?: id;
}

static void test_create(void)
{
	static const struct bad_map rows[] = {
		{ 4, 4, 0, 0, -EINVAL, "no entries" },
		{ 8, 4, 4, 0, -EINVAL, "key of 8 bytes" },
		{ 0, 4, 4, 0, -EINVAL, "no key" },
		{ 4, 8, 4, 0, -EINVAL, "value of 8 bytes" },
		{ 4, 0, 4, 0, -EINVAL, "no value" },
		{ 4, 4, 0x10000000, 0, -ENOMEM, "2 GiB of slots" },
		{ 4, 4, 0xffffffff, 0, -ENOMEM, "as many as can be" },
		{ 4, 4, 4, BPF_F_NO_PREALLOC, -EINVAL, "not preallocated" },
		{ 4, 4, 4, BPF_F_RDONLY_PROG, -EINVAL, "read-only for programs" },
		{ 4, 4, 4, BPF_F_WRONLY_PROG, -EINVAL, "write-only for programs" },
		{ 4, 4, 4, BPF_F_MMAPABLE, -EINVAL, "to be mapped" },
		{ 4, 4, 4, BPF_F_PRESERVE_ELEMS, -EINVAL, "preserving elements" },
		{ 4, 4, 4, BPF_F_INNER_MAP, -EINVAL, "for an array of maps" },
	};

	refused_maps(BPF_MAP_TYPE_PROG_ARRAY, rows, ARRAY_LEN(rows));
}

static void test_elements(void)
{
	int map = array_of(4);
	__u32 key = 3, next = 77;

	is(get(map, 0), -ENOENT, "lookup of an empty slot");
	is(get(map, 4), -ENOENT, "lookup outside");
	is(del(map, 0), -ENOENT, "delete of an empty slot");
	is(del(map, 4), -E2BIG, "delete outside");
	is(put(map, 0, -1, 0), -EBADF, "a descriptor that is none");
	is(put(map, 0, map, 0), -EINVAL, "a map's descriptor");
	is(put(map, 4, sock, 0), -E2BIG, "update outside");
	is(put(map, 4, -1, 0), -E2BIG, "outside comes before the descriptor");
	is(put(map, 0, sock, BPF_NOEXIST), -EINVAL, "BPF_NOEXIST");
	is(put(map, 0, sock, BPF_EXIST), -EINVAL, "BPF_EXIST");
	is(put(map, 0, sock, BPF_F_LOCK), -EINVAL, "BPF_F_LOCK");
	is(put(map, 9, -1, BPF_NOEXIST), -EINVAL, "flags come before all else");
	is(fdinfo_number(map, "owner_prog_type:\t"), -1, "what failed did not decide the kind");

	is(put(map, 0, sock, 0), 0, "store a program");
	is(get(map, 0), fdinfo_number(sock, "prog_id:\t"), "a lookup gives its number");
	is(put(map, 0, sock, 0), 0, "store it over itself");
	is(map_next(map, NULL, &next), 0, "first key");
	is(next, 0, "is 0, empty or not");
	key = 0;
	is(map_next(map, &key, &next), 0, "next key");
	is(next, 1, "is 1");
	key = 3;
	is(map_next(map, &key, &next), -ENOENT, "after the last");
	is(del(map, 0), 0, "delete");
	is(del(map, 0), -ENOENT, "only once");
	is(get(map, 0), -ENOENT, "it is gone");
	close(map);
}

static void test_owner(void)
{
	int map = array_of(4), other;

	is(fdinfo_number(map, "owner_prog_type:\t"), -1, "an array nobody used shows no kind");
	is(put(map, 1, sock, 0), 0, "the first program");
	is(fdinfo_number(map, "owner_prog_type:\t"), BPF_PROG_TYPE_SOCKET_FILTER, "decides the type");
	ok(fdinfo_number(map, "owner_jited:\t") >= 0, "and the engine");
	is(put(map, 2, cls, 0), -EINVAL, "another type is refused");
	other = prog_of(BPF_PROG_TYPE_SOCKET_FILTER, 7);
	is(put(map, 2, other, 0), -EINVAL, "and another expected_attach_type");
	is(put(map, 2, sock, 0), 0, "the same kind is not");
	del(map, 1);
	del(map, 2);
	is(put(map, 2, cls, 0), -EINVAL, "also when the array is empty again");
	close(other);
	close(map);
}

static int caller_of(__u32 type, int map)
{
	return PROG_LOAD(type, LD_MAP(2, map), MOV_K(3, 0), CALL(BPF_FUNC_tail_call),
			 MOV_K(0, 7), EXIT());
}

static void test_owner_by_load(void)
{
	int map = array_of(4), caller = caller_of(BPF_PROG_TYPE_SOCKET_FILTER, map);

	ok(caller >= 0, "load a caller%s%s", caller < 0 ? ": " : "", caller < 0 ? prog_log : "");
	is(fdinfo_number(map, "owner_prog_type:\t"), BPF_PROG_TYPE_SOCKET_FILTER,
	   "a caller decides the type as well");
	is(put(map, 0, cls, 0), -EINVAL, "another type is refused");
	is(put(map, 0, sock, 0), 0, "the caller's is not");
	is(caller_of(BPF_PROG_TYPE_SCHED_CLS, map), -EINVAL, "a caller of another type");
	close(caller);
	close(map);
}

static void test_helpers(void)
{
	int progs = array_of(4), hash = map_create(BPF_MAP_TYPE_HASH, 4, 4, 4, 0);
	static const int helpers[] = { BPF_FUNC_map_lookup_elem, BPF_FUNC_map_update_elem,
				       BPF_FUNC_map_delete_elem };

	for (size_t i = 0; i < ARRAY_LEN(helpers); i++) {
		is(FILTER(ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4),
			  LD_MAP(1, progs), MOV_X(3, 2), MOV_K(4, 0), CALL(helpers[i]),
			  MOV_K(0, 0), EXIT()), -EINVAL, "helper %d on it", helpers[i]);
		is_str(prog_log, "cannot pass map_type 3 into func", "helper %d: why", helpers[i]);
	}
	is(caller_of(BPF_PROG_TYPE_SOCKET_FILTER, hash), -EINVAL, "tail call into a hash");
	close(hash);
	close(progs);
}

int main(void)
{
	sock = prog_of(BPF_PROG_TYPE_SOCKET_FILTER, 0);
	cls = prog_of(BPF_PROG_TYPE_SCHED_CLS, 0);
	test_create();
	test_elements();
	test_owner();
	test_owner_by_load();
	test_helpers();
	return finish();
}
