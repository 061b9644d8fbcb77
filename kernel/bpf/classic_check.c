// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classic BPF: is a program safe to convert and run?
 *
 * Owns the list of instructions Linux accepts from users and what each of them
 * must satisfy. A program that passes ends on every path, jumps only forward
 * and inside itself, never reads a scratch word that some path left unwritten
 * and never divides or shifts by an impossible constant. Conversion relies on
 * all of that and checks nothing again.
 *
 * Works on the caller's array, which nobody else may change, and takes no lock.
 */
#include <linux/filter.h>
#include <linux/slab.h>

/* What has to hold for an instruction beside its opcode being known. */
enum classic_rule {
	RULE_UNKNOWN = 0,	/* no such instruction */
	RULE_NONE,
	RULE_NONZERO,		/* k divides */
	RULE_SHIFT,		/* k shifts a 32-bit word */
	RULE_SCRATCH_READ,	/* k names a scratch word, written before */
	RULE_SCRATCH_WRITE,	/* k names a scratch word */
	RULE_JUMP,		/* k instructions forward */
	RULE_BRANCH,		/* jt or jf instructions forward */
	RULE_PACKET,		/* k is an offset or an ancillary number */
};

static const u8 classic_rules[] = {
	[BPF_LD | BPF_W | BPF_ABS]	= RULE_PACKET,
	[BPF_LD | BPF_H | BPF_ABS]	= RULE_PACKET,
	[BPF_LD | BPF_B | BPF_ABS]	= RULE_PACKET,
	[BPF_LD | BPF_W | BPF_IND]	= RULE_NONE,
	[BPF_LD | BPF_H | BPF_IND]	= RULE_NONE,
	[BPF_LD | BPF_B | BPF_IND]	= RULE_NONE,
	[BPF_LD | BPF_W | BPF_LEN]	= RULE_NONE,
	[BPF_LD | BPF_IMM]		= RULE_NONE,
	[BPF_LD | BPF_MEM]		= RULE_SCRATCH_READ,
	[BPF_LDX | BPF_W | BPF_LEN]	= RULE_NONE,
	[BPF_LDX | BPF_B | BPF_MSH]	= RULE_NONE,
	[BPF_LDX | BPF_IMM]		= RULE_NONE,
	[BPF_LDX | BPF_MEM]		= RULE_SCRATCH_READ,
	[BPF_ST]			= RULE_SCRATCH_WRITE,
	[BPF_STX]			= RULE_SCRATCH_WRITE,
	[BPF_ALU | BPF_ADD | BPF_K]	= RULE_NONE,
	[BPF_ALU | BPF_ADD | BPF_X]	= RULE_NONE,
	[BPF_ALU | BPF_SUB | BPF_K]	= RULE_NONE,
	[BPF_ALU | BPF_SUB | BPF_X]	= RULE_NONE,
	[BPF_ALU | BPF_MUL | BPF_K]	= RULE_NONE,
	[BPF_ALU | BPF_MUL | BPF_X]	= RULE_NONE,
	[BPF_ALU | BPF_DIV | BPF_K]	= RULE_NONZERO,
	[BPF_ALU | BPF_DIV | BPF_X]	= RULE_NONE,
	[BPF_ALU | BPF_MOD | BPF_K]	= RULE_NONZERO,
	[BPF_ALU | BPF_MOD | BPF_X]	= RULE_NONE,
	[BPF_ALU | BPF_AND | BPF_K]	= RULE_NONE,
	[BPF_ALU | BPF_AND | BPF_X]	= RULE_NONE,
	[BPF_ALU | BPF_OR | BPF_K]	= RULE_NONE,
	[BPF_ALU | BPF_OR | BPF_X]	= RULE_NONE,
	[BPF_ALU | BPF_XOR | BPF_K]	= RULE_NONE,
	[BPF_ALU | BPF_XOR | BPF_X]	= RULE_NONE,
	[BPF_ALU | BPF_LSH | BPF_K]	= RULE_SHIFT,
	[BPF_ALU | BPF_LSH | BPF_X]	= RULE_NONE,
	[BPF_ALU | BPF_RSH | BPF_K]	= RULE_SHIFT,
	[BPF_ALU | BPF_RSH | BPF_X]	= RULE_NONE,
	[BPF_ALU | BPF_NEG]		= RULE_NONE,
	[BPF_JMP | BPF_JA]		= RULE_JUMP,
	[BPF_JMP | BPF_JEQ | BPF_K]	= RULE_BRANCH,
	[BPF_JMP | BPF_JEQ | BPF_X]	= RULE_BRANCH,
	[BPF_JMP | BPF_JGE | BPF_K]	= RULE_BRANCH,
	[BPF_JMP | BPF_JGE | BPF_X]	= RULE_BRANCH,
	[BPF_JMP | BPF_JGT | BPF_K]	= RULE_BRANCH,
	[BPF_JMP | BPF_JGT | BPF_X]	= RULE_BRANCH,
	[BPF_JMP | BPF_JSET | BPF_K]	= RULE_BRANCH,
	[BPF_JMP | BPF_JSET | BPF_X]	= RULE_BRANCH,
	[BPF_RET | BPF_K]		= RULE_NONE,
	[BPF_RET | BPF_A]		= RULE_NONE,
	[BPF_MISC | BPF_TAX]		= RULE_NONE,
	[BPF_MISC | BPF_TXA]		= RULE_NONE,
};

