/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verifier cases as tables: a program, its verdict, what the log must say and,
 * if it loads, what it returns. Each rule has a pair: the program that keeps it
 * and the one that breaks it.
 *
 * The wording is the one Linux 6.1 uses, because tools parse it; the same
 * binary runs on the unmodified kernel to prove that.
 */
#ifndef SELFTEST_BPF_VERIFIER_CASES_H
#define SELFTEST_BPF_VERIFIER_CASES_H

#include "raw_freeze.h"

/* Maps a case may name in LD_MAP() and LD_VALUE(); the runner puts the descriptor in. */
enum case_map {
	HASH_48,	/* hash, key 4, value 48 */
	ARRAY_8,	/* array of 4, value 8 */
	ARRAY_48,	/* array of 4, value 48 */
	HASH_K8,	/* hash, key 8, value 8 */
	/* Arrays of one value of 24 bytes, the words 5, -2 and 0x0102030405060708. */
	ONE_24,
	CONSTANT_24,	/* not for programs to write, and frozen */
	RDONLY_24,	/* not for programs to write */
	FROZEN_24,	/* frozen */
	WRONLY_24,	/* not for programs to read */
	FROZEN_2,	/* two values of 8; else as CONSTANT_24 */
	CASE_MAPS
};

#define MAX_CASE_INSNS 64

/**
 * struct vcase - one program
 * @name: the rule it proves
 * @insns: the program; it ends at the last instruction that is not all zero
 * @err: 0 if it must load, else -errno
 * @log: text the log must hold if it is refused
 * @runs: compare what it returns
 * @ret: bytes of a 100 byte packet it lets through
 * @license: NULL means GPL
 * @type: 0 means socket filter
 * @flags: BPF_F_STRICT_ALIGNMENT or none
 * @differs: why the unmodified kernel answers differently
 */
struct vcase {
	const char *name;
	struct bpf_insn insns[MAX_CASE_INSNS];
	int err;
	const char *log;
	bool runs;
	unsigned int ret;
	const char *license;
	unsigned int type;
	unsigned int flags;
	const char *differs;
};

/* The usual shapes of a row. */
#define GOOD(what, ...)							\
	{ .name = what, .insns = { __VA_ARGS__ } }
#define RUNS(what, value, ...)						\
	{ .name = what, .runs = true, .ret = value, .insns = { __VA_ARGS__ } }
#define BAD(what, errno_, text, ...)					\
	{ .name = what, .err = -errno_, .log = text, .insns = { __VA_ARGS__ } }

/* r0 = lookup(map, key 0 on the stack at fp-8 .. fp-5) */
#define LOOKUP(m)							\
	ST(BPF_DW, 10, -8, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8),	\
	LD_MAP(1, m), CALL(BPF_FUNC_map_lookup_elem)

#define RET(v)	MOV_K(0, v), EXIT()

/* r6 = context, r0 = a value; the program ends if there is none */
#define VALUE(m)							\
	MOV_X(6, 1), LOOKUP(m), JMP_K(BPF_JNE, 0, 0, 1), EXIT()

/* r1 = a number the verifier knows nothing of but its 32 bits; r6 = context */
#define NUMBER(r)	LDX(BPF_W, r, 6, 0)

static int case_fds[CASE_MAPS];

static inline int case_one(__u32 flags, bool freeze)
{
	static const __u64 words[] = { 5, -2ULL, 0x0102030405060708 };
	int fd = map_create(BPF_MAP_TYPE_ARRAY, 4, sizeof(words), 1, flags);
	__u32 key = 0;

	if (fd >= 0 && (map_put(fd, &key, words, BPF_ANY) || (freeze && map_freeze(fd))))
		bail("a map of one value cannot be filled");
	return fd;
}

static inline void cases_setup(void)
{
	__u64 one[6] = { 1 };
	__u32 key = 0;

	if (case_fds[HASH_48])
		return;
	case_fds[ONE_24] = case_one(0, false);
	case_fds[CONSTANT_24] = case_one(BPF_F_RDONLY_PROG, true);
	case_fds[RDONLY_24] = case_one(BPF_F_RDONLY_PROG, false);
	case_fds[FROZEN_24] = case_one(0, true);
	case_fds[WRONLY_24] = case_one(BPF_F_WRONLY_PROG, false);
	case_fds[FROZEN_2] = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 2, BPF_F_RDONLY_PROG);
	map_freeze(case_fds[FROZEN_2]);
	case_fds[HASH_48] = map_create(BPF_MAP_TYPE_HASH, 4, 48, 4, 0);
	case_fds[ARRAY_8] = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0);
	case_fds[ARRAY_48] = map_create(BPF_MAP_TYPE_ARRAY, 4, 48, 4, 0);
	case_fds[HASH_K8] = map_create(BPF_MAP_TYPE_HASH, 8, 8, 4, 0);
	for (int i = 0; i < CASE_MAPS; i++)
		if (case_fds[i] < 0)
			bail("map %d: %s", i, strerror(-case_fds[i]));
	map_put(case_fds[ARRAY_8], &key, one, 0);
	map_put(case_fds[ARRAY_48], &key, one, 0);
}

