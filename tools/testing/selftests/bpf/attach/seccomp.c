// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classic programs as seccomp filters: what they read, what they return, and
 * which of them are refused.
 */
#include "classic.h"
#include <stddef.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define RET(k)		CSTMT(BPF_RET | BPF_K, k)
#define DATA(field)	CSTMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ALLOW		RET(SECCOMP_RET_ALLOW)
#define ERRNO(e)	RET(SECCOMP_RET_ERRNO | (e))

static int install(const struct sock_filter *insns, size_t len)
{
	struct sock_fprog prog = {
		.len = (unsigned short)len,
		.filter = (struct sock_filter *)insns,
	};

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) ? -errno : 0;
}

#define INSTALL(...) install(CLASSIC(__VA_ARGS__), CLASSIC_LEN(__VA_ARGS__))

/* Filters cannot be taken away, so each case lives in a child of its own. */
static int in_child(int (*func)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(func());
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* A system call nothing else in the child makes. */
static int probe(long a, long b)
{
	long ret = syscall(__NR_getpriority, a, b, 0x1122334455667788L, 4, 5, 0x99aabbccddeeff00L);

	return ret < 0 ? errno : 0;
}

#define ONLY_PROBE							\
	DATA(nr),							\
	CJUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getpriority, 1, 0),	\
	ALLOW

static int case_errno(void)
{
	return INSTALL(ONLY_PROBE, ERRNO(77)) ? 255 : probe(0, 0);
}

static int case_allow(void)
{
	return INSTALL(ALLOW) ? 255 : probe(0, 0);
}

static int case_arch(void)
{
	return INSTALL(ONLY_PROBE, DATA(arch),
		       CJUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 1),
		       ERRNO(33), ERRNO(34)) ? 255 : probe(0, 0);
}

/* Both halves of an argument, by arithmetic, scratch and a sum over all. */
static int case_args(void)
{
	return INSTALL(ONLY_PROBE,
		       DATA(args[2]), CSTMT(BPF_ST, 0),
		       CSTMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2]) + 4),
		       CSTMT(BPF_LDX | BPF_MEM, 0), CSTMT(BPF_ALU | BPF_XOR | BPF_K, 0x11223344),
		       CSTMT(BPF_MISC | BPF_TAX, 0), CSTMT(BPF_LD | BPF_MEM, 0),
		       CSTMT(BPF_ALU | BPF_ADD | BPF_X, 0),
		       CJUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x55667788, 0, 3),
		       CSTMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5]) + 4),
		       CJUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x99aabbcc, 0, 1),
		       ERRNO(44), ERRNO(45)) ? 255 : probe(0, 0);
}

static int case_len(void)
{
	return INSTALL(ONLY_PROBE,
		       CSTMT(BPF_LDX | BPF_W | BPF_LEN, 0), CSTMT(BPF_LD | BPF_W | BPF_LEN, 0),
		       CSTMT(BPF_ALU | BPF_ADD | BPF_X, 0),
		       CSTMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
		       CSTMT(BPF_RET | BPF_A, 0)) ? 255 : probe(0, 0);
}

static int case_divide(void)
{
	/* Division by 0 returns 0: SECCOMP_RET_KILL_THREAD. */
	return INSTALL(ONLY_PROBE, CSTMT(BPF_LDX | BPF_IMM, 0),
		       CSTMT(BPF_ALU | BPF_DIV | BPF_X, 0), ALLOW) ? 255 : probe(0, 0);
}

static int case_strictest(void)
{
	if (INSTALL(ONLY_PROBE, ERRNO(11)) || INSTALL(ONLY_PROBE, ERRNO(12)) ||
	    INSTALL(ONLY_PROBE, ALLOW))
		return 255;
	return probe(0, 0);
}

static int case_kill(void)
{
	return INSTALL(ONLY_PROBE, RET(SECCOMP_RET_KILL_PROCESS)) ? 255 : probe(0, 0);
}

