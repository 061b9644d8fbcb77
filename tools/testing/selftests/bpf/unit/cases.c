// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs whose verdict and reason are known, chosen to reach what random ones
 * do not: each refusal that no other unit test provokes, and code that changes
 * its form when it is lowered. What is accepted runs like on the reference.
 */
#include "tap.h"
#include "world.h"

#define RUNS	20

struct program {
	const char *name;
	struct bpf_insn insns[16];
	int err;
	const char *says;
	u32 prog_flags;
	bool not_gpl;
	bool by_place;		/* there is an array of descriptors */
};

static const u32 fd_array[] = { FD_ARRAY, FD_ONE, FD_CONSTANT, 99 };

#define WIDE(reg, kind, lo, hi) \
	{ BPF_LD | BPF_IMM | BPF_DW, reg, kind, 0, lo }, { 0, 0, 0, 0, hi }
#define CALL(helper)	{ BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_##helper }
#define KEY		BPF_ST_MEM(BPF_DW, 10, -8, 0), BPF_MOV64_REG(2, 10), \
			BPF_ALU64_IMM(BPF_ADD, 2, -8)
/* R1 = the address inside the value of a map */
#define VALUE(fd, off)	WIDE(1, BPF_PSEUDO_MAP_VALUE, fd, off)
/* A number that decides: only R0 = 1 may be returned, else something is read from R9. */
#define MUST_BE(number)	BPF_MOV64_IMM(0, 1), BPF_JMP_IMM(BPF_JEQ, 2, number, 1), BPF_MOV64_REG(0, 9), \
			BPF_EXIT_INSN()
#define RETURN		BPF_MOV64_IMM(0, 0), BPF_EXIT_INSN()

