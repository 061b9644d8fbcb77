// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classifiers that access packet bytes by address, run on packets of many lengths, by
 * the interpreter and as machine code.
 */
#include "../engine.h"

#include <linux/pkt_cls.h>
#include <stddef.h>

#define FIELD(name)	((int)offsetof(struct __sk_buff, name))
#define DATA(r, ctx)	LDX(BPF_W, r, ctx, FIELD(data))
#define DATA_END(r, ctx) LDX(BPF_W, r, ctx, FIELD(data_end))
/* r6 = context, r2 = the packet, r3 = its end */
#define PACKET		MOV_X(6, 1), DATA(2, 1), DATA_END(3, 1)
/* r4 = r2 + n; what follows if it is behind the end: nothing, with this result */
#define NEED(n, none)	MOV_X(4, 2), ALU_K(BPF_ADD, 4, n), JMP_X(BPF_JLE, 4, 3, 2), RET(none)
#define RET(v)		MOV_K(0, v), EXIT()
#define RESULT		EXIT()

#define MAX_LEN		200
#define SHORT		(-77)	/* the packet ends before */

static const char *engine;
static unsigned char packet[MAX_LEN], out[2 * MAX_LEN];
static __u32 out_len;

/* What a program returned for the first @len bytes of the packet. */
static long long run(int prog, __u32 len)
{
	union bpf_attr attr;
	int err;

	memset(&attr, 0, sizeof(attr));
	memset(out, 0xee, sizeof(out));
	attr.test.prog_fd = (__u32)prog;
	attr.test.data_in = ptr64(packet);
	attr.test.data_size_in = len;
	attr.test.data_out = ptr64(out);
	attr.test.data_size_out = sizeof(out);
	err = (int)sys_bpf(BPF_PROG_TEST_RUN, &attr);
	out_len = attr.test.data_size_out;
	return err ?: (int)attr.test.retval;
}

#define LOAD(...) need(PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, __VA_ARGS__))

static int need(int fd)
{
	if (fd < 0)
		bail("load: %d\n%s", fd, prog_log);
	return fd;
}

/* Lengths around what programs ask for; a frame has a header of 14 bytes. */
static const __u32 lengths[] = { 14, 15, 16, 31, 32, 33, 60, 63, 64, 65, 100, 199, 200 };

/* Of each length, is what the program gives what it must? */
static void all_lengths(int prog, long long (*want)(__u32 len), const char *what)
{
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
		is(run(prog, lengths[i]), want(lengths[i]), "%s: %s, %u bytes", engine, what,
		   lengths[i]);
	close(prog);
}

/* ---- reading ---------------------------------------------------------------------- */

static long long the_length(__u32 len)
{
	return len;
}

static long long nothing(__u32 len)
{
	return 0;
}

static int constant_off;

static long long byte_there(__u32 len)
{
	return (__u32)constant_off < len ? packet[constant_off] : SHORT;
}

static long long word_there(__u32 len)
{
	__u32 v;

	memcpy(&v, packet + constant_off, sizeof(v));
	return (__u32)constant_off + 4 <= len ? (int)v : SHORT;
}

static void test_constant(void)
{
	static const int offs[] = { 0, 13, 14, 31, 32, 62, 63, 64, 196, 199 };

	all_lengths(LOAD(PACKET, ALU_X(BPF_SUB, 3, 2), MOV_X(0, 3), RESULT), the_length, "length");
	all_lengths(LOAD(MOV_X(6, 1), DATA(2, 1), LDX(BPF_W, 3, 1, FIELD(data_meta)),
			 ALU_X(BPF_SUB, 2, 3), MOV_X(0, 2), RESULT), nothing, "nothing in front");
	all_lengths(LOAD(MOV_X(6, 1), LDX(BPF_W, 2, 1, FIELD(data_meta)), DATA(3, 1),
			 NEED(4, 0), LDX(BPF_W, 0, 2, 0), RESULT), nothing, "no word in front");
	for (size_t i = 0; i < ARRAY_LEN(offs); i++) {
		constant_off = offs[i];
		all_lengths(LOAD(PACKET, NEED(constant_off + 1, SHORT),
				 LDX(BPF_B, 0, 2, constant_off), RESULT), byte_there, "byte");
	}
	for (constant_off = 26; constant_off <= 32; constant_off++)
		all_lengths(LOAD(PACKET, NEED(constant_off + 4, SHORT), LDX(BPF_W, 0, 4, -4),
				 RESULT), word_there, "word");
}

