// SPDX-License-Identifier: GPL-2.0-only
/*
 * Program objects: memory, what may become runnable. Every allocation and
 * the write protection can be made to fail; nothing may leak or be freed twice
 * (the sanitizer watches).
 */
#include <stdio.h>

#include "reference.h"
#include "core.c"
#include "tap.h"

int shim_warnings;

void shim_warned(const char *file, int line)
{
}

/* Fail the n-th allocation from now; 0: none. */
static int fail_allocation;
static int protect_error, protected_pages, live, reset_marks;
static const void *protected_image;
static struct work_struct *queued;

static void *allocate(size_t size)
{
	if (fail_allocation && !--fail_allocation)
		return NULL;
	live++;
	return calloc(1, size);
}

void *kzalloc(size_t size, gfp_t gfp)
{
	return allocate(size);
}

void *__vmalloc(unsigned long size, gfp_t gfp)
{
	if (size % PAGE_SIZE || !(gfp & GFP_KERNEL_ACCOUNT))
		abort();
	return allocate(size);
}

void kfree(const void *p)
{
	live -= !!p;
	free((void *)p);
}

void vfree(const void *p)
{
	kfree(p);
}

void set_vm_flush_reset_perms(void *p)
{
	reset_marks++;
}

int set_memory_ro(unsigned long addr, int numpages)
{
	protected_image = (const void *)addr;
	protected_pages = numpages;
	return protect_error;
}

bool schedule_work(struct work_struct *work)
{
	queued = work;
	return true;
}

static unsigned int entry_of_depth(const void *ctx, const struct bpf_insn *insn)
{
	return 0;
}

static u32 selected_depth;
static bool selected_calls;

bpf_func_t bpf_interp_select(u32 stack_depth, bool calls)
{
	selected_depth = stack_depth;
	selected_calls = calls;
	return entry_of_depth;
}

static struct bpf_prog *program(const struct bpf_insn *insns, u32 len)
{
	struct bpf_prog *fp = bpf_prog_alloc(bpf_prog_size(len), 0);

	memcpy(fp->insnsi, insns, len * sizeof(*insns));
	fp->len = len;
	return fp;
}

static int select_error(const struct bpf_insn *insns, u32 len, u32 depth)
{
	struct bpf_prog *fp = program(insns, len);
	int err = 12345;

	fp->aux->stack_depth = depth;
	if (bpf_prog_select_runtime(fp, &err) != fp)
		abort();
	if (err && fp->bpf_func)
		abort();
	__bpf_prog_free(fp);
	return err;
}

static void test_memory(void)
{
	struct bpf_prog *fp = bpf_prog_alloc(bpf_prog_size(1), 0), *grown;
	bool good;

	tap_result(fp && fp->pages == 1 && fp->aux->prog == fp &&
		   fp->aux->refcnt.refs == 1, "a new program is whole");
	fp->len = 1;
	fp->insnsi[0] = (struct bpf_insn)BPF_EXIT_INSN();
	grown = bpf_prog_realloc(fp, PAGE_SIZE, 0);
	tap_result(grown == fp, "what fits its pages stays");
	fail_allocation = 1;
	grown = bpf_prog_realloc(fp, PAGE_SIZE + 1, 0);
	tap_result(!grown && fp->pages == 1 && fp->aux->prog == fp,
		   "failed growth leaves the program intact");
	fp = bpf_prog_realloc(fp, PAGE_SIZE + 1, 0);
	good = fp && fp->pages == 2 && fp->aux->prog == fp && fp->len == 1 &&
	       fp->insnsi[0].code == (BPF_JMP | BPF_EXIT);
	tap_result(good, "growth keeps content and way back");
	fp->locked = 1;
	tap_result(!bpf_prog_realloc(fp, 5 * PAGE_SIZE, 0) && shim_warnings == 1,
		   "a runnable program cannot grow");
	bpf_prog_free(fp);
	good = live == 2;
	queued->func(queued);
	tap_result(good && !live, "free is deferred, then complete");
}

