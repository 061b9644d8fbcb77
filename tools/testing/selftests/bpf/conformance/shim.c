// SPDX-License-Identifier: GPL-2.0-only
/*
 * Between upstream's test_verifier and bpf(2): linked in with --wrap=syscall.
 *
 * The suite runs each program that it loaded through BPF_PROG_TEST_RUN. On a
 * kernel without that command every accepted program counts as failed, although
 * the verdict of the verifier, which is what the suite is about, was the wanted
 * one. For program types that cannot be run the kernel answers ENOTSUPP, and the
 * suite then says "Did not run the program" and goes on. So on a kernel that does
 * not know the command at all, and on no other, this file gives that answer.
 *
 * It must never turn a refusal into success, nor touch any other command. With
 * CONFORMANCE_PLAIN in the environment it does nothing.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <linux/bpf.h>

/* The kernel's own number, not part of errno.h. */
#define ENOTSUPP	524

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

/* A kernel with the command looks for the program first: EBADF. */
static bool command_is_missing(void)
{
	static int missing = -1;
	union bpf_attr attr;

	if (missing < 0) {
		memset(&attr, 0, sizeof(attr));
		attr.test.prog_fd = -1;
		missing = !getenv("CONFORMANCE_PLAIN") &&
			  __real_syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr, sizeof(attr)) < 0 &&
			  errno == EINVAL;
	}
	return missing;
}

long __wrap_syscall(long number, ...)
{
	long arg[6];
	va_list list;
	int i;

	va_start(list, number);
	for (i = 0; i < 6; i++)
		arg[i] = va_arg(list, long);
	va_end(list);

	if (number == SYS_bpf && arg[0] == BPF_PROG_TEST_RUN && command_is_missing()) {
		errno = ENOTSUPP;
		return -1;
	}
	return __real_syscall(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
}
