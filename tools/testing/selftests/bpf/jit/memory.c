// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of images as an ordinary program: where they begin, what is kept and
 * given back, the limit, and every failure of what the pool asks the kernel for.
 */
#include <sys/mman.h>

#include "glue.h"
#include "tap.h"

#define INT3		0xcc

/* ---- the kernel around it ------------------------------------------------------------ */

static bool privileged = true;
static unsigned int pages, allocations, live;
/* The how manieth of all that can fail does. */
static int failing;

#define bpf_capable()			privileged
#define INT3_INSN_OPCODE		INT3
#define LIST_HEAD_INIT(l)		{ &(l), &(l) }
#define DEFINE_STATIC_CALL_NULL(name, func)
#define DEFINE_STATIC_KEY_FALSE(key)	int key
#define static_branch_unlikely(key)	(*(key))
#define static_call_cond(func)		no_flush
#define list_for_each_entry(p, head, member)					\
	for ((p) = container_of((head)->next, __typeof__(*(p)), member);	\
	     &(p)->member != (head);						\
	     (p) = container_of((p)->member.next, __typeof__(*(p)), member))
#define kfree_rcu(p, rcu)		kfree(p)
#define bitmap_set(map, from, n)	bits(map, from, n, true)
#define bitmap_clear(map, from, n)	bits(map, from, n, false)

static void no_flush(void)
{
}

static bool fails(void)
{
	return failing && !--failing;
}

static void *take_memory(size_t size)
{
	if (fails())
		return NULL;
	live++;
	return calloc(1, size);
}

#define kzalloc(size, gfp)	take_memory(size)
#define kfree(p)		((void)(live--), free((void *)(p)))

static struct area {
	void *base;
	size_t size;
	bool readonly;
	bool code;
	bool shadow;
} areas[4096];
/* Pages were executable and something else than read-only and full of int3. */
static bool exposed;

static struct area *area_of(const void *base)
{
	struct area *area = areas;

	while (area->base != base)
		area++;
	return area;
}

#define MODULES_VADDR			0
#define MODULE_ALIGN			PAGE_SIZE
#define __vmalloc_node_range(size, align, place, ...)	((void)(place), take_pages(size))
#define vfree(base)			module_memfree(base)

/* Pages come from below 2 GB, or from where a process has them else: far above. */
static bool far;

/* Between two that nobody may touch. */
static void *map_pages(size_t size)
{
	u8 *all = mmap(NULL, size + 2 * PAGE_SIZE, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | (far ? 0 : MAP_32BIT), -1, 0);

	if (all == MAP_FAILED || mprotect(all + PAGE_SIZE, size, PROT_READ | PROT_WRITE))
		abort();
	return all + PAGE_SIZE;
}

static void *take_pages(size_t size)
{
	struct area *area = area_of(NULL);

	if (fails())
		return NULL;
	*area = (struct area){ .base = map_pages(size), .size = size };
	pages += size / PAGE_SIZE;
	allocations++;
	live++;
	return area->base;
}

static void module_memfree(void *base)
{
	struct area *area = area_of(base);

	pages -= area->size / PAGE_SIZE;
	area->base = NULL;
	live--;
	munmap(base - PAGE_SIZE, area->size + 2 * PAGE_SIZE);
}

#define kasan_alloc_module_shadow(base, size, gfp)	take_shadow(base)

static int take_shadow(const void *base)
{
	if (fails())
		return -ENOMEM;
	area_of(base)->shadow = true;
	return 0;
}

/* Whoever writes to pages without a shadow, as their owner just did, traps. */
static bool has_shadows = true;

static bool is_whole(const struct area *area, int n)
{
	return area->size == (size_t)n * PAGE_SIZE;
}

int set_memory_ro(unsigned long addr, int n)
{
	struct area *area = area_of((void *)addr);

	has_shadows &= area->shadow;
	area->readonly = is_whole(area, n);
	return fails() ? -ENOMEM : 0;
}

