// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_tail_call(): where it goes, how often, and that it goes on in the next
 * instruction, as if nothing had been asked, when it goes nowhere.
 *
 * Programs are socket filters and answer by the number of bytes they keep; the
 * packet is longer than any answer.
 */
#include "../test.h"

#include <pthread.h>
#include <stddef.h>

#define ANSWER_MAX	2000

static int progs;

static int answer_of(int prog)
{
	static const char packet[ANSWER_MAX];

	return filter_run(prog, packet, sizeof(packet), NULL);
}

static int need(int fd, const char *what)
{
	if (fd < 0)
		bail("%s: %d\n%s", what, fd, prog_log);
	return fd;
}

static int constant(int answer)
{
	return need(FILTER(MOV_K(0, answer), EXIT()), "constant");
}

static void store(__u32 index, int prog)
{
	int err = map_put(progs, &index, &prog, 0);

	if (err)
		bail("store at %u: %d", index, err);
}

static int caller(__u64 index)
{
	return need(FILTER(LD_MAP(2, progs), LD64(3, index), CALL(BPF_FUNC_tail_call),
			   MOV_K(0, 1), EXIT()), "caller");
}

static void test_target(void)
{
	static const struct {
		__u64 index;
		int want;
		const char *name;
	} rows[] = {
		{ 2, 20, "a slot in use" },
		{ 3, 1, "an empty slot" },
		{ 8, 1, "the first index outside" },
		{ 0xffffffff, 1, "the last of 32 bits" },
		{ 0x100000002, 20, "only the low 32 bits count" },
		{ -1ULL, 1, "all ones" },
	};
	int prog, target = constant(20);

	store(2, target);
	close(target);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		prog = caller(rows[i].index);
		is(answer_of(prog), rows[i].want, "%s", rows[i].name);
		close(prog);
	}
}

static void test_replace(void)
{
	int prog = caller(2), one = constant(30), two = constant(40);
	__u32 index = 2;

	store(2, one);
	is(answer_of(prog), 30, "another program in the slot");
	store(2, two);
	is(answer_of(prog), 40, "and another");
	map_del(progs, &index);
	is(answer_of(prog), 1, "and none");
	close(one);
	close(two);
	close(prog);
}

/* Counts its runs in cb[0], which a tail call hands on, and calls itself. */
static int counting(__u32 self)
{
	const int cb0 = offsetof(struct __sk_buff, cb);

	return need(FILTER(LDX(BPF_W, 6, 1, cb0), ALU_K(BPF_ADD, 6, 1), STX(BPF_W, 1, 6, cb0),
			   LD_MAP(2, progs), MOV_K(3, self), CALL(BPF_FUNC_tail_call),
			   MOV_X(0, 6), EXIT()), "counting");
}

static void test_limit(void)
{
	int prog = counting(4), other;

	store(4, prog);
	is(answer_of(prog), 34, "33 calls of itself, the last goes on");
	is(answer_of(prog), 34, "each run counts for itself");

	other = counting(4);
	store(5, other);
	is(answer_of(other), 34, "from another program");
	close(other);
	close(prog);
}

/* @misses calls of @where, which goes nowhere, then one that goes somewhere. */
static void test_misses(__u32 misses, __u32 where, int want, const char *name)
{
	struct bpf_insn insns[4 * 64], *in = insns;
	int prog, target = constant(60);

	store(6, target);
	*in++ = (struct bpf_insn)MOV_X(6, 1);
	for (__u32 i = 0; i <= misses; i++) {
		struct bpf_insn part[] = { MOV_X(1, 6), LD_MAP(2, progs),
					   MOV_K(3, i < misses ? where : 6), CALL(BPF_FUNC_tail_call) };

		memcpy(in, part, sizeof(part));
		in += ARRAY_LEN(part);
	}
	*in++ = (struct bpf_insn)MOV_K(0, 1);
	*in++ = (struct bpf_insn)EXIT();
	prog = need(prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insns, in - insns), "misses");
	is(answer_of(prog), want, "%s", name);
	close(target);
	close(prog);
}

/* What the caller keeps on its stack and in registers is still there. */
static void test_fall_through(void)
{
	int prog = need(FILTER(MOV_X(6, 1), MOV_K(7, 3), MOV_K(8, 5), ST(BPF_DW, 10, -512, 9),
			       ST(BPF_DW, 10, -8, 11), LD_MAP(2, progs), MOV_K(3, 99),
			       CALL(BPF_FUNC_tail_call), LDX(BPF_DW, 0, 10, -512),
			       LDX(BPF_DW, 1, 10, -8), ALU_X(BPF_ADD, 0, 1),
			       ALU_X(BPF_ADD, 0, 7), ALU_X(BPF_ADD, 0, 8),
			       LDX(BPF_W, 1, 6, offsetof(struct __sk_buff, len)),
			       ALU_X(BPF_ADD, 0, 1), ALU_K(BPF_SUB, 0, ANSWER_MAX), EXIT()),
			"fall through");

	is(answer_of(prog), 3 + 5 + 9 + 11, "stack, registers and context after a miss");
	close(prog);
}

