// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a socket filter reads from struct __sk_buff, at every width, and what it
 * may do with the control block.
 */
#include "paths.h"
#include <stddef.h>

/* Byte @i of *(size *)(ctx + off), read by a program; DROPPED if it ended early. */
static int byte_of_load(struct path *path, __u8 size, int off, int i)
{
	int fd = FILTER(LDX(size, 0, 1, off), ALU_K(BPF_RSH, 0, 8 * i), ALU_K(BPF_AND, 0, 0xff),
			ALU_K(BPF_ADD, 0, 1 + (int)path->header), EXIT());
	int got;

	if (fd < 0)
		bail("load of %d bytes at %d: %d\n%s", size, off, fd, prog_log);
	if (setsockopt(path->rx, SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof(fd)))
		bail("attach: %s", strerror(errno));
	close(fd);
	got = deliver(path);
	return got <= 0 ? -1 : got - 1;
}

static long long load(struct path *path, __u8 size, int off)
{
	int bytes = size == BPF_DW ? 8 : size == BPF_W ? 4 : size == BPF_H ? 2 : 1;
	long long value = 0;

	for (int i = 0; i < bytes; i++) {
		int byte = byte_of_load(path, size, off, i);

		if (byte < 0)
			return DROPPED;
		value |= (long long)byte << (8 * i);
	}
	return value;
}

#define FIELD(path, field)	load(path, BPF_W, offsetof(struct __sk_buff, field))

/*
 * The parts of a field are the parts of its value. Linux 6.1 repeats some short
 * values in the upper bytes of their field; @sure bytes are right there as well.
 */
static bool strict;

static void test_parts(struct path *path, const char *name, int off, int sure)
{
	long long whole = load(path, BPF_W, off);
	int wrong = 0, bytes = strict ? 4 : sure;

	for (int i = 0; i < bytes; i++)
		wrong += load(path, BPF_B, off + i) != (whole >> (8 * i) & 0xff);
	for (int i = 0; i < bytes; i += 2)
		wrong += load(path, BPF_H, off + i) != (whole >> (8 * i) & 0xffff);
	/* Nothing above the part, also where the field has more. */
	for (int i = 4; i < 8; i++)
		wrong += byte_of_load(path, BPF_B, off, i) || byte_of_load(path, BPF_W, off, i);
	is(wrong, 0, "parts of %s", name);
}

static void test_all_parts(struct path *path)
{
#define PARTS(field, sure) { #field, offsetof(struct __sk_buff, field), sure }
	static const struct {
		const char *name;
		int off;
		int sure;
	} fields[] = {
		PARTS(len, 4), PARTS(pkt_type, 1), PARTS(mark, 4), PARTS(queue_mapping, 2),
		PARTS(protocol, 2), PARTS(vlan_present, 1), PARTS(vlan_tci, 2),
		PARTS(vlan_proto, 2), PARTS(priority, 4), PARTS(ingress_ifindex, 4),
		PARTS(ifindex, 4), PARTS(tc_index, 2), PARTS(cb[0], 4), PARTS(cb[4], 4),
		PARTS(hash, 4), PARTS(napi_id, 4), PARTS(gso_segs, 2), PARTS(gso_size, 2),
	};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		test_parts(path, fields[i].name, fields[i].off, fields[i].sure);
}

static void test_local(void)
{
	struct path p = unix_path();

	is(FIELD(&p, len), PACKET_LEN, "local: len");
	is(FIELD(&p, ifindex), 0, "local: no device");
	is(FIELD(&p, protocol), 0, "local: protocol");
	is(FIELD(&p, vlan_present), 0, "local: no tag");
	for (int i = 0; i < 5; i++)
		is(load(&p, BPF_W, offsetof(struct __sk_buff, cb[i])), 0, "local: cb[%d] begins as 0", i);
	is(load(&p, BPF_DW, offsetof(struct __sk_buff, cb[2])), 0, "local: two words of cb at once");
	test_all_parts(&p);
}

static void test_udp(void)
{
	struct path p = udp_path();

	is(setsockopt(p.tx, SOL_SOCKET, SO_MARK, &(int){ 0x12345678 }, sizeof(int)), 0, "mark");
	is(setsockopt(p.tx, SOL_SOCKET, SO_PRIORITY, &(int){ 5 }, sizeof(int)), 0, "priority");
	is(FIELD(&p, len), PACKET_LEN + 8, "UDP: len");
	is(FIELD(&p, pkt_type), PACKET_HOST, "UDP: pkt_type");
	is(FIELD(&p, mark), 0x12345678, "UDP: mark");
	is(FIELD(&p, protocol), htons(ETH_P_IP), "UDP: protocol, in network order");
	is(FIELD(&p, ifindex), if_nametoindex("lo"), "UDP: ifindex");
	is(FIELD(&p, ingress_ifindex), if_nametoindex("lo"), "UDP: ingress_ifindex");
	printf("verdict UDP priority %lld\n", FIELD(&p, priority));
	printf("verdict UDP queue %lld\n", FIELD(&p, queue_mapping));
	printf("verdict UDP tc_index %lld\n", FIELD(&p, tc_index));
	printf("verdict UDP napi %lld\n", FIELD(&p, napi_id));
	printf("verdict UDP gso %lld %lld\n", FIELD(&p, gso_segs), FIELD(&p, gso_size));
	test_all_parts(&p);
}

static void test_tagged(void)
{
	struct path p = tagged_path();

	is(FIELD(&p, len), PACKET_LEN - 4, "tagged: len");
	is(FIELD(&p, vlan_present), 1, "tagged: vlan_present");
	is(FIELD(&p, vlan_tci), TAG_TCI, "tagged: vlan_tci");
	is(FIELD(&p, vlan_proto), htons(ETH_P_8021Q), "tagged: vlan_proto, in network order");
	is(FIELD(&p, protocol), htons(TAG_INNER), "tagged: protocol");
	test_all_parts(&p);
}

