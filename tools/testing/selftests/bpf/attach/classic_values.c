// SPDX-License-Identifier: GPL-2.0-only
/*
 * What classic programs compute: loads of every kind from packets of several
 * socket families, ancillary values, and random programs against an evaluator
 * written here from the description of the instruction set.
 */
#include "paths.h"
#include <net/if_arp.h>
#include <sched.h>

#define ANC(v)		CSTMT(BPF_LD | BPF_W | BPF_ABS, (__u32)(SKF_AD_OFF + (v)))

/* ---- values ------------------------------------------------------------------------ */

#define VALUE(path, ...)						\
	classic_value((path)->rx, (path)->header, deliver, path,	\
		      CLASSIC(__VA_ARGS__), CLASSIC_LEN(__VA_ARGS__))

#define LDW(k)	CSTMT(BPF_LD | BPF_W | BPF_ABS, (__u32)(k))
#define LDH(k)	CSTMT(BPF_LD | BPF_H | BPF_ABS, (__u32)(k))
#define LDB(k)	CSTMT(BPF_LD | BPF_B | BPF_ABS, (__u32)(k))
#define INDW(k)	CSTMT(BPF_LD | BPF_W | BPF_IND, (__u32)(k))
#define INDB(k)	CSTMT(BPF_LD | BPF_B | BPF_IND, (__u32)(k))
#define IMM(k)	CSTMT(BPF_LD | BPF_IMM, (__u32)(k))
#define IMX(k)	CSTMT(BPF_LDX | BPF_IMM, (__u32)(k))

static void test_loads(void)
{
	struct path p = unix_path();

	is(VALUE(&p, LDW(0)), 0x00010203, "word at 0");
	is(VALUE(&p, LDW(1)), 0x01020304, "word at 1");
	is(VALUE(&p, LDH(7)), 0x0708, "half at 7");
	is(VALUE(&p, LDB(200)), 200, "byte at 200");
	is(VALUE(&p, LDB(299)), 299 & 255, "last byte");
	is(VALUE(&p, LDB(300)), DROPPED, "byte behind the end");
	is(VALUE(&p, LDH(299)), DROPPED, "half over the end");
	is(VALUE(&p, LDW(0x7fffffff)), DROPPED, "farthest word");
	is(VALUE(&p, LDW(0x80000000)), DROPPED, "a negative offset that means nothing");
	is(VALUE(&p, IMX(5), INDW(3)), 0x08090a0b, "word at X + 3");
	is(VALUE(&p, IMX(-1), INDB(3)), 2, "X wraps");
	is(VALUE(&p, IMX(-1), INDB(0)), DROPPED, "byte in front of the packet");
	is(VALUE(&p, IMX(3), INDB(-1)), 2, "negative k, positive sum");
	is(VALUE(&p, IMM(9), IMX(3), INDB(-5), IMM(1)), DROPPED, "negative sum");
	is(VALUE(&p, IMX(4), INDW((__u32)SKF_AD_OFF + SKF_AD_PROTOCOL - 4)), DROPPED,
	   "no ancillary value by way of X");
	is(VALUE(&p, IMM(77), CSTMT(BPF_LDX | BPF_B | BPF_MSH, 0x2b), CSTMT(BPF_ALU | BPF_ADD | BPF_X, 0)),
	   77 + 4 * 0xb, "header length leaves A");
	is(VALUE(&p, IMM(77), CSTMT(BPF_LDX | BPF_B | BPF_MSH, 300)), DROPPED, "header length behind the end");
	is(VALUE(&p, CSTMT(BPF_LD | BPF_W | BPF_LEN, 0)), PACKET_LEN, "length");
	is(VALUE(&p, CSTMT(BPF_LDX | BPF_W | BPF_LEN, 0), CSTMT(BPF_MISC | BPF_TXA, 0)), PACKET_LEN,
	   "length into X");
	is(VALUE(&p, IMM(0x12345678), CSTMT(BPF_ST, 3), IMM(0), CSTMT(BPF_LD | BPF_MEM, 3)), 0x12345678,
	   "scratch");
	is(VALUE(&p, IMX(0x87654321), CSTMT(BPF_STX, 15), CSTMT(BPF_LD | BPF_MEM, 15)), 0x87654321,
	   "scratch from X");
}

