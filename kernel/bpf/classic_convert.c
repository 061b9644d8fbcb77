// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classic BPF: translation of a checked program to eBPF.
 *
 * A lives in R0, X in R7, the packet in R6; both A and X are 32-bit values kept
 * zero-extended. Scratch word M[k] is the 4 bytes at fp - 4 * (k + 1). R8 keeps
 * A across a load that must not change it; R1-R5 are lost in packet loads and
 * calls.
 *
 * Every classic opcode has a row in one table with the function that emits its
 * translation. The walk runs twice: once to learn where each translation
 * starts, once to emit with jumps that know their targets. No translation is
 * longer than CLASSIC_MAX_EXPANSION, so that the longest jump of the longest
 * program still fits its 16 bits.
 *
 * Trusts the checker: must never see a program it has not passed (a user's
 * rewrite of some instructions in between, as seccomp does, is part of the
 * table).
 */
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <net/netlink.h>
#include <asm/unaligned.h>

#define CLASSIC_MAX_EXPANSION	8
#define CLASSIC_PROLOGUE	3

/**
 * struct translation - one conversion under way
 * @filter: classic program
 * @start: where the translation of each classic instruction begins; one more
 *	than there are instructions, so that a length is a difference
 * @linux_start: the same in the translation of Linux 6.1, a lower bound
 * @pc: classic instruction being translated
 * @out: its translation
 * @cnt: instructions in @out
 * @sized: @start is complete, jumps can be resolved
 * @scratch: scratch words below this one are used
 */
struct translation {
	const struct sock_filter *filter;
	u32 *start;
	u32 *linux_start;
	unsigned int pc;
	struct bpf_insn out[CLASSIC_MAX_EXPANSION];
	unsigned int cnt;
	bool sized;
	unsigned int scratch;
};

static void emit(struct translation *t, struct bpf_insn insn)
{
	if (WARN_ON_ONCE(t->cnt == ARRAY_SIZE(t->out)))
		return;
	t->out[t->cnt++] = insn;
}

/* Distance from the instruction to be emitted next to classic instruction @pc. */
static s16 jump_to(const struct translation *t, unsigned int pc)
{
	if (!t->sized)
		return 0;
	return t->start[pc] - (t->start[t->pc] + t->cnt + 1);
}

/* ---- ancillary values that take a computation ------------------------------ */

BPF_CALL_1(classic_pay_offset, struct sk_buff *, skb)
{
	return skb_get_poff(skb);
}

BPF_CALL_0(classic_cpu)
{
	return raw_smp_processor_id();
}

BPF_CALL_0(classic_random)
{
	return get_random_u32();
}

/* Attributes begin where the program says, at any address. */
static u16 attr_len(const struct sk_buff *skb, u32 at)
{
	return get_unaligned((u16 *)(skb->data + at + offsetof(struct nlattr, nla_len)));
}

static u16 attr_type(const struct sk_buff *skb, u32 at)
{
	return get_unaligned((u16 *)(skb->data + at + offsetof(struct nlattr, nla_type))) &
	       NLA_TYPE_MASK;
}

/* Is there room for the header of an attribute at offset @at? */
static bool attr_fits(const struct sk_buff *skb, u32 at)
{
	return !skb_is_nonlinear(skb) && skb->len >= NLA_HDRLEN &&
	       at <= skb->len - NLA_HDRLEN;
}

/* Offset of the first attribute of a type among @room bytes at @at, or 0. */
static u32 attr_find(const struct sk_buff *skb, u32 at, u32 room, u32 type)
{
	while (room >= NLA_HDRLEN) {
		u32 len = attr_len(skb, at);

		if (len < NLA_HDRLEN || len > room)
			break;
		if (attr_type(skb, at) == type)
			return at;
		len = min_t(u32, NLA_ALIGN(len), room);
		at += len;
		room -= len;
	}
	return 0;
}

/* Offset of the first attribute of type X in the list that begins at A, or 0. */
BPF_CALL_3(classic_nlattr, struct sk_buff *, skb, u32, a, u32, x)
{
	return attr_fits(skb, a) ? attr_find(skb, a, skb->len - a, x) : 0;
}

