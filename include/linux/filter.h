/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instruction construction, classic BPF, running programs, socket filters.
 *
 * A program run must not migrate to another CPU. It reads nothing but its
 * context, its stack and what helpers hand out.
 */
#ifndef _LINUX_FILTER_H
#define _LINUX_FILTER_H

#include <linux/atomic.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/cred.h>
#include <linux/if_vlan.h>
#include <linux/linkage.h>
#include <linux/printk.h>
#include <linux/refcount.h>
#include <linux/set_memory.h>
#include <linux/skbuff.h>
#include <linux/sockptr.h>
#include <linux/static_call.h>
#include <linux/u64_stats_sync.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <crypto/sha1.h>
#include <net/sch_generic.h>
#include <net/xdp.h>

struct ctl_table;
struct sock_reuseport;
struct xdp_buff;

/* ---- registers ----------------------------------------------------------- */

/* Roles (RFC 9669, section 2). R1-R5 carry arguments, R10 is the frame pointer. */
#define BPF_REG_FP	BPF_REG_10
#define BPF_REG_CTX	BPF_REG_6	/* of packet loads */
#define BPF_REG_ARG5	BPF_REG_5
#define BPF_REG_ARG4	BPF_REG_4
#define BPF_REG_ARG3	BPF_REG_3
#define BPF_REG_ARG2	BPF_REG_2
#define BPF_REG_ARG1	BPF_REG_1

/* Where converted classic programs keep X, A and scratch values. */
#define BPF_REG_X	BPF_REG_7
#define BPF_REG_A	BPF_REG_0
#define BPF_REG_H	BPF_REG_9
#define BPF_REG_D	BPF_REG_8
#define BPF_REG_TMP	BPF_REG_2

/* Hidden registers: blinding, and what a lowering needs beside R0-R10. */
#define BPF_REG_AX	MAX_BPF_REG
#define MAX_BPF_EXT_REG	(MAX_BPF_REG + 1)
#define MAX_BPF_JIT_REG	MAX_BPF_EXT_REG

/* ---- opcodes that never come from or go to user space --------------------- */

#define BPF_TAIL_CALL	0xf0	/* JMP: R1 context, R2 program array, R3 index */
#define BPF_NOSPEC	0xc0	/* ST: barrier against speculation */
#define BPF_CALL_ARGS	0xe0	/* JMP: interpreted call of a subprogram */
#define BPF_PROBE_MEM	0x20	/* LDX mode: a faulting load gives 0 */

/* Mode of the sign-extending load, RFC 9669 section 5.2. */
#ifndef BPF_MEMSX
#define BPF_MEMSX	0x80
#endif

/* ---- building instructions ------------------------------------------------ */

#define __BPF_INSN(op, d, s, o, i)			\
	((struct bpf_insn) {				\
		.imm = (i), .off = (o),			\
		.src_reg = (s), .dst_reg = (d), .code = (op) })

#define __BPF_ALU(class, op, src)	((class) | BPF_OP(op) | (src))

#define BPF_RAW_INSN(CODE, DST, SRC, OFF, IMM)	__BPF_INSN(CODE, DST, SRC, OFF, IMM)

#define BPF_ALU64_REG_OFF(OP, DST, SRC, OFF)	__BPF_INSN(__BPF_ALU(BPF_ALU64, OP, BPF_X), DST, SRC, OFF, 0)
#define BPF_ALU32_REG_OFF(OP, DST, SRC, OFF)	__BPF_INSN(__BPF_ALU(BPF_ALU, OP, BPF_X), DST, SRC, OFF, 0)
#define BPF_ALU64_IMM_OFF(OP, DST, IMM, OFF)	__BPF_INSN(__BPF_ALU(BPF_ALU64, OP, BPF_K), DST, 0, OFF, IMM)
#define BPF_ALU32_IMM_OFF(OP, DST, IMM, OFF)	__BPF_INSN(__BPF_ALU(BPF_ALU, OP, BPF_K), DST, 0, OFF, IMM)
#define BPF_ALU64_REG(OP, DST, SRC)	BPF_ALU64_REG_OFF(OP, DST, SRC, 0)
#define BPF_ALU32_REG(OP, DST, SRC)	BPF_ALU32_REG_OFF(OP, DST, SRC, 0)
#define BPF_ALU64_IMM(OP, DST, IMM)	BPF_ALU64_IMM_OFF(OP, DST, IMM, 0)
#define BPF_ALU32_IMM(OP, DST, IMM)	BPF_ALU32_IMM_OFF(OP, DST, IMM, 0)

