// SPDX-License-Identifier: GPL-2.0-only
/*
 * Helpers 1-3, 5, 7 and 8 as a socket filter sees them, and maps updated from
 * softirq while system calls update them too.
 */
#include "../test.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <time.h>

static int results;	/* array of 8-byte results */

/* R0 of the code so far becomes results[i]; R6-R9 survive. */
#define STORE_RESULT(i)							\
	STX(BPF_DW, 10, 0, -16), ST(BPF_W, 10, -4, i),			\
	MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, results),	\
	CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 2),	\
	LDX(BPF_DW, 1, 10, -16), STX(BPF_DW, 0, 1, 0)

#define KEY(r, k)	ST(BPF_DW, 10, -24, k), MOV_X(r, 10), ALU_K(BPF_ADD, r, -24)
#define VALUE(r, v)	ST(BPF_DW, 10, -32, v), MOV_X(r, 10), ALU_K(BPF_ADD, r, -32)

#define DO_UPDATE(map, k, v, flags)					\
	KEY(2, k), VALUE(3, v), LD_MAP(1, map), LD64(4, flags),	\
	CALL(BPF_FUNC_map_update_elem)
#define DO_DELETE(map, k)						\
	KEY(2, k), LD_MAP(1, map), CALL(BPF_FUNC_map_delete_elem)

static long long result(__u32 i)
{
	__s64 value = 0;

	map_get(results, &i, &value);
	return value;
}

#define RUN(...) do {							\
	int fd_ = FILTER(__VA_ARGS__, MOV_K(0, 1), EXIT());		\
									\
	if (!ok(fd_ >= 0, "load: line %d", __LINE__))			\
		note("%s", prog_log);					\
	filter_run(fd_, "x", 1, NULL);					\
	close(fd_);							\
} while (0)

static void test_hash(__u32 flags, const char *name)
{
	int map = map_create(BPF_MAP_TYPE_HASH, 8, 8, 2, flags);
	__u64 key = 1, value = 0;

	RUN(DO_UPDATE(map, 1, 11, BPF_EXIST), STORE_RESULT(0),
	    DO_UPDATE(map, 1, 12, BPF_NOEXIST), STORE_RESULT(1),
	    DO_UPDATE(map, 1, 13, BPF_NOEXIST), STORE_RESULT(2),
	    DO_UPDATE(map, 1, 14, 3), STORE_RESULT(3),
	    DO_UPDATE(map, 1, 15, 1ULL << 32), STORE_RESULT(4),
	    DO_UPDATE(map, 1, 16, BPF_EXIST), STORE_RESULT(5));
	is(result(0), -ENOENT, "%s: EXIST of a missing key", name);
	is(result(1), 0, "%s: NOEXIST of a missing key", name);
	is(result(2), -EEXIST, "%s: NOEXIST of a key", name);
	is(result(3), -EINVAL, "%s: flags 3", name);
	is(result(4), -EINVAL, "%s: flag 2^32", name);
	is(result(5), 0, "%s: EXIST of a key", name);
	is(map_get(map, &key, &value), 0, "%s: user space sees the key", name);
	is(value, 16, "%s: and the last value", name);

	RUN(DO_UPDATE(map, 2, 21, BPF_ANY), STORE_RESULT(0),
	    DO_UPDATE(map, 3, 31, BPF_ANY), STORE_RESULT(1),
	    DO_UPDATE(map, 2, 22, BPF_ANY), STORE_RESULT(2),
	    DO_DELETE(map, 1), STORE_RESULT(3),
	    DO_DELETE(map, 1), STORE_RESULT(4),
	    DO_UPDATE(map, 3, 33, BPF_ANY), STORE_RESULT(5));
	is(result(0), 0, "%s: second key", name);
	is(result(1), -E2BIG, "%s: third key of two", name);
	is(result(2), 0, "%s: replace in a full map", name);
	is(result(3), 0, "%s: delete", name);
	is(result(4), -ENOENT, "%s: delete again", name);
	is(result(5), 0, "%s: room for the third", name);

	/* A pointer into the map: a program writes in place. */
	key = 3;
	RUN(KEY(2, 3), LD_MAP(1, map), CALL(BPF_FUNC_map_lookup_elem),
	    JMP_K(BPF_JEQ, 0, 0, 3), ST(BPF_DW, 0, 0, 77), MOV_K(0, 1), JA(1), MOV_K(0, 2),
	    STORE_RESULT(0),
	    KEY(2, 4), LD_MAP(1, map), CALL(BPF_FUNC_map_lookup_elem),
	    JMP_K(BPF_JEQ, 0, 0, 2), MOV_K(0, 1), JA(1), MOV_K(0, 2), STORE_RESULT(1));
	is(result(0), 1, "%s: lookup of a key", name);
	is(result(1), 2, "%s: lookup of a missing key", name);
	is(map_get(map, &key, &value), 0, "%s: still there", name);
	is(value, 77, "%s: written through the pointer", name);
	close(map);
}

