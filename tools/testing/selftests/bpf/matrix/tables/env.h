/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel as far as its tables notice it. Included before everything else.
 *
 * Nothing of the kernel runs here, so functions need neither a body nor a
 * declaration; only what initialised data and the layout of structures depend on
 * has to be right.
 */
#ifndef MATRIX_TABLES_ENV_H
#define MATRIX_TABLES_ENV_H

#include "../../unit/env/basics.h"
#include <ctype.h>

#define PAGE_SIZE	4096

/* 1 for an option that is defined as 1, 0 for any other name. */
#define OPTION_WORD_1			0, 1
#define OPTION_SECOND(a, b, ...)	b
#define OPTION_PICK(...)		OPTION_SECOND(__VA_ARGS__, 0, 0)
#define OPTION_PASTE(value)		OPTION_PICK(OPTION_WORD_##value)
#define IS_ENABLED(option)		OPTION_PASTE(option)
#define WARN_ON_ONCE(cond)	(cond)
#define offsetofend(t, m)	(offsetof(t, m) + sizeof_field(t, m))
#define array_index_nospec(i, n)	(i)
#define pr_err(...)			((void)0)
#define core_initcall(f)		int (*initcall_##f)(void) = f
#define late_initcall(f)		core_initcall(f)
#define DEFINE_PER_CPU(type, name)	type name
#define __uninitialized
#define unsafe_get_user(to, from, fault)	do { if ((to) != *(from)) goto fault; } while (0)
#define unsafe_put_user(from, to, fault)	unsafe_get_user(from, to, fault)
#define SYSCALL_DEFINE3(name, t1, a1, t2, a2, t3, a3)			\
	long sys_##name(t1 a1, t2 a2, t3 a3)

/* What headers of the subsystem need to be read. */
struct file;
struct fd {
	struct file *file;
};
struct work_struct { int unused; };
typedef struct { s64 counter; } atomic64_t;
struct rnd_state { int unused; };
struct task_struct;
extern struct task_struct *current;
extern int sysctl_unprivileged_bpf_disabled;

struct fd fdget(unsigned int fd);
void *memchr_inv(const void *p, int c, size_t n);
bool perfmon_capable(void);

/* Registers: as many as on x86. */
struct pt_regs {
	unsigned long word[21];
};
int security_locked_down(int what);

/* A packet: where its members stand is of no interest here. */
struct net_device {
	int ifindex;
};
struct sk_buff {
	u32 len, mark, priority, skb_iif, hash, napi_id, end;
	u64 tstamp;
	u16 queue_mapping, protocol, vlan_tci, vlan_proto, tc_index;
	u8 pkt_type, vlan_present, cloned, cb[48];
	struct net_device *dev;
	unsigned char *head, *data;
};
struct skb_shared_info {
	u16 gso_segs, gso_size;
	struct { u64 hwtstamp; } hwtstamps;
};
struct qdisc_skb_cb {
	u32 pkt_len;
	u16 tc_classid;
	u8 data[20];
};
struct bpf_skb_data_end {
	struct qdisc_skb_cb qdisc_cb;
	void *data_meta;
	void *data_end;
};
#define PKT_TYPE_OFFSET			offsetof(struct sk_buff, pkt_type)
#define PKT_TYPE_MAX			7
#define CLONED_OFFSET			offsetof(struct sk_buff, cloned)
#define CLONED_MASK			1
#define TC_ACT_SHOT			2
#define PKT_VLAN_PRESENT_OFFSET		offsetof(struct sk_buff, vlan_present)
#define PKT_VLAN_PRESENT_BIT		7
#define MIN_NAPI_ID			1
#define NO_QUEUE_MAPPING		0xffff
#define SKB_MONO_DELIVERY_TIME_MASK	1
#define CONFIG_NET_CLS_BPF		1
#define CONFIG_PERF_EVENTS		1
#define CONFIG_BPF_EVENTS		1
#define LOCKDOWN_BPF_READ_KERNEL	0
#define CONFIG_NET_ACT_BPF		1
#define CONFIG_NET			1
#define CONFIG_NET_SCHED		1
#define CONFIG_NET_RX_BUSY_POLL		1
#define CONFIG_EVENT_TRACING		1
#define NET_SKBUFF_DATA_USES_OFFSET	1

void print_commands(void);
void print_fields(void);
void print_types(void);
void print_helper_rules(void);
void print_ctx(void);
void print_opcodes(void);

#endif
