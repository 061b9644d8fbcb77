// SPDX-License-Identifier: GPL-2.0-only
/*
 * Obligations of helper calls: the helper exists, this program may call it, and
 * each argument is what its prototype asks for.
 *
 * Everything is decided from tables: the prototype, what each argument type
 * accepts, which map types each map helper takes. Nothing is permitted that is
 * not in a table.
 */
#include <linux/kernel.h>

#include "../jit_core.h"
#include "check.h"
#include "packet.h"

#define KIND(kind)	(1U << REG_##kind)

/**
 * struct arg_rule - what an argument type accepts
 * @kinds: bit k: values of kind k
 * @expected: those kinds as Linux 6.1 lists them when it refuses another
 */
struct arg_rule {
	u32 kinds;
	const char *expected;
};

#define MEM_KINDS	"fp, pkt, pkt_meta, map_key, map_value"
#define BUF_KINDS	MEM_KINDS ", mem, alloc_mem, buf"
#define READABLE	(KIND(STACK) | KIND(MAP_VALUE) | KIND(PACKET) | \
			 KIND(PACKET_META))

static const struct arg_rule arg_rules[__BPF_ARG_TYPE_MAX] = {
	[ARG_CONST_MAP_PTR]	 = { KIND(MAP_PTR), "map_ptr" },
	[ARG_PTR_TO_MAP_KEY]	 = { READABLE, MEM_KINDS },
	[ARG_PTR_TO_MAP_VALUE]	 = { READABLE, MEM_KINDS },
	[ARG_PTR_TO_CTX]	 = { KIND(CTX), "ctx" },
	[ARG_PTR_TO_MEM]	 = { READABLE, BUF_KINDS },
	[ARG_PTR_TO_MEM_OR_NULL] = { READABLE, BUF_KINDS },
	[ARG_PTR_TO_UNINIT_MEM]	 = { KIND(STACK) | KIND(MAP_VALUE), BUF_KINDS },
	[ARG_CONST_SIZE]	 = { KIND(SCALAR), "scalar" },
	[ARG_CONST_SIZE_OR_ZERO] = { KIND(SCALAR), "scalar" },
};

#define FUNC(id)	(1ULL << BPF_FUNC_##id)
#define ELEMENT_FUNCS	(FUNC(map_lookup_elem) | FUNC(map_update_elem) | \
			 FUNC(map_delete_elem))

/* Bit f: helper f may be given a map of this type. */
static const u64 map_funcs[] = {
	[BPF_MAP_TYPE_HASH]	= ELEMENT_FUNCS,
	[BPF_MAP_TYPE_ARRAY]	= ELEMENT_FUNCS,
	[BPF_MAP_TYPE_PROG_ARRAY] = FUNC(tail_call),
	[BPF_MAP_TYPE_PERF_EVENT_ARRAY] = FUNC(perf_event_read) |
					  FUNC(perf_event_output),
};

/* Those of them that write into the map. */
#define WRITING_FUNCS	(FUNC(map_update_elem) | FUNC(map_delete_elem))

/* A size beyond this is taken for one nobody checked. */
#define SIZE_LIMIT	(1ULL << 29)

/* The call being checked. */
struct calling {
	struct explore *ex;
	s32 func;
	const struct bpf_func_proto *proto;
	struct bpf_map *map;
};

static int find_proto(struct calling *c)
{
	struct verifier_env *env = c->ex->env;

	if (c->func < 0 || c->func >= __BPF_FUNC_MAX_ID)
		return reject(env, RULE_CALL_UNKNOWN, -EINVAL,
			      "invalid func %s#%d\n", vlog_func_name(c->func),
			      c->func);
	c->proto = env->ops->get_func_proto(c->func, env->prog);
	if (!c->proto)
		return reject(env, RULE_CALL_UNKNOWN, -EINVAL,
			      "unknown func %s#%d\n", vlog_func_name(c->func),
			      c->func);
	if (c->func == BPF_FUNC_tail_call && env->funcs > 1 && !bpf_jit_wanted())
		return reject(env, RULE_FUNC_KIND, -EINVAL,
			      "tail_calls are not allowed in non-JITed programs with bpf-to-bpf calls\n");
	if (c->proto->gpl_only && !env->prog->gpl_compatible)
		return reject(env, RULE_CALL_GPL, -EINVAL,
			      "cannot call GPL-restricted function from non-GPL compatible program\n");
	return 0;
}

/* ---- arguments ------------------------------------------------------------------- */

