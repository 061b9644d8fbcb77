// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log: which level, buffer and size are accepted, what stands in it, and
 * that it never decides whether a program loads.
 */
#include <regex.h>
#include <sys/mman.h>
#include "front.h"
#include "report.h"

#define SUMMARY "processed [0-9]+ insns \\(limit [0-9]+\\) max_states_per_insn [0-9]+ " \
		"total_states [0-9]+ peak_states [0-9]+ mark_read [0-9]+\n"
#define OVERFLOW_FAILS "Linux 6.1 fails a load whose log does not fit"

static const struct bpf_insn good[] = { MOV_K(0, 0), EXIT() };
static const struct bpf_insn bad[] = { MOV_K(0, 0), MOV_X(1, 9), EXIT() };

static char buf[1 << 20];

/* All three as given; the buffer holds ~ where the kernel wrote nothing. */
static int load(const struct bpf_insn *insns, size_t cnt, __u32 level, void *log, __u64 size)
{
	union bpf_attr a;
	int fd;

	memset(buf, '~', sizeof(buf));
	memset(&a, 0, sizeof(a));
	a.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	a.insns = ptr64(insns);
	a.insn_cnt = cnt;
	a.license = ptr64("GPL");
	a.log_level = level;
	a.log_buf = ptr64(log);
	a.log_size = size;
	fd = (int)sys_bpf(BPF_PROG_LOAD, &a);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

#define GOOD(level, log, size)	load(good, ARRAY_LEN(good), level, log, size)
#define BAD(level, log, size)	load(bad, ARRAY_LEN(bad), level, log, size)

static bool matches(const char *pattern)
{
	regex_t re;
	bool hit;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB))
		bail("regcomp %s", pattern);
	hit = !regexec(&re, buf, 0, NULL, 0);
	regfree(&re);
	return hit;
}

/* Whoever compares with Linux 6.1 leaves the lines of the report out: they begin with "|". */
static void log_is(const char *pattern, const char *name)
{
	char whole[1024];

	report_cut(buf);
	snprintf(whole, sizeof(whole), "^%s$", pattern);
	if (!ok(matches(whole), "%s", name))
		note("%s", buf);
}

static void check_parameters(void)
{
	static const struct {
		__u32 level;
		bool has_buf;
		__u64 size;
		int err;
	} cases[] = {
		{ 0, false, 0, 0 },
		{ 0, true, 0, -EINVAL }, { 0, false, 4096, -EINVAL }, { 0, true, 4096, -EINVAL },
		{ 1, false, 0, -EINVAL }, { 1, false, 4096, -EINVAL }, { 1, true, 0, -EINVAL },
		{ 1, true, 1, -EINVAL }, { 1, true, 127, -EINVAL }, { 1, true, 128, 0 },
		{ 1, true, 129, 0 }, { 1, true, (1u << 30) - 1, 0 }, { 1, true, 1u << 30, -EINVAL },
		{ 1, true, 0xffffffff, -EINVAL },
		{ 2, true, 4096, 0 }, { 3, true, 4096, 0 }, { 4, true, 4096, 0 }, { 5, true, 4096, 0 },
		{ 6, true, 4096, 0 }, { 7, true, 4096, 0 }, { 8, true, 4096, -EINVAL },
		{ 9, true, 4096, -EINVAL }, { 16, true, 4096, -EINVAL }, { 0x80000000, true, 4096, -EINVAL },
		{ 4, false, 0, -EINVAL },
	};

	for (unsigned int i = 0; i < ARRAY_LEN(cases); i++) {
		is(GOOD(cases[i].level, cases[i].has_buf ? buf : NULL, cases[i].size), cases[i].err,
		   "level %u, %s buffer, size %llu", cases[i].level,
		   cases[i].has_buf ? "a" : "no", cases[i].size);
		if (cases[i].err)
			ok(buf[0] == '~', "nothing written");
	}
}