#define BPF_MOV64_REG(DST, SRC)		BPF_ALU64_REG(BPF_MOV, DST, SRC)
#define BPF_MOV32_REG(DST, SRC)		BPF_ALU32_REG(BPF_MOV, DST, SRC)
#define BPF_MOV64_IMM(DST, IMM)		BPF_ALU64_IMM(BPF_MOV, DST, IMM)
#define BPF_MOV32_IMM(DST, IMM)		BPF_ALU32_IMM(BPF_MOV, DST, IMM)
#define BPF_MOV64_RAW(TYPE, DST, SRC, IMM)	__BPF_INSN(__BPF_ALU(BPF_ALU64, BPF_MOV, BPF_SRC(TYPE)), DST, SRC, 0, IMM)
#define BPF_MOV32_RAW(TYPE, DST, SRC, IMM)	__BPF_INSN(__BPF_ALU(BPF_ALU, BPF_MOV, BPF_SRC(TYPE)), DST, SRC, 0, IMM)

/* A 32-bit move of a register to itself that only clears the upper half. */
#define BPF_ZEXT_REG(DST)		__BPF_INSN(__BPF_ALU(BPF_ALU, BPF_MOV, BPF_X), DST, DST, 0, 1)

/* TYPE is BPF_TO_LE or BPF_TO_BE, LEN is 16, 32 or 64. */
#define BPF_ENDIAN(TYPE, DST, LEN)	__BPF_INSN(__BPF_ALU(BPF_ALU, BPF_END, BPF_SRC(TYPE)), DST, 0, 0, LEN)
#define BPF_BSWAP(DST, LEN)		__BPF_INSN(__BPF_ALU(BPF_ALU64, BPF_END, 0), DST, 0, 0, LEN)

/* Two slots: a 64-bit immediate. */
#define BPF_LD_IMM64_RAW(DST, SRC, IMM)						\
	__BPF_INSN(BPF_LD | BPF_DW | BPF_IMM, DST, SRC, 0, (__u32)(IMM)),	\
	__BPF_INSN(0, 0, 0, 0, ((__u64)(IMM)) >> 32)
#define BPF_LD_IMM64(DST, IMM)		BPF_LD_IMM64_RAW(DST, 0, IMM)
#define BPF_LD_MAP_FD(DST, MAP_FD)	BPF_LD_IMM64_RAW(DST, BPF_PSEUDO_MAP_FD, MAP_FD)

/* Packet loads; the context is in R6, the result in R0. */
#define BPF_LD_ABS(SIZE, IMM)		__BPF_INSN(BPF_LD | BPF_SIZE(SIZE) | BPF_ABS, 0, 0, 0, IMM)
#define BPF_LD_IND(SIZE, SRC, IMM)	__BPF_INSN(BPF_LD | BPF_SIZE(SIZE) | BPF_IND, 0, SRC, 0, IMM)

