/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every source of the kernel takes for granted and needs no machine: its types,
 * its words for the compiler, arithmetic, errors in pointers, names of structures
 * that stay closed. Nothing here depends on the configuration or has a state.
 *
 * All stand-ins for the kernel begin with it: kernel.h beside it, the check mode's
 * and that of the matrices' tables.
 */
#ifndef _UNIT_ENV_BASICS_H
#define _UNIT_ENV_BASICS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>
#include "integers.h"

/* ---- types --------------------------------------------------------------------- */

typedef unsigned int gfp_t;

struct rb_node {
	struct rb_node *next;
};

struct rb_root {
	struct rb_node *first;
};

#define U16_MAX		((u16)~0)
#define S16_MAX		0x7fff
#define S32_MIN		((s32)0x80000000)
#define S32_MAX		0x7fffffff
#define U32_MAX		0xffffffffU
#define S64_MIN		((s64)0x8000000000000000ULL)
#define S64_MAX		0x7fffffffffffffffLL
#define U64_MAX		0xffffffffffffffffULL
#define SZ_2K		0x800
#define SZ_32K		0x8000
#define SZ_64K		0x10000
#define SZ_1M		0x100000
#define ENOTSUPP	524

/* ---- the language ----------------------------------------------------------------- */

#define __user
#define __rcu
#define __init
#define __percpu
#define __ro_after_init
#undef __force
#define __force
#undef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#define __no_sanitize_address
#define noinline		__attribute__((noinline))
#define __weak			__attribute__((weak))
#define __maybe_unused		__attribute__((unused))
#undef __aligned
#define __aligned(n)		__attribute__((aligned(n)))
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define fallthrough		__attribute__((fallthrough))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define barrier()		__asm__ volatile("" ::: "memory")
#define barrier_nospec()	barrier()
#define __annotate_jump_table
#define __diag_push()
#define __diag_pop()
#define __diag_ignore_all(option, comment)

#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define sizeof_field(type, member)	sizeof(((type *)NULL)->member)
#define offsetofend(type, member) \
	(offsetof(type, member) + sizeof_field(type, member))
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))
#define struct_size(p, member, n) \
	(sizeof(*(p)) + (n) * sizeof((p)->member[0]))
#define struct_size_t(type, member, n) \
	(sizeof(type) + (n) * sizeof(((type *)NULL)->member[0]))
#define DECLARE_FLEX_ARRAY(type, name) \
	struct { struct { } __empty_##name; type name[]; }
#define type_max(t)		((t)~(t)0)
#define BUILD_BUG_ON(cond)	_Static_assert(!(cond), #cond)

/* ---- numbers -------------------------------------------------------------------------- */

#define BITS_PER_BYTE		8
#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define GENMASK_ULL(h, l)	((~0ULL << (l)) & (~0ULL >> (63 - (h))))
#define BITS_TO_U64(n)		(((n) + 63) / 64)
#define BITS_TO_LONGS(n)	(((n) + 63) / 64)
#define ALIGN(x, a)		(((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))
#define round_up(x, n)		((((x) - 1) | ((__typeof__(x))(n) - 1)) + 1)
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define array_size(a, b) \
	({ size_t _bytes; __builtin_mul_overflow(a, b, &_bytes) ? SIZE_MAX : _bytes; })

#define pick_one(a, b, op) ({				\
	__typeof__(a) _a = (a);				\
	__typeof__(b) _b = (b);				\
	_a op _b ? _a : _b; })
#define min(a, b)		pick_one(a, b, <)
#define max(a, b)		pick_one(a, b, >)
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp_t(t, v, lo, hi)	min_t(t, max_t(t, v, lo), hi)
#define swap(a, b) ({ __typeof__(a) _t = (a); (a) = (b); (b) = _t; })

#define GOLDEN_RATIO_64		0x61C8864680B583EBull
#define hweight16(x)		((u32)__builtin_popcount((u16)(x)))
#define hweight32(x)		((u32)__builtin_popcount((u32)(x)))
#define hweight64(x)		((u32)__builtin_popcountll(x))
#define __ffs64(x)		((u32)__builtin_ctzll(x))
#define fls64(x)		((x) ? 64 - __builtin_clzll(x) : 0)
#define fls(x)			((x) ? 32 - __builtin_clz(x) : 0)
#define ilog2(x)		(63 - __builtin_clzll(x))
#define is_power_of_2(x)	((x) && !((x) & ((x) - 1)))
#define hash_64(x, bits)	((u32)((x) * GOLDEN_RATIO_64 >> (64 - (bits))))
#define rol64(x, n)		((x) << (n) | (x) >> (64 - (n)))
#define lower_32_bits(x)	((u32)(x))
#define upper_32_bits(x)	((u32)((u64)(x) >> 32))
#define check_add_overflow(a, b, d)	__builtin_add_overflow(a, b, d)
#define check_sub_overflow(a, b, d)	__builtin_sub_overflow(a, b, d)
#define check_mul_overflow(a, b, d)	__builtin_mul_overflow(a, b, d)

