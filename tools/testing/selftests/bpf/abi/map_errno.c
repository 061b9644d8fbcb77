// SPDX-License-Identifier: GPL-2.0-only
/* errno of MAP_CREATE and of the element commands, one row per malformation. */
#include "../test.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define HASH	BPF_MAP_TYPE_HASH
#define ARRAY	BPF_MAP_TYPE_ARRAY

/* Large enough for any bucket or element to overflow 32 bits. */
#define HUGE_	0xffffffffu

static const struct create_case {
	const char *name;
	__u32 type, key, value, max, flags;
	int want;
} create_cases[] = {
	{ "hash", HASH, 4, 4, 1, 0, 0 },
	{ "hash: key 0", HASH, 0, 4, 1, 0, -EINVAL },
	{ "hash: value 0", HASH, 4, 0, 1, 0, -EINVAL },
	{ "hash: max 0", HASH, 4, 4, 0, 0, -EINVAL },
	{ "hash: key 1, value 1", HASH, 1, 1, 1, 0, 0 },
	{ "hash: key 512", HASH, 512, 4, 1, 0, 0 },
	{ "hash: key 513", HASH, 513, 4, 1, 0, 0 },
	{ "hash: key 65536", HASH, 65536, 4, 1, 0, 0 },
	{ "hash: value 65536", HASH, 4, 65536, 1, 0, 0 },
	{ "hash: value of 1 MiB", HASH, 4, 1 << 20, 1, 0, 0 },
	{ "hash: value of 32 MiB", HASH, 4, 32 << 20, 1, 0, -E2BIG },
	{ "hash: key of 32 MiB", HASH, 32 << 20, 4, 1, 0, -E2BIG },
	{ "hash: value of 2 GiB", HASH, 4, 0x80000000u, 1, 0, -E2BIG },
	{ "hash: value 2^32-1", HASH, 4, HUGE_, 1, 0, -E2BIG },
	{ "hash: value 2^32-8", HASH, 4, HUGE_ - 7, 1, 0, -E2BIG },
	{ "hash: key 2^32-1", HASH, HUGE_, 4, 1, 0, -E2BIG },
	{ "hash: key and value 2^31", HASH, 0x80000000u, 0x80000000u, 1, 0, -E2BIG },
	{ "hash: max 2^32-1", HASH, 4, 4, HUGE_, 0, -E2BIG },
	{ "hash: max 2^31+1", HASH, 4, 4, 0x80000001u, 0, -E2BIG },
	{ "hash: max 2^31", HASH, 4, 4, 0x80000000u, 0, -E2BIG },
	{ "hash: max 2^28", HASH, 4, 4, 1 << 28, 0, -E2BIG },
	{ "hash: max 2^27", HASH, 4, 4, 1 << 27, 0, -ENOMEM },
	{ "hash: max 2^26, large values", HASH, 4, 4096, 1 << 26, 0, -ENOMEM },
	{ "hash: max 100000", HASH, 4, 4, 100000, 0, 0 },
	{ "hash: all 2^32-1", HASH, HUGE_, HUGE_, HUGE_, 0, -E2BIG },
	{ "hash: NO_PREALLOC", HASH, 4, 4, 1, BPF_F_NO_PREALLOC, 0 },
	{ "hash: NO_PREALLOC, max 2^22", HASH, 4, 1024, 1 << 22, BPF_F_NO_PREALLOC, 0 },
	{ "hash: NO_PREALLOC, max 2^32-1", HASH, 4, 4, HUGE_, BPF_F_NO_PREALLOC, -E2BIG },
	{ "hash: NO_COMMON_LRU", HASH, 4, 4, 1, BPF_F_NO_COMMON_LRU, -EINVAL },
	{ "hash: NUMA_NODE 0", HASH, 4, 4, 1, BPF_F_NUMA_NODE, 0 },
	{ "hash: RDONLY", HASH, 4, 4, 1, BPF_F_RDONLY, 0 },
	{ "hash: WRONLY", HASH, 4, 4, 1, BPF_F_WRONLY, 0 },
	{ "hash: RDONLY and WRONLY", HASH, 4, 4, 1, BPF_F_RDONLY | BPF_F_WRONLY, -EINVAL },
	{ "hash: STACK_BUILD_ID", HASH, 4, 4, 1, BPF_F_STACK_BUILD_ID, -EINVAL },
	{ "hash: ZERO_SEED", HASH, 4, 4, 1, BPF_F_ZERO_SEED, 0 },
	{ "hash: RDONLY_PROG", HASH, 4, 4, 1, BPF_F_RDONLY_PROG, 0 },
	{ "hash: WRONLY_PROG", HASH, 4, 4, 1, BPF_F_WRONLY_PROG, 0 },
	{ "hash: RDONLY_PROG and WRONLY_PROG", HASH, 4, 4, 1,
	  BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG, -EINVAL },
	{ "hash: CLONE", HASH, 4, 4, 1, BPF_F_CLONE, -EINVAL },
	{ "hash: MMAPABLE", HASH, 4, 4, 1, BPF_F_MMAPABLE, -EINVAL },
	{ "hash: PRESERVE_ELEMS", HASH, 4, 4, 1, BPF_F_PRESERVE_ELEMS, -EINVAL },
	{ "hash: INNER_MAP", HASH, 4, 4, 1, BPF_F_INNER_MAP, -EINVAL },
	{ "hash: first unknown flag", HASH, 4, 4, 1, 1 << 13, -EINVAL },
	{ "hash: last flag", HASH, 4, 4, 1, 1u << 31, -EINVAL },

	{ "array", ARRAY, 4, 4, 1, 0, 0 },
	{ "array: key 0", ARRAY, 0, 4, 1, 0, -EINVAL },
	{ "array: key 3", ARRAY, 3, 4, 1, 0, -EINVAL },
	{ "array: key 8", ARRAY, 8, 4, 1, 0, -EINVAL },
	{ "array: value 0", ARRAY, 4, 0, 1, 0, -EINVAL },
	{ "array: max 0", ARRAY, 4, 4, 0, 0, -EINVAL },
	{ "array: value 1", ARRAY, 4, 1, 1, 0, 0 },
	{ "array: value of 16 MiB", ARRAY, 4, 16 << 20, 1, 0, 0 },
	{ "array: value 2^31-1, too many", ARRAY, 4, 0x7fffffff, 1 << 20, 0, -ENOMEM },
	{ "array: value 2^31", ARRAY, 4, 0x80000000u, 1, 0, -E2BIG },
	{ "array: value 2^32-1", ARRAY, 4, HUGE_, 1, 0, -E2BIG },
	{ "array: max 2^32-1, value 8", ARRAY, 4, 8, HUGE_, 0, -ENOMEM },
	{ "array: max 2^29, value 8", ARRAY, 4, 8, 1 << 29, 0, -ENOMEM },
	{ "array: max 2^30, value 2^30", ARRAY, 4, 1 << 30, 1 << 30, 0, -ENOMEM },
	{ "array: NO_PREALLOC", ARRAY, 4, 4, 1, BPF_F_NO_PREALLOC, -EINVAL },
	{ "array: NO_COMMON_LRU", ARRAY, 4, 4, 1, BPF_F_NO_COMMON_LRU, -EINVAL },
	{ "array: NUMA_NODE 0", ARRAY, 4, 4, 1, BPF_F_NUMA_NODE, 0 },
	{ "array: RDONLY", ARRAY, 4, 4, 1, BPF_F_RDONLY, 0 },
	{ "array: WRONLY", ARRAY, 4, 4, 1, BPF_F_WRONLY, 0 },
	{ "array: RDONLY and WRONLY", ARRAY, 4, 4, 1, BPF_F_RDONLY | BPF_F_WRONLY, -EINVAL },
	{ "array: ZERO_SEED", ARRAY, 4, 4, 1, BPF_F_ZERO_SEED, -EINVAL },
	{ "array: RDONLY_PROG", ARRAY, 4, 4, 1, BPF_F_RDONLY_PROG, 0 },
	{ "array: WRONLY_PROG", ARRAY, 4, 4, 1, BPF_F_WRONLY_PROG, 0 },
	{ "array: RDONLY_PROG and WRONLY_PROG", ARRAY, 4, 4, 1,
	  BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG, -EINVAL },
	{ "array: CLONE", ARRAY, 4, 4, 1, BPF_F_CLONE, -EINVAL },
	{ "array: PRESERVE_ELEMS", ARRAY, 4, 4, 1, BPF_F_PRESERVE_ELEMS, -EINVAL },
	{ "array: first unknown flag", ARRAY, 4, 4, 1, 1 << 13, -EINVAL },
	{ "array: last flag", ARRAY, 4, 4, 1, 1u << 31, -EINVAL },

	{ "type 0", 0, 4, 4, 1, 0, -EINVAL },
	{ "type 32", 32, 4, 4, 1, 0, -EINVAL },
	{ "type 2^31", 0x80000000u, 4, 4, 1, 0, -EINVAL },
	{ "type 2^32-1", HUGE_, 4, 4, 1, 0, -EINVAL },
};

