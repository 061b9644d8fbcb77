/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Elements for maps that programs update in any context, and the rule by which
 * such maps take locks.
 */
#ifndef _BPF_MAP_POOL_H
#define _BPF_MAP_POOL_H

#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/irq_work.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct bpf_map;

/* ---- taking locks in any context ------------------------------------------- */

DECLARE_PER_CPU(int, bpf_map_lock_depth);

/**
 * struct map_section - a stretch of code that may take locks of maps
 * @irq_flags: interrupt state before it
 * @may_spin: no other section of this CPU was interrupted, so its locks cannot
 *	be held by the very code that waits
 */
struct map_section {
	unsigned long irq_flags;
	bool may_spin;
};

/*
 * The count goes up before the first lock is taken: whatever interrupts the
 * section from then on sees that it must not wait.
 */
static __always_inline void map_section_begin(struct map_section *section)
{
	local_irq_save(section->irq_flags);
	section->may_spin = __this_cpu_inc_return(bpf_map_lock_depth) == 1 &&
			    !in_nmi();
	barrier();
}

static __always_inline void map_section_end(struct map_section *section)
{
	barrier();
	__this_cpu_dec(bpf_map_lock_depth);
	local_irq_restore(section->irq_flags);
}

/* Return: the lock is held. Always true if the section may spin. */
static __always_inline bool map_lock(const struct map_section *section,
				     raw_spinlock_t *lock)
{
	if (!section->may_spin)
		return raw_spin_trylock(lock);
	raw_spin_lock(lock);
	return true;
}

/* ---- pools ------------------------------------------------------------------ */

/*
 * What is not an area of memory, see bpf_map_area_alloc(). It is charged too, and
 * where a memory cgroup has no more it fails, quietly, and nobody is killed.
 */
#define BPF_MAP_GFP	(GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL)

/* An element begins with a struct llist_node; nothing else may lie over it. */

/**
 * struct map_pool_list - free elements of one CPU
 * @lock: protects the rest
 * @first: last in, first out
 * @count: how many
 * @pushes: elements ever pushed, so that a search of all lists can tell that
 *	one came in behind it; read without the lock
 */
struct map_pool_list {
	raw_spinlock_t lock;
	struct llist_node *first;
	u32 count;
	u32 pushes;
};

/**
 * struct map_pool - all elements of a map
 * @map: whose, for node and memory cgroup
 * @lists: free elements
 * @stray: free elements pushed where no list could be locked
 * @elem_size: bytes of one, a multiple of 8
 * @limit: elements there may be
 * @total: elements there are; written under @grow_lock
 * @low: a list this short asks for more, 0 if all elements exist
 * @grow_lock: serialises growing; protects @chunks
 * @chunks: memory the elements lie in
 * @asking: CPUs whose list runs short
 * @kick: leaves the context of a program
 * @work: grows
 */
struct map_pool {
	struct bpf_map *map;
	struct map_pool_list __percpu *lists;
	struct llist_head stray;
	u32 elem_size;
	u32 limit;
	u32 total;
	u32 low;
	struct mutex grow_lock;
	struct list_head chunks;
	cpumask_var_t asking;
	struct irq_work kick;
	struct work_struct work;
};

int map_pool_init(struct map_pool *pool, struct bpf_map *map, u32 elem_size,
		  u32 limit);
int map_pool_grow(struct map_pool *pool, u32 count, bool on_demand);
void map_pool_make_room(struct map_pool *pool);
void map_pool_destroy(struct map_pool *pool);

struct llist_node *map_pool_pop(struct map_pool *pool,
				const struct map_section *section);
void map_pool_push(struct map_pool *pool, const struct map_section *section,
		   struct llist_node *node);

#endif /* _BPF_MAP_POOL_H */
