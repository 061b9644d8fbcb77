// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows of the tables of types: "map_type NUMBER", "prog_type NUMBER CAPS", and
 * what each program type may call, as it says itself when asked for every
 * helper: "helper PROG_TYPE NUMBER gpl|any ARG1..ARG5".
 */
#include "../../../../../../kernel/bpf/types.c"

static const char *const arg_names[__BPF_ARG_TYPE_MAX] = {
	[ARG_NONE]		 = "-",
	[ARG_ANYTHING]		 = "anything",
	[ARG_CONST_MAP_PTR]	 = "map",
	[ARG_PTR_TO_MAP_KEY]	 = "key",
	[ARG_PTR_TO_MAP_VALUE]	 = "value",
	[ARG_PTR_TO_CTX]	 = "ctx",
	[ARG_PTR_TO_MEM]	 = "mem",
	[ARG_PTR_TO_MEM_OR_NULL] = "mem_or_null",
	[ARG_PTR_TO_UNINIT_MEM]	 = "uninit_mem",
	[ARG_CONST_SIZE]	 = "size",
	[ARG_CONST_SIZE_OR_ZERO] = "size_or_zero",
};

static void print_helpers(const struct bpf_prog_type_desc *desc)
{
	for (int id = 0; id < __BPF_FUNC_MAX_ID; id++) {
		const struct bpf_func_proto *proto = desc->ops->get_func_proto(id, NULL);

		if (!proto)
			continue;
		printf("helper %d %d %s", desc->type, id, proto->gpl_only ? "gpl" : "any");
		for (int a = 0; a < MAX_BPF_FUNC_ARGS; a++)
			printf(" %s", arg_names[proto->arg_type[a]] ?: "unnamed");
		printf("\n");
	}
}

void print_types(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(known_map_types); i++)
		printf("map_type %d\n", known_map_types[i].type);
	for (size_t i = 0; i < ARRAY_SIZE(prog_types); i++) {
		printf("prog_type %d %u\n", prog_types[i].type, prog_types[i].caps);
		print_helpers(&prog_types[i]);
	}
}