static void test_create(void)
{
	for (size_t i = 0; i < ARRAY_LEN(create_cases); i++) {
		const struct create_case *c = &create_cases[i];
		int fd = map_create(c->type, c->key, c->value, c->max, c->flags);

		is(fd < 0 ? fd : 0, c->want, "create %s", c->name);
		if (fd >= 0)
			close(fd);
	}
}

static int create(union bpf_attr *a)
{
	int fd = (int)sys_bpf(BPF_MAP_CREATE, a);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

/* A good hash attribute with one field changed. */
#define CREATE_WITH(want, what, change) do {				\
	union bpf_attr a;						\
									\
	memset(&a, 0, sizeof(a));					\
	a.map_type = HASH;						\
	a.key_size = a.value_size = 4;					\
	a.max_entries = 1;						\
	change;								\
	is(create(&a), want, "create: " what);				\
} while (0)

static void test_create_fields(void)
{
	int pipefd[2];

	if (pipe(pipefd))
		bail("pipe");
	CREATE_WITH(0, "inner_map_fd is not looked at", a.inner_map_fd = 77);
	CREATE_WITH(0, "numa_node without its flag", a.numa_node = 77);
	CREATE_WITH(-EINVAL, "node that is not there",
		    a.numa_node = 77; a.map_flags = BPF_F_NUMA_NODE);
	CREATE_WITH(-EINVAL, "node -2", a.numa_node = -2; a.map_flags = BPF_F_NUMA_NODE);
	CREATE_WITH(0, "node -1 is any", a.numa_node = -1; a.map_flags = BPF_F_NUMA_NODE);
	CREATE_WITH(0, "name", strcpy(a.map_name, "a.B_9"));
	CREATE_WITH(0, "name of 15", strcpy(a.map_name, "123456789012345"));
	CREATE_WITH(-EINVAL, "name of 16", memset(a.map_name, 'a', 16));
	CREATE_WITH(-EINVAL, "name with space", strcpy(a.map_name, "a b"));
	CREATE_WITH(-EINVAL, "name with dash", strcpy(a.map_name, "a-b"));
	CREATE_WITH(-EINVAL, "name with slash", strcpy(a.map_name, "a/b"));
	CREATE_WITH(-EINVAL, "name with byte 0x80", strcpy(a.map_name, "a\x80"));
	CREATE_WITH(0, "name with a Latin-1 letter", strcpy(a.map_name, "a\xe4"));
	CREATE_WITH(-EINVAL, "name with a Latin-1 sign", strcpy(a.map_name, "a\xb1"));
	CREATE_WITH(0, "bytes behind the end of the name",
		    strcpy(a.map_name, "a"); a.map_name[5] = '-');
	CREATE_WITH(-EINVAL, "ifindex of no device", a.map_ifindex = 12345);
	CREATE_WITH(-EOPNOTSUPP, "ifindex of the loopback", a.map_ifindex = 1);
	CREATE_WITH(0, "btf_fd alone is not looked at", a.btf_fd = 12345);
	CREATE_WITH(-EINVAL, "key type without value type", a.btf_key_type_id = 1);
	CREATE_WITH(-EBADF, "types, btf_fd closed", a.btf_key_type_id = 1;
		    a.btf_value_type_id = 2; a.btf_fd = 12345);
	CREATE_WITH(-EINVAL, "types, btf_fd of a pipe", a.btf_key_type_id = 1;
		    a.btf_value_type_id = 2; a.btf_fd = pipefd[0]);
	CREATE_WITH(-EBADF, "value type alone, btf_fd closed",
		    a.btf_value_type_id = 2; a.btf_fd = 12345);
	CREATE_WITH(-EINVAL, "vmlinux value type", a.btf_vmlinux_value_type_id = 1);
	CREATE_WITH(-EINVAL, "map_extra", a.map_extra = 1);
	CREATE_WITH(-EINVAL, "map_extra, upper half", a.map_extra = 1ULL << 63);
	/* Two mistakes: which one is told is part of the interface. */
	CREATE_WITH(-EINVAL, "unknown flag before size", a.map_flags = 1 << 13;
		    a.value_size = 32 << 20);
	CREATE_WITH(-EINVAL, "bad name and closed btf_fd", strcpy(a.map_name, "-");
		    a.btf_value_type_id = 2; a.btf_fd = 12345);
	CREATE_WITH(-EBADF, "flag before descriptor", a.btf_value_type_id = 2;
		    a.btf_fd = 12345; a.map_flags = BPF_F_RDONLY);
	close(pipefd[0]);
	close(pipefd[1]);
}

