/* SPDX-License-Identifier: GPL-2.0-only */
/* How a test sees that all memory came back. */
#ifndef SELFTEST_BPF_MEMORY_H
#define SELFTEST_BPF_MEMORY_H

#include "test.h"

#include <fcntl.h>
#include <glob.h>
#include <unistd.h>

/* Memory the kernel could hand out, in kB. */
static inline __attribute__((unused)) long available_kb(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];
	long kb = -1;

	while (f && kb < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "MemAvailable: %ld kB", &kb);
	if (kb < 0)
		bail("/proc/meminfo tells no MemAvailable");
	fclose(f);
	return kb;
}

/*
 * KASAN keeps what was freed from being used again, up to 1/32 of memory, in batches
 * of a megabyte that move on only when as much has been freed after them. Shrinking
 * a cache gives back what is kept of it.
 */
static inline __attribute__((unused)) long available_kb_shrunk(void)
{
	glob_t caches;

	if (!glob("/sys/kernel/slab/*/shrink", 0, NULL, &caches)) {
		for (size_t i = 0; i < caches.gl_pathc; i++) {
			int fd = open(caches.gl_pathv[i], O_WRONLY);

			/* A cache may have gone meanwhile. */
			if (fd >= 0 && write(fd, "1", 1) != 1)
				bail("%s: %m", caches.gl_pathv[i]);
			close(fd);
		}
		globfree(&caches);
	}
	return available_kb();
}

#endif
