// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arrays in the memory of a process: what can be mapped and how, that it is the same
 * memory for programs, calls and processes, and that whoever could write through a
 * mapping keeps the map from being frozen.
 */
#include "../held.h"
#include "../raw_freeze.h"

#include <sys/wait.h>

#define ARRAY	BPF_MAP_TYPE_ARRAY

static int array(__u32 value, __u32 max, __u32 flags)
{
	int fd = map_create(ARRAY, 4, value, max, flags | BPF_F_MMAPABLE);

	if (fd < 0)
		bail("array of %u times %u, flags %#x: %s", max, value, flags, strerror(-fd));
	return fd;
}

/* 0 or -errno of a mapping that is undone again */
static long try_map(int fd, size_t size, int prot, int flags, off_t off)
{
	void *at = mmap(NULL, size, prot, flags, fd, off);

	if (at == MAP_FAILED)
		return -errno;
	munmap(at, size);
	return 0;
}

/* ---- what can be mapped ------------------------------------------------------------- */

static void test_types(void)
{
	static const struct {
		const char *name;
		__u32 type, value, flags;
		long err;
	} maps[] = {
		{ "hash", BPF_MAP_TYPE_HASH, 8, 0, -ENOTSUPP_ },
		{ "array of programs", BPF_MAP_TYPE_PROG_ARRAY, 4, 0, -ENOTSUPP_ },
		{ "array", ARRAY, 8, 0, -EINVAL },
		{ "array, MMAPABLE", ARRAY, 8, BPF_F_MMAPABLE, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
		int fd = map_create(maps[i].type, 4, maps[i].value, 2, maps[i].flags);

		is(try_map(fd, PAGE, PROT_READ, MAP_SHARED, 0), maps[i].err, "%s: read", maps[i].name);
		is(try_map(fd, PAGE, RW, MAP_SHARED, 0), maps[i].err, "%s: write", maps[i].name);
		is(try_map(fd, PAGE, RW, MAP_PRIVATE, 0), maps[i].err ?: -EINVAL,
		   "%s: private", maps[i].name);
		map_freeze(fd);
		is(try_map(fd, PAGE, PROT_READ, MAP_SHARED, 0), maps[i].err,
		   "%s: read, frozen", maps[i].name);
		is(try_map(fd, PAGE, RW, MAP_SHARED, 0),
		   maps[i].err == -ENOTSUPP_ ? maps[i].err : -EPERM, "%s: write, frozen", maps[i].name);
		close(fd);
	}
}

static void test_modes(void)
{
	int rd = array(8, 1, BPF_F_RDONLY), wr = array(8, 1, BPF_F_WRONLY);
	int rd_prog = array(8, 1, BPF_F_RDONLY_PROG), wr_prog = array(8, 1, BPF_F_WRONLY_PROG);
	int fd = array(8, 1, 0);

	is(try_map(rd, PAGE, PROT_READ, MAP_SHARED, 0), -EINVAL, "descriptor to read: read");
	is(try_map(rd, PAGE, RW, MAP_SHARED, 0), -EACCES, "descriptor to read: write");
	is(try_map(wr, PAGE, PROT_READ, MAP_SHARED, 0), -EACCES, "descriptor to write: read");
	is(try_map(wr, PAGE, PROT_WRITE, MAP_SHARED, 0), -EACCES, "descriptor to write: write");
	is(try_map(rd_prog, PAGE, PROT_READ, MAP_SHARED, 0), 0, "RDONLY_PROG: read");
	is(try_map(rd_prog, PAGE, RW, MAP_SHARED, 0), -EACCES, "RDONLY_PROG: write");
	is(map_freeze(rd_prog), 0, "which left no writer");
	is(try_map(rd_prog, PAGE, RW, MAP_SHARED, 0), -EPERM, "RDONLY_PROG and frozen: write");
	is(try_map(rd_prog, PAGE, PROT_READ, MAP_SHARED, 0), 0, "RDONLY_PROG and frozen: read");
	is(try_map(wr_prog, PAGE, RW, MAP_SHARED, 0), 0, "WRONLY_PROG: write");
	is(try_map(fd, PAGE, PROT_NONE, MAP_SHARED, 0), 0, "PROT_NONE");
	is(try_map(fd, PAGE, PROT_WRITE, MAP_SHARED, 0), 0, "PROT_WRITE alone");
	is(try_map(fd, PAGE, RW, MAP_SHARED_VALIDATE, 0), 0, "MAP_SHARED_VALIDATE");
	close(rd);
	close(wr);
	close(rd_prog);
	close(wr_prog);
	close(fd);
}

/* @pages: that a map of @max times @value takes */
static void test_extent(__u32 value, __u32 max, unsigned long pages)
{
	int fd = array(value, max, 0);

	is(try_map(fd, pages * PAGE, RW, MAP_SHARED, 0), 0, "%u of %u: all of it", max, value);
	is(try_map(fd, 1, RW, MAP_SHARED, 0), 0, "%u of %u: a byte", max, value);
	is(try_map(fd, pages * PAGE + 1, RW, MAP_SHARED, 0), -EINVAL, "%u of %u: a page more", max, value);
	is(try_map(fd, PAGE, RW, MAP_SHARED, (off_t)((pages - 1) * PAGE)), 0,
	   "%u of %u: the last page", max, value);
	is(try_map(fd, PAGE, PROT_READ, MAP_SHARED, (off_t)(pages * PAGE)), -EINVAL,
	   "%u of %u: the page behind", max, value);
	is(try_map(fd, 2 * PAGE, RW, MAP_SHARED, (off_t)((pages - 1) * PAGE)), -EINVAL,
	   "%u of %u: over the end", max, value);
	is(try_map(fd, PAGE, RW, MAP_SHARED, (off_t)(1ULL << 43)), -EINVAL, "%u of %u: far away", max,
	   value);
	is(map_freeze(fd), 0, "%u of %u: no writer is left", max, value);
	close(fd);
}

/* ---- one memory ------------------------------------------------------------------------ */

static void test_contents(__u32 value, __u32 max)
{
	__u32 stride = (value + 7) / 8 * 8;
	size_t size = ((size_t)stride * max + PAGE - 1) / PAGE * PAGE;
	int fd = array(value, max, 0);
	__u8 *at = map_pages(fd, size, RW), *got = calloc(1, value), *put = malloc(value);
	bool zero = true, seen = true, stored = true;

	if (!ok(is_mapped(at), "%u of %u: mapped", max, value))
		return;
	for (size_t i = 0; i < size; i++)
		zero &= !at[i];
	ok(zero, "%u of %u: zeroes at first, to the end of the last page", max, value);
	for (__u32 i = 0; i < max; i++) {
		memset(put, (int)(i + 1), value);
		seen &= !map_put(fd, &i, put, BPF_ANY) && !memcmp(at + i * stride, put, value);
	}
	ok(seen, "%u of %u: what is updated is in memory", max, value);
	memset(at, 0xee, size);
	for (__u32 i = 0; i < max; i++) {
		memset(put, (int)(0x80 | i), value);
		memcpy(at + i * stride, put, value);
		stored &= !map_get(fd, &i, got) && !memcmp(got, put, value);
	}
	ok(stored, "%u of %u: what is written is looked up", max, value);
	munmap(at, size);
	close(fd);
	free(got);
	free(put);
}

static void test_programs(void)
{
	int fd = array(8, 600, 0), one = array(16, 1, 0), prog;
	volatile __u64 *at = map_pages(fd, 2 * PAGE, RW), *word = map_pages(one, PAGE, RW);
	char packet[64] = "";

	prog = FILTER(ST(BPF_DW, 10, -8, 599), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_MAP(1, fd),
		      CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 3),
		      LDX(BPF_DW, 1, 0, 0), ALU_K(BPF_ADD, 1, 5), STX(BPF_DW, 0, 1, 0),
		      MOV_K(0, 0), EXIT());
	at[599] = 37;
	filter_run(prog, packet, sizeof(packet), NULL);
	is((long long)at[599], 42, "a program adds to what a process wrote");
	close(prog);

	prog = FILTER(LD_VALUE(1, one, 8), LDX(BPF_DW, 0, 1, 0), MOV_K(2, 3),
		      ATOMIC(BPF_DW, BPF_ADD, 1, 2, 0), EXIT());
	word[1] = 40;
	is(prog_test_run(prog, 1), 40, "by its address too");
	is((long long)word[1], 43, "and back");
	close(prog);
	munmap((void *)at, 2 * PAGE);
	munmap((void *)word, PAGE);
	close(fd);
	close(one);
}

