/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel as far as the verifier notices it, on top of the C library.
 * Included before everything else; the kernel's own headers are empty files
 * here, except for the subsystem's, which are the real ones.
 */
#ifndef _UNIT_VERIFIER_KERNEL_ENV_H
#define _UNIT_VERIFIER_KERNEL_ENV_H

#include "../../unit/env/basics.h"

/* The subsystem is there, with all that programs may use. */
#define CONFIG_BPF_SYSCALL
#define CONFIG_BPF_JIT
extern int bpf_jit_enable;
#define CONFIG_EVENT_TRACING
#define CONFIG_NET_SCHED
#define IS_ENABLED(option)	1	/* of unaligned access, as on x86 */

#define WARN_ON_ONCE(cond) ({						\
	bool _cond = (cond);						\
									\
	if (_cond) {							\
		fprintf(stderr, "%s:%d: warning\n", __FILE__, __LINE__); \
		abort();						\
	}								\
	_cond; })

/* Memory. */
#define GFP_KERNEL_ACCOUNT	0
#define __GFP_NOWARN		0
#define __GFP_RETRY_MAYFAIL	0
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

/* Counters; one thread has them. */
typedef struct { s64 counter; } atomic64_t;
#define atomic64_read(v)		((v)->counter)
#define atomic64_read_acquire(v)	((v)->counter)
#define atomic64_inc(v)			((void)(v)->counter++)
#define atomic64_dec_return_release(v)	(--(v)->counter)
#define atomic64_inc_unless_negative(v)	((v)->counter >= 0 && ++(v)->counter)

static inline s64 atomic64_cmpxchg(atomic64_t *v, s64 old, s64 new)
{
	s64 was = v->counter;

	v->counter = was == old ? new : was;
	return was;
}

/* Tasks. */
struct bpf_run_ctx;
struct task_struct { struct bpf_run_ctx *bpf_ctx; };
#define current				((struct task_struct *)NULL)
bool load_killed(void);
#define fatal_signal_pending(task)	load_killed()

/* User memory: the log's end, and descriptors of maps. It may not be there. */
unsigned long copy_to_user(void *to, const void *from, unsigned long n);
unsigned long copy_from_user(void *to, const void *from, unsigned long n);
#define put_user(c, p)			({ char _c = (c); copy_to_user(p, &_c, 1); })

/* Time, CPUs, privilege, randomness: for the log's statistics, and for helpers. */
#define ktime_us_delta(a, b)		((a) - (b))
#define ktime_get_mono_fast_ns()	((u64)0)
#define perfmon_capable()		true
#define smp_processor_id()		0
struct rnd_state { u32 unused; };
#define DEFINE_PER_CPU(type, name)	type name
#define DECLARE_PER_CPU(type, name)	extern type name
#define prandom_u32_state(state)	((void)(state), 4U)
#define late_initcall(fn)		int (*fn##_called)(void) __attribute__((unused)) = fn

/* What include/linux/bpf.h needs to be read. */
struct work_struct { int unused; };
struct pt_regs { unsigned long word[21]; };	/* on x86 */
enum lockdown_reason { LOCKDOWN_BPF_READ_KERNEL };
int security_locked_down(int what);
struct sk_buff;

#endif
