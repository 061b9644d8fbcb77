// SPDX-License-Identifier: GPL-2.0-only
/* errno of PROG_LOAD, one row per malformation, and of what takes its result. */
#include "../test.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static const struct bpf_insn trivial[] = { MOV_K(0, 0), EXIT() };

static union bpf_attr good(void)
{
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	a.insns = ptr64(trivial);
	a.insn_cnt = ARRAY_LEN(trivial);
	a.license = ptr64("GPL");
	return a;
}

static int load(const union bpf_attr *a)
{
	int fd = (int)sys_bpf(BPF_PROG_LOAD, a);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

#define WITH(want, what, change) do {					\
	union bpf_attr a = good();					\
									\
	change;								\
	is(load(&a), want, "load: " what);				\
} while (0)

static char *kernel_ptr = (char *)0xffff888000000000ULL;
static char log_buf[4096];

static void test_program(void)
{
	char *hole = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct bpf_insn *at_hole = (struct bpf_insn *)(hole + 4096) - 2;

	mprotect(hole + 4096, 4096, PROT_NONE);
	memcpy(at_hole, trivial, sizeof(trivial));

	WITH(0, "good", (void)a);
	WITH(-E2BIG, "no instructions", a.insn_cnt = 0);
	WITH(-E2BIG, "1000001 instructions", a.insn_cnt = 1000001);
	WITH(-E2BIG, "2^32-1 instructions", a.insn_cnt = 0xffffffff);
	WITH(-E2BIG, "2^29 instructions", a.insn_cnt = 1 << 29);
	WITH(-EFAULT, "more instructions than memory", a.insns = ptr64(at_hole); a.insn_cnt = 3);
	WITH(0, "instructions end at a hole", a.insns = ptr64(at_hole));
	WITH(-EFAULT, "instructions reach a hole", a.insns = ptr64(at_hole) + 1);
	WITH(-EFAULT, "instructions NULL", a.insns = 0);
	WITH(-EFAULT, "instructions in the kernel", a.insns = ptr64(kernel_ptr));
	WITH(-EFAULT, "a million instructions that are not there", a.insn_cnt = 1000000);

	WITH(-EFAULT, "license NULL", a.license = 0);
	WITH(-EFAULT, "license in the kernel", a.license = ptr64(kernel_ptr));
	memset(hole, 'G', 4096);
	WITH(-EFAULT, "license reaches a hole", a.license = ptr64(hole + 4090));
	WITH(0, "license without end", a.license = ptr64(hole));
	WITH(0, "license empty", a.license = ptr64(""));
	WITH(0, "license unknown", a.license = ptr64("none of your business"));
	munmap(hole, 8192);
}

static void test_types(void)
{
	WITH(-EINVAL, "type 0", a.prog_type = 0);
	WITH(-EINVAL, "type 32", a.prog_type = 32);
	WITH(-EINVAL, "type 2^31", a.prog_type = 1u << 31);
	WITH(-EINVAL, "type 2^32-1", a.prog_type = 0xffffffff);
	WITH(0, "kern_version is not looked at", a.kern_version = 12345);
	WITH(0, "expected_attach_type 1", a.expected_attach_type = 1);
	WITH(0, "expected_attach_type 43", a.expected_attach_type = 43);
	WITH(0, "expected_attach_type 44", a.expected_attach_type = 44);
	WITH(0, "expected_attach_type 2^32-1", a.expected_attach_type = 0xffffffff);

	WITH(0, "STRICT_ALIGNMENT", a.prog_flags = BPF_F_STRICT_ALIGNMENT);
	WITH(0, "ANY_ALIGNMENT", a.prog_flags = BPF_F_ANY_ALIGNMENT);
	WITH(0, "TEST_RND_HI32", a.prog_flags = BPF_F_TEST_RND_HI32);
	WITH(0, "TEST_STATE_FREQ", a.prog_flags = BPF_F_TEST_STATE_FREQ);
	WITH(-EINVAL, "SLEEPABLE", a.prog_flags = BPF_F_SLEEPABLE);
	WITH(-EINVAL, "flag 2^6", a.prog_flags = 1 << 6);
	WITH(-EINVAL, "last flag", a.prog_flags = 1u << 31);
	WITH(-EINVAL, "flags before license", a.prog_flags = 1u << 31; a.license = 0);
	WITH(-EFAULT, "license before count", a.license = 0; a.insn_cnt = 0);
	WITH(-E2BIG, "count before type", a.prog_type = 99; a.insn_cnt = 0);
}

static void test_names(void)
{
	WITH(0, "name", strcpy(a.prog_name, "a.B_9"));
	WITH(0, "name of 15", strcpy(a.prog_name, "123456789012345"));
	WITH(-EINVAL, "name of 16", memset(a.prog_name, 'a', 16));
	WITH(-EINVAL, "name with space", strcpy(a.prog_name, "a b"));
	WITH(-EINVAL, "name with dash", strcpy(a.prog_name, "a-b"));
	WITH(-EINVAL, "name with byte 1", strcpy(a.prog_name, "a\1"));
	WITH(0, "bytes behind the end of the name", a.prog_name[5] = '-');
}

