// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs in a non-maskable interrupt: a kprobe on a function that is called from one
 * updates, deletes and writes records, while what was interrupted is in the middle of
 * the same on the same map. It may be told that a lock is taken; it never waits.
 *
 * One CPU asks the others for their registers (sysrq l), which comes as an NMI. What
 * they print stays in the log: the console's level is lowered meanwhile. Lines of the
 * log that tell of trouble are repeated at the end.
 */
#include "race.h"

#include "../tracefs.h"
#include <sched.h>

#define RACE_MS		3000
#define KEYS		8

static int maps[2], events, outcomes;
static unsigned long updates, asked, strange;

/* Places in outcomes: runs in an NMI, then what they were told. */
enum { RUNS, DONE, BUSY, OTHER, PLACES };

/* ---- programs -------------------------------------------------------------------- */

/* Adds 1 to place R7 of outcomes. */
#define ADD_ONE									\
	STX(BPF_W, 10, 7, -4), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, outcomes), \
	CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 2), MOV_K(1, 1),	\
	ATOMIC(BPF_DW, BPF_ADD, 0, 1, 0)

/* R7 becomes the place for R0. */
#define SORT_RESULT								\
	MOV_K(7, DONE), JMP_K(BPF_JEQ, 0, 0, 3), MOV_K(7, BUSY), JMP_K(BPF_JEQ, 0, -EBUSY, 1), \
	MOV_K(7, OTHER)

#define RANDOM_KEY								\
	CALL(BPF_FUNC_get_prandom_u32), ALU_K(BPF_AND, 0, KEYS - 1), STX(BPF_W, 10, 0, -4)
#define UPDATE(map)								\
	RANDOM_KEY, ST(BPF_DW, 10, -16, 1), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), \
	MOV_X(3, 10), ALU_K(BPF_ADD, 3, -16), MOV_K(4, 0), LD_MAP(1, map),	\
	CALL(BPF_FUNC_map_update_elem)
#define DELETE(map)								\
	RANDOM_KEY, MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, map),	\
	CALL(BPF_FUNC_map_delete_elem)

static int load_probe(void)
{
	return PROG_LOAD(BPF_PROG_TYPE_KPROBE, MOV_X(6, 1), MOV_K(7, RUNS), ADD_ONE,
			 UPDATE(maps[0]), SORT_RESULT, ADD_ONE, UPDATE(maps[1]), SORT_RESULT, ADD_ONE,
			 DELETE(maps[0]), DELETE(maps[1]),
			 ST(BPF_DW, 10, -16, 0), MOV_X(1, 6), LD_MAP(2, events),
			 LD64(3, BPF_F_CURRENT_CPU), MOV_X(4, 10), ALU_K(BPF_ADD, 4, -16), MOV_K(5, 8),
			 CALL(BPF_FUNC_perf_event_output), MOV_K(0, 1), EXIT());
}

/* What is interrupted: not a system call on a map, in which probes run no programs. */
static int load_worker(void)
{
	return FILTER(UPDATE(maps[0]), DELETE(maps[0]), UPDATE(maps[1]), DELETE(maps[1]),
		      UPDATE(maps[0]), DELETE(maps[0]), UPDATE(maps[1]), DELETE(maps[1]),
		      MOV_K(0, 0), EXIT());
}

/* ---- threads ---------------------------------------------------------------------- */

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		bail("affinity: %m");
}

static void *work(void *arg)
{
	static const char packet[64];
	struct racer *r = arg;
	union bpf_attr attr;
	int prog = load_worker();

	stay_on(1);
	memset(&attr, 0, sizeof(attr));
	while (racing()) {
		attr.test.prog_fd = (__u32)prog;
		attr.test.data_in = ptr64(packet);
		attr.test.data_size_in = sizeof(packet);
		attr.test.repeat = 200;
		if (sys_bpf(BPF_PROG_TEST_RUN, &attr))
			count(&strange);
		count(&updates);
		r->done++;
	}
	close(prog);
	return NULL;
}

