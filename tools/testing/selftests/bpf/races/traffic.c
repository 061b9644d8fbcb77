// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs are attached, exchanged and taken away while packets pass: on a socket
 * that several threads send to and read from, on a reuseport group, on a fanout
 * group. Every packet meets one of the programs, whole, or none; every packet of
 * a group goes to one member; when it is quiet again the last word counts.
 */
#include "race.h"

#include "../attach/classic.h"
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>

#define RACE_MS	2000
#define SENT	200
#define KEEP_A	40
#define KEEP_B	90	/* by way of a map */
#define KEEP_C	140	/* classic */

#define RET(k)	CSTMT(BPF_RET | BPF_K, k)

static unsigned long wrong_length, wrong_bytes, wrong_result, kinds[4], attached;

static int prog_a, prog_b, sk[2];

/* ---- a socket ------------------------------------------------------------------------- */

static void *send_packets(void *arg)
{
	struct racer *r = arg;
	__u8 packet[SENT];

	while (racing()) {
		memset(packet, (int)rnd(r, 256), sizeof(packet));
		if (send(sk[1], packet, sizeof(packet), MSG_DONTWAIT) < 0)
			sched_yield();
		else
			r->done++;
	}
	return NULL;
}

static void judge(const __u8 *packet, ssize_t len)
{
	static const int lengths[] = { KEEP_A, KEEP_B, KEEP_C, SENT };
	size_t i;

	for (i = 0; i < ARRAY_LEN(lengths) && len != lengths[i]; i++)
		;
	if (i == ARRAY_LEN(lengths))
		count(&wrong_length);
	else
		count(&kinds[i]);
	for (ssize_t n = 1; n < len; n++)
		if (packet[n] != packet[0]) {
			count(&wrong_bytes);
			return;
		}
}

static void *read_packets(void *arg)
{
	struct racer *r = arg;
	__u8 packet[SENT];

	while (racing()) {
		ssize_t len = recv(sk[0], packet, sizeof(packet), MSG_DONTWAIT);

		if (len < 0) {
			sched_yield();
			continue;
		}
		judge(packet, len);
		r->done++;
	}
	return NULL;
}

/*
 * Long, so that it is often taken away while a packet is in the middle of it: the
 * socket alone holds its image.
 */
static long attach_long(void)
{
	static struct sock_filter insns[600];

	for (size_t i = 0; i < ARRAY_LEN(insns) - 1; i++)
		insns[i] = CSTMT(BPF_LD | BPF_W | BPF_LEN, 0);
	insns[ARRAY_LEN(insns) - 1] = RET(KEEP_C);
	return attach_classic(sk[0], insns, ARRAY_LEN(insns));
}

static long attach_one(__u32 which)
{
	switch (which) {
	case 0:
		return setsockopt(sk[0], SOL_SOCKET, SO_ATTACH_BPF, &prog_a, sizeof(prog_a)) ? -errno : 0;
	case 1:
		return setsockopt(sk[0], SOL_SOCKET, SO_ATTACH_BPF, &prog_b, sizeof(prog_b)) ? -errno : 0;
	case 2:
		return attach_long();
	default:
		return setsockopt(sk[0], SOL_SOCKET, SO_DETACH_FILTER, &which, sizeof(which)) &&
		       errno != ENOENT ? -errno : 0;
	}
}

static void *exchange(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		if (attach_one(rnd(r, 4)))
			count(&wrong_result);
		else
			count(&attached);
		/* Now and then leave it long enough for a packet. */
		if (!rnd(r, 4))
			sched_yield();
	}
	return NULL;
}

static int load_a(void)
{
	return FILTER(MOV_K(0, KEEP_A), EXIT());
}

/* The socket alone holds it, and it alone its map. */
static int load_b(void)
{
	int map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0), prog;
	__u64 value = KEEP_B;
	__u32 key = 0;

	map_put(map, &key, &value, BPF_ANY);
	prog = FILTER(ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, map),
		      CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 1), LDX(BPF_DW, 0, 0, 0),
		      EXIT());
	close(map);
	return prog;
}

static bool enough_for_socket(void)
{
	return kinds[0] && kinds[1] && kinds[2] && kinds[3] && attached > 20;
}

static void test_socket(void)
{
	void *(*const bodies[THREADS])(void *) = {
		exchange, exchange, exchange, exchange, send_packets, send_packets, read_packets, read_packets,
	};
	static const int lengths[] = { KEEP_A, KEEP_B, KEEP_C, SENT };
	char packet[SENT] = "";

	open_pair(sk);
	prog_a = load_a();
	prog_b = load_b();
	race(bodies, RACE_MS, enough_for_socket);
	is(wrong_length, 0, "socket: every packet has the length one of the filters gives");
	is(wrong_bytes, 0, "socket: and its own bytes");
	is(wrong_result, 0, "socket: every attach and detach works");
	ok(enough_for_socket(),
	   "socket: %lu exchanges, packets for each filter: %lu %lu %lu, none: %lu", attached,
	   kinds[0], kinds[1], kinds[2], kinds[3]);

	while (arrived(sk[0]) >= 0)
		;
	for (__u32 i = 0; i < 4; i++) {
		attach_one(i);
		if (write(sk[1], packet, sizeof(packet)) < 0)
			bail("write: %m");
		is(arrived(sk[0]), lengths[i], "socket: afterwards filter %u is in force", i);
	}
	close(sk[0]);
	close(sk[1]);
}

/* ---- groups ----------------------------------------------------------------------------- */

static int member[2], tx, choose[2];
static bool fanout;
static unsigned long sent, received[2];

