// SPDX-License-Identifier: GPL-2.0-only
/*
 * What instructions, packet access, helpers, tail calls and small algorithms cost.
 *
 * A program is a head, a number of equal operations and a tail. The cost of one
 * operation is the program's less that of head and tail alone; of an algorithm it
 * is that of the program less that of one which only returns. R6 holds the context
 * or a map value, R7 to R9 numbers that depend on the packet; the tail returns
 * them all.
 */
#include "bench.h"

#define SEED	0x5bd1e995
#define OPS	256
#define CHAIN	32

/*
 * struct body - what a row runs
 * @head: before the operations, after R6 to R9 have been set; or NULL
 * @op: one operation, of which @i is the number
 * @algorithm: the whole program, ending with its result in R0
 * @native: the same in C
 */
struct body {
	void (*head)(struct prog *p);
	void (*op)(struct prog *p, long i);
	void (*algorithm)(struct prog *p);
	native_fn *native;
};

/* Maps of a row, made before its program and known to it. */
static int array = -1, chain = -1;

/* What the row's program returned. */
static __u32 retval;

/* ---- instructions ------------------------------------------------------------ */

static void op_alu(struct prog *p, long i)
{
	static const struct bpf_insn mixture[] = {
		ALU_X(BPF_ADD, 7, 8), ALU_X(BPF_XOR, 8, 9), ALU_K(BPF_ADD, 9, 0x12345), ALU_X(BPF_SUB, 9, 7),
		ALU_K(BPF_OR, 8, 0x101), ALU_K(BPF_MUL, 7, 13), ALU_K(BPF_XOR, 9, 0x7ff), ALU_X(BPF_MUL, 8, 7),
	};

	EMIT(p, mixture[i % ARRAY_LEN(mixture)]);
}

static void op_alu32(struct prog *p, long i)
{
	static const struct bpf_insn mixture[] = {
		ALU32_X(BPF_ADD, 7, 8), ALU32_X(BPF_XOR, 8, 9), ALU32_K(BPF_ADD, 9, 0x12345),
		ALU32_X(BPF_SUB, 9, 7), ALU32_K(BPF_OR, 8, 0x101), ALU32_K(BPF_MUL, 7, 13),
		ALU32_K(BPF_XOR, 9, 0x7ff), ALU32_X(BPF_MUL, 8, 7),
	};

	EMIT(p, mixture[i % ARRAY_LEN(mixture)]);
}

static void op_move(struct prog *p, long i)
{
	EMIT(p, MOV_X(1, 7), MOV32_X(7, 8), MOV_X(8, 9), ALU_X(BPF_ADD, 9, 1));
}

static void op_constant64(struct prog *p, long i)
{
	EMIT(p, LD64(1, 0x123456789abcdefULL * (i + 1)), ALU_X(BPF_XOR, 7, 1));
}

static void op_shift_constant(struct prog *p, long i)
{
	static const __u8 what[] = { BPF_LSH, BPF_RSH, BPF_ARSH };

	EMIT(p, ALU_K(what[i % 3], 7 + i % 2, 1 + i % 7), ALU_X(BPF_ADD, 8 - i % 2, 9));
}

static void head_count(struct prog *p)
{
	EMIT(p, MOV_X(1, 7), ALU_K(BPF_AND, 1, 7), ALU_K(BPF_OR, 1, 5));
	for (int r = 7; r <= 9; r++)
		EMIT(p, ALU_K(BPF_MUL, r, SEED), ALU_K(BPF_MUL, r, SEED + r));
}

/* Up and down: something is left after all of them, and bits are lost on the way. */
static void op_shift_register(struct prog *p, long i)
{
	static const __u8 what[] = { BPF_LSH, BPF_RSH, BPF_LSH, BPF_ARSH };

	EMIT(p, ALU_X(what[i % 4], 7 + i / 4 % 3, 1));
}