#define BPF_LDX_MEM(SIZE, DST, SRC, OFF)	__BPF_INSN(BPF_LDX | BPF_SIZE(SIZE) | BPF_MEM, DST, SRC, OFF, 0)
#define BPF_LDX_MEMSX(SIZE, DST, SRC, OFF)	__BPF_INSN(BPF_LDX | BPF_SIZE(SIZE) | BPF_MEMSX, DST, SRC, OFF, 0)
#define BPF_STX_MEM(SIZE, DST, SRC, OFF)	__BPF_INSN(BPF_STX | BPF_SIZE(SIZE) | BPF_MEM, DST, SRC, OFF, 0)
#define BPF_ST_MEM(SIZE, DST, OFF, IMM)		__BPF_INSN(BPF_ST | BPF_SIZE(SIZE) | BPF_MEM, DST, 0, OFF, IMM)
#define BPF_ATOMIC_OP(SIZE, OP, DST, SRC, OFF)	__BPF_INSN(BPF_STX | BPF_SIZE(SIZE) | BPF_ATOMIC, DST, SRC, OFF, OP)
#define BPF_STX_XADD(SIZE, DST, SRC, OFF)	BPF_ATOMIC_OP(SIZE, BPF_ADD, DST, SRC, OFF)
#define BPF_ST_NOSPEC()				__BPF_INSN(BPF_ST | BPF_NOSPEC, 0, 0, 0, 0)

#define BPF_JMP_REG(OP, DST, SRC, OFF)		__BPF_INSN(__BPF_ALU(BPF_JMP, OP, BPF_X), DST, SRC, OFF, 0)
#define BPF_JMP_IMM(OP, DST, IMM, OFF)		__BPF_INSN(__BPF_ALU(BPF_JMP, OP, BPF_K), DST, 0, OFF, IMM)
#define BPF_JMP32_REG(OP, DST, SRC, OFF)	__BPF_INSN(__BPF_ALU(BPF_JMP32, OP, BPF_X), DST, SRC, OFF, 0)
#define BPF_JMP32_IMM(OP, DST, IMM, OFF)	__BPF_INSN(__BPF_ALU(BPF_JMP32, OP, BPF_K), DST, 0, OFF, IMM)
#define BPF_JMP_A(OFF)				__BPF_INSN(BPF_JMP | BPF_JA, 0, 0, OFF, 0)
#define BPF_JMP32_A(IMM)			__BPF_INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, IMM)
#define BPF_CALL_REL(TGT)			__BPF_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, TGT)
#define BPF_EXIT_INSN()				__BPF_INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/*
 * A resolved helper call holds the distance of the helper from
 * __bpf_call_base(): kernel text and modules lie within 2 GiB of each other.
 */
u64 __bpf_call_base(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);

#define BPF_CAST_CALL(x)	((u64 (*)(u64, u64, u64, u64, u64))(x))
#define BPF_CALL_IMM(x)		((void *)(x) - (void *)__bpf_call_base)
#define BPF_EMIT_CALL(FUNC)	__BPF_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_CALL_IMM(FUNC))

/* The classic equivalents, as designated values. */
#define __BPF_STMT(CODE, K)		((struct sock_filter) BPF_STMT(CODE, K))
#define __BPF_JUMP(CODE, K, JT, JF)	((struct sock_filter) BPF_JUMP(CODE, K, JT, JF))

/* Bytes of an access of width BPF_B, BPF_H, BPF_W or BPF_DW; and back. */
#define bpf_size_to_bytes(SZ)						\
	((SZ) == BPF_DW ? 8 : (SZ) == BPF_W ? 4 : (SZ) == BPF_H ? 2 : 1)
#define BYTES_TO_BPF_SIZE(N)						\
	((N) == 8 ? BPF_DW : (N) == 4 ? BPF_W : (N) == 2 ? BPF_H :	\
	 (N) == 1 ? BPF_B : -EINVAL)
#define BPF_SIZEOF(TYPE)		BYTES_TO_BPF_SIZE(sizeof(TYPE))
#define BPF_FIELD_SIZEOF(TYPE, FIELD)	BYTES_TO_BPF_SIZE(sizeof_field(TYPE, FIELD))
#define BPF_LDST_BYTES(INSN)		bpf_size_to_bytes(BPF_SIZE((INSN)->code))

/* ---- helpers take five 64-bit words; these give them typed parameters ------ */

/* Cuts a word to the width of @t first, so that pointers convert on 32-bit. */
#define __BPF_ARG(t, r)							\
	((__force t)(__builtin_choose_expr(sizeof(t) == sizeof(u64),	\
					   (r), (unsigned long)(r))))

