// SPDX-License-Identifier: GPL-2.0-only
/*
 * A load without a kernel. The passes are the kernel's, called by the kernel's
 * bpf_check(); this file is what they ask of the kernel: descriptors, memory of
 * programs, and the model, a program type that has what the real ones lack.
 *
 * By the linker's --wrap it looks in between the passes: which way of pruning
 * is set before the first, and what was found out is copied before the last.
 */
#include <sys/uio.h>
#include <unistd.h>

#include "../map_freeze.h"
#include "../tail_sites.h"
#include "insn_valid.h"
#include "load.h"

struct bpf_map load_maps[LOAD_MAX_FDS] = {
	[MAP_16] = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
		     .value_size = 16, .max_entries = 8 },
	[MAP_48] = { .map_type = BPF_MAP_TYPE_HASH, .key_size = 8,
		     .value_size = 48 },
	[MAP_PROGS] = { .map_type = BPF_MAP_TYPE_PROG_ARRAY, .key_size = 4,
			.value_size = 4, .max_entries = 4 },
	[MAP_OTHER_PROGS] = { .map_type = BPF_MAP_TYPE_PROG_ARRAY, .key_size = 4,
			      .value_size = 4, .max_entries = 5 },
	[MAP_ONE] = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
		      .value_size = 32, .max_entries = 1 },
	[MAP_CONSTANT] = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4,
			   .value_size = 32, .max_entries = 1,
			   .map_flags = BPF_F_RDONLY_PROG, .writers = { MAP_FROZEN } },
};

/* ---- values ---------------------------------------------------------------------- */

/* What MAP_CONSTANT holds: numbers that are compared with, signs, all of a word. */
static u8 constants[32] = {
	5, 0, 0, 0, 15, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0, 0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0x80, 16, 8, 7, 0xff, 0x7f,
};

static u8 *values[LOAD_MAX_FDS] = { [MAP_CONSTANT] = constants };

u8 *load_value(const struct bpf_map *map)
{
	u8 **value = &values[map - load_maps];

	if (!*value)
		*value = calloc(1, map->value_size);
	return *value;
}

void load_forget_value(const struct bpf_map *map)
{
	u8 **value = &values[map - load_maps];

	if (*value != constants)
		free(*value);
	*value = NULL;
}

static struct load *loading;
static u8 pruning;

/* ---- the model ------------------------------------------------------------------ */

/* Never called: a lowered call only has to lead somewhere. */
u64 __bpf_call_base(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	return 0;
}

static const struct bpf_func_proto print = {
	.func = __bpf_call_base,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg_type = { ARG_PTR_TO_MEM, ARG_CONST_SIZE },
};

/* No helper of the kernel fills memory yet; the number is only borrowed. */
static const struct bpf_func_proto fill = {
	.func = __bpf_call_base,
	.ret_type = RET_INTEGER,
	.arg_type = { ARG_PTR_TO_UNINIT_MEM, ARG_CONST_SIZE_OR_ZERO },
};

/* Of those that move the packet, one that takes memory too. */
static const struct bpf_func_proto store = {
	.func = __bpf_call_base,
	.moves_packet = true,
	.ret_type = RET_INTEGER,
	.arg_type = { ARG_PTR_TO_CTX, ARG_ANYTHING, ARG_PTR_TO_MEM, ARG_CONST_SIZE },
};

/* Lowering makes an instruction of it. */
const struct bpf_func_proto bpf_tail_call_proto = {
	.ret_type = RET_VOID,
	.arg_type = { ARG_PTR_TO_CTX, ARG_CONST_MAP_PTR, ARG_ANYTHING },
};

const struct bpf_func_proto *bpf_get_trace_printk_proto(void)
{
	return &print;
}

static const struct bpf_func_proto *get_proto(enum bpf_func_id id,
					      const struct bpf_prog *prog)
{
	if (id == BPF_FUNC_get_current_comm)
		return &fill;
	if (id == BPF_FUNC_skb_store_bytes)
		return &store;
	return sk_filter_verifier_ops.get_func_proto(id, prog);
}

static bool ctx_access(const struct bpf_insn_access *a)
{
	if (a->off % a->size || a->off + a->size > CTX_BYTES)
		return false;
	if (a->off >= CTX_DATA && a->off < CTX_DATA_META + 4)
		return a->type == BPF_READ && a->size == 4;
	return a->type == BPF_READ || a->off >= CTX_WRITABLE;
}

static enum bpf_ctx_value ctx_value(const struct bpf_insn_access *a)
{
	switch (a->off) {
	case CTX_DATA:
		return BPF_CTX_PACKET;
	case CTX_DATA_END:
		return BPF_CTX_PACKET_END;
	case CTX_DATA_META:
		return BPF_CTX_PACKET_META;
	default:
		return BPF_CTX_NUMBER;
	}
}

