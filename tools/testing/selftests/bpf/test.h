/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a static test program needs, in one header: bpf(2) without a library,
 * instructions as initialisers, and results as KTAP lines.
 *
 *	int main(void)
 *	{
 *		int fd = map_create(BPF_MAP_TYPE_HASH, 4, 8, 16, 0);
 *
 *		ok(fd >= 0, "create");
 *		is(map_del(fd, &(int){ 7 }), -ENOENT, "delete a missing key");
 *		return finish();
 *	}
 *
 * Every wrapper of a system call returns what the call did, or -errno. Each
 * check prints one line at once, so a test that dies shows how far it came;
 * finish() prints the plan last and gives the exit status. Checks may come
 * from several threads, not from forked children (they share no counter).
 */
#ifndef SELFTEST_BPF_TEST_H
#define SELFTEST_BPF_TEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include "raw_bpf.h"

/* For a file that included a libc header before this one. */
const char *strerrorname_np(int err);

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a), unused))

/* Results. */

static struct {
	unsigned int run, failed, skipped;
} tally;

static inline void tally_line(bool good, const char *name, const char *why)
{
	unsigned int n = __atomic_add_fetch(&tally.run, 1, __ATOMIC_RELAXED);
	char line[2048];

	if (!good)
		__atomic_add_fetch(&tally.failed, 1, __ATOMIC_RELAXED);
	/* One write: lines of threads do not mix. */
	snprintf(line, sizeof(line), "%s %u - %s%s", good ? "ok" : "not ok", n, name, why);
	printf("%s\n", line);
	fflush(stdout);
}

#define TALLY_NAME(buf, fmt) do {				\
	va_list args_;						\
								\
	va_start(args_, fmt);					\
	vsnprintf(buf, sizeof(buf), fmt, args_);		\
	va_end(args_);						\
} while (0)

/* ok - one check by its truth; returns it */
static inline PRINTF_LIKE(2, 3) bool ok(bool good, const char *fmt, ...)
{
	char name[512];

	TALLY_NAME(name, fmt);
	tally_line(good, name, "");
	return good;
}

/* is - one check by value: shows both when they differ. Negative means -errno. */
static inline PRINTF_LIKE(3, 4) bool is(long long got, long long want, const char *fmt, ...)
{
	char name[512], why[256] = "";

	TALLY_NAME(name, fmt);
	if (got != want)
		snprintf(why, sizeof(why), " # got %lld%s%s want %lld%s%s",
			 got, got < 0 && got > -4096 ? " " : "",
			 got < 0 && got > -4096 ? strerrorname_np((int)-got) ?: "" : "",
			 want, want < 0 && want > -4096 ? " " : "",
			 want < 0 && want > -4096 ? strerrorname_np((int)-want) ?: "" : "");
	tally_line(got == want, name, why);
	return got == want;
}

/* is_str - one check by text: @want must stand somewhere in @got */
static inline PRINTF_LIKE(3, 4) bool is_str(const char *got, const char *want, const char *fmt, ...)
{
	char name[512], why[1024] = "";
	bool good = strstr(got, want);

	TALLY_NAME(name, fmt);
	if (!good)
		snprintf(why, sizeof(why), " # got \"%.400s\" want \"%.400s\"", got, want);
	for (char *p = why; *p; p++)
		if (*p == '\n')
			*p = '|';
	tally_line(good, name, why);
	return good;
}

/* skip - a check that cannot be made here, and why */
static inline PRINTF_LIKE(2, 3) void skip(const char *name, const char *fmt, ...)
{
	char why[256], tail[300];

	TALLY_NAME(why, fmt);
	snprintf(tail, sizeof(tail), " # SKIP %s", why);
	__atomic_add_fetch(&tally.skipped, 1, __ATOMIC_RELAXED);
	tally_line(true, name, tail);
}

/*
 * quick - less of the same is asked for: fewer rounds, a sample of a product. All of
 * it runs on other kernels; what is left must still be able to fail.
 */
