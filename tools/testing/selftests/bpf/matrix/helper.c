// SPDX-License-Identifier: GPL-2.0-only
/*
 * Matrix: helper x position of an argument x what stands in that register.
 *
 * First every number with all arguments as its prototype wants them (position
 * 0), known or not, granted or not. Then, for those a socket filter is granted,
 * and for what classifiers are granted besides,
 * one register at a time holds each kind of value. The prototypes are the
 * code's; what fits an argument is prepared here by its kind.
 *
 * The stack is zeroed from fp-128 up and never written below. The map has keys of
 * 8 and values of 16 bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include "matrix.h"
#include "helpers.h"

#define KEY_SIZE	8
#define VALUE_SIZE	16
#define STACK_INIT	128

enum kind {
	VALID,
	ZERO, EIGHT, NEGATIVE, BOUNDED, UNKNOWN,
	CTX, CTX_MOVED,
	FP, FP_FULL, FP_SHORT, FP_UNINIT, FP_BELOW, FP_VARIABLE,
	MAP, MAP_VALUE, MAP_VALUE_END, MAP_VALUE_BEFORE, MAP_VALUE_VARIABLE,
	MAP_VALUE_OR_NULL,
	UNINIT,
	KINDS
};

static const char *const kind_names[KINDS] = {
	[VALID] = "valid",
	[ZERO] = "zero", [EIGHT] = "eight", [NEGATIVE] = "negative",
	[BOUNDED] = "bounded", [UNKNOWN] = "unknown",
	[CTX] = "ctx", [CTX_MOVED] = "ctx_moved",
	[FP] = "fp", [FP_FULL] = "fp_full", [FP_SHORT] = "fp_short",
	[FP_UNINIT] = "fp_uninit", [FP_BELOW] = "fp_below", [FP_VARIABLE] = "fp_variable",
	[MAP] = "map", [MAP_VALUE] = "map_value", [MAP_VALUE_END] = "map_value_end",
	[MAP_VALUE_BEFORE] = "map_value_before", [MAP_VALUE_VARIABLE] = "map_value_variable",
	[MAP_VALUE_OR_NULL] = "map_value_or_null",
	[UNINIT] = "uninit",
};

static const struct axis axes[] = {
	{ "helper", helper_names, ARRAY_LEN(helper_names) },
	{ "arg" },
	{ "kind", kind_names, KINDS },
};

/* R6 context, R7 0..UINT_MAX, R8 map value or null, R9 map value. */
enum { R_CTX = 6, R_NUM, R_OR_NULL, R_VALUE };

static struct bpf_insn prog[128];
static int len;
static int map_fd;

static void emit(struct bpf_insn insn)
{
	prog[len++] = insn;
}

static void emit_map(int reg)
{
	const struct bpf_insn two[] = { LD_MAP(reg, map_fd) };

	emit(two[0]);
	emit(two[1]);
}

static void emit_lookup(void)
{
	emit_map(1);
	emit(MOV_X(2, 10));
	emit(ALU_K(BPF_ADD, 2, -8));
	emit(CALL(BPF_FUNC_map_lookup_elem));
}

static void emit_prologue(void)
{
	len = 0;
	emit(MOV_X(R_CTX, 1));
	emit(LDX(BPF_W, R_NUM, 1, 0));
	for (int off = 8; off <= STACK_INIT; off += 8)
		emit(ST(BPF_DW, 10, -off, 0));
	emit_lookup();
	emit(JMP_K(BPF_JNE, 0, 0, 2));
	emit(MOV_K(0, 0));
	emit(EXIT());
	emit(MOV_X(R_VALUE, 0));
	emit_lookup();
	emit(MOV_X(R_OR_NULL, 0));
}

static void emit_sum(int reg, int base, int off)
{
	emit(MOV_X(reg, base));
	if (off)
		emit(ALU_K(BPF_ADD, reg, off));
}

/* R0 is free: no argument stands there. */
static void emit_variable(int reg, int base, int off)
{
	emit_sum(reg, base, off);
	emit(MOV_X(0, R_NUM));
	emit(ALU_K(BPF_AND, 0, 7));
	emit(ALU_X(BPF_ADD, reg, 0));
}

static void emit_number(int reg, enum kind kind)
{
	if (kind == BOUNDED || kind == UNKNOWN) {
		emit(MOV_X(reg, R_NUM));
		if (kind == BOUNDED)
			emit(ALU_K(BPF_AND, reg, 7));
		return;
	}
	emit(MOV_K(reg, kind == ZERO ? 0 : kind == EIGHT ? 8 : -1));
}

