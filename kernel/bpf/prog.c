// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loaded programs as objects: references, descriptors, announcements, end of
 * life.
 *
 * A program is published when it has got a number and the world was told. It
 * ends in three steps: the last reference goes (anywhere, also in an
 * interrupt); a worker withdraws number and announcements; after a grace
 * period, when no run can be inside any more, another worker takes it from the
 * arrays whose slots it calls, and then gives back its maps and memory.
 *
 * Locking: the table of numbers has its own lock, a leaf. Must never free a
 * program or a map of it before the grace period is over.
 */
#include <linux/anon_inodes.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/security.h>
#include <linux/xarray.h>

#include "btf/btf.h"
#include "prog_array.h"
#include "syscall.h"

static DEFINE_XARRAY_ALLOC1(prog_ids);
static u32 next_prog_id;

/* ---- announcements ----------------------------------------------------------- */

/* The last reference may go where nothing may sleep. */
static void audit_prog(const struct bpf_prog *prog, const char *op,
		       struct audit_context *context)
{
	struct audit_buffer *ab;

	if (audit_enabled == AUDIT_OFF)
		return;
	ab = audit_log_start(context, GFP_ATOMIC, AUDIT_BPF);
	if (!ab)
		return;
	audit_log_format(ab, "prog-id=%u op=%s", prog->aux->id, op);
	audit_log_end(ab);
}

/* ---- life --------------------------------------------------------------------- */

/* The program can no longer be run, or never could. */
static void prog_dispose(struct bpf_prog *prog)
{
	struct bpf_prog_aux *aux = prog->aux;
	u32 i;

	bpf_prog_leave_arrays(prog);
	for (i = 0; i < aux->used_map_cnt; i++)
		bpf_map_put(aux->used_maps[i]);
	kfree(aux->used_maps);
	btf_put(aux->btf);
	free_uid(aux->user);
	security_bpf_prog_free(aux);
	__bpf_prog_free(prog);
}

static void dispose_work(struct work_struct *work)
{
	prog_dispose(container_of(work, struct bpf_prog_aux, work)->prog);
}

static void dispose_after_grace(struct rcu_head *rcu)
{
	struct bpf_prog_aux *aux = container_of(rcu, struct bpf_prog_aux, rcu);

	INIT_WORK(&aux->work, dispose_work);
	schedule_work(&aux->work);
}

static void withdraw_work(struct work_struct *work)
{
	struct bpf_prog_aux *aux = container_of(work, struct bpf_prog_aux, work);

	perf_event_bpf_event(aux->prog, PERF_BPF_EVENT_PROG_UNLOAD, 0);
	audit_prog(aux->prog, "UNLOAD", NULL);

	xa_erase(&prog_ids, aux->id);
	call_rcu(&aux->rcu, dispose_after_grace);
}

/**
 * bpf_prog_destroy_unpublished() - free a program nobody has seen
 * @prog: program that bpf_prog_publish() has not accepted
 *
 * Context: process context, may sleep.
 */
void bpf_prog_destroy_unpublished(struct bpf_prog *prog)
{
	prog_dispose(prog);
}

/**
 * bpf_prog_publish() - give a program its number and announce it
 * @prog: program ready to run, with one reference
 *
 * Context: process context, may sleep.
 * Return: 0, or -errno with the program still unpublished.
 */
int bpf_prog_publish(struct bpf_prog *prog)
{
	int err;

	err = xa_alloc_cyclic(&prog_ids, &prog->aux->id, prog, XA_LIMIT(1, INT_MAX - 1),
			      &next_prog_id, GFP_KERNEL);
	if (err < 0)
		return err;

	perf_event_bpf_event(prog, PERF_BPF_EVENT_PROG_LOAD, 0);
	audit_prog(prog, "LOAD", audit_context());
	return 0;
}

/**
 * bpf_prog_add() - take references
 * @prog: program the caller holds a reference to
 * @i: how many
 *
 * Context: any.
 */
void bpf_prog_add(struct bpf_prog *prog, int i)
{
	refcount_add(i, &prog->aux->refcnt);
}
EXPORT_SYMBOL_GPL(bpf_prog_add);

/**
 * bpf_prog_sub() - undo bpf_prog_add() while other references remain
 * @prog: program
 * @i: how many
 *
 * Context: any.
 */
void bpf_prog_sub(struct bpf_prog *prog, int i)
{
	WARN_ON_ONCE(refcount_sub_and_test(i, &prog->aux->refcnt));
}
EXPORT_SYMBOL_GPL(bpf_prog_sub);

