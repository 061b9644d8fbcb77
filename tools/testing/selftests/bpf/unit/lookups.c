// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lookups that become instructions (kernel/bpf/verifier/inline.c).
 *
 * Random programs put together from lookups, in all forms in which a program can ask
 * for one, run three times: as loaded on the reference machine, where each is a call of
 * the helper; lowered by the interpreter; lowered as machine code, as it is. Result and
 * maps must come out the same. How many lookups are left as calls is counted as well,
 * and for the plainest programs each instruction is compared.
 *
 * usage: lookups [PROGRAMS [SEED]]
 */
#include "native.h"
#include "tap.h"
#include "world.h"

#define LOOKUPS_MAX	6
#define LEN_MAX		32000
#define RUNS		4

static u64 chance = 1;

static u32 below(u32 n)
{
	return world_random(&chance) % n;
}

static bool one_in(u32 n)
{
	return !below(n);
}

/* ---- programs in the making ------------------------------------------------------- */

static struct bpf_insn insns[LEN_MAX];
static u32 len;
/* Calls of a helper that must be left. */
static u32 calls;

static void emit(struct bpf_insn insn)
{
	if (len == LEN_MAX)
		abort();
	insns[len++] = insn;
}

static void emit_map(u8 reg, u32 fd)
{
	emit(BPF_RAW_INSN(BPF_LD | BPF_IMM | BPF_DW, reg, BPF_PSEUDO_MAP_FD, 0, fd));
	emit(BPF_RAW_INSN(0, 0, 0, 0, 0));
}

static void emit_call(s32 helper)
{
	emit(BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper));
}

static u32 some_map(void)
{
	static const u8 fds[] = {
		FD_ARRAY, FD_ARRAY, FD_ARRAY_LONG, FD_ARRAY_LONG, FD_ARRAY_ODD, FD_RDONLY, FD_HASH,
	};

	return fds[below(ARRAY_SIZE(fds))];
}

static s32 some_index(void)
{
	static const s32 far[] = { -1, 0x7fffffff, 0x100, 0x10000, -0x7fffffff - 1 };

	return one_in(6) ? far[below(ARRAY_SIZE(far))] : (s32)below(7);
}

/* ---- the parts of a lookup: R6 is the packet, R7 the index, R9 the sum ------------- */

static void index_unknown(void)
{
	emit(BPF_LDX_MEM(BPF_W, 7, 6, offsetof(struct __sk_buff, mark)));
	if (!one_in(4))
		emit(BPF_ALU64_IMM(BPF_AND, 7, 7));
}

static void index_constant(void)
{
	emit(BPF_MOV64_IMM(7, some_index()));
}

/* One constant on one path, another one or the same or any number on the other. */
static void index_on_two_paths(void)
{
	s32 first = some_index();
	u32 at;

	emit(BPF_LDX_MEM(BPF_W, 8, 6, offsetof(struct __sk_buff, priority)));
	emit(BPF_MOV64_IMM(7, first));
	at = len;
	emit(BPF_JMP_IMM(BPF_JSET, 8, 1, 1));
	if (one_in(3))
		emit(BPF_MOV64_REG(7, 8));
	else
		emit(BPF_MOV64_IMM(7, one_in(2) ? first : some_index()));
	insns[at].off = len - at - 1;
}

/* The key: half of a slot, a slot, or unaligned within two. */
static s16 key_on_stack(void)
{
	s16 off = -8 * (s16)(1 + below(5));

	switch (below(5)) {
	case 0:
		emit(BPF_STX_MEM(BPF_DW, 10, 7, off));
		return off;
	case 1:
		emit(BPF_ALU64_IMM(BPF_LSH, 7, 32));
		emit(BPF_ALU64_IMM(BPF_OR, 7, some_index() & 0x7fff));
		emit(BPF_STX_MEM(BPF_DW, 10, 7, off));
		return off + 4;
	case 2:
		emit(BPF_ST_MEM(BPF_DW, 10, off, 0));
		emit(BPF_ST_MEM(BPF_DW, 10, off - 8, 0));
		emit(BPF_STX_MEM(BPF_B, 10, 7, off - 2));
		return off - 2;
	default:
		off += 4 * below(2);
		emit(BPF_STX_MEM(BPF_W, 10, 7, off));
		return off;
	}
}

