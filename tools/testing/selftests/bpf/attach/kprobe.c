// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TYPE_KPROBE on kprobes, kretprobes and uprobes: attaching, what the
 * result means, several programs, the registers, who is asked, and every error.
 */
#include "../tracefs.h"

#include <sys/prctl.h>

#define RUNS		10

static int counts;		/* runs of each program, by slot */
static __u32 slots;

static int set_bpf(int event, int prog)
{
	return ioctl(event, PERF_EVENT_IOC_SET_BPF, prog) ? -errno : 0;
}

static long long kept(int event)
{
	long long count = 0;

	if (read(event, &count, sizeof(count)) != sizeof(count))
		bail("read of an event: %d", errno);
	return count;
}

/* Counts in a slot of its own, then answers @result. */
static int counter(int result, __u32 *slot)
{
	int fd;

	*slot = slots++;
	fd = PROG_LOAD(BPF_PROG_TYPE_KPROBE, ST(BPF_W, 10, -4, (int)*slot), MOV_X(2, 10),
		       ALU_K(BPF_ADD, 2, -4), LD_MAP(1, counts), CALL(BPF_FUNC_map_lookup_elem),
		       JMP_K(BPF_JEQ, 0, 0, 2), MOV_K(1, 1), ATOMIC(BPF_DW, BPF_ADD, 0, 1, 0),
		       MOV_K(0, result), EXIT());
	if (fd < 0)
		bail("counter: %d\n%s", fd, prog_log);
	return fd;
}

static long long runs(__u32 slot)
{
	long long value = -1;

	map_get(counts, &slot, &value);
	return value;
}

static void fire_syscall(void)
{
	for (int i = 0; i < RUNS; i++)
		syscall(SYS_getpgid, 0);
}

static __attribute__((noinline)) long probed(long a, long b)
{
	__asm__ volatile("nop; nop; nop; nop; nop; nop" : "+r"(a), "+r"(b) : : "memory");
	return a + b;
}

static void fire_user(void)
{
	for (int i = 0; i < RUNS; i++)
		probed(40, 2);
}

/* ---- results ----------------------------------------------------------------- */

static void test_results(const char *name, int id, void (*fire)(void))
{
	for (int result = 0; result < 5; result++) {
		int event = event_open(PERF_TYPE_TRACEPOINT, id);
		__u32 slot;
		int prog = counter(result, &slot);

		is(set_bpf(event, prog), 0, "%s: attach", name);
		close(prog);
		fire();
		is(runs(slot), RUNS, "%s: a run each time", name);
		is(kept(event), result & 1 ? RUNS : 0, "%s: result %d %s the event", name, result,
		   result & 1 ? "keeps" : "drops");
		close(event);
		fire();
		is(runs(slot), RUNS, "%s: gone with the event", name);
	}
}

/* ---- several programs -------------------------------------------------------- */

struct query {
	__u32 len, cnt, ids[8];
};

static int query(int event, struct query *q)
{
	return ioctl(event, PERF_EVENT_IOC_QUERY_BPF, q) ? -errno : 0;
}

static void test_several(int id)
{
	int one = event_open(PERF_TYPE_TRACEPOINT, id), two = event_open(PERF_TYPE_TRACEPOINT, id);
	__u32 a_slot, b_slot, c_slot;
	int a = counter(1, &a_slot), b = counter(2, &b_slot), c = counter(3, &c_slot);
	struct query q = { .len = 8 };

	is(query(one, &q), 0, "ask an event without programs");
	is(q.cnt, 0, "there are none");
	is(set_bpf(one, a), 0, "first program");
	is(set_bpf(one, b), -EEXIST, "an event brings one");
	is(set_bpf(two, a), -EEXIST, "a program comes once");
	is(set_bpf(two, b), 0, "second program, by another event");
	fire_syscall();
	is(runs(a_slot), RUNS, "the first runs");
	is(runs(b_slot), RUNS, "the second too");
	is(kept(one), 0, "both must keep the event: the first's");
	is(kept(two), 0, "and the second's");
	is(query(two, &q), 0, "ask");
	is(q.cnt, 2, "there are two");
	ok(q.ids[0] && q.ids[1] && q.ids[0] != q.ids[1], "with numbers");
	q.len = 1;
	is(query(one, &q), -ENOSPC, "ask with too little room");
	is(q.cnt, 2, "the number is told");
	q.len = 0;
	is(query(one, &q), 0, "ask for the number only");
	q.len = 65;
	is(query(one, &q), -E2BIG, "ask with too much room");
	is(query(one, NULL), -EFAULT, "ask into nothing");

	close(two);
	is(set_bpf(one, c), -EEXIST, "the first event keeps its program");
	fire_syscall();
	is(runs(a_slot), 2 * RUNS, "the first goes on");
	is(runs(b_slot), RUNS, "the second has ended");
	is(kept(one), RUNS, "and no longer drops events");
	close(one);
	close(a);
	close(b);
	close(c);
}

