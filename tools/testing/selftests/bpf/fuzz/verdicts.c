// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs, the same on every kernel, and what the kernel makes of them.
 *
 *	verdicts [FIRST [COUNT [FILE]]]
 *
 * Prints "SEED ERRNO RESULT" for each seed. FILE is that output from Linux 6.1,
 * then the two are compared instead: what it takes we take, with the same
 * result. We may take more, as bounds are known more exactly, but not much.
 * TEXT=1 adds the reason of each refusal, DUMP=1 shows one program and its log.
 *
 * Each seed is one program. Even seeds are tidy: the generator keeps track of
 * what registers hold, so that most load; they run, and what they leave in the
 * map is part of the result. Odd seeds are untidy: types are ignored now and
 * then and instructions damaged, so that what is compared is where the line
 * between good and bad runs.
 *
 * So nothing is generated that only one of the two knows, and no tidy program
 * keeps an address or anything random.
 */
#include "test.h"
#include "../verifier/report.h"

#define VALUE_SIZE	64
#define BODY_MAX	40
#define PROG_MAX	400
#define STACK_SLOTS	6
#define PENDING_MAX	16

enum type { NOTHING, NUMBER, SMALL, CTX, VALUE, MAYBE, FRAME };

struct jump {
	int at;			/* the instruction to patch */
	int left;		/* steps until its target */
	__u8 reg[11];
	__u8 slot[STACK_SLOTS];
};

/* A program under construction, and what is known of its registers. */
static struct gen {
	__u64 rnd;
	bool tidy;
	int len;
	int njumps;
	struct bpf_insn insn[PROG_MAX];
	struct jump jump[PENDING_MAX];
	__u8 reg[11];
	__u8 slot[STACK_SLOTS];
} g;

static int array_fd, hash_fd;

static __u32 rnd(__u32 below)
{
	g.rnd ^= g.rnd << 13;
	g.rnd ^= g.rnd >> 7;
	g.rnd ^= g.rnd << 17;
	return (__u32)((g.rnd >> 16) % below);
}

static bool one_in(__u32 n)
{
	return rnd(n) == 0;
}

static void emit(struct bpf_insn insn)
{
	g.insn[g.len++] = insn;
}

#define EMIT(...) do {							\
	const struct bpf_insn list_[] = { __VA_ARGS__ };		\
	for (size_t i_ = 0; i_ < ARRAY_LEN(list_); i_++)		\
		emit(list_[i_]);					\
} while (0)

static __s32 constant(void)
{
	static const __s32 some[] = {
		0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 48, 63, 64, 127, 255, 256,
		-1, -2, -8, -64, 0xffff, 0x7fffffff, -0x7fffffff - 1, 0x10000,
	};

	return one_in(8) ? (__s32)rnd(~0u) : some[rnd(ARRAY_LEN(some))];
}

/* A register of a type, or any other one if the program is untidy; -1: none. */
static int pick(enum type type)
{
	int reg[11], n = 0;

	if (!g.tidy && one_in(40))
		return rnd(11);
	for (int r = 0; r < 11; r++)
		if (g.reg[r] == type || (type == NUMBER && g.reg[r] == SMALL))
			reg[n++] = r;
	return n ? reg[rnd(n)] : -1;
}

/* Where a result may go: the frame and the context stay where they are. */
static int target(void)
{
	static const __u8 regs[] = { 0, 1, 2, 3, 4, 5, 7, 8, 9 };

	return regs[rnd(ARRAY_LEN(regs))];
}

static __u8 size_code(void)
{
	static const __u8 codes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };

	return codes[rnd(4)];
}

static int size_bytes(__u8 code)
{
	return code == BPF_B ? 1 : code == BPF_H ? 2 : code == BPF_W ? 4 : 8;
}

/* ---- steps -------------------------------------------------------------------- */

static void step_const(void)
{
	int r = target();

	if (one_in(6))
		EMIT(LD64(r, (__u64)constant() << rnd(40)));
	else
		emit(one_in(2) ? MOV_K(r, constant()) : MOV32_K(r, constant()));
	g.reg[r] = NUMBER;
}

