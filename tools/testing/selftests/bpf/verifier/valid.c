// SPDX-License-Identifier: GPL-2.0-only
/*
 * Well-formed instructions: every opcode, every field of it.
 *
 * The table below says, independently of the kernel's, what each opcode allows.
 * From each row come: the instruction as it is, which must load; every reserved
 * field in turn not zero, every register out of range, every immediate out of
 * its range, which must not, with the reason; and its text in the log. Opcodes
 * that are in no row must be unknown.
 *
 * PRISTINE=1 says the kernel under test is the unmodified one: what is meant to
 * differ is then skipped, with the reason. Everything else must be equal.
 */
#include "test.h"
#include "front.h"

/* Fields that may hold something else than zero. */
enum { DST = 1, SRC = 2, OFF = 4, IMM = 8 };

/* What is more than a number about a field. */
enum { WRITES_DST = 1, SRC_IS_REG = 2, DST_IS_REG = 4, V4 = 8 /* newer than 6.1 */ };

struct row {
	const char *text;	/* in the log, after the opcode */
	struct bpf_insn insn;
	const char *kind;	/* in messages */
	unsigned int allowed;
	unsigned int notes;
};

#define ALU_NOTES	(WRITES_DST | DST_IS_REG)
#define ALU_ROWS(op, sym)							\
	{ "w2 " sym " 3", ALU32_K(op, 2, 3), "BPF_ALU", DST | IMM, ALU_NOTES },	\
	{ "r2 " sym " 3", ALU_K(op, 2, 3), "BPF_ALU", DST | IMM, ALU_NOTES },	\
	{ "w2 " sym " w3", ALU32_X(op, 2, 3), "BPF_ALU", DST | SRC,		\
	  ALU_NOTES | SRC_IS_REG },						\
	{ "r2 " sym " r3", ALU_X(op, 2, 3), "BPF_ALU", DST | SRC,		\
	  ALU_NOTES | SRC_IS_REG }

#define DIV_ROW(class, r, op, sym)						\
	{ r "2 " sym " 3", INSN(class | op | BPF_K, 2, 0, 1, 3), "BPF_ALU",	\
	  DST | IMM | OFF, ALU_NOTES | V4 },					\
	{ r "2 " sym " " r "3", INSN(class | op | BPF_X, 2, 3, 1, 0), "BPF_ALU", \
	  DST | SRC | OFF, ALU_NOTES | SRC_IS_REG | V4 }

#define JUMP_ROWS(op, sym)							\
	{ "if r2 " sym " 0x3 goto pc+0", JMP_K(op, 2, 3, 0), "BPF_JMP/JMP32",	\
	  DST | OFF | IMM, DST_IS_REG },				\
	{ "if r2 " sym " r3 goto pc+0", JMP_X(op, 2, 3, 0), "BPF_JMP/JMP32",	\
	  DST | SRC | OFF, DST_IS_REG | SRC_IS_REG },			\
	{ "if w2 " sym " 0x3 goto pc+0", JMP32_K(op, 2, 3, 0), "BPF_JMP/JMP32",	\
	  DST | OFF | IMM, DST_IS_REG },				\
	{ "if w2 " sym " w3 goto pc+0", JMP32_X(op, 2, 3, 0), "BPF_JMP/JMP32",	\
	  DST | SRC | OFF, DST_IS_REG | SRC_IS_REG }

#define MOV_ROW(txt, i, may, more) \
	{ txt, i, "BPF_MOV", DST | may, ALU_NOTES | more }
#define SEXT_ROW(txt, class, off) \
	{ txt, INSN(class | BPF_MOV | BPF_X, 2, 3, off, 0), "BPF_MOV",		\
	  DST | SRC | OFF, ALU_NOTES | SRC_IS_REG | V4 }
#define NEG_ROW(txt, class) \
	{ txt, INSN(class | BPF_NEG, 2, 0, 0, 0), "BPF_NEG", DST, ALU_NOTES }
#define END_ROW(txt, dir, bits) \
	{ txt, SWAP(dir, 2, bits), "BPF_END", DST | IMM, ALU_NOTES }
#define BSWAP_ROW(txt, bits) \
	{ txt, INSN(BPF_ALU64 | BPF_END, 2, 0, 0, bits), "BPF_END", DST | IMM,	\
	  ALU_NOTES | V4 }

