// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs to load a program: verified and made ready for the interpreter, or
 * JITed as well; and the JIT's own part and the size of its code.
 */
#include <sys/klog.h>

#include "bench.h"

#define SEED	0x5bd1e995

/*
 * struct text - a program that grows with a number
 * @part: emits the @i-th of the parts
 * @insns: that a part has
 */
struct text {
	void (*part)(struct prog *p, long i);
	long insns;
};

static int map = -1;

/* ---- programs ---------------------------------------------------------------- */

static void part_line(struct prog *p, long i)
{
	static const struct bpf_insn mixture[] = {
		ALU_X(BPF_ADD, 7, 8), ALU_X(BPF_XOR, 8, 9), ALU_K(BPF_ADD, 9, 0x12345), ALU32_X(BPF_SUB, 9, 7),
		ALU_K(BPF_OR, 8, 0x101), ALU_K(BPF_MUL, 7, 13), ALU32_K(BPF_XOR, 9, 0x7ff), ALU_K(BPF_RSH, 8, 3),
	};

	EMIT(p, mixture[i % ARRAY_LEN(mixture)]);
}

/* Two ways that meet again. */
static void part_branch(struct prog *p, long i)
{
	EMIT(p, ALU_K(BPF_MUL, 7, SEED), JMP_K(BPF_JGT, 7, i + 100, 2), ALU_K(BPF_ADD, 8, i), JA(1),
	     ALU_K(BPF_XOR, 8, i));
}

/* A number that is checked and then indexes a map value: bounds matter. */
static void part_bound(struct prog *p, long i)
{
	EMIT(p, LDX(BPF_W, 7, 6, i % 4 * 4), JMP_K(BPF_JGT, 7, 32 + i % 16, 3), MOV_X(2, 6), ALU_X(BPF_ADD, 2, 7),
	     STX(BPF_B, 2, 8, 0));
}

/* Half of the stack is in use while the ways part and meet. */
static void part_spill(struct prog *p, long i)
{
	int at = -8 - 8 * (i % 32);

	EMIT(p, LDX(BPF_DW, 1, 10, at), ALU_X(BPF_ADD, 7, 1), JMP_K(BPF_JSET, 7, 1 << i % 30, 1),
	     ALU_K(BPF_ADD, 7, i), STX(BPF_DW, 10, 7, at));
}

static void part_lookup(struct prog *p, long i)
{
	EMIT(p, ST(BPF_W, 10, -4, i % 64), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, map),
	     CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 3), LDX(BPF_DW, 1, 0, 0),
	     ALU_K(BPF_ADD, 1, 1), STX(BPF_DW, 0, 1, 0));
}

static void part_packet(struct prog *p, long i)
{
	EMIT(p, LDABS(BPF_H, i % 60), ALU_X(BPF_ADD, 7, 0));
}

/* Every way leaves another sum, of which nothing depends on the value. */
static void part_packet_branch(struct prog *p, long i)
{
	EMIT(p, LDABS(BPF_H, i % 60), JMP_K(BPF_JEQ, 0, i, 1), ALU_X(BPF_ADD, 7, 0));
}

static void part_context(struct prog *p, long i)
{
	EMIT(p, LDX(BPF_W, 1, 6, i % 5 * 4), ALU_X(BPF_ADD, 7, 1));
}

static const struct text
	line = { part_line, 1 }, branches = { part_branch, 5 }, bounds = { part_bound, 5 },
	spills = { part_spill, 5 }, lookups = { part_lookup, 10 }, packets = { part_packet, 2 },
	packet_branches = { part_packet_branch, 3 },
	contexts = { part_context, 2 };

static void head(struct prog *p, const struct text *t)
{
	EMIT(p, MOV_X(6, 1), LDX(BPF_W, 7, 6, 0), MOV_X(8, 7), MOV_X(9, 7));
	if (t->part == part_bound)
		EMIT(p, ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, map),
		     CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JNE, 0, 0, 2), MOV_K(0, 0), EXIT(), MOV_X(6, 0));
	for (int i = 0; t->part == part_spill && i < 32; i++)
		EMIT(p, STX(BPF_DW, 10, 7, -8 - 8 * i));
}

/* About @insns instructions; all parts are whole. */
static struct prog *build(const struct text *t, long insns)
{
	struct prog *p = fresh();

	head(p, t);
	for (long i = 0; i < insns / t->insns; i++)
		t->part(p, i);
	EMIT(p, MOV_X(0, 7), EXIT());
	return p;
}

/* ---- measuring --------------------------------------------------------------- */

static __u64 load_ticks(const struct prog *p, struct outcome *out, int tries, int *fd)
{
	__u64 best = -1ULL;

	for (int i = 0; i < tries && !*out->none; i++) {
		union bpf_attr attr;
		__u64 began;

		memset(&attr, 0, sizeof(attr));
		attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
		attr.insns = ptr64(p->insns);
		attr.insn_cnt = p->n;
		attr.license = ptr64("GPL");
		began = now();
		*fd = (int)raw_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
		began = now() - began;
		best = began < best ? began : best;
		if (*fd < 0)
			no_figure(out, "does not load: %s", strerror(-*fd));
		else if (i < tries - 1)
			close(*fd);
		usleep(20000);
	}
	return best;
}

