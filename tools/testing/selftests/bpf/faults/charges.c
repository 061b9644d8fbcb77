// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands in a memory cgroup that comes to its limit on the way, at one page
 * after the other: each fails with -ENOMEM and leaves all as it was, or it gets
 * round it; nothing stays charged; and nobody in the group is killed, although
 * all there may be. See sweep.h, where the limit takes the place of fail-nth.
 *
 * A command that ends in a new descriptor has the base make a file, and the base
 * calls the killer if it is that which reaches the limit. These limits are left out.
 */
#include "sweep.h"

#include "../attach/classic.h"
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/wait.h>

#define GROUP	"/cg/charges"
#define PAGE	4096
#define FILE_PAGES 3		/* what a file may take, rounded up */
#define SLACK	(512 << 10)	/* what the kernel may keep of a group's for later */

enum { CURRENT, MAX, HIGH, EVENTS, FILES };
static const char *const names[FILES] = {
	"memory.current", "memory.max", "memory.high", "memory.events",
};
static int files[FILES];

/* ---- the group ------------------------------------------------------------------------ */

static void put_number(int file, const char *fmt, long long n)
{
	char text[32];
	int len = snprintf(text, sizeof(text), fmt, n);

	if (pwrite(files[file], text, (size_t)len, 0) != len)
		bail("%s: %m", names[file]);
}

/* Bytes charged. Those in stock, which belong to nobody yet, are given up first. */
static long long charged(void)
{
	char text[32] = "";

	put_number(HIGH, "0", 0);
	put_number(HIGH, "max", 0);
	if (pread(files[CURRENT], text, sizeof(text) - 1, 0) < 0)
		bail("memory.current: %m");
	return atoll(text);
}

/* The same when nothing is on its way back any more: objects go by RCU and workers. */
static long long settled(void)
{
	long long now = charged();

	for (int same = 0, i = 0; same < 3 && i < 100; i++) {
		long long before = now;

		usleep(5000);
		now = charged();
		same = now == before ? same + 1 : 0;
	}
	return now;
}

/* How often something happened. To tell takes memory of the group, so not at its limit. */
static long events(const char *name)
{
	char text[512] = "\n", find[16];
	const char *at;

	if (pread(files[EVENTS], text + 1, sizeof(text) - 2, 0) < 0)
		bail("memory.events: %m");
	snprintf(find, sizeof(find), "\n%s ", name);
	at = strstr(text, find);
	if (!at)
		bail("memory.events has no %s", name);
	return atol(at + strlen(find));
}

/* What the operation takes, its file included, if that is told at all. */
static long long takes;
static long step, refused_before;

/* Room for less and less is left out: try 1 has none, the last one all. */
static void limit_arm(unsigned int n)
{
	long long room = (long long)(n - 1) * step;

	if (takes && room + FILE_PAGES * PAGE > takes)
		room = takes + (1 << 20);
	refused_before = events("max");
	put_number(MAX, "%lld", settled() + room);
}

/* No charge was refused: the try was not disturbed. */
static unsigned int limit_disarm(void)
{
	put_number(MAX, "max", 0);
	return events("max") == refused_before;
}

static bool group_of_its_own(void)
{
	char path[64];

	mkdir("/cg", 0755);
	if (mount("cgroup2", "/cg", "cgroup2", 0, NULL) ||
	    !sweep_set("/cg/cgroup.subtree_control", "+memory") || mkdir(GROUP, 0755))
		return false;
	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), GROUP "/%s", names[i]);
		files[i] = open(path, (i == CURRENT || i == EVENTS ? O_RDONLY : O_RDWR) | O_CLOEXEC);
		if (files[i] < 0)
			return false;
	}
	/* Stocks are per CPU. */
	sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t){ .__bits = { 1 } });
	return true;
}