static void step_alu(void)
{
	static const __u8 ops[] = {
		BPF_ADD, BPF_SUB, BPF_MUL, BPF_OR, BPF_AND, BPF_XOR, BPF_LSH,
		BPF_RSH, BPF_ARSH, BPF_DIV, BPF_MOD, BPF_MOV, BPF_AND, BPF_ADD,
	};
	__u8 op = ops[rnd(ARRAY_LEN(ops))], class = one_in(2) ? BPF_ALU : BPF_ALU64;
	int d = pick(NUMBER), s = pick(NUMBER);
	__s32 k = constant();

	if (d < 0 || s < 0 || d == 10)
		return;
	if (op == BPF_LSH || op == BPF_RSH || op == BPF_ARSH)
		k &= class == BPF_ALU ? 31 : 63;
	if ((op == BPF_DIV || op == BPF_MOD) && !k)
		k = 3;
	if (one_in(2))
		emit(INSN(class | op | BPF_X, d, s, 0, 0));
	else
		emit(INSN(class | op | BPF_K, d, 0, 0, k));
	if (g.reg[d] == SMALL)
		g.reg[d] = NUMBER;
}

static void step_unary(void)
{
	int d = pick(NUMBER);

	if (d < 0 || d == 10)
		return;
	if (one_in(2))
		emit(INSN((one_in(2) ? BPF_ALU : BPF_ALU64) | BPF_NEG, d, 0, 0, 0));
	else
		emit(SWAP(one_in(2) ? BPF_TO_LE : BPF_TO_BE, d, 16 << rnd(3)));
	g.reg[d] = NUMBER;
}

static void step_copy(void)
{
	int s = g.tidy && one_in(2) ? pick(NUMBER) : (int)rnd(11), d = target();

	if (s < 0 || (g.reg[s] == NOTHING && (g.tidy || !one_in(20))))
		return;
	emit(MOV_X(d, s));
	g.reg[d] = g.reg[s];
}

static void step_ctx(void)
{
	static const __u8 fields[] = { 0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44 };
	int c = pick(CTX), d = target(), shift = rnd(3);
	static const __u8 codes[] = { BPF_W, BPF_H, BPF_B };

	if (c < 0)
		return;
	emit(LDX(codes[shift], d, c, fields[rnd(ARRAY_LEN(fields))] +
		 (shift ? (__s16)rnd(1 << shift) * (4 >> shift) : 0)));
	g.reg[d] = NUMBER;
}

static void step_cb(void)
{
	int c = pick(CTX), s = pick(NUMBER), off = 48 + 4 * rnd(5);

	if (c < 0 || s < 0)
		return;
	emit(STX(BPF_W, c, s, off));
}

static void step_packet(void)
{
	if (g.reg[6] != CTX && g.tidy)
		return;
	emit(LDABS(one_in(3) ? BPF_W : one_in(2) ? BPF_H : BPF_B, rnd(60)));
	for (int r = 1; r <= 5; r++)
		g.reg[r] = NOTHING;
	g.reg[0] = NUMBER;
}

static int slot_off(int slot)
{
	return -8 * (slot + 1);
}

/* Part of an address is neither a number nor the same on every kernel. */
static __u8 after_store(int slot, __u8 code, __u8 type)
{
	bool whole = code == BPF_DW || g.slot[slot] == NUMBER || g.slot[slot] == SMALL;

	return !whole ? NOTHING : code == BPF_DW ? type : NUMBER;
}

static void step_store(void)
{
	__u8 code = one_in(2) ? BPF_DW : size_code();
	int slot = rnd(STACK_SLOTS), bytes = size_bytes(code);
	int s = g.tidy && code != BPF_DW ? pick(NUMBER) : (int)rnd(11);
	int off = slot_off(slot) + (int)rnd(8 / bytes) * bytes;

	if (s < 0 || (g.reg[s] == NOTHING && (g.tidy || !one_in(20))))
		return;
	if (one_in(4)) {
		emit(ST(code, 10, off, constant()));
		g.slot[slot] = after_store(slot, code, NUMBER);
		return;
	}
	emit(STX(code, 10, s, off));
	g.slot[slot] = after_store(slot, code, g.reg[s]);
}

