// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test runs and what programs do to packets when memory runs out, each allocation
 * of both failing: a helper that cannot make room says -ENOMEM, and the program's
 * packet is what it was. The same on the way out of a device, where packets carry
 * on. See sweep.h.
 *
 * A program returns what its helper said. What comes back of its packet is compared
 * here; where no tag was pushed, which a test run's sum does not follow, the kernel
 * compares the sum too.
 */
#include "sweep.h"

#include "../attach/tc.h"

#define LEN	FRAME_LEN

static int prog = -1;
static unsigned char out[4096];

/* ---- programs ------------------------------------------------------------------------- */

/* Goes on if R0 is 0, else returns it. */
#define OR_RETURN	JMP_K(BPF_JEQ, 0, 0, 1), EXIT()
#define PUSH(tci)							\
	CTX_ARG, MOV_K(2, 0xa888), MOV_K(3, tci), CALL(BPF_FUNC_skb_vlan_push)
#define POP	CTX_ARG, CALL(BPF_FUNC_skb_vlan_pop), OR_RETURN
#define CLONE	CTX_ARG, LDX(BPF_W, 2, 6, offsetof(struct __sk_buff, ifindex)), \
		MOV_K(3, 0), CALL(BPF_FUNC_clone_redirect), OR_RETURN
#define STORE								\
	ST(BPF_DW, 10, -8, 0x7a7a7a7a), CTX_ARG, MOV_K(2, 60), MOV_X(3, 10),	\
	ALU_K(BPF_ADD, 3, -8), MOV_K(4, 8), MOV_K(5, BPF_F_RECOMPUTE_CSUM),	\
	CALL(BPF_FUNC_skb_store_bytes), OR_RETURN
#define REPLACE								\
	CTX_ARG, MOV_K(2, 40), MOV_K(3, 0), MOV_K(4, 0), MOV_K(5, 0),	\
	CALL(BPF_FUNC_l4_csum_replace), OR_RETURN
#define KEY								\
	ST(BPF_W, 10, -8, 77), ST(BPF_W, 10, -4, 0x0a000001), CTX_ARG, MOV_X(2, 10), \
	ALU_K(BPF_ADD, 2, -8), MOV_K(3, 8), MOV_K(4, 0), CALL(BPF_FUNC_skb_set_tunnel_key), \
	OR_RETURN
#define PACKETS(...)							\
	PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, MOV_X(6, 1), __VA_ARGS__, MOV_K(0, 0), EXIT())

/* More tags than there is head room for: the packet moves on the way. */
static int load_tags(bool drop)
{
	const struct bpf_insn one[] = { PUSH(5), JMP_K(BPF_JEQ, 0, 0, 2) };
	const struct bpf_insn returns[] = { MOV_X(0, 0), EXIT() };
	const struct bpf_insn drops[] = { MOV_K(0, TC_ACT_SHOT), EXIT() };
	struct bpf_insn insns[256] = { MOV_X(6, 1) };
	size_t n = 1;

	for (int i = 0; i < 24; i++) {
		memcpy(&insns[n], one, sizeof(one));
		n += ARRAY_LEN(one);
		memcpy(&insns[n], drop ? drops : returns, sizeof(drops));
		n += ARRAY_LEN(drops);
	}
	insns[n++] = MOV_K(0, 0);
	insns[n++] = EXIT();
	return prog_load(BPF_PROG_TYPE_SCHED_CLS, insns, n);
}

enum { NOTHING, TAGS, UNTAG, COPY, COPY_STORE, COPY_REPLACE, COPY_TAGS, TUNNEL, FILTERS,
       OUT_NOTHING, OUT_TAGS };

static int load(long which)
{
	switch (which) {
	case TAGS:
		return load_tags(false);
	case UNTAG:
		return PACKETS(PUSH(1), OR_RETURN, PUSH(2), OR_RETURN, CLONE, POP, POP);
	case COPY:
		return PACKETS(CLONE);
	case COPY_STORE:
		return PACKETS(CLONE, STORE);
	case COPY_REPLACE:
		return PACKETS(CLONE, REPLACE);
	case COPY_TAGS:
		return PACKETS(CLONE, PUSH(1), OR_RETURN, PUSH(2), OR_RETURN);
	case TUNNEL:
		return PACKETS(KEY, CLONE);
	case FILTERS:
		return FILTER(MOV_K(0, 0), EXIT());
	case OUT_TAGS:
		return load_tags(true);
	default:
		return PACKETS(MOV_K(0, 0));
	}
}

/* Counts what comes in at the other end, and drops it: no socket fills up. */
static int load_counter(void)
{
	return PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4),
		       LD_MAP(1, result_map), CALL(BPF_FUNC_map_lookup_elem),
		       JMP_K(BPF_JEQ, 0, 0, 2), MOV_K(1, 1), ATOMIC(BPF_DW, BPF_ADD, 0, 1, 0),
		       MOV_K(0, TC_ACT_SHOT), EXIT());
}

/* What arrived since the try began. A softirq may be late. */
static __u64 came_in(const struct op *op)
{
	for (int i = 0; i < 20 && result(0) < op->arg[4]; i++)
		usleep(1000);
	return (__u64)result(0);
}

static __u64 wanted(const struct op *op)
{
	return (__u64)op->arg[4];
}

static bool prepare(const struct op *op)
{
	const long long zero = 0;

	map_put(result_map, &(int){ 0 }, &zero, 0);
	prog = load(op->arg[0]);
	return prog >= 0;
}

