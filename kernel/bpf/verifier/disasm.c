// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions as text.
 *
 * Clients match this text, so its form is fixed: "(61) r1 = *(u32 *)(r1 +4)".
 * Instructions of RFC 9669 that the form does not know use the compiler's
 * notation. What is printed comes from the instruction alone, as user space
 * gave it; an immediate that stands for a kernel object prints as 0x0, so no
 * address can come out, whatever lowering has put there.
 *
 * Malformed instructions are printed too, before they are refused, so nothing
 * is assumed about fields. No state, no locks.
 */
#include "insn_valid.h"
#include "verifier.h"

/* Symbols by operation: the operation is the upper half of the code byte. */
#define TEXT(op, text)	[BPF_##op / 16] = text

static const char *const alu_symbols[16] = {
	TEXT(AND, "&="), TEXT(OR, "|="), TEXT(XOR, "^="),
	TEXT(LSH, "<<="), TEXT(RSH, ">>="), TEXT(ARSH, "s>>="),
	TEXT(ADD, "+="), TEXT(SUB, "-="), TEXT(MUL, "*="),
	TEXT(DIV, "/="), TEXT(MOD, "%="),
};

static const char *const jump_symbols[16] = {
	TEXT(JEQ, "=="), TEXT(JNE, "!="), TEXT(JSET, "&"),
	TEXT(JLT, "<"), TEXT(JLE, "<="), TEXT(JGT, ">"), TEXT(JGE, ">="),
	TEXT(JSLT, "s<"), TEXT(JSLE, "s<="), TEXT(JSGT, "s>"), TEXT(JSGE, "s>="),
};

/* Atomic operations carry the same codes in their immediate. */
static const char *const fetch_names[16] = {
	TEXT(AND, "and"), TEXT(OR, "or"), TEXT(XOR, "xor"), TEXT(ADD, "add"),
};

#define FUNC_NAME(name)	[BPF_FUNC_##name] = "bpf_" #name

static const char *const func_names[] = { __BPF_FUNC_MAPPER(FUNC_NAME) };

/**
 * vlog_func_name() - name of a helper
 * @id: number from an instruction, any value
 *
 * Context: any.
 * Return: its name, "unknown" if there is no such helper.
 */
const char *vlog_func_name(s32 id)
{
	const char *name = NULL;

	if (id >= 0 && id < (s32)ARRAY_SIZE(func_names))
		name = func_names[id];
	return name ?: "unknown";
}

static unsigned int access_bits(const struct bpf_insn *insn)
{
	return BPF_LDST_BYTES(insn) * BITS_PER_BYTE;
}

/* 32-bit instructions call their registers w. */
static char reg_letter(const struct bpf_insn *insn)
{
	u8 class = BPF_CLASS(insn->code);

	return class == BPF_ALU || class == BPF_JMP32 ? 'w' : 'r';
}

static void show_unknown(struct vlog *log, const struct bpf_insn *insn)
{
	vlog(log, "dst=%u src=%u off=%d imm=%d", insn->dst_reg, insn->src_reg,
	     insn->off, insn->imm);
}

static void show_alu(struct vlog *log, const struct bpf_insn *insn)
{
	const char *symbol = alu_symbols[BPF_OP(insn->code) / 16];
	const char *sign = "";
	char r = reg_letter(insn);

	if (opcode_of(insn)->off == OFF_SIGNED && insn->off == 1)
		sign = "s";
	if (BPF_SRC(insn->code) == BPF_X)
		vlog(log, "%c%u %s%s %c%u", r, insn->dst_reg, sign, symbol, r,
		     insn->src_reg);
	else
		vlog(log, "%c%u %s%s %d", r, insn->dst_reg, sign, symbol,
		     insn->imm);
}

static void show_mov(struct vlog *log, const struct bpf_insn *insn)
{
	char r = reg_letter(insn);

	vlog(log, "%c%u = ", r, insn->dst_reg);
	if (BPF_SRC(insn->code) == BPF_K)
		vlog(log, "%d", insn->imm);
	else if (insn->off)
		vlog(log, "(s%d)%c%u", insn->off, r, insn->src_reg);
	else
		vlog(log, "%c%u", r, insn->src_reg);
}

static void show_neg(struct vlog *log, const struct bpf_insn *insn)
{
	char r = reg_letter(insn);

	vlog(log, "%c%u = -%c%u", r, insn->dst_reg, r, insn->dst_reg);
}

static void show_end(struct vlog *log, const struct bpf_insn *insn)
{
	const char *how = BPF_SRC(insn->code) == BPF_TO_BE ? "be" : "le";

	if (BPF_CLASS(insn->code) == BPF_ALU64)
		how = "bswap";
	vlog(log, "r%u = %s%d r%u", insn->dst_reg, how, insn->imm,
	     insn->dst_reg);
}

static void show_ldx(struct vlog *log, const struct bpf_insn *insn)
{
	char sign = BPF_MODE(insn->code) == BPF_MEMSX ? 's' : 'u';

	vlog(log, "r%u = *(%c%u *)(r%u %+d)", insn->dst_reg, sign,
	     access_bits(insn), insn->src_reg, insn->off);
}

