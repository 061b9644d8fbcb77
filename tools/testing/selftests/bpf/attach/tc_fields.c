// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fields of struct __sk_buff in classifiers: what is read, what is written and
 * whether it stays.
 */
#include "tc.h"

#define OFF(f)		((int)offsetof(struct __sk_buff, f))
#define GET(f)		LDX(BPF_W, 0, 6, OFF(f))
#define SET(f, v)	LD64(1, v), STX(BPF_W, 6, 1, OFF(f))
#define GET64(f)	LDX(BPF_DW, 0, 6, OFF(f))
#define SET64(f, v)	LD64(1, v), STX(BPF_DW, 6, 1, OFF(f))

/* Two programs over one packet: the second shows what the first left. */
static long long then(__u32 hook, int first, int second)
{
	struct cls f = { .dev = hook_dev(hook), .hook = hook, .prio = 1, .direct = true, .fd = first };

	if (first < 0 || second < 0)
		bail("load: %s", prog_log);
	if (add_cls(&f))
		bail("first filter");
	f.prio = 2;
	f.fd = second;
	if (add_cls(&f))
		bail("second filter");
	close(first);
	close(second);
	send_frame();
	receive(in_fd, 200);
	del_cls(f.dev, hook);
	return result(0);
}

/* Change something and leave the verdict to the next filter. */
#define LEAVE(...) PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, MOV_X(6, 1), __VA_ARGS__, \
			     MOV_K(0, TC_ACT_UNSPEC), EXIT())

