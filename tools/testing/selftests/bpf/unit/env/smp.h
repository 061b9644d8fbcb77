/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs, interrupts and what protects from them, for code built as a program.
 *
 * A thread is a CPU. A real-time signal is an NMI: it interrupts everything,
 * local_irq_save() included. Another one is an interrupt: its handler returns
 * at once while interrupts are off. What irq_work and workqueues do later is
 * done by one thread that waits for it, or by machine_settle(). See machine.h.
 */
#ifndef _UNIT_ENV_SMP_H
#define _UNIT_ENV_SMP_H

#include <pthread.h>
#include <sched.h>

#define NR_CPUS		8
#define DEFINE_PER_CPU(type, name) __thread type name
#define DECLARE_PER_CPU(type, name) extern __thread type name
#define array_index_nospec(i, n) ((i) < (n) ? (i) : 0)

/* ---- memory order --------------------------------------------------------------- */

/*
 * Where the order of two accesses matters, other CPUs may get in between: a CPU
 * sometimes stops there for a while, if the test wants that.
 */
extern unsigned int machine_stall_every;
void machine_stall(void);

static inline void may_stall(void)
{
	if (machine_stall_every)
		machine_stall();
}

#define smp_rmb()	do {						\
	may_stall();							\
	__atomic_thread_fence(__ATOMIC_ACQUIRE);			\
} while (0)
#define smp_wmb()	do {						\
	__atomic_thread_fence(__ATOMIC_RELEASE);			\
	may_stall();							\
} while (0)
#define smp_load_acquire(p) ({						\
	__auto_type __loaded = __atomic_load_n(p, __ATOMIC_ACQUIRE);	\
	may_stall();							\
	__loaded;							\
})
#define smp_store_release(p, v) do {					\
	may_stall();							\
	__atomic_store_n(p, v, __ATOMIC_RELEASE);			\
} while (0)
#define rcu_dereference_raw(p) ({					\
	__auto_type __pointer = __atomic_load_n(&(p), __ATOMIC_CONSUME);	\
	may_stall();							\
	__pointer;							\
})

typedef struct {
	s32 counter;
} atomic_t;

typedef struct {
	s64 counter;
} atomic64_t;