static void show_st(struct vlog *log, const struct bpf_insn *insn)
{
	vlog(log, "*(u%u *)(r%u %+d) = %d", access_bits(insn), insn->dst_reg,
	     insn->off, insn->imm);
}

static void show_stx(struct vlog *log, const struct bpf_insn *insn)
{
	vlog(log, "*(u%u *)(r%u %+d) = r%u", access_bits(insn), insn->dst_reg,
	     insn->off, insn->src_reg);
}

/* "atomic64_fetch_add((u64 *)(r10 -8)" and its relatives, without the end. */
static void show_atomic_call(struct vlog *log, const struct bpf_insn *insn,
			     const char *prefix, const char *name)
{
	unsigned int bits = access_bits(insn);

	vlog(log, "atomic%s_%s%s((u%u *)(r%u %+d)", bits == 64 ? "64" : "",
	     prefix, name, bits, insn->dst_reg, insn->off);
}

static void show_atomic(struct vlog *log, const struct bpf_insn *insn)
{
	u32 op = (u32)insn->imm >> 4 & 0xf;
	u32 src = insn->src_reg;

	if (insn->imm == BPF_CMPXCHG) {
		vlog(log, "r0 = ");
		show_atomic_call(log, insn, "", "cmpxchg");
		vlog(log, ", r0, r%u)", src);
	} else if (insn->imm == BPF_XCHG) {
		vlog(log, "r%u = ", src);
		show_atomic_call(log, insn, "", "xchg");
		vlog(log, ", r%u)", src);
	} else if ((u32)insn->imm >> 8 || !fetch_names[op]) {
		show_unknown(log, insn);
	} else if (insn->imm & BPF_FETCH) {
		vlog(log, "r%u = ", src);
		show_atomic_call(log, insn, "fetch_", fetch_names[op]);
		vlog(log, ", r%u)", src);
	} else {
		vlog(log, "lock *(u%u *)(r%u %+d) %s r%u", access_bits(insn),
		     insn->dst_reg, insn->off, alu_symbols[op], src);
	}
}

static void show_wide(struct vlog *log, const struct bpf_insn *insn)
{
	u64 imm = (u32)insn[0].imm | (u64)insn[1].imm << 32;

	vlog(log, "r%u = 0x%llx", insn->dst_reg, insn->src_reg ? 0 : imm);
}

static void show_packet(struct vlog *log, const struct bpf_insn *insn)
{
	vlog(log, "r0 = *(u%u *)skb[", access_bits(insn));
	if (BPF_MODE(insn->code) == BPF_IND)
		vlog(log, "r%u + ", insn->src_reg);
	vlog(log, "%d]", insn->imm);
}

static void show_ja(struct vlog *log, const struct bpf_insn *insn)
{
	if (BPF_CLASS(insn->code) == BPF_JMP32)
		vlog(log, "gotol pc%+d", insn->imm);
	else
		vlog(log, "goto pc%+d", insn->off);
}

static void show_jump(struct vlog *log, const struct bpf_insn *insn)
{
	const char *symbol = jump_symbols[BPF_OP(insn->code) / 16];
	char r = reg_letter(insn);

	if (BPF_SRC(insn->code) == BPF_X)
		vlog(log, "if %c%u %s %c%u goto pc%+d", r, insn->dst_reg,
		     symbol, r, insn->src_reg, insn->off);
	else
		vlog(log, "if %c%u %s 0x%x goto pc%+d", r, insn->dst_reg,
		     symbol, insn->imm, insn->off);
}

static void show_call(struct vlog *log, const struct bpf_insn *insn)
{
	if (insn->src_reg == BPF_PSEUDO_CALL)
		vlog(log, "call pc%+d", insn->imm);
	else if (insn->src_reg == BPF_PSEUDO_KFUNC_CALL)
		vlog(log, "call kernel-function");
	else
		vlog(log, "call %s#%d", vlog_func_name(insn->imm), insn->imm);
}

static void show_exit(struct vlog *log, const struct bpf_insn *insn)
{
	vlog(log, "exit");
}

static void (*const show[__INSN_KIND_MAX])(struct vlog *log,
					   const struct bpf_insn *insn) = {
	[INSN_UNKNOWN]	= show_unknown,
	[INSN_ALU]	= show_alu,
	[INSN_MOV]	= show_mov,
	[INSN_NEG]	= show_neg,
	[INSN_END]	= show_end,
	[INSN_LDX]	= show_ldx,
	[INSN_ST]	= show_st,
	[INSN_STX]	= show_stx,
	[INSN_ATOMIC]	= show_atomic,
	[INSN_WIDE]	= show_wide,
	[INSN_PACKET]	= show_packet,
	[INSN_JA]	= show_ja,
	[INSN_JUMP]	= show_jump,
	[INSN_CALL]	= show_call,
	[INSN_EXIT]	= show_exit,
};

/**
 * vlog_insn() - append an instruction, without a newline
 * @log: log
 * @insn: instruction; if it is a wide one, its second slot follows
 *
 * Context: process context, may sleep.
 */
void vlog_insn(struct vlog *log, const struct bpf_insn *insn)
{
	if (!log->kbuf)
		return;
	vlog(log, "(%02x) ", insn->code);
	show[opcode_of(insn)->kind](log, insn);
}
