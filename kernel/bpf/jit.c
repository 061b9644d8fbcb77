// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machine code or interpreter: the sysctls of the JIT, and the choice for each
 * program.
 *
 * A program for which there is no machine code (no memory, limit reached,
 * protection refused) is run by the interpreter, and nothing of the attempt is
 * left. With CONFIG_BPF_JIT_ALWAYS_ON there is no interpreter and the program
 * cannot be loaded. Any other reason, an instruction that has no code or a JIT that
 * contradicts itself, is a bug: the program is still run, but not in silence.
 *
 * Takes no lock: the sysctls are read once for each program, the program has one
 * owner until the choice is made.
 */
#include <linux/bpf.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/init.h>
#include <linux/minmax.h>
#include <linux/moduleloader.h>
#include <linux/printk.h>
#include <linux/sched.h>

#include "jit_core.h"
#include "jit_image.h"
#include "prog_array.h"

/* net.core.bpf_jit_enable: 0 never, 1 always, 2 and print the code. */
#define ENABLE_PRINT	2

/* net.core.bpf_jit_harden: whose constants are hidden. */
#define HARDEN_NOBODY		0
#define HARDEN_UNPRIVILEGED	1

int bpf_jit_enable __read_mostly = IS_ENABLED(CONFIG_BPF_JIT_DEFAULT_ON);
int bpf_jit_kallsyms __read_mostly = IS_ENABLED(CONFIG_BPF_JIT_DEFAULT_ON);
int bpf_jit_harden __read_mostly;
long bpf_jit_limit __read_mostly;
long bpf_jit_limit_max __read_mostly;

/* Images share an area with modules, and leave half of it to them. */
static int __init limit_init(void)
{
	bpf_jit_limit_max = MODULES_END - MODULES_VADDR;
	bpf_jit_limit = bpf_jit_limit_max / 2;
	return 0;
}
pure_initcall(limit_init);

static bool wants_blinding(void)
{
	int harden = READ_ONCE(bpf_jit_harden);

	if (harden == HARDEN_NOBODY)
		return false;
	return harden != HARDEN_UNPRIVILEGED || !bpf_capable();
}

#define DUMP_LINE	16

/* In the form that tools which disassemble it look for in the log. */
static void print_code(const struct bpf_prog *fp)
{
	const struct bpf_jit_image *image = fp->aux->image;
	char line[3 * DUMP_LINE + 1];
	u32 at;

	pr_info("flen=%u proglen=%u pass=%u image=%pK from=%s pid=%d\n", fp->len, image->size, 2,
		image->start, current->comm, task_pid_nr(current));
	for (at = 0; at < image->size; at += DUMP_LINE) {
		hex_dump_to_buffer(image->start + at, min_t(u32, image->size - at, DUMP_LINE),
				   DUMP_LINE, 1, line, sizeof(line), false);
		pr_info("JIT code: %.8x: %s\n", at, line);
		cond_resched();
	}
}

/* From bytes to something that runs: cannot fail. */
static void install(struct bpf_prog *fp, struct bpf_jit_image *image)
{
	struct bpf_jit_symbol *symbol = &image->symbol;

	symbol->start = (unsigned long)image->start;
	symbol->end = symbol->start + image->size;
	bpf_jit_symbol_add(symbol, fp);

	fp->aux->image = image;
	fp->aux->ksym.name = symbol->name;
	fp->bpf_func = (bpf_func_t)image->start;
	fp->tail_func = image->start + image->tail;
	fp->jited_len = image->size;
	fp->jited = 1;
}

/* These are matters of the machine. Under UML helpers may be out of reach. */
static bool is_expected(int err)
{
	return err == -ENOMEM || err == -EPERM || err == -E2BIG ||
	       (IS_ENABLED(CONFIG_UML) && err == -ERANGE);
}

/*
 * A direct jump to another program is a number that an author may choose, by what is
 * loaded between the two. Where numbers are hidden tail calls look at the array.
 */
static void forget_tail_sites(struct bpf_prog *fp)
{
	u32 i;

	if (!fp->aux->tail_sites)
		return;
	for (i = 0; i < fp->len; i++)
		if (fp->insnsi[i].code == (BPF_JMP | BPF_TAIL_CALL))
			fp->insnsi[i].imm = 0;
	bpf_prog_leave_arrays(fp);
}

/**
 * bpf_jit_select() - give a program machine code, if it shall have some
 * @fp: lowered program, still writable; its identity is known
 *
 * Context: process context, may sleep; current is who loads the program.
 * Return: 0: it has some if fp->jited, otherwise the interpreter is to run it;
 * -ENOTSUPP if there must be some and there is none.
 */
int bpf_jit_select(struct bpf_prog *fp)
{
	int enable = READ_ONCE(bpf_jit_enable);
	bool blind = wants_blinding();
	struct bpf_jit_image *image;

	if (!bpf_jit_wanted())
		return 0;
	if (blind)
		forget_tail_sites(fp);
	image = bpf_int_jit_compile(fp, blind);
	if (IS_ERR(image)) {
		WARN_ONCE(!is_expected(PTR_ERR(image)), "no machine code for a program: %ld\n",
			  PTR_ERR(image));
		return IS_ENABLED(CONFIG_BPF_JIT_ALWAYS_ON) ? -ENOTSUPP : 0;
	}

	install(fp, image);
	if (enable == ENABLE_PRINT)
		print_code(fp);
	return 0;
}

/**
 * bpf_jit_free() - take the machine code of a program away
 * @fp: program no run can reach any more, or none ever could
 *
 * Context: process context, may sleep.
 */
void bpf_jit_free(struct bpf_prog *fp)
{
	struct bpf_jit_image *image = fp->aux->image;

	if (!image)
		return;
	bpf_jit_symbol_del(&image->symbol);
	bpf_jit_image_free(image);
}
