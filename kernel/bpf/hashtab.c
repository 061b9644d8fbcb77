// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_HASH: keys and values of fixed size, looked up by a keyed hash.
 *
 * Chains hang from a power of two of buckets; writers hold the bucket's lock,
 * readers take none. Elements come from a pool (map_pool.c) and are reused at
 * once, so a reader may find itself on an element that meanwhile holds another
 * key or stands in another chain. What keeps it right:
 *
 *  - elem->seq is odd while an element is being filled. A reader that found its
 *    key, or copied a value, checks that seq is even and has not moved.
 *  - bucket->gen counts what left the chain. A reader that found nothing
 *    believes that only if gen has not moved and the end of the chain it
 *    reached carries the number of its bucket. A new key enters at the head,
 *    where no reader that passed can need it; a replacement takes the place of
 *    what it replaces, so every reader sees the one or the other.
 *  - an element keeps its place in the chain as far as its own next pointer is
 *    concerned until it is reused: the free list has a link of its own.
 *
 * A value is replaced by another element, never overwritten, therefore a copy
 * is never a mix of two values. Programs that write through the pointer they
 * looked up do so in place; that is their business.
 *
 * The pool has one element per CPU beyond max_entries. Each CPU keeps one as a
 * spare, which takes the new value of an existing key; the old element becomes
 * the spare. So replacing works in a full map and never runs out.
 *
 * Locking: bucket locks are taken inside a map section (map_pool.h): whoever
 * interrupts a section of this CPU, and whoever runs in an NMI, only tries, and
 * gets -EBUSY. List locks of the pool nest inside.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/hardirq.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/rculist_nulls.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "map_key.h"
#include "map_pool.h"

#define HTAB_FLAGS	(BPF_F_NO_PREALLOC | BPF_F_NUMA_NODE | BPF_F_RDONLY |	\
			 BPF_F_WRONLY | BPF_F_ZERO_SEED | BPF_F_RDONLY_PROG |	\
			 BPF_F_WRONLY_PROG)

#define HTAB_PROG_ACCESS	(BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG)

struct htab_bucket {
	struct hlist_nulls_head head;
	raw_spinlock_t lock;
	u32 gen;
};

struct htab_elem {
	struct llist_node free;
	struct hlist_nulls_node chain;
	u32 hash;
	u32 seq;
	u8 key[] __aligned(8);	/* then the value, at a multiple of 8 */
};

/**
 * struct htab - a hash map
 * @map: common part
 * @buckets: array of @mask + 1
 * @mask: selects a bucket from a hash
 * @value_off: of the value, from the key
 * @secret: of the hash
 * @spare: one element per CPU, NULL while it is being filled
 * @pool: all elements
 */
struct htab {
	struct bpf_map map;
	struct htab_bucket *buckets;
	u32 mask;
	u32 value_off;
	struct map_secret secret;
	struct htab_elem * __percpu *spare;
	struct map_pool pool;
};

static struct htab *to_htab(struct bpf_map *map)
{
	return container_of(map, struct htab, map);
}

static u32 htab_hash(const struct htab *htab, const void *key)
{
	return map_key_hash(key, htab->map.key_size, &htab->secret);
}

static void *elem_value(const struct htab *htab, struct htab_elem *elem)
{
	return elem->key + htab->value_off;
}

/* ---- creation and end --------------------------------------------------------- */

