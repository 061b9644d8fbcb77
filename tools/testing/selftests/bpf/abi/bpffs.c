// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file system "bpf": it can be mounted where clients look for it, and holds
 * directories.
 */
#include "../test.h"
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define MAGIC	0xcafe4a11
#define TOP	"/sys/fs/bpf"

static int err(int ret)
{
	return ret < 0 ? -errno : ret;
}

static int mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -errno : (int)(st.st_mode & 07777);
}

static int links_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? -errno : (int)st.st_nlink;
}

int main(void)
{
	struct statfs fs;
	int fd;

	umask(0);
	is(mode_of(TOP) >= 0, 1, "there is a place for it");
	is(err(mount("bpf", TOP, "bpf", 0, NULL)), 0, "mount");
	is(err(statfs(TOP, &fs)), 0, "statfs");
	is((unsigned int)fs.f_type, MAGIC, "magic number");
	is(mode_of(TOP), 01777, "everybody may make directories");
	is(links_of(TOP), 2, "it is empty");

	is(err(mkdir(TOP "/a", 0700)), 0, "a directory");
	is(mode_of(TOP "/a"), 0700, "its mode");
	is(links_of(TOP), 3, "is counted");
	is(err(mkdir(TOP "/a", 0700)), -EEXIST, "again");
	is(err(mkdir(TOP "/a/b", 0755)), 0, "one in it");
	is(err(rmdir(TOP "/a")), -ENOTEMPTY, "is not removed while it holds one");
	is(err(rename(TOP "/a/b", TOP "/c")), 0, "rename");
	is(links_of(TOP "/a"), 2, "it left there");
	is(links_of(TOP "/c"), 2, "and is here");
	is(err(rmdir(TOP "/a")), 0, "remove");
	is(err(rmdir(TOP "/none")), -ENOENT, "one that is not there");
	fd = open(TOP "/file", O_CREAT | O_WRONLY, 0600);
	is(err(fd), -EACCES, "no ordinary files");
	is(err(mknod(TOP "/pipe", S_IFIFO | 0600, 0)), -EPERM, "nor pipes");
	is(err(link(TOP "/c", TOP "/d")), -EPERM, "nor links to directories");

	is(err(umount(TOP)), 0, "unmount, a directory in it");
	is(err(mount("bpf", TOP, "bpf", 0, "mode=0700")), 0, "mount with a mode");
	is(mode_of(TOP), 01700, "that is its mode, and sticky");
	is(mode_of(TOP "/c"), -ENOENT, "each mount is another");
	is(err(umount(TOP)), 0, "unmount");
	is(err(mount("bpf", TOP, "bpf", 0, "mode=x")), -EINVAL, "a mode that is none");
	is(err(mount("bpf", TOP, "bpf", 0, "nonsense=1")), 0, "an option nobody knows is ignored");
	return finish();
}
