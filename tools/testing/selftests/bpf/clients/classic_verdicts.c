// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel says to classic filters, as lines "verdict ...". Run on two
 * kernels (see "compare" in tests.list) the lines must be the same: nothing
 * here knows what is right, so the checks are few.
 */
#include "test.h"
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>

#define LEN 1400

static int attach_insns(int fd, const struct sock_filter *insns, unsigned int len)
{
	struct sock_fprog prog = {
		.len = (unsigned short)len,
		.filter = (struct sock_filter *)insns,
	};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) ? -errno : 0;
}

static const char *name_of(int err)
{
	return err < 0 ? strerrorname_np(-err) : "ok";
}

/* Each opcode with operands at the limits the checker could have. */
static void opcodes(int fd)
{
	static const __u32 ks[] = { 0, 1, 15, 16, 31, 32, 64, 0x7fffffff, 0x80000000,
				    (__u32)SKF_LL_OFF, (__u32)SKF_NET_OFF, (__u32)SKF_AD_OFF, 0xffffffff };
	unsigned int accepted = 0;

	for (unsigned int code = 0; code < 0x200; code++) {
		char line[512];
		int at = 0;

		for (size_t i = 0; i < ARRAY_LEN(ks); i++) {
			struct sock_filter insns[] = {
				{ .code = BPF_ST, .k = 1 },
				{ .code = (__u16)code, .k = ks[i] },
				{ .code = BPF_RET | BPF_K },
			};
			int err = attach_insns(fd, insns, 3);

			accepted += !err;
			at += snprintf(line + at, sizeof(line) - at, " %s", name_of(err));
		}
		printf("verdict opcode %03x%s\n", code, line);
	}
	ok(accepted > 100 && accepted < 0x200 * ARRAY_LEN(ks) / 2, "%u opcodes with operand accepted",
	   accepted);
}

/* Every ancillary load, of each size and way, with offsets past the last one. */
static void ancillary_accepted(int fd)
{
	static const __u16 codes[] = { BPF_LD | BPF_W | BPF_ABS, BPF_LD | BPF_H | BPF_ABS,
				       BPF_LD | BPF_B | BPF_ABS, BPF_LD | BPF_W | BPF_IND,
				       BPF_LDX | BPF_B | BPF_MSH };
	unsigned int accepted = 0;

	for (size_t c = 0; c < ARRAY_LEN(codes); c++) {
		printf("verdict ancillary %02x accepted at", codes[c]);
		for (int k = -4; k < SKF_AD_MAX + 8; k++) {
			struct sock_filter insns[] = {
				{ .code = codes[c], .k = (__u32)(SKF_AD_OFF + k) },
				{ .code = BPF_RET | BPF_A },
			};

			if (!attach_insns(fd, insns, 2)) {
				printf(" %d", k);
				accepted++;
			}
		}
		printf("\n");
	}
	ok(accepted > 40, "%u ancillary loads accepted", accepted);
}

static void shapes(int fd)
{
	static struct sock_filter many[BPF_MAXINSNS + 1];
	struct sock_filter jump[] = {
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .jt = 0, .jf = 0, .k = 5 },
		{ .code = BPF_RET | BPF_K, .k = 1 },
		{ .code = BPF_RET | BPF_K, .k = 2 },
	};
	struct sock_filter last = { .code = BPF_LD | BPF_IMM };
	struct sock_filter mem[] = { { .code = BPF_LD | BPF_MEM, .k = 3 }, { .code = BPF_RET | BPF_A } };
	static const unsigned int lens[] = { 0, 1, BPF_MAXINSNS - 1, BPF_MAXINSNS, BPF_MAXINSNS + 1 };

	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (struct sock_filter) { .code = BPF_RET | BPF_K, .k = 7 };
	for (size_t i = 0; i < ARRAY_LEN(lens); i++)
		printf("verdict length %u %s\n", lens[i], name_of(attach_insns(fd, many, lens[i])));
	for (int jt = 0; jt < 4; jt++)
		for (int jf = 0; jf < 4; jf++) {
			jump[0].jt = (__u8)jt;
			jump[0].jf = (__u8)jf;
			printf("verdict jump %d %d %s\n", jt, jf, name_of(attach_insns(fd, jump, 3)));
		}
	for (__u32 k = 0; k < 4; k++) {
		jump[0] = (struct sock_filter) { .code = BPF_JMP | BPF_JA, .k = k };
		printf("verdict ja %u %s\n", k, name_of(attach_insns(fd, jump, 3)));
	}
	printf("verdict ja back %s\n",
	       (jump[0].k = 0xffffffff, name_of(attach_insns(fd, jump, 3))));
	printf("verdict last %s\n", name_of(attach_insns(fd, &last, 1)));
	printf("verdict unwritten %s\n", name_of(attach_insns(fd, mem, 2)));
	printf("verdict null %s\n", name_of(attach_insns(fd, NULL, 1)));
	is(attach_insns(fd, (void *)8, 1), -EFAULT, "a filter at a bad address");
}

