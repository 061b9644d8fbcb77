// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_skb_vlan_push(), bpf_skb_vlan_pop(): tags beside the packet and in it, and
 * what packet loads see after a header moved.
 *
 * Behind EGRESS a socket that sees everything looks at the frame with its tag.
 * Behind INGRESS there is no such place, so a second program looks.
 */
#include "tc.h"

#define PUSH(proto, tci)						\
	MOV_X(1, 6), MOV_K(2, htons(proto)), MOV_K(3, tci), CALL(BPF_FUNC_skb_vlan_push)
#define POP	MOV_X(1, 6), CALL(BPF_FUNC_skb_vlan_pop)
#define FIELD(f)	LDX(BPF_W, 0, 6, offsetof(struct __sk_buff, f))

/* Did the frame arrive with this tag, or with none? */
static bool has_tag(__u32 hook, int tpid, int tci)
{
	if (hook == EGRESS)
		return arrived.len == FRAME_LEN && arrived.tagged == !!tpid && arrived.tpid == tpid &&
		       arrived.tci == tci;
	return result(1) == (tpid ? (__s64)htons((__u16)tpid) << 16 | tci : 0);
}

/* As run_at(), with a program behind it that shows the tag. */
static long long run_tag(__u32 hook, int fd)
{
	struct cls f = { .dev = hook_dev(hook), .hook = hook, .prio = 2, .direct = true };
	struct cls first = { .dev = f.dev, .hook = hook, .prio = 1, .direct = true, .fd = fd };

	if (fd < 0)
		bail("load: %d\n%s", fd, prog_log);
	f.fd = PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, MOV_X(6, 1),
			 LDX(BPF_W, 0, 6, offsetof(struct __sk_buff, vlan_present)), JMP_K(BPF_JEQ, 0, 0, 4),
			 LDX(BPF_W, 0, 6, offsetof(struct __sk_buff, vlan_proto)),
			 ALU_K(BPF_LSH, 0, 16), LDX(BPF_W, 1, 6, offsetof(struct __sk_buff, vlan_tci)),
			 ALU_X(BPF_OR, 0, 1), STORE_RESULT(1), MOV_K(0, TC_ACT_OK), EXIT());
	if (f.fd < 0 || add_cls(&first) || add_cls(&f))
		bail("two filters: %s", prog_log);
	close(f.fd);
	close(fd);
	send_frame();
	receive(in_fd, 200);
	del_cls(f.dev, hook);
	return result(0);
}

/* Tagged frames end here; the next program is asked. */
#define GO_ON(...)							\
	PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, MOV_X(6, 1), __VA_ARGS__,	\
		  STORE_RESULT(0), MOV_K(0, TC_ACT_UNSPEC), EXIT())

static int at16(int off)
{
	return arrived.bytes[off] << 8 | arrived.bytes[off + 1];
}

static void test_push(const char *name, __u32 hook)
{
	is(run_tag(hook, GO_ON(PUSH(ETH_P_8021Q, 0x6123))), 0, "%s: push", name);
	ok(has_tag(hook, ETH_P_8021Q, 0x6123), "%s: the tag arrives beside the frame", name);
	is(run_tag(hook, GO_ON(PUSH(ETH_P_8021AD, 7))), 0, "%s: push of a service tag", name);
	ok(has_tag(hook, ETH_P_8021AD, 7), "%s: arrives", name);
	is(run_tag(hook, GO_ON(PUSH(ETH_P_IP, 8))), 0, "%s: push of something else", name);
	ok(has_tag(hook, ETH_P_8021Q, 8), "%s: is 802.1Q", name);
	is(run_tag(hook, GO_ON(PUSH(ETH_P_8021Q, 0x12345))), 0, "%s: a tag of 17 bits", name);
	ok(has_tag(hook, ETH_P_8021Q, 0x2345), "%s: 16 of them", name);
	is(run_at(hook, SHOW(PUSH(ETH_P_8021Q, 0x5abc), FIELD(vlan_present))), 1, "%s: vlan_present", name);
	is(run_at(hook, SHOW(PUSH(ETH_P_8021Q, 0x5abc), FIELD(vlan_tci))), 0x5abc, "%s: vlan_tci", name);
	is(run_at(hook, SHOW(PUSH(ETH_P_8021AD, 0x5abc), FIELD(vlan_proto))), htons(ETH_P_8021AD),
	   "%s: vlan_proto", name);
}

