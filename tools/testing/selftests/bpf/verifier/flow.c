// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shape of programs: jumps, ends, reachability, wide instructions, and what
 * 64-bit immediates and calls may name. Also what becomes of the program when
 * it is lowered: dead arms, long jumps.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>
#include <sys/wait.h>
#include "front.h"

struct shape {
	const char *name;
	struct bpf_insn insns[12];
	int err;
	const char *log;
	const char *differs;	/* why the unmodified kernel answers otherwise */
};

#define WIDE(d)		LD64(d, 0x1122334455667788)
#define JA32(i)		INSN(BPF_JMP32 | BPF_JA, 0, 0, 0, i)
#define RET(v)		MOV_K(0, v), EXIT()

static const struct shape shapes[] = {
	/* Ends. */
	{ "one exit", { RET(0) }, 0, NULL, NULL },
	{ "last is mov", { MOV_K(0, 0), MOV_K(0, 1) }, -EINVAL,
	  "last insn is not an exit or jmp\n", NULL },
	{ "last is a call", { MOV_K(0, 0), CALL(7) }, -EINVAL,
	  "last insn is not an exit or jmp\n", NULL },
	{ "last is conditional", { MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 1, -2) }, -EINVAL,
	  "last insn is not an exit or jmp\n", NULL },
	{ "last is wide", { WIDE(0) }, -EINVAL, "last insn is not an exit or jmp\n", NULL },
	{ "last is half a wide", { MOV_K(0, 0), INSN(0x18, 0, 0, 0, 1) }, -EINVAL,
	  "last insn is not an exit or jmp\n", NULL },
	{ "last is ja", { MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 0, 1), JA(0), EXIT() }, 0, NULL, NULL },

	/* Range of jumps. */
	{ "ja past the end", { MOV_K(0, 0), JA(1), EXIT() }, -EINVAL,
	  "jump out of range from insn 1 to 3\n", NULL },
	{ "ja before the start", { MOV_K(0, 0), JA(-3), EXIT() }, -EINVAL,
	  "jump out of range from insn 1 to -1\n", NULL },
	{ "ja far", { MOV_K(0, 0), JA(32767), EXIT() }, -EINVAL,
	  "jump out of range from insn 1 to 32769\n", NULL },
	{ "ja far back", { MOV_K(0, 0), JA(-32768), EXIT() }, -EINVAL,
	  "jump out of range from insn 1 to -32766\n", NULL },
	{ "if past the end", { MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 1, 1), EXIT() }, -EINVAL,
	  "jump out of range from insn 1 to 3\n", NULL },
	{ "if32 before the start", { MOV_K(0, 0), JMP32_K(BPF_JEQ, 0, 1, -9), EXIT() }, -EINVAL,
	  "jump out of range from insn 1 to -7\n", NULL },
	{ "if to the exit", { MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 1, 0), EXIT() }, 0, NULL, NULL },
	{ "jump out of range in a dead arm", { MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 0, 1), JA(7), EXIT() },
	  -EINVAL, "jump out of range from insn 2 to 10\n", NULL },
	{ "ja32", { MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 0, 1), JA32(0), EXIT() }, 0, NULL, NULL },
	{ "ja32 past the end", { MOV_K(0, 0), JA32(2147483647), EXIT() }, -EINVAL,
	  "jump out of range from insn 1 to 2147483649\n", "Linux 6.1 adds the distance in 32 bits" },
	{ "ja32 before the start", { MOV_K(0, 0), JA32(-2147483647 - 1), EXIT() }, -EINVAL,
	  "jump out of range from insn 1 to -2147483646\n", "Linux 6.1 adds the distance in 32 bits" },

	/* Reachability. */
	{ "code after exit", { RET(0), RET(0) }, -EINVAL, "unreachable insn 2\n", NULL },
	{ "code after ja", { MOV_K(0, 0), JA(1), MOV_K(0, 1), EXIT() }, -EINVAL,
	  "unreachable insn 2\n", NULL },
	{ "code after ja is a target", { MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 3, 1), JA(1), MOV_K(0, 1), EXIT() },
	  0, NULL, NULL },
	{ "island that jumps to itself", { MOV_K(0, 0), JA(2), MOV_K(0, 1), JA(-2), EXIT() }, -EINVAL,
	  "unreachable insn 2\n", NULL },

	/* Backwards; loops have loops.c. */
	{ "ja to itself in a dead arm", { MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 0, 1), JA(-1), EXIT() }, 0, NULL, NULL },
	{ "ja back in a dead arm", { MOV_K(0, 0), JMP_K(BPF_JEQ, 0, 0, 1), JA(-2), EXIT() }, 0, NULL, NULL },
	{ "ja to itself", { MOV_K(0, 0), JA(-1), EXIT() }, -EINVAL, "unreachable insn 2\n", NULL },
	{ "backward jump that is no loop",
	  { MOV_K(0, 0), JA(2), MOV_K(0, 1), EXIT(), JA(-3) }, 0, NULL, NULL },
	{ "paths that meet",
	  { MOV_K(0, 0), JMP_K(BPF_JEQ, 1, 0, 1), MOV_K(0, 1), JMP_K(BPF_JEQ, 1, 3, 1), MOV_K(0, 2), EXIT() },
	  0, NULL, NULL },

	/* Wide instructions. */
	{ "jump over a wide", { JMP_K(BPF_JEQ, 1, 0, 2), WIDE(2), RET(0) }, 0, NULL, NULL },
	{ "if into a wide", { JMP_K(BPF_JEQ, 1, 0, 1), WIDE(0), EXIT() }, -EINVAL,
	  "jump into the middle of ldimm64 insn 1\n", NULL },
	{ "ja into a wide", { MOV_K(2, 1), JMP_K(BPF_JEQ, 2, 1, 1), JA(1), WIDE(0), EXIT() }, -EINVAL,
	  "jump into the middle of ldimm64 insn 3\n", NULL },
	{ "only a jump into a wide", { JA(1), WIDE(0), EXIT() }, -EINVAL, "unreachable insn 1\n", NULL },
	{ "back into a wide", { WIDE(0), JMP_K(BPF_JEQ, 1, 0, -2), EXIT() }, -EINVAL, NULL, NULL },
	{ "second slot with an opcode", { INSN(0x18, 0, 0, 0, 1), INSN(0xb7, 0, 0, 0, 0), EXIT() }, -EINVAL,
	  "invalid bpf_ld_imm64 insn\n", NULL },
	{ "second slot with dst", { INSN(0x18, 0, 0, 0, 1), INSN(0, 1, 0, 0, 0), EXIT() }, -EINVAL,
	  "invalid bpf_ld_imm64 insn\n", NULL },
	{ "second slot with src", { INSN(0x18, 0, 0, 0, 1), INSN(0, 0, 1, 0, 0), EXIT() }, -EINVAL,
	  "invalid bpf_ld_imm64 insn\n", NULL },
	{ "second slot with off", { INSN(0x18, 0, 0, 0, 1), INSN(0, 0, 0, -1, 0), EXIT() }, -EINVAL,
	  "invalid bpf_ld_imm64 insn\n", NULL },
	{ "the end as second slot", { INSN(0x18, 0, 0, 0, 1), EXIT() }, -EINVAL,
	  "invalid bpf_ld_imm64 insn\n", NULL },
	{ "two wides", { WIDE(0), WIDE(1), EXIT() }, 0, NULL, NULL },
	{ "wide with off", { INSN(0x18, 0, 0, 1, 1), INSN(0, 0, 0, 0, 0), EXIT() }, -EINVAL,
	  "BPF_LD_IMM64 uses reserved fields\n", NULL },
	{ "wide into r11", { WIDE(11), RET(0) }, -EINVAL, "R11 is invalid\n", NULL },
	{ "wide into r10", { WIDE(10), RET(0) }, -EACCES, "frame pointer is read only\n", NULL },

	/* What is named. */
	{ "map fd -1", { LD_MAP(1, -1), RET(0) }, -EBADF, "fd -1 is not pointing to valid bpf_map\n", NULL },
	{ "map fd 999", { LD_MAP(1, 999), RET(0) }, -EBADF, "fd 999 is not pointing to valid bpf_map\n", NULL },
	{ "map fd of a file", { LD_MAP(1, 0), RET(0) }, -EINVAL, "fd 0 is not pointing to valid bpf_map\n", NULL },
	{ "map value of no map", { LD64_SRC(1, 2, -1, 0), RET(0) }, -EBADF,
	  "fd -1 is not pointing to valid bpf_map\n", NULL },
	{ "kernel variable", { LD64_SRC(1, 3, 1, 0), RET(0) }, -EINVAL, "kernel is missing BTF", NULL },
	{ "function address", { LD64_SRC(1, 4, 99, 0), RET(0) }, -EINVAL, "call to invalid destination\n", NULL },
	{ "map index", { LD64_SRC(1, 5, 0, 0), RET(0) }, -EPROTO, "fd_idx without fd_array is invalid\n", NULL },
	{ "map index, second number", { LD64_SRC(1, 5, 0, 1), RET(0) }, -EINVAL,
	  "unrecognized bpf_ld_imm64 insn\n", NULL },
	{ "map value index", { LD64_SRC(1, 6, 0, 0), RET(0) }, -EPROTO,
	  "fd_idx without fd_array is invalid\n", NULL },
	{ "kind 7", { LD64_SRC(1, 7, 0, 0), RET(0) }, -EINVAL, "unrecognized bpf_ld_imm64 insn\n", NULL },
	{ "kind 15", { LD64_SRC(1, 15, 0, 0), RET(0) }, -EINVAL, "unrecognized bpf_ld_imm64 insn\n", NULL },
	{ "program-local call", { INSN(0x85, 0, 1, 0, 1), EXIT(), RET(0) }, 0, NULL, NULL },
	{ "kernel function", { INSN(0x85, 0, 2, 0, 1), RET(0) }, -524,
	  "calling kernel function is not supported", NULL },
	{ "third kind of call", { INSN(0x85, 0, 3, 0, 1), RET(0) }, -EINVAL,
	  "BPF_CALL uses reserved fields\n", NULL },
	{ "call of nothing", { CALL(0), RET(0) }, -EINVAL, "unknown func bpf_unspec#0\n", NULL },
	{ "call out of range", { CALL(-1), RET(0) }, -EINVAL, "invalid func unknown#-1\n", NULL },

	/* Which mistake is named when there are two. */
	{ "range before opcode", { JA(9), INSN(0xff, 0, 0, 0, 0), EXIT() }, -EINVAL, "jump out of range", NULL },
	{ "end before opcode", { MOV_K(0, 0), INSN(0xff, 0, 0, 0, 0) }, -EINVAL, "last insn is not", NULL },
	{ "second slot before off", { INSN(0x18, 0, 0, 1, 1), INSN(0, 0, 0, 1, 0), EXIT() }, -EINVAL,
	  "invalid bpf_ld_imm64 insn\n", NULL },
	{ "opcode before map", { INSN(0xff, 0, 0, 0, 0), LD_MAP(1, -1), RET(0) }, -EINVAL, "unknown opcode ff", NULL },
	{ "map before reachability", { LD_MAP(1, -1), RET(0), RET(0) }, -EBADF, "fd -1 is not", NULL },
	{ "range before map", { LD_MAP(1, -1), JA(9), EXIT() }, -EINVAL, "jump out of range", NULL },
};