static void test_no_device(void)
{
	struct path p = unix_path();

	is(VALUE(&p, ANC(SKF_AD_PROTOCOL)), 0, "local: protocol");
	is(VALUE(&p, IMM(1), CSTMT(BPF_LD | BPF_H | BPF_ABS, (__u32)SKF_AD_OFF), IMM(2)), 2,
	   "ancillary load by half");
	printf("verdict unix pkttype %lld\n", VALUE(&p, ANC(SKF_AD_PKTTYPE)));
	/* The program ends there, with A as it is. */
	for (int anc = SKF_AD_IFINDEX; anc <= SKF_AD_HATYPE; anc += SKF_AD_HATYPE - SKF_AD_IFINDEX) {
		struct sock_filter keep[] = {
			IMM(77), ANC(anc), CSTMT(BPF_RET | BPF_K, 100),
		};

		is(attach_classic(p.rx, keep, 3), 0, "a field of the device, %d", anc);
		is(deliver(&p), 77, "no device, A 77");
		keep[0] = IMM(0);
		attach_classic(p.rx, keep, 3);
		is(deliver(&p), 0, "no device, A 0: dropped");
	}
	is(VALUE(&p, ANC(SKF_AD_MARK)), 0, "local: mark");
	is(VALUE(&p, ANC(SKF_AD_QUEUE)), 0, "local: queue");
	is(VALUE(&p, ANC(SKF_AD_RXHASH)), 0, "local: hash");
	is(VALUE(&p, ANC(SKF_AD_VLAN_TAG)), 0, "local: VLAN tag");
	is(VALUE(&p, ANC(SKF_AD_VLAN_TAG_PRESENT)), 0, "local: VLAN tag present");
	is(VALUE(&p, ANC(SKF_AD_VLAN_TPID)), 0, "local: VLAN protocol");
	is(VALUE(&p, IMM(0xf0f0), IMX(0xff00), ANC(SKF_AD_ALU_XOR_X)), 0x0ff0, "A ^ X by a load");
	printf("verdict unix pay offset %lld\n", VALUE(&p, ANC(SKF_AD_PAY_OFFSET)));
	printf("verdict unix net 0 %lld\n", VALUE(&p, LDW(SKF_NET_OFF)));
	printf("verdict unix link 0 %lld\n", VALUE(&p, LDW(SKF_LL_OFF)));
	printf("verdict unix before link %lld\n", VALUE(&p, LDW(SKF_LL_OFF - 1)));
}

static void test_cpu(void)
{
	struct path p = unix_path();
	cpu_set_t set;
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN);

	for (int cpu = 0; cpu < cpus; cpu++) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		sched_setaffinity(0, sizeof(set), &set);
		is(VALUE(&p, ANC(SKF_AD_CPU)), cpu, "number of CPU %d", cpu);
	}
	CPU_ZERO(&set);
	for (int cpu = 0; cpu < cpus; cpu++)
		CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* Each byte comes from another draw; sixty-four bits of zeros do not happen. */
static void test_random(void)
{
	struct path p = unix_path();
	long long seen = 0;

	for (int i = 0; i < 4; i++)
		seen |= VALUE(&p, ANC(SKF_AD_RANDOM));
	ok(seen > 0, "random numbers are not all 0");
	ok(VALUE(&p, ANC(SKF_AD_RANDOM)) != VALUE(&p, ANC(SKF_AD_RANDOM)), "and differ");
}

