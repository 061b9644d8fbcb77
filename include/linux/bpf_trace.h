/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _LINUX_BPF_TRACE_H
#define _LINUX_BPF_TRACE_H

#include <trace/events/xdp.h>

#endif