static const struct program programs[] = {
	/* What a 64-bit immediate may stand for. */
	{ "map value", { VALUE(FD_ONE, 8), BPF_LDX_MEM(BPF_DW, 0, 1, 0), BPF_EXIT_INSN() } },
	{ "map value of a hash", { VALUE(FD_HASH, 0), RETURN }, -EINVAL, "no direct value access" },
	{ "map value of several", { VALUE(FD_ARRAY, 0), RETURN },
	  -ENOTSUPP, "invalid access to map value pointer, value_size=8 off=0" },
	{ "map value behind its end", { VALUE(FD_ONE, 24), RETURN },
	  -EINVAL, "invalid access to map value pointer, value_size=24 off=24" },
	{ "map value, last byte", { VALUE(FD_ONE, 23), BPF_LDX_MEM(BPF_B, 0, 1, 0), BPF_EXIT_INSN() } },
	{ "map value, over its end", { VALUE(FD_ONE, 23), BPF_LDX_MEM(BPF_H, 0, 1, 0), BPF_EXIT_INSN() },
	  -EACCES, "invalid access to map value, value_size=24 off=23 size=2" },
	{ "map value far away", { VALUE(FD_ONE, 1 << 29), RETURN },
	  -EINVAL, "direct value offset of 536870912 is not allowed" },
	{ "map value written", { VALUE(FD_ONE, 8), BPF_ST_MEM(BPF_DW, 1, 8, 77), RETURN } },
	{ "map value written though closed", { VALUE(FD_RDONLY_ONE, 8), BPF_ST_MEM(BPF_DW, 1, 8, 77),
	  RETURN }, -EACCES, "write into map forbidden, value_size=24 off=16 size=8" },
	{ "frozen map value written", { VALUE(FD_FROZEN_ONE, 8), BPF_ST_MEM(BPF_DW, 1, 8, 77), RETURN } },
	{ "maps by place", { WIDE(1, BPF_PSEUDO_MAP_IDX_VALUE, 1, 16), BPF_ST_MEM(BPF_W, 1, 4, 1), KEY,
	  WIDE(1, BPF_PSEUDO_MAP_IDX, 0, 0), CALL(map_lookup_elem), RETURN }, .by_place = true },
	{ "no map at a place", { WIDE(1, BPF_PSEUDO_MAP_IDX, 3, 0), RETURN },
	  -EINVAL, "fd 99 is not pointing to valid bpf_map", .by_place = true },

	/* What never changes is known. */
	{ "constant byte", { VALUE(FD_CONSTANT, 0), BPF_LDX_MEM(BPF_B, 2, 1, 0), MUST_BE(5) } },
	{ "constant two bytes", { VALUE(FD_CONSTANT, 8), BPF_LDX_MEM(BPF_H, 2, 1, 0), MUST_BE(0xfffe) } },
	{ "constant word", { VALUE(FD_CONSTANT, 16), BPF_LDX_MEM(BPF_W, 2, 1, 4), MUST_BE(0x01020304) } },
	{ "constant double word", { VALUE(FD_CONSTANT, 24 - 8), BPF_LDX_MEM(BPF_DW, 2, 1, -8), MUST_BE(-2) } },
	{ "constant at an odd place", { VALUE(FD_CONSTANT, 5), BPF_LDX_MEM(BPF_W, 2, 1, 12),
	  MUST_BE(0x04050607) } },
	{ "constant with its sign", { VALUE(FD_CONSTANT, 8), BPF_LDX_MEMSX(BPF_B, 2, 1, 0), MUST_BE(-2) } },
	{ "constant word with its sign", { VALUE(FD_CONSTANT, 8), BPF_LDX_MEMSX(BPF_W, 2, 1, 0), MUST_BE(-2) } },
	{ "constant through a lookup", { BPF_LDX_MEM(BPF_W, 3, 1, 0), KEY, WIDE(1, BPF_PSEUDO_MAP_FD,
	  FD_CONSTANT, 0), CALL(map_lookup_elem), BPF_JMP_IMM(BPF_JNE, 0, 0, 1), BPF_EXIT_INSN(),
	  BPF_LDX_MEM(BPF_B, 2, 0, 0), BPF_JMP_IMM(BPF_JEQ, 2, 5, 1), BPF_MOV64_REG(0, 9),
	  BPF_EXIT_INSN() } },
	{ "another constant", { VALUE(FD_CONSTANT, 0), BPF_LDX_MEM(BPF_B, 2, 1, 0), MUST_BE(6) },
	  -EACCES, "R9 !read_ok" },
	{ "a constant written by nobody", { VALUE(FD_CONSTANT, 0), BPF_ST_MEM(BPF_B, 1, 0, 1), RETURN },
	  -EACCES, "write into map forbidden" },
	{ "not frozen is not constant", { VALUE(FD_RDONLY_ONE, 0), BPF_LDX_MEM(BPF_B, 2, 1, 0), MUST_BE(5) },
	  -EACCES, "R9 !read_ok" },
	{ "frozen for calls is not constant", { VALUE(FD_FROZEN_ONE, 0), BPF_LDX_MEM(BPF_B, 2, 1, 0),
	  MUST_BE(5) }, -EACCES, "R9 !read_ok" },
	{ "constants at some place are unknown", { BPF_LDX_MEM(BPF_W, 3, 1, 0), BPF_ALU64_IMM(BPF_AND, 3, 1),
	  VALUE(FD_CONSTANT, 0), BPF_ALU64_REG(BPF_ADD, 1, 3), BPF_LDX_MEM(BPF_B, 2, 1, 0), MUST_BE(5) },
	  -EACCES, "R9 !read_ok" },
	{ "map value of no map", { WIDE(1, BPF_PSEUDO_MAP_VALUE, 99, 0), RETURN },
	  -EINVAL, "fd 99 is not pointing to valid bpf_map" },
	{ "kernel variable", { WIDE(1, BPF_PSEUDO_BTF_ID, 1, 0), RETURN }, -EINVAL, "missing BTF" },
	{ "address of a function", { WIDE(1, BPF_PSEUDO_FUNC, 1, 0), RETURN },
	  -EINVAL, "call to invalid destination" },
	{ "map by index", { WIDE(1, BPF_PSEUDO_MAP_IDX, 0, 0), RETURN },
	  -EPROTO, "fd_idx without fd_array" },
	{ "map value by index", { WIDE(1, BPF_PSEUDO_MAP_IDX_VALUE, 0, 0), RETURN },
	  -EPROTO, "fd_idx without fd_array" },
	{ "map by place, upper half", { WIDE(1, BPF_PSEUDO_MAP_IDX, 0, 1), RETURN },
	  -EINVAL, "unrecognized bpf_ld_imm64", .by_place = true },
	{ "unknown kind", { WIDE(1, 9, 0, 0), RETURN }, -EINVAL, "unrecognized bpf_ld_imm64" },
	{ "map with upper half", { WIDE(1, BPF_PSEUDO_MAP_FD, FD_ARRAY, 1), RETURN },
	  -EINVAL, "unrecognized bpf_ld_imm64" },
	{ "closed descriptor", { WIDE(1, BPF_PSEUDO_MAP_FD, 1, 0), RETURN },
	  -EBADF, "fd 1 is not pointing to valid bpf_map" },

	/* Calls. */
	{ "kernel function", { { BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, 1 }, RETURN },
	  -ENOTSUPP, "calling kernel function is not supported" },
	{ "own function", { BPF_CALL_REL(1), RETURN, RETURN }, -EINVAL, "" },
	{ "no helper", { { BPF_JMP | BPF_CALL, 0, 0, 0, 9999 }, RETURN }, -EINVAL, "invalid func" },
	{ "helper of other types", { CALL(perf_event_output), RETURN }, -EINVAL, "unknown func" },
	{ "helper for GPL", { CALL(trace_printk), RETURN }, -EINVAL, "GPL-restricted", 0, true },
	{ "array deleted from", { KEY, WIDE(1, BPF_PSEUDO_MAP_FD, FD_ARRAY, 0),
	  CALL(map_delete_elem), BPF_EXIT_INSN() } },
	{ "printed from the stack", { KEY, BPF_MOV64_REG(1, 2), BPF_MOV64_IMM(2, 8),
	  CALL(trace_printk), RETURN } },
	{ "printed beyond the stack", { KEY, BPF_MOV64_REG(1, 2), BPF_MOV64_IMM(2, 9),
	  CALL(trace_printk), RETURN }, -EINVAL, "invalid indirect access to stack" },
	{ "key in a closed map", { KEY, WIDE(1, BPF_PSEUDO_MAP_FD, FD_WRONLY, 0),
	  CALL(map_lookup_elem), BPF_JMP_IMM(BPF_JEQ, 0, 0, 3), BPF_MOV64_REG(2, 0),
	  WIDE(1, BPF_PSEUDO_MAP_FD, FD_ARRAY, 0), CALL(map_lookup_elem), RETURN }, -EACCES, "" },
	{ "update of a closed map", { KEY, BPF_MOV64_REG(3, 2), BPF_MOV64_IMM(4, 0),
	  WIDE(1, BPF_PSEUDO_MAP_FD, FD_RDONLY, 0), CALL(map_update_elem), RETURN },
	  -EACCES, "write into map forbidden" },

	/* Pointers. */
	{ "frame pointer written", { BPF_MOV64_IMM(10, 0), RETURN }, -EACCES, "frame pointer is read only" },
	{ "subtraction from the frame", { BPF_MOV64_IMM(1, 8), BPF_MOV64_REG(2, 10),
	  BPF_ALU64_REG(BPF_SUB, 2, 1), RETURN }, -EACCES, "subtraction from stack pointer" },
	{ "pointer from pointer", { BPF_MOV64_REG(2, 10), BPF_ALU64_REG(BPF_SUB, 2, 1), RETURN } },
	{ "number minus frame", { BPF_MOV64_IMM(2, 8), BPF_ALU64_REG(BPF_SUB, 2, 10), RETURN },
	  -EACCES, "" },
	{ "pointer far away", { BPF_MOV64_REG(2, 10), BPF_ALU64_IMM(BPF_ADD, 2, 0x7fffffff), RETURN },
	  -EINVAL, "math between fp pointer" },
	{ "pointer far away in steps", { BPF_MOV64_REG(2, 10),
	  BPF_ALU64_IMM(BPF_ADD, 2, (1 << 29) - 8), BPF_ALU64_IMM(BPF_ADD, 2, (1 << 29) - 8), RETURN },
	  -EINVAL, "pointer offset" },
	{ "context moved back", { BPF_ALU64_IMM(BPF_ADD, 1, -4), BPF_LDX_MEM(BPF_W, 0, 1, 4),
	  BPF_EXIT_INSN() }, -EACCES, "negative offset ctx ptr" },
	{ "context moved", { BPF_ALU64_IMM(BPF_ADD, 1, 4), BPF_LDX_MEM(BPF_W, 0, 1, 0),
	  BPF_EXIT_INSN() }, -EACCES, "modified ctx ptr" },
	{ "context moved somewhere", { BPF_LDX_MEM(BPF_W, 2, 1, 0), BPF_ALU64_IMM(BPF_AND, 2, 4),
	  BPF_ALU64_REG(BPF_ADD, 1, 2), BPF_LDX_MEM(BPF_W, 0, 1, 0), BPF_EXIT_INSN() },
	  -EACCES, "variable ctx access" },
	{ "anywhere on the stack", { BPF_LDX_MEM(BPF_W, 2, 1, 0), BPF_MOV64_REG(3, 10),
	  BPF_ALU64_REG(BPF_ADD, 3, 2), BPF_ST_MEM(BPF_DW, 3, -8, 0), RETURN },
	  -EACCES, "stack" },
	{ "two kinds at one place", { BPF_LDX_MEM(BPF_W, 2, 1, 0), BPF_MOV64_REG(3, 10),
	  BPF_ST_MEM(BPF_W, 10, -8, 0), BPF_ALU64_IMM(BPF_ADD, 3, -8), BPF_JMP_IMM(BPF_JEQ, 2, 0, 1),
	  BPF_MOV64_REG(3, 1), BPF_LDX_MEM(BPF_W, 0, 3, 0), BPF_EXIT_INSN() },
	  -EINVAL, "same insn cannot be used with different pointers" },

	/* Alignment, if asked for. */
	{ "misaligned value", { KEY, WIDE(1, BPF_PSEUDO_MAP_FD, FD_ARRAY, 0), CALL(map_lookup_elem),
	  BPF_JMP_IMM(BPF_JEQ, 0, 0, 1), BPF_LDX_MEM(BPF_W, 0, 0, 1), BPF_MOV64_IMM(0, 0),
	  BPF_EXIT_INSN() }, -EACCES, "misaligned value access", BPF_F_STRICT_ALIGNMENT },
	{ "misaligned value, allowed", { KEY, WIDE(1, BPF_PSEUDO_MAP_FD, FD_ARRAY, 0),
	  CALL(map_lookup_elem), BPF_JMP_IMM(BPF_JEQ, 0, 0, 1), BPF_LDX_MEM(BPF_W, 7, 0, 1),
	  BPF_MOV64_IMM(0, 0), BPF_EXIT_INSN() } },
	{ "misaligned context", { BPF_LDX_MEM(BPF_W, 0, 1, 1), BPF_EXIT_INSN() },
	  -EACCES, "misaligned context access", BPF_F_STRICT_ALIGNMENT },

	/* Context fields that take several instructions. */
	{ "napi_id", { BPF_LDX_MEM(BPF_W, 0, 1, offsetof(struct __sk_buff, napi_id)), BPF_EXIT_INSN() } },
	{ "gso_size", { BPF_LDX_MEM(BPF_W, 0, 1, offsetof(struct __sk_buff, gso_size)), BPF_EXIT_INSN() } },
	{ "half of gso_segs", { BPF_LDX_MEM(BPF_H, 0, 1, offsetof(struct __sk_buff, gso_segs)),
	  BPF_EXIT_INSN() } },
	{ "ifindex over its pointer", { BPF_LDX_MEM(BPF_W, 1, 1, offsetof(struct __sk_buff, ifindex)),
	  BPF_MOV64_REG(0, 1), BPF_EXIT_INSN() } },
	{ "signed byte of mark", { BPF_LDX_MEMSX(BPF_B, 0, 1, offsetof(struct __sk_buff, mark) + 3),
	  BPF_EXIT_INSN() } },
	{ "a field that is not there", { BPF_LDX_MEM(BPF_W, 0, 1, offsetof(struct __sk_buff, data)),
	  BPF_EXIT_INSN() }, -EACCES, "invalid bpf_context access" },
};