#define UNIT_ATOMIC(prefix, type, word)					\
static inline void prefix##_add(word i, type *v)			\
{									\
	__atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline void prefix##_or(word i, type *v)				\
{									\
	__atomic_fetch_or(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline void prefix##_and(word i, type *v)			\
{									\
	__atomic_fetch_and(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline void prefix##_xor(word i, type *v)			\
{									\
	__atomic_fetch_xor(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline void prefix##_inc(type *v)				\
{									\
	prefix##_add(1, v);						\
}									\
static inline word prefix##_read(const type *v)				\
{									\
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);		\
}									\
static inline word prefix##_read_acquire(const type *v)			\
{									\
	return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE);		\
}									\
static inline word prefix##_dec_return_release(type *v)			\
{									\
	return __atomic_sub_fetch(&v->counter, 1, __ATOMIC_RELEASE);	\
}									\
static inline word prefix##_fetch_add(word i, type *v)			\
{									\
	return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline word prefix##_fetch_or(word i, type *v)			\
{									\
	return __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline word prefix##_fetch_and(word i, type *v)			\
{									\
	return __atomic_fetch_and(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline word prefix##_fetch_xor(word i, type *v)			\
{									\
	return __atomic_fetch_xor(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline word prefix##_xchg(type *v, word new)			\
{									\
	return __atomic_exchange_n(&v->counter, new, __ATOMIC_SEQ_CST);	\
}									\
static inline word prefix##_cmpxchg(type *v, word old, word new)	\
{									\
	__atomic_compare_exchange_n(&v->counter, &old, new, false,	\
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);	\
	return old;							\
}

UNIT_ATOMIC(atomic, atomic_t, s32)
UNIT_ATOMIC(atomic64, atomic64_t, s64)

static inline bool atomic64_inc_unless_negative(atomic64_t *v)
{
	s64 old = atomic64_read(v);

	while (old >= 0)
		if (__atomic_compare_exchange_n(&v->counter, &old, old + 1, false,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return true;
	return false;
}

/* ---- where code runs ---------------------------------------------------------- */

extern __thread int this_cpu;
extern __thread volatile int irqs_off, nmi_depth;

#define raw_smp_processor_id()	this_cpu
#define smp_processor_id()	this_cpu
#define in_nmi()		(nmi_depth > 0)
#define local_irq_save(flags)	do { (flags) = irqs_off; irqs_off = 1; barrier(); } while (0)
#define local_irq_restore(flags) do { barrier(); irqs_off = (int)(flags); } while (0)
#define __this_cpu_inc_return(v) __atomic_add_fetch(&(v), 1, __ATOMIC_RELAXED)
#define __this_cpu_dec(v)	__atomic_sub_fetch(&(v), 1, __ATOMIC_RELAXED)

/* Dynamic per-CPU memory is an array; named variables are thread-local. */
#define alloc_percpu_gfp(type, gfp) ((type *)kzalloc(NR_CPUS * sizeof(type), gfp))
#define free_percpu(p)		kfree(p)
#define per_cpu_ptr(p, cpu)	(&(p)[cpu])
#define this_cpu_ptr(p)		(&(p)[this_cpu])
#define this_cpu_xchg(lv, v)	__atomic_exchange_n(&(&(lv))[this_cpu], v, __ATOMIC_RELAXED)
#define this_cpu_cmpxchg(lv, old, new) ({					\
	__typeof__(lv) old_ = (old);						\
	__atomic_compare_exchange_n(&(&(lv))[this_cpu], &old_, new, false,	\
				    __ATOMIC_RELAXED, __ATOMIC_RELAXED);	\
	old_; })
#define num_possible_cpus()	NR_CPUS
#define for_each_possible_cpu(c) for ((c) = 0; (c) < NR_CPUS; (c)++)
#define cpu_possible_mask	NULL
#define for_each_cpu_wrap(c, mask, first)					\
	for (int n_ = 0; (c) = ((first) + n_) % NR_CPUS, n_ < NR_CPUS; n_++)
#define cpumask_next(c, mask)	((c) + 1)

typedef unsigned long cpumask_var_t[1];
#define zalloc_cpumask_var(m, gfp) ((*(m))[0] = 0, true)
#define free_cpumask_var(m)	do { } while (0)
#define cpumask_set_cpu(c, m)	__atomic_or_fetch(&(m)[0], 1ul << (c), __ATOMIC_RELAXED)
#define cpumask_clear_cpu(c, m)	__atomic_and_fetch(&(m)[0], ~(1ul << (c)), __ATOMIC_RELAXED)
#define for_each_cpu(c, m)	for_each_possible_cpu(c) if ((m)[0] >> (c) & 1)

#define lockdep_assert_held(l)	do { } while (0)

static inline u64 mul_u64_u64_shr(u64 a, u64 b, unsigned int shift)
{
	return (u64)((unsigned __int128)a * b >> shift);
}

/* ---- locks --------------------------------------------------------------------- */

typedef struct {
	u32 held;
} raw_spinlock_t;

static inline void raw_spin_lock_init(raw_spinlock_t *l)
{
	l->held = 0;
}

static inline bool raw_spin_trylock(raw_spinlock_t *l)
{
	return !__atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE);
}

static inline void raw_spin_unlock(raw_spinlock_t *l)
{
	__atomic_store_n(&l->held, 0, __ATOMIC_RELEASE);
}

void unit_spinning(unsigned int rounds);

static inline void raw_spin_lock(raw_spinlock_t *l)
{
	for (unsigned int n = 0; !raw_spin_trylock(l); n++)
		unit_spinning(n);
}

struct mutex {
	pthread_mutex_t m;
};

#define mutex_init(l)	pthread_mutex_init(&(l)->m, NULL)
#define mutex_lock(l)	pthread_mutex_lock(&(l)->m)
#define mutex_unlock(l)	pthread_mutex_unlock(&(l)->m)

/* ---- lists ----------------------------------------------------------------------- */

struct list_head {
	struct list_head *next, *prev;
};

#define INIT_LIST_HEAD(l) ((l)->next = (l)->prev = (l))

static inline void list_add(struct list_head *n, struct list_head *l)
{
	n->next = l->next;
	n->prev = l;
	l->next->prev = n;
	l->next = n;
}

#define list_for_each_entry_safe(p, n, head, member)				\
	for ((p) = container_of((head)->next, __typeof__(*(p)), member),	\
	     (n) = container_of((p)->member.next, __typeof__(*(p)), member);	\
	     &(p)->member != (head);						\
	     (p) = (n), (n) = container_of((n)->member.next, __typeof__(*(n)), member))

struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};

#define llist_entry(p, type, member) container_of(p, type, member)
#define init_llist_head(l)	((l)->first = NULL)
#define llist_empty(l)		(!READ_ONCE((l)->first))
#define llist_del_all(l)	__atomic_exchange_n(&(l)->first, NULL, __ATOMIC_ACQUIRE)

static inline void llist_add(struct llist_node *n, struct llist_head *l)
{
	n->next = READ_ONCE(l->first);
	while (!__atomic_compare_exchange_n(&l->first, &n->next, n, false,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
}

struct hlist_nulls_node {
	struct hlist_nulls_node *next, **pprev;
};

struct hlist_nulls_head {
	struct hlist_nulls_node *first;
};

#define INIT_HLIST_NULLS_HEAD(h, n) \
	((h)->first = (struct hlist_nulls_node *)(1ul | (unsigned long)(n) << 1))
#define is_a_nulls(p)		((unsigned long)(p) & 1)
#define get_nulls_value(p)	((unsigned long)(p) >> 1)
#define hlist_nulls_entry(p, type, member) container_of(p, type, member)
#define hlist_nulls_first_rcu(h) ((h)->first)
#define hlist_nulls_next_rcu(n)	((n)->next)

static inline void hlist_nulls_add_head_rcu(struct hlist_nulls_node *n,
					    struct hlist_nulls_head *h)
{
	n->next = h->first;
	n->pprev = &h->first;
	if (!is_a_nulls(n->next))
		n->next->pprev = &n->next;
	__atomic_store_n(&h->first, n, __ATOMIC_RELEASE);
}

static inline void hlist_nulls_del_rcu(struct hlist_nulls_node *n)
{
	WRITE_ONCE(*n->pprev, n->next);
	if (!is_a_nulls(n->next))
		n->next->pprev = n->pprev;
	n->pprev = NULL;
}

/* ---- later ------------------------------------------------------------------------ */

struct irq_work {
	void (*func)(struct irq_work *work);
	int raised;
};

struct work_struct {
	void (*func)(struct work_struct *work);
	int raised;
};

#define system_unbound_wq	NULL
#define init_irq_work(w, f)	((w)->func = (f), (w)->raised = 0)
#define INIT_WORK(w, f)		((w)->func = (f), (w)->raised = 0)
void irq_work_queue(struct irq_work *work);
void irq_work_sync(struct irq_work *work);
void queue_work(void *wq, struct work_struct *work);
void cancel_work_sync(struct work_struct *work);
bool schedule_work(struct work_struct *work);

#endif
