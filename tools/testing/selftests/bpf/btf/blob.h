/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Type information from text, a case a line, and what Linux 6.1 says of it:
 *
 *	NAME | ERRNO | LAST LINE OF THE LOG | RECORDS
 *
 * ERRNO is a name without its E, or OK. \t in the log is a tab. A record is
 *
 *	KIND[.k][*VLEN] NAME WORD WORDS...
 *
 * where KIND is a name, or K and a number, .k sets the kind flag, WORD is the size or the
 * type, and WORDS is all that follows the record. A name, and any word, is a number or a text in quotes, which is
 * put into the section of strings; \xNN is a byte in it. Types get numbers from 1. The
 * rest is for what is not a record:
 *
 *	info=N		the info word of the record before, instead of its kind
 *	@FIELD=N	a field of the header, instead of the right one
 *	@pad=HEX @tail=HEX @strings=HEX	bytes behind the header, behind all, as strings
 *	@cut=N		only the first N bytes
 *	@zeros=N	a section of strings of N zeroes
 *	@hex=HEX	all of it
 */
#ifndef _BTF_BLOB_H
#define _BTF_BLOB_H

#include <ctype.h>
#include <errno.h>
#include <linux/btf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOB_MAX	(20u << 20)

struct blob {
	unsigned char *data;
	size_t size;
};

struct blob_case {
	char name[128];
	int err;
	char last[400];
	struct blob blob;
};

/* What is being put together. */
struct blob_text {
	uint32_t *types;
	size_t words;
	char *strings;
	size_t strings_len;
	struct btf_header h;
	unsigned int set;		/* bits of the header's fields that are given */
	unsigned char pad[64], tail[64];
	size_t pad_len, tail_len, cut;
	unsigned char *raw;
	size_t raw_len;
};

static const char *const blob_kinds[] = {
	"UNKN", "INT", "PTR", "ARRAY", "STRUCT", "UNION", "ENUM", "FWD", "TYPEDEF",
	"VOLATILE", "CONST", "RESTRICT", "FUNC", "FUNC_PROTO", "VAR", "DATASEC", "FLOAT",
	"DECL_TAG", "TYPE_TAG", "ENUM64",
};

static const struct {
	const char *name;
	int err;
} blob_errors[] = {
	{ "OK", 0 }, { "INVAL", EINVAL }, { "2BIG", E2BIG }, { "EXIST", EEXIST },
	{ "NOTSUPP", 524 },
};

static inline void blob_die(const char *what, const char *where)
{
	fprintf(stderr, "blob: %s: %.60s\n", what, where);
	exit(2);
}

static inline void *blob_room(size_t size)
{
	void *room = malloc(size);

	if (!room)
		blob_die("no memory", "");
	return room;
}

static inline unsigned int blob_digit(int c)
{
	return isdigit(c) ? c - '0' : (c | 32) - 'a' + 10;
}

static inline size_t blob_hex(const char *at, unsigned char *to)
{
	size_t n = 0;

	for (; isxdigit(at[0]) && isxdigit(at[1]); at += 2)
		to[n++] = blob_digit(at[0]) << 4 | blob_digit(at[1]);
	return n;
}

/* The offset of a text, which is new or is the same as a whole one before. */
static inline uint32_t blob_string(struct blob_text *b, const char **at)
{
	char text[4096];
	size_t len = 0, off;

	for ((*at)++; **at && **at != '\''; (*at)++) {
		if (!strncmp(*at, "\\x", 2)) {
			text[len++] = blob_digit((*at)[2]) << 4 | blob_digit((*at)[3]);
			*at += 3;
		} else {
			text[len++] = **at;
		}
	}
	(*at)++;
	text[len] = 0;
	for (off = 0; off < b->strings_len; off += strlen(b->strings + off) + 1)
		if (!strcmp(b->strings + off, text))
			return off;
	memcpy(b->strings + b->strings_len, text, len + 1);
	b->strings_len += len + 1;
	return off;
}

static inline uint32_t blob_word(struct blob_text *b, const char **at)
{
	char *end;
	uint32_t n;

	while (**at == ' ')
		(*at)++;
	if (**at == '\'')
		return blob_string(b, at);
	n = strtoll(*at, &end, 0);
	if (end == *at)
		blob_die("not a word", *at);
	*at = end;
	return n;
}

static inline int blob_field(struct blob_text *b, const char *at)
{
	static const char *const names[] = {
		"magic=", "version=", "flags=", "hdr_len=", "type_off=", "type_len=",
		"str_off=", "str_len=",
	};
	unsigned int i;

	for (i = 0; i < 8; i++) {
		size_t len = strlen(names[i]);
		uint32_t n;

		if (strncmp(at, names[i], len))
			continue;
		n = strtoll(at + len, NULL, 0);
		if (i == 0)
			b->h.magic = n;
		else if (i == 1)
			b->h.version = n;
		else if (i == 2)
			b->h.flags = n;
		else
			(&b->h.hdr_len)[i - 3] = n;
		b->set |= 1u << i;
		return 1;
	}
	return 0;
}

static inline void blob_option(struct blob_text *b, const char **at)
{
	const char *o = *at + 1;

	if (!strncmp(o, "pad=", 4)) {
		b->pad_len = blob_hex(o + 4, b->pad);
	} else if (!strncmp(o, "tail=", 5)) {
		b->tail_len = blob_hex(o + 5, b->tail);
	} else if (!strncmp(o, "strings=", 8)) {
		b->strings_len = blob_hex(o + 8, (unsigned char *)b->strings);
	} else if (!strncmp(o, "cut=", 4)) {
		b->cut = strtoul(o + 4, NULL, 0) + 1;
	} else if (!strncmp(o, "zeros=", 6)) {
		b->strings_len = strtoul(o + 6, NULL, 0);
		memset(b->strings, 0, b->strings_len);
	} else if (!strncmp(o, "hex=", 4)) {
		b->raw = blob_room(strlen(o));
		b->raw_len = blob_hex(o + 4, b->raw);
	} else if (!blob_field(b, o)) {
		blob_die("unknown option", *at);
	}
	*at += strcspn(*at, " \n");
}