/* A row ends with its last exit. */
static u32 length(const struct program *p)
{
	u32 n = ARRAY_SIZE(p->insns);

	while (n && p->insns[n - 1].code != (BPF_JMP | BPF_EXIT))
		n--;
	return n;
}

static void report(const char *name, struct world_load *load, int err, const char *says)
{
	const char *wrong = world_check(load);

	if (!wrong && load->err != err)
		wrong = "another verdict";
	if (!wrong && says && !strstr(load->log, says))
		wrong = "another reason";
	for (u64 seed = 1; !wrong && !load->err && seed <= RUNS; seed++)
		wrong = world_compare(load, seed);
	if (wrong)
		printf("# %s: verdict %d, want %d\n# %s\n", wrong, load->err, err, load->log ?: "");
	tap_result(!wrong, name);
	world_unload(load);
}

static void run_row(const struct program *p)
{
	struct world_load load = {
		.insns = p->insns, .len = length(p), .prog_flags = p->prog_flags, .gpl = !p->not_gpl,
		.fd_array = p->by_place ? fd_array : NULL,
		.log_level = 1, .log_size = 8192, .allocations = -1,
	};

	report(p->name, &load, p->err, p->says);
}

/* ---- large ones ---------------------------------------------------------------------- */

static struct bpf_insn large[70000];

