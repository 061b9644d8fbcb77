// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs on sockets: attach, detach, show, run.
 *
 * A socket points to a struct sk_filter, written under the socket's lock and
 * read under RCU; a filter is shared by a socket and the sockets cloned from
 * it, each of which pays for it from its option memory. Programs that choose
 * among the sockets of a reuseport group belong to the group.
 *
 * Also here: what the rest of the networking code expects of this file for
 * program types that cannot be loaded. Those functions refuse, and whoever
 * hands a packet over to one of them gets it freed.
 */
#include <linux/bpf-cgroup.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/jump_label.h>
#include <linux/netdevice.h>
#include <linux/security.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/sock_diag.h>
#include <linux/sockptr.h>
#include <net/ip.h>
#include <net/ipv6_stubs.h>
#include <net/sch_generic.h>
#include <net/sock.h>
#include <net/sock_reuseport.h>

/* ---- running ------------------------------------------------------------------ */

/* Memory kept for writing out pages must not end up in other sockets' queues. */
static bool is_emergency_memory(const struct sock *sk, const struct sk_buff *skb)
{
	return skb_pfmemalloc(skb) && !sock_flag(sk, SOCK_MEMALLOC);
}

/* What others have to say before the socket's own filter is asked. */
static int ask_policies(struct sock *sk, struct sk_buff *skb)
{
	int err = BPF_CGROUP_RUN_PROG_INET_INGRESS(sk, skb);

	return err ?: security_sock_rcv_skb(sk, skb);
}

/* How many bytes of @skb the filter lets through; 0 drops it. */
static unsigned int run_filter(const struct sk_filter *filter, struct sock *sk,
			       struct sk_buff *skb)
{
	struct sock *owner = skb->sk;
	unsigned int keep;

	skb->sk = sk;
	keep = bpf_prog_run_save_cb(filter->prog, skb);
	skb->sk = owner;
	return keep;
}

static int apply_filter(struct sock *sk, struct sk_buff *skb, unsigned int cap)
{
	const struct sk_filter *filter = rcu_dereference(sk->sk_filter);
	unsigned int keep;

	if (!filter)
		return 0;
	keep = run_filter(filter, sk, skb);
	return keep ? pskb_trim(skb, max(cap, keep)) : -EPERM;
}

/**
 * sk_filter_trim_cap() - may a socket receive a packet, and how much of it?
 * @sk: socket
 * @skb: packet, shortened to what the socket's filter says
 * @cap: bytes that stay whatever the filter says, for headers still needed
 *
 * Context: any but NMI and hard interrupt.
 * Return: 0 to deliver; -EPERM if the filter drops the packet, -ENOMEM for
 * emergency memory that is not for this socket, an error of the LSM.
 */
int sk_filter_trim_cap(struct sock *sk, struct sk_buff *skb, unsigned int cap)
{
	int err;

	if (is_emergency_memory(sk, skb)) {
		NET_INC_STATS(sock_net(sk), LINUX_MIB_PFMEMALLOCDROP);
		return -ENOMEM;
	}

	err = ask_policies(sk, skb);
	if (err)
		return err;

	rcu_read_lock();
	err = apply_filter(sk, skb, cap);
	rcu_read_unlock();
	return err;
}
EXPORT_SYMBOL(sk_filter_trim_cap);

/* ---- filters and what they cost ------------------------------------------------- */

static void filter_free_rcu(struct rcu_head *rcu)
{
	struct sk_filter *filter = container_of(rcu, struct sk_filter, rcu);

	bpf_prog_destroy(filter->prog);
	kfree(filter);
}

static void filter_put(struct sk_filter *filter)
{
	if (refcount_dec_and_test(&filter->refcnt))
		call_rcu(&filter->rcu, filter_free_rcu);
}

static unsigned int filter_cost(const struct sk_filter *filter)
{
	return bpf_prog_size(filter->prog->len);
}

static bool charge_optmem(struct sock *sk, unsigned int cost)
{
	unsigned int limit = READ_ONCE(sysctl_optmem_max);

	if (cost > limit || atomic_read(&sk->sk_omem_alloc) + cost >= limit)
		return false;
	atomic_add(cost, &sk->sk_omem_alloc);
	return true;
}

