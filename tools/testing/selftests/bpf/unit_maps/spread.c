// SPDX-License-Identifier: GPL-2.0-only
/*
 * Do keys that look alike spread over the buckets, whatever the secret?
 *
 * KEYS keys in twice as many buckets: were they thrown in at random, finding one would
 * take 1.25 comparisons on average, 0.016 more or less from one secret to the next. No
 * secret may be seven times as far away.
 */
#include "machine.h"

#include "map_key.h"

#include "tap.h"

#define KEYS	1024
#define BUCKETS	2048
#define SECRETS	400
#define MOST	1.36

/* What key number N has in its last bytes: SIZE bytes counted up at AT in steps of STEP. */
static const struct shape {
	u32 size, at;
	u64 step;
} shapes[] = {
	{ 2, 0, 1 }, { 3, 0, 1 }, { 4, 0, 1 }, { 4, 0, 64 }, { 4, 0, 1 << 16 },
	{ 4, 0, 0x01000001 }, { 5, 0, 1 }, { 6, 2, 1 }, { 7, 0, 4096 },
	{ 8, 0, 1 }, { 8, 0, 4096 }, { 8, 4, 1 }, { 8, 6, 1 }, { 8, 0, 1ULL << 48 },
	{ 12, 0, 1 }, { 12, 8, 1 }, { 16, 0, 1 }, { 16, 8, 1 }, { 16, 8, 1ULL << 40 },
	{ 40, 16, 1 }, { 40, 32, 256 }, { 64, 0, 1 }, { 64, 60, 1 },
};

static u64 state = 1;

/* splitmix64, from Steele, Lea and Flood: Fast splittable pseudorandom number generators. */
static u64 rnd(void)
{
	u64 z = state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static double comparisons(const struct shape *shape, const struct map_secret *secret)
{
	static u16 length[BUCKETS];
	u8 key[64] = {};
	u32 n, sum = 0;
	u64 count = 0;

	memset(length, 0, sizeof(length));
	for (n = 0; n < KEYS; n++, count += shape->step) {
		memcpy(key + shape->at, &count, min_t(u32, shape->size - shape->at, 8));
		sum += ++length[map_key_hash(key, shape->size, secret) % BUCKETS];
	}
	return (double)sum / KEYS;
}

static void spread(const struct shape *shape)
{
	double worst = 0;
	char name[80];
	u32 i;

	for (i = 0; i < SECRETS; i++) {
		struct map_secret secret = { .sum = rnd(), .factor = rnd() | 1 };

		worst = max(worst, comparisons(shape, &secret));
	}
	printf("# at most %.3f comparisons\n", worst);
	snprintf(name, sizeof(name), "keys of %u, counted from byte %u in steps of %#llx",
		 shape->size, shape->at, (unsigned long long)shape->step);
	tap_result(worst < MOST, name);
}

int main(void)
{
	const struct map_secret none = { .factor = GOLDEN_RATIO_64 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++)
		spread(&shapes[i]);
	tap_result(comparisons(&shapes[2], &none) < MOST, "keys of 4, a map without a secret");
	return tap_status();
}