/* A process that does nothing, and makes none of our pages be copied later on. */
static pid_t join_with_bystander(void)
{
	pid_t pid = fork();

	if (!pid) {
		sweep_set(GROUP "/cgroup.procs", "0");
		pause();
		_exit(0);
	}
	if (mlockall(MCL_CURRENT | MCL_FUTURE) || !sweep_set(GROUP "/cgroup.procs", "0"))
		bail("joining the group: %m");
	return pid;
}

/* ---- maps ------------------------------------------------------------------------------- */

static int fd = -1;
static __u8 value[256 << 10];

/* arg of what concerns maps: type, value size, entries, flags, bytes per step */
static long create(const struct op *op)
{
	return map_create((__u32)op->arg[0], 4, (__u32)op->arg[1], (__u32)op->arg[2],
			  (__u32)op->arg[3]);
}

static long put(__u32 key, __u64 flags)
{
	memset(value, (int)key + 1, sizeof(value));
	return map_put(fd, &key, value, flags);
}

/* A map that has to grow for one more: the limit ended its filling. */
static bool with_no_more(const struct op *op)
{
	long ret = 0;

	fd = (int)create(op);
	if (fd < 0)
		return false;
	put_number(MAX, "%lld", charged());
	for (__u32 key = 0; !ret; key++)
		ret = put(key, BPF_NOEXIST);
	/* A worker that was called for more shall find none either. */
	usleep(20000);
	put_number(MAX, "max", 0);
	return ret == -ENOMEM;
}

static __u64 elements(const struct op *op)
{
	return sweep_map_sum(fd, 4, (__u32)op->arg[1]);
}

/* A key that no filling comes to: reclaim may find room for more than is usual. */
static long insert(const struct op *op)
{
	return put((__u32)op->arg[2] + 1, BPF_NOEXIST);
}

static long replace(const struct op *op)
{
	return put(0, BPF_EXIST);
}

static void drop_map(const struct op *op, long ret)
{
	close(fd);
	fd = -1;
}

/* ---- programs ---------------------------------------------------------------------------- */

static struct bpf_insn insns[3100];
static size_t len;

/* arg: instructions, or bits that each double the paths */
static bool long_one(const struct op *op)
{
	for (len = 0; len < (size_t)op->arg[0] - 1; len++)
		insns[len] = MOV_K(0, 1);
	insns[len++] = EXIT();
	return true;
}

static bool many_states(const struct op *op)
{
	len = 0;
	insns[len++] = LDX(BPF_W, 7, 1, offsetof(struct __sk_buff, len));
	insns[len++] = MOV_K(6, 0);
	for (int i = 0; i < op->arg[0]; i++) {
		insns[len++] = JMP_K(BPF_JSET, 7, 1 << i, 1);
		insns[len++] = ALU_K(BPF_ADD, 6, 1 << i);
	}
	insns[len++] = MOV_X(1, 10);
	insns[len++] = ALU_K(BPF_AND, 6, 7);
	insns[len++] = ALU_X(BPF_ADD, 1, 6);
	insns[len++] = ST(BPF_B, 1, -16, 0);
	insns[len++] = MOV_K(0, 1);
	insns[len++] = EXIT();
	return true;
}

static long load(const struct op *op)
{
	return prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, insns, len, "GPL", 0, NULL, 0);
}

static int sk[2];

static bool pair(const struct op *op)
{
	open_pair(sk);
	return true;
}

static long attach(const struct op *op)
{
	static struct sock_filter program[1000];

	for (size_t i = 0; i < ARRAY_LEN(program); i++)
		program[i] = CSTMT(BPF_RET | BPF_K, 40);
	return attach_classic(sk[0], program, (size_t)op->arg[0]);
}

/* Bytes of a packet that the filter keeps. */
static __u64 kept(const struct op *op)
{
	char packet[100] = "";

	if (write(sk[1], packet, sizeof(packet)) != sizeof(packet))
		bail("write: %m");
	return (__u64)arrived(sk[0]);
}

static __u64 by_filter(const struct op *op)
{
	return 40;
}

