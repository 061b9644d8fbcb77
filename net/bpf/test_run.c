// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_PROG_TEST_RUN for programs over packets: a packet made of the caller's
 * bytes, the program run on it, what became of both given back.
 *
 * The packet looks as one that arrived on a device of the caller's network
 * namespace, the loopback device unless the caller names another. It belongs to
 * this call alone. Socket filters see it from its network header on, traffic
 * control from its link layer header.
 *
 * The caller may set those fields of the context that no packet could contradict.
 * All others must be zero, so that a caller never believes in a value that was
 * not used.
 */
#include <linux/bpf.h>
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/ktime.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/checksum.h>
#include <net/net_namespace.h>

#include "skb.h"

/* What fits in a page beside the head room and the tail of a packet. */
#define DATA_MAX	(PAGE_SIZE - NET_SKB_PAD - NET_IP_ALIGN -		\
			 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))

/**
 * struct test - one call
 * @prog: program
 * @attr: the caller's attribute
 * @uattr: where it came from: results go there
 * @skb: packet
 * @dev: device it arrived on, with a reference
 * @ctx: context as the caller gives and gets it
 * @retval: last result of the program
 * @duration: ns of a run, on average
 */
struct test {
	struct bpf_prog *prog;
	const union bpf_attr *attr;
	union bpf_attr __user *uattr;
	struct sk_buff *skb;
	struct net_device *dev;
	struct __sk_buff ctx;
	u32 retval;
	u32 duration;
};

/* ---- the context ------------------------------------------------------------- */

#define CTX_FIELD(name)	{ offsetof(struct __sk_buff, name), \
			  sizeof_field(struct __sk_buff, name) }

/* Fields a caller may set, by offset. */
static const struct {
	u16 off;
	u16 size;
} settable[] = {
	CTX_FIELD(mark),
	CTX_FIELD(priority),
	CTX_FIELD(ingress_ifindex),
	CTX_FIELD(ifindex),
	CTX_FIELD(cb),
	CTX_FIELD(tstamp),
	CTX_FIELD(wire_len),
	CTX_FIELD(gso_segs),
	CTX_FIELD(gso_size),
	CTX_FIELD(hwtstamp),
};

static bool only_settable(const struct __sk_buff *ctx)
{
	const u8 *bytes = (const u8 *)ctx;
	size_t i, from = 0;

	for (i = 0; i < ARRAY_SIZE(settable); i++) {
		if (memchr_inv(bytes + from, 0, settable[i].off - from))
			return false;
		from = settable[i].off + settable[i].size;
	}
	return !memchr_inv(bytes + from, 0, sizeof(*ctx) - from);
}

