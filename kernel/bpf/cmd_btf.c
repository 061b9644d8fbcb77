// SPDX-License-Identifier: GPL-2.0-only
/*
 * BTF_LOAD: type information from user space.
 */
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/err.h>

#include "btf/object.h"
#include "syscall.h"

int bpf_btf_load_decode(struct bpf_request *req)
{
	return bpf_capable() ? 0 : -EPERM;
}

int bpf_btf_load_perform(struct bpf_request *req)
{
	struct btf *btf = btf_load(req->attr);
	int fd;

	if (IS_ERR(btf))
		return PTR_ERR(btf);
	fd = btf_new_fd(btf);
	if (fd < 0)
		btf_put(btf);
	return fd;
}
