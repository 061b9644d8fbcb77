// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every encoder over all registers, displacements and immediates at the edges,
 * decoded by libcapstone: the same mnemonic, the same operands, the same length.
 *
 * A form is tested by one FORM() line that names what the decoder must see.
 */
#include "decode.h"
#include "jit_encode.h"
#include "tap.h"

static csh handle;
static unsigned long cases, failures;

/* ---- what is expected ----------------------------------------------------------- */

enum kind { NONE, REG, IMM, MEM };

struct operand {
	enum kind kind;
	unsigned int bits;
	u8 reg;
	s64 imm;
	struct x86_mem mem;
};

#define R(bits_, r)	((struct operand){ REG, .bits = (bits_), .reg = (r) })
#define I(value)	((struct operand){ IMM, .imm = (value) })
#define M(bits_, m)	((struct operand){ MEM, .bits = (bits_), .mem = (m) })
#define NO		((struct operand){ NONE })

static int row_of(unsigned int bits)
{
	return bits == 8 ? 0 : bits == 16 ? 1 : bits == 32 ? 2 : 3;
}

static bool memory_is(const cs_x86_op *got, const struct operand *want)
{
	bool indexed = want->mem.index != X86_NO_REG;
	/* Without base: from the end of the instruction. */
	x86_reg base = want->mem.base == X86_NO_REG ? X86_REG_RIP :
		       decode_regs[3][want->mem.base];

	return got->mem.base == base &&
	       got->mem.disp == want->mem.disp &&
	       (!want->bits || got->size * 8 == want->bits) &&
	       got->mem.segment == X86_REG_INVALID &&
	       (indexed ? got->mem.index == decode_regs[3][want->mem.index] &&
			  got->mem.scale == 8 :
			  got->mem.index == X86_REG_INVALID);
}

static bool operand_is(const cs_x86_op *got, const struct operand *want)
{
	switch (want->kind) {
	case REG:
		return got->type == X86_OP_REG &&
		       got->reg == decode_regs[row_of(want->bits)][want->reg];
	case IMM:
		/* The decoder cuts to the width of the other operand. */
		return got->type == X86_OP_IMM &&
		       !((u64)(got->imm ^ want->imm) << (64 - 8 * (got->size ?: 8)));
	default:
		return got->type == X86_OP_MEM && memory_is(got, want);
	}
}

static void complain(const struct x86_code *c, const cs_insn *insn, const char *name)
{
	unsigned int i;

	if (failures++ > 10)
		return;
	printf("# %s:", name);
	for (i = 0; i < c->pos; i++)
		printf(" %02x", c->bytes[i]);
	printf(" is %s %s\n", insn ? insn->mnemonic : "nothing", insn ? insn->op_str : "");
}

/* @c holds one instruction; counting must agree. */
static void expect(struct x86_code *c, u32 counted, const char *name, struct operand a,
		   struct operand b, struct operand d)
{
	struct operand want[3] = { a, b, d };
	cs_insn *insn = NULL;
	size_t n = cs_disasm(handle, c->bytes, c->pos, 0x1000, 0, &insn);
	bool good = n == 1 && insn->size == c->pos && c->pos == counted &&
		    !strcmp(insn->mnemonic, name);
	int i, have = good ? insn->detail->x86.op_count : 0;

	for (i = 0; i < 3 && good; i++)
		good = want[i].kind == NONE ? i >= have :
		       i < have && operand_is(&insn->detail->x86.operands[i], &want[i]);
	cases++;
	if (!good)
		complain(c, n ? insn : NULL, name);
	if (n)
		cs_free(insn, n);
}

/* Encode twice, once only counting. */
#define FORM(name, call, a, b, d) do {					\
	u8 image[16];							\
	struct x86_code counter_ = { 0 };				\
	struct x86_code code_ = { image, 0, sizeof(image) };		\
	struct x86_code *c = &counter_;					\
									\
	call;								\
	c = &code_;							\
	call;								\
	expect(&code_, counter_.pos, name, a, b, d);			\
} while (0)

/* ---- what is varied ------------------------------------------------------------- */

static const s32 disps[] = { 0, 1, -1, 127, 128, -128, -129, 0x7fff, -0x8000, INT_MAX, INT_MIN };
static const s32 imms[] = { 0, 1, -1, 127, 128, -128, -129, 255, 256, 0x12345678, INT_MAX, INT_MIN };
static const s8 bytes[] = { 0, 1, -1, 127, -128, 0x55 };

