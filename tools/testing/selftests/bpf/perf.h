/* SPDX-License-Identifier: GPL-2.0-only */
/* Software events of perf, among them the one that takes a program's records. */
#ifndef SELFTEST_BPF_PERF_H
#define SELFTEST_BPF_PERF_H

#include "test.h"

#include <linux/perf_event.h>
#include <sched.h>

/* software_event - of a task (0 is this one) or a CPU, the other being -1; or -errno */
static inline MAYBE_UNUSED int software_event(__u64 config, int pid, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = config,
		.sample_period = 1,
		.wakeup_events = 1,
		.sample_type = PERF_SAMPLE_RAW,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* An event of one CPU is written to from there only. */
static inline MAYBE_UNUSED void stay_on_first_cpu(void)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first))
		bail("affinity: %m");
}

#endif
