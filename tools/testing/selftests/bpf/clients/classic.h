/* SPDX-License-Identifier: GPL-2.0-only */
/* A classic filter in the kernel, judged on frames. Needs test.h before it. */
#ifndef SELFTEST_BPF_CLASSIC_H
#define SELFTEST_BPF_CLASSIC_H

#include "oracle.h"
#include "packets.h"

/* attach - 0 or -errno */
static inline int attach(int fd, const struct classic *c)
{
	struct sock_fprog prog = {
		.len = (unsigned short)c->len,
		.filter = (struct sock_filter *)c->insns,
	};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) ? -errno : 0;
}

/* kernel_keeps - bytes of a frame that reach sk[0], which has the filter */
static inline long kernel_keeps(const int sk[2], const struct frame *f)
{
	uint8_t sink[FRAME_MAX];
	long n;

	if (write(sk[1], f->data, f->len) != (ssize_t)f->len)
		return -errno;
	n = recv(sk[0], sink, sizeof(sink), MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	return memcmp(sink, f->data, (size_t)n) ? -EILSEQ : n;
}

/* What the kernel kept: the number of frames, and a hash over the bytes of each. */
struct tally {
	unsigned int kept;
	uint64_t hash;
};

/*
 * agree - does the kernel keep of every frame what libpcap keeps?
 *
 * Sets @tally to what the kernel kept. Says which frame differs.
 */
static inline bool agree(const struct classic *c, const char *name, const struct frame *frames,
			 size_t n, struct tally *tally)
{
	int sk[2], err;

	*tally = (struct tally){ 0, 0 };
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, sk))
		bail("socketpair: %s", strerror(errno));
	err = attach(sk[0], c);
	if (err)
		note("%s: attach: %s", name, strerror(-err));
	for (size_t i = 0; i < n && !err; i++) {
		long theirs = oracle_run(c, frames[i].data, frames[i].len);
		long ours = kernel_keeps(sk, &frames[i]);

		tally->kept += ours > 0;
		tally->hash = (tally->hash ^ (uint64_t)ours) * 0x100000001b3ULL;
		if (ours != theirs) {
			note("%s: frame %zu of %zu bytes: kernel %ld, libpcap %ld", name, i,
			     frames[i].len, ours, theirs);
			err = -EDOM;
		}
	}
	close(sk[0]);
	close(sk[1]);
	return !err;
}

#endif
