// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lookups in arrays in every form in which a program can ask for one: where the
 * key is, whether it is a constant, what follows the call, who else comes to
 * it. The index of each run is in another map, so that nobody knows it at load;
 * both engines must find the same element, and none outside of the array.
 */
#include "../engine.h"

#define ENTRIES	5
#define MISSED	7777	/* what a program returns for NULL */
#define MAX_LEN	4096

static int array, other, input;

/* ---- programs in the making ---------------------------------------------------- */

static struct bpf_insn code[MAX_LEN];
static size_t len;

#define EMIT(...) emit((struct bpf_insn[]) { __VA_ARGS__ },		\
		       ARRAY_LEN(((struct bpf_insn[]) { __VA_ARGS__ })))

static void emit(const struct bpf_insn *insns, size_t n)
{
	if (len + n > MAX_LEN)
		bail("program too long");
	memcpy(&code[len], insns, n * sizeof(*insns));
	len += n;
}

/* R7: the index. The call before the one that is tried: R1 to R5 are gone. */
static void emit_head(void)
{
	len = 0;
	EMIT(ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, input),
	     CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JNE, 0, 0, 2), MOV_K(0, MISSED), EXIT(),
	     LDX(BPF_W, 7, 0, 0));
}

/* The key in R7 to the stack at @off, R2 and R1 for the call. */
static void emit_key(int off)
{
	EMIT(STX(BPF_W, 10, 7, off), MOV_X(2, 10), ALU_K(BPF_ADD, 2, off));
}

static void emit_found_or_not(void)
{
	EMIT(JMP_K(BPF_JEQ, 0, 0, 2), LDX(BPF_B, 0, 0, 0), EXIT(), MOV_K(0, MISSED), EXIT());
}

/* ---- forms ---------------------------------------------------------------------- */

static void jump_if_null(void)
{
	emit_key(-4);
	EMIT(LD_MAP(1, array), CALL(BPF_FUNC_map_lookup_elem));
	emit_found_or_not();
}

static void jump_if_found(void)
{
	emit_key(-4);
	EMIT(LD_MAP(1, array), CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JNE, 0, 0, 2),
	     MOV_K(0, MISSED), EXIT(), LDX(BPF_B, 0, 0, 0), EXIT());
}

static void asked_later(void)
{
	emit_key(-4);
	EMIT(LD_MAP(1, array), CALL(BPF_FUNC_map_lookup_elem), MOV_X(8, 0), MOV_K(0, MISSED),
	     JMP_K(BPF_JEQ, 8, 0, 1), LDX(BPF_B, 0, 8, 0), EXIT());
}

static void map_first(void)
{
	EMIT(LD_MAP(1, array), STX(BPF_W, 10, 7, -12), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -12),
	     CALL(BPF_FUNC_map_lookup_elem));
	emit_found_or_not();
}

static void map_from_saved(void)
{
	EMIT(LD_MAP(8, array));
	emit_key(-16);
	EMIT(MOV_X(1, 8), CALL(BPF_FUNC_map_lookup_elem));
	emit_found_or_not();
}

static void key_unaligned(void)
{
	EMIT(ST(BPF_DW, 10, -8, 0), ST(BPF_DW, 10, -16, 0), STX(BPF_B, 10, 7, -10),
	     ALU_K(BPF_RSH, 7, 8), STX(BPF_B, 10, 7, -9), ALU_K(BPF_RSH, 7, 8),
	     STX(BPF_B, 10, 7, -8), ALU_K(BPF_RSH, 7, 8), STX(BPF_B, 10, 7, -7),
	     MOV_X(2, 10), ALU_K(BPF_ADD, 2, -10), LD_MAP(1, array),
	     CALL(BPF_FUNC_map_lookup_elem));
	emit_found_or_not();
}

static void key_half_of_slot(void)
{
	EMIT(ALU_K(BPF_LSH, 7, 32), ALU_K(BPF_OR, 7, 3), STX(BPF_DW, 10, 7, -8),
	     MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, array),
	     CALL(BPF_FUNC_map_lookup_elem));
	emit_found_or_not();
}

/* The input's value is the key. */
static void key_in_map(void)
{
	EMIT(MOV_X(2, 0), LD_MAP(1, array), CALL(BPF_FUNC_map_lookup_elem));
	emit_found_or_not();
}

static void key_at_either_place(void)
{
	EMIT(STX(BPF_W, 10, 7, -4), STX(BPF_W, 10, 7, -8), MOV_X(2, 10),
	     JMP_K(BPF_JSET, 7, 1, 2), ALU_K(BPF_ADD, 2, -4), JA(1), ALU_K(BPF_ADD, 2, -8),
	     LD_MAP(1, array), CALL(BPF_FUNC_map_lookup_elem));
	emit_found_or_not();
}

