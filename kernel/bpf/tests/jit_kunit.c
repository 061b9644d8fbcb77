// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machine code as the kernel holds it: protection of its memory, the limit, and
 * finding it by address.
 *
 * A test frees what it makes, and puts back the sysctls it changes.
 */
#include <kunit/test.h>
#include <linux/bpf.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/kallsyms.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "../jit_image.h"

#define INT3	0xcc

/* ---- memory ------------------------------------------------------------------ */

static bool is_filled(const u8 *bytes, u32 size, u8 value)
{
	return !memchr_inv(bytes, value, size);
}

static void image_cannot_be_written(struct kunit *test)
{
	struct bpf_jit_image *image = bpf_jit_image_alloc(100, false);
	u8 bytes[100];

	KUNIT_ASSERT_FALSE(test, IS_ERR(image));
	memset(bytes, 0x90, sizeof(bytes));
	KUNIT_EXPECT_TRUE(test, is_filled(image->start, 100, INT3));
	KUNIT_EXPECT_EQ(test, 0, bpf_jit_image_write(image, bytes));
	KUNIT_EXPECT_TRUE(test, is_filled(image->start, 100, 0x90));
	KUNIT_EXPECT_EQ(test, INT3, ((u8 *)image->start)[100]);
	if (IS_ENABLED(CONFIG_ARCH_HAS_SET_MEMORY))
		KUNIT_EXPECT_EQ(test, -EFAULT, copy_to_kernel_nofault(image->start, bytes, 1));
	bpf_jit_image_free(image);
	if (!IS_ENABLED(CONFIG_ARCH_HAS_SET_MEMORY))
		kunit_skip(test, "this architecture does not protect kernel pages");
}

static void freed_image_traps(struct kunit *test)
{
	struct bpf_jit_image *images[3], *gone;
	u8 bytes[64] = { };
	void *start;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(images); i++) {
		images[i] = bpf_jit_image_alloc(sizeof(bytes), false);
		KUNIT_ASSERT_FALSE(test, IS_ERR(images[i]));
		KUNIT_EXPECT_EQ(test, 0, bpf_jit_image_write(images[i], bytes));
	}
	/* Of a pair in the same pages, which the other one keeps. */
	i = images[0]->chunk != images[1]->chunk;
	KUNIT_ASSERT_PTR_EQ(test, images[i]->chunk, images[i + 1]->chunk);
	gone = images[i];
	images[i] = NULL;
	start = gone->start;
	bpf_jit_image_free(gone);
	KUNIT_EXPECT_EQ(test, 0, copy_from_kernel_nofault(bytes, start, sizeof(bytes)));
	KUNIT_EXPECT_TRUE(test, is_filled(bytes, sizeof(bytes), INT3));
	for (i = 0; i < ARRAY_SIZE(images); i++)
		if (images[i])
			bpf_jit_image_free(images[i]);
}

#define IMAGES	300

#if defined(CONFIG_ARCH_HAS_SET_MEMORY) && defined(CONFIG_X86_64)

/* Of all the pages from where modules begin, those both writable and executable. */
static unsigned int open_pages(void)
{
	unsigned long at = MODULES_VADDR;
	unsigned int level, n = 0;

	while (at < MODULES_END) {
		pte_t *pte = lookup_address(at, &level);
		unsigned long size = pte ? page_level_size(level) : PMD_SIZE;

		n += pte && pte_present(*pte) && pte_write(*pte) && pte_exec(*pte);
		at = ALIGN_DOWN(at, size) + size;
	}
	return n;
}

static bool is_protected(unsigned long at, bool code)
{
	unsigned int level;
	pte_t *pte = lookup_address(at, &level);

	return pte && pte_present(*pte) && !pte_write(*pte) && pte_exec(*pte) == code;
}

/* Pages of images that can be written, or not run; or by their other address. */
static unsigned int wrong_pages(struct bpf_jit_image *images[], unsigned int count)
{
	unsigned long at, end;
	unsigned int i, n = 0;

	for (i = 0; i < count; i++) {
		if (!images[i])
			continue;
		at = (unsigned long)images[i]->start & PAGE_MASK;
		end = (unsigned long)images[i]->start + images[i]->size;
		for (; at < end; at += PAGE_SIZE) {
			n += !is_protected(at, true);
			n += !is_protected((unsigned long)page_address(vmalloc_to_page((void *)at)),
					   false);
		}
	}
	return n;
}

#define LARGEST_IMAGE	(70 * PAGE_SIZE)