static void test_udp(void)
{
	struct path p = udp_path();

	is(VALUE(&p, LDH(4)), PACKET_LEN + 8, "UDP: length in its header");
	is(VALUE(&p, LDW(8)), 0x00010203, "UDP: payload");
	is(VALUE(&p, LDB(SKF_NET_OFF)), 0x45, "UDP: first byte of IP");
	is(VALUE(&p, LDB(SKF_NET_OFF + 9)), IPPROTO_UDP, "UDP: protocol of IP");
	is(VALUE(&p, LDW(SKF_NET_OFF + 28)), 0x00010203, "UDP: payload by network offset");
	is(VALUE(&p, IMX(9), INDB(SKF_NET_OFF)), IPPROTO_UDP, "UDP: network offset by way of X");
	is(VALUE(&p, LDW(SKF_NET_OFF + 28 + PACKET_LEN - 4)), 0x28292a2b, "UDP: last word");
	is(VALUE(&p, LDW(SKF_NET_OFF + 28 + PACKET_LEN - 3)), DROPPED, "UDP: over the end");
	is(VALUE(&p, LDH(SKF_LL_OFF + 12)), ETH_P_IP, "UDP: type in the link layer header");
	is(VALUE(&p, LDB(SKF_LL_OFF + 14)), 0x45, "UDP: IP by link layer offset");
	is(VALUE(&p, LDB(SKF_LL_OFF - 1)), DROPPED, "UDP: in front of the link layer");
	is(VALUE(&p, ANC(SKF_AD_PROTOCOL)), ETH_P_IP, "UDP: protocol");
	is(VALUE(&p, ANC(SKF_AD_PKTTYPE)), PACKET_HOST, "UDP: packet type");
	is(VALUE(&p, CSTMT(BPF_LD | BPF_B | BPF_ABS, (__u32)SKF_AD_OFF + SKF_AD_PROTOCOL)), ETH_P_IP,
	   "UDP: protocol by a byte load");
	is(VALUE(&p, ANC(SKF_AD_IFINDEX)), if_nametoindex("lo"), "UDP: interface");
	is(VALUE(&p, ANC(SKF_AD_HATYPE)), ARPHRD_LOOPBACK, "UDP: interface type");
	is(VALUE(&p, ANC(SKF_AD_PAY_OFFSET)), 8, "UDP: where the payload begins");
	is(setsockopt(p.tx, SOL_SOCKET, SO_MARK, &(int){ 0x12345 }, sizeof(int)), 0, "mark what is sent");
	is(VALUE(&p, ANC(SKF_AD_MARK)), 0x12345, "UDP: mark");
	close(p.rx);
	close(p.tx);
}

static void test_packet(void)
{
	struct path udp = udp_path();
	struct path raw = { .rx = open_packet(SOCK_RAW, ETH_P_IP), .tx = udp.tx };
	struct path all = { .rx = open_packet(SOCK_RAW, ETH_P_ALL), .tx = udp.tx };
	struct path cooked = { .rx = open_packet(SOCK_DGRAM, ETH_P_IP), .tx = udp.tx };

	is(VALUE(&raw, LDH(12)), ETH_P_IP, "packet: type in the link layer header");
	is(VALUE(&raw, LDB(14)), 0x45, "packet: IP");
	is(VALUE(&raw, CSTMT(BPF_LDX | BPF_B | BPF_MSH, 14), CSTMT(BPF_MISC | BPF_TXA, 0)), 20,
	   "packet: length of the IP header");
	is(VALUE(&raw, LDB(SKF_NET_OFF + 9)), IPPROTO_UDP, "packet: protocol by network offset");
	is(VALUE(&raw, ANC(SKF_AD_PROTOCOL)), ETH_P_IP, "packet: protocol");
	is(VALUE(&raw, ANC(SKF_AD_PKTTYPE)), PACKET_HOST, "packet: for this host");
	is(VALUE(&all, ANC(SKF_AD_PKTTYPE)), PACKET_OUTGOING, "packet: outgoing first, of all protocols");
	is(VALUE(&raw, ANC(SKF_AD_HATYPE)), ARPHRD_LOOPBACK, "packet: interface type");
	is(VALUE(&raw, ANC(SKF_AD_PAY_OFFSET)), 14 + 20 + 8, "packet: where the payload begins");
	is(VALUE(&cooked, LDB(0)), 0x45, "cooked: begins with IP");
	is(VALUE(&cooked, LDB(9)), IPPROTO_UDP, "cooked: protocol");
	is(VALUE(&cooked, LDH(SKF_LL_OFF + 12)), ETH_P_IP, "cooked: link layer by its offset");
}

static void test_tagged(void)
{
	struct path p = tagged_path();

	is(VALUE(&p, ANC(SKF_AD_VLAN_TAG_PRESENT)), 1, "tagged: there is a tag");
	is(VALUE(&p, ANC(SKF_AD_VLAN_TAG)), TAG_TCI, "tagged: the tag");
	is(VALUE(&p, ANC(SKF_AD_VLAN_TPID)), ETH_P_8021Q, "tagged: its protocol");
	is(VALUE(&p, ANC(SKF_AD_PROTOCOL)), TAG_INNER, "tagged: the protocol inside");
	is(VALUE(&p, LDH(12)), TAG_INNER, "tagged: the bytes have no tag");
	is(VALUE(&p, LDW(14)), 0xaabbccdd, "tagged: payload");
	is(VALUE(&p, LDW(SKF_NET_OFF)), 0xaabbccdd, "tagged: payload by network offset");
	is(VALUE(&p, CSTMT(BPF_LD | BPF_W | BPF_LEN, 0)), PACKET_LEN - 4, "tagged: length");
}

