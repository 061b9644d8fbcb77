/* SPDX-License-Identifier: GPL-2.0-only */
int set_memory_ro(unsigned long addr, int numpages);