static inline void blob_record(struct blob_text *b, const char **at)
{
	size_t len = strcspn(*at, " .*");
	uint32_t kind, info;
	size_t head;

	if (**at == 'K') {
		kind = strtoul(*at + 1, NULL, 0);
	} else {
		for (kind = 0; kind < 20; kind++)
			if (strlen(blob_kinds[kind]) == len &&
			    !strncmp(blob_kinds[kind], *at, len))
				break;
		if (kind == 20)
			blob_die("unknown kind", *at);
	}
	*at += len;
	info = kind << 24;
	if (!strncmp(*at, ".k", 2)) {
		info |= 1u << 31;
		*at += 2;
	}
	if (**at == '*')
		info |= strtoul(*at + 1, (char **)at, 0);
	head = b->words;
	b->types[b->words++] = blob_word(b, at);
	b->types[b->words++] = info;
	b->types[b->words++] = blob_word(b, at);
	for (;;) {
		while (**at == ' ')
			(*at)++;
		if (!strncmp(*at, "info=", 5)) {
			b->types[head + 1] = strtoul(*at + 5, (char **)at, 0);
		} else if (**at == '\'' || **at == '-' || isdigit(**at)) {
			b->types[b->words] = blob_word(b, at);
			b->words++;
		} else {
			return;
		}
	}
}

static inline void blob_finish(struct blob_text *b, struct blob *blob)
{
	struct btf_header *h = &b->h;
	unsigned char *to;

	if (b->raw) {
		blob->data = b->raw;
		blob->size = b->raw_len;
		return;
	}
	if (!(b->set & 1))
		h->magic = BTF_MAGIC;
	if (!(b->set & 2))
		h->version = BTF_VERSION;
	if (!(b->set & 8))
		h->hdr_len = sizeof(*h);
	if (!(b->set & 32))
		h->type_len = b->words * 4;
	if (!(b->set & 64))
		h->str_off = b->words * 4;
	if (!(b->set & 128))
		h->str_len = b->strings_len;
	blob->size = sizeof(*h) + b->pad_len + b->words * 4 + b->strings_len + b->tail_len;
	blob->data = to = blob_room(blob->size + 1);
	memcpy(to, h, sizeof(*h));
	to += sizeof(*h);
	memcpy(to, b->pad, b->pad_len);
	to += b->pad_len;
	memcpy(to, b->types, b->words * 4);
	to += b->words * 4;
	memcpy(to, b->strings, b->strings_len);
	memcpy(to + b->strings_len, b->tail, b->tail_len);
	if (b->cut)
		blob->size = b->cut - 1;
}

/* The blob that a text describes; free() its data. */
static inline struct blob blob_make(const char *at)
{
	static struct blob_text b;
	struct blob blob;

	memset(&b, 0, sizeof(b));
	/* Nothing is read that was not written: to clear so much takes longer than a load. */
	b.types = blob_room(BLOB_MAX);
	b.strings = blob_room(BLOB_MAX);
	b.strings[0] = 0;
	b.strings_len = 1;
	while (*at && *at != '\n') {
		if (*at == ' ')
			at++;
		else if (*at == '@')
			blob_option(&b, &at);
		else
			blob_record(&b, &at);
	}
	blob_finish(&b, &blob);
	free(b.types);
	free(b.strings);
	return blob;
}

/* A part of a line, up to the next bar; leading and trailing blanks go. */
static inline char *blob_part(char **line)
{
	char *part = *line + strspn(*line, " "), *end = strstr(part, " |");

	if (!end)
		blob_die("a part is missing", *line);
	*line = end + 2;
	*end = 0;
	return part;
}

static inline void blob_last(char *to, const char *from)
{
	for (; *from; from++) {
		if (from[0] == '\\' && from[1] == 't') {
			*to++ = '\t';
			from++;
		} else if (from[0] == '\\' && from[1] == 'x') {
			*to++ = blob_digit(from[2]) << 4 | blob_digit(from[3]);
			from += 3;
		} else {
			*to++ = *from;
		}
	}
	*to = 0;
}

/* The next case of a list; 0 at its end. */
static inline int blob_next(FILE *list, struct blob_case *c)
{
	static char *line;
	static size_t room;
	unsigned int i;
	char *at, *err;

	do {
		if (getline(&line, &room, list) < 0)
			return 0;
	} while (*line == '#' || *line == '\n');
	at = line;
	snprintf(c->name, sizeof(c->name), "%s", blob_part(&at));
	err = blob_part(&at);
	for (i = 0; i < sizeof(blob_errors) / sizeof(*blob_errors); i++)
		if (!strcmp(blob_errors[i].name, err))
			break;
	if (i == sizeof(blob_errors) / sizeof(*blob_errors))
		blob_die("unknown error", err);
	c->err = blob_errors[i].err;
	blob_last(c->last, blob_part(&at));
	c->blob = blob_make(at);
	return 1;
}

/* The last line of a log, without its end. */
static inline const char *blob_last_line(char *log)
{
	size_t len = strlen(log);
	char *start;

	if (len && log[len - 1] == '\n')
		log[len - 1] = 0;
	start = strrchr(log, '\n');
	return start ? start + 1 : log;
}

#endif
