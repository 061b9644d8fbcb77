// SPDX-License-Identifier: GPL-2.0-only
/*
 * The filter machine of McCanne and Jacobson (The BSD Packet Filter, 1993,
 * section 3), with what Linux adds to it: MOD and XOR, values that are no bytes
 * of the packet at offsets from SKF_AD_OFF, headers at negative offsets. It
 * shares nothing with the conversion: it decodes by fields and works on the
 * accumulator, the index register and the scratch memory directly.
 *
 * Where the paper is silent Linux decides: A and X begin as 0; a load outside of
 * the packet and a division by X = 0 end the program with 0; a shift by X takes
 * X modulo 32.
 */
#include "classic_reference.h"

struct classic {
	u32 a, x;
	u32 m[BPF_MEMWORDS];
	u16 written;
	const struct sk_buff *skb;
	bool broken;
	bool ended;
	u32 verdict;
};

static void end(struct classic *c, u32 verdict)
{
	c->ended = true;
	c->verdict = verdict;
}

static u32 width(u16 code)
{
	return BPF_SIZE(code) == BPF_W ? 4 : BPF_SIZE(code) == BPF_H ? 2 : 1;
}

/* The bytes at an offset from 0, or from a header if it is far below 0. */
static u32 bytes(struct classic *c, u32 off, u32 size)
{
	u32 val = 0;

	if (!world_packet_load(c->skb, (s32)off, size, &val))
		end(c, 0);
	return val;
}

/* ---- values that are no bytes of the packet -------------------------------------- */

static u32 attribute(const struct classic *c, bool nested)
{
	const struct sk_buff *skb = c->skb;
	const u8 *p = skb->data;
	u32 at = c->a, to = skb->len, len;

	if (skb->len < 4 || at > skb->len - 4)
		return 0;
	if (nested) {
		memcpy(&len, p + at, 2);
		len = (u16)len;
		if (len > skb->len - at)
			return 0;
		to = at + len;
		at += 4;
	}
	while (at + 4 <= to) {
		u16 size, type;

		memcpy(&size, p + at, 2);
		memcpy(&type, p + at + 2, 2);
		if (size < 4 || at + size > to)
			return 0;
		if ((type & 0x3fff) == c->x)
			return at;
		at += (size + 3) / 4 * 4;
	}
	return 0;
}

static void ancillary(struct classic *c, u32 number)
{
	const struct sk_buff *skb = c->skb;

	switch (number) {
	case SKF_AD_PROTOCOL:
		c->a = swab16(skb->protocol);
		break;
	case SKF_AD_PKTTYPE:
		c->a = skb->pkt_type_bits % 8;
		break;
	case SKF_AD_IFINDEX:
	case SKF_AD_HATYPE:
		if (!skb->dev)
			end(c, c->a);
		else
			c->a = number == SKF_AD_IFINDEX ? (u32)skb->dev->ifindex :
							  skb->dev->type;
		break;
	case SKF_AD_NLATTR:
		c->a = attribute(c, false);
		break;
	case SKF_AD_NLATTR_NEST:
		c->a = attribute(c, true);
		break;
	case SKF_AD_MARK:
		c->a = skb->mark;
		break;
	case SKF_AD_QUEUE:
		c->a = skb->queue_mapping;
		break;
	case SKF_AD_RXHASH:
		c->a = skb->hash;
		break;
	case SKF_AD_CPU:
		c->a = raw_smp_processor_id();
		break;
	case SKF_AD_ALU_XOR_X:
		c->a ^= c->x;
		break;
	case SKF_AD_VLAN_TAG:
		c->a = skb->vlan_tci;
		break;
	case SKF_AD_VLAN_TAG_PRESENT:
		c->a = skb->vlan_bits >> 7;
		break;
	case SKF_AD_PAY_OFFSET:
		c->a = skb_get_poff(skb);
		break;
	case SKF_AD_RANDOM:
		c->a = get_random_u32();
		break;
	case SKF_AD_VLAN_TPID:
		c->a = swab16(skb->vlan_proto);
		break;
	default:
		c->broken = true;
	}
}

/* ---- classes ------------------------------------------------------------------------ */

static void load(struct classic *c, const struct sock_filter *i)
{
	u32 *reg = BPF_CLASS(i->code) == BPF_LD ? &c->a : &c->x, val = 0;

	switch (BPF_MODE(i->code)) {
	case BPF_IMM:
		val = i->k;
		break;
	case BPF_LEN:
		val = c->skb->len;
		break;
	case BPF_MEM:
		if (i->k >= BPF_MEMWORDS || !(c->written >> i->k & 1))
			c->broken = true;
		else
			val = c->m[i->k];
		break;
	case BPF_MSH:
		val = 4 * (bytes(c, i->k, 1) % 16);
		break;
	case BPF_IND:
		val = bytes(c, c->x + i->k, width(i->code));
		break;
	case BPF_ABS:
		if (i->k >= (u32)SKF_AD_OFF) {
			ancillary(c, i->k - (u32)SKF_AD_OFF);
			return;
		}
		val = bytes(c, i->k, width(i->code));
		break;
	default:
		c->broken = true;
	}
	if (!c->ended)
		*reg = val;
}

