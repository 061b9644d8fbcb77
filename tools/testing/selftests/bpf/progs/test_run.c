// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TEST_RUN for programs over packets: sizes, results, the context in
 * and out, and every error.
 */
#include "../test.h"

#include <linux/if_ether.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>

#define LEN		64
#define PAGE	4096

static unsigned char packet[8192], out[8192];
static __u32 type;

static int test_run(union bpf_attr *attr)
{
	return (int)sys_bpf(BPF_PROG_TEST_RUN, attr);
}

static union bpf_attr request(int prog)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	memset(out, 0xee, sizeof(out));
	attr.test.prog_fd = prog;
	attr.test.data_in = ptr64(packet);
	attr.test.data_size_in = LEN;
	return attr;
}

static int need(int fd)
{
	if (fd < 0)
		bail("load of type %u: %d\n%s", type, fd, prog_log);
	return fd;
}

static long long result_of(int prog, __u32 len)
{
	union bpf_attr attr = request(prog);
	int err;

	attr.test.data_size_in = len;
	err = test_run(&attr);
	return err ?: (long long)attr.test.retval;
}

/* ---- the packet -------------------------------------------------------------- */

static void test_bytes(void)
{
	/* Offsets for LD_ABS, what a socket filter finds there, what tc finds. */
	static const struct {
		int off;
		int sock, tc;
	} rows[] = {
		{ 0, 14, 0 }, { 12, 26, 8 }, { 14, 28, 14 }, { 49, 63, 49 }, { 50, 0, 50 },
		{ 63, 0, 63 }, { 64, 0, 0 }, { -0x100000, 14, 14 }, { -0x200000, 0, 0 },
		{ -0x200000 + 12, 8, 8 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int prog = need(PROG_LOAD(type, MOV_X(6, 1), LDABS(BPF_B, rows[i].off), EXIT()));

		is(result_of(prog, LEN), type == BPF_PROG_TYPE_SOCKET_FILTER ? rows[i].sock : rows[i].tc,
		   "type %u: byte at %d", type, rows[i].off);
		close(prog);
	}
}

static void test_sizes(void)
{
	static const struct {
		__u16 proto;
		__u32 least;
		const char *name;
	} rows[] = {
		{ ETH_P_IP, ETH_HLEN + 20, "IPv4" }, { ETH_P_IPV6, ETH_HLEN + 40, "IPv6" },
		{ ETH_P_8021Q, ETH_HLEN, "VLAN" }, { 0, ETH_HLEN, "no protocol" },
	};
	int prog = need(PROG_LOAD(type, MOV_K(0, -7), EXIT()));
	__u32 most;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		packet[12] = rows[i].proto >> 8;
		packet[13] = (unsigned char)rows[i].proto;
		is(result_of(prog, rows[i].least - 1), -EINVAL, "type %u: %s, a byte short", type,
		   rows[i].name);
		is(result_of(prog, rows[i].least), 0xfffffff9, "type %u: %s, just long enough",
		   type, rows[i].name);
	}
	packet[12] = 8;
	packet[13] = 0;
	is(result_of(prog, 0), -EINVAL, "type %u: no bytes", type);
	/* A page, without head room and tail, whose size depends on the machine. */
	for (most = PAGE; most > LEN && result_of(prog, most) == -EINVAL; most--)
		;
	ok(most > PAGE - 512 && most < PAGE - 256, "type %u: as many as fit (%u)", type, most);
	is(result_of(prog, most / 2), 0xfffffff9, "type %u: half of them", type);
	printf("verdict type %u: at most %u bytes\n", type, most);
	close(prog);
}

/* ---- results ----------------------------------------------------------------- */

/* A socket filter's packet comes back without its link header. */
static bool came_back(__u32 len)
{
	__u32 from = type == BPF_PROG_TYPE_SOCKET_FILTER ? ETH_HLEN : 0;

	for (__u32 i = 0; i < from; i++)
		if (out[i])
			return false;
	return !memcmp(out + from, packet + from, len - from);
}

static void test_results(void)
{
	int prog = need(PROG_LOAD(type, MOV_K(0, 3), EXIT()));
	union bpf_attr attr = request(prog);

	attr.test.data_out = ptr64(out);
	attr.test.data_size_out = LEN;
	is(test_run(&attr), 0, "type %u: run", type);
	is(attr.test.retval, 3, "type %u: result", type);
	is(attr.test.data_size_out, LEN, "type %u: length of the packet", type);
	ok(came_back(LEN) && out[LEN] == 0xee, "type %u: the packet", type);

	attr = request(prog);
	attr.test.data_out = ptr64(out);
	attr.test.data_size_out = 32;
	is(test_run(&attr), -ENOSPC, "type %u: half of the room", type);
	is(attr.test.data_size_out, LEN, "type %u: the length is told", type);
	is(attr.test.retval, 3, "type %u: the result too", type);
	ok(came_back(32) && out[32] == 0xee, "type %u: half of the packet", type);

	attr = request(prog);
	attr.test.data_out = ptr64(out);
	is(test_run(&attr), 0, "type %u: room of unknown size", type);
	ok(came_back(LEN), "type %u: is filled", type);

	attr = request(prog);
	attr.test.repeat = 1000;
	is(test_run(&attr), 0, "type %u: 1000 runs", type);
	ok(attr.test.duration > 0, "type %u: take %u ns each", type, attr.test.duration);
	close(prog);
}

