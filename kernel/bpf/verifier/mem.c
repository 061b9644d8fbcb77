// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of one load.
 *
 * Verifying a short program takes some twenty small arrays. They are cut one after
 * the other from the block that the environment stands in, which is allocated once;
 * what does not fit there any more has an allocation of its own. A piece of the block
 * is not used again before the load ends.
 *
 * One task owns a load: no locks. Where a sanitizer watches the edges of each
 * allocation there is no block.
 */
#include <linux/align.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "verifier.h"

#ifdef __SANITIZE_ADDRESS__
#define ENV_BLOCK	sizeof(struct verifier_env)
#else
#define ENV_BLOCK	SZ_32K
#endif

/**
 * verifier_env_alloc() - an empty environment and its block
 *
 * Context: process context, may sleep.
 * Return: the environment, all zeroes but for its memory, or NULL.
 */
struct verifier_env *verifier_env_alloc(void)
{
	struct verifier_env *env = kvmalloc(ENV_BLOCK, VERIFIER_GFP);

	BUILD_BUG_ON(sizeof(*env) > ENV_BLOCK);
	if (!env)
		return NULL;
	memset(env, 0, sizeof(*env));
	env->room = (char *)(env + 1);
	env->room_end = (char *)env + ENV_BLOCK;
	return env;
}

/**
 * verifier_alloc() - memory for this load
 * @env: load
 * @n: how many
 * @size: of one of them
 *
 * Context: process context, may sleep.
 * Return: memory with undefined content, for verifier_free(), or NULL.
 */
void *verifier_alloc(struct verifier_env *env, size_t n, size_t size)
{
	size_t bytes = array_size(n, size);
	char *piece = env->room;

	if (bytes >= (size_t)(env->room_end - env->room))
		return kvmalloc(bytes, VERIFIER_GFP);
	env->room += min_t(size_t, ALIGN(bytes, sizeof(u64)), env->room_end - piece);
	return piece;
}

/**
 * verifier_zalloc() - zeroed memory for this load
 * @env: load
 * @n: how many
 * @size: of one of them
 *
 * Context: process context, may sleep.
 * Return: memory for verifier_free(), or NULL.
 */
void *verifier_zalloc(struct verifier_env *env, size_t n, size_t size)
{
	size_t bytes = array_size(n, size);

	if (bytes >= (size_t)(env->room_end - env->room))
		return kvcalloc(n, size, VERIFIER_GFP);
	return memset(verifier_alloc(env, n, size), 0, bytes);
}

/**
 * verifier_free() - give memory back
 * @env: load
 * @mem: what verifier_alloc() or verifier_zalloc() returned
 *
 * Context: process context, may sleep.
 */
void verifier_free(struct verifier_env *env, void *mem)
{
	if (mem < (void *)env || mem >= (void *)env->room_end)
		kvfree(mem);
}
