// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys and values on their way from and to user memory that ends somewhere inside
 * them: too short by any number of bytes it is -EFAULT, long enough by none it is the
 * element. Sizes lie on both sides of what one word, a few words and the kernel's own
 * buffers hold.
 */
#include "../test.h"

#include <sys/mman.h>

#define PAGE	4096

static __u8 *end;	/* nothing is mapped from here on */

static void make_edge(void)
{
	__u8 *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || munmap(pages + PAGE, PAGE))
		bail("no page with a hole behind it");
	end = pages + PAGE;
}

static void pattern(__u8 *at, __u32 size, __u8 first)
{
	for (__u32 i = 0; i < size; i++)
		at[i] = (__u8)(first + i * 7);
}

static bool is_pattern(const __u8 *at, __u32 size, __u8 first)
{
	for (__u32 i = 0; i < size; i++)
		if (at[i] != (__u8)(first + i * 7))
			return false;
	return true;
}

struct sizes {
	__u32 key, value;
};

/* Each of these does one thing with @left bytes of @size before the hole. */

static int read_key(int map, const struct sizes *s, __u32 left)
{
	__u8 value[1024];
	int err;

	memset(end - PAGE, 0xee, PAGE);
	pattern(end - left, left, 1);
	err = map_get(map, end - left, value);
	return err ?: is_pattern(value, s->value, 50) ? 0 : -EIO;
}

static int read_value(int map, const struct sizes *s, __u32 left)
{
	__u8 key[1024], now[1024];
	int err, bad;

	pattern(key, s->key, 1);
	pattern(end - left, left, 90);
	err = map_put(map, key, end - left, BPF_EXIST);
	bad = map_get(map, key, now) || !is_pattern(now, s->value, err ? 50 : 90);
	pattern(now, s->value, 50);
	if (map_put(map, key, now, BPF_EXIST))
		bail("the element cannot be put back");
	return bad ? -EIO : err;
}

static int write_value(int map, const struct sizes *s, __u32 left)
{
	__u8 key[1024];
	int err;

	pattern(key, s->key, 1);
	memset(end - PAGE, 0xee, PAGE);
	err = map_get(map, key, end - left);
	if (end[-(int)left - 1] != 0xee)
		return -EIO;
	return err ?: is_pattern(end - left, s->value, 50) ? 0 : -EIO;
}

static int write_next(int map, const struct sizes *s, __u32 left)
{
	int err;

	memset(end - PAGE, 0xee, PAGE);
	err = map_next(map, NULL, end - left);
	if (end[-(int)left - 1] != 0xee)
		return -EIO;
	return err ?: is_pattern(end - left, s->key, 1) ? 0 : -EIO;
}

static void sweep(int map, const struct sizes *s, const char *what, __u32 size,
		  int (*one)(int map, const struct sizes *s, __u32 left))
{
	__u32 left, wrong = 0;

	for (left = 0; left < size; left++)
		wrong += one(map, s, left) != -EFAULT;
	is(wrong, 0, "%s of %u bytes, the memory too short by 1 to all of them", what, size);
	is(one(map, s, size), 0, "%s of %u bytes, all of them there", what, size);
}

static void test_sizes(const struct sizes *s)
{
	int map = map_create(BPF_MAP_TYPE_HASH, s->key, s->value, 4, 0);
	__u8 key[1024], value[1024];

	pattern(key, s->key, 1);
	pattern(value, s->value, 50);
	if (map < 0 || map_put(map, key, value, BPF_NOEXIST))
		bail("hash of %u to %u", s->key, s->value);
	sweep(map, s, "a key read", s->key, read_key);
	sweep(map, s, "a value read", s->value, read_value);
	sweep(map, s, "a value written", s->value, write_value);
	sweep(map, s, "a key written", s->key, write_next);
	close(map);
}

int main(void)
{
	static const struct sizes sizes[] = {
		{ 1, 1 }, { 3, 3 }, { 4, 4 }, { 7, 7 }, { 8, 8 }, { 9, 9 }, { 13, 13 },
		{ 63, 255 }, { 64, 256 }, { 65, 257 }, { 256, 300 }, { 257, 600 },
	};

	make_edge();
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		test_sizes(&sizes[i]);
	return finish();
}
