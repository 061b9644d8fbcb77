// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaching and detaching when memory runs out: each allocation fails once, and
 * the socket, group or task has the program it had before, as packets and calls
 * show. See sweep.h.
 */
#include "../engine.h"
#include "sweep.h"

#include "../attach/classic.h"
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define SENT	100	/* bytes of a packet; a filter keeps fewer */
#define OLD	40
#define NEW	60

/* No number of user space. */
#define ENOTSUPP	524

/* What else attaching may fail with: without an interpreter there must be machine code. */
static int no_code;

/* A classic program of @len instructions that returns @k. */
static struct sock_fprog *returns(__u32 k, size_t len)
{
	static struct sock_filter insns[BPF_MAXINSNS];
	static struct sock_fprog prog;

	for (size_t i = 0; i < len - 1; i++)
		insns[i] = CSTMT(BPF_LD | BPF_W | BPF_LEN, 0);
	insns[len - 1] = CSTMT(BPF_RET | BPF_K, k);
	prog = (struct sock_fprog){ .len = (unsigned short)len, .filter = insns };
	return &prog;
}

static int extended(__u32 k)
{
	return FILTER(MOV_K(0, (int)k), EXIT());
}

static long set(int fd, int level, int option, const void *value, socklen_t len)
{
	return setsockopt(fd, level, option, value, len) ? -errno : 0;
}

/* ---- the filter of a socket ---------------------------------------------------------- */

static int sk[2], prog_fd = -1;

/* Bytes that get through: tells which filter there is. */
static __u64 kept(const struct op *op)
{
	char packet[SENT] = "";

	if (write(sk[1], packet, sizeof(packet)) != sizeof(packet))
		bail("write: %m");
	return (__u64)arrived(sk[0]);
}

static bool bare(const struct op *op)
{
	open_pair(sk);
	prog_fd = extended(NEW);
	return prog_fd >= 0;
}

static bool with_classic(const struct op *op)
{
	return bare(op) && !set(sk[0], SOL_SOCKET, SO_ATTACH_FILTER, returns(OLD, 3),
				sizeof(struct sock_fprog));
}

static bool with_extended(const struct op *op)
{
	int old = extended(OLD);
	bool good = bare(op) && !set(sk[0], SOL_SOCKET, SO_ATTACH_BPF, &old, sizeof(old));

	close(old);
	return good;
}

static void close_pair(const struct op *op, long ret)
{
	close(sk[0]);
	close(sk[1]);
	close(prog_fd);
}

/* arg[0]: instructions */
static long attach_classic_new(const struct op *op)
{
	return set(sk[0], SOL_SOCKET, SO_ATTACH_FILTER, returns(NEW, (size_t)op->arg[0]),
		   sizeof(struct sock_fprog));
}

static long attach_extended_new(const struct op *op)
{
	return set(sk[0], SOL_SOCKET, SO_ATTACH_BPF, &prog_fd, sizeof(prog_fd));
}

static long detach(const struct op *op)
{
	return set(sk[0], SOL_SOCKET, SO_DETACH_FILTER, &(int){ 0 }, sizeof(int));
}

static long show(const struct op *op)
{
	struct sock_filter insns[8];
	socklen_t len = ARRAY_LEN(insns);

	if (getsockopt(sk[0], SOL_SOCKET, SO_GET_FILTER, insns, &len))
		return -errno;
	return len == 3 && insns[2].k == OLD ? 0 : -EIO;
}

static __u64 new_filter(const struct op *op)
{
	return NEW;
}

static __u64 no_filter(const struct op *op)
{
	return SENT;
}

static __u64 old_filter(const struct op *op)
{
	return OLD;
}

#define SOCK(n, body, which, before, after, ...)				\
	{ .name = n, .run = body, .prepare = before, .undo = close_pair,	\
	  .look = kept, .done = after, .only = which, .arg = { __VA_ARGS__ } }

/* ---- choosing among sockets ------------------------------------------------------------ */

static int member[2], tx = -1;
static __u32 other;

/* Which member a packet arrives at; each try has an address of its own. */
static __u64 receiver(const struct op *op)
{
	struct pollfd wait[2] = { { member[0], POLLIN, 0 }, { member[1], POLLIN, 0 } };
	__u64 got = 0;

	if (write(tx, "packet", 6) != 6)
		bail("send: %m");
	poll(wait, 2, 1000);
	for (int i = 0; i < 2; i++)
		if (arrived(member[i]) > 0)
			got |= 1ULL << i;
	return got;
}

