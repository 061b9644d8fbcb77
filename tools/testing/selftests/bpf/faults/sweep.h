/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The n-th allocation of a system call fails, for n = 1, 2, 3, ... until the
 * call ends without having come so far. Twice: that one allocation, then that
 * one and all behind it. With the first, the code goes on in a kernel that has
 * memory again; only with the second fails what has a second way to memory, as
 * kvmalloc() of several pages, and only then does cleaning up find none either.
 *
 * A kernel with FAILSLAB and FAIL_PAGE_ALLOC has a file fail-nth per task: the
 * number written there counts down with each allocation that could fail, and at
 * zero that allocation does. Reading tells what is left. Every allocation on the
 * way counts, also that of the descriptor, the file and the inode, which are
 * where an object is finished and has to be taken apart again. Not reached:
 * allocations with __GFP_NOFAIL, per-CPU memory out of a chunk that has room,
 * slab caches of the boot, and whatever a worker or an interrupt does.
 *
 * For each n one of two things must hold:
 *	the call failed, with an error it may fail with, nothing is different
 *	from before, and it works again; or
 *	the call did all its work, because there was another way.
 *
 * Operations are rows of a table. prepare() makes what one try needs, undo()
 * takes that and the result away; neither is disturbed. look() sums up all that
 * the operation could change half way. A word on the command line leaves only the
 * operations with it in their names, a number behind it is the first n.
 */
#ifndef SELFTEST_BPF_FAULTS_SWEEP_H
#define SELFTEST_BPF_FAULTS_SWEEP_H

#include "../held.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

/*
 * NO_MEMORY: nothing can fail, as the operation allocates nothing. KEPT_MEMORY: nothing
 * may, as what was given back before is used again.
 */
enum { BOTH_WAYS, ONE_FAILS, REST_FAILS, NO_MEMORY, KEPT_MEMORY };

struct op {
	const char *name;
	bool (*prepare)(const struct op *op);
	long (*run)(const struct op *op);
	void (*undo)(const struct op *op, long result);
	__u64 (*look)(const struct op *op);
	/* What look() must give after success; 0: anything. */
	__u64 (*done)(const struct op *op);
	int other_err;		/* that it may fail with, besides -ENOMEM */
	int late_err;		/* that it may fail with when all is done */
	unsigned int only;	/* this way alone: the other would show nothing more */
	long arg[5];
};

#define SITES_MAX	20000	/* no operation has so many: the counter is stuck */
#define FDS_WATCHED	64

static struct {
	unsigned long sites, failed, absorbed, operations, leaking;
} sweep_total;

static int fail_nth_fd = -1, fail_all_fd = -1;
static bool sweep_rest;		/* what comes behind the n-th fails as well */
static const char *sweep_only;
static unsigned int sweep_from = 1;

/* ---- the file --------------------------------------------------------------------- */

static bool sweep_set(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool good = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (!good)
		note("%s cannot be set: %m", path);
	close(fd);
	return good;
}

/*
 * Everything that can fail shall, without a message each. Whoever has make-it-fail
 * set and no fail-nth that still counts gets no memory.
 */
static bool sweep_configure(void)
{
	static const char *const settings[][2] = {
		{ "failslab/ignore-gfp-wait", "N" },
		{ "failslab/cache-filter", "N" },
		{ "failslab/verbose", "0" },
		{ "failslab/task-filter", "Y" },
		{ "failslab/times", "2000000000" },
		{ "failslab/probability", "100" },
		{ "fail_page_alloc/ignore-gfp-wait", "N" },
		{ "fail_page_alloc/ignore-gfp-highmem", "N" },
		{ "fail_page_alloc/verbose", "0" },
		{ "fail_page_alloc/task-filter", "Y" },
		{ "fail_page_alloc/times", "2000000000" },
		{ "fail_page_alloc/probability", "100" },
	};
	char path[128];
	bool good = true;

	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s", settings[i][0]);
		good &= sweep_set(path, settings[i][1]);
	}
	return good;
}

/*
 * sweep_way - does all behind the n-th fail too
 *
 * Not pages that come by ones, twos or fours: to say no, this way has the kernel
 * draw a random number, which it must not below the raw locks where it takes such
 * pages for traces of stacks.
 */
static MAYBE_UNUSED void sweep_way(bool rest)
{
	sweep_rest = rest;
	if (!sweep_set("/sys/kernel/debug/fail_page_alloc/min-order", rest ? "3" : "0"))
		bail("min-order");
}