/*
 * The line that sysrq itself prints is printed at a level of its own, and what waits
 * for the console with it. So nothing must wait: a line of ours takes it along.
 */
static void flush_log(int kmsg)
{
	if (write(kmsg, "<7>nmi", 6) != 6)
		count(&strange);
}

static void *ask(void *arg)
{
	struct racer *r = arg;
	int fd = open("/proc/sysrq-trigger", O_WRONLY), kmsg = open("/dev/kmsg", O_WRONLY);

	stay_on(0);
	if (fd < 0 || kmsg < 0)
		bail("sysrq-trigger, kmsg: %m");
	while (racing()) {
		if (write(fd, "l", 1) != 1)
			count(&strange);
		count(&asked);
		r->done++;
		pause_ms(5);
		flush_log(kmsg);
	}
	close(kmsg);
	close(fd);
	return NULL;
}

static void *idle(void *arg)
{
	return NULL;
}

/* ---- all --------------------------------------------------------------------------- */

static long long outcome(int place)
{
	long long value = 0;

	map_get(outcomes, &place, &value);
	return value;
}

static bool enough(void)
{
	return updates > 5 && asked > 20 && outcome(RUNS) > 20;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		bail("%s: %m", path);
	close(fd);
}

/* From here on: what is in the log behind what was there before. */
static int log_fd;

static void log_begin(void)
{
	log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	if (log_fd < 0 || lseek(log_fd, 0, SEEK_END) < 0)
		bail("/dev/kmsg: %m");
}

static unsigned int trouble_in_log(void)
{
	static const char *const signs[] = {
		"WARNING:", "BUG:", "KASAN:", "possible ", "inconsistent ", "Invalid wait",
		"suspicious RCU", "DEBUG_LOCKS", "detected stall", "lockup",
	};
	char line[8192];
	unsigned int n = 0;
	ssize_t len;

	while ((len = read(log_fd, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		if (len < 0)
			continue;	/* some were overwritten */
		line[len] = '\0';
		for (size_t i = 0; i < ARRAY_LEN(signs); i++)
			if (strstr(line, signs[i])) {
				note("%s", line);
				n++;
				break;
			}
		errno = 0;
	}
	return n;
}

int main(void)
{
	static void *(*const bodies[THREADS])(void *) = { ask, work, idle, idle, idle, idle, idle, idle };
	int event, probe;

	mount_tracefs();
	add_event("kprobe_events", "p:nmi_regs show_regs\n");
	maps[0] = map_create(BPF_MAP_TYPE_HASH, 4, 8, KEYS, 0);
	maps[1] = map_create(BPF_MAP_TYPE_HASH, 4, 8, KEYS, BPF_F_NO_PREALLOC);
	events = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 2, 0);
	outcomes = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, PLACES, 0);
	probe = load_probe();
	if (probe < 0)
		bail("probe: %d\n%s", probe, prog_log);
	write_file("/proc/sys/kernel/sysrq", "1");
	write_file("/proc/sys/kernel/printk", "1");
	log_begin();
	event = event_open(PERF_TYPE_TRACEPOINT, event_id("kprobes/nmi_regs"));
	is(ioctl(event, PERF_EVENT_IOC_SET_BPF, probe), 0, "a program on a function of an NMI");

	race(bodies, RACE_MS, enough);
	close(event);
	write_file("/proc/sys/kernel/printk", "7");
	ok(enough(), "%lu test runs, asked %lu times, %lld runs in an NMI", updates, asked, outcome(RUNS));
	is(strange, 0, "every call works");
	is(outcome(OTHER), 0, "an update in an NMI is done (%lld) or too late for a lock (%lld)",
	   outcome(DONE), outcome(BUSY));
	ok(outcome(DONE) > 0, "some are done");
	is(trouble_in_log(), 0, "nothing in the log");
	for (int i = 0; i < 2; i++)
		for (__u32 key = 0; key < KEYS; key++) {
			long long value = 5;

			if (map_put(maps[i], &key, &value, 0))
				strange++;
		}
	is(strange, 0, "all elements are there afterwards");
	return finish();
}
