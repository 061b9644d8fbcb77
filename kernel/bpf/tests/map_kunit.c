// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations of maps in the contexts programs run in. A timer's interrupt does
 * to a map what the interrupted task is doing to it: from user space that
 * meeting can only be hoped for, here it is made to happen.
 *
 * Afterwards the map must be whole: exactly max_entries elements fit, no more,
 * no fewer, and each is found.
 *
 * Broken on purpose, it was caught: sections that leave interrupts on (a list that
 * has become a ring, so the suite does not end), an array that takes an index one
 * too large.
 */
#include <kunit/test.h>
#include <linux/bpf.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>

#define ENTRIES	16
#define MEETINGS 500	/* interrupts that came while the map was in use */

struct meeting {
	struct bpf_map *map;
	struct hrtimer timer;
	unsigned int rounds;
	unsigned int wrong;	/* answers no operation may give */
};

static struct bpf_map *make_map(struct kunit *test, u32 type, u32 flags)
{
	const struct bpf_map_ops *ops = bpf_map_type_find(type);
	union bpf_attr attr = {
		.map_type = type,
		.key_size = sizeof(u32),
		.value_size = sizeof(u64),
		.max_entries = ENTRIES,
		.map_flags = flags,
	};
	struct bpf_map *map;

	KUNIT_ASSERT_NOT_NULL(test, ops);
	KUNIT_ASSERT_EQ(test, 0, ops->map_alloc_check(&attr));
	map = ops->map_alloc(&attr);
	KUNIT_ASSERT_FALSE(test, IS_ERR(map));
	map->ops = ops;
	return map;
}

/* One step of update, lookup, delete over keys that come round. */
static void use_map(struct meeting *m, unsigned int step)
{
	const struct bpf_map_ops *ops = m->map->ops;
	u32 key = step % ENTRIES;
	u64 value = key * 0x0101010101010101ULL;
	int err;

	rcu_read_lock();
	err = ops->map_update_elem(m->map, &key, &value, BPF_ANY);
	if (err && err != -EBUSY && err != -E2BIG && err != -ENOMEM)
		m->wrong++;
	/* What it points to may be another key's element by now. */
	ops->map_lookup_elem(m->map, &key);
	key = (step + ENTRIES / 2) % ENTRIES;
	err = ops->map_delete_elem(m->map, &key);
	if (err && err != -EBUSY && err != -ENOENT && err != -EINVAL)
		m->wrong++;
	rcu_read_unlock();
}

/* User space is promised the key's own value, whole, or none. */
static void copy_value(struct meeting *m, unsigned int step)
{
	u32 key = step % ENTRIES;
	u64 value;
	int err;

	rcu_read_lock();
	err = m->map->ops->map_copy_elem(m->map, &key, &value);
	rcu_read_unlock();
	if (err ? err != -ENOENT : value != key * 0x0101010101010101ULL)
		m->wrong++;
}

static enum hrtimer_restart interrupt(struct hrtimer *timer)
{
	struct meeting *m = container_of(timer, struct meeting, timer);

	use_map(m, ++m->rounds * 7);
	hrtimer_forward_now(timer, ns_to_ktime(20 * NSEC_PER_USEC));
	return HRTIMER_RESTART;
}

/* With a ceiling on steps, for a machine whose timer is slow. */
static void meet(struct meeting *m)
{
	unsigned int step;

	hrtimer_init(&m->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	m->timer.function = interrupt;
	hrtimer_start(&m->timer, ns_to_ktime(20 * NSEC_PER_USEC), HRTIMER_MODE_REL_HARD);
	for (step = 0; READ_ONCE(m->rounds) < MEETINGS && step < 4000000; step++) {
		preempt_disable();
		use_map(m, step);
		preempt_enable();
		copy_value(m, step);
		cond_resched();
	}
	hrtimer_cancel(&m->timer);
}

/*
 * Operations in a section of their own: an assertion that fails ends the test
 * where it stands, so none may stand inside of one.
 */
static int update(struct bpf_map *map, u32 key, u64 value, u64 flags)
{
	int err;

	rcu_read_lock();
	err = map->ops->map_update_elem(map, &key, &value, flags);
	rcu_read_unlock();
	return err;
}

static void delete(struct bpf_map *map, u32 key)
{
	rcu_read_lock();
	map->ops->map_delete_elem(map, &key);
	rcu_read_unlock();
}

/* What it points to lives as long as the map, if it is an element's. */
static u64 *lookup(struct bpf_map *map, u32 key)
{
	u64 *value;

	rcu_read_lock();
	value = map->ops->map_lookup_elem(map, &key);
	rcu_read_unlock();
	return value;
}

static void expect_room_for_all(struct kunit *test, struct bpf_map *map)
{
	u32 key;

	for (key = 0; key < ENTRIES; key++)
		delete(map, key);
	for (key = 1000; key < 1000 + ENTRIES; key++) {
		/* What a system call does before it updates. */
		map->ops->map_make_room(map);
		KUNIT_EXPECT_EQ(test, 0, update(map, key, 1, BPF_NOEXIST));
	}
	KUNIT_EXPECT_EQ(test, -E2BIG, update(map, key, 1, BPF_ANY));
	for (key = 1000; key < 1000 + ENTRIES; key++)
		KUNIT_EXPECT_NOT_NULL(test, lookup(map, key));
}

static void interrupted_hash(struct kunit *test, u32 flags)
{
	struct meeting *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	m->map = make_map(test, BPF_MAP_TYPE_HASH, flags);
	meet(m);
	KUNIT_EXPECT_GE(test, m->rounds, (unsigned int)MEETINGS);
	KUNIT_EXPECT_EQ(test, m->wrong, 0);
	expect_room_for_all(test, m->map);
	m->map->ops->map_free(m->map);
}

static void hash_in_interrupts(struct kunit *test)
{
	interrupted_hash(test, 0);
}

static void hash_on_demand_in_interrupts(struct kunit *test)
{
	interrupted_hash(test, BPF_F_NO_PREALLOC);
}

/* An address given out stays valid memory and stays in place. */
static void array_addresses_stay(struct kunit *test)
{
	struct bpf_map *map = make_map(test, BPF_MAP_TYPE_ARRAY, 0);
	u64 *first = lookup(map, 3);

	KUNIT_EXPECT_NOT_NULL(test, first);
	if (first) {
		KUNIT_EXPECT_EQ(test, 0, *first);
		KUNIT_EXPECT_EQ(test, 0, update(map, 3, 77, BPF_ANY));
		KUNIT_EXPECT_EQ(test, 77, *first);
		KUNIT_EXPECT_PTR_EQ(test, first, lookup(map, 3));
	}
	KUNIT_EXPECT_NULL(test, lookup(map, ENTRIES));
	map->ops->map_free(map);
}

static struct kunit_case map_cases[] = {
	KUNIT_CASE(hash_in_interrupts),
	KUNIT_CASE(hash_on_demand_in_interrupts),
	KUNIT_CASE(array_addresses_stay),
	{}
};

static struct kunit_suite map_suite = {
	.name = "bpf_map",
	.test_cases = map_cases,
};

kunit_test_suite(map_suite);