static void undo(const struct op *op, long ret)
{
	close(prog);
}

/* ---- test runs -------------------------------------------------------------------------- */

/* Bytes that may differ: the program was to write them. */
#define STORED_AT	60
#define SUM_AT		40

/* The packet with its tags in the place of the type, and nothing else changed. */
static bool sane(__u32 len)
{
	__u32 tags = len - LEN;

	if (len < LEN || tags % 4 || memcmp(out, frame, 12))
		return false;
	for (__u32 i = STORED_AT; i < STORED_AT + 8; i++)
		out[tags + i] = frame[i];
	for (__u32 i = SUM_AT; i < SUM_AT + 2; i++)
		out[tags + i] = frame[i];
	return !memcmp(out + 12 + tags, frame + 12, LEN - 12);
}

/* arg: program, flags, repeat, whether the packet is left out of the results */
static long run(const struct op *op)
{
	struct __sk_buff in = { .mark = 5, .ifindex = if_nametoindex("t0") }, res = {};
	union bpf_attr attr;
	long err;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (__u32)prog;
	attr.test.data_in = ptr64(frame);
	attr.test.data_size_in = LEN;
	attr.test.data_out = op->arg[3] ? 0 : ptr64(out);
	attr.test.data_size_out = sizeof(out);
	attr.test.ctx_in = ptr64(&in);
	attr.test.ctx_size_in = sizeof(in);
	attr.test.ctx_out = ptr64(&res);
	attr.test.ctx_size_out = sizeof(res);
	attr.test.flags = (__u32)op->arg[1];
	attr.test.repeat = (__u32)op->arg[2];
	err = sys_bpf(BPF_PROG_TEST_RUN, &attr);
	if (err)
		return err;
	if (res.mark != 5)
		return -EPROTO;
	if (op->arg[0] != FILTERS && !op->arg[3] && !sane(attr.test.data_size_out))
		return -EILSEQ;
	return (int)attr.test.retval;
}

#define SUMMED	BPF_F_TEST_SKB_CHECKSUM_COMPLETE
#define RUN(n, which, ...)							\
	{ .name = "test run: " n, .run = run, .prepare = prepare, .undo = undo,	\
	  .only = which, .arg = { __VA_ARGS__ } }
/* Nothing is sent by a run that failed. */
#define RUN_SENDS(n, which, ...)						\
	{ .name = "test run: " n, .run = run, .prepare = prepare, .undo = undo,	\
	  .look = came_in, .done = wanted, .only = which, .arg = { __VA_ARGS__ } }

static const struct op runs[] = {
	RUN("packet and context in and out", BOTH_WAYS, NOTHING, SUMMED, 0),
	RUN("five times", ONE_FAILS, NOTHING, SUMMED, 5),
	RUN("socket filter", ONE_FAILS, FILTERS, 0, 3),
	RUN("vlan_push", BOTH_WAYS, TAGS, 0, 0),
	RUN("vlan_pop of a packet with a copy", ONE_FAILS, UNTAG, 0, 0),
	RUN_SENDS("clone_redirect", BOTH_WAYS, COPY, 0, 0, true, 1),
	RUN("skb_store_bytes with a copy", BOTH_WAYS, COPY_STORE, SUMMED, 0),
	RUN("l4_csum_replace with a copy", ONE_FAILS, COPY_REPLACE, 0, 0),
	RUN("vlan_push with a copy", ONE_FAILS, COPY_TAGS, 0, 0),
	RUN_SENDS("skb_set_tunnel_key, and a copy", BOTH_WAYS, TUNNEL, 0, 0, true, 1),
};

/* ---- on the way out of a device ------------------------------------------------------------ */

static bool prepare_out(const struct op *op)
{
	struct cls f = { .dev = "t0", .hook = EGRESS, .direct = true };

	if (!prepare(op))
		return false;
	f.fd = prog;
	return !add_cls(&f);
}

static void undo_out(const struct op *op, long ret)
{
	if (del_cls("t0", EGRESS))
		bail("%s: the filter stays", op->name);
	undo(op, ret);
}

static long send_one(const struct op *op)
{
	return send(out_fd, frame, LEN, 0) == LEN ? 0 : -errno;
}

#define SEND(n, which, ...)							\
	{ .name = "sent: " n, .run = send_one, .prepare = prepare_out, .undo = undo_out, \
	  .look = came_in, .done = wanted, .only = which, .other_err = -ENOBUFS,	\
	  .arg = { __VA_ARGS__ } }

static const struct op sends[] = {
	SEND("through a program", ONE_FAILS, OUT_NOTHING, 0, 0, 0, 1),
	SEND("with tags pushed", BOTH_WAYS, OUT_TAGS, 0, 0, 0, 1),
};

int main(int argc, char **argv)
{
	struct cls counter = { .dev = "t1", .hook = INGRESS, .direct = true };

	tc_init();
	counter.fd = load_counter();
	if (counter.fd < 0 || add_cls(&counter))
		bail("counter: %d\n%s", counter.fd, prog_log);
	if (!sweep_begin(argv))
		return finish();
	for (size_t i = 0; i < ARRAY_LEN(runs); i++)
		sweep(&runs[i]);
	for (size_t i = 0; i < ARRAY_LEN(sends); i++)
		sweep(&sends[i]);
	return sweep_end();
}