static const struct { int base, off; } places[KINDS] = {
	[CTX] = { R_CTX, 0 },
	[CTX_MOVED] = { R_CTX, 8 },
	[FP] = { 10, 0 },
	[FP_FULL] = { 10, -64 },
	[FP_SHORT] = { 10, -4 },
	[FP_UNINIT] = { 10, -400 },
	[FP_BELOW] = { 10, -516 },
	[MAP_VALUE] = { R_VALUE, 0 },
	[MAP_VALUE_END] = { R_VALUE, 12 },
	[MAP_VALUE_BEFORE] = { R_VALUE, -4 },
	[MAP_VALUE_OR_NULL] = { R_OR_NULL, 0 },
};

static void emit_kind(int reg, enum kind kind)
{
	switch (kind) {
	case UNINIT:
		break;
	case MAP:
		emit_map(reg);
		break;
	case FP_VARIABLE:
		emit_variable(reg, 10, -64);
		break;
	case MAP_VALUE_VARIABLE:
		emit_variable(reg, R_VALUE, 0);
		break;
	default:
		if (places[kind].base)
			emit_sum(reg, places[kind].base, places[kind].off);
		else
			emit_number(reg, kind);
	}
}

/* What fits an argument that the prototype calls @want. */
static void emit_valid(int reg, const char *want)
{
	static const struct { const char *want; enum kind kind; } fits[] = {
		{ "-", UNINIT }, { "anything", ZERO }, { "map", MAP }, { "key", FP_FULL },
		{ "value", FP_FULL }, { "ctx", CTX }, { "mem", FP_FULL },
		{ "mem_or_null", FP_FULL }, { "uninit_mem", FP_FULL }, { "size", EIGHT },
		{ "size_or_zero", EIGHT },
	};

	for (size_t i = 0; i < ARRAY_LEN(fits); i++)
		if (!strcmp(fits[i].want, want)) {
			emit_kind(reg, fits[i].kind);
			return;
		}
	printf("Bail out! nothing fits an argument %s\n", want);
	exit(2);
}

static void one(int helper, int type, char *const *wants, int arg, enum kind kind)
{
	const char *text;
	int err;

	emit_prologue();
	for (int a = 1; a <= 5; a++) {
		if (a == arg)
			emit_kind(a, kind);
		else
			emit_valid(a, wants ? wants[a - 1] : "-");
	}
	emit(CALL(helper));
	emit(MOV_K(0, 0));
	emit(EXIT());
	err = matrix_load((__u32)type, prog, len, "GPL", &text);
	matrix_case((int[]){ helper, arg, kind }, err, text);
}

/* Row "helper TYPE NUMBER gpl|any ARG...", or NULL: the type is not granted it. */
static const struct row *granted(int type, int helper)
{
	const struct row *row;

	for (int i = 0; (row = matrix_row("helper", i)); i++)
		if (row_number(row, 0) == type && row_number(row, 1) == helper)
			return row;
	return NULL;
}

/* The type that tries a helper: socket filters, if they may. */
static int type_for(int helper)
{
	return !granted(BPF_PROG_TYPE_SOCKET_FILTER, helper) &&
	       granted(BPF_PROG_TYPE_SCHED_CLS, helper) ? BPF_PROG_TYPE_SCHED_CLS :
							  BPF_PROG_TYPE_SOCKET_FILTER;
}

static void one_number(int helper)
{
	int type = type_for(helper);
	const struct row *row = granted(type, helper);

	one(helper, type, row ? row->words + 3 : NULL, 0, VALID);
}

/* Helpers whose map is of a kind of its own are tested with such maps elsewhere. */
static bool has_own_map(int helper)
{
	return helper == BPF_FUNC_tail_call || helper == BPF_FUNC_perf_event_output;
}

static void all_kinds(const struct row *row)
{
	char *wants[5];
	int helper = row_number(row, 1);

	if (row_number(row, 0) != type_for(helper) || has_own_map(helper))
		return;
	memcpy(wants, row->words + 3, sizeof(wants));
	matrix_group("%s", helper_names[helper]);
	for (int arg = 1; arg <= 5; arg++)
		for (int kind = ZERO; kind < KINDS; kind++)
			one(helper, type_for(helper), wants, arg, kind);
}

int main(void)
{
	matrix_begin("helper", axes, ARRAY_LEN(axes));
	map_fd = map_create(BPF_MAP_TYPE_HASH, KEY_SIZE, VALUE_SIZE, 4, 0);
	if (map_fd < 0) {
		printf("Bail out! no map\n");
		return 2;
	}

	matrix_group("numbers");
	for (int helper = -2; helper <= 300; helper++)
		one_number(helper);
	one_number(INT32_MAX);
	one_number(INT32_MIN);

	for (int i = 0; matrix_row("helper", i); i++)
		all_kinds(matrix_row_or_die("helper", i));
	return matrix_end();
}