static void op_divide_constant(struct prog *p, long i)
{
	static const int by[] = { 10, 1000, 7, 3600 };

	EMIT(p, ALU_X(BPF_XOR, 8, 9), ALU_K(i & 1 ? BPF_MOD : BPF_DIV, 8, by[i / 2 % 4]), ALU_X(BPF_ADD, 9, 8));
}

static void op_divide_power(struct prog *p, long i)
{
	EMIT(p, ALU_X(BPF_XOR, 8, 9), ALU_K(i & 1 ? BPF_MOD : BPF_DIV, 8, 1 << (1 + i % 12)), ALU_X(BPF_ADD, 9, 8));
}

static void op_divide_constant32(struct prog *p, long i)
{
	static const int by[] = { 10, 1000, 7, 3600 };

	EMIT(p, ALU32_X(BPF_XOR, 8, 9), ALU32_K(i & 1 ? BPF_MOD : BPF_DIV, 8, by[i / 2 % 4]), ALU_X(BPF_ADD, 9, 8));
}

static void head_divisor(struct prog *p)
{
	EMIT(p, MOV_X(1, 7), ALU_K(BPF_OR, 1, 1));
}

static void op_divide_register(struct prog *p, long i)
{
	EMIT(p, ALU_X(BPF_XOR, 8, 9), ALU_X(i & 1 ? BPF_MOD : BPF_DIV, 8, 1), ALU_X(BPF_ADD, 9, 8));
}

static void op_swap(struct prog *p, long i)
{
	EMIT(p, SWAP(BPF_TO_BE, 7 + i % 2, i % 3 == 0 ? 64 : 32), ALU_X(BPF_ADD, 8 - i % 2, 9));
}

static void op_rotate(struct prog *p, long i)
{
	int by = 1 + i * 7 % 63;

	EMIT(p, MOV_X(1, 7), ALU_K(BPF_LSH, 7, by), ALU_K(BPF_RSH, 1, 64 - by), ALU_X(BPF_OR, 7, 1),
	     ALU_X(BPF_ADD, 7, 8));
}

/* Taken and not, by constants and registers, in both widths. */
static void op_branch(struct prog *p, long i)
{
	static const struct bpf_insn jumps[] = {
		JMP_K(BPF_JGT, 7, 0x40000000, 1), JMP_X(BPF_JLT, 7, 9, 1), JMP_K(BPF_JSET, 7, 0x10, 1),
		JMP32_K(BPF_JSGT, 7, 77, 1), JMP_K(BPF_JEQ, 7, 12, 1), JMP32_X(BPF_JGE, 7, 9, 1),
		JMP_K(BPF_JNE, 7, 99, 1), JMP_X(BPF_JSLE, 7, 9, 1),
	};

	EMIT(p, ALU_K(BPF_MUL, 7, SEED), jumps[i % ARRAY_LEN(jumps)], ALU_K(BPF_ADD, 8, i + 1));
}

/* ---- memory ------------------------------------------------------------------ */

static void op_stack(struct prog *p, long i)
{
	int at = -8 - 8 * (i % 16);

	EMIT(p, STX(BPF_DW, 10, 7, at), LDX(BPF_DW, 1, 10, at), ALU_X(BPF_ADD, 7, 1));
}

static void lookup_constant(struct prog *p, int key)
{
	EMIT(p, ST(BPF_W, 10, -4, key), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, array),
	     CALL(BPF_FUNC_map_lookup_elem));
}

static void head_value(struct prog *p)
{
	lookup_constant(p, 0);
	EMIT(p, JMP_K(BPF_JNE, 0, 0, 2), MOV_K(0, 0), EXIT(), MOV_X(6, 0));
}

static void op_value_load(struct prog *p, long i)
{
	static const __u8 size[] = { BPF_B, BPF_H, BPF_W, BPF_DW };

	EMIT(p, LDX(size[i % 4], 1, 6, i * 8 % 64), ALU_X(BPF_ADD, 7, 1));
}

