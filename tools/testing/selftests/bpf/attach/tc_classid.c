// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_get_cgroup_classid(): the class net_cls gives to the sender's group.
 */
#include "tc.h"
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		bail("%s: %s", path, strerror(errno));
	close(fd);
}

static long long classid(__u32 hook)
{
	return run_at(hook, SHOW(MOV_X(1, 6), CALL(BPF_FUNC_get_cgroup_classid)));
}

int main(void)
{
	char pid[16];

	tc_init();
	mkdir("/cls", 0755);
	if (mount("none", "/cls", "cgroup", 0, "net_cls"))
		bail("net_cls: %s", strerror(errno));
	mkdir("/cls/group", 0755);
	write_file("/cls/group/net_cls.classid", "0x100002");
	snprintf(pid, sizeof(pid), "%d", getpid());

	is(classid(EGRESS), 0, "no group");
	write_file("/cls/group/cgroup.procs", pid);
	is(classid(EGRESS), 0x100002, "a group");
	write_file("/cls/group/net_cls.classid", "0xfffffffe");
	is(classid(EGRESS), 0xfffffffeLL, "its number has 32 bits");
	is(classid(INGRESS), 0xfffffffeLL, "the sender is known where the packet comes in");
	write_file("/cls/cgroup.procs", pid);
	is(classid(EGRESS), 0, "no group again");
	return finish();
}
