/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Machine code or interpreter, see jit.c.
 */
#ifndef _BPF_JIT_CORE_H
#define _BPF_JIT_CORE_H

#include <linux/filter.h>

#ifdef CONFIG_BPF_JIT
/* Shall programs that are loaded now have machine code? */
static inline bool bpf_jit_wanted(void)
{
	return IS_ENABLED(CONFIG_BPF_JIT_ALWAYS_ON) || READ_ONCE(bpf_jit_enable);
}

int bpf_jit_select(struct bpf_prog *fp);
void bpf_jit_free(struct bpf_prog *fp);
#else
/* The interpreter runs everything. */
static inline bool bpf_jit_wanted(void)
{
	return false;
}

static inline int bpf_jit_select(struct bpf_prog *fp)
{
	return 0;
}

static inline void bpf_jit_free(struct bpf_prog *fp)
{
}
#endif

#endif /* _BPF_JIT_CORE_H */