static void test_most(int id)
{
	int events[65], attached = 0, err = 0;

	for (int i = 0; i < 65; i++) {
		__u32 slot;
		int prog = counter(1, &slot);

		slots--;
		events[i] = event_open(PERF_TYPE_TRACEPOINT, id);
		err = set_bpf(events[i], prog);
		attached += !err;
		close(prog);
	}
	is(attached, 64, "64 programs on an event");
	is(err, -E2BIG, "and no more");
	for (int i = 0; i < 65; i++)
		close(events[i]);
}

/* ---- errors ------------------------------------------------------------------ */

static void test_errors(int id)
{
	int event = event_open(PERF_TYPE_TRACEPOINT, id);
	int clock = event_open(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK);
	int tracepoint = event_open(PERF_TYPE_TRACEPOINT, event_id("sched/sched_switch"));
	int filter = FILTER(MOV_K(0, 0), EXIT());
	__u32 slot;
	int prog = counter(1, &slot);
	struct query q = { .len = 8 };

	is(set_bpf(event, filter), -EINVAL, "a socket filter on a kprobe");
	is(set_bpf(event, -1), -EBADF, "no descriptor");
	is(set_bpf(event, counts), -EINVAL, "a map");
	is(set_bpf(clock, prog), -EINVAL, "a clock");
	is(set_bpf(tracepoint, prog), -EINVAL, "a tracepoint");
	is(query(clock, &q), -EINVAL, "ask a clock");
	close(prog);
	close(filter);
	close(tracepoint);
	close(clock);
	close(event);
}

/* ---- the context ------------------------------------------------------------- */

static void test_ctx_access(void)
{
	static const __u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
	static const __u32 bytes[] = { 1, 2, 4, 8 };
	const int end = 168;	/* struct pt_regs of x86-64 */
	int wrong = 0;

	for (int off = -9; off < end + 9; off++)
		for (int s = 0; s < 4; s++) {
			bool good = off >= 0 && off % bytes[s] == 0 && off + (int)bytes[s] <= end;
			int fd = PROG_LOAD(BPF_PROG_TYPE_KPROBE, LDX(sizes[s], 0, 1, off),
					   MOV_K(0, 0), EXIT());

			if (good ? fd < 0 : fd != -EACCES) {
				note("%u bytes at %d: %d", bytes[s], off, fd);
				wrong++;
			}
			if (fd >= 0)
				close(fd);
		}
	is(wrong, 0, "registers are read in their parts, and nothing beside them");
	is(PROG_LOAD(BPF_PROG_TYPE_KPROBE, ST(BPF_DW, 1, 0, 0), MOV_K(0, 0), EXIT()), -EACCES,
	   "a constant is not written");
	is(PROG_LOAD(BPF_PROG_TYPE_KPROBE, MOV_K(2, 0), STX(BPF_DW, 1, 2, 0), MOV_K(0, 0), EXIT()),
	   -EACCES, "a register is not written");
	is_str(prog_log, "invalid bpf_context access off=0 size=8", "as the log says");
	is(PROG_LOAD(BPF_PROG_TYPE_KPROBE, MOV_X(6, 1), LDABS(BPF_B, 0), EXIT()), -EINVAL,
	   "there is no packet");
}

