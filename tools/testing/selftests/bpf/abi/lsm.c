// SPDX-License-Identifier: GPL-2.0-only
/*
 * Security modules are asked about every command, every descriptor and every new
 * object, a no is an error that changes nothing, and what they hang on objects
 * comes back to them. On a kernel with CONFIG_BPF_TEST_LSM.
 */
#include "../test.h"

#include <fcntl.h>
#include <sys/mount.h>

#define DIR	"/sys/kernel/debug/bpf_test_lsm/"

static int count(const char *name)
{
	FILE *f = fopen(DIR "counts", "r");
	char line[64], format[64];
	int n = -1;

	snprintf(format, sizeof(format), "%s %%d", name);
	while (f && n < 0 && fgets(line, sizeof(line), f))
		sscanf(line, format, &n);
	if (n < 0)
		bail("no count of %s", name);
	fclose(f);
	return n;
}

static void refuse(const char *name)
{
	int fd = open(DIR "refuse", O_WRONLY);

	if (fd < 0 || write(fd, name, strlen(name)) < 0)
		bail("refuse %s: %d", name, errno);
	close(fd);
}

static int make_map(void)
{
	return map_create(BPF_MAP_TYPE_HASH, 4, 4, 4, 0);
}

static int make_prog(void)
{
	return FILTER(MOV_K(0, 0), EXIT());
}

static void test_map(void)
{
	int asked = count("bpf"), opened = count("bpf_map"), made = count("bpf_map_alloc"), map;
	__u32 key = 1, value = 2;

	map = make_map();
	ok(map >= 0, "create a map");
	is(count("bpf") - asked, 1, "the command is asked about");
	is(count("bpf_map_alloc") - made, 1, "the map too");
	is(count("bpf_map") - opened, 1, "and its descriptor");

	asked = count("bpf");
	map_put(map, &key, &value, 0);
	map_get(map, &key, &value);
	map_del(map, &key);
	map_next(map, NULL, &key);
	is(count("bpf") - asked, 4, "each command on elements is asked about");
	asked = count("bpf");
	is(sys_bpf(9999, &(union bpf_attr){}), -EINVAL, "a command that does not exist");
	is(count("bpf") - asked, 1, "is asked about as well");
	refuse("bpf");
	is(map_put(map, &key, &value, 0), -EACCES, "no to a command");
	is(map_get(map, &key, &value), -ENOENT, "nothing was stored");
	close(map);
}

static void test_refusals(const char *const *hooks, size_t cnt, int (*make)(void))
{
	for (size_t i = 0; i < cnt; i++) {
		refuse(hooks[i]);
		is(make(), -EACCES, "no to %s", hooks[i]);
	}
}

/* A kernel that is locked down keeps its memory from programs of the administrator. */
static int make_reader(void)
{
	return PROG_LOAD(BPF_PROG_TYPE_KPROBE, MOV_X(3, 1), MOV_X(1, 10), ALU_K(BPF_ADD, 1, -8), MOV_K(2, 8),
			 CALL(BPF_FUNC_probe_read), MOV_K(0, 0), EXIT());
}

static void test_lockdown(void)
{
	int asked, fd = make_reader();

	if (fd == -EINVAL && !strstr(prog_log, "probe_read")) {
		skip("lockdown", "kernel without CONFIG_BPF_EVENTS");
		return;
	}
	ok(fd >= 0, "a program that reads the kernel's memory");
	close(fd);
	asked = count("locked_down");
	refuse("locked_down");
	fd = make_reader();
	is(fd, -EINVAL, "not when the kernel is locked down");
	close(fd);
	ok(count("locked_down") > asked, "that was asked");
	is_str(prog_log, "unknown func bpf_probe_read#4", "there is no such helper then");
	refuse("locked_down");
	fd = make_reader();
	ok(fd >= 0, "and afterwards again");
	close(fd);
}

/* Freeing takes a grace period and a worker. */
static bool all_returned(int before)
{
	for (int tries = 0; tries < 500; tries++) {
		if (count("held") == before)
			return true;
		usleep(20000);
	}
	return false;
}

int main(void)
{
	static const char *const map_hooks[] = { "bpf", "bpf_map_alloc", "bpf_map" };
	static const char *const prog_hooks[] = { "bpf", "bpf_prog_alloc", "bpf_prog" };
	int before, asked, prog;

	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	before = count("held");
	test_map();
	test_refusals(map_hooks, ARRAY_LEN(map_hooks), make_map);

	asked = count("bpf_prog_alloc");
	prog = make_prog();
	ok(prog >= 0, "load a program");
	is(count("bpf_prog_alloc") - asked, 1, "the program is asked about");
	test_refusals(prog_hooks, ARRAY_LEN(prog_hooks), make_prog);
	close(prog);
	is(FILTER(EXIT()), -EACCES, "a program the verifier refuses");
	test_lockdown();

	ok(all_returned(before), "what hung on objects came back (%d, before %d)",
	   count("held"), before);
	is(count("bpf_map_free"), count("bpf_map_alloc") - 1, "a free for each map but the refused");
	return finish();
}
