// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_trace_printk(): a line of text from a program to the trace buffer.
 *
 * The format is the program's data, so it is checked each time, one directive
 * after another, and each directive is formatted by itself with the one argument
 * it takes. It may stand in a map, where others change it meanwhile: what is
 * checked and used is a copy. Pointers to strings and addresses are read with
 * functions that survive a bad pointer.
 *
 * Runs in any context, NMI included: each CPU has a few buffers, one for each
 * context that may interrupt another; a deeper one gets -EBUSY.
 */
#include <linux/bpf.h>
#include <linux/ctype.h>
#include <linux/filter.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/trace_events.h>
#include <linux/uaccess.h>

#define CREATE_TRACE_POINTS
#include "printk_event.h"

#define LINE_MAX	1024	/* text of one call, with its end */
#define FORMAT_MAX	1024	/* a longer one has no room in the line */
#define VALUES_MAX	512	/* what the arguments of one call take, see keep() */
#define WIDTH_MAX	4096	/* more than a line: the rest is only counted */
#define WIDTH_BITS	24	/* that printf() takes of a width, one for the sign */
#define ARGS_MAX	3
#define NESTING		4

struct workspace {
	char line[LINE_MAX];
	char format[FORMAT_MAX];
	char string[VALUES_MAX];
	char spec[16];
};

static DEFINE_PER_CPU(struct workspace[NESTING], workspaces);
static DEFINE_PER_CPU(int, workspaces_used);

/**
 * struct printing - one call
 * @ws: buffers
 * @pos: rest of the copied format
 * @len: characters so far, including those beyond the end of the line
 * @args: what the directives print
 * @next_arg: first unused one
 * @kept: bytes of VALUES_MAX that are taken
 * @beyond: columns of the directive's width that are not in its spec
 */
struct printing {
	struct workspace *ws;
	const char *pos;
	size_t len;
	u64 args[ARGS_MAX];
	unsigned int next_arg;
	size_t kept;
	size_t beyond;
};

static char *line_end(const struct printing *p, size_t *room)
{
	size_t used = min_t(size_t, p->len, LINE_MAX);

	*room = LINE_MAX - used;
	return p->ws->line + used;
}

/* Format one value of type @type by the directive in spec. */
#define PRINT_AS(p, type, value) do {						\
	size_t room_;								\
	char *end_ = line_end(p, &room_);					\
	(p)->len += snprintf(end_, room_, (p)->ws->spec, (type)(value)) +	\
		    (p)->beyond;						\
} while (0)

static void print_char(struct printing *p, char c)
{
	size_t room;
	char *end = line_end(p, &room);

	if (room > 1) {
		end[0] = c;
		end[1] = '\0';
	}
	p->len++;
}

/* ---- values -------------------------------------------------------------------- */

/*
 * Linux 6.1 collects the values of a call before it prints them, aligned, strings
 * with their end. A number that has no room left is an error, a text is cut.
 */
static bool keep(struct printing *p, size_t size, size_t align)
{
	size_t at = ALIGN(p->kept, align);

	if (at + size > VALUES_MAX)
		return false;
	p->kept = at + size;
	return true;
}

static size_t room_for_text(const struct printing *p)
{
	return VALUES_MAX - p->kept;
}

static void keep_text(struct printing *p)
{
	keep(p, strlen(p->ws->string) + 1, 1);
}

/* ---- directives ---------------------------------------------------------------- */

static bool ends_word(char c)
{
	return !c || isspace(c) || ispunct(c);
}

/* Move @n characters of the directive over to spec; there is room for the longest. */
static void spec_take(struct printing *p, size_t n)
{
	char *spec = p->ws->spec;
	size_t have = strlen(spec);

	memcpy(spec + have, p->pos, n);
	spec[have + n] = '\0';
	p->pos += n;
}

/* Each flag once, and no more of the width than matters: both may be of any length. */
static void take_flags_and_width(struct printing *p)
{
	static const char flags[] = "0+- ";
	size_t n = strspn(p->pos, flags);
	char *out = p->ws->spec;
	const char *flag;
	u32 digits = 0;
	s32 width;

	*out++ = '%';
	for (flag = flags; *flag; flag++)
		if (memchr(p->pos, *flag, n))
			*out++ = *flag;
	*out = '\0';
	p->pos += n;

	while (isdigit(*p->pos))
		digits = digits * 10 + (*p->pos++ - '0');
	width = sign_extend32(digits, WIDTH_BITS - 1);
	p->beyond = max(width - WIDTH_MAX, 0);
	if (width > 0)
		sprintf(out, "%d", min(width, WIDTH_MAX));
}

/* The text behind a pointer; unreadable memory prints as nothing. */
static int print_string(struct printing *p, u64 addr, char space)
{
	const void *ptr = (const void *)(unsigned long)addr;
	size_t room = room_for_text(p);
	char *string = p->ws->string;
	bool is_user = space == 'u';
	long n;

	if (!ends_word(*p->pos))
		return -EINVAL;
	if (!room)
		return -ENOSPC;
	if (space == 's')
		is_user = (unsigned long)addr < TASK_SIZE;

	if (is_user)
		n = strncpy_from_user_nofault(string, (const void __user *)ptr, room);
	else
		n = strncpy_from_kernel_nofault(string, ptr, room);
	if (n < 0)
		string[0] = '\0';
	keep_text(p);
	PRINT_AS(p, const char *, string);
	return 0;
}