/* The same inside the attribute at A. */
BPF_CALL_3(classic_nlattr_nest, struct sk_buff *, skb, u32, a, u32, x)
{
	u32 len;

	if (!attr_fits(skb, a))
		return 0;
	len = attr_len(skb, a);
	if (len < NLA_HDRLEN || len > skb->len - a)
		return 0;
	return attr_find(skb, a + NLA_HDRLEN, len - NLA_HDRLEN, x);
}

static void emit_anc_call(struct translation *t,
			  u64 (*func)(u64, u64, u64, u64, u64))
{
	emit(t, BPF_MOV64_REG(BPF_REG_ARG1, BPF_REG_CTX));
	emit(t, BPF_MOV64_REG(BPF_REG_ARG2, BPF_REG_A));
	emit(t, BPF_MOV64_REG(BPF_REG_ARG3, BPF_REG_X));
	emit(t, BPF_EMIT_CALL(func));
}

/* ---- ancillary values that are fields of the packet ------------------------- */

static void emit_skb_load(struct translation *t, u8 size, int off)
{
	emit(t, BPF_LDX_MEM(size, BPF_REG_A, BPF_REG_CTX, off));
}

#define emit_skb_field(t, field)					\
	emit_skb_load(t, BPF_FIELD_SIZEOF(struct sk_buff, field),	\
		      offsetof(struct sk_buff, field))

static void emit_be16(struct translation *t)
{
	emit(t, BPF_ENDIAN(BPF_TO_BE, BPF_REG_A, 16));
}

/* A field of the packet's device; without one the program ends and returns A. */
static void emit_dev_load(struct translation *t, u8 size, int off)
{
	emit(t, BPF_LDX_MEM(BPF_SIZEOF(void *), BPF_REG_TMP, BPF_REG_CTX,
			    offsetof(struct sk_buff, dev)));
	emit(t, BPF_JMP_IMM(BPF_JNE, BPF_REG_TMP, 0, 1));
	emit(t, BPF_EXIT_INSN());
	emit(t, BPF_LDX_MEM(size, BPF_REG_A, BPF_REG_TMP, off));
}

#define emit_dev_field(t, field)					\
	emit_dev_load(t, BPF_FIELD_SIZEOF(struct net_device, field),	\
		      offsetof(struct net_device, field))

static void anc_protocol(struct translation *t)
{
	emit_skb_field(t, protocol);
	emit_be16(t);
}

static void anc_pkttype(struct translation *t)
{
	emit_skb_load(t, BPF_B, PKT_TYPE_OFFSET);
	emit(t, BPF_ALU32_IMM(BPF_AND, BPF_REG_A, PKT_TYPE_MAX));
#ifdef __BIG_ENDIAN_BITFIELD
	emit(t, BPF_ALU32_IMM(BPF_RSH, BPF_REG_A, 5));
#endif
}

static void anc_vlan_present(struct translation *t)
{
	emit_skb_load(t, BPF_B, PKT_VLAN_PRESENT_OFFSET);
	if (PKT_VLAN_PRESENT_BIT)
		emit(t, BPF_ALU32_IMM(BPF_RSH, BPF_REG_A, PKT_VLAN_PRESENT_BIT));
	emit(t, BPF_ALU32_IMM(BPF_AND, BPF_REG_A, 1));
}

static void anc_vlan_tpid(struct translation *t)
{
	emit_skb_field(t, vlan_proto);
	emit_be16(t);
}

static void anc_ifindex(struct translation *t)
{
	emit_dev_field(t, ifindex);
}

static void anc_hatype(struct translation *t)
{
	emit_dev_field(t, type);
}

static void anc_mark(struct translation *t)
{
	emit_skb_field(t, mark);
}

static void anc_queue(struct translation *t)
{
	emit_skb_field(t, queue_mapping);
}

static void anc_rxhash(struct translation *t)
{
	emit_skb_field(t, hash);
}

