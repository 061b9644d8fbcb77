// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs, put together from the parts of parts.c, and functions that they
 * call, put together likewise.
 *
 * Most programs are tame: after each part the verifier is asked, and a part that
 * it refuses is taken back. So they load, though each part was ventured; and
 * what a verifier with a hole lets pass stays in. The others are left as they
 * are, and most of those are refused somewhere.
 *
 * Functions are made before what calls them, the last one first, so that none can
 * call itself. A call has the function's number in place of the distance until all
 * stand one after the other.
 */
#include "insn_valid.h"
#include "parts.h"

#define MAX_FUNCTIONS	3
#define FUNCTION_INSNS	160

struct load *out;
bool has_loops;

static struct {
	struct bpf_insn insns[FUNCTION_INSNS];
	u32 len;
} functions[MAX_FUNCTIONS];
/* Those before this one are not made yet. */
static u32 made;

void emit(struct bpf_insn insn)
{
	if (out->len < GENERATE_MAX)
		out->insns[out->len++] = insn;
}

int pick_function(void)
{
	return made == MAX_FUNCTIONS ? -1 : (int)(made + random_below(MAX_FUNCTIONS - made));
}

static void prologue(void)
{
	emit(MOV_X(6, 1));
	emit(ST(BPF_DW, 10, -40, 0));
	emit(MOV_X(2, 10));
	emit(ALU_K(BPF_ADD, 2, -40));
	emit_map(MAP_16);
	emit(CALL(BPF_FUNC_map_lookup_elem));
	emit(JMP_K(BPF_JNE, 0, 0, 1));
	emit(EXIT());
	emit(MOV_X(7, 0));
	for (int r = 0; r <= 9; r++)
		if (r != 6 && r != 7)
			emit(LDX(ONE_IN(2) ? BPF_W : BPF_B, r, 6, 4 * r));
	for (int s = -8; s >= -32; s -= 8)
		emit(STX(BPF_DW, 10, number_reg(), s));
}

/* A wide instruction must not be jumped into, nor the end be overrun. */
static void mend_jumps(void)
{
	for (u32 i = 0; i < out->len; i++) {
		struct bpf_insn *insn = &out->insns[i];
		u8 class = BPF_CLASS(insn->code);
		u32 target;

		if ((class != BPF_JMP && class != BPF_JMP32) ||
		    BPF_OP(insn->code) == BPF_CALL ||
		    BPF_OP(insn->code) == BPF_EXIT)
			continue;
		if (insn->off < 0)
			continue;
		target = min(i + 1 + insn->off, out->len - 2);
		if (!out->insns[target].code)
			target++;
		insn->off = target - i - 1;
	}
}

/* The functions behind the first one, and the distances of all calls. */
static void append_functions(void)
{
	u32 start[MAX_FUNCTIONS];

	for (u32 f = made; f < MAX_FUNCTIONS; f++) {
		start[f] = out->len;
		memcpy(&out->insns[out->len], functions[f].insns,
		       functions[f].len * sizeof(*out->insns));
		out->len += functions[f].len;
	}
	for (u32 i = 0; i < out->len; i++)
		if (insn_calls_function(&out->insns[i]))
			out->insns[i].imm = start[out->insns[i].imm] - i - 1;
}

static bool is_called(u32 function)
{
	for (u32 i = 0; i < out->len; i++)
		if (insn_calls_function(&out->insns[i]) && out->insns[i].imm == (int)function)
			return true;
	for (u32 f = made; f < function; f++)
		for (u32 i = 0; i < functions[f].len; i++)
			if (insn_calls_function(&functions[f].insns[i]) &&
			    functions[f].insns[i].imm == (int)function)
				return true;
	return false;
}

static void call_plainly(u32 function)
{
	emit(MOV_X(1, 6));
	emit(MOV_X(2, 10));
	emit(ALU_K(BPF_ADD, 2, -32));
	emit(MOV_K(3, 1));
	emit(MOV_X(4, 7));
	emit(INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, function));
}