static void test_allocation_failures(void)
{
	bool good = true;
	int n;

	for (n = 1; n <= 2; n++) {
		fail_allocation = n;
		good &= !bpf_prog_alloc(bpf_prog_size(1), 0) && !live;
	}
	fail_allocation = 0;
	good &= !bpf_prog_alloc(0xffff * PAGE_SIZE + 1, 0) && !live;
	tap_result(good, "failed allocations leave nothing");
}

static void test_select(void)
{
	static const struct bpf_insn plain[] = { BPF_EXIT_INSN() };
	static const struct bpf_insn tail[] = {
		BPF_RAW_INSN(BPF_JMP | BPF_TAIL_CALL, 0, 0, 0, 0),
		BPF_EXIT_INSN(),
	};
	struct bpf_prog *fp = program(plain, 1);
	int err = 1, marks = reset_marks;

	fp->aux->stack_depth = 72;
	fp = bpf_prog_select_runtime(fp, &err);
	tap_result(!err && fp->bpf_func == entry_of_depth && selected_depth == 72,
		   "entry for the stack the program needs");
	tap_result(protected_image == fp && protected_pages == fp->pages &&
		   reset_marks == marks + 1 && fp->locked, "image is protected");
	__bpf_prog_free(fp);
	tap_result(!select_error(tail, 2, 8) && selected_depth == MAX_BPF_STACK && selected_calls,
		   "tail calls take the whole stack, and room for calls");
	tap_result(!select_error(plain, 1, 8) && !selected_calls, "others take no such room");
	tap_result(!select_error(plain, 1, MAX_BPF_STACK) &&
		   select_error(plain, 1, MAX_BPF_STACK + 1) == -EINVAL,
		   "stack beyond the limit is refused");

	fp = program(plain, 1);
	protect_error = -ENOMEM;
	bpf_prog_select_runtime(fp, &err);
	protect_error = 0;
	tap_result(err == -ENOMEM, "failed protection is reported");
	__bpf_prog_free(fp);
}

/* Functions start at 0, 3 and 5; a call of the instruction at @to comes first. */
static int select_call(s32 to, u32 funcs, bool tail)
{
	const struct bpf_insn insns[] = {
		BPF_CALL_REL((s32)(to - 1U)), BPF_RAW_INSN(BPF_JMP | (tail ? BPF_TAIL_CALL : BPF_JA), 0, 0, 0, 0),
		BPF_EXIT_INSN(), BPF_MOV64_IMM(0, 0), BPF_EXIT_INSN(), BPF_MOV64_IMM(0, 0), BPF_EXIT_INSN(),
	};
	static const u32 starts[] = { 0, 3, 5 };
	struct bpf_prog *fp = program(insns, ARRAY_SIZE(insns));
	int err = 12345;
	u32 i;

	fp->aux->stack_depth = 72;
	fp->aux->nfuncs = funcs;
	if (funcs)
		fp->aux->funcs = allocate(sizeof(starts) * sizeof(*fp->aux->funcs));
	for (i = 0; i < funcs; i++)
		fp->aux->funcs[i].start = starts[i];
	selected_calls = false;
	bpf_prog_select_runtime(fp, &err);
	if (!err != (fp->bpf_func == entry_of_depth))
		abort();
	__bpf_prog_free(fp);
	return err;
}

static void test_select_functions(void)
{
	bool good = true;
	s32 to;

	for (to = -2; to < 9; to++)
		good &= select_call(to, 3, false) == (to == 0 || to == 3 || to == 5 ? 0 : -EINVAL);
	good &= select_call(S32_MIN + 1, 3, false) == -EINVAL && select_call(5, 2, false) == -EINVAL;
	tap_result(good, "a call that is not of a function is refused");
	tap_result(!select_call(3, 3, false) && selected_depth == 72 && selected_calls,
		   "functions take the stack they need, and room for calls");
	tap_result(select_call(3, 3, true) == -EINVAL && select_call(3, 0, false) == -EINVAL,
		   "functions and tail calls are not interpreted together");
}

