// SPDX-License-Identifier: GPL-2.0-only
/* See packets.h. Nothing here computes checksums: filters do not. */
#include <arpa/inet.h>
#include <string.h>
#include "packets.h"

static const uint16_t ports[] = { 22, 53, 67, 68, 80, 123, 443, 1024, 6000, 8080, 65535 };
static const uint8_t l4s[] = { 1, 2, 6, 6, 6, 17, 17, 17, 41, 47, 50, 58, 89, 112, 132 };

#define PICK(r, a) ((a)[rng_below(r, sizeof(a) / sizeof((a)[0]))])

static void put8(struct frame *f, unsigned int v)
{
	f->data[f->len++] = (uint8_t)v;
}

static void put16(struct frame *f, unsigned int v)
{
	put8(f, v >> 8);
	put8(f, v);
}

static void put32(struct frame *f, uint32_t v)
{
	put16(f, v >> 16);
	put16(f, v);
}

static void noise(struct rng *r, struct frame *f, size_t n)
{
	while (n-- && f->len < FRAME_MAX)
		put8(f, rng_next(r));
}

static void put_l4(struct rng *r, struct frame *f, uint8_t proto)
{
	switch (proto) {
	case 6:
	case 17:
	case 132:
		put16(f, PICK(r, ports));
		put16(f, PICK(r, ports));
		break;
	case 1:
	case 58:
		put8(f, rng_below(r, 20) + (proto == 58 ? 120 : 0));
		put8(f, rng_below(r, 4));
		break;
	}
	if (proto == 6) {
		noise(r, f, 8);
		put8(f, (5 + rng_below(r, 6)) << 4);
		put8(f, rng_below(r, 64));
		noise(r, f, 6);
	}
	noise(r, f, rng_below(r, 200));
}

static uint32_t address(struct rng *r)
{
	static const uint32_t some[] = {
		0x0a000001, 0x0a000002, 0x0a000105, 0xc0a80001, 0xc0a801ff, 0xe0000001,
		0xffffffff, 0x7f000001, 0x08080808,
	};

	return rng_below(r, 4) ? PICK(r, some) : rng_next(r);
}

static void put_ipv4(struct rng *r, struct frame *f)
{
	unsigned int words = rng_below(r, 4) ? 5 : 5 + rng_below(r, 11);
	uint8_t proto = PICK(r, l4s);

	put8(f, 0x40 | words);
	put8(f, rng_below(r, 8) << 2);
	put16(f, rng_below(r, 1500));
	put16(f, rng_next(r));
	/* One in five is a later fragment: ports must not be looked for. */
	put16(f, (rng_below(r, 3) << 13) | (rng_below(r, 5) ? 0 : rng_below(r, 8192)));
	put8(f, rng_below(r, 256));
	put8(f, proto);
	put16(f, rng_next(r));
	put32(f, address(r));
	put32(f, address(r));
	noise(r, f, 4 * (words - 5));
	put_l4(r, f, proto);
}

static void put_ipv6(struct rng *r, struct frame *f)
{
	static const uint8_t next[] = { 0, 6, 6, 17, 17, 43, 44, 50, 58, 58, 59, 60 };
	uint8_t proto = PICK(r, next);

	put32(f, 0x60000000 | rng_below(r, 1 << 28));
	put16(f, rng_below(r, 1400));
	put8(f, proto);
	put8(f, rng_below(r, 256));
	for (int i = 0; i < 2; i++) {
		put32(f, rng_below(r, 2) ? 0xfe800000 : 0x20010db8);
		put32(f, 0);
		put32(f, 0);
		put32(f, 1 + rng_below(r, 3));
	}
	if (proto == 44 || proto == 0 || proto == 60) {
		put8(f, PICK(r, l4s));
		put8(f, 0);
		put16(f, rng_below(r, 4) << 3);
		put32(f, rng_next(r));
		proto = f->data[f->len - 8];
	}
	put_l4(r, f, proto);
}

static void put_arp(struct rng *r, struct frame *f)
{
	put16(f, 1);
	put16(f, 0x800);
	put8(f, 6);
	put8(f, 4);
	put16(f, 1 + rng_below(r, 4));
	noise(r, f, 6);
	put32(f, address(r));
	noise(r, f, 6);
	put32(f, address(r));
}

static void put_mac(struct rng *r, struct frame *f)
{
	unsigned int kind = rng_below(r, 6);

	if (kind == 0) {
		put32(f, 0xffffffff);
		put16(f, 0xffff);
	} else {
		put8(f, kind == 1);
		put32(f, 0x22334455);
		put8(f, rng_below(r, 3));
	}
}

static void one_frame(struct rng *r, struct frame *f)
{
	f->len = 0;
	if (!rng_below(r, 20)) {
		noise(r, f, 1 + rng_below(r, 300));
		return;
	}
	put_mac(r, f);
	put_mac(r, f);
	for (unsigned int tags = rng_below(r, 8); tags >= 6; tags--) {
		put16(f, tags == 7 ? 0x88a8 : 0x8100);
		put16(f, rng_below(r, 3) * 100);
	}
	switch (rng_below(r, 10)) {
	case 0:
		put16(f, 0x806);
		put_arp(r, f);
		break;
	case 1:
		put16(f, 0x8847);	/* two MPLS labels */
		put32(f, 0x00100040);
		put32(f, 0x00200140);
		put_ipv4(r, f);
		break;
	case 2:
		put16(f, rng_below(r, 2) ? rng_below(r, 1500) : rng_next(r));
		noise(r, f, rng_below(r, 100));
		break;
	case 3:
	case 4:
	case 5:
		put16(f, 0x86dd);
		put_ipv6(r, f);
		break;
	default:
		put16(f, 0x800);
		put_ipv4(r, f);
		break;
	}
	if (!rng_below(r, 5))
		f->len = 1 + rng_below(r, f->len);
}

void frames_make(struct rng *r, struct frame *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		one_frame(r, &out[i]);
}