/* A caller may know a longer or a shorter context. */
static int take_ctx(struct test *test)
{
	const union bpf_attr *attr = test->attr;
	int err;

	if (!attr->test.ctx_in)
		return 0;
	if (attr->test.ctx_size_in > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(&test->ctx, sizeof(test->ctx),
				    u64_to_user_ptr(attr->test.ctx_in),
				    attr->test.ctx_size_in);
	if (err)
		return err;
	return only_settable(&test->ctx) ? 0 : -EINVAL;
}

static int ctx_to_packet(struct test *test)
{
	const struct __sk_buff *ctx = &test->ctx;
	struct sk_buff *skb = test->skb;
	u32 wire_len = ctx->wire_len ?: skb->len;

	if (wire_len < skb->len || wire_len > GSO_LEGACY_MAX_SIZE ||
	    ctx->gso_segs > GSO_MAX_SEGS)
		return -EINVAL;
	skb->mark = ctx->mark;
	skb->priority = ctx->priority;
	skb->skb_iif = ctx->ingress_ifindex;
	skb->tstamp = ctx->tstamp;
	memcpy(bpf_skb_cb(skb), ctx->cb, BPF_SKB_CB_LEN);
	qdisc_skb_cb(skb)->pkt_len = wire_len;
	skb_shinfo(skb)->gso_segs = ctx->gso_segs;
	skb_shinfo(skb)->gso_size = ctx->gso_size;
	skb_hwtstamps(skb)->hwtstamp = ctx->hwtstamp;
	return 0;
}

static void packet_to_ctx(struct test *test)
{
	struct __sk_buff *ctx = &test->ctx;
	struct sk_buff *skb = test->skb;

	ctx->mark = skb->mark;
	ctx->priority = skb->priority;
	ctx->ingress_ifindex = skb->skb_iif;
	ctx->ifindex = skb->dev->ifindex;
	ctx->tstamp = skb->tstamp;
	memcpy(ctx->cb, bpf_skb_cb(skb), BPF_SKB_CB_LEN);
	ctx->wire_len = qdisc_skb_cb(skb)->pkt_len;
	ctx->gso_segs = skb_shinfo(skb)->gso_segs;
	ctx->hwtstamp = skb_hwtstamps(skb)->hwtstamp;
}

/* ---- the packet -------------------------------------------------------------- */

static int take_device(struct test *test)
{
	struct net *net = current->nsproxy->net_ns;
	u32 ifindex = test->ctx.ifindex ?: net->loopback_dev->ifindex;

	test->dev = dev_get_by_index(net, ifindex);
	return test->dev ? 0 : -ENODEV;
}

static int take_data(struct test *test)
{
	u32 size = test->attr->test.data_size_in;
	struct sk_buff *skb;

	if (size < ETH_HLEN || size > DATA_MAX)
		return -EINVAL;
	skb = alloc_skb(NET_SKB_PAD + NET_IP_ALIGN + size, GFP_USER);
	if (!skb)
		return -ENOMEM;
	test->skb = skb;
	skb_reserve(skb, NET_SKB_PAD + NET_IP_ALIGN);
	if (copy_from_user(skb_put(skb, size),
			   u64_to_user_ptr(test->attr->test.data_in), size))
		return -EFAULT;
	return 0;
}

/* Bytes of the network header that code behind a helper takes for granted. */
static unsigned int network_header_min(const struct sk_buff *skb)
{
	switch (skb->protocol) {
	case htons(ETH_P_IP):
		return sizeof(struct iphdr);
	case htons(ETH_P_IPV6):
		return sizeof(struct ipv6hdr);
	default:
		return 0;
	}
}

/* Bytes in front of the network header, as the program sees the packet. */
static unsigned int link_header(const struct test *test)
{
	return test->prog->type == BPF_PROG_TYPE_SOCKET_FILTER ? 0 : ETH_HLEN;
}

/* What a device says that sums packets, from the network header on. */
static __wsum sum_packet(const struct test *test, unsigned int from)
{
	return skb_checksum(test->skb, from, test->skb->len - from, 0);
}

static int make_packet(struct test *test)
{
	struct sk_buff *skb = test->skb;

	skb->protocol = eth_type_trans(skb, test->dev);
	skb_reset_network_header(skb);
	if (skb_headlen(skb) < network_header_min(skb))
		return -EINVAL;
	if (test->attr->test.flags & BPF_F_TEST_SKB_CHECKSUM_COMPLETE) {
		skb->csum = sum_packet(test, 0);
		skb->ip_summed = CHECKSUM_COMPLETE;
	}
	__skb_push(skb, link_header(test));
	/* Who gives no context and asks for none finds zeroes, also as wire_len. */
	if (!test->attr->test.ctx_in && !test->attr->test.ctx_out)
		return 0;
	return ctx_to_packet(test);
}

/* ---- running ----------------------------------------------------------------- */

/* Runs in one go at most: they keep grace periods from ending. */
#define RUNS_MAX	64

/* Runs until somebody wants the CPU or the task; returns how many runs are left. */
static u32 run_some(struct test *test, u32 left)
{
	u32 stop = left - min_t(u32, left, RUNS_MAX);

	do {
		bpf_compute_data_pointers(test->skb);
		test->retval = bpf_prog_run(test->prog, test->skb);
	} while (--left != stop && !need_resched() && !signal_pending(current));
	return left;
}

static int run(struct test *test)
{
	u32 repeat = test->attr->test.repeat ?: 1;
	u32 left = repeat;
	u64 spent = 0, begin;
	int err = 0;

	while (left && !err) {
		rcu_read_lock();
		migrate_disable();
		begin = ktime_get_ns();
		left = run_some(test, left);
		spent += ktime_get_ns() - begin;
		migrate_enable();
		rcu_read_unlock();

		/* A run that was the last has its results, signal or not. */
		if (left && signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	test->duration = min_t(u64, div_u64(spent, repeat), U32_MAX);
	return err;
}

/* Did the program's helpers keep the sum right? */
static int check_sum(const struct test *test)
{
	unsigned int from = link_header(test);

	if (!(test->attr->test.flags & BPF_F_TEST_SKB_CHECKSUM_COMPLETE))
		return 0;
	if (test->skb->len < from ||
	    csum_fold(sum_packet(test, from)) != csum_fold(test->skb->csum))
		return -EBADMSG;
	return 0;
}

/* ---- results ----------------------------------------------------------------- */

static int give_data(struct test *test)
{
	const union bpf_attr *attr = test->attr;
	void __user *out = u64_to_user_ptr(attr->test.data_out);
	u32 len = test->skb->len, room = attr->test.data_size_out ?: len;
	u32 copied = min(len, room);
	int err = 0;
	void *buf;

	if (attr->test.data_out) {
		buf = kvmalloc(copied, GFP_USER | __GFP_NOWARN);
		if (!buf)
			return -ENOMEM;
		if (skb_copy_bits(test->skb, 0, buf, copied) ||
		    copy_to_user(out, buf, copied))
			err = -EFAULT;
		kvfree(buf);
		if (err)
			return err;
		if (copied < len)
			err = -ENOSPC;
	}
	if (put_user(len, &test->uattr->test.data_size_out) ||
	    put_user(test->retval, &test->uattr->test.retval) ||
	    put_user(test->duration, &test->uattr->test.duration))
		return -EFAULT;
	return err;
}

static int give_ctx(struct test *test)
{
	const union bpf_attr *attr = test->attr;
	u32 len = sizeof(test->ctx);
	u32 copied = min(len, attr->test.ctx_size_out);

	if (!attr->test.ctx_out)
		return 0;
	if (copy_to_user(u64_to_user_ptr(attr->test.ctx_out), &test->ctx, copied) ||
	    put_user(len, &test->uattr->test.ctx_size_out))
		return -EFAULT;
	return copied < len ? -ENOSPC : 0;
}

/* A socket filter saw less than the caller gave. The length counts all the same,
 * but the bytes it could not see are zero, as Linux gives them back.
 */
static void show_link_header(struct test *test)
{
	if (test->prog->type == BPF_PROG_TYPE_SOCKET_FILTER)
		memset(__skb_push(test->skb, ETH_HLEN), 0, ETH_HLEN);
}

/**
 * bpf_test_run_skb() - run a program on a packet of the caller's
 * @prog: socket filter, classifier or action
 * @attr: the caller's attribute; that ctx_in and ctx_out come with sizes was checked
 * @uattr: where it came from
 *
 * Context: process context, may sleep.
 * Return: 0; -EINVAL for flags, a size out of range, a packet shorter than its
 * headers or a field that cannot be set, -E2BIG for a context with unknown bytes
 * that are not zero, -EBADMSG if the packet was to be summed and the sum is wrong
 * afterwards, -ENODEV, -EFAULT, -ENOMEM, -EINTR; -ENOSPC if there was too
 * little room for results, which are then cut.
 */
int bpf_test_run_skb(struct bpf_prog *prog, const union bpf_attr *attr,
		     union bpf_attr __user *uattr)
{
	struct test test;
	int err;

	/* The context goes to user space, padding and all. */
	memset(&test, 0, sizeof(test));
	test.prog = prog;
	test.attr = attr;
	test.uattr = uattr;
	if (attr->test.flags & ~BPF_F_TEST_SKB_CHECKSUM_COMPLETE ||
	    attr->test.cpu || attr->test.batch_size)
		return -EINVAL;
	err = take_data(&test);
	if (!err)
		err = take_ctx(&test);
	if (!err)
		err = take_device(&test);
	if (!err)
		err = make_packet(&test);
	if (!err)
		err = run(&test);
	if (!err)
		err = check_sum(&test);
	if (!err) {
		show_link_header(&test);
		packet_to_ctx(&test);
		err = give_data(&test);
	}
	if (!err)
		err = give_ctx(&test);
	kfree_skb(test.skb);
	dev_put(test.dev);
	return err;
}