/* ---- netlink attributes: the filter sees a message the test sent itself ------------- */

/* Offsets: 0 list of types 1, 2 (nested: 5, 6), 3. Types and lengths in host order. */
static const unsigned short attrs[] = {
	8, 1, 0, 0,
	20, 2, 8, 5, 0, 0, 8, 6, 0, 0,
	8, 3, 0, 0,
	3, 9, 0, 0,
};

static void test_nlattr(void)
{
	struct path p = unix_path();
	static const int wants[][3] = {
		/* list, type, offset */
		{ 0, 1, 0 }, { 0, 2, 8 }, { 0, 3, 28 }, { 0, 7, 0 }, { 8, 3, 28 }, { 12, 5, 12 },
		{ 12, 6, 20 }, { 28, 3, 28 }, { PACKET_LEN - 4, 1, 0 }, { PACKET_LEN, 1, 0 },
		{ PACKET_LEN - 3, 1, 0 }, { -1, 1, 0 }, { 0x7fffffff, 1, 0 }, { 0, 9, 0 },
	}, nests[][3] = {
		{ 8, 5, 12 }, { 8, 6, 20 }, { 8, 1, 0 }, { 0, 1, 0 }, { PACKET_LEN - 4, 1, 0 },
		{ -4, 5, 0 }, { 36, 5, 0 },
	};
	unsigned char keep[PACKET_LEN];

	memcpy(keep, packet, sizeof(keep));
	memset(packet, 0, sizeof(packet));
	memcpy(packet, attrs, sizeof(attrs));
	for (size_t i = 0; i < ARRAY_LEN(wants); i++)
		is(VALUE(&p, IMX(wants[i][1]), IMM(wants[i][0]), ANC(SKF_AD_NLATTR)), wants[i][2],
		   "attribute %d of the list at %d", wants[i][1], wants[i][0]);
	for (size_t i = 0; i < ARRAY_LEN(nests); i++)
		is(VALUE(&p, IMX(nests[i][1]), IMM(nests[i][0]), ANC(SKF_AD_NLATTR_NEST)), nests[i][2],
		   "attribute %d inside the one at %d", nests[i][1], nests[i][0]);
	is(VALUE(&p, IMX(2), IMM(0), ANC(SKF_AD_NLATTR), CSTMT(BPF_MISC | BPF_TXA, 0)), 2, "X stays");
	memcpy(packet, keep, sizeof(keep));
}

/* A packet too long to be linear: its tail lies in pages. */
static void test_paged(void)
{
	static char big[60000];
	struct path p = unix_path();
	int size = 1 << 20, got;

	setsockopt(p.tx, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i % 251);
	for (__u32 at = 0; at < 2 * sizeof(big); at += 4093) {
		/* The second time by the network header, which a local packet has at 0. */
		__u32 base = at < sizeof(big) ? 0 : (__u32)SKF_NET_OFF;
		__u32 off = at % sizeof(big);
		__u32 want = (off % 251) << 24 | ((off + 1) % 251) << 16 | ((off + 2) % 251) << 8 | (off + 3) % 251;

		if (off + 4 > sizeof(big))
			continue;
		is(ATTACH(p.rx, LDW(base + off), CJUMP(BPF_JMP | BPF_JEQ | BPF_K, want, 0, 1),
			  CSTMT(BPF_RET | BPF_K, 0xffffffff), CSTMT(BPF_RET | BPF_K, 1)), 0,
		   "compare the word at %#x", base + off);
		if (write(p.tx, big, sizeof(big)) != sizeof(big))
			bail("write of a long packet: %s", strerror(errno));
		got = arrived(p.rx);
		is(got, sizeof(big), "the word at %#x is right", base + off);
	}
	is(ATTACH(p.rx, LDW(59997), CSTMT(BPF_RET | BPF_K, 1)), 0, "look over the end");
	if (write(p.tx, big, sizeof(big)) != sizeof(big))
		bail("write of a long packet: %s", strerror(errno));
	is(arrived(p.rx), -EAGAIN, "dropped");
}

