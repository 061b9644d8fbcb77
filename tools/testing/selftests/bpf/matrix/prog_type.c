// SPDX-License-Identifier: GPL-2.0-only
/*
 * Matrix: number of a program type x number of a helper.
 *
 * Which types there are and what each may call is the code's: kernel/bpf/types.c
 * and the types' own tables. A program makes one call with nothing but its
 * context in R1, so a helper that is granted may still refuse its arguments.
 */
#include "matrix.h"
#include "helpers.h"

#define TYPES	41
#define HELPERS	221

static const struct axis axes[] = {
	{ "type" },
	{ "helper", helper_names, ARRAY_LEN(helper_names) },
};

static void one(int type, int helper)
{
	const struct bpf_insn prog[] = { CALL(helper), MOV_K(0, 0), EXIT() };
	const char *text;
	int err = matrix_load(type, prog, ARRAY_LEN(prog), "GPL", &text);

	matrix_case((int[]){ type, helper }, err, text);
}

int main(void)
{
	matrix_begin("prog_type", axes, ARRAY_LEN(axes));
	for (int type = 0; type < TYPES; type++) {
		matrix_group("type %d", type);
		for (int helper = 0; helper < HELPERS; helper++)
			one(type, helper);
	}
	return matrix_end();
}
