// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs as the kernel holds and runs them: what only code inside the kernel
 * can see. Which instructions compute what is tested in user space against a
 * reference; here the interpreter is the one the kernel's own flags made.
 *
 * A suite owns all it makes and frees it in the same test.
 */
#include <kunit/test.h>
#include <linux/bpf.h>
#include <linux/console.h>
#include <linux/filter.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/* A program in memory, its runtime not selected. */
static struct bpf_prog *make_image(struct kunit *test,
				   const struct bpf_insn *insns, u32 len)
{
	struct bpf_prog *prog = bpf_prog_alloc(bpf_prog_size(len), 0);

	KUNIT_ASSERT_NOT_NULL(test, prog);
	prog->len = len;
	prog->aux->stack_depth = MAX_BPF_STACK;
	memcpy(prog->insnsi, insns, len * sizeof(*insns));
	return prog;
}

static int select_runtime(struct bpf_prog **prog)
{
	int err;

	*prog = bpf_prog_select_runtime(*prog, &err);
	return err;
}

static u32 run_insns(struct kunit *test, const struct bpf_insn *insns, u32 len,
		     const void *ctx)
{
	struct bpf_prog *prog = make_image(test, insns, len);
	u32 ret;

	KUNIT_ASSERT_EQ(test, select_runtime(&prog), 0);
	ret = bpf_prog_run_pin_on_cpu(prog, ctx);
	bpf_prog_free(prog);
	return ret;
}

#define RUN(test, ctx, ...)						\
({									\
	const struct bpf_insn __insns[] = { __VA_ARGS__ };		\
									\
	run_insns(test, __insns, ARRAY_SIZE(__insns), ctx);		\
})

static int select_insns(struct kunit *test, const struct bpf_insn *insns, u32 len)
{
	struct bpf_prog *prog = make_image(test, insns, len);
	int err = select_runtime(&prog);

	bpf_prog_free(prog);
	return err;
}

#define SELECT(test, ...)						\
({									\
	const struct bpf_insn __insns[] = { __VA_ARGS__ };		\
									\
	select_insns(test, __insns, ARRAY_SIZE(__insns));		\
})

static void runs_each_class(struct kunit *test)
{
	u64 words[2] = { 0x1122334455667788, 40 };

	KUNIT_EXPECT_EQ(test, 42, RUN(test, words,
				      BPF_LDX_MEM(BPF_DW, BPF_REG_0, BPF_REG_1, 8),
				      BPF_ALU64_IMM(BPF_ADD, BPF_REG_0, 2),
				      BPF_EXIT_INSN()));
	KUNIT_EXPECT_EQ(test, 0xffffff88, RUN(test, words,
					      BPF_LDX_MEMSX(BPF_B, BPF_REG_0, BPF_REG_1, 0),
					      BPF_EXIT_INSN()));
	KUNIT_EXPECT_EQ(test, 7, RUN(test, NULL,
				     BPF_MOV64_IMM(BPF_REG_0, 7),
				     BPF_JMP_IMM(BPF_JEQ, BPF_REG_0, 7, 1),
				     BPF_MOV64_IMM(BPF_REG_0, 1),
				     BPF_EXIT_INSN()));
	KUNIT_EXPECT_EQ(test, 0x89abcdef, RUN(test, NULL,
					      BPF_LD_IMM64(BPF_REG_0, 0x0123456789abcdef),
					      BPF_EXIT_INSN()));
	KUNIT_EXPECT_EQ(test, 5, RUN(test, words,
				     BPF_MOV64_IMM(BPF_REG_0, 5),
				     BPF_ATOMIC_OP(BPF_DW, BPF_ADD, BPF_REG_1, BPF_REG_0, 8),
				     BPF_EXIT_INSN()));
	KUNIT_EXPECT_EQ(test, words[1], 45);
}

/* Division by zero is defined (RFC 9669, section 4.1), never a trap. */
static void divides_by_zero(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, RUN(test, NULL,
				     BPF_MOV64_IMM(BPF_REG_0, 9),
				     BPF_MOV64_IMM(BPF_REG_1, 0),
				     BPF_ALU64_REG(BPF_DIV, BPF_REG_0, BPF_REG_1),
				     BPF_EXIT_INSN()));
	KUNIT_EXPECT_EQ(test, 9, RUN(test, NULL,
				     BPF_MOV64_IMM(BPF_REG_0, 9),
				     BPF_MOV64_IMM(BPF_REG_1, 0),
				     BPF_ALU64_REG(BPF_MOD, BPF_REG_0, BPF_REG_1),
				     BPF_EXIT_INSN()));
}

