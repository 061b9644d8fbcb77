// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classic programs of tc (cls_bpf, act_bpf) and of iptables (xt_bpf) when memory
 * runs out: each allocation of adding or replacing one fails, and what packets
 * meet is what was there before. See sweep.h.
 *
 * Programs see packets over loopback: a long one, which they may drop, and behind
 * it a short one, which tells that the long one will not come any more.
 */
#include "sweep.h"

#include "../attach/classic.h"
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/netfilter/xt_bpf.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_bpf.h>
#include <poll.h>
#include <stddef.h>

#define LONG	600		/* bytes of a packet that programs choose */
#define SHORT	10
#define CHOSEN	500		/* longer ones, headers counted */
#define INDEX	7		/* of an action of its own */

/* ---- programs and packets ----------------------------------------------------------- */

static struct sock_filter insns[64];

/* @len instructions: @match for a long packet, else 0 */
static size_t chooses(size_t len, __u32 match)
{
	for (size_t i = 0; i < len - 3; i++)
		insns[i] = CSTMT(BPF_LD | BPF_W | BPF_LEN, 0);
	insns[len - 3] = CJUMP(BPF_JMP | BPF_JGT | BPF_K, CHOSEN, 0, 1);
	insns[len - 2] = CSTMT(BPF_RET | BPF_K, match);
	insns[len - 1] = CSTMT(BPF_RET | BPF_K, 0);
	return len;
}

static int udp = -1;

static bool udp_to_itself(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);

	udp = socket(AF_INET, SOCK_DGRAM, 0);
	return !bind(udp, (struct sockaddr *)&addr, len) &&
	       !getsockname(udp, (struct sockaddr *)&addr, &len) &&
	       !connect(udp, (struct sockaddr *)&addr, len);
}

static int next_packet(void)
{
	struct pollfd wait = { udp, POLLIN, 0 };

	poll(&wait, 1, 2000);
	return arrived(udp);
}

/* Does the long one get through? It may be refused as it is sent. */
static bool passes(void)
{
	static const char packet[LONG];
	bool through = false;
	int got;

	if (write(udp, packet, LONG) < 0 && errno != EPERM)
		bail("send: %m");
	if (write(udp, packet, SHORT) != SHORT)
		bail("send: %m");
	got = next_packet();
	if (got == LONG) {
		through = true;
		got = next_packet();
	}
	if (got != SHORT)
		bail("the short packet did not come: %d", got);
	return through;
}

/* ---- requests to the packet schedulers ----------------------------------------------- */

static int nl = -1;
static struct {
	struct nlmsghdr head;
	char body[4096];
} request, answer[4];

static void *put(const void *data, size_t len)
{
	char *at = (char *)&request + NLMSG_ALIGN(request.head.nlmsg_len);

	if (len)
		memcpy(at, data, len);
	request.head.nlmsg_len = NLMSG_ALIGN(request.head.nlmsg_len) + (__u32)NLMSG_ALIGN(len);
	return at;
}

static void start(__u16 type, __u16 flags, const void *body, size_t len)
{
	memset(&request, 0, sizeof(request));
	request.head = (struct nlmsghdr){ NLMSG_HDRLEN, type, (__u16)(NLM_F_REQUEST | flags), 0, 0 };
	put(body, len);
}

static struct rtattr *attr(__u16 type, const void *data, size_t len)
{
	struct rtattr head = { (__u16)RTA_LENGTH(len), type };
	struct rtattr *at = put(&head, sizeof(head));

	put(data, len);
	return at;
}

static struct rtattr *open_nest(__u16 type)
{
	return attr(type, NULL, 0);
}

static void close_nest(struct rtattr *nest)
{
	nest->rta_len = (__u16)((char *)&request + request.head.nlmsg_len - (char *)nest);
}

/*
 * Nothing comes back from a success. No memory for the report of a failure shows
 * as -ENOBUFS.
 */
static long transact(void)
{
	struct nlmsgerr *err = NLMSG_DATA(&answer[0].head);

	if (send(nl, &request, request.head.nlmsg_len, 0) < 0)
		return -errno;
	if (recv(nl, answer, sizeof(answer), MSG_DONTWAIT) < 0)
		return errno == EAGAIN ? 0 : -errno;
	return answer[0].head.nlmsg_type == NLMSG_ERROR ? err->error : -EPROTO;
}

static void start_tc(__u16 type, __u16 flags, __u32 parent, __u32 handle, __u32 info)
{
	struct tcmsg tc = { .tcm_ifindex = (int)if_nametoindex("lo"), .tcm_handle = handle,
			    .tcm_parent = parent, .tcm_info = info };

	start(type, flags, &tc, sizeof(tc));
}