static void test_processes(void)
{
	int fd = array(8, 1, 0), status = 0;
	volatile __u64 *at = map_pages(fd, PAGE, RW), *twice = map_pages(fd, PAGE, PROT_READ);
	__u32 key = 0;
	__u64 got = 0;

	if (!fork()) {
		*at = 0x5555;
		_exit(0);
	}
	wait(&status);
	is((long long)*at, 0x5555, "a child's store is seen");
	is((long long)*twice, 0x5555, "through another mapping too");
	map_get(fd, &key, &got);
	is((long long)got, 0x5555, "and by a lookup");
	close(fd);
	*at = 0x6666;
	is((long long)*twice, 0x6666, "memory stays when the descriptor goes");
	munmap((void *)at, PAGE);
	munmap((void *)twice, PAGE);
}

/* ---- mappings as writers ------------------------------------------------------------------ */

static void test_writers(void)
{
	char *at, *moved;
	int fd = array(PAGE, 4, 0), status = 0, gate[2];
	pid_t child;

	at = map_pages(fd, 4 * PAGE, RW);
	is(map_freeze(fd), -EBUSY, "freeze while mapped to write");
	munmap(at, PAGE);
	is(map_freeze(fd), -EBUSY, "when the first page was unmapped");
	munmap(at + 2 * PAGE, PAGE);
	is(map_freeze(fd), -EBUSY, "when there are two parts");
	munmap(at + PAGE, PAGE);
	is(map_freeze(fd), -EBUSY, "when there is one");
	mprotect(at + 3 * PAGE, PAGE, PROT_READ);
	is(map_freeze(fd), -EBUSY, "when it can only be read just now");
	moved = mremap(at + 3 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, at);
	ok(moved == at, "it moves");
	is(map_freeze(fd), -EBUSY, "when it was moved");
	ok(mremap(moved, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED, "it does not grow");
	is(mprotect(moved, PAGE, RW), 0, "and may be written again");

	if (pipe(gate))
		bail("pipe: %m");
	child = fork();
	if (!child) {
		char c;

		close(gate[1]);
		_exit((int)read(gate[0], &c, 1));
	}
	munmap(moved, PAGE);
	is(map_freeze(fd), -EBUSY, "while a child has it");
	close(gate[0]);
	close(gate[1]);
	waitpid(child, &status, 0);
	is(map_freeze(fd), 0, "freeze when the child is gone");
	is(map_error(map_pages(fd, PAGE, RW)), -EPERM, "and nobody maps it to write again");
	close(fd);
}

/* What may only be read never counts, and never becomes more. */
static void test_readers(__u32 flags)
{
	int fd = array(8, 1, flags), mem;
	__u64 *at = map_pages(fd, PAGE, PROT_READ), value = 7, other = 9;
	__u32 key = 0;

	map_put(fd, &key, &value, BPF_ANY);
	is(mprotect(at, PAGE, RW), -1, "flags %#x: mprotect() of a mapping to read", flags);
	is(-errno, -EACCES, "flags %#x: is refused", flags);
	is(map_freeze(fd), 0, "flags %#x: freeze while mapped to read", flags);
	is(mprotect(at, PAGE, RW), -1, "flags %#x: mprotect() when frozen", flags);
	is((long long)*at, 7, "flags %#x: it is read still", flags);
	mem = open("/proc/self/mem", O_RDWR);
	ok(pwrite(mem, &other, sizeof(other), (off_t)(uintptr_t)at) < 0,
	   "flags %#x: a forced write is refused", flags);
	is((long long)*at, 7, "flags %#x: and changes nothing", flags);
	close(mem);
	munmap(at, PAGE);
	at = map_pages(fd, PAGE, PROT_READ);
	is((long long)*at, 7, "flags %#x: a frozen map is mapped to read", flags);
	munmap(at, PAGE);
	close(fd);
}

int main(void)
{
	int held = held_objects();

	test_types();
	test_modes();
	test_extent(1, 1, 1);
	test_extent(8, 512, 1);
	test_extent(8, 513, 2);
	test_extent(100, 100, 3);
	test_extent(3 * PAGE, 1, 3);
	test_contents(1, 3);
	test_contents(13, 700);
	test_contents(5000, 3);
	test_programs();
	test_processes();
	test_writers();
	test_readers(0);
	test_readers(BPF_F_RDONLY_PROG);
	none_held(held);
	return finish();
}
