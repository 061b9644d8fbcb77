// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parts of random programs that go about addresses of the packet: R2 and R4 point into
 * it, R3 to its end. Afterwards these registers hold numbers again.
 */
#include "parts.h"

static void get_packet(void)
{
	bool meta = ONE_IN(5);

	emit(LDX(BPF_W, 2, 6, meta ? CTX_DATA_META : CTX_DATA));
	emit(LDX(BPF_W, 3, 6, meta ? CTX_DATA : CTX_DATA_END));
	if (ONE_IN(16))
		emit(INSN(BPF_LDX | BPF_MEMSX | BPF_W, 2, 6, CTX_DATA, 0));
	if (meta && ONE_IN(3))
		emit(ALU_K(BPF_ADD, 3, 1 + random_below(4)));
	emit(MOV_X(4, 2));
}

/* Nothing of that is a number. */
static void drop_packet(void)
{
	refill();
	emit(MOV_K(2, constant()));
	emit(MOV_K(3, constant()));
	emit(MOV_K(4, constant()));
	emit(MOV_K(5, constant()));
}

static int packet_distance(void)
{
	return ONE_IN(8) ? -2 : (int)random_below(ONE_IN(4) ? 40 : 12);
}

static void move_packet_pointer(int reg)
{
	if (ONE_IN(2)) {
		emit(ALU_K(ONE_IN(5) ? BPF_SUB : BPF_ADD, reg, packet_distance()));
		return;
	}
	emit(LDX(ONE_IN(3) ? BPF_W : BPF_B, 1, 6, 4 * random_below(12)));
	if (!ONE_IN(6))
		emit(ALU_K(BPF_AND, 1, ONE_IN(2) ? 7 : 31));
	if (ONE_IN(8))
		emit(ALU_K(BPF_SUB, 1, 3));
	emit(ALU_X(ONE_IN(5) ? BPF_SUB : BPF_ADD, reg, 1));
}

/* One of the two, against the end, usually so that going on is safe. */
static void compare_packet(int reg, int skip)
{
	static const u8 ops[] = { BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE };
	u8 class = ONE_IN(12) ? BPF_JMP32 : BPF_JMP;

	if (ONE_IN(3))
		emit(INSN(class | PICK(ops) | BPF_X, reg, 3, skip, 0));
	else if (ONE_IN(3))
		emit(INSN(class | PICK(ops) | BPF_X, 3, reg, skip, 0));
	else if (ONE_IN(2))
		emit(JMP_X(BPF_JGT, reg, 3, skip));
	else
		emit(JMP_X(BPF_JLT, 3, reg, skip));
}

static void access_packet(int reg)
{
	static const u8 sizes[] = { BPF_B, BPF_B, BPF_H, BPF_W, BPF_DW };
	int at = packet_distance();

	switch (random_below(7)) {
	case 6:
		emit(ATOMIC(BPF_W, BPF_ADD, reg, 8, at));
		break;
	case 0:
		emit(ST(PICK(sizes), reg, at, constant()));
		break;
	case 1:
		emit(STX(PICK(sizes), reg, 8, at));
		break;
	default:
		emit(LDX(PICK(sizes), 5, reg, at));
	}
}

void packet_bytes(void)
{
	int n = 1 + random_below(3);

	get_packet();
	while (n--) {
		if (ONE_IN(2))
			move_packet_pointer(ONE_IN(3) ? 2 : 4);
		if (ONE_IN(4))
			emit(STX(BPF_DW, 10, ONE_IN(2) ? 2 : 4, -48));
		compare_packet(ONE_IN(3) ? 2 : 4, 1 + random_below(2));
		if (ONE_IN(4))
			emit(LDX(BPF_DW, ONE_IN(2) ? 2 : 4, 10, -48));
		access_packet(ONE_IN(3) ? 4 : 2);
	}
	drop_packet();
}

/* More is proved on one path than on the other. */
void packet_paths(void)
{
	int a = random_below(12), b = random_below(12);

	get_packet();
	emit(LDX(BPF_W, 1, 6, 4));
	emit(JMP_K(BPF_JGT, 1, constant(), 3));
	emit(ALU_K(BPF_ADD, 4, a));
	emit(JMP_X(BPF_JGT, 4, 3, 4));
	emit(JA(2));
	emit(ALU_K(BPF_ADD, 4, b));
	emit(JMP_X(BPF_JGT, 4, 3, 1));
	emit(LDX(BPF_B, 5, 2, (ONE_IN(3) ? a : min(a, b)) - 1));
	drop_packet();
}

/* Two identities, perhaps made one on some path; one is checked, one is used. */
void packet_identities(void)
{
	int used = ONE_IN(3) ? 2 : 4;

	get_packet();
	move_packet_pointer(2);
	if (ONE_IN(2))
		move_packet_pointer(4);
	emit(LDX(BPF_W, 1, 6, 4));
	emit(JMP_K(BPF_JGT, 1, constant(), 1));
	emit(ONE_IN(2) ? MOV_X(4, 2) : MOV_X(2, 4));
	emit(MOV_X(5, 6 - used));
	emit(ALU_K(BPF_ADD, 5, 8));
	emit(JMP_X(BPF_JGT, 5, 3, 1));
	emit(LDX(BPF_B, 5, used, ONE_IN(3) ? 8 : random_below(8)));
	drop_packet();
}