static void step_fill(void)
{
	__u8 code = one_in(2) ? BPF_DW : size_code();
	int slot = rnd(STACK_SLOTS), bytes = size_bytes(code), d = target();
	int off = slot_off(slot) + (int)rnd(8 / bytes) * bytes;
	enum type t = g.slot[slot];

	if (code != BPF_DW && t != NUMBER && t != SMALL && (g.tidy || !one_in(10)))
		return;
	if (t == NOTHING && (g.tidy || !one_in(20)))
		return;
	emit(LDX(code, d, 10, off));
	g.reg[d] = code == BPF_DW ? t : NUMBER;
}

static void after_call(void)
{
	for (int r = 1; r <= 5; r++)
		g.reg[r] = NOTHING;
}

/* The key stands in a slot of its own, below those that steps use. */
static void put_key(int size)
{
	int off = slot_off(STACK_SLOTS), n = one_in(3) ? pick(NUMBER) : -1;

	if (n >= 0)
		emit(STX(size == 4 ? BPF_W : BPF_DW, 10, n, off));
	else
		emit(ST(size == 4 ? BPF_W : BPF_DW, 10, off, rnd(3)));
	EMIT(MOV_X(2, 10), ALU_K(BPF_ADD, 2, off));
}

static void step_lookup(void)
{
	bool hash = one_in(3);

	put_key(hash ? 8 : 4);
	EMIT(LD_MAP(1, hash ? hash_fd : array_fd), CALL(BPF_FUNC_map_lookup_elem));
	after_call();
	g.reg[0] = MAYBE;
	if (!one_in(4)) {
		int d = 7 + rnd(3);

		emit(MOV_X(d, 0));
		g.reg[d] = MAYBE;
	}
}

static void settle(__u8 *regs, __u8 *slots, enum type t)
{
	for (int r = 0; r < 10; r++)
		if (regs[r] == MAYBE)
			regs[r] = t;
	for (int s = 0; s < STACK_SLOTS; s++)
		if (slots[s] == MAYBE)
			slots[s] = t;
}

/* Leaves the program without a value; more than one pointer is too hard to tell. */
static void step_check_null(void)
{
	int m = pick(MAYBE), n = 0;

	if (m < 0)
		return;
	for (int r = 0; r < 10; r++)
		n += g.reg[r] == MAYBE;
	EMIT(JMP_K(BPF_JNE, m, 0, 2), MOV_K(0, constant()), EXIT());
	if (!g.tidy || n == 1) {
		settle(g.reg, g.slot, g.tidy ? NOTHING : VALUE);
		g.reg[m] = VALUE;
		return;
	}
	settle(g.reg, g.slot, NOTHING);
	g.reg[m] = VALUE;
}

static void step_update(void)
{
	int size = one_in(2) ? 8 : 4, v = g.tidy ? pick(VALUE) : 10;

	if (v < 0)
		return;
	put_key(size);
	if (v != 3)
		emit(MOV_X(3, v == 1 || v == 2 ? 7 : v));
	if (v == 1 || v == 2 || v == 3)
		return;
	if (v == 10)
		emit(ALU_K(BPF_ADD, 3, -64 - 8 * (int)rnd(2)));
	EMIT(MOV_K(4, rnd(2)), LD_MAP(1, size == 8 ? hash_fd : array_fd),
	     CALL(BPF_FUNC_map_update_elem));
	after_call();
	g.reg[0] = NUMBER;
}