static void put_program(__u16 len_type, __u16 type, size_t len)
{
	__u16 count = (__u16)len;

	attr(len_type, &count, sizeof(count));
	attr(type, insns, len * sizeof(*insns));
}

/* One action, that says @verdict of long packets. */
static void put_action(__u16 type, size_t len, __u32 verdict, __u32 index)
{
	const struct tc_act_bpf parms = { .index = index, .action = TC_ACT_PIPE };
	struct rtattr *list = open_nest(type), *first = open_nest(1), *options;

	attr(TCA_ACT_KIND, "bpf", 4);
	options = open_nest(TCA_ACT_OPTIONS);
	attr(TCA_ACT_BPF_PARMS, &parms, sizeof(parms));
	put_program(TCA_ACT_BPF_OPS_LEN, TCA_ACT_BPF_OPS, chooses(len, verdict));
	close_nest(options);
	close_nest(first);
	close_nest(list);
}

#define INGRESS	TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)

/* A filter for long packets, and an action that drops them, or none. */
static long filter(__u16 flags, size_t len, __u32 match, bool with_action)
{
	struct rtattr *options;

	start_tc(RTM_NEWTFILTER, NLM_F_CREATE | flags, INGRESS, 1, TC_H_MAKE(1 << 16, htons(ETH_P_ALL)));
	attr(TCA_KIND, "bpf", 4);
	options = open_nest(TCA_OPTIONS);
	put_program(TCA_BPF_OPS_LEN, TCA_BPF_OPS, chooses(len, match));
	if (with_action)
		put_action(TCA_BPF_ACT, 8, TC_ACT_SHOT, 0);
	close_nest(options);
	return transact();
}

static long action(__u16 flags, size_t len, __u32 verdict)
{
	const struct tcamsg msg = { .tca_family = AF_UNSPEC };

	start(RTM_NEWACTION, NLM_F_CREATE | flags, &msg, sizeof(msg));
	put_action(TCA_ACT_TAB, len, verdict, INDEX);
	return transact();
}

/* A filter that sends long packets to the action with the index. */
static long filter_of_action(void)
{
	const struct tc_act_bpf parms = { .index = INDEX };
	struct rtattr *options, *list, *first, *inner;

	start_tc(RTM_NEWTFILTER, NLM_F_CREATE, INGRESS, 1, TC_H_MAKE(1 << 16, htons(ETH_P_ALL)));
	attr(TCA_KIND, "bpf", 4);
	options = open_nest(TCA_OPTIONS);
	put_program(TCA_BPF_OPS_LEN, TCA_BPF_OPS, chooses(4, ~0U));
	list = open_nest(TCA_BPF_ACT);
	first = open_nest(1);
	attr(TCA_ACT_KIND, "bpf", 4);
	inner = open_nest(TCA_ACT_OPTIONS);
	attr(TCA_ACT_BPF_PARMS, &parms, sizeof(parms));
	close_nest(inner);
	close_nest(first);
	close_nest(list);
	close_nest(options);
	return transact();
}

/* How many attributes there are in the one of @type; of type 0: there. */
static unsigned int entries(struct rtattr *rta, int left, __u16 type)
{
	unsigned int n = 0;

	for (; RTA_OK(rta, left); rta = RTA_NEXT(rta, left)) {
		if (!type)
			n++;
		else if ((rta->rta_type & NLA_TYPE_MASK) == type)
			n += entries(RTA_DATA(rta), (int)RTA_PAYLOAD(rta), 0);
	}
	return n;
}

/* Things a dump lists: messages, or entries of the table in each. */
static unsigned int dump(void)
{
	unsigned int n = 0;

	request.head.nlmsg_flags |= NLM_F_DUMP;
	if (send(nl, &request, request.head.nlmsg_len, 0) < 0)
		bail("dump: %m");
	for (;;) {
		int left = (int)recv(nl, answer, sizeof(answer), 0);

		if (left < 0)
			bail("dump: %m");
		for (struct nlmsghdr *h = &answer[0].head; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			struct tcamsg *msg = NLMSG_DATA(h);

			if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
				return n;
			n += h->nlmsg_type != RTM_NEWACTION ? 1 :
				entries((struct rtattr *)(msg + 1),
					(int)NLMSG_PAYLOAD(h, sizeof(*msg)), TCA_ACT_TAB);
		}
	}
}

static void start_actions(__u16 type, __u16 flags)
{
	const struct tcamsg msg = { .tca_family = AF_UNSPEC };
	struct rtattr *list, *first;

	start(type, flags, &msg, sizeof(msg));
	list = open_nest(TCA_ACT_TAB);
	first = open_nest(1);
	attr(TCA_ACT_KIND, "bpf", 4);
	close_nest(first);
	close_nest(list);
}

static unsigned int actions(void)
{
	start_actions(RTM_GETACTION, 0);
	return dump();
}