/* A small caller, a target with all the stack there is. */
static void test_stack(void)
{
	struct bpf_insn insns[64 + 64 + 4], *in = insns;
	int prog, target;

	for (int off = -512; off < 0; off += 8)
		*in++ = (struct bpf_insn)ST(BPF_DW, 10, off, 1);
	*in++ = (struct bpf_insn)MOV_K(0, 0);
	for (int off = -512; off < 0; off += 16) {
		*in++ = (struct bpf_insn)LDX(BPF_DW, 1, 10, off);
		*in++ = (struct bpf_insn)ALU_X(BPF_ADD, 0, 1);
	}
	*in++ = (struct bpf_insn)EXIT();
	target = need(prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insns, in - insns), "large stack");
	store(2, target);
	prog = caller(2);
	is(answer_of(prog), 32, "512 bytes of stack behind a caller that has none");
	close(target);
	close(prog);
}

/* The owner's bytes in cb come back although only the target touches them. */
static void test_cb(void)
{
	int touch = counting(99), prog = caller(2);

	store(2, touch);
	is(answer_of(prog), 1, "cb is zero in a target, whoever called");
	is(answer_of(prog), 1, "and again");
	close(touch);
	close(prog);
}

static void test_verifier(void)
{
	is(FILTER(LD_MAP(2, progs), MOV_K(3, 0), CALL(BPF_FUNC_tail_call), EXIT()), -EACCES,
	   "the call has no result");
	is_str(prog_log, "R0 !read_ok", "as the log says");
	is(FILTER(MOV_X(6, 1), LD_MAP(2, progs), MOV_K(3, 0), CALL(BPF_FUNC_tail_call),
		  MOV_X(0, 3), EXIT()), -EACCES, "arguments are gone");
	is(FILTER(ALU_K(BPF_ADD, 1, 8), LD_MAP(2, progs), MOV_K(3, 0),
		  CALL(BPF_FUNC_tail_call), MOV_K(0, 0), EXIT()), -EACCES,
	   "a context that was moved");
	is(FILTER(MOV_X(2, 1), MOV_K(3, 0), CALL(BPF_FUNC_tail_call), MOV_K(0, 0), EXIT()),
	   -EACCES, "a context for a map");
	is(FILTER(LD_MAP(2, progs), CALL(BPF_FUNC_tail_call), MOV_K(0, 0), EXIT()), -EACCES,
	   "without an index");
	is(FILTER(LD_MAP(1, progs), MOV_X(2, 1), MOV_K(3, 0), CALL(BPF_FUNC_tail_call),
		  MOV_K(0, 0), EXIT()), -EACCES, "a map for a context");
}

/* An array and a program that hold each other end with the last descriptor. */
static void test_circle(void)
{
	int map = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4, 0), same, prog;

	prog = need(FILTER(LD_MAP(2, map), MOV_K(3, 2), CALL(BPF_FUNC_tail_call),
			   MOV_K(0, 1), EXIT()), "circle");
	map_put(map, &(__u32){ 1 }, &prog, 0);
	store(3, prog);
	same = constant(70);
	map_put(map, &(__u32){ 2 }, &same, 0);
	is(answer_of(prog), 70, "while the array has a descriptor");
	close(map);
	is(answer_of(prog), 1, "without one it is empty, the program still runs");
	map_del(progs, &(__u32){ 3 });
	close(same);
	close(prog);
}

static void *swap(void *stop)
{
	int a = constant(80), b = constant(81);
	__u32 index = 2;

	while (!__atomic_load_n((int *)stop, __ATOMIC_RELAXED)) {
		map_put(progs, &index, &a, 0);
		map_put(progs, &index, &b, 0);
	}
	close(a);
	close(b);
	return NULL;
}

static void test_swap(void)
{
	int prog = caller(2), stop = 0, wrong = 0, target = constant(80);
	pthread_t thread;

	store(2, target);
	pthread_create(&thread, NULL, swap, &stop);
	for (int i = 0; i < 3000; i++) {
		int answer = answer_of(prog);

		wrong += answer != 80 && answer != 81;
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	is(wrong, 0, "a slot that is exchanged is never empty");
	close(target);
	close(prog);
}

int main(void)
{
	progs = need(map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 8, 0), "array");
	test_target();
	test_replace();
	test_limit();
	test_misses(32, 7, 60, "32 calls into an empty slot leave one");
	test_misses(33, 7, 1, "33 leave none");
	test_misses(40, 8, 60, "calls to an index outside do not count");
	test_fall_through();
	test_stack();
	test_cb();
	test_verifier();
	test_circle();
	test_swap();
	return finish();
}
