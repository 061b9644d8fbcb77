// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program may cost: its length, the steps of following its paths, the
 * branches that wait. On either side of each limit, where both can be reached.
 */
#include "front.h"

#include <time.h>

#define MAX_INSNS 1000000

static struct bpf_insn insns[MAX_INSNS + 1];

/* @cnt instructions, all but the last without effect. */
static int straight(size_t cnt)
{
	for (size_t i = 0; i + 1 < cnt; i++)
		insns[i] = MOV_K(0, 0);
	insns[cnt - 1] = EXIT();
	return front_load(insns, cnt, 0);
}

/* The same with half as many steps: what is too long is so by its length alone. */
static int straight_wide(size_t cnt)
{
	const struct bpf_insn wide[] = { LD64(0, 1) };
	size_t n = 0;

	for (; n + 3 <= cnt; n += 2)
		memcpy(&insns[n], wide, sizeof(wide));
	for (; n + 1 < cnt; n++)
		insns[n] = MOV_K(0, 0);
	insns[n] = EXIT();
	return front_load(insns, cnt, 0);
}

static void check_length(void)
{
	is(straight(4095), 0, "program size: 4095 instructions, the most that Linux 4.3 took");
	is(straight(4096), 0, "program size: 4096");
	if (quick())
		skip("program size: 1000000", "takes its time");
	else
		is(straight(MAX_INSNS), 0, "program size: 1000000");
	is(straight_wide(MAX_INSNS + 1), -E2BIG, "program size: one more");
}

/* @bits questions, each path with a number of its own that decides a last one. */
static int paths(int bits)
{
	size_t n = 0;

#define ADD(...) do {							\
		const struct bpf_insn add[] = { __VA_ARGS__ };		\
									\
		memcpy(&insns[n], add, sizeof(add));			\
		n += ARRAY_LEN(add);					\
	} while (0)

	ADD(MOV_X(6, 1), MOV_K(7, 0));
	for (int bit = 0; bit < bits; bit++)
		ADD(LDX(BPF_W, 8, 6, 0), JMP_K(BPF_JEQ, 8, bit, 1), ALU_K(BPF_OR, 7, 1 << bit));
	ADD(JMP_K(BPF_JEQ, 7, -1, 0), MOV_K(0, 0), EXIT());
#undef ADD
	return front_load(insns, n, 4);
}

static void check_steps(void)
{
	is(paths(10), 0, "work limit: a thousand paths");
	is(paths(20), -E2BIG, "work limit: a million");
	is_str(prog_log, "BPF program is too large. Processed 1000001 insn", "work limit: text");
	is_str(prog_log, "(limit 1000000)", "work limit: summary");
}

/* Every jump leaves a branch behind before one of them is followed. */
static int waiting(int branches)
{
	size_t n = 0;

	insns[n++] = (struct bpf_insn)LDX(BPF_W, 2, 1, 0);
	insns[n++] = (struct bpf_insn)MOV_K(0, 0);
	for (int i = 0; i < branches; i++)
		insns[n++] = (struct bpf_insn)JMP_K(BPF_JEQ, 2, i, branches - 1 - i);
	insns[n++] = (struct bpf_insn)EXIT();
	return front_load(insns, n, 0);
}

/* The same without a limit of the distance: each jump leads over one instruction. */
static int waiting_all(int branches)
{
	size_t n = 0;

	insns[n++] = (struct bpf_insn)LDX(BPF_W, 2, 1, 0);
	insns[n++] = (struct bpf_insn)MOV_K(0, 0);
	for (int i = 0; i < branches; i++) {
		insns[n++] = (struct bpf_insn)JMP_K(BPF_JEQ, 2, i, 1);
		insns[n++] = (struct bpf_insn)MOV_K(0, 0);
	}
	insns[n++] = (struct bpf_insn)EXIT();
	return front_load(insns, n, 4);
}

#define DEPTH	8
#define SLOTS	8	/* 64 bytes in each of 8 functions are all there is */

