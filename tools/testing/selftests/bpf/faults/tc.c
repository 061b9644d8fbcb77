// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extended programs of classifiers and actions when memory runs out: each allocation of
 * adding, replacing or removing one fails. What frames meet is what was there before,
 * and no program stays that nobody holds. See sweep.h; classic ones: filters.c.
 *
 * Each program counts in a slot of its own, and a look sends one frame.
 */
#include "sweep.h"

#include "../attach/tc.h"

enum { OLD, NEW, ACTION, PROGS };

static int counts, progs[PROGS], nl = -1;

/* ---- programs ---------------------------------------------------------------------- */

static int load(__u32 slot)
{
	__u32 type = slot == ACTION ? BPF_PROG_TYPE_SCHED_ACT : BPF_PROG_TYPE_SCHED_CLS;
	/* A classifier without a verdict matches, and its actions run. */
	int result = slot == ACTION ? TC_ACT_OK : -1;

	return PROG_LOAD(type, ST(BPF_W, 10, -4, (int)slot), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4),
			 LD_MAP(1, counts), CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 2),
			 MOV_K(1, 1), ATOMIC(BPF_DW, BPF_ADD, 0, 1, 0), MOV_K(0, result), EXIT());
}

static __u64 runs(__u32 slot)
{
	__u64 value = 0;

	map_get(counts, &slot, &value);
	return value;
}

/* Bit n: program n ran with the frame, which always arrives. */
static __u64 look(const struct op *op)
{
	__u64 before[PROGS], seen = 0;

	for (__u32 i = 0; i < PROGS; i++)
		before[i] = runs(i);
	send_frame();
	if (!receive(in_fd, 2000))
		bail("%s: the frame did not arrive", op->name);
	for (__u32 i = 0; i < PROGS; i++)
		seen |= (__u64)(runs(i) > before[i]) << i;
	return seen;
}

static __u64 wanted(const struct op *op)
{
	return (__u64)op->arg[2];
}

/* ---- requests ------------------------------------------------------------------------- */

/* On a socket that is there: making one is not what fails. No answer is a success. */
static long transact(struct request *r)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[8192];
	} answer;

	r->h.nlmsg_flags &= (__u16)~NLM_F_ACK;
	if (send(nl, r, r->h.nlmsg_len, 0) < 0)
		return -errno;
	if (recv(nl, &answer, sizeof(answer), MSG_DONTWAIT) < 0)
		return errno == EAGAIN ? 0 : -errno;
	return answer.h.nlmsg_type == NLMSG_ERROR ? answer.e.error : -EPROTO;
}

static struct cls filter(const struct op *op, int prog, bool with_action)
{
	__u32 hook = op->arg[0] ? INGRESS : EGRESS;

	return (struct cls){
		.dev = hook_dev(hook), .hook = hook, .fd = progs[prog], .direct = !with_action,
		.acts = { with_action ? progs[ACTION] : 0 },
	};
}

/* arg: hook, what there is before, what there is afterwards */
static bool prepare(const struct op *op)
{
	struct cls f = filter(op, OLD, false);

	if (!op->arg[1])
		return true;
	f = filter(op, OLD, op->arg[1] & 1 << ACTION);
	return !add_cls(&f) && look(op) == (__u64)op->arg[1];
}

static void undo(const struct op *op, long ret)
{
	const __u32 hook = op->arg[0] ? INGRESS : EGRESS;

	del_cls(hook_dev(hook), hook);
	if (look(op))
		bail("%s: a program stays", op->name);
}

static long put_filter(const struct op *op)
{
	const struct cls f = filter(op, NEW, op->arg[2] & 1 << ACTION);

	return add_cls_by(&f, transact);
}

static long remove_filters(const struct op *op)
{
	const __u32 hook = op->arg[0] ? INGRESS : EGRESS;
	struct request r = del_cls_request(hook_dev(hook), hook);

	return transact(&r);
}

/* No memory for the report of a failure shows as -ENOBUFS, also when all is done. */
#define OP(n, body, which, ...)							\
	{ .name = "tc " n, .run = body, .prepare = prepare, .undo = undo, .look = look,	\
	  .done = wanted, .other_err = -ENOBUFS, .late_err = -ENOBUFS, .only = which,	\
	  .arg = { __VA_ARGS__ } }
#define HAS(a)		(1 << (a))

static const struct op ops[] = {
	OP("egress: direct action", put_filter, ONE_FAILS, 0, 0, HAS(NEW)),
	OP("egress: direct action replaced", put_filter, ONE_FAILS, 0, HAS(OLD), HAS(NEW)),
	OP("egress: removed", remove_filters, ONE_FAILS, 0, HAS(OLD), 0),
	OP("ingress: classifier and action", put_filter, ONE_FAILS, 1, 0, HAS(NEW) | HAS(ACTION)),
	OP("ingress: both replaced", put_filter, REST_FAILS, 1, HAS(OLD) | HAS(ACTION),
	   HAS(NEW) | HAS(ACTION)),
	OP("ingress: both removed", remove_filters, REST_FAILS, 1, HAS(OLD) | HAS(ACTION), 0),
};

int main(int argc, char **argv)
{
	tc_init();
	if (!sweep_begin(argv))
		return finish();
	nl = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	counts = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, PROGS, 0);
	for (__u32 i = 0; i < PROGS; i++) {
		progs[i] = load(i);
		if (progs[i] < 0)
			bail("program %u: %d\n%s", i, progs[i], prog_log);
	}
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		sweep(&ops[i]);
	return sweep_end();
}
