// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_clone_redirect(): a copy goes out of another device, or comes in there, and
 * the packet itself goes on. With an argument: what if the copy comes back.
 */
#include "tc.h"

static int other_in, other_out_in;

#define CLONE_TO(ifindex, flags)					\
	MOV_X(1, 6), LD64(2, ifindex), LD64(3, flags), CALL(BPF_FUNC_clone_redirect)

static long long clone_to(__u32 hook, long long ifindex, __u64 flags)
{
	drain_frames(other_in);
	drain_frames(other_out_in);
	return run_at(hook, SHOW(CLONE_TO(ifindex, flags)));
}

static bool is_frame(void)
{
	return arrived.len == FRAME_LEN && !memcmp(arrived.bytes, frame, FRAME_LEN);
}

static void test_copies(const char *name, __u32 hook)
{
	unsigned int o0 = if_nametoindex("o0");
	struct cls later = { .dev = hook_dev(hook), .hook = hook, .prio = 2, .direct = true };

	is(clone_to(hook, o0, 0), 0, "%s: out of another device", name);
	ok(is_frame(), "%s: the packet goes on", name);
	ok(receive(other_in, 200) && is_frame(), "%s: the copy leaves there", name);
	ok(!receive(other_out_in, 0), "%s: and does not come in", name);

	is(clone_to(hook, o0, BPF_F_INGRESS), 0, "%s: into another device", name);
	ok(is_frame(), "%s: the packet goes on", name);
	ok(receive(other_out_in, 200) && is_frame(), "%s: the copy comes in there", name);
	ok(!receive(other_in, 0), "%s: and does not leave", name);

	is(clone_to(hook, 0x100000000LL | o0, 0), 0, "%s: 32 bits of the index count", name);

	/* The copy does not change with the packet. */
	drain_frames(other_in);
	is(run_at(hook, SHOW(CLONE_TO(o0, 0), ST(BPF_W, 10, -16, -1), MOV_X(1, 6), MOV_K(2, 30),
			     MOV_X(3, 10), ALU_K(BPF_ADD, 3, -16), MOV_K(4, 4), MOV_K(5, 0),
			     CALL(BPF_FUNC_skb_store_bytes))), 0, "%s: a store after the copy", name);
	is(arrived.bytes[30], 0xff, "%s: is in the packet", name);
	ok(receive(other_in, 200) && is_frame(), "%s: and not in the copy", name);

	/* Dropping the packet does not drop the copy. */
	later.fd = PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, MOV_K(0, TC_ACT_SHOT), EXIT());
	drain_frames(other_in);
	later.prio = 1;
	later.fd = PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, MOV_X(6, 1), CLONE_TO(o0, 0),
			     MOV_K(0, TC_ACT_SHOT), EXIT());
	is(add_cls(&later), 0, "%s: a filter that copies and drops", name);
	send_frame();
	ok(!receive(in_fd, 100), "%s: the packet is dropped", name);
	ok(receive(other_in, 200) && is_frame(), "%s: the copy is not", name);
	del_cls(later.dev, hook);
	close(later.fd);
}

static void test_errors(const char *name, __u32 hook)
{
	for (int bit = 1; bit < 64; bit += bit < 6 ? 1 : 19)
		is(clone_to(hook, if_nametoindex("o0"), 1ULL << bit), -EINVAL, "%s: flag bit %d", name, bit);
	is(clone_to(hook, 0, 0), -EINVAL, "%s: no device", name);
	is(clone_to(hook, 12345, 0), -EINVAL, "%s: an unknown device", name);
	is(clone_to(hook, -1, 0), -EINVAL, "%s: a negative one", name);
	ok(is_frame(), "%s: the packet goes on", name);
	printf("verdict %s: a device that is down: out %lld, in %lld\n", name,
	       clone_to(hook, if_nametoindex("down0"), 0),
	       clone_to(hook, if_nametoindex("down0"), BPF_F_INGRESS));
}

/* A program whose copies come back to it, as deep as the kernel lets them. */
static void test_circle(void)
{
	int n;
	long long ret = clone_to(EGRESS, if_nametoindex("t0"), 0);

	for (n = 1; receive(in_fd, 50); n++)
		ok(is_frame(), "circle: frame %d", n);
	printf("verdict circle: %lld, %d frames\n", ret, n);
	is(clone_to(EGRESS, if_nametoindex("o0"), 0), 0, "circle: nothing is left of it");
}

int main(int argc, char **argv)
{
	tc_init();
	if (link_add_veth("o0", "o1", -1) || link_up("o0") || link_up("o1") ||
	    link_add("down0", "dummy"))
		bail("devices");
	other_in = open_frames("o1", FRAME_TYPE);
	other_out_in = open_frames("o0", FRAME_TYPE);
	if (argc > 1) {
		test_circle();
		return finish();
	}
	for (size_t h = 0; h < ARRAY_LEN(hooks); h++) {
		test_copies(hooks[h].name, hooks[h].hook);
		test_errors(hooks[h].name, hooks[h].hook);
	}
	return finish();
}