/* ---- element commands -------------------------------------------------------------- */

enum { GOOD, CLOSED, MINUS_ONE, PIPE, PROG, RDONLY, WRONLY };
enum { P_GOOD, P_NULL, P_KERNEL, P_HOLE, P_RDONLY };

static int fds[7];
static __u8 *pointers[5], *values[5];

static void setup_elements(int type)
{
	int pipefd[2];
	long page = sysconf(_SC_PAGESIZE);
	static __u8 good[64], good_value[64];

	if (pipe(pipefd))
		bail("pipe");
	fds[GOOD] = map_create(type, 4, 8, 2, 0);
	fds[CLOSED] = 12345;
	fds[MINUS_ONE] = -1;
	fds[PIPE] = pipefd[0];
	fds[PROG] = FILTER(MOV_K(0, 0), EXIT());
	fds[RDONLY] = map_create(type, 4, 8, 2, BPF_F_RDONLY);
	fds[WRONLY] = map_create(type, 4, 8, 2, BPF_F_WRONLY);

	memset(good, 0, sizeof(good));
	pointers[P_GOOD] = good;
	values[P_GOOD] = good_value;
	pointers[P_NULL] = values[P_NULL] = NULL;
	pointers[P_KERNEL] = values[P_KERNEL] = (__u8 *)0xffff888000000000ULL;
	pointers[P_HOLE] = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(pointers[P_HOLE] + page, page, PROT_NONE);
	/* One byte short. */
	values[P_HOLE] = pointers[P_HOLE] + page - 7;
	pointers[P_HOLE] += page - 3;
	pointers[P_RDONLY] = values[P_RDONLY] =
		mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void teardown_elements(void)
{
	for (int i = 0; i < 7; i++)
		if (i != CLOSED && i != MINUS_ONE)
			close(fds[i]);
}

#define LOOKUP	BPF_MAP_LOOKUP_ELEM
#define UPDATE	BPF_MAP_UPDATE_ELEM
#define DELETE	BPF_MAP_DELETE_ELEM
#define NEXT	BPF_MAP_GET_NEXT_KEY

/* want: of a hash, of an array; the element 0 exists in both before each row */
static const struct elem_case {
	const char *name;
	int cmd, fd, key, value;
	__u64 flags;
	int hash, array;
} elem_cases[] = {
	{ "lookup", LOOKUP, GOOD, P_GOOD, P_GOOD, 0, 0, 0 },
	{ "lookup, closed fd", LOOKUP, CLOSED, P_GOOD, P_GOOD, 0, -EBADF, -EBADF },
	{ "lookup, fd -1", LOOKUP, MINUS_ONE, P_GOOD, P_GOOD, 0, -EBADF, -EBADF },
	{ "lookup, fd of a pipe", LOOKUP, PIPE, P_GOOD, P_GOOD, 0, -EINVAL, -EINVAL },
	{ "lookup, fd of a program", LOOKUP, PROG, P_GOOD, P_GOOD, 0, -EINVAL, -EINVAL },
	{ "lookup, read-only fd", LOOKUP, RDONLY, P_GOOD, P_GOOD, 0, -ENOENT, 0 },
	{ "lookup, write-only fd", LOOKUP, WRONLY, P_GOOD, P_GOOD, 0, -EPERM, -EPERM },
	{ "lookup, key NULL", LOOKUP, GOOD, P_NULL, P_GOOD, 0, -EFAULT, -EFAULT },
	{ "lookup, key in the kernel", LOOKUP, GOOD, P_KERNEL, P_GOOD, 0, -EFAULT, -EFAULT },
	{ "lookup, key reaches a hole", LOOKUP, GOOD, P_HOLE, P_GOOD, 0, -EFAULT, -EFAULT },
	{ "lookup, value NULL", LOOKUP, GOOD, P_GOOD, P_NULL, 0, -EFAULT, -EFAULT },
	{ "lookup, value in the kernel", LOOKUP, GOOD, P_GOOD, P_KERNEL, 0, -EFAULT, -EFAULT },
	{ "lookup, value reaches a hole", LOOKUP, GOOD, P_GOOD, P_HOLE, 0, -EFAULT, -EFAULT },
	{ "lookup, value read-only", LOOKUP, GOOD, P_GOOD, P_RDONLY, 0, -EFAULT, -EFAULT },
	{ "lookup, flag NOEXIST", LOOKUP, GOOD, P_GOOD, P_GOOD, 1, -EINVAL, -EINVAL },
	{ "lookup, flag LOCK", LOOKUP, GOOD, P_GOOD, P_GOOD, 4, -EINVAL, -EINVAL },
	{ "lookup, last flag", LOOKUP, GOOD, P_GOOD, P_GOOD, 1ULL << 63, -EINVAL, -EINVAL },
	{ "lookup, flag before fd", LOOKUP, CLOSED, P_GOOD, P_GOOD, 1, -EINVAL, -EINVAL },
	{ "lookup, fd before LOCK", LOOKUP, CLOSED, P_GOOD, P_GOOD, 4, -EBADF, -EBADF },

	{ "update", UPDATE, GOOD, P_GOOD, P_GOOD, 0, 0, 0 },
	{ "update, closed fd", UPDATE, CLOSED, P_GOOD, P_GOOD, 0, -EBADF, -EBADF },
	{ "update, fd -1", UPDATE, MINUS_ONE, P_GOOD, P_GOOD, 0, -EBADF, -EBADF },
	{ "update, fd of a pipe", UPDATE, PIPE, P_GOOD, P_GOOD, 0, -EINVAL, -EINVAL },
	{ "update, fd of a program", UPDATE, PROG, P_GOOD, P_GOOD, 0, -EINVAL, -EINVAL },
	{ "update, read-only fd", UPDATE, RDONLY, P_GOOD, P_GOOD, 0, -EPERM, -EPERM },
	{ "update, write-only fd", UPDATE, WRONLY, P_GOOD, P_GOOD, 0, 0, 0 },
	{ "update, key NULL", UPDATE, GOOD, P_NULL, P_GOOD, 0, -EFAULT, -EFAULT },
	{ "update, key in the kernel", UPDATE, GOOD, P_KERNEL, P_GOOD, 0, -EFAULT, -EFAULT },
	{ "update, key reaches a hole", UPDATE, GOOD, P_HOLE, P_GOOD, 0, -EFAULT, -EFAULT },
	{ "update, value NULL", UPDATE, GOOD, P_GOOD, P_NULL, 0, -EFAULT, -EFAULT },
	{ "update, value in the kernel", UPDATE, GOOD, P_GOOD, P_KERNEL, 0, -EFAULT, -EFAULT },
	{ "update, value reaches a hole", UPDATE, GOOD, P_GOOD, P_HOLE, 0, -EFAULT, -EFAULT },
	{ "update, NOEXIST", UPDATE, GOOD, P_GOOD, P_GOOD, 1, -EEXIST, -EEXIST },
	{ "update, EXIST", UPDATE, GOOD, P_GOOD, P_GOOD, 2, 0, 0 },
	{ "update, flags 3", UPDATE, GOOD, P_GOOD, P_GOOD, 3, -EINVAL, -EINVAL },
	{ "update, LOCK", UPDATE, GOOD, P_GOOD, P_GOOD, 4, -EINVAL, -EINVAL },
	{ "update, flag 8", UPDATE, GOOD, P_GOOD, P_GOOD, 8, -EINVAL, -EINVAL },
	{ "update, flag 2^32", UPDATE, GOOD, P_GOOD, P_GOOD, 1ULL << 32, -EINVAL, -EINVAL },
	{ "update, last flag", UPDATE, GOOD, P_GOOD, P_GOOD, 1ULL << 63, -EINVAL, -EINVAL },
	{ "update, key before flags", UPDATE, GOOD, P_NULL, P_GOOD, 3, -EFAULT, -EFAULT },

	{ "delete", DELETE, GOOD, P_GOOD, P_NULL, 0, 0, -EINVAL },
	{ "delete, closed fd", DELETE, CLOSED, P_GOOD, P_NULL, 0, -EBADF, -EBADF },
	{ "delete, fd -1", DELETE, MINUS_ONE, P_GOOD, P_NULL, 0, -EBADF, -EBADF },
	{ "delete, fd of a pipe", DELETE, PIPE, P_GOOD, P_NULL, 0, -EINVAL, -EINVAL },
	{ "delete, fd of a program", DELETE, PROG, P_GOOD, P_NULL, 0, -EINVAL, -EINVAL },
	{ "delete, read-only fd", DELETE, RDONLY, P_GOOD, P_NULL, 0, -EPERM, -EPERM },
	{ "delete, write-only fd", DELETE, WRONLY, P_GOOD, P_NULL, 0, 0, -EINVAL },
	{ "delete, key NULL", DELETE, GOOD, P_NULL, P_NULL, 0, -EFAULT, -EFAULT },
	{ "delete, key in the kernel", DELETE, GOOD, P_KERNEL, P_NULL, 0, -EFAULT, -EFAULT },
	{ "delete, key reaches a hole", DELETE, GOOD, P_HOLE, P_NULL, 0, -EFAULT, -EFAULT },

	{ "next", NEXT, GOOD, P_GOOD, P_GOOD, 0, -ENOENT, 0 },
	{ "next, key NULL", NEXT, GOOD, P_NULL, P_GOOD, 0, 0, 0 },
	{ "next, closed fd", NEXT, CLOSED, P_GOOD, P_GOOD, 0, -EBADF, -EBADF },
	{ "next, fd -1", NEXT, MINUS_ONE, P_GOOD, P_GOOD, 0, -EBADF, -EBADF },
	{ "next, fd of a pipe", NEXT, PIPE, P_GOOD, P_GOOD, 0, -EINVAL, -EINVAL },
	{ "next, fd of a program", NEXT, PROG, P_GOOD, P_GOOD, 0, -EINVAL, -EINVAL },
	{ "next, read-only fd", NEXT, RDONLY, P_GOOD, P_GOOD, 0, -ENOENT, 0 },
	{ "next, write-only fd", NEXT, WRONLY, P_GOOD, P_GOOD, 0, -EPERM, -EPERM },
	{ "next, key in the kernel", NEXT, GOOD, P_KERNEL, P_GOOD, 0, -EFAULT, -EFAULT },
	{ "next, key reaches a hole", NEXT, GOOD, P_HOLE, P_GOOD, 0, -EFAULT, -EFAULT },
	{ "next, next NULL", NEXT, GOOD, P_NULL, P_NULL, 0, -EFAULT, -EFAULT },
	{ "next, next in the kernel", NEXT, GOOD, P_NULL, P_KERNEL, 0, -EFAULT, -EFAULT },
	{ "next, next reaches a hole", NEXT, GOOD, P_NULL, P_HOLE, 0, -EFAULT, -EFAULT },
	{ "next, next read-only", NEXT, GOOD, P_NULL, P_RDONLY, 0, -EFAULT, -EFAULT },
};

static void test_elements(const char *what, int type)
{
	__u32 zero = 0, seven = 7;
	__u64 value = 5;

	setup_elements(type);
	for (size_t i = 0; i < ARRAY_LEN(elem_cases); i++) {
		const struct elem_case *c = &elem_cases[i];
		__u8 *third = c->cmd == NEXT && c->value == P_HOLE ? pointers[P_HOLE] :
								    values[c->value];

		map_put(fds[GOOD], &zero, &value, BPF_ANY);
		memset(pointers[P_GOOD], 0, 8);
		is(map_elem(c->cmd, fds[c->fd], pointers[c->key], third, c->flags),
		   type == HASH ? c->hash : c->array, "%s: %s", what, c->name);
	}

	/* A key that is not there: index 7 of 2. */
	is(map_get(fds[GOOD], &seven, &value), -ENOENT, "%s: lookup of a missing key", what);
	is(map_del(fds[GOOD], &seven), type == HASH ? -ENOENT : -EINVAL,
	   "%s: delete of a missing key", what);
	is(map_put(fds[GOOD], &seven, &value, BPF_EXIST), type == HASH ? -ENOENT : -E2BIG,
	   "%s: EXIST of a missing key", what);
	is(map_put(fds[GOOD], &seven, &value, BPF_NOEXIST), type == HASH ? 0 : -E2BIG,
	   "%s: NOEXIST of a missing key", what);
	teardown_elements();
}

/* Everything was refused or undone: no descriptor stays open. */
static int open_descriptors(void)
{
	struct rlimit limit;
	int n = 0;

	getrlimit(RLIMIT_NOFILE, &limit);
	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

int main(void)
{
	int before = open_descriptors();
	struct rlimit limit = { 64, 64 };
	int fd, last;

	test_create();
	test_create_fields();
	test_elements("hash", HASH);
	/* setup_elements() leaves the write end of its pipe, nothing else. */
	test_elements("array", ARRAY);
	is(open_descriptors(), before + 2, "no descriptor was lost");

	fd = map_create(ARRAY, 4, 4, 1, 0);
	is(fcntl(fd, F_GETFD), FD_CLOEXEC, "a map's descriptor closes on exec");
	is(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR, "and is open for both");
	is(read(fd, &last, 4) < 0 ? -errno : 0, -EINVAL, "read(2) of a map");
	is(write(fd, &last, 4) < 0 ? -errno : 0, -EINVAL, "write(2) to a map");
	close(fd);

	setrlimit(RLIMIT_NOFILE, &limit);
	while ((last = map_create(ARRAY, 4, 4, 1, 0)) >= 0)
		;
	is(last, -EMFILE, "no descriptor left");
	return finish();
}
