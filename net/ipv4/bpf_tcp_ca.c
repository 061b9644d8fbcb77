// SPDX-License-Identifier: GPL-2.0-only
/*
 * The base's Makefile builds this file in a kernel with bpf(2) and machine code,
 * for congestion control written as programs. There is none, and nothing asks
 * for it.
 */
#include <linux/bpf.h>
