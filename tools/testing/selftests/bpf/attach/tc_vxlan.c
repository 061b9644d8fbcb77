// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tunnel keys through real tunnels: two namespaces, a vxlan device in each that is
 * told by programs where to send, and programs that see where it came from.
 */
#include "tc_tunnel.h"

static int key_map;

/* Copies the key of every packet that comes in to the map. */
static int getter(__u64 flags)
{
	return PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, MOV_X(6, 1), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -128),
			 MOV_K(3, sizeof(struct bpf_tunnel_key)), LD64(4, flags),
			 CALL(BPF_FUNC_skb_get_tunnel_key), STORE_RESULT(1),
			 ST(BPF_W, 10, -4, 0), LD_MAP(1, key_map), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4),
			 MOV_X(3, 10), ALU_K(BPF_ADD, 3, -128), MOV_K(4, 0),
			 CALL(BPF_FUNC_map_update_elem), MOV_K(0, TC_ACT_OK), EXIT());
}

/* One frame from @from to @to, with the key @set; the key that was read there. */
static bool travel(int from, int to, const struct bpf_tunnel_key *set, __u64 set_flags,
		   struct bpf_tunnel_key *got, __u64 get_flags)
{
	int rx, tx;
	bool there;

	memset(got, 0xee, sizeof(*got));
	map_put(key_map, &(int){ 0 }, got, 0);
	map_put(result_map, &(int){ 1 }, &(long long){ NOT_RUN }, 0);
	enter(to);
	replace_program(INGRESS, getter(get_flags));
	rx = open_frames("vx", FRAME_TYPE);
	enter(from);
	replace_program(EGRESS, setter(set, set_flags));
	tx = open_frames("vx", 0);
	/* The first packet may wait for the neighbour. */
	for (int i = 0; i < 5; i++) {
		if (send(tx, frame, sizeof(frame), 0) < 0)
			bail("send: %s", strerror(errno));
		there = receive(rx, 500);
		if (there)
			break;
	}
	map_get(key_map, &(int){ 0 }, got);
	close(rx);
	close(tx);
	return there && arrived.len == FRAME_LEN && !memcmp(arrived.bytes, frame, FRAME_LEN);
}

static __u32 v4(const char *text)
{
	struct in_addr a;

	inet_pton(AF_INET, text, &a);
	return ntohl(a.s_addr);
}

static void test_v4(const char *name, int from, int to, const char *from_addr, const char *to_addr)
{
	struct bpf_tunnel_key set = { .tunnel_id = 0x123456, .tunnel_ttl = 33, .tunnel_tos = 0x20 }, got;

	set.remote_ipv4 = v4(to_addr);
	ok(travel(from, to, &set, 0, &got, 0), "%s: a frame arrives", name);
	is(result(0), 0, "%s: set", name);
	is(result(1), 0, "%s: read", name);
	is(got.tunnel_id, 0x123456, "%s: id", name);
	is(got.remote_ipv4, v4(from_addr), "%s: remote", name);
	is(got.local_ipv4, v4(to_addr), "%s: local", name);
	is(got.tunnel_ttl, 33, "%s: ttl", name);
	is(got.tunnel_tos, 0x20, "%s: tos", name);
	is(got.tunnel_label, 0, "%s: no label", name);

	travel(from, to, &set, 0, &got, BPF_F_TUNINFO_IPV6);
	is(result(1), -EPROTO, "%s: not IPv6", name);
	set.tunnel_id = 0xffffff;
	ok(travel(from, to, &set, BPF_F_ZERO_CSUM_TX | BPF_F_DONT_FRAGMENT, &got, BPF_F_TUNINFO_FLAGS),
	   "%s: no checksum outside, no fragments", name);
	is(got.tunnel_id, 0xffffff, "%s: the highest id", name);
	printf("verdict %s: flags %x\n", name, got.tunnel_ext);
	ok(travel(from, to, &set, 0, &got, BPF_F_TUNINFO_FLAGS), "%s: a checksum outside", name);
	printf("verdict %s: flags %x\n", name, got.tunnel_ext);
	set.remote_ipv4 = v4("10.9.0.77");
	ok(!travel(from, to, &set, 0, &got, 0), "%s: nobody is at another address", name);
}

static void test_v6(const char *name, int from, int to, const char *from_addr, const char *to_addr)
{
	struct bpf_tunnel_key set = { .tunnel_id = 0x42, .tunnel_ttl = 44, .tunnel_label = 0x12345 }, got;
	unsigned char addr[16];

	inet_pton(AF_INET6, to_addr, set.remote_ipv6);
	ok(travel(from, to, &set, BPF_F_TUNINFO_IPV6, &got, BPF_F_TUNINFO_IPV6), "%s: a frame arrives", name);
	is(result(0), 0, "%s: set", name);
	is(result(1), 0, "%s: read", name);
	is(got.tunnel_id, 0x42, "%s: id", name);
	inet_pton(AF_INET6, from_addr, addr);
	is(memcmp(got.remote_ipv6, addr, 16), 0, "%s: remote", name);
	inet_pton(AF_INET6, to_addr, addr);
	is(memcmp(got.local_ipv6, addr, 16), 0, "%s: local", name);
	is(got.tunnel_ttl, 44, "%s: hop limit", name);
	printf("verdict %s: label %x\n", name, got.tunnel_label);
	travel(from, to, &set, BPF_F_TUNINFO_IPV6, &got, 0);
	is(result(1), -EPROTO, "%s: not IPv4", name);
}

int main(void)
{
	for (int i = 0; i < FRAME_LEN; i++)
		frame[i] = (unsigned char)(i < 12 ? 2 : i);
	frame[12] = FRAME_TYPE >> 8;
	frame[13] = FRAME_TYPE & 0xff;
	result_map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 8, 0);
	key_map = map_create(BPF_MAP_TYPE_ARRAY, 4, sizeof(struct bpf_tunnel_key), 1, 0);
	topology();
	test_v4("IPv4", near_ns, far_ns, "10.9.0.1", "10.9.0.2");
	test_v4("IPv4 back", far_ns, near_ns, "10.9.0.2", "10.9.0.1");
	test_v6("IPv6", near_ns, far_ns, "fd09::1", "fd09::2");
	test_v6("IPv6 back", far_ns, near_ns, "fd09::2", "fd09::1");
	return finish();
}