static void op_value_store(struct prog *p, long i)
{
	static const __u8 size[] = { BPF_B, BPF_H, BPF_W, BPF_DW };

	EMIT(p, STX(size[i % 4], 6, 7, i * 8 % 64), ALU_K(BPF_ADD, 7, 3));
}

static void op_value_increment(struct prog *p, long i)
{
	int at = i * 8 % 64;

	EMIT(p, LDX(BPF_DW, 1, 6, at), ALU_K(BPF_ADD, 1, 1), STX(BPF_DW, 6, 1, at));
}

static void op_atomic(struct prog *p, long i)
{
	static const int what[] = { BPF_ADD, BPF_OR, BPF_XOR, BPF_ADD };

	EMIT(p, ATOMIC(i & 1 ? BPF_W : BPF_DW, what[i % 4], 6, 8, i * 8 % 64), ALU_K(BPF_ADD, 8, 1));
}

static void op_atomic_fetch(struct prog *p, long i)
{
	EMIT(p, ATOMIC(BPF_DW, BPF_ADD | BPF_FETCH, 6, 8, i * 8 % 64), ALU_X(BPF_XOR, 7, 8));
}

static void op_context(struct prog *p, long i)
{
	static const short field[] = {
		offsetof(struct __sk_buff, len), offsetof(struct __sk_buff, mark),
		offsetof(struct __sk_buff, protocol), offsetof(struct __sk_buff, vlan_present),
		offsetof(struct __sk_buff, priority), offsetof(struct __sk_buff, pkt_type),
		offsetof(struct __sk_buff, cb), offsetof(struct __sk_buff, tc_index),
	};

	EMIT(p, LDX(BPF_W, 1, 6, field[i % ARRAY_LEN(field)]), ALU_X(BPF_ADD, 7, 1));
}

static void op_context_store(struct prog *p, long i)
{
	EMIT(p, STX(BPF_W, 6, 7, i & 1 ? offsetof(struct __sk_buff, cb) : offsetof(struct __sk_buff, mark)),
	     ALU_K(BPF_ADD, 7, 1));
}

/* ---- packets ----------------------------------------------------------------- */

static void op_packet_absolute(struct prog *p, long i)
{
	static const __u8 size[] = { BPF_B, BPF_H, BPF_W };

	EMIT(p, LDABS(size[i % 3], i * 5 % 60), ALU_X(BPF_ADD, 7, 0));
}

static void head_at(struct prog *p)
{
	EMIT(p, MOV_X(9, 7), ALU_K(BPF_AND, 9, 15));
}

static void op_packet_indirect(struct prog *p, long i)
{
	static const __u8 size[] = { BPF_B, BPF_H, BPF_W };

	EMIT(p, LDIND(size[i % 3], 9, i * 5 % 60), ALU_X(BPF_ADD, 7, 0));
}

static void op_store_bytes(struct prog *p, long i)
{
	EMIT(p, STX(BPF_DW, 10, 7, -8), MOV_X(1, 6), MOV_K(2, 40), MOV_X(3, 10), ALU_K(BPF_ADD, 3, -8),
	     MOV_K(4, 8), MOV_K(5, 0), CALL(BPF_FUNC_skb_store_bytes), ALU_X(BPF_ADD, 7, 0));
}

static void algorithm_parser(struct prog *p)
{
	EMIT(p, MOV_X(6, 1), LDABS(BPF_H, 12), JMP_K(BPF_JEQ, 0, 0x0800, 2), MOV_K(0, 1), EXIT(),
	     LDABS(BPF_B, 23), JMP_K(BPF_JEQ, 0, 6, 2), MOV_K(0, 2), EXIT(),
	     LDABS(BPF_H, 20), JMP_K(BPF_JSET, 0, 0x1fff, 1), JA(2), MOV_K(0, 3), EXIT(),
	     LDABS(BPF_B, 14), MOV_X(7, 0), ALU_K(BPF_AND, 7, 15), ALU_K(BPF_LSH, 7, 2),
	     LDIND(BPF_H, 7, 16), JMP_K(BPF_JEQ, 0, 80, 2), MOV_K(0, 4), EXIT(),
	     LDABS(BPF_W, 26), MOV_X(8, 0), LDIND(BPF_H, 7, 14), ALU_X(BPF_ADD, 0, 8), EXIT());
}