static size_t shape_len(const struct shape *s)
{
	static const struct bpf_insn nothing;
	size_t len = ARRAY_LEN(s->insns);

	while (len && !memcmp(&s->insns[len - 1], &nothing, sizeof(nothing)))
		len--;
	/* The second slot of a wide may be all zero. */
	return len && s->insns[len - 1].code == 0x18 && s->insns[len - 1].imm != 1 ? len + 1 : len;
}

static void check_shapes(void)
{
	for (const struct shape *s = shapes; s < shapes + ARRAY_LEN(shapes); s++) {
		if (s->differs && pristine()) {
			skip(s->name, "%s", s->differs);
			continue;
		}
		is(front_load(s->insns, shape_len(s), 1), s->err, "%s", s->name);
		if (s->log)
			is_str(prog_log, s->log, "%s: text", s->name);
	}
}

/* ---- maps ---------------------------------------------------------------- */

#define FILLER_MAX 40000
static struct bpf_insn big[2 * FILLER_MAX];

static size_t put_all(size_t n, const struct bpf_insn *insns, size_t cnt)
{
	memcpy(&big[n], insns, cnt * sizeof(*insns));
	return n + cnt;
}

#define PUT(n, ...) put_all(n, (struct bpf_insn[]) { __VA_ARGS__ },	\
			    ARRAY_LEN(((struct bpf_insn[]) { __VA_ARGS__ })))

