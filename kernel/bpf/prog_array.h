/* SPDX-License-Identifier: GPL-2.0-only */
/* What loading a program has to do with arrays of programs. */
#ifndef _BPF_PROG_ARRAY_H
#define _BPF_PROG_ARRAY_H

struct bpf_prog;

int bpf_prog_join_arrays(const struct bpf_prog *prog);
void bpf_prog_leave_arrays(const struct bpf_prog *prog);

#endif /* _BPF_PROG_ARRAY_H */
