// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classic filters as tcpdump makes them, in the kernel and in libpcap's own
 * interpreter: for every filter and frame both must keep the same bytes. The
 * "verdict" lines must be those of the base's kernel (see tests.list).
 */
#include "test.h"
#include "classic.h"

#define FRAMES 1500

static struct frame frames[FRAMES];

static const char * const expressions[] = {
	"", "ip", "ip6", "arp", "tcp", "udp", "icmp", "icmp6", "igmp", "sctp", "esp",
	"host 10.0.0.1", "src host 10.0.0.2", "dst host 192.168.0.1", "not host 10.0.0.1",
	"net 10.0.0.0/8", "src net 192.168.0.0/16", "dst net 10.0.1.0/24",
	"port 53", "src port 80", "dst port 443", "tcp port 22", "udp port 53",
	"portrange 1000-7000", "tcp dst portrange 400-500", "udp src portrange 60-130",
	"host 10.0.0.1 and port 80", "tcp and (port 80 or port 443) and not src host 10.0.0.1",
	"arp host 10.0.0.2", "ether broadcast", "ether multicast", "ip broadcast or ip multicast",
	"ether host 00:22:33:44:55:01", "ether src 00:22:33:44:55:02", "ether proto 0x88a8",
	"ip6 host 2001:db8::1", "ip6 net fe80::/10", "ip6 proto 17",
	"ip proto 47", "proto 50", "ip6 multicast",
	"tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "tcp[tcpflags] == tcp-ack",
	"ip[6:2] & 0x1fff = 0", "ip[0] & 0xf > 5", "ip[8] < 64",
	"tcp port 80 and (((ip[2:2] - ((ip[0]&0xf)<<2)) - ((tcp[12]&0xf0)>>2)) != 0)",
	"icmp[icmptype] = icmp-echo or icmp[icmptype] = icmp-echoreply",
	"icmp6[icmp6type] = icmp6-neighborsolicit", "udp[4:2] > 100",
	"less 100", "greater 200", "len = 60", "ether[0] & 1 = 0 and ip[16] >= 224",
	"ip[2:2] % 7 = 3", "ip[2:2] / 9 > 20", "ip[4:2] * 3 > 70000", "ip[4] ^ ip[5] = 0",
	"ip[1] | 3 = 7", "ether[12:2] > 1500", "len - 14 > 50", "-ip[8] < -100",
	"ip[ip[0] & 0xf] = 0", "udp[udp[3] & 7] > 128",
	"vlan", "vlan 100", "vlan 100 and ip", "vlan and vlan and udp", "mpls", "mpls 256 and ip",
	"llc", "ether proto \\ip and not (udp or tcp)",
	"(ip and udp port 67 or udp port 68) or arp",
};

/* The kernel hands back the filter that was set. */
static bool reads_back(const struct classic *c)
{
	static struct sock_filter back[ORACLE_MAX];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = c->len;	/* this option counts instructions */
	bool same;

	same = !attach(fd, c) &&
	       !getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, back, &len) &&
	       len == c->len && !memcmp(back, c->insns, len * sizeof(back[0]));
	close(fd);
	return same;
}

static void test_expression(const char *text, int snaplen)
{
	static struct classic c;
	const char *why = oracle_compile(text, snaplen, &c);
	struct tally tally;
	bool same;

	if (why) {
		skip(text, "this libpcap does not compile it: %s", why);
		return;
	}
	same = agree(&c, text, frames, FRAMES, &tally);
	ok(same && reads_back(&c), "'%s', snap length %d: %u instructions, keeps %u of %d frames",
	   text, snaplen, c.len, tally.kept, FRAMES);
	printf("verdict %d '%s' %u %016llx\n", snaplen, text, tally.kept,
	       (unsigned long long)tally.hash);
}

/* protochain makes a backward jump: libpcap must be told, and filter itself. */
static void test_backward(void)
{
	static struct classic c;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (oracle_compile("ip6 protochain 17", 262144, &c))
		skip("protochain", "this libpcap does not compile it");
	else
		is(attach(fd, &c), -EINVAL, "a loop ('ip6 protochain 17') is refused");
	close(fd);
}

int main(void)
{
	/* The short one makes the filter cut what it keeps. */
	static const int snaplens[] = { 262144, 60 };
	struct rng r = { 20260101 };

	frames_make(&r, frames, FRAMES);
	for (size_t s = 0; s < ARRAY_LEN(snaplens); s++)
		for (size_t i = 0; i < ARRAY_LEN(expressions); i++)
			test_expression(expressions[i], snaplens[s]);
	test_backward();
	return finish();
}
