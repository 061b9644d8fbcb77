// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel built without bpf(2): the call does not exist, and classic programs
 * work all the same, on sockets and for seccomp.
 */
#include "../attach/classic.h"
#include <stddef.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static void no_syscall(void)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
				.value_size = 4, .max_entries = 1 };
	int sk[2], fd = 0;

	is(syscall(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)) < 0 ? -errno : 0, -ENOSYS, "bpf(2)");
	is(syscall(__NR_bpf, -1, NULL, 0) < 0 ? -errno : 0, -ENOSYS, "bpf(2) with nonsense");
	open_pair(sk);
	ok(setsockopt(sk[0], SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof(fd)), "SO_ATTACH_BPF has nothing to attach");
}

/* Drop a datagram that does not start with 'y', cut others to 3 bytes. */
static void socket_filter(void)
{
	int sk[2];

	open_pair(sk);
	is(ATTACH(sk[0],
		  CSTMT(BPF_LD | BPF_B | BPF_ABS, 0),
		  CJUMP(BPF_JMP | BPF_JEQ | BPF_K, 'y', 0, 1),
		  CSTMT(BPF_RET | BPF_K, 3),
		  CSTMT(BPF_RET | BPF_K, 0)), 0, "attach a classic filter");
	ok(write(sk[1], "no", 2) < 0 || arrived(sk[0]) == -EAGAIN, "it drops");
	ok(write(sk[1], "yesyes", 6) == 6, "another datagram is sent");
	is(arrived(sk[0]), 3, "it cuts");
	is(setsockopt(sk[0], SOL_SOCKET, SO_DETACH_FILTER, &sk[0], sizeof(int)), 0, "detach");
	ok(write(sk[1], "no", 2) == 2, "a datagram that was dropped before");
	is(arrived(sk[0]), 2, "arrives");
	is(ATTACH(sk[0], CSTMT(BPF_LD | BPF_MEM, 0), CSTMT(BPF_RET | BPF_A, 0)), -EINVAL,
	   "a scratch word that was never written");
}

static int under_seccomp(void)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 77),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_LEN(insns), insns };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		return 1;
	if (syscall(__NR_getppid) != -1 || errno != 77)
		return 2;
	return syscall(__NR_getpid) > 0 ? 0 : 3;
}

static void seccomp(void)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid)
		_exit(under_seccomp());
	waitpid(pid, &status, 0);
	is(status, 0, "a seccomp filter answers one system call and allows others");
}

int main(void)
{
	no_syscall();
	socket_filter();
	seccomp();
	return finish();
}