/* A program that names maps[0 .. cnt) in turn, @refs times. */
static int load_naming(const int *maps, int cnt, int refs)
{
	size_t n = 0;

	for (int i = 0; i < refs; i++)
		n = PUT(n, LD_MAP(1, maps[i % cnt]));
	return front_load(big, PUT(n, RET(0)), 1);
}

static void check_map_count(void)
{
	int maps[65];

	for (unsigned int i = 0; i < ARRAY_LEN(maps); i++)
		maps[i] = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	is(load_naming(maps, 1, 1), 0, "one map");
	is(load_naming(maps, 1, 300), 0, "one map 300 times");
	is(load_naming(maps, 64, 64), 0, "64 maps");
	is(load_naming(maps, 64, 300), 0, "64 maps 300 times");
	is(load_naming(maps, 65, 65), -E2BIG, "65 maps");
	for (unsigned int i = 0; i < ARRAY_LEN(maps); i++)
		close(maps[i]);
	is(load_naming(maps, 1, 1), -EBADF, "a map whose descriptor was closed");
}

static void check_foreign_fds(void)
{
	int map = map_create(BPF_MAP_TYPE_HASH, 4, 4, 1, 0);
	int prog = FILTER(RET(0)), pipes[2], null = open("/dev/null", O_RDONLY);

	is(pipe(pipes), 0, "pipe");
	is(FRONT_LOAD(1, LD_MAP(1, map), RET(0)), 0, "a map");
	is(FRONT_LOAD(1, LD64_SRC(1, 1, map, 1), RET(0)), -EINVAL, "a map with an upper half");
	is_str(prog_log, "unrecognized bpf_ld_imm64 insn\n", "a map with an upper half: text");
	is(FRONT_LOAD(1, INSN(0x18, 1, 1, 1, map), INSN(0, 0, 0, 0, 0), RET(0)), -EINVAL, "a map with off");
	is(FRONT_LOAD(1, LD64_SRC(1, 2, map, 0), RET(0)), -EINVAL, "value of a hash");
	is_str(prog_log, "no direct value access support for this map type\n", "value of a hash: text");
	is(FRONT_LOAD(1, LD_MAP(1, prog), RET(0)), -EINVAL, "a program as a map");
	is(FRONT_LOAD(1, LD_MAP(1, pipes[0]), RET(0)), -EINVAL, "a pipe as a map");
	is(FRONT_LOAD(1, LD_MAP(1, null), RET(0)), -EINVAL, "/dev/null as a map");
	/* A put too much of any of these would show now. */
	is(write(pipes[1], "x", 1), 1, "the pipe still works");
	is(map_put(map, &(int){ 1 }, &(int){ 2 }, 0), 0, "the map still works");
	close(map);
	close(prog);
	close(null);
	close(pipes[0]);
	close(pipes[1]);
}

