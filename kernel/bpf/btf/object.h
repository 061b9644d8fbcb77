/* SPDX-License-Identifier: GPL-2.0-only */
/* Type information as an object of bpf(2), for the commands that handle it. */
#ifndef _BPF_BTF_OBJECT_H
#define _BPF_BTF_OBJECT_H

#include <linux/bpf.h>

#include "btf.h"

struct btf *btf_load(const union bpf_attr *attr);
int btf_new_fd(struct btf *btf);
struct btf *btf_by_id(u32 id);
u32 btf_next_id(u32 id);
int btf_fill_info(const struct btf *btf, struct bpf_btf_info *info);

/* maps.c: do types fit a map? */
int btf_check_map(const struct btf *btf, const union bpf_attr *attr);

#endif /* _BPF_BTF_OBJECT_H */