/* A jump over @loads context loads of three instructions each. */
static void jump_over(const char *name, struct bpf_insn jump, u32 loads, int err, const char *says)
{
	struct world_load load = {
		.insns = large, .gpl = true, .log_level = 1, .log_size = WORLD_LOG_MAX,
		.allocations = -1,
	};
	u32 n = 0;

	large[n++] = (struct bpf_insn)BPF_MOV64_REG(6, 1);
	large[n++] = (struct bpf_insn)BPF_LDX_MEM(BPF_W, 7, 6, 0);
	large[n++] = (struct bpf_insn)BPF_MOV64_IMM(0, 3);
	/* The place jumped over is reached from above. */
	large[n++] = (struct bpf_insn)BPF_JMP_IMM(BPF_JGT, 7, 50, 1);
	large[n++] = jump;
	for (u32 i = 0; i < loads; i++)
		large[n++] = (struct bpf_insn)BPF_LDX_MEM(BPF_H, 0, 6, offsetof(struct __sk_buff, gso_size));
	large[n++] = (struct bpf_insn)BPF_EXIT_INSN();
	load.len = n;
	report(name, &load, err, says);
}

/* Twice as many paths with each step, and every one with another number. */
static void many_paths(void)
{
	struct world_load load = {
		.insns = large, .gpl = true, .allocations = -1,
		/* The reason alone: a million lines take longer than their steps. */
		.log_level = 4, .log_size = 8192,
	};
	u32 n = 0, bit;

	large[n++] = (struct bpf_insn)BPF_MOV64_REG(6, 1);
	large[n++] = (struct bpf_insn)BPF_MOV64_IMM(7, 0);
	for (bit = 0; bit < 20; bit++) {
		large[n++] = (struct bpf_insn)BPF_LDX_MEM(BPF_W, 8, 6, 0);
		large[n++] = (struct bpf_insn)BPF_JMP_IMM(BPF_JEQ, 8, bit, 1);
		large[n++] = (struct bpf_insn)BPF_ALU64_IMM(BPF_OR, 7, 1 << bit);
	}
	/* A branch that each number decides. */
	large[n++] = (struct bpf_insn)BPF_JMP_IMM(BPF_JEQ, 7, -1, 0);
	large[n++] = (struct bpf_insn)BPF_MOV64_IMM(0, 0);
	large[n++] = (struct bpf_insn)BPF_EXIT_INSN();
	load.len = n;
	report("more steps than a load may cost", &load, -E2BIG, "too large");
}

static void limits(void)
{
	struct world_load load = { .insns = large, .len = 0, .allocations = -1 };

	report("no instructions", &load, -E2BIG, NULL);
}

int main(void)
{
	struct bpf_insn far = BPF_JMP_A(12000), near = BPF_JMP_IMM(BPF_JEQ, 7, 1, 12000);

	for (u32 i = 0; i < ARRAY_SIZE(programs); i++)
		run_row(&programs[i]);
	jump_over("a jump that gets its long form", far, 12000, 0, NULL);
	near.off = far.off = 8000;
	jump_over("a conditional jump that just reaches", near, 8000, 0, NULL);
	near.off = 12000;
	jump_over("a conditional jump that becomes too long", near, 12000, -E2BIG,
		  "becomes too long");
	many_paths();
	limits();
	return tap_status();
}
