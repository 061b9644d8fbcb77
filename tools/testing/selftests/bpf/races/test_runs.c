// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test runs of one program by several threads, some of them without end until a
 * signal comes: each has a packet, a context and a result of its own, and the signal
 * ends the run of the thread it is for.
 */
#include "race.h"

#include <signal.h>
#include <stddef.h>

#define RACE_MS		2000
#define LEN		256
#define RUNNERS		4
#define ENDLESS		3

static unsigned long wrong, mixed, ran, interrupted;
static pthread_t endless[ENDLESS];
static bool is_running[ENDLESS];
static int prog;

static void on_signal(int sig)
{
}

static union bpf_attr request(const void *in, void *out, __u32 repeat)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (__u32)prog;
	attr.test.data_in = ptr64(in);
	attr.test.data_out = ptr64(out);
	attr.test.data_size_in = LEN;
	attr.test.data_size_out = LEN;
	attr.test.repeat = repeat;
	return attr;
}

static void *run(void *arg)
{
	struct racer *r = arg;
	__u8 in[LEN], out[LEN];

	while (racing()) {
		struct __sk_buff ctx = {}, res = {};
		union bpf_attr attr = request(in, out, 1 + rnd(r, 30));

		memset(in, (int)rnd(r, 256), sizeof(in));
		ctx.cb[0] = rnd(r, 1 << 20);
		attr.test.ctx_in = ptr64(&ctx);
		attr.test.ctx_out = ptr64(&res);
		attr.test.ctx_size_in = sizeof(ctx);
		attr.test.ctx_size_out = sizeof(res);
		if (sys_bpf(BPF_PROG_TEST_RUN, &attr))
			count(&wrong);
		/* The program returns cb[0], and adds 1 to cb[1] with each run. */
		if (attr.test.retval != ctx.cb[0] || res.cb[0] != ctx.cb[0] ||
		    res.cb[1] != attr.test.repeat || memcmp(in + 14, out + 14, LEN - 14))
			count(&mixed);
		count(&ran);
		r->done++;
	}
	return NULL;
}

static void *run_without_end(void *arg)
{
	struct racer *r = arg;
	int n = r->number - RUNNERS;
	__u8 in[LEN] = "", out[LEN];

	endless[n] = pthread_self();
	while (racing()) {
		union bpf_attr attr = request(in, out, 0xffffffff);

		__atomic_store_n(&is_running[n], true, __ATOMIC_RELEASE);
		if (sys_bpf(BPF_PROG_TEST_RUN, &attr) == -EINTR)
			count(&interrupted);
		else
			count(&wrong);
		__atomic_store_n(&is_running[n], false, __ATOMIC_RELEASE);
		r->done++;
	}
	return NULL;
}

/* A signal may come before the run begins, so until the end they keep coming. */
static void *interrupt(void *arg)
{
	struct racer *r = arg;
	bool any = true;

	while (racing() || any) {
		any = false;
		for (int i = 0; i < ENDLESS; i++) {
			if (!__atomic_load_n(&is_running[i], __ATOMIC_ACQUIRE))
				continue;
			any = true;
			pthread_kill(endless[i], SIGUSR1);
		}
		pause_ms(1 + rnd(r, 10));
		r->done++;
	}
	return NULL;
}

static bool enough(void)
{
	return ran > 50 && interrupted > 10;
}

int main(void)
{
	static void *(*const bodies[THREADS])(void *) = {
		run, run, run, run, run_without_end, run_without_end, run_without_end, interrupt,
	};
	struct sigaction act = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &act, NULL);
	prog = FILTER(LDX(BPF_W, 2, 1, offsetof(struct __sk_buff, cb[1])), ALU_K(BPF_ADD, 2, 1),
		      STX(BPF_W, 1, 2, offsetof(struct __sk_buff, cb[1])),
		      LDX(BPF_W, 0, 1, offsetof(struct __sk_buff, cb)), EXIT());
	if (prog < 0)
		bail("load: %d\n%s", prog, prog_log);
	ok(race(bodies, RACE_MS, enough) > 0, "eight threads");
	is(wrong, 0, "runs succeed, runs without end end with EINTR");
	is(mixed, 0, "each has its own packet, context and result");
	ok(enough(), "%lu runs, %lu interrupted", ran, interrupted);
	return finish();
}