/* One path goes through a helper after which all has to be asked for again. */
void packet_moves(void)
{
	bool spilled = ONE_IN(3);

	get_packet();
	emit(ALU_K(BPF_ADD, 4, 8));
	emit(JMP_X(BPF_JGT, 4, 3, spilled ? 15 : 14));
	emit(MOV_X(9, 2));
	if (spilled)
		emit(STX(BPF_DW, 10, 2, -48));
	emit(JMP_K(BPF_JGT, 8, constant(), 10));
	emit(ST(BPF_DW, 10, -8, 0));
	emit(MOV_X(1, 6));
	emit(MOV_K(2, 0));
	emit(MOV_X(3, 10));
	emit(ALU_K(BPF_ADD, 3, -8));
	emit(MOV_K(4, 4));
	emit(CALL(BPF_FUNC_skb_store_bytes));
	if (ONE_IN(2)) {
		emit(LDX(BPF_W, 9, 6, CTX_DATA));
		emit(MOV_K(2, 0));
	} else {
		emit(JA(ONE_IN(2) ? 2 : 1));
		emit(MOV_K(2, 0));
	}
	emit(MOV_K(1, 0));
	emit(spilled && ONE_IN(2) ? LDX(BPF_DW, 9, 10, -48) : MOV_K(1, 0));
	emit(LDX(BPF_B, 1, 9, random_below(9)));
	emit(MOV_K(9, constant()));
	drop_packet();
}

/* A pointer behind the end, or at it, decides the next comparison, if it stays there. */
void packet_behind(void)
{
	get_packet();
	emit(ALU_K(BPF_ADD, 4, random_below(12)));
	compare_packet(4, 1);
	emit(JA(ONE_IN(2) ? 4 : 0));
	if (ONE_IN(2))
		move_packet_pointer(4);
	else if (ONE_IN(2))
		emit(ALU_K(BPF_ADD, 4, ONE_IN(2) ? 1 : -1));
	compare_packet(4, 1 + random_below(2));
	emit(MOV_K(0, 1));
	emit(LDX(BPF_B, 5, ONE_IN(2) ? 2 : 4, packet_distance()));
	drop_packet();
}

/* Back by a number: what was below the end still is, but perhaps below the base. */
void packet_back(void)
{
	get_packet();
	if (ONE_IN(2)) {
		emit(LDX(BPF_B, 1, 6, 4));
		emit(ALU_K(BPF_AND, 1, 7));
		emit(ALU_K(BPF_ADD, 1, random_below(8)));
		emit(ALU_X(BPF_ADD, 4, 1));
	}
	emit(MOV_X(2, 4));
	emit(ALU_K(BPF_ADD, 4, 1 + random_below(12)));
	emit(JMP_X(BPF_JGT, 4, 3, 5));
	emit(LDX(BPF_B, 1, 6, 8));
	emit(ALU_K(BPF_AND, 1, 7));
	emit(ALU_K(BPF_SUB, 1, ONE_IN(4) ? 2 : 0));
	emit(ALU_X(BPF_SUB, 2, 1));
	emit(LDX(BPF_B, 1, 2, random_below(12)));
	drop_packet();
}

/* Bytes in front and behind: what is said of these says nothing of those. */
void packet_kinds(void)
{
	emit(LDX(BPF_W, 2, 6, CTX_DATA_META));
	emit(LDX(BPF_W, 3, 6, CTX_DATA));
	emit(LDX(BPF_W, 5, 6, CTX_DATA_END));
	if (ONE_IN(3)) {
		emit(LDX(BPF_B, 1, 6, 4 * random_below(12)));
		emit(ALU_K(BPF_AND, 1, 7));
		emit(ALU_X(BPF_ADD, 3, 1));
	}
	emit(MOV_X(4, ONE_IN(2) ? 2 : 3));
	emit(ALU_K(BPF_ADD, 4, random_below(12)));
	emit(JMP_X(BPF_JGT, 4, ONE_IN(2) ? 3 : 5, 1));
	emit(LDX(BPF_B, 1, ONE_IN(2) ? 2 : 3, random_below(6)));
	drop_packet();
}

/* Bytes of the packet as a key, or as what a helper may not have. */
void packet_key(void)
{
	get_packet();
	emit(ALU_K(BPF_ADD, 4, 8));
	emit(JMP_X(BPF_JGT, 4, 3, 6));
	if (ONE_IN(8)) {
		emit(MOV_X(1, 2));
		emit(MOV_K(2, 4));
		emit(CALL(BPF_FUNC_trace_printk));
	} else {
		emit(ALU_K(BPF_ADD, 2, packet_distance()));
		emit_map(random_below(2));
		emit(CALL(BPF_FUNC_map_lookup_elem));
		emit(JMP_K(BPF_JEQ, 0, 0, 1));
		emit(LDX(BPF_DW, 5, 0, 8));
	}
	drop_packet();
}
