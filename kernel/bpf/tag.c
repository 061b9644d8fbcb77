// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tag of a program: the first half of the SHA-1 of its instructions.
 *
 * Tools compare tags to see whether two programs were loaded from the same
 * instructions, so it has to be this function of them. It is a name, not a
 * protection: who wants two programs of one tag can have them.
 *
 * Hashing is a good part of a load. lib/sha1.c goes round by round and moves
 * all five words each time, 3,400 instructions for a block of eight; here five
 * rounds are written out, after which every word has its place again: 1,400.
 *
 * Owns prog->tag. Takes no lock: the program still has one owner. Must never
 * hash what differs from load to load.
 */
#include <linux/bitops.h>
#include <linux/filter.h>
#include <linux/string.h>

#include <asm/byteorder.h>

#define BLOCK_WORDS	16
#define DIGEST_WORDS	5

/* ---- SHA-1, FIPS 180-4 section 6.1 -------------------------------------------- */

/**
 * struct sha1 - a hash that is being computed
 * @digest: of the blocks before
 * @block: message words of this one; later ones of the schedule take their place
 * @fill: how many there are
 */
struct sha1 {
	u32 digest[DIGEST_WORDS];
	u32 block[BLOCK_WORDS];
	u32 fill;
};

static __always_inline u32 choose(u32 x, u32 y, u32 z)
{
	return z ^ (x & (y ^ z));
}

static __always_inline u32 parity(u32 x, u32 y, u32 z)
{
	return x ^ y ^ z;
}

/* The two terms have no bit in common: a sum is as good, and the compiler can merge it. */
static __always_inline u32 majority(u32 x, u32 y, u32 z)
{
	return (x & y) + (z & (x ^ y));
}

/*
 * Word t of the message schedule; only the last 16 are ever asked for again. All t are
 * constants where this is inlined.
 */
static __always_inline u32 message_word(u32 *w, u32 t)
{
	if (t >= BLOCK_WORDS)
		w[t % 16] = rol32(w[(t - 3) % 16] ^ w[(t - 8) % 16] ^ w[(t - 14) % 16] ^
				  w[t % 16], 1);
	return w[t % 16];
}

/* One of the three functions of the standard. */
typedef u32 (*mix_fn)(u32 x, u32 y, u32 z);

/*
 * A round moves a to b, b to c, and so on, and makes a new a. Instead of the
 * words their roles move: the next round takes the new a for its own where the
 * old e was.
 */
static __always_inline void sha1_round(u32 a, u32 *b, u32 *e, u32 mixed, u32 constant, u32 word)
{
	*e += rol32(a, 5) + mixed + constant + word;
	*b = rol32(*b, 30);
}

static __always_inline void five_rounds(u32 *v, u32 *w, u32 t, mix_fn mix, u32 constant)
{
	sha1_round(v[0], &v[1], &v[4], mix(v[1], v[2], v[3]), constant, message_word(w, t));
	sha1_round(v[4], &v[0], &v[3], mix(v[0], v[1], v[2]), constant, message_word(w, t + 1));
	sha1_round(v[3], &v[4], &v[2], mix(v[4], v[0], v[1]), constant, message_word(w, t + 2));
	sha1_round(v[2], &v[3], &v[1], mix(v[3], v[4], v[0]), constant, message_word(w, t + 3));
	sha1_round(v[1], &v[2], &v[0], mix(v[2], v[3], v[4]), constant, message_word(w, t + 4));
}

static __always_inline void twenty_rounds(u32 *v, u32 *w, u32 t, mix_fn mix, u32 constant)
{
	five_rounds(v, w, t, mix, constant);
	five_rounds(v, w, t + 5, mix, constant);
	five_rounds(v, w, t + 10, mix, constant);
	five_rounds(v, w, t + 15, mix, constant);
}

static noinline void sha1_block(u32 *digest, u32 *w)
{
	u32 v[DIGEST_WORDS];
	u32 i;

	memcpy(v, digest, sizeof(v));
	twenty_rounds(v, w, 0, choose, 0x5a827999);
	twenty_rounds(v, w, 20, parity, 0x6ed9eba1);
	twenty_rounds(v, w, 40, majority, 0x8f1bbcdc);
	twenty_rounds(v, w, 60, parity, 0xca62c1d6);
	for (i = 0; i < DIGEST_WORDS; i++)
		digest[i] += v[i];
}

static void sha1_start(struct sha1 *hash)
{
	*hash = (struct sha1){
		.digest = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 },
	};
}

/* Two words at a time: instructions are that, and so is the length at the end. */
static void sha1_push(struct sha1 *hash, u32 first, u32 second)
{
	hash->block[hash->fill++] = first;
	hash->block[hash->fill++] = second;
	if (hash->fill < BLOCK_WORDS)
		return;
	sha1_block(hash->digest, hash->block);
	hash->fill = 0;
}

/* A one bit, zeroes, and the length of the message as the last words of a block. */
static void sha1_end(struct sha1 *hash, u64 bytes)
{
	sha1_push(hash, BIT(31), 0);
	while (hash->fill != BLOCK_WORDS - 2)
		sha1_push(hash, 0, 0);
	sha1_push(hash, upper_32_bits(bytes * BITS_PER_BYTE), lower_32_bits(bytes * BITS_PER_BYTE));
}

/* ---- what of a program is hashed ---------------------------------------------- */

static bool names_map_by_fd(const struct bpf_insn *insn)
{
	return insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
	       (insn->src_reg == BPF_PSEUDO_MAP_FD ||
		insn->src_reg == BPF_PSEUDO_MAP_VALUE);
}

/**
 * bpf_prog_calc_tag() - compute prog->tag
 * @fp: program as loaded, before map descriptors are resolved
 *
 * The tag is the same for every load of the same program, hence both halves of
 * an immediate that names a map by descriptor count as 0.
 *
 * Context: any context; the time it takes grows with the program.
 */
void bpf_prog_calc_tag(struct bpf_prog *fp)
{
	bool second_half = false;
	struct sha1 hash;
	u32 i;

	sha1_start(&hash);
	for (i = 0; i < fp->len; i++) {
		const struct bpf_insn *insn = &fp->insnsi[i];
		bool names_map = names_map_by_fd(insn);
		__be32 half[2];

		memcpy(half, insn, sizeof(half));
		if (names_map || second_half)
			half[1] = 0;
		second_half = names_map;
		sha1_push(&hash, be32_to_cpu(half[0]), be32_to_cpu(half[1]));
	}
	sha1_end(&hash, bpf_prog_insn_size(fp));

	for (i = 0; i < BPF_TAG_SIZE / sizeof(u32); i++) {
		__be32 word = cpu_to_be32(hash.digest[i]);

		memcpy(&fp->tag[i * sizeof(word)], &word, sizeof(word));
	}
}
