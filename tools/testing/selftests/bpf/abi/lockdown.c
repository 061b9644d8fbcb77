// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel that is locked down (CONFIG_SECURITY_LOCKDOWN_LSM): at its second level
 * programs are not given what reads its memory, and lose nothing else. A level cannot
 * be lowered, so this guest ends locked down; base/configs/variants has a kernel for it.
 * Where there is no file to raise it with, "lockdown=confidentiality" among the kernel's
 * arguments does.
 */
#include "../tracefs.h"

#include <sys/mount.h>

#define LEVEL	"/sys/kernel/security/lockdown"

static int results;

/* ---- the level ------------------------------------------------------------------------- */

static int raise_to(const char *level)
{
	int fd = open(LEVEL, O_WRONLY), err = 0;

	if (write(fd, level, strlen(level)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static bool raised_by_boot(void)
{
	FILE *f = fopen("/proc/cmdline", "r");
	char line[4096] = "";

	if (f) {
		fgets(line, sizeof(line), f);
		fclose(f);
	}
	return strstr(line, "lockdown=confidentiality");
}

/* ---- programs -------------------------------------------------------------------------- */

/* Reads its own registers, which lie in the kernel, and leaves what it heard. */
static int load_reader(void)
{
	return PROG_LOAD(BPF_PROG_TYPE_KPROBE, MOV_X(3, 1), MOV_X(1, 10), ALU_K(BPF_ADD, 1, -8),
			 MOV_K(2, 8), CALL(BPF_FUNC_probe_read), STX(BPF_DW, 10, 0, -16),
			 ST(BPF_W, 10, -20, 0), LD_MAP(1, results), MOV_X(2, 10),
			 ALU_K(BPF_ADD, 2, -20), MOV_X(3, 10), ALU_K(BPF_ADD, 3, -16), MOV_K(4, 0),
			 CALL(BPF_FUNC_map_update_elem), MOV_K(0, 1), EXIT());
}

/* Can it be loaded? */
static int tried(int fd)
{
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static __attribute__((noinline)) long probed(long a)
{
	__asm__ volatile("nop; nop; nop; nop; nop; nop" : "+r"(a) : : "memory");
	return a;
}

/* What the reader heard that stands on the probe; 1 if it did not run. */
static long long heard(void)
{
	long long value = 1;

	map_put(results, &(__u32){ 0 }, &value, 0);
	probed(1);
	map_get(results, &(__u32){ 0 }, &value);
	return value;
}

static void attach(int prog)
{
	int event;

	mount_tracefs();
	add_uprobe("p", "locked", probed);
	event = event_open(PERF_TYPE_TRACEPOINT, event_id("uprobes/locked"));
	is(ioctl(event, PERF_EVENT_IOC_SET_BPF, prog), 0, "a reader on a probe");
	close(prog);
}

/* ---- what stays -------------------------------------------------------------------------- */

static void test_others(void)
{
	static const struct { int id; const char *name; } helpers[] = {
		{ BPF_FUNC_ktime_get_ns, "ktime_get_ns" },
		{ BPF_FUNC_get_prandom_u32, "get_prandom_u32" },
		{ BPF_FUNC_get_smp_processor_id, "get_smp_processor_id" },
		{ BPF_FUNC_get_current_pid_tgid, "get_current_pid_tgid" },
		{ BPF_FUNC_get_current_uid_gid, "get_current_uid_gid" },
	};

	for (size_t i = 0; i < ARRAY_LEN(helpers); i++)
		is(tried(PROG_LOAD(BPF_PROG_TYPE_KPROBE, CALL(helpers[i].id), MOV_K(0, 0), EXIT())),
		   0, "%s may be called", helpers[i].name);
	is(tried(PROG_LOAD(BPF_PROG_TYPE_KPROBE, ST(BPF_DW, 10, -8, 'x'), MOV_X(1, 10),
			   ALU_K(BPF_ADD, 1, -8), MOV_K(2, 8), CALL(BPF_FUNC_trace_printk),
			   MOV_K(0, 0), EXIT())), 0, "trace_printk may be called");
	is(tried(PROG_LOAD(BPF_PROG_TYPE_KPROBE, LDX(BPF_DW, 0, 1, 0), EXIT())), 0,
	   "registers may be read");
	is(prog_test_run(FILTER(MOV_K(0, 5), EXIT()), 1), 5, "a filter runs");
}

static void test_locked(void)
{
	is(tried(load_reader()), -EINVAL, "locked down: no program that reads the kernel's memory");
	is_str(prog_log, "unknown func bpf_probe_read#4", "there is no such helper then");
}

static void test_levels(void)
{
	is(tried(load_reader()), 0, "a program that reads the kernel's memory");
	is(raise_to("integrity"), 0, "locked down for integrity");
	is(tried(load_reader()), 0, "it may be loaded still");
	is(heard(), 0, "the one on the probe reads");
	is(raise_to("confidentiality"), 0, "locked down for confidentiality");
	test_locked();
	is(heard(), 0, "the one that was there before reads");
	is(raise_to("integrity"), -EPERM, "a level cannot be lowered");
}

int main(void)
{
	mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	results = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	if (!access(LEVEL, W_OK)) {
		attach(load_reader());
		test_levels();
	} else if (raised_by_boot()) {
		test_locked();
	} else {
		skip("lockdown", "kernel without CONFIG_SECURITY_LOCKDOWN_LSM");
		return finish();
	}
	test_others();
	return finish();
}