/**
 * bpf_prog_inc() - take a reference
 * @prog: program the caller holds a reference to
 *
 * Context: any.
 */
void bpf_prog_inc(struct bpf_prog *prog)
{
	refcount_inc(&prog->aux->refcnt);
}
EXPORT_SYMBOL_GPL(bpf_prog_inc);

/**
 * bpf_prog_put() - give back a reference
 * @prog: loaded program; must not be used by the caller afterwards
 *
 * Context: any but NMI.
 */
void bpf_prog_put(struct bpf_prog *prog)
{
	struct bpf_prog_aux *aux = prog->aux;

	if (!refcount_dec_and_test(&aux->refcnt))
		return;

	INIT_WORK(&aux->work, withdraw_work);
	if (in_interrupt() || irqs_disabled())
		schedule_work(&aux->work);
	else
		withdraw_work(&aux->work);
}
EXPORT_SYMBOL_GPL(bpf_prog_put);

/* ---- descriptors ---------------------------------------------------------------- */

static int prog_release(struct inode *inode, struct file *file)
{
	bpf_prog_put(file->private_data);
	return 0;
}

#ifdef CONFIG_PROC_FS
static void prog_show_fdinfo(struct seq_file *seq, struct file *file)
{
	const struct bpf_prog *prog = file->private_data;

	seq_printf(seq, "prog_type:\t%u\n", prog->type);
	seq_printf(seq, "prog_jited:\t%u\n", prog->jited);
	seq_printf(seq, "prog_tag:\t%*phN\n", BPF_TAG_SIZE, prog->tag);
	seq_printf(seq, "memlock:\t%llu\n", (u64)prog->pages << PAGE_SHIFT);
	seq_printf(seq, "prog_id:\t%u\n", prog->aux->id);
	/* Runs are not counted: the three sums stay as when counting is off. */
	seq_printf(seq, "run_time_ns:\t%u\n", 0);
	seq_printf(seq, "run_cnt:\t%u\n", 0);
	seq_printf(seq, "recursion_misses:\t%u\n", 0);
	seq_printf(seq, "verified_insns:\t%u\n", prog->aux->verified_insns);
}
#endif

const struct file_operations bpf_prog_fops = {
	.release	= prog_release,
#ifdef CONFIG_PROC_FS
	.show_fdinfo	= prog_show_fdinfo,
#endif
};

/**
 * bpf_prog_new_fd() - descriptor for a program
 * @prog: program; the descriptor takes over a reference
 *
 * Context: process context, may sleep.
 * Return: descriptor, or -errno with the reference still the caller's.
 */
int bpf_prog_new_fd(struct bpf_prog *prog)
{
	int err = security_bpf_prog(prog);

	if (err)
		return err;
	return anon_inode_getfd("bpf-prog", &bpf_prog_fops, prog,
				O_RDWR | O_CLOEXEC);
}

/* Program behind a descriptor with a reference, if it passes @type. */
static struct bpf_prog *prog_from_fd(u32 ufd, const enum bpf_prog_type *type)
{
	struct fd f = fdget(ufd);
	struct bpf_prog *prog;

	if (!f.file)
		return ERR_PTR(-EBADF);

	prog = ERR_PTR(-EINVAL);
	if (f.file->f_op == &bpf_prog_fops) {
		struct bpf_prog *found = f.file->private_data;

		if (!type || found->type == *type) {
			bpf_prog_inc(found);
			prog = found;
		}
	}
	fdput(f);
	return prog;
}

/**
 * bpf_prog_get() - program of any type behind a descriptor
 * @ufd: descriptor
 *
 * Context: process context.
 * Return: the program with a reference, -EBADF, or -EINVAL if the descriptor is
 * something else.
 */
struct bpf_prog *bpf_prog_get(u32 ufd)
{
	return prog_from_fd(ufd, NULL);
}

/**
 * bpf_prog_get_type_dev() - program of one type behind a descriptor
 * @ufd: descriptor
 * @type: type it must have
 * @attach_drv: the caller could take a program bound to a device; there are none
 *
 * Context: process context.
 * Return: the program with a reference, -EBADF, or -EINVAL if the descriptor is
 * something else.
 */
struct bpf_prog *bpf_prog_get_type_dev(u32 ufd, enum bpf_prog_type type,
				       bool attach_drv)
{
	return prog_from_fd(ufd, &type);
}
EXPORT_SYMBOL_GPL(bpf_prog_get_type_dev);