#define __set_bit(n, p)		((p)[(n) / 64] |= 1UL << (n) % 64)
#define test_bit(n, p)		((p)[(n) / 64] >> (n) % 64 & 1)
#define for_each_set_bit(i, p, n) \
	for ((i) = 0; (i) < (n); (i)++) if (test_bit(i, p))

#define swab16(x)		__builtin_bswap16(x)
#define swab32(x)		__builtin_bswap32(x)
#define swab64(x)		__builtin_bswap64(x)
#define __swab64(x)		swab64(x)
#define __cpu_to_be16(x)	swab16(x)
#define cpu_to_le16(x)		((u16)(x))
#define cpu_to_le32(x)		((u32)(x))
#define cpu_to_le64(x)		((u64)(x))
#define cpu_to_be16(x)		swab16(x)
#define cpu_to_be32(x)		swab32(x)
#define cpu_to_be64(x)		swab64(x)

static inline int order_base_2(u64 n)
{
	return n < 2 ? 0 : 64 - __builtin_clzll(n - 1);
}

static inline s64 sign_extend64(u64 value, int index)
{
	return (s64)(value << (63 - index)) >> (63 - index);
}

static inline u64 div_u64_rem(u64 a, u32 b, u32 *rem)
{
	*rem = a % b;
	return a / b;
}

static inline u64 div64_u64(u64 a, u64 b)
{
	return a / b;
}

static inline s64 div64_s64(s64 a, s64 b)
{
	return a / b;
}

static inline u64 div64_u64_rem(u64 a, u64 b, u64 *rem)
{
	*rem = a % b;
	return a / b;
}

/* ---- errors in pointers ------------------------------------------------------------------ */

static inline void *ERR_PTR(long err)
{
	return (void *)err;
}

static inline long PTR_ERR(const void *p)
{
	return (long)p;
}

static inline bool IS_ERR(const void *p)
{
	return (unsigned long)p >= (unsigned long)-4095;
}

/* ---- text ---------------------------------------------------------------------------------- */

static inline __attribute__((format(printf, 3, 4), unused))
int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, size, fmt, args);
	va_end(args);
	return !size ? 0 : (size_t)n < size ? n : (int)size - 1;
}

#define get_unaligned(p) ({						\
	__typeof__((void)0, *(p)) value_;				\
									\
	memcpy(&value_, (const void *)(p), sizeof(value_));		\
	value_;								\
})

/* ---- nothing to do, or nothing inside ------------------------------------------------- */

typedef struct {
	int refs;
} refcount_t;
struct rcu_head { int unused; };
struct module;
struct seq_file;
struct seq_operations;
struct file;
struct file_operations;
struct user_struct;
#define KSYM_NAME_LEN			512
#define NUMA_NO_NODE			(-1)
#define try_module_get(m)		true
#define module_put(m)			((void)0)
#define rcu_read_lock_trace()		((void)0)
#define rcu_read_unlock_trace()		((void)0)
#define rcu_read_lock_trace_held()	true
#define rcu_read_lock()			((void)0)
#define rcu_read_unlock()		((void)0)
#define rcu_dereference_check(p, c)	(p)
#define migrate_disable()		((void)0)
#define migrate_enable()		((void)0)
#define might_fault()			((void)0)
#define cond_resched()			((void)0)
#define u64_to_user_ptr(x)		((void *)(uintptr_t)(x))

typedef s64 ktime_t;
#define ktime_get()			((ktime_t)0)
#define prandom_seed_full_state(state)	((void)(state))
#define get_cpu_var(v)			(v)
#define put_cpu_var(v)			((void)&(v))

/* ---- characters and bytes ---------------------------------------------------------- */

/* Letters of Latin-1, whatever the locale. */
static inline int latin_alpha(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= 0xc0 && c != 0xd7 && c != 0xf7);
}

#undef isalpha
#undef isalnum
#define isalpha(c)		latin_alpha(c)
#define isalnum(c)		(latin_alpha(c) || ((c) >= '0' && (c) <= '9'))

/* The first byte that is not @byte. */
static inline void *memchr_inv(const void *at, int byte, size_t n)
{
	const unsigned char *p = at;

	for (; n; n--, p++)
		if (*p != (unsigned char)byte)
			return (void *)p;
	return NULL;
}

#endif