static void test_nested(const char *name, __u32 hook)
{
	is(run_at(hook, SHOW(PUSH(ETH_P_8021Q, 1), PUSH(ETH_P_8021AD, 2))), 0, "%s: two tags", name);
	if (hook == EGRESS) {
		ok(arrived.tagged && arrived.tpid == ETH_P_8021AD && arrived.tci == 2,
		   "%s: the second beside the frame", name);
		ok(arrived.len == FRAME_LEN + 4 && at16(12) == ETH_P_8021Q && at16(14) == 1 &&
		   at16(16) == FRAME_TYPE, "%s: the first in it", name);
	}
	/* What the program reads afterwards is the packet as it is now. */
	is(run_at(hook, SHOW(LDABS(BPF_H, 12))), FRAME_TYPE, "%s: type before", name);
	is(run_at(hook, SHOW(LDABS(BPF_H, 12), PUSH(ETH_P_8021Q, 0x321), PUSH(ETH_P_8021Q, 2),
			     LDABS(BPF_H, 12))), ETH_P_8021Q, "%s: type after two tags", name);
	is(run_at(hook, SHOW(PUSH(ETH_P_8021Q, 0x321), PUSH(ETH_P_8021Q, 2), LDABS(BPF_W, 14))),
	   0x321 << 16 | FRAME_TYPE, "%s: and what follows", name);
	is(run_at(hook, SHOW(PUSH(ETH_P_8021Q, 0x321), PUSH(ETH_P_8021Q, 2), MOV_K(7, 2),
			     LDIND(BPF_W, 7, 12))), 0x321 << 16 | FRAME_TYPE, "%s: by index", name);
	is(run_at(hook, SHOW(PUSH(ETH_P_8021Q, 0x321), PUSH(ETH_P_8021Q, 2), FIELD(len))),
	   FRAME_LEN + 4, "%s: len", name);
	is(run_at(hook, SHOW(PUSH(ETH_P_8021Q, 0x321), PUSH(ETH_P_8021Q, 2), FIELD(protocol))),
	   htons(ETH_P_8021Q), "%s: protocol", name);
	is(run_at(hook, SHOW(PUSH(ETH_P_8021Q, 1), PUSH(ETH_P_8021Q, 2), PUSH(ETH_P_8021Q, 3),
			     FIELD(len))), FRAME_LEN + 8, "%s: three tags", name);
}

static void test_pop(const char *name, __u32 hook)
{
	is(run_at(hook, SHOW(POP)), 0, "%s: pop without a tag", name);
	is(memcmp(arrived.bytes, frame, FRAME_LEN), 0, "%s: changes nothing", name);
	is(run_at(hook, SHOW(PUSH(ETH_P_8021Q, 9), POP)), 0, "%s: push and pop", name);
	ok(!arrived.tagged && !memcmp(arrived.bytes, frame, FRAME_LEN), "%s: changes nothing", name);
	is(run_tag(hook, GO_ON(PUSH(ETH_P_8021Q, 9), PUSH(ETH_P_8021Q, 10), POP)), 0,
	   "%s: two, less one", name);
	ok(has_tag(hook, ETH_P_8021Q, 9), "%s: leaves the first", name);
	is(run_at(hook, SHOW(PUSH(ETH_P_8021Q, 9), PUSH(ETH_P_8021Q, 10), POP, FIELD(vlan_tci))), 9,
	   "%s: beside the packet again", name);
	is(run_at(hook, SHOW(PUSH(ETH_P_8021Q, 9), PUSH(ETH_P_8021Q, 10), POP, POP,
			     LDABS(BPF_H, 12))), FRAME_TYPE, "%s: two, less two", name);
	ok(!arrived.tagged && !memcmp(arrived.bytes, frame, FRAME_LEN), "%s: is what it was", name);
}

int main(void)
{
	int all;

	tc_init();
	all = open_frames("t1", ETH_P_ALL);
	for (size_t h = 0; h < ARRAY_LEN(hooks); h++) {
		int typed = in_fd;

		/* A frame without a tag is also seen behind INGRESS. */
		in_fd = hooks[h].hook == EGRESS ? all : typed;
		test_push(hooks[h].name, hooks[h].hook);
		test_nested(hooks[h].name, hooks[h].hook);
		test_pop(hooks[h].name, hooks[h].hook);
		in_fd = typed;
	}
	return finish();
}
