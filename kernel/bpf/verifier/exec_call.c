// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transfer function of helper calls: all a caller may know is in the helper's
 * prototype. Argument registers are gone afterwards, R0 is the result.
 */
#include "exec.h"

/* Memory arguments that the helper writes. Their size is the next argument. */
static void fill_memory(struct explore *ex, const struct bpf_func_proto *proto)
{
	u32 i;

	for (i = 0; i + 1 < MAX_BPF_FUNC_ARGS; i++) {
		const struct vreg *mem = &ex->cur->reg[BPF_REG_1 + i];
		const struct scalar *size = &ex->cur->reg[BPF_REG_2 + i].num;

		if (proto->arg_type[i] == ARG_PTR_TO_UNINIT_MEM &&
		    mem->kind == REG_STACK)
			exec_fill_stack(ex, mem, scalar_umin(size),
					scalar_umax(size));
	}
}

/**
 * exec_call() - Call of a helper
 * @ex: The exploration.
 * @call: What check_call() has allowed.
 *
 * Context: Process context, may sleep.
 */
void exec_call(struct explore *ex, const struct call *call)
{
	struct vreg *result;
	u32 r;

	fill_memory(ex, call->proto);
	for (r = BPF_REG_1; r <= BPF_REG_5; r++)
		exec_dst(ex, r)->kind = REG_NONE;

	result = exec_dst(ex, BPF_REG_0);
	switch (call->proto->ret_type) {
	case RET_PTR_TO_MAP_VALUE_OR_NULL:
		reg_pointer(result, REG_MAP_VALUE_OR_NULL, call->map);
		result->id = ++ex->last_id;
		break;
	case RET_INTEGER:
		exec_set_unknown(ex, BPF_REG_0, 8, false);
		break;
	default:
		result->kind = REG_NONE;
	}
}