#define SIGHT(pass, filters, actions) ((pass) | (filters) << 1 | (actions) << 16)

/* What long packets meet; lines about filters: one of a priority, one of each. */
static __u64 tc_sight(const struct op *op)
{
	start_tc(RTM_GETTFILTER, 0, INGRESS, 0, 0);
	return SIGHT(passes(), dump(), 0);
}

/* A filter lets go of its actions after a while, so these are not told there. */
static __u64 tc_action_sight(const struct op *op)
{
	return tc_sight(op) | SIGHT(0, 0, actions());
}

/* Nothing may hold an action then. */
static void tc_clear(const struct op *op, long ret)
{
	start_tc(RTM_DELTFILTER, 0, INGRESS, 0, 0);
	transact();
	for (int i = 0; actions(); i++) {
		if (i == 10000)
			bail("%s: an action is still in use", op->name);
		start_actions(RTM_DELACTION, NLM_F_ROOT);
		transact();
		usleep(1000);
	}
}

static bool tc_nothing(const struct op *op)
{
	return passes();
}

static bool tc_dropping(const struct op *op)
{
	return !filter(0, 5, ~0U, true) && !passes();
}

static bool tc_action_dropping(const struct op *op)
{
	return !action(0, 5, TC_ACT_SHOT) && !filter_of_action() && !passes();
}

static long add_filter(const struct op *op)
{
	return filter(NLM_F_EXCL, 20, ~0U, false);
}

static long add_filter_and_action(const struct op *op)
{
	return filter(NLM_F_EXCL, 20, ~0U, true);
}

/* The filter that comes matches nothing. */
static long replace_filter(const struct op *op)
{
	return filter(0, 30, 0, true);
}

static long add_action(const struct op *op)
{
	return action(NLM_F_EXCL, 20, TC_ACT_SHOT);
}

/* The action that comes lets packets pass. */
static long replace_action(const struct op *op)
{
	return action(NLM_F_REPLACE, 30, TC_ACT_OK);
}

static __u64 tc_wanted(const struct op *op)
{
	return (__u64)op->arg[0];
}

/* ---- rules of iptables ----------------------------------------------------------------- */

struct rule {
	struct ipt_entry entry;
	struct xt_standard_target target;
};

struct bpf_rule {
	struct ipt_entry entry;
	struct xt_entry_match match;
	struct xt_bpf_info info;
	struct xt_standard_target target;
};

struct end_rule {
	struct ipt_entry entry;
	struct xt_error_target target;
};

static struct {
	struct ipt_replace head;
	struct rule in, forward;
	char room[sizeof(struct bpf_rule) + sizeof(struct rule) + sizeof(struct end_rule)];
} table;

#define OFFSET(member) (offsetof(typeof(table), member) - sizeof(struct ipt_replace))
#define VERDICT(v) (-(v) - 1)

static struct rule rule(int verdict)
{
	return (struct rule){
		.entry = { .target_offset = sizeof(struct ipt_entry), .next_offset = sizeof(struct rule) },
		.target = { .target.u.user.target_size = sizeof(struct xt_standard_target),
			    .verdict = VERDICT(verdict) },
	};
}

/* Long packets of this machine are dropped if a program of @len returns @match, not 0. */
static struct bpf_rule bpf_rule(size_t len, __u32 match)
{
	struct bpf_rule r = {
		.entry = { .target_offset = offsetof(struct bpf_rule, target),
			   .next_offset = sizeof(r) },
		.match = { .u.user.match_size = sizeof(r.match) + sizeof(r.info),
			   .u.user.name = "bpf" },
		.info = { .bpf_program_num_elem = (__u16)chooses(len, match) },
		.target = rule(NF_DROP).target,
	};

	memcpy(r.info.bpf_program, insns, len * sizeof(*insns));
	return r;
}