static inline __attribute__((unused)) bool quick(void)
{
	return getenv("QUICK");
}

/* Is this the kernel with all checkers, on which everything takes several times as long? */
static inline __attribute__((unused)) bool on_debug_kernel(void)
{
	const char *kind = getenv("KERNEL_KIND");

	return kind && !strcmp(kind, "debug");
}

/* note - a line for people that is not a result */
static inline PRINTF_LIKE(1, 2) void note(const char *fmt, ...)
{
	char text[4096];

	TALLY_NAME(text, fmt);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		printf("# %s\n", line);
	fflush(stdout);
}

/* bail - give up: what follows would make no sense */
static inline PRINTF_LIKE(1, 2) __attribute__((noreturn)) void bail(const char *fmt, ...)
{
	char text[1024];

	TALLY_NAME(text, fmt);
	printf("Bail out! %s\n", text);
	exit(2);
}

/* plan - announce the number of checks instead of counting them in finish() */
static unsigned int planned;
static inline MAYBE_UNUSED void plan(unsigned int n)
{
	planned = n;
	printf("1..%u\n", n);
	fflush(stdout);
}

/* finish - the plan, the sums; main() returns its value. No check is a failure. */
static inline MAYBE_UNUSED int finish(void)
{
	bool all = !planned || planned == tally.run;

	if (!planned)
		printf("1..%u\n", tally.run);
	else if (!all)
		printf("# planned %u, ran %u\n", planned, tally.run);
	printf("# pass:%u fail:%u skip:%u\n", tally.run - tally.failed - tally.skipped,
	       tally.failed, tally.skipped);
	fflush(stdout);
	return !all || tally.failed || !tally.run;
}

/* The log of the last prog_load() or prog_load_as(). */
static char prog_log[1 << 20] MAYBE_UNUSED;

/* prog_load_as - load with a licence and log level of the caller's choice */
static inline MAYBE_UNUSED int prog_load_as(__u32 type, const struct bpf_insn *insns, size_t cnt,
					    const char *license, __u32 log_level)
{
	prog_log[0] = '\0';
	return prog_load_log(type, insns, cnt, license, log_level, prog_log, sizeof(prog_log));
}

static inline MAYBE_UNUSED int prog_load(__u32 type, const struct bpf_insn *insns, size_t cnt)
{
	return prog_load_as(type, insns, cnt, "GPL", 1);
}

/* PROG_LOAD(type, insn, insn, ...) - the same with the program written in place */
#define PROG_LOAD(type, ...)						\
	prog_load(type, (struct bpf_insn[]) { __VA_ARGS__ },		\
		  ARRAY_LEN(((struct bpf_insn[]) { __VA_ARGS__ })))
#define FILTER(...) PROG_LOAD(BPF_PROG_TYPE_SOCKET_FILTER, __VA_ARGS__)

/* Running a socket filter */

/*
 * filter_run - what a loaded SOCKET_FILTER says about one packet
 *
 * Attaches it to one end of a datagram pair and sends @len bytes of @pkt from
 * the other. Returns how many bytes arrived (0: the packet was dropped, or all
 * of it cut off), or -errno of the attach. LD_ABS 0 is the first byte of @pkt.
 * @got, if not NULL, receives what arrived and must hold @len bytes.
 */
static inline MAYBE_UNUSED int filter_run(int prog_fd, const void *pkt, size_t len, void *got)
{
	char sink[65536];
	int sk[2], ret;

	if (len > sizeof(sink))
		return -E2BIG;
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, sk))
		return -errno;
	if (setsockopt(sk[0], SOL_SOCKET, SO_ATTACH_BPF, &prog_fd, sizeof(prog_fd)) ||
	    write(sk[1], pkt, len) < 0)
		ret = -errno;
	else
		ret = (int)recv(sk[0], got ?: sink, got ? len : sizeof(sink), MSG_DONTWAIT);
	if (ret == -1 && errno == EAGAIN)
		ret = 0;
	close(sk[0]);
	close(sk[1]);
	return ret;
}

#endif
