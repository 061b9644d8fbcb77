// SPDX-License-Identifier: GPL-2.0-only
/* Sandboxes by libseccomp: what its filters allow, refuse, trap and kill. */
#include "test.h"
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>

/* Status of a child that loads @ctx's rules and then does @act. */
static int in_sandbox(scmp_filter_ctx ctx, void (*act)(void))
{
	pid_t child = fork();
	int status;

	if (!child) {
		if (seccomp_load(ctx))
			_exit(99);
		act();
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		bail("fork: %s", strerror(errno));
	return status;
}

static void expect(bool right)
{
	if (!right)
		_exit(1);
}

static void act_nothing(void)
{
}

static void act_uname_fails(void)
{
	struct utsname u;

	expect(uname(&u) == -1 && errno == E2BIG);
	expect(getppid() > 0);
}

static void act_dup_by_argument(void)
{
	expect(syscall(__NR_dup, 77) == -1 && errno == EXDEV);
	expect(syscall(__NR_dup, 76) == -1 && errno == EBADF);
	expect(syscall(__NR_dup, 0x10000004dULL) == -1 && errno == EBADF);
}

static void act_lseek_ranges(void)
{
	static const long offs[] = { 0, 4095, 4096, 4097, 0x100000000, 0x100001000, 0x7fffffffffff };
	int fd = open("/dev/zero", O_RDONLY);

	/* Only offsets above 4096 are refused; the comparison is of 64 bits. */
	for (size_t i = 0; i < ARRAY_LEN(offs); i++) {
		long at = syscall(__NR_lseek, fd, offs[i], SEEK_SET);

		expect(offs[i] > 4096 ? at == -1 && errno == EDOM : at != -1);
	}
}

static void act_masked(void)
{
	/* Refused when the bits of O_ACCMODE say O_RDWR, whatever the others say. */
	expect(open("/dev/null", O_RDWR | O_CLOEXEC) == -1 && errno == EROFS);
	expect(open("/dev/null", O_WRONLY | O_CLOEXEC) >= 0);
	expect(open("/dev/null", O_RDONLY) >= 0);
}

static volatile sig_atomic_t trapped;

static void on_sys(int sig, siginfo_t *info, void *uc)
{
	trapped = info->si_syscall;
}

static void act_trap(void)
{
	struct sigaction sa = { .sa_sigaction = on_sys, .sa_flags = SA_SIGINFO };

	expect(!sigaction(SIGSYS, &sa, NULL));
	syscall(__NR_getpgid, 0);
	expect(trapped == __NR_getpgid);
}

static void act_getsid(void)
{
	syscall(__NR_getsid, 0);
}

struct rule {
	const char *name;
	uint32_t action;
	int nr;
	unsigned int n;
	struct scmp_arg_cmp arg;
	void (*act)(void);
};

static scmp_filter_ctx one_rule(const struct rule *r)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (!ctx || seccomp_rule_add_array(ctx, r->action, r->nr, r->n, &r->arg))
		bail("%s: libseccomp", r->name);
	return ctx;
}

static void test_rules(void)
{
	const struct rule rules[] = {
		{ "an error of choice", SCMP_ACT_ERRNO(E2BIG), SCMP_SYS(uname), 0, { 0 }, act_uname_fails },
		{ "one value of an argument", SCMP_ACT_ERRNO(EXDEV), SCMP_SYS(dup), 1,
		  SCMP_A0(SCMP_CMP_EQ, 77), act_dup_by_argument },
		{ "a range of 64 bits", SCMP_ACT_ERRNO(EDOM), SCMP_SYS(lseek), 1,
		  SCMP_A1(SCMP_CMP_GT, 4096), act_lseek_ranges },
		{ "masked flags", SCMP_ACT_ERRNO(EROFS), SCMP_SYS(openat), 1,
		  SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE, O_RDWR), act_masked },
		{ "a trap", SCMP_ACT_TRAP, SCMP_SYS(getpgid), 0, { 0 }, act_trap },
	};

	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		scmp_filter_ctx ctx = one_rule(&rules[i]);

		is(in_sandbox(ctx, rules[i].act), 0, "%s", rules[i].name);
		seccomp_release(ctx);
	}
}

static void test_kill(void)
{
	struct rule kill = { "kill", SCMP_ACT_KILL_PROCESS, SCMP_SYS(getsid), 0, { 0 }, NULL };
	scmp_filter_ctx ctx = one_rule(&kill);
	int status = in_sandbox(ctx, act_getsid);

	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "a forbidden call kills");
	is(in_sandbox(ctx, act_nothing), 0, "its absence does not");
	seccomp_release(ctx);
}

/* Some 300 rules, as a container runtime makes: a list of what is allowed. */
static void test_allow_list(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(ENOTTY));
	int rules = 0;

	for (int nr = 0; nr < 330; nr++)
		rules += nr != __NR_uname && !seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 0);
	for (int b = 0; b < 2; b++) {
		/* As a chain of tests, then as a binary tree. */
		if (b && seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2)) {
			skip("a binary tree", "this libseccomp makes none");
			break;
		}
		is(in_sandbox(ctx, act_nothing), 0, "%d allowed calls, %s", rules,
		   b ? "as a tree" : "as a chain");
	}
	seccomp_release(ctx);
}

static void act_second_filter(void)
{
	struct rule more = { "second", SCMP_ACT_ERRNO(EXDEV), SCMP_SYS(dup), 1,
			     SCMP_A0(SCMP_CMP_EQ, 77), NULL };
	struct utsname u;

	expect(!seccomp_load(one_rule(&more)));
	expect(uname(&u) == -1 && errno == E2BIG);
	expect(syscall(__NR_dup, 77) == -1 && errno == EXDEV);
}

static void test_stacked(void)
{
	struct rule first = { "first", SCMP_ACT_ERRNO(E2BIG), SCMP_SYS(uname), 0, { 0 }, NULL };
	scmp_filter_ctx ctx = one_rule(&first);

	is(in_sandbox(ctx, act_second_filter), 0, "two filters, both in force");
	seccomp_release(ctx);
}

int main(void)
{
	test_rules();
	test_kill();
	test_allow_list();
	test_stacked();
	return finish();
}