/* Copy the program with real descriptors in it; returns its length. */
static inline size_t case_prepare(const struct vcase *c, struct bpf_insn *insns)
{
	static const struct bpf_insn nothing;
	size_t len = MAX_CASE_INSNS;

	while (len && !memcmp(&c->insns[len - 1], &nothing, sizeof(nothing)))
		len--;
	memcpy(insns, c->insns, len * sizeof(*insns));
	for (size_t i = 0; i < len; i++)
		if (insns[i].code == (BPF_LD | BPF_IMM | BPF_DW) &&
		    (insns[i].src_reg == BPF_PSEUDO_MAP_FD ||
		     insns[i].src_reg == BPF_PSEUDO_MAP_VALUE))
			insns[i].imm = case_fds[insns[i].imm];
	return len;
}

static inline void case_result(const struct vcase *c, int fd, const char *how)
{
	char packet[100] = { 1, 2, 3 };

	if (!c->err && c->runs)
		is(fd < 0 ? fd : filter_run(fd, packet, sizeof(packet), NULL),
		   c->ret, "%s: %s", c->name, how);
}

static inline void case_check(const struct vcase *c, int fd)
{
	if (!is(fd < 0 ? fd : 0, c->err, "%s", c->name))
		note("%s", prog_log);
	if (!c->differs)
		printf("verdict %s: %d\n", c->name, fd < 0 ? fd : 0);
	if (c->err && c->log)
		is_str(prog_log, c->log, "%s: text", c->name);
	case_result(c, fd, "result");
}

/* A log must not decide anything, and nobody may need one. */
static inline void case_check_quiet(const struct vcase *c, int fd)
{
	is(fd < 0 ? fd : 0, c->err, "%s: without a log", c->name);
	case_result(c, fd, "result without a log");
}

static inline int case_load(const struct vcase *c, const struct bpf_insn *insns,
			    size_t len, unsigned int log_level)
{
	union bpf_attr a;

	memset(&a, 0, sizeof(a));
	a.prog_type = c->type ?: BPF_PROG_TYPE_SOCKET_FILTER;
	a.insns = ptr64(insns);
	a.insn_cnt = (__u32)len;
	a.license = ptr64(c->license ?: "GPL");
	a.prog_flags = c->flags;
	a.log_level = log_level;
	if (log_level) {
		a.log_buf = ptr64(prog_log);
		a.log_size = sizeof(prog_log);
		prog_log[0] = '\0';
	}
	return (int)sys_bpf(BPF_PROG_LOAD, &a);
}

/* PRISTINE=1 says that the kernel is the unmodified one. */
static inline bool case_pristine(void)
{
	const char *pristine = getenv("PRISTINE");

	return pristine && *pristine;
}

/* NO_BPF_EVENTS=1 says that the kernel has no tracing, so no bpf_trace_printk(). */
static inline bool case_needs_tracing(const struct bpf_insn *insns, size_t len)
{
	const char *no_events = getenv("NO_BPF_EVENTS");

	for (size_t i = 0; no_events && *no_events && i < len; i++)
		if (insns[i].code == (BPF_JMP | BPF_CALL) && !insns[i].src_reg &&
		    insns[i].imm == BPF_FUNC_trace_printk)
			return true;
	return false;
}

/*
 * Run a table. Under PROBE=1 only show the kernel's own answers, which is how
 * the expectations of new cases are found out.
 */
static inline int cases_run(const struct vcase *cases, size_t cnt)
{
	bool pristine = case_pristine(), probe = getenv("PROBE");

	cases_setup();
	for (const struct vcase *c = cases; c < cases + cnt; c++) {
		struct bpf_insn insns[MAX_CASE_INSNS];
		size_t len = case_prepare(c, insns);
		int fd;

		if (pristine && c->differs) {
			skip(c->name, "%s", c->differs);
			continue;
		}
		if (case_needs_tracing(insns, len)) {
			skip(c->name, "kernel without CONFIG_BPF_EVENTS");
			continue;
		}
		fd = case_load(c, insns, len, probe ? atoi(getenv("PROBE")) : 1);
		if (probe)
			printf("=== %s: %d\n%s", c->name, fd < 0 ? fd : 0, prog_log);
		else
			case_check(c, fd);
		if (fd >= 0)
			close(fd);
		if (probe)
			continue;
		fd = case_load(c, insns, len, 0);
		case_check_quiet(c, fd);
		if (fd >= 0)
			close(fd);
	}
	return probe ? 0 : finish();
}

#endif
