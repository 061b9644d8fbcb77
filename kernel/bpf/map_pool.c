// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pools of map elements.
 *
 * Programs run in interrupts, NMIs and under any lock, also those of the
 * allocator, so they never allocate: they take elements from here. Free
 * elements stand in one list per CPU; an empty list takes from the others.
 * Memory of an element stays an element until the map goes, therefore a reader
 * may look at one that was freed or reused meanwhile, if it checks afterwards.
 *
 * A pool is either full from the start, or it grows on demand: when a list runs
 * short, a worker adds to it. The worker is woken through irq_work, which can
 * be raised from anywhere. A system call asks for growth itself before it
 * updates. A burst of inserts from a program can still outrun the worker and
 * sees -ENOMEM. A pool never shrinks.
 *
 * Locking: list locks are taken inside a map section (see map_pool.h) and are
 * leaves; no two at a time. grow_lock is a mutex outside of all that.
 */
#include <linux/bpf.h>
#include <linux/cpumask.h>
#include <linux/hardirq.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "map_pool.h"

/* Sections of this CPU that hold or take locks of maps. */
DEFINE_PER_CPU(int, bpf_map_lock_depth);

/* Elements are allocated in chunks of about this many bytes. */
#define CHUNK_BYTES	SZ_32K

/* Growing on demand: at least so many at a time, unless it is so many bytes. */
#define GROW_MIN	32
#define GROW_BYTES	SZ_1M

struct map_pool_chunk {
	struct list_head link;
	u8 elems[] __aligned(8);
};

/* ---- lists ------------------------------------------------------------------ */

static void list_add_node(struct map_pool_list *list, struct llist_node *node)
{
	node->next = list->first;
	list->first = node;
	list->count++;
	WRITE_ONCE(list->pushes, list->pushes + 1);
}

static struct llist_node *list_take(struct map_pool *pool,
				    struct map_pool_list *list)
{
	struct llist_node *node;

	if (!list->first && !llist_empty(&pool->stray)) {
		struct llist_node *next;

		for (node = llist_del_all(&pool->stray); node; node = next) {
			next = node->next;
			list_add_node(list, node);
		}
	}

	node = list->first;
	if (node) {
		list->first = node->next;
		list->count--;
	}
	return node;
}

static u32 pushes_seen(struct map_pool *pool)
{
	u32 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(pool->lists, cpu)->pushes);
	return sum;
}

/* One pass over all lists, this CPU's first. */
static struct llist_node *search(struct map_pool *pool,
				 const struct map_section *section, bool *busy)
{
	int cpu, first = raw_smp_processor_id();
	struct llist_node *node;

	for_each_cpu_wrap(cpu, cpu_possible_mask, first) {
		struct map_pool_list *list = per_cpu_ptr(pool->lists, cpu);

		if (cpu != first && !READ_ONCE(list->first))
			continue;
		if (!map_lock(section, &list->lock)) {
			*busy = true;
			continue;
		}
		node = list_take(pool, list);
		raw_spin_unlock(&list->lock);
		if (node)
			return node;
	}
	return NULL;
}

static void ask_for_more(struct map_pool *pool)
{
	if (READ_ONCE(pool->total) < pool->limit)
		irq_work_queue(&pool->kick);
}

/**
 * map_pool_pop() - take a free element
 * @pool: pool
 * @section: section the caller is in
 *
 * Context: any, inside @section.
 * Return: an element, its old contents still readable by others, or ERR_PTR:
 * -E2BIG if all elements are in use, -ENOMEM if more may come soon, -EBUSY if
 * that cannot be told because the section may not wait.
 */
struct llist_node *map_pool_pop(struct map_pool *pool,
				const struct map_section *section)
{
	struct map_pool_list *mine = this_cpu_ptr(pool->lists);
	struct llist_node *node;
	bool busy = false;
	u32 pushes;

	/* An element pushed behind the search would be missed: look again. */
	do {
		pushes = pushes_seen(pool);
		node = search(pool, section, &busy);
	} while (!node && !busy && pushes != pushes_seen(pool));

	if (pool->low && READ_ONCE(mine->count) < pool->low)
		ask_for_more(pool);
	if (node)
		return node;
	if (busy)
		return ERR_PTR(-EBUSY);
	return ERR_PTR(READ_ONCE(pool->total) < pool->limit ? -ENOMEM : -E2BIG);
}