/* Make a number an index: every way that programs use. */
static void step_bound(void)
{
	int d = pick(NUMBER);

	if (d < 0 || d == 10)
		return;
	switch (rnd(6)) {
	case 0:
		emit(ALU_K(BPF_AND, d, (1 << rnd(7)) - 1));
		break;
	case 1:
		emit(ALU32_K(BPF_AND, d, (1 << rnd(7)) - 1));
		break;
	case 2:
		EMIT(JMP_K(BPF_JLE, d, rnd(66), 2), MOV_K(0, constant()), EXIT());
		break;
	case 3:
		EMIT(JMP_K(BPF_JSGE, d, rnd(4), 2), MOV_K(0, 1), EXIT(),
		     JMP_K(BPF_JSLT, d, rnd(66), 2), MOV_K(0, 2), EXIT());
		break;
	case 4:
		EMIT(MOV32_X(d, d), JMP32_K(BPF_JLT, d, rnd(66), 2),
		     MOV_K(0, constant()), EXIT());
		break;
	default:
		emit(ALU_K(BPF_MOD, d, 1 + rnd(64)));
	}
	g.reg[d] = SMALL;
}

/* Through a value at an offset, constant or variable. */
static void step_value(void)
{
	__u8 code = size_code();
	int p = pick(VALUE), n = one_in(2) ? pick(SMALL) : -1, bytes = size_bytes(code);
	int s = pick(NUMBER), d = target(), base = 5;

	if (p < 0 || s < 0)
		return;
	if (n >= 0 && n != base && p != base) {
		EMIT(MOV_X(base, p), ALU_X(one_in(12) ? BPF_SUB : BPF_ADD, base, n));
		g.reg[base] = NOTHING;
		p = base;
		if (s == base)
			return;
	}
	switch (rnd(4)) {
	case 0:
		emit(LDX(code, d, p, rnd(VALUE_SIZE - bytes + 1 + !g.tidy)));
		g.reg[d] = NUMBER;
		break;
	case 1:
		emit(ST(code, p, rnd(VALUE_SIZE - bytes + 1), constant()));
		break;
	default:
		emit(STX(code, p, s, rnd(VALUE_SIZE - bytes + 1)));
	}
}

/*
 * A slot, nobody knows which one. The frame must hold no address that could come
 * back, and stores are whole: after others Linux reads less than we do.
 */
static void step_unknown_slot(void)
{
	int n = pick(NUMBER), base = 4, s = pick(NUMBER), d = target();
	__u8 code = size_code();

	for (int i = 0; i < STACK_SLOTS; i++)
		if (g.slot[i] != NUMBER && g.slot[i] != SMALL)
			return;
	if (n < 0 || s < 0 || n == 10 || n == base || s == base)
		return;
	EMIT(ALU_K(BPF_AND, n, 8 * (int)rnd(4)), MOV_X(base, 10),
	     ALU_K(BPF_ADD, base, slot_off(3)), ALU_X(BPF_ADD, base, n));
	g.reg[n] = NUMBER;
	g.reg[base] = NOTHING;
	if (one_in(2)) {
		emit(STX(BPF_DW, base, s, 0));
		for (int i = 0; i < 4; i++)
			g.slot[i] = NUMBER;
	} else {
		emit(LDX(code, d, base, 0));
		g.reg[d] = NUMBER;
	}
}

static void step_atomic(void)
{
	static const __s32 ops[] = {
		BPF_ADD, BPF_OR, BPF_AND, BPF_XOR, BPF_ADD | BPF_FETCH,
		BPF_OR | BPF_FETCH, BPF_AND | BPF_FETCH, BPF_XOR | BPF_FETCH,
		BPF_XCHG, BPF_CMPXCHG,
	};
	__u8 code = one_in(2) ? BPF_W : BPF_DW;
	int p = one_in(2) ? 10 : pick(VALUE), s = pick(NUMBER), slot = rnd(STACK_SLOTS);
	__s32 op = ops[rnd(ARRAY_LEN(ops))];

	if (p < 0 || s < 0 || (op == BPF_CMPXCHG && g.reg[0] != NUMBER && g.tidy))
		return;
	if (p == 10 && g.slot[slot] != NUMBER && g.tidy)
		return;
	emit(ATOMIC(code, op, p, s, p == 10 ? slot_off(slot) : 8 * (int)rnd(8)));
	if (p == 10)
		g.slot[slot] = NUMBER;
}

