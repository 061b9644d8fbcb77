// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs made to be accepted, so that every input reaches lowering and runs:
 * context loads of all fields and parts, packet loads, map lookups with their
 * check, spills, dead branches, jumps over so much that they change their form.
 * The lowered program must do what the loaded one does, see world_run.c.
 *
 * With FUZZ_DUMP=FILE in the environment the program is written there as an input
 * of the target "verifier".
 *
 * Input: choices. R6 is the context; R0, R2, R3, R7 and R8 hold numbers, R9 is
 * used within one construction.
 */
#include "target.h"

#define INSNS_MAX	70000
#define RUNS		2
#define OPEN_JUMPS	8

static struct bpf_insn insns[INSNS_MAX];
static u32 len;

/* Conditional jumps whose target is not yet known. */
static struct {
	u32 at;
	u32 left;
} open_jump[OPEN_JUMPS];

static void emit(struct bpf_insn insn)
{
	if (len < INSNS_MAX - 64)
		insns[len++] = insn;
}

static u8 reg(struct choices *c)
{
	static const u8 regs[] = { 0, 2, 3, 7, 8 };

	return regs[choose(c, ARRAY_SIZE(regs))];
}

static u8 alu_op(struct choices *c)
{
	static const u8 ops[] = {
		BPF_ADD, BPF_SUB, BPF_MUL, BPF_OR, BPF_AND, BPF_XOR, BPF_DIV,
		BPF_MOD, BPF_LSH, BPF_RSH, BPF_ARSH, BPF_MOV,
	};

	return ops[choose(c, ARRAY_SIZE(ops))];
}

static u8 jump_op(struct choices *c)
{
	static const u8 ops[] = {
		BPF_JEQ, BPF_JNE, BPF_JSET, BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE,
		BPF_JSGT, BPF_JSGE, BPF_JSLT, BPF_JSLE,
	};

	return ops[choose(c, ARRAY_SIZE(ops))];
}

static u8 size_code(struct choices *c)
{
	static const u8 sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };

	return sizes[choose(c, ARRAY_SIZE(sizes))];
}

static void arithmetic(struct choices *c)
{
	u8 op = alu_op(c), class = choose(c, 2) ? BPF_ALU : BPF_ALU64;
	u32 k = choose_word(c);
	s16 off = 0;

	if (op == BPF_DIV || op == BPF_MOD) {
		k |= 1;
		off = choose(c, 2);
	}
	if (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)
		k %= 32;
	if (choose(c, 2))
		emit(BPF_RAW_INSN(class | op | BPF_X, reg(c), reg(c), off, 0));
	else
		emit(BPF_RAW_INSN(class | op | BPF_K, reg(c), 0, off, k));
}

static void extension(struct choices *c)
{
	u8 r = reg(c);

	switch (choose(c, 4)) {
	case 0:
		emit(BPF_RAW_INSN(BPF_ALU64 | BPF_MOV | BPF_X, r, reg(c), 8 << choose(c, 3), 0));
		break;
	case 1:
		emit(BPF_RAW_INSN(BPF_ALU | BPF_MOV | BPF_X, r, reg(c), 8 << choose(c, 2), 0));
		break;
	case 2:
		emit(BPF_BSWAP(r, 16 << choose(c, 3)));
		break;
	default:
		emit(BPF_RAW_INSN(BPF_ALU | BPF_END | (choose(c, 2) ? BPF_TO_LE : BPF_TO_BE),
				  r, 0, 0, 16 << choose(c, 3)));
	}
}

/* Any field, whole or a part of it; fields that do not exist are refused. */
static void context_load(struct choices *c)
{
	u8 size = choose(c, 3) ? BPF_W : choose(c, 2) ? BPF_B : BPF_H;
	u32 bytes = size == BPF_W ? 4 : size == BPF_H ? 2 : 1;
	u8 mode = choose(c, 4) ? BPF_MEM : BPF_MEMSX;
	u32 off = choose(c, 17) * 4 + choose(c, 4) / bytes * bytes;

	emit(BPF_RAW_INSN(BPF_LDX | mode | size, reg(c), BPF_REG_6, off, 0));
}

static void context_store(struct choices *c)
{
	emit(BPF_STX_MEM(choose(c, 2) ? BPF_W : BPF_B, BPF_REG_6, reg(c),
			 offsetof(struct __sk_buff, cb) + 4 * choose(c, 5)));
}