static int set_memory_x(unsigned long addr, int n)
{
	struct area *area = area_of((void *)addr);
	const u8 *bytes = area->base;

	area->code = is_whole(area, n);
	exposed |= !area->readonly || !area->code;
	for (size_t i = 0; i < area->size; i++)
		exposed |= bytes[i] != INT3_INSN_OPCODE;
	return fails() ? -ENOMEM : 0;
}

static u32 chance = 1;

static u32 get_random_u32_below(u32 n)
{
	chance = chance * 1664525 + 1013904223;
	return (chance >> 8) % n;
}

static void list_del(struct list_head *l)
{
	l->next->prev = l->prev;
	l->prev->next = l->next;
}

static void bits(unsigned long *map, u32 from, u32 n, bool value)
{
	for (; n--; from++) {
		map[from / 64] &= ~BIT(from % 64);
		map[from / 64] |= (unsigned long)value << from % 64;
	}
}

static u32 find_next_bit(const unsigned long *map, u32 size, u32 at)
{
	while (at < size && !test_bit(at, map))
		at++;
	return at;
}

static u32 bitmap_find_next_zero_area(const unsigned long *map, u32 size, u32 at, u32 n, u32 align)
{
	u32 end;

	for (; at + n <= size; at = end + 1) {
		end = find_next_bit(map, at + n, at);
		if (end == at + n)
			return at;
	}
	return size + 1;
}

long bpf_jit_limit = 1 << 30;

#include "jit_image.c"

bool bpf_jit_text_copy(void *to, const void *from, size_t size)
{
	memcpy(to, from, size);
	return true;
}

void bpf_jit_text_fill(void *at, u8 byte, size_t size)
{
	memset(at, byte, size);
}

/* ---- where images begin -------------------------------------------------------------- */

static struct bpf_jit_image *images[2000];
static unsigned int held;

static bool hold(u32 size, bool hide)
{
	struct bpf_jit_image *image = bpf_jit_image_alloc(size, hide);

	if (IS_ERR(image))
		return false;
	memset(image->start, 0x90, size);
	images[held++] = image;
	return true;
}

static void drop(unsigned int i)
{
	bpf_jit_image_free(images[i]);
	images[i] = images[--held];
}

/* As at boot: what was kept for the next program goes. */
static void forget(void)
{
	while (held)
		drop(held - 1);
	while (pool.pages)
		chunk_destroy(container_of(pool.chunks.next, struct bpf_jit_chunk, list));
}

static void test_first(void)
{
	unsigned int seen[PAGE_UNITS] = { 0 }, n, i, places = 0;
	bool good = true;

	for (n = 0; n < 1000; n++) {
		good &= hold(60, false);
		i = (images[0]->start - images[0]->chunk->base) / UNIT;
		good &= i + 4 <= PAGE_UNITS && pages == 1;
		places += !seen[i]++;
		forget();
	}
	tap_result(good && places > 200, "the first image begins anywhere in its page");
}

static void test_gaps(void)
{
	u32 largest[2] = { 0 }, gap, hide;
	unsigned int i;

	for (hide = 0; hide < 2; hide++) {
		/* Chunks of many pages, so that images lie one behind the other. */
		hold(64 * PAGE_SIZE, false);
		for (i = 1; i < 400; i++) {
			hold(UNIT, hide);
			gap = (images[i]->start - images[i - 1]->start) / UNIT - 1;
			if (i > 1 && images[i]->chunk == images[i - 1]->chunk)
				largest[hide] = max(largest[hide], gap);
		}
		forget();
	}
	tap_result(largest[0] == 7 && largest[1] > 40 && largest[1] <= 63,
		   "gaps of up to 7 units, up to 63 before what hides");
}

