// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tags: those that Linux 6.1 shows of the same programs, and programs of all
 * lengths around some blocks of the hash against SHA-1 as RFC 3174 has it,
 * section 6.1, one round after the other.
 */
#include <stdio.h>

#include "reference.h"
#include "tag.c"
#include "tap.h"

#define MOST	40

int shim_warnings;

void shim_warned(const char *file, int line)
{
}

static void tag_of(const struct bpf_insn *insns, u32 len, u8 *tag)
{
	struct bpf_prog *fp = calloc(1, sizeof(*fp) + len * sizeof(*insns));

	fp->len = len;
	memcpy(fp->insnsi, insns, len * sizeof(*insns));
	bpf_prog_calc_tag(fp);
	memcpy(tag, fp->tag, sizeof(fp->tag));
	free(fp);
}

/* ---- SHA-1, of RFC 3174 -------------------------------------------------------- */

static u32 rotate(u32 x, int n)
{
	return x << n | x >> (32 - n);
}

static u32 function(int t, u32 b, u32 c, u32 d)
{
	if (t < 20)
		return (b & c) | (~b & d);
	if (t >= 40 && t < 60)
		return (b & c) | (b & d) | (c & d);
	return b ^ c ^ d;
}

static void hash_block(u32 *h, const u8 *block)
{
	static const u32 k[] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
	u32 v[5], w[80], temp;
	int t;

	for (t = 0; t < 16; t++)
		w[t] = (u32)block[4 * t] << 24 | block[4 * t + 1] << 16 |
		       block[4 * t + 2] << 8 | block[4 * t + 3];
	for (; t < 80; t++)
		w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	memcpy(v, h, sizeof(v));
	for (t = 0; t < 80; t++) {
		temp = rotate(v[0], 5) + function(t, v[1], v[2], v[3]) + v[4] + w[t] + k[t / 20];
		v[4] = v[3];
		v[3] = v[2];
		v[2] = rotate(v[1], 30);
		v[1] = v[0];
		v[0] = temp;
	}
	for (t = 0; t < 5; t++)
		h[t] += v[t];
}

static void reference_tag(const struct bpf_insn *insns, u32 len, u8 *tag)
{
	u32 h[] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	static u8 message[MOST * sizeof(*insns) + 128];
	u32 bytes = len * sizeof(*insns), size = (bytes + 9 + 63) / 64 * 64, i;

	memset(message, 0, sizeof(message));
	memcpy(message, insns, bytes);
	message[bytes] = 0x80;
	for (i = 0; i < 4; i++)
		message[size - 1 - i] = bytes * 8 >> 8 * i;
	for (i = 0; i < size; i += 64)
		hash_block(h, message + i);
	for (i = 0; i < 8; i++)
		tag[i] = h[i / 4] >> (24 - i % 4 * 8);
}

static void test_random(void)
{
	struct bpf_insn insns[MOST];
	u8 tag[8], want[8];
	u64 seed = 1;
	u32 len, i;
	int n, wrong = 0;

	for (n = 0; n < 20000; n++) {
		len = 1 + n % MOST;
		for (i = 0; i < len * sizeof(*insns); i++) {
			seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
			((u8 *)insns)[i] = seed >> 56;
		}
		/* A wide one counts apart, below. */
		for (i = 0; i < len; i++)
			insns[i].code |= BPF_ALU64;
		tag_of(insns, len, tag);
		reference_tag(insns, len, want);
		wrong += !!memcmp(tag, want, sizeof(tag));
	}
	printf("# %d programs of 1 to %d instructions, %d tags differ\n", n, MOST, wrong);
	tap_result(!wrong, "tags of random programs are those of RFC 3174");
}

/* ---- Linux's own --------------------------------------------------------------- */

static bool tag_is(const struct bpf_insn *insns, u32 len, const char *want)
{
	char text[17];
	u8 tag[8];
	int i;

	tag_of(insns, len, tag);
	for (i = 0; i < 8; i++)
		sprintf(text + 2 * i, "%02x", tag[i]);
	if (!strcmp(text, want))
		return true;
	printf("# len %u tag %s\n", len, text);
	return false;
}

/* Tags that Linux 6.1 shows in fdinfo for the same programs. */
static void test_tag_lengths(void)
{
	static const struct {
		u32 len;
		const char *tag;
	} known[] = {
		{ 2, "a04f5eef06a7f555" },
		{ 6, "546ee11ae1f3c2e8" },
		{ 7, "a2e4bc672b84408a" },
		{ 8, "367c0d7962cbf3ee" },
		{ 9, "74e69ddd82a3c3b3" },
		{ 14, "ae04f688c67189fd" },
		{ 15, "5031e060b7bf42d9" },
		{ 16, "6d0fc55376263134" },
		{ 17, "f0806ac592930697" },
	};
	struct bpf_insn insns[20];
	bool good = true;
	unsigned int n;
	u32 i;

	for (n = 0; n < ARRAY_SIZE(known); n++) {
		for (i = 0; i < known[n].len; i++)
			insns[i] = (struct bpf_insn)BPF_MOV64_IMM(BPF_REG_0, i);
		insns[i - 1] = (struct bpf_insn)BPF_EXIT_INSN();
		good &= tag_is(insns, known[n].len, known[n].tag);
	}
	tap_result(good, "tags of all paddings");
}

static void test_tag_maps(void)
{
	static const struct {
		u8 source;
		u32 low, high;
		const char *tag;
	} known[] = {
		{ 0, 0, 0, "0db760b7f5020226" },
		{ 0, 7, 9, "f45c6b355bf95189" },
		{ BPF_PSEUDO_MAP_FD, 3, 0, "2c24d7c519a868e3" },
		{ BPF_PSEUDO_MAP_FD, 55, 1, "2c24d7c519a868e3" },
		{ BPF_PSEUDO_MAP_VALUE, 3, 8, "e76de9ef2eb663cb" },
		{ BPF_PSEUDO_MAP_VALUE, 5, 16, "e76de9ef2eb663cb" },
		{ BPF_PSEUDO_MAP_IDX, 0, 0, "4826571dd1408be3" },
		{ BPF_PSEUDO_MAP_IDX_VALUE, 0, 8, "e551db77b83e596b" },
		{ BPF_PSEUDO_MAP_IDX_VALUE, 0, 16, "444f09aa4725e3b2" },
	};
	static const struct bpf_insn two_maps[] = {
		BPF_LD_MAP_FD(BPF_REG_1, 3),
		BPF_LD_MAP_FD(BPF_REG_2, 4),
		BPF_MOV64_IMM(BPF_REG_0, 5),
		BPF_EXIT_INSN(),
	};
	bool good = true;
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(known); n++) {
		struct bpf_insn insns[] = {
			BPF_LD_IMM64_RAW(BPF_REG_1, known[n].source,
					 (u64)known[n].high << 32 | known[n].low),
			BPF_MOV64_IMM(BPF_REG_0, 0),
			BPF_EXIT_INSN(),
		};

		good &= tag_is(insns, 4, known[n].tag);
	}
	good &= tag_is(two_maps, ARRAY_SIZE(two_maps), "3c0639792df47dfd");
	tap_result(good, "map descriptors do not count in a tag, indices do");
}

int main(void)
{
	test_random();
	test_tag_lengths();
	test_tag_maps();
	return tap_status();
}
