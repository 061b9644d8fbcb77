// SPDX-License-Identifier: GPL-2.0-only
/* A load without a kernel. Maps, context and helpers are made up. */
#include "insn_valid.h"
#include "load.h"

struct bpf_map load_maps[LOAD_MAPS] = {
	[MAP_16] = { .map_type = BPF_MAP_TYPE_HASH, .key_size = 4,
		     .value_size = 16 },
	[MAP_48] = { .map_type = BPF_MAP_TYPE_HASH, .key_size = 8,
		     .value_size = 48 },
};

static const struct bpf_func_proto lookup = {
	.ret_type = RET_PTR_TO_MAP_VALUE_OR_NULL,
	.arg_type = { ARG_CONST_MAP_PTR, ARG_PTR_TO_MAP_KEY },
};

static const struct bpf_func_proto update = {
	.ret_type = RET_INTEGER,
	.arg_type = { ARG_CONST_MAP_PTR, ARG_PTR_TO_MAP_KEY,
		      ARG_PTR_TO_MAP_VALUE, ARG_ANYTHING },
};

static const struct bpf_func_proto random_number = { .ret_type = RET_INTEGER };

static const struct bpf_func_proto print = {
	.ret_type = RET_INTEGER,
	.arg_type = { ARG_PTR_TO_MEM, ARG_CONST_SIZE },
};

/* No helper of the kernel fills memory yet; the number is only borrowed. */
static const struct bpf_func_proto fill = {
	.ret_type = RET_INTEGER,
	.arg_type = { ARG_PTR_TO_UNINIT_MEM, ARG_CONST_SIZE_OR_ZERO },
};

static const struct bpf_func_proto *get_proto(enum bpf_func_id id,
					      const struct bpf_prog *prog)
{
	switch (id) {
	case BPF_FUNC_map_lookup_elem:
		return &lookup;
	case BPF_FUNC_map_update_elem:
		return &update;
	case BPF_FUNC_get_prandom_u32:
		return &random_number;
	case BPF_FUNC_trace_printk:
		return &print;
	case BPF_FUNC_get_current_comm:
		return &fill;
	default:
		return NULL;
	}
}

static bool ctx_access(const struct bpf_insn_access *a)
{
	if (a->off % a->size || a->off + a->size > CTX_BYTES)
		return false;
	return a->type == BPF_READ || a->off >= CTX_WRITABLE;
}

static const struct bpf_verifier_ops ops = {
	.get_func_proto = get_proto,
	.is_valid_access = ctx_access,
	.has_packet_loads = true,
};

static void find_maps(struct load *load, struct verifier_env *env)
{
	for (u32 i = 0; i < load->len; i += insn_slots(&env->insns[i]))
		if (opcode_of(&env->insns[i])->kind == INSN_WIDE &&
		    env->insns[i].src_reg == BPF_PSEUDO_MAP_FD)
			env->aux[i].map = &load_maps[env->insns[i].imm];
}

/* Control flow with loops is refused so far; exploration is ready for it. */
int __wrap_reject(struct verifier_env *env, enum verifier_rule rule, int err,
		  const char *fmt, ...);
int __wrap_reject(struct verifier_env *env, enum verifier_rule rule, int err,
		  const char *fmt, ...)
{
	if (rule == RULE_CFG_LOOP && !strncmp(fmt, "back-edge", 9))
		return 0;
	env->log.rule = rule;
	env->log.rejected = true;
	vlog(&env->log, "%s", fmt);
	return err;
}

u32 load_patience = 1 << 20;
static u32 pauses;

bool load_killed(void)
{
	return ++pauses > load_patience / 1024;
}

/* Run the passes up to exploration. */
void load_run(struct load *load, u8 prune, u32 log_level)
{
	struct bpf_prog *prog = calloc(1, sizeof(*prog));
	struct verifier_env env = {
		.prog = prog,
		.ops = &ops,
		.insns = load->insns,
		.len = load->len,
		.aux = load->aux,
		.prune = prune,
		.log = { .level = log_level },
	};

	pauses = 0;
	memset(load->aux, 0, sizeof(load->aux));
	if (log_level) {
		env.log.kbuf_size = env.log.ubuf_size = sizeof(load->log);
		env.log.kbuf = malloc(sizeof(load->log));
		env.log.ubuf = load->log;
	}
	find_maps(load, &env);
	load->err = verifier_layout(&env) ?: verifier_insn_valid(&env) ?:
		    verifier_cfg(&env) ?: verifier_liveness(&env) ?:
		    verifier_explore(&env);
	load->rule = env.log.rule;
	load->steps = env.steps;
	load->stack_depth = env.stack_depth;
	if (log_level)
		vlog_finish(&env.log);
	vlog_free(&env.log);
	free(env.postorder);
	free(env.live_regs);
	free(env.live_stack);
	free(prog);
}

void load_print(const struct load *load)
{
	struct vlog log = { .kbuf_size = 4096, .ubuf_size = 1 << 20 };
	static char text[1 << 20];

	log.level = 1;
	log.ubuf = text;
	log.kbuf = malloc(log.kbuf_size);
	for (u32 i = 0; i < load->len; i += insn_slots(&load->insns[i])) {
		vlog(&log, "%u: ", i);
		vlog_insn(&log, &load->insns[i]);
		vlog(&log, "\n");
	}
	vlog_finish(&log);
	vlog_free(&log);
	fputs(text, stdout);
}
