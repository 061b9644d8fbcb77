// SPDX-License-Identifier: GPL-2.0-only
/*
 * PROG_TEST_RUN: run a program on what the caller gives, outside of any hook.
 * What that is, is up to the program type.
 */
#include <linux/bpf.h>
#include <linux/errno.h>

#include "syscall.h"

/* A place and its size come together. */
static bool is_pair(u64 ptr, u32 size)
{
	return !ptr == !size;
}

int bpf_test_run_decode(struct bpf_request *req)
{
	const union bpf_attr *attr = req->attr;
	struct bpf_prog *prog;

	if (!is_pair(attr->test.ctx_in, attr->test.ctx_size_in) ||
	    !is_pair(attr->test.ctx_out, attr->test.ctx_size_out))
		return -EINVAL;
	prog = bpf_prog_get(attr->test.prog_fd);
	if (IS_ERR(prog))
		return PTR_ERR(prog);
	req->prog = prog;
	return prog->aux->type_desc->test_run ? 0 : -ENOTSUPP;
}

int bpf_test_run_perform(struct bpf_request *req)
{
	return req->prog->aux->type_desc->test_run(req->prog, req->attr,
						   req->uattr);
}

void bpf_test_run_release(struct bpf_request *req)
{
	if (req->prog)
		bpf_prog_put(req->prog);
}
