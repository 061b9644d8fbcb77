// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_FREEZE: what it refuses, and what a frozen map refuses and still does.
 * Mappings as writers: maps/mapped.c.
 */
#include "../raw_freeze.h"

#include <sys/wait.h>

#define HASH	BPF_MAP_TYPE_HASH
#define ARRAY	BPF_MAP_TYPE_ARRAY

static const __u32 key, absent = 3;
static const __u64 first = 0x1111, second = 0x2222;

static void test_descriptors(void)
{
	int fd = map_create(ARRAY, 4, 8, 1, 0), prog = FILTER(MOV_K(0, 0), EXIT());
	union bpf_attr a;

	is(map_freeze(-1), -EBADF, "freeze, descriptor -1");
	is(map_freeze(999), -EBADF, "freeze, closed descriptor");
	is(map_freeze(0), -EINVAL, "freeze, a file");
	is(map_freeze(prog), -EINVAL, "freeze, a program");
	memset(&a, 0, sizeof(a));
	a.map_fd = (__u32)fd;
	for (size_t i = sizeof(a.map_fd); i < sizeof(a); i += 9) {
		((char *)&a)[i] = 1;
		is(sys_bpf(BPF_MAP_FREEZE, &a), -EINVAL, "freeze, byte %zu of the attribute", i);
		((char *)&a)[i] = 0;
	}
	is(fdinfo_number(fd, "\nfrozen:\t"), 0, "and the map is not frozen");
	is(sys_bpf_size(BPF_MAP_FREEZE, &a, 4), 0, "freeze, an attribute of 4 bytes");
	is(fdinfo_number(fd, "\nfrozen:\t"), 1, "fdinfo: frozen");
	close(fd);
	close(prog);
}

/* @deleted: what the delete of an element answers before */
static void test_frozen(const char *name, __u32 type, __u32 flags, int deleted)
{
	int fd = map_create(type, 4, 8, 2, flags), other;
	__u64 got = 0;
	__u32 next;

	if (!ok(fd >= 0, "%s: create", name))
		return;
	is(map_put(fd, &key, &first, BPF_ANY), 0, "%s: update", name);
	is(map_freeze(fd), 0, "%s: freeze", name);
	is(map_freeze(fd), -EBUSY, "%s: freeze again", name);
	is(map_put(fd, &key, &second, BPF_ANY), -EPERM, "%s: update when frozen", name);
	is(map_put(fd, &absent, &second, BPF_ANY), -EPERM, "%s: insert when frozen", name);
	is(map_put(fd, (void *)8, &second, BPF_ANY), -EPERM, "%s: update, bad key", name);
	is(map_put(fd, &key, &second, 77), -EPERM, "%s: update, bad flags", name);
	is(map_del(fd, &key), -EPERM, "%s: delete when frozen", name);
	is(map_del(fd, &absent), -EPERM, "%s: delete of nothing when frozen", name);
	is(map_get(fd, &key, &got), 0, "%s: lookup when frozen", name);
	is((long long)got, (long long)first, "%s: of what was there", name);
	is(map_next(fd, NULL, &next), 0, "%s: next key when frozen", name);
	is(fdinfo_number(fd, "\nfrozen:\t"), 1, "%s: fdinfo", name);

	other = dup(fd);
	close(fd);
	is(map_put(other, &key, &second, BPF_ANY), -EPERM, "%s: by another descriptor", name);
	close(other);

	fd = map_create(type, 4, 8, 2, flags);
	is(map_put(fd, &key, &second, BPF_ANY), 0, "%s: another map is not frozen", name);
	is(map_del(fd, &key), deleted, "%s: and deletes as ever", name);
	close(fd);
}

/* An update or delete that failed does not count as a writer any more. */
static void test_failures(void)
{
	int fd = map_create(HASH, 4, 8, 1, 0), progs = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0);

	is(map_put(fd, &key, (void *)8, BPF_ANY), -EFAULT, "update, bad value");
	is(map_put(fd, (void *)8, &first, BPF_ANY), -EFAULT, "update, bad key");
	is(map_put(fd, &key, &first, BPF_EXIST), -ENOENT, "update, absent key");
	is(map_put(fd, &key, &first, BPF_F_LOCK), -EINVAL, "update, F_LOCK");
	is(map_put(fd, &key, &first, 99), -EINVAL, "update, bad flags");
	is(map_del(fd, &key), -ENOENT, "delete, absent key");
	is(map_del(fd, (void *)8), -EFAULT, "delete, bad key");
	is(map_freeze(fd), 0, "freeze after updates that failed");
	close(fd);

	is(map_put(progs, &key, &fd, BPF_ANY), -EBADF, "update of an array of programs, bad descriptor");
	is(map_freeze(progs), 0, "freeze an array of programs");
	is(map_put(progs, &key, &fd, BPF_ANY), -EPERM, "no program can be put there");
	close(progs);
}

static void test_modes(void)
{
	static const __u32 modes[] = { BPF_F_RDONLY, BPF_F_WRONLY };

	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		int fd = map_create(ARRAY, 4, 8, 1, modes[i]);

		is(map_freeze(fd), 0, "freeze, descriptor opened %s only", i ? "to write" : "to read");
		close(fd);
	}
}

/* Programs go on writing, unless the map forbids it. */
static void test_programs(void)
{
	int fd = map_create(ARRAY, 4, 8, 1, 0), prog;
	char packet[64] = "";
	__u64 got = 0;

	map_put(fd, &key, &first, BPF_ANY);
	prog = FILTER(ST(BPF_DW, 10, -8, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_MAP(1, fd),
		      CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 1),
		      ST(BPF_DW, 0, 0, 0x3333), MOV_K(0, 0), EXIT());
	is(map_freeze(fd), 0, "freeze a map of a program");
	filter_run(prog, packet, sizeof(packet), NULL);
	map_get(fd, &key, &got);
	is((long long)got, 0x3333, "the program writes it still");
	close(prog);
	prog = FILTER(ST(BPF_DW, 10, -8, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), MOV_X(3, 2),
		      MOV_K(4, 0), LD_MAP(1, fd), CALL(BPF_FUNC_map_update_elem), MOV_K(0, 0), EXIT());
	filter_run(prog, packet, sizeof(packet), NULL);
	map_get(fd, &key, &got);
	is((long long)got, 0, "by a helper as well");
	close(prog);
	close(fd);
}

/* Without privilege; result as an exit status */
static int freeze_as_nobody(int fd)
{
	int status = 0;
	pid_t child = fork();

	if (!child) {
		if (setuid(65534))
			_exit(255);
		_exit(-map_freeze(fd));
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -999;
}

static void test_privilege(void)
{
	int fd = map_create(ARRAY, 4, 8, 1, 0);

	is(freeze_as_nobody(fd), -EPERM, "freeze without privilege");
	is(map_freeze(fd), 0, "which changed nothing");
	is(freeze_as_nobody(fd), -EBUSY, "without privilege, a frozen map");
	close(fd);
}

int main(void)
{
	test_descriptors();
	test_frozen("hash", HASH, 0, 0);
	test_frozen("hash on demand", HASH, BPF_F_NO_PREALLOC, 0);
	test_frozen("array", ARRAY, 0, -EINVAL);
	test_frozen("array for processes", ARRAY, BPF_F_MMAPABLE, -EINVAL);
	test_frozen("array not for programs to write", ARRAY, BPF_F_RDONLY_PROG, -EINVAL);
	test_failures();
	test_modes();
	test_programs();
	test_privilege();
	return finish();
}