static int htab_alloc_check(const union bpf_attr *attr)
{
	const u64 max_elem = KMALLOC_MAX_SIZE - sizeof(struct htab_elem);

	if (attr->map_flags & BPF_F_ZERO_SEED && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (attr->map_flags & ~HTAB_FLAGS)
		return -EINVAL;
	if ((attr->map_flags & HTAB_PROG_ACCESS) == HTAB_PROG_ACCESS)
		return -EINVAL;
	if (!attr->max_entries || !attr->key_size || !attr->value_size)
		return -EINVAL;
	if (round_up((u64)attr->key_size, 8) + round_up((u64)attr->value_size, 8) >=
	    max_elem)
		return -E2BIG;
	/* The array of buckets must fit in 32 bits. */
	if (attr->max_entries > 1U << 31 ||
	    (1ULL << order_base_2(attr->max_entries)) * sizeof(struct htab_bucket) >
	    U32_MAX)
		return -E2BIG;
	return 0;
}

static int buckets_alloc(struct htab *htab, const union bpf_attr *attr)
{
	u32 i, n = 1U << order_base_2(attr->max_entries);

	htab->buckets = bpf_map_area_alloc(array_size(n, sizeof(*htab->buckets)),
					   htab->map.numa_node);
	if (!htab->buckets)
		return -ENOMEM;

	htab->mask = n - 1;
	for (i = 0; i < n; i++) {
		INIT_HLIST_NULLS_HEAD(&htab->buckets[i].head, i);
		raw_spin_lock_init(&htab->buckets[i].lock);
		if (!(i % 4096))
			cond_resched();
	}
	return 0;
}

static int spares_take(struct htab *htab)
{
	struct map_section section;
	struct llist_node *node;
	int cpu;

	htab->spare = alloc_percpu_gfp(struct htab_elem *, BPF_MAP_GFP);
	if (!htab->spare)
		return -ENOMEM;

	for_each_possible_cpu(cpu) {
		map_section_begin(&section);
		node = map_pool_pop(&htab->pool, &section);
		map_section_end(&section);
		if (IS_ERR(node))
			return PTR_ERR(node);
		*per_cpu_ptr(htab->spare, cpu) =
			llist_entry(node, struct htab_elem, free);
	}
	return 0;
}

static int elems_alloc(struct htab *htab, const union bpf_attr *attr)
{
	u32 limit = attr->max_entries + num_possible_cpus();
	bool on_demand = attr->map_flags & BPF_F_NO_PREALLOC;
	u32 first = on_demand ? num_possible_cpus() : limit;
	u32 elem_size;
	int err;

	/* htab_alloc_check() keeps both sums far below 32 bits. */
	elem_size = sizeof(struct htab_elem) + htab->value_off +
		    round_up(attr->value_size, 8);
	/* Rather than find out one chunk after another. */
	if ((u64)first * elem_size >> PAGE_SHIFT > totalram_pages())
		return -ENOMEM;

	err = map_pool_init(&htab->pool, &htab->map, elem_size, limit);
	if (err)
		return err;
	err = map_pool_grow(&htab->pool, first, on_demand);
	if (!err)
		err = spares_take(htab);
	if (err) {
		free_percpu(htab->spare);
		map_pool_destroy(&htab->pool);
	}
	return err;
}

static struct bpf_map *htab_alloc(const union bpf_attr *attr)
{
	struct htab *htab;
	int err;

	htab = bpf_map_area_alloc(sizeof(*htab), NUMA_NO_NODE);
	if (!htab)
		return ERR_PTR(-ENOMEM);

	bpf_map_init_from_attr(&htab->map, attr);
	htab->value_off = round_up(attr->key_size, 8);
	htab->secret.factor = GOLDEN_RATIO_64;
	if (!(attr->map_flags & BPF_F_ZERO_SEED)) {
		htab->secret.sum = get_random_u64();
		htab->secret.factor = get_random_u64() | 1;
	}

	err = buckets_alloc(htab, attr);
	if (err)
		goto free_htab;
	err = elems_alloc(htab, attr);
	if (err)
		goto free_buckets;
	return &htab->map;

free_buckets:
	bpf_map_area_free(htab->buckets);
free_htab:
	bpf_map_area_free(htab);
	return ERR_PTR(err);
}

static void htab_free(struct bpf_map *map)
{
	struct htab *htab = to_htab(map);

	map_pool_destroy(&htab->pool);
	free_percpu(htab->spare);
	bpf_map_area_free(htab->buckets);
	bpf_map_area_free(htab);
}

static void htab_release_uref(struct bpf_map *map)
{
	/* Values refer to nothing. */
}

static void htab_make_room(struct bpf_map *map)
{
	map_pool_make_room(&to_htab(map)->pool);
}

/* ---- reading ------------------------------------------------------------------- */

/* Does @elem hold @key? If so @seq identifies what it holds. */
static __always_inline bool elem_matches(const struct htab_elem *elem, u32 hash,
					 const void *key, u32 key_size, u32 *seq)
{
	/* pairs with the end of elem_fill() */
	*seq = smp_load_acquire(&elem->seq);
	if (*seq & 1 || READ_ONCE(elem->hash) != hash)
		return false;
	if (!map_key_equal(elem->key, key, key_size))
		return false;
	/* key before seq, as elem_fill() writes them */
	smp_rmb();
	return READ_ONCE(elem->seq) == *seq;
}

/*
 * Walk a chain without a lock. Each new round is caused by a writer that took
 * something out of this bucket, so somebody always gets on.
 */
static __always_inline struct htab_elem *find_sized(const struct htab *htab, const void *key,
						    u32 key_size, u32 *seq)
{
	u32 hash = map_key_hash(key, key_size, &htab->secret);
	u32 index = hash & htab->mask;
	struct htab_bucket *bucket = &htab->buckets[index];
	struct hlist_nulls_node *node;
	u32 gen;

	do {
		/* gen before the chain, against chain_changed() */
		gen = smp_load_acquire(&bucket->gen);
		node = rcu_dereference_raw(hlist_nulls_first_rcu(&bucket->head));
		while (!is_a_nulls(node)) {
			struct htab_elem *elem;

			elem = hlist_nulls_entry(node, struct htab_elem, chain);
			if (elem_matches(elem, hash, key, key_size, seq))
				return elem;
			node = rcu_dereference_raw(hlist_nulls_next_rcu(node));
		}
		/* what elements hold before gen, as chain_changed() says */
		smp_rmb();
	} while (get_nulls_value(node) != index || READ_ONCE(bucket->gen) != gen);
	return NULL;
}

/* Apart, for the registers it needs. */
static noinline struct htab_elem *find_any(const struct htab *htab, const void *key)
{
	u32 seq;

	return find_sized(htab, key, htab->map.key_size, &seq);
}

/* The usual sizes have code of their own, without loops over words. */
static __always_inline struct htab_elem *find_fast(const struct htab *htab, const void *key)
{
	u32 seq;

	switch (htab->map.key_size) {
	case 4:
		return find_sized(htab, key, 4, &seq);
	case 8:
		return find_sized(htab, key, 8, &seq);
	case 16:
		return find_sized(htab, key, 16, &seq);
	default:
		return find_any(htab, key);
	}
}

BPF_CALL_2(bpf_htab_lookup, struct bpf_map *, map, void *, key)
{
	struct htab *htab = to_htab(map);
	struct htab_elem *elem = find_fast(htab, key);

	return elem ? (unsigned long)elem_value(htab, elem) : 0;
}

static void *htab_lookup(struct bpf_map *map, void *key)
{
	return (void *)(unsigned long)bpf_htab_lookup((unsigned long)map, (unsigned long)key,
						      0, 0, 0);
}

static int htab_copy(struct bpf_map *map, void *key, void *value)
{
	struct htab *htab = to_htab(map);
	struct htab_elem *elem;
	u32 seq;

	do {
		elem = find_sized(htab, key, map->key_size, &seq);
		if (!elem)
			return -ENOENT;
		memcpy(value, elem_value(htab, elem), map->value_size);
		/* value before seq, as elem_fill() writes them */
		smp_rmb();
	} while (READ_ONCE(elem->seq) != seq);
	return 0;
}

/* ---- writing ------------------------------------------------------------------- */

/*
 * Tell readers, after an element left the chain and before it may be used again, that
 * a miss may be false. A reader that takes the new gen finds its way past the element;
 * one that is on the element by then took an old gen. Were gen counted first, this
 * reader would err:
 *
 *	writer of A, then B		reader of A
 *	gen = 1
 *					gen is 1, the chain leads to A's old element
 *	A's new element takes its place
 *	the old one is filled with B
 *					not A; the end; gen is still 1
 */
static void chain_changed(struct htab_bucket *bucket)
{
	/* the chain before gen, read in the other order by find_sized() */
	smp_wmb();
	WRITE_ONCE(bucket->gen, bucket->gen + 1);
	/* gen before what elem_fill() does to the element */
	smp_wmb();
}

static void chain_remove(struct htab_bucket *bucket, struct htab_elem *elem)
{
	hlist_nulls_del_rcu(&elem->chain);
	chain_changed(bucket);
}

static void chain_replace(struct htab_bucket *bucket, struct htab_elem *old,
			  struct htab_elem *new)
{
	struct hlist_nulls_node *next = old->chain.next;
	struct hlist_nulls_node **place = old->chain.pprev;

	new->chain.next = next;
	WRITE_ONCE(new->chain.pprev, place);
	if (!is_a_nulls(next))
		WRITE_ONCE(next->pprev, &new->chain.next);
	/* a reader that finds it sees where it leads */
	smp_store_release(place, &new->chain);
	chain_changed(bucket);
}

static void elem_fill(const struct htab *htab, struct htab_elem *elem, u32 hash,
		      const void *key, const void *value)
{
	WRITE_ONCE(elem->seq, elem->seq + 1);
	/* odd before the first change */
	smp_wmb();
	WRITE_ONCE(elem->hash, hash);
	memcpy(elem->key, key, htab->map.key_size);
	memcpy(elem_value(htab, elem), value, htab->map.value_size);
	/* even after the last change, see elem_matches() */
	smp_store_release(&elem->seq, elem->seq + 1);
}

/* For a holder of the bucket's lock: nothing moves under it. */
static struct htab_elem *locked_find(const struct htab *htab,
				     struct htab_bucket *bucket, u32 hash,
				     const void *key)
{
	struct hlist_nulls_node *node;
	struct htab_elem *elem;

	lockdep_assert_held(&bucket->lock);
	for (node = bucket->head.first; !is_a_nulls(node); node = node->next) {
		elem = hlist_nulls_entry(node, struct htab_elem, chain);
		if (elem->hash == hash &&
		    map_key_equal(elem->key, key, htab->map.key_size))
			return elem;
	}
	return NULL;
}

/*
 * What interrupted this section may have taken the spare, or put its own there:
 * then elements go through the pool.
 */
static struct htab_elem *spare_take(struct htab *htab,
				    const struct map_section *section)
{
	struct htab_elem *elem = this_cpu_xchg(*htab->spare, NULL);
	struct llist_node *node;

	if (elem)
		return elem;
	node = map_pool_pop(&htab->pool, section);
	if (IS_ERR(node))
		return ERR_PTR(-EBUSY);
	return llist_entry(node, struct htab_elem, free);
}

static void spare_put(struct htab *htab, const struct map_section *section,
		      struct htab_elem *elem)
{
	if (this_cpu_cmpxchg(*htab->spare, NULL, elem))
		map_pool_push(&htab->pool, section, &elem->free);
}

static int replace_locked(struct htab *htab, struct htab_bucket *bucket,
			  const struct map_section *section,
			  struct htab_elem *old, const void *value)
{
	struct htab_elem *new = spare_take(htab, section);

	if (IS_ERR(new))
		return PTR_ERR(new);
	elem_fill(htab, new, old->hash, old->key, value);
	chain_replace(bucket, old, new);
	spare_put(htab, section, old);
	return 0;
}

static int insert_locked(struct htab *htab, struct htab_bucket *bucket,
			 const struct map_section *section, u32 hash,
			 const void *key, const void *value)
{
	struct llist_node *node = map_pool_pop(&htab->pool, section);
	struct htab_elem *elem;

	if (IS_ERR(node))
		return PTR_ERR(node);
	elem = llist_entry(node, struct htab_elem, free);
	elem_fill(htab, elem, hash, key, value);
	hlist_nulls_add_head_rcu(&elem->chain, &bucket->head);
	return 0;
}

static int htab_update(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct htab *htab = to_htab(map);
	struct htab_bucket *bucket;
	struct map_section section;
	struct htab_elem *old;
	int ret = -EBUSY;
	u32 hash;

	if (unlikely(flags > BPF_EXIST))
		return -EINVAL;

	hash = htab_hash(htab, key);
	bucket = &htab->buckets[hash & htab->mask];
	map_section_begin(&section);
	if (!map_lock(&section, &bucket->lock))
		goto end_section;

	old = locked_find(htab, bucket, hash, key);
	if (old && flags == BPF_NOEXIST)
		ret = -EEXIST;
	else if (!old && flags == BPF_EXIST)
		ret = -ENOENT;
	else if (old)
		ret = replace_locked(htab, bucket, &section, old, value);
	else
		ret = insert_locked(htab, bucket, &section, hash, key, value);
	raw_spin_unlock(&bucket->lock);
end_section:
	map_section_end(&section);
	return ret;
}

static int htab_delete(struct bpf_map *map, void *key)
{
	struct htab *htab = to_htab(map);
	u32 hash = htab_hash(htab, key);
	struct htab_bucket *bucket = &htab->buckets[hash & htab->mask];
	struct map_section section;
	struct htab_elem *elem;
	int ret = -EBUSY;

	map_section_begin(&section);
	if (!map_lock(&section, &bucket->lock))
		goto end_section;

	elem = locked_find(htab, bucket, hash, key);
	if (elem)
		chain_remove(bucket, elem);
	raw_spin_unlock(&bucket->lock);

	if (elem)
		map_pool_push(&htab->pool, &section, &elem->free);
	ret = elem ? 0 : -ENOENT;
end_section:
	map_section_end(&section);
	return ret;
}

/* ---- iteration ------------------------------------------------------------------ */

enum step {
	STEP_DONE,		/* next key copied */
	STEP_END,		/* nothing more in this bucket */
	STEP_LOST,		/* the key it was to go on from is gone */
	STEP_BUSY,
};

/*
 * Copy the first key of a bucket, or the one after @key. The lock makes the
 * copied key one that really is in the map.
 */
static enum step bucket_step(struct htab *htab, u32 index, u32 hash,
			     const void *key, void *next_key)
{
	struct htab_bucket *bucket = &htab->buckets[index];
	enum step step = STEP_BUSY;
	struct hlist_nulls_node *node;
	struct map_section section;
	struct htab_elem *elem;

	map_section_begin(&section);
	if (!map_lock(&section, &bucket->lock))
		goto end_section;

	node = bucket->head.first;
	step = STEP_LOST;
	if (key) {
		elem = locked_find(htab, bucket, hash, key);
		if (!elem)
			goto unlock;
		node = elem->chain.next;
	}

	step = STEP_END;
	if (!is_a_nulls(node)) {
		elem = hlist_nulls_entry(node, struct htab_elem, chain);
		memcpy(next_key, elem->key, htab->map.key_size);
		step = STEP_DONE;
	}
unlock:
	raw_spin_unlock(&bucket->lock);
end_section:
	map_section_end(&section);
	return step;
}

static bool bucket_is_empty(const struct htab *htab, u32 index)
{
	return is_a_nulls(READ_ONCE(htab->buckets[index].head.first));
}

static int htab_next_key(struct bpf_map *map, void *key, void *next_key)
{
	struct htab *htab = to_htab(map);
	enum step step = STEP_LOST;
	u32 hash, index = 0;

	if (key) {
		hash = htab_hash(htab, key);
		index = hash & htab->mask;
		step = bucket_step(htab, index, hash, key, next_key);
		if (step == STEP_END)
			index++;
		else
			index = 0;
	}

	/* A key that is not there, or none: from the beginning. */
	for (; step == STEP_LOST || step == STEP_END; index++) {
		if (index > htab->mask)
			return -ENOENT;
		if (!bucket_is_empty(htab, index))
			step = bucket_step(htab, index, 0, NULL, next_key);
		if (!(index % 4096))
			cond_resched();
	}
	return step == STEP_BUSY ? -EBUSY : 0;
}

const struct bpf_map_ops htab_map_ops = {
	.map_alloc_check	= htab_alloc_check,
	.map_alloc		= htab_alloc,
	.map_free		= htab_free,
	.map_release_uref	= htab_release_uref,
	.map_make_room		= htab_make_room,
	.map_lookup_elem	= htab_lookup,
	.map_lookup_func	= bpf_htab_lookup,
	.map_copy_elem		= htab_copy,
	.map_update_elem	= htab_update,
	.map_delete_elem	= htab_delete,
	.map_get_next_key	= htab_next_key,
	.map_elements		= bpf_map_no_elements,
	.map_user_pages		= bpf_map_no_user_pages,
	.user			= &bpf_map_plain_user_ops,
};