static void packet_load(struct choices *c)
{
	u8 size = choose(c, 3) ? BPF_B : choose(c, 2) ? BPF_H : BPF_W;
	u8 index = reg(c);

	if (choose(c, 2))
		emit(BPF_LD_ABS(size, choose(c, 4) ? (s32)choose(c, 100) :
				SKF_NET_OFF + (s32)choose(c, 40)));
	else
		emit(BPF_LD_IND(size, index, choose(c, 100)));
	emit(BPF_MOV64_IMM(BPF_REG_2, choose_byte(c)));
	emit(BPF_MOV64_IMM(BPF_REG_3, choose_byte(c)));
}

/* Slots fp-8 to fp-64 hold numbers; keys are built below. */
static void stack_access(struct choices *c)
{
	u8 size = size_code(c);
	u32 bytes = size == BPF_DW ? 8 : size == BPF_W ? 4 : size == BPF_H ? 2 : 1;
	int off = -64 + (int)(choose(c, 64 / bytes) * bytes);

	switch (choose(c, 5)) {
	case 0:
		emit(BPF_ST_MEM(size, BPF_REG_10, off, choose_word(c)));
		break;
	case 1:
		emit(BPF_STX_MEM(size, BPF_REG_10, reg(c), off));
		break;
	case 2:
		if (bytes >= 4) {
			static const u8 ops[] = {
				BPF_ADD, BPF_AND, BPF_OR, BPF_XOR, BPF_ADD | BPF_FETCH,
				BPF_AND | BPF_FETCH, BPF_OR | BPF_FETCH,
				BPF_XOR | BPF_FETCH, BPF_XCHG, BPF_CMPXCHG,
			};

			emit(BPF_ATOMIC_OP(size, ops[choose(c, ARRAY_SIZE(ops))],
					   BPF_REG_10, reg(c), off));
			break;
		}
		/* fall through: no atomics of this size */
	default:
		emit(BPF_RAW_INSN(BPF_LDX | (bytes < 8 && choose(c, 3) == 0 ? BPF_MEMSX : BPF_MEM) |
				  size, reg(c), BPF_REG_10, off, 0));
	}
}

static void load_arguments(struct choices *c, u32 fd)
{
	emit(BPF_ST_MEM(BPF_DW, BPF_REG_10, -72, choose(c, 5)));
	emit(BPF_MOV64_REG(BPF_REG_2, BPF_REG_10));
	emit(BPF_ALU64_IMM(BPF_ADD, BPF_REG_2, -72));
	emit((struct bpf_insn){ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = BPF_REG_1,
				.src_reg = BPF_PSEUDO_MAP_FD, .imm = fd });
	emit((struct bpf_insn){ 0 });
}

static void call(s32 helper)
{
	emit(BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper));
}

static void numbers_again(void)
{
	emit(BPF_MOV64_IMM(BPF_REG_2, 2));
	emit(BPF_MOV64_IMM(BPF_REG_3, 3));
}

static bool is_read_only(u32 fd)
{
	return fd == FD_RDONLY || fd == FD_RDONLY_ONE || fd == FD_CONSTANT;
}

static void map_lookup(struct choices *c)
{
	static const u8 value[] = {
		[FD_ARRAY] = 8, [FD_HASH] = 16, [FD_HASH_WIDE] = 48, [FD_ARRAY_ODD] = 13,
		[FD_RDONLY] = 8, [FD_WRONLY] = 8, [FD_ARRAY_LONG] = 20,
		[FD_ONE] = 24, [FD_CONSTANT] = 24, [FD_RDONLY_ONE] = 24, [FD_FROZEN_ONE] = 24,
	};
	u32 fd = FD_ARRAY + choose(c, FD_END - FD_ARRAY);
	u32 off = choose(c, value[fd]);

	load_arguments(c, fd);
	call(BPF_FUNC_map_lookup_elem);
	emit(BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 3));
	emit(BPF_MOV64_REG(BPF_REG_9, BPF_REG_0));
	if (fd == FD_WRONLY || (!is_read_only(fd) && choose(c, 2)))
		emit(BPF_STX_MEM(BPF_B, BPF_REG_9, BPF_REG_7, off));
	else
		emit(BPF_LDX_MEM(BPF_B, BPF_REG_7, BPF_REG_9, off));
	emit(BPF_MOV64_IMM(BPF_REG_0, 1));
	emit(BPF_MOV64_REG(BPF_REG_0, BPF_REG_8));
	numbers_again();
}

static void map_change(struct choices *c)
{
	u32 fd = FD_ARRAY + choose(c, 3);

	load_arguments(c, fd);
	if (choose(c, 2)) {
		emit(BPF_MOV64_REG(BPF_REG_3, BPF_REG_10));
		emit(BPF_ALU64_IMM(BPF_ADD, BPF_REG_3, -64));
		emit(BPF_MOV64_IMM(BPF_REG_4, choose(c, 4)));
		call(BPF_FUNC_map_update_elem);
	} else {
		call(BPF_FUNC_map_delete_elem);
	}
	numbers_again();
}

