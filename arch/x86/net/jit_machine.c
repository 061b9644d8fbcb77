// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine that code is made for: its CPU, and the mitigations that the kernel
 * chose for its own code, as it chose them; and how code gets into memory that
 * nobody may write.
 *
 * Locking: text_mutex, while code that runs is changed.
 */
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/memory.h>
#include <linux/mutex.h>
#include <linux/user_namespace.h>

#include <asm/alternative.h>
#include <asm/cpufeature.h>
#include <asm/extable.h>
#include <asm/nospec-branch.h>
#include <asm/text-patching.h>

#include "jit_image.h"
#include "jit_machine.h"

#define NR_R11	11

/* Where indirect jumps must go through, 0 if they may be made as they are. */
static u64 jump_thunk(void)
{
#ifdef CONFIG_MITIGATION_ITS
	if (cpu_feature_enabled(X86_FEATURE_INDIRECT_THUNK_ITS))
		return (unsigned long)its_static_thunk(NR_R11);
#endif
#ifdef CONFIG_RETPOLINE
	if (cpu_feature_enabled(X86_FEATURE_RETPOLINE))
		return (unsigned long)&__x86_indirect_thunk_array[NR_R11];
#endif
	return 0;
}

static u64 return_thunk(void)
{
	return cpu_feature_enabled(X86_FEATURE_RETHUNK) ? (unsigned long)x86_return_thunk : 0;
}

/* May they read all memory anyway? */
static bool is_trusted(void)
{
	return ns_capable_noaudit(&init_user_ns, CAP_SYS_ADMIN);
}

/**
 * x86_jit_machine_describe() - fill in what the machine decides
 * @target: target
 * @fp: program that will run on it
 *
 * Context: process context; current is who loads the program.
 */
void x86_jit_machine_describe(struct jit_target *target, const struct bpf_prog *fp)
{
	target->bmi2 = boot_cpu_has(X86_FEATURE_BMI2);
	target->movbe = boot_cpu_has(X86_FEATURE_MOVBE);
	target->ibt = cpu_feature_enabled(X86_FEATURE_IBT);
	target->sls = IS_ENABLED(CONFIG_SLS);
	target->return_thunk = return_thunk();
	target->jump_thunk = jump_thunk();
	if (is_trusted())
		return;
	target->mask = true;
	/* Classic code may be any user's, who can shape the history of branches. */
	if (!fp->was_classic)
		return;
	if (cpu_feature_enabled(X86_FEATURE_CLEAR_BHB_LOOP))
		target->clear_history = (unsigned long)clear_bhb_loop;
	target->fence_history = cpu_feature_enabled(X86_FEATURE_CLEAR_BHB_HW);
}

/**
 * bpf_jit_text_copy() - write code
 * @to: where, in protected pages
 * @from: bytes
 * @size: how many
 *
 * Context: process context, may sleep.
 * Return: true if they are there.
 */
bool bpf_jit_text_copy(void *to, const void *from, size_t size)
{
	return text_poke_copy(to, from, size);
}

/**
 * bpf_jit_text_fill() - write the same byte everywhere
 * @at: where, in protected pages
 * @byte: byte
 * @size: how often
 *
 * Context: process context, may sleep.
 */
void bpf_jit_text_fill(void *at, u8 byte, size_t size)
{
	text_poke_set(at, byte, size);
}

/**
 * bpf_jit_poke_begin() - about to change code that runs
 *
 * Context: process context, may sleep; until bpf_jit_poke_end() text_mutex is held.
 */
void bpf_jit_poke_begin(void)
{
	mutex_lock(&text_mutex);
}

/**
 * bpf_jit_poke() - change one jump, now or later
 * @at: jump or nop of BPF_JIT_JUMP_BYTES
 * @to: where it is to go, NULL: on
 *
 * Jumps in the order of their addresses are changed many at a time.
 *
 * Context: between bpf_jit_poke_begin() and bpf_jit_poke_end().
 */
void bpf_jit_poke(void *at, const void *to)
{
	u8 insn[BPF_JIT_JUMP_BYTES];

	bpf_jit_jump_insn(insn, at, to);
	text_poke_queue(at, insn, sizeof(insn), NULL);
}

/**
 * bpf_jit_poke_end() - all jumps are changed, and no CPU has an old one any more
 *
 * Context: process context, may sleep.
 */
void bpf_jit_poke_end(void)
{
	text_poke_finish();
	mutex_unlock(&text_mutex);
}

/**
 * ex_handler_bpf() - go on after a fault in a program
 * @x: entry of an exception table
 * @regs: at the fault
 *
 * Programs bring no such entries, see search_bpf_extables().
 *
 * Context: exception.
 * Return: false: not handled.
 */
bool ex_handler_bpf(const struct exception_table_entry *x, struct pt_regs *regs)
{
	return false;
}