/* ---- random programs ------------------------------------------------------------------ */

static unsigned long long rng_state = 88172645463325252ULL;

static __u32 rng(void)
{
	rng_state ^= rng_state << 13;
	rng_state ^= rng_state >> 7;
	rng_state ^= rng_state << 17;
	return (__u32)(rng_state >> 16);
}

static __u32 rng_operand(void)
{
	static const __u32 special[] = { 0, 1, 2, 31, 255, 0x7fffffff, 0x80000000, 0xffffffff };

	return rng() % 2 ? special[rng() % ARRAY_LEN(special)] : rng() >> rng() % 32;
}

/* Packet byte range as a number, or -1. */
static long long peek(__u32 off, int size)
{
	__u32 v = 0;

	if (off > PACKET_LEN || PACKET_LEN - off < (__u32)size)
		return -1;
	for (int i = 0; i < size; i++)
		v = v << 8 | packet[off + (__u32)i];
	return v;
}

static bool taken(__u8 op, __u32 a, __u32 b)
{
	return op == BPF_JEQ ? a == b : op == BPF_JGT ? a > b : op == BPF_JGE ? a >= b : a & b;
}

/* A op b, or -1 where the program ends. */
static long long alu(__u8 op, __u32 a, __u32 b)
{
	if ((op == BPF_DIV || op == BPF_MOD) && !b)
		return -1;
	switch (op) {
	case BPF_ADD: return (__u32)(a + b);
	case BPF_SUB: return (__u32)(a - b);
	case BPF_MUL: return (__u32)(a * b);
	case BPF_DIV: return a / b;
	case BPF_MOD: return a % b;
	case BPF_AND: return a & b;
	case BPF_OR:  return a | b;
	case BPF_XOR: return a ^ b;
	case BPF_LSH: return (__u32)(a << (b & 31));
	case BPF_RSH: return a >> (b & 31);
	default:      return (__u32)-a;
	}
}

static long long evaluate(const struct sock_filter *insns, int len)
{
	__u32 a = 0, x = 0, mem[BPF_MEMWORDS] = { 0 };
	long long v;

	for (int pc = 0; pc < len; pc++) {
		const struct sock_filter *i = &insns[pc];
		__u32 b = BPF_SRC(i->code) == BPF_X ? x : i->k;
		int size = BPF_SIZE(i->code) == BPF_W ? 4 : BPF_SIZE(i->code) == BPF_H ? 2 : 1;

		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
			switch (BPF_MODE(i->code)) {
			case BPF_IMM: v = i->k; break;
			case BPF_MEM: v = mem[i->k]; break;
			case BPF_LEN: v = PACKET_LEN; break;
			case BPF_IND: v = peek(x + i->k, size); break;
			default:      v = peek(i->k, size);
			}
			if (v < 0)
				return DROPPED;
			a = (__u32)v;
			break;
		case BPF_LDX:
			switch (BPF_MODE(i->code)) {
			case BPF_IMM: v = i->k; break;
			case BPF_MEM: v = mem[i->k]; break;
			case BPF_LEN: v = PACKET_LEN; break;
			default:      v = peek(i->k, 1);
			}
			if (v < 0)
				return DROPPED;
			x = BPF_MODE(i->code) == BPF_MSH ? 4 * ((__u32)v & 15) : (__u32)v;
			break;
		case BPF_ST:  mem[i->k] = a; break;
		case BPF_STX: mem[i->k] = x; break;
		case BPF_ALU:
			v = alu(BPF_OP(i->code), a, b);
			if (v < 0)
				return DROPPED;
			a = (__u32)v;
			break;
		case BPF_JMP:
			if (BPF_OP(i->code) == BPF_JA)
				pc += (int)i->k;
			else
				pc += taken(BPF_OP(i->code), a, b) ? i->jt : i->jf;
			break;
		default:
			if (BPF_MISCOP(i->code) == BPF_TAX)
				x = a;
			else
				a = x;
		}
	}
	return a;
}