static void anc_vlan_tag(struct translation *t)
{
	emit_skb_field(t, vlan_tci);
}

static void anc_xor_x(struct translation *t)
{
	emit(t, BPF_ALU32_REG(BPF_XOR, BPF_REG_A, BPF_REG_X));
}

static void anc_nlattr(struct translation *t)
{
	emit_anc_call(t, classic_nlattr);
}

static void anc_nlattr_nest(struct translation *t)
{
	emit_anc_call(t, classic_nlattr_nest);
}

static void anc_pay_offset(struct translation *t)
{
	emit_anc_call(t, classic_pay_offset);
}

static void anc_cpu(struct translation *t)
{
	emit_anc_call(t, classic_cpu);
}

static void anc_random(struct translation *t)
{
	emit_anc_call(t, classic_random);
}

/* By (k - SKF_AD_OFF) / 4; complete, as the checker lets each of them pass. */
static void (* const ancillary[SKF_AD_MAX / 4])(struct translation *t) = {
	[SKF_AD_PROTOCOL / 4]		= anc_protocol,
	[SKF_AD_PKTTYPE / 4]		= anc_pkttype,
	[SKF_AD_IFINDEX / 4]		= anc_ifindex,
	[SKF_AD_NLATTR / 4]		= anc_nlattr,
	[SKF_AD_NLATTR_NEST / 4]	= anc_nlattr_nest,
	[SKF_AD_MARK / 4]		= anc_mark,
	[SKF_AD_QUEUE / 4]		= anc_queue,
	[SKF_AD_HATYPE / 4]		= anc_hatype,
	[SKF_AD_RXHASH / 4]		= anc_rxhash,
	[SKF_AD_CPU / 4]		= anc_cpu,
	[SKF_AD_ALU_XOR_X / 4]		= anc_xor_x,
	[SKF_AD_VLAN_TAG / 4]		= anc_vlan_tag,
	[SKF_AD_VLAN_TAG_PRESENT / 4]	= anc_vlan_present,
	[SKF_AD_PAY_OFFSET / 4]		= anc_pay_offset,
	[SKF_AD_RANDOM / 4]		= anc_random,
	[SKF_AD_VLAN_TPID / 4]		= anc_vlan_tpid,
};

/* ---- loads and stores -------------------------------------------------------- */

static void conv_ld_abs(struct translation *t, const struct sock_filter *insn)
{
	if (bpf_classic_is_anc(insn))
		ancillary[(insn->k - SKF_AD_OFF) / 4](t);
	else
		emit(t, BPF_LD_ABS(BPF_SIZE(insn->code), insn->k));
}

static void conv_ld_ind(struct translation *t, const struct sock_filter *insn)
{
	emit(t, BPF_LD_IND(BPF_SIZE(insn->code), BPF_REG_X, insn->k));
}

/* X = 4 * (packet byte & 0xf): the length of an IPv4 header. */
static void conv_ldx_msh(struct translation *t, const struct sock_filter *insn)
{
	emit(t, BPF_MOV64_REG(BPF_REG_D, BPF_REG_A));
	emit(t, BPF_LD_ABS(BPF_B, insn->k));
	emit(t, BPF_ALU32_IMM(BPF_AND, BPF_REG_A, 0xf));
	emit(t, BPF_ALU32_IMM(BPF_LSH, BPF_REG_A, 2));
	emit(t, BPF_MOV64_REG(BPF_REG_X, BPF_REG_A));
	emit(t, BPF_MOV64_REG(BPF_REG_A, BPF_REG_D));
}

/* Which of A and X a load fills or a store reads. */
static u8 classic_reg(const struct sock_filter *insn)
{
	u8 class = BPF_CLASS(insn->code);

	return class == BPF_LDX || class == BPF_STX ? BPF_REG_X : BPF_REG_A;
}

static void conv_ld_imm(struct translation *t, const struct sock_filter *insn)
{
	emit(t, BPF_MOV32_IMM(classic_reg(insn), insn->k));
}

