// SPDX-License-Identifier: GPL-2.0-only
/* Loading, running and counting: what all groups do in the same way. */
#include <fcntl.h>
#include <stdarg.h>

#include "bench.h"

#define JIT_SWITCH "/proc/sys/net/core/bpf_jit_enable"

/* Runs that are not counted, and those that are. */
#define WARM_UP	8
#define RUNS	64

__u8 packet[PACKET_LEN] = {
	/* Ethernet, IPv4 without options, TCP to port 80 */
	2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00,
	0x45, 0, 0, 82, 0x12, 0x34, 0x40, 0, 64, 6, 0, 0, 10, 1, 2, 3, 10, 4, 5, 6,
	0xc0, 0x01, 0, 80, 1, 2, 3, 4, 5, 6, 7, 8, 0x50, 0x10, 1, 0, 0xaa, 0xbb, 0, 0,
	'G', 'E', 'T', ' ', '/', 'i', 'n', 'd', 'e', 'x', '.', 'h', 't', 'm', 'l', ' ',
};

__u8 packet_out[PACKET_LEN];

static enum engine current;

void no_figure(struct outcome *out, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(out->none, sizeof(out->none), fmt, args);
	va_end(args);
}

/* ---- programs ---------------------------------------------------------------- */

struct prog *fresh(void)
{
	static struct prog p;

	p.n = 0;
	return &p;
}

void emit_all(struct prog *p, const struct bpf_insn *insns, size_t n)
{
	if (p->n + n > PROG_MAX) {
		fprintf(stderr, "a program of more than %d instructions\n", PROG_MAX);
		exit(2);
	}
	memcpy(p->insns + p->n, insns, n * sizeof(*insns));
	p->n += n;
}

int load(const struct prog *p, struct outcome *out)
{
	int fd = prog_load_log(BPF_PROG_TYPE_SCHED_CLS, p->insns, p->n, "GPL", 0, NULL, 0);

	if (fd < 0) {
		no_figure(out, "does not load: %s", strerror(-fd));
	} else if (current == JIT && is_jited(fd) != 1) {
		no_figure(out, "is not JITed");
		close(fd);
		fd = -1;
	}
	return fd;
}

/* ---- engines ----------------------------------------------------------------- */

enum engine engine(void)
{
	return current;
}

bool set_engine(enum engine e)
{
	int fd = open(JIT_SWITCH, O_WRONLY);
	bool done = fd < 0 ? e == INTERPRETER : write(fd, e == JIT ? "1" : "0", 1) == 1;

	if (fd >= 0)
		close(fd);
	if (done)
		current = e;
	return done;
}

bool have_engine(enum engine e)
{
	enum engine before = current;
	bool have = set_engine(e);

	return set_engine(before) && have;
}

/* ---- counting ---------------------------------------------------------------- */

static __u64 run_ticks(int prog, __u32 repeat, __u32 *retval)
{
	union bpf_attr attr;
	__u64 began;
	long err;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = prog;
	attr.test.data_in = ptr64(packet);
	attr.test.data_size_in = sizeof(packet);
	attr.test.data_out = ptr64(packet_out);
	attr.test.data_size_out = sizeof(packet_out);
	attr.test.repeat = repeat;
	began = now();
	err = raw_bpf(BPF_PROG_TEST_RUN, &attr, sizeof(attr));
	began = now() - began;
	if (err) {
		fprintf(stderr, "a program does not run: %s\n", strerror((int)-err));
		exit(2);
	}
	*retval = attr.test.retval;
	return began;
}

__u32 run(int prog, __u32 repeat)
{
	__u32 retval;

	run_ticks(prog, repeat, &retval);
	return retval;
}

double run_cost(int prog, void (*reset)(void *), void *data)
{
	__u64 some = -1ULL, more = -1ULL;

	for (int i = 0; i < TRIES; i++) {
		__u32 retval;
		__u64 t;

		if (reset)
			reset(data);
		t = run_ticks(prog, WARM_UP, &retval);
		some = t < some ? t : some;
		if (reset)
			reset(data);
		t = run_ticks(prog, WARM_UP + RUNS, &retval);
		more = t < more ? t : more;
	}
	return (double)(more - some) / RUNS;
}

double empty_cost(void)
{
	static double cost[ENGINES];
	struct outcome out = { 0 };
	struct prog *p;
	int fd;

	if (cost[current])
		return cost[current];
	p = fresh();
	EMIT(p, MOV_K(0, 0), EXIT());
	fd = load(p, &out);
	if (fd < 0)
		return 0;
	cost[current] = run_cost(fd, NULL, NULL);
	close(fd);
	return cost[current];
}

__u64 contents(int map, __u32 key_size, __u32 value_size)
{
	static __u8 key[2][64], value[4096];
	__u64 sum = 0, count = 0;
	void *at = NULL;

	while (!map_next(map, at, key[count & 1])) {
		__u64 h = 1;

		at = key[count++ & 1];
		if (map_get(map, at, value))
			continue;
		for (__u32 i = 0; i < key_size; i++)
			h = mix(h, ((__u8 *)at)[i]);
		for (__u32 i = 0; i < value_size; i++)
			h = mix(h, value[i]);
		sum += h;
	}
	return mix(sum, count);
}

static __attribute__((noinline)) __u32 native_nothing(const __u8 *pkt, __u8 *value)
{
	asm volatile("" : : "r"(pkt), "r"(value) : "memory");
	return 0;
}

static __u64 native_ticks(native_fn *fn, __u8 *value, int n)
{
	__u64 best = -1ULL;

	for (int i = 0; i < TRIES; i++) {
		__u64 began = now();

		for (int k = 0; k < n; k++)
			asm volatile("" : : "r"(fn(packet, value)) : "memory");
		began = now() - began;
		best = began < best ? began : best;
	}
	return best;
}

double native_cost(native_fn *fn, __u8 *value)
{
	double nothing = native_ticks(native_nothing, value, 64 + 8) - native_ticks(native_nothing, value, 8);

	return (native_ticks(fn, value, 64 + 8) - native_ticks(fn, value, 8) - nothing) / 64;
}

void fill_value(__u8 *value)
{
	for (int i = 0; i < VALUE_LEN; i++)
		value[i] = (__u8)(i * 37 + 11);
}
