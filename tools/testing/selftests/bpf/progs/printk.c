// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_trace_printk(): what formats it takes, what it returns, what arrives in
 * the trace buffer.
 */
#include "../test.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define FORMAT_MAX 256

static int result_map;
static char user_text[] = "user text";

/* Store @text at fp - FORMAT_MAX, eight bytes at a time. */
static size_t emit_format(struct bpf_insn *out, const char *text, size_t size)
{
	size_t n = 0;

	for (size_t off = 0; off < size; off += 8) {
		__u64 word = 0;
		size_t len = size - off < 8 ? size - off : 8;

		memcpy(&word, text + off, len);
		struct bpf_insn chunk[] = { LD64(1, word), STX(BPF_DW, 10, 1, (int)off - FORMAT_MAX) };

		memcpy(out + n, chunk, sizeof(chunk));
		n += ARRAY_LEN(chunk);
	}
	return n;
}

/* Run the helper once; its result, or the errno of a step before it. */
static long print_sized(const char *text, size_t size, __u64 a, __u64 b, __u64 c)
{
	struct bpf_insn insns[256];
	__u64 result = 0;
	__u32 zero = 0;
	size_t n = emit_format(insns, text, size);
	struct bpf_insn call[] = {
		MOV_X(1, 10), ALU_K(BPF_ADD, 1, -FORMAT_MAX), MOV_K(2, (int)size),
		LD64(3, a), LD64(4, b), LD64(5, c), CALL(BPF_FUNC_trace_printk),
		MOV_X(6, 0), ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4),
		LD_MAP(1, result_map), CALL(BPF_FUNC_map_lookup_elem),
		JMP_K(BPF_JEQ, 0, 0, 1), STX(BPF_DW, 0, 6, 0),
		MOV_K(0, 0), EXIT(),
	};
	int fd;

	memcpy(insns + n, call, sizeof(call));
	fd = prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insns, n + ARRAY_LEN(call));
	if (fd < 0) {
		note("%s", prog_log);
		return fd;
	}
	result = 0x123456789abcdef;
	map_put(result_map, &zero, &result, BPF_ANY);
	filter_run(fd, "x", 1, NULL);
	close(fd);
	map_get(result_map, &zero, &result);
	return (long)result;
}

static long print(const char *text, __u64 a, __u64 b, __u64 c)
{
	return print_sized(text, strlen(text) + 1, a, b, c);
}

/* What came into the trace buffer since the last call. */
static const char *traced(void)
{
	int fd = open("/trace/trace", O_RDONLY);
	static char text[65536];
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	text[len] = '\0';
	close(fd);
	close(open("/trace/trace", O_WRONLY | O_TRUNC));
	return text;
}

static void open_trace(void)
{
	mkdir("/trace", 0755);
	mount("tracefs", "/trace", "tracefs", 0, NULL);
	if (access("/trace/trace", R_OK | W_OK))
		bail("no trace buffer: %m");
}

/*
 * Linux 6.1 switches the event on behind the back of the load that needs it, so
 * the first texts of a busy machine are lost there.
 */
static void wait_for_event(void)
{
	for (int i = 0; i < 500 && getenv("PRISTINE"); i++) {
		print("up", 0, 0, 0);
		if (strstr(traced(), "bpf_trace_printk: up"))
			break;
		usleep(10000);
	}
}

#define U(p) ((__u64)(uintptr_t)(p))