/* Runs a program over one packet; the bytes that arrive. */
static int verdict(struct path *path, int fd)
{
	if (fd < 0)
		bail("load: %d\n%s", fd, prog_log);
	if (setsockopt(path->rx, SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof(fd)))
		bail("attach: %s", strerror(errno));
	close(fd);
	return deliver(path);
}

#define CB(i)	((int)offsetof(struct __sk_buff, cb[i]))

static void test_cb(struct path *p, const char *name)
{
	int header = (int)p->header;

	is(verdict(p, FILTER(MOV_K(2, 0x41), STX(BPF_W, 1, 2, CB(0)), LDX(BPF_W, 0, 1, CB(0)),
			     ALU_K(BPF_ADD, 0, header), EXIT())), 0x41, "%s: cb[0]", name);
	is(verdict(p, FILTER(MOV_K(2, 0x41), STX(BPF_B, 1, 2, CB(4) + 3), LDX(BPF_W, 0, 1, CB(4)),
			     ALU_K(BPF_RSH, 0, 24), ALU_K(BPF_ADD, 0, header), EXIT())), 0x41,
	   "%s: last byte of cb[4]", name);
	is(verdict(p, FILTER(MOV_K(2, 0x42), STX(BPF_H, 1, 2, CB(1) + 2), LDX(BPF_B, 0, 1, CB(1) + 2),
			     ALU_K(BPF_ADD, 0, header), EXIT())), 0x42, "%s: half of cb[1]", name);
	is(verdict(p, FILTER(LD64(2, 0x4300000044ULL), STX(BPF_DW, 1, 2, CB(2)), LDX(BPF_W, 0, 1, CB(3)),
			     LDX(BPF_B, 3, 1, CB(2)), ALU_X(BPF_ADD, 0, 3),
			     ALU_K(BPF_ADD, 0, header), EXIT())), 0x43 + 0x44, "%s: two words at once", name);
	is(verdict(p, FILTER(LDX(BPF_W, 0, 1, CB(0)), LDX(BPF_W, 2, 1, CB(1)), ALU_X(BPF_OR, 0, 2),
			     LDX(BPF_W, 2, 1, CB(2)), ALU_X(BPF_OR, 0, 2),
			     LDX(BPF_W, 2, 1, CB(3)), ALU_X(BPF_OR, 0, 2),
			     LDX(BPF_W, 2, 1, CB(4)), ALU_X(BPF_OR, 0, 2),
			     ALU_K(BPF_ADD, 0, 1 + header), EXIT())), 1, "%s: 0 for the next program", name);
}

/* The register of the result may be the one of the context. */
static void test_same_register(struct path *p)
{
	static const int offs[] = {
		offsetof(struct __sk_buff, len), offsetof(struct __sk_buff, pkt_type),
		offsetof(struct __sk_buff, vlan_present), offsetof(struct __sk_buff, ifindex),
		offsetof(struct __sk_buff, napi_id), offsetof(struct __sk_buff, gso_segs),
		offsetof(struct __sk_buff, gso_size), offsetof(struct __sk_buff, cb[1]),
	};
	int wrong = 0;

	for (size_t i = 0; i < ARRAY_LEN(offs); i++) {
		int want = (int)load(p, BPF_B, offs[i]);
		int got = verdict(p, FILTER(LDX(BPF_B, 1, 1, offs[i]), MOV_X(0, 1),
					    ALU_K(BPF_ADD, 0, 1 + (int)p->header), EXIT()));

		wrong += got != want + 1;
	}
	is(wrong, 0, "loads over the context's register");
}

/* Every register keeps its value across each kind of load. */
static void test_other_registers(struct path *p)
{
	struct bpf_insn prog[64];
	int n = 0;

	prog[n++] = MOV_X(6, 1);
	for (__u8 r = 0; r < 10; r++)
		if (r != 6 && r != 3)
			prog[n++] = MOV_K(r, 1 << r);
	prog[n++] = LDX(BPF_W, 3, 6, offsetof(struct __sk_buff, gso_segs));
	prog[n++] = LDX(BPF_W, 3, 6, offsetof(struct __sk_buff, ifindex));
	prog[n++] = LDX(BPF_B, 3, 6, offsetof(struct __sk_buff, mark));
	prog[n++] = LDX(BPF_W, 3, 6, offsetof(struct __sk_buff, napi_id));
	prog[n++] = LDX(BPF_H, 3, 6, offsetof(struct __sk_buff, vlan_present));
	for (__u8 r = 1; r < 10; r++)
		if (r != 6 && r != 3)
			prog[n++] = ALU_X(BPF_ADD, 0, r);
	/* The sum is 1023 - 64 - 8. */
	prog[n++] = JMP_K(BPF_JEQ, 0, 1023 - 64 - 8, 2);
	prog[n++] = MOV_K(0, 0);
	prog[n++] = EXIT();
	prog[n++] = MOV_K(0, 100 + (int)p->header);
	prog[n++] = EXIT();
	is(verdict(p, prog_load(BPF_PROG_TYPE_SOCKET_FILTER, prog, (size_t)n)), 100,
	   "loads leave the other registers alone");
}

int main(int argc, char **argv)
{
	struct path p, q, r;

	strict = argc > 1 && !strcmp(argv[1], "strict");
	paths_init();
	test_local();
	test_udp();
	test_tagged();
	p = unix_path();
	q = udp_path();
	r = tagged_path();
	test_cb(&p, "local");
	test_cb(&q, "UDP");
	test_cb(&r, "tagged");
	test_same_register(&q);
	test_other_registers(&q);
	return finish();
}