#define EACH_REG(r)	for (u8 r = 0; r < 16; r++)
#define EACH_WIDTH(w, n) for (int w = 0, n = 32; w < 2; w++, n = 64)
#define EACH(v, list)	for (unsigned int v##_ = 0; v##_ < ARRAY_SIZE(list); v##_++) \
	for (typeof(list[0]) v = list[v##_], *v##o_ = (void *)1; v##o_; v##o_ = NULL)
/* Every base with every displacement; with an index only some. */
#define EACH_MEM(m)	for (unsigned int m##_ = 0; m##_ < memories; m##_++) \
	for (struct x86_mem m = memory[m##_], *m##o_ = &m; m##o_; m##o_ = NULL)

static struct x86_mem memory[16 * ARRAY_SIZE(disps) + 16 * 15 * 3];
static unsigned int memories;

static void fill_memories(void)
{
	EACH_REG(base) {
		EACH(disp, disps)
			memory[memories++] = X86_MEM(base, disp);
		EACH_REG(index) {
			if (index == RSP)
				continue;
			for (int i = 0; i < 3; i++)
				memory[memories++] = (struct x86_mem){
					base, index, disps[i * 4] };
		}
	}
}

static const char * const alu_names[] = { "add", "or", "adc", "sbb", "and", "sub", "xor", "cmp" };
static const char * const cc_names[] = {
	"o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g",
};

static const char *join(const char *a, const char *b)
{
	static char text[32];

	snprintf(text, sizeof(text), "%s%s", a, b);
	return text;
}

/* ---- forms ------------------------------------------------------------------------ */

static void registers(void)
{
	EACH_REG(a) EACH_REG(b) EACH_WIDTH(w, n) {
		FORM("mov", x86_mov_rr(c, w, a, b), R(n, a), R(n, b), NO);
		FORM("test", x86_test_rr(c, w, a, b), R(n, a), R(n, b), NO);
		FORM("imul", x86_imul_rr(c, w, a, b), R(n, a), R(n, b), NO);
		FORM("movsx", x86_movsx_rr8(c, w, a, b), R(n, a), R(8, b), NO);
		FORM("movsx", x86_movsx_rr16(c, w, a, b), R(n, a), R(16, b), NO);
		for (int op = 0; op < 8; op++)
			FORM(alu_names[op], x86_alu_rr(c, op, w, a, b), R(n, a), R(n, b), NO);
		for (int cc = 0; cc < 16; cc++)
			FORM(join("cmov", cc_names[cc]), x86_cmov(c, cc, w, a, b),
			     R(n, a), R(n, b), NO);
		EACH(imm, imms)
			FORM("imul", x86_imul_rri32(c, w, a, b, imm), R(n, a), R(n, b), I(imm));
		EACH(imm, bytes)
			FORM("imul", x86_imul_rri8(c, w, a, b, imm), R(n, a), R(n, b), I(imm));
		for (int count = 0; count < n; count += 31)
			FORM("rorx", x86_rorx(c, w, a, b, count), R(n, a), R(n, b), I(count));
	}
	EACH_REG(a) EACH_REG(b) {
		FORM("movzx", x86_movzx_rr8(c, a, b), R(32, a), R(8, b), NO);
		FORM("movzx", x86_movzx_rr16(c, a, b), R(32, a), R(16, b), NO);
		FORM("movsxd", x86_movsxd_rr(c, a, b), R(64, a), R(32, b), NO);
	}
}

static void three_registers(void)
{
	EACH_REG(a) EACH_REG(b) EACH_REG(d) EACH_WIDTH(w, n) {
		FORM("shlx", x86_shiftx(c, X86_SHL, w, a, b, d), R(n, a), R(n, b), R(n, d));
		FORM("shrx", x86_shiftx(c, X86_SHR, w, a, b, d), R(n, a), R(n, b), R(n, d));
		FORM("sarx", x86_shiftx(c, X86_SAR, w, a, b, d), R(n, a), R(n, b), R(n, d));
		FORM("mulx", x86_mulx(c, w, a, b, d), R(n, a), R(n, b), R(n, d));
	}
}

/* A sum has a scale of 1, which the table of addresses has not. */
static void lea_sum(void)
{
	EACH_REG(a) EACH_REG(b) EACH_REG(d) EACH_WIDTH(w, n) {
		u8 image[16];
		struct x86_code c = { image, 0, sizeof(image) };
		cs_insn *insn;
		size_t count;
		bool good;

		if (d == RSP)
			continue;
		x86_lea_sum(&c, w, a, b, d);
		count = cs_disasm(handle, image, c.pos, 0, 0, &insn);
		good = count == 1 && insn->size == c.pos && !strcmp(insn->mnemonic, "lea") &&
		       insn->detail->x86.operands[0].reg == decode_regs[row_of(n)][a] &&
		       insn->detail->x86.operands[1].mem.base == decode_regs[3][b] &&
		       insn->detail->x86.operands[1].mem.index == decode_regs[3][d] &&
		       insn->detail->x86.operands[1].mem.scale == 1 &&
		       insn->detail->x86.operands[1].mem.disp == 0;
		cases++;
		if (!good)
			complain(&c, count ? insn : NULL, "lea sum");
		if (count)
			cs_free(insn, count);
	}
}

static void one_register(void)
{
	static const char * const unary[] = { "not", "neg", "mul", "imul", "div", "idiv" };
	static const struct { const char *name; int op; } shifts[] = {
		{ "rol", X86_ROL }, { "ror", X86_ROR }, { "shl", X86_SHL },
		{ "shr", X86_SHR }, { "sar", X86_SAR },
	};

	EACH_REG(a) EACH_WIDTH(w, n) {
		for (int op = X86_NOT; op <= X86_IDIV; op++)
			FORM(unary[op - X86_NOT], x86_unary_r(c, op, w, a), R(n, a), NO, NO);
		for (int i = 0; i < 5; i++) {
			FORM(shifts[i].name, x86_shift_by_cl(c, shifts[i].op, w, a), R(n, a),
			     R(8, RCX), NO);
			for (int count = 1; count < n; count += 5)
				FORM(shifts[i].name,
				     x86_shift_ri(c, shifts[i].op, w, a, count), R(n, a),
				     I(count), NO);
		}
		FORM("inc", x86_inc(c, w, a), R(n, a), NO, NO);
		FORM("dec", x86_dec(c, w, a), R(n, a), NO, NO);
		FORM("bswap", x86_bswap(c, w, a), R(n, a), NO, NO);
	}
	EACH_REG(a) {
		FORM("rol", x86_rol16(c, a, 8), R(16, a), I(8), NO);
		FORM("push", x86_push(c, a), R(64, a), NO, NO);
		FORM("pop", x86_pop(c, a), R(64, a), NO, NO);
		FORM("jmp", x86_jmp_r(c, a), R(64, a), NO, NO);
		for (int cc = 0; cc < 16; cc++)
			FORM(join("set", cc_names[cc]), x86_setcc(c, cc, a), R(8, a), NO, NO);
	}
}

static void immediates(void)
{
	EACH_REG(a) EACH(imm, imms) {
		EACH_WIDTH(w, n) {
			for (int op = 0; op < 8; op++)
				FORM(alu_names[op], x86_alu_ri32(c, op, w, a, imm), R(n, a),
				     I(imm), NO);
			FORM("test", x86_test_ri32(c, w, a, imm), R(n, a), I(imm), NO);
		}
		FORM("mov", x86_mov_ri32(c, a, imm), R(32, a), I(imm), NO);
		FORM("mov", x86_mov_rs32(c, a, imm), R(64, a), I(imm), NO);
		FORM("movabs", x86_mov_ri64(c, a, (u64)imm << 20 | 5), R(64, a),
		     I((u64)imm << 20 | 5), NO);
	}
	EACH_REG(a) EACH(imm, bytes) {
		EACH_WIDTH(w, n)
			for (int op = 0; op < 8; op++)
				FORM(alu_names[op], x86_alu_ri8(c, op, w, a, imm), R(n, a),
				     I(imm), NO);
		FORM("test", x86_test_ri8(c, a, imm), R(8, a), I(imm), NO);
	}
}

static void loads(void)
{
	EACH_MEM(m) EACH_REG(a) {
		EACH_WIDTH(w, n) {
			FORM("mov", x86_load(c, w, a, m), R(n, a), M(n, m), NO);
			FORM("lea", x86_lea(c, w, a, m), R(n, a), M(0, m), NO);
			for (int op = 0; op < 8; op++)
				FORM(alu_names[op], x86_alu_rm(c, op, w, a, m), R(n, a),
				     M(n, m), NO);
		}
		FORM("movbe", x86_movbe_rm(c, false, a, m), R(32, a), M(32, m), NO);
		FORM("movbe", x86_movbe_rm(c, true, a, m), R(64, a), M(64, m), NO);
		FORM("movbe", x86_movbe_mr16(c, m, a), M(16, m), R(16, a), NO);
		FORM("movbe", x86_movbe_mr(c, false, m, a), M(32, m), R(32, a), NO);
		FORM("movbe", x86_movbe_mr(c, true, m, a), M(64, m), R(64, a), NO);
		FORM("movzx", x86_movzx_rm8(c, a, m), R(32, a), M(8, m), NO);
		FORM("movzx", x86_movzx_rm16(c, a, m), R(32, a), M(16, m), NO);
		FORM("movsx", x86_movsx_rm8(c, a, m), R(64, a), M(8, m), NO);
		FORM("movsx", x86_movsx_rm16(c, a, m), R(64, a), M(16, m), NO);
		FORM("movsxd", x86_movsxd_rm(c, a, m), R(64, a), M(32, m), NO);
	}
}

static void stores(void)
{
	EACH_MEM(m) EACH_REG(a) {
		EACH_WIDTH(w, n) {
			FORM("mov", x86_store(c, w, m, a), M(n, m), R(n, a), NO);
			FORM("lock xadd", x86_lock_xadd(c, w, m, a), M(n, m), R(n, a), NO);
			FORM("lock cmpxchg", x86_lock_cmpxchg(c, w, m, a), M(n, m), R(n, a), NO);
			FORM("xchg", x86_xchg_mr(c, w, m, a), M(n, m), R(n, a), NO);
			for (int op = 0; op < 8; op++)
				FORM(alu_names[op], x86_alu_mr(c, op, w, m, a), M(n, m),
				     R(n, a), NO);
			FORM("lock and", x86_lock_alu_mr(c, X86_AND, w, m, a), M(n, m), R(n, a), NO);
		}
		FORM("mov", x86_store8(c, m, a), M(8, m), R(8, a), NO);
		FORM("mov", x86_store16(c, m, a), M(16, m), R(16, a), NO);
	}
}

static void memory_immediates(void)
{
	EACH_MEM(m) {
		EACH_WIDTH(w, n) {
			EACH(imm, imms) {
				FORM("mov", x86_store_i(c, w, m, imm), M(n, m), I(imm), NO);
				FORM("xor", x86_alu_mi32(c, X86_XOR, w, m, imm), M(n, m), I(imm), NO);
			}
			EACH(imm, bytes)
				for (int op = 0; op < 8; op++)
					FORM(alu_names[op], x86_alu_mi8(c, op, w, m, imm),
					     M(n, m), I(imm), NO);
			FORM("inc", x86_inc_m(c, w, m), M(n, m), NO, NO);
		}
		EACH(imm, bytes) {
			FORM("mov", x86_store8_i(c, m, imm), M(8, m), I(imm), NO);
			FORM("mov", x86_store16_i(c, m, imm * 0x101), M(16, m), I(imm * 0x101), NO);
			FORM("cmp", x86_alu_m8i8(c, X86_CMP, m, imm), M(8, m), I(imm), NO);
		}
	}
}

/* The decoder was told that the code is at 0x1000. */
static void control(void)
{
	EACH(d, bytes) {
		for (int cc = 0; cc < 16; cc++)
			FORM(join("j", cc_names[cc]), x86_jcc8(c, cc, d), I(0x1002 + d), NO, NO);
		FORM("jmp", x86_jmp8(c, d), I(0x1002 + d), NO, NO);
	}
	EACH(d, imms) {
		for (int cc = 0; cc < 16; cc++)
			FORM(join("j", cc_names[cc]), x86_jcc32(c, cc, d), I(0x1006 + (s64)d), NO, NO);
		FORM("jmp", x86_jmp32(c, d), I(0x1005 + (s64)d), NO, NO);
		FORM("call", x86_call32(c, d), I(0x1005 + (s64)d), NO, NO);
	}
	FORM("ret", x86_ret(c), NO, NO, NO);
	FORM("leave", x86_leave(c), NO, NO, NO);
	EACH_REG(a)
		EACH(disp, disps)
			FORM("lea", x86_lea_rip(c, a, disp), R(64, a), M(0, X86_MEM(X86_NO_REG, disp)),
			     NO);
	FORM("int3", x86_int3(c), NO, NO, NO);
	FORM("lfence", x86_lfence(c), NO, NO, NO);
	FORM("cqo", x86_cqo(c, true), NO, NO, NO);
	FORM("cdq", x86_cqo(c, false), NO, NO, NO);
	FORM("nop", x86_nop(c, 1), NO, NO, NO);
	FORM("nop", x86_nop(c, 2), NO, NO, NO);
	for (int n = 3; n <= 8; n++)
		FORM("nop", x86_nop(c, n), M(0, X86_MEM(RAX, 0)), NO, NO);
	FORM("endbr64", x86_endbr64(c), NO, NO, NO);
}

int main(void)
{
	static const struct { const char *name; void (*run)(void); } groups[] = {
		{ "two registers", registers },
		{ "three registers", three_registers },
		{ "sum of two registers", lea_sum },
		{ "one register", one_register },
		{ "register and immediate", immediates },
		{ "load forms", loads },
		{ "store forms", stores },
		{ "memory and immediate", memory_immediates },
		{ "control", control },
	};
	char name[96];

	handle = decode_open();
	fill_memories();
	for (unsigned int i = 0; i < ARRAY_SIZE(groups); i++) {
		unsigned long before = cases;

		failures = 0;
		groups[i].run();
		snprintf(name, sizeof(name), "encoders, %s: %lu instructions as the decoder reads them",
			 groups[i].name, cases - before);
		tap_result(!failures && cases > before, name);
	}
	return tap_status();
}
