// SPDX-License-Identifier: GPL-2.0-only
/*
 * One instruction at a time through the first pass and the disassembler.
 *
 *   validity: all 256 opcodes with edge values of every field, against the
 *   reference's idea of what RFC 9669 defines and a second list of which fields
 *   each opcode leaves reserved.
 *   text: every opcode that can be loaded prints; instructions that differ in a
 *   field that means something print differently, so the text says it all; and
 *   the text of each form is as in opcodes.golden (`opcodes -p` prints it).
 */
#include "../unit_interp/reference.h"
#include "insn_table.h"
#include "insn_valid.h"
#include "tap.h"
#include "verifier.h"

/* ---- which fields an opcode uses ------------------------------------------------- */

struct fields {
	bool dst, src, off, imm;
};

static struct fields alu_fields(u8 code)
{
	bool reg = code & 8;
	u8 op = code >> 4;

	switch (op) {
	case 0x8:
		return (struct fields){ .dst = true };
	case 0xd:
		return (struct fields){ .dst = true, .imm = true };
	case 0x3:
	case 0x9:
		return (struct fields){ .dst = true, .src = reg, .off = true, .imm = !reg };
	case 0xb:
		return (struct fields){ .dst = true, .src = reg, .off = reg, .imm = !reg };
	default:
		return (struct fields){ .dst = true, .src = reg, .imm = !reg };
	}
}

static struct fields jump_fields(u8 code)
{
	bool reg = code & 8, is64 = (code & 7) == 5;

	switch (code >> 4) {
	case 0x0:
		return (struct fields){ .off = is64, .imm = !is64 };
	case 0x8:
		return (struct fields){ .src = true, .imm = true };
	case 0x9:
		return (struct fields){ .dst = false };
	default:
		return (struct fields){ .dst = true, .src = reg, .off = true, .imm = !reg };
	}
}

static struct fields fields_of(u8 code)
{
	switch (code & 7) {
	case 0:
		if (code == 0x18)
			return (struct fields){ .dst = true, .src = true, .imm = true };
		return (struct fields){ .src = code >> 5 == 2, .imm = true };
	case 1:
		return (struct fields){ .dst = true, .src = true, .off = true };
	case 2:
		return (struct fields){ .dst = true, .off = true, .imm = true };
	case 3:
		return (struct fields){ .dst = true, .src = true, .off = true,
					.imm = code >> 5 == 6 };
	case 4:
	case 7:
		return alu_fields(code);
	default:
		return jump_fields(code);
	}
}

/* Constants that divide, and counts that shift too far, are refused. */
static bool constant_fits(const struct bpf_insn *insn)
{
	u8 class = insn->code & 7, op = insn->code >> 4;
	u32 bits = class == 7 ? 64 : 32;

	if ((class != 4 && class != 7) || insn->code & 8)
		return true;
	if (op == 0x3 || op == 0x9)
		return insn->imm;
	if (op == 0x6 || op == 0x7 || op == 0xc)
		return (u32)insn->imm < bits;
	return true;
}

/* The program is the instruction and an exit. */
static bool stays_inside(const struct bpf_insn *insn)
{
	u8 class = insn->code & 7, op = insn->code >> 4;
	s64 distance = class == 6 && !op ? insn->imm : insn->off;

	if ((class != 5 && class != 6) || op == 0x8 || op == 0x9)
		return true;
	return distance == 0 || distance == -1;
}

/* Who writes the frame pointer is refused where a path comes to it, not here. */
static bool well_formed(const struct bpf_insn *insn)
{
	struct fields f = fields_of(insn->code);

	if (!ref_defines(insn) || !constant_fits(insn))
		return false;
	if ((!f.dst && insn->dst_reg) || (!f.src && insn->src_reg) || (!f.off && insn->off) ||
	    (!f.imm && insn->imm))
		return false;
	/* Helpers by number, functions of the program, functions by type id. */
	if (insn->code == 0x85 && insn->src_reg > 2)
		return false;
	if (insn->dst_reg > 10 || (insn->src_reg > 10 && insn->code != 0x18))
		return false;
	return true;
}

/* ---- validity -------------------------------------------------------------------- */

static int verdict_of(struct bpf_insn insn)
{
	struct bpf_insn insns[] = { insn, { 0 }, BPF_EXIT_INSN() };
	struct insn_aux aux[3] = { 0 };
	struct bpf_prog_func func = { 0 };
	struct verifier_env env = {
		.aux = aux, .insns = insns, .len = 3, .func = &func, .funcs = 1,
	};

	if (insn.code != 0x18) {
		insns[1] = (struct bpf_insn)BPF_EXIT_INSN();
		env.len = 2;
	}
	return verifier_layout(&env) ?: verifier_insn_valid(&env);
}

static void check_validity(void)
{
	static const u8 regs[] = { 0, 1, 9, 10, 11, 15 };
	static const s16 offs[] = { 0, 1, 2, 8, 16, 32, 64, -1, -32768 };
	static const s32 imms[] = { 0, 1, 2, 16, 31, 32, 63, 64, -1, 0x40, 0x41, 0x51, 0xa1,
				    0xe1, 0xf1, 0xe0, 0xf0, 0x7fffffff };
	unsigned long wrong = 0, n = 0, good = 0;
	u32 code, d, s, o, i;

	for (code = 0; code < 256; code++)
		for (d = 0; d < ARRAY_SIZE(regs); d++)
			for (s = 0; s < ARRAY_SIZE(regs); s++)
				for (o = 0; o < ARRAY_SIZE(offs); o++)
					for (i = 0; i < ARRAY_SIZE(imms); i++) {
						struct bpf_insn insn = {
							code, regs[d], regs[s], offs[o], imms[i],
						};
						bool want = well_formed(&insn) && stays_inside(&insn);

						n++;
						good += want;
						if (!verdict_of(insn) == want)
							continue;
						if (wrong++ < 5)
							printf("# %02x r%u r%u off %d imm %#x: %d\n",
							       code, regs[d], regs[s], offs[o],
							       imms[i], verdict_of(insn));
					}
	printf("# %lu instructions, %lu of them valid\n", n, good);
	tap_result(!wrong && good, "every opcode and field as the RFC and the second list");
}

