/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System calls through the entry of 32-bit programs, on x86-64. Memory they are
 * told of must lie below 4 GiB.
 */
#ifndef SELFTEST_BPF_CALL32_H
#define SELFTEST_BPF_CALL32_H

#include <sys/mman.h>

#define NR32_IOCTL	54
#define NR32_PRCTL	172
#define NR32_BPF	357
#define NR32_GETSOCKOPT	365
#define NR32_SETSOCKOPT	366

static inline long call32(long nr, long a, long b, long c, long d, long e)
{
	long ret = nr;

	__asm__ volatile("int $0x80"
			 : "+a"(ret)
			 : "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "r8", "r9", "r10", "r11", "memory");
	return (int)ret;
}

/* Memory that 32 bits can name, or NULL. */
static inline void *low_memory(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

#endif
