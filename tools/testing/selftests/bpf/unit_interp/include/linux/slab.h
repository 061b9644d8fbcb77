/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SHIM_LINUX_SLAB_H
#define _SHIM_LINUX_SLAB_H

#define GFP_KERNEL_ACCOUNT	1
#define __GFP_ZERO		2

void *kzalloc(size_t size, gfp_t gfp);
void kfree(void *p);

#endif