static int case_trap(void)
{
	return INSTALL(ONLY_PROBE, RET(SECCOMP_RET_TRAP)) ? 255 : probe(0, 0);
}

static int case_fork(void)
{
	int status;
	pid_t pid;

	if (INSTALL(ONLY_PROBE, ERRNO(66)))
		return 255;
	pid = fork();
	if (!pid)
		_exit(probe(0, 0));
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static int case_long(void)
{
	static struct sock_filter prog[BPF_MAXINSNS];

	/* The whole length, jumped over in one. */
	for (int i = 0; i < BPF_MAXINSNS; i++)
		prog[i] = ERRNO(21);
	prog[0] = DATA(nr);
	prog[1] = CJUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getpriority, 1, 0);
	prog[2] = ALLOW;
	prog[3] = CSTMT(BPF_JMP | BPF_JA, BPF_MAXINSNS - 5);
	prog[BPF_MAXINSNS - 1] = ERRNO(22);
	return install(prog, BPF_MAXINSNS) ? 255 : probe(0, 0);
}

static int case_no_new_privs(void)
{
	if (setuid(65534))
		return 254;
	return -INSTALL(ALLOW);
}

static int case_no_new_privs_set(void)
{
	if (setuid(65534) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 254;
	return -INSTALL(ALLOW);
}

static void test_refused(void)
{
	static const __u16 bad[] = {
		BPF_LD | BPF_H | BPF_ABS, BPF_LD | BPF_B | BPF_ABS, BPF_LD | BPF_W | BPF_IND,
		BPF_LD | BPF_H | BPF_IND, BPF_LD | BPF_B | BPF_IND, BPF_LDX | BPF_B | BPF_MSH,
		BPF_ALU | BPF_MOD | BPF_K, BPF_ALU | BPF_MOD | BPF_X, BPF_LDX | BPF_W | BPF_ABS,
		0xffff,
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		is(INSTALL(CSTMT(bad[i], 4), ALLOW), -EINVAL, "opcode %#x", bad[i]);
	is(INSTALL(CSTMT(BPF_LD | BPF_W | BPF_ABS, 64), ALLOW), -EINVAL, "load behind the data");
	is(INSTALL(CSTMT(BPF_LD | BPF_W | BPF_ABS, 2), ALLOW), -EINVAL, "load not aligned");
	is(INSTALL(CSTMT(BPF_LD | BPF_W | BPF_ABS, (__u32)SKF_AD_OFF), ALLOW), -EINVAL, "ancillary load");
	is(INSTALL(CSTMT(BPF_LD | BPF_IMM, 0)), -EINVAL, "no return");
	is(install(NULL, 1), -EINVAL, "no instructions");
	is(install((void *)8, 1), -EFAULT, "instructions at a bad address");
	is(install((void *)8, 0), -EINVAL, "zero instructions");
	is(install((void *)8, 4097), -EINVAL, "4097 instructions");
	is(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 8) ? -errno : 0, -EFAULT, "bad argument");
}

int main(void)
{
	test_refused();
	is(in_child(case_errno), 77, "an errno for one call");
	is(in_child(case_allow), 0, "everything allowed");
	is(in_child(case_arch), 33, "architecture");
	is(in_child(case_args), 44, "arguments");
	is(in_child(case_len), 2 * sizeof(struct seccomp_data), "length of the data");
	is(in_child(case_divide), -31, "division by 0 kills");
	is(in_child(case_strictest), 12, "the last filter that does not allow decides");
	is(in_child(case_kill), -31, "kill");
	is(in_child(case_trap), -31, "trap");
	is(in_child(case_fork), 66, "children inherit");
	is(in_child(case_long), 22, "4096 instructions");
	is(in_child(case_no_new_privs), EACCES, "not without privilege");
	is(in_child(case_no_new_privs_set), 0, "but with no_new_privs");
	return finish();
}
