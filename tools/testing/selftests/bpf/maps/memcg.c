// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps are charged to the memory cgroup of their creator, whoever fills them,
 * and a cgroup's limit refuses a map without killing anyone. (The pristine kernel
 * cannot replace a value in a map that grows on demand once the limit is reached.)
 */
#include "../test.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define GROUP	"/cg/maps"

static int write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), ret;

	ret = fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

static long long charged(void)
{
	char text[64] = "";
	int fd = open(GROUP "/memory.current", O_RDONLY);

	if (read(fd, text, sizeof(text) - 1) < 0)
		return -1;
	close(fd);
	return atoll(text);
}

/* Per-CPU stocks make the number vague by some hundred kB. */
static bool comes_down_to(long long want)
{
	for (int i = 0; i < 100; i++) {
		if (charged() < want + (2 << 20))
			return true;
		usleep(50000);
	}
	note("%lld bytes remain charged, %lld wanted", charged(), want);
	return false;
}

/* Run @body in the group; its result, or -1000 if it was killed. */
static int in_group(int (*body)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (write_to(GROUP "/cgroup.procs", "0"))
			_exit(99);
		_exit(-body());
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -1000;
}

static int sk[2];

/* Makes a map and hands its descriptor to the parent. */
static int make_and_pass(__u32 value, __u32 max, __u32 flags)
{
	char space[CMSG_SPACE(sizeof(int))] = "", byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = space, .msg_controllen = sizeof(space) };
	int fd = map_create(BPF_MAP_TYPE_HASH, 4, value, max, flags);
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	if (fd < 0)
		return fd;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(sk[0], &msg, 0) < 0 ? -errno : 0;
}

static int received(void)
{
	char space[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = space, .msg_controllen = sizeof(space) };
	int fd = -1;

	if (recvmsg(sk[1], &msg, MSG_DONTWAIT) < 0 || !CMSG_FIRSTHDR(&msg))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

static int make_full(void)
{
	return make_and_pass(4096, 4096, 0);
}

static int make_empty(void)
{
	return make_and_pass(4096, 100000, BPF_F_NO_PREALLOC);
}

static int make_empty_large(void)
{
	return make_and_pass(2 << 20, 1000, BPF_F_NO_PREALLOC);
}

static int make_array(void)
{
	int fd = map_create(BPF_MAP_TYPE_ARRAY, 4, 1 << 20, 128, 0);

	return fd < 0 ? fd : 0;
}

static int make_too_much(void)
{
	return make_and_pass(4096, 32768, 0);
}

/*
 * Bytes the buckets of the empty map may take. There is a lock in each of the
 * 131072; one that lockdep watches has 72 bytes instead of 4.
 */
static long long empty_bound(void)
{
	return on_debug_kernel() ? 16 << 20 : 8 << 20;
}

int main(void)
{
	static char value[4096];
	long long before;
	__u32 k;
	int fd, ret;

	mkdir("/cg", 0755);
	if (mount("cgroup2", "/cg", "cgroup2", 0, NULL) ||
	    write_to("/cg/cgroup.subtree_control", "+memory") || mkdir(GROUP, 0755)) {
		skip("memory cgroups", "not here: %m");
		return finish();
	}
	socketpair(AF_UNIX, SOCK_DGRAM, 0, sk);
	write_to(GROUP "/memory.max", "67108864");

	before = charged();
	is(in_group(make_full), 0, "a map of 16 MB under a limit of 64");
	fd = received();
	ok(charged() > before + (16 << 20) - (1 << 20), "is charged to the group (%lld kB)",
	   (charged() - before) >> 10);
	close(fd);
	ok(comes_down_to(before), "until it is gone");

	before = charged();
	is(in_group(make_too_much), -ENOMEM, "a hash of 128 MB is refused, nobody killed");
	is(in_group(make_array), -ENOMEM, "an array of 128 MB as well");
	ok(comes_down_to(before), "and nothing stays charged");

	before = charged();
	is(in_group(make_empty_large), 0, "a map of values of 2 MB that grows on demand");
	close(received());
	ok(comes_down_to(before), "is given back");

	before = charged();
	is(in_group(make_empty), 0, "a map that grows on demand");
	fd = received();
	ok(charged() < before + empty_bound(), "costs little at first (%lld kB)",
	   (charged() - before) >> 10);
	for (k = 0, ret = 0; k < 4096 && !ret; k++)
		ret = map_put(fd, &k, value, BPF_ANY);
	is(ret, 0, "a process of another group fills it");
	ok(charged() > before + (16 << 20) - (1 << 20), "and the creator's group pays (%lld kB)",
	   (charged() - before) >> 10);
	for (; k < 100000 && !ret; k++)
		ret = map_put(fd, &k, value, BPF_ANY);
	is(ret, -ENOMEM, "up to its limit");
	k = 3;
	is(map_put(fd, &k, value, BPF_EXIST), 0, "replacing still works");
	is(map_del(fd, &k), 0, "deleting too");
	is(map_put(fd, &k, value, BPF_NOEXIST), 0, "which makes room for one");
	close(fd);
	ok(comes_down_to(before), "all is given back with the map");
	return finish();
}
