// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transfer functions of calls.
 *
 * Of a helper all a caller may know is in its prototype. Argument registers are
 * gone afterwards, R0 is the result.
 *
 * A function of the program is walked where it is called: it gets a frame of its
 * own, with the arguments and nothing else in its registers, and where it exits the
 * walk goes on behind the call, with R0 of the function and the caller's R6 to R9.
 */
#include "exec.h"
#include "insn_valid.h"
#include "packet.h"

/* Bytes behind a memory argument: a map says so, or the next argument does. */
static u32 memory_size(struct explore *ex, const struct call *call, u32 arg)
{
	switch (call->proto->arg_type[arg]) {
	case ARG_PTR_TO_MAP_KEY:
		return call->map->key_size;
	case ARG_PTR_TO_MAP_VALUE:
		return call->map->value_size;
	case ARG_PTR_TO_MEM:
	case ARG_PTR_TO_MEM_OR_NULL:
	case ARG_PTR_TO_UNINIT_MEM:
		return scalar_umax(&ex->cur->reg[BPF_REG_2 + arg].num);
	default:
		return 0;
	}
}

/* Memory on the stack that the helper reads or writes. */
static void touch_memory(struct explore *ex, const struct call *call)
{
	u32 i;

	for (i = 0; i < MAX_BPF_FUNC_ARGS; i++) {
		const struct vreg *mem = &ex->cur->reg[BPF_REG_1 + i];
		u32 size;

		if (mem->kind != REG_STACK)
			continue;
		size = memory_size(ex, call, i);
		if (call->proto->arg_type[i] == ARG_PTR_TO_UNINIT_MEM)
			exec_fill_stack(ex, mem, scalar_umin(&mem[1].num), size);
		else if (size)
			exec_show_stack(ex, mem, size);
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

	touch_memory(ex, call);
	if (call->proto->moves_packet)
		packet_forget(ex);
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

static void forget_scratch(struct explore *ex)
{
	u32 r;

	for (r = BPF_REG_0; r <= BPF_REG_5; r++)
		ex->cur->reg[r].kind = REG_NONE;
}

/**
 * exec_enter() - Call of a function of the program
 * @ex: The exploration; goes on in the function.
 * @insn: The call; check_enter() has allowed it.
 *
 * Context: Process context, may sleep.
 */
void exec_enter(struct explore *ex, const struct bpf_insn *insn)
{
	u32 target = insn_callee(insn, ex->pc), r;
	struct vframe *caller = ex->cur, *callee = caller + 1;

	ex->st->depth++;
	vframe_init(callee, ex->st->depth, verifier_func_at(ex->env, target), ex->pc);
	for (r = BPF_REG_1; r <= BPF_REG_5; r++)
		callee->reg[r] = caller->reg[r];
	forget_scratch(ex);
	ex->cur = callee;
	ex->next = target;
}

/**
 * exec_exit() - The program, or a function of it, returns
 * @ex: The exploration; goes on behind the call, or ends the path.
 *
 * Context: Process context, may sleep.
 */
void exec_exit(struct explore *ex)
{
	const struct vframe *callee = ex->cur;

	if (!ex->st->depth) {
		ex->next = PC_END;
		return;
	}
	ex->cur = &ex->st->frame[--ex->st->depth];
	ex->next = callee->call + 1;
	ex->cur->reg[BPF_REG_0] = callee->reg[BPF_REG_0];
}
