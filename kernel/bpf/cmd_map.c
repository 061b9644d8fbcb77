// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands on maps: create, the four that work on elements, and freeze.
 *
 * Keys and values travel through kernel copies: nothing touches user memory
 * while an element is in use, so a fault can neither sleep at the wrong place
 * nor change data half way.
 *
 * An operation of a type runs under RCU with preemption off and tracing
 * programs excluded on this CPU. Such a program could otherwise interrupt the
 * operation in the middle of a critical section and lose its own update.
 *
 * A command that changes elements is a writer of the map (map_freeze.h) from the
 * moment it found the map until its release, so that no element changes in a map
 * that was frozen, however long user space takes to give the value.
 */
#include <linux/bpf.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/nodemask.h>
#include <linux/nsproxy.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/net_namespace.h>

#include "btf/object.h"
#include "map_freeze.h"
#include "syscall.h"
#include "user_copy.h"

/* ---- create ---------------------------------------------------------------- */

/* Mode of the creator's descriptor, or -EINVAL if it could do nothing. */
static int fd_mode(u32 map_flags)
{
	switch (map_flags & (BPF_F_RDONLY | BPF_F_WRONLY)) {
	case 0:
		return O_RDWR;
	case BPF_F_RDONLY:
		return O_RDONLY;
	case BPF_F_WRONLY:
		return O_WRONLY;
	default:
		return -EINVAL;
	}
}

static bool node_is_usable(const union bpf_attr *attr)
{
	if (!(attr->map_flags & BPF_F_NUMA_NODE) ||
	    (int)attr->numa_node == NUMA_NO_NODE)
		return true;
	return attr->numa_node < nr_node_ids && node_online(attr->numa_node);
}

/* Parameters of map types and features that are not offered. */
static int check_foreign_params(const union bpf_attr *attr)
{
	if (attr->btf_vmlinux_value_type_id || attr->map_extra)
		return -EINVAL;
	if (attr->btf_key_type_id && !attr->btf_value_type_id)
		return -EINVAL;
	return 0;
}

/* No driver is asked to hold a map; a device that exists could be taught to. */
static int refuse_device(u32 ifindex)
{
	struct net_device *dev = NULL;

	if (!ifindex)
		return 0;
#ifdef CONFIG_NET
	rcu_read_lock();
	dev = dev_get_by_index_rcu(current->nsproxy->net_ns, ifindex);
	rcu_read_unlock();
#endif
	return dev ? -EOPNOTSUPP : -EINVAL;
}

static int take_types(struct bpf_request *req)
{
	const union bpf_attr *attr = req->attr;
	struct btf *btf;

	if (!attr->btf_value_type_id)
		return 0;
	btf = btf_get_by_fd(attr->btf_fd);
	if (IS_ERR(btf))
		return PTR_ERR(btf);
	req->map_types = btf;
	return btf_check_map(btf, attr);
}

int bpf_map_create_decode(struct bpf_request *req)
{
	const union bpf_attr *attr = req->attr;
	int err;

	err = check_foreign_params(attr);
	if (err)
		return err;
	if (fd_mode(attr->map_flags) < 0 || !node_is_usable(attr))
		return -EINVAL;

	req->map_ops = bpf_map_type_find(attr->map_type);
	if (!req->map_ops)
		return -EINVAL;
	err = req->map_ops->map_alloc_check(attr);
	if (err)
		return err;

	err = refuse_device(attr->map_ifindex);
	if (err)
		return err;
	err = bpf_obj_name_copy(req->name, attr->map_name);
	if (err)
		return err;
	return take_types(req);
}

int bpf_map_create_perform(struct bpf_request *req)
{
	struct bpf_map *map;
	int ret;

	map = req->map_ops->map_alloc(req->attr);
	if (IS_ERR(map))
		return PTR_ERR(map);

	map->ops = req->map_ops;
	memcpy(map->name, req->name, sizeof(map->name));
	if (req->map_types) {
		map->btf = req->map_types;
		req->map_types = NULL;
		map->btf_key_type_id = req->attr->btf_key_type_id;
		map->btf_value_type_id = req->attr->btf_value_type_id;
	}
	ret = bpf_map_publish(map);
	if (ret)
		return ret;

	ret = bpf_map_new_fd(map, fd_mode(req->attr->map_flags));
	if (ret < 0)
		bpf_map_put_uref(map);
	return ret;
}

void bpf_map_create_release(struct bpf_request *req)
{
	btf_put(req->map_types);
}

/* ---- elements -------------------------------------------------------------- */

/* Most keys and values are small, and need no memory of their own. */
static void *buffer_take(u64 *room, size_t fits, u32 size)
{
	return size <= fits ? room : kvmalloc(size, GFP_USER | __GFP_NOWARN);
}

static void buffer_drop(const u64 *room, void *buffer)
{
	if (buffer != room)
		kvfree(buffer);
}

static int copy_from_caller(void *buffer, size_t fits, u64 uptr, u32 size)
{
	if (size <= fits)
		return user_copy_in(buffer, u64_to_user_ptr(uptr), size);
	return copy_from_user(buffer, u64_to_user_ptr(uptr), size) ? -EFAULT : 0;
}

static int copy_to_caller(u64 uptr, const void *buffer, size_t fits, u32 size)
{
	if (size <= fits)
		return user_copy_out(u64_to_user_ptr(uptr), buffer, size);
	return copy_to_user(u64_to_user_ptr(uptr), buffer, size) ? -EFAULT : 0;
}

/* Find the map and make sure the descriptor was opened for this. */
static int take_map(struct bpf_request *req, fmode_t mode)
{
	req->file = fdget(req->attr->map_fd);
	req->map = bpf_map_from_file(req->file);
	if (IS_ERR(req->map))
		return PTR_ERR(req->map);
	return req->file.file->f_mode & mode ? 0 : -EPERM;
}