/* As the page tables have it, while images are made, written and freed. */
static void no_page_is_open(struct kunit *test)
{
	static const u32 sizes[] = {
		100, 200, PAGE_SIZE, 5 * PAGE_SIZE, 100, 3000, LARGEST_IMAGE,
	};
	struct bpf_jit_image *images[ARRAY_SIZE(sizes)] = { };
	u8 *bytes = kunit_kzalloc(test, LARGEST_IMAGE, GFP_KERNEL);
	unsigned int i, made;

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	KUNIT_EXPECT_EQ(test, 0, open_pages());
	for (made = 0; made < ARRAY_SIZE(sizes); made++) {
		struct bpf_jit_image *image = bpf_jit_image_alloc(sizes[made], made & 1);

		KUNIT_EXPECT_FALSE(test, IS_ERR(image));
		if (IS_ERR(image))
			break;
		images[made] = image;
		KUNIT_EXPECT_EQ(test, 0, wrong_pages(images, ARRAY_SIZE(images)));
		KUNIT_EXPECT_EQ(test, 0, bpf_jit_image_write(image, bytes));
		KUNIT_EXPECT_EQ(test, 0, wrong_pages(images, ARRAY_SIZE(images)));
		KUNIT_EXPECT_EQ(test, 0, open_pages());
	}
	for (i = 0; i < made; i++) {
		bpf_jit_image_free(images[i]);
		images[i] = NULL;
		KUNIT_EXPECT_EQ(test, 0, wrong_pages(images, ARRAY_SIZE(images)));
	}
	KUNIT_EXPECT_EQ(test, 0, open_pages());
}

#else

static void no_page_is_open(struct kunit *test)
{
	kunit_skip(test, "this architecture does not protect kernel pages");
}

#endif

static struct bpf_jit_image *filled_image(u32 size, u8 value)
{
	struct bpf_jit_image *image = bpf_jit_image_alloc(size, size & 1);
	u8 *bytes = kmalloc(size, GFP_KERNEL);

	if (IS_ERR(image))
		goto out;
	if (bytes) {
		memset(bytes, value, size);
		bpf_jit_image_write(image, bytes);
	}
out:
	kfree(bytes);
	return image;
}

/* Images of any size come and go, each keeps what it holds. */
static void images_do_not_overlap(struct kunit *test)
{
	struct bpf_jit_image **images = kunit_kcalloc(test, IMAGES, sizeof(*images), GFP_KERNEL);
	u32 i, round, size, bad = 0;

	KUNIT_ASSERT_NOT_NULL(test, images);
	for (round = 0; round < 4 * IMAGES; round++) {
		i = get_random_u32_below(IMAGES);
		if (images[i]) {
			bad += !is_filled(images[i]->start, images[i]->size, i % 251);
			bpf_jit_image_free(images[i]);
		}
		size = 1 + get_random_u32_below(round % 8 ? 600 : 20000);
		images[i] = filled_image(size, i % 251);
		if (IS_ERR(images[i])) {
			images[i] = NULL;
			bad++;
		}
	}
	for (i = 0; i < IMAGES; i++) {
		if (!images[i])
			continue;
		bad += !is_filled(images[i]->start, images[i]->size, i % 251);
		bpf_jit_image_free(images[i]);
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
}

/* As a process that has no capability. */
static void limit_holds_for_users(struct kunit *test)
{
	const u32 large = 128 * PAGE_SIZE;
	struct cred *user = prepare_creds();
	long limit = bpf_jit_limit;
	struct bpf_jit_image *image;
	const struct cred *old;

	KUNIT_ASSERT_NOT_NULL(test, user);
	cap_clear(user->cap_effective);
	bpf_jit_limit = PAGE_SIZE;

	old = override_creds(user);
	image = bpf_jit_image_alloc(large, false);
	revert_creds(old);
	put_cred(user);
	KUNIT_EXPECT_EQ(test, -EPERM, PTR_ERR_OR_ZERO(image));
	if (!IS_ERR(image))
		bpf_jit_image_free(image);

	image = bpf_jit_image_alloc(large, false);
	KUNIT_EXPECT_FALSE(test, IS_ERR(image));
	if (!IS_ERR(image))
		bpf_jit_image_free(image);
	bpf_jit_limit = limit;
}

/* ---- programs ---------------------------------------------------------------- */

static struct bpf_prog *select_program(struct kunit *test)
{
	const struct bpf_insn insns[] = { BPF_MOV64_IMM(BPF_REG_0, 42), BPF_EXIT_INSN() };
	struct bpf_prog *prog = bpf_prog_alloc(bpf_prog_size(ARRAY_SIZE(insns)), 0);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, prog);
	prog->len = ARRAY_SIZE(insns);
	memcpy(prog->insnsi, insns, sizeof(insns));
	strscpy(prog->aux->name, "kunit", sizeof(prog->aux->name));
	prog = bpf_prog_select_runtime(prog, &err);
	KUNIT_ASSERT_EQ(test, err, 0);
	return prog;
}

