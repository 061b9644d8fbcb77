/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of helpers at their numbers, from the headers of this machine. */
#ifndef SELFTEST_BPF_MATRIX_HELPERS_H
#define SELFTEST_BPF_MATRIX_HELPERS_H

#include <linux/bpf.h>

#define HELPER_NAME(name)	[BPF_FUNC_##name] = #name

static const char *const helper_names[] = { __BPF_FUNC_MAPPER(HELPER_NAME) };

#endif
