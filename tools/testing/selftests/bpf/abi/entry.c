// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entry of bpf(2): what every command shares. Order of the checks, sizes,
 * tails, unused bytes, privilege, the sysctl.
 */
#include "../test.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define END_OF(field) (offsetof(union bpf_attr, field) + sizeof(((union bpf_attr *)0)->field))

/* Commands of this kernel and where the bytes end that each one reads. */
static const struct {
	int cmd;
	const char *name;
	size_t end;
} commands[] = {
	{ BPF_MAP_CREATE, "MAP_CREATE", END_OF(map_extra) },
	{ BPF_MAP_LOOKUP_ELEM, "MAP_LOOKUP_ELEM", END_OF(flags) },
	{ BPF_MAP_UPDATE_ELEM, "MAP_UPDATE_ELEM", END_OF(flags) },
	{ BPF_MAP_DELETE_ELEM, "MAP_DELETE_ELEM", END_OF(key) },
	{ BPF_MAP_GET_NEXT_KEY, "MAP_GET_NEXT_KEY", END_OF(next_key) },
	{ BPF_PROG_LOAD, "PROG_LOAD", END_OF(core_relo_rec_size) },
};

static int map_fd;
static __u32 key, value;
static const struct bpf_insn trivial[] = { MOV_K(0, 0), EXIT() };

/* An attribute with which @cmd succeeds. */
static union bpf_attr good_attr(int cmd)
{
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	switch (cmd) {
	case BPF_MAP_CREATE:
		a.map_type = BPF_MAP_TYPE_ARRAY;
		a.key_size = 4;
		a.value_size = 4;
		a.max_entries = 2;
		break;
	case BPF_PROG_LOAD:
		a.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
		a.insns = ptr64(trivial);
		a.insn_cnt = ARRAY_LEN(trivial);
		a.license = ptr64("GPL");
		break;
	default:
		a.map_fd = map_fd;
		a.key = ptr64(&key);
		if (cmd != BPF_MAP_DELETE_ELEM)
			a.value = ptr64(&value);
	}
	return a;
}

/* What a well-formed call gives: arrays cannot lose elements. */
static long good_result(int cmd)
{
	return cmd == BPF_MAP_DELETE_ELEM ? -EINVAL : 0;
}

/* A command's result with a descriptor closed and taken for success. */
static long run(int cmd, const void *attr, unsigned int size)
{
	long ret = sys_bpf_size(cmd, attr, size);

	if (ret >= 0 && (cmd == BPF_MAP_CREATE || cmd == BPF_PROG_LOAD)) {
		close(ret);
		return 0;
	}
	return ret;
}

static void test_sizes(void)
{
	static unsigned char big[8192] __attribute__((aligned(8)));

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		int cmd = commands[i].cmd;
		union bpf_attr a = good_attr(cmd);
		const char *name = commands[i].name;
		long want = good_result(cmd);
		size_t off;
		bool all = true;

		memset(big, 0, sizeof(big));
		memcpy(big, &a, sizeof(a));
		is(run(cmd, big, sizeof(a)), want, "%s: own size", name);
		is(run(cmd, big, sizeof(a) + 8), want, "%s: 8 zero bytes more", name);
		is(run(cmd, big, 4096), want, "%s: a page", name);
		is(run(cmd, big, 4097), -E2BIG, "%s: more than a page", name);
		is(run(cmd, big, 0xffffffff), -E2BIG, "%s: size of -1", name);

		big[4095] = 1;
		is(run(cmd, big, 4096), -E2BIG, "%s: last byte of a page set", name);
		is(run(cmd, big, 4095), want, "%s: the same, size without it", name);
		big[4095] = 0;
		big[sizeof(a)] = 0x80;
		is(run(cmd, big, sizeof(a) + 1), -E2BIG, "%s: one byte too many set", name);
		big[sizeof(a)] = 0;

		for (off = commands[i].end; off < sizeof(a); off++) {
			big[off] = 1;
			if (run(cmd, big, sizeof(a)) != -EINVAL) {
				note("%s: byte %zu is not refused", name, off);
				all = false;
			}
			big[off] = 0;
		}
		ok(all, "%s: unused bytes %zu..%zu", name, commands[i].end, sizeof(a));
		is(run(cmd, big, commands[i].end), want, "%s: smallest size", name);
	}
}

static void test_memory(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(two + page, page);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		int cmd = commands[i].cmd;
		union bpf_attr a = good_attr(cmd);
		size_t end = commands[i].end;
		const char *name = commands[i].name;

		is(run(cmd, NULL, sizeof(a)), -EFAULT, "%s: attr NULL", name);
		is(run(cmd, (void *)-4096L, sizeof(a)), -EFAULT, "%s: attr in the kernel", name);
		memcpy(two + page - end, &a, end);
		is(run(cmd, two + page - end, end), good_result(cmd),
		   "%s: attr ends at a hole", name);
		is(run(cmd, two + page - end, end + 1), -EFAULT,
		   "%s: attr reaches into a hole", name);
		memset(two, 0, page);
		memcpy(two + page - sizeof(a), &a, sizeof(a));
		is(run(cmd, two + page - sizeof(a), sizeof(a) + 8), -EFAULT,
		   "%s: tail in a hole", name);
	}
	munmap(two, page);
}