static void test_foreign(void)
{
	int pipefd[2], prog = FILTER(MOV_K(0, 0), EXIT());

	if (pipe(pipefd))
		bail("pipe");
	WITH(-EINVAL, "ifindex of no device", a.prog_ifindex = 12345);
	WITH(-EINVAL, "ifindex of the loopback", a.prog_ifindex = 1);
	WITH(-EINVAL, "attach_prog_fd closed", a.attach_prog_fd = 12345);
	WITH(-EINVAL, "attach_prog_fd of a pipe", a.attach_prog_fd = pipefd[0]);
	WITH(-EINVAL, "attach_prog_fd of a program", a.attach_prog_fd = prog);
	WITH(-EINVAL, "attach_btf_id", a.attach_btf_id = 1);
	WITH(0, "prog_btf_fd alone is not looked at", a.prog_btf_fd = 12345);
	WITH(0, "record sizes alone are not looked at",
	     a.func_info_rec_size = 8; a.line_info_rec_size = 16);
	WITH(0, "info pointers alone are not looked at",
	     a.func_info = ptr64(kernel_ptr); a.line_info = ptr64(kernel_ptr));
	WITH(-EBADF, "func_info, btf closed", a.func_info_cnt = 1; a.prog_btf_fd = 12345);
	WITH(-EINVAL, "func_info, btf of a pipe", a.func_info_cnt = 1; a.prog_btf_fd = pipefd[0]);
	WITH(-EBADF, "line_info, btf closed", a.line_info_cnt = 1; a.prog_btf_fd = 12345);
	WITH(-EBADF, "2^31 of func_info, btf closed",
	     a.func_info_cnt = 1u << 31; a.prog_btf_fd = 12345);
	WITH(-EINVAL, "2^31 of func_info, btf of a pipe",
	     a.func_info_cnt = 1u << 31; a.prog_btf_fd = pipefd[0]);
	WITH(0, "core_relo_rec_size alone", a.core_relo_rec_size = 16);
	WITH(0, "core_relo_cnt without btf", a.core_relo_cnt = 1; a.prog_btf_fd = 12345);
	WITH(0, "core_relo_cnt with a record size", a.core_relo_cnt = 1;
	     a.core_relo_rec_size = 16; a.prog_btf_fd = 12345);
	WITH(0, "fd_array is not looked at", a.fd_array = ptr64(kernel_ptr));
	close(prog);
	close(pipefd[0]);
	close(pipefd[1]);
}

static void test_log(void)
{
	WITH(0, "log", a.log_level = 1; a.log_buf = ptr64(log_buf); a.log_size = sizeof(log_buf));
	WITH(-EINVAL, "log level without buffer", a.log_level = 1);
	WITH(-EINVAL, "log level 8", a.log_level = 8; a.log_buf = ptr64(log_buf);
	     a.log_size = sizeof(log_buf));
	WITH(-EINVAL, "log buffer without level", a.log_buf = ptr64(log_buf);
	     a.log_size = sizeof(log_buf));
	WITH(-EINVAL, "log size 0", a.log_level = 1; a.log_buf = ptr64(log_buf));
	WITH(-EINVAL, "log of 2^30", a.log_level = 1; a.log_buf = ptr64(log_buf);
	     a.log_size = 1u << 30);
	WITH(-EFAULT, "log in the kernel", a.log_level = 1; a.log_buf = ptr64(kernel_ptr);
	     a.log_size = 4096);
}

/* ---- privilege: which capabilities it takes ------------------------------------------- */

static int load_with(unsigned long long caps, __u32 type)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = {
		{ (__u32)caps, (__u32)caps, 0 },
		{ (__u32)(caps >> 32), (__u32)(caps >> 32), 0 },
	};
	union bpf_attr a = good();
	int status;
	pid_t pid;

	a.prog_type = type;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (prctl(PR_SET_KEEPCAPS, 1) || setresuid(65534, 65534, 65534) ||
		    syscall(SYS_capset, &head, data))
			_exit(255);
		_exit(-load(&a));
	}
	waitpid(pid, &status, 0);
	return -WEXITSTATUS(status);
}

static void test_privilege(void)
{
	const unsigned long long admin = 1ULL << CAP_SYS_ADMIN, bpf = 1ULL << 39,
		perfmon = 1ULL << 38, net_admin = 1ULL << CAP_NET_ADMIN;
	__u32 filter = BPF_PROG_TYPE_SOCKET_FILTER;

	is(load_with(0, filter), -EPERM, "load without capabilities");
	is(load_with(perfmon, filter), -EPERM, "load with CAP_PERFMON");
	is(load_with(net_admin, filter), -EPERM, "load with CAP_NET_ADMIN");
	is(load_with(bpf | perfmon, filter), 0, "load with CAP_BPF and CAP_PERFMON");
	is(load_with(admin, filter), 0, "load with CAP_SYS_ADMIN");
	is(load_with(bpf | perfmon, 99), -EINVAL, "bad type with CAP_BPF and CAP_PERFMON");
}

/* ---- users of the descriptor ------------------------------------------------------------ */

static int attach(int fd)
{
	int sk = socket(AF_UNIX, SOCK_DGRAM, 0), ret;

	ret = setsockopt(sk, SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof(fd)) ? -errno : 0;
	close(sk);
	return ret;
}

static void test_descriptor(void)
{
	int fd = dup3(FILTER(MOV_K(0, 0), EXIT()), 500, O_CLOEXEC);
	int map = map_create(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);
	int word;

	is(fcntl(fd, F_GETFD), FD_CLOEXEC, "a program's descriptor closes on exec");
	is(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR, "and is open for both");
	is(read(fd, &word, 4) < 0 ? -errno : 0, -EINVAL, "read(2) of a program");
	is(write(fd, &word, 4) < 0 ? -errno : 0, -EINVAL, "write(2) to a program");
	is(attach(fd), 0, "attach");
	is(attach(map), -EINVAL, "attach a map");
	is(attach(12345), -EBADF, "attach a closed descriptor");
	is(attach(-1), -EBADF, "attach -1");
	close(fd);
	is(attach(fd), -EBADF, "attach after close");
	close(map);
}

int main(void)
{
	test_program();
	test_types();
	test_names();
	test_foreign();
	test_log();
	test_privilege();
	test_descriptor();
	return finish();
}