#define MEM_ROWS(sz, bits)							\
	{ "r2 = *(u" bits " *)(r10 -8)", LDX(sz, 2, 10, -8), "BPF_LDX",		\
	  DST | SRC | OFF, ALU_NOTES | SRC_IS_REG },				\
	{ "*(u" bits " *)(r10 -8) = -5", ST(sz, 10, -8, -5), "BPF_ST",		\
	  DST | OFF | IMM, DST_IS_REG },					\
	{ "*(u" bits " *)(r10 -8) = r2", STX(sz, 10, 2, -8), "BPF_STX",		\
	  DST | SRC | OFF, DST_IS_REG | SRC_IS_REG }
#define MEMSX_ROW(sz, bits) \
	{ "r2 = *(s" bits " *)(r10 -8)", INSN(BPF_LDX | 0x80 | sz, 2, 10, -8, 0), \
	  "BPF_LDX", DST | SRC | OFF, ALU_NOTES | SRC_IS_REG | V4 }

#define ATOMIC_ROW(txt, sz, op) \
	{ txt, ATOMIC(sz, op, 10, 2, -8), "BPF_ATOMIC", DST | SRC | OFF | IMM,	\
	  DST_IS_REG | SRC_IS_REG }
#define ATOMIC_ROWS(sz, bits, wide)						\
	ATOMIC_ROW("lock *(u" bits " *)(r10 -8) += r2", sz, BPF_ADD),		\
	ATOMIC_ROW("lock *(u" bits " *)(r10 -8) |= r2", sz, BPF_OR),		\
	ATOMIC_ROW("lock *(u" bits " *)(r10 -8) &= r2", sz, BPF_AND),		\
	ATOMIC_ROW("lock *(u" bits " *)(r10 -8) ^= r2", sz, BPF_XOR),		\
	ATOMIC_ROW("r2 = atomic" wide "_fetch_add((u" bits " *)(r10 -8), r2)", sz, \
		   BPF_ADD | BPF_FETCH),					\
	ATOMIC_ROW("r2 = atomic" wide "_fetch_or((u" bits " *)(r10 -8), r2)", sz, \
		   BPF_OR | BPF_FETCH),						\
	ATOMIC_ROW("r2 = atomic" wide "_fetch_and((u" bits " *)(r10 -8), r2)", sz, \
		   BPF_AND | BPF_FETCH),					\
	ATOMIC_ROW("r2 = atomic" wide "_fetch_xor((u" bits " *)(r10 -8), r2)", sz, \
		   BPF_XOR | BPF_FETCH),					\
	ATOMIC_ROW("r2 = atomic" wide "_xchg((u" bits " *)(r10 -8), r2)", sz,	\
		   BPF_XCHG),							\
	ATOMIC_ROW("r0 = atomic" wide "_cmpxchg((u" bits " *)(r10 -8), r0, r2)", sz, \
		   BPF_CMPXCHG)

#define PACKET_ROWS(sz, bits)							\
	{ "r0 = *(u" bits " *)skb[14]", LDABS(sz, 14), "BPF_LD_[ABS|IND]", IMM, 0 },	\
	{ "r0 = *(u" bits " *)skb[r2 + 14]", LDIND(sz, 2, 14),			\
	  "BPF_LD_[ABS|IND]", SRC | IMM, SRC_IS_REG }

