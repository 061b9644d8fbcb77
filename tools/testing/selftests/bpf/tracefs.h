/* SPDX-License-Identifier: GPL-2.0-only */
/* Kprobe and uprobe events, made through tracefs. */
#ifndef SELFTEST_BPF_TRACEFS_H
#define SELFTEST_BPF_TRACEFS_H

#include "test.h"

#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define TRACEFS		"/sys/kernel/tracing"

static inline void mount_tracefs(void)
{
	mkdir(TRACEFS, 0755);
	if (mount("tracefs", TRACEFS, "tracefs", 0, NULL) && errno != EBUSY)
		bail("tracefs: %d", errno);
}

/* Adds a line to kprobe_events or uprobe_events. */
static inline void add_event(const char *list, const char *line)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), TRACEFS "/%s", list);
	fd = open(path, O_WRONLY | O_APPEND);
	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		bail("%s < %s: %d", path, line, errno);
	close(fd);
}

/* One on a function of this program: @kind is "p" or "r", on return. */
static inline void add_uprobe(const char *kind, const char *name, const void *function)
{
	char line[256], exe[128];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	exe[n < 0 ? 0 : n] = '\0';
	/* Linked to run where it lies: the file begins at 4 MiB. */
	snprintf(line, sizeof(line), "%s:%s %s:0x%lx\n", kind, name, exe,
		 (unsigned long)function - 0x400000);
	add_event("uprobe_events", line);
}

static inline int event_id(const char *name)
{
	char path[128], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), TRACEFS "/events/%s/id", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		bail("%s: %d", path, errno);
	close(fd);
	return atoi(text);
}

/* A perf event of this process on every CPU. */
static inline int event_open(__u32 type, __u64 config)
{
	struct perf_event_attr attr = {
		.type = type,
		.size = sizeof(attr),
		.config = config,
		.sample_period = 1,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		bail("perf event %u %llu: %d", type, config, errno);
	return fd;
}

#endif
