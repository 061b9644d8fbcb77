// SPDX-License-Identifier: GPL-2.0-only
/*
 * The x86-64 JIT in the kernel: from a program to bytes in executable memory.
 *
 * Decides nothing about code: jit.h does that, for the target that jit_machine.h
 * describes.
 *
 * Takes no lock. Must never leave an image behind that holds anything but the
 * whole code of its program.
 */
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/random.h>

#include <asm/nops.h>
#include <asm/text-patching.h>

#include "jit.h"
#include "jit_encode.h"
#include "jit_image.h"
#include "jit_machine.h"
#include "tail_sites.h"

/* Packet loads that the fast path cannot do; it takes value or error in RAX. */
static s64 packet_load(const struct sk_buff *skb, int off, unsigned int bytes)
{
	u32 val;
	int err = bpf_skb_load(skb, off, bytes, &val);

	/* Not one expression: its type would be unsigned. */
	if (err)
		return err;
	return val;
}

static struct jit_target target_of(const struct bpf_prog *fp, bool blind)
{
	struct jit_target target = {
		.blind = blind,
		.call_base = (unsigned long)__bpf_call_base,
		.packet_load = (unsigned long)packet_load,
	};

	if (blind)
		target.seed = get_random_u64();
	x86_jit_machine_describe(&target, fp);
	return target;
}

/* Code is made for the address of the image, elsewhere, and put there at once. */
static int fill_image(struct bpf_jit_image *image, struct jit *jit)
{
	void *bytes = kvmalloc(image->size, GFP_KERNEL | __GFP_NOWARN);
	int err;

	if (!bytes)
		return -ENOMEM;
	err = x86_jit_write(jit, bytes, (unsigned long)image->start);
	if (!err)
		err = bpf_jit_image_write(image, bytes);
	kvfree(bytes);
	return err;
}

static struct bpf_jit_image *make_image(struct jit *jit, bool hide)
{
	struct bpf_jit_image *image = bpf_jit_image_alloc(x86_jit_size(jit), hide);
	struct jit_entries entries = x86_jit_entries(jit);
	int err;

	if (IS_ERR(image))
		return image;
	err = fill_image(image, jit);
	if (err) {
		bpf_jit_image_free(image);
		return ERR_PTR(err);
	}
	image->tail = entries.tail;
	image->body = entries.body;
	image->layout = entries.layout;
	return image;
}

static void place_tail_sites(struct bpf_tail_sites *sites, const struct jit *jit,
			     const struct bpf_jit_image *image)
{
	u32 i;

	for (i = 0; i < x86_jit_tail_sites(jit); i++) {
		struct jit_tail_site from = x86_jit_tail_site(jit, i);
		struct bpf_tail_site *to = &sites->site[from.number - 1];

		to->layout = from.layout;
		to->jump = image->start + from.jump;
		to->leave = image->start + from.leave;
		to->out = image->start + from.out;
	}
}

/**
 * bpf_jit_jump_insn() - make the instruction that a tail call to a known slot is
 * @insn: written, BPF_JIT_JUMP_BYTES
 * @at: where it will be
 * @to: where it goes, in an image; NULL: it does nothing
 *
 * Images lie within reach of each other, see jit_image.c. Should two not, what is made
 * traps: cut to 32 bits the distance would lead anywhere.
 *
 * Context: any.
 */
void bpf_jit_jump_insn(u8 *insn, const void *at, const void *to)
{
	/* Of all instructions of five bytes that do nothing text_poke_queue() takes this. */
	static const u8 nop[BPF_JIT_JUMP_BYTES] = { BYTES_NOP5 };
	struct x86_code code = { .bytes = insn, .limit = BPF_JIT_JUMP_BYTES };
	s64 distance = to - at - BPF_JIT_JUMP_BYTES;

	BUILD_BUG_ON(BPF_JIT_JUMP_BYTES != JIT_JUMP_BYTES);
	BUILD_BUG_ON(!IS_ENABLED(CONFIG_UML) && MODULES_END - MODULES_VADDR > S32_MAX);
	if (!to)
		memcpy(insn, nop, sizeof(nop));
	else if (WARN_ON_ONCE(!x86_is_s32(distance)))
		memset(insn, INT3_INSN_OPCODE, BPF_JIT_JUMP_BYTES);
	else
		x86_jmp32(&code, distance);
}

/**
 * bpf_int_jit_compile() - make machine code of a program
 * @fp: lowered program; not changed
 * @blind: none of its constants may be seen in the code
 *
 * Into the program's table of tail calls to known slots it writes where they are.
 *
 * Context: process context, may sleep.
 * Return: the image, or why there is none: -ENOMEM, -EPERM beyond the limit,
 * -EINVAL for an instruction that has no code, -E2BIG, -ERANGE if a helper is out of
 * reach, -EFAULT if the JIT contradicts itself.
 */
struct bpf_jit_image *bpf_int_jit_compile(const struct bpf_prog *fp, bool blind)
{
	const struct jit_target target = target_of(fp, blind);
	const struct jit_program program = {
		.insns = fp->insnsi,
		.len = fp->len,
		.stack_depth = fp->aux->stack_depth,
		.tail_sites = fp->aux->tail_sites ? fp->aux->tail_sites->count : 0,
		.funcs = fp->aux->funcs,
		.nfuncs = fp->aux->nfuncs,
	};
	struct bpf_jit_image *image;
	struct jit *jit;

	jit = x86_jit_begin(&program, &target);
	if (IS_ERR(jit))
		return ERR_CAST(jit);
	image = make_image(jit, blind);
	if (!IS_ERR(image))
		place_tail_sites(fp->aux->tail_sites, jit, image);
	x86_jit_end(jit);
	return image;
}
