// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows "opcode KIND DST SRC OFF IMM CODES": opcodes whose fields mean the same
 * share one. The numbers are those of enum insn_kind and so on.
 */
#include "../../../../../../kernel/bpf/verifier/insn_valid.c"

static const char *const use_names[] = { "none", "read", "write", "both", "tag" };
static const char *const off_names[] = { "zero", "any", "signed", "sext" };
static const char *const imm_names[] = { "zero", "any", "divisor", "shift", "swap", "atomic" };

static bool same(int a, int b)
{
	return !memcmp(&opcode_table[a], &opcode_table[b], sizeof(opcode_table[a]));
}

void print_opcodes(void)
{
	bool done[256] = {};

	for (int code = 0; code < 256; code++) {
		const struct opcode *op = &opcode_table[code];
		const char *sep = "";

		if (op->kind == INSN_UNKNOWN || done[code])
			continue;
		printf("opcode %s %s %s %s %s ", kind_names[op->kind], use_names[op->dst],
		       use_names[op->src], off_names[op->off], imm_names[op->imm]);
		for (int other = code; other < 256; other++) {
			if (!same(code, other))
				continue;
			done[other] = true;
			printf("%s%02x", sep, other);
			sep = ",";
		}
		printf("\n");
	}
}