#define __BPF_P0()			void
#define __BPF_P1(t, a)			t a
#define __BPF_P2(t, a, ...)		t a, __BPF_P1(__VA_ARGS__)
#define __BPF_P3(t, a, ...)		t a, __BPF_P2(__VA_ARGS__)
#define __BPF_P4(t, a, ...)		t a, __BPF_P3(__VA_ARGS__)
#define __BPF_P5(t, a, ...)		t a, __BPF_P4(__VA_ARGS__)

#define __BPF_A0()
#define __BPF_A1(t, a)			__BPF_ARG(t, r1)
#define __BPF_A2(t, a, u, b)		__BPF_A1(t, a), __BPF_ARG(u, r2)
#define __BPF_A3(t, a, u, b, v, c)	__BPF_A2(t, a, u, b), __BPF_ARG(v, r3)
#define __BPF_A4(t, a, u, b, v, c, w, d)				\
	__BPF_A3(t, a, u, b, v, c), __BPF_ARG(w, r4)
#define __BPF_A5(t, a, u, b, v, c, w, d, x, e)				\
	__BPF_A4(t, a, u, b, v, c, w, d), __BPF_ARG(x, r5)

#define __BPF_CALL(n, name, ...)					\
	static __always_inline u64 __typed_##name(__BPF_P##n(__VA_ARGS__)); \
	u64 name(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);		\
	u64 name(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)		\
	{								\
		return __typed_##name(__BPF_A##n(__VA_ARGS__));		\
	}								\
	static __always_inline u64 __typed_##name(__BPF_P##n(__VA_ARGS__))

#define BPF_CALL_0(name, ...)	__BPF_CALL(0, name, ##__VA_ARGS__)
#define BPF_CALL_1(name, ...)	__BPF_CALL(1, name, __VA_ARGS__)
#define BPF_CALL_2(name, ...)	__BPF_CALL(2, name, __VA_ARGS__)
#define BPF_CALL_3(name, ...)	__BPF_CALL(3, name, __VA_ARGS__)
#define BPF_CALL_4(name, ...)	__BPF_CALL(4, name, __VA_ARGS__)
#define BPF_CALL_5(name, ...)	__BPF_CALL(5, name, __VA_ARGS__)

/* ---- classic programs ----------------------------------------------------- */

/* A classic program in kernel memory. */
struct sock_fprog_kern {
	u16 len;
	struct sock_filter *filter;
};

#ifdef CONFIG_COMPAT
/* struct sock_fprog as 32-bit user space lays it out. */
struct compat_sock_fprog {
	u16 len;
	compat_uptr_t filter;
};
#endif

/* Bytes of a classic program, given anything that has a len. */
#define bpf_classic_proglen(fprog)	((fprog)->len * sizeof((fprog)->filter[0]))

/*
 * bpf_aux_classic_check_t - a user's extra check and rewrite of classic code
 *
 * Called on the kernel's copy after the general check, before conversion.
 */
typedef int (*bpf_aux_classic_check_t)(struct sock_filter *filter,
				       unsigned int flen);

int bpf_check_classic(const struct sock_filter *filter, unsigned int flen);
struct bpf_prog *bpf_convert_filter(const struct sock_filter *filter,
				    unsigned int flen);
bool bpf_classic_is_anc(const struct sock_filter *insn);
int bpf_prog_create(struct bpf_prog **pfp, struct sock_fprog_kern *fprog);
int bpf_prog_create_from_user(struct bpf_prog **pfp, struct sock_fprog *fprog,
			      bpf_aux_classic_check_t trans, bool save_orig);
void bpf_prog_destroy(struct bpf_prog *fp);
int copy_bpf_fprog_from_user(struct sock_fprog *dst, sockptr_t src, int len);

/* ---- programs in memory ---------------------------------------------------- */

#define bpf_prog_size(len)	struct_size_t(struct bpf_prog, insnsi, len)

