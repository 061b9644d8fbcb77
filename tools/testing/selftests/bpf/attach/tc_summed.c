// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets with a checksum over all of their bytes (CHECKSUM_COMPLETE), which the
 * helpers must keep true: those that a tunnel takes out of a datagram whose own
 * checksum was verified.
 *
 * A datagram inside is delivered only if what the program made of it is right.
 * The kernel reports a sum that does not fit its packet ("hw csum failure"), and
 * a report fails the test.
 */
#include "tc_tunnel.h"
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <sys/klog.h>

#define IP		14
#define IP_SUM		(IP + 10)
#define IP_SADDR	(IP + 12)
#define UDP		(IP + 20)
#define UDP_SUM		(UDP + 6)
#define PAYLOAD		(UDP + 8)
#define UDP_PORT	7777

static unsigned char datagram[128];
static int rx, tx;

/* Let the wire's sender compute checksums, so that the receiver verifies them. */
static void no_offload(const char *dev)
{
	struct ethtool_value off = { .cmd = ETHTOOL_STXCSUM };
	struct ifreq ifr = { .ifr_data = (void *)&off };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	strcpy(ifr.ifr_name, dev);
	if (ioctl(fd, SIOCETHTOOL, &ifr))
		bail("checksum offload: %s", strerror(errno));
	close(fd);
}

static __u32 sum_of(const unsigned char *p, int len, __u32 sum)
{
	for (int i = 0; i < len; i += 2)
		sum += (__u32)p[i] << 8 | p[i + 1];
	return sum;
}

static void put_sum(int at, __u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	datagram[at] = (unsigned char)(~sum >> 8);
	datagram[at + 1] = (unsigned char)~sum;
}

static void build_datagram(void)
{
	static const unsigned char ip[20] = {
		0x45, 0, 0, sizeof(datagram) - IP, 0, 1, 0x40, 0, 64, IPPROTO_UDP, 0, 0,
		10, 8, 0, 1, 10, 8, 0, 2,
	};
	static const unsigned char udp[8] = { 1, 2, UDP_PORT >> 8, UDP_PORT & 0xff, 0, sizeof(datagram) - UDP };
	struct ifreq ifr = { .ifr_name = "vx" };

	if (ioctl(rx, SIOCGIFHWADDR, &ifr))
		bail("hardware address");
	memcpy(datagram, ifr.ifr_hwaddr.sa_data, 6);
	datagram[6] = 2;
	datagram[12] = 8;
	memcpy(datagram + IP, ip, sizeof(ip));
	memcpy(datagram + UDP, udp, sizeof(udp));
	for (int i = PAYLOAD; i < (int)sizeof(datagram); i++)
		datagram[i] = (unsigned char)(i * 5);
	put_sum(IP_SUM, sum_of(datagram + IP, 20, 0));
	put_sum(UDP_SUM, sum_of(datagram + UDP, sizeof(datagram) - UDP,
				sum_of(datagram + IP_SADDR, 8, IPPROTO_UDP + sizeof(datagram) - UDP)));
}

static void set_up(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(UDP_PORT) };
	struct bpf_tunnel_key key = { .tunnel_id = 5, .tunnel_ttl = 9, .remote_ipv4 = 0x0a090002 };

	result_map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 8, 0);
	topology();
	enter(far_ns);
	if (addr_add("vx", AF_INET, "10.8.0.2", 24))
		bail("address");
	rx = socket(AF_INET, SOCK_DGRAM, 0);
	if (rx < 0 || bind(rx, (struct sockaddr *)&addr, sizeof(addr)))
		bail("socket");
	build_datagram();
	enter(near_ns);
	no_offload("w0");
	replace_program(EGRESS, setter(&key, 0));
	tx = open_frames("vx", 0);
	enter(far_ns);
}

/* Let @fd run where the datagram comes out of the tunnel; how many bytes of it are delivered. */
static int deliver(int fd, unsigned char *payload, struct sockaddr_in *from)
{
	struct pollfd wait = { .fd = rx, .events = POLLIN };
	socklen_t len = sizeof(*from);
	int got = 0;

	replace_program(INGRESS, fd);
	for (int i = 0; i < 4 && got <= 0; i++) {
		map_put(result_map, &(int){ 0 }, &(long long){ NOT_RUN }, 0);
		if (send(tx, datagram, sizeof(datagram), 0) < 0)
			bail("send: %s", strerror(errno));
		if (poll(&wait, 1, 150) > 0)
			got = (int)recvfrom(rx, payload, 256, MSG_DONTWAIT, (void *)from, &len);
	}
	return got;
}

static bool complained(void)
{
	static char log[1 << 20];
	int n = klogctl(3, log, sizeof(log) - 1);

	log[n < 0 ? 0 : n] = '\0';
	return strstr(log, "hw csum failure");
}