/**
 * sk_filter_charge() - let one more socket use a filter
 * @sk: socket that pays
 * @fp: filter somebody holds or that RCU keeps
 *
 * Context: any.
 * Return: true with a reference taken; false if the filter is on its way out or
 * the socket's option memory does not suffice.
 */
bool sk_filter_charge(struct sock *sk, struct sk_filter *fp)
{
	if (!refcount_inc_not_zero(&fp->refcnt))
		return false;
	if (charge_optmem(sk, filter_cost(fp)))
		return true;
	filter_put(fp);
	return false;
}

/**
 * sk_filter_uncharge() - a socket stops using its filter
 * @sk: socket that paid
 * @fp: its filter, not used through this socket any more
 *
 * Context: any.
 */
void sk_filter_uncharge(struct sock *sk, struct sk_filter *fp)
{
	atomic_sub(filter_cost(fp), &sk->sk_omem_alloc);
	filter_put(fp);
}

/* ---- attaching -------------------------------------------------------------------- */

/* Make @prog the filter of @sk in place of the one it has. */
static int install_filter(struct bpf_prog *prog, struct sock *sk)
{
	struct sk_filter *filter, *old;

	filter = kmalloc(sizeof(*filter), GFP_KERNEL);
	if (!filter)
		return -ENOMEM;
	filter->prog = prog;
	refcount_set(&filter->refcnt, 1);

	if (!charge_optmem(sk, filter_cost(filter))) {
		kfree(filter);
		return -ENOMEM;
	}

	old = rcu_replace_pointer(sk->sk_filter, filter,
				  lockdep_sock_is_held(sk));
	if (old)
		sk_filter_uncharge(sk, old);
	return 0;
}

static struct bpf_prog *get_classic(struct sock_fprog *fprog, struct sock *sk)
{
	struct bpf_prog *prog;
	int err;

	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return ERR_PTR(-EPERM);
	err = bpf_prog_create_from_user(&prog, fprog, NULL, true);
	return err ? ERR_PTR(err) : prog;
}

static struct bpf_prog *get_extended(u32 ufd, struct sock *sk)
{
	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return ERR_PTR(-EPERM);
	return bpf_prog_get_type(ufd, BPF_PROG_TYPE_SOCKET_FILTER);
}

static int attach_filter(struct bpf_prog *prog, struct sock *sk)
{
	int err;

	if (IS_ERR(prog))
		return PTR_ERR(prog);
	err = install_filter(prog, sk);
	if (err)
		bpf_prog_destroy(prog);
	return err;
}

/**
 * sk_attach_filter() - give a socket a classic filter (SO_ATTACH_FILTER)
 * @fprog: length and user address of the instructions
 * @sk: socket, locked by the caller
 *
 * Context: process context, may sleep.
 * Return: 0; -EPERM if the filter is locked, -EINVAL, -EFAULT, -ENOMEM.
 */
int sk_attach_filter(struct sock_fprog *fprog, struct sock *sk)
{
	return attach_filter(get_classic(fprog, sk), sk);
}
EXPORT_SYMBOL_GPL(sk_attach_filter);

/**
 * sk_attach_bpf() - give a socket a program of bpf(2) (SO_ATTACH_BPF)
 * @ufd: descriptor of a socket filter
 * @sk: socket, locked by the caller
 *
 * Context: process context, may sleep.
 * Return: 0; -EPERM if the filter is locked, -EBADF, -EINVAL for something else
 * than a socket filter, -ENOMEM.
 */
int sk_attach_bpf(u32 ufd, struct sock *sk)
{
	return attach_filter(get_extended(ufd, sk), sk);
}

/**
 * sk_detach_filter() - take a socket's filter away
 * @sk: socket, locked by the caller
 *
 * Context: process context.
 * Return: 0; -EPERM if the filter is locked, -ENOENT if there is none.
 */
int sk_detach_filter(struct sock *sk)
{
	struct sk_filter *old;

	if (sock_flag(sk, SOCK_FILTER_LOCKED))
		return -EPERM;

	old = rcu_replace_pointer(sk->sk_filter, NULL, lockdep_sock_is_held(sk));
	if (!old)
		return -ENOENT;
	sk_filter_uncharge(sk, old);
	return 0;
}
EXPORT_SYMBOL_GPL(sk_detach_filter);