static const struct row rows[] = {
	ALU_ROWS(BPF_ADD, "+="), ALU_ROWS(BPF_SUB, "-="), ALU_ROWS(BPF_MUL, "*="),
	ALU_ROWS(BPF_DIV, "/="), ALU_ROWS(BPF_MOD, "%="), ALU_ROWS(BPF_OR, "|="),
	ALU_ROWS(BPF_AND, "&="), ALU_ROWS(BPF_XOR, "^="), ALU_ROWS(BPF_LSH, "<<="),
	ALU_ROWS(BPF_RSH, ">>="), ALU_ROWS(BPF_ARSH, "s>>="),
	DIV_ROW(BPF_ALU, "w", BPF_DIV, "s/="), DIV_ROW(BPF_ALU64, "r", BPF_DIV, "s/="),
	DIV_ROW(BPF_ALU, "w", BPF_MOD, "s%="), DIV_ROW(BPF_ALU64, "r", BPF_MOD, "s%="),

	MOV_ROW("w2 = 3", MOV32_K(2, 3), IMM, 0),
	MOV_ROW("r2 = -3", MOV_K(2, -3), IMM, 0),
	MOV_ROW("w2 = w3", MOV32_X(2, 3), SRC, SRC_IS_REG),
	MOV_ROW("r2 = r3", MOV_X(2, 3), SRC, SRC_IS_REG),
	SEXT_ROW("w2 = (s8)w3", BPF_ALU, 8), SEXT_ROW("w2 = (s16)w3", BPF_ALU, 16),
	SEXT_ROW("r2 = (s8)r3", BPF_ALU64, 8), SEXT_ROW("r2 = (s16)r3", BPF_ALU64, 16),
	SEXT_ROW("r2 = (s32)r3", BPF_ALU64, 32),
	NEG_ROW("w2 = -w2", BPF_ALU), NEG_ROW("r2 = -r2", BPF_ALU64),
	END_ROW("r2 = le16 r2", BPF_TO_LE, 16), END_ROW("r2 = le32 r2", BPF_TO_LE, 32),
	END_ROW("r2 = le64 r2", BPF_TO_LE, 64), END_ROW("r2 = be16 r2", BPF_TO_BE, 16),
	END_ROW("r2 = be32 r2", BPF_TO_BE, 32), END_ROW("r2 = be64 r2", BPF_TO_BE, 64),
	BSWAP_ROW("r2 = bswap16 r2", 16), BSWAP_ROW("r2 = bswap32 r2", 32),
	BSWAP_ROW("r2 = bswap64 r2", 64),

	MEM_ROWS(BPF_B, "8"), MEM_ROWS(BPF_H, "16"),
	MEM_ROWS(BPF_W, "32"), MEM_ROWS(BPF_DW, "64"),
	MEMSX_ROW(BPF_B, "8"), MEMSX_ROW(BPF_H, "16"), MEMSX_ROW(BPF_W, "32"),
	ATOMIC_ROWS(BPF_W, "32", ""), ATOMIC_ROWS(BPF_DW, "64", "64"),
	PACKET_ROWS(BPF_B, "8"), PACKET_ROWS(BPF_H, "16"), PACKET_ROWS(BPF_W, "32"),

	JUMP_ROWS(BPF_JEQ, "=="), JUMP_ROWS(BPF_JNE, "!="), JUMP_ROWS(BPF_JSET, "&"),
	JUMP_ROWS(BPF_JGT, ">"), JUMP_ROWS(BPF_JGE, ">="), JUMP_ROWS(BPF_JLT, "<"),
	JUMP_ROWS(BPF_JLE, "<="), JUMP_ROWS(BPF_JSGT, "s>"), JUMP_ROWS(BPF_JSGE, "s>="),
	JUMP_ROWS(BPF_JSLT, "s<"), JUMP_ROWS(BPF_JSLE, "s<="),
	{ "goto pc+0", JA(0), "BPF_JA", OFF, 0 },
	{ "gotol pc+0", INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, 0), "BPF_JA", IMM, V4 },
	{ "call bpf_get_prandom_u32#7", CALL(7), "BPF_CALL", IMM, 0 },
	{ "exit", EXIT(), "BPF_EXIT", 0, 0 },
};

/* The instruction among others that give every operand a value; r6 = context. */
static int load_one(struct bpf_insn insn, __u32 level)
{
	bool ends = insn.code == (BPF_JMP | BPF_EXIT);
	struct bpf_insn prog[] = {
		MOV_X(6, 1), MOV_K(0, 1), MOV_K(2, 2), MOV_K(3, 3),
		ST(BPF_DW, 10, -8, 0), insn, MOV_K(0, 0), EXIT(),
	};

	return front_load(prog, ends ? 6 : ARRAY_LEN(prog), level);
}

static void refused(const struct row *r, struct bpf_insn insn, int err,
		    const char *log, const char *what)
{
	is(load_one(insn, 1), err, "%s: %s", r->text, what);
	is_str(prog_log, log, "%s: %s: text", r->text, what);
}

static void check_loads(const struct row *r)
{
	char line[128];

	snprintf(line, sizeof(line), "5: (%02x) %s", r->insn.code, r->text);
	is(load_one(r->insn, 2), 0, "%s: loads", r->text);
	is_str(prog_log, line, "%s: its text", r->text);
}