/* ---- jumps --------------------------------------------------------------------- */

static void step_jump(void)
{
	static const __u8 ops[] = {
		BPF_JEQ, BPF_JNE, BPF_JGT, BPF_JGE, BPF_JLT, BPF_JLE, BPF_JSGT,
		BPF_JSGE, BPF_JSLT, BPF_JSLE, BPF_JSET,
	};
	__u8 op = ops[rnd(ARRAY_LEN(ops))], class = one_in(3) ? BPF_JMP32 : BPF_JMP;
	int d = pick(NUMBER), s = pick(NUMBER);
	struct jump *j = &g.jump[g.njumps];

	if (g.njumps == PENDING_MAX || d < 0 || s < 0)
		return;
	j->at = g.len;
	j->left = 1 + rnd(6);
	memcpy(j->reg, g.reg, sizeof(g.reg));
	memcpy(j->slot, g.slot, sizeof(g.slot));
	g.njumps++;
	if (one_in(2))
		emit(INSN(class | op | BPF_X, d, s, 0, 0));
	else
		emit(INSN(class | op | BPF_K, d, 0, 0, constant()));
}

/* Paths meet: what they do not agree on is not used any more. */
static void land(const struct jump *j)
{
	g.insn[j->at].off = g.len - j->at - 1;
	for (int r = 0; r < 11; r++)
		if (g.reg[r] != j->reg[r] && (g.tidy || !one_in(8)))
			g.reg[r] = NOTHING;
	for (int s = 0; s < STACK_SLOTS; s++)
		if (g.slot[s] != j->slot[s] && (g.tidy || !one_in(8)))
			g.slot[s] = NOTHING;
}

static void land_due(bool all)
{
	for (int i = 0; i < g.njumps; i++) {
		if (!all && --g.jump[i].left)
			continue;
		land(&g.jump[i]);
		g.jump[i--] = g.jump[--g.njumps];
	}
}

/* ---- programs ------------------------------------------------------------------- */

static void (*const steps[])(void) = {
	step_const, step_alu, step_alu, step_alu, step_unary, step_copy, step_copy,
	step_ctx, step_cb, step_packet, step_store, step_store, step_fill, step_fill,
	step_lookup, step_check_null, step_check_null, step_update, step_bound,
	step_bound, step_value, step_value, step_value, step_atomic, step_unknown_slot, step_jump,
	step_jump, step_jump,
};

static void prologue(void)
{
	emit(MOV_X(6, 1));
	for (int s = 0; s < STACK_SLOTS + 4; s++) {
		if (g.tidy || !one_in(10))
			emit(ST(BPF_DW, 10, slot_off(s), constant()));
		if (s < STACK_SLOTS)
			g.slot[s] = NUMBER;
	}
	EMIT(MOV_X(2, 10), ALU_K(BPF_ADD, 2, slot_off(STACK_SLOTS)),
	     ST(BPF_W, 2, 0, 0), LD_MAP(1, array_fd), CALL(BPF_FUNC_map_lookup_elem),
	     JMP_K(BPF_JNE, 0, 0, 1), EXIT(), MOV_X(9, 0),
	     LDX(BPF_DW, 8, 9, 0), LDX(BPF_W, 7, 9, 8), LDX(BPF_B, 0, 9, 16));
	g.reg[6] = CTX;
	g.reg[9] = VALUE;
	g.reg[7] = g.reg[8] = g.reg[0] = NUMBER;
	g.reg[10] = FRAME;
}

/* Numbers that are left go to the value, so that they can be compared. */
static void epilogue(void)
{
	int p = pick(VALUE);

	for (int r = 0; r < 10 && p >= 0; r++)
		if (g.reg[r] == NUMBER || g.reg[r] == SMALL)
			emit(STX(BPF_DW, p, r, (24 + 8 * r) % VALUE_SIZE));
	if (g.reg[0] != NUMBER && g.reg[0] != SMALL)
		emit(MOV_K(0, 7));
	emit(EXIT());
}

