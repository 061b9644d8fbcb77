/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ways for a packet to reach a filter, in several socket families.
 */
#ifndef SELFTEST_BPF_PATHS_H
#define SELFTEST_BPF_PATHS_H

#include "classic.h"
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>

#define PACKET_LEN	300

static unsigned char packet[PACKET_LEN];

struct path {
	int rx;
	int tx;
	unsigned int header;	/* what the filter sees and the reader does not */
	bool local;		/* delivered by write() itself */
	const void *frame;	/* what to send in place of packet */
	size_t len;
};

static inline MAYBE_UNUSED void drain(int fd)
{
	while (arrived(fd) >= 0)
		;
}

/*
 * Sends one packet, and says how many bytes of it arrived; 0 if it was dropped.
 * Loopback delivers before write() is back unless the kernel is busy, so only a
 * drop takes the full time.
 */
static inline MAYBE_UNUSED int deliver(void *arg)
{
	struct path *path = arg;
	struct pollfd wait = { .fd = path->rx, .events = POLLIN };
	int got;

	drain(path->rx);
	if (write(path->tx, path->frame ?: packet, path->frame ? path->len : sizeof(packet)) < 0)
		bail("write: %s", strerror(errno));
	got = poll(&wait, 1, path->local ? 0 : 250) > 0 ? arrived(path->rx) : 0;
	return got < 0 ? 0 : got;
}

static inline MAYBE_UNUSED struct path unix_path(void)
{
	int sk[2];

	open_pair(sk);
	return (struct path){ .rx = sk[0], .tx = sk[1], .local = true };
}

/* UDP over loopback: the filter sees the UDP header first. */
static inline MAYBE_UNUSED struct path udp_path(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	struct path path = {
		.rx = socket(AF_INET, SOCK_DGRAM, 0),
		.tx = socket(AF_INET, SOCK_DGRAM, 0),
		.header = 8,
	};

	if (bind(path.rx, (struct sockaddr *)&addr, sizeof(addr)) ||
	    getsockname(path.rx, (struct sockaddr *)&addr, &len) ||
	    connect(path.tx, (struct sockaddr *)&addr, sizeof(addr)))
		bail("UDP over loopback: %s", strerror(errno));
	return path;
}

/* What leaves through loopback, with its link layer header or without. */
static inline MAYBE_UNUSED int open_packet(int type, int proto)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons((__u16)proto),
		.sll_ifindex = (int)if_nametoindex("lo"),
	};
	int fd = socket(AF_PACKET, type, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		bail("packet socket: %s", strerror(errno));
	return fd;
}

#define TAG_TCI		0x6123
#define TAG_INNER	0x88b5	/* for experiments */

/*
 * Frames with a VLAN tag through loopback, as they come in: the tag is taken out
 * of the bytes, and the protocol inside is the packet's.
 */
static inline MAYBE_UNUSED struct path tagged_path(void)
{
	static unsigned char frame[PACKET_LEN] = {
		[12] = 0x81, 0x00, TAG_TCI >> 8, TAG_TCI & 0xff, TAG_INNER >> 8, TAG_INNER & 0xff,
		[18] = 0xaa, 0xbb, 0xcc, 0xdd,
	};

	struct path path = {
		.rx = open_packet(SOCK_RAW, ETH_P_ALL),
		.tx = open_packet(SOCK_RAW, 0),
		.frame = frame,
		.len = sizeof(frame),
	};

	if (setsockopt(path.rx, SOL_PACKET, PACKET_IGNORE_OUTGOING, &(int){ 1 }, sizeof(int)))
		bail("ignore what goes out: %s", strerror(errno));
	return path;
}

static inline MAYBE_UNUSED void paths_init(void)
{
	for (int i = 0; i < PACKET_LEN; i++)
		packet[i] = (unsigned char)i;
	loopback_up();
}

#endif