static enum classic_rule classic_rule(u16 code)
{
	return code < ARRAY_SIZE(classic_rules) ? classic_rules[code] :
						  RULE_UNKNOWN;
}

/**
 * bpf_classic_is_anc() - does an instruction read an ancillary value?
 * @insn: classic instruction
 *
 * Offsets from SKF_AD_OFF upwards would lie far behind any packet, so Linux
 * gave a few of them to values that do not come from the packet's bytes.
 *
 * Context: any.
 * Return: true for an absolute load of an ancillary value that exists.
 */
bool bpf_classic_is_anc(const struct sock_filter *insn)
{
	u32 number = insn->k - SKF_AD_OFF;

	return BPF_CLASS(insn->code) == BPF_LD &&
	       BPF_MODE(insn->code) == BPF_ABS &&
	       number < SKF_AD_MAX && number % 4 == 0;
}

/* The rules that need to see one instruction only. */
static bool classic_insn_ok(const struct sock_filter *insn, unsigned int pc,
			    unsigned int flen)
{
	unsigned int after = flen - pc - 1;

	switch (classic_rule(insn->code)) {
	case RULE_UNKNOWN:
		return false;
	case RULE_NONE:
		return true;
	case RULE_NONZERO:
		return insn->k != 0;
	case RULE_SHIFT:
		return insn->k < 32;
	case RULE_SCRATCH_READ:
	case RULE_SCRATCH_WRITE:
		return insn->k < BPF_MEMWORDS;
	case RULE_JUMP:
		return insn->k < after;
	case RULE_BRANCH:
		return insn->jt < after && insn->jf < after;
	case RULE_PACKET:
		return insn->k < SKF_AD_OFF || bpf_classic_is_anc(insn);
	}
	return false;
}

/*
 * Which scratch words are written on every path to an instruction. Jumps only
 * go forward, so one walk in program order meets each predecessor first. What
 * follows a return counts as reached from it, as it always has.
 */
static bool classic_step_scratch(const struct sock_filter *insn, u16 *written)
{
	u16 now = written[0];

	switch (classic_rule(insn->code)) {
	case RULE_SCRATCH_READ:
		if (!(now & BIT(insn->k)))
			return false;
		break;
	case RULE_SCRATCH_WRITE:
		now |= BIT(insn->k);
		break;
	case RULE_JUMP:
		written[1 + insn->k] &= now;
		return true;
	case RULE_BRANCH:
		written[1 + insn->jt] &= now;
		written[1 + insn->jf] &= now;
		return true;
	default:
		break;
	}
	written[1] &= now;
	return true;
}

static int classic_check_scratch(const struct sock_filter *filter,
				 unsigned int flen)
{
	unsigned int pc;
	u16 *written;
	int err = 0;

	/* One more than flen: a last instruction leads to nothing. */
	written = kmalloc_array(flen + 1, sizeof(*written), GFP_KERNEL);
	if (!written)
		return -ENOMEM;
	memset(written, 0xff, (flen + 1) * sizeof(*written));
	written[0] = 0;

	for (pc = 0; pc < flen && !err; pc++)
		if (!classic_step_scratch(&filter[pc], &written[pc]))
			err = -EINVAL;
	kfree(written);
	return err;
}

/**
 * bpf_check_classic() - decide whether a classic program may be used
 * @filter: instructions in kernel memory
 * @flen: their number, 1 to BPF_MAXINSNS
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL for an unsafe program, -ENOMEM.
 */
int bpf_check_classic(const struct sock_filter *filter, unsigned int flen)
{
	unsigned int pc;

	for (pc = 0; pc < flen; pc++)
		if (!classic_insn_ok(&filter[pc], pc, flen))
			return -EINVAL;

	if (BPF_CLASS(filter[flen - 1].code) != BPF_RET)
		return -EINVAL;
	return classic_check_scratch(filter, flen);
}
