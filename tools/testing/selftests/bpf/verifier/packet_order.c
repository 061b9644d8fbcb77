// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every comparison of a packet pointer with the end of its bytes: each operator, both
 * orders of the operands, both widths, both edges, behind the packet's end and in front
 * of its first byte. On each edge the bytes that are proved can be read to the last,
 * and not one more.
 */
#include "cases.h"

#include <stddef.h>

#define FIELD(name)	((int)offsetof(struct __sk_buff, name))

/* The pointer that is compared points so many bytes into the packet. */
#define AT		8

/* Bytes proved on an edge, or what else is. */
enum { NOTHING = 0, CLOSED = AT, OPEN = AT + 1, BEHIND = -1 };

static const struct {
	unsigned char op;
	const char *text;
	/* pointer op end: if the jump is not taken, if it is; then end op pointer */
	int proved[2][2];
} ops[] = {
	{ BPF_JGT, ">", { { CLOSED, BEHIND }, { BEHIND, OPEN } } },
	{ BPF_JGE, ">=", { { OPEN, BEHIND }, { BEHIND, CLOSED } } },
	{ BPF_JLT, "<", { { BEHIND, OPEN }, { CLOSED, BEHIND } } },
	{ BPF_JLE, "<=", { { BEHIND, CLOSED }, { OPEN, BEHIND } } },
	{ BPF_JSGT, "s>", { } },
	{ BPF_JSGE, "s>=", { } },
	{ BPF_JSLT, "s<", { } },
	{ BPF_JSLE, "s<=", { } },
	{ BPF_JEQ, "==", { } },
	{ BPF_JNE, "!=", { } },
	{ BPF_JSET, "&", { } },
};

#define CASES	(ARRAY_LEN(ops) * 2 * 2 * 2 * 2 * 2)
static struct vcase cases[CASES];
static char names[CASES][96], texts[CASES][96];

/* Which program: each of these doubles their number. */
struct form {
	size_t op;
	bool turned, half, taken, meta, too_far;
};

static int proved(const struct form *form)
{
	return form->half ? NOTHING : ops[form->op].proved[form->turned][form->taken];
}

/* r2 = first byte, r3 = end, r4 = r2 + AT, compared; the other edge ends. */
static size_t make_insns(const struct form *form, int off, struct bpf_insn *out)
{
	unsigned char class = form->half ? BPF_JMP32 : BPF_JMP;
	unsigned char dst = form->turned ? 3 : 4, src = form->turned ? 4 : 3;
	const struct bpf_insn head[] = {
		LDX(BPF_W, 2, 1, form->meta ? FIELD(data_meta) : FIELD(data)),
		LDX(BPF_W, 3, 1, form->meta ? FIELD(data) : FIELD(data_end)),
		MOV_X(4, 2),
		ALU_K(BPF_ADD, 4, AT),
		INSN(class | BPF_X | ops[form->op].op, dst, src, form->taken ? 2 : 3, 0),
	};
	const struct bpf_insn use[] = { LDX(BPF_B, 0, 2, off), RET(0) };
	const struct bpf_insn end[] = { RET(0) };
	size_t n = ARRAY_LEN(head);

	memcpy(out, head, sizeof(head));
	memcpy(out + n, form->taken ? end : use, form->taken ? sizeof(end) : sizeof(use));
	n += form->taken ? ARRAY_LEN(end) : ARRAY_LEN(use);
	memcpy(out + n, form->taken ? use : end, form->taken ? sizeof(use) : sizeof(end));
	return n + (form->taken ? ARRAY_LEN(use) : ARRAY_LEN(end));
}

/* The last byte that is proved, or the one behind; where none is, the first. */
static void make_case(const struct form *form, size_t i)
{
	struct vcase *c = &cases[i];
	int bytes = proved(form) > 0 ? proved(form) : 0;
	int off = form->too_far || !bytes ? bytes : bytes - 1;

	snprintf(names[i], sizeof(names[i]), "%s %s %s%s, %staken, byte %d%s",
		 form->turned ? "end" : "pointer", ops[form->op].text,
		 form->turned ? "pointer" : "end", form->half ? " in 32 bits" : "",
		 form->taken ? "" : "not ", off, form->meta ? " in front" : "");
	c->name = names[i];
	c->type = BPF_PROG_TYPE_SCHED_CLS;
	make_insns(form, off, c->insns);
	if (off < bytes)
		return;
	snprintf(texts[i], sizeof(texts[i]),
		 "invalid access to packet, off=%d size=1, R2(id=0,off=%d,r=%d)", off, off, bytes);
	c->err = -EACCES;
	c->log = texts[i];
}

int main(void)
{
	size_t n = 0;

	for (size_t op = 0; op < ARRAY_LEN(ops); op++)
		for (unsigned int bits = 0; bits < 32; bits++) {
			const struct form form = {
				.op = op, .turned = bits & 1, .half = bits & 2,
				.taken = bits & 4, .meta = bits & 8, .too_far = bits & 16,
			};

			/* Where nothing is proved there is only too far. */
			if (form.too_far || proved(&form) > 0)
				make_case(&form, n++);
		}
	return cases_run(cases, n);
}
