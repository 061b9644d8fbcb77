/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel as far as the verifier notices it, on top of the C library.
 * Included before everything else; the kernel's own headers are empty files
 * here, except for the subsystem's, which are the real ones.
 */
#ifndef _UNIT_VERIFIER_KERNEL_ENV_H
#define _UNIT_VERIFIER_KERNEL_ENV_H

#define _GNU_SOURCE 1
/* The subsystem is there, with all that programs may use. */
#define CONFIG_BPF_SYSCALL
#define CONFIG_EVENT_TRACING
#define CONFIG_NET_SCHED

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <linux/types.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef unsigned int gfp_t;

#define U16_MAX		((u16)~0)
#define S32_MIN		((s32)0x80000000)
#define S32_MAX		0x7fffffff
#define U32_MAX		0xffffffffU
#define S64_MIN		((s64)0x8000000000000000ULL)
#define S64_MAX		0x7fffffffffffffffLL
#define U64_MAX		0xffffffffffffffffULL
#define SZ_64K		0x10000
#define GOLDEN_RATIO_64	0x61C8864680B583EBull

#define __user
#define __rcu
#define __init
#define __force
#undef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#define __aligned(n)		__attribute__((aligned(n)))
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define fallthrough		__attribute__((fallthrough))

#define BITS_PER_BYTE		8
#define BIT(n)			(1UL << (n))
#define BIT_ULL(n)		(1ULL << (n))
#define BITS_TO_U64(n)		(((n) + 63) / 64)
#define BITS_TO_LONGS(n)	BITS_TO_U64(n)
#define ALIGN(x, a)		(((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define IS_ENABLED(option)	1	/* of unaligned access, as on x86 */
#define struct_size(p, member, n) \
	(sizeof(*(p)) + (n) * sizeof((p)->member[0]))
#define struct_size_t(type, member, n) \
	(sizeof(type) + (n) * sizeof(((type *)0)->member[0]))
#define array_size(n, size)	((size_t)(n) * (size))
#define sizeof_field(type, member)	sizeof(((type *)0)->member)
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))
#define DECLARE_FLEX_ARRAY(type, name) \
	struct { struct { } __empty_##name; type name[]; }
#define WARN_ON_ONCE(cond) ({						\
	bool _cond = (cond);						\
									\
	if (_cond) {							\
		fprintf(stderr, "%s:%d: warning\n", __FILE__, __LINE__); \
		abort();						\
	}								\
	_cond; })

#define pick_one(a, b, op) ({				\
	__typeof__(a) _a = (a);				\
	__typeof__(b) _b = (b);				\
	_a op _b ? _a : _b; })
#define min(a, b)		pick_one(a, b, <)
#define max(a, b)		pick_one(a, b, >)
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define swap(a, b) ({ __typeof__(a) _t = (a); (a) = (b); (b) = _t; })

#define hweight16(x)		((u32)__builtin_popcount((u16)(x)))
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

#define GENMASK_ULL(h, l)	((~0ULL << (l)) & (~0ULL >> (63 - (h))))
#define __cpu_to_be16(x)	__builtin_bswap16(x)
#define __swab64(x)		__builtin_bswap64(x)

/* Bitmaps. */
static inline void __set_bit(unsigned int n, unsigned long *map)
{
	map[n / 64] |= 1UL << (n % 64);
}

static inline bool test_bit(unsigned int n, const unsigned long *map)
{
	return map[n / 64] >> (n % 64) & 1;
}

#define for_each_set_bit(n, map, size) \
	for ((n) = 0; (n) < (size); (n)++) \
		if (test_bit(n, map))

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

/* Memory. */
#define GFP_KERNEL_ACCOUNT	0
#define __GFP_NOWARN		0
#define kvmalloc(size, flags)		malloc(size)
#define kvmalloc_array(n, size, flags)	malloc((size_t)(n) * (size))
#define kvzalloc(size, flags)		calloc(1, size)
#define kvcalloc(n, size, flags)	calloc(n, size)
#define kvfree(p)			free(p)
#define kfree(p)			free(p)

static inline void *kmemdup(const void *from, size_t size, gfp_t flags)
{
	void *copy = malloc(size);

	return copy ? memcpy(copy, from, size) : NULL;
}

static inline char *kvasprintf(gfp_t flags, const char *fmt, va_list args)
{
	char *text;

	return vasprintf(&text, fmt, args) < 0 ? NULL : text;
}

/* Tasks. */
struct bpf_run_ctx;
struct task_struct { struct bpf_run_ctx *bpf_ctx; };
#define current				((struct task_struct *)NULL)
#define cond_resched()			((void)0)
bool load_killed(void);
#define fatal_signal_pending(task)	load_killed()

/* User memory: only the log's end uses it. It may not be there. */
#define u64_to_user_ptr(x)		((void *)(uintptr_t)(x))
unsigned long copy_to_user(void *to, const void *from, unsigned long n);
#define put_user(c, p)			({ char _c = (c); copy_to_user(p, &_c, 1); })

/* Time, CPUs, privilege, randomness: for the log's statistics, and for helpers. */
typedef s64 ktime_t;
#define ktime_get()			((ktime_t)0)
#define ktime_us_delta(a, b)		((a) - (b))
#define ktime_get_mono_fast_ns()	((u64)0)
#define perfmon_capable()		true
#define smp_processor_id()		0
struct rnd_state { u32 unused; };
#define DEFINE_PER_CPU(type, name)	type name
#define get_cpu_var(name)		(name)
#define DECLARE_PER_CPU(type, name)	extern type name
#define put_cpu_var(name)		((void)0)
#define prandom_u32_state(state)	((void)(state), 4U)
#define prandom_seed_full_state(state)	((void)(state))
#define late_initcall(fn)		int (*fn##_called)(void) __attribute__((unused)) = fn

/* What include/linux/bpf.h needs to be read. */
typedef struct { int refs; } refcount_t;
struct work_struct { int unused; };
struct rcu_head { int unused; };
struct module;
struct seq_file;
struct seq_operations;
struct file_operations;
struct user_struct;
struct sk_buff;
#define KSYM_NAME_LEN			512
#define NUMA_NO_NODE			(-1)
#define ERR_PTR(err)			((void *)(long)(err))
#define PTR_ERR(p)			((long)(p))
#define IS_ERR(p)			((unsigned long)(p) >= -4095UL)
#define ENOTSUPP			524
#define try_module_get(m)		true
#define module_put(m)			((void)0)
#define might_fault()			((void)0)
#define READ_ONCE(x)			(x)
#define rcu_read_lock_trace()		((void)0)
#define rcu_read_unlock_trace()		((void)0)
#define rcu_read_lock_trace_held()	true
#define rcu_read_lock()			((void)0)
#define rcu_read_unlock()		((void)0)
#define rcu_dereference_check(p, c)	(p)
#define migrate_disable()		((void)0)
#define migrate_enable()		((void)0)

#endif