static void either_map(void)
{
	emit_key(-4);
	EMIT(JMP_K(BPF_JSET, 7, 1, 3), LD_MAP(1, array), JA(2), LD_MAP(1, other),
	     CALL(BPF_FUNC_map_lookup_elem));
	emit_found_or_not();
}

static void either_map_is_asked_at_one_place(void)
{
	emit_key(-4);
	EMIT(JMP_K(BPF_JSET, 7, 1, 4), LD_MAP(1, array), CALL(BPF_FUNC_map_lookup_elem),
	     JA(3), LD_MAP(1, other), CALL(BPF_FUNC_map_lookup_elem));
	emit_found_or_not();
}

static void constant_key(void)
{
	EMIT(MOV_K(7, 3));
	jump_if_null();
}

static void constant_key_jump_if_found(void)
{
	EMIT(MOV_K(7, 3));
	jump_if_found();
}

static void constant_key_asked_later(void)
{
	EMIT(MOV_K(7, 3));
	asked_later();
}

static void constant_key_in_upper_half(void)
{
	EMIT(MOV_K(7, 2));
	key_half_of_slot();
}

static void constant_key_outside(void)
{
	EMIT(MOV_K(7, ENTRIES));
	jump_if_null();
}

static void constant_key_outside_jump_if_found(void)
{
	EMIT(MOV_K(7, ENTRIES));
	jump_if_found();
}

/* The first path says 1, a later one that could be pruned says 3. */
static void constant_on_each_path(void)
{
	EMIT(MOV_X(8, 7), MOV_K(7, 1), JMP_K(BPF_JSET, 8, 1, 1), MOV_K(7, 3));
	jump_if_null();
}

static void constant_on_one_path(void)
{
	EMIT(JMP_K(BPF_JSET, 7, 1, 1), MOV_K(7, 2));
	jump_if_found();
}

/* The same constant comes by two ways, of which one says more of another register. */
static void same_constant_on_each_path(void)
{
	EMIT(MOV_X(8, 7), MOV_K(7, 4), JMP_K(BPF_JGT, 8, 9, 1), MOV_K(7, 4));
	jump_if_null();
}

/* What made arguments is used by others too. */
static void arguments_have_other_uses(void)
{
	EMIT(MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), STX(BPF_DW, 10, 7, -8), MOV_X(1, 2),
	     LDX(BPF_W, 9, 1, 0), STX(BPF_W, 2, 9, 0), MOV_K(1, 3), ALU_X(BPF_ADD, 9, 1),
	     LD_MAP(1, array), CALL(BPF_FUNC_map_lookup_elem), ALU_X(BPF_SUB, 9, 7),
	     JMP_K(BPF_JEQ, 0, 0, 3), LDX(BPF_B, 0, 0, 0), ALU_X(BPF_ADD, 0, 9), EXIT(),
	     MOV_K(0, MISSED), ALU_X(BPF_ADD, 0, 9), EXIT());
}

/* Jumped to from behind the arguments, with arguments of the other path. */
static void call_is_jumped_to(void)
{
	EMIT(LD_MAP(1, array), STX(BPF_W, 10, 7, -4), STX(BPF_W, 10, 7, -8), MOV_X(2, 10),
	     ALU_K(BPF_ADD, 2, -8), JMP_K(BPF_JSET, 7, 1, 2), MOV_X(2, 10),
	     ALU_K(BPF_ADD, 2, -4), CALL(BPF_FUNC_map_lookup_elem));
	emit_found_or_not();
}

static void two_in_a_row(void)
{
	emit_key(-4);
	EMIT(LD_MAP(1, array), CALL(BPF_FUNC_map_lookup_elem), MOV_X(8, 0),
	     MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, other),
	     CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 5),
	     JMP_K(BPF_JEQ, 8, 0, 4), LDX(BPF_B, 0, 0, 0), LDX(BPF_B, 8, 8, 0),
	     ALU_X(BPF_ADD, 0, 8), EXIT(), MOV_K(0, MISSED), EXIT());
}

static void many(void)
{
	emit_key(-4);
	for (int i = 0; i < 300; i++) {
		if (i)
			EMIT(MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4));
		EMIT(LD_MAP(1, i % 2 ? other : array), CALL(BPF_FUNC_map_lookup_elem),
		     JMP_K(BPF_JNE, 0, 0, 2), MOV_K(0, MISSED), EXIT(), LDX(BPF_B, 8, 0, 0));
	}
	EMIT(MOV_X(0, 8), EXIT());
}