/* A program that counts its runs: @repeat of them are so many, in goes of any size. */
static void test_repeat(void)
{
	static const __u32 rows[] = { 0, 1, 2, 63, 64, 65, 128, 129, 1000 };
	int map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	int prog = need(PROG_LOAD(type, ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4),
				  LD_MAP(1, map), CALL(BPF_FUNC_map_lookup_elem),
				  JMP_K(BPF_JEQ, 0, 0, 3), LDX(BPF_DW, 1, 0, 0),
				  ALU_K(BPF_ADD, 1, 1), STX(BPF_DW, 0, 1, 0), MOV_K(0, 0), EXIT()));
	__u32 key = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		union bpf_attr attr = request(prog);
		__u64 runs = 0;

		map_put(map, &key, &runs, BPF_ANY);
		attr.test.repeat = rows[i];
		is(test_run(&attr), 0, "type %u: run %u times", type, rows[i]);
		map_get(map, &key, &runs);
		is((long long)runs, rows[i] ?: 1, "type %u: it is so many", type);
	}
	close(prog);
	close(map);
}

static void test_errors(void)
{
	int prog = need(PROG_LOAD(type, MOV_K(0, 3), EXIT()));
	union bpf_attr attr;

#define REFUSED(want, name, ...) do {					\
	attr = request(prog);						\
	__VA_ARGS__;							\
	is(test_run(&attr), want, "type %u: %s", type, name);		\
} while (0)
	REFUSED(-EBADF, "no descriptor", attr.test.prog_fd = -1);
	REFUSED(-EFAULT, "data from nowhere", attr.test.data_in = 8);
	REFUSED(-EFAULT, "data to nowhere", attr.test.data_out = 8);
	REFUSED(-EINVAL, "flags", attr.test.flags = 1);
	REFUSED(-EINVAL, "BPF_F_TEST_XDP_LIVE_FRAMES", attr.test.flags = 2);
	REFUSED(-EINVAL, "a CPU", attr.test.cpu = 1);
	REFUSED(-EINVAL, "a batch", attr.test.batch_size = 1);
	REFUSED(-EINVAL, "context without size", attr.test.ctx_in = ptr64(out));
	REFUSED(-EINVAL, "size without context", attr.test.ctx_size_in = 4);
	REFUSED(-EINVAL, "room for context without size", attr.test.ctx_out = ptr64(out));
	REFUSED(-EINVAL, "size without room for context", attr.test.ctx_size_out = 4);
	REFUSED(-EFAULT, "context from nowhere", attr.test.ctx_in = 8; attr.test.ctx_size_in = 4);
	REFUSED(-EFAULT, "context to nowhere", attr.test.ctx_out = 8; attr.test.ctx_size_out = 192);
	close(prog);
}

/* ---- the sum of the packet ----------------------------------------------------- */

static int run_summed(int prog)
{
	union bpf_attr attr = request(prog);

	attr.test.flags = BPF_F_TEST_SKB_CHECKSUM_COMPLETE;
	return test_run(&attr);
}

static int storing(int off, int flags)
{
	return need(PROG_LOAD(type, ST(BPF_DW, 10, -8, 0x1234), MOV_K(2, off), MOV_X(3, 10),
			      ALU_K(BPF_ADD, 3, -8), MOV_K(4, 8), MOV_K(5, flags),
			      CALL(BPF_FUNC_skb_store_bytes), MOV_K(0, 0), EXIT()));
}

static void test_sum(void)
{
	static const struct {
		int off, flags, want;
		const char *name;
	} rows[] = {
		{ 0, 0, 0, "the link layer is not summed" },
		{ 0, BPF_F_RECOMPUTE_CSUM, -EBADMSG, "nor may it be" },
		{ 8, 0, -EBADMSG, "two bytes behind it" },
		{ 20, 0, -EBADMSG, "bytes behind it" },
		{ 20, BPF_F_RECOMPUTE_CSUM, 0, "bytes and their sum" },
		{ 40, BPF_F_RECOMPUTE_CSUM, 0, "others" },
	};
	int prog = need(PROG_LOAD(type, MOV_K(0, 0), EXIT()));

	is(run_summed(prog), 0, "type %u: a sum that nobody touches", type);
	close(prog);
	if (type == BPF_PROG_TYPE_SOCKET_FILTER)
		return;		/* cannot touch it */
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		prog = storing(rows[i].off, rows[i].flags);
		is(run_summed(prog), rows[i].want, "type %u: sum after a store: %s", type,
		   rows[i].name);
		close(prog);
	}
}