/* R2: where the key is. */
static void emit_key_address(s16 off)
{
	emit(BPF_MOV64_REG(2, 10));
	emit(BPF_ALU64_IMM(BPF_ADD, 2, off));
}

/* The key stands at two places, of which a path chooses one. */
static void key_at_two_places(void)
{
	emit(BPF_STX_MEM(BPF_W, 10, 7, -44));
	emit(BPF_ALU64_IMM(BPF_ADD, 7, below(2)));
	emit(BPF_STX_MEM(BPF_W, 10, 7, -60));
	emit_key_address(-44);
	emit(BPF_LDX_MEM(BPF_W, 8, 6, offsetof(struct __sk_buff, priority)));
	emit(BPF_JMP_IMM(BPF_JSET, 8, 2, 1));
	emit(BPF_ALU64_IMM(BPF_ADD, 2, -16));
}

/* The key is an element of a hash map, which takes a call to find. */
static void key_in_map(void)
{
	emit(BPF_ST_MEM(BPF_W, 10, -4, below(2)));
	emit_key_address(-4);
	emit_map(1, FD_HASH);
	emit_call(BPF_FUNC_map_lookup_elem);
	calls++;
	emit(BPF_JMP_IMM(BPF_JNE, 0, 0, 2));
	emit(BPF_MOV64_IMM(0, 0));
	emit(BPF_EXIT_INSN());
	emit(BPF_STX_MEM(BPF_W, 0, 7, 4));
	emit(BPF_MOV64_REG(2, 0));
	emit(BPF_ALU64_IMM(BPF_ADD, 2, 4));
}

static void put_key(void)
{
	static void (*const indexes[])(void) = {
		index_unknown, index_constant, index_constant, index_on_two_paths,
	};

	indexes[below(ARRAY_SIZE(indexes))]();
	switch (below(8)) {
	case 0:
		key_at_two_places();
		break;
	case 1:
		key_in_map();
		break;
	default:
		emit_key_address(key_on_stack());
	}
}

/* Arguments serve something else on the way. */
static void use_arguments(void)
{
	switch (below(8)) {
	case 0:
		emit(BPF_LDX_MEM(BPF_B, 5, 2, 0));
		emit(BPF_ALU64_REG(BPF_ADD, 9, 5));
		break;
	case 1:
		emit(BPF_MOV64_REG(4, 2));
		emit(BPF_LDX_MEM(BPF_B, 5, 4, 0));
		emit(BPF_ALU64_REG(BPF_XOR, 9, 5));
		break;
	case 2:
		emit(BPF_MOV64_IMM(1, below(100)));
		emit(BPF_ALU64_REG(BPF_ADD, 9, 1));
		break;
	case 3:
		/* R2 by another way. */
		emit(BPF_STX_MEM(BPF_DW, 10, 2, -72));
		emit(BPF_MOV64_IMM(2, 5));
		emit(BPF_LDX_MEM(BPF_DW, 2, 10, -72));
		break;
	case 4:
		emit(BPF_ST_MEM(BPF_B, 2, 0, below(5)));
		break;
	}
}

/* R1: the map, put there in one of several ways; is it known? */
static bool put_map(void)
{
	u32 fd = some_map(), second = some_map();

	switch (below(6)) {
	case 0:
		emit_map(8, fd);
		emit(BPF_MOV64_REG(1, 8));
		return fd != FD_HASH;
	case 1:
		emit(BPF_LDX_MEM(BPF_W, 8, 6, offsetof(struct __sk_buff, priority)));
		emit_map(1, fd);
		emit(BPF_JMP_IMM(BPF_JSET, 8, 4, 2));
		emit_map(1, second);
		return fd == second && fd != FD_HASH;
	default:
		emit_map(1, fd);
		return fd != FD_HASH;
	}
}

/* R0 is no address any more; the sum grows by what was found. */
static void take_value(u8 pointer)
{
	emit(BPF_LDX_MEM(one_in(2) ? BPF_W : BPF_B, 3, pointer, 4 * below(2)));
	emit(BPF_ALU64_REG(BPF_ADD, 9, 3));
}

static void ask_at_once(void)
{
	u32 at = len;

	if (one_in(2)) {
		emit(BPF_JMP_IMM(BPF_JEQ, 0, 0, 0));
		take_value(0);
		insns[at].off = len - at - 1;
		return;
	}
	emit(BPF_JMP_IMM(BPF_JNE, 0, 0, 2));
	emit(BPF_ALU64_IMM(BPF_ADD, 9, 77));
	emit(BPF_JMP_A(0));
	take_value(0);
	insns[at + 2].off = len - at - 3;
}

