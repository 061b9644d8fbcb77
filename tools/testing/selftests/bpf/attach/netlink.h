/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Devices, qdiscs and filters by rtnetlink: as much as tests of traffic control
 * need. Every function returns what the kernel answered, 0 or -errno.
 */
#ifndef SELFTEST_BPF_NETLINK_H
#define SELFTEST_BPF_NETLINK_H

#include "../test.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_bpf.h>
#include <linux/veth.h>

/* Devices of a test are its own, and go with it: several tests share a guest. */
static inline MAYBE_UNUSED void own_net(void)
{
	if (unshare(CLONE_NEWNET))
		bail("a network of my own: %s", strerror(errno));
}

/* A request under construction. */
struct request {
	struct nlmsghdr h;
	char body[4096];
};

static inline MAYBE_UNUSED struct request request(int type, int flags, const void *head, size_t len)
{
	struct request r = {
		.h.nlmsg_type = (__u16)type,
		.h.nlmsg_flags = (__u16)(NLM_F_REQUEST | NLM_F_ACK | flags),
		.h.nlmsg_len = (__u32)NLMSG_LENGTH(len),
	};

	memcpy(r.body, head, len);
	return r;
}

static inline struct rtattr *put(struct request *r, int type, const void *data, size_t len)
{
	struct rtattr *a = (void *)((char *)r + NLMSG_ALIGN(r->h.nlmsg_len));

	a->rta_type = (__u16)type;
	a->rta_len = (__u16)RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), data, len);
	r->h.nlmsg_len = (__u32)(NLMSG_ALIGN(r->h.nlmsg_len) + RTA_ALIGN(a->rta_len));
	return a;
}

static inline MAYBE_UNUSED void put_u32(struct request *r, int type, __u32 v)
{
	put(r, type, &v, sizeof(v));
}

static inline MAYBE_UNUSED void put_text(struct request *r, int type, const char *text)
{
	put(r, type, text, strlen(text) + 1);
}

static inline MAYBE_UNUSED struct rtattr *nest(struct request *r, int type)
{
	return put(r, type, NULL, 0);
}

static inline MAYBE_UNUSED void nest_end(struct request *r, struct rtattr *a)
{
	a->rta_len = (__u16)((char *)r + r->h.nlmsg_len - (char *)a);
}

static inline MAYBE_UNUSED int ask(struct request *r)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char rest[8192];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), ret = -EIO;

	if (send(fd, r, r->h.nlmsg_len, 0) < 0)
		ret = -errno;
	else if (recv(fd, &answer, sizeof(answer), 0) > 0 && answer.h.nlmsg_type == NLMSG_ERROR)
		ret = answer.e.error;
	close(fd);
	return ret;
}

/* ---- devices ---------------------------------------------------------------- */

static inline MAYBE_UNUSED int link_flags(const char *name, short flags)
{
	struct ifreq ifr = { .ifr_flags = flags };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), ret;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	ret = ioctl(fd, SIOCSIFFLAGS, &ifr) ? -errno : 0;
	close(fd);
	return ret;
}

static inline MAYBE_UNUSED int link_up(const char *name)
{
	return link_flags(name, IFF_UP);
}

/* A device without parameters of its own, "dummy" for instance. */
static inline MAYBE_UNUSED int link_add(const char *name, const char *kind)
{
	struct request r = request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
				   &(struct ifinfomsg){ .ifi_family = AF_UNSPEC }, sizeof(struct ifinfomsg));
	struct rtattr *info;

	put_text(&r, IFLA_IFNAME, name);
	info = nest(&r, IFLA_LINKINFO);
	put_text(&r, IFLA_INFO_KIND, kind);
	nest_end(&r, info);
	return ask(&r);
}

/* @peer_ns: descriptor of the namespace of the peer, or -1 */
static inline MAYBE_UNUSED int link_add_veth(const char *name, const char *peer, int peer_ns)
{
	struct ifinfomsg head = { .ifi_family = AF_UNSPEC };
	struct request r = request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	struct rtattr *info, *data, *other;

	put_text(&r, IFLA_IFNAME, name);
	info = nest(&r, IFLA_LINKINFO);
	put_text(&r, IFLA_INFO_KIND, "veth");
	data = nest(&r, IFLA_INFO_DATA);
	other = put(&r, VETH_INFO_PEER, &head, sizeof(head));
	put_text(&r, IFLA_IFNAME, peer);
	if (peer_ns >= 0)
		put_u32(&r, IFLA_NET_NS_FD, (__u32)peer_ns);
	nest_end(&r, other);
	nest_end(&r, data);
	nest_end(&r, info);
	return ask(&r);
}

