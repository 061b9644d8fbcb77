// SPDX-License-Identifier: GPL-2.0-only
/*
 * Type information by number: the next one, and a descriptor for one.
 *
 * Whoever may ask sees every object of the system, so only CAP_SYS_ADMIN may.
 */
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/uaccess.h>

#include "btf/object.h"
#include "syscall.h"

int bpf_by_id_decode(struct bpf_request *req)
{
	return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

int bpf_next_id_decode(struct bpf_request *req)
{
	if (req->attr->start_id >= INT_MAX)
		return -EINVAL;
	return bpf_by_id_decode(req);
}

int bpf_btf_next_id_perform(struct bpf_request *req)
{
	u32 next = btf_next_id(req->attr->start_id);

	if (!next)
		return -ENOENT;
	return put_user(next, &req->uattr->next_id);
}

int bpf_btf_by_id_perform(struct bpf_request *req)
{
	struct btf *btf = btf_by_id(req->attr->btf_id);
	int fd;

	if (IS_ERR(btf))
		return PTR_ERR(btf);
	fd = btf_new_fd(btf);
	if (fd < 0)
		btf_put(btf);
	return fd;
}