/* As many branches, while eight functions have all the stack in use. */
static int waiting_deep(int branches)
{
	size_t n = 0;

	for (int depth = 1; depth <= DEPTH; depth++) {
		for (int slot = 1; slot <= SLOTS; slot++)
			insns[n++] = (struct bpf_insn)ST(BPF_DW, 10, -8 * slot, depth);
		if (depth == DEPTH)
			break;
		insns[n++] = (struct bpf_insn)INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0,
						   SLOTS + 1);
		for (int slot = 1; slot <= SLOTS; slot++)
			insns[n++] = (struct bpf_insn)LDX(BPF_DW, 1, 10, -8 * slot);
		insns[n++] = (struct bpf_insn)EXIT();
	}
	insns[n++] = (struct bpf_insn)LDX(BPF_W, 2, 1, 0);
	insns[n++] = (struct bpf_insn)MOV_K(0, 0);
	for (int i = 0; i < branches; i++)
		insns[n++] = (struct bpf_insn)JMP_K(BPF_JEQ, 2, i, branches - 1 - i);
	insns[n++] = (struct bpf_insn)EXIT();
	return front_load(insns, n, 0);
}

static void check_branches(void)
{
	is(waiting(1024), 0, "branch stack: 1024 branches wait, the most of Linux 4.3");
	is(waiting(8000), 0, "branch stack: 8000 wait");
	is(waiting_deep(8000), 0, "branch stack: 8000 wait in eight functions");
	is(waiting_all(300000), pristine() ? -EFAULT : -E2BIG, "branch stack: 300000 would wait");
	if (!pristine())
		is_str(prog_log, "too many branches", "branch stack: text");
}

/* Two ways to each place that go on alike: one is followed if a state was stored there. */
static int alike(int places)
{
	size_t n = 0;

	insns[n++] = (struct bpf_insn)LDX(BPF_W, 2, 1, 0);
	for (int i = 0; i < places; i++) {
		insns[n++] = (struct bpf_insn)JMP_K(BPF_JEQ, 2, i, 1);
		insns[n++] = (struct bpf_insn)MOV_K(3, 1);
		for (int j = 0; j < 8; j++)
			insns[n++] = (struct bpf_insn)MOV_K(4, j);
	}
	insns[n++] = (struct bpf_insn)MOV_K(0, 0);
	insns[n++] = (struct bpf_insn)EXIT();
	return front_load(insns, n, 4);
}

static void check_states(void)
{
	is(alike(5000), 0, "stored states: of 5000 places");
}

/* Jumps that are never taken, back to the one before, or not. R6 is read behind the first. */
static int chain(int jumps, bool back)
{
	size_t n = 0;

	insns[n++] = (struct bpf_insn)MOV_K(6, 0);
	insns[n++] = (struct bpf_insn)MOV_K(0, 1);
	insns[n++] = (struct bpf_insn)JMP_K(BPF_JEQ, 0, 0, jumps + 1);
	for (int i = 0; i < jumps; i++)
		insns[n++] = (struct bpf_insn)JMP_K(BPF_JEQ, 0, 0, back ? -2 : 0);
	insns[n++] = (struct bpf_insn)EXIT();
	insns[n++] = (struct bpf_insn)MOV_X(0, 6);
	insns[n++] = (struct bpf_insn)EXIT();
	return front_load(insns, n, 0);
}

/* Time of this thread, in microseconds, that such a program takes. */
static long chain_time(int jumps, bool back)
{
	struct timespec from, to;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
	is(chain(jumps, back), 0, "passes over loops: %d jumps %s", jumps, back ? "back" : "on");
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
	return (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000;
}

/* What is live goes over one jump back with each sweep: were there one for each, the
 * time would grow with the square.
 */
static void check_sweeps(void)
{
	long on = chain_time(9000, false), back = chain_time(9000, true);

	ok(back < 30 * (on + 1000), "passes over loops: no sweep for each jump");
	note("%ld us, with jumps back %ld us", on, back);
}

int main(void)
{
	check_length();
	check_steps();
	check_branches();
	check_states();
	check_sweeps();
	return finish();
}
