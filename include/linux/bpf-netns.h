/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_BPF_NETNS_H
#define _LINUX_BPF_NETNS_H

#include <net/netns/bpf.h>

#endif