static void check_contents(void)
{
	GOOD(1, buf, 4096);
	log_is(SUMMARY, "level 1, good: the summary alone");
	BAD(1, buf, 4096);
	log_is(".*0: \\(b7\\) r0 = 0.*1: \\(bf\\) r1 = r9\nR9 !read_ok\n" SUMMARY,
	       "level 1, bad: the path, the reason, the summary");
	GOOD(2, buf, 4096);
	log_is(".*0: \\(b7\\) r0 = 0.*1: \\(95\\) exit\n.*" SUMMARY, "level 2, good: the path, the summary");
	GOOD(4, buf, 4096);
	log_is("verification time [0-9]+ usec\nstack depth 0\n" SUMMARY, "level 4, good: the statistics");
	BAD(4, buf, 4096);
	log_is("R9 !read_ok\nverification time [0-9]+ usec\nstack depth 0\n" SUMMARY,
	       "level 4, bad: the reason, the statistics");
	GOOD(7, buf, 4096);
	log_is(".*0: \\(b7\\) r0 = 0.*stack depth 0\n" SUMMARY, "level 7, good: all of it");
}

static void check_verdict_is_the_same(void)
{
	static const __u32 levels[] = { 1, 2, 3, 4, 5, 6, 7 };

	is(BAD(0, NULL, 0), -EACCES, "no log, bad");
	for (unsigned int i = 0; i < ARRAY_LEN(levels); i++) {
		is(GOOD(levels[i], buf, sizeof(buf)), 0, "level %u, good", levels[i]);
		is(BAD(levels[i], buf, sizeof(buf)), -EACCES, "level %u, bad", levels[i]);
	}
}

#define LONG 3000
static struct bpf_insn longer[LONG + 2];

/* As much of the end as fits, the same text as a buffer that is long enough has. */
static void check_tail(size_t cnt, int want, __u32 size)
{
	static char whole[sizeof(buf)];
	size_t len, room = size - 1;

	is(load(longer, cnt, 2, buf, sizeof(buf)), want, "%zu instructions, enough room", cnt);
	if (size < REPORT_BUFFER)
		report_cut(buf);
	memcpy(whole, buf, sizeof(buf));
	len = strlen(whole);
	ok(len > size && len < sizeof(buf) - 1, "its log has more than %u bytes", size);

	is(load(longer, cnt, 2, buf, size), want, "%zu instructions, %u bytes", cnt, size);
	is(strnlen(buf, sizeof(buf)), room, "all %u bytes are used", size);
	ok(!strcmp(buf, whole + len - room), "they are the last of the log");
	is(buf[size], '~', "not one byte more");
}

static void check_small_buffers(void)
{
	static const __u32 sizes[] = { 128, 129, 500, 4095, 4096, 4097, 5000, 65536 };

	for (int i = 0; i < LONG; i++)
		longer[i] = MOV_K(0, i);
	longer[LONG] = EXIT();

	if (pristine()) {
		skip("small buffers", OVERFLOW_FAILS);
		return;
	}
	for (unsigned int i = 0; i < ARRAY_LEN(sizes); i++) {
		longer[LONG] = EXIT();
		check_tail(LONG + 1, 0, sizes[i]);
		longer[LONG] = MOV_X(1, 9);
		longer[LONG + 1] = EXIT();
		check_tail(LONG + 2, -EACCES, sizes[i]);
	}
	is(load(longer, LONG + 2, 1, buf, 128), -EACCES, "bad, 128 bytes");
	ok(strstr(buf, "R9 !read_ok\nprocessed "), "the reason is there");
}

/* Memory that ends, is not there, or cannot be written. */
static void check_bad_buffers(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *end = two + page;

	mprotect(end, page, PROT_NONE);
	is(GOOD(1, end - 512, 100000), 0, "the text fits before memory ends");
	ok(strstr(end - 512, "processed "), "and is there");
	is(GOOD(1, end - 16, 4096), -EFAULT, "memory ends within the text, good");
	is(BAD(1, end - 16, 4096), -EFAULT, "memory ends within the text, bad");
	is(GOOD(1, end, 4096), -EFAULT, "no memory");
	is(GOOD(1, (void *)8, 4096), -EFAULT, "page 0");
	is(GOOD(1, (void *)(1UL << 63), 4096), -EFAULT, "a kernel address");
	mprotect(two, page, PROT_READ);
	is(GOOD(1, two, 4096), -EFAULT, "read-only memory");
	munmap(two, 2 * page);
}

int main(void)
{
	check_parameters();
	check_contents();
	check_verdict_is_the_same();
	check_small_buffers();
	check_bad_buffers();
	return finish();
}
