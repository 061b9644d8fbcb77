// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packet bytes by address, on real traffic: what is read was sent, what is written
 * arrives, and nobody else's copy changes: neither a tap's, nor one that the program
 * made itself, nor the one TCP keeps. Of a packet in pages only the linear bytes are
 * there.
 */
#include "tc.h"

#include <arpa/inet.h>

#define FIELD(name)	((int)offsetof(struct __sk_buff, name))
#define DATA(r)		LDX(BPF_W, r, 6, FIELD(data))
#define DATA_END(r)	LDX(BPF_W, r, 6, FIELD(data_end))
/* The frame's own packets; others, and those too short, go on unseen. */
#define OTHERS_GO_ON(n)							\
	DATA(2), DATA_END(3), MOV_X(4, 2), ALU_K(BPF_ADD, 4, n),	\
	JMP_X(BPF_JLE, 4, 3, 2), MOV_K(0, TC_ACT_OK), EXIT()

/* ---- frames in one piece ------------------------------------------------------------ */

static bool only_changed(int off, int byte)
{
	for (int i = 0; i < FRAME_LEN; i++)
		if (arrived.bytes[i] != (i == off ? byte : frame[i]))
			return false;
	return arrived.len == FRAME_LEN;
}

static void test_read(const char *name, __u32 hook)
{
	static const int offs[] = { 0, 6, 13, 14, 100, 199 };

	is(run_at(hook, SHOW(DATA(2), DATA_END(0), ALU_X(BPF_SUB, 0, 2))), FRAME_LEN,
	   "%s: all bytes are there", name);
	is(run_at(hook, SHOW(LDX(BPF_W, 2, 6, FIELD(data_meta)), DATA(0), ALU_X(BPF_SUB, 0, 2))), 0,
	   "%s: none in front", name);
	for (size_t i = 0; i < ARRAY_LEN(offs); i++)
		is(run_at(hook, SHOW(OTHERS_GO_ON(offs[i] + 1), LDX(BPF_B, 0, 2, offs[i]))),
		   frame[offs[i]], "%s: byte %d", name, offs[i]);
	is(run_at(hook, SHOW(OTHERS_GO_ON(FRAME_LEN + 1), LDX(BPF_B, 0, 2, FRAME_LEN))), NOT_RUN,
	   "%s: nothing behind the last", name);
	/* The number in byte 20 is 20. */
	is(run_at(hook, SHOW(OTHERS_GO_ON(21), LDX(BPF_B, 5, 2, 20), ALU_X(BPF_ADD, 2, 5),
			     MOV_X(4, 2), ALU_K(BPF_ADD, 4, 11), JMP_X(BPF_JLE, 4, 3, 2),
			     MOV_K(0, 0), EXIT(), LDX(BPF_B, 0, 2, 10))), frame[30],
	   "%s: a byte at a number", name);
}

static void test_write(const char *name, __u32 hook)
{
	int taps;

	is(run_at(hook, SHOW(OTHERS_GO_ON(21), ST(BPF_B, 2, 20, 0x5a), MOV_K(0, 1))), 1,
	   "%s: a byte is written", name);
	ok(only_changed(20, 0x5a), "%s: and arrives", name);
	is(run_at(hook, SHOW(OTHERS_GO_ON(FRAME_LEN), ST(BPF_B, 2, FRAME_LEN - 1, 0x5b), MOV_K(0, 1))),
	   1, "%s: the last byte is written", name);
	ok(only_changed(FRAME_LEN - 1, 0x5b), "%s: and arrives", name);

	/* A socket that sees everything holds the same bytes as the packet. */
	taps = open_frames("t1", ETH_P_ALL);
	run_at(hook, SHOW(OTHERS_GO_ON(21), ST(BPF_B, 2, 20, 0x5a), MOV_K(0, 1)));
	ok(only_changed(20, 0x5a), "%s: changed where it goes", name);
	ok(receive(taps, 200), "%s: a tap has it too", name);
	ok(hook == EGRESS ? only_changed(20, 0x5a) : only_changed(-1, 0),
	   "%s: not what a tap was given before", name);
	close(taps);
}