/**
 * map_pool_push() - give back an element
 * @pool: pool
 * @section: section the caller is in
 * @node: element no chain leads to any more; a reader may still look at it
 *
 * Context: any, inside @section.
 */
void map_pool_push(struct map_pool *pool, const struct map_section *section,
		   struct llist_node *node)
{
	struct map_pool_list *mine = this_cpu_ptr(pool->lists);

	if (!map_lock(section, &mine->lock)) {
		llist_add(node, &pool->stray);
		return;
	}
	list_add_node(mine, node);
	raw_spin_unlock(&mine->lock);
}

/* ---- growing ---------------------------------------------------------------- */

/* Put @count elements that lie side by side from @elems on a CPU's list. */
static void give_to_cpu(struct map_pool *pool, int cpu, void *elems, u32 count)
{
	struct map_pool_list *list = per_cpu_ptr(pool->lists, cpu);
	struct llist_node *first = elems, *last = elems;
	struct map_section section;
	u32 i;

	for (i = 1; i < count; i++) {
		last->next = elems + (size_t)i * pool->elem_size;
		last = last->next;
	}

	/* In task context: the section has interrupted no other and may wait. */
	map_section_begin(&section);
	raw_spin_lock(&list->lock);
	last->next = list->first;
	list->first = first;
	list->count += count;
	WRITE_ONCE(list->pushes, list->pushes + 1);
	raw_spin_unlock(&list->lock);
	map_section_end(&section);
}

static struct map_pool_chunk *chunk_alloc(struct map_pool *pool, u32 elems)
{
	struct mem_cgroup *old = set_active_memcg(bpf_map_memcg(pool->map));
	struct map_pool_chunk *chunk;

	chunk = bpf_map_area_alloc(sizeof(*chunk) + (u64)elems * pool->elem_size,
				   pool->map->numa_node);
	set_active_memcg(old);
	return chunk;
}

/* An equal share of a new chunk for every CPU, or all of it for one. */
static void chunk_share_out(struct map_pool *pool, struct map_pool_chunk *chunk,
			    u32 count, int only)
{
	u32 share = only < 0 ? DIV_ROUND_UP(count, num_possible_cpus()) : count;
	void *elems = chunk->elems;
	int cpu = only;

	while (count) {
		u32 n = min(count, share);

		if (only < 0)
			cpu = cpumask_next(cpu, cpu_possible_mask);
		give_to_cpu(pool, cpu, elems, n);
		elems += (size_t)n * pool->elem_size;
		count -= n;
	}
}

/*
 * Add @count elements, for one CPU, or for all if @cpu is negative. A break
 * after each chunk is what keeps a million elements from holding a CPU.
 */
static int grow_locked(struct map_pool *pool, u32 count, int cpu)
{
	u32 per_chunk = max_t(u32, 1, CHUNK_BYTES / pool->elem_size);

	lockdep_assert_held(&pool->grow_lock);
	count = min(count, pool->limit - pool->total);
	while (count) {
		u32 n = min(count, per_chunk);
		struct map_pool_chunk *chunk;

		if (fatal_signal_pending(current))
			return -EINTR;
		chunk = chunk_alloc(pool, n);
		if (!chunk)
			return -ENOMEM;

		list_add(&chunk->link, &pool->chunks);
		chunk_share_out(pool, chunk, n, cpu);
		WRITE_ONCE(pool->total, pool->total + n);
		count -= n;
		cond_resched();
	}
	return 0;
}

/* Most elements to add at a time: memory bounds it, but one there must be. */
static u32 grow_most(const struct map_pool *pool)
{
	return max_t(u32, 1, GROW_BYTES / pool->elem_size);
}

static u32 grow_least(const struct map_pool *pool)
{
	return min_t(u32, GROW_MIN, grow_most(pool));
}

/* As much as there is already, so that bursts find ever more, within bounds. */
static int grow_some_locked(struct map_pool *pool, int cpu)
{
	u32 share = pool->total / num_possible_cpus();

	return grow_locked(pool, clamp_t(u32, share, grow_least(pool),
					 grow_most(pool)), cpu);
}