#if defined(__x86_64__)
/* Stores what @insns leave in R7 in slot 0, runs them on @id. */
static long long value_of(int id, void (*fire)(void), const struct bpf_insn *insns, size_t cnt)
{
	struct bpf_insn prog[64] = { MOV_X(6, 1) };
	const struct bpf_insn tail[] = {
		ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, counts),
		CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 1), STX(BPF_DW, 0, 7, 0),
		MOV_K(0, 1), EXIT(),
	};
	int event = event_open(PERF_TYPE_TRACEPOINT, id), fd;
	__u32 slot = 0;
	long long none = 0x7777;

	map_put(counts, &slot, &none, 0);
	memcpy(prog + 1, insns, cnt * sizeof(*insns));
	memcpy(prog + 1 + cnt, tail, sizeof(tail));
	fd = prog_load(BPF_PROG_TYPE_KPROBE, prog, 1 + cnt + ARRAY_LEN(tail));
	if (fd < 0)
		bail("value: %d\n%s", fd, prog_log);
	if (set_bpf(event, fd))
		bail("attach: %d", errno);
	fire();
	close(event);
	close(fd);
	return runs(0);
}

#define VALUE(id, fire, ...)						\
	value_of(id, fire, (struct bpf_insn[]) { __VA_ARGS__ },		\
		 ARRAY_LEN(((struct bpf_insn[]) { __VA_ARGS__ })))

#define REG_DI	112
#define REG_SI	104
#define REG_AX	80

static char text[16] = "user memory";

static void test_values(int kprobe, int kretprobe, int uprobe, int uretprobe)
{
	long long me = (long long)getpid() << 32 | (__u32)syscall(SYS_gettid);

	is(VALUE(uprobe, fire_user, LDX(BPF_DW, 7, 6, REG_DI)), 40, "first argument at a uprobe");
	is(VALUE(uprobe, fire_user, LDX(BPF_W, 7, 6, REG_SI)), 2, "second, 32 bits of it");
	is(VALUE(uretprobe, fire_user, LDX(BPF_DW, 7, 6, REG_AX)), 42, "result at a uretprobe");
	is(VALUE(kretprobe, fire_syscall, LDX(BPF_DW, 7, 6, REG_AX)), getpgid(0),
	   "result of the system call at a kretprobe");
	is(VALUE(kprobe, fire_syscall, CALL(BPF_FUNC_get_current_pid_tgid), MOV_X(7, 0)), me,
	   "get_current_pid_tgid");
	is(VALUE(kprobe, fire_syscall, CALL(BPF_FUNC_get_current_uid_gid), MOV_X(7, 0)),
	   (long long)getgid() << 32 | getuid(), "get_current_uid_gid");

	prctl(PR_SET_NAME, "namesake");
	is(VALUE(kprobe, fire_syscall, ST(BPF_DW, 10, -16, -1), ST(BPF_DW, 10, -24, -1),
		 MOV_X(1, 10), ALU_K(BPF_ADD, 1, -24), MOV_K(2, 16),
		 CALL(BPF_FUNC_get_current_comm), LDX(BPF_DW, 7, 10, -24)),
	   *(const long long *)"namesake", "get_current_comm");
	is(VALUE(kprobe, fire_syscall, ST(BPF_DW, 10, -16, -1), MOV_X(1, 10),
		 ALU_K(BPF_ADD, 1, -16), MOV_K(2, 4), CALL(BPF_FUNC_get_current_comm),
		 LDX(BPF_W, 7, 10, -16)), 'n' | 'a' << 8 | 'm' << 16,
	   "get_current_comm with room for 4");

	is(VALUE(kprobe, fire_syscall, MOV_X(1, 10), ALU_K(BPF_ADD, 1, -8), MOV_K(2, 8),
		 LD64(3, (unsigned long)text), CALL(BPF_FUNC_probe_read),
		 LDX(BPF_DW, 7, 10, -8)), *(const long long *)text, "probe_read of user memory");
	is(VALUE(kprobe, fire_syscall, MOV_X(1, 10), ALU_K(BPF_ADD, 1, -8), MOV_K(2, 8),
		 MOV_X(3, 6), CALL(BPF_FUNC_probe_read), LDX(BPF_DW, 7, 10, -8),
		 LDX(BPF_DW, 1, 6, 0), ALU_X(BPF_SUB, 7, 1)), 0, "probe_read of kernel memory");
	is(VALUE(kprobe, fire_syscall, MOV_X(1, 10), ALU_K(BPF_ADD, 1, -8), MOV_K(2, 8),
		 MOV_K(3, 8), CALL(BPF_FUNC_probe_read), MOV_X(7, 0)), -EFAULT,
	   "probe_read of nothing");
	is(VALUE(kprobe, fire_syscall, MOV_X(1, 10), ALU_K(BPF_ADD, 1, -8), MOV_K(2, 8),
		 MOV_K(3, 8), CALL(BPF_FUNC_probe_read), LDX(BPF_DW, 7, 10, -8)), 0,
	   "leaves zeroes");
	is(VALUE(kprobe, fire_syscall, MOV_X(1, 10), ALU_K(BPF_ADD, 1, -8), MOV_K(2, 8),
		 LD64(3, 0x8000000000000000ULL), CALL(BPF_FUNC_probe_read), MOV_X(7, 0)), -ERANGE,
	   "probe_read of an address that cannot be");
}
#endif

