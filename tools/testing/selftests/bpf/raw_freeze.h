/* SPDX-License-Identifier: GPL-2.0-only */
/* Maps that are frozen, mapped, and addressed by programs: calls and instructions. */
#ifndef SELFTEST_BPF_RAW_FREEZE_H
#define SELFTEST_BPF_RAW_FREEZE_H

#include "test.h"

#include <sys/mman.h>

#define ENOTSUPP_	524	/* of the kernel alone */

/* d = address of the byte at @off of the only value of map @fd; by place in fd_array */
#define LD_VALUE(d, fd, off)	LD64_SRC(d, BPF_PSEUDO_MAP_VALUE, fd, off)
#define LD_MAP_AT(d, n)		LD64_SRC(d, BPF_PSEUDO_MAP_IDX, n, 0)
#define LD_VALUE_AT(d, n, off)	LD64_SRC(d, BPF_PSEUDO_MAP_IDX_VALUE, n, off)

static inline MAYBE_UNUSED int map_freeze(int fd)
{
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.map_fd = (__u32)fd;
	return (int)sys_bpf(BPF_MAP_FREEZE, &a);
}

/* map_pages - the address where @size bytes of a map are now, or -errno as one */
static inline MAYBE_UNUSED void *map_pages(int fd, size_t size, int prot)
{
	void *at = mmap(NULL, size, prot, MAP_SHARED, fd, 0);

	return at == MAP_FAILED ? (void *)(intptr_t)-errno : at;
}

static inline MAYBE_UNUSED bool is_mapped(const void *at)
{
	return (intptr_t)at > 0;
}

/* An errno that map_pages() gave, or 0 */
static inline MAYBE_UNUSED long map_error(const void *at)
{
	return is_mapped(at) ? 0 : (long)(intptr_t)at;
}

#define PAGE	4096UL
#define RW	(PROT_READ | PROT_WRITE)

#endif