/* An address as words or dots: such a text has no width. @kind: what follows %p. */
static void print_address(struct printing *p, const char *kind, const void *ptr)
{
	char *string = p->ws->string;

	snprintf(p->ws->spec, sizeof(p->ws->spec), "%%p%s", kind);
	scnprintf(string, room_for_text(p), p->ws->spec, ptr);
	keep_text(p);
	p->beyond = 0;
	strcpy(p->ws->spec, "%s");
	PRINT_AS(p, const char *, string);
}

/* printf() takes whatever letters follow a pointer for its kind; so do we. */
static void skip_kind(struct printing *p)
{
	while (isalnum(*p->pos))
		p->pos++;
}

static int print_ip(struct printing *p, u64 addr)
{
	char kind[] = { p->pos[0], p->pos[1], '\0' };
	size_t size = kind[1] == '4' ? 4 : 16;
	u8 ip[16];

	if (kind[1] != '4' && kind[1] != '6')
		return -EINVAL;
	if (room_for_text(p) < size)
		return -ENOSPC;
	if (copy_from_kernel_nofault(ip, (void *)(unsigned long)addr, size))
		memset(ip, 0, size);
	print_address(p, kind, ip);
	skip_kind(p);
	return 0;
}

/* What follows %p: nothing, or what kind of address it is. */
static int print_pointer(struct printing *p, u64 arg)
{
	void *ptr = (void *)(unsigned long)arg;
	char kind = p->pos[0];

	if ((kind == 'k' || kind == 'u') && p->pos[1] == 's') {
		p->pos += 2;
		p->ws->spec[strlen(p->ws->spec) - 1] = 's';
		return print_string(p, arg, kind);
	}
	if (kind == 'i' || kind == 'I')
		return print_ip(p, arg);
	if (kind == 'B') {
		if (!room_for_text(p))
			return -ENOSPC;
		print_address(p, "B", ptr);
		skip_kind(p);
		return 0;
	}
	if (!ends_word(kind)) {
		if (!strchr("KxsS", kind))
			return -EINVAL;
		spec_take(p, 1);
	}
	if (!keep(p, sizeof(ptr), sizeof(ptr)))
		return -ENOSPC;
	PRINT_AS(p, void *, ptr);
	skip_kind(p);
	return 0;
}

static int print_number(struct printing *p, u64 arg)
{
	unsigned int longs = strspn(p->pos, "l");
	size_t size = longs ? sizeof(u64) : sizeof(u32);

	if (longs > 2 || !p->pos[longs] || !strchr("diuxX", p->pos[longs]))
		return -EINVAL;
	if (!keep(p, size, size))
		return -ENOSPC;
	spec_take(p, longs + 1);
	if (longs == 2)
		PRINT_AS(p, unsigned long long, arg);
	else if (longs == 1)
		PRINT_AS(p, unsigned long, arg);
	else
		PRINT_AS(p, unsigned int, arg);
	return 0;
}

static int print_directive(struct printing *p)
{
	u64 arg;

	if (p->next_arg == ARGS_MAX)
		return -EINVAL;
	arg = p->args[p->next_arg++];
	take_flags_and_width(p);

	switch (*p->pos) {
	case 'p':
		spec_take(p, 1);
		return print_pointer(p, arg);
	case 's':
		spec_take(p, 1);
		return print_string(p, arg, 's');
	case 'c':
		if (!keep(p, 1, 1))
			return -ENOSPC;
		spec_take(p, 1);
		PRINT_AS(p, unsigned int, arg);
		return 0;
	default:
		return print_number(p, arg);
	}
}

static int print_format(struct printing *p)
{
	p->ws->line[0] = '\0';
	while (*p->pos) {
		char c = *p->pos++;
		int err;

		/* Bytes beyond ASCII pass: they may be text of any encoding. */
		if (isascii(c) && !isprint(c) && !isspace(c))
			return -EINVAL;
		if (c != '%' || *p->pos == '%') {
			p->pos += c == '%';
			print_char(p, c);
			continue;
		}
		err = print_directive(p);
		if (err)
			return err;
	}
	return p->len;
}

/* ---- the helper ------------------------------------------------------------------ */

static int copy_format(struct printing *p, const char *fmt, u32 size)
{
	size_t len = strnlen(fmt, size);

	if (len == size || len >= FORMAT_MAX)
		return -EINVAL;
	memcpy(p->ws->format, fmt, len);
	p->ws->format[len] = '\0';
	p->pos = p->ws->format;
	return 0;
}

BPF_CALL_5(bpf_trace_printk, const char *, fmt, u32, size, u64, a, u64, b, u64, c)
{
	struct printing p = { .args = { a, b, c } };
	int level, ret = -EBUSY;

	preempt_disable();
	level = __this_cpu_inc_return(workspaces_used);
	if (level <= NESTING) {
		p.ws = this_cpu_ptr(&workspaces[level - 1]);
		ret = copy_format(&p, fmt, size) ?: print_format(&p);
		if (ret >= 0)
			trace_bpf_trace_printk(p.ws->line);
	}
	__this_cpu_dec(workspaces_used);
	preempt_enable();
	return ret;
}

static const struct bpf_func_proto bpf_trace_printk_proto = {
	.func		= bpf_trace_printk,
	.gpl_only	= true,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_PTR_TO_MEM, ARG_CONST_SIZE },
};

/**
 * bpf_get_trace_printk_proto() - prototype, for a program that will print
 *
 * Turns the event on, so that the text is seen without further ado.
 *
 * Context: process context, may sleep.
 * Return: the prototype.
 */
const struct bpf_func_proto *bpf_get_trace_printk_proto(void)
{
	if (trace_set_clr_event("bpf_trace", "bpf_trace_printk", 1))
		pr_warn_ratelimited("bpf: cannot enable the event of bpf_trace_printk()\n");
	return &bpf_trace_printk_proto;
}