static void ask_later(void)
{
	u32 at;

	emit(BPF_MOV64_REG(8, 0));
	emit(BPF_MOV64_IMM(0, 1));
	at = len;
	emit(BPF_JMP_IMM(BPF_JEQ, 8, 0, 0));
	take_value(8);
	insns[at].off = len - at - 1;
}

/* Only whether there is one, or something else altogether. */
static void ask_and_forget(void)
{
	emit(BPF_JMP_IMM(one_in(2) ? BPF_JEQ : BPF_JNE, one_in(3) ? 7 : 0, 0, 1));
	emit(BPF_ALU64_IMM(BPF_ADD, 9, 1000));
}

/* Another helper with a map and a key; both sides of the question are the same. */
static void emit_update(void)
{
	put_key();
	emit(BPF_ST_MEM(BPF_DW, 10, -120, below(100)));
	emit(BPF_ST_MEM(BPF_DW, 10, -112, below(100)));
	emit(BPF_ST_MEM(BPF_DW, 10, -104, below(100)));
	emit(BPF_MOV64_REG(3, 10));
	emit(BPF_ALU64_IMM(BPF_ADD, 3, -120));
	emit(BPF_MOV64_IMM(4, BPF_ANY));
	emit_map(1, one_in(2) ? FD_ARRAY : FD_ARRAY_LONG);
	emit_call(BPF_FUNC_map_update_elem);
	calls++;
	emit(BPF_JMP_IMM(BPF_JEQ, 0, 0, 0));
}

static void emit_lookup(void)
{
	static void (*const asks[])(void) = {
		ask_at_once, ask_at_once, ask_at_once, ask_later, ask_and_forget,
	};
	u32 over = 0, past = 0;
	bool known;

	/* Another path comes to the question with NULL of its own. */
	if (one_in(6)) {
		emit(BPF_LDX_MEM(BPF_W, 8, 6, offsetof(struct __sk_buff, priority)));
		emit(BPF_MOV64_IMM(0, 0));
		past = len;
		emit(BPF_JMP_IMM(BPF_JSET, 8, 16, 0));
	}
	put_key();
	use_arguments();
	known = put_map();
	/* The call is come to with the arguments of another path as well. */
	if (known && one_in(6)) {
		emit(BPF_LDX_MEM(BPF_W, 8, 6, offsetof(struct __sk_buff, priority)));
		over = len;
		emit(BPF_JMP_IMM(BPF_JSET, 8, 8, 0));
		emit(BPF_ST_MEM(BPF_DW, 10, -80, below(4)));
		emit_key_address(-80);
	}
	if (over)
		insns[over].off = len - over - 1;
	emit_call(BPF_FUNC_map_lookup_elem);
	calls += !known;
	if (past) {
		insns[past].off = len - past - 1;
		ask_at_once();
	} else {
		asks[below(ARRAY_SIZE(asks))]();
	}
	emit(BPF_ALU64_IMM(BPF_MUL, 9, 31));
}

static void begin(void)
{
	len = calls = 0;
	emit(BPF_MOV64_REG(6, 1));
	emit(BPF_MOV64_IMM(9, 1));
}

static void finish(void)
{
	emit(BPF_MOV64_REG(0, 9));
	emit(BPF_EXIT_INSN());
}

/* ---- engines ------------------------------------------------------------------------ */

static u32 variant;

static bool machine_code(const struct bpf_prog *prog, void *ctx, u64 *result)
{
	struct jit_program program = { prog->insnsi, prog->len, prog->aux->stack_depth, 0 };
	struct jit_target target = native_variants[variant].target;

	/* Helpers are compiled for user space. */
	target.aligned_calls = true;
	target.call_base = (uintptr_t)__bpf_call_base;
	return !native_compile(&program, &target, 0) && native_run(native_entry(), ctx, result);
}

static u32 lookups_called(const struct bpf_prog *prog)
{
	u32 n = 0;

	for (u32 i = 0; i < prog->len; i++)
		n += prog->insnsi[i].code == (BPF_JMP | BPF_CALL);
	return n;
}