static inline unsigned int bpf_prog_insn_size(const struct bpf_prog *prog)
{
	return prog->len * sizeof(struct bpf_insn);
}

struct bpf_prog *bpf_prog_alloc(unsigned int size, gfp_t gfp_extra_flags);
struct bpf_prog *bpf_prog_realloc(struct bpf_prog *old, unsigned int size,
				  gfp_t gfp_extra_flags);
void __bpf_prog_free(struct bpf_prog *fp);
void bpf_prog_free(struct bpf_prog *fp);
struct bpf_prog *bpf_prog_select_runtime(struct bpf_prog *fp, int *err);
void bpf_prog_calc_tag(struct bpf_prog *fp);
bpf_func_t bpf_interp_select(u32 stack_depth, bool calls);
bool bpf_insn_is_known(u8 code);

/**
 * bpf_prog_run() - run a program
 * @prog: program, its runtime selected
 * @ctx: context of its type
 *
 * Context: any that the type allows, migration disabled.
 * Return: R0 of the program, 32 bits.
 */
static __always_inline u32 bpf_prog_run(const struct bpf_prog *prog, const void *ctx)
{
	cant_migrate();
	return prog->bpf_func(ctx, prog->insnsi);
}

#define BPF_PROG_RUN(prog, ctx)	bpf_prog_run(prog, ctx)

/* The same from a context that may migrate. */
static inline u32 bpf_prog_run_pin_on_cpu(const struct bpf_prog *prog,
					  const void *ctx)
{
	u32 verdict;

	migrate_disable();
	verdict = bpf_prog_run(prog, ctx);
	migrate_enable();

	return verdict;
}

/* ---- programs over packets -------------------------------------------------- */

#define BPF_SKB_CB_LEN	QDISC_CB_PRIV_LEN

/* Packet bounds of direct access, behind the queueing layer's control block. */
struct bpf_skb_data_end {
	struct qdisc_skb_cb qdisc_cb;
	void *data_meta;
	void *data_end;
};

/**
 * bpf_compute_data_pointers() - note where the packet's linear data ends
 * @skb: packet about to be given to a program
 */
static inline void bpf_compute_data_pointers(struct sk_buff *skb)
{
	struct bpf_skb_data_end *bounds = (struct bpf_skb_data_end *)skb->cb;

	BUILD_BUG_ON(sizeof(*bounds) > sizeof(skb->cb));
	bounds->data_end = skb->data + skb_headlen(skb);
	bounds->data_meta = skb->data - skb_metadata_len(skb);
}

/* The five words a program sees as __sk_buff.cb. */
static inline u8 *bpf_skb_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof_field(struct __sk_buff, cb) != BPF_SKB_CB_LEN);
	return qdisc_skb_cb(skb)->data;
}

/* Run with a zeroed cb and put the owner's bytes back. Migration disabled. */
static inline u32 __bpf_prog_run_save_cb(const struct bpf_prog *prog,
					 const struct sk_buff *skb)
{
	u8 saved[BPF_SKB_CB_LEN];
	u8 *cb = bpf_skb_cb(skb);
	u32 ret;

	if (!prog->cb_access)
		return bpf_prog_run(prog, skb);

	memcpy(saved, cb, sizeof(saved));
	memset(cb, 0, sizeof(saved));
	ret = bpf_prog_run(prog, skb);
	memcpy(cb, saved, sizeof(saved));
	return ret;
}

static inline u32 bpf_prog_run_save_cb(const struct bpf_prog *prog,
				       struct sk_buff *skb)
{
	u32 ret;

	migrate_disable();
	ret = __bpf_prog_run_save_cb(prog, skb);
	migrate_enable();
	return ret;
}

/* For users that leave nothing of value in the control block. */
static inline u32 bpf_prog_run_clear_cb(const struct bpf_prog *prog,
					struct sk_buff *skb)
{
	if (prog->cb_access)
		memset(bpf_skb_cb(skb), 0, BPF_SKB_CB_LEN);
	return bpf_prog_run_pin_on_cpu(prog, skb);
}