/* An instruction of this opcode whose other fields are valid if any are. */
static struct bpf_insn plain(u8 code)
{
	struct bpf_insn insn = { .code = code };

	if (BPF_OP(code) == BPF_END)
		insn.imm = 32;
	if (BPF_CLASS(code) == BPF_STX)
		insn.imm = BPF_ADD;
	return insn;
}

static void test_opcodes(void)
{
	static const u8 internal[] = { BPF_JMP | BPF_TAIL_CALL, BPF_ST | BPF_NOSPEC };
	bool known = true, runnable = true;
	int code;

	for (code = 0; code < 256; code++) {
		const struct bpf_insn insns[] = {
			plain(code),
			{ .code = code == 0x18 ? 0 : BPF_JMP | BPF_EXIT },
			BPF_EXIT_INSN(),
		};
		bool lowered = memchr(internal, code, sizeof(internal));
		bool defined = ref_defines(&insns[0]);
		int want = defined || lowered ? 0 : -EINVAL;

		known &= bpf_insn_is_known(code) == defined;
		runnable &= select_error(insns, 3, 0) == want;
	}
	tap_result(known, "known opcodes are those of the RFC");
	tap_result(runnable, "of 256 opcodes only those with a handler may run");
}

/* Offsets that select nothing are the verifier's business. */
static bool variants_as_reference(void)
{
	static const u8 ops[] = { BPF_DIV, BPF_MOD, BPF_MOV, BPF_END };
	unsigned int op, form;
	bool good = true;
	int n;

	for (op = 0; op < ARRAY_SIZE(ops); op++)
		for (form = 0; form < 4; form++)
			for (n = -2; n < 70; n++) {
				u8 code = ops[op] | (form & 1 ? BPF_X : BPF_K) |
					  (form & 2 ? BPF_ALU64 : BPF_ALU);
				struct bpf_insn insns[] = {
					{ .code = code },
					BPF_EXIT_INSN(),
				};

				if (ops[op] == BPF_END)
					insns[0].imm = n;
				else
					insns[0].off = n;
				good &= !select_error(insns, 2, 0) ==
					ref_defines(&insns[0]);
			}
	return good;
}

static void test_refusals(void)
{
	struct bpf_insn atomic[] = {
		BPF_ATOMIC_OP(BPF_DW, 0, BPF_REG_FP, BPF_REG_1, -8),
		BPF_EXIT_INSN(),
	};
	struct bpf_insn mov[] = { BPF_MOV64_REG(0, 0), BPF_EXIT_INSN() };
	struct bpf_insn call[] = { BPF_CALL_REL(0), BPF_EXIT_INSN() };
	struct bpf_insn wide[] = { BPF_LD_IMM64(BPF_REG_0, 1) };
	struct bpf_insn hidden[] = {
		BPF_LD_IMM64(BPF_REG_0, 1), BPF_RAW_INSN(0xff, 0, 0, 0, 0),
	};
	bool good = true;
	int op;

	for (op = -1; op < 0x200; op++) {
		atomic[0].imm = op;
		good &= !select_error(atomic, 2, 8) == ref_defines(&atomic[0]);
	}
	tap_result(good, "atomic operations are those of the RFC");
	tap_result(variants_as_reference(), "signed variants and widths likewise");
	good = true;
	for (op = 0; op < 16; op++) {
		mov[0].src_reg = 15 - op;
		mov[0].dst_reg = op;
		good &= !select_error(mov, 2, 0) == (op >= 4 && op < 12);
	}
	tap_result(good, "registers that do not exist");
	tap_result(select_error(call, 2, 0) == -EINVAL, "unresolved call");
	tap_result(select_error(wide, 1, 0) == -EINVAL, "half a wide instruction");
	tap_result(select_error(hidden, 3, 0) == -EINVAL, "last one is looked at");
}

int main(void)
{
	test_memory();
	test_allocation_failures();
	test_select();
	test_select_functions();
	test_opcodes();
	test_refusals();
	tap_result(!live, "nothing leaked");
	return tap_status();
}
