// SPDX-License-Identifier: GPL-2.0-only
/*
 * A security module for tests: it counts how often each of its questions about
 * eBPF is asked, answers no when told to, and hangs memory on maps and programs,
 * which must come back to it.
 *
 * In debugfs, bpf_test_lsm/counts has a line "HOOK CALLS" for each hook, then
 * "held N": objects whose memory was not given back. Writing "HOOK" to
 * bpf_test_lsm/refuse makes the next question of that hook be answered with EACCES;
 * a free cannot be refused. "locked_down" is no question but a state, until it is
 * written again. Never for a kernel that is used.
 *
 * Locking: none, counters are atomic.
 */
#include <linux/atomic.h>
#include <linux/bpf.h>
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/lsm_hooks.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

enum hook {
	HOOK_BPF, HOOK_MAP, HOOK_PROG, HOOK_MAP_ALLOC, HOOK_MAP_FREE,
	HOOK_PROG_ALLOC, HOOK_PROG_FREE, HOOK_LOCKED_DOWN, HOOKS
};

static struct {
	const char *name;
	atomic_t calls;
	atomic_t refuse;
} hooks[HOOKS] = {
	[HOOK_BPF] = { "bpf" },
	[HOOK_MAP] = { "bpf_map" },
	[HOOK_PROG] = { "bpf_prog" },
	[HOOK_MAP_ALLOC] = { "bpf_map_alloc" },
	[HOOK_MAP_FREE] = { "bpf_map_free" },
	[HOOK_PROG_ALLOC] = { "bpf_prog_alloc" },
	[HOOK_PROG_FREE] = { "bpf_prog_free" },
	[HOOK_LOCKED_DOWN] = { "locked_down" },
};

static atomic_t held;

static int asked(enum hook hook)
{
	atomic_inc(&hooks[hook].calls);
	return atomic_xchg(&hooks[hook].refuse, 0) ? -EACCES : 0;
}

/* ---- hooks ------------------------------------------------------------------- */

static int test_bpf(int cmd, union bpf_attr *attr, unsigned int size)
{
	return asked(HOOK_BPF);
}

static int test_map(struct bpf_map *map, fmode_t fmode)
{
	return asked(HOOK_MAP);
}

static int test_prog(struct bpf_prog *prog)
{
	return asked(HOOK_PROG);
}

static int hold(enum hook hook, void **security)
{
	int err = asked(hook);

	if (err)
		return err;
	*security = kmalloc(sizeof(long), GFP_KERNEL);
	if (!*security)
		return -ENOMEM;
	atomic_inc(&held);
	return 0;
}

static void let_go(enum hook hook, void **security)
{
	asked(hook);
	/* A refused object has none; kfree() twice would be seen by KASAN. */
	if (*security)
		atomic_dec(&held);
	kfree(*security);
	*security = NULL;
}

static int test_map_alloc(struct bpf_map *map)
{
	return hold(HOOK_MAP_ALLOC, &map->security);
}

static void test_map_free(struct bpf_map *map)
{
	let_go(HOOK_MAP_FREE, &map->security);
}

static int test_prog_alloc(struct bpf_prog_aux *aux)
{
	return hold(HOOK_PROG_ALLOC, &aux->security);
}

static void test_prog_free(struct bpf_prog_aux *aux)
{
	let_go(HOOK_PROG_FREE, &aux->security);
}

/* Others ask whether the kernel is locked down too; only this is about programs. */
static int test_locked_down(enum lockdown_reason what)
{
	if (what != LOCKDOWN_BPF_READ_KERNEL)
		return 0;
	atomic_inc(&hooks[HOOK_LOCKED_DOWN].calls);
	return atomic_read(&hooks[HOOK_LOCKED_DOWN].refuse) ? -EPERM : 0;
}

static struct security_hook_list test_hooks[] __lsm_ro_after_init = {
	LSM_HOOK_INIT(bpf, test_bpf),
	LSM_HOOK_INIT(bpf_map, test_map),
	LSM_HOOK_INIT(bpf_prog, test_prog),
	LSM_HOOK_INIT(bpf_map_alloc_security, test_map_alloc),
	LSM_HOOK_INIT(bpf_map_free_security, test_map_free),
	LSM_HOOK_INIT(bpf_prog_alloc_security, test_prog_alloc),
	LSM_HOOK_INIT(bpf_prog_free_security, test_prog_free),
	LSM_HOOK_INIT(locked_down, test_locked_down),
};

static int __init test_lsm_init(void)
{
	security_add_hooks(test_hooks, ARRAY_SIZE(test_hooks), "bpf_test");
	return 0;
}

DEFINE_LSM(bpf_test) = {
	.name = "bpf_test",
	.init = test_lsm_init,
};

/* ---- files ------------------------------------------------------------------- */

static int counts_show(struct seq_file *seq, void *unused)
{
	int i;

	for (i = 0; i < HOOKS; i++)
		seq_printf(seq, "%s %d\n", hooks[i].name,
			   atomic_read(&hooks[i].calls));
	seq_printf(seq, "held %d\n", atomic_read(&held));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counts);

static ssize_t refuse_write(struct file *file, const char __user *from, size_t len,
			    loff_t *pos)
{
	char name[32] = "";
	int i;

	if (len >= sizeof(name))
		return -EINVAL;
	if (copy_from_user(name, from, len))
		return -EFAULT;
	for (i = 0; i < HOOKS; i++)
		if (!strcmp(strim(name), hooks[i].name)) {
			atomic_set(&hooks[i].refuse,
				   i != HOOK_LOCKED_DOWN || !atomic_read(&hooks[i].refuse));
			return len;
		}
	return -EINVAL;
}

static const struct file_operations refuse_fops = {
	.write	= refuse_write,
};

static int __init test_lsm_files(void)
{
	struct dentry *dir = debugfs_create_dir("bpf_test_lsm", NULL);

	debugfs_create_file("counts", 0400, dir, NULL, &counts_fops);
	debugfs_create_file("refuse", 0200, dir, NULL, &refuse_fops);
	return 0;
}
late_initcall(test_lsm_files);