static __u64 other_member(const struct op *op)
{
	return 1ULL << other;
}

static bool bind_to(int fd, struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);

	return !bind(fd, (struct sockaddr *)addr, len) &&
	       !getsockname(fd, (struct sockaddr *)addr, &len);
}

/* Without a program a hash chooses; the program is to choose the other. */
static bool udp_group(const struct op *op)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	bool good = true;

	for (int i = 0; i < 2; i++) {
		member[i] = socket(AF_INET, SOCK_DGRAM, 0);
		good &= !set(member[i], SOL_SOCKET, SO_REUSEPORT, &(int){ 1 }, sizeof(int)) &&
			bind_to(member[i], &addr);
	}
	tx = socket(AF_INET, SOCK_DGRAM, 0);
	good = good && !connect(tx, (struct sockaddr *)&addr, sizeof(addr));
	other = receiver(op) == 1;
	prog_fd = extended(other);
	return good && prog_fd >= 0;
}

static bool udp_group_chosen(const struct op *op)
{
	__u32 by_hash;

	if (!udp_group(op) ||
	    set(member[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &prog_fd, sizeof(prog_fd)))
		return false;
	by_hash = !other;
	other = by_hash;
	close(prog_fd);
	prog_fd = extended(other);
	return prog_fd >= 0;
}

/* Every packet goes to the first until a program says otherwise. */
static bool fanout_group(const struct op *op)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP),
				    .sll_ifindex = (int)if_nametoindex("lo") };
	bool good = true;

	for (int i = 0; i < 2; i++) {
		int group = 77 | (int)op->arg[1] << 16;

		member[i] = socket(AF_PACKET, SOCK_DGRAM, 0);
		good &= !bind(member[i], (struct sockaddr *)&link, sizeof(link)) &&
			!set(member[i], SOL_PACKET, PACKET_FANOUT, &group, sizeof(group));
	}
	/* To itself: somebody listens, so no ICMP message comes back. */
	tx = socket(AF_INET, SOCK_DGRAM, 0);
	good = good && bind_to(tx, &addr) && !connect(tx, (struct sockaddr *)&addr, sizeof(addr));
	other = 1;
	prog_fd = extended(other);
	return good && prog_fd >= 0;
}

static void close_group(const struct op *op, long ret)
{
	close(member[0]);
	close(member[1]);
	close(tx);
	close(prog_fd);
}