/* Off 1 of a division is the signed one; Linux 6.1 overlooks the off of exit. */
static bool off_differs(const struct row *r, int off)
{
	__u8 op = BPF_OP(r->insn.code);

	if (pristine())
		return r->insn.code == (BPF_JMP | BPF_EXIT);
	return off == 1 && !strcmp(r->kind, "BPF_ALU") && (op == BPF_DIV || op == BPF_MOD);
}

static void check_reserved(const struct row *r)
{
	struct bpf_insn insn;
	char log[64];

	snprintf(log, sizeof(log), "%s uses reserved fields\n", r->kind);
	for (int v = -1; v <= 1; v += 2) {
		insn = r->insn;
		insn.dst_reg = v;
		if (!(r->allowed & DST))
			refused(r, insn, -EINVAL, log, v < 0 ? "dst 15" : "dst 1");
		insn = r->insn;
		insn.src_reg = v;
		/* 1 and 2 are other kinds of call. */
		if (!(r->allowed & SRC) && (v < 0 || r->insn.code != (BPF_JMP | BPF_CALL)))
			refused(r, insn, -EINVAL, log, v < 0 ? "src 15" : "src 1");
		insn = r->insn;
		insn.off = v;
		if (!(r->allowed & OFF) && !off_differs(r, v))
			refused(r, insn, -EINVAL, log, v < 0 ? "off -1" : "off 1");
		insn = r->insn;
		insn.imm = v;
		if (!(r->allowed & IMM))
			refused(r, insn, -EINVAL, log, v < 0 ? "imm -1" : "imm 1");
	}
}

static void check_registers(const struct row *r)
{
	struct bpf_insn insn;

	insn = r->insn;
	insn.dst_reg = 11;
	if (r->notes & DST_IS_REG)
		refused(r, insn, -EINVAL, "R11 is invalid\n", "dst 11");
	insn.dst_reg = 10;
	if (r->notes & WRITES_DST)
		refused(r, insn, -EACCES, "frame pointer is read only\n", "dst 10");
	insn = r->insn;
	insn.src_reg = 15;
	if (r->notes & SRC_IS_REG)
		refused(r, insn, -EINVAL, "R15 is invalid\n", "src 15");
}

/* Unreachable by values, not by structure: the arm is decided, but it is there. */
static void check_dead_arm(const struct row *r)
{
	struct bpf_insn insn = r->insn;
	char log[64];

	if (r->allowed & OFF)
		return;
	insn.off = -1;
	snprintf(log, sizeof(log), "%s uses reserved fields\n", r->kind);
	is(front_load((struct bpf_insn[]) {
		MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 0, 1), insn, EXIT() }, 4, 1),
	   -EINVAL, "%s: off -1 in a dead arm", r->text);
	is_str(prog_log, log, "%s: off -1 in a dead arm: text", r->text);
}

static void check_rows(void)
{
	for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
		if (r->notes & V4 && pristine()) {
			skip(r->text, "Linux 6.1 does not have it");
			continue;
		}
		check_loads(r);
		check_reserved(r);
		check_registers(r);
		if (!pristine())
			check_dead_arm(r);
	}
	if (pristine()) {
		skip("exit: off", "Linux 6.1 overlooks the offset of exit");
		skip("dead arms", "Linux 6.1 does not look at them");
	}
}

static void check_unknown_opcodes(void)
{
	bool known[256] = { [BPF_LD | BPF_IMM | BPF_DW] = true };
	char log[64];

	for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++)
		known[r->insn.code] = true;
	for (int code = 0; code < 256; code++) {
		if (known[code])
			continue;
		if (BPF_CLASS(code) == BPF_LDX)
			strcpy(log, "BPF_LDX uses reserved fields\n");
		else
			snprintf(log, sizeof(log), "unknown opcode %02x\n", code);
		is(load_one(INSN(code, 0, 0, 0, 0), 1), -EINVAL, "opcode %02x", code);
		is_str(prog_log, log, "opcode %02x: text", code);
	}
}