/* ---- perf events ------------------------------------------------------------- */

#if defined(__x86_64__)
static void test_events(int kprobe)
{
	int events = map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4, 0);
	int clock = event_open(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK);
	__u32 slot = 1;

	is(map_put(events, &slot, &clock, 0), 0, "store a clock");
#define READ(flags)	VALUE(kprobe, fire_syscall, LD_MAP(1, events), LD64(2, flags), \
			      CALL(BPF_FUNC_perf_event_read), MOV_X(7, 0))
	ok(READ(1) > 0, "perf_event_read of a clock that runs");
	is(READ(0), -ENOENT, "perf_event_read of an empty slot");
	is(READ(4), -E2BIG, "perf_event_read outside");
	is(READ(1ULL << 32), -EINVAL, "perf_event_read with flags");
#undef READ
#define OUTPUT(flags, size)						\
	VALUE(kprobe, fire_syscall, ST(BPF_DW, 10, -16, 1), MOV_X(1, 6), LD_MAP(2, events), \
	      LD64(3, flags), MOV_X(4, 10), ALU_K(BPF_ADD, 4, -16), MOV_K(5, size), \
	      CALL(BPF_FUNC_perf_event_output), MOV_X(7, 0))
	is(OUTPUT(1, 8), -EINVAL, "perf_event_output to a clock");
	is(OUTPUT(0, 8), -ENOENT, "perf_event_output to an empty slot");
	is(OUTPUT(4, 8), -E2BIG, "perf_event_output outside");
	is(OUTPUT(16ULL << 32, 8), -EINVAL, "perf_event_output: there is no packet to add");
#undef OUTPUT
	close(clock);
	close(events);
}
#endif

/* ---- licence ----------------------------------------------------------------- */

static void test_licence(void)
{
	const struct bpf_insn insns[] = {
		MOV_X(1, 10), ALU_K(BPF_ADD, 1, -8), MOV_K(2, 8), MOV_K(3, 0),
		CALL(BPF_FUNC_probe_read), MOV_K(0, 0), EXIT(),
	};

	is(prog_load_as(BPF_PROG_TYPE_KPROBE, insns, ARRAY_LEN(insns), "Proprietary", 1), -EINVAL,
	   "probe_read is for GPL programs");
	is_str(prog_log, "cannot call GPL-restricted function from non-GPL compatible program",
	       "as the log says");
}

int main(void)
{
	int kprobe, kretprobe, uprobe, uretprobe;

	mount_tracefs();
	counts = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 256, 0);
	slots = 1;

	add_event("kprobe_events", "p:bpf_enter __x64_sys_getpgid\n");
	add_event("kprobe_events", "r:bpf_leave __x64_sys_getpgid\n");
	add_uprobe("p", "bpf_call", probed);
	add_uprobe("r", "bpf_return", probed);
	kprobe = event_id("kprobes/bpf_enter");
	kretprobe = event_id("kprobes/bpf_leave");
	uprobe = event_id("uprobes/bpf_call");
	uretprobe = event_id("uprobes/bpf_return");

	test_results("kprobe", kprobe, fire_syscall);
	test_results("kretprobe", kretprobe, fire_syscall);
	test_results("uprobe", uprobe, fire_user);
	test_results("uretprobe", uretprobe, fire_user);
	test_several(kprobe);
	test_most(kprobe);
	test_errors(kprobe);
	test_ctx_access();
	test_licence();
#if defined(__x86_64__)
	test_values(kprobe, kretprobe, uprobe, uretprobe);
	test_events(kprobe);
#else
	skip("values of registers", "written for x86-64");
#endif
	return finish();
}