static void conv_ld_len(struct translation *t, const struct sock_filter *insn)
{
	emit(t, BPF_LDX_MEM(BPF_W, classic_reg(insn), BPF_REG_CTX,
			    offsetof(struct sk_buff, len)));
}

/* A word of a context that is no packet: seccomp's rewrite of a packet load. */
static void conv_ld_ctx(struct translation *t, const struct sock_filter *insn)
{
	emit(t, BPF_LDX_MEM(BPF_W, BPF_REG_A, BPF_REG_CTX, insn->k));
}

static int scratch_off(struct translation *t, u32 k)
{
	t->scratch = max(t->scratch, k + 1);
	return -4 * (int)(k + 1);
}

static void conv_ld_mem(struct translation *t, const struct sock_filter *insn)
{
	emit(t, BPF_LDX_MEM(BPF_W, classic_reg(insn), BPF_REG_FP,
			    scratch_off(t, insn->k)));
}

static void conv_st(struct translation *t, const struct sock_filter *insn)
{
	emit(t, BPF_STX_MEM(BPF_W, BPF_REG_FP, classic_reg(insn),
			    scratch_off(t, insn->k)));
}

/* ---- arithmetic: the codes of both instruction sets agree ---------------------- */

static void conv_alu(struct translation *t, const struct sock_filter *insn)
{
	u8 op = BPF_OP(insn->code);

	if (BPF_SRC(insn->code) == BPF_X)
		emit(t, BPF_ALU32_REG(op, BPF_REG_A, BPF_REG_X));
	else
		emit(t, BPF_ALU32_IMM(op, BPF_REG_A, insn->k));
}

/* A classic program ends with verdict 0 where it would divide by 0. */
static void conv_div_x(struct translation *t, const struct sock_filter *insn)
{
	emit(t, BPF_JMP32_IMM(BPF_JNE, BPF_REG_X, 0, 2));
	emit(t, BPF_MOV32_IMM(BPF_REG_A, 0));
	emit(t, BPF_EXIT_INSN());
	conv_alu(t, insn);
}

static void conv_neg(struct translation *t, const struct sock_filter *insn)
{
	emit(t, BPF_ALU32_IMM(BPF_NEG, BPF_REG_A, 0));
}

static void conv_tax(struct translation *t, const struct sock_filter *insn)
{
	emit(t, BPF_MOV64_REG(BPF_REG_X, BPF_REG_A));
}

static void conv_txa(struct translation *t, const struct sock_filter *insn)
{
	emit(t, BPF_MOV64_REG(BPF_REG_A, BPF_REG_X));
}

/* ---- jumps ---------------------------------------------------------------------- */

static void emit_goto(struct translation *t, unsigned int pc)
{
	emit(t, BPF_JMP_A(jump_to(t, pc)));
}

static void emit_branch(struct translation *t, u8 op,
			const struct sock_filter *insn, unsigned int pc)
{
	s16 off = jump_to(t, pc);

	if (BPF_SRC(insn->code) == BPF_X)
		emit(t, BPF_JMP32_REG(op, BPF_REG_A, BPF_REG_X, off));
	else
		emit(t, BPF_JMP32_IMM(op, BPF_REG_A, insn->k, off));
}

static void conv_ja(struct translation *t, const struct sock_filter *insn)
{
	emit_goto(t, t->pc + 1 + insn->k);
}

/* The comparison that holds when @op does not; 0 if eBPF has none. */
static u8 opposite(u8 op)
{
	switch (op) {
	case BPF_JEQ:
		return BPF_JNE;
	case BPF_JGT:
		return BPF_JLE;
	case BPF_JGE:
		return BPF_JLT;
	default:
		return 0;
	}
}

static void conv_branch(struct translation *t, const struct sock_filter *insn)
{
	u8 op = BPF_OP(insn->code);
	unsigned int next = t->pc + 1;

	if (insn->jt == insn->jf) {
		emit_goto(t, next + insn->jt);
	} else if (insn->jt == 0 && opposite(op)) {
		emit_branch(t, opposite(op), insn, next + insn->jf);
	} else {
		emit_branch(t, op, insn, next + insn->jt);
		if (insn->jf)
			emit_goto(t, next + insn->jf);
	}
}