static int racing_fd;
static bool race_over;

/* One descriptor number that is a map, nothing, and a file in turn. */
static void *change_fd(void *unused)
{
	int null = open("/dev/null", O_RDONLY);

	while (!__atomic_load_n(&race_over, __ATOMIC_RELAXED)) {
		int map = map_create(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);

		dup2(map, racing_fd);
		close(map);
		close(racing_fd);
		dup2(null, racing_fd);
	}
	close(null);
	return NULL;
}

static void check_racing_fds(void)
{
	unsigned int odd = 0;
	pthread_t thread;

	racing_fd = dup(0);
	pthread_create(&thread, NULL, change_fd, NULL);
	for (int i = 0; i < 2000; i++) {
		int err = FRONT_LOAD(1, LD_MAP(1, racing_fd), LD_MAP(2, racing_fd), RET(0));

		odd += err != 0 && err != -EBADF && err != -EINVAL;
	}
	__atomic_store_n(&race_over, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	close(racing_fd);
	is(odd, 0, "descriptors that change under the load");
}

/* ---- lowering ------------------------------------------------------------ */

static int run(size_t len)
{
	char packet[64] = { 0 };
	int fd = prog_load(BPF_PROG_TYPE_SOCKET_FILTER, big, len);
	int ret = fd < 0 ? fd : filter_run(fd, packet, sizeof(packet), NULL);

	if (fd >= 0)
		close(fd);
	return ret;
}

#define PROTOCOL	LDX(BPF_W, 2, 6, offsetof(struct __sk_buff, protocol))
#define PKT_TYPE	LDX(BPF_W, 2, 6, offsetof(struct __sk_buff, pkt_type))

/* Code with garbage that never runs gives the same as without. */
static void check_dead_code(void)
{
	is(run(PUT(0, MOV_K(0, 7), JMP_K(BPF_JEQ, 0, 7, 1), MOV_K(0, 1), EXIT())), 7,
	   "dead fall-through");
	is(run(PUT(0, MOV_K(0, 7), JMP_K(BPF_JEQ, 0, 8, 1), MOV_K(0, 5), EXIT())), 5,
	   "dead jump to the end");
	is(run(PUT(0, MOV_K(0, 7), JMP_K(BPF_JNE, 0, 7, 1), EXIT(), LDX(BPF_W, 0, 9, 0), EXIT())), 7,
	   "dead block that would be refused");
	is(run(PUT(0, MOV_X(6, 1), MOV_K(0, 7), JMP_K(BPF_JEQ, 0, 7, 3), PROTOCOL, WIDE(3), PKT_TYPE, EXIT())), 7,
	   "dead context loads");
	is(run(PUT(0, MOV_K(0, 7), JA(1), EXIT(), JMP_K(BPF_JEQ, 0, 7, -2), MOV_K(0, 1), EXIT())), 7,
	   "dead end of the program");
	is(run(PUT(0, MOV_K(0, 7), JMP_K(BPF_JEQ, 0, 7, 1), JA(1), EXIT(), MOV_K(0, 3), JA(-3))), 7,
	   "dead code with a jump back");
	is(run(PUT(0, MOV_K(0, 7), JMP_K(BPF_JGT, 0, 6, 2), MOV_K(0, 1), JMP_K(BPF_JEQ, 0, 1, 0), EXIT())), 7,
	   "jump to the end of a dead stretch");
}

/* A jump back over loads that grow: no loop, so also 6.1's rules allow it. */
static void check_back_over_loads(void)
{
	static const int counts[] = { 1, 7, 500, 4000 };

	for (unsigned int c = 0; c < ARRAY_LEN(counts); c++) {
		int n = counts[c];
		size_t len = PUT(0, MOV_X(6, 1), MOV_K(0, 0), JA(n + 1));

		for (int i = 0; i < n; i++)
			len = PUT(len, LDX(BPF_B, 2, 6, offsetof(struct __sk_buff, pkt_type)));
		len = PUT(len, EXIT(), MOV_K(0, 9), JA(-n - 3));
		is(run(len), 9, "back over %d context loads", n);
	}
}

/* Loads that become several instructions, between a jump and its target. */
static size_t stretch(struct bpf_insn jump, int loads)
{
	size_t n = PUT(0, MOV_X(6, 1), MOV_K(0, 9), LDX(BPF_W, 3, 6, 0));

	jump.off = loads;
	n = PUT(n, jump);
	for (int i = 0; i < loads; i++)
		n = PUT(n, LDX(BPF_B, 2, 6, offsetof(struct __sk_buff, pkt_type)));
	return PUT(n, EXIT());
}

static void check_long_jumps(void)
{
	struct bpf_insn ifs = JMP_K(BPF_JEQ, 3, 64, 0), dead = JMP_K(BPF_JEQ, 0, 9, 0);
	size_t n;
	int err;

	is(run(stretch(ifs, 4000)), 9, "if over 4000 context loads");
	is(run(stretch(dead, 4000)), 9, "decided if over 4000 context loads");
	err = run(stretch(ifs, 32767));
	ok(err < 0, "if that becomes too long is refused (%s)", strerrorname_np(-err) ?: "loads");
	if (!pristine()) {
		is(err, -E2BIG, "if that becomes too long: errno");
		is_str(prog_log, "becomes too long", "if that becomes too long: text");
	}

	/* if (len == 1) goto load; goto end; load: ...; end: exit */
	n = PUT(0, MOV_X(6, 1), MOV_K(0, 9), LDX(BPF_W, 3, 6, 0),
		JMP_K(BPF_JEQ, 3, 1, 1), JA(30000));
	for (int i = 0; i < 30000; i++)
		n = PUT(n, LDX(BPF_B, 2, 6, offsetof(struct __sk_buff, pkt_type)));
	n = PUT(n, EXIT());
	if (pristine())
		skip("ja that becomes too long", "Linux 6.1 lengthens no jump");
	else
		is(run(n), 9, "ja that becomes too long");
}

/* Sockets limit how much memory a filter may take; long programs need more. */
static char filter_limit[32];

static void set_filter_limit(const char *value)
{
	int fd = open("/proc/sys/net/core/optmem_max", O_RDWR);

	if (fd < 0 || (!*filter_limit && read(fd, filter_limit, sizeof(filter_limit) - 1) <= 0) ||
	    pwrite(fd, value, strlen(value), 0) < 0)
		bail("optmem_max: %s", strerror(errno));
	close(fd);
}

/* The guest is shared with other tests. */
static void restore_filter_limit(void)
{
	set_filter_limit(filter_limit);
}

static void raise_filter_limit(void)
{
	set_filter_limit("100000000");
	atexit(restore_filter_limit);
}

/* ---- hostile memory and signals ---------------------------------------------- */

static struct bpf_insn shared[] = { MOV_K(0, 5), EXIT() };

/* An instruction that is in turn good and, in two ways, bad. */
static void *change_insn(void *unused)
{
	const struct bpf_insn forms[] = { MOV_K(0, 5), MOV_K(10, 5), INSN(0xb7, 0, 3, 0, 5), MOV_K(0, 7) };

	for (unsigned int i = 0; !__atomic_load_n(&race_over, __ATOMIC_RELAXED); i++)
		__atomic_store(&shared[0], &forms[i % ARRAY_LEN(forms)], __ATOMIC_RELAXED);
	return NULL;
}

static void check_racing_insns(void)
{
	unsigned int odd = 0, loaded = 0, refused = 0;
	char packet[16] = { 0 };
	pthread_t thread;

	race_over = false;
	pthread_create(&thread, NULL, change_insn, NULL);
	for (int i = 0; i < 1000; i++) {
		int fd = prog_load(BPF_PROG_TYPE_SOCKET_FILTER, shared, ARRAY_LEN(shared));
		int got = fd < 0 ? fd : filter_run(fd, packet, sizeof(packet), NULL);

		loaded += fd >= 0;
		refused += fd < 0;
		odd += got != 5 && got != 7 && got != -EACCES && got != -EINVAL;
		if (fd >= 0)
			close(fd);
	}
	__atomic_store_n(&race_over, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	is(odd, 0, "instructions that change under the load (%u loaded, %u refused)", loaded, refused);
}

#define MILLION 1000000

/* A load that takes its time ends when it is killed. */
static void check_kill(void)
{
	struct bpf_insn *insns = calloc(MILLION, sizeof(*insns));
	struct timespec start, end;
	pid_t child;
	int status;
	double s;

	for (int i = 0; i < MILLION; i++)
		insns[i] = i == MILLION - 1 ? EXIT() : MOV_K(0, 0);
	child = fork();
	if (!child) {
		for (;;)
			close(prog_load_as(BPF_PROG_TYPE_SOCKET_FILTER, insns, MILLION, "GPL", 0));
	}
	usleep(300000);
	clock_gettime(CLOCK_MONOTONIC, &start);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	s = end.tv_sec - start.tv_sec + (end.tv_nsec - start.tv_nsec) / 1e9;
	ok(WIFSIGNALED(status) && s < 5, "a load of a million instructions can be killed");
	free(insns);
}

int main(void)
{
	raise_filter_limit();
	check_shapes();
	check_map_count();
	check_foreign_fds();
	check_racing_fds();
	check_dead_code();
	check_back_over_loads();
	check_long_jumps();
	check_racing_insns();
	check_kill();
	return finish();
}
