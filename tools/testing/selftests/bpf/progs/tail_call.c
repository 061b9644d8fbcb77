// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_tail_call(): where it goes, how often, and that it goes on in the next
 * instruction, as if nothing had been asked, when it goes nowhere.
 *
 * Programs are socket filters and answer by the number of bytes they keep; the
 * packet is longer than any answer. All of it runs once interpreted and once as
 * machine code, which treats calls of a known slot otherwise.
 */
#include "../engine.h"

#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <time.h>

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

/* The same index, but the verifier does not know it: it depends on the packet. */
static int unknowing_caller(__u32 index)
{
	return need(FILTER(LDX(BPF_W, 3, 1, offsetof(struct __sk_buff, len)),
			   ALU_K(BPF_ADD, 3, (int)index - ANSWER_MAX), LD_MAP(2, progs),
			   CALL(BPF_FUNC_tail_call), MOV_K(0, 1), EXIT()), "unknowing caller");
}

/* A caller with registers and stack of its own, which it checks when nothing is there. */
static int framed_caller(__u32 index)
{
	return need(FILTER(MOV_K(7, 1), MOV_K(9, 3), ST(BPF_DW, 10, -48, 5), LD_MAP(2, progs),
			   MOV_K(3, index), CALL(BPF_FUNC_tail_call), LDX(BPF_DW, 0, 10, -48),
			   ALU_X(BPF_SUB, 0, 9), ALU_X(BPF_SUB, 0, 7), EXIT()), "framed caller");
}

/* One that could call on, with the frame of framed_caller(). */
static int framed_answer(int answer)
{
	return need(FILTER(MOV_K(7, answer), MOV_K(9, 4), STX(BPF_DW, 10, 7, -48), LD_MAP(2, progs),
			   MOV_K(3, 7), CALL(BPF_FUNC_tail_call), LDX(BPF_DW, 0, 10, -48), EXIT()),
		    "framed answer");
}

/* Callers that know the slot and one that does not, some older than what is in it. */
static int callers[8];
static size_t ncallers;

static int all_answer(void)
{
	int answer = answer_of(callers[0]);

	for (size_t i = 1; i < ncallers; i++)
		if (answer_of(callers[i]) != answer)
			return -1;
	return answer;
}

static void test_known_slot(void)
{
	int small = constant(30), framed = framed_answer(40), other = framed_answer(50);
	const int order[] = { small, framed, other, small, -1, framed, -1, other, other, framed };
	const int want[] = { 30, 40, 50, 30, 1, 40, 1, 50, 50, 40 };
	__u32 index = 1;
	bool good = true;

	ncallers = 0;
	callers[ncallers++] = unknowing_caller(index);
	callers[ncallers++] = caller(index);
	callers[ncallers++] = framed_caller(index);
	is(all_answer(), 1, "an empty slot, known or not");
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		if (order[i] < 0)
			map_del(progs, &index);
		else
			store(index, order[i]);
		if (all_answer() != want[i])
			good = false;
		if (all_answer() != want[i])
			note("change %zu: %d, not %d", i, all_answer(), want[i]);
		/* One more that finds the slot as it is, one less. */
		close(callers[ncallers - 1]);
		callers[ncallers - 1] = i % 2 ? framed_caller(index) : caller(index);
	}
	ok(good, "filled, replaced and emptied: who knows the slot goes where who asks goes");

	close(small);
	close(framed);
	close(other);
	is(all_answer(), 40, "the array keeps its programs");
	for (size_t i = 0; i < ncallers; i++)
		close(callers[i]);
	store(index, need(constant(60), "last"));
	map_del(progs, &index);
}

/* Which of two slots is known only when it runs; and twice the same. */
static void test_two_ways(void)
{
	int other = constant(71), same = constant(72), prog;
	const struct {
		int second, want;
		const char *name;
	} rows[] = {
		{ 2, 71, "two ways, two slots" },
		{ 1, 72, "two ways, the same slot" },
		{ 9, 1, "two ways, one to a slot outside" },
	};

	store(1, same);
	store(2, other);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		prog = need(FILTER(LDX(BPF_W, 4, 1, offsetof(struct __sk_buff, len)), MOV_K(3, 1),
				   JMP_K(BPF_JLT, 4, ANSWER_MAX, 1), MOV_K(3, rows[i].second),
				   LD_MAP(2, progs), CALL(BPF_FUNC_tail_call), MOV_K(0, 1), EXIT()),
			    "two ways");
		is(answer_of(prog), rows[i].want, "%s", rows[i].name);
		close(prog);
	}
	map_del(progs, &(__u32){ 1 });
	map_del(progs, &(__u32){ 2 });
	close(same);
	close(other);
}