/* What the program does to the packet behind bpf_clone_redirect(), on ingress. */
static void test_clone(void)
{
	bool seen[2] = { false, false };
	int dev = (int)if_nametoindex("t1");
	struct cls f = { .dev = "t1", .hook = INGRESS, .direct = true };

	/* The copy comes by here, too: its mark says so. */
	f.fd = SHOW(LDX(BPF_W, 0, 6, FIELD(mark)), JMP_K(BPF_JEQ, 0, 0, 2), MOV_K(0, TC_ACT_OK),
		    EXIT(), OTHERS_GO_ON(22), ST(BPF_B, 2, 20, 0x5a), MOV_K(0, 1),
		    STX(BPF_W, 6, 0, FIELD(mark)), MOV_X(1, 6), MOV_K(2, dev),
		    MOV_K(3, BPF_F_INGRESS), CALL(BPF_FUNC_clone_redirect), MOV_X(7, 0),
		    OTHERS_GO_ON(22), ST(BPF_B, 2, 21, 0x5b), MOV_X(0, 7));
	if (f.fd < 0 || add_cls(&f))
		bail("a filter that makes a copy: %s", prog_log);
	close(f.fd);
	send_frame();
	for (int i = 0; i < 2 && receive(in_fd, 500); i++) {
		bool whole = arrived.len == FRAME_LEN && arrived.bytes[20] == 0x5a;

		seen[0] |= whole && arrived.bytes[21] == frame[21];
		seen[1] |= whole && arrived.bytes[21] == 0x5b;
	}
	del_cls("t1", INGRESS);
	is(result(0), 0, "a copy is sent");
	ok(seen[0], "it has what was written before, not what was written after");
	ok(seen[1], "the packet has both");
}

/* ---- packets in pages ------------------------------------------------------------------ */

#define STREAM	20000

/* A TCP connection over lo. */
static void connect_streams(int fds[2])
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (void *)&addr, len) || listen(listener, 1) ||
	    getsockname(listener, (void *)&addr, &len) || connect(fds[0], (void *)&addr, len))
		bail("a connection: %s", strerror(errno));
	fds[1] = accept(listener, NULL, NULL);
	close(listener);
}

/* Is all that is sent received, and the same? */
static bool stream_holds(const int fds[2])
{
	static unsigned char sent[STREAM], got[STREAM];
	size_t n = 0;

	for (int i = 0; i < STREAM; i++)
		sent[i] = (unsigned char)(i * 13 + i / 251);
	if (send(fds[0], sent, STREAM, 0) != STREAM)
		return false;
	while (n < STREAM) {
		struct pollfd wait = { .fd = fds[1], .events = POLLIN };
		ssize_t more = poll(&wait, 1, 5000) > 0 ? recv(fds[1], got + n, STREAM - n, 0) : 0;

		if (more <= 0)
			return false;
		n += (size_t)more;
	}
	return !memcmp(sent, got, STREAM);
}

/*
 * On its way out each packet gets two marks in the link layer header; on its way in
 * those that have both are counted, and those among them
 * that are longer than their linear bytes.
 */
static void test_pages(void)
{
	struct cls out = { .dev = "lo", .hook = EGRESS, .direct = true };
	struct cls in = { .dev = "lo", .hook = INGRESS, .direct = true };
	long long zero = 0;
	int fds[2];

	if (link_up("lo") || add_clsact("lo"))
		bail("lo: %s", strerror(errno));
	for (int key = 0; key < 3; key++)
		map_put(result_map, &key, &zero, 0);
	out.fd = PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, MOV_X(6, 1), OTHERS_GO_ON(34),
			   ST(BPF_B, 2, 6, 0x5a), ST(BPF_B, 2, 11, 0x5b), MOV_K(0, TC_ACT_OK), EXIT());
#define COUNT(key)							\
	ST(BPF_W, 10, -4, key), LD_MAP(1, result_map), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), \
	CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 2), MOV_K(1, 1), \
	ATOMIC(BPF_DW, BPF_ADD, 0, 1, 0)
	in.fd = PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, MOV_X(6, 1), OTHERS_GO_ON(34),
			  LDX(BPF_B, 7, 2, 6), LDX(BPF_B, 8, 2, 11), ALU_X(BPF_SUB, 3, 2),
			  LDX(BPF_W, 9, 6, FIELD(len)), ALU_X(BPF_SUB, 9, 3),
			  JMP_K(BPF_JNE, 7, 0x5a, 10), JMP_K(BPF_JNE, 8, 0x5b, 9), COUNT(0),
			  JMP_K(BPF_JEQ, 9, 0, 9), COUNT(1), MOV_K(0, TC_ACT_OK), EXIT());
	if (out.fd < 0 || in.fd < 0 || add_cls(&out) || add_cls(&in))
		bail("filters on lo: %s", prog_log);
	connect_streams(fds);
	ok(stream_holds(fds), "what TCP sends arrives");
	ok(result(0) > 2, "each packet came in with what was written on its way out");
	ok(result(1) > 0, "of some not all bytes were linear");
	for (int i = 0; i < 2; i++)
		close(fds[i]);
	del_cls("lo", EGRESS);
	del_cls("lo", INGRESS);
	close(out.fd);
	close(in.fd);
}

int main(void)
{
	tc_init();
	for (size_t h = 0; h < ARRAY_LEN(hooks); h++) {
		test_read(hooks[h].name, hooks[h].hook);
		test_write(hooks[h].name, hooks[h].hook);
	}
	test_clone();
	test_pages();
	return finish();
}