/* Each way to say that the byte at 62 is there. */
static void test_orders(void)
{
	static const struct {
		const char *name;
		struct bpf_insn jump;
		int bytes;
	} rows[] = {
		{ "p > end", JMP_X(BPF_JGT, 4, 3, 2), 63 },
		{ "p >= end", JMP_X(BPF_JGE, 4, 3, 2), 62 },
		{ "end < p", JMP_X(BPF_JLT, 3, 4, 2), 63 },
		{ "end <= p", JMP_X(BPF_JLE, 3, 4, 2), 62 },
	};

	constant_off = 62;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		all_lengths(LOAD(PACKET, MOV_X(4, 2), ALU_K(BPF_ADD, 4, rows[i].bytes), rows[i].jump,
				 LDX(BPF_B, 0, 2, 62), RESULT, RET(SHORT)),
			    byte_there, rows[i].name);
}

static long long byte_at_byte(__u32 len)
{
	__u32 off = len > 20 ? 14 + (packet[20] & 63) : 0;

	return off && off < len ? packet[off] : SHORT;
}

static void test_variable(void)
{
	for (int i = 0; i < 256; i += 23) {
		packet[20] = (unsigned char)i;
		all_lengths(LOAD(PACKET, NEED(21, SHORT), LDX(BPF_B, 5, 2, 20), ALU_K(BPF_AND, 5, 63),
				 ALU_X(BPF_ADD, 2, 5), STX(BPF_DW, 10, 2, -8), NEED(15, SHORT),
				 LDX(BPF_DW, 7, 10, -8), LDX(BPF_B, 0, 7, 14), RESULT),
			    byte_at_byte, "byte at a number");
	}
	packet[20] = 20;
}

static int map;

static long long value_of_key(__u32 len)
{
	return len >= 34 ? 42 : SHORT;
}

static void test_key(void)
{
	__u32 key;
	__u64 value = 42;

	memcpy(&key, packet + 30, sizeof(key));
	map_put(map, &key, &value, 0);
	all_lengths(LOAD(PACKET, NEED(34, SHORT), ALU_K(BPF_ADD, 2, 30), LD_MAP(1, map),
			 CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JNE, 0, 0, 2), RET(0),
			 LDX(BPF_DW, 0, 0, 0), RESULT), value_of_key, "a key");
}

/* ---- writing ---------------------------------------------------------------------- */

static bool only_changed(__u32 len, __u32 off, const void *bytes, __u32 size)
{
	unsigned char want[MAX_LEN];

	memcpy(want, packet, len);
	memcpy(want + off, bytes, size);
	return out_len == len && !memcmp(out, want, len);
}

static void test_write(void)
{
	static const unsigned char marks[8] = { 0x44, 0x33, 0x22, 0x11 };
	int prog = LOAD(PACKET, NEED(34, SHORT), ST(BPF_W, 2, 30, 0x11223344), RET(1));

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		__u32 len = lengths[i];
		bool there = len >= 34;

		is(run(prog, len), there ? 1 : SHORT, "%s: a word written, %u bytes", engine, len);
		ok(only_changed(len, there ? 30 : 0, there ? marks : packet, there ? 4 : 0),
		   "%s: and nothing else, %u bytes", engine, len);
	}
	close(prog);

	prog = LOAD(PACKET, NEED(64, SHORT), LDX(BPF_B, 5, 2, 20), ALU_K(BPF_AND, 5, 63),
		    ALU_X(BPF_ADD, 2, 5), NEED(8, SHORT), LD64(5, 0x11223344), STX(BPF_DW, 2, 5, 0),
		    LDX(BPF_H, 0, 2, 2), RESULT);
	is(run(prog, 64), 0x1122, "%s: written at a number, and read", engine);
	ok(only_changed(64, 20, marks, 8), "%s: there and nowhere else", engine);
	close(prog);
}