/* ---- the context ------------------------------------------------------------- */

static int run_ctx(int prog, const void *in, __u32 in_size, void *res, __u32 *res_size)
{
	union bpf_attr attr = request(prog);
	int err;

	attr.test.ctx_in = in_size ? ptr64(in) : 0;
	attr.test.ctx_size_in = in_size;
	attr.test.ctx_out = ptr64(res);
	attr.test.ctx_size_out = *res_size;
	err = test_run(&attr);
	*res_size = attr.test.ctx_size_out;
	return err;
}

#define FIELD(name, value, want)	\
	{ #name " " #value, offsetof(struct __sk_buff, name), \
	  sizeof(((struct __sk_buff *)0)->name) == 8 ? 8 : 4, value, want }

static void test_fields(void)
{
	const int big = type == BPF_PROG_TYPE_SOCKET_FILTER ? 50 : 64;
	const struct {
		const char *name;
		int off, bytes;
		__u64 value;
		int want;
	} rows[] = {
		FIELD(len, LEN, -EINVAL), FIELD(pkt_type, 1, -EINVAL), FIELD(mark, 5, 0),
		FIELD(queue_mapping, 1, -EINVAL), FIELD(protocol, 8, -EINVAL),
		FIELD(vlan_present, 1, -EINVAL), FIELD(vlan_tci, 1, -EINVAL),
		FIELD(vlan_proto, 1, -EINVAL), FIELD(priority, 7, 0), FIELD(ingress_ifindex, 1, 0),
		FIELD(ifindex, 1, 0), FIELD(ifindex, 9999, -ENODEV), FIELD(tc_index, 2, -EINVAL),
		FIELD(cb[0], 9, 0), FIELD(cb[4], 9, 0), FIELD(hash, 3, -EINVAL),
		FIELD(tc_classid, 3, -EINVAL), FIELD(data, 1, -EINVAL), FIELD(data_end, 60, -EINVAL),
		FIELD(napi_id, 1, -EINVAL), FIELD(family, 1, -EINVAL), FIELD(remote_ip4, 1, -EINVAL),
		FIELD(local_port, 1, -EINVAL), FIELD(data_meta, 1, -EINVAL), FIELD(tstamp, 77, 0),
		FIELD(wire_len, 100, 0), FIELD(wire_len, big, 0), FIELD(wire_len, big - 1, -EINVAL),
		FIELD(wire_len, 70000, -EINVAL), FIELD(gso_segs, 3, 0),
		FIELD(gso_segs, 65535, 0), FIELD(gso_segs, 65536, -EINVAL), FIELD(gso_size, 100, 0),
		FIELD(hwtstamp, 5, 0),
	};
	int prog = need(PROG_LOAD(type, MOV_K(0, 0), EXIT()));

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char in[sizeof(struct __sk_buff)] = "";
		struct __sk_buff res;
		__u32 size = sizeof(res);
		__u64 got = 0;

		memset(&res, 0xee, sizeof(res));
		memcpy(in + rows[i].off, &rows[i].value, rows[i].bytes);
		is(run_ctx(prog, in, sizeof(in), &res, &size), rows[i].want, "type %u: set %s", type,
		   rows[i].name);
		if (rows[i].want)
			continue;
		memcpy(&got, (char *)&res + rows[i].off, rows[i].bytes);
		is(got, rows[i].value, "type %u: %s comes back", type, rows[i].name);
	}
	close(prog);
}

static void test_wire_len(void)
{
	struct __sk_buff in = { .mark = 1 }, res;
	__u32 size = sizeof(res);
	int prog;

	if (type == BPF_PROG_TYPE_SOCKET_FILTER)
		return;		/* may not read it */
	prog = need(PROG_LOAD(type, LDX(BPF_W, 0, 1, offsetof(struct __sk_buff, wire_len)),
			      STX(BPF_W, 1, 0, offsetof(struct __sk_buff, cb)), EXIT()));
	is(result_of(prog, LEN), 0, "type %u: without a context wire_len is 0", type);
	is(run_ctx(prog, &in, sizeof(in), &res, &size), 0, "type %u: with one", type);
	is(res.cb[0], LEN, "type %u: it is the length", type);
	close(prog);
}

