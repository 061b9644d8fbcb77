// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classic programs as objects: from a user's or the kernel's array of
 * instructions to something that runs, and back to freed memory.
 *
 * User memory is read once; everything after that works on the kernel's copy.
 * A program that is complete never changes, so its users need no lock.
 * Whoever frees one makes sure first that no run of it is under way.
 */
#include <linux/compat.h>
#include <linux/filter.h>
#include <linux/slab.h>
#include <linux/sockptr.h>
#include <linux/uaccess.h>

static bool classic_len_ok(unsigned int flen)
{
	return flen > 0 && flen <= BPF_MAXINSNS;
}

static void free_orig(struct sock_fprog_kern *orig)
{
	if (!orig)
		return;
	kfree(orig->filter);
	kfree(orig);
}

/* Keeps what the user gave, for those who ask for it later. */
static struct sock_fprog_kern *dup_orig(const struct sock_filter *filter,
					u16 len)
{
	struct sock_fprog_kern *orig;

	orig = kmalloc(sizeof(*orig), GFP_KERNEL | __GFP_NOWARN);
	if (!orig)
		return NULL;
	orig->len = len;
	orig->filter = kmemdup(filter, bpf_classic_proglen(orig),
			       GFP_KERNEL | __GFP_NOWARN);
	if (!orig->filter) {
		kfree(orig);
		return NULL;
	}
	return orig;
}

/*
 * A checked program, made ready to run. @orig becomes part of it, which has to
 * happen here: the memory of a ready program cannot be written.
 */
static struct bpf_prog *make_prog(const struct sock_filter *filter,
				  unsigned int flen,
				  struct sock_fprog_kern *orig)
{
	struct bpf_prog *prog, *ready;
	int err;

	prog = bpf_convert_filter(filter, flen);
	if (IS_ERR(prog))
		return prog;

	prog->orig_prog = orig;
	ready = bpf_prog_select_runtime(prog, &err);
	if (err) {
		bpf_prog_free(ready);
		return ERR_PTR(err);
	}
	return ready;
}

/**
 * bpf_prog_create() - make a program of classic instructions in kernel memory
 * @pfp: where the program goes
 * @fprog: the instructions, which stay the caller's
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL for an unsafe program, -ENOMEM.
 */
int bpf_prog_create(struct bpf_prog **pfp, struct sock_fprog_kern *fprog)
{
	struct bpf_prog *prog;
	int err;

	if (!fprog->filter || !classic_len_ok(fprog->len))
		return -EINVAL;

	err = bpf_check_classic(fprog->filter, fprog->len);
	if (err)
		return err;

	prog = make_prog(fprog->filter, fprog->len, NULL);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	*pfp = prog;
	return 0;
}
EXPORT_SYMBOL_GPL(bpf_prog_create);

/* From the kernel's copy; @trans may rewrite it after the general check. */
static struct bpf_prog *make_user_prog(struct sock_filter *filter, u16 flen,
				       bpf_aux_classic_check_t trans,
				       bool save_orig)
{
	struct sock_fprog_kern *orig = NULL;
	struct bpf_prog *prog;
	int err;

	err = bpf_check_classic(filter, flen);
	if (err)
		return ERR_PTR(err);

	if (save_orig) {
		orig = dup_orig(filter, flen);
		if (!orig)
			return ERR_PTR(-ENOMEM);
	}

	err = trans ? trans(filter, flen) : 0;
	prog = err ? ERR_PTR(err) : make_prog(filter, flen, orig);
	if (IS_ERR(prog))
		free_orig(orig);
	return prog;
}

/**
 * bpf_prog_create_from_user() - make a program of a user's classic instructions
 * @pfp: where the program goes
 * @fprog: length and user address of the instructions
 * @trans: further check and rewrite, or NULL
 * @save_orig: keep the instructions as the user gave them
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL for an unsafe program, -EFAULT, -ENOMEM.
 */
int bpf_prog_create_from_user(struct bpf_prog **pfp, struct sock_fprog *fprog,
			      bpf_aux_classic_check_t trans, bool save_orig)
{
	struct sock_filter *filter;
	struct bpf_prog *prog;

	if (!fprog->filter || !classic_len_ok(fprog->len))
		return -EINVAL;

	filter = memdup_user(fprog->filter, bpf_classic_proglen(fprog));
	if (IS_ERR(filter))
		return PTR_ERR(filter);

	prog = make_user_prog(filter, fprog->len, trans, save_orig);
	kfree(filter);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	*pfp = prog;
	return 0;
}
EXPORT_SYMBOL_GPL(bpf_prog_create_from_user);

/**
 * bpf_prog_destroy() - give up a program that may be classic or from bpf(2)
 * @fp: program nobody runs any more
 *
 * Context: any but NMI.
 */
void bpf_prog_destroy(struct bpf_prog *fp)
{
	if (!fp->was_classic) {
		bpf_prog_put(fp);
		return;
	}
	free_orig(fp->orig_prog);
	bpf_prog_free(fp);
}
EXPORT_SYMBOL_GPL(bpf_prog_destroy);

/**
 * copy_bpf_fprog_from_user() - read a struct sock_fprog of a system call
 * @dst: where to
 * @src: the option's value, in the layout of the calling task
 * @len: its length as the caller gave it
 *
 * Context: process context, may fault.
 * Return: 0, -EINVAL if @len is not the length of the structure, -EFAULT.
 */
int copy_bpf_fprog_from_user(struct sock_fprog *dst, sockptr_t src, int len)
{
#ifdef CONFIG_COMPAT
	if (in_compat_syscall()) {
		struct compat_sock_fprog narrow;

		if (len != sizeof(narrow))
			return -EINVAL;
		if (copy_from_sockptr(&narrow, src, sizeof(narrow)))
			return -EFAULT;
		memset(dst, 0, sizeof(*dst));
		dst->len = narrow.len;
		dst->filter = compat_ptr(narrow.filter);
		return 0;
	}
#endif
	if (len != sizeof(*dst))
		return -EINVAL;
	return copy_from_sockptr(dst, src, sizeof(*dst)) ? -EFAULT : 0;
}
EXPORT_SYMBOL_GPL(copy_bpf_fprog_from_user);