/* What comes before a program that writes comes there by a tail call, too. */
static void test_tail_call(void)
{
	int progs = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0), first;
	int second = LOAD(PACKET, NEED(34, SHORT), ST(BPF_B, 2, 33, 0x77), LDX(BPF_W, 0, 6, 0),
			  RESULT);

	is(map_put(progs, &(int){ 0 }, &second, 0), 0, "%s: a program that writes", engine);
	first = LOAD(PACKET, NEED(40, SHORT), LD_MAP(2, progs), MOV_X(1, 6), MOV_K(3, 0),
		     CALL(BPF_FUNC_tail_call), RET(-1));
	is(run(first, 64), 64, "%s: called from one that reads", engine);
	ok(only_changed(64, 33, "\x77", 1), "%s: has written", engine);
	close(first);
	close(second);
	close(progs);
}

/* Addresses are asked for again behind what moves bytes. */
static void test_moved(void)
{
	int prog = LOAD(PACKET, NEED(34, SHORT), ST(BPF_B, 2, 33, 0x11), ST(BPF_W, 10, -4, 0x44332211),
			MOV_X(1, 6), MOV_K(2, 32), MOV_X(3, 10), ALU_K(BPF_ADD, 3, -4), MOV_K(4, 4),
			MOV_K(5, 0), CALL(BPF_FUNC_skb_store_bytes), DATA(2, 6), DATA_END(3, 6),
			NEED(36, SHORT), LDX(BPF_W, 0, 2, 32), RESULT);

	is(run(prog, 64), 0x44332211, "%s: what a helper stored is read", engine);
	ok(only_changed(64, 32, "\x11\x22\x33\x44", 4), "%s: and is there", engine);
	close(prog);

	/* A tag that is put into the packet moves what is behind the addresses. */
	prog = LOAD(PACKET, MOV_X(1, 6), MOV_K(2, 0x0081), MOV_K(3, 5), CALL(BPF_FUNC_skb_vlan_push),
		    MOV_X(1, 6), MOV_K(2, 0x0081), MOV_K(3, 6), CALL(BPF_FUNC_skb_vlan_push),
		    DATA(2, 6), DATA_END(3, 6), NEED(18, SHORT), LDX(BPF_H, 5, 2, 12),
		    LDX(BPF_B, 7, 2, 15), ALU_X(BPF_SUB, 3, 2), MOV_X(0, 3), ALU_K(BPF_LSH, 7, 8),
		    ALU_X(BPF_OR, 0, 7), ALU_K(BPF_LSH, 5, 16), ALU_X(BPF_OR, 0, 5), RESULT);
	is((__u32)run(prog, 64), 0x00810000 | 5 << 8 | 68, "%s: a tag, its number, four bytes more",
	   engine);
	close(prog);
}

static void test_engine(const char *name)
{
	engine = name;
	test_constant();
	test_orders();
	test_variable();
	test_key();
	test_write();
	test_tail_call();
	test_moved();
}

int main(void)
{
	for (int i = 0; i < MAX_LEN; i++)
		packet[i] = (unsigned char)(i * 7 + 3);
	packet[20] = 20;
	map = map_create(BPF_MAP_TYPE_HASH, 4, 8, 4, 0);
	if (have_interpreter()) {
		if (have_jit())
			jit_set("enable", "0");
		test_engine("interpreter");
	}
	if (have_jit()) {
		jit_set("enable", "1");
		test_engine("machine code");
	}
	return finish();
}