static void test_ctx(void)
{
	int prog = need(PROG_LOAD(type, MOV_K(2, 0x55),
				  STX(BPF_W, 1, 2, offsetof(struct __sk_buff, cb)),
				  LDX(BPF_W, 0, 1, offsetof(struct __sk_buff, cb[1])), EXIT()));
	struct __sk_buff in = { .cb = { 1, 2, 3 } }, res;
	static char longer[8192];
	__u32 size = sizeof(res);

	memset(&res, 0xee, sizeof(res));
	is(run_ctx(prog, NULL, 0, &res, &size), 0, "type %u: only a context out", type);
	is(size, sizeof(res), "type %u: its size", type);
	is(res.len, 0, "type %u: a field nobody may set is 0", type);
	is(res.ifindex, 1, "type %u: the device is the loopback device", type);
	is(res.wire_len, type == BPF_PROG_TYPE_SOCKET_FILTER ? 50 : 64, "type %u: wire_len", type);
	is(res.cb[0], 0x55, "type %u: what the program wrote", type);
	is(run_ctx(prog, &in, sizeof(in), &res, &size), 0, "type %u: both", type);
	is(res.cb[2], 3, "type %u: what it did not write", type);

	size = 4;
	memset(&res, 0xee, sizeof(res));
	is(run_ctx(prog, &in, sizeof(in), &res, &size), -ENOSPC, "type %u: room for 4 bytes", type);
	is(size, sizeof(res), "type %u: the size is told", type);
	is(res.pkt_type, 0xeeeeeeee, "type %u: no more is written", type);
	size = sizeof(res);
	is(run_ctx(prog, &in, 4, &res, &size), 0, "type %u: a shorter context", type);
	is(run_ctx(prog, longer, 1000, &res, &size), 0, "type %u: a longer one", type);
	longer[999] = 1;
	is(run_ctx(prog, longer, 1000, &res, &size), -E2BIG, "type %u: a longer one in use", type);
	longer[999] = 0;
	is(run_ctx(prog, longer, 5000, &res, &size), -E2BIG, "type %u: longer than a page", type);
	close(prog);
}

/* ---- segments ------------------------------------------------------------------ */

/* A caller can set numbers of segments, and no kind of them. */
static void test_segments(void)
{
	static const struct {
		__u32 size, segs;
		long long want;
	} rows[] = {
		{ 0, 3, 0 }, { 1, 0, -EBADMSG }, { 100, 3, -EBADMSG }, { 65535, 1, -EBADMSG },
	};
	int prog;

	if (type == BPF_PROG_TYPE_SOCKET_FILTER)
		return;		/* has no such helper */
	prog = need(PROG_LOAD(type, MOV_K(2, 1), MOV_K(3, 0), CALL(BPF_FUNC_clone_redirect), EXIT()));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct __sk_buff in = { .gso_size = rows[i].size, .gso_segs = rows[i].segs };
		union bpf_attr attr = request(prog);

		attr.test.ctx_in = ptr64(&in);
		attr.test.ctx_size_in = sizeof(in);
		is(test_run(&attr), 0, "type %u: run with %u segments of %u", type, rows[i].segs,
		   rows[i].size);
		is((int)attr.test.retval, rows[i].want, "type %u: a copy goes out, or does not", type);
	}
	close(prog);
}

/* ---- a signal ---------------------------------------------------------------- */

static void on_alarm(int sig)
{
	(void)sig;
}

static void test_signal(void)
{
	const struct itimerval soon = { .it_value.tv_usec = 100000 };
	int prog = need(PROG_LOAD(type, MOV_K(0, 3), EXIT()));
	struct sigaction act = { .sa_handler = on_alarm };
	union bpf_attr attr = request(prog);

	attr.test.repeat = 0xffffffff;
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	is(test_run(&attr), -EINTR, "type %u: a signal ends many runs", type);
	close(prog);
}

static void test_no_packets(void)
{
	int prog = PROG_LOAD(BPF_PROG_TYPE_KPROBE, MOV_K(0, 0), EXIT());
	union bpf_attr attr = request(prog);

	if (prog < 0)
		skip("a type without packets", "kernel without kprobe programs");
	else
		is(test_run(&attr), -524, "a kprobe program has nothing to run on");
	close(prog);
}

int main(void)
{
	static const __u32 types[] = { BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_SCHED_CLS,
				       BPF_PROG_TYPE_SCHED_ACT };

	for (size_t i = 0; i < sizeof(packet); i++)
		packet[i] = (unsigned char)i;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		type = types[i];
		packet[12] = 8;
		packet[13] = 0;
		if (PROG_LOAD(type, MOV_K(0, 3), EXIT()) == -EINVAL) {
			skip("a program type", "kernel without type %u", type);
			continue;
		}
		test_bytes();
		test_sizes();
		test_results();
		test_repeat();
		test_errors();
		test_sum();
		test_fields();
		test_ctx();
		test_wire_len();
		test_segments();
		test_signal();
	}
	test_no_packets();
	return finish();
}
