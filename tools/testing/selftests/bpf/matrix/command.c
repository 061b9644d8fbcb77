// SPDX-License-Identifier: GPL-2.0-only
/*
 * Matrix: command of bpf(2) x field of its attribute x what is wrong with it.
 *
 * Commands are the code's table; fields are those of the structure in union
 * bpf_attr that a command reads, with their places. Each case takes a call that
 * works and breaks one field: every bit of it flipped, edge values, descriptors of
 * other things, addresses that lead nowhere. What comes out when nothing breaks is
 * the fault "none".
 */
#include "attr.h"

enum fault {
	BIT_0,
	BIT_LAST = 63,
	NONE, ZERO, ONE, ALL_ONES, MOST, LEAST,
	FD_FAULTS, FD_NO = FD_FAULTS, FD_OF_PROG, FD_OF_MAP, FD_OF_FILE, FD_OF_SOCKET,
	PTR_FAULTS, PTR_KERNEL = PTR_FAULTS, PTR_NOWHERE, PTR_END, PTR_READONLY,
	NAME_FAULTS, NAME_LONGEST = NAME_FAULTS, NAME_NO_END, NAME_SPACE, NAME_SLASH, NAME_DOT,
	NAME_CONTROL, NAME_LATIN,
	FAULTS
};

static const char *fault_names[FAULTS] = {
	[NONE] = "none", [ZERO] = "zero", [ONE] = "one", [ALL_ONES] = "all_ones",
	[MOST] = "most", [LEAST] = "least",
	[FD_NO] = "fd_closed", [FD_OF_PROG] = "fd_prog", [FD_OF_MAP] = "fd_map",
	[FD_OF_FILE] = "fd_file", [FD_OF_SOCKET] = "fd_socket",
	[PTR_KERNEL] = "ptr_kernel", [PTR_NOWHERE] = "ptr_nowhere", [PTR_END] = "ptr_end",
	[PTR_READONLY] = "ptr_readonly",
	[NAME_LONGEST] = "longest", [NAME_NO_END] = "no_end", [NAME_SPACE] = "space",
	[NAME_SLASH] = "slash", [NAME_DOT] = "dot", [NAME_CONTROL] = "control",
	[NAME_LATIN] = "latin",
};

#define MAX_FIELDS	96

static const char *variants[REQUESTS], *fields[MAX_FIELDS];
static int fields_n;

static struct axis axes[] = {
	{ "command", variants, REQUESTS },
	{ "field", fields },
	{ "fault", fault_names, FAULTS },
};

static const __u64 fault_values[FAULTS] = {
	[ZERO] = 0, [ONE] = 1, [ALL_ONES] = ~0ULL,
	[FD_NO] = FD_CLOSED, [FD_OF_PROG] = FD_PROG, [FD_OF_MAP] = FD_MAP,
	[FD_OF_FILE] = FD_FILE, [FD_OF_SOCKET] = FD_SOCKET,
	[PTR_KERNEL] = 0xffff888000000000ULL,
	[PTR_NOWHERE] = AREA(AREA_KEY) + 2 * AREA_SIZE,
	[PTR_END] = AREA(AREA_VALUE) + AREA_SIZE - 2,
	[PTR_READONLY] = AREA(AREA_READONLY),
};

/* Longer than the field is cut off. */
static const char *const name_values[FAULTS] = {
	[NAME_LONGEST] = "fifteen_chars__", [NAME_NO_END] = "sixteen_chars___",
	[NAME_SPACE] = "a b", [NAME_SLASH] = "a/b", [NAME_DOT] = "a.b_C9",
	[NAME_CONTROL] = "a\1", [NAME_LATIN] = "\xe9t\xe9",
};

static int field_number(const char *name)
{
	for (int i = 0; i < fields_n; i++)
		if (!strcmp(fields[i], name))
			return i;
	if (fields_n == MAX_FIELDS)
		die("too many fields");
	fields[fields_n] = strdup(name);
	axes[1].count = fields_n + 1;
	return fields_n++;
}

static void names_setup(void)
{
	const struct row *row;
	char bit[16];

	for (int i = BIT_0; i <= BIT_LAST; i++) {
		snprintf(bit, sizeof(bit), "bit%d", i);
		fault_names[i] = strdup(bit);
	}
	for (int r = 0; r < REQUESTS; r++) {
		variants[r] = requests[r].variant;
		for (int i = 0; (row = matrix_row(requests[r].fields, i)); i++)
			field_number(row->words[0]);
	}
}

/* Does the fault mean anything for a field of this size? */
static bool fits(enum fault fault, int size)
{
	if (fault == NONE)
		return true;
	if (size == BPF_OBJ_NAME_LEN)
		return fault >= NAME_FAULTS;
	if (fault <= BIT_LAST)
		return fault < size * 8;
	if (fault < FD_FAULTS)
		return true;
	return size == 4 ? fault < PTR_FAULTS : fault >= PTR_FAULTS && fault < NAME_FAULTS;
}

/*
 * A map of millions of elements may be made or not, as memory happens to be: not
 * asked. Nor for runs that take minutes.
 */
static bool is_chance(const char *field, enum fault fault)
{
	if (!strcmp(field, "repeat") &&
	    ((fault >= 12 && fault <= BIT_LAST) || fault == ALL_ONES || fault == MOST ||
	     fault == LEAST))
		return true;
	return !strcmp(field, "max_entries") && fault >= 18 && fault <= 27;
}

static void break_number(void *at, int size, enum fault fault)
{
	__u64 value = 0;

	memcpy(&value, at, size);
	if (fault <= BIT_LAST)
		value ^= 1ULL << fault;
	else if (fault == MOST)
		value = ~0ULL >> (65 - size * 8);
	else if (fault == LEAST)
		value = 1ULL << (size * 8 - 1);
	else if (fault != NONE)
		value = fault_values[fault];
	memcpy(at, &value, size);
}

static void break_field(void *at, int size, enum fault fault)
{
	if (size == BPF_OBJ_NAME_LEN && fault != NONE)
		memcpy(at, name_values[fault], strnlen(name_values[fault], size));
	else if (size <= 8)
		break_number(at, size, fault);
}

static void one(int request, const char *field, int off, int size, enum fault fault)
{
	union bpf_attr a;
	int err;

	memset(&a, 0, sizeof(a));
	requests[request].fill(&a);
	break_field((char *)&a + off, size, fault);
	err = request_run(request_number(&requests[request]), &a, sizeof(a));
	matrix_case((int[]){ request, field_number(field), fault }, err, "");
}

static void all_faults(int request, const struct row *row)
{
	char field[64];
	int off = row_number(row, 1), size = row_number(row, 2);

	snprintf(field, sizeof(field), "%s", row->words[0]);
	matrix_group("%s, field %s", requests[request].variant, field);
	for (int fault = 0; fault < FAULTS; fault++)
		if (fits(fault, size) && !is_chance(field, fault))
			one(request, field, off, size, fault);
}

int main(void)
{
	const struct row *row;

	names_setup();
	matrix_begin("command", axes, ARRAY_LEN(axes));
	requests_cover_commands();
	attr_setup();
	for (int r = 0; r < REQUESTS; r++)
		for (int i = 0; (row = matrix_row(requests[r].fields, i)); i++)
			all_faults(r, row);
	return matrix_end();
}