static void store(struct classic *c, const struct sock_filter *i)
{
	if (i->k >= BPF_MEMWORDS) {
		c->broken = true;
		return;
	}
	c->m[i->k] = BPF_CLASS(i->code) == BPF_ST ? c->a : c->x;
	c->written |= 1 << i->k;
}

static void divide(struct classic *c, u32 b, bool by_x, bool remainder)
{
	if (b)
		c->a = remainder ? c->a - c->a / b * b : c->a / b;
	else if (by_x)
		end(c, 0);
	else
		c->broken = true;
}

static void arithmetic(struct classic *c, const struct sock_filter *i)
{
	bool by_x = BPF_SRC(i->code) == BPF_X;
	u32 b = by_x ? c->x : i->k;

	switch (BPF_OP(i->code)) {
	case BPF_ADD:
		c->a += b;
		break;
	case BPF_SUB:
		c->a -= b;
		break;
	case BPF_MUL:
		c->a *= b;
		break;
	case BPF_DIV:
	case BPF_MOD:
		divide(c, b, by_x, BPF_OP(i->code) == BPF_MOD);
		break;
	case BPF_OR:
		c->a |= b;
		break;
	case BPF_AND:
		c->a &= b;
		break;
	case BPF_XOR:
		c->a ^= b;
		break;
	case BPF_LSH:
		c->a <<= b % 32;
		break;
	case BPF_RSH:
		c->a >>= b % 32;
		break;
	case BPF_NEG:
		c->a = 0 - c->a;
		break;
	default:
		c->broken = true;
	}
}

/* How many instructions to leave out. */
static u32 jump(struct classic *c, const struct sock_filter *i)
{
	u32 b = BPF_SRC(i->code) == BPF_X ? c->x : i->k;
	bool holds = false;

	switch (BPF_OP(i->code)) {
	case BPF_JA:
		return i->k;
	case BPF_JEQ:
		holds = c->a == b;
		break;
	case BPF_JGT:
		holds = c->a > b;
		break;
	case BPF_JGE:
		holds = c->a >= b;
		break;
	case BPF_JSET:
		holds = c->a & b;
		break;
	default:
		c->broken = true;
	}
	return holds ? i->jt : i->jf;
}

bool classic_run(const struct sock_filter *prog, u32 len, const struct sk_buff *skb,
		 u32 *verdict)
{
	struct classic c = { .skb = skb };
	u64 pc = 0;

	while (pc < len && !c.ended && !c.broken) {
		const struct sock_filter *i = &prog[pc++];

		switch (BPF_CLASS(i->code)) {
		case BPF_LD:
		case BPF_LDX:
			load(&c, i);
			break;
		case BPF_ST:
		case BPF_STX:
			store(&c, i);
			break;
		case BPF_ALU:
			arithmetic(&c, i);
			break;
		case BPF_JMP:
			pc += jump(&c, i);
			break;
		case BPF_RET:
			end(&c, BPF_RVAL(i->code) == BPF_A ? c.a : i->k);
			break;
		default:
			if (BPF_MISCOP(i->code) == BPF_TAX)
				c.x = c.a;
			else
				c.a = c.x;
		}
	}
	*verdict = c.verdict;
	return c.ended && !c.broken;
}

/* ---- against the conversion ------------------------------------------------------ */

#define PACKETS 4

static u32 run_converted(const struct bpf_prog *prog, struct sk_buff *skb)
{
	u64 time = machine_time;
	u32 verdict = prog->bpf_func(skb, prog->insnsi);

	/* The reference draws the same random numbers. */
	machine_time = time;
	return verdict;
}

const char *classic_compare(const struct sock_filter *filter, u32 len, u64 seed)
{
	struct bpf_prog *prog = bpf_convert_filter(filter, len);
	const char *wrong = NULL;
	int err;

	/* Only what is too long for Linux may be accepted and not converted. */
	if (IS_ERR(prog))
		return PTR_ERR(prog) != -EINVAL || len < 1000 ?
		       "checked program is not converted" : NULL;
	prog = bpf_prog_select_runtime(prog, &err);
	if (err)
		wrong = "converted program has no runtime";
	for (u64 i = 0; !wrong && i < PACKETS; i++) {
		struct sk_buff *skb = world_packet(seed + i);
		u32 got = run_converted(prog, skb), want;

		if (!classic_run(filter, len, skb, &want))
			wrong = "checked program is not safe";
		else if (got != want)
			wrong = "verdicts differ";
	}
	__bpf_prog_free(prog);
	return wrong;
}