static void simple_call(struct choices *c)
{
	static const s32 helpers[] = {
		BPF_FUNC_ktime_get_ns, BPF_FUNC_get_prandom_u32,
		BPF_FUNC_get_smp_processor_id,
	};

	call(helpers[choose(c, ARRAY_SIZE(helpers))]);
	numbers_again();
}

/* A jump forward, over the next constructions; its end comes later. */
static void branch(struct choices *c)
{
	u8 class = choose(c, 2) ? BPF_JMP : BPF_JMP32;
	u32 i, kind = choose(c, 5), over = choose(c, 12);
	u8 r = reg(c);

	for (i = 0; i < OPEN_JUMPS && open_jump[i].left; i++)
		;
	if (i == OPEN_JUMPS)
		return;
	/* Decided by a constant: one side is dead. */
	if (kind == 0)
		emit(BPF_MOV64_IMM(r, choose(c, 4)));
	if (kind == 4)
		emit(BPF_RAW_INSN(class | BPF_JA, 0, 0, 0, 0));
	else if (kind == 3)
		emit(BPF_RAW_INSN(class | jump_op(c) | BPF_X, r, reg(c), 0, 0));
	else
		emit(BPF_RAW_INSN(class | jump_op(c) | BPF_K, r, 0, 0, choose(c, 4)));
	open_jump[i].at = len - 1;
	open_jump[i].left = over + 1;
}

static void land(u32 i)
{
	struct bpf_insn *insn = &insns[open_jump[i].at];
	u32 distance = len - open_jump[i].at - 1;

	if (insn->code == (BPF_JMP32 | BPF_JA))
		insn->imm = distance;
	else
		insn->off = distance;
	open_jump[i].left = 0;
}

static void land_due(bool all)
{
	for (u32 i = 0; i < OPEN_JUMPS; i++)
		if (open_jump[i].left && (--open_jump[i].left == 0 || all))
			land(i);
}

/* So many loads that what jumps over them must change its form. */
static void mass(struct choices *c)
{
	u32 n = 200u << choose(c, 6);

	while (n--)
		emit(BPF_LDX_MEM(BPF_B, BPF_REG_7, BPF_REG_6,
				 offsetof(struct __sk_buff, gso_segs)));
}

static void (*const constructions[])(struct choices *c) = {
	arithmetic, arithmetic, extension, context_load, context_load, context_store,
	packet_load, stack_access, stack_access, map_lookup, map_change, simple_call,
	branch, branch, branch,
};

static void make(struct choices *c)
{
	/* Large programs are slow: one input in 64. */
	bool large = choose(c, 64) == 63;

	len = 0;
	memset(open_jump, 0, sizeof(open_jump));
	emit(BPF_MOV64_REG(BPF_REG_6, BPF_REG_1));
	emit(BPF_MOV64_IMM(BPF_REG_0, 0));
	numbers_again();
	emit(BPF_LDX_MEM(BPF_W, BPF_REG_7, BPF_REG_6, 0));
	emit(BPF_LDX_MEM(BPF_W, BPF_REG_8, BPF_REG_6, offsetof(struct __sk_buff, mark)));
	for (int off = -64; off < 0; off += 8)
		emit(BPF_STX_MEM(BPF_DW, BPF_REG_10, BPF_REG_8, off));
	while (choices_left(c) && len < INSNS_MAX - 128) {
		u32 kind = choose_byte(c);

		if (kind == 255 && large)
			mass(c);
		else
			constructions[kind % ARRAY_SIZE(constructions)](c);
		land_due(false);
	}
	land_due(true);
	insns[len++] = BPF_EXIT_INSN();
}

static void dump(const char *name)
{
	static const u8 options[] = { 1, 0, 0, 0 };
	FILE *f = fopen(name, "wb");

	if (!f)
		return;
	fwrite(options, 1, sizeof(options), f);
	fwrite(insns, sizeof(*insns), len, f);
	fclose(f);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct choices c = { data, data + size };
	struct world_load load = {
		.insns = insns, .gpl = true, .allocations = -1, .patience = 20,
	};
	const char *wrong;

	if (size > 400)
		return 0;
	make(&c);
	load.len = len;
	wrong = world_check(&load);
	for (u32 i = 0; !wrong && !load.err && i < RUNS; i++)
		wrong = world_compare(&load, 1 + size + i);
	if (getenv("FUZZ_DUMP") && !load.err)
		dump(getenv("FUZZ_DUMP"));
	world_unload(&load);
	if (wrong && *wrong)
		found(wrong, insns, len);
	return 0;
}
