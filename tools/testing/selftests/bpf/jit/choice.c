// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machine code or interpreter: what each setting, each user and each way to fail
 * makes of a program, and whether a failure that must not be is heard.
 */
#include "glue.h"
#include "tap.h"

/* ---- the kernel around it ------------------------------------------------------------ */

static bool privileged = true;
static unsigned int warnings, lines, yields;
static char last_line[128];

#define bpf_capable()		privileged
#define MODULES_VADDR		0x10000000ul
#define MODULES_END		0x50000000ul
#define __read_mostly
#define pure_initcall(fn)	__initcall(fn)
#define WARN_ONCE(cond, ...)	({ bool _bad = (cond); warnings += _bad; _bad; })
#define pr_info(...)		(lines++, snprintf(last_line, sizeof(last_line), __VA_ARGS__))
#define hex_dump_to_buffer(bytes, n, row, group, line, size, ascii) \
	snprintf(line, size, "%02x*%u", *(const u8 *)(bytes), (unsigned int)(n))
#undef cond_resched
#define cond_resched()		((void)yields++)

static struct {
	char comm[16];
} me = { "choice" };
#undef current
#define current			(&me)
#define task_pid_nr(task)	((void)(task), 1)

#include "jit.c"

/* ---- what it calls ------------------------------------------------------------------------ */

static u8 code[100];
static struct bpf_jit_image image = { .start = code, .size = sizeof(code), .tail = 6 };
static int compile_error;
static unsigned int compiled, freed, symbols;
static bool blinded;

struct bpf_jit_image *bpf_int_jit_compile(const struct bpf_prog *fp, bool blind)
{
	compiled++;
	blinded = blind;
	return compile_error ? ERR_PTR(compile_error) : &image;
}

void bpf_jit_symbol_add(struct bpf_jit_symbol *symbol, const struct bpf_prog *prog)
{
	symbols++;
}

void bpf_jit_symbol_del(struct bpf_jit_symbol *symbol)
{
	symbols--;
}

void bpf_jit_image_free(struct bpf_jit_image *gone)
{
	freed += gone == &image;
}

static unsigned int left;

void bpf_prog_leave_arrays(const struct bpf_prog *gone)
{
	left++;
	gone->aux->tail_sites = NULL;
}

/* ---- tests -------------------------------------------------------------------------------- */

static struct bpf_prog_aux aux;
static struct bpf_prog prog;

static int select_program(void)
{
	memset(&aux, 0, sizeof(aux));
	memset(&prog, 0, sizeof(prog));
	prog.aux = &aux;
	compiled = 0;
	lines = 0;
	return bpf_jit_select(&prog);
}

static void test_enable(void)
{
	bool good;

	bpf_jit_enable = 0;
#ifdef CONFIG_BPF_JIT_ALWAYS_ON
	tap_result(!select_program() && prog.jited, "without an interpreter 0 means nothing");
#else
	tap_result(!select_program() && !compiled && !prog.jited, "0: none is compiled");
#endif
	bpf_jit_enable = 1;
	good = !select_program() && prog.jited && prog.jited_len == 100 && symbols &&
	       (u8 *)prog.bpf_func == code && prog.tail_func == code + 6 && !lines;
	tap_result(good, "1: machine code, with an entry for tail calls");
	bpf_jit_free(&prog);
	tap_result(freed == 1, "its image is freed with it");
	bpf_jit_enable = 2;
	code[96] = 0x5a;
	yields = 0;
	good = !select_program() && lines == 1 + 7 && yields == 7;
	tap_result(good && !strcmp(last_line, "JIT code: 00000060: 5a*4\n"),
		   "2: and all of it is printed, a line at a time");
	bpf_jit_enable = 1;
}

static void test_blinding(void)
{
	static const bool want[3][2] = { { false, false }, { true, false }, { true, true } };
	bool good = true;

	for (bpf_jit_harden = 0; bpf_jit_harden < 3; bpf_jit_harden++) {
		for (int p = 0; p < 2; p++) {
			privileged = p;
			good &= !select_program() && blinded == want[bpf_jit_harden][p];
		}
	}
	bpf_jit_harden = 0;
	privileged = true;
	tap_result(good, "constants are hidden: nobody's, those of users, everybody's");
}

/* The numbers of two tail calls to known slots, and one that is any other instruction's. */
static void test_tail_sites(void)
{
	static struct bpf_tail_sites { int unused; } sites;
	static struct {
		struct bpf_prog prog;
		struct bpf_insn room[3];
	} calls;
	bool good = true;

	for (int harden = 0; harden < 3; harden += 2) {
		memset(&aux, 0, sizeof(aux));
		memset(&calls, 0, sizeof(calls));
		calls.prog.aux = &aux;
		calls.prog.len = 3;
		aux.tail_sites = (void *)&sites;
		for (int i = 0; i < 3; i++)
			calls.prog.insnsi[i] = (struct bpf_insn){
				.code = i == 1 ? BPF_JMP | BPF_JA : BPF_JMP | BPF_TAIL_CALL,
				.imm = 1 + i,
			};
		left = 0;
		bpf_jit_harden = harden;
		good &= !bpf_jit_select(&calls.prog) && left == !!harden &&
			!aux.tail_sites == !!harden && calls.prog.insnsi[1].imm == 2 &&
			calls.prog.insnsi[0].imm == (harden ? 0 : 1) &&
			calls.prog.insnsi[2].imm == (harden ? 0 : 3);
		bpf_jit_free(&calls.prog);
	}
	bpf_jit_harden = 0;
	tap_result(good, "where constants are hidden tail calls look at the array");
}

static void test_errors(void)
{
	static const struct {
		int err;
		bool loud;
	} errors[] = {
		{ -ENOMEM }, { -EPERM }, { -E2BIG }, { -EFAULT, true }, { -EINVAL, true },
		{ -ERANGE, true },
	};
	const int want = IS_ENABLED(CONFIG_BPF_JIT_ALWAYS_ON) ? -ENOTSUPP : 0;
	bool good = true, heard = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		compile_error = errors[i].err;
		warnings = 0;
		good &= select_program() == want && !prog.jited && !prog.bpf_func && !aux.image;
		heard &= warnings == errors[i].loud;
		bpf_jit_free(&prog);
	}
	compile_error = 0;
	tap_result(good, "no code: the interpreter's program, or none's");
	tap_result(heard, "a JIT that contradicts itself is heard, a full machine is not");
}

int main(void)
{
	tap_result(bpf_jit_limit_max == 0x40000000 && bpf_jit_limit == 0x20000000,
		   "the limit is half of where modules lie");
	test_enable();
	test_blinding();
	test_tail_sites();
	test_errors();
	return tap_status();
}