/* The same for a command that writes: what it began ends in its release. */
static int take_map_to_write(struct bpf_request *req)
{
	int err = take_map(req, FMODE_WRITE);

	if (err)
		return err;
	req->writes = map_write_begin(req->map);
	return req->writes ? 0 : -EPERM;
}

static int take_key(struct bpf_request *req)
{
	struct bpf_request_room *room = req->room;
	u32 size = req->map->key_size;

	req->key = buffer_take(room->key, sizeof(room->key), size);
	if (!req->key)
		return -ENOMEM;
	return copy_from_caller(req->key, sizeof(room->key), req->attr->key, size);
}

/* Room for what comes back from the map, or goes there. */
static int take_value(struct bpf_request *req, u32 size)
{
	struct bpf_request_room *room = req->room;

	req->value = buffer_take(room->value, sizeof(room->value), size);
	return req->value ? 0 : -ENOMEM;
}

static int give_value(const struct bpf_request *req, u64 uptr, u32 size)
{
	return copy_to_caller(uptr, req->value, sizeof(req->room->value), size);
}

void bpf_map_elem_release(struct bpf_request *req)
{
	if (req->writes)
		map_write_end(req->map);
	buffer_drop(req->room->value, req->value);
	buffer_drop(req->room->key, req->key);
	if (req->file.file)
		fdput(req->file);
}

/* ---- elements whose values are bytes ------------------------------------------- */

static void elem_op_begin(void)
	__acquires(RCU)
{
	preempt_disable();
	rcu_read_lock();
	__this_cpu_inc(bpf_prog_active);
}

static void elem_op_end(void)
	__releases(RCU)
{
	__this_cpu_dec(bpf_prog_active);
	rcu_read_unlock();
	preempt_enable();
}

static int plain_update(struct bpf_map *map, struct file *file, void *key,
			void *value, u64 flags)
{
	int ret;

	map->ops->map_make_room(map);
	elem_op_begin();
	ret = map->ops->map_update_elem(map, key, value, flags);
	elem_op_end();
	return ret;
}

static int plain_delete(struct bpf_map *map, void *key)
{
	int ret;

	elem_op_begin();
	ret = map->ops->map_delete_elem(map, key);
	elem_op_end();
	return ret;
}

static void plain_release_file(struct bpf_map *map, struct file *file)
{
	/* Bytes belong to the map, whoever wrote them. */
}

static void plain_show_fdinfo(struct bpf_map *map, struct seq_file *seq)
{
	/* Its sizes say all. */
}

const struct bpf_map_user_ops bpf_map_plain_user_ops = {
	.update_elem	= plain_update,
	.delete_elem	= plain_delete,
	.release_file	= plain_release_file,
	.show_fdinfo	= plain_show_fdinfo,
};

/* ---- commands ------------------------------------------------------------------ */

int bpf_map_lookup_decode(struct bpf_request *req)
{
	int err;

	/* BPF_F_LOCK asks for a lock in the value, which no value can have. */
	if (req->attr->flags & ~BPF_F_LOCK)
		return -EINVAL;
	err = take_map(req, FMODE_READ);
	if (err)
		return err;
	if (req->attr->flags)
		return -EINVAL;
	err = take_key(req);
	return err ?: take_value(req, req->map->value_size);
}

int bpf_map_lookup_perform(struct bpf_request *req)
{
	int err;

	/* A copy takes no lock of the map: it neither excludes nor waits. */
	rcu_read_lock();
	err = req->map->ops->map_copy_elem(req->map, req->key, req->value);
	rcu_read_unlock();
	return err ?: give_value(req, req->attr->value, req->map->value_size);
}

int bpf_map_update_decode(struct bpf_request *req)
{
	u32 size;
	int err;

	err = take_map_to_write(req);
	if (err)
		return err;
	if (req->attr->flags & BPF_F_LOCK)
		return -EINVAL;
	err = take_key(req);
	if (err)
		return err;

	size = req->map->value_size;
	err = take_value(req, size);
	return err ?: copy_from_caller(req->value, sizeof(req->room->value),
				       req->attr->value, size);
}

int bpf_map_update_perform(struct bpf_request *req)
{
	return req->map->ops->user->update_elem(req->map, req->file.file,
						req->key, req->value,
						req->attr->flags);
}

int bpf_map_delete_decode(struct bpf_request *req)
{
	int err = take_map_to_write(req);

	return err ?: take_key(req);
}

int bpf_map_delete_perform(struct bpf_request *req)
{
	return req->map->ops->user->delete_elem(req->map, req->key);
}

int bpf_map_next_key_decode(struct bpf_request *req)
{
	int err = take_map(req, FMODE_READ);

	if (err)
		return err;
	/* Without a key the iteration begins. */
	if (req->attr->key) {
		err = take_key(req);
		if (err)
			return err;
	}

	/* The next key goes where a value would. */
	return take_value(req, req->map->key_size);
}

int bpf_map_next_key_perform(struct bpf_request *req)
{
	int err;

	err = req->map->ops->map_get_next_key(req->map, req->key, req->value);
	return err ?: give_value(req, req->attr->next_key, req->map->key_size);
}

int bpf_map_freeze_decode(struct bpf_request *req)
{
	/* Whatever the descriptor was opened for. */
	req->file = fdget(req->attr->map_fd);
	req->map = bpf_map_from_file(req->file);
	return PTR_ERR_OR_ZERO(req->map);
}

int bpf_map_freeze_perform(struct bpf_request *req)
{
	/* That somebody writes, or froze it, is told before the want of privilege. */
	if (!bpf_capable())
		return map_is_idle(req->map) ? -EPERM : -EBUSY;
	return map_freeze(req->map);
}
