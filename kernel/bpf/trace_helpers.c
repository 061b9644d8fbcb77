// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers that look at the task a program interrupted, and at memory that may
 * not be there.
 *
 * They run wherever a probe can be, an NMI included: no lock, no allocation, no
 * fault that is not caught. Whether a program may read kernel memory at all was
 * decided when it was loaded.
 */
#include <linux/bpf.h>
#include <linux/cred.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uidgid.h>

/* ---- memory ------------------------------------------------------------------ */

/* An address says by itself whether it is the kernel's or the task's. */
static long read_anywhere(void *dst, u32 size, const void *src)
{
	if ((unsigned long)src < TASK_SIZE)
		return copy_from_user_nofault(dst, (const void __user *)src, size);
	return copy_from_kernel_nofault(dst, src, size);
}

BPF_CALL_3(bpf_probe_read, void *, dst, u32, size, const void *, src)
{
	long err = read_anywhere(dst, size, src);

	/* The verifier takes the buffer for filled, whatever happened. */
	if (err)
		memset(dst, 0, size);
	return err;
}

const struct bpf_func_proto bpf_probe_read_proto = {
	.func		= bpf_probe_read,
	.gpl_only	= true,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_PTR_TO_UNINIT_MEM, ARG_CONST_SIZE_OR_ZERO,
			    ARG_ANYTHING },
};

/* ---- the current task -------------------------------------------------------- */

BPF_CALL_0(bpf_get_current_pid_tgid)
{
	return (u64)current->tgid << 32 | current->pid;
}

const struct bpf_func_proto bpf_get_current_pid_tgid_proto = {
	.func		= bpf_get_current_pid_tgid,
	.ret_type	= RET_INTEGER,
};

BPF_CALL_0(bpf_get_current_uid_gid)
{
	kuid_t uid;
	kgid_t gid;

	current_uid_gid(&uid, &gid);
	return (u64)from_kgid(&init_user_ns, gid) << 32 |
	       from_kuid(&init_user_ns, uid);
}

const struct bpf_func_proto bpf_get_current_uid_gid_proto = {
	.func		= bpf_get_current_uid_gid,
	.ret_type	= RET_INTEGER,
};

BPF_CALL_2(bpf_get_current_comm, char *, buf, u32, size)
{
	/* Another task may rename this one meanwhile: the end is ours to set. */
	strscpy_pad(buf, current->comm, size);
	return 0;
}

const struct bpf_func_proto bpf_get_current_comm_proto = {
	.func		= bpf_get_current_comm,
	.ret_type	= RET_INTEGER,
	.arg_type	= { ARG_PTR_TO_UNINIT_MEM, ARG_CONST_SIZE },
};