static int open_own(int old, const char *path)
{
	if (old >= 0)
		close(old);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* A child has files of its own. */
static bool sweep_open(void)
{
	fail_nth_fd = open_own(fail_nth_fd, "/proc/thread-self/fail-nth");
	fail_all_fd = open_own(fail_all_fd, "/proc/thread-self/make-it-fail");
	return fail_nth_fd >= 0 && fail_all_fd >= 0;
}

/*
 * sweep_begin - false if this kernel cannot fail allocations; has told so
 *
 * Memory is locked: a page fault between arming and the call would be counted,
 * and one that fails is not a result of the call.
 */
static MAYBE_UNUSED bool sweep_begin(char **argv)
{
	sweep_only = argv[1];
	if (sweep_only && argv[2])
		sweep_from = (unsigned int)atoi(argv[2]);
	if (!sweep_open()) {
		skip("allocations that fail", "no fail-nth: a kernel without FAULT_INJECTION");
		return false;
	}
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		bail("mlockall: %m");
	return ok(sweep_configure(), "fault injection takes its settings");
}

static void fail_nth_arm(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (sweep_rest && pwrite(fail_all_fd, "1", 1, 0) != 1)
		bail("make-it-fail: %m");
	if (pwrite(fail_nth_fd, text, len, 0) != len)
		bail("fail-nth: %m");
}

static unsigned int fail_nth_disarm(void)
{
	char text[16] = "";

	if (pread(fail_nth_fd, text, sizeof(text) - 1, 0) < 0 ||
	    pwrite(fail_nth_fd, "0", 1, 0) != 1 || pwrite(fail_all_fd, "0", 1, 0) != 1)
		bail("fail-nth: %m");
	return (unsigned int)atoi(text);
}

/* For an operation of several calls: the rest of it, which cleans up, has memory. */
static MAYBE_UNUSED void sweep_calm(void)
{
	if (pwrite(fail_all_fd, "0", 1, 0) != 1)
		bail("make-it-fail: %m");
}

/*
 * How the n-th try is disturbed, and the end of that: what was left of the number;
 * 0: an allocation was made to fail.
 */
static void (*sweep_arm)(unsigned int n) = fail_nth_arm;
static unsigned int (*sweep_disarm)(void) = fail_nth_disarm;

/* ---- what must not change ----------------------------------------------------------- */

static __u64 sweep_mix(__u64 sum, const void *data, size_t len)
{
	const __u8 *p = data;
	__u64 word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		sum = (sum ^ word) * 0x9e3779b97f4a7c15ULL;
		sum ^= sum >> 29;
	}
	while (len--)
		sum = (sum ^ *p++) * 0x100000001b3ULL;
	return sum;
}

