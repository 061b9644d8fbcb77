/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two namespaces with a wire between them, and on each side a vxlan device that is
 * told by programs where to send.
 */
#ifndef SELFTEST_BPF_TC_TUNNEL_H
#define SELFTEST_BPF_TC_TUNNEL_H

#include "tc.h"
#include <fcntl.h>
#include <sched.h>

#define PORT	4789

static int near_ns, far_ns;

static inline MAYBE_UNUSED void enter(int ns)
{
	if (setns(ns, CLONE_NEWNET))
		bail("setns: %s", strerror(errno));
}

static inline MAYBE_UNUSED int this_ns(void)
{
	return open("/proc/self/ns/net", O_RDONLY);
}

static inline MAYBE_UNUSED void allow_ipv6(const char *yes)
{
	FILE *f = fopen("/proc/sys/net/ipv6/conf/default/disable_ipv6", "w");

	if (!f || fputs(yes, f) < 0 || fclose(f))
		bail("disable_ipv6");
}

static inline MAYBE_UNUSED void end(const char *wire, const char *v4, const char *v6)
{
	if (link_up("lo") || addr_add(wire, AF_INET, v4, 24) || link_up(wire) ||
	    addr_add(wire, AF_INET6, v6, 64))
		bail("address %s", v4);
	/* The tunnel's own chatter would be counted. */
	no_ipv6();
	if (link_add_vxlan("vx", PORT) || link_up("vx") || add_clsact("vx"))
		bail("vxlan: %s", strerror(errno));
}

static inline MAYBE_UNUSED void topology(void)
{
	own_net();
	near_ns = this_ns();
	own_net();
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
static inline MAYBE_UNUSED int setter(const struct bpf_tunnel_key *key, __u64 flags)
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

static inline MAYBE_UNUSED void replace_program(__u32 hook, int fd)
{
	struct cls f = { .dev = "vx", .hook = hook, .fd = fd, .direct = true };

	if (fd < 0)
		bail("load: %d\n%s", fd, prog_log);
	del_cls("vx", hook);
	if (add_cls(&f))
		bail("filter");
	close(fd);
}

#endif