static const struct printk_case {
	const char *format;
	__u64 a, b, c;
	long want;
	const char *text;	/* expected behind "bpf_trace_printk: " */
} cases[] = {
	{ "plain", 0, 0, 0, 5, "plain" },
	{ "", 0, 0, 0, 0, "" },
	{ "newline\n", 0, 0, 0, 8, "newline" },
	{ "tab\there", 0, 0, 0, 8, "tab\there" },
	{ "100%%", 0, 0, 0, 4, "100%" },
	{ "%d", -1ull, 0, 0, 2, "-1" },
	{ "%i", -1ull, 0, 0, 2, "-1" },
	{ "%u", -1ull, 0, 0, 10, "4294967295" },
	{ "%x", 0xabcdefull << 8, 0, 0, 8, "abcdef00" },
	{ "%X", 0xabcd, 0, 0, 4, "ABCD" },
	{ "%ld", -1ull, 0, 0, 2, "-1" },
	{ "%li", -2ull, 0, 0, 2, "-2" },
	{ "%lu", -1ull, 0, 0, 20, "18446744073709551615" },
	{ "%lx", -1ull, 0, 0, 16, "ffffffffffffffff" },
	{ "%lX", -1ull, 0, 0, 16, "FFFFFFFFFFFFFFFF" },
	{ "%lld", -1ull, 0, 0, 2, "-1" },
	{ "%llu", 1ull << 40, 0, 0, 13, "1099511627776" },
	{ "%llx", 1ull << 40, 0, 0, 11, "10000000000" },
	{ "%d", 1ull << 32, 0, 0, 1, "0" },
	{ "%c", 'A', 0, 0, 1, "A" },
	{ "%5c|", 'A', 0, 0, 6, "    A|" },
	{ "a %d b %d c %d d", 1, 2, 3, 13, "a 1 b 2 c 3 d" },
	{ "%d%d%d%d", 1, 2, 3, -EINVAL, NULL },
	{ "%d%%%d", 1, 2, 3, 3, "1%2" },
	{ "%5d|", 42, 0, 0, 6, "   42|" },
	{ "%-5d|", 42, 0, 0, 6, "42   |" },
	{ "%05d|", 42, 0, 0, 6, "00042|" },
	{ "%+d", 42, 0, 0, 3, "+42" },
	{ "% d", 42, 0, 0, 3, " 42" },
	{ "%#x", 42, 0, 0, -EINVAL, NULL },
	{ "%.3d", 42, 0, 0, -EINVAL, NULL },
	{ "%*d", 42, 0, 0, -EINVAL, NULL },
	{ "%hd", 42, 0, 0, -EINVAL, NULL },
	{ "%hhd", 42, 0, 0, -EINVAL, NULL },
	{ "%zd", 42, 0, 0, -EINVAL, NULL },
	{ "%llld", 42, 0, 0, -EINVAL, NULL },
	{ "%ls", 42, 0, 0, -EINVAL, NULL },
	{ "%lp", 42, 0, 0, -EINVAL, NULL },
	{ "%lc", 42, 0, 0, -EINVAL, NULL },
	{ "%n", 42, 0, 0, -EINVAL, NULL },
	{ "%o", 42, 0, 0, -EINVAL, NULL },
	{ "%f", 42, 0, 0, -EINVAL, NULL },
	{ "%", 42, 0, 0, -EINVAL, NULL },
	{ "%l", 42, 0, 0, -EINVAL, NULL },
	{ "%5", 42, 0, 0, -EINVAL, NULL },
	{ "%5%", 42, 0, 0, -EINVAL, NULL },
	{ "%da", 42, 0, 0, 3, "42a" },
	{ "%dx", 42, 0, 0, 3, "42x" },
	{ "\x01", 0, 0, 0, -EINVAL, NULL },
	{ "\x7f", 0, 0, 0, -EINVAL, NULL },
	{ "\x80", 0, 0, 0, 1, "\x80" },
	{ "\x9f", 0, 0, 0, 1, "\x9f" },
	{ "\xa0", 0, 0, 0, 1, "\xa0" },
	{ "\xe4", 0, 0, 0, 1, "\xe4" },
	{ "\xff", 0, 0, 0, 1, "\xff" },
	{ "a\x1b", 0, 0, 0, -EINVAL, NULL },
	{ "%d\x01", 0, 0, 0, -EINVAL, NULL },
	{ "%s", U(user_text), 0, 0, 9, "user text" },
	{ "%s.", U(user_text), 0, 0, 10, "user text." },
	{ "%s %s", U(user_text), U(user_text), 0, 19, "user text user text" },
	{ "%sx", U(user_text), 0, 0, -EINVAL, NULL },
	{ "%12s|", U(user_text), 0, 0, 13, "   user text|" },
	{ "%s", 0, 0, 0, 0, "" },
	{ "%s", 1ull << 63, 0, 0, 0, "" },
	{ "%s", -1ull, 0, 0, 0, "" },
	{ "%pus", U(user_text), 0, 0, 9, "user text" },
	{ "%pks", U(user_text), 0, 0, 0, "" },
	{ "%pksx", U(user_text), 0, 0, -EINVAL, NULL },
	{ "%pk", U(user_text), 0, 0, -EINVAL, NULL },
	{ "%pu", U(user_text), 0, 0, -EINVAL, NULL },
	{ "%p", 0, 0, 0, 16, "0000000000000000" },
	{ "%p.", 0, 0, 0, 17, "0000000000000000." },
	{ "%pa", 0, 0, 0, -EINVAL, NULL },
	{ "%px", 0xabcd, 0, 0, 16, "000000000000abcd" },
	{ "%pK", 0, 0, 0, 16, "0000000000000000" },
	{ "%pS", 0, 0, 0, 3, "0x0" },
	{ "%ps", 0, 0, 0, 3, "0x0" },
	{ "%pB", 0, 0, 0, 3, "0x0" },
	{ "%pi4", 0, 0, 0, 15, "000.000.000.000" },
	{ "%pI4", 0, 0, 0, 7, "0.0.0.0" },
	{ "%pI6", 0, 0, 0, 39, "0000:0000:0000:0000:0000:0000:0000:0000" },
	{ "%pi6", 0, 0, 0, 32, "00000000000000000000000000000000" },
	{ "%pI5", 0, 0, 0, -EINVAL, NULL },
	{ "%pi", 0, 0, 0, -EINVAL, NULL },
	/* printf() takes letters and digits behind a pointer for its kind */
	{ "%pI4x.", 0, 0, 0, 8, "0.0.0.0." },
	{ "%pSx.", 0, 0, 0, 4, "0x0." },
	{ "%pM", 0, 0, 0, -EINVAL, NULL },
	{ "%pe", 0, 0, 0, -EINVAL, NULL },
	{ "%pV", 0, 0, 0, -EINVAL, NULL },
	{ "%20p|", 0, 0, 0, 21, "                   0|" },
	{ "%300d", 1, 0, 0, 300, NULL },
	{ "%600d%600d", 1, 2, 0, 1200, NULL },
	{ "%99999d", 1, 0, 0, 99999, NULL },
	{ "%-99999s", U(user_text), 0, 0, 99999, NULL },
	/* 24 bits, one of them for the sign */
	{ "%8388607x", 1, 0, 0, 8388607, NULL },
	{ "%8388608x|", 1, 0, 0, 2, "1|" },
	{ "%2147483647d|", 1, 0, 0, 2, "1|" },
	{ "%4294967299d|", 1, 0, 0, 4, "  1|" },
	{ "%12345678901d|", 1, 0, 0, 2, "1|" },
	{ "%--------------------d|", 1, 0, 0, 2, "1|" },
	{ "%+-+-+-+-+-+-+-+-+5d|", 1, 0, 0, 6, "+1   |" },
	{ "%00000000000000000005d|", 1, 0, 0, 6, "00001|" },
	{ "%20px|", 1, 0, 0, 21, "                   1|" },
	{ "%20pS|", 0, 0, 0, 21, "                 0x0|" },
	{ "%20pB|", 0, 0, 0, 4, "0x0|" },
	{ "%-20pI4|", 0, 0, 0, 8, "0.0.0.0|" },
	{ "%99999pi4|", 0, 0, 0, 16, "000.000.000.000|" },
};

