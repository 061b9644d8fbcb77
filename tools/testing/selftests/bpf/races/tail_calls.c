// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tail calls through slots that are exchanged and emptied meanwhile, and through
 * arrays that end: a run goes on in a program that was there, or falls through.
 *
 * Some callers draw the slot and look it up, others have a call for each slot, whose
 * machine code changes with the slot, and draw the call.
 *
 * Two arrays with programs that call each other stand all the time; others come with
 * a program that holds the array that holds the program, and go by the close of
 * their last descriptor while the program runs. Nothing of that may stay.
 */
#include "race.h"

#define RACE_MS		2500
#define SLOTS		4
#define FALLS		1	/* what the programs return */
#define STAYS		2
#define ENDS		3	/* after having gone on at random */
#define PUBLIC		500	/* descriptors of programs whose array is about to end */
#define PUBLICS		2
#define CALLERS		4

static int arrays[2], callees[3], callers[CALLERS];
static unsigned long wrong, results[4], stored, deleted, ended, ended_ran;

/* ---- programs ----------------------------------------------------------------------------- */

/* Goes on in a random slot of @array, 33 times at most; @code if that one is empty. */
static int load_caller(int array, int code)
{
	return FILTER(MOV_X(6, 1), CALL(BPF_FUNC_get_prandom_u32), ALU_K(BPF_AND, 0, SLOTS - 1),
		      MOV_X(1, 6), LD_MAP(2, array), MOV_X(3, 0), CALL(BPF_FUNC_tail_call),
		      MOV_K(0, code), EXIT());
}

/* The same by one call for each slot. */
static int load_knowing_caller(int array, int code)
{
#define CALL_IF(slot)								\
	JMP_K(BPF_JNE, 7, slot, 5), MOV_X(1, 6), LD_MAP(2, array), MOV_K(3, slot),	\
	CALL(BPF_FUNC_tail_call)
	return FILTER(MOV_X(6, 1), CALL(BPF_FUNC_get_prandom_u32), ALU_K(BPF_AND, 0, SLOTS - 1),
		      MOV_X(7, 0), CALL_IF(0), CALL_IF(1), CALL_IF(2), CALL_IF(3), MOV_K(0, code),
		      EXIT());
}

static void judge(int got)
{
	if (got == FALLS || got == STAYS || got == ENDS)
		count(&results[got]);
	else
		count(&wrong);
}

/* ---- threads ------------------------------------------------------------------------------ */

static void *run(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		judge(prog_test_run(callers[rnd(r, CALLERS)], 1 + rnd(r, 50)));
		r->done++;
	}
	return NULL;
}

static void *run_public(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		int got = prog_test_run(PUBLIC + (int)rnd(r, PUBLICS), 200);

		if (got == FALLS || got == STAYS)
			count(&ended_ran);
		else if (got != -EBADF)
			count(&wrong);
		r->done++;
	}
	return NULL;
}

static void *exchange(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		int array = arrays[rnd(r, 2)];
		__u32 slot = rnd(r, SLOTS);
		int ret = map_put(array, &slot, &callees[rnd(r, 3)], BPF_ANY);

		count(ret ? &wrong : &stored);
		if (rnd(r, 2))
			continue;
		slot = rnd(r, SLOTS);
		ret = map_del(array, &slot);
		if (!ret)
			count(&deleted);
		else if (ret != -ENOENT)
			count(&wrong);
		r->done++;
	}
	return NULL;
}

/* An array and its program hold each other; both end after a moment of use. */
static void *end_arrays(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		int array = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, SLOTS, 0);
		int prog = rnd(r, 2) ? load_caller(array, FALLS) : load_knowing_caller(array, FALLS);
		int other = dup(array);
		int to = PUBLIC + (int)rnd(r, PUBLICS);

		if (array < 0 || prog < 0)
			count(&wrong);
		for (__u32 slot = 0; slot < SLOTS; slot++)
			map_put(array, &slot, rnd(r, 2) ? &prog : &callees[0], BPF_ANY);
		dup2(prog, to);
		close(prog);
		close(array);
		if (rnd(r, 2))
			pause_ms(rnd(r, 3));
		close(other);
		if (rnd(r, 2))
			close(to);
		count(&ended);
		r->done++;
	}
	return NULL;
}

static bool enough(void)
{
	return results[FALLS] > 5 && results[STAYS] > 5 && results[ENDS] > 5 && stored > 20 &&
	       deleted > 20 && ended > 5 && ended_ran > 20;
}

/* ---- all ---------------------------------------------------------------------------------- */

static void make_standing(void)
{
	for (int i = 0; i < 2; i++)
		arrays[i] = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, SLOTS, 0);
	callees[0] = FILTER(MOV_K(0, STAYS), EXIT());
	callees[1] = load_caller(arrays[0], ENDS);
	callees[2] = load_knowing_caller(arrays[1], ENDS);
	for (int i = 0; i < CALLERS; i++)
		callers[i] = (i / 2 ? load_knowing_caller : load_caller)(arrays[i % 2], FALLS);
	if (arrays[1] < 0 || callees[2] < 0 || callers[CALLERS - 1] < 0)
		bail("arrays %d callees %d callers %d", arrays[1], callees[2], callers[CALLERS - 1]);
}

static void check_afterwards(void)
{
	for (__u32 slot = 0; slot < SLOTS; slot++)
		map_put(arrays[0], &slot, &callees[0], BPF_ANY);
	is(prog_test_run(callers[0], 100), STAYS, "afterwards all slots lead where they were set to");
	is(prog_test_run(callers[2], 100), STAYS, "also for who knows them");
	for (__u32 slot = 0; slot < SLOTS; slot++)
		map_del(arrays[0], &slot);
	is(prog_test_run(callers[0], 100), FALLS, "and nowhere when they are empty");
	is(prog_test_run(callers[2], 100), FALLS, "also for who knows them");
}

int main(void)
{
	static void *(*const bodies[THREADS])(void *) = {
		run, run, run_public, run_public, exchange, exchange, end_arrays, end_arrays,
	};
	long before;
	int held;

	make_standing();
	/* Allocators and caches take what they will keep. */
	race(bodies, 300, NULL);
	pause_ms(500);
	before = available_kb_shrunk();
	held = held_objects();
	ok(race(bodies, RACE_MS, enough) > 0, "eight threads");
	is(wrong, 0, "each run ends in a program that was stored, each command works");
	note("fell through %lu, stayed %lu, went on %lu; %lu stored, %lu deleted", results[FALLS],
	     results[STAYS], results[ENDS], stored, deleted);
	ok(enough(), "%lu arrays ended, their programs ran %lu times", ended, ended_ran);
	check_afterwards();

	for (int i = 0; i < PUBLICS; i++)
		close(PUBLIC + i);
	ok(memory_back(before), "memory is back");
	none_held(held);
	return finish();
}
