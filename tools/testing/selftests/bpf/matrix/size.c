// SPDX-License-Identifier: GPL-2.0-only
/*
 * Matrix: command of bpf(2) x how much attribute there is, and where.
 *
 *	size N	a call that works, said to be N bytes long; zeroes follow
 *	byte N	byte N is 1, behind what the command reads; length 256
 *	attr X	the attribute lies where it cannot, or only partly, be read
 *	number	commands by number, with an attribute of zeroes
 */
#include "attr.h"

enum { SIZE, BYTE, ATTR, NUMBER, PARTS };
enum { AT_NULL, AT_NULL_EMPTY, AT_KERNEL, AT_NOWHERE, AT_END, AT_END_SHORT, AT_ODD, PLACES };

static const char *const part_names[] = { "size", "byte", "attr", "number" };
static const char *command_names[REQUESTS + 1];

static const struct axis axes[] = {
	{ "command", command_names, REQUESTS + 1 },
	{ "part", part_names, PARTS },
	{ "n" },
};

#define ANY_COMMAND	REQUESTS

/* Longer than any attribute, shorter than an area. */
static char *const buffer = (char *)AREA(AREA_ATTR);

static void fill(int request)
{
	memset(buffer, 0, 8192);
	requests[request].fill((union bpf_attr *)buffer);
}

static void run(int request, int part, int n, const void *attr, unsigned int size)
{
	int err = request_run(request_number(&requests[request]), attr, size);

	matrix_case((int[]){ request, part, n }, err, "");
}

static void sizes(int request)
{
	static const int more[] = { 255, 256, 4095, 4096, 4097, INT32_MAX, INT32_MIN, -1 };

	for (int n = 0; n <= 200; n++) {
		fill(request);
		run(request, SIZE, n, buffer, n);
	}
	for (size_t i = 0; i < ARRAY_LEN(more); i++) {
		fill(request);
		run(request, SIZE, more[i], buffer, more[i]);
	}
}

static int attr_end(const struct request *r)
{
	const struct row *row;

	for (int i = 0; (row = matrix_row("command", i)); i++)
		if (!strcmp(row->words[1], r->name))
			return row_number(row, 2);
	die(r->name);
	return 0;
}

static void bytes(int request)
{
	for (int n = attr_end(&requests[request]); n < 256; n++) {
		fill(request);
		buffer[n] = 1;
		run(request, BYTE, n, buffer, 256);
	}
}

static void places(int request)
{
	unsigned int size = sizeof(union bpf_attr);
	char *end = (char *)AREA(AREA_ATTR) + AREA_SIZE;

	run(request, ATTR, AT_NULL, NULL, size);
	run(request, ATTR, AT_NULL_EMPTY, NULL, 0);
	run(request, ATTR, AT_KERNEL, (void *)0xffff888000000000UL, size);
	run(request, ATTR, AT_NOWHERE, end + AREA_SIZE, size);
	fill(request);
	memcpy(end - 64, buffer, 64);
	run(request, ATTR, AT_END, end - 64, size);
	run(request, ATTR, AT_END_SHORT, end - 64, 64);
	memmove(buffer + 1, buffer, 256);
	run(request, ATTR, AT_ODD, buffer + 1, size);
}

static void numbers(void)
{
	static const int more[] = { INT32_MAX, INT32_MIN, -1, 0x100, 0x10005 };
	int err;

	matrix_group("numbers of commands");
	memset(buffer, 0, 256);
	for (int n = 0; n < 64; n++) {
		err = request_run(n, buffer, sizeof(union bpf_attr));
		matrix_case((int[]){ ANY_COMMAND, NUMBER, n }, err, "");
	}
	for (size_t i = 0; i < ARRAY_LEN(more); i++) {
		err = request_run(more[i], buffer, sizeof(union bpf_attr));
		matrix_case((int[]){ ANY_COMMAND, NUMBER, more[i] }, err, "");
	}
}

int main(void)
{
	for (int r = 0; r < REQUESTS; r++)
		command_names[r] = requests[r].variant;
	command_names[ANY_COMMAND] = "any";
	matrix_begin("size", axes, ARRAY_LEN(axes));
	requests_cover_commands();
	attr_setup();
	for (int r = 0; r < REQUESTS; r++) {
		matrix_group("%s, size", requests[r].variant);
		sizes(r);
		matrix_group("%s, bytes it does not know", requests[r].variant);
		bytes(r);
		matrix_group("%s, place", requests[r].variant);
		places(r);
	}
	numbers();
	return matrix_end();
}