static void test_array(void)
{
	int map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 3, 0);
	__u64 value = 0;
	__u32 key = 2;

	RUN(DO_UPDATE(map, 2, 5, BPF_ANY), STORE_RESULT(0),
	    DO_UPDATE(map, 3, 5, BPF_ANY), STORE_RESULT(1),
	    DO_UPDATE(map, -1, 5, BPF_ANY), STORE_RESULT(2),
	    DO_UPDATE(map, 1, 5, BPF_NOEXIST), STORE_RESULT(3),
	    DO_UPDATE(map, 1, 5, 7), STORE_RESULT(4),
	    DO_DELETE(map, 1), STORE_RESULT(5));
	is(result(0), 0, "array: update");
	is(result(1), -E2BIG, "array: index 3 of 3");
	is(result(2), -E2BIG, "array: index 2^32-1");
	is(result(3), -EEXIST, "array: NOEXIST");
	is(result(4), -EINVAL, "array: flags 7");
	is(result(5), -EINVAL, "array: delete");
	map_get(map, &key, &value);
	is(value, 5, "array: user space sees the value");
	RUN(KEY(2, 3), LD_MAP(1, map), CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 1),
	    MOV_K(0, 1), STORE_RESULT(0));
	is(result(0), 0, "array: lookup of index 3 of 3");
	close(map);
}

static void test_rest(void)
{
	struct timespec before, after;
	long long ns;
	int different = 0;
	cpu_set_t set;

	clock_gettime(CLOCK_MONOTONIC, &before);
	RUN(CALL(BPF_FUNC_ktime_get_ns), STORE_RESULT(0));
	clock_gettime(CLOCK_MONOTONIC, &after);
	ns = result(0);
	ok(ns >= before.tv_sec * 1000000000LL + before.tv_nsec - 1000000 &&
	   ns <= after.tv_sec * 1000000000LL + after.tv_nsec + 1000000,
	   "ktime_get_ns is CLOCK_MONOTONIC");

	for (int cpu = 0; cpu < 2; cpu++) {
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		if (sched_setaffinity(0, sizeof(set), &set)) {
			skip("get_smp_processor_id", "no CPU %d", cpu);
			continue;
		}
		RUN(CALL(BPF_FUNC_get_smp_processor_id), STORE_RESULT(0));
		is(result(0), cpu, "get_smp_processor_id on CPU %d", cpu);
	}

	RUN(CALL(BPF_FUNC_get_prandom_u32), STORE_RESULT(0),
	    CALL(BPF_FUNC_get_prandom_u32), STORE_RESULT(1),
	    CALL(BPF_FUNC_get_prandom_u32), STORE_RESULT(2),
	    CALL(BPF_FUNC_get_prandom_u32), STORE_RESULT(3));
	for (__u32 i = 0; i < 4; i++) {
		if (result(i) >> 32)
			different = -100;
		for (__u32 j = 0; j < i; j++)
			different += result(i) != result(j);
	}
	ok(different >= 5, "get_prandom_u32 gives 32 bits, each time others");
}

/* ---- softirq and system calls on one map --------------------------------------------- */

#define PACKETS	20000
#define KEYS	8

static int shared;
static volatile bool stop;
static unsigned long syscall_errors, torn;