/* A vxlan device that is told by the packet where to send it. */
static inline MAYBE_UNUSED int link_add_vxlan(const char *name, __u16 port)
{
	struct request r = request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
				   &(struct ifinfomsg){ .ifi_family = AF_UNSPEC }, sizeof(struct ifinfomsg));
	struct rtattr *info, *data;
	__u8 yes = 1;
	__be16 be = htons(port);

	put_text(&r, IFLA_IFNAME, name);
	info = nest(&r, IFLA_LINKINFO);
	put_text(&r, IFLA_INFO_KIND, "vxlan");
	data = nest(&r, IFLA_INFO_DATA);
	put(&r, IFLA_VXLAN_COLLECT_METADATA, &yes, 1);
	put(&r, IFLA_VXLAN_PORT, &be, 2);
	nest_end(&r, data);
	nest_end(&r, info);
	return ask(&r);
}

static inline MAYBE_UNUSED int addr_add(const char *dev, int family, const char *text, int bits)
{
	struct ifaddrmsg head = {
		.ifa_family = (__u8)family,
		.ifa_prefixlen = (__u8)bits,
		.ifa_index = if_nametoindex(dev),
		.ifa_flags = IFA_F_NODAD,
	};
	struct request r = request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	unsigned char addr[16];

	if (inet_pton(family, text, addr) != 1)
		return -EINVAL;
	put(&r, IFA_LOCAL, addr, family == AF_INET ? 4 : 16);
	put(&r, IFA_ADDRESS, addr, family == AF_INET ? 4 : 16);
	return ask(&r);
}

/* ---- traffic control ----------------------------------------------------------- */

#define INGRESS	TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)
#define EGRESS	TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)

static inline MAYBE_UNUSED int add_clsact(const char *dev)
{
	struct tcmsg head = {
		.tcm_ifindex = (int)if_nametoindex(dev),
		.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
		.tcm_parent = TC_H_CLSACT,
	};
	struct request r = request(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));

	put_text(&r, TCA_KIND, "clsact");
	return ask(&r);
}

/**
 * struct cls - a cls_bpf filter
 * @dev: device
 * @hook: INGRESS or EGRESS
 * @prio: filters run in this order
 * @fd: program
 * @direct: its return value is the verdict
 * @classid: of packets that match
 * @acts: programs of actions, from the first, until one is 0
 * @act_default: what an action does if its program leaves it open
 */
struct cls {
	const char *dev;
	__u32 hook;
	__u16 prio;
	int fd;
	bool direct;
	__u32 classid;
	int acts[3];
	int act_default;
};

static inline void put_actions(struct request *r, const struct cls *f)
{
	struct rtattr *all = nest(r, TCA_BPF_ACT);

	for (int i = 0; i < 3 && f->acts[i]; i++) {
		struct tc_act_bpf parms = { .action = f->act_default };
		struct rtattr *one = nest(r, i + 1), *options;

		put_text(r, TCA_ACT_KIND, "bpf");
		options = nest(r, TCA_ACT_OPTIONS | NLA_F_NESTED);
		put(r, TCA_ACT_BPF_PARMS, &parms, sizeof(parms));
		put_u32(r, TCA_ACT_BPF_FD, (__u32)f->acts[i]);
		put_text(r, TCA_ACT_BPF_NAME, "test");
		nest_end(r, options);
		nest_end(r, one);
	}
	nest_end(r, all);
}

/* Whoever sends a request has it by its address: attributes lie in it as another type. */
static inline MAYBE_UNUSED int add_cls_by(const struct cls *f, long (*send_it)(struct request *r))
{
	struct tcmsg head = {
		.tcm_ifindex = (int)if_nametoindex(f->dev),
		.tcm_parent = f->hook,
		.tcm_handle = 1,
		.tcm_info = TC_H_MAKE((__u32)(f->prio ?: 1) << 16, htons(ETH_P_ALL)),
	};
	struct request r = request(RTM_NEWTFILTER, NLM_F_CREATE, &head, sizeof(head));
	struct rtattr *options;

	put_text(&r, TCA_KIND, "bpf");
	options = nest(&r, TCA_OPTIONS);
	put_u32(&r, TCA_BPF_FD, (__u32)f->fd);
	put_text(&r, TCA_BPF_NAME, "test");
	if (f->direct)
		put_u32(&r, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	if (f->classid)
		put_u32(&r, TCA_BPF_CLASSID, f->classid);
	if (f->acts[0])
		put_actions(&r, f);
	nest_end(&r, options);
	return (int)send_it(&r);
}

static inline MAYBE_UNUSED long ask_once(struct request *r)
{
	return ask(r);
}

static inline MAYBE_UNUSED int add_cls(const struct cls *f)
{
	return add_cls_by(f, ask_once);
}

/* All filters of a hook. */
static inline MAYBE_UNUSED struct request del_cls_request(const char *dev, __u32 hook)
{
	struct tcmsg head = { .tcm_ifindex = (int)if_nametoindex(dev), .tcm_parent = hook };

	return request(RTM_DELTFILTER, 0, &head, sizeof(head));
}

static inline MAYBE_UNUSED int del_cls(const char *dev, __u32 hook)
{
	struct request r = del_cls_request(dev, hook);

	return ask(&r);
}

#endif
