// SPDX-License-Identifier: GPL-2.0-only
/*
 * PROG_LOAD: from an attribute to a program with a descriptor.
 *
 * Decode settles everything about the attribute, including the one copy of the
 * instructions; perform verifies, selects what runs the program, publishes it.
 * Whatever fails, the program is freed by release as long as it is still in the
 * request.
 *
 * Rule of this version: only who may both load programs and read kernel memory
 * (CAP_BPF with CAP_PERFMON, or CAP_SYS_ADMIN) may load. The verifier proves
 * memory safety but does not yet prove that no address leaks, neither directly
 * nor by speculation, so others are refused with -EPERM, whatever
 * kernel.unprivileged_bpf_disabled says.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/license.h>
#include <linux/sched/user.h>
#include <linux/security.h>
#include <linux/uaccess.h>

#include "prog_array.h"
#include "syscall.h"

/* Longest license looked at, with its end. */
#define LICENSE_MAX	128

#define PROG_INSNS_MAX			1000000
#define PROG_INSNS_MAX_UNPRIVILEGED	BPF_MAXINSNS

/* Flags about how strict the verifier is; none changes what a program does. */
#define PROG_FLAGS	(BPF_F_STRICT_ALIGNMENT | BPF_F_ANY_ALIGNMENT |		\
			 BPF_F_TEST_RND_HI32 | BPF_F_TEST_STATE_FREQ)

/* 1 if the license allows helpers reserved for GPL programs, 0 or -errno. */
static int license_is_gpl(u64 uptr)
{
	char license[LICENSE_MAX];
	long len;

	len = strncpy_from_user(license, u64_to_user_ptr(uptr),
				sizeof(license) - 1);
	if (len < 0)
		return -EFAULT;
	license[sizeof(license) - 1] = '\0';
	return license_is_gpl_compatible(license);
}

static bool has_type_privilege(const struct bpf_prog_type_desc *desc)
{
	if (desc->caps & BPF_TYPE_CAP_NET_ADMIN &&
	    !capable(CAP_NET_ADMIN) && !capable(CAP_SYS_ADMIN))
		return false;
	if (desc->caps & BPF_TYPE_CAP_PERFMON && !perfmon_capable())
		return false;
	return true;
}

/* Parameters of what is not offered: types that attach to code, devices. */
static int check_foreign_params(const union bpf_attr *attr)
{
	if (attr->attach_prog_fd || attr->attach_btf_id)
		return -EINVAL;
	if (attr->prog_ifindex)
		return -EINVAL;
	return 0;
}

static int copy_insns(struct bpf_request *req)
{
	const union bpf_attr *attr = req->attr;
	struct bpf_prog *prog;
	int err;

	prog = bpf_prog_alloc(bpf_prog_size(attr->insn_cnt),
			      GFP_USER | __GFP_NOWARN);
	if (!prog)
		return -ENOMEM;
	req->prog = prog;
	prog->aux->user = get_current_user();

	err = security_bpf_prog_alloc(prog->aux);
	if (err)
		return err;
	if (copy_from_user(prog->insnsi, u64_to_user_ptr(attr->insns),
			   attr->insn_cnt * sizeof(struct bpf_insn)))
		return -EFAULT;
	prog->len = attr->insn_cnt;
	return 0;
}

int bpf_prog_load_decode(struct bpf_request *req)
{
	const union bpf_attr *attr = req->attr;
	u32 most = bpf_capable() ? PROG_INSNS_MAX : PROG_INSNS_MAX_UNPRIVILEGED;
	int gpl, err;

	if (attr->prog_flags & ~PROG_FLAGS)
		return -EINVAL;
	gpl = license_is_gpl(attr->license);
	if (gpl < 0)
		return gpl;
	if (!attr->insn_cnt || attr->insn_cnt > most)
		return -E2BIG;
	if (!bpf_capable() || !perfmon_capable())
		return -EPERM;

	req->prog_type = bpf_prog_type_find(attr->prog_type);
	if (!req->prog_type)
		return -EINVAL;
	if (!has_type_privilege(req->prog_type))
		return -EPERM;
	err = check_foreign_params(attr);
	if (err)
		return err;
	err = bpf_obj_name_copy(req->name, attr->prog_name);
	if (err)
		return err;

	err = copy_insns(req);
	if (err)
		return err;
	req->prog->gpl_compatible = gpl;
	return 0;
}

static void set_identity(struct bpf_request *req)
{
	struct bpf_prog *prog = req->prog;

	prog->type = req->prog_type->type;
	prog->expected_attach_type = req->attr->expected_attach_type;
	prog->aux->type_desc = req->prog_type;
	memcpy(prog->aux->name, req->name, sizeof(prog->aux->name));
}

int bpf_prog_load_perform(struct bpf_request *req)
{
	struct bpf_prog *prog;
	int ret;

	set_identity(req);
	ret = bpf_prog_calc_tag(req->prog);
	if (ret)
		return ret;
	ret = bpf_check(&req->prog, req->attr);
	if (ret)
		return ret;
	req->prog = bpf_prog_select_runtime(req->prog, &ret);
	if (ret)
		return ret;
	ret = bpf_prog_join_arrays(req->prog);
	if (ret)
		return ret;
	ret = bpf_prog_publish(req->prog);
	if (ret)
		return ret;

	/* From here on the program ends as every published one does. */
	prog = req->prog;
	req->prog = NULL;
	ret = bpf_prog_new_fd(prog);
	if (ret < 0)
		bpf_prog_put(prog);
	return ret;
}

void bpf_prog_load_release(struct bpf_request *req)
{
	if (req->prog)
		bpf_prog_destroy_unpublished(req->prog);
}