/* ---- helpers and maps of one element ----------------------------------------- */

static void op_cpu(struct prog *p, long i)
{
	EMIT(p, CALL(BPF_FUNC_get_smp_processor_id), ALU_X(BPF_ADD, 7, 0));
}

/* Results differ from run to run: they count as zero. */
static void op_time(struct prog *p, long i)
{
	EMIT(p, CALL(BPF_FUNC_ktime_get_ns), ALU_K(BPF_AND, 0, 0), ALU_X(BPF_ADD, 7, 0));
}

static void op_random(struct prog *p, long i)
{
	EMIT(p, CALL(BPF_FUNC_get_prandom_u32), ALU_K(BPF_AND, 0, 0), ALU_X(BPF_ADD, 7, 0));
}

static void increment_found(struct prog *p)
{
	EMIT(p, JMP_K(BPF_JEQ, 0, 0, 3), LDX(BPF_DW, 1, 0, 0), ALU_K(BPF_ADD, 1, 1), STX(BPF_DW, 0, 1, 0));
}

static void op_array_constant(struct prog *p, long i)
{
	lookup_constant(p, i % 4);
	increment_found(p);
}

static void op_array_variable(struct prog *p, long i)
{
	EMIT(p, ALU_K(BPF_ADD, 7, 1), MOV_X(1, 7), ALU_K(BPF_AND, 1, 3), STX(BPF_W, 10, 1, -4),
	     MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, array), CALL(BPF_FUNC_map_lookup_elem));
	increment_found(p);
}

static void op_tail_call(struct prog *p, long i)
{
	EMIT(p, MOV_X(1, 6), LD_MAP(2, chain), MOV_K(3, i), CALL(BPF_FUNC_tail_call));
}

/* An index that depends on the packet: its length is PACKET_LEN. */
static void op_tail_call_variable(struct prog *p, long i)
{
	EMIT(p, MOV_X(1, 6), LD_MAP(2, chain), LDX(BPF_W, 3, 6, offsetof(struct __sk_buff, len)),
	     ALU_K(BPF_ADD, 3, i - PACKET_LEN), CALL(BPF_FUNC_tail_call));
}

/* ---- algorithms -------------------------------------------------------------- */

static void emit_rotate(struct prog *p, int r, int by)
{
	EMIT(p, MOV_X(5, r), ALU_K(BPF_LSH, r, by), ALU_K(BPF_RSH, 5, 64 - by), ALU_X(BPF_OR, r, 5));
}

/* A step of SipHash: a += b, b = rotated b, b ^= a */
static void emit_sip(struct prog *p, int a, int b, int by)
{
	EMIT(p, ALU_X(BPF_ADD, a, b));
	emit_rotate(p, b, by);
	EMIT(p, ALU_X(BPF_XOR, b, a));
}

static void emit_sip_rounds(struct prog *p, int n)
{
	while (n--) {
		emit_sip(p, 1, 2, 13);
		emit_rotate(p, 1, 32);
		emit_sip(p, 3, 4, 16);
		emit_sip(p, 1, 4, 21);
		emit_sip(p, 3, 2, 17);
		emit_rotate(p, 3, 32);
	}
}