static void check_divisors(void)
{
	static const __u8 codes[] = {
		BPF_ALU | BPF_DIV, BPF_ALU | BPF_MOD, BPF_ALU64 | BPF_DIV, BPF_ALU64 | BPF_MOD,
	};

	for (unsigned int i = 0; i < ARRAY_LEN(codes); i++) {
		is(load_one(INSN(codes[i], 2, 0, 0, 0), 1), -EINVAL, "%02x by 0", codes[i]);
		is_str(prog_log, "div by zero\n", "%02x by 0: text", codes[i]);
		is(load_one(INSN(codes[i], 2, 0, 0, -1), 1), 0, "%02x by -1", codes[i]);
		is(load_one(INSN(codes[i], 2, 0, 2, 3), 1), -EINVAL, "%02x off 2", codes[i]);
		is_str(prog_log, "BPF_ALU uses reserved fields\n", "%02x off 2: text", codes[i]);
	}
}

static void check_shifts(void)
{
	static const __u8 ops[] = { BPF_LSH, BPF_RSH, BPF_ARSH };
	char log[64];

	for (unsigned int i = 0; i < 2 * ARRAY_LEN(ops); i++) {
		int width = i % 2 ? 64 : 32;
		__u8 code = ops[i / 2] | (i % 2 ? BPF_ALU64 : BPF_ALU);
		int bad[] = { width, -1, 255 };

		is(load_one(INSN(code, 2, 0, 0, 0), 1), 0, "%02x by 0", code);
		is(load_one(INSN(code, 2, 0, 0, width - 1), 1), 0, "%02x by %d", code, width - 1);
		for (unsigned int b = 0; b < ARRAY_LEN(bad); b++) {
			snprintf(log, sizeof(log), "invalid shift %d\n", bad[b]);
			is(load_one(INSN(code, 2, 0, 0, bad[b]), 1), -EINVAL, "%02x by %d", code, bad[b]);
			is_str(prog_log, log, "%02x by %d: text", code, bad[b]);
		}
	}
}

static void check_widths(void)
{
	static const __u8 codes[] = { BPF_ALU | BPF_END, BPF_ALU | BPF_END | BPF_TO_BE, BPF_ALU64 | BPF_END };
	static const int bad[] = { 0, 8, 15, 17, 24, 48, 63, 65, 128, -16 };
	static const int sext[] = { 1, 7, 24, 32, 64, -8 };

	for (unsigned int c = 0; c < ARRAY_LEN(codes) - pristine(); c++)
		for (unsigned int b = 0; b < ARRAY_LEN(bad); b++) {
			is(load_one(INSN(codes[c], 2, 0, 0, bad[b]), 1), -EINVAL, "%02x width %d", codes[c], bad[b]);
			is_str(prog_log, "BPF_END uses reserved fields\n", "%02x width %d: text", codes[c], bad[b]);
		}
	for (unsigned int s = 0; s < ARRAY_LEN(sext); s++) {
		is(load_one(INSN(BPF_ALU | BPF_MOV | BPF_X, 2, 3, sext[s], 0), 1), -EINVAL,
		   "w2 = (s%d)w3", sext[s]);
		is_str(prog_log, "BPF_MOV uses reserved fields\n", "w2 = (s%d)w3: text", sext[s]);
	}
}

static void check_atomic_ops(void)
{
	static const int good[] = { 0x00, 0x01, 0x40, 0x41, 0x50, 0x51, 0xa0, 0xa1, 0xe1, 0xf1 };
	char log[64];

	for (int imm = -1; imm <= 0x140; imm++) {
		bool known = false;

		for (unsigned int i = 0; i < ARRAY_LEN(good); i++)
			known |= good[i] == imm;
		if (known)
			continue;
		snprintf(log, sizeof(log), "BPF_ATOMIC uses invalid atomic opcode %02x\n", imm);
		is(load_one(ATOMIC(BPF_DW, imm, 10, 2, -8), 1), -EINVAL, "atomic %02x", imm);
		is_str(prog_log, log, "atomic %02x: text", imm);
	}
	is(load_one(ATOMIC(BPF_DW, BPF_ADD | BPF_FETCH, 10, 10, -8), 1), -EACCES, "fetch into r10");
	is_str(prog_log, "frame pointer is read only\n", "fetch into r10: text");
}

int main(void)
{
	check_rows();
	check_unknown_opcodes();
	check_divisors();
	check_shifts();
	check_widths();
	check_atomic_ops();
	return finish();
}
