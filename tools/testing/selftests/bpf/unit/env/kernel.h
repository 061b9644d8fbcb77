/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel, as far as the subsystem notices it, on top of the C library.
 *
 * Included before everything else (-include), so that sources of the kernel
 * compile unchanged: the subsystem's own headers are the real ones, all others
 * that it names are empty files made by kernel.mk. What an ordinary program
 * cannot be (several CPUs, interrupts, packets) is in smp.h and net.h; what
 * takes more than a line to do is declared here and defined in machine.c, or by
 * a test that wants it otherwise.
 */
#ifndef _UNIT_ENV_KERNEL_H
#define _UNIT_ENV_KERNEL_H

#include "basics.h"

/* ---- configuration: x86-64 ---------------------------------------------------- */

#define CONFIG_BPF_SYSCALL	1
#define CONFIG_EVENT_TRACING	1
#define CONFIG_NET		1
#define CONFIG_NET_SCHED	1
#define CONFIG_NET_RX_BUSY_POLL	1
#define CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS	1
#define CONFIG_ARCH_SUPPORTS_INT128 1

/* 1 for an option that is defined as 1 above, 0 for any other name. */
#define OPTION_WORD_1			0, 1
#define OPTION_SECOND(a, b, ...)	b
#define OPTION_PICK(...)		OPTION_SECOND(__VA_ARGS__, 0, 0)
#define OPTION_PASTE(value)		OPTION_PICK(OPTION_WORD_##value)
#define IS_ENABLED(option)		OPTION_PASTE(option)

#define __LITTLE_ENDIAN_BITFIELD
/* The C library defines both, the kernel the one that is true. */
#include <endian.h>
#undef __BIG_ENDIAN

/* ---- warnings, and what runs at boot ---------------------------------------------- */

/* A warning is a failed test, unless the test defines shim_warnings itself. */
extern int shim_warnings;
#define WARN_ON_ONCE(cond) ({						\
	bool _cond = (cond);						\
									\
	if (_cond) {							\
		shim_warnings++;					\
		shim_warned(__FILE__, __LINE__);			\
	}								\
	_cond; })
void shim_warned(const char *file, int line);
#define pr_err(...)		fprintf(stderr, __VA_ARGS__)

#define EXPORT_SYMBOL_GPL(symbol)
#define __initcall(fn) \
	static __attribute__((constructor)) void fn##_at_boot(void) { fn(); }
#define core_initcall(fn)	__initcall(fn)
#define late_initcall(fn)	__initcall(fn)

/* ---- memory ---------------------------------------------------------------------------------- */

#define GFP_KERNEL		0
#define GFP_KERNEL_ACCOUNT	1
#define __GFP_ZERO		2
#define __GFP_NOWARN		0
#define __GFP_RETRY_MAYFAIL	0
#define KMALLOC_MAX_SIZE	(4ul << 20)
#define PAGE_SHIFT		12
#define PAGE_SIZE		(1UL << PAGE_SHIFT)
#define PAGE_ALIGN(n)		(((n) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1))
#define totalram_pages()	(1ul << 20)

void *kmalloc(size_t size, gfp_t gfp);
void *kzalloc(size_t size, gfp_t gfp);
void kfree(const void *p);
void *__vmalloc(unsigned long size, gfp_t gfp);
void vfree(const void *p);
void set_vm_flush_reset_perms(void *p);
int set_memory_ro(unsigned long addr, int numpages);

#define kmalloc_array(n, size, flags)	kmalloc(array_size(n, size), flags)
#define kvmalloc(size, flags)		kmalloc(size, flags)
#define kvmalloc_array(n, size, flags)	kmalloc(array_size(n, size), flags)
#define kvzalloc(size, flags)		kzalloc(size, flags)
#define kvcalloc(n, size, flags)	kzalloc(array_size(n, size), flags)
#define kvfree(p)			kfree(p)

static inline void *kmemdup(const void *from, size_t size, gfp_t gfp)
{
	void *p = kmalloc(size, gfp);

	return p ? memcpy(p, from, size) : NULL;
}

static inline char *kvasprintf(gfp_t gfp, const char *fmt, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text = kmalloc(len + 1, gfp);
	if (text)
		vsnprintf(text, len + 1, fmt, args);
	return text;
}

/* User memory is ours; a test may take it away. */
extern bool user_memory_gone;
#define copy_to_user(to, from, n) \
	(user_memory_gone ? (n) : (memcpy(to, from, n), 0ul))
#define copy_from_user(to, from, n) \
	(user_memory_gone ? (n) : (memcpy(to, from, n), 0ul))
#define put_user(c, p)		(user_memory_gone ? -EFAULT : (*(p) = (c), 0))

/* ---- tasks, time, chance ------------------------------------------------------------------------ */

struct task_struct {
	void *bpf_ctx;
};

extern struct task_struct this_task;
extern bool task_is_perfmon;
bool load_killed(void);

#define current				(&this_task)
#define fatal_signal_pending(task)	((void)(task), load_killed())
#define cant_migrate()			((void)0)
#define CAP_SYS_ADMIN			21
#define capable(c)			true
#define perfmon_capable()		task_is_perfmon
#define kallsyms_show_value(cred)	true

#define ktime_us_delta(a, b)		(((a) - (b)) / 1000)
u64 ktime_get_mono_fast_ns(void);
u32 get_random_u32(void);
u64 get_random_u64(void);

struct rnd_state {
	u32 word;
};

#define prandom_u32_state(state)	((void)(state), get_random_u32())

/* ---- counters ------------------------------------------------------------------------------------- */

static inline void refcount_set(refcount_t *r, int n)
{
	r->refs = n;
}

/* ---- what headers name and nobody here uses ---------------------------------------------------------- */

struct cred;
struct mem_cgroup;
#define DECLARE_STATIC_KEY_FALSE(key)	extern int key

static inline struct mem_cgroup *set_active_memcg(struct mem_cgroup *memcg)
{
	return memcg;
}

#include "smp.h"
#include "net.h"

#endif