static bool make_map(struct outcome *out)
{
	map = map_create(BPF_MAP_TYPE_HASH, 4, 64, 64, 0);
	if (map < 0)
		no_figure(out, "the map cannot be made: %s", strerror(-map));
	for (__u32 i = 0; map >= 0 && i < 64; i++)
		map_put(map, &i, packet, BPF_ANY);
	return map >= 0;
}

/* Large ones take long, and a disturbance is a small part of them. */
static int tries_of(long insns)
{
	return insns > 10000 ? 1 : 3;
}

static void measure_load(const struct row *row, struct outcome *out)
{
	struct prog *p;
	__u64 ticks;
	int fd;

	if (!make_map(out))
		return;
	p = build(row->how, row->size);
	ticks = load_ticks(p, out, tries_of(row->size), &fd);
	if (!*out->none) {
		out->cost = (double)ticks / row->size * (row->arg ?: 1);
		out->check = mix(run(fd, 1), contents(map, 4, 64));
		close(fd);
	}
	close(map);
}

/* The difference of loading with a JIT and without, by instruction. */
static void measure_jit(const struct row *row, struct outcome *out)
{
	struct prog *p;
	double cost;
	int fd;

	if (!make_map(out))
		return;
	p = build(row->how, row->size);
	cost = (double)load_ticks(p, out, tries_of(row->size), &fd);
	if (!*out->none) {
		close(fd);
		set_engine(INTERPRETER);
		cost -= (double)load_ticks(p, out, tries_of(row->size), &fd);
		set_engine(JIT);
	}
	if (!*out->none)
		close(fd);
	out->cost = cost / p->n;
	close(map);
}

static long image_by_info(int fd)
{
	struct bpf_prog_info info;
	union bpf_attr attr;

	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = ptr64(&info);
	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) ? -1 : (long)info.jited_prog_len;
}

/* With 2 in the JIT's switch each image is told in the kernel's log. */
static long image_by_log(const struct prog *p)
{
	FILE *f = fopen("/proc/sys/net/core/bpf_jit_enable", "w");
	static char log[1 << 20];
	char *at = NULL;
	long len = -1;
	int n, fd;

	if (!f || fputs("2", f) < 0 || fclose(f))
		return -1;
	fd = prog_load_log(BPF_PROG_TYPE_SCHED_CLS, p->insns, p->n, "GPL", 0, NULL, 0);
	set_engine(JIT);
	n = klogctl(3, log, sizeof(log) - 1);
	log[n < 0 ? 0 : n] = '\0';
	for (char *p2 = log; (p2 = strstr(p2, "proglen=")); p2++)
		at = p2;
	if (at)
		len = atol(at + strlen("proglen="));
	if (fd >= 0)
		close(fd);
	return len;
}

static void measure_image(const struct row *row, struct outcome *out)
{
	struct prog *p;
	long len;
	int fd;

	if (!make_map(out))
		return;
	p = build(row->how, row->size);
	fd = load(p, out);
	if (fd < 0)
		return;
	len = image_by_info(fd);
	if (len < 0)
		len = image_by_log(p);
	if (len < 0)
		no_figure(out, "the kernel does not tell");
	out->cost = (double)len / p->n;
	close(fd);
	close(map);
}

/* ---- rows -------------------------------------------------------------------- */

#define SERIES(name, t) { name, 400, &t }, { name, 4000, &t }, { name, 40000, &t }

/* What becomes longer when it is loaded, a kernel may rewrite in quadratic time. */
#define SHORT(name, t) { name, 40, &t }, { name, 400, &t }, { name, 4000, &t }

static const struct row load_rows[] = {
	{ "a program, in all", 10, &line, 10, true },
	{ "straight line", 400, &line }, { "straight line", 4000, &line, 0, true }, { "straight line", 40000, &line },
	SERIES("branches", branches),
	SERIES("bounds of an index", bounds),
	SERIES("branches over spilled registers", spills),
	{ "map lookups", 40, &lookups }, { "map lookups", 400, &lookups }, { "map lookups", 4000, &lookups, 0, true },
	SHORT("packet loads", packets),
	{ "packet loads and branches", 400, &packet_branches },
	SHORT("context loads", contexts),
};

static const struct row jit_rows[] = {
	SERIES("straight line", line), SERIES("branches", branches), SERIES("branches over spilled registers", spills),
	SHORT("map lookups", lookups), SHORT("packet loads", packets),
};

static const struct row size_rows[] = {
	{ "nearly nothing", 1, &line }, { "straight line", 4000, &line }, { "branches", 4000, &branches },
	{ "branches over spilled registers", 4000, &spills }, { "map lookups", 4000, &lookups },
	{ "packet loads", 3000, &packets }, { "context loads", 4000, &contexts },
};

const struct group loading = GROUP("load and verify", "instructions an instruction", load_rows, true, measure_load);
const struct group jit_time = GROUP("JIT time", "instructions an instruction", jit_rows, false, measure_jit);
const struct group jit_size = GROUP("JIT size", "bytes an instruction", size_rows, false, measure_image);