/* Store two bytes of the stack at @off. */
#define STORE2(off, value, flags)						\
	ST(BPF_H, 10, -32, htons(value)), MOV_X(1, 6), MOV_K(2, off), MOV_X(3, 10),	\
	ALU_K(BPF_ADD, 3, -32), MOV_K(4, 2), MOV_K(5, flags), CALL(BPF_FUNC_skb_store_bytes)
#define REPLACE(helper, off, from, to, flags)					\
	MOV_X(1, 6), MOV_K(2, off), MOV_K(3, from), MOV_K(4, to), MOV_K(5, flags), CALL(helper)
#define OLD2(off) (datagram[off] | datagram[(off) + 1] << 8)

#define PAYLOAD_LEN ((int)sizeof(datagram) - PAYLOAD)

static void test_edits(void)
{
	struct sockaddr_in from;
	unsigned char got[256];
	__u16 sum = (__u16)(datagram[UDP_SUM] << 8 | datagram[UDP_SUM + 1]);
	int first = datagram[PAYLOAD] << 8 | datagram[PAYLOAD + 1];

	is(deliver(SHOW(MOV_K(0, 0)), got, &from), PAYLOAD_LEN, "as it is");
	/* The sum of the packet as it came in says that all is well: it is in use. */
	is(deliver(SHOW(STORE2(PAYLOAD, first + 1, 0)), got, &from), PAYLOAD_LEN,
	   "a change that the sum is not told of goes unnoticed");
	is(deliver(SHOW(STORE2(PAYLOAD, first + 1, BPF_F_RECOMPUTE_CSUM)), got, &from), 0,
	   "one that it is told of is noticed");
	is(deliver(SHOW(STORE2(PAYLOAD, 0x1234, 0),
			REPLACE(BPF_FUNC_l4_csum_replace, UDP_SUM, OLD2(PAYLOAD), htons(0x1234), 2)),
		   got, &from), PAYLOAD_LEN, "bytes and their checksum");
	is(got[0] << 8 | got[1], 0x1234, "arrive");
	is(deliver(SHOW(STORE2(IP_SADDR + 2, 0x0063, 0),
			REPLACE(BPF_FUNC_l3_csum_replace, IP_SUM, OLD2(IP_SADDR + 2), htons(0x0063), 2),
			REPLACE(BPF_FUNC_l4_csum_replace, UDP_SUM, OLD2(IP_SADDR + 2), htons(0x0063),
				2 | BPF_F_PSEUDO_HDR)), got, &from), PAYLOAD_LEN, "an address");
	is(ntohl(from.sin_addr.s_addr), 0x0a080063, "arrives");
	is(deliver(SHOW(STORE2(IP_SADDR + 2, 0x0063, 0),
			REPLACE(BPF_FUNC_l3_csum_replace, IP_SUM, 0,
				htons(0x0063) + (OLD2(IP_SADDR + 2) ^ 0xffff), 0),
			REPLACE(BPF_FUNC_l4_csum_replace, UDP_SUM, 0,
				htons(0x0063) + (OLD2(IP_SADDR + 2) ^ 0xffff), BPF_F_PSEUDO_HDR)),
		   got, &from), PAYLOAD_LEN, "by a difference");
	/* Each store keeps the sum of the packet; at odd offsets too. */
	is(deliver(SHOW(STORE2(PAYLOAD, first + 1, BPF_F_RECOMPUTE_CSUM),
			STORE2(UDP_SUM, sum - 1, BPF_F_RECOMPUTE_CSUM)), got, &from), PAYLOAD_LEN,
	   "two stores that keep the sum");
	is(deliver(SHOW(STORE2(PAYLOAD + 1, datagram[PAYLOAD + 1] << 8 | (datagram[PAYLOAD + 2] + 2),
			       BPF_F_RECOMPUTE_CSUM),
			STORE2(UDP_SUM, sum - 0x200, BPF_F_RECOMPUTE_CSUM)), got, &from), PAYLOAD_LEN,
	   "one of them at an odd offset");
}

static void test_tags(void)
{
	struct sockaddr_in from;
	unsigned char got[256];

#define PUSH	MOV_X(1, 6), MOV_K(2, htons(ETH_P_8021Q)), MOV_K(3, 5), CALL(BPF_FUNC_skb_vlan_push)
#define POP	MOV_X(1, 6), CALL(BPF_FUNC_skb_vlan_pop)
	is(deliver(SHOW(PUSH, POP), got, &from), PAYLOAD_LEN, "a tag and none");
	is(deliver(SHOW(PUSH, PUSH, POP, POP), got, &from), PAYLOAD_LEN, "two tags and none");
}

int main(void)
{
	set_up();
	test_edits();
	test_tags();
	ok(!complained(), "every sum fitted its packet");
	return finish();
}