/* What has no handler must not become runnable, whoever made it. */
static void refuses_what_cannot_run(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, -EINVAL, SELECT(test,
					      BPF_RAW_INSN(0xff, 0, 0, 0, 0),
					      BPF_EXIT_INSN()));
	KUNIT_EXPECT_EQ(test, -EINVAL, SELECT(test,
					      BPF_EXIT_INSN(),
					      BPF_RAW_INSN(BPF_LD | BPF_IMM | BPF_DW,
							   0, 0, 0, 0)));
	KUNIT_EXPECT_EQ(test, -EINVAL, SELECT(test,
					      BPF_ATOMIC_OP(BPF_DW, BPF_SUB, BPF_REG_1,
							    BPF_REG_0, 0),
					      BPF_EXIT_INSN()));
	KUNIT_EXPECT_EQ(test, -EINVAL, SELECT(test,
					      BPF_RAW_INSN(BPF_ALU64 | BPF_MOV | BPF_X,
							   15, 0, 0, 0),
					      BPF_EXIT_INSN()));
	KUNIT_EXPECT_EQ(test, 0, SELECT(test,
					BPF_MOV64_IMM(BPF_REG_0, 0),
					BPF_EXIT_INSN()));
}

/* A write through a stray pointer faults; copy_to_kernel_nofault() survives it. */
static void image_is_read_only(struct kunit *test)
{
	const struct bpf_insn exit = BPF_EXIT_INSN();
	struct bpf_prog *prog = make_image(test, &exit, 1);
	u32 len = 1;

	KUNIT_EXPECT_EQ(test, 0, copy_to_kernel_nofault(&prog->len, &len, sizeof(len)));
	KUNIT_ASSERT_EQ(test, select_runtime(&prog), 0);
	if (IS_ENABLED(CONFIG_ARCH_HAS_SET_MEMORY)) {
		KUNIT_EXPECT_EQ(test, -EFAULT,
				copy_to_kernel_nofault(&prog->len, &len, sizeof(len)));
		KUNIT_EXPECT_EQ(test, -EFAULT,
				copy_to_kernel_nofault(prog->insnsi, &exit, sizeof(exit)));
	}
	bpf_prog_free(prog);
	if (!IS_ENABLED(CONFIG_ARCH_HAS_SET_MEMORY))
		kunit_skip(test, "this architecture does not protect kernel pages");
}

static void growing_keeps_the_program(struct kunit *test)
{
	const struct bpf_insn exit = BPF_EXIT_INSN();
	struct bpf_prog *prog = make_image(test, &exit, 1);
	struct bpf_prog_aux *aux = prog->aux;
	u32 many = 2 * PAGE_SIZE / sizeof(exit);

	prog = bpf_prog_realloc(prog, bpf_prog_size(many), 0);
	KUNIT_ASSERT_NOT_NULL(test, prog);
	KUNIT_EXPECT_PTR_EQ(test, prog->aux, aux);
	KUNIT_EXPECT_PTR_EQ(test, prog->aux->prog, prog);
	KUNIT_EXPECT_EQ(test, prog->len, 1);
	KUNIT_EXPECT_EQ(test, 0, memcmp(prog->insnsi, &exit, sizeof(exit)));
	bpf_prog_free(prog);
}

/* ---- tail calls -------------------------------------------------------------- */

/* An array of programs with one slot filled, made by hand. */
static struct bpf_array *make_slots(struct kunit *test, u32 slots)
{
	struct bpf_array *array;

	array = kunit_kzalloc(test, struct_size(array, ptrs, slots), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, array);
	array->map.max_entries = slots;
	return array;
}

/* Adds one to the counter in the context, then calls slot @index; returns 1. */
static struct bpf_prog *make_caller(struct kunit *test, struct bpf_array *array,
				    s32 index)
{
	const struct bpf_insn insns[] = {
		BPF_MOV64_IMM(BPF_REG_0, 1),
		BPF_ATOMIC_OP(BPF_DW, BPF_ADD, BPF_REG_1, BPF_REG_0, 0),
		BPF_LD_IMM64(BPF_REG_2, (unsigned long)array),
		BPF_MOV64_IMM(BPF_REG_3, index),
		BPF_RAW_INSN(BPF_JMP | BPF_TAIL_CALL, 0, 0, 0, 0),
		BPF_MOV64_IMM(BPF_REG_0, 1),
		BPF_EXIT_INSN(),
	};
	struct bpf_prog *prog = make_image(test, insns, ARRAY_SIZE(insns));

	KUNIT_ASSERT_EQ(test, select_runtime(&prog), 0);
	return prog;
}

