// SPDX-License-Identifier: GPL-2.0-only
/*
 * Times to send at: TCP's packets carry one, and a program on the way in finds it
 * only if it asks what kind of time it is.
 */
#include "tc.h"
#include <netinet/in.h>

#define TSTAMP		((int)offsetof(struct __sk_buff, tstamp))
#define TSTAMP_TYPE	((int)offsetof(struct __sk_buff, tstamp_type))

/* Leaves the greatest R0 there was under a key. */
#define GREATEST(key)							\
	MOV_X(7, 0), ST(BPF_W, 10, -12, key), LD_MAP(1, result_map),	\
	MOV_X(2, 10), ALU_K(BPF_ADD, 2, -12), CALL(BPF_FUNC_map_lookup_elem), \
	JMP_K(BPF_JEQ, 0, 0, 3), LDX(BPF_DW, 1, 0, 0), JMP_X(BPF_JGE, 1, 7, 1), \
	STX(BPF_DW, 0, 7, 0)

static int load(struct bpf_insn *insns, size_t n)
{
	int fd = prog_load(BPF_PROG_TYPE_SCHED_CLS, insns, n);

	if (fd < 0)
		bail("load: %s", prog_log);
	return fd;
}

#define PROG(...) load((struct bpf_insn[]){ MOV_X(6, 1), __VA_ARGS__, MOV_K(0, TC_ACT_UNSPEC), EXIT() }, \
		       ARRAY_LEN(((struct bpf_insn[]){ MOV_X(6, 1), __VA_ARGS__,		  \
						       MOV_K(0, TC_ACT_UNSPEC), EXIT() })))

static void add(__u32 hook, __u16 prio, int fd)
{
	struct cls f = { .dev = "lo", .hook = hook, .prio = prio, .fd = fd, .direct = true };

	if (add_cls(&f))
		bail("filter");
	close(fd);
}

/* A connection over the loopback device, and some bytes through it. */
static void talk(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), peer;
	char buf[100] = "";

	for (int key = 0; key < 8; key++)
		map_put(result_map, &key, &(long long){ 0 }, 0);
	if (bind(server, (void *)&addr, len) || listen(server, 1) ||
	    getsockname(server, (void *)&addr, &len) || connect(client, (void *)&addr, len))
		bail("TCP: %s", strerror(errno));
	peer = accept(server, NULL, NULL);
	for (int i = 0; i < 3; i++)
		if (write(client, buf, sizeof(buf)) < 0 || read(peer, buf, sizeof(buf)) < 0)
			bail("TCP: %s", strerror(errno));
	close(client);
	close(peer);
	close(server);
}

static void clear(void)
{
	del_cls("lo", INGRESS);
	del_cls("lo", EGRESS);
}

int main(void)
{
	result_map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 8, 0);
	own_net();
	if (link_up("lo") || add_clsact("lo"))
		bail("lo");

	add(EGRESS, 1, PROG(LDX(BPF_DW, 0, 6, TSTAMP), GREATEST(0)));
	add(EGRESS, 2, PROG(LDX(BPF_B, 0, 6, TSTAMP_TYPE), GREATEST(1)));
	add(INGRESS, 1, PROG(LDX(BPF_DW, 0, 6, TSTAMP), GREATEST(2)));
	add(INGRESS, 2, PROG(LDX(BPF_B, 0, 6, TSTAMP_TYPE), GREATEST(3), LDX(BPF_DW, 0, 6, TSTAMP),
			     GREATEST(4)));
	talk();
	ok(result(0) > 0, "on the way out there is a time");
	is(result(1), BPF_SKB_TSTAMP_DELIVERY_MONO, "to send at");
	is(result(2), 0, "on the way in there is none");
	is(result(3), BPF_SKB_TSTAMP_DELIVERY_MONO, "but the kind of time says");
	ok(result(4) > 0, "that there is");
	clear();

	/* Who does not ask for the kind stores a time of receipt. */
	add(INGRESS, 1, PROG(MOV_K(1, 12345), STX(BPF_DW, 6, 1, TSTAMP)));
	add(INGRESS, 2, PROG(LDX(BPF_B, 0, 6, TSTAMP_TYPE), GREATEST(0), LDX(BPF_DW, 0, 6, TSTAMP),
			     GREATEST(1)));
	talk();
	is(result(0), 0, "after a store on the way in the kind is another");
	is(result(1), 12345, "and the time is there");
	clear();

	add(INGRESS, 1, PROG(LDX(BPF_B, 2, 6, TSTAMP_TYPE), MOV_K(1, 12345), STX(BPF_DW, 6, 1, TSTAMP)));
	add(INGRESS, 2, PROG(LDX(BPF_B, 0, 6, TSTAMP_TYPE), GREATEST(0), LDX(BPF_DW, 0, 6, TSTAMP),
			     GREATEST(1)));
	talk();
	is(result(0), BPF_SKB_TSTAMP_DELIVERY_MONO, "who asks leaves it");
	is(result(1), 12345, "and sets the time");
	clear();

	add(EGRESS, 1, PROG(MOV_K(1, 54321), STX(BPF_DW, 6, 1, TSTAMP)));
	add(EGRESS, 2, PROG(LDX(BPF_B, 0, 6, TSTAMP_TYPE), GREATEST(0), LDX(BPF_DW, 0, 6, TSTAMP),
			    GREATEST(1)));
	talk();
	is(result(0), BPF_SKB_TSTAMP_DELIVERY_MONO, "a store on the way out leaves the kind");
	is(result(1), 54321, "and sets the time");
	clear();
	return finish();
}
