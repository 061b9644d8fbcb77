// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading programs when memory runs out: each allocation of a load fails once,
 * for programs that make the verifier take memory for its different purposes.
 * A load that fails leaves nothing; one that gets round it is a program that
 * runs. See sweep.h.
 */
#include "sweep.h"

#include <stddef.h>

#define LEN_MAX	5000

static struct bpf_insn insns[LEN_MAX];
static size_t len;
static int map_fd[64], maps;

static void add(struct bpf_insn insn)
{
	if (len == LEN_MAX)
		bail("program too long");
	insns[len++] = insn;
}

static void add_map(__u32 reg, int fd)
{
	struct bpf_insn two[] = { LD_MAP(reg, fd) };

	add(two[0]);
	add(two[1]);
}

/* ---- programs, each with what it takes -------------------------------------------- */

static bool fresh_maps(int n)
{
	len = 0;
	for (maps = 0; maps < n; maps++) {
		map_fd[maps] = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0);
		if (map_fd[maps] < 0)
			return false;
	}
	return true;
}

static bool short_one(const struct op *op)
{
	fresh_maps(0);
	add(MOV_K(0, 1));
	add(EXIT());
	return true;
}

/* The loader's copy, tables per instruction, and the image are long. */
static bool long_one(const struct op *op)
{
	fresh_maps(0);
	add(MOV_K(0, 0));
	for (long i = 0; i < op->arg[0] - 3; i++)
		add(ALU_K(BPF_ADD, 0, 1));
	add(MOV_K(0, 1));
	add(EXIT());
	return true;
}

/* References that have to be given back. */
static bool with_maps(const struct op *op)
{
	if (!fresh_maps((int)op->arg[0]))
		return false;
	for (int i = 0; i < maps; i++)
		add_map(1, map_fd[i]);
	add(ST(BPF_W, 10, -4, 0));
	add(MOV_X(2, 10));
	add(ALU_K(BPF_ADD, 2, -4));
	add(CALL(BPF_FUNC_map_lookup_elem));
	add(MOV_K(0, 1));
	add(EXIT());
	return true;
}

/*
 * Lowering makes the program longer, so that it gets another image: loads from
 * the packet and from the context take several instructions.
 */
static bool growing(const struct op *op)
{
	fresh_maps(0);
	add(MOV_X(6, 1));
	for (long i = 0; i < op->arg[0]; i++) {
		add(LDX(BPF_W, 2, 6, offsetof(struct __sk_buff, pkt_type)));
		add(LDX(BPF_W, 3, 6, offsetof(struct __sk_buff, vlan_present)));
	}
	add(MOV_K(0, 1));
	add(EXIT());
	return true;
}

/* Writes below fp at a distance that register @r decides: its value is needed. */
static void use_as_distance(__u8 r)
{
	add(MOV_X(1, 10));
	add(ALU_K(BPF_AND, r, 7));
	add(ALU_X(BPF_ADD, 1, r));
	add(ST(BPF_B, 1, -16, 0));
}

/* Bits of the length are added up, each sum is another: no path is pruned. */
static bool many_states(const struct op *op)
{
	if (!fresh_maps(1))
		return false;
	add_map(8, map_fd[0]);
	add(LDX(BPF_W, 7, 1, offsetof(struct __sk_buff, len)));
	add(MOV_K(6, 0));
	for (int i = 0; i < op->arg[0]; i++) {
		add(JMP_K(BPF_JSET, 7, 1 << i, 1));
		add(ALU_K(BPF_ADD, 6, 1 << i));
	}
	use_as_distance(6);
	add(MOV_K(0, 1));
	add(EXIT());
	return true;
}

/*
 * Definitions fill their chunks. Two ways that meet at once store a state at each
 * round, with a fresh definition for each of seven numbers; the instruction there
 * needs the last of them, so it must not be one that there was no memory for.
 * A round takes ten, three of them not for the state: of two programs that differ
 * by five, one comes to the end of the chunk while it stores.
 *
 * arg[0]: rounds, arg[1]: definitions before them
 */