/* An instruction that is legal with @left instructions behind it. */
static struct sock_filter rng_insn(unsigned int left)
{
	static const __u16 codes[] = {
		BPF_LD | BPF_W | BPF_ABS, BPF_LD | BPF_H | BPF_ABS, BPF_LD | BPF_B | BPF_ABS,
		BPF_LD | BPF_W | BPF_IND, BPF_LD | BPF_H | BPF_IND, BPF_LD | BPF_B | BPF_IND,
		BPF_LD | BPF_IMM, BPF_LDX | BPF_IMM, BPF_LD | BPF_MEM, BPF_LDX | BPF_MEM,
		BPF_LD | BPF_W | BPF_LEN, BPF_LDX | BPF_W | BPF_LEN, BPF_LDX | BPF_B | BPF_MSH,
		BPF_ST, BPF_STX, BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA, BPF_ALU | BPF_NEG,
	};
	struct sock_filter insn = { .k = rng_operand() };
	__u32 kind = rng() % 3;

	if (kind == 0) {
		insn.code = codes[rng() % ARRAY_LEN(codes)];
	} else if (kind == 1 || left < 2) {
		insn.code = (__u16)(BPF_ALU | (rng() % 11) << 4 | (rng() % 2 ? BPF_X : BPF_K));
		if (BPF_OP(insn.code) == BPF_NEG)
			insn.code = BPF_ALU | BPF_NEG;
	} else {
		insn.code = (__u16)(BPF_JMP | (1 + rng() % 4) << 4 | (rng() % 2 ? BPF_X : BPF_K));
		insn.jt = (__u8)(rng() % left);
		insn.jf = (__u8)(rng() % left);
		if (rng() % 8 == 0) {
			insn.code = BPF_JMP | BPF_JA;
			insn.k = rng() % left;
		}
	}

	if (BPF_CLASS(insn.code) == BPF_ST || BPF_CLASS(insn.code) == BPF_STX ||
	    (BPF_CLASS(insn.code) <= BPF_LDX && BPF_MODE(insn.code) == BPF_MEM))
		insn.k %= BPF_MEMWORDS;
	else if (BPF_CLASS(insn.code) <= BPF_LDX && BPF_MODE(insn.code) >= BPF_ABS &&
		 BPF_MODE(insn.code) != BPF_IND && rng() % 16)
		insn.k %= PACKET_LEN - 3;
	else if (BPF_CLASS(insn.code) <= BPF_LDX && BPF_MODE(insn.code) >= BPF_ABS && insn.k >> 31)
		insn.k &= 0xffff;
	if (BPF_CLASS(insn.code) == BPF_ALU && BPF_SRC(insn.code) == BPF_K) {
		__u8 op = BPF_OP(insn.code);

		if (op == BPF_LSH || op == BPF_RSH)
			insn.k %= 32;
		if (!insn.k)
			insn.k = 3;
	}
	return insn;
}

static void test_fuzz(int rounds)
{
	struct path p = unix_path();
	int wrong = 0, dropped = 0;

	for (int round = 0; round < rounds; round++) {
		struct sock_filter prog[BPF_MEMWORDS + 1 + 48];
		int len = 0, n = 1 + (int)(rng() % 40);
		long long want, got;

		/* Give all that may be read a value first. */
		prog[len++] = IMM(rng_operand());
		for (__u32 i = 0; i < BPF_MEMWORDS; i++)
			prog[len++] = CSTMT(BPF_ST, i);
		prog[len++] = IMX(rng() % PACKET_LEN);
		for (int i = 0; i < n; i++)
			prog[len++] = rng_insn((unsigned int)(n - i - 1));
		want = evaluate(prog, len);
		got = classic_value(p.rx, 0, deliver, &p, prog, (size_t)len);
		dropped += want == DROPPED;
		if (got == want)
			continue;
		if (wrong++ < 3) {
			note("round %d: got %#llx want %#llx", round, got, want);
			for (int i = 0; i < len; i++)
				note("  { %#x, %u, %u, %#x }", prog[i].code, prog[i].jt, prog[i].jf, prog[i].k);
		}
	}
	is(wrong, 0, "%d random programs", rounds);
	ok(dropped < rounds / 2, "%d of them end early", dropped);
}

int main(int argc, char **argv)
{
	paths_init();
	test_loads();
	test_no_device();
	test_cpu();
	test_random();
	test_udp();
	test_packet();
	test_tagged();
	test_nlattr();
	test_paged();
	test_fuzz(argc > 1 ? atoi(argv[1]) : 1500);
	return finish();
}
