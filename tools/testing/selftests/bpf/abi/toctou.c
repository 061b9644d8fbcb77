// SPDX-License-Identifier: GPL-2.0-only
/*
 * User memory changes while a call reads it: two threads, one loads, one turns
 * good instructions into bad ones and back. What gets loaded must be one of the
 * programs as verified, never one verified and another run. Likewise attributes,
 * keys, values.
 */
#include "../test.h"

#include <pthread.h>

#define ROUND_MS	(quick() ? 500 : 2000)
#define PATIENCE_MS	20000

static volatile bool stop;

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * A round takes its time, and goes on until it has @seen what it is for: two threads
 * that share a processor may take turns so seldom that one of them sees one thing only.
 */
static bool goes_on(long began, bool seen)
{
	long spent = now_ms() - began;

	return spent < ROUND_MS || (!seen && spent < PATIENCE_MS);
}

/*
 * Time for the other thread to read what stands there now; another time each
 * round, or two loops of equal length meet at the same place for ever.
 */
static void dwell(unsigned int round)
{
	for (volatile unsigned int spin = round * 37 % 1024; spin; spin--)
		;
}

/* Good: returns 1. Evil: would read through a number, or never end. */
static struct bpf_insn insns[16] = {
	MOV_K(0, 1), MOV_K(1, 1), MOV_K(2, 2), MOV_K(3, 3), MOV_K(4, 4), MOV_K(5, 5), EXIT(),
};

static const struct bpf_insn evils[] = {
	LDX(BPF_DW, 0, 3, 0),
	STX(BPF_DW, 2, 1, 0),
	JA(-2),
	JA(100),
	CALL(9999),
	MOV_K(0, 7),
	MOV_X(0, 9),
};

static void *flip_insns(void *arg)
{
	struct bpf_insn good = insns[4];

	for (unsigned int round = 0; !stop; round++) {
		const struct bpf_insn *evil = &evils[round % ARRAY_LEN(evils)];

		*(volatile __u64 *)&insns[4] = *(const __u64 *)evil;
		dwell(round);
		*(volatile __u64 *)&insns[4] = *(__u64 *)&good;
		dwell(round + 1);
	}
	return NULL;
}

static void test_insns(void)
{
	unsigned long loaded = 0, refused = 0, odd = 0, other = 0;
	pthread_t flipper;
	long began = now_ms();
	char packet[64] = "";

	pthread_create(&flipper, NULL, flip_insns, NULL);
	while (goes_on(began, loaded && refused)) {
		int fd = prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, insns, 7, "GPL", 0, NULL, 0);
		int len;

		if (fd == -EACCES || fd == -EINVAL) {
			refused++;
			continue;
		}
		if (fd < 0) {
			other++;
			continue;
		}
		loaded++;
		len = filter_run(fd, packet, sizeof(packet), NULL);
		/* 1 by the good program, 7 by the one harmless replacement */
		odd += len != 1 && len != 7;
		close(fd);
	}
	stop = true;
	pthread_join(flipper, NULL);
	is(odd, 0, "a program does what one of the two texts says");
	is(other, 0, "refused by the errno of the verifier only");
	ok(loaded && refused, "both were seen: %lu loaded, %lu refused", loaded, refused);
}

static union bpf_attr attr;

static void *flip_attr(void *arg)
{
	for (unsigned int round = 0; !stop; round++) {
		*(volatile __u32 *)&attr.map_type = BPF_MAP_TYPE_HASH;
		*(volatile __u32 *)&attr.value_size = 4;
		*(volatile __u32 *)&attr.key_size = 4;
		*(volatile __u32 *)&attr.max_entries = 1;
		dwell(round);
		*(volatile __u32 *)&attr.value_size = 0xffffffff;
		*(volatile __u32 *)&attr.map_type = BPF_MAP_TYPE_ARRAY;
		*(volatile __u32 *)&attr.max_entries = 0xffffffff;
		*(volatile __u32 *)&attr.key_size = 0xffffffff;
		dwell(round / 2);
	}
	return NULL;
}

static void test_attr(void)
{
	unsigned long made = 0, bad = 0;
	long began = now_ms();
	pthread_t flipper;

	stop = false;
	pthread_create(&flipper, NULL, flip_attr, NULL);
	while (goes_on(began, made)) {
		int fd = (int)sys_bpf(BPF_MAP_CREATE, &attr);
		/* A size may be caught half written: up to three bytes of it. */
		static char key[1 << 24], value[1 << 24];

		if (fd < 0) {
			bad += fd != -EINVAL && fd != -E2BIG && fd != -ENOMEM;
			continue;
		}
		made++;
		bad += map_put(fd, key, value, BPF_ANY) != 0;
		close(fd);
	}
	stop = true;
	pthread_join(flipper, NULL);
	is(bad, 0, "an attribute is read once");
	ok(made, "some maps were made: %lu", made);
}

static __u64 shared_value[512];

static void *flip_value(void *arg)
{
	for (__u64 n = 0; !stop; n++)
		for (size_t i = 0; i < ARRAY_LEN(shared_value); i++)
			*(volatile __u64 *)&shared_value[i] = n;
	return NULL;
}

/* A value is whatever was there, but it does not change once it is in the map. */
static void test_value(void)
{
	static __u64 first[512], second[512];
	long end = now_ms() + ROUND_MS / 2;
	unsigned long changed = 0;
	pthread_t flipper;
	__u32 key = 0;
	int fd = map_create(BPF_MAP_TYPE_HASH, 4, sizeof(first), 4, 0);

	stop = false;
	pthread_create(&flipper, NULL, flip_value, NULL);
	while (now_ms() < end) {
		map_put(fd, &key, shared_value, BPF_ANY);
		map_get(fd, &key, first);
		map_get(fd, &key, second);
		changed += !!memcmp(first, second, sizeof(first));
	}
	stop = true;
	pthread_join(flipper, NULL);
	is(changed, 0, "a value in the map is a copy");
	close(fd);
}

int main(void)
{
	test_insns();
	test_attr();
	test_value();
	return finish();
}
