// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine that code is made for, where the kernel is a process: the CPU below
 * it. Neither the process nor the host's kernel asks for mitigations, and all of
 * its pages can be written and executed.
 *
 * Takes no lock.
 */
#include <linux/filter.h>
#include <linux/irqflags.h>
#include <linux/string.h>

#include <asm/cpufeature.h>

#include "jit_image.h"
#include "jit_machine.h"

/**
 * x86_jit_machine_describe() - fill in what the machine decides
 * @target: target
 * @fp: program that will run on it
 *
 * Context: any.
 */
void x86_jit_machine_describe(struct jit_target *target, const struct bpf_prog *fp)
{
	target->bmi2 = boot_cpu_has(X86_FEATURE_BMI2);
	target->movbe = boot_cpu_has(X86_FEATURE_MOVBE);
	/* The kernel is compiled with SSE here, for the ABI of a process. */
	target->aligned_calls = true;
}

/**
 * bpf_jit_text_copy() - write code
 * @to: where
 * @from: bytes
 * @size: how many
 *
 * Context: any.
 * Return: true: they are there.
 */
bool bpf_jit_text_copy(void *to, const void *from, size_t size)
{
	memcpy(to, from, size);
	return true;
}

/**
 * bpf_jit_text_fill() - write the same byte everywhere
 * @at: where
 * @byte: byte
 * @size: how often
 *
 * Context: any.
 */
void bpf_jit_text_fill(void *at, u8 byte, size_t size)
{
	memset(at, byte, size);
}

/**
 * bpf_jit_poke_begin() - about to change code that runs
 *
 * Context: any.
 */
void bpf_jit_poke_begin(void)
{
	/* Nothing waits for the end. */
}

/**
 * bpf_jit_poke() - change one jump
 * @at: jump or nop of BPF_JIT_JUMP_BYTES
 * @to: where it is to go, NULL: on
 *
 * There is one CPU, and no program is interrupted by another task: if nothing
 * interrupts the change, none is inside the instruction.
 *
 * Context: any.
 */
void bpf_jit_poke(void *at, const void *to)
{
	unsigned long flags;

	local_irq_save(flags);
	bpf_jit_jump_insn(at, at, to);
	local_irq_restore(flags);
}

/**
 * bpf_jit_poke_end() - all jumps are changed
 *
 * Context: any.
 */
void bpf_jit_poke_end(void)
{
	/* All is done. */
}