static int check_kind(struct calling *c, u32 regno, enum bpf_arg_type type)
{
	const struct arg_rule *rule = &arg_rules[type];
	enum reg_kind kind = c->ex->cur->reg[regno].kind;
	bool no_check = kind == REG_MAP_VALUE_OR_NULL && rule->kinds & KIND(MAP_VALUE);

	if (rule->kinds & (1U << kind))
		return 0;
	return reject(c->ex->env, no_check ? RULE_NULL_CHECK : RULE_CALL_ARG, -EACCES,
		      "R%u type=%s expected=%s\n", regno, reg_kind_name(kind),
		      rule->expected ?: "nothing");
}

static int check_memory(struct calling *c, u32 regno, u32 size,
			enum bpf_access_type type)
{
	const struct access access = {
		.regno = regno,
		.size = size,
		.type = type,
		.is_indirect = true,
	};

	return check_access(c->ex, &access);
}

/**
 * check_call_expects() - What an argument of a helper may be, for people
 * @type: Of the argument.
 *
 * Context: Any context.
 * Return: Kinds of values, as the classic message lists them.
 */
const char *check_call_expects(enum bpf_arg_type type)
{
	return arg_rules[type].expected ?: "anything that was written";
}

/* All visits of a call must agree on the map before lowering may rely on it. */
static void note_map(struct calling *c)
{
	struct insn_aux *aux = &c->ex->env->aux[c->ex->pc];

	if (aux->call_map && aux->call_map != c->map)
		aux->call_map_poison = true;
	else
		aux->call_map = c->map;
}

static int check_map(struct calling *c, u32 regno)
{
	struct bpf_map *map = c->ex->cur->reg[regno].map;
	u32 type = map->map_type;

	c->map = map;
	if (type >= ARRAY_SIZE(map_funcs) || c->func >= 64 ||
	    !(map_funcs[type] & (1ULL << c->func)))
		return reject(c->ex->env, RULE_MAP_TYPE, -EINVAL,
			      "cannot pass map_type %u into func %s#%d\n", type,
			      vlog_func_name(c->func), c->func);
	note_map(c);
	return 0;
}

/* After one visit more, which knows it or not: is it the same on all so far? */
static bool is_same_fact(u8 *fact, bool known, bool as_before)
{
	if (known && (*fact == FACT_UNSEEN || (*fact == FACT_SAME && as_before)))
		*fact = FACT_SAME;
	else
		*fact = FACT_VARIES;
	return *fact == FACT_SAME;
}

/*
 * For inline.c: where the key of an array is, and which. A key that lowering
 * may rely on is needed, as is an index: no visit with another one may be pruned.
 */
static void note_key(struct calling *c, u32 regno)
{
	struct insn_aux *aux = &c->ex->env->aux[c->ex->pc];
	const struct vreg *at = &c->ex->cur->reg[regno];
	bool fixed = at->kind == REG_STACK && at->frame == c->ex->st->depth && reg_is_fixed(at);
	struct scalar key;
	u32 def, stride;
	bool known;

	if (c->func != BPF_FUNC_map_lookup_elem ||
	    !c->map->ops->map_elements(c->map, &stride))
		return;
	if (is_same_fact(&aux->key_off, fixed, aux->call_key_off == at->off))
		aux->call_key_off = at->off;
	known = fixed && aux->key != FACT_VARIES &&
		vframe_number(c->ex->cur, at->off, sizeof(u32), &key, &def) &&
		scalar_is_const(&key);
	if (is_same_fact(&aux->key, known, known && aux->call_key == scalar_const_value(&key))) {
		aux->call_key = scalar_const_value(&key);
		defs_need(&c->ex->defs, def);
	}
}

/* For lower.c: to which slot a tail call goes. Only the low half of the index counts. */
static void note_index(struct calling *c)
{
	struct insn_aux *aux = &c->ex->env->aux[c->ex->pc];
	const struct vreg *reg = &c->ex->cur->reg[BPF_REG_3];
	struct scalar index = reg->num;
	bool known;

	scalar_zext(&index, 32);
	known = reg->kind == REG_SCALAR && scalar_is_const(&index);
	if (is_same_fact(&aux->key, known,
			 known && aux->call_key == scalar_const_value(&index))) {
		aux->call_key = scalar_const_value(&index);
		defs_need(&c->ex->defs, reg->def);
	}
}

/* A key or value: the map stands in an argument before it. */
static int check_element(struct calling *c, u32 regno, enum bpf_arg_type type)
{
	bool is_key = type == ARG_PTR_TO_MAP_KEY;
	int err;

	if (WARN_ON_ONCE(!c->map))
		return -EFAULT;
	err = check_memory(c, regno, is_key ? c->map->key_size : c->map->value_size, BPF_READ);
	if (!err && is_key)
		note_key(c, regno);
	return err;
}

static bool may_be_zero(enum bpf_arg_type type)
{
	return type == ARG_CONST_SIZE_OR_ZERO;
}

