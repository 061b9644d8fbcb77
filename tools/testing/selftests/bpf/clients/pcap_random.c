// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random classic programs, in the kernel and in libpcap's interpreter: what the
 * kernel accepts must keep the same bytes of every frame.
 *
 * Left out because the two define it differently: a shift by 32 or more (the
 * kernel takes the low five bits), an offset that wraps below zero (the
 * kernel's ancillary area), scratch memory read before it was written (the
 * kernel refuses).
 */
#include "test.h"
#include "classic.h"

#define FRAMES 60
#define PROGRAMS 1500
#define BATCH 100

static struct frame frames[FRAMES];

static void emit(struct classic *c, unsigned int code, unsigned int k)
{
	c->insns[c->len++] = (struct sock_filter) { .code = (__u16)code, .k = k };
}

static void emit_alu(struct rng *r, struct classic *c)
{
	static const __u16 ops[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_MOD, BPF_AND,
				     BPF_OR, BPF_XOR, BPF_NEG, BPF_LSH, BPF_RSH };
	unsigned int op = ops[rng_below(r, ARRAY_LEN(ops))], k = rng_next(r) >> rng_below(r, 32);

	if (op == BPF_NEG)
		emit(c, BPF_ALU | BPF_NEG, 0);
	else if (op == BPF_LSH || op == BPF_RSH)
		emit(c, BPF_ALU | BPF_K | op, rng_below(r, 32));
	else if (rng_below(r, 2))
		emit(c, BPF_ALU | BPF_X | op, 0);
	else
		emit(c, BPF_ALU | BPF_K | op, k | ((op == BPF_DIV || op == BPF_MOD) && !k));
}

static void emit_load(struct rng *r, struct classic *c)
{
	static const __u16 sizes[] = { BPF_B, BPF_H, BPF_W };
	unsigned int size = sizes[rng_below(r, 3)], off = rng_below(r, 90);

	switch (rng_below(r, 8)) {
	case 0:
		emit(c, BPF_LD | BPF_IMM, rng_next(r));
		break;
	case 1:
		emit(c, BPF_LDX | BPF_IMM, rng_next(r) >> rng_below(r, 32));
		break;
	case 2:
		emit(c, BPF_LD | BPF_W | BPF_LEN, 0);
		break;
	case 3:
		emit(c, BPF_LDX | BPF_W | BPF_LEN, 0);
		break;
	case 4:
		emit(c, BPF_LDX | BPF_B | BPF_MSH, off);
		break;
	case 5:
		/* A small index for certain. */
		emit(c, BPF_LDX | BPF_B | BPF_MSH, off);
		emit(c, BPF_LD | size | BPF_IND, off);
		break;
	default:
		emit(c, BPF_LD | size | BPF_ABS, off);
		break;
	}
}

static void emit_misc(struct rng *r, struct classic *c, unsigned int *written)
{
	unsigned int slot = rng_below(r, BPF_MEMWORDS), op = rng_below(r, 6);

	if (op < 2) {
		emit(c, op ? BPF_ST : BPF_STX, slot);
		*written |= 1u << slot;
	} else if (op < 4 && (*written >> slot & 1)) {
		emit(c, (op == 2 ? BPF_LD : BPF_LDX) | BPF_MEM, slot);
	} else {
		emit(c, BPF_MISC | (op & 1 ? BPF_TAX : BPF_TXA), 0);
	}
}

/* A forward jump within the rest, which ends in two returns. */
static void emit_jump(struct rng *r, struct classic *c, unsigned int room)
{
	static const __u16 ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };
	struct sock_filter *insn = &c->insns[c->len];

	emit(c, BPF_JMP | ops[rng_below(r, 4)] | (rng_below(r, 3) ? BPF_K : BPF_X),
	     rng_next(r) >> rng_below(r, 32));
	insn->jt = (__u8)rng_below(r, room);
	insn->jf = (__u8)rng_below(r, room);
	if (!rng_below(r, 8))
		*insn = (struct sock_filter) { .code = BPF_JMP | BPF_JA, .k = rng_below(r, room) };
}

static void make_program(struct rng *r, struct classic *c)
{
	unsigned int body = 4 + rng_below(r, 40), written = 0;

	c->len = 0;
	/* Stores before any jump: on every path to the loads. */
	for (unsigned int i = rng_below(r, 4); i--;)
		emit_misc(r, c, &written);
	while (c->len < body) {
		unsigned int kind = rng_below(r, 10), known = written;

		if (kind < 4)
			emit_load(r, c);
		else if (kind < 8)
			emit_alu(r, c);
		else if (kind < 9)
			/* What it stores is known on this path only. */
			emit_misc(r, c, &known);
		else if (body > c->len + 1)
			emit_jump(r, c, body - c->len);
	}
	emit(c, BPF_RET | BPF_A, 0);
	emit(c, BPF_RET | BPF_K, rng_below(r, 2000));
}

int main(void)
{
	struct rng r = { 42 };
	static struct classic c;
	unsigned int some = 0, refused = 0;
	struct tally tally;

	frames_make(&r, frames, FRAMES);
	for (int batch = 0; batch < PROGRAMS / BATCH; batch++) {
		bool same = true;

		for (int i = 0; i < BATCH && same; i++) {
			char name[64];
			int fd = socket(AF_UNIX, SOCK_DGRAM, 0), err;

			make_program(&r, &c);
			err = attach(fd, &c);
			close(fd);
			if (err) {
				refused++;
				continue;
			}
			snprintf(name, sizeof(name), "program %d", batch * BATCH + i);
			same = agree(&c, name, frames, FRAMES, &tally);
			some += tally.kept && tally.kept < FRAMES;
			for (unsigned int n = 0; !same && n < c.len; n++)
				note("%3u: { 0x%02x, %u, %u, 0x%08x },", n, c.insns[n].code,
				     c.insns[n].jt, c.insns[n].jf, c.insns[n].k);
		}
		ok(same, "programs %d to %d agree with libpcap", batch * BATCH, (batch + 1) * BATCH - 1);
	}
	/* The test has teeth only if most programs run and do decide. */
	note("%u refused, %u keep some frames and not others", refused, some);
	ok(refused < PROGRAMS / 4, "most programs were accepted");
	ok(some > PROGRAMS / 20, "many programs decide by content");
	return finish();
}
