/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys of maps: bytes, of any number and at any alignment, hashed and compared by
 * words.
 *
 * Nothing is read beyond a key. Its last word may overlap the one before:
 *
 *	12 bytes	0-7, 4-11
 *	6 bytes		0-3 and 2-5 as one word
 *	3 bytes		0, 1 and 2 as one word
 *
 * The hash multiplies each word, with what came before added, by a secret and folds
 * the 128 bits of the product, and once more at the end: keys that count up make
 * products that count up, which for one secret in a hundred meet in few buckets. What
 * is folded twice spreads like random numbers, whatever the secret. Whoever does not
 * know it does not know which keys share a bucket.
 */
#ifndef _BPF_MAP_KEY_H
#define _BPF_MAP_KEY_H

#include <linux/math64.h>
#include <linux/types.h>

#include <asm/unaligned.h>

/**
 * struct map_secret - what makes a map's hash its own
 * @sum: added to the first word
 * @factor: odd
 */
struct map_secret {
	u64 sum;
	u64 factor;
};

static __always_inline u64 map_key_fold(u64 a, u64 b)
{
#ifdef CONFIG_ARCH_SUPPORTS_INT128
	unsigned __int128 product = (unsigned __int128)a * b;

	return (u64)product ^ (u64)(product >> 64);
#else
	return a * b ^ mul_u64_u64_shr(a, b, 64);
#endif
}

/* A key of 1 to 7 bytes as one word, another for each key of the same size. */
static __always_inline u64 map_key_short(const u8 *key, u32 size)
{
	if (size == 4)
		return get_unaligned((const u32 *)key);
	if (size > 4)
		return get_unaligned((const u32 *)key) |
		       (u64)get_unaligned((const u32 *)(key + size - 4)) << 32;
	return key[0] | (u32)key[size / 2] << 8 | (u32)key[size - 1] << 16;
}

/**
 * map_key_hash() - hash of a key
 * @key: key
 * @size: bytes, at least 1
 * @secret: of the map
 *
 * Context: any.
 * Return: hash.
 */
static __always_inline u32 map_key_hash(const void *key, u32 size, const struct map_secret *secret)
{
	u64 hash = secret->sum;
	u32 last = size - 8;
	u32 at;

	if (size < 8) {
		hash = map_key_fold(hash ^ map_key_short(key, size), secret->factor);
		return map_key_fold(hash, secret->factor);
	}
	for (at = 0; at < last; at += 8)
		hash = map_key_fold(hash ^ get_unaligned((const u64 *)(key + at)), secret->factor);
	hash = map_key_fold(hash ^ get_unaligned((const u64 *)(key + last)), secret->factor);
	return map_key_fold(hash, secret->factor);
}

/**
 * map_key_equal() - are two keys the same?
 * @a: key
 * @b: key
 * @size: bytes, at least 1
 *
 * Context: any.
 * Return: whether they are.
 */
static __always_inline bool map_key_equal(const void *a, const void *b, u32 size)
{
	u32 last = size - 8;
	u32 at;

	if (size < 8)
		return map_key_short(a, size) == map_key_short(b, size);
	for (at = 0; at < last; at += 8)
		if (get_unaligned((const u64 *)(a + at)) != get_unaligned((const u64 *)(b + at)))
			return false;
	return get_unaligned((const u64 *)(a + last)) == get_unaligned((const u64 *)(b + last));
}

#endif /* _BPF_MAP_KEY_H */
