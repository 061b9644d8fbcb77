/* SPDX-License-Identifier: GPL-2.0-only */
/* Instruction codes come from the host's header; their numbers are ABI. */
#include <linux/bpf.h>
