// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every instruction of RFC 9669 through bpf(2): verified, lowered and run on
 * operands that only the run knows, and compared with the reference machine.
 *
 * usage: isa [v4]	v4: only the instructions that Linux 6.1 lacks
 *
 * A program handles one cell of an array per packet; the packet holds the
 * number of the cell.
 */
#include <stddef.h>

#include "../test.h"
#include "../unit_interp/reference.c"

struct cell {
	__u64 r7, r8, r0;		/* before */
	__u64 out[4];			/* R0, R7, R8, R9 after */
};

static const __u64 values[] = {
	0, 1, 2, 5, 31, 32, 63, 0x7f, 0x80, 0x8000, 0x7fffffff, 0x80000000,
	0xffffffff, 0x100000000, 0x100000001, 0x7fffffffffffffff,
	0x8000000000000000, 0xffffffff80000000, 0xfffffffffffffffe,
	0xffffffffffffffff, 0x0123456789abcdef, 0xfedcba9876543210,
};

#define VALUES		ARRAY_LEN(values)
#define CELLS		(VALUES * VALUES)
#define SNIPPET_MAX	8

static int cells_fd, pair[2];
static bool only_v4;

/* What goes before and after the snippet under test. */
static int load(const struct bpf_insn *snippet, unsigned int len)
{
	const struct bpf_insn head[] = {
		MOV_X(6, 1),
		LDABS(BPF_W, 0),
		STX(BPF_W, 10, 0, -4),
		LD_MAP(1, cells_fd),
		MOV_X(2, 10),
		ALU_K(BPF_ADD, 2, -4),
		CALL(BPF_FUNC_map_lookup_elem),
		JMP_K(BPF_JNE, 0, 0, 2),
		MOV_K(0, 0),
		EXIT(),
		MOV_X(6, 0),
		LDX(BPF_DW, 7, 6, offsetof(struct cell, r7)),
		LDX(BPF_DW, 8, 6, offsetof(struct cell, r8)),
		LDX(BPF_DW, 0, 6, offsetof(struct cell, r0)),
		MOV_K(9, 1),
	}, tail[] = {
		STX(BPF_DW, 6, 0, offsetof(struct cell, out[0])),
		STX(BPF_DW, 6, 7, offsetof(struct cell, out[1])),
		STX(BPF_DW, 6, 8, offsetof(struct cell, out[2])),
		STX(BPF_DW, 6, 9, offsetof(struct cell, out[3])),
		MOV_K(0, 0),
		EXIT(),
	};
	struct bpf_insn program[ARRAY_LEN(head) + SNIPPET_MAX + ARRAY_LEN(tail)];

	memcpy(program, head, sizeof(head));
	memcpy(program + ARRAY_LEN(head), snippet, len * sizeof(*snippet));
	memcpy(program + ARRAY_LEN(head) + len, tail, sizeof(tail));
	return prog_load(BPF_PROG_TYPE_SOCKET_FILTER, program,
			 ARRAY_LEN(head) + len + ARRAY_LEN(tail));
}

static void reference(const struct bpf_insn *snippet, unsigned int len,
		      struct cell *cell)
{
	struct bpf_insn program[SNIPPET_MAX + 1];
	__u64 stack[8] = { 0 };
	struct ref_machine m = {
		.reg = { [0] = cell->r0, [7] = cell->r7, [8] = cell->r8, [9] = 1,
			 [10] = (uintptr_t)(stack + ARRAY_LEN(stack)) },
	};

	memcpy(program, snippet, len * sizeof(*snippet));
	program[len] = EXIT();
	while (ref_step(&m, program) == REF_NEXT)
		;
	cell->out[0] = m.reg[0];
	cell->out[1] = m.reg[7];
	cell->out[2] = m.reg[8];
	cell->out[3] = m.reg[9];
}