static void test_commands(void)
{
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	is(sys_bpf(36, &a), -EINVAL, "command 36 of no 6.1");
	is(sys_bpf(-1, &a), -EINVAL, "command -1");
	is(sys_bpf(0x7fffffff, &a), -EINVAL, "command INT_MAX");
	is(sys_bpf(-0x7fffffff - 1, &a), -EINVAL, "command INT_MIN");
	is(sys_bpf_size(1000, NULL, sizeof(a)), -EFAULT, "unknown command, bad attr");
	is(sys_bpf_size(1000, &a, 4097), -E2BIG, "unknown command, huge attr");
	is(sys_bpf_size(1000, &a, 0), -EINVAL, "unknown command, no attr");
	is(sys_bpf_size(BPF_MAP_CREATE, NULL, 0), -EINVAL, "MAP_CREATE without an attr");
	is(sys_bpf_size(BPF_PROG_LOAD, NULL, 0), -EFAULT, "PROG_LOAD without an attr");
	is(sys_bpf_size(BPF_MAP_LOOKUP_ELEM, NULL, 0), -EINVAL,
	   "MAP_LOOKUP_ELEM without an attr: fd 0 is no map");
}

/* Report lines from a child: it prints, the parent counts. */
static void in_child(int (*body)(void), int checks)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		body();
		fflush(stdout);
		_exit(tally.failed ? 1 : 0);
	}
	waitpid(pid, &status, 0);
	tally.run += checks;
	if (status)
		tally.failed++;
}

static int set_sysctl(const char *text)
{
	int fd = open("/proc/sys/kernel/unprivileged_bpf_disabled", O_WRONLY);
	int ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static int get_sysctl(void)
{
	int fd = open("/proc/sys/kernel/unprivileged_bpf_disabled", O_RDONLY);
	char text[16] = "";

	if (read(fd, text, sizeof(text) - 1) < 0)
		return -errno;
	close(fd);
	return atoi(text);
}

static void unprivileged_results(const char *when, long make, bool load_opens)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		int cmd = commands[i].cmd;
		union bpf_attr a = good_attr(cmd);
		bool makes = cmd == BPF_MAP_CREATE || cmd == BPF_PROG_LOAD;

		/* Kernels differ in whether a socket filter may then be loaded. */
		if (cmd == BPF_PROG_LOAD && load_opens)
			continue;
		is(run(cmd, &a, sizeof(a)), makes ? make : good_result(cmd),
		   "unprivileged, %s: %s", when, commands[i].name);
		if (makes && make) {
			is(run(cmd, &a, 4097), -EPERM, "unprivileged, %s: %s, huge", when,
			   commands[i].name);
			is(run(cmd, NULL, sizeof(a)), -EPERM, "unprivileged, %s: %s, bad attr",
			   when, commands[i].name);
		}
	}
	is(sys_bpf_size(1000, NULL, 4097), -E2BIG, "unprivileged, %s: unknown, huge", when);
}

static int closed_child(void)
{
	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		return ok(false, "drop privilege");
	unprivileged_results("closed", -EPERM, false);
	return 0;
}

static int open_child(void)
{
	union bpf_attr a = good_attr(BPF_MAP_CREATE);

	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		return ok(false, "drop privilege");
	unprivileged_results("open", 0, true);
	a.map_type = BPF_MAP_TYPE_HASH;
	is(run(BPF_MAP_CREATE, &a, sizeof(a)), 0, "unprivileged, open: create a hash");
	a.map_flags = BPF_F_ZERO_SEED;
	is(run(BPF_MAP_CREATE, &a, sizeof(a)), -EPERM, "unprivileged, open: ZERO_SEED");
	is(set_sysctl("1"), -EACCES, "unprivileged: cannot write the sysctl");
	return 0;
}

static int nobody_child(void)
{
	struct bpf_insn huge[4097];

	if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		return ok(false, "drop privilege");
	for (size_t i = 0; i < ARRAY_LEN(huge); i++)
		huge[i] = MOV_K(0, 0);
	is(prog_load_log(BPF_PROG_TYPE_KPROBE, trivial, 2, "GPL", 0, NULL, 0), -EPERM,
	   "unprivileged, open: other program types");
	is(prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, huge, 4097, "GPL", 0, NULL, 0), -E2BIG,
	   "unprivileged, open: 4097 instructions");
	return 0;
}

static void test_privilege(void)
{
	is(get_sysctl(), 2, "sysctl: closed at boot");
	in_child(closed_child, 10 + 1);
	is(set_sysctl("3"), -EINVAL, "sysctl: 3 is refused");
	is(set_sysctl("-1"), -EINVAL, "sysctl: -1 is refused");
	is(set_sysctl("0"), 0, "sysctl: open");
	in_child(open_child, 5 + 1 + 3);
	in_child(nobody_child, 2);
	is(set_sysctl("2"), 0, "sysctl: closed again");
	is(get_sysctl(), 2, "sysctl: reads 2");
	is(set_sysctl("1"), 0, "sysctl: closed for good");
	is(set_sysctl("0"), -EPERM, "sysctl: cannot be opened");
	is(set_sysctl("2"), -EPERM, "sysctl: nor loosened");
	is(set_sysctl("1"), 0, "sysctl: 1 over 1");
	is(get_sysctl(), 1, "sysctl: reads 1");
	in_child(closed_child, 10 + 1);
}

int main(void)
{
	map_fd = map_create(BPF_MAP_TYPE_ARRAY, 4, 4, 4, 0);
	if (map_fd < 0)
		bail("no map: %d", map_fd);
	test_sizes();
	test_memory();
	test_commands();
	test_privilege();
	return finish();
}