/* Copy out the classic program of a filter, if there is room for all of it. */
static int show_filter(const struct sk_filter *filter, sockptr_t optval,
		       unsigned int room)
{
	const struct sock_fprog_kern *orig;

	if (!filter)
		return 0;
	orig = filter->prog->orig_prog;
	if (!orig)
		return -EACCES;
	if (!room)
		return orig->len;
	if (room < orig->len)
		return -EINVAL;
	if (copy_to_sockptr(optval, orig->filter, bpf_classic_proglen(orig)))
		return -EFAULT;
	return orig->len;
}

/**
 * sk_get_filter() - show a socket's classic filter (SO_GET_FILTER)
 * @sk: socket
 * @optval: where to copy the instructions
 * @len: instructions there is room for; 0 asks for the length only
 *
 * Context: process context, takes the socket's lock.
 * Return: length in instructions, 0 without a filter; -EACCES for one that has
 * no classic form, -EINVAL for too little room, -EFAULT.
 */
int sk_get_filter(struct sock *sk, sockptr_t optval, unsigned int len)
{
	int ret;

	sockopt_lock_sock(sk);
	ret = show_filter(rcu_dereference_protected(sk->sk_filter,
						    lockdep_sock_is_held(sk)),
			  optval, len);
	sockopt_release_sock(sk);
	return ret;
}

/* ---- choosing a socket of a reuseport group ------------------------------------------ */

/* Hand a program over to the group of @sk. A group has no option memory to pay
 * from, so each program is held to the limit a socket would have.
 */
static int attach_reuseport(struct bpf_prog *prog, struct sock *sk)
{
	unsigned int limit = READ_ONCE(sysctl_optmem_max);
	int err = -ENOMEM;

	if (IS_ERR(prog))
		return PTR_ERR(prog);
	if (bpf_prog_size(prog->len) <= limit)
		err = reuseport_attach_prog(sk, prog);
	if (err)
		bpf_prog_destroy(prog);
	return err;
}

/**
 * sk_reuseport_attach_filter() - SO_ATTACH_REUSEPORT_CBPF
 * @fprog: length and user address of the instructions
 * @sk: a socket of the group, locked by the caller
 *
 * Context: process context, may sleep.
 * Return: 0; -EPERM if filters are locked, -EINVAL, -EFAULT, -ENOMEM.
 */
int sk_reuseport_attach_filter(struct sock_fprog *fprog, struct sock *sk)
{
	return attach_reuseport(get_classic(fprog, sk), sk);
}

/**
 * sk_reuseport_attach_bpf() - SO_ATTACH_REUSEPORT_EBPF
 * @ufd: descriptor of a socket filter
 * @sk: a socket of the group, locked by the caller
 *
 * Context: process context, may sleep.
 * Return: 0; -EPERM if filters are locked, -EBADF, -EINVAL, -ENOMEM.
 */
int sk_reuseport_attach_bpf(u32 ufd, struct sock *sk)
{
	return attach_reuseport(get_extended(ufd, sk), sk);
}

static void reuseport_prog_free_rcu(struct rcu_head *rcu)
{
	bpf_prog_destroy(container_of(rcu, struct bpf_prog_aux, rcu)->prog);
}

/**
 * sk_reuseport_prog_free() - a group gives up its program
 * @prog: program, or NULL; lookups may still be running it
 *
 * Context: any.
 */
void sk_reuseport_prog_free(struct bpf_prog *prog)
{
	if (!prog)
		return;

	/* Programs of bpf(2) are shared and wait for their readers themselves. */
	if (prog->was_classic)
		call_rcu(&prog->aux->rcu, reuseport_prog_free_rcu);
	else
		bpf_prog_put(prog);
}

/**
 * bpf_run_sk_reuseport() - let a program of type SK_REUSEPORT choose
 * @reuse: group
 * @sk: socket of the group
 * @prog: its program
 * @skb: packet
 * @migrating_sk: socket whose connection moves, or NULL
 * @hash: hash of the flow
 *
 * That type cannot be loaded, so no group has such a program.
 *
 * Context: RCU read side.
 * Return: NULL: choose by hash.
 */