static void conv_ret_k(struct translation *t, const struct sock_filter *insn)
{
	emit(t, BPF_MOV32_IMM(BPF_REG_A, insn->k));
	emit(t, BPF_EXIT_INSN());
}

static void conv_ret_a(struct translation *t, const struct sock_filter *insn)
{
	emit(t, BPF_EXIT_INSN());
}

/* ---- the table -------------------------------------------------------------------- */

typedef void (*conv_func_t)(struct translation *t,
			    const struct sock_filter *insn);

#define BOTH_SOURCES(code, func)	\
	[(code) | BPF_K] = (func),	\
	[(code) | BPF_X] = (func)
#define ALL_WIDTHS(code, func)		\
	[(code) | BPF_W] = (func),	\
	[(code) | BPF_H] = (func),	\
	[(code) | BPF_B] = (func)

static const conv_func_t conversions[] = {
	ALL_WIDTHS(BPF_LD | BPF_ABS, conv_ld_abs),
	ALL_WIDTHS(BPF_LD | BPF_IND, conv_ld_ind),
	[BPF_LDX | BPF_B | BPF_MSH]	= conv_ldx_msh,
	[BPF_LDX | BPF_W | BPF_ABS]	= conv_ld_ctx,
	[BPF_LD | BPF_IMM]		= conv_ld_imm,
	[BPF_LDX | BPF_IMM]		= conv_ld_imm,
	[BPF_LD | BPF_W | BPF_LEN]	= conv_ld_len,
	[BPF_LDX | BPF_W | BPF_LEN]	= conv_ld_len,
	[BPF_LD | BPF_MEM]		= conv_ld_mem,
	[BPF_LDX | BPF_MEM]		= conv_ld_mem,
	[BPF_ST]			= conv_st,
	[BPF_STX]			= conv_st,
	BOTH_SOURCES(BPF_ALU | BPF_ADD, conv_alu),
	BOTH_SOURCES(BPF_ALU | BPF_SUB, conv_alu),
	BOTH_SOURCES(BPF_ALU | BPF_MUL, conv_alu),
	BOTH_SOURCES(BPF_ALU | BPF_AND, conv_alu),
	BOTH_SOURCES(BPF_ALU | BPF_OR, conv_alu),
	BOTH_SOURCES(BPF_ALU | BPF_XOR, conv_alu),
	BOTH_SOURCES(BPF_ALU | BPF_LSH, conv_alu),
	BOTH_SOURCES(BPF_ALU | BPF_RSH, conv_alu),
	[BPF_ALU | BPF_DIV | BPF_K]	= conv_alu,
	[BPF_ALU | BPF_DIV | BPF_X]	= conv_div_x,
	[BPF_ALU | BPF_MOD | BPF_K]	= conv_alu,
	[BPF_ALU | BPF_MOD | BPF_X]	= conv_div_x,
	[BPF_ALU | BPF_NEG]		= conv_neg,
	[BPF_JMP | BPF_JA]		= conv_ja,
	BOTH_SOURCES(BPF_JMP | BPF_JEQ, conv_branch),
	BOTH_SOURCES(BPF_JMP | BPF_JGT, conv_branch),
	BOTH_SOURCES(BPF_JMP | BPF_JGE, conv_branch),
	BOTH_SOURCES(BPF_JMP | BPF_JSET, conv_branch),
	[BPF_RET | BPF_K]		= conv_ret_k,
	[BPF_RET | BPF_A]		= conv_ret_a,
	[BPF_MISC | BPF_TAX]		= conv_tax,
	[BPF_MISC | BPF_TXA]		= conv_txa,
};

/* Fill t->out with the translation of instruction @pc. */
static int translate(struct translation *t, unsigned int pc)
{
	const struct sock_filter *insn = &t->filter[pc];

	if (insn->code >= ARRAY_SIZE(conversions) || !conversions[insn->code])
		return -EINVAL;
	t->pc = pc;
	t->cnt = 0;
	conversions[insn->code](t, insn);
	return 0;
}