/**
 * bpf_prog_run_data_pointers() - run on a packet whose control block is in use
 * @prog: program of a tc type
 * @skb: packet; the queueing layer's private bytes behind cb survive the run
 *
 * Context: softirq, migration disabled.
 * Return: verdict.
 */
static inline u32 bpf_prog_run_data_pointers(const struct bpf_prog *prog,
					     struct sk_buff *skb)
{
	struct bpf_skb_data_end *bounds = (struct bpf_skb_data_end *)skb->cb;
	void *meta = bounds->data_meta;
	void *end = bounds->data_end;
	u32 ret;

	bpf_compute_data_pointers(skb);
	ret = bpf_prog_run(prog, skb);
	bounds->data_meta = meta;
	bounds->data_end = end;
	return ret;
}

/* Programs of this kind cannot be loaded yet; kept drivers name the call. */
static __always_inline u32 bpf_prog_run_xdp(const struct bpf_prog *prog,
					    struct xdp_buff *xdp)
{
	return bpf_prog_run(prog, xdp);
}

/**
 * bpf_skb_load() - the packet load behind LD_ABS and LD_IND
 * @skb: packet
 * @off: byte offset, or a classic negative one (SKF_NET_OFF, SKF_LL_OFF)
 * @size: bytes: 1, 2 or 4
 * @val: the value, converted from network order
 *
 * Context: any; the packet is not changed.
 * Return: 0 or -EFAULT if the bytes are not all inside the packet.
 */
int bpf_skb_load(const struct sk_buff *skb, int off, unsigned int size, u32 *val);

/* ---- sockets ---------------------------------------------------------------- */

/**
 * struct sk_filter - a program attached to sockets
 * @refcnt: sockets that use it
 * @rcu: grace period before the free
 * @prog: classic or socket filter program
 */
struct sk_filter {
	refcount_t refcnt;
	struct rcu_head rcu;
	struct bpf_prog *prog;
};

int sk_filter_trim_cap(struct sock *sk, struct sk_buff *skb, unsigned int cap);

/* Deliver at least the bytes the program said, at most the packet. */
static inline int sk_filter(struct sock *sk, struct sk_buff *skb)
{
	return sk_filter_trim_cap(sk, skb, 1);
}

/* The filter of a socket; the caller holds the socket's lock, but for get. */
int sk_attach_bpf(u32 fd, struct sock *sk);
int sk_attach_filter(struct sock_fprog *fprog, struct sock *sk);
int sk_detach_filter(struct sock *sk);
int sk_get_filter(struct sock *sk, sockptr_t optval, unsigned int count);

/* A socket made from another shares its filter: false if that cannot be paid. */
bool sk_filter_charge(struct sock *child, struct sk_filter *filter);
void sk_filter_uncharge(struct sock *sk, struct sk_filter *filter);

/* Programs that choose among sockets bound to one port. */
int sk_reuseport_attach_bpf(u32 fd, struct sock *sk);
int sk_reuseport_attach_filter(struct sock_fprog *fprog, struct sock *sk);
void sk_reuseport_prog_free(struct bpf_prog *prog);
struct sock *bpf_run_sk_reuseport(struct sock_reuseport *group, struct sock *sk,
				  struct bpf_prog *prog, struct sk_buff *skb,
				  struct sock *migrating, u32 hash);

/* How far classic extensions reach on this kernel (SO_BPF_EXTENSIONS). */
static inline int bpf_tell_extensions(void)
{
	return SKF_AD_MAX;
}

DECLARE_STATIC_KEY_FALSE(bpf_sk_lookup_enabled);

/*
 * No socket lookup programs: nobody turns the key above on, so the protocols'
 * question is never asked. "Not found, look yourself" is the answer.
 */
#define BPF_SK_LOOKUP_SILENT(found)	({ *(found) = NULL; false; })

#define bpf_sk_lookup_run_v4(net, proto, saddr, sport, daddr, dport, ifindex, found) \
	BPF_SK_LOOKUP_SILENT(found)
