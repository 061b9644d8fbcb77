// SPDX-License-Identifier: GPL-2.0-only
/* Rows "map_helper MAP_TYPE NUMBER...": the helpers a map may be given to. */
#include "../../../../../../kernel/bpf/verifier/check_call.c"

void print_helper_rules(void)
{
	for (size_t type = 0; type < ARRAY_SIZE(map_funcs); type++) {
		if (!map_funcs[type])
			continue;
		printf("map_helper %zu", type);
		for (int id = 0; id < 64; id++)
			if (map_funcs[type] >> id & 1)
				printf(" %d", id);
		printf("\n");
	}
}
