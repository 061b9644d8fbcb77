// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packet loads, LD_ABS and LD_IND: from the linear part of the packet where they are,
 * all others by asking the kernel, out of line:
 *
 *		cmp	r10d, offset + bytes
 *		jb	cold
 *		load
 *		...
 *	cold:	mov	esi, offset
 *		call	size
 *		jmp	behind the load
 *
 *	size:	mov	edx, bytes
 *		jmp	stub
 *	stub:	ask;  r10, r11 = bounds
 *		if outside: r0 = 0;  [return address] = out
 *		return
 *	out:	jmp	exit
 *
 * "cold" is there for each load, the others once in a function. A load outside the packet
 * ends the function, but returns first: a call that never returned would leave the CPU supposing
 * that later returns, those of the kernel, come back into the program. Until it finds
 * where that return goes it may go on in the program, with a value that could be one.
 *
 * R10 and R11 hold size and address of the linear part from one load to the next, as
 * long as nothing between needs them.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/skbuff.h>

#include "jit_priv.h"

/* The context is in R6; R1-R5 are free. Flags are lost. */
static void load_packet_bounds(struct jit *j)
{
	u8 skb = x86_jit_reg[BPF_REG_CTX];

	BUILD_BUG_ON(sizeof_field(struct sk_buff, len) != 4);
	BUILD_BUG_ON(sizeof_field(struct sk_buff, data_len) != 4);
	BUILD_BUG_ON(sizeof_field(struct sk_buff, data) != 8);
	x86_load(&j->code, false, R10, X86_MEM(skb, offsetof(struct sk_buff, len)));
	x86_alu_rm(&j->code, X86_SUB, false, R10,
		   X86_MEM(skb, offsetof(struct sk_buff, data_len)));
	x86_load(&j->code, true, R11, X86_MEM(skb, offsetof(struct sk_buff, data)));
}

static void load_network_order(struct jit *j, const struct bpf_insn *insn, struct x86_mem m)
{
	switch (BPF_SIZE(insn->code)) {
	case BPF_B:
		x86_movzx_rm8(&j->code, RAX, m);
		break;
	case BPF_H:
		x86_movzx_rm16(&j->code, RAX, m);
		x86_rol16(&j->code, RAX, 8);
		break;
	default:
		if (j->target.movbe) {
			x86_movbe_rm(&j->code, false, RAX, m);
			break;
		}
		x86_load(&j->code, false, RAX, m);
		x86_bswap(&j->code, false, RAX);
	}
}

/* A constant offset that can lie in the packet is part of the instructions. */
static bool offset_is_plain(const struct jit *j, const struct bpf_insn *insn)
{
	return BPF_MODE(insn->code) == BPF_ABS && !j->target.blind && !j->target.mask &&
	       insn->imm >= 0 && insn->imm <= S32_MAX - 4;
}

/* To RSI: the offset, which is a 32-bit sum. */
static void load_offset(struct jit *j, const struct bpf_insn *insn)
{
	if (BPF_MODE(insn->code) == BPF_ABS) {
		x86_jit_load_imm(j, RSI, (u32)insn->imm);
	} else if (j->target.blind) {
		x86_jit_imm_reg(j, (u32)insn->imm);
		x86_lea_sum(&j->code, false, RSI, src_of(insn), R9);
	} else {
		x86_lea(&j->code, false, RSI, X86_MEM(src_of(insn), insn->imm));
	}
}

/* ---- slow ---------------------------------------------------------------- */

static void packet_stub_body(struct jit *j, const struct bpf_insn *insn)
{
	x86_mov_rr(&j->code, true, RDI, x86_jit_reg[BPF_REG_CTX]);
	if (j->target.aligned_calls)
		x86_alu_ri8(&j->code, X86_SUB, true, RSP, 8);
	x86_jit_call_address(j, j->target.packet_load, false);
	if (j->target.aligned_calls)
		x86_alu_ri8(&j->code, X86_ADD, true, RSP, 8);
	load_packet_bounds(j);
	x86_test_rr(&j->code, true, RAX, RAX);
	x86_jit_local_jump(j, X86_NS, 0);
	x86_alu_rr(&j->code, X86_XOR, false, RAX, RAX);
	x86_lea_rip(&j->code, R9, j->label[1] - (j->code.pos + X86_LEA_RIP_BYTES));
	x86_store(&j->code, true, X86_MEM(RSP, 0), R9);
	x86_jit_label(j, 0);
	x86_jit_return(j);
	x86_jit_label(j, 1);
}

static void packet_stub(struct jit *j, const struct bpf_insn *insn)
{
	x86_jit_local(j, insn, packet_stub_body);
	x86_jit_jump(j, JIT_ALWAYS, j->func->exit);
}

/* One of those that are there once in a function. */
static u32 packet_chunk(struct jit *j, u32 which, jit_select_t make)
{
	if (!j->func->packet_stub[which])
		j->func->packet_stub[which] = x86_jit_cold_chunk(j, make);
	return j->func->packet_stub[which];
}

static void packet_size(struct jit *j, const struct bpf_insn *insn)
{
	x86_mov_ri32(&j->code, RDX, BPF_LDST_BYTES(insn));
	x86_jit_jump(j, JIT_ALWAYS, packet_chunk(j, 0, packet_stub));
}

static void packet_cold(struct jit *j, const struct bpf_insn *insn)
{
	/* 1, 2 and 3 for 1, 2 and 4 bytes. */
	u32 which = fls(BPF_LDST_BYTES(insn));

	if (offset_is_plain(j, insn))
		x86_jit_load_imm(j, RSI, insn->imm);
	x86_jit_jump(j, JIT_CALL, packet_chunk(j, which, packet_size));
	x86_jit_jump(j, JIT_ALWAYS, j->slot + 1);
}

/* ---- fast ---------------------------------------------------------------- */

/**
 * x86_jit_packet() - load from the linear part of the packet
 * @j: compilation
 * @insn: LD_ABS or LD_IND
 *
 * Consecutive loads share what they know of the packet, which nobody changes.
 * Masked, an offset is 0 where the CPU only supposes that it lies inside: the
 * comparison leaves a carry if it does, of which sbb makes ones.
 *
 * Context: any.
 */
void x86_jit_packet(struct jit *j, const struct bpf_insn *insn)
{
	u32 cold = x86_jit_cold_chunk(j, packet_cold);
	s32 bytes = BPF_LDST_BYTES(insn);
	bool known = j->packet;

	if (j->func->exit == U32_MAX)
		jit_fail(j, -EINVAL);
	if (!offset_is_plain(j, insn))
		load_offset(j, insn);
	if (!known)
		load_packet_bounds(j);
	j->packet = true;
	if (offset_is_plain(j, insn)) {
		x86_alu_ri(&j->code, X86_CMP, false, R10, insn->imm + bytes);
		x86_jit_jump(j, X86_B, cold);
		load_network_order(j, insn, X86_MEM(R11, insn->imm));
		return;
	}
	x86_lea(&j->code, true, RDX, X86_MEM(RSI, bytes - 1));
	x86_alu_rr(&j->code, X86_CMP, true, RDX, R10);
	x86_jit_jump(j, X86_AE, cold);
	if (j->target.mask) {
		x86_alu_rr(&j->code, X86_SBB, true, RAX, RAX);
		x86_alu_rr(&j->code, X86_AND, true, RSI, RAX);
	}
	x86_alu_rr(&j->code, X86_ADD, true, RSI, R11);
	load_network_order(j, insn, X86_MEM(RSI, 0));
}