static bool run_cell(const struct bpf_insn *snippet, unsigned int len,
		     __u32 number, struct cell *in)
{
	__u32 packet = __builtin_bswap32(number);
	struct cell got, want = *in;
	int i;

	if (map_put(cells_fd, &number, in, BPF_ANY) ||
	    write(pair[1], &packet, sizeof(packet)) < 0 ||
	    map_get(cells_fd, &number, &got))
		bail("cell %u: %s", number, strerror(errno));
	reference(snippet, len, &want);
	if (!memcmp(&got, &want, sizeof(got)))
		return true;
	note("r7 %#llx r8 %#llx r0 %#llx", in->r7, in->r8, in->r0);
	for (i = 0; i < 4; i++)
		note("  out[%d] %#llx reference %#llx", i, got.out[i], want.out[i]);
	return false;
}

/* Over all pairs, or over one operand with the other following it. */
static bool run(const struct bpf_insn *snippet, unsigned int len, bool pairs)
{
	int fd = load(snippet, len);
	unsigned int a, b, step = quick() ? 5 : 1;
	bool good = true;

	if (fd < 0) {
		note("load: %s\n%s", strerror(-fd), prog_log);
		return false;
	}
	if (setsockopt(pair[0], SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof(fd)))
		bail("attach: %s", strerror(errno));
	for (a = 0; a < VALUES; a++)
		for (b = pairs ? a % step : a; b < (pairs ? VALUES : a + 1) && good; b += step) {
			struct cell in = {
				.r7 = values[a],
				.r8 = values[b],
				.r0 = b % 2 ? values[a] : ~values[b],
			};

			memset(in.out, 0xee, sizeof(in.out));
			good = run_cell(snippet, len, a * VALUES + b, &in);
		}
	close(fd);
	return good;
}

static bool jumps(__u8 code)
{
	return BPF_CLASS(code) == BPF_JMP || BPF_CLASS(code) == BPF_JMP32;
}

/* The instruction; R9 = 2 unless it jumps. The first one keeps both reachable. */
static bool run_insn(struct bpf_insn insn, bool pairs)
{
	const struct bpf_insn snippet[] = {
		JMP_K(BPF_JEQ, 7, 5, 1), insn, MOV_K(9, 2),
	};

	if (jumps(insn.code))
		return run(snippet, 3, pairs);
	return run(snippet + 1, 2, pairs);
}

/* Instructions that Linux refuses although the RFC defines them. */
static bool refused_by_rule(const struct bpf_insn *insn)
{
	int width = BPF_CLASS(insn->code) == BPF_ALU64 ? 64 : 32;
	__u8 op = BPF_OP(insn->code);

	if (jumps(insn->code) || BPF_SRC(insn->code) == BPF_X)
		return false;
	if (op == BPF_DIV || op == BPF_MOD)
		return insn->imm == 0;
	if (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)
		return insn->imm < 0 || insn->imm >= width;
	return false;
}

static bool with_immediates(struct bpf_insn insn)
{
	static const __s32 imms[] = {
		0, 1, 2, 5, 16, 31, 32, 63, 64, 0x8000, 0x7fffffff, INT32_MIN, -1,
	};
	bool good = true;
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(imms) && good; i++) {
		insn.imm = imms[i];
		if (!ref_defines(&insn))
			continue;
		if (refused_by_rule(&insn))
			good = load(&insn, 1) == -EINVAL;
		else
			good = run_insn(insn, false);
		if (!good)
			note("immediate %d", insn.imm);
	}
	return good;
}

/* Version 4 of the instruction set, which Linux 6.1 lacks. */
static bool is_v4(const struct bpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LDX:
		return BPF_MODE(insn->code) == 0x80;
	case BPF_ALU:
		return insn->off != 0;
	case BPF_ALU64:
		return insn->off != 0 || BPF_OP(insn->code) == BPF_END;
	default:
		return insn->code == (BPF_JMP32 | BPF_JA);
	}
}

static void name_of(const struct bpf_insn *insn, char *name, size_t size)
{
	static const char * const classes[] = {
		"LD", "LDX", "ST", "STX", "ALU", "JMP", "JMP32", "ALU64",
	};

	snprintf(name, size, "%s opcode %02x, offset %d, imm %d",
		 classes[BPF_CLASS(insn->code)], insn->code, insn->off, insn->imm);
}