/* ---- text ------------------------------------------------------------------------- */

static const char *text_of(const struct bpf_insn *insn)
{
	static char text[256];
	struct vlog log = { .level = 1, .ubuf = text, .ubuf_size = sizeof(text),
			    .kbuf_size = sizeof(text) };

	log.kbuf = malloc(log.kbuf_size);
	vlog_insn(&log, insn);
	vlog_finish(&log);
	free(log.kbuf);
	return text;
}

static bool same_text(const struct bpf_insn *a, const struct bpf_insn *b)
{
	char text[256];

	strcpy(text, text_of(a));
	return !strcmp(text, text_of(b));
}

/* Another valid value in one field must show. */
static unsigned long hidden_fields(const struct bpf_insn *insn)
{
	static const s16 offs[] = { 0, 1, 5, 8, 16, 32, -9 };
	static const s32 imms[] = { 0, 1, 7, 16, 32, 64, -3, 0x40, 0x41, 0x50, 0x51, 0xa0, 0xa1,
				    0xe1, 0xf1 };
	struct bpf_insn pair[2] = { { 0 } }, *other = pair;
	unsigned long hidden = 0;
	u32 v;

	for (v = 0; v < 4 * 16; v++) {
		*other = *insn;
		if (v < 16)
			other->dst_reg = v;
		else if (v < 32)
			other->src_reg = v - 16;
		else if (v < 48)
			other->off = offs[v % ARRAY_SIZE(offs)];
		else
			other->imm = imms[v % ARRAY_SIZE(imms)];
		if (memcmp(other, insn, sizeof(*insn)) && well_formed(other) && same_text(other, insn)) {
			printf("# %02x off %d imm %d prints as off %d imm %d: %s\n", insn->code,
			       insn->off, insn->imm, other->off, other->imm, text_of(insn));
			hidden++;
		}
	}
	return hidden;
}

/* Each form of each opcode: all values of the field that selects a variant. */
static u32 forms(u8 code, struct bpf_insn *out)
{
	static const s16 offs[] = { 0, 1, 8, 16, 32 };
	static const s32 imms[] = { 0, 16, 32, 0x40, 0x50, 0xa0, 1, 0x41, 0x51, 0xa1, 0xe1,
				    0xf1 };
	struct fields f = fields_of(code);
	bool variants = (code & 7) == 4 || (code & 7) == 7;
	bool selects = (variants && code >> 4 == 0xd) || ((code & 7) == 3 && code >> 5 == 6);
	u32 n = 0, o, i;

	for (o = 0; o < (variants ? ARRAY_SIZE(offs) : 1); o++)
		for (i = 0; i < (selects ? ARRAY_SIZE(imms) : 1); i++) {
			struct bpf_insn insn = {
				.code = code, .dst_reg = f.dst ? 3 : 0,
				.src_reg = code == 0x18 || code == 0x85 ? 0 : f.src ? 7 : 0,
				.off = variants ? offs[o] : f.off ? -6 : 0,
				.imm = selects ? imms[i] : f.imm ? 5 : 0,
			};

			if (well_formed(&insn))
				out[n++] = insn;
		}
	return n;
}

static void print_forms(FILE *to)
{
	struct bpf_insn form[80][2] = { 0 }, flat[80];
	u32 code, i, n;

	for (code = 0; code < 256; code++) {
		n = forms(code, flat);
		for (i = 0; i < n; i++) {
			form[i][0] = flat[i];
			fprintf(to, "%02x %d %#x: %s\n", code, flat[i].off, flat[i].imm,
				text_of(form[i]));
		}
	}
}

static void check_text(void)
{
	static const u8 public[] = {
#define CODE(label, code) code,
		BPF_INSN_TABLE(CODE)
	};
	struct bpf_insn flat[80], pair[2] = { { 0 } };
	unsigned long hidden = 0, silent = 0, n = 0;
	u32 c, i, count;

	for (c = 0; c < ARRAY_SIZE(public); c++) {
		count = forms(public[c], flat);
		silent += !count;
		for (i = 0; i < count; i++) {
			pair[0] = flat[i];
			silent += !*text_of(pair) || strstr(text_of(pair), "BUG") ||
				  strstr(text_of(pair), "unknown ");
			hidden += hidden_fields(pair);
			n++;
		}
	}
	printf("# %lu forms of %zu opcodes\n", n, ARRAY_SIZE(public));
	tap_result(!silent, "every opcode of the table has a text");
	tap_result(!hidden, "the text tells every field");
}

static void check_golden(const char *name)
{
	FILE *golden = fopen(name, "r"), *now = tmpfile();
	char a[256], b[256];
	bool good = golden && now;

	if (good)
		print_forms(now);
	if (now)
		rewind(now);
	do {
		if (good && !fgets(a, sizeof(a), golden))
			*a = 0;
		if (good && !fgets(b, sizeof(b), now))
			*b = 0;
		if (good && strcmp(a, b)) {
			printf("# want %s# have %s", a, b);
			good = false;
		}
	} while (good && *a);
	tap_result(good, "texts as in opcodes.golden");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "-p")) {
		print_forms(stdout);
		return 0;
	}
	check_validity();
	check_text();
	check_golden(argc > 1 ? argv[1] : "opcodes.golden");
	return tap_status();
}