static bool is_alu(const struct bpf_insn *insn)
{
	__u8 class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);

	return (class == BPF_ALU || class == BPF_ALU64) && op != BPF_END && op != BPF_NEG;
}

static bool is_branch(const struct bpf_insn *insn)
{
	__u8 class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);

	return class == BPF_JMP32 ||
	       (class == BPF_JMP && op != BPF_JA && op != BPF_CALL && op != BPF_EXIT);
}

static bool is_memory(const struct bpf_insn *insn)
{
	__u8 class = BPF_CLASS(insn->code);

	return class == BPF_LDX || class == BPF_ST || class == BPF_STX;
}

/*
 * Change the meaning of an instruction but leave it well formed: a reserved
 * field in code that never runs is refused by us and not by Linux.
 */
static void damage(void)
{
	struct bpf_insn *insn = &g.insn[rnd(g.len)];
	bool two = is_alu(insn) || is_branch(insn), by_reg = BPF_SRC(insn->code) == BPF_X;

	switch (rnd(5)) {
	case 0:
		if (two || is_memory(insn))
			insn->dst_reg = rnd(10);
		break;
	case 1:
		if ((two && by_reg) || (is_memory(insn) && BPF_CLASS(insn->code) != BPF_ST))
			insn->src_reg = rnd(11);
		break;
	case 2:
		if (is_memory(insn))
			insn->off += (int)rnd(17) - 8;
		break;
	case 3:
		if (two && !by_reg)
			insn->imm = 1 + rnd(31);
		break;
	default:
		if (is_alu(insn) && one_in(2))
			insn->code = (insn->code & 0xf) | (rnd(13) << 4 & 0x70);
		else if (is_alu(insn))
			*insn = MOV_K(rnd(10), constant());
	}
}

static void generate(__u32 seed)
{
	int steps_left = 5 + seed % BODY_MAX;

	memset(&g, 0, sizeof(g));
	g.rnd = 0x9e3779b97f4a7c15ULL * (seed + 1);
	g.tidy = seed % 2 == 0;
	prologue();
	while (steps_left--) {
		steps[rnd(ARRAY_LEN(steps))]();
		land_due(false);
	}
	land_due(true);
	epilogue();
	if (!g.tidy)
		for (int n = rnd(3); n; n--)
			damage();
}

/* ---- running -------------------------------------------------------------------- */

static __u64 mix(__u64 hash, const void *data, size_t len)
{
	const __u8 *p = data;

	while (len--)
		hash = (hash ^ *p++) * 0x100000001b3ULL;
	return hash;
}

static void reset_maps(void)
{
	__u8 value[VALUE_SIZE];
	__u64 key;

	for (__u32 i = 0; i < 4; i++) {
		for (int b = 0; b < VALUE_SIZE; b++)
			value[b] = i * 37 + b * 11;
		map_put(array_fd, &i, value, 0);
	}
	while (!map_next(hash_fd, NULL, &key))
		map_del(hash_fd, &key);
	key = 1;
	map_put(hash_fd, &key, value, 0);
}

static __u32 run(int fd)
{
	static const char packet[64] = "\x45\x00\x00\x40 a packet of text, nothing special";
	__u64 hash = 0xcbf29ce484222325ULL;
	__u8 value[VALUE_SIZE];
	int ret;

	reset_maps();
	ret = filter_run(fd, packet, sizeof(packet), NULL);
	hash = mix(hash, &ret, sizeof(ret));
	for (__u32 i = 0; i < 4; i++) {
		map_get(array_fd, &i, value);
		hash = mix(hash, value, sizeof(value));
	}
	for (__u64 key = 0; key < 4; key++)
		if (!map_get(hash_fd, &key, value))
			hash = mix(hash, value, sizeof(value));
	return hash ^ hash >> 32;
}

