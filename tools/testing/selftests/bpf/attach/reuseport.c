// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that choose among the sockets of a reuseport group, and among those
 * of a packet fanout group.
 */
#include "classic.h"
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>

#define RET(k)	CSTMT(BPF_RET | BPF_K, k)
#define RET_A	CSTMT(BPF_RET | BPF_A, 0)
#define MEMBERS	4

static int members[MEMBERS];
static struct sockaddr_in group;

static int set_int(int fd, int option, int value)
{
	return setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value)) ? -errno : 0;
}

static int attach(int fd, const struct sock_filter *insns, size_t len)
{
	return attach_option(fd, SO_ATTACH_REUSEPORT_CBPF, insns, len);
}

#define CHOOSE(fd, ...) attach(fd, CLASSIC(__VA_ARGS__), CLASSIC_LEN(__VA_ARGS__))

static int join(int type)
{
	int fd = socket(AF_INET, type, 0);
	socklen_t len = sizeof(group);

	set_int(fd, SO_REUSEPORT, 1);
	if (bind(fd, (struct sockaddr *)&group, sizeof(group)) ||
	    getsockname(fd, (struct sockaddr *)&group, &len))
		bail("bind: %s", strerror(errno));
	return fd;
}

static void open_group(void)
{
	group = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	for (int i = 0; i < MEMBERS; i++)
		members[i] = join(SOCK_DGRAM);
}

static void send_to_group(unsigned char first)
{
	unsigned char packet[64] = { first };
	int tx = socket(AF_INET, SOCK_DGRAM, 0);

	if (sendto(tx, packet, sizeof(packet), 0, (struct sockaddr *)&group, sizeof(group)) < 0)
		bail("send: %s", strerror(errno));
	close(tx);
}

/* Which of the sockets gets what was just sent; -1 if none or several. */
static int receiver(const int *fds, int n)
{
	struct pollfd wait[MEMBERS];
	int found = -1, count = 0;

	for (int i = 0; i < n; i++)
		wait[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	/* Loopback is slow at times, when the kernel is busy. */
	poll(wait, (nfds_t)n, 1000);
	for (int i = 0; i < n; i++)
		if (arrived(fds[i]) > 0) {
			found = i;
			count++;
		}
	return count == 1 ? found : -1;
}

/* Which member receives a packet with this first byte. */
static int chosen(unsigned char first)
{
	send_to_group(first);
	return receiver(members, MEMBERS);
}

static void test_attach(void)
{
	int plain = socket(AF_INET, SOCK_DGRAM, 0);
	int bound = socket(AF_INET, SOCK_DGRAM, 0);
	int early = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in any = { .sin_family = AF_INET };
	struct sock_filter ret = RET(0);
	static struct sock_filter many[BPF_MAXINSNS];

	if (bind(bound, (struct sockaddr *)&any, sizeof(any)))
		bail("bind");
	is(attach(plain, &ret, 1), -EINVAL, "socket without SO_REUSEPORT");
	is(attach(bound, &ret, 1), -EINVAL, "bound socket without SO_REUSEPORT");
	is(set_int(early, SO_REUSEPORT, 1), 0, "SO_REUSEPORT");
	is(attach(early, &ret, 1), 0, "before it is bound");
	is(attach(early, NULL, 1), -EINVAL, "no instructions");
	is(attach(early, (void *)8, 1), -EFAULT, "bad address");
	is(attach(early, &ret, 0), -EINVAL, "zero instructions");
	is(CHOOSE(early, CSTMT(0xffff, 0), RET(0)), -EINVAL, "bad opcode");
	for (int i = 0; i < BPF_MAXINSNS; i++)
		many[i] = ret;
	is(attach(early, many, BPF_MAXINSNS), -ENOMEM, "larger than option memory");
	is(setsockopt(early, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &ret, 4) ? -errno : 0, -EINVAL,
	   "short argument");
	is(set_int(early, SO_ATTACH_REUSEPORT_EBPF, -1), -EBADF, "no descriptor");
	is(set_int(early, SO_ATTACH_REUSEPORT_EBPF, plain), -EINVAL, "descriptor of a socket");
	is(set_int(early, SO_DETACH_REUSEPORT_BPF, 0), 0, "detach");
	is(set_int(early, SO_DETACH_REUSEPORT_BPF, 0), -ENOENT, "detach again");
	is(set_int(plain, SO_DETACH_REUSEPORT_BPF, 0), -EINVAL, "detach without a group");
	close(plain);
	close(bound);
	close(early);
}

static void test_classic(void)
{
	open_group();
	for (int i = 0; i < MEMBERS; i++) {
		is(CHOOSE(members[0], RET(i)), 0, "choose member %d", i);
		is(chosen(0), i, "member %d", i);
	}
	is(CHOOSE(members[2], CSTMT(BPF_LD | BPF_B | BPF_ABS, 0), RET_A), 0,
	   "choose by the first byte of the payload");
	for (int i = 0; i < MEMBERS; i++)
		is(chosen((unsigned char)i), i, "payload says %d", i);
	ok(chosen(200) >= 0, "a number too large falls back to the hash");
	is(CHOOSE(members[0], CSTMT(BPF_LD | BPF_W | BPF_ABS, 1000), RET(3)), 0, "load behind the end");
	is(chosen(1), 0, "a program that ends early chooses 0");
	is(set_int(members[1], SO_DETACH_REUSEPORT_BPF, 0), 0, "detach");
	ok(chosen(1) >= 0, "by hash again");
}

static void test_extended(void)
{
	int fd = FILTER(MOV_X(6, 1), LDABS(BPF_B, 0), EXIT());

	if (fd < 0) {
		skip("programs of bpf(2)", "load: %d", fd);
		return;
	}
	is(set_int(members[0], SO_ATTACH_REUSEPORT_EBPF, fd), 0, "a socket filter of bpf(2)");
	close(fd);
	for (int i = 0; i < MEMBERS; i++)
		is(chosen((unsigned char)i), i, "payload says %d", i);
	is(CHOOSE(members[0], RET(2)), 0, "a classic one in its place");
	is(chosen(0), 2, "chooses");
}

/* Programs are exchanged while packets are in flight. */
static bool stop;

static void *exchange(void *arg MAYBE_UNUSED)
{
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		CHOOSE(members[0], CSTMT(BPF_LD | BPF_B | BPF_ABS, 0), RET_A);
	return NULL;
}

static void test_exchange(void)
{
	pthread_t thread;
	int wrong = 0;

	CHOOSE(members[0], CSTMT(BPF_LD | BPF_B | BPF_ABS, 0), RET_A);
	pthread_create(&thread, NULL, exchange, NULL);
	for (int i = 0; i < 1000; i++)
		wrong += chosen((unsigned char)(i % MEMBERS)) != i % MEMBERS;
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	is(wrong, 0, "a thousand packets while programs are exchanged");
	for (int i = 0; i < MEMBERS; i++)
		close(members[i]);
}

/* ---- fanout ------------------------------------------------------------------ */

static int fanout_join(int mode, int id)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)if_nametoindex("lo"),
	};
	int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));
	int arg = id | mode << 16;

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &arg, sizeof(arg)))
		bail("fanout: %s", strerror(errno));
	return fd;
}