static bool many_definitions(const struct op *op)
{
	static const __u8 numbers[] = { 2, 3, 4, 5, 7, 8, 9 };

	fresh_maps(0);
	add(MOV_X(6, 1));
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		add(LDX(BPF_W, numbers[i], 6, offsetof(struct __sk_buff, len)));
		add(ALU_K(BPF_AND, numbers[i], 7));
	}
	for (long i = 0; i < op->arg[1]; i++)
		add(LDX(BPF_W, 0, 6, offsetof(struct __sk_buff, len)));
	for (long i = 0; i < op->arg[0]; i++) {
		add(MOV_X(1, 10));
		add(LDX(BPF_W, 0, 6, offsetof(struct __sk_buff, len)));
		add(JMP_K(BPF_JGT, 0, 5, 0));
		add(ALU_X(BPF_ADD, 1, 9));
	}
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		use_as_distance(numbers[i]);
	add(MOV_K(0, 1));
	add(EXIT());
	return true;
}

/* Refused after a while: the failure that was to come anyway. */
static bool wrong_one(const struct op *op)
{
	if (!many_states(op))
		return false;
	insns[len - 2] = LDX(BPF_DW, 0, 10, 0);
	return true;
}

/* ---- loading -------------------------------------------------------------------------- */

static char text[1 << 20];

/* arg[2]: log level, arg[3]: log size */
static long load(const struct op *op)
{
	return prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, insns, len, "GPL", (__u32)op->arg[2],
			     text, op->arg[3] ? (size_t)op->arg[3] : sizeof(text));
}

/* A refusal counts as the success of this operation. */
static long load_refused(const struct op *op)
{
	long ret = load(op);

	if (ret == -EACCES)
		return 0;
	return ret < 0 ? ret : -EEXIST;
}

static void drop(const struct op *op, long ret)
{
	if (op->run == load && ret >= 0)
		close((int)ret);
	while (maps)
		close(map_fd[--maps]);
}

/* arg of a load: two its program takes, log level, log size */
#define LOAD(n, which, body, ...)						\
	{ .name = "load " n, .run = load, .prepare = body, .undo = drop,	\
	  .only = which, .arg = { __VA_ARGS__ } }

/*
 * What is not small takes its memory as chunks that have two ways to it, so one
 * failure shows little there.
 */
static const struct op loads[] = {
	LOAD("2 instructions", BOTH_WAYS, short_one),
	LOAD("2 instructions, log", BOTH_WAYS, short_one, 0, 0, 1, 4096),
	LOAD("1000 instructions", ONE_FAILS, long_one, 1000),
	LOAD("3000 instructions", REST_FAILS, long_one, 3000),
	LOAD("1 map", BOTH_WAYS, with_maps, 1),
	LOAD("20 maps", REST_FAILS, with_maps, 20),
	LOAD("lowered to more", ONE_FAILS, growing, 200),
	LOAD("lowered to many pages", REST_FAILS, growing, 600),
	LOAD("64 paths", BOTH_WAYS, many_states, 6),
	LOAD("64 paths, short log", ONE_FAILS, many_states, 6, 0, 2, 1000),
	LOAD("256 paths", REST_FAILS, many_states, 8),
	LOAD("64 paths, log grows", REST_FAILS, many_states, 6, 0, 2, 1 << 20),
	LOAD("many definitions", REST_FAILS, many_definitions, 420),
	LOAD("some more definitions", REST_FAILS, many_definitions, 130, 5),
};

static const struct op refused[] = {
	{ .name = "refuse 16 paths", .run = load_refused, .prepare = wrong_one, .undo = drop,
	  .arg = { 4 } },
	{ .name = "refuse 64 paths, log", .run = load_refused, .prepare = wrong_one, .undo = drop,
	  .arg = { 6, 0, 2, 65536 } },
};

/* The programs are what they were made for: each loads, and lets a packet through. */
static void check_programs(void)
{
	unsigned int good = 0;

	for (size_t i = 0; i < ARRAY_LEN(loads); i++) {
		const struct op *op = &loads[i];
		int fd;

		op->prepare(op);
		fd = (int)load(op);
		/* A socket does not pay for one of many pages. */
		if (fd >= 0 && (len > 1000 || filter_run(fd, "x", 1, NULL) == 1))
			good++;
		else
			note("%s: %d", op->name, fd);
		op->undo(op, fd);
	}
	is(good, ARRAY_LEN(loads), "undisturbed, all programs load and run");
}

int main(int argc, char **argv)
{
	if (!sweep_begin(argv))
		return finish();
	if (!sweep_only)
		check_programs();
	for (size_t i = 0; i < ARRAY_LEN(loads); i++)
		sweep(&loads[i]);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		sweep(&refused[i]);
	return sweep_end();
}
