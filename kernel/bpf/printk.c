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
#define STRING_MAX	512	/* of one %s */
#define WIDTH_MAX	4	/* digits: no line needs more, printf gets slow */
#define ARGS_MAX	3
#define NESTING		4

struct workspace {
	char line[LINE_MAX];
	char format[FORMAT_MAX];
	char string[STRING_MAX];
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
 */
struct printing {
	struct workspace *ws;
	const char *pos;
	size_t len;
	u64 args[ARGS_MAX];
	unsigned int next_arg;
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
	(p)->len += snprintf(end_, room_, (p)->ws->spec, (type)(value));	\
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

/* ---- directives ---------------------------------------------------------------- */

static bool ends_word(char c)
{
	return !c || isspace(c) || ispunct(c);
}

/* Move @n characters of the directive over to spec. */
static bool spec_take(struct printing *p, size_t n)
{
	char *spec = p->ws->spec;
	size_t have = strlen(spec);

	if (have + n >= sizeof(p->ws->spec))
		return false;
	memcpy(spec + have, p->pos, n);
	spec[have + n] = '\0';
	p->pos += n;
	return true;
}

static bool take_flags_and_width(struct printing *p)
{
	size_t n = strspn(p->pos, "0+- ");

	if (!spec_take(p, n))
		return false;
	n = strspn(p->pos, "0123456789");
	return n <= WIDTH_MAX && spec_take(p, n);
}

/* The text behind a pointer; unreadable memory prints as nothing. */
static int print_string(struct printing *p, u64 addr, char space)
{
	const void *ptr = (const void *)(unsigned long)addr;
	char *string = p->ws->string;
	bool is_user = space == 'u';
	long n;

	if (!ends_word(*p->pos))
		return -EINVAL;
	if (space == 's')
		is_user = (unsigned long)addr < TASK_SIZE;

	if (is_user)
		n = strncpy_from_user_nofault(string, (const void __user *)ptr,
					      STRING_MAX);
	else
		n = strncpy_from_kernel_nofault(string, ptr, STRING_MAX);
	if (n < 0)
		string[0] = '\0';
	PRINT_AS(p, const char *, string);
	return 0;
}

/* printf() takes whatever letters follow a pointer for its kind; so do we. */
static void skip_kind(struct printing *p)
{
	while (isalnum(*p->pos))
		p->pos++;
}

static int print_ip(struct printing *p, u64 addr)
{
	size_t size = p->pos[1] == '4' ? 4 : 16;
	u8 ip[16];

	if (p->pos[1] != '4' && p->pos[1] != '6')
		return -EINVAL;
	if (copy_from_kernel_nofault(ip, (void *)(unsigned long)addr, size))
		memset(ip, 0, size);
	if (!spec_take(p, 2))
		return -EINVAL;
	PRINT_AS(p, const void *, ip);
	skip_kind(p);
	return 0;
}

/* What follows %p: nothing, or what kind of address it is. */
static int print_pointer(struct printing *p, u64 arg)
{
	char kind = p->pos[0];

	if ((kind == 'k' || kind == 'u') && p->pos[1] == 's') {
		p->pos += 2;
		p->ws->spec[strlen(p->ws->spec) - 1] = 's';
		return print_string(p, arg, kind);
	}
	if (kind == 'i' || kind == 'I')
		return print_ip(p, arg);
	if (!ends_word(kind)) {
		if (!strchr("KxsSB", kind) || !spec_take(p, 1))
			return -EINVAL;
	}
	PRINT_AS(p, void *, (unsigned long)arg);
	skip_kind(p);
	return 0;
}

static int print_number(struct printing *p, u64 arg)
{
	unsigned int longs = strspn(p->pos, "l");

	if (longs > 2 || !p->pos[longs] || !strchr("diuxX", p->pos[longs]) ||
	    !spec_take(p, longs + 1))
		return -EINVAL;
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

	strcpy(p->ws->spec, "%");
	if (!take_flags_and_width(p))
		return -EINVAL;

	switch (*p->pos) {
	case 'p':
		return spec_take(p, 1) ? print_pointer(p, arg) : -EINVAL;
	case 's':
		return spec_take(p, 1) ? print_string(p, arg, 's') : -EINVAL;
	case 'c':
		if (!spec_take(p, 1))
			return -EINVAL;
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