#define TEST_FIELD(field, value, want) do {						\
	is(run_at(hook, SHOW(SET(field, value), GET(field))), want, "%s: " #field, name);	\
	is(then(hook, LEAVE(SET(field, value)), SHOW(GET(field))), want,			\
	   "%s: " #field " in the next program", name);					\
} while (0)

static void test_writable(const char *name, __u32 hook)
{
	TEST_FIELD(mark, 0x12345678, 0x12345678);
	TEST_FIELD(mark, 0x1ffffffffLL, 0xffffffffLL);
	TEST_FIELD(priority, 0xfedcba98, 0xfedcba98LL);
	TEST_FIELD(tc_index, 0xabcd, 0xabcd);
	TEST_FIELD(tc_index, 0x12345, 0x2345);
	TEST_FIELD(cb[0], 0x11223344, 0x11223344);
	TEST_FIELD(cb[4], 0x55667788, 0x55667788);
	is(run_at(hook, SHOW(SET(tc_classid, 0x12345), GET(tc_classid))), 0x2345, "%s: tc_classid", name);
	is(run_at(hook, SHOW(SET(queue_mapping, 7), GET(queue_mapping))), 7, "%s: queue_mapping", name);
	is(run_at(hook, SHOW(SET(queue_mapping, 0xfffe), GET(queue_mapping))), 0xfffe,
	   "%s: the highest queue", name);
	is(run_at(hook, SHOW(SET(queue_mapping, 3), SET(queue_mapping, 0xffff), GET(queue_mapping))), 3,
	   "%s: a number that is no queue", name);
	is(run_at(hook, SHOW(SET(queue_mapping, 3), SET(queue_mapping, 0x10004), GET(queue_mapping))), 3,
	   "%s: one of 17 bits", name);
	printf("verdict %s: queue_mapping of 33 bits %lld\n", name,
	       run_at(hook, SHOW(SET(queue_mapping, 3), SET(queue_mapping, 0x100000005LL),
				 GET(queue_mapping))));
	is(run_at(hook, SHOW(SET64(cb[2], 0x123456789abcdef0LL), GET64(cb[2]))), 0x123456789abcdef0LL,
	   "%s: two words of cb", name);
}

/* A store leaves every register as it was. */
static void test_registers(const char *name, __u32 hook)
{
	static const struct { int off; __u8 size; } stores[] = {
		{ OFF(mark), BPF_W }, { OFF(queue_mapping), BPF_W }, { OFF(priority), BPF_W },
		{ OFF(tc_index), BPF_W }, { OFF(tc_classid), BPF_W }, { OFF(tstamp), BPF_DW },
	};
	struct bpf_insn prog[64];
	int n = 0;

	prog[n++] = MOV_X(6, 1);
	for (__u8 r = 0; r < 10; r++)
		if (r != 6)
			prog[n++] = MOV_K(r, 1 << r);
	for (size_t i = 0; i < ARRAY_LEN(stores); i++)
		prog[n++] = STX(stores[i].size, 6, 3, stores[i].off);
	for (__u8 r = 1; r < 10; r++)
		if (r != 6)
			prog[n++] = ALU_X(BPF_ADD, 0, r);
	memcpy(prog + n, (struct bpf_insn[]){ STORE_RESULT(0), MOV_K(0, 0), EXIT() },
	       sizeof((struct bpf_insn[]){ STORE_RESULT(0), MOV_K(0, 0), EXIT() }));
	n += ARRAY_LEN(((struct bpf_insn[]){ STORE_RESULT(0), MOV_K(0, 0), EXIT() }));
	is(run_at(hook, prog_load(BPF_PROG_TYPE_SCHED_CLS, prog, (size_t)n)), 1023 - 64,
	   "%s: stores leave registers alone", name);
}

static void test_readable(const char *name, __u32 hook)
{
	is(run_at(hook, SHOW(GET(len))), FRAME_LEN, "%s: len", name);
	is(run_at(hook, SHOW(GET(protocol))), htons(FRAME_TYPE), "%s: protocol", name);
	is(run_at(hook, SHOW(GET(ifindex))), if_nametoindex(hook_dev(hook)), "%s: ifindex", name);
	is(run_at(hook, SHOW(GET(ingress_ifindex))), hook == EGRESS ? 0 : if_nametoindex("t1"),
	   "%s: ingress_ifindex", name);
	/* What comes in is counted without its link layer header. */
	is(run_at(hook, SHOW(GET(wire_len))), FRAME_LEN - (hook == INGRESS) * ETH_HLEN,
	   "%s: wire_len", name);
	is(run_at(hook, SHOW(LDX(BPF_B, 0, 6, OFF(wire_len)))), FRAME_LEN - (hook == INGRESS) * ETH_HLEN,
	   "%s: a byte of wire_len", name);
	is(run_at(hook, SHOW(SET(tc_classid, 0x1234), LDX(BPF_B, 0, 6, OFF(tc_classid) + 1))), 0x12,
	   "%s: a byte of tc_classid", name);
	is(run_at(hook, SHOW(SET(mark, 0x12345678), LDX(BPF_H, 0, 6, OFF(mark) + 2))), 0x1234,
	   "%s: half of mark", name);
	is(run_at(hook, SHOW(GET64(hwtstamp))), 0, "%s: hwtstamp", name);
	is(run_at(hook, SHOW(LDABS(BPF_H, 12))), FRAME_TYPE, "%s: LD_ABS", name);
	is(run_at(hook, SHOW(MOV_K(7, 20), LDIND(BPF_W, 7, 2))), 0x16171819, "%s: LD_IND", name);
	is(run_at(hook, SHOW(LDABS(BPF_B, 8 - 0x100000))), 0x16, "%s: from the network header", name);
	is(run_at(hook, SHOW(LDABS(BPF_B, FRAME_LEN))), NOT_RUN, "%s: LD_ABS behind the end ends it", name);
}

static void test_time(const char *name, __u32 hook)
{
	long long t = 0x123456789abcdefLL;

	is(run_at(hook, SHOW(SET64(tstamp, t), GET64(tstamp))), t, "%s: tstamp", name);
	is(then(hook, LEAVE(SET64(tstamp, t)), SHOW(GET64(tstamp))), t, "%s: tstamp stays", name);
	is(run_at(hook, SHOW(LDX(BPF_B, 0, 6, OFF(tstamp_type)))), 0, "%s: tstamp_type", name);
	is(run_at(hook, SHOW(SET64(tstamp, t), LDX(BPF_B, 1, 6, OFF(tstamp_type)), GET64(tstamp),
			     ALU_X(BPF_ADD, 0, 1))), t, "%s: both", name);
	is(run_at(hook, SHOW(MOV_X(1, 6), SET64(tstamp, t), LDX(BPF_DW, 1, 6, OFF(tstamp)),
			     MOV_X(0, 1))), t, "%s: into another register", name);
	is(run_at(hook, SHOW(SET64(tstamp, t), MOV_X(1, 6), LDX(BPF_DW, 1, 1, OFF(tstamp)),
			     MOV_X(0, 1))), t, "%s: into the context's", name);
}

/* What a classifier leaves in cb is not what a socket finds there. */
static void test_cb_socket(void)
{
	int fd = FILTER(LDX(BPF_W, 0, 1, OFF(cb[0])), JMP_K(BPF_JEQ, 0, 0, 2), MOV_K(0, 1), EXIT(),
			MOV_K(0, 100), EXIT());

	if (setsockopt(in_fd, SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof(fd)))
		bail("attach");
	close(fd);
	run_at(INGRESS, SHOW(SET(cb[0], 77), GET(cb[0])));
	is(arrived.len, 100, "a socket filter finds cb empty");
	setsockopt(in_fd, SOL_SOCKET, SO_DETACH_FILTER, &(int){ 0 }, sizeof(int));
}

int main(void)
{
	tc_init();
	for (size_t h = 0; h < ARRAY_LEN(hooks); h++) {
		test_writable(hooks[h].name, hooks[h].hook);
		test_registers(hooks[h].name, hooks[h].hook);
		test_readable(hooks[h].name, hooks[h].hook);
		test_time(hooks[h].name, hooks[h].hook);
	}
	test_cb_socket();
	return finish();
}