struct sock *bpf_run_sk_reuseport(struct sock_reuseport *reuse, struct sock *sk,
				  struct bpf_prog *prog, struct sk_buff *skb,
				  struct sock *migrating_sk, u32 hash)
{
	return NULL;
}

/* ---- what other program types will bring --------------------------------------------- */

DEFINE_STATIC_KEY_FALSE(bpf_sk_lookup_enabled);
EXPORT_SYMBOL(bpf_sk_lookup_enabled);

/* Filled in by IPv6 when it is there, used by helpers that look up routes. */
const struct ipv6_bpf_stub *ipv6_bpf_stub __read_mostly;
EXPORT_SYMBOL_GPL(ipv6_bpf_stub);

/**
 * skb_do_redirect() - send a packet where a tc program said
 * @skb: packet, consumed
 *
 * A verdict can name a redirection, but no helper exists to say where to.
 *
 * Context: softirq.
 * Return: -EINVAL.
 */
int skb_do_redirect(struct sk_buff *skb)
{
	kfree_skb(skb);
	return -EINVAL;
}

/**
 * bpf_warn_invalid_xdp_action() - tell once of a verdict nobody knows
 * @dev: device
 * @prog: program that returned it
 * @act: the verdict
 *
 * Context: any.
 */
void bpf_warn_invalid_xdp_action(struct net_device *dev, struct bpf_prog *prog,
				 u32 act)
{
	pr_warn_once("XDP program %s (id %u) on %s: verdict %u is %s, packet dropped\n",
		     prog->aux->name, prog->aux->id, dev ? dev->name : "?", act,
		     act > XDP_REDIRECT ? "unknown" : "not supported by the driver");
}
EXPORT_SYMBOL_GPL(bpf_warn_invalid_xdp_action);

/**
 * bpf_prog_change_xdp() - a device's XDP program was exchanged
 * @prev_prog: before
 * @prog: now
 *
 * For those who patch direct calls to programs; here nobody does.
 *
 * Context: process context.
 */
void bpf_prog_change_xdp(struct bpf_prog *prev_prog, struct bpf_prog *prog)
{
}

/**
 * xdp_do_flush() - send what redirections of this poll have queued
 *
 * Context: softirq; nothing is ever queued.
 */
void xdp_do_flush(void)
{
}
EXPORT_SYMBOL_GPL(xdp_do_flush);

/**
 * xdp_do_redirect() - send a driver's buffer where a program said
 * @dev: device it came in on
 * @xdp: buffer, which stays the caller's on error
 * @prog: program
 *
 * Context: softirq.
 * Return: -EOPNOTSUPP.
 */
int xdp_do_redirect(struct net_device *dev, struct xdp_buff *xdp,
		    struct bpf_prog *prog)
{
	return -EOPNOTSUPP;
}
EXPORT_SYMBOL_GPL(xdp_do_redirect);

/**
 * xdp_do_redirect_frame() - the same for a buffer that is a frame already
 * @dev: device it came in on
 * @xdp: buffer
 * @xdpf: frame, which stays the caller's on error
 * @prog: program
 *
 * Context: softirq.
 * Return: -EOPNOTSUPP.
 */
int xdp_do_redirect_frame(struct net_device *dev, struct xdp_buff *xdp,
			  struct xdp_frame *xdpf, struct bpf_prog *prog)
{
	return -EOPNOTSUPP;
}
EXPORT_SYMBOL_GPL(xdp_do_redirect_frame);

/**
 * xdp_do_generic_redirect() - the same for a packet of the generic hook
 * @dev: device it came in on
 * @skb: packet, which stays the caller's on error
 * @xdp: its buffer
 * @prog: program
 *
 * Context: softirq.
 * Return: -EOPNOTSUPP.
 */
int xdp_do_generic_redirect(struct net_device *dev, struct sk_buff *skb,
			    struct xdp_buff *xdp, struct bpf_prog *prog)
{
	return -EOPNOTSUPP;
}