/* For one line of ASCII. */
static const char *quoted(const char *format)
{
	static char out[4 * FORMAT_MAX];
	char *p = out;

	for (; *format; format++) {
		unsigned char c = *format;

		p += sprintf(p, c < ' ' || c > '~' ? "\\x%02x" : "%c", c);
	}
	*p = '\0';
	return out;
}

static void test_formats(void)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct printk_case *c = &cases[i];
		char want[128];
		const char *text;

		traced();
		is(print(c->format, c->a, c->b, c->c), c->want, "\"%s\"", quoted(c->format));
		text = traced();
		if (c->want < 0) {
			ok(!strstr(text, "bpf_trace_printk: "), "\"%s\" prints nothing",
			   quoted(c->format));
		} else if (c->text) {
			snprintf(want, sizeof(want), "bpf_trace_printk: %s\n", c->text);
			is_str(text, want, "\"%s\": text", quoted(c->format));
		}
	}
}

static void test_ends(void)
{
	char text[64] = "abc\0def";

	traced();
	print("two\n", 0, 0, 0);
	print("lines", 0, 0, 0);
	is_str(traced(), "two\n\n", "a newline of the format is printed");
	is(print_sized(text, 8, 0, 0, 0), 3, "format ends before its size");
	is(print_sized("abcdefgh", 8, 0, 0, 0), -EINVAL, "format without an end");
	is(print_sized("a", 1, 0, 0, 0), -EINVAL, "format of one byte without an end");
}

