// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of machine code.
 *
 * Images of all programs share chunks: pages next to each other in the area of
 * modules, from where helpers can be reached. A chunk is filled with int3 and
 * made read-only, then executable, before anything lies in it; from then on its
 * bytes change by text poking alone, so that no page is ever writable and
 * executable at once. What no image covers is int3: a jump astray traps.
 *
 * The pool starts with one page and each chunk is as large as all before it, up
 * to CHUNK_PAGES: the first program costs a page, the thousandth no call of the
 * page allocator. Inside a chunk images lie one behind the other with a gap of
 * random size in front, so that nobody knows where the code of a program is; the
 * first begins anywhere in the first page. Searching starts behind the last image,
 * and from the front again only when an eighth of the chunk was freed since; what
 * did not fit is not searched for again until then. So a search costs a constant on
 * average.
 *
 * One empty chunk is kept for the next program, the smallest, unless it has more
 * pages than all others.
 *
 * What counts against net.core.bpf_jit_limit is the pages of chunks. Beyond it
 * new pages go to privileged loaders only.
 *
 * All chunks lie within the 2 GB that a direct jump reaches, for tail calls jump from
 * any image to any other.
 *
 * Locking: pool.lock protects chunks and the accounting; it is a mutex, since
 * changing protection and text sleeps. Must never hand out memory whose
 * protection was not set, nor take back an image that may still run.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/filter.h>
#include <linux/kasan.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/moduleloader.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <asm/text-patching.h>

#include "jit_image.h"

/* Images begin at a multiple of it, like functions of the kernel. */
#define UNIT		16
#define PAGE_UNITS	(PAGE_SIZE / UNIT)
/* Largest gap left in front of an image, in units, and of one that hides. */
#define GAP_MAX		7
#define HIDING_GAP_MAX	63
/* A chunk is larger only if one image is. */
#define CHUNK_PAGES	64

/* Pages that the first image may lie from where modules begin. */
#define MODULE_PLACES	1024

#define CHUNK_GFP	(GFP_KERNEL | __GFP_NOWARN)

/**
 * struct bpf_jit_chunk - pages of machine code
 * @list: in pool.chunks
 * @base: first byte
 * @units: how many it has
 * @used: of them, by images
 * @next: where the search for room goes on
 * @freed: units freed since the search last began at the front
 * @failed: smallest number of units for which there was no room since then
 * @taken: a bit for each unit that belongs to an image
 */
struct bpf_jit_chunk {
	struct list_head list;
	void *base;
	u32 units;
	u32 used;
	u32 next;
	u32 freed;
	u32 failed;
	unsigned long taken[];
};

/*
 * @lock: protects the rest, and every chunk
 * @chunks: the newest first
 * @pages: in all chunks
 * @stale: an image was freed since the CPUs last forgot where code used to lie
 */
static struct {
	struct mutex lock;	/* see the top */
	struct list_head chunks;
	unsigned long pages;
	bool stale;
} pool = {
	.lock = __MUTEX_INITIALIZER(pool.lock),
	.chunks = LIST_HEAD_INIT(pool.chunks),
};

/* bugs.c gives it a body and turns the key on where the CPU needs that. */
DEFINE_STATIC_CALL_NULL(bpf_arch_pred_flush, bpf_arch_pred_flush);
DEFINE_STATIC_KEY_FALSE(bpf_pred_flush_enabled);

/* ---- chunks ------------------------------------------------------------------ */

static u32 chunk_pages(const struct bpf_jit_chunk *chunk)
{
	return chunk->units / PAGE_UNITS;
}

/* From data to code. No state between has a page both writable and executable. */
static int protect_pages(void *base, u32 pages)
{
	int err;

	memset(base, INT3_INSN_OPCODE, (size_t)pages << PAGE_SHIFT);
	err = set_memory_ro((unsigned long)base, pages);
	if (err)
		return err;
	return set_memory_x((unsigned long)base, pages);
}

/*
 * As module_alloc() does it, within reach of the kernel and from a place that is
 * another one after each boot, but in silence when there is no memory: then the
 * program is interpreted. VM_FLUSH_RESET_PERMS puts the protection right when the
 * pages are taken back. A sanitizer that does not follow vmalloc() wants a shadow of
 * whole pages, which goes with them.
 */
