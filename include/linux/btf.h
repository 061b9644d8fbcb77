/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Type information of the kernel for programs. The kernel carries none
 * (DEBUG_INFO_BTF stays off), so registration of callable functions succeeds
 * and has no effect.
 */
#ifndef _LINUX_BTF_H
#define _LINUX_BTF_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <uapi/linux/bpf.h>
#include <uapi/linux/btf.h>

#define BTF_TYPE_EMIT(type)		((void)(type *)0)
#define BTF_TYPE_EMIT_ENUM(val)		((void)(val))

#define KF_ACQUIRE		BIT(0)
#define KF_RELEASE		BIT(1)
#define KF_RET_NULL		BIT(2)
#define KF_KPTR_GET		BIT(3)
#define KF_TRUSTED_ARGS		BIT(4)
#define KF_SLEEPABLE		BIT(5)
#define KF_DESTRUCTIVE		BIT(6)

struct btf;
struct btf_id_set8;

struct btf_kfunc_id_set {
	struct module *owner;
	struct btf_id_set8 *set;
};

static inline int register_btf_kfunc_id_set(enum bpf_prog_type prog_type,
					    const struct btf_kfunc_id_set *set)
{
	return 0;
}

#endif
