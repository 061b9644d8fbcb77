/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many maps and programs there are, also those that nobody has a descriptor of:
 * a kernel with CONFIG_BPF_TEST_LSM counts them.
 */
#ifndef SELFTEST_BPF_HELD_H
#define SELFTEST_BPF_HELD_H

#include "test.h"

#include <unistd.h>

/* -1 on a kernel that does not count. */
static inline MAYBE_UNUSED int held_objects(void)
{
	FILE *f = fopen("/sys/kernel/debug/bpf_test_lsm/counts", "r");
	char line[64];
	int n = -1;

	while (f && n < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "held %d", &n);
	if (f)
		fclose(f);
	return n;
}

/* No more than @before; freeing takes grace periods and a worker. */
static inline MAYBE_UNUSED bool held_again(int before)
{
	for (int tries = 0; tries < 1000; tries++) {
		if (held_objects() <= before)
			return true;
		usleep(10000);
	}
	return false;
}

/* The check at the end of a test: its maps and programs are gone. */
static inline MAYBE_UNUSED void none_held(int before)
{
	bool gone;

	if (before < 0) {
		skip("maps and programs", "this kernel does not count them");
		return;
	}
	gone = held_again(before);
	ok(gone, "maps and programs: %d, before %d", held_objects(), before);
}

#endif