static void show(void)
{
	for (u32 i = 0; i < len && i < 300; i++)
		printf("#  %3u: code %02x dst r%u src r%u off %d imm %d\n", i, insns[i].code,
		       insns[i].dst_reg, insns[i].src_reg, insns[i].off, insns[i].imm);
}

static struct world_load load_it(void)
{
	struct world_load load = {
		.insns = insns, .len = len, .gpl = true, .allocations = -1,
		.log_level = 1, .log_size = 1 << 22,
	};
	const char *wrong = world_check(&load);

	if (wrong || load.err) {
		printf("# refused: %d %s\n# %s\n", load.err, wrong ?: "", load.log);
		show();
		abort();
	}
	return load;
}

/* All engines, all from the same start. */
static const char *compare(const struct world_load *load, u64 seed)
{
	const char *wrong = world_compare(load, seed);

	for (variant = 0; !wrong && variant < VARIANTS; variant++)
		wrong = world_compare_with(load, seed, machine_code);
	return wrong;
}

/* ---- random programs ------------------------------------------------------------------ */

static u32 lookups, left;

static bool random_program(void)
{
	struct world_load load;
	const char *wrong = NULL;
	u32 n = 1 + below(LOOKUPS_MAX);

	begin();
	for (u32 i = 0; i < n; i++) {
		if (one_in(5))
			emit_update();
		emit_lookup();
	}
	finish();
	load = load_it();
	if (lookups_called(load.prog) != calls)
		wrong = "another number of lookups is left";
	lookups += n;
	left += calls;
	for (u32 i = 0; i < RUNS && !wrong; i++)
		wrong = compare(&load, below(~0u));
	if (wrong) {
		printf("# %s\n", wrong);
		show();
	}
	world_unload(&load);
	return !wrong;
}

/* ---- what becomes of the plainest ------------------------------------------------------- */

static u64 element_address(u32 fd, u32 index)
{
	u32 stride;
	char *at = world_map(fd)->ops->map_elements(world_map(fd), &stride);

	return (uintptr_t)at + (u64)index * stride;
}

static bool becomes(const struct bpf_insn *want, u32 n)
{
	struct world_load load = load_it();
	bool same = load.prog->len == n && !memcmp(load.prog->insnsi, want, n * sizeof(*want));

	if (!same) {
		memcpy(insns, load.prog->insnsi, load.prog->len * sizeof(*insns));
		len = load.prog->len;
		show();
	}
	for (u32 i = 0; i < RUNS && same; i++)
		same = !compare(&load, i);
	world_unload(&load);
	return same;
}

#define BECOMES(...) becomes((struct bpf_insn[]){ __VA_ARGS__ }, \
			     ARRAY_SIZE(((struct bpf_insn[]){ __VA_ARGS__ })))

static void one_lookup(bool constant, u32 fd, u8 jump)
{
	len = 0;
	if (constant) {
		emit(BPF_ST_MEM(BPF_W, 10, -4, 3));
	} else {
		emit(BPF_LDX_MEM(BPF_W, 7, 1, offsetof(struct __sk_buff, mark)));
		emit(BPF_STX_MEM(BPF_W, 10, 7, -4));
	}
	emit_key_address(-4);
	emit_map(1, fd);
	emit_call(BPF_FUNC_map_lookup_elem);
	emit(BPF_JMP_IMM(jump, 0, 0, jump == BPF_JEQ ? 2 : 1));
	if (jump == BPF_JNE)
		emit(BPF_EXIT_INSN());
	emit(BPF_LDX_MEM(BPF_B, 0, 0, 0));
	emit(BPF_ALU64_IMM(BPF_ADD, 0, 1));
	emit(BPF_EXIT_INSN());
}

