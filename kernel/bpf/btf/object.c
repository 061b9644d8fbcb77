// SPDX-License-Identifier: GPL-2.0-only
/*
 * Type information as an object: loading, references, descriptors, numbers.
 *
 * An object is validated before anybody can see it and does not change afterwards. It
 * is held by descriptors, and by the maps and programs that name it. The last
 * reference may only go in process context. A lookup by number may find an object
 * whose last reference is gone; it takes none then, so only the struct itself waits
 * for a grace period.
 *
 * Locking: the table of numbers has its own lock, a leaf.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>

#include "../verifier/limits.h"
#include "object.h"

static DEFINE_XARRAY_ALLOC1(btf_ids);
static u32 next_btf_id;

/* ---- making one ------------------------------------------------------------------------ */

/* The types are moved to where they are aligned, if they are not. */
#define ALIGN_ROOM	(sizeof(u32) - 1)

static struct btf *btf_alloc(u64 uptr, u32 size)
{
	struct btf *btf = kzalloc(sizeof(*btf), VERIFIER_GFP);

	if (!btf)
		return ERR_PTR(-ENOMEM);
	btf->memory = kvmalloc(size + ALIGN_ROOM, VERIFIER_GFP);
	if (!btf->memory) {
		kfree(btf);
		return ERR_PTR(-ENOMEM);
	}
	btf->data = btf->memory;
	btf->data_size = size;
	refcount_set(&btf->refcnt, 1);
	if (!copy_from_user(btf->data, u64_to_user_ptr(uptr), size))
		return btf;
	btf_free_parts(btf);
	kfree(btf);
	return ERR_PTR(-EFAULT);
}

static int btf_publish(struct btf *btf)
{
	int err = xa_alloc_cyclic(&btf_ids, &btf->id, btf, XA_LIMIT(1, INT_MAX - 1),
				  &next_btf_id, GFP_KERNEL);

	return err < 0 ? err : 0;
}

/**
 * btf_load() - copy and validate type information
 * @attr: attribute of BPF_BTF_LOAD
 *
 * The log decides nothing: a buffer that cannot be written, or that is too small,
 * changes neither result.
 *
 * Context: process context, may sleep.
 * Return: an object with one reference, or -E2BIG, -EINVAL, -EFAULT, -ENOMEM, or an
 * error of btf_validate().
 */
struct btf *btf_load(const union bpf_attr *attr)
{
	struct vlog log = {};
	struct btf *btf;
	int err;

	if (attr->btf_size > BTF_MAX_SIZE)
		return ERR_PTR(-E2BIG);
	err = vlog_init(&log, attr->btf_log_level, attr->btf_log_buf, attr->btf_log_size);
	if (err)
		return ERR_PTR(err);
	btf = btf_alloc(attr->btf, attr->btf_size);
	err = PTR_ERR_OR_ZERO(btf);
	if (!err) {
		err = btf_validate(btf, &log);
		vlog_finish(&log);
		err = err ?: btf_publish(btf);
		if (err) {
			btf_free_parts(btf);
			kfree(btf);
		}
	}
	vlog_free(&log);
	return err ? ERR_PTR(err) : btf;
}

/* ---- references ------------------------------------------------------------------------ */

/**
 * btf_get() - one more reference
 * @btf: object the caller holds a reference to
 *
 * Context: any.
 */
void btf_get(struct btf *btf)
{
	refcount_inc(&btf->refcnt);
}

/**
 * btf_put() - one reference less
 * @btf: object or NULL; must not be used by the caller afterwards
 *
 * Context: process context, may sleep.
 */
void btf_put(struct btf *btf)
{
	if (!btf || !refcount_dec_and_test(&btf->refcnt))
		return;
	xa_erase(&btf_ids, btf->id);
	btf_free_parts(btf);
	kfree_rcu(btf, rcu);
}

/**
 * btf_by_id() - object with a number
 * @id: number
 *
 * Context: process context.
 * Return: the object with a reference, or -ENOENT.
 */
struct btf *btf_by_id(u32 id)
{
	struct btf *btf;

	rcu_read_lock();
	btf = xa_load(&btf_ids, id);
	if (btf && !refcount_inc_not_zero(&btf->refcnt))
		btf = NULL;
	rcu_read_unlock();
	return btf ?: ERR_PTR(-ENOENT);
}

/**
 * btf_next_id() - the next number in use
 * @id: number to begin behind
 *
 * Context: process context.
 * Return: a number, or 0 if there is none.
 */
u32 btf_next_id(u32 id)
{
	unsigned long index = id;

	return xa_find_after(&btf_ids, &index, INT_MAX, XA_PRESENT) ? index : 0;
}

/* ---- descriptors ------------------------------------------------------------------------- */

static int btf_release(struct inode *inode, struct file *file)
{
	btf_put(file->private_data);
	return 0;
}

#ifdef CONFIG_PROC_FS
static void btf_show_fdinfo(struct seq_file *seq, struct file *file)
{
	const struct btf *btf = file->private_data;

	seq_printf(seq, "btf_id:\t%u\n", btf->id);
}
#endif

const struct file_operations btf_fops = {
	.release	= btf_release,
#ifdef CONFIG_PROC_FS
	.show_fdinfo	= btf_show_fdinfo,
#endif
};

/**
 * btf_new_fd() - descriptor for an object
 * @btf: object; the descriptor takes over a reference
 *
 * Context: process context, may sleep.
 * Return: descriptor, or -errno with the reference still the caller's.
 */
int btf_new_fd(struct btf *btf)
{
	return anon_inode_getfd("btf", &btf_fops, btf, O_RDONLY | O_CLOEXEC);
}

/**
 * btf_get_by_fd() - object behind a descriptor
 * @ufd: descriptor
 *
 * Context: process context.
 * Return: the object with a reference, -EBADF, or -EINVAL if it is something else.
 */
struct btf *btf_get_by_fd(u32 ufd)
{
	struct fd f = fdget(ufd);
	struct btf *btf = ERR_PTR(-EINVAL);

	if (!f.file)
		return ERR_PTR(-EBADF);
	if (f.file->f_op == &btf_fops) {
		btf = f.file->private_data;
		btf_get(btf);
	}
	fdput(f);
	return btf;
}

/* ---- description --------------------------------------------------------------------------- */

/* Objects of users have no name. */
static int give_name(const struct bpf_btf_info *info)
{
	if (!info->name != !info->name_len)
		return -EINVAL;
	if (!info->name)
		return 0;
	return put_user('\0', (char __user *)u64_to_user_ptr(info->name)) ? -EFAULT : 0;
}

/**
 * btf_fill_info() - describe an object to user space
 * @btf: object
 * @info: in: where data and name go; out: the description
 *
 * As much of the data is copied as the user has room for.
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL for a name without room or room without a name, or -EFAULT.
 */
int btf_fill_info(const struct btf *btf, struct bpf_btf_info *info)
{
	u32 size = min_t(u32, info->btf_size, btf->data_size);
	int err;

	if (copy_to_user(u64_to_user_ptr(info->btf), btf->data, size))
		return -EFAULT;
	err = give_name(info);
	if (err)
		return err;
	info->btf_size = btf->data_size;
	info->id = btf->id;
	info->name_len = 0;
	info->kernel_btf = 0;
	return 0;
}
