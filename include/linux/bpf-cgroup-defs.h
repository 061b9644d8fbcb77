/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Per-cgroup state of attached programs. Empty: no program type attaches to a
 * cgroup yet.
 */
#ifndef _LINUX_BPF_CGROUP_DEFS_H
#define _LINUX_BPF_CGROUP_DEFS_H

struct cgroup_bpf {};

#endif