static noinline void *text_pages(size_t size)
{
#ifdef CONFIG_UML
	return module_alloc(size);
#else
	static unsigned long first;
	void *base;

	if (!first)
		first = MODULES_VADDR + get_random_u32_below(MODULE_PLACES) * PAGE_SIZE;
	base = __vmalloc_node_range(size, MODULE_ALIGN, first, MODULES_END, CHUNK_GFP,
				    PAGE_KERNEL, VM_FLUSH_RESET_PERMS | VM_DEFER_KMEMLEAK,
				    NUMA_NO_NODE, __builtin_return_address(0));
	if (base && kasan_alloc_module_shadow(base, size, CHUNK_GFP)) {
		vfree(base);
		return NULL;
	}
	return base;
#endif
}

/* /proc/vmallocinfo shows the name of this function. */
static noinline void *bpf_jit_text_alloc(u32 pages)
{
	void *base = text_pages((size_t)pages << PAGE_SHIFT);

	if (!base)
		return NULL;
	if (protect_pages(base, pages)) {
		module_memfree(base);
		return NULL;
	}
	return base;
}

static bool is_allowed(u32 pages)
{
	unsigned long limit = READ_ONCE(bpf_jit_limit) >> PAGE_SHIFT;

	return pool.pages + pages <= limit || bpf_capable();
}

/* See the top. The area of modules is no larger; a process gets its pages anywhere. */
static bool is_in_reach(const void *base, u32 pages)
{
	unsigned long start = (unsigned long)base, end = start + ((size_t)pages << PAGE_SHIFT);
	const struct bpf_jit_chunk *other;

	list_for_each_entry(other, &pool.chunks, list) {
		unsigned long first = (unsigned long)other->base;
		unsigned long last = first + ((size_t)chunk_pages(other) << PAGE_SHIFT);

		if (max(end, last) - min(start, first) > S32_MAX)
			return false;
	}
	return true;
}

/* @pages: fewest it must have. */
static struct bpf_jit_chunk *chunk_create(u32 pages)
{
	u32 wish = max_t(u32, pages, min_t(unsigned long, pool.pages, CHUNK_PAGES));
	struct bpf_jit_chunk *chunk;

	if (is_allowed(wish))
		pages = wish;
	else if (!is_allowed(pages))
		return ERR_PTR(-EPERM);

	chunk = kzalloc(struct_size(chunk, taken, BITS_TO_LONGS(pages * PAGE_UNITS)), CHUNK_GFP);
	if (!chunk)
		return ERR_PTR(-ENOMEM);
	chunk->base = bpf_jit_text_alloc(pages);
	if (!chunk->base) {
		kfree(chunk);
		return ERR_PTR(-ENOMEM);
	}
	if (!is_in_reach(chunk->base, pages)) {
		module_memfree(chunk->base);
		kfree(chunk);
		return ERR_PTR(-ERANGE);
	}
	chunk->units = pages * PAGE_UNITS;
	chunk->failed = U32_MAX;
	list_add(&chunk->list, &pool.chunks);
	pool.pages += pages;
	return chunk;
}

static void chunk_destroy(struct bpf_jit_chunk *chunk)
{
	list_del(&chunk->list);
	pool.pages -= chunk_pages(chunk);
	module_memfree(chunk->base);
	kfree(chunk);
}

/* See the top. */
static void destroy_empty(void)
{
	struct bpf_jit_chunk *chunk, *next, *spare = NULL;

	list_for_each_entry_safe(chunk, next, &pool.chunks, list) {
		if (chunk->used)
			continue;
		if (!spare || chunk->units < spare->units)
			swap(spare, chunk);
		if (chunk)
			chunk_destroy(chunk);
	}
	if (spare && chunk_pages(spare) > max(1UL, pool.pages - chunk_pages(spare)))
		chunk_destroy(spare);
}

/* ---- room -------------------------------------------------------------------- */

/* Where room begins behind the last image, or the end of the chunk. */
static u32 search_on(struct bpf_jit_chunk *chunk, u32 units)
{
	u32 at;

	if (units >= chunk->failed)
		return chunk->units;
	at = bitmap_find_next_zero_area(chunk->taken, chunk->units, chunk->next, units, 0);
	if (at < chunk->units)
		return at;
	chunk->failed = units;
	return chunk->units;
}