static void algorithm_siphash(struct prog *p)
{
	head_value(p);
	EMIT(p, LD64(1, 0x736f6d6570736575ULL ^ 1), LD64(2, 0x646f72616e646f6dULL ^ 2),
	     LD64(3, 0x6c7967656e657261ULL ^ 1), LD64(4, 0x7465646279746573ULL ^ 2));
	for (int i = 0; i <= 5; i++) {
		if (i == 5)
			EMIT(p, LD64(0, 40ULL << 56));
		else
			EMIT(p, LDX(BPF_DW, 0, 6, i * 8));
		EMIT(p, ALU_X(BPF_XOR, 4, 0));
		emit_sip_rounds(p, 2);
		EMIT(p, ALU_X(BPF_XOR, 1, 0));
	}
	EMIT(p, ALU_K(BPF_XOR, 3, 0xff));
	emit_sip_rounds(p, 4);
	EMIT(p, MOV_X(0, 1), ALU_X(BPF_XOR, 0, 2), ALU_X(BPF_XOR, 0, 3), ALU_X(BPF_XOR, 0, 4), EXIT());
}

static void algorithm_jhash(struct prog *p)
{
	static const int by[] = { 14, 11, 25, 16, 4, 14, 24 };

	head_value(p);
	for (int i = 1; i <= 3; i++)
		EMIT(p, MOV32_K(i, 0xdeadbeef));
	for (int half = 0; half < 2; half++) {
		for (int i = 0; i < 3; i++)
			EMIT(p, LDX(BPF_W, 5, 6, (half * 3 + i) * 4), ALU32_X(BPF_ADD, 1 + i, 5));
		for (int i = 0; i < 7; i++) {
			int to = 1 + (i + 2) % 3, from = 1 + (i + 1) % 3;

			EMIT(p, ALU32_X(BPF_XOR, to, from), MOV32_X(5, from), ALU32_K(BPF_LSH, 5, by[i]),
			     MOV32_X(0, from), ALU32_K(BPF_RSH, 0, 32 - by[i]), ALU32_X(BPF_OR, 5, 0),
			     ALU32_X(BPF_SUB, to, 5));
		}
	}
	EMIT(p, MOV32_X(0, 3), EXIT());
}

static void algorithm_branchy(struct prog *p)
{
	head_value(p);
	EMIT(p, MOV_K(7, 0), MOV_K(8, 0), MOV_K(9, 0));
	for (int i = 0; i < 32; i++)
		EMIT(p, LDX(BPF_B, 1, 6, i), JMP_K(BPF_JGE, 1, 64, 2), ALU32_X(BPF_ADD, 7, 1), JA(7),
		     JMP_K(BPF_JLE, 1, 192, 2), ALU32_X(BPF_ADD, 8, 1), JA(4),
		     JMP_K(BPF_JSET, 1, 1, 2), ALU32_X(BPF_XOR, 7, 8), JA(1), ALU32_K(BPF_ADD, 9, 1));
	EMIT(p, ALU32_K(BPF_MUL, 7, 7), ALU32_K(BPF_MUL, 8, 5), MOV32_X(0, 7), ALU32_X(BPF_ADD, 0, 8),
	     ALU32_X(BPF_ADD, 0, 9), EXIT());
}

static void algorithm_checksum(struct prog *p)
{
	head_value(p);
	EMIT(p, MOV_K(0, 0));
	for (int i = 0; i < 10; i++)
		EMIT(p, LDX(BPF_H, 1, 6, i * 2), ALU_X(BPF_ADD, 0, 1));
	for (int i = 0; i < 2; i++)
		EMIT(p, MOV_X(1, 0), ALU_K(BPF_RSH, 1, 16), ALU_K(BPF_AND, 0, 0xffff), ALU_X(BPF_ADD, 0, 1));
	EMIT(p, ALU_K(BPF_XOR, 0, 0xffff), EXIT());
}

static void algorithm_return(struct prog *p)
{
	EMIT(p, MOV_K(0, 7), EXIT());
}

static void algorithm_context(struct prog *p)
{
	EMIT(p, LDX(BPF_W, 0, 1, offsetof(struct __sk_buff, len)), EXIT());
}

/* ---- rows -------------------------------------------------------------------- */

