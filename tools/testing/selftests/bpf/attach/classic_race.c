// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters that are exchanged while packets pass, and programs whose memory
 * changes while the kernel reads it.
 */
#include "classic.h"
#include <pthread.h>

#define RET(k)		CSTMT(BPF_RET | BPF_K, k)
#define SECONDS		(quick() ? 0.5 : 2)

static bool stop;
static int sk[2];

static bool running(void)
{
	return !__atomic_load_n(&stop, __ATOMIC_RELAXED);
}

static void begin(pthread_t *thread, void *(*func)(void *), void *arg)
{
	__atomic_store_n(&stop, false, __ATOMIC_RELAXED);
	if (pthread_create(thread, NULL, func, arg))
		bail("thread");
}

static void end(pthread_t thread)
{
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* ---- filters come and go ------------------------------------------------------- */

/* Every filter lets through 7 or 9 bytes, none lets through everything. */
static void *exchange(void *arg MAYBE_UNUSED)
{
	static const struct bpf_insn nine[] = { MOV_K(0, 9), EXIT() };
	int fd = prog_load(BPF_PROG_TYPE_SOCKET_FILTER, nine, 2);

	for (int i = 0; running(); i++) {
		ATTACH(sk[0], CSTMT(BPF_LD | BPF_B | BPF_ABS, 3), RET(7));
		if (fd >= 0)
			setsockopt(sk[0], SOL_SOCKET, SO_ATTACH_BPF, &fd, sizeof(fd));
		/* Sometimes as fast as can be, sometimes with time to meet packets. */
		if (i % 16 == 0)
			usleep(200);
		setsockopt(sk[0], SOL_SOCKET, SO_DETACH_FILTER, &fd, sizeof(fd));
	}
	close(fd);
	return NULL;
}

static void test_exchange(void)
{
	char packet[100] = "";
	double until = now() + SECONDS;
	int wrong = 0, seen[101] = { 0 };
	pthread_t thread;

	begin(&thread, exchange, NULL);
	while (now() < until) {
		int got;

		if (write(sk[1], packet, sizeof(packet)) < 0)
			bail("write: %s", strerror(errno));
		got = arrived(sk[0]);
		if (got != 7 && got != 9 && got != 100)
			wrong++;
		else
			seen[got]++;
	}
	end(thread);
	is(wrong, 0, "each packet met one filter or none");
	ok(seen[9] && seen[100], "both happened (%d of 7, %d of 9, %d whole)", seen[7], seen[9], seen[100]);
}

/* ---- SO_GET_FILTER while filters of different lengths come and go --------------- */

static void *resize(void *arg MAYBE_UNUSED)
{
	while (running()) {
		ATTACH(sk[0], RET(1));
		ATTACH(sk[0], CSTMT(BPF_LD | BPF_IMM, 2), RET(2), RET(2));
	}
	return NULL;
}

static void test_get(void)
{
	double until = now() + SECONDS;
	int wrong = 0, rounds = 0;
	pthread_t thread;

	ATTACH(sk[0], RET(1));
	begin(&thread, resize, NULL);
	for (; now() < until; rounds++) {
		struct sock_filter out[4];
		socklen_t len = 4;

		memset(out, 0xff, sizeof(out));
		if (getsockopt(sk[0], SOL_SOCKET, SO_GET_FILTER, out, &len) || (len != 1 && len != 3) ||
		    out[len - 1].k != (len == 1 ? 1 : 2) || out[len].k != 0xffffffff)
			wrong++;
	}
	end(thread);
	is(wrong, 0, "what is shown is one of the two, in %d looks", rounds);
}

/* ---- memory that changes under the kernel's hands --------------------------------- */

static struct sock_filter shared[3];

/* Between a good jump and one far behind the end, a good opcode and a bad one. */
static void *corrupt(void *arg MAYBE_UNUSED)
{
	volatile struct sock_filter *insn = shared;

	while (running()) {
		insn[0].jt = 200;
		insn[0].jt = 1;
		insn[1].code = 0xffff;
		insn[1].code = BPF_RET | BPF_K;
		insn[1].k = 2;
		insn[1].k = 5;
	}
	return NULL;
}

static void test_changing_memory(void)
{
	double until = now() + SECONDS;
	int wrong = 0, good = 0, bad = 0;
	pthread_t thread;

	shared[0] = CJUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
	shared[1] = RET(5);
	shared[2] = RET(3);
	begin(&thread, corrupt, NULL);
	while (now() < until) {
		struct sock_filter out[4];
		socklen_t len = 4;
		char packet[100] = "";
		int err = attach_classic(sk[0], shared, 3);

		if (err) {
			bad += err == -EINVAL;
			wrong += err != -EINVAL;
			continue;
		}
		good++;
		/* What is shown is what was checked, and it is what runs. */
		if (getsockopt(sk[0], SOL_SOCKET, SO_GET_FILTER, out, &len) || len != 3 ||
		    out[0].jt != 1 || out[1].code != (BPF_RET | BPF_K))
			wrong++;
		if (write(sk[1], packet, sizeof(packet)) < 0 || arrived(sk[0]) != 3)
			wrong++;
	}
	end(thread);
	is(wrong, 0, "%d accepted, %d refused, all consistent", good, bad);
	ok(good > 0, "some were accepted");
}

/* ---- many sockets ------------------------------------------------------------------ */

static void test_many(void)
{
	int pairs = 200, wrong = 0, fds[400];

	for (int i = 0; i < pairs; i++) {
		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, &fds[2 * i]))
			bail("socketpair: %s", strerror(errno));
		wrong += ATTACH(fds[2 * i], RET((__u32)i + 1)) != 0;
	}
	for (int i = 0; i < pairs; i++) {
		char packet[512] = "";

		wrong += write(fds[2 * i + 1], packet, sizeof(packet)) != sizeof(packet) ||
			 arrived(fds[2 * i]) != i + 1;
		close(fds[2 * i]);
		close(fds[2 * i + 1]);
	}
	is(wrong, 0, "%d sockets with a filter each", pairs);
}

int main(void)
{
	open_pair(sk);
	test_exchange();
	setsockopt(sk[0], SOL_SOCKET, SO_DETACH_FILTER, sk, sizeof(int));
	test_get();
	test_changing_memory();
	test_many();
	return finish();
}
