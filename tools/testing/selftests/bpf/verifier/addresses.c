// SPDX-License-Identifier: GPL-2.0-only
/*
 * No text for user space holds an address of the kernel: programs that handle
 * every kind of pointer, loaded and refused, at every level of the log.
 */
#include "front.h"

#define LOOKUP								\
	ST(BPF_DW, 10, -8, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8),	\
	LD_MAP(1, ARRAY), CALL(BPF_FUNC_map_lookup_elem)
#define ARRAY	(-1)
#define PROGS	(-2)
#define RET	MOV_K(0, 0), EXIT()

static const struct {
	const char *name;
	bool loads;
	const char *says;	/* the log does speak of the pointer */
	struct bpf_insn insns[32];
} cases[] = {
	{ "the context", true, "=ctx", { MOV_X(2, 1), STX(BPF_DW, 10, 1, -8), LDX(BPF_DW, 3, 10, -8), RET } },
	{ "the stack", true, "=fp", { MOV_X(2, 10), ALU_K(BPF_ADD, 2, -16), ST(BPF_DW, 2, 0, 1), RET } },
	{ "a map", true, "=map_ptr", { LD_MAP(1, ARRAY), MOV_X(2, 1), STX(BPF_DW, 10, 1, -8), RET } },
	{ "a value", true, "=map_value", { LOOKUP, JMP_K(BPF_JEQ, 0, 0, 2), LDX(BPF_DW, 1, 0, 0),
					   STX(BPF_DW, 10, 0, -16), RET } },
	{ "a value that may be none", true, "map_value_or_null", { LOOKUP, MOV_X(7, 0), RET } },
	{ "an address among numbers", true, "", { LOOKUP, JMP_K(BPF_JEQ, 0, 0, 2), STX(BPF_DW, 0, 0, 0),
						  LDX(BPF_DW, 1, 0, 0), RET } },
	{ "a difference of addresses", true, "", { MOV_X(2, 10), ALU_X(BPF_SUB, 2, 10), MOV_X(0, 2), EXIT() } },
	{ "32 bits of one", true, "", { MOV32_X(0, 1), EXIT() } },
	{ "an array of programs", true, "=map_ptr", { LD_MAP(2, PROGS), MOV_K(3, 0),
						      CALL(BPF_FUNC_tail_call), RET } },
	{ "a packet load", true, "skb[", { MOV_X(6, 1), LDABS(BPF_W, 0), EXIT() } },
	{ "a map as memory", false, "R1", { LD_MAP(1, ARRAY), LDX(BPF_DW, 0, 1, 0), EXIT() } },
	{ "a map moved", false, "map_ptr", { LD_MAP(1, ARRAY), ALU_K(BPF_ADD, 1, 8), RET } },
	{ "a map for a key", false, "R2 type=map_ptr", { LD_MAP(1, ARRAY), MOV_X(2, 1),
							 CALL(BPF_FUNC_map_lookup_elem), RET } },
	{ "a value, too far", false, "value_size=16", { LOOKUP, JMP_K(BPF_JNE, 0, 0, 1), EXIT(),
							LDX(BPF_DW, 1, 0, 16), RET } },
	{ "a value multiplied", false, "pointer arithmetic", { LOOKUP, JMP_K(BPF_JNE, 0, 0, 1), EXIT(),
							       ALU_K(BPF_MUL, 0, 2), RET } },
	{ "the stack, too far", false, "stack", { ST(BPF_DW, 10, 8, 0), RET } },
	{ "an address of the kernel as a number", false, "R2 invalid mem access 'scalar'",
	  { LD_MAP(1, ARRAY), LD64(2, 0x123456), LDX(BPF_DW, 0, 2, 0), EXIT() } },
};

static size_t prepare(const struct bpf_insn *from, struct bpf_insn *to, int array, int progs)
{
	size_t len = 32;

	memcpy(to, from, len * sizeof(*to));
	while (!to[len - 1].code)
		len--;
	for (size_t i = 0; i < len; i++)
		if (to[i].code == (BPF_LD | BPF_IMM | BPF_DW) && to[i].src_reg == BPF_PSEUDO_MAP_FD)
			to[i].imm = to[i].imm == ARRAY ? array : progs;
	return len;
}

static void check_no_address(const char *what, __u32 level)
{
	char name[128];

	snprintf(name, sizeof(name), "%s, level %u: no address", what, level);
	if (pristine())
		skip(name, "Linux 6.1 shows addresses to whom it lets load maps");
	else if (!ok(!has_kernel_address(prog_log), "%s", name))
		note("%s", prog_log);
}

int main(void)
{
	int array = map_create(BPF_MAP_TYPE_ARRAY, 4, 16, 4, 0);
	int progs = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4, 0);

	/* The search must be able to find one. */
	ok(has_kernel_address("R1 ffff888012345678 x"), "an address is found where there is one");
	ok(has_kernel_address("0xffffffff81000000"), "that of a function too");
	ok(!has_kernel_address("umax=18446744073709551615 0xffffffffffffffff"), "numbers are none");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bpf_insn insns[32];
		size_t len = prepare(cases[i].insns, insns, array, progs);

		for (__u32 level = 1; level <= 7; level++) {
			int fd = prog_load_as(BPF_PROG_TYPE_SOCKET_FILTER, insns, len, "GPL", level);

			ok((fd >= 0) == cases[i].loads, "%s, level %u: %s", cases[i].name, level,
			   cases[i].loads ? "loads" : "is refused");
			if (level == 2)
				is_str(prog_log, cases[i].says, "%s: the log tells of it", cases[i].name);
			check_no_address(cases[i].name, level);
			if (fd >= 0)
				close(fd);
		}
	}
	return finish();
}