#define OP(fn)			(&(const struct body) { .op = (fn) })
#define OP_AFTER(h, fn)		(&(const struct body) { .head = (h), .op = (fn) })
#define ALGORITHM(fn, c)	(&(const struct body) { .algorithm = (fn), .native = (c) })

/* Branches: few enough that every verifier follows them. */
static const struct row rows[] = {
	{ "ALU, 64 bit, an instruction", 0, OP(op_alu), OPS, true },
	{ "ALU, 32 bit, an instruction", 0, OP(op_alu32), OPS },
	{ "moves, 4", 0, OP(op_move), 64 },
	{ "64-bit constant and xor", 0, OP(op_constant64), 64 },
	{ "shift by constant, add", 0, OP(op_shift_constant), 64 },
	{ "shift by register", 0, OP_AFTER(head_count, op_shift_register), OPS, true },
	{ "xor, divide by constant, add", 0, OP(op_divide_constant), 64, true },
	{ "xor, divide by constant, add, 32 bit", 0, OP(op_divide_constant32), 64 },
	{ "xor, divide by power of two, add", 0, OP(op_divide_power), 64 },
	{ "xor, divide by register, add", 0, OP_AFTER(head_divisor, op_divide_register), 64 },
	{ "byte swap, add", 0, OP(op_swap), 64 },
	{ "rotate, add", 0, OP(op_rotate), 64 },
	{ "multiply, compare, branch", 0, OP(op_branch), 64, true },
	{ "stack: store, load, add", 0, OP(op_stack), 64, true },
	{ "map value: load, add", 0, OP_AFTER(head_value, op_value_load), 64 },
	{ "map value: store, add", 0, OP_AFTER(head_value, op_value_store), 64 },
	{ "map value: increment", 0, OP_AFTER(head_value, op_value_increment), 64 },
	{ "map value: atomic, add", 0, OP_AFTER(head_value, op_atomic), 64 },
	{ "map value: atomic fetch, xor", 0, OP_AFTER(head_value, op_atomic_fetch), 64 },
	{ "context: load, add", 0, OP(op_context), 64 },
	{ "context: store, add", 0, OP(op_context_store), 64 },
	{ "packet: LD_ABS, add", 0, OP(op_packet_absolute), 60, true },
	{ "packet: LD_IND, add", 0, OP_AFTER(head_at, op_packet_indirect), 60 },
	{ "packet: skb_store_bytes, 8", 0, OP(op_store_bytes), 32 },
	{ "helper: get_smp_processor_id", 0, OP(op_cpu), 64 },
	{ "helper: ktime_get_ns", 0, OP(op_time), 64 },
	{ "helper: get_prandom_u32", 0, OP(op_random), 64 },
	{ "array: look up constant, increment", 0,
		&(const struct body) { .op = op_array_constant, .native = native_array_inc }, 64, true },
	{ "array: look up variable, increment", 0, OP(op_array_variable), 64 },
	{ "tail call, constant index", 0, OP(op_tail_call), 0, true },
	{ "tail call, variable index", 0, OP(op_tail_call_variable), 0 },
	{ "program: return", 0, ALGORITHM(algorithm_return, NULL) },
	{ "program: return the length", 0, ALGORITHM(algorithm_context, NULL) },
	{ "program: parser, 7 packet loads", 0, ALGORITHM(algorithm_parser, native_parser), 0, true },
	{ "program: SipHash of 40 bytes", 0, ALGORITHM(algorithm_siphash, native_siphash), 0, true },
	{ "program: Jenkins hash of 6 words", 0, ALGORITHM(algorithm_jhash, native_jhash) },
	{ "program: three kinds of 32 bytes", 0, ALGORITHM(algorithm_branchy, native_branchy) },
	{ "program: IPv4 checksum", 0, ALGORITHM(algorithm_checksum, native_checksum) },
};

static void reset_array(void *data)
{
	__u8 value[VALUE_LEN];

	fill_value(value);
	for (__u32 key = 0; key < 4; key++)
		map_put(array, &key, value, BPF_ANY);
}

