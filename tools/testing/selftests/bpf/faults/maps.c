// SPDX-License-Identifier: GPL-2.0-only
/*
 * Maps when memory runs out: each allocation of making one and of each of the
 * commands on elements fails once. A command that fails leaves all elements as
 * they are. See sweep.h.
 */
#include "sweep.h"
#include "../raw_freeze.h"

#define WIDE	65536		/* a value that takes several pages */
#define HUGE	(1 << 20)	/* one for which a map grows by single elements */
#define GROWTH	48		/* such elements */

/* Shorter keys and values, and keys that come back, take no memory of their own. */
#define KEY	65
#define VALUE	257
#define NEXT	260

static int fd = -1;
static __u8 key[NEXT], value[HUGE];

/* ---- creation ------------------------------------------------------------------- */

/* arg: type, key size, value size, entries, flags */
static long create(const struct op *op)
{
	return map_create((__u32)op->arg[0], (__u32)op->arg[1], (__u32)op->arg[2],
			  (__u32)op->arg[3], (__u32)op->arg[4]);
}

#define H BPF_MAP_TYPE_HASH
#define A BPF_MAP_TYPE_ARRAY
#define CREATE(n, which, ...) \
	{ .name = "create " n, .run = create, .only = which, .arg = { __VA_ARGS__ } }

/* Memory of several pages comes in two ways: one failure is got round. */
static const struct op creations[] = {
	CREATE("array", BOTH_WAYS, A, 4, 8, 1, 0),
	CREATE("array of pages", ONE_FAILS, A, 4, 4096, 16, 0),
	CREATE("array of 256 kB", REST_FAILS, A, 4, 64, 4096, 0),
	CREATE("array read only", ONE_FAILS, A, 4, 8, 4, BPF_F_RDONLY_PROG),
	CREATE("array for processes", BOTH_WAYS, A, 4, 8, 1, BPF_F_MMAPABLE),
	CREATE("array of 256 kB for processes", REST_FAILS, A, 4, 64, 4096, BPF_F_MMAPABLE),
	CREATE("hash", BOTH_WAYS, H, 4, 8, 1, 0),
	CREATE("hash of some chunks", ONE_FAILS, H, 8, 1024, 100, 0),
	CREATE("hash of wide values", REST_FAILS, H, 4, WIDE, 2, 0),
	CREATE("hash of 4096 buckets", REST_FAILS, H, 4, 8, 4096, 0),
	CREATE("hash on demand", BOTH_WAYS, H, 4, 8, 1000, BPF_F_NO_PREALLOC),
	CREATE("hash on demand of huge values", REST_FAILS, H, 4, HUGE, 100, BPF_F_NO_PREALLOC),
};

/* ---- elements ------------------------------------------------------------------- */

static void name_key(__u32 n)
{
	memset(key, 0, sizeof(key));
	memcpy(key, &n, sizeof(n));
}

/* arg as above, with key 0 in it, or all keys of a hash that is filled up. */
static bool make(const struct op *op, __u32 keys)
{
	int ret = 0;

	fd = (int)create(op);
	for (__u32 i = 0; i < keys && !ret; i++) {
		memset(value, 0x40 + (int)i, (size_t)op->arg[2]);
		name_key(i);
		ret = map_put(fd, key, value, BPF_ANY);
	}
	return fd >= 0 && !ret;
}

static bool with_one(const struct op *op)
{
	return make(op, 1);
}

static bool with_three(const struct op *op)
{
	return make(op, 3);
}

static __u64 elements(const struct op *op)
{
	return sweep_map_sum(fd, (__u32)op->arg[1], (__u32)op->arg[2]);
}

static void drop(const struct op *op, long ret)
{
	close(fd);
	fd = -1;
}

static long put_new(const struct op *op)
{
	name_key(7);
	memset(value, 0x77, (size_t)op->arg[2]);
	return map_put(fd, key, value, BPF_NOEXIST);
}

static long put_old(const struct op *op)
{
	name_key(0);
	memset(value, 0x77, (size_t)op->arg[2]);
	return map_put(fd, key, value, BPF_EXIST);
}

static long get_old(const struct op *op)
{
	static __u8 got[HUGE];
	long ret;

	name_key(0);
	ret = map_get(fd, key, got);
	/* A success must have brought the value. */
	return ret ? ret : got[0] == 0x40 && got[op->arg[2] - 1] == 0x40 ? 0 : -EIO;
}

static long del_old(const struct op *op)
{
	name_key(0);
	return map_del(fd, key);
}

static long next_of_old(const struct op *op)
{
	__u8 next[NEXT];
	long ret;

	name_key(0);
	ret = map_next(fd, key, next);
	/* A hash may have it last. */
	return ret == -ENOENT ? 0 : ret;
}

static long next_of_none(const struct op *op)
{
	__u8 next[NEXT];

	return map_next(fd, NULL, next);
}