static long choose_one(__u32 which)
{
	struct sock_filter insns[] = { RET(which & 1) };
	struct sock_fprog prog = { ARRAY_LEN(insns), insns };
	const void *value = which < 2 ? (const void *)&choose[which] : &prog;
	socklen_t len = which < 2 ? sizeof(int) : sizeof(prog);
	int level = SOL_SOCKET, option = SO_ATTACH_REUSEPORT_EBPF;

	if (fanout) {
		level = SOL_PACKET;
		option = PACKET_FANOUT_DATA;
	} else if (which >= 4) {
		return setsockopt(member[0], level, SO_DETACH_REUSEPORT_BPF, &which, sizeof(which)) &&
		       errno != ENOENT ? -errno : 0;
	} else if (which >= 2) {
		option = SO_ATTACH_REUSEPORT_CBPF;
	}
	return setsockopt(member[0], level, option, value, len) ? -errno : 0;
}

/* A fanout group takes one kind of program only. */
static void *choose_another(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		if (choose_one(rnd(r, fanout ? 2 : 5)))
			count(&wrong_result);
		else
			count(&attached);
		sched_yield();
	}
	return NULL;
}

static void *send_to_group(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		if (send(tx, "packet", 6, 0) == 6)
			count(&sent);
		r->done++;
		/* Queues must not overflow: a packet lost there is not ours. */
		while (racing() && __atomic_load_n(&sent, __ATOMIC_RELAXED) >
		       __atomic_load_n(&received[0], __ATOMIC_RELAXED) +
		       __atomic_load_n(&received[1], __ATOMIC_RELAXED) + 50)
			sched_yield();
	}
	return NULL;
}

static void take(int i)
{
	struct pollfd wait = { member[i], POLLIN, 0 };

	if (poll(&wait, 1, 50) > 0 && arrived(member[i]) > 0)
		count(&received[i]);
}

static void *read_first(void *arg)
{
	while (racing())
		take(0);
	return NULL;
}

static void *read_second(void *arg)
{
	while (racing())
		take(1);
	return NULL;
}

static void open_udp_group(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);

	for (int i = 0; i < 2; i++) {
		member[i] = socket(AF_INET, SOCK_DGRAM, 0);
		if (setsockopt(member[i], SOL_SOCKET, SO_REUSEPORT, &(int){ 1 }, sizeof(int)) ||
		    bind(member[i], (struct sockaddr *)&addr, sizeof(addr)) ||
		    getsockname(member[i], (struct sockaddr *)&addr, &len))
			bail("reuseport group: %m");
	}
	tx = socket(AF_INET, SOCK_DGRAM, 0);
	if (connect(tx, (struct sockaddr *)&addr, sizeof(addr)))
		bail("connect: %m");
}

static void open_fanout_group(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP),
				    .sll_ifindex = (int)if_nametoindex("lo") };
	int group = 78 | PACKET_FANOUT_EBPF << 16;
	socklen_t len = sizeof(addr);

	for (int i = 0; i < 2; i++) {
		member[i] = socket(AF_PACKET, SOCK_DGRAM, 0);
		if (bind(member[i], (struct sockaddr *)&link, sizeof(link)) ||
		    setsockopt(member[i], SOL_PACKET, PACKET_FANOUT, &group, sizeof(group)))
			bail("fanout group: %m");
	}
	/* To itself, and never read: what it cannot queue is dropped behind the group. */
	tx = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(tx, (struct sockaddr *)&addr, sizeof(addr)) ||
	    getsockname(tx, (struct sockaddr *)&addr, &len) ||
	    connect(tx, (struct sockaddr *)&addr, sizeof(addr)))
		bail("connect: %m");
}

static void drain_group(void)
{
	long until = now_ms() + 2000;

	while (received[0] + received[1] < sent && now_ms() < until) {
		take(0);
		take(1);
	}
	pause_ms(20);
	for (int i = 0; i < 2; i++)
		while (arrived(member[i]) > 0)
			received[i]++;
}

static bool enough_for_group(void)
{
	return attached > 20 && received[0] > 5 && received[1] > 5;
}

static void test_group(const char *name)
{
	void *(*const bodies[THREADS])(void *) = {
		choose_another, choose_another, choose_another, send_to_group, send_to_group,
		send_to_group, read_first, read_second,
	};

	wrong_result = attached = sent = received[0] = received[1] = 0;
	for (int i = 0; i < 2; i++)
		choose[i] = FILTER(MOV_K(0, i), EXIT());
	race(bodies, RACE_MS, enough_for_group);
	drain_group();
	is((long long)(received[0] + received[1]), (long long)sent, "%s: every packet arrives once", name);
	is(wrong_result, 0, "%s: every attach and detach works", name);
	ok(enough_for_group(),
	   "%s: %lu exchanges, %lu packets to the first, %lu to the second", name, attached,
	   received[0], received[1]);
	for (__u32 i = 0; i < 2; i++) {
		unsigned long was = received[i];

		choose_one(i);
		if (send(tx, "packet", 6, 0) != 6)
			bail("send: %m");
		take((int)i);
		is((long long)received[i], (long long)was + 1, "%s: afterwards program %u chooses", name, i);
	}
	for (int i = 0; i < 2; i++) {
		close(member[i]);
		close(choose[i]);
	}
	close(tx);
}

int main(void)
{
	loopback_up();
	test_socket();
	open_udp_group();
	test_group("reuseport");
	fanout = true;
	open_fanout_group();
	test_group("fanout");
	return finish();
}