#define bpf_sk_lookup_run_v6(net, proto, saddr, sport, daddr, dport, ifindex, found) \
	BPF_SK_LOOKUP_SILENT(found)

/* ---- XDP: drivers call these, no program can make them do anything yet ------ */

void xdp_do_flush(void);
#define xdp_do_flush_map	xdp_do_flush
void bpf_warn_invalid_xdp_action(struct net_device *dev, struct bpf_prog *prog,
				 u32 act);
void bpf_prog_change_xdp(struct bpf_prog *prev_prog, struct bpf_prog *prog);
int xdp_do_redirect(struct net_device *rx, struct xdp_buff *frame,
		    struct bpf_prog *prog);
int xdp_do_redirect_frame(struct net_device *rx, struct xdp_buff *frame,
			  struct xdp_frame *xdpf, struct bpf_prog *prog);
int xdp_do_generic_redirect(struct net_device *rx, struct sk_buff *skb,
			    struct xdp_buff *frame, struct bpf_prog *prog);

static inline void xdp_set_return_frame_no_direct(void) { }
static inline void xdp_clear_return_frame_no_direct(void) { }

static inline bool xdp_return_frame_no_direct(void)
{
	return false;
}

/* ---- TCP hooks: kept code fills this for cgroup programs --------------------- */

/*
 * struct bpf_sock_ops_kern - what a TCP event tells a program
 *
 * Callers zero it up to @temp, which must stay the first member that is not.
 */
struct bpf_sock_ops_kern {
	u8 op;
	u8 is_fullsock;
	u8 remaining_opt_len;
	union {
		u32 reply;
		u32 args[4];
		u32 replylong[4];
	};
	struct sock *sk;
	struct sk_buff *skb;
	struct sk_buff *syn_skb;
	void *skb_data_end;
	u64 temp;
};

/* ---- symbols of machine code -------------------------------------------------- */

/* May this reader see kernel addresses and code? */
static inline bool bpf_dump_raw_ok(const struct cred *cred)
{
	return kallsyms_show_value(cred);
}

#ifdef CONFIG_BPF_JIT
/* net.core.bpf_jit_*, the limit in bytes */
extern int bpf_jit_enable;
extern int bpf_jit_harden;
extern int bpf_jit_kallsyms;
extern long bpf_jit_limit;
extern long bpf_jit_limit_max;

/* Makes CPUs forget what they learnt of freed code, where they need that. */
void bpf_arch_pred_flush(void);
DECLARE_STATIC_CALL(bpf_arch_pred_flush, bpf_arch_pred_flush);
DECLARE_STATIC_KEY_FALSE(bpf_pred_flush_enabled);

struct bpf_jit_image *bpf_int_jit_compile(const struct bpf_prog *fp, bool blind);

bool is_bpf_text_address(unsigned long addr);
const char *__bpf_address_lookup(unsigned long addr, unsigned long *size,
				 unsigned long *offset, char *name);
int bpf_get_kallsym(unsigned int symnum, unsigned long *value, char *type, char *name);
#else
/* No program is machine code: no address belongs to one. */
static inline bool is_bpf_text_address(unsigned long addr)
{
	return false;
}

static inline const char *__bpf_address_lookup(unsigned long addr,
					       unsigned long *size,
					       unsigned long *offset, char *name)
{
	return NULL;
}

static inline int bpf_get_kallsym(unsigned int n, unsigned long *value,
				  char *type, char *name)
{
	return -ERANGE;
}
#endif /* CONFIG_BPF_JIT */

/* What kallsyms asks: it prints @modname unless it is told that there is none. */
static inline const char *bpf_address_lookup(unsigned long addr, unsigned long *size,
					     unsigned long *offset, char **modname,
					     char *name)
{
	const char *found = __bpf_address_lookup(addr, size, offset, name);

	if (found && modname)
		*modname = NULL;
	return found;
}

#endif /* _LINUX_FILTER_H */