/* All elements into memory; arg as above. */
static size_t mapped_size(const struct op *op)
{
	return ((size_t)op->arg[2] * (size_t)op->arg[3] + PAGE - 1) / PAGE * PAGE;
}

static long map_all(const struct op *op)
{
	return (long)(intptr_t)map_pages(fd, mapped_size(op), RW);
}

/* No writer may be left behind by a mapping that failed, nor by one that is gone. */
static void unmap_all(const struct op *op, long ret)
{
	if (ret > 0)
		munmap((void *)(intptr_t)ret, mapped_size(op));
	if (map_freeze(fd))
		bail("%s: a mapping that is not there still counts", op->name);
	drop(op, ret);
}

/* What the elements must add up to after a success, by doing it undisturbed. */
static __u64 wanted(const struct op *op)
{
	const struct op twin = { .name = op->name, .arg = { op->arg[0], op->arg[1], op->arg[2],
							    op->arg[3], op->arg[4] } };
	int kept = fd;
	__u64 sum;

	if (!op->prepare(&twin) || op->run(&twin) < 0)
		bail("%s: does not work undisturbed", op->name);
	sum = elements(&twin);
	close(fd);
	fd = kept;
	return sum;
}

#define ELEM(n, body, which, before, ...)					\
	{ .name = n, .run = body, .prepare = before, .undo = drop, .look = elements,	\
	  .done = wanted, .only = which, .arg = { __VA_ARGS__ } }

#define COMMANDS(n, which, before, ...)						\
	ELEM("lookup, " n, get_old, which, before, __VA_ARGS__),		\
	ELEM("replace, " n, put_old, which, before, __VA_ARGS__)

#define HASH_COMMANDS(n, which, before, ...)					\
	COMMANDS(n, which, before, __VA_ARGS__),				\
	ELEM("insert, " n, put_new, which, before, __VA_ARGS__),		\
	ELEM("delete, " n, del_old, which, before, __VA_ARGS__)

static const struct op commands[] = {
	COMMANDS("array", ONE_FAILS, with_one, A, 4, VALUE, 4, 0),
	COMMANDS("array of wide values", REST_FAILS, with_one, A, 4, WIDE, 2, 0),
	{ .name = "mmap", .run = map_all, .prepare = with_one, .undo = unmap_all, .look = elements,
	  .only = ONE_FAILS, .arg = { A, 4, 8, 1, BPF_F_MMAPABLE } },
	{ .name = "mmap of 3 MB", .run = map_all, .prepare = with_one, .undo = unmap_all,
	  .look = elements, .only = ONE_FAILS, .arg = { A, 4, 4096, 768, BPF_F_MMAPABLE } },
	HASH_COMMANDS("hash", ONE_FAILS, with_one, H, KEY, VALUE, 64, 0),
	ELEM("first key, hash", next_of_none, ONE_FAILS, with_one, H, NEXT, 8, 4, 0),
	ELEM("next key, hash", next_of_old, ONE_FAILS, with_three, H, NEXT, 8, 4, 0),
	HASH_COMMANDS("hash of wide values", REST_FAILS, with_one, H, KEY, WIDE, 3, 0),
	HASH_COMMANDS("hash on demand", BOTH_WAYS, with_one, H, KEY, VALUE, 1000,
		      BPF_F_NO_PREALLOC),
	HASH_COMMANDS("hash on demand of huge values", REST_FAILS, with_three, H, KEY, HUGE, 8,
		      BPF_F_NO_PREALLOC),
};

/* ---- growth ---------------------------------------------------------------------- */

/* Inserts until the pool has grown: memory that fails shows as -ENOMEM or not at all. */
static void sweep_growth(void)
{
	unsigned int n, left = 0, failed = 0, wrong = 0, in = 0;

	sweep_way(true);
	fd = map_create(H, 4, HUGE, GROWTH, BPF_F_NO_PREALLOC);
	memset(value, 0x55, HUGE);
	for (n = 1; in < GROWTH && n < 8000; n++) {
		long ret;

		name_key(in);
		sweep_arm(n % 40 + 1);
		ret = map_put(fd, key, value, BPF_NOEXIST);
		left = sweep_disarm();
		if (!ret)
			in++;
		else if (ret == -ENOMEM && !left)
			failed++;
		else
			wrong++;
	}
	sweep_way(false);
	is(in, GROWTH, "growth: all elements go in at last, %u times there was no memory", failed);
	ok(failed, "growth: but not at once");
	is(wrong, 0, "growth: no other result");
	name_key(GROWTH);
	is(map_put(fd, key, value, BPF_NOEXIST), -E2BIG, "growth: and no more");
	close(fd);
}

int main(int argc, char **argv)
{
	if (!sweep_begin(argv))
		return finish();
	for (size_t i = 0; i < ARRAY_LEN(creations); i++)
		sweep(&creations[i]);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		sweep(&commands[i]);
	if (!sweep_only)
		sweep_growth();
	return sweep_end();
}
