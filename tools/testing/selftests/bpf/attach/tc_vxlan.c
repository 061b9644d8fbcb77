// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tunnel keys through real tunnels: two namespaces, a vxlan device in each that is
 * told by programs where to send, and programs that see where it came from.
 */
#include "tc.h"
#include <fcntl.h>
#include <sched.h>

#define PORT	4789

static int near_ns, far_ns, key_map;

static void enter(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		bail("setns: %s", strerror(errno));
}

static int this_ns(void)
{
	return open("/proc/self/ns/net", O_RDONLY);
}

static void allow_ipv6(const char *yes)
{
	FILE *f = fopen("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w");

	if (!f || fputs(yes, f) < 0 || fclose(f))
		bail("disable_ipv6");
}

static void end(const char *wire, const char *v4, const char *v6)
{
	if (link_up("lo") || addr_add(wire, AF_INET, v4, 24) || link_up(wire) ||
	    addr_add(wire, AF_INET6, v6, 64))
		bail("address %s", v4);
	/* The tunnel's own chatter would be counted. */
	no_ipv6();
	if (link_add_vxlan("vx", PORT) || link_up("vx") || add_clsact("vx"))
		bail("vxlan: %s", strerror(errno));
}

static void topology(void)
{
	near_ns = this_ns();
	if (unshare(CLONE_NEWNET))
		bail("unshare: %s", strerror(errno));
	far_ns = this_ns();
	allow_ipv6("0");
	enter(near_ns);
	if (link_add_veth("w0", "w1", far_ns))
		bail("veth");
	end("w0", "10.9.0.1", "fd09::1");
	enter(far_ns);
	end("w1", "10.9.0.2", "fd09::2");
}

/* Sets @key on every packet that leaves, with @flags. */
static int setter(const struct bpf_tunnel_key *key, __u64 flags)
{
	const __u32 *word = (const void *)key;
	struct bpf_insn prog[64];
	int n = 0;

	prog[n++] = MOV_X(6, 1);
	for (int i = 0; i < (int)sizeof(*key) / 4; i++)
		prog[n++] = ST(BPF_W, 10, -64 + 4 * i, word[i]);
	memcpy(prog + n, (struct bpf_insn[]){
		MOV_X(1, 6), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -64), MOV_K(3, sizeof(*key)),
		LD64(4, flags), CALL(BPF_FUNC_skb_set_tunnel_key), STORE_RESULT(0),
		MOV_K(0, TC_ACT_OK), EXIT() },
	       sizeof((struct bpf_insn[]){
		MOV_X(1, 6), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -64), MOV_K(3, sizeof(*key)),
		LD64(4, flags), CALL(BPF_FUNC_skb_set_tunnel_key), STORE_RESULT(0),
		MOV_K(0, TC_ACT_OK), EXIT() }));
	n += 7 + ARRAY_LEN(((struct bpf_insn[]){ STORE_RESULT(0) })) + 2;
	return prog_load(BPF_PROG_TYPE_SCHED_CLS, prog, (size_t)n);
}

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

static void replace_program(__u32 hook, int fd)
{
	struct cls f = { .dev = "vx", .hook = hook, .fd = fd, .direct = true };

	if (fd < 0)
		bail("load: %d\n%s", fd, prog_log);
	del_cls("vx", hook);
	if (add_cls(&f))
		bail("filter");
	close(fd);
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