/* The reason is the line before the last one, without the report. */
static void print_reason(__u32 seed)
{
	char *end, *line;

	report_cut(prog_log);
	end = strstr(prog_log, "processed ");
	if (!end || end == prog_log)
		return;
	end[-1] = '\0';
	line = strrchr(prog_log, '\n');
	printf("text %u %s\n", seed, line ? line + 1 : prog_log);
}

static int dump(__u32 seed)
{
	generate(seed);
	for (int i = 0; i < g.len; i++)
		printf("%d: %02x d%u s%u off %d imm %d\n", i, g.insn[i].code,
		       g.insn[i].dst_reg, g.insn[i].src_reg, g.insn[i].off, g.insn[i].imm);
	prog_load_as(BPF_PROG_TYPE_SOCKET_FILTER, g.insn, g.len, "GPL", 2);
	puts(prog_log);
	return 0;
}

/* What Linux 6.1 made of a seed, from a file of our own output. */
struct expected {
	int err;
	__u32 hash;
	bool known;
};

static struct expected *read_expected(const char *name, __u32 first, __u32 count)
{
	struct expected *list = calloc(count, sizeof(*list));
	FILE *file = fopen(name, "r");
	char line[128];

	if (!list || !file)
		bail("%s: %s", name, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		struct expected e = { .known = true };
		unsigned int seed;

		if (sscanf(line, "%u %d %x", &seed, &e.err, &e.hash) >= 2 &&
		    seed >= first && seed - first < count)
			list[seed - first] = e;
	}
	fclose(file);
	return list;
}

static struct {
	__u32 good, tidy, refused, differ, looser;
} sum;

static void compare(__u32 seed, const struct expected *e, int err, __u32 hash)
{
	if (!e->known)
		return;
	if (!e->err && err) {
		sum.refused++;
		note("seed %u: refused (%d), Linux takes it", seed, err);
	} else if (!e->err && e->hash != hash) {
		sum.differ++;
		note("seed %u: result %08x, in Linux %08x", seed, hash, e->hash);
	} else if (e->err && !err) {
		sum.looser++;
	}
}

static void try_seed(__u32 seed, const struct expected *e, bool text)
{
	__u32 hash = 0;
	int fd, err;

	generate(seed);
	fd = prog_load_as(BPF_PROG_TYPE_SOCKET_FILTER, g.insn, g.len, "GPL", text);
	err = fd < 0 ? fd : 0;
	if (!err && g.tidy)
		hash = run(fd);
	if (e)
		compare(seed, e, err, hash);
	else
		printf("%u %d %08x\n", seed, err, hash);
	if (err && text)
		print_reason(seed);
	sum.good += !err;
	sum.tidy += !err && g.tidy;
	if (!err)
		close(fd);
}

int main(int argc, char **argv)
{
	__u32 first = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	__u32 count = argc > 2 ? strtoul(argv[2], NULL, 0) : 2000;
	const struct expected *expected = argc > 3 ? read_expected(argv[3], first, count) : NULL;
	bool text = getenv("TEXT") && *getenv("TEXT");

	array_fd = map_create(BPF_MAP_TYPE_ARRAY, 4, VALUE_SIZE, 4, 0);
	hash_fd = map_create(BPF_MAP_TYPE_HASH, 8, VALUE_SIZE, 16, 0);
	if (array_fd < 0 || hash_fd < 0)
		bail("maps: %d %d", array_fd, hash_fd);
	if (getenv("DUMP") && *getenv("DUMP"))
		return dump(first);

	for (__u32 i = 0; i < count; i++)
		try_seed(first + i, expected ? &expected[i] : NULL, text);
	if (!expected)
		return 0;
	is(sum.refused, 0, "everything Linux 6.1 takes is taken");
	is(sum.differ, 0, "every result is that of Linux 6.1");
	ok(sum.looser <= count / 20, "few are taken that Linux 6.1 refuses (%u)", sum.looser);
	ok(sum.good < count && sum.tidy >= count / 4,
	   "taken: %u of %u, tidy ones %u", sum.good, count, sum.tidy);
	return finish();
}