static long choose_classic(const struct op *op)
{
	return set(member[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF,
		   returns(other, (size_t)op->arg[0]), sizeof(struct sock_fprog));
}

static long choose_extended(const struct op *op)
{
	return set(member[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &prog_fd, sizeof(prog_fd));
}

static long choose_by_hash(const struct op *op)
{
	return set(member[0], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &(int){ 0 }, sizeof(int));
}

static long fan_classic(const struct op *op)
{
	return set(member[0], SOL_PACKET, PACKET_FANOUT_DATA,
		   returns(other, (size_t)op->arg[0]), sizeof(struct sock_fprog));
}

static long fan_extended(const struct op *op)
{
	return set(member[0], SOL_PACKET, PACKET_FANOUT_DATA, &prog_fd, sizeof(prog_fd));
}

#define GROUP(n, body, which, before, ...)					\
	{ .name = n, .run = body, .prepare = before, .undo = close_group,	\
	  .look = receiver, .done = other_member, .only = which, .arg = { __VA_ARGS__ } }

static const struct op attachments[] = {
	SOCK("SO_ATTACH_BPF", attach_extended_new, BOTH_WAYS, bare, new_filter),
	SOCK("SO_ATTACH_BPF over classic", attach_extended_new, ONE_FAILS, with_classic, new_filter),
	SOCK("SO_ATTACH_FILTER, 2 instructions", attach_classic_new, BOTH_WAYS, bare, new_filter, 2),
	SOCK("SO_ATTACH_FILTER, 1000 instructions", attach_classic_new, REST_FAILS, bare, new_filter,
	     1000),
	SOCK("SO_ATTACH_FILTER over classic", attach_classic_new, ONE_FAILS, with_classic, new_filter,
	     30),
	SOCK("SO_ATTACH_FILTER over extended", attach_classic_new, REST_FAILS, with_extended,
	     new_filter, 30),
	SOCK("SO_GET_FILTER", show, NO_MEMORY, with_classic, old_filter),
	SOCK("SO_DETACH_FILTER, classic", detach, NO_MEMORY, with_classic, no_filter),
	SOCK("SO_DETACH_FILTER, extended", detach, NO_MEMORY, with_extended, no_filter),
	GROUP("reuseport, classic", choose_classic, ONE_FAILS, udp_group, 20),
	GROUP("reuseport, extended", choose_extended, NO_MEMORY, udp_group),
	GROUP("reuseport, classic over extended", choose_classic, REST_FAILS, udp_group_chosen, 20),
	GROUP("reuseport, detach", choose_by_hash, NO_MEMORY, udp_group_chosen),
	GROUP("fanout, classic", fan_classic, REST_FAILS, fanout_group, 20, PACKET_FANOUT_CBPF),
	GROUP("fanout, extended", fan_extended, NO_MEMORY, fanout_group, 0, PACKET_FANOUT_EBPF),
};

/* ---- seccomp: for good, so each try has a process ----------------------------------------- */

/*
 * getppid() fails with the number that the filter says. What comes behind the first
 * instructions is there to be allocated: every call of the child runs the filter.
 */
static long install(size_t len, int err)
{
	struct sock_fprog *prog = returns(SECCOMP_RET_ALLOW, len);
	const struct sock_filter decides[] = {
		CSTMT(BPF_LD | BPF_W | BPF_ABS, 0), CJUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_getppid, 0, 1),
		CSTMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (__u32)err),
		CSTMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	for (size_t i = 0; i < len - 1; i++)
		prog->filter[i] = CSTMT(BPF_LD | BPF_W | BPF_ABS, 0);
	memcpy(prog->filter, decides, sizeof(decides));
	return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, prog) ? -errno : 0;
}

static int answer(void)
{
	errno = 0;
	return syscall(__NR_getppid) < 0 ? errno : 0;
}

static enum try_end seccomp_try(unsigned int n, size_t len)
{
	unsigned int left;
	long ret;

	if (mlockall(MCL_CURRENT | MCL_FUTURE) || !sweep_open() ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || install(8, EDOM) || answer() != EDOM)
		return TRY_WRONG;
	sweep_arm(n);
	ret = install(len, EXDEV);
	left = sweep_disarm();
	/* Of several filters with the same verdict the last one counts. */
	if (!ret)
		return answer() != EXDEV ? TRY_WRONG : left ? TRY_CLEAN : TRY_ABSORBED;
	if ((ret != -ENOMEM && ret != no_code) || left || answer() != EDOM)
		return TRY_WRONG;
	return install(len, EXDEV) || answer() != EXDEV ? TRY_WRONG : TRY_FAILED;
}

static void sweep_seccomp(const char *name, size_t len)
{
	unsigned int count[4] = { 0 };
	struct timespec from;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (unsigned int n = 1; n < SITES_MAX && !count[TRY_CLEAN] && count[TRY_WRONG] < 5; n++) {
		if (!fork())
			_exit(seccomp_try(n, len));
		wait(&status);
		if (!WIFEXITED(status) || WEXITSTATUS(status) == TRY_WRONG)
			note("%s, allocation %u: child ended with %#x", name, n, status);
		count[WIFEXITED(status) ? WEXITSTATUS(status) & 3 : TRY_WRONG]++;
	}
	sweep_report(name, count, &from, ONE_FAILS);
}

int main(int argc, char **argv)
{
	if (!sweep_begin(argv))
		return finish();
	loopback_up();
	no_code = have_interpreter() ? 0 : -ENOTSUPP;
	for (size_t i = 0; i < ARRAY_LEN(attachments); i++) {
		struct op op = attachments[i];

		op.other_err = no_code;
		sweep(&op);
	}
	for (int rest = 0; rest < 2 && (!sweep_only || strstr("seccomp", sweep_only)); rest++) {
		sweep_way(rest);
		/* The long one is of several pages: one failure alone is got round. */
		if (rest)
			sweep_seccomp("seccomp, 4000 instructions", 4000);
		else
			sweep_seccomp("seccomp, 20 instructions", 20);
	}
	return sweep_end();
}