static int fanout_data(int fd, const void *value, size_t len)
{
	return setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, value, (socklen_t)len) ? -errno : 0;
}

static int fanout_chosen(const int *fds, unsigned char first)
{
	send_to_group(first);
	return receiver(fds, 2);
}

static void test_fanout_classic(void)
{
	int fds[2] = { fanout_join(PACKET_FANOUT_CBPF, 7), fanout_join(PACKET_FANOUT_CBPF, 7) };
	/* Behind 20 bytes of IP and 8 of UDP. */
	struct sock_filter insns[] = { CSTMT(BPF_LD | BPF_B | BPF_ABS, 28), RET_A };
	struct sock_fprog prog = { .len = 2, .filter = insns };

	is(fanout_data(fds[0], &prog, sizeof(prog)), 0, "fanout program");
	is(fanout_chosen(fds, 0), 0, "payload says 0");
	is(fanout_chosen(fds, 1), 1, "payload says 1");
	is(fanout_chosen(fds, 7), 1, "payload says 7, of two");
	is(fanout_data(fds[0], &prog, 4), -EINVAL, "short argument");
	prog.filter = (void *)8;
	is(fanout_data(fds[0], &prog, sizeof(prog)), -EFAULT, "bad address");
	prog.filter = insns;
	insns[1].code = 0xffff;
	is(fanout_data(fds[0], &prog, sizeof(prog)), -EINVAL, "bad opcode");
	is(fanout_chosen(fds, 1), 1, "the program before stays");
	insns[1] = RET_A;
	is(setsockopt(fds[0], SOL_SOCKET, SO_LOCK_FILTER, &(int){ 1 }, sizeof(int)), 0, "lock");
	is(fanout_data(fds[0], &prog, sizeof(prog)), -EPERM, "locked");
	close(fds[0]);
	close(fds[1]);
}

static void test_fanout_extended(void)
{
	int fds[2] = { fanout_join(PACKET_FANOUT_EBPF, 8), fanout_join(PACKET_FANOUT_EBPF, 8) };
	int fd = FILTER(MOV_X(6, 1), LDABS(BPF_B, 28), EXIT());

	if (fd < 0) {
		skip("fanout by programs of bpf(2)", "load: %d", fd);
		return;
	}
	is(fanout_data(fds[0], &fd, 3), -EINVAL, "short descriptor");
	is(fanout_data(fds[0], &(int){ -1 }, 4), -EBADF, "no descriptor");
	is(fanout_data(fds[0], &fd, sizeof(fd)), 0, "fanout by a program of bpf(2)");
	close(fd);
	is(fanout_chosen(fds, 0), 0, "payload says 0");
	is(fanout_chosen(fds, 1), 1, "payload says 1");
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
	loopback_up();
	test_attach();
	test_classic();
	test_extended();
	test_exchange();
	/* A reader, so that nobody answers that there is none. */
	group.sin_port = 0;
	members[0] = join(SOCK_DGRAM);
	test_fanout_classic();
	test_fanout_extended();
	return finish();
}