/* The front of a chunk, left free by chance, is not lost. */
static void test_front(void)
{
	unsigned int round, least = U32_MAX;

	for (round = 0; round < 200; round++) {
		while (pages <= 1)
			hold(UNIT, false);
		least = min(least, held - 1);
		forget();
	}
	/* A unit and a gap of 7 each, in 7 eighths of the page. */
	tap_result(least >= PAGE_UNITS * 7 / 8 / 8, "a page is filled before another is taken");
}

/* ---- what is kept ----------------------------------------------------------------------- */

static bool is_int3(const u8 *p, size_t size)
{
	while (size && *p == INT3)
		p++, size--;
	return !size;
}

static void test_coming_and_going(void)
{
	unsigned int i, round;
	bool good = true;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 1000; i++)
			good &= hold(1 + get_random_u32_below(900), i & 1);
		/* From the front, from the back, from anywhere. */
		while (held) {
			i = round ? get_random_u32_below(round == 1 ? 1 : held) : held - 1;
			good &= !is_int3(images[i]->start, 1);
			drop(i);
		}
		good &= pages == 1 && live == 2;
		good &= is_int3(container_of(pool.chunks.next, struct bpf_jit_chunk, list)->base,
				PAGE_SIZE);
	}
	tap_result(good, "after 1000 programs a page is left, full of int3");
	forget();
	hold(64 * PAGE_SIZE, false);
	drop(0);
	tap_result(!pages && !live, "nothing large is kept for nobody");
}

static void test_thrash(void)
{
	unsigned int before, i;

	while (pages <= 1)
		hold(500, false);
	before = allocations;
	for (i = 0; i < 100; i++) {
		drop(held - 1);
		hold(500, false);
	}
	tap_result(allocations == before, "a program that comes and goes alone costs no pages");
	forget();
}

/* ---- failure ------------------------------------------------------------------------------ */

static void test_failures(void)
{
	unsigned int n, had_pages, had_live;
	bool good = true, made = false;

	hold(PAGE_SIZE - 8 * UNIT, false);
	had_pages = pages;
	had_live = live;
	for (n = 1; !made && n < 20; n++) {
		failing = n;
		made = hold(3 * PAGE_SIZE, false);
		good &= made || (pages == had_pages && live == had_live && pool.pages == pages);
	}
	failing = 0;
	/* The image, the chunk, its pages, their shadow, read-only, executable. */
	tap_result(good && n == 8, "each of six failures leaves nothing behind");
	forget();
}

/* Images must reach each other by direct jumps: all pages come from one side. */
static void test_reach(void)
{
	struct bpf_jit_image *image;
	bool good = true;
	int first;

	for (first = 0; first < 2; first++) {
		far = first;
		good &= hold(60, false);
		far = !first;
		image = bpf_jit_image_alloc(3 * PAGE_SIZE, false);
		good &= PTR_ERR(image) == -ERANGE && live == 3 && pages == 1;
		far = first;
		good &= hold(3 * PAGE_SIZE, false);
		forget();
	}
	far = false;
	tap_result(good && !live, "memory out of reach of other images is given back");
}

static void test_limit(void)
{
	struct bpf_jit_image *image;
	unsigned int i;
	bool good;

	bpf_jit_limit = 2 * PAGE_SIZE;
	privileged = false;
	for (i = 0; i < 1000 && hold(500, false); i++)
		;
	image = bpf_jit_image_alloc(500, false);
	good = pages == 2 && i > 8 && PTR_ERR(image) == -EPERM;
	privileged = true;
	good &= hold(3 * PAGE_SIZE, false);
	tap_result(good && pages > 2, "users stop at the limit, others do not");
	forget();
}

int main(void)
{
	test_first();
	test_gaps();
	test_front();
	test_coming_and_going();
	test_thrash();
	test_failures();
	test_reach();
	test_limit();
	tap_result(!exposed, "pages are executable when they are read-only and full of int3");
	tap_result(!live && !pages, "no memory is left over");
	tap_result(has_shadows, "a sanitizer has a shadow of all pages before they are filled");
	return tap_status();
}
