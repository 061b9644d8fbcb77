/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Classic programs in tests: attach one, and see what it makes of a packet.
 */
#ifndef SELFTEST_BPF_CLASSIC_H
#define SELFTEST_BPF_CLASSIC_H

#include "../test.h"
#include <linux/filter.h>
#include <net/if.h>
#include <sys/ioctl.h>

/* linux/filter.h names A as the source of a return; here it is also a register. */
#define CSTMT(c, k)		((struct sock_filter)BPF_STMT(c, k))
#define CJUMP(c, k, t, f)	((struct sock_filter)BPF_JUMP(c, k, t, f))
#define CLASSIC(...) ((struct sock_filter[]) { __VA_ARGS__ })
#define CLASSIC_LEN(...) (sizeof(CLASSIC(__VA_ARGS__)) / sizeof(struct sock_filter))

static inline MAYBE_UNUSED int attach_option(int fd, int option, const struct sock_filter *insns,
					     size_t len)
{
	struct sock_fprog prog = {
		.len = (unsigned short)len,
		.filter = (struct sock_filter *)insns,
	};

	return setsockopt(fd, SOL_SOCKET, option, &prog, sizeof(prog)) ? -errno : 0;
}

static inline MAYBE_UNUSED int attach_classic(int fd, const struct sock_filter *insns, size_t len)
{
	return attach_option(fd, SO_ATTACH_FILTER, insns, len);
}

#define ATTACH(fd, ...) attach_classic(fd, CLASSIC(__VA_ARGS__), CLASSIC_LEN(__VA_ARGS__))

/* A pair of datagram sockets: what is written to [1] is filtered and read at [0]. */
static inline MAYBE_UNUSED void open_pair(int sk[2])
{
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, sk))
		bail("socketpair: %s", strerror(errno));
}

/* Bytes of the next datagram at @fd, or -errno: -EAGAIN if it was dropped. */
static inline MAYBE_UNUSED int arrived(int fd)
{
	static char sink[1 << 17];
	ssize_t n = recv(fd, sink, sizeof(sink), MSG_DONTWAIT);

	return n < 0 ? -errno : (int)n;
}

static inline MAYBE_UNUSED void loopback_up(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (ioctl(fd, SIOCSIFFLAGS, &req))
		bail("lo up: %s", strerror(errno));
	close(fd);
}

#define DROPPED (-1LL)

/*
 * classic_value - what A is after a program without its return
 *
 * @deliver sends one packet of at least 256 bytes through the filter on @fd and
 * says how many bytes arrived, not counting the first @header bytes the filter
 * sees, or a negative number. The program runs four times, to return A one byte
 * at a time. DROPPED if it ended early.
 */
static inline MAYBE_UNUSED long long classic_value(int fd, unsigned int header,
						   int (*deliver)(void *arg), void *arg,
						   const struct sock_filter *insns, size_t len)
{
	struct sock_filter prog[BPF_MAXINSNS];
	long long value = 0;

	memcpy(prog, insns, len * sizeof(*insns));
	for (unsigned int i = 0; i < 4; i++) {
		int err, got;

		prog[len] = CSTMT(BPF_ALU | BPF_RSH | BPF_K, 8 * i);
		prog[len + 1] = CSTMT(BPF_ALU | BPF_AND | BPF_K, 0xff);
		prog[len + 2] = CSTMT(BPF_ALU | BPF_ADD | BPF_K, 1 + header);
		prog[len + 3] = CSTMT(BPF_RET | BPF_A, 0);
		err = attach_classic(fd, prog, len + 4);
		if (err)
			bail("attach of %zu instructions: %s", len + 4, strerror(-err));
		got = deliver(arg);
		if (got <= 0)
			return DROPPED;
		value |= (long long)(got - 1) << (8 * i);
	}
	return value;
}

#endif