/*
 * Instructions that Linux 6.1 puts in place of @insn, at least: it reads packets
 * in line and may need a jump that does not fit its 16 bits where we do not. A
 * filter that loads here must load there.
 */
static u32 linux_length(const struct sock_filter *insn)
{
	if ((s32)insn->k < 0)
		return 1;

	switch (insn->code) {
	case BPF_LD | BPF_ABS | BPF_B:
		return 12;
	case BPF_LD | BPF_ABS | BPF_H:
	case BPF_LD | BPF_ABS | BPF_W:
		return 13;
	case BPF_LDX | BPF_MSH | BPF_B:
		return 18;
	default:
		return 1;
	}
}

/* Conditional jumps cannot go far enough. */
static bool linux_reaches(const struct translation *t, unsigned int pc)
{
	const struct sock_filter *insn = &t->filter[pc];

	return insn->code != (BPF_JMP | BPF_JA) ||
	       t->linux_start[pc + 1 + insn->k] - t->linux_start[pc + 1] <= S16_MAX;
}

static int measure(struct translation *t, unsigned int flen)
{
	unsigned int pc;
	int err;

	t->linux_start[0] = 0;
	t->start[0] = CLASSIC_PROLOGUE;
	for (pc = 0; pc < flen; pc++) {
		err = translate(t, pc);
		if (err)
			return err;
		t->start[pc + 1] = t->start[pc] + t->cnt;
		t->linux_start[pc + 1] = t->linux_start[pc] +
					 linux_length(&t->filter[pc]);
	}
	for (pc = 0; pc < flen; pc++)
		if (!linux_reaches(t, pc))
			return -EINVAL;
	t->sized = true;
	return 0;
}

static void generate(struct translation *t, unsigned int flen,
		     struct bpf_insn *insns)
{
	unsigned int pc;

	insns[0] = BPF_MOV64_REG(BPF_REG_CTX, BPF_REG_ARG1);
	insns[1] = BPF_MOV32_IMM(BPF_REG_A, 0);
	insns[2] = BPF_MOV32_IMM(BPF_REG_X, 0);
	for (pc = 0; pc < flen; pc++) {
		translate(t, pc);
		memcpy(insns + t->start[pc], t->out, t->cnt * sizeof(*insns));
	}
}

static struct bpf_prog *convert(struct translation *t, unsigned int flen)
{
	struct bpf_prog *prog;
	u32 len;
	int err;

	err = measure(t, flen);
	if (err)
		return ERR_PTR(err);

	len = t->start[flen];
	prog = bpf_prog_alloc(bpf_prog_size(len), 0);
	if (!prog)
		return ERR_PTR(-ENOMEM);
	prog->len = len;
	prog->was_classic = 1;
	prog->aux->stack_depth = round_up(4 * t->scratch, 8);
	generate(t, flen, prog->insnsi);
	return prog;
}

/**
 * bpf_convert_filter() - translate a classic program
 * @filter: instructions that bpf_check_classic() passed
 * @flen: their number
 *
 * Context: process context, may sleep.
 * Return: a program without a runtime yet, to be freed by bpf_prog_free();
 * ERR_PTR(-EINVAL) for an instruction without a translation or a jump that Linux
 * cannot express, ERR_PTR(-ENOMEM).
 */
struct bpf_prog *bpf_convert_filter(const struct sock_filter *filter,
				    unsigned int flen)
{
	struct translation t = { .filter = filter };
	struct bpf_prog *prog;

	/* The farthest jump: over all instructions but the first and last. */
	BUILD_BUG_ON(BPF_MAXINSNS * CLASSIC_MAX_EXPANSION - 1 > S16_MAX);

	t.start = kvmalloc_array(flen + 1, 2 * sizeof(*t.start),
				 GFP_KERNEL | __GFP_NOWARN);
	if (!t.start)
		return ERR_PTR(-ENOMEM);
	t.linux_start = t.start + flen + 1;
	prog = convert(&t, flen);
	kvfree(t.start);
	return prog;
}