/* A size, and the memory in the argument before it. */
static int check_size(struct calling *c, u32 regno, enum bpf_arg_type type)
{
	enum bpf_arg_type mem = c->proto->arg_type[regno - BPF_REG_2];
	const struct vreg *reg = &c->ex->cur->reg[regno];
	struct verifier_env *env = c->ex->env;

	defs_need(&c->ex->defs, reg->def);
	if (scalar_smin(&reg->num) < 0)
		return reject(env, RULE_CALL_SIZE, -EACCES,
			      "R%u min value is negative, either use unsigned or 'var &= const'\n",
			      regno);
	if (!scalar_umin(&reg->num) && !may_be_zero(type))
		return reject(env, RULE_CALL_SIZE, -EACCES,
			      "invalid zero-sized read\n");
	if (scalar_umax(&reg->num) >= SIZE_LIMIT)
		return reject(env, RULE_CALL_SIZE, -EACCES,
			      "R%u unbounded memory access, use 'var &= const' or 'if (var < const)'\n",
			      regno);
	if (!scalar_umax(&reg->num) ||
	    c->ex->cur->reg[regno - 1].kind == REG_SCALAR)
		return 0;
	return check_memory(c, regno - 1, scalar_umax(&reg->num),
			    mem == ARG_PTR_TO_UNINIT_MEM ? BPF_WRITE : BPF_READ);
}

/* The one number an optional pointer may be; its size must then be 0. */
static bool is_allowed_null(struct calling *c, u32 regno,
			    enum bpf_arg_type type)
{
	const struct vreg *reg = &c->ex->cur->reg[regno];
	const struct vreg *size = &c->ex->cur->reg[regno + 1];

	if (type != ARG_PTR_TO_MEM_OR_NULL || reg->kind != REG_SCALAR ||
	    !scalar_is_const(&reg->num) || scalar_const_value(&reg->num))
		return false;
	if (regno == BPF_REG_5 || size->kind != REG_SCALAR ||
	    scalar_umax(&size->num))
		return false;
	defs_need(&c->ex->defs, reg->def);
	return true;
}

static int check_arg(struct calling *c, u32 regno, enum bpf_arg_type type)
{
	int err;

	if (type == ARG_NONE)
		return 0;
	err = check_read(c->ex, regno);
	if (err || type == ARG_ANYTHING)
		return err;
	if (reg_is_packet(&c->ex->cur->reg[regno]))
		err = packet_check_arg(c->ex, regno, c->proto);
	if (err || is_allowed_null(c, regno, type))
		return err;
	err = check_kind(c, regno, type);
	if (err)
		return err;
	switch (type) {
	case ARG_CONST_MAP_PTR:
		return check_map(c, regno);
	case ARG_PTR_TO_MAP_KEY:
	case ARG_PTR_TO_MAP_VALUE:
		return check_element(c, regno, type);
	case ARG_PTR_TO_CTX:
		return check_ctx_whole(c->ex, regno);
	case ARG_CONST_SIZE:
	case ARG_CONST_SIZE_OR_ZERO:
		return check_size(c, regno, type);
	default:
		return 0;	/* memory: decided with its size */
	}
}

/* Only after the arguments, as in Linux 6.1. Looking up is reading nothing yet. */
static int check_map_direction(struct calling *c)
{
	if (!c->map || !(c->map->map_flags & BPF_F_RDONLY_PROG) ||
	    c->func >= 64 || !(WRITING_FUNCS & (1ULL << c->func)))
		return 0;
	return reject(c->ex->env, RULE_MEM_DIRECTION, -EACCES,
		      "write into map forbidden\n");
}

/**
 * check_call() - Call of a helper
 * @ex: The exploration.
 * @insn: The instruction.
 * @call: What the transfer function has to know.
 *
 * Context: Process context, may sleep.
 * Return: 0 or -errno.
 */
int check_call(struct explore *ex, const struct bpf_insn *insn,
	       struct call *call)
{
	struct calling c = { .ex = ex, .func = insn->imm };
	int err = find_proto(&c);
	u32 i;

	for (i = 0; !err && i < MAX_BPF_FUNC_ARGS; i++)
		err = check_arg(&c, BPF_REG_1 + i, c.proto->arg_type[i]);
	if (err) {
		ex->bad_arg = i;
		return err;
	}
	err = check_map_direction(&c);
	if (err)
		return err;
	if (c.func == BPF_FUNC_tail_call)
		note_index(&c);
	if (c.proto->ret_type == RET_PTR_TO_MAP_VALUE_OR_NULL &&
	    WARN_ON_ONCE(!c.map))
		return -EFAULT;
	*call = (struct call){ .proto = c.proto, .map = c.map };
	return 0;
}