static void close_pair(const struct op *op, long ret)
{
	close(sk[0]);
	close(sk[1]);
}

/* ---- all ----------------------------------------------------------------------------------- */

#define H BPF_MAP_TYPE_HASH
#define A BPF_MAP_TYPE_ARRAY
#define CREATE(n, ...) { .name = "create " n, .run = create, .arg = { __VA_ARGS__ } }
#define UPDATE(n, body, ...)						\
	{ .name = n, .run = body, .prepare = with_no_more, .undo = drop_map,	\
	  .look = elements, .only = KEPT_MEMORY, .arg = { __VA_ARGS__ } }
#define LOAD(n, body, size, step) \
	{ .name = "load " n, .run = load, .prepare = body, .arg = { size, 0, 0, 0, step } }

static const struct op commands[] = {
	CREATE("array of 64 kB", A, 64, 1024, 0, PAGE),
	CREATE("hash", H, 64, 100, 0, PAGE),
	CREATE("hash of some chunks", H, 1024, 100, 0, 2 * PAGE),
	CREATE("hash of 4096 buckets", H, 8, 4096, 0, 4 * PAGE),
	CREATE("hash on demand", H, 256, 1000, BPF_F_NO_PREALLOC, PAGE),
	UPDATE("insert, hash on demand", insert, H, 1024, 4000, BPF_F_NO_PREALLOC, PAGE),
	UPDATE("insert, huge values", insert, H, sizeof(value), 100, BPF_F_NO_PREALLOC, 32 * PAGE),
	UPDATE("replace, huge values", replace, H, sizeof(value), 100, BPF_F_NO_PREALLOC, 32 * PAGE),
	LOAD("2 instructions", long_one, 2, PAGE),
	LOAD("3000 instructions", long_one, 3000, 8 * PAGE),
	LOAD("64 paths", many_states, 6, 8 * PAGE),
	{ .name = "SO_ATTACH_FILTER", .run = attach, .prepare = pair, .undo = close_pair,
	  .look = kept, .done = by_filter, .arg = { 1000, 0, 0, 0, PAGE } },
};

/* What stays charged when the operation is done and its result there. */
static long long measure(const struct op *op)
{
	long long before, after;
	long ret;

	if (op->prepare && !op->prepare(op))
		bail("%s: cannot be prepared", op->name);
	before = settled();
	ret = op->run(op);
	after = settled();
	sweep_undo(op, ret);
	if (ret < 0)
		bail("%s: does not work undisturbed", op->name);
	return after - before;
}

static bool comes_down_to(long long want)
{
	for (int i = 0; i < 200; i++) {
		if (charged() <= want + SLACK)
			return true;
		usleep(20000);
	}
	note("%lld bytes remain charged, there were %lld", charged(), want);
	return false;
}

static void charge_sweep(const struct op *op)
{
	long long before;

	if (sweep_only && !strstr(op->name, sweep_only))
		return;
	/* The first time, the base makes what it keeps for each group. */
	measure(op);
	before = settled();
	takes = measure(op);
	/* A load takes most before it has a result, and all but that is back then. */
	if (op->run != create)
		takes = 0;
	step = op->arg[4];
	sweep_sites(op);
	ok(comes_down_to(before), "%s: nothing stays charged", op->name);
}

int main(int argc, char **argv)
{
	pid_t bystander;

	sweep_only = argv[1];
	if (!group_of_its_own()) {
		skip("memory cgroups", "not here: %m");
		return finish();
	}
	bystander = join_with_bystander();
	sweep_arm = limit_arm;
	sweep_disarm = limit_disarm;
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		charge_sweep(&commands[i]);
	is(waitpid(bystander, NULL, WNOHANG), 0, "a process of the group lives on");
	is(events("oom"), 0, "the killer was never called");
	is(events("oom_kill"), 0, "and has killed nobody");
	kill(bystander, SIGKILL);
	waitpid(bystander, NULL, 0);
	return sweep_end();
}