static void test_shapes(void)
{
	const u32 mark = offsetof(struct sk_buff, mark);

	one_lookup(false, FD_ARRAY, BPF_JEQ);
	tap_result(BECOMES(BPF_LDX_MEM(BPF_W, 7, 1, mark), BPF_STX_MEM(BPF_W, 10, 7, -4),
			   BPF_LDX_MEM(BPF_W, 1, 10, -4), BPF_MOV64_IMM(0, 0),
			   BPF_JMP32_IMM(BPF_JGE, 1, 4, 6), BPF_ALU64_IMM(BPF_LSH, 1, 3),
			   BPF_LD_IMM64(0, element_address(FD_ARRAY, 0)),
			   BPF_ALU64_REG(BPF_ADD, 0, 1), BPF_LDX_MEM(BPF_B, 0, 0, 0),
			   BPF_ALU64_IMM(BPF_ADD, 0, 1), BPF_EXIT_INSN()),
		   "a lookup and \"if null\" are one comparison, no argument is left");
	one_lookup(false, FD_ARRAY_LONG, BPF_JNE);
	tap_result(BECOMES(BPF_LDX_MEM(BPF_W, 7, 1, mark), BPF_STX_MEM(BPF_W, 10, 7, -4),
			   BPF_LDX_MEM(BPF_W, 1, 10, -4), BPF_MOV64_IMM(0, 0),
			   BPF_JMP32_IMM(BPF_JGE, 1, 5, 5), BPF_ALU64_IMM(BPF_MUL, 1, 24),
			   BPF_LD_IMM64(0, element_address(FD_ARRAY_LONG, 0)),
			   BPF_ALU64_REG(BPF_ADD, 0, 1), BPF_JMP_A(1), BPF_EXIT_INSN(),
			   BPF_LDX_MEM(BPF_B, 0, 0, 0), BPF_ALU64_IMM(BPF_ADD, 0, 1),
			   BPF_EXIT_INSN()),
		   "a lookup and \"if found\": one comparison, one jump");
	one_lookup(true, FD_ARRAY, BPF_JEQ);
	tap_result(BECOMES(BPF_ST_MEM(BPF_W, 10, -4, 3),
			   BPF_LD_IMM64(0, element_address(FD_ARRAY, 3)),
			   BPF_LDX_MEM(BPF_B, 0, 0, 0), BPF_ALU64_IMM(BPF_ADD, 0, 1),
			   BPF_EXIT_INSN()),
		   "one with a constant key is an address");
}

/* Who may not read the kernel's memory keeps the helper, which masks the index. */
static void test_unprivileged(void)
{
	struct world_load load;
	bool good;

	one_lookup(false, FD_ARRAY, BPF_JEQ);
	task_is_perfmon = false;
	load = load_it();
	good = lookups_called(load.prog) == 1 && !world_compare(&load, 3);
	world_unload(&load);
	task_is_perfmon = true;
	tap_result(good, "without CAP_PERFMON a lookup stays a call");
}

/* A jump over all of them must still reach: not all of so many can grow. */
static void test_room(void)
{
	struct world_load load;
	u32 over, n = 0, stay;
	bool good;

	begin();
	emit(BPF_LDX_MEM(BPF_W, 7, 6, offsetof(struct __sk_buff, mark)));
	emit(BPF_STX_MEM(BPF_W, 10, 7, -4));
	over = len;
	emit(BPF_JMP_IMM(BPF_JEQ, 7, 3, 0));
	while (len < LEN_MAX - 100) {
		/* Arguments that something else uses stay: they grow by all they can. */
		emit_key_address(-4);
		emit(BPF_LDX_MEM(BPF_W, 3, 2, 0));
		emit_map(1, FD_ARRAY_LONG);
		emit(BPF_STX_MEM(BPF_DW, 10, 1, -16));
		emit_call(BPF_FUNC_map_lookup_elem);
		emit(BPF_MOV64_REG(8, 0));
		emit(BPF_JMP_IMM(BPF_JEQ, 8, 0, 2));
		take_value(8);
		n++;
	}
	insns[over].off = len - over - 1;
	finish();
	load = load_it();
	stay = lookups_called(load.prog);
	printf("# %u lookups, %u stay calls\n", n, stay);
	good = stay && stay < n;
	for (u32 i = 0; i < RUNS && good; i++)
		good = !world_compare(&load, i);
	world_unload(&load);
	tap_result(good, "no jump becomes too long for them");
}

int main(int argc, char **argv)
{
	u32 programs = argc > 1 ? atoi(argv[1]) : 2000, n;
	bool good = true;

	native_init();
	test_shapes();
	test_unprivileged();
	test_room();
	chance = argc > 2 ? strtoull(argv[2], NULL, 0) * 2 + 1 : 1;
	for (n = 0; n < programs && good; n++)
		good = random_program();
	printf("# %u programs: %u lookups, %u calls are left\n", n, lookups, left);
	tap_result(good && lookups > left && left > programs / 4,
		   "random lookups: reference, interpreter, machine code");
	return tap_status();
}