static void test_alu_or_jump(__u8 code)
{
	static const __s16 offsets[] = { 0, 1, 8, 16, 32 };
	struct bpf_insn insn = { .code = code, .dst_reg = 7 };
	bool swap = !jumps(code) && BPF_OP(code) == BPF_END;
	bool reg = !swap && BPF_SRC(code) == BPF_X;
	char name[80];
	unsigned int i;

	if (code == (BPF_JMP | BPF_CALL) || code == (BPF_JMP | BPF_EXIT))
		return;
	insn.src_reg = reg ? 8 : 0;
	for (i = 0; i < ARRAY_LEN(offsets); i++) {
		bool good = true;

		insn.imm = swap ? 16 : 0;
		insn.off = jumps(code) && i == 0 ? 1 : offsets[i];
		if (code == (BPF_JMP32 | BPF_JA))
			insn.off = 0, insn.imm = 1;
		if ((jumps(code) && i) || !ref_defines(&insn) || is_v4(&insn) != only_v4)
			continue;
		name_of(&insn, name, sizeof(name));
		if (reg)
			good = run_insn(insn, true);
		else if (BPF_OP(code) == BPF_JA && jumps(code))
			insn.dst_reg = 0, good = run_insn(insn, false);
		else if (BPF_OP(code) == BPF_NEG && !jumps(code))
			good = run_insn(insn, false);
		else
			good = with_immediates(insn);
		ok(good, "%s", name);
	}
}

/* Eight bytes on the stack from R7, the access at them, all of them into R7. */
static void test_memory(__u8 code)
{
	static const __u8 bytes[] = { 4, 2, 1, 8 };
	struct bpf_insn insn = { .code = code, .imm = -2 };
	int size = bytes[code >> 3 & 3], at;
	bool is_load = BPF_CLASS(code) == BPF_LDX, good = true;
	char name[80];

	if (!ref_defines(&insn) || is_v4(&insn) != only_v4)
		return;
	name_of(&insn, name, sizeof(name));
	insn.dst_reg = is_load ? 8 : 10;
	insn.src_reg = is_load ? 10 : BPF_CLASS(code) == BPF_STX ? 8 : 0;
	if (BPF_CLASS(code) != BPF_ST)
		insn.imm = 0;
	for (at = -16; at < -8 && good; at += size) {
		const struct bpf_insn snippet[] = {
			STX(BPF_DW, 10, 7, -16),
			insn,
			LDX(BPF_DW, 7, 10, -16),
		};

		((struct bpf_insn *)snippet)[1].off = at;
		good = run(snippet, 3, !is_load);
	}
	ok(good, "%s", name);
}

static void test_atomic(__u8 code, __s32 op)
{
	struct bpf_insn insn = INSN(code, 10, 8, -16, op);
	const struct bpf_insn snippet[] = {
		STX(BPF_DW, 10, 7, -16),
		insn,
		LDX(BPF_DW, 7, 10, -16),
	};
	char name[80];

	if (!ref_defines(&insn) || only_v4)
		return;
	name_of(&insn, name, sizeof(name));
	ok(run(snippet, 3, true), "%s", name);
}

static void test_wide_immediate(void)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < VALUES && good; i++) {
		const struct bpf_insn snippet[] = { LD64(7, values[i]) };

		good = run(snippet, 2, false);
	}
	ok(good, "LD opcode 18");
}

int main(int argc, char **argv)
{
	int code, op;

	only_v4 = argc > 1 && !strcmp(argv[1], "v4");
	cells_fd = map_create(BPF_MAP_TYPE_ARRAY, 4, sizeof(struct cell), CELLS, 0);
	if (cells_fd < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		bail("set-up: map %d", cells_fd);
	if (!only_v4)
		test_wide_immediate();
	for (code = 0; code < 256; code++) {
		switch (BPF_CLASS(code)) {
		case BPF_LD:
			break;
		case BPF_LDX:
		case BPF_ST:
		case BPF_STX:
			if (BPF_MODE(code) != BPF_ATOMIC)
				test_memory(code);
			for (op = 0; op < 256 && BPF_MODE(code) == BPF_ATOMIC; op++)
				test_atomic(code, op);
			break;
		default:
			test_alu_or_jump(code);
		}
	}
	return finish();
}