/* The whole table, as setsockopt() takes it; @len 0: without a program. */
static long set_table(size_t len, __u32 match)
{
	static struct xt_counters counters[16];
	struct ipt_getinfo info = { .name = "filter" };
	socklen_t size = sizeof(info);
	const struct rule accept = rule(NF_ACCEPT);
	const struct end_rule end = {
		.entry = { .target_offset = sizeof(struct ipt_entry), .next_offset = sizeof(end) },
		.target = { .target.u.user = { .target_size = sizeof(end.target),
					       .name = XT_ERROR_TARGET },
			    .errorname = XT_ERROR_TARGET },
	};
	unsigned int at = 0;

	if (getsockopt(udp, SOL_IP, IPT_SO_GET_INFO, &info, &size))
		return -errno;
	memset(&table, 0, sizeof(table));
	table.in = accept;
	table.forward = accept;
	if (len) {
		const struct bpf_rule by_program = bpf_rule(len, match);

		memcpy(table.room, &by_program, sizeof(by_program));
		at = sizeof(by_program);
	}
	memcpy(table.room + at, &accept, sizeof(accept));
	memcpy(table.room + at + sizeof(accept), &end, sizeof(end));
	table.head = (struct ipt_replace){
		.name = "filter",
		.valid_hooks = 1 << NF_INET_LOCAL_IN | 1 << NF_INET_FORWARD | 1 << NF_INET_LOCAL_OUT,
		.num_entries = len ? 5 : 4,
		.size = (__u32)(OFFSET(room) + at + sizeof(accept) + sizeof(end)),
		.hook_entry = { [NF_INET_LOCAL_IN] = OFFSET(in), [NF_INET_FORWARD] = OFFSET(forward),
				[NF_INET_LOCAL_OUT] = OFFSET(room) },
		.underflow = { [NF_INET_LOCAL_IN] = OFFSET(in), [NF_INET_FORWARD] = OFFSET(forward),
			       [NF_INET_LOCAL_OUT] = (__u32)OFFSET(room) + at },
		.num_counters = info.num_entries,
		.counters = counters,
	};
	return setsockopt(udp, SOL_IP, IPT_SO_SET_REPLACE, &table,
			  (socklen_t)(sizeof(table.head) + table.head.size)) ? -errno : 0;
}

static __u64 xt_sight(const struct op *op)
{
	return passes();
}

static bool xt_nothing(const struct op *op)
{
	return !set_table(0, 0) && passes();
}

static bool xt_dropping(const struct op *op)
{
	return !set_table(5, 1) && !passes();
}

static void xt_clear(const struct op *op, long ret)
{
	set_table(0, 0);
}

static long add_rule(const struct op *op)
{
	return set_table(20, 1);
}

/* Its program matches nothing. */
static long replace_rule(const struct op *op)
{
	return set_table(30, 0);
}

static __u64 dropped(const struct op *op)
{
	return 0;
}

static __u64 passed(const struct op *op)
{
	return 1;
}

/* ---- all ------------------------------------------------------------------------------ */

/* Requests and the report of a failure need memory too, and lack it as -ENOBUFS. */
#define TC(n, body, before, want, which)					\
	{ .name = "tc " n, .run = body, .prepare = before, .undo = tc_clear,	\
	  .look = tc_sight, .done = tc_wanted, .other_err = -ENOBUFS,		\
	  .only = which, .arg = { want } }

/* The base announces an action that is made, and fails if it cannot. */
#define TC_ACTION(n, body, before, want, which)					\
	{ .name = "tc " n, .run = body, .prepare = before, .undo = tc_clear,	\
	  .look = tc_action_sight, .done = tc_wanted, .other_err = -ENOBUFS,	\
	  .late_err = -ENOBUFS, .only = which, .arg = { want } }

/* The base's answer to any program that cannot be made. */
#define XT(n, body, before, after, which)					\
	{ .name = "iptables " n, .run = body, .prepare = before, .undo = xt_clear,	\
	  .look = xt_sight, .done = after, .other_err = -EINVAL, .only = which }

static const struct op filters[] = {
	TC("classifier", add_filter, tc_nothing, SIGHT(1, 2, 0), ONE_FAILS),
	TC("classifier and action", add_filter_and_action, tc_nothing, SIGHT(0, 2, 0), REST_FAILS),
	TC("classifier replaced", replace_filter, tc_dropping, SIGHT(1, 2, 0), REST_FAILS),
	TC_ACTION("action", add_action, tc_nothing, SIGHT(1, 0, 1), REST_FAILS),
	TC_ACTION("action replaced", replace_action, tc_action_dropping, SIGHT(1, 2, 1), REST_FAILS),
	XT("rule", add_rule, xt_nothing, dropped, BOTH_WAYS),
	XT("rule replaced", replace_rule, xt_dropping, passed, REST_FAILS),
};

/* Errors of the kernel still come through at 4. */
static void console_level(const char *level)
{
	if (!sweep_set("/proc/sys/kernel/printk", level))
		bail("the level of messages: %m");
}

int main(int argc, char **argv)
{
	if (!sweep_begin(argv))
		return finish();
	loopback_up();
	nl = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	if (!udp_to_itself() || nl < 0)
		bail("sockets: %m");
	start_tc(RTM_NEWQDISC, NLM_F_CREATE, TC_H_CLSACT, TC_H_MAKE(TC_H_CLSACT, 0), 0);
	attr(TCA_KIND, "clsact", 7);
	is(transact(), 0, "clsact on lo");
	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		/* The base reports counters of iptables that it has no memory for. */
		console_level(filters[i].look == xt_sight ? "4" : "7");
		sweep(&filters[i]);
	}
	console_level("7");
	return sweep_end();
}
