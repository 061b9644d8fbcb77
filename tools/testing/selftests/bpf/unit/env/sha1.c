// SPDX-License-Identifier: GPL-2.0-only
/* SHA-1 for the tags of programs: RFC 3174, section 6.1. */
#include <linux/filter.h>

void sha1_init(u32 *h)
{
	static const u32 start[] = {
		0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0,
	};

	memcpy(h, start, sizeof(start));
}

static u32 rotate(u32 x, int n)
{
	return x << n | x >> (32 - n);
}

void sha1_transform(u32 *h, const char *data, u32 *workspace)
{
	static const u32 k[] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
	u32 a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], w[80], f, t;
	int i;

	for (i = 0; i < 80; i++) {
		if (i < 16) {
			memcpy(&w[i], data + 4 * i, 4);
			w[i] = __builtin_bswap32(w[i]);
		} else {
			w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
		}
		if (i < 20)
			f = (b & c) | (~b & d);
		else if (i >= 40 && i < 60)
			f = (b & c) | (b & d) | (c & d);
		else
			f = b ^ c ^ d;
		t = rotate(a, 5) + f + e + w[i] + k[i / 20];
		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = t;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}