static bool runs_short(struct map_pool *pool, int cpu)
{
	return READ_ONCE(per_cpu_ptr(pool->lists, cpu)->count) < pool->low;
}

static void kick_from_anywhere(struct irq_work *kick)
{
	struct map_pool *pool = container_of(kick, struct map_pool, kick);

	cpumask_set_cpu(smp_processor_id(), pool->asking);
	queue_work(system_unbound_wq, &pool->work);
}

static void grow_work(struct work_struct *work)
{
	struct map_pool *pool = container_of(work, struct map_pool, work);
	int cpu;

	mutex_lock(&pool->grow_lock);
	for_each_cpu(cpu, pool->asking) {
		cpumask_clear_cpu(cpu, pool->asking);
		/* A failure is seen by the next update that finds nothing. */
		if (runs_short(pool, cpu))
			grow_some_locked(pool, cpu);
	}
	mutex_unlock(&pool->grow_lock);
}

/**
 * map_pool_make_room() - prepare for an update by a system call
 * @pool: pool
 *
 * Context: process context, may sleep.
 */
void map_pool_make_room(struct map_pool *pool)
{
	int cpu = raw_smp_processor_id();

	if (!pool->low || READ_ONCE(pool->total) >= pool->limit ||
	    !runs_short(pool, cpu))
		return;

	mutex_lock(&pool->grow_lock);
	if (runs_short(pool, cpu))
		grow_some_locked(pool, cpu);
	mutex_unlock(&pool->grow_lock);
}

/**
 * map_pool_grow() - make the first elements
 * @pool: new pool
 * @count: elements, spread over all CPUs
 * @on_demand: with some to begin with beyond them; the rest up to the limit
 *	comes when it is needed
 *
 * Context: process context, may sleep.
 * Return: 0, -ENOMEM, or -EINTR if the caller is being killed.
 */
int map_pool_grow(struct map_pool *pool, u32 count, bool on_demand)
{
	int err;

	if (on_demand) {
		count += grow_least(pool) * num_possible_cpus();
		pool->low = DIV_ROUND_UP(grow_least(pool), 2);
	}
	mutex_lock(&pool->grow_lock);
	err = grow_locked(pool, count, -1);
	mutex_unlock(&pool->grow_lock);
	return err;
}

/* ---- life -------------------------------------------------------------------- */

/**
 * map_pool_init() - make an empty pool
 * @pool: zeroed memory
 * @map: map it belongs to
 * @elem_size: bytes of an element, a multiple of 8
 * @limit: elements it may ever have
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOMEM and nothing to destroy.
 */
int map_pool_init(struct map_pool *pool, struct bpf_map *map, u32 elem_size,
		  u32 limit)
{
	int cpu;

	pool->lists = alloc_percpu_gfp(struct map_pool_list, BPF_MAP_GFP);
	if (!pool->lists)
		return -ENOMEM;
	if (!zalloc_cpumask_var(&pool->asking, BPF_MAP_GFP)) {
		free_percpu(pool->lists);
		return -ENOMEM;
	}

	for_each_possible_cpu(cpu)
		raw_spin_lock_init(&per_cpu_ptr(pool->lists, cpu)->lock);
	pool->map = map;
	pool->elem_size = elem_size;
	pool->limit = limit;
	mutex_init(&pool->grow_lock);
	INIT_LIST_HEAD(&pool->chunks);
	init_llist_head(&pool->stray);
	init_irq_work(&pool->kick, kick_from_anywhere);
	INIT_WORK(&pool->work, grow_work);
	return 0;
}

/**
 * map_pool_destroy() - free all elements, whoever has them
 * @pool: pool of a map nobody can reach any more
 *
 * Context: process context, may sleep.
 */
void map_pool_destroy(struct map_pool *pool)
{
	struct map_pool_chunk *chunk, *next;

	irq_work_sync(&pool->kick);
	cancel_work_sync(&pool->work);
	list_for_each_entry_safe(chunk, next, &pool->chunks, link) {
		bpf_map_area_free(chunk);
		cond_resched();
	}
	free_cpumask_var(pool->asking);
	free_percpu(pool->lists);
}
