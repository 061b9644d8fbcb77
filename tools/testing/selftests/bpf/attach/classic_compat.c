// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classic programs in the layout of 32-bit programs: the system calls are made
 * through the 32-bit entry, with their memory below 4 GiB.
 */
#include "classic.h"
#include "../call32.h"
#include <sys/prctl.h>
#include <sys/wait.h>
#include <linux/seccomp.h>

struct fprog32 {
	__u16 len;
	__u32 filter;
};

/* Everything the kernel reads or writes. */
static struct low {
	struct fprog32 prog;
	struct sock_filter insns[8];
	__u32 len;
} *low;

static int sk[2];

static int attach32(int size)
{
	return (int)call32(NR32_SETSOCKOPT, sk[0], SOL_SOCKET, SO_ATTACH_FILTER,
			   (long)&low->prog, size);
}

static void test_socket(void)
{
	char packet[100] = "";

	low->prog.len = 1;
	low->prog.filter = (__u32)(uintptr_t)low->insns;
	low->insns[0] = CSTMT(BPF_RET | BPF_K, 42);
	is(sizeof(struct fprog32), 8, "the layout has 8 bytes");
	is(attach32(16), -EINVAL, "the length of the 64-bit layout");
	is(attach32(7), -EINVAL, "one byte less");
	is(attach32(8), 0, "attach");
	is(write(sk[1], packet, sizeof(packet)), sizeof(packet), "send");
	is(arrived(sk[0]), 42, "the program runs");

	low->len = 8;
	memset(low->insns, 0, sizeof(low->insns));
	is(call32(NR32_GETSOCKOPT, sk[0], SOL_SOCKET, SO_GET_FILTER, (long)low->insns,
		  (long)&low->len), 0, "get");
	is(low->len, 1, "one instruction");
	is(low->insns[0].k, 42, "the same");

	low->prog.filter = 8;
	is(attach32(8), -EFAULT, "bad address of instructions");
	low->prog.filter = 0;
	is(attach32(8), -EINVAL, "no instructions");
}

static int filter_calls(void)
{
	low->prog.len = 4;
	low->prog.filter = (__u32)(uintptr_t)low->insns;
	low->insns[0] = CSTMT(BPF_LD | BPF_W | BPF_ABS, 0);
	low->insns[1] = CJUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getpriority, 0, 1);
	low->insns[2] = CSTMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 55);
	low->insns[3] = CSTMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (call32(NR32_PRCTL, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (long)&low->prog, 0, 0))
		return 1;
	return syscall(__NR_getpriority, 0, 0) < 0 ? errno : 2;
}

static void test_seccomp(void)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(filter_calls());
	waitpid(pid, &status, 0);
	is(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 55, "seccomp filter in the 32-bit layout");
}

int main(void)
{
	low = low_memory(sizeof(*low));
	if (!low)
		bail("no memory below 4 GiB");
	open_pair(sk);
	test_socket();
	test_seccomp();
	return finish();
}