/* ---- what they must find -------------------------------------------------------- */

/* Byte 0 of element @index, of the other array if @odd; or MISSED. */
static int element(__u32 index, bool odd)
{
	return index >= ENTRIES ? MISSED : (odd ? 100 : 10) + (int)index;
}

static int as_asked(__u32 index)
{
	return element(index, false);
}

static int by_parity(__u32 index)
{
	return element(index, index & 1);
}

static int third(__u32 index)
{
	return element(3, false);
}

static int second(__u32 index)
{
	return element(2, false);
}

static int outside(__u32 index)
{
	return MISSED;
}

static int first_or_third(__u32 index)
{
	return element(index & 1 ? 1 : 3, false);
}

static int second_if_even(__u32 index)
{
	return element(index & 1 ? index : 2, false);
}

static int fourth(__u32 index)
{
	return element(4, false);
}

static int plus_three(__u32 index)
{
	return element(index, false) + 3;
}

static int sum_of_both(__u32 index)
{
	return index >= ENTRIES ? MISSED : element(index, false) + element(index, true);
}

static int of_other(__u32 index)
{
	return element(index, true);
}

#define FORM(f, want)	{ #f, f, want }

static const struct {
	const char *name;
	void (*make)(void);
	int (*want)(__u32 index);
} forms[] = {
	FORM(jump_if_null, as_asked),
	FORM(jump_if_found, as_asked),
	FORM(asked_later, as_asked),
	FORM(map_first, as_asked),
	FORM(map_from_saved, as_asked),
	FORM(key_unaligned, as_asked),
	FORM(key_half_of_slot, as_asked),
	FORM(key_in_map, as_asked),
	FORM(key_at_either_place, as_asked),
	FORM(either_map, by_parity),
	FORM(either_map_is_asked_at_one_place, by_parity),
	FORM(constant_key, third),
	FORM(constant_key_jump_if_found, third),
	FORM(constant_key_asked_later, third),
	FORM(constant_key_in_upper_half, second),
	FORM(constant_key_outside, outside),
	FORM(constant_key_outside_jump_if_found, outside),
	FORM(constant_on_each_path, first_or_third),
	FORM(constant_on_one_path, second_if_even),
	FORM(same_constant_on_each_path, fourth),
	FORM(arguments_have_other_uses, plus_three),
	FORM(call_is_jumped_to, as_asked),
	FORM(two_in_a_row, sum_of_both),
	FORM(many, of_other),
};

/* ---- running -------------------------------------------------------------------- */

static const __u32 indexes[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 0xff, 0x100, 0x10004, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
};

static int make_array(__u32 value_size, int base)
{
	int fd = map_create(BPF_MAP_TYPE_ARRAY, 4, value_size, ENTRIES, 0);
	__u8 value[256];

	memset(value, 0xee, sizeof(value));
	for (__u32 i = 0; i < ENTRIES; i++) {
		value[0] = (__u8)(base + (int)i);
		if (map_put(fd, &i, value, 0))
			bail("fill an array");
	}
	return fd;
}

static void try_form(size_t f, __u32 value_size, const char *engine)
{
	int prog, wrong = 0;

	emit_head();
	forms[f].make();
	prog = prog_load(BPF_PROG_TYPE_SOCKET_FILTER, code, len);
	if (prog < 0)
		bail("%s: %s", forms[f].name, prog_log);
	for (size_t i = 0; i < ARRAY_LEN(indexes); i++) {
		int got, want = forms[f].want(indexes[i]);

		if (map_put(input, &(__u32){ 0 }, &indexes[i], 0))
			bail("input");
		got = prog_test_run(prog, 1);
		if (got != want && !wrong++)
			note("index %#x: %d, not %d", indexes[i], got, want);
	}
	ok(!wrong, "%s, values of %u bytes%s", forms[f].name, value_size, engine);
	close(prog);
}

static void try_all(const char *engine)
{
	static const __u32 sizes[] = { 1, 4, 8, 12, 16, 100 };

	for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
		array = make_array(sizes[s], 10);
		other = make_array(sizes[s], 100);
		for (size_t f = 0; f < ARRAY_LEN(forms); f++)
			try_form(f, sizes[s], engine);
		close(array);
		close(other);
	}
}

int main(void)
{
	input = map_create(BPF_MAP_TYPE_HASH, 4, 4, 1, 0);
	if (!have_jit()) {
		try_all("");
		return finish();
	}
	if (have_interpreter()) {
		jit_set("enable", "0");
		try_all(", interpreted");
	}
	jit_set("enable", "1");
	try_all(", machine code");
	return finish();
}
