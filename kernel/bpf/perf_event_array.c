// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_MAP_TYPE_PERF_EVENT_ARRAY: perf events that programs read or write to.
 *
 * A slot holds an entry: an event with a reference to its file. An entry belongs
 * to the file of the map through which it was stored and goes with that file, so
 * that a reader of events who ends without cleaning up leaves no full buffers
 * behind. BPF_F_PRESERVE_ELEMS keeps entries as long as the map, also when only
 * programs hold it any more. But an event that runs a program could hold the map
 * in turn: those go with the last user reference, and the circle ends.
 *
 * An entry that was taken out may be in use by a program: event and memory are
 * given back after a grace period. Locking: none, slots are exchanged.
 */
#include <linux/bpf.h>
#include <linux/file.h>
#include <linux/perf_event.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "fd_array.h"
#include "perf_event_array.h"

/**
 * struct event_entry - a stored event
 * @event: the event
 * @file: its file, with a reference
 * @owner: file of the map that it goes with; compared, never followed
 * @rcu: grace period before the end
 */
struct event_entry {
	struct perf_event *event;
	struct file *file;
	struct file *owner;
	struct rcu_head rcu;
};

/* ---- entries ----------------------------------------------------------------- */

/* Programs read events without an address space to sum up children in. */
static int check_event(const struct file *file)
{
	const struct perf_event *event = file->private_data;

	return event->attr.inherit ? -EOPNOTSUPP : 0;
}

static struct event_entry *entry_make(u32 fd, struct file *owner)
{
	struct event_entry *entry;
	struct file *file;
	int err;

	file = perf_event_get(fd);
	if (IS_ERR(file))
		return ERR_CAST(file);
	err = check_event(file);
	if (err)
		goto put_file;

	err = -ENOMEM;
	entry = kzalloc(sizeof(*entry), GFP_KERNEL_ACCOUNT);
	if (!entry)
		goto put_file;
	entry->event = file->private_data;
	entry->file = file;
	entry->owner = owner;
	return entry;

put_file:
	fput(file);
	return ERR_PTR(err);
}

static void entry_free(struct rcu_head *rcu)
{
	struct event_entry *entry = container_of(rcu, struct event_entry, rcu);

	fput(entry->file);
	kfree(entry);
}

static bool slot_set(void **slot, struct event_entry *entry)
{
	struct event_entry *old = xchg(slot, entry);

	if (old)
		call_rcu(&old->rcu, entry_free);
	return old;
}

/* ---- elements ---------------------------------------------------------------- */

static int event_array_update(struct bpf_map *map, struct file *file, void *key,
			      void *value, u64 flags)
{
	void **slot = fd_array_slot(to_bpf_array(map), key);
	struct event_entry *entry;

	if (flags != BPF_ANY)
		return -EINVAL;
	if (!slot)
		return -E2BIG;
	entry = entry_make(*(u32 *)value, file);
	if (IS_ERR(entry))
		return PTR_ERR(entry);

	slot_set(slot, entry);
	return 0;
}

static int event_array_delete(struct bpf_map *map, void *key)
{
	void **slot = fd_array_slot(to_bpf_array(map), key);

	if (!slot)
		return -E2BIG;
	return slot_set(slot, NULL) ? 0 : -ENOENT;
}

static int event_array_copy(struct bpf_map *map, void *key, void *value)
{
	/* There is no number by which user space would know an event. */
	return -ENOTSUPP;
}

/**
 * bpf_event_array_find() - the event at an index, for this CPU
 * @map: PERF_EVENT_ARRAY
 * @flags: index in the low 32 bits, all ones for the number of this CPU
 *
 * Context: any, RCU read side, migration disabled.
 * Return: the event, valid until the read side ends; -E2BIG for an index outside,
 * -ENOENT for an empty slot.
 */
struct perf_event *bpf_event_array_find(struct bpf_map *map, u64 flags)
{
	u32 index = flags & BPF_F_INDEX_MASK;
	struct event_entry *entry;
	void **slot;

	if (index == BPF_F_CURRENT_CPU)
		index = smp_processor_id();
	slot = fd_array_slot(to_bpf_array(map), &index);
	if (!slot)
		return ERR_PTR(-E2BIG);
	entry = READ_ONCE(*slot);
	return entry ? entry->event : ERR_PTR(-ENOENT);
}

/* ---- life -------------------------------------------------------------------- */

static int event_array_check(const union bpf_attr *attr)
{
	return fd_array_check(attr, BPF_F_PRESERVE_ELEMS);
}

static struct bpf_map *event_array_alloc(const union bpf_attr *attr)
{
	struct bpf_array *array = fd_array_alloc(attr, sizeof(*array));

	return array ? &array->map : ERR_PTR(-ENOMEM);
}

static bool is_of_file(const struct event_entry *entry, const void *file)
{
	return entry->owner == file;
}

static bool runs_program(const struct event_entry *entry, const void *unused)
{
	return READ_ONCE(entry->event->prog);
}

static bool is_any(const struct event_entry *entry, const void *unused)
{
	return true;
}

/* Empty the slots that @goes is true for. */
static void event_array_clear(struct bpf_map *map,
			      bool (*goes)(const struct event_entry *entry, const void *arg),
			      const void *arg)
{
	struct bpf_array *array = to_bpf_array(map);
	struct event_entry *entry;
	u32 i;

	for (i = 0; i < map->max_entries; i++) {
		rcu_read_lock();
		entry = READ_ONCE(array->ptrs[i]);
		/* Whoever exchanged it meanwhile stored through another file. */
		if (entry && goes(entry, arg) &&
		    cmpxchg(&array->ptrs[i], entry, NULL) == entry)
			call_rcu(&entry->rcu, entry_free);
		rcu_read_unlock();
		cond_resched();
	}
}

static void event_array_release_file(struct bpf_map *map, struct file *file)
{
	if (!(map->map_flags & BPF_F_PRESERVE_ELEMS))
		event_array_clear(map, is_of_file, file);
}

static void event_array_release_uref(struct bpf_map *map)
{
	bool stay = map->map_flags & BPF_F_PRESERVE_ELEMS;

	event_array_clear(map, stay ? runs_program : is_any, NULL);
}

static void event_array_free(struct bpf_map *map)
{
	event_array_clear(map, is_any, NULL);
	bpf_map_area_free(to_bpf_array(map));
}

static void event_array_show_fdinfo(struct bpf_map *map, struct seq_file *seq)
{
	/* Its sizes say all. */
}

static const struct bpf_map_user_ops event_array_user_ops = {
	.update_elem	= event_array_update,
	.delete_elem	= event_array_delete,
	.release_file	= event_array_release_file,
	.show_fdinfo	= event_array_show_fdinfo,
};

const struct bpf_map_ops perf_event_array_map_ops = {
	.map_alloc_check	= event_array_check,
	.map_alloc		= event_array_alloc,
	.map_free		= event_array_free,
	.map_release_uref	= event_array_release_uref,
	.map_make_room		= fd_array_make_room,
	.map_lookup_elem	= fd_array_lookup,
	.map_lookup_func	= bpf_map_lookup_elem,
	.map_copy_elem		= event_array_copy,
	.map_update_elem	= fd_array_update_by_prog,
	.map_delete_elem	= fd_array_delete_by_prog,
	.map_get_next_key	= bpf_array_next_key,
	.map_elements		= bpf_map_no_elements,
	.map_user_pages		= bpf_map_no_user_pages,
	.user			= &event_array_user_ops,
};