static u32 search_chunk(struct bpf_jit_chunk *chunk, u32 units)
{
	u32 at = search_on(chunk, units);

	if (at < chunk->units || chunk->freed < max(units, chunk->units / 8))
		return at;
	chunk->next = 0;
	chunk->freed = 0;
	chunk->failed = U32_MAX;
	return search_on(chunk, units);
}

/* @gap: largest in front. */
static void *take_units(struct bpf_jit_chunk *chunk, u32 at, u32 units, u32 gap)
{
	u32 end = find_next_bit(chunk->taken, chunk->units, at + units);

	at += get_random_u32_below(min(end - at - units, gap) + 1);
	bitmap_set(chunk->taken, at, units);
	chunk->used += units;
	chunk->next = at + units;
	return chunk->base + (size_t)at * UNIT;
}

static int place_image(struct bpf_jit_image *image, u32 units, u32 gap)
{
	struct bpf_jit_chunk *chunk;

	list_for_each_entry(chunk, &pool.chunks, list) {
		u32 at = search_chunk(chunk, units);

		if (at < chunk->units) {
			image->chunk = chunk;
			image->start = take_units(chunk, at, units, gap);
			return 0;
		}
	}

	chunk = chunk_create(DIV_ROUND_UP(units + gap, PAGE_UNITS));
	if (IS_ERR(chunk))
		return PTR_ERR(chunk);
	image->chunk = chunk;
	image->start = take_units(chunk, 0, units, PAGE_UNITS - 1);
	/* What is in front of it waits like freed memory. */
	chunk->freed = chunk->next - units;
	return 0;
}

/* What a CPU learnt about a freed image must not steer it in the next one. */
static void forget_freed(void)
{
	if (!pool.stale)
		return;
	pool.stale = false;
	if (static_branch_unlikely(&bpf_pred_flush_enabled))
		static_call_cond(bpf_arch_pred_flush)();
}

/* ---- images ------------------------------------------------------------------ */

/**
 * bpf_jit_image_alloc() - find memory for machine code
 * @size: bytes, not 0
 * @hide: where it lies shall be harder to guess
 *
 * Context: process context, may sleep.
 * Return: an image full of int3; -ENOMEM, -ERANGE if the only memory is out of reach of
 * other images, or -EPERM if the limit is reached and the caller is not privileged.
 */
struct bpf_jit_image *bpf_jit_image_alloc(u32 size, bool hide)
{
	struct bpf_jit_image *image = kzalloc(sizeof(*image), CHUNK_GFP | __GFP_ACCOUNT);
	int err;

	if (!image)
		return ERR_PTR(-ENOMEM);
	image->size = size;

	mutex_lock(&pool.lock);
	err = place_image(image, DIV_ROUND_UP(size, UNIT), hide ? HIDING_GAP_MAX : GAP_MAX);
	if (!err)
		forget_freed();
	mutex_unlock(&pool.lock);
	if (err) {
		kfree(image);
		return ERR_PTR(err);
	}
	return image;
}

/**
 * bpf_jit_image_write() - fill an image
 * @image: image that nobody runs yet
 * @bytes: its size of them
 *
 * Context: process context, may sleep.
 * Return: 0, or -EFAULT if the bytes could not be written.
 */
int bpf_jit_image_write(struct bpf_jit_image *image, const void *bytes)
{
	return bpf_jit_text_copy(image->start, bytes, image->size) ? 0 : -EFAULT;
}

/**
 * bpf_jit_image_free() - give memory back
 * @image: image that nobody runs any more, that is no symbol any more
 *
 * Context: process context, may sleep.
 */
void bpf_jit_image_free(struct bpf_jit_image *image)
{
	struct bpf_jit_chunk *chunk = image->chunk;
	u32 units = DIV_ROUND_UP(image->size, UNIT);

	bpf_jit_text_fill(image->start, INT3_INSN_OPCODE, image->size);

	mutex_lock(&pool.lock);
	bitmap_clear(chunk->taken, (image->start - chunk->base) / UNIT, units);
	chunk->used -= units;
	chunk->freed += units;
	pool.stale = true;
	if (!chunk->used)
		destroy_empty();
	mutex_unlock(&pool.lock);
	kfree_rcu(image, rcu);
}