/* A number that no program has. */
#define PROLOGUE	0x5eed0001

static unsigned int packet_prologue(struct bpf_insn *out)
{
	*out = BPF_MOV64_IMM(BPF_REG_6, PROLOGUE);
	return 1;
}

static unsigned int lower_ctx(const struct bpf_insn_access *access,
			      const struct bpf_insn *insn, struct bpf_insn *out)
{
	*out = *insn;
	return 1;
}

const struct bpf_verifier_ops load_model_ops = {
	.get_func_proto = get_proto,
	.is_valid_access = ctx_access,
	.lower_ctx_access = lower_ctx,
	.ctx_value = ctx_value,
	.packet_prologue = packet_prologue,
	.has_packet_loads = true,
};

/* ---- what the passes ask for ------------------------------------------------------- */

/*
 * Of an array with several what matters is that it has some: nobody runs lowered
 * code here.
 */
static void *map_elements(struct bpf_map *map, u32 *stride)
{
	*stride = map->value_size;
	if (map->map_type != BPF_MAP_TYPE_ARRAY)
		return NULL;
	return map->max_entries == 1 ? (void *)load_value(map) : map;
}

static const struct bpf_map_ops map_ops = {
	.map_lookup_func = __bpf_call_base,
	.map_elements = map_elements,
};

struct bpf_map *bpf_map_get(u32 fd)
{
	if (fd >= LOAD_MAX_FDS || !load_maps[fd].map_type)
		return ERR_PTR(-EBADF);
	load_maps[fd].ops = &map_ops;
	return &load_maps[fd];
}

void bpf_map_put(struct bpf_map *map)
{
}

struct bpf_prog *bpf_prog_realloc(struct bpf_prog *old, unsigned int size,
				  gfp_t flags)
{
	return realloc(old, size);
}

/* The buffer is the test's own, or a bad address it made up. */
unsigned long copy_to_user(void *to, const void *from, unsigned long n)
{
	struct iovec local = { (void *)from, n }, remote = { to, n };
	ssize_t done = process_vm_writev(getpid(), &local, 1, &remote, 1, 0);

	return done < 0 ? n : n - done;
}

unsigned long copy_from_user(void *to, const void *from, unsigned long n)
{
	struct iovec local = { to, n }, remote = { (void *)from, n };
	ssize_t done = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);

	return done < 0 ? n : n - done;
}

int bpf_jit_enable = 1;

unsigned long load_from_user(void *to, u64 from, unsigned long n)
{
	return copy_from_user(to, u64_to_user_ptr(from), n);
}

u32 load_patience = 1 << 20;
static u32 pauses;

bool load_killed(void)
{
	return ++pauses > load_patience / 1024;
}

/* ---- between the passes -------------------------------------------------------------- */

int __real_reject(struct verifier_env *env, enum verifier_rule rule, int err,
		  const char *fmt, ...);
int __wrap_reject(struct verifier_env *env, enum verifier_rule rule, int err,
		  const char *fmt, ...);
int __wrap_reject(struct verifier_env *env, enum verifier_rule rule, int err,
		  const char *fmt, ...)
{
	static char text[4096];
	va_list args;

	loading->rule = rule;
	if (!env->log.kbuf)
		return __real_reject(env, rule, err, "-\n");
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return __real_reject(env, rule, err, "%s", text);
}

int __real_verifier_layout(struct verifier_env *env);
int __wrap_verifier_layout(struct verifier_env *env);
int __wrap_verifier_layout(struct verifier_env *env)
{
	if (pruning != PRUNE_ASKED)
		env->prune = pruning == PRUNE_FULL ? PRUNE_NORMAL : pruning;
	/* Ways that see all values see all numbers. */
	env->ask_all = pruning == PRUNE_NEVER || pruning == PRUNE_FULL;
	return __real_verifier_layout(env);
}

/* All was explored: these are the facts. */
int __real_verifier_lower(struct verifier_env *env);
int __wrap_verifier_lower(struct verifier_env *env);
int __wrap_verifier_lower(struct verifier_env *env)
{
	memcpy(loading->aux, env->aux, env->len * sizeof(*env->aux));
	memcpy(loading->live_regs, env->live_regs,
	       env->len * sizeof(*env->live_regs));
	memcpy(loading->live_stack, env->live_stack,
	       env->len * sizeof(*env->live_stack));
	loading->stack_depth = env->stack_depth;
	loading->funcs = env->funcs;
	memcpy(loading->func, env->func, env->funcs * sizeof(*env->func));
	loading->max_ctx_offset = env->max_ctx_offset;
	return __real_verifier_lower(env);
}