static void tail_calls_end(struct kunit *test)
{
	struct bpf_array *array = make_slots(test, 2);
	struct bpf_prog *self = make_caller(test, array, 1);
	u64 entered = 0;

	array->ptrs[1] = self;
	KUNIT_EXPECT_EQ(test, 1, bpf_prog_run_pin_on_cpu(self, &entered));
	KUNIT_EXPECT_EQ(test, entered, 1 + MAX_TAIL_CALL_CNT);

	/* Every outermost run counts anew. */
	entered = 0;
	bpf_prog_run_pin_on_cpu(self, &entered);
	KUNIT_EXPECT_EQ(test, entered, 1 + MAX_TAIL_CALL_CNT);
	bpf_prog_free(self);
}

static void tail_call_to_nothing_goes_on(struct kunit *test)
{
	static const s32 nowhere[] = { 0, 2, 3, -1 };
	struct bpf_array *array = make_slots(test, 2);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		struct bpf_prog *prog = make_caller(test, array, nowhere[i]);
		u64 entered = 0;

		array->ptrs[1] = prog;
		KUNIT_EXPECT_EQ(test, 1, bpf_prog_run_pin_on_cpu(prog, &entered));
		KUNIT_EXPECT_EQ(test, entered, 1);
		bpf_prog_free(prog);
	}
}

/* ---- tags -------------------------------------------------------------------- */

static void tag_ignores_descriptors(struct kunit *test)
{
	const struct bpf_insn three[] = { BPF_LD_MAP_FD(BPF_REG_1, 3), BPF_EXIT_INSN() };
	const struct bpf_insn four[] = { BPF_LD_MAP_FD(BPF_REG_1, 4), BPF_EXIT_INSN() };
	const struct bpf_insn number[] = { BPF_LD_IMM64(BPF_REG_1, 3), BPF_EXIT_INSN() };
	struct bpf_prog *a = make_image(test, three, ARRAY_SIZE(three));
	struct bpf_prog *b = make_image(test, four, ARRAY_SIZE(four));
	struct bpf_prog *c = make_image(test, number, ARRAY_SIZE(number));

	bpf_prog_calc_tag(a);
	bpf_prog_calc_tag(b);
	bpf_prog_calc_tag(c);
	KUNIT_EXPECT_EQ(test, 0, memcmp(a->tag, b->tag, sizeof(a->tag)));
	KUNIT_EXPECT_NE(test, 0, memcmp(a->tag, c->tag, sizeof(a->tag)));
	bpf_prog_free(a);
	bpf_prog_free(b);
	bpf_prog_free(c);
}

/*
 * What waits to be printed still is at the level of before. A line of KUnit's is
 * complete when the next one begins, so there is one.
 */
static void change_console_level(int level)
{
	pr_info("# messages at level %d\n", level);
	console_lock();
	console_unlock();
	console_loglevel = level;
}

/*
 * More references than the counter holds: it stays at the top, and the object for
 * ever, instead of passing 0 and being freed under its users. The kernel says so
 * once, with a trace; that is what was asked for, and nobody needs to read it.
 */
static void too_many_references(struct kunit *test)
{
	const struct bpf_insn insns[] = { BPF_MOV64_IMM(BPF_REG_0, 1), BPF_EXIT_INSN() };
	struct bpf_prog *prog = make_image(test, insns, ARRAY_SIZE(insns));
	struct bpf_map *map = kunit_kzalloc(test, sizeof(*map), GFP_KERNEL);
	int level = console_loglevel;

	KUNIT_ASSERT_NOT_NULL(test, map);
	refcount_set(&map->refcnt, INT_MAX - 1);
	bpf_map_inc(map);
	KUNIT_EXPECT_EQ(test, refcount_read(&map->refcnt), INT_MAX);

	change_console_level(CONSOLE_LOGLEVEL_SILENT);
	bpf_map_inc(map);
	bpf_map_inc(map);
	bpf_prog_add(prog, INT_MAX);
	bpf_prog_inc(prog);
	change_console_level(level);

	KUNIT_EXPECT_EQ(test, (int)refcount_read(&map->refcnt), REFCOUNT_SATURATED);
	KUNIT_EXPECT_EQ(test, (int)refcount_read(&prog->aux->refcnt), REFCOUNT_SATURATED);
	refcount_set(&prog->aux->refcnt, 1);
	bpf_prog_free(prog);
}

static struct kunit_case prog_cases[] = {
	KUNIT_CASE(runs_each_class),
	KUNIT_CASE(divides_by_zero),
	KUNIT_CASE(refuses_what_cannot_run),
	KUNIT_CASE(image_is_read_only),
	KUNIT_CASE(growing_keeps_the_program),
	KUNIT_CASE(tail_calls_end),
	KUNIT_CASE(tail_call_to_nothing_goes_on),
	KUNIT_CASE(tag_ignores_descriptors),
	KUNIT_CASE(too_many_references),
	{}
};

static struct kunit_suite prog_suite = {
	.name = "bpf_prog",
	.test_cases = prog_cases,
};

kunit_test_suite(prog_suite);