/* Which of two arrays is known only when it runs; and calls into both, one after the other. */
static void test_two_arrays(void)
{
	int others = need(map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 8, 0), "second array");
	int here = constant(73), there = constant(74), either[2], both;
	const __u32 index = 1;

	store(index, here);
	map_put(others, &index, &there, 0);
	for (int i = 0; i < 2; i++) {
		either[i] = need(FILTER(LDX(BPF_W, 4, 1, offsetof(struct __sk_buff, len)),
					LD_MAP(2, i ? others : progs),
					JMP_K(BPF_JLT, 4, ANSWER_MAX, 2),
					LD_MAP(2, i ? progs : others), MOV_K(3, index),
					CALL(BPF_FUNC_tail_call), MOV_K(0, 1), EXIT()), "either array");
		is(answer_of(either[i]), i ? 73 : 74, "two ways, two arrays, the same slot");
		close(either[i]);
	}

	map_del(progs, &index);
	both = need(FILTER(MOV_X(6, 1), LD_MAP(2, progs), MOV_K(3, index),
			   CALL(BPF_FUNC_tail_call), MOV_X(1, 6), LD_MAP(2, others),
			   MOV_K(3, index), CALL(BPF_FUNC_tail_call), MOV_K(0, 1), EXIT()), "both");
	is(answer_of(both), 74, "calls into two arrays: the first slot is empty");
	store(index, here);
	is(answer_of(both), 73, "the first slot is filled");
	map_del(progs, &index);
	map_del(others, &index);
	is(answer_of(both), 1, "both are empty");
	close(both);
	usleep(50000);
	store(index, here);
	is(map_put(others, &index, &there, 0), 0, "and are filled when the caller has gone");
	map_del(progs, &index);
	close(others);
	close(here);
	close(there);
}

/* Callers come and go; the slot changes while they are there and afterwards. */
static void test_gone_callers(void)
{
	int one = constant(80), two = framed_answer(81), prog[16], wrong = 0;
	__u32 index = 3;

	for (int round = 0; round < (on_debug_kernel() ? 4 : 20); round++) {
		for (size_t i = 0; i < ARRAY_LEN(prog); i++)
			prog[i] = i % 2 ? caller(index) : framed_caller(index);
		store(index, round % 2 ? one : two);
		for (size_t i = 0; i < ARRAY_LEN(prog); i++) {
			wrong += answer_of(prog[i]) != 81 - round % 2;
			close(prog[i]);
		}
		store(index, round % 2 ? two : one);
		map_del(progs, &index);
	}
	is(wrong, 0, "callers that come and go");
	close(one);
	close(two);
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

#define SWAP_SECONDS	20
#define SWAP_STORES	4

static struct {
	int stop;
	unsigned long stored, failed;
} swapping;

static void *swap(void *unused)
{
	int pair[2] = { constant(80), constant(81) };
	__u32 index = 2;

	while (!__atomic_load_n(&swapping.stop, __ATOMIC_RELAXED)) {
		swapping.failed += map_put(progs, &index, &pair[swapping.stored++ % 2], 0) != 0;
		/* Where processors take turns, it is the other thread's. */
		sched_yield();
	}
	close(pair[0]);
	close(pair[1]);
	return NULL;
}

/* The two threads may share a processor, in turns that last thousands of runs. */
static bool swapped_enough(const unsigned long *seen)
{
	return seen[0] && seen[1] &&
	       __atomic_load_n(&swapping.stored, __ATOMIC_RELAXED) >= SWAP_STORES;
}

static void test_swap(void)
{
	int prog = caller(2), target = constant(80), least = on_debug_kernel() ? 200 : 1000;
	unsigned long seen[2] = { 0 }, wrong = 0;
	time_t end = time(NULL) + SWAP_SECONDS;
	pthread_t thread;

	store(2, target);
	memset(&swapping, 0, sizeof(swapping));
	if (pthread_create(&thread, NULL, swap, NULL))
		bail("no thread");
	for (int i = 0; i < least || (!swapped_enough(seen) && time(NULL) < end); i++) {
		int answer = answer_of(prog);

		if (answer == 80 || answer == 81)
			seen[answer - 80]++;
		else
			wrong++;
	}
	__atomic_store_n(&swapping.stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	is((long long)wrong, 0, "a slot that is exchanged is never empty");
	ok(seen[0] && seen[1], "both programs of it run");
	ok(swapping.stored >= SWAP_STORES, "%lu exchanges", swapping.stored);
	is((long long)swapping.failed, 0, "each of them works");
	close(target);
	close(prog);
}

static void test_engine(int jited)
{
	int prog = constant(1);

	is(is_jited(prog), jited, "the engine");
	close(prog);
	progs = need(map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 8, 0), "array");
	test_target();
	test_known_slot();
	test_two_ways();
	test_two_arrays();
	test_gone_callers();
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
	close(progs);
}

/* The engines as an argument: both if there is none. */
int main(int argc, char **argv)
{
	const char *engine = argc > 1 ? argv[1] : have_interpreter() ? "01" : "1";

	if (!have_jit()) {
		test_engine(0);
		return finish();
	}
	for (; *engine; engine++) {
		const char value[] = { *engine, '\0' };

		note("bpf_jit_enable %s", value);
		jit_set("enable", value);
		test_engine(*engine == '1');
	}
	return finish();
}
