/* SPDX-License-Identifier: GPL-2.0-only */
#define barrier_nospec()	__asm__ __volatile__("" : : : "memory")
