/* SPDX-License-Identifier: GPL-2.0-only */
/* What the verifier takes from the kernel's filter.h. */
#ifndef _UNIT_VERIFIER_FILTER_H
#define _UNIT_VERIFIER_FILTER_H

#include <linux/bpf.h>
#include <linux/insn_build.h>

#endif