static bool make_maps(struct outcome *out)
{
	array = map_create(BPF_MAP_TYPE_ARRAY, 4, VALUE_LEN, 4, 0);
	chain = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, CHAIN, 0);
	if (array < 0 || chain < 0)
		no_figure(out, "a map cannot be made: %s", strerror(array < 0 ? -array : -chain));
	else
		reset_array(NULL);
	return array >= 0 && chain >= 0;
}

static void close_maps(void)
{
	close(array);
	close(chain);
}

/* A program of @ops operations of @body between head and tail. */
static void build(struct prog *p, const struct body *body, long ops)
{
	p->n = 0;
	if (body->algorithm) {
		body->algorithm(p);
		return;
	}
	EMIT(p, MOV_X(6, 1), LDX(BPF_W, 7, 6, offsetof(struct __sk_buff, len)), MOV_X(8, 7),
	     ALU_K(BPF_MUL, 8, SEED), MOV_X(9, 8), ALU_K(BPF_RSH, 9, 3));
	if (body->head)
		body->head(p);
	for (long i = 0; i < ops; i++)
		body->op(p, i);
	EMIT(p, MOV_X(0, 7), ALU_X(BPF_XOR, 0, 8), ALU_X(BPF_XOR, 0, 9), MOV_X(1, 0), ALU_K(BPF_RSH, 1, 32),
	     ALU_X(BPF_XOR, 0, 1), EXIT());
}

static double cost_of(const struct body *body, long ops, struct outcome *out, bool judge)
{
	struct prog *p = fresh();
	double cost;
	int fd;

	build(p, body, ops);
	fd = load(p, out);
	if (fd < 0)
		return 0;
	if (judge) {
		reset_array(NULL);
		retval = run(fd, 3);
		out->check = mix(retval, contents(array, 4, VALUE_LEN));
		for (int i = 0; i < PACKET_LEN; i++)
			out->check = mix(out->check, packet_out[i]);
	}
	cost = run_cost(fd, reset_array, NULL);
	close(fd);
	return cost;
}

/* Programs that each call the next; the last one has no call. The first is run. */
static double chain_cost(const struct body *body, struct outcome *out)
{
	double cost = 0;

	for (int i = CHAIN; i >= 0; i--) {
		struct prog *p = fresh();
		int fd;

		EMIT(p, MOV_X(6, 1));
		if (i < CHAIN)
			body->op(p, i);
		EMIT(p, MOV_K(0, i), EXIT());
		fd = load(p, out);
		if (fd < 0)
			return 0;
		if (i && map_put(chain, &(int){ i - 1 }, &fd, BPF_ANY))
			no_figure(out, "the array takes no program");
		if (!i) {
			out->check = run(fd, 1);
			cost = run_cost(fd, NULL, NULL) - empty_cost();
		}
		close(fd);
	}
	return cost / CHAIN;
}

static void measure(const struct row *row, struct outcome *out)
{
	const struct body *body = row->how;
	long ops = row->arg + row->arg * handicap / 100;

	if (!make_maps(out))
		return;
	if (body->algorithm) {
		out->cost = cost_of(body, 0, out, true) - (body->algorithm == algorithm_return ? 0 : empty_cost());
	} else if (body->op == op_tail_call || body->op == op_tail_call_variable) {
		out->cost = chain_cost(body, out);
	} else {
		out->cost = cost_of(body, ops, out, true);
		if (!*out->none)
			out->cost = (out->cost - cost_of(body, 0, out, false)) / row->arg;
	}
	if (body->native && !*out->none) {
		__u8 value[VALUE_LEN] __attribute__((aligned(8)));

		fill_value(value);
		if (body->algorithm && body->native(packet, value) != retval)
			no_figure(out, "returns %u, in C it is %u", retval, body->native(packet, value));
		out->native = native_cost(body->native, value);
	}
	close_maps();
}

const struct group execution = GROUP("execution", "instructions", rows, true, measure);