/* Who may see an address is for the system to say; this task may have CAP_SYSLOG. */
static void test_restricted(void)
{
	static const struct { const char *setting, *want; } rows[] = {
		{ "1", "bpf_trace_printk: ffffffff81234560\n" },
		{ "2", "bpf_trace_printk: 0000000000000000\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int fd = open("/proc/sys/kernel/kptr_restrict", O_WRONLY);

		if (fd < 0 || write(fd, rows[i].setting, 1) != 1)
			bail("kptr_restrict: %m");
		close(fd);
		traced();
		is(print("%pK", 0xffffffff81234560, 0, 0), 16, "kptr_restrict %s: \"%%pK\"", rows[i].setting);
		is_str(traced(), rows[i].want, "kptr_restrict %s: \"%%pK\": text", rows[i].setting);
		print("%p", 0xffffffff81234560, 0, 0);
		ok(!strstr(traced(), "81234560"), "kptr_restrict %s: \"%%p\" never shows it", rows[i].setting);
	}
}

/* All values of one call share 512 bytes; a text ends there, a number must fit. */
static const struct room_case {
	const char *format;
	int len;	/* of the first text */
	long want;
} rooms[] = {
	{ "%s", 511, 511 },	{ "%s", 512, 511 },		{ "%s", 700, 511 },
	{ "%s|%s", 255, 511 },	{ "%s|%s", 300, 511 },		{ "%s|%s", 510, 511 },
	{ "%s%s", 511, -ENOSPC }, { "%pus%pus", 600, -ENOSPC },	{ "%s %s %s", 169, 509 },
	{ "%s|%s|%s", 200, 511 }, { "%s|%s|%s", 255, -ENOSPC },
	{ "%s%x", 507, 508 },	{ "%s%x", 508, -ENOSPC },
	{ "%s%lx", 503, 504 },	{ "%s%lx", 504, -ENOSPC },
	{ "%s%llx", 503, 504 },	{ "%s%llx", 504, -ENOSPC },
	{ "%s%c", 510, 511 },	{ "%s%c", 511, -ENOSPC },
	{ "%s%p", 503, 519 },	{ "%s%p", 504, -ENOSPC },
	{ "%s%ps", 503, 506 },	{ "%s%ps", 504, -ENOSPC },
	{ "%s%c%x", 506, 508 },	{ "%s%c%x", 507, -ENOSPC },	{ "%s%c%lx", 502, 504 },
	{ "%s%pI4", 503, 510 },	{ "%s%pI4", 507, 510 },		{ "%s%pI4", 508, -ENOSPC },
	{ "%s%pI6", 495, 510 },	{ "%s%pI6", 496, -ENOSPC },
	{ "%s%pB", 507, 510 },	{ "%s%pB", 510, 510 },
	{ "%s%%", 512, 512 },	{ "%s%d", 510, -ENOSPC },	{ "%s%hd", 510, -EINVAL },
};

static void test_room(void)
{
	char text[800];

	for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
		const struct room_case *r = &rooms[i];
		/* Further texts are the same, other values are 0. */
		bool texts = strrchr(r->format, 's') > r->format + 2 && !strstr(r->format, "%ps");

		memset(text, 'x', r->len);
		text[r->len] = '\0';
		is(print(r->format, U(text), texts ? U(text) : 0, texts ? U(text) : 0), r->want,
		   "\"%s\", a text of %d", r->format, r->len);
	}
}

int main(void)
{
	result_map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	open_trace();
	wait_for_event();
	test_formats();
	test_ends();
	test_restricted();
	test_room();
	return finish();
}