/* A function that nobody calls would be refused. */
static void finish(void)
{
	for (u32 f = made; f < MAX_FUNCTIONS; f++)
		if (!is_called(f))
			call_plainly(f);
	emit(MOV_K(0, 0));
	emit(EXIT());
	mend_jumps();
	append_functions();
}

/* Would what there is load? */
static bool would_load(void)
{
	static struct load trial;
	struct load *whole = out;

	load_copy(&trial, whole);
	out = &trial;
	finish();
	out = whole;
	load_run(&trial, PRUNE_NORMAL);
	return !trial.err;
}

static void add_part(void (*part)(void), bool tame)
{
	u32 len = out->len;

	part();
	if (tame && !would_load())
		out->len = len;
}

/* ---- functions ------------------------------------------------------------------- */

/* Of its arguments only the address is not what the first function has, too. */
static void function_prologue(void)
{
	int at = 8 * (int)random_below(4);

	emit(MOV_X(6, 1));
	emit(MOV_X(7, 4));
	emit(MOV_X(8, 3));
	emit(MOV_X(9, 2));
	if (ONE_IN(2))
		emit(STX(BPF_DW, 9, ONE_IN(6) ? 10 : 8, at));
	if (ONE_IN(2))
		emit(LDX(BPF_DW, ONE_IN(2) ? 9 : 3, 9, 8 * (int)random_below(4)));
	for (int r = 0; r <= 5; r++)
		if (r != 3)
			emit(LDX(ONE_IN(2) ? BPF_W : BPF_B, r, 6, 4 * r));
	for (int s = -8; s >= -32; s -= 8)
		emit(STX(BPF_DW, 10, PICK(((const int[]){ 0, 1, 2, 8 })), s));
	if (ONE_IN(2))
		emit(STX(BPF_W, 9, 8, at));
	emit(LDX(BPF_W, 9, 6, 8));
}

/* Would it load, called from a program that does nothing else? */
static bool would_load_function(void)
{
	static struct load trial;
	struct load *body = out;

	functions[made].len = body->len;
	memcpy(functions[made].insns, body->insns, body->len * sizeof(*body->insns));
	load_copy(&trial, body);
	out = &trial;
	trial.len = 0;
	prologue();
	finish();
	out = body;
	load_run(&trial, PRUNE_NORMAL);
	return !trial.err;
}

static void function_end(void)
{
	emit(MOV_X(0, number_reg()));
	emit(EXIT());
	mend_jumps();
}

static void make_function(struct load *program, bool tame)
{
	static struct load body;

	load_copy(&body, program);
	out = &body;
	body.len = 0;
	function_prologue();
	for (u32 n = 1 + random_below(8); n; n--) {
		u32 len = body.len;

		random_part();
		if (body.len > FUNCTION_INSNS - 16)
			body.len = len;
	}
	function_end();
	made--;
	if (!would_load_function() && tame)
		made++;
	out = program;
}

/* ---- the program ------------------------------------------------------------------- */

/* A program that is not tame ends with the first mistake, most likely. */
#define TAME_PARTS	30
#define WILD_PARTS	18

void generate(struct load *load, u64 seed)
{
	bool tame;
	u32 n;

	random_seed(seed);
	for (n = 0; n < 20; n++)
		random_below(2);
	out = load;
	tame = !ONE_IN(6);
	has_loops = ONE_IN(tame ? 4 : 2);
	load->len = 0;
	load->ops = NULL;
	load->gpl = true;
	memset(&load->attr, 0, sizeof(load->attr));
	hot_reg = 8;
	hot_slot = -8;
	made = MAX_FUNCTIONS;
	for (n = ONE_IN(2) ? 0 : random_below(2 * MAX_FUNCTIONS); n && made; n--)
		make_function(load, tame);
	prologue();
	for (n = 4 + random_below(tame ? TAME_PARTS : WILD_PARTS); n; n--)
		add_part(random_part, tame);
	finish();
}