static void option_sizes(int fd)
{
	struct sock_filter ret = { .code = BPF_RET | BPF_K, .k = 1 };
	struct sock_fprog prog = { .len = 1, .filter = &ret };
	struct sock_filter back[4];

	for (socklen_t n = 0; n <= sizeof(prog) + 1; n++) {
		int err = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, n) ? -errno : 0;

		printf("verdict optlen %u %s\n", n, name_of(err));
	}
	for (socklen_t n = 0; n < 4; n++) {
		socklen_t got = n;
		int err = getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, back, &got) ? -errno : 0;

		printf("verdict get %u %s %u\n", n, name_of(err), got);
	}
	is(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &(int){ 0 }, 4), 0, "detach");
	is(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &(int){ 0 }, 4) ? -errno : 0, -ENOENT,
	   "detach again");
}

/* A packet socket on lo, and a UDP socket to send from, to one that never reads. */
static int on_loopback(int *sender)
{
	struct sockaddr_ll where = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)if_nametoindex("lo"),
	};
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9999),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), sink = socket(AF_INET, SOCK_DGRAM, 0);

	*sender = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&where, sizeof(where)) ||
	    bind(sink, (struct sockaddr *)&to, sizeof(to)) ||
	    connect(*sender, (struct sockaddr *)&to, sizeof(to)))
		bail("loopback sockets: %s", strerror(errno));
	setsockopt(*sender, SOL_SOCKET, SO_MARK, &(int){ 0x12345 }, sizeof(int));
	return fd;
}

/* The low ten bits of A >> @shift after the load, by how much arrives; -1: dropped. */
static int value_of(int fd, int sender, struct sock_filter load, __u32 shift)
{
	struct sock_filter insns[] = {
		{ .code = BPF_LDX | BPF_IMM, .k = 16 },
		load,
		{ .code = BPF_ALU | BPF_RSH | BPF_K, .k = shift },
		{ .code = BPF_ALU | BPF_AND | BPF_K, .k = 0x3ff },
		{ .code = BPF_ALU | BPF_ADD | BPF_K, .k = 1 },
		{ .code = BPF_RET | BPF_A },
	};
	static const char payload[LEN] = { 'p', 'a', 'y' };
	char sink[2 * LEN];
	ssize_t n;

	while (recv(fd, sink, sizeof(sink), MSG_DONTWAIT) >= 0)
		;
	if (attach_insns(fd, insns, ARRAY_LEN(insns)))
		return -2;
	if (write(sender, payload, sizeof(payload)) < 0)
		bail("write: %s", strerror(errno));
	n = recv(fd, sink, sizeof(sink), MSG_DONTWAIT);
	return n < 0 ? -1 : (int)n - 1;
}

static void values(void)
{
	/* Not here: RANDOM, CPU, RXHASH and the flow-dependent bytes of the packet. */
	static const int ads[] = { SKF_AD_PROTOCOL, SKF_AD_PKTTYPE, SKF_AD_IFINDEX, SKF_AD_NLATTR,
				   SKF_AD_NLATTR_NEST, SKF_AD_MARK, SKF_AD_QUEUE, SKF_AD_HATYPE,
				   SKF_AD_ALU_XOR_X, SKF_AD_VLAN_TAG, SKF_AD_VLAN_TAG_PRESENT,
				   SKF_AD_PAY_OFFSET, SKF_AD_VLAN_TPID };
	static const int offs[] = { 0, 12, 14, 20, 30, 42, 44, 1440, 1441, 1442, 2000, -1,
				    SKF_LL_OFF, SKF_LL_OFF + 12, SKF_NET_OFF, SKF_NET_OFF + 6,
				    SKF_NET_OFF + 28, SKF_NET_OFF - 1, SKF_LL_OFF - 1 };
	static const __u16 sizes[] = { BPF_W, BPF_H, BPF_B };
	int sender, fd = on_loopback(&sender);

	for (size_t i = 0; i < ARRAY_LEN(ads); i++)
		for (__u32 shift = 0; shift < 32; shift += 10) {
			struct sock_filter load = { .code = BPF_LD | BPF_W | BPF_ABS,
						    .k = (__u32)(SKF_AD_OFF + ads[i]) };

			printf("verdict value ad %d >> %u: %d\n", ads[i], shift,
			       value_of(fd, sender, load, shift));
		}
	for (size_t i = 0; i < ARRAY_LEN(offs); i++)
		for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
			struct sock_filter abs = { .code = BPF_LD | BPF_ABS | sizes[s],
						   .k = (__u32)offs[i] };
			struct sock_filter ind = { .code = BPF_LD | BPF_IND | sizes[s],
						   .k = (__u32)offs[i] - 16 };

			printf("verdict value at %d size %u: %d %d\n", offs[i], sizes[s],
			       value_of(fd, sender, abs, 0), value_of(fd, sender, ind, 0));
		}
	is(value_of(fd, sender, (struct sock_filter) { .code = BPF_LD | BPF_W | BPF_LEN }, 0),
	   (LEN + 28 + ETH_HLEN) & 0x3ff, "length of a frame");
	close(fd);
	close(sender);
}

int main(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	opcodes(fd);
	ancillary_accepted(fd);
	shapes(fd);
	option_sizes(fd);
	values();
	return finish();
}
