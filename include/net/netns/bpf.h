/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs attached to a network namespace: always none, no such program type
 * is offered. The flow dissector looks here.
 */
#ifndef _NETNS_BPF_H
#define _NETNS_BPF_H

#include <linux/types.h>

struct bpf_prog_array;

enum netns_bpf_attach_type {
	NETNS_BPF_INVALID = -1,
	NETNS_BPF_FLOW_DISSECTOR = 0,
	MAX_NETNS_BPF_ATTACH_TYPE
};

/**
 * struct netns_bpf - programs of one network namespace
 * @run_array: per attach type what to run, NULL
 */
struct netns_bpf {
	struct bpf_prog_array __rcu *run_array[MAX_NETNS_BPF_ATTACH_TYPE];
};

#endif