/* Which of the low descriptors are open. */
static __u64 sweep_fds(void)
{
	__u64 open = 0;

	for (int fd = 0; fd < FDS_WATCHED; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			open |= 1ULL << fd;
	return open;
}

struct sight {
	__u64 fds, thing;
};

static struct sight sweep_look(const struct op *op)
{
	return (struct sight){ sweep_fds(), op->look ? op->look(op) : 0 };
}

/* sweep_map_sum - all keys and values of a map, in any order */
static MAYBE_UNUSED __u64 sweep_map_sum(int fd, __u32 key_size, __u32 value_size)
{
	static __u8 key[256], value[2 << 20];
	__u64 sum = 0;

	for (int ret = map_next(fd, NULL, key); !ret; ret = map_next(fd, key, key)) {
		__u64 one = sweep_mix(14695981039346656037ULL, key, key_size);

		if (!map_get(fd, key, value))
			one = sweep_mix(one, value, value_size);
		sum += one;
	}
	return sum;
}

/* ---- the sweep ------------------------------------------------------------------------ */

enum try_end { TRY_CLEAN, TRY_FAILED, TRY_ABSORBED, TRY_WRONG };

static void sweep_undo(const struct op *op, long ret)
{
	if (op->undo)
		op->undo(op, ret);
	else if (ret > 2)
		close((int)ret);
}

static bool sweep_done(const struct op *op)
{
	return !op->done || op->look(op) == op->done(op);
}

/*
 * After a failure: the same as before, and it works when nothing is in the way.
 * @ret becomes what there is to undo.
 */
static bool sweep_unharmed(const struct op *op, unsigned int n, const struct sight *before,
			   long *ret)
{
	struct sight after = sweep_look(op);

	if (after.fds != before->fds || after.thing != before->thing) {
		note("%s, allocation %u: failed and changed %s", op->name, n,
		     after.fds != before->fds ? "descriptors" : "something");
		return false;
	}
	/* The other way leaves this to its last try, which nothing disturbs. */
	if (sweep_rest)
		return true;
	*ret = op->run(op);
	if (*ret >= 0 && sweep_done(op))
		return true;
	note("%s, allocation %u: afterwards it does not work: %ld", op->name, n, *ret);
	return false;
}

static enum try_end sweep_try(const struct op *op, unsigned int n)
{
	enum try_end end = TRY_WRONG;
	struct sight before;
	unsigned int left;
	long ret;

	if (op->prepare && !op->prepare(op))
		bail("%s: cannot be prepared", op->name);
	before = sweep_look(op);
	sweep_arm(n);
	ret = op->run(op);
	left = sweep_disarm();

	if (ret < 0 && !left && ret == op->late_err && sweep_done(op)) {
		end = TRY_ABSORBED;
	} else if (ret < 0 && !left && (ret == -ENOMEM || ret == op->other_err)) {
		if (sweep_unharmed(op, n, &before, &ret))
			end = TRY_FAILED;
	} else if (ret >= 0 && sweep_done(op)) {
		end = left ? TRY_CLEAN : TRY_ABSORBED;
	} else {
		note("%s, allocation %u, %u left: ended with %ld%s", op->name, n, left, ret,
		     ret >= 0 ? ", not done" : "");
	}
	sweep_undo(op, ret);
	return end;
}

static const char *sweep_mode(void)
{
	return sweep_rest ? ", and all behind" : "";
}

/*
 * sweep_report - one check for an operation, from how often its tries ended how. One that
 * nothing could disturb tests nothing, unless that is what is said of it.
 */
static MAYBE_UNUSED void sweep_report(const char *name, const unsigned int count[4],
				      const struct timespec *from, unsigned int which)
{
	unsigned int failed = count[TRY_FAILED], absorbed = count[TRY_ABSORBED];
	struct timespec to;

	clock_gettime(CLOCK_MONOTONIC, &to);
	ok(count[TRY_CLEAN] == 1 && !count[TRY_WRONG] &&
	   (which == KEPT_MEMORY || !(failed + absorbed) == (which == NO_MEMORY)),
	   "%s%s: %u sites, %u failed it, %u it got round (%ld ms)", name, sweep_mode(),
	   failed + absorbed, failed, absorbed, (to.tv_sec - from->tv_sec) * 1000 +
	   (to.tv_nsec - from->tv_nsec) / 1000000);
	sweep_total.operations++;
	sweep_total.failed += failed;
	sweep_total.absorbed += absorbed;
	sweep_total.sites += failed + absorbed;
}

static MAYBE_UNUSED void sweep_sites(const struct op *op)
{
	unsigned int n, count[4] = { 0 };
	struct timespec from;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (n = sweep_from; n < SITES_MAX && !count[TRY_CLEAN] && count[TRY_WRONG] < 5; n++)
		count[sweep_try(op, n)]++;
	sweep_report(op->name, count, &from, op->only);
}

/* sweep - one operation, all its sites, in both ways */
static MAYBE_UNUSED void sweep(const struct op *op)
{
	int held;

	if (sweep_only && !strstr(op->name, sweep_only))
		return;
	held = held_objects();
	/* Once undisturbed: caches are filled, tables have their size. */
	if (op->prepare && !op->prepare(op))
		bail("%s: cannot be prepared", op->name);
	sweep_undo(op, op->run(op));

	for (unsigned int way = ONE_FAILS; way <= REST_FAILS; way++) {
		if (op->only && op->only != way && !(op->only == NO_MEMORY && way == ONE_FAILS))
			continue;
		sweep_way(way == REST_FAILS);
		sweep_sites(op);
	}
	sweep_way(false);
	if (!held_again(held)) {
		note("%s: %d maps and programs, %d before", op->name, held_objects(), held);
		sweep_total.leaking++;
	}
}

/* sweep_end - the sums; main() returns its value. Sweeping nothing is a failure. */
static MAYBE_UNUSED int sweep_end(void)
{
	ok(sweep_total.failed, "fault sites swept: %lu in %lu operations, %lu failed, %lu got round",
	   sweep_total.sites, sweep_total.operations, sweep_total.failed, sweep_total.absorbed);
	if (held_objects() >= 0)
		is((long long)sweep_total.leaking, 0, "operations after which maps or programs stay");
	return finish();
}

#endif
