/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by the tests of what the verifier does before and after it follows
 * paths: loading, and looking at what every log must keep to.
 */
#ifndef SELFTEST_BPF_VERIFIER_FRONT_H
#define SELFTEST_BPF_VERIFIER_FRONT_H

#include "test.h"

/* Is the kernel under test the unmodified one? */
static inline MAYBE_UNUSED int pristine(void)
{
	return !!getenv("PRISTINE");
}

/* A kernel address as x86-64 prints it: 16 hex digits, the upper ones f. */
static inline MAYBE_UNUSED bool has_kernel_address(const char *text)
{
	for (const char *p = text; *p; p++) {
		size_t digits = strspn(p, "0123456789abcdefABCDEF");

		if (digits == 16 && !strncasecmp(p, "ff", 2) &&
		    strncasecmp(p, "ffffffffffffffff", 16) &&
		    strncasecmp(p, "ffffffff8000", 12))
			return true;
		p += digits ? digits - 1 : 0;
	}
	return false;
}

/*
 * Load a socket filter and close it again: 0 or -errno, the log in prog_log.
 * No log may hold a kernel address; the unmodified kernel does print some to
 * the privileged.
 */
static inline MAYBE_UNUSED int front_load(const struct bpf_insn *insns, size_t cnt, __u32 level)
{
	int fd = prog_load_as(BPF_PROG_TYPE_SOCKET_FILTER, insns, cnt, "GPL", level);

	if (!pristine() && has_kernel_address(prog_log)) {
		ok(false, "a kernel address in the log");
		note("%s", prog_log);
	}
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

#define FRONT_LOAD(level, ...)						\
	front_load((struct bpf_insn[]) { __VA_ARGS__ },			\
		   ARRAY_LEN(((struct bpf_insn[]) { __VA_ARGS__ })), level)

#endif