static void program_is_found_by_address(struct kunit *test)
{
	int enable = bpf_jit_enable, kallsyms = bpf_jit_kallsyms;
	unsigned long size = 0, offset = 0, start;
	static char name[KSYM_NAME_LEN];
	struct bpf_prog *prog;

	bpf_jit_enable = 1;
	bpf_jit_kallsyms = 1;
	prog = select_program(test);
	start = (unsigned long)prog->bpf_func;

	KUNIT_EXPECT_TRUE(test, prog->jited);
	KUNIT_EXPECT_EQ(test, 42, bpf_prog_run_pin_on_cpu(prog, NULL));
	KUNIT_EXPECT_TRUE(test, is_bpf_text_address(start));
	KUNIT_EXPECT_TRUE(test, is_bpf_text_address(start + prog->jited_len - 1));
	KUNIT_EXPECT_FALSE(test, is_bpf_text_address(start + prog->jited_len));
	KUNIT_EXPECT_PTR_EQ(test, __bpf_address_lookup(start + 1, &size, &offset, name),
			    (const char *)name);
	KUNIT_EXPECT_STREQ(test, name, "bpf_prog_0000000000000000_kunit");
	KUNIT_EXPECT_EQ(test, size, prog->jited_len);
	KUNIT_EXPECT_EQ(test, offset, 1);
	__bpf_prog_free(prog);
	KUNIT_EXPECT_FALSE(test, is_bpf_text_address(start));

	bpf_jit_enable = enable;
	bpf_jit_kallsyms = kallsyms;
}

/* kallsyms asks for less than there is, and prints a module's name if it gets one. */
static void lookup_without_size(struct kunit *test)
{
	int enable = bpf_jit_enable, kallsyms = bpf_jit_kallsyms;
	static char name[KSYM_NAME_LEN], text[KSYM_SYMBOL_LEN];
	char *modname = ERR_PTR(-ENOENT);
	unsigned long offset = 0, start;
	struct bpf_prog *prog;

	bpf_jit_enable = 1;
	bpf_jit_kallsyms = 1;
	prog = select_program(test);
	start = (unsigned long)prog->bpf_func;

	KUNIT_EXPECT_NOT_NULL(test, __bpf_address_lookup(start + 1, NULL, &offset, name));
	KUNIT_EXPECT_EQ(test, offset, 1);
	KUNIT_EXPECT_NOT_NULL(test, bpf_address_lookup(start + 1, NULL, NULL, &modname, name));
	KUNIT_EXPECT_NULL(test, modname);
	KUNIT_EXPECT_NOT_NULL(test, bpf_address_lookup(start + 1, NULL, NULL, NULL, name));
	sprint_symbol(text, start + 1);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "_kunit+0x1/"));
	KUNIT_EXPECT_NULL(test, strstr(text, " ["));
	__bpf_prog_free(prog);

	bpf_jit_enable = enable;
	bpf_jit_kallsyms = kallsyms;
}

static void interpreter_if_disabled(struct kunit *test)
{
	int enable = bpf_jit_enable;
	struct bpf_prog *prog;

	if (IS_ENABLED(CONFIG_BPF_JIT_ALWAYS_ON))
		kunit_skip(test, "there is no interpreter");
	bpf_jit_enable = 0;
	prog = select_program(test);
	KUNIT_EXPECT_FALSE(test, prog->jited);
	KUNIT_EXPECT_EQ(test, prog->jited_len, 0);
	KUNIT_EXPECT_EQ(test, 42, bpf_prog_run_pin_on_cpu(prog, NULL));
	__bpf_prog_free(prog);
	bpf_jit_enable = enable;
}

static struct kunit_case jit_cases[] = {
	KUNIT_CASE(image_cannot_be_written),
	KUNIT_CASE(freed_image_traps),
	KUNIT_CASE(no_page_is_open),
	KUNIT_CASE(images_do_not_overlap),
	KUNIT_CASE(limit_holds_for_users),
	KUNIT_CASE(program_is_found_by_address),
	KUNIT_CASE(lookup_without_size),
	KUNIT_CASE(interpreter_if_disabled),
	{ }
};

static struct kunit_suite jit_suite = {
	.name = "bpf_jit",
	.test_cases = jit_cases,
};

kunit_test_suite(jit_suite);