static void *churn(void *arg)
{
	__u64 value[8], key;

	for (unsigned int n = 0; !stop; n++) {
		key = 100 + n % KEYS;
		for (int i = 0; i < 8; i++)
			value[i] = n;
		if (map_put(shared, &key, value, BPF_ANY))
			__atomic_add_fetch(&syscall_errors, 1, __ATOMIC_RELAXED);
		if (n % 3 == 0)
			map_del(shared, &key);
		key = n % KEYS;
		if (!map_get(shared, &key, value))
			for (int i = 1; i < 8; i++)
				if (value[i] != value[0]) {
					__atomic_add_fetch(&torn, 1, __ATOMIC_RELAXED);
					break;
				}
	}
	return NULL;
}

static int loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int sk = socket(AF_INET, SOCK_DGRAM, 0), ret;

	ret = ioctl(sk, SIOCGIFFLAGS, &ifr);
	ifr.ifr_flags |= IFF_UP;
	ret = ret ?: ioctl(sk, SIOCSIFFLAGS, &ifr);
	close(sk);
	return ret;
}

/* Replaces key (random & 7) by a value of eight equal words, in softirq. */
static int replacing_filter(void)
{
	struct bpf_insn insns[64];
	struct bpf_insn head[] = {
		CALL(BPF_FUNC_get_prandom_u32), ALU_K(BPF_AND, 0, KEYS - 1),
		STX(BPF_DW, 10, 0, -8), CALL(BPF_FUNC_get_prandom_u32),
	};
	struct bpf_insn tail[] = {
		MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), MOV_X(3, 10), ALU_K(BPF_ADD, 3, -80),
		LD_MAP(1, shared), MOV_K(4, 0), CALL(BPF_FUNC_map_update_elem),
		MOV_X(6, 0), ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4),
		LD_MAP(1, results), CALL(BPF_FUNC_map_lookup_elem),
		JMP_K(BPF_JEQ, 0, 0, 5), MOV_K(1, 1), JMP_K(BPF_JEQ, 6, 0, 2),
		LD64(1, 1ULL << 32), ATOMIC(BPF_DW, BPF_ADD, 0, 1, 0),
		MOV_K(0, 0), EXIT(),
	};
	size_t n = 0;

	memcpy(insns, head, sizeof(head));
	n = ARRAY_LEN(head);
	for (int off = -80; off < -16; off += 8)
		insns[n++] = STX(BPF_DW, 10, 0, off);
	memcpy(insns + n, tail, sizeof(tail));
	return prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insns, n + ARRAY_LEN(tail));
}

static void test_softirq(__u32 flags, const char *name)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int in = socket(AF_INET, SOCK_DGRAM, 0), out = socket(AF_INET, SOCK_DGRAM, 0), prog;
	socklen_t len = sizeof(addr);
	pthread_t threads[2];
	__u64 zero = 0;
	__u32 first = 0;
	int sent = 0;

	shared = map_create(BPF_MAP_TYPE_HASH, 8, 64, 2 * KEYS, flags);
	map_put(results, &first, &zero, 0);
	prog = replacing_filter();
	if (!ok(prog >= 0, "%s: load", name)) {
		note("%s", prog_log);
		return;
	}
	bind(in, (void *)&addr, sizeof(addr));
	getsockname(in, (void *)&addr, &len);
	setsockopt(in, SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog));

	stop = false;
	syscall_errors = torn = 0;
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, churn, NULL);
	for (int i = 0; i < PACKETS; i++)
		sent += sendto(out, "x", 1, 0, (void *)&addr, sizeof(addr)) == 1;
	stop = true;
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	usleep(100000);

	is(result(0) & 0xffffffff, sent, "%s: every packet's update succeeded", name);
	is(result(0) >> 32, 0, "%s: none failed", name);
	is(syscall_errors, 0, "%s: no update by a system call failed", name);
	is(torn, 0, "%s: no value is a mix", name);
	close(in);
	close(out);
	close(prog);
	close(shared);
}

int main(void)
{
	results = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 8, 0);
	test_hash(0, "hash");
	test_hash(BPF_F_NO_PREALLOC, "hash, on demand");
	test_array();
	test_rest();
	if (loopback_up()) {
		skip("softirq", "no loopback: %m");
		return finish();
	}
	test_softirq(0, "softirq");
	test_softirq(BPF_F_NO_PREALLOC, "softirq, on demand");
	return finish();
}
