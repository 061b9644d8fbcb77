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
 * The descriptor stands in the instruction, or is an element of an array in user
 * memory, whose number does. It is only a number: another thread may close it or
 * put another file there at any time, or change the element. So an element is read
 * once for each instruction that names it, and after the lookup nothing looks at
 * the number again; the instruction's map is in its aux.
 *
 * The address of a map's value may be in a program because the value neither moves
 * nor goes while the map lives, which the program sees to, and because there is
 * only one: no index is missing. The offset must lie in the value, so that the
 * register the instruction makes points where the checks of accesses begin.
 */
#include <linux/uaccess.h>

#include "insn_valid.h"
#include "verifier.h"

/* An offset into a value is below this, as all constant offsets of pointers are. */
#define VALUE_OFF_LIMIT	BIT(29)

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
		return reject(env, RULE_LIMIT_MAPS, -E2BIG,
			      "more than %d different maps\n",
			      VERIFIER_MAX_MAPS);
	}
	env->maps[env->map_cnt++] = map;
	return 0;
}

static int refuse(struct verifier_env *env, u32 idx, enum verifier_rule rule, int err,
		  const char *why)
{
	vlog_insn_at(env, idx);
	return reject(env, rule, err, "%s\n", why);
}

static int refuse_kind(struct verifier_env *env, u32 idx, const char *why)
{
	return refuse(env, idx, RULE_INSN_OBJECT, -EINVAL, why);
}

static int resolve_number(struct verifier_env *env, u32 idx)
{
	return 0;
}

/* ---- maps ------------------------------------------------------------------ */

/* The descriptor an instruction means: its number, or the element of that number. */
static int find_fd(struct verifier_env *env, u32 idx, u32 *fd)
{
	const struct bpf_insn *insn = &env->insns[idx];

	*fd = insn->imm;
	if (insn->src_reg != BPF_PSEUDO_MAP_IDX && insn->src_reg != BPF_PSEUDO_MAP_IDX_VALUE)
		return 0;
	if (!env->fd_array)
		return refuse(env, idx, RULE_FD_ARRAY, -EPROTO,
			      "fd_idx without fd_array is invalid");
	if (!copy_from_user(fd, u64_to_user_ptr(env->fd_array + (s64)insn->imm * sizeof(*fd)),
			    sizeof(*fd)))
		return 0;
	return refuse(env, idx, RULE_FD_ARRAY, -EFAULT, "fd_array cannot be read");
}

static int find_map(struct verifier_env *env, u32 idx, struct bpf_map **map)
{
	u32 fd;
	int err = find_fd(env, idx, &fd);

	if (err)
		return err;
	*map = bpf_map_get(fd);
	if (!IS_ERR(*map))
		return 0;
	vlog_insn_at(env, idx);
	return reject(env, RULE_MAP_FD, PTR_ERR(*map),
		      "fd %d is not pointing to valid bpf_map\n", fd);
}

static int resolve_map(struct verifier_env *env, u32 idx)
{
	struct bpf_map *map;
	int err;

	if (env->insns[idx + 1].imm)
		return refuse_kind(env, idx, "unrecognized bpf_ld_imm64 insn");
	err = find_map(env, idx, &map);
	if (err)
		return err;
	err = keep_map(env, map);
	if (!err)
		env->aux[idx].map = map;
	return err;
}

/* May the address @off bytes into the map's value be part of a program? */
static int check_value(struct verifier_env *env, u32 idx, struct bpf_map *map, u32 off)
{
	u32 stride;
	int err;

	if (off >= VALUE_OFF_LIMIT) {
		vlog_insn_at(env, idx);
		return reject(env, RULE_MAP_VALUE, -EINVAL,
			      "direct value offset of %u is not allowed\n", off);
	}
	if (!map->ops->map_elements(map, &stride))
		return refuse(env, idx, RULE_MAP_VALUE, -EINVAL,
			      "no direct value access support for this map type");
	err = map->max_entries != 1 ? -ENOTSUPP : off >= map->value_size ? -EINVAL : 0;
	if (!err)
		return 0;
	vlog_insn_at(env, idx);
	return reject(env, RULE_MAP_VALUE, err,
		      "invalid access to map value pointer, value_size=%u off=%u\n",
		      map->value_size, off);
}

static int resolve_map_value(struct verifier_env *env, u32 idx)
{
	u32 off = env->insns[idx + 1].imm;
	struct bpf_map *map;
	int err;

	err = find_map(env, idx, &map);
	if (err)
		return err;
	err = check_value(env, idx, map, off);
	if (err) {
		bpf_map_put(map);
		return err;
	}
	err = keep_map(env, map);
	if (err)
		return err;
	env->aux[idx].map = map;
	env->aux[idx].is_value = true;
	env->aux[idx].value_off = off;
	return 0;
}

/* ---- what is not a map --------------------------------------------------------- */

static int resolve_variable(struct verifier_env *env, u32 idx)
{
	return refuse_kind(env, idx,
			   "addresses of kernel variables are not supported: the kernel is missing BTF");
}

static int resolve_function(struct verifier_env *env, u32 idx)
{
	return refuse_kind(env, idx, "call to invalid destination");
}

static int (*const resolvers[])(struct verifier_env *env, u32 idx) = {
	[0]			   = resolve_number,
	[BPF_PSEUDO_MAP_FD]	   = resolve_map,
	[BPF_PSEUDO_MAP_VALUE]	   = resolve_map_value,
	[BPF_PSEUDO_BTF_ID]	   = resolve_variable,
	[BPF_PSEUDO_FUNC]	   = resolve_function,
	[BPF_PSEUDO_MAP_IDX]	   = resolve_map,
	[BPF_PSEUDO_MAP_IDX_VALUE] = resolve_map_value,
};

static int resolve_wide(struct verifier_env *env, u32 idx)
{
	u8 kind = env->insns[idx].src_reg;

	if (kind < ARRAY_SIZE(resolvers))
		return resolvers[kind](env, idx);
	return refuse_kind(env, idx, "unrecognized bpf_ld_imm64 insn");
}

/* Helpers are for the prototypes, functions of the program were found before. */
static int resolve_call(struct verifier_env *env, u32 idx)
{
	u8 kind = env->insns[idx].src_reg;

	if (kind != BPF_PSEUDO_KFUNC_CALL)
		return 0;
	vlog_insn_at(env, idx);
	return reject(env, RULE_CALL_KERNEL, -ENOTSUPP,
		      "calling kernel function is not supported\n");
}

/**
 * verifier_resolve() - find the maps the program names
 * @env: load; receives maps, and the map of each instruction in its aux
 *
 * Context: process context, may sleep.
 * Return: 0 or -errno: -EBADF, -EINVAL, -E2BIG, -EPROTO, -EFAULT, -ENOTSUPP.
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
