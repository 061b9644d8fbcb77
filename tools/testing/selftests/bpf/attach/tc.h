/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A pair of devices with a program on the way between them.
 *
 * What is sent on t0 comes in on t1. A program at EGRESS runs on t0, one at
 * INGRESS on t1. It leaves a number of 64 bits in a map, and the frame that
 * arrives is looked at behind it.
 */
#ifndef SELFTEST_BPF_TC_H
#define SELFTEST_BPF_TC_H

#include "netlink.h"
#include <linux/if_packet.h>
#include <poll.h>
#include <stddef.h>
#include <sys/uio.h>

#define FRAME_LEN	200
#define FRAME_TYPE	0x88b5	/* for experiments */
#define NOT_RUN		0x6e6f7420ULL

static unsigned char frame[FRAME_LEN];

/* What arrived: bytes, and the tag that stands beside them. */
static struct {
	unsigned char bytes[2048];
	int len;
	bool tagged;
	__u16 tci;
	__u16 tpid;
} arrived;

static int result_map, out_fd, in_fd;

static inline MAYBE_UNUSED int open_frames(const char *dev, int proto)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons((__u16)proto),
		.sll_ifindex = (int)if_nametoindex(dev),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &(int){ 1 }, sizeof(int)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &(int){ 1 }, sizeof(int)))
		bail("packet socket on %s: %s", dev, strerror(errno));
	return fd;
}

/* The next frame on a socket; whether there was one. */
static inline MAYBE_UNUSED bool receive(int fd, int patience)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	struct iovec iov = { arrived.bytes, sizeof(arrived.bytes) };
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))] __attribute__((aligned(8)));
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c;

	memset(&arrived, 0, sizeof(arrived));
	if (poll(&wait, 1, patience) <= 0)
		return false;
	arrived.len = (int)recvmsg(fd, &msg, MSG_DONTWAIT);
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		const struct tpacket_auxdata *aux = (void *)CMSG_DATA(c);

		if (c->cmsg_type != PACKET_AUXDATA || !(aux->tp_status & TP_STATUS_VLAN_VALID))
			continue;
		arrived.tagged = true;
		arrived.tci = aux->tp_vlan_tci;
		arrived.tpid = aux->tp_vlan_tpid;
	}
	return true;
}

static inline MAYBE_UNUSED void drain_frames(int fd)
{
	while (receive(fd, 0))
		;
}

static inline MAYBE_UNUSED void no_ipv6(void)
{
	FILE *f = fopen("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w");

	/* Its own packets would run the programs too. */
	if (!f || fputs("1", f) < 0 || fclose(f))
		bail("disable_ipv6: %s", strerror(errno));
}

static inline MAYBE_UNUSED void tc_init(void)
{
	static const unsigned char head[14] = {
		2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, FRAME_TYPE >> 8, FRAME_TYPE & 0xff,
	};

	for (int i = 0; i < FRAME_LEN; i++)
		frame[i] = (unsigned char)i;
	memcpy(frame, head, sizeof(head));
	own_net();
	no_ipv6();
	if (link_add_veth("t0", "t1", -1) || link_up("t0") || link_up("t1") ||
	    add_clsact("t0") || add_clsact("t1"))
		bail("devices: %s", strerror(errno));
	result_map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 8, 0);
	out_fd = open_frames("t0", 0);
	in_fd = open_frames("t1", FRAME_TYPE);
}

static inline MAYBE_UNUSED void send_frame(void)
{
	drain_frames(in_fd);
	if (send(out_fd, frame, sizeof(frame), 0) != sizeof(frame) && errno != ENOBUFS)
		bail("send: %s", strerror(errno));
}

static inline MAYBE_UNUSED long long result(int key)
{
	long long value = 0;

	map_get(result_map, &key, &value);
	return value;
}

/* Store R0 in the map under @key; R6 is the context before and after. */
#define STORE_RESULT(key)						\
	STX(BPF_DW, 10, 0, -8), ST(BPF_W, 10, -12, key),		\
	LD_MAP(1, result_map), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -12),	\
	MOV_X(3, 10), ALU_K(BPF_ADD, 3, -8), MOV_K(4, 0),		\
	CALL(BPF_FUNC_map_update_elem)

/* A program that does something to R6, the context, and shows R0 afterwards. */
#define SHOW(...)							\
	PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, MOV_X(6, 1), __VA_ARGS__,	\
		  STORE_RESULT(0), MOV_K(0, TC_ACT_OK), EXIT())

static inline MAYBE_UNUSED const char *hook_dev(__u32 hook)
{
	return hook == EGRESS ? "t0" : "t1";
}

/* Run a loaded program over one frame; what it showed. */
static inline MAYBE_UNUSED long long run_at(__u32 hook, int fd)
{
	struct cls f = { .dev = hook_dev(hook), .hook = hook, .fd = fd, .direct = true };
	long long none = NOT_RUN;
	int err;

	if (fd < 0)
		bail("load: %d\n%s", fd, prog_log);
	map_put(result_map, &(int){ 0 }, &none, 0);
	err = add_cls(&f);
	close(fd);
	if (err)
		bail("filter: %s", strerror(-err));
	send_frame();
	receive(in_fd, 200);
	del_cls(f.dev, hook);
	return result(0);
}

static const struct { const char *name; __u32 hook; } hooks[] = {
	{ "egress", EGRESS }, { "ingress", INGRESS },
};

#define ARG(r, v)	MOV_K(r, v)
#define CTX_ARG		MOV_X(1, 6)

#endif
