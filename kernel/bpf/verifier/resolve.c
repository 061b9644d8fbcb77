// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the program names from outside: maps.
 *
 * A 64-bit immediate may stand for an object; the source register says of what
 * kind. Maps are looked up by descriptor, once per instruction, and the load
 * keeps one reference to each different map until the finished program takes
 * it over. Kinds that are not offered are refused with the errno and the text
 * by which clients find that out.
 *
 * A descriptor is only a number: another thread may close it or put another
 * file there at any time. So after the lookup nothing looks at the number
 * again; the instruction's map is in its aux.
 */
#include "insn_valid.h"
#include "verifier.h"

static int keep_map(struct verifier_env *env, struct bpf_map *map)
{
	u32 i;

	for (i = 0; i < env->map_cnt; i++) {
		if (env->maps[i] == map) {
			bpf_map_put(map);
			return 0;
		}
	}
	if (env->map_cnt == VERIFIER_MAX_MAPS) {
		bpf_map_put(map);
		return reject(env, RULE_MAP_FD, -E2BIG,
			      "more than %d different maps\n",
			      VERIFIER_MAX_MAPS);
	}
	env->maps[env->map_cnt++] = map;
	return 0;
}

static int find_map(struct verifier_env *env, u32 idx, struct bpf_map **map)
{
	s32 fd = env->insns[idx].imm;

	*map = bpf_map_get(fd);
	if (!IS_ERR(*map))
		return 0;
	vlog_insn_at(env, idx);
	return reject(env, RULE_MAP_FD, PTR_ERR(*map),
		      "fd %d is not pointing to valid bpf_map\n", fd);
}

static int refuse_kind(struct verifier_env *env, u32 idx, int err,
		       const char *why)
{
	vlog_insn_at(env, idx);
	return reject(env, RULE_INSN_WIDE, err, "%s\n", why);
}

static int resolve_number(struct verifier_env *env, u32 idx)
{
	return 0;
}

static int resolve_map(struct verifier_env *env, u32 idx)
{
	struct bpf_map *map;
	int err;

	if (env->insns[idx + 1].imm)
		return refuse_kind(env, idx, -EINVAL,
				   "unrecognized bpf_ld_imm64 insn");
	err = find_map(env, idx, &map);
	if (err)
		return err;
	err = keep_map(env, map);
	if (!err)
		env->aux[idx].map = map;
	return err;
}

/* The address of an element: no map type offers it, but the map must exist. */
static int resolve_map_value(struct verifier_env *env, u32 idx)
{
	struct bpf_map *map;
	int err;

	err = find_map(env, idx, &map);
	if (err)
		return err;
	bpf_map_put(map);
	return refuse_kind(env, idx, -EINVAL,
			   "no direct value access support for this map type");
}

static int resolve_variable(struct verifier_env *env, u32 idx)
{
	return refuse_kind(env, idx, -EINVAL,
			   "addresses of kernel variables are not supported: the kernel is missing BTF");
}

static int resolve_function(struct verifier_env *env, u32 idx)
{
	return refuse_kind(env, idx, -EINVAL, "call to invalid destination");
}

static int resolve_map_index(struct verifier_env *env, u32 idx)
{
	if (env->insns[idx].src_reg == BPF_PSEUDO_MAP_IDX && env->insns[idx + 1].imm)
		return refuse_kind(env, idx, -EINVAL,
				   "unrecognized bpf_ld_imm64 insn");
	return refuse_kind(env, idx, -EPROTO,
			   "fd_idx without fd_array is invalid");
}

static int (*const resolvers[])(struct verifier_env *env, u32 idx) = {
	[0]			   = resolve_number,
	[BPF_PSEUDO_MAP_FD]	   = resolve_map,
	[BPF_PSEUDO_MAP_VALUE]	   = resolve_map_value,
	[BPF_PSEUDO_BTF_ID]	   = resolve_variable,
	[BPF_PSEUDO_FUNC]	   = resolve_function,
	[BPF_PSEUDO_MAP_IDX]	   = resolve_map_index,
	[BPF_PSEUDO_MAP_IDX_VALUE] = resolve_map_index,
};

static int resolve_wide(struct verifier_env *env, u32 idx)
{
	u8 kind = env->insns[idx].src_reg;

	if (kind < ARRAY_SIZE(resolvers))
		return resolvers[kind](env, idx);
	return refuse_kind(env, idx, -EINVAL, "unrecognized bpf_ld_imm64 insn");
}

/* Helpers are for the prototypes, functions of the program were found before. */
static int resolve_call(struct verifier_env *env, u32 idx)
{
	u8 kind = env->insns[idx].src_reg;

	if (kind != BPF_PSEUDO_KFUNC_CALL)
		return 0;
	vlog_insn_at(env, idx);
	return reject(env, RULE_CFG_CALL, -ENOTSUPP,
		      "calling kernel function is not supported\n");
}

/**
 * verifier_resolve() - find the maps the program names
 * @env: load; receives maps, and the map of each instruction in its aux
 *
 * Context: process context, may sleep.
 * Return: 0 or -errno: -EBADF, -EINVAL, -E2BIG, -EPROTO, -ENOTSUPP.
 */
int verifier_resolve(struct verifier_env *env)
{
	u32 i;

	for (i = 0; i < env->len; i += insn_slots(&env->insns[i])) {
		u8 kind = opcode_of(&env->insns[i])->kind;
		int err = verifier_pause(i);

		if (!err && kind == INSN_WIDE)
			err = resolve_wide(env, i);
		else if (!err && kind == INSN_CALL)
			err = resolve_call(env, i);
		if (err)
			return err;
	}
	return 0;
}
