/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What code is made for: jit_machine.c, or jit_um.c where the kernel is a process.
 */
#ifndef _JIT_MACHINE_H
#define _JIT_MACHINE_H

#include "jit.h"

void x86_jit_machine_describe(struct jit_target *target, const struct bpf_prog *fp);

#endif /* _JIT_MACHINE_H */