int __real_vlog_finish(struct vlog *log);
int __wrap_vlog_finish(struct vlog *log);
int __wrap_vlog_finish(struct vlog *log)
{
	const struct verifier_env *env =
		container_of(log, struct verifier_env, log);

	loading->steps = env->steps;
	loading->states = env->states_total;
	return __real_vlog_finish(log);
}

/* With PRUNE_FULL all that a state holds counts as needed. */
void __real_stored_finish(struct stored *old, struct defs *defs);
void __wrap_stored_finish(struct stored *old, struct defs *defs);
void load_finished(struct stored *old, struct defs *defs);
void __wrap_stored_finish(struct stored *old, struct defs *defs)
{
	load_finished(old, defs);
	__real_stored_finish(old, defs);
	if (pruning == PRUNE_FULL)
		for (u32 i = 0; i < old->values; i++)
			old->value[i].needed = true;
}

/* ---- loading --------------------------------------------------------------------------- */

void load_copy(struct load *to, const struct load *from)
{
	memcpy(to->insns, from->insns, from->len * sizeof(*from->insns));
	to->len = from->len;
	to->ops = from->ops;
	to->attr = from->attr;
	to->gpl = from->gpl;
}

/* Was it the same slot of the same array each time exploration came there? */
static bool is_known_tail_call(const struct load *load, u32 i)
{
	const struct insn_aux *aux = &load->aux[i];

	return load->insns[i].code == (BPF_JMP | BPF_CALL) &&
	       load->insns[i].imm == BPF_FUNC_tail_call && aux->key == FACT_SAME &&
	       aux->call_map && !aux->call_map_poison && aux->call_key < aux->call_map->max_entries;
}

/*
 * Every number of a tail call is in the table, once, and each site stands for the slot
 * that exploration found for its call.
 */
static bool tail_sites_hold(const struct load *load, const struct bpf_prog *prog)
{
	const struct bpf_tail_sites *sites = prog->aux->tail_sites;
	u32 count = 0, i;

	for (i = 0; i < prog->len; i += insn_slots(&prog->insnsi[i]))
		if (prog->insnsi[i].code == (BPF_JMP | BPF_TAIL_CALL) && prog->insnsi[i].imm)
			if (prog->insnsi[i].imm != ++count)
				return false;
	if (count != (sites ? sites->count : 0))
		return false;
	for (i = 0, count = 0; i < load->len; i += insn_slots(&load->insns[i])) {
		if (!is_known_tail_call(load, i))
			continue;
		if (!sites || count == sites->count ||
		    sites->site[count].map != load->aux[i].call_map ||
		    sites->site[count].index != load->aux[i].call_key)
			return false;
		count++;
	}
	return count == (sites ? sites->count : 0);
}

/* What writes into the packet, and nothing else, begins with a prologue. */
static bool prologue_holds(const struct load *load, const struct bpf_prog *prog)
{
	bool has = prog->insnsi->code == (BPF_ALU64 | BPF_MOV | BPF_K) &&
		   prog->insnsi->imm == PROLOGUE;
	bool must = false, may = false;
	u32 i;

	for (i = 0; i < load->len; i += insn_slots(&load->insns[i])) {
		u8 kind = opcode_of(&load->insns[i])->kind, mem = load->aux[i].mem;

		if (!load->aux[i].seen || (kind != INSN_ST && kind != INSN_STX))
			continue;
		must |= mem == MEM_PACKET;
		may |= mem == MEM_MIXED;
	}
	return load->ops || has == must || (has && may);
}

void load_run(struct load *load, u8 prune)
{
	struct bpf_prog_aux aux = {};
	struct bpf_prog_type_desc desc = {
		.type = BPF_PROG_TYPE_SOCKET_FILTER,
		.ops = load->ops ?: &load_model_ops,
	};
	struct bpf_prog *prog = calloc(1, bpf_prog_size(load->len));

	prog->aux = &aux;
	prog->len = load->len;
	prog->type = desc.type;
	prog->gpl_compatible = load->gpl;
	memcpy(prog->insnsi, load->insns, load->len * sizeof(*load->insns));
	aux.type_desc = &desc;

	pauses = 0;
	loading = load;
	pruning = prune;
	load->rule = __RULE_MAX;
	load->steps = load->states = 0;
	load->err = bpf_check(&prog, &load->attr);
	if (!load->err && !tail_sites_hold(load, prog)) {
		load_print(load);
		printf("# tail calls to known slots: the table is wrong\n");
		abort();
	}
	if (!load->err && !prologue_holds(load, prog)) {
		load_print(load);
		printf("# the prologue is wrong\n");
		abort();
	}
	free(aux.used_maps);
	free(aux.tail_sites);
	free(aux.funcs);
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
