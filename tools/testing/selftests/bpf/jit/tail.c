// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tail calls to known slots: what the JIT makes of them, run as it is, with the
 * jumps that kernel/bpf/tail_sites.c puts there, which is part of this program.
 *
 * Changes of code are watched one by one: whatever a run meets in between, wherever
 * it stands, it ends in the old program or in the new one.
 */
#include "glue.h"
#include "jit_image.h"
#include "native.h"
#include "program.h"
#include "tap.h"

#define PLACE_BYTES	0x8000

/* ---- the kernel around it ------------------------------------------------------------ */

static void (*on_poke)(void);
static unsigned int pokes, open_pokes, pokes_in_a_go, most_in_a_go;
static bool poked_outside;

void bpf_jit_poke_begin(void)
{
	open_pokes++;
	pokes_in_a_go = 0;
}

void bpf_jit_poke(void *at, const void *to)
{
	poked_outside |= open_pokes != 1;
	native_jump(at, to);
	pokes++;
	most_in_a_go = max(most_in_a_go, ++pokes_in_a_go);
	if (on_poke)
		on_poke();
}

void bpf_jit_poke_end(void)
{
	open_pokes--;
}

void bpf_jit_jump_insn(u8 *insn, const void *at, const void *to)
{
	s32 distance = to - at - BPF_JIT_JUMP_BYTES;

	*insn = 0xe9;
	memcpy(insn + 1, &distance, sizeof(distance));
}

bool bpf_jit_text_copy(void *to, const void *from, size_t size)
{
	s32 distance;

	memcpy(&distance, from + 1, sizeof(distance));
	native_jump(to, to + size + distance);
	return true;
}

#include "tail_sites.c"

/* ---- programs ------------------------------------------------------------------------ */

/* A program, its image, and what the kernel keeps of both. */
struct made {
	struct bpf_prog prog;
	struct bpf_prog_aux aux;
	struct bpf_jit_image image;
	struct bpf_tail_site site[SITES_MAX];
	u32 nsites;
};

/* @site: number of the table, or 0. The map is one that nobody must look into. */
static void put_tail_call(u32 index, u32 site)
{
	put(BPF_MOV64_REG(1, 6));
	put_wide(2, 0xdead000000000000);
	put(BPF_MOV64_IMM(3, index));
	put(BPF_RAW_INSN(BPF_JMP | BPF_TAIL_CALL, 0, 0, 0, site));
}

/* Compile insns[] to the @place-th part of the image, with the sites it has. */
static struct made *make(u32 depth, u32 sites, const struct jit_target *target, u32 place)
{
	struct jit_program program = { insns, len, depth, sites };
	struct made *made = calloc(1, sizeof(*made));
	struct jit_tail_site places[SITES_MAX];
	struct image_facts facts;
	u8 *start;

	if (native_compile(&program, target, place * PLACE_BYTES) || native_size() > PLACE_BYTES ||
	    !native_check_image(&facts))
		abort();
	start = native_image();
	made->image.start = start;
	made->image.size = native_size();
	made->image.body = native_entries().body;
	made->image.layout = native_entries().layout;
	made->aux.image = &made->image;
	made->prog.aux = &made->aux;
	made->prog.bpf_func = (void *)start;
	made->prog.tail_func = native_tail();
	made->nsites = native_sites(places);
	for (u32 i = 0; i < made->nsites; i++)
		made->site[places[i].number - 1] = (struct bpf_tail_site){
			.layout = made->image.layout,
			.jump = start + places[i].jump,
			.leave = start + places[i].leave,
			.out = start + places[i].out,
		};
	return made;
}

static u64 run(const struct made *made, void *ctx)
{
	u64 result;

	return native_run((u8 *)made->image.start - native_base(), ctx, &result) ?
	       result : 0xbadbadbad;
}

/* Where a changed jump leads; NULL: on. */
static void *led_to(const void *at)
{
	s32 distance;

	if (*(const u8 *)at != 0xe9)
		return NULL;
	memcpy(&distance, at + 1, sizeof(distance));
	return (void *)at + JIT_JUMP_BYTES + distance;
}

static struct rb_root sites;

/* All sites of @made are kept right, each for the slot of its number less 1. */
static void join(struct made *made, const struct bpf_prog *to)
{
	for (u32 i = 0; i < made->nsites; i++) {
		made->site[i].index = i;
		bpf_tail_site_add(&sites, &made->site[i], to);
	}
}

static void forget(void)
{
	sites.first = NULL;
}

/* ---- frames -------------------------------------------------------------------------- */

/* Registers that a program uses, of which R6 is one; and its stack. */
struct shape {
	u32 regs;
	u32 depth;
	bool calls;
};

static const struct shape shapes[] = {
	{ 0x1, 0, true }, { 0x1, 0, false }, { 0x1, 8, true }, { 0x1, 16, true }, { 0x3, 0, true },
	{ 0x3, 8, true }, { 0x5, 8, true }, { 0x1f, 512, true }, { 0x1f, 512, false },
	{ 0x9, 128, true }, { 0x11, 120, false }, { 0x11, 120, true },
};

static bool same_frame(const struct shape *a, const struct shape *b)
{
	return a->calls && b->calls && a->regs == b->regs && a->depth == b->depth;
}

static void use_frame(const struct shape *shape, u32 value)
{
	static const u8 regs[] = { 6, 7, 8, 9, BPF_REG_AX };

	put(BPF_MOV64_REG(6, 1));
	for (u32 i = 1; i < ARRAY_SIZE(regs); i++)
		if (shape->regs >> i & 1)
			put(BPF_MOV64_IMM(regs[i], value + i));
	for (u32 i = 8; i <= shape->depth; i += 8)
		put(BPF_ST_MEM(BPF_DW, 10, -i, value + i));
}

/* R0: @base, and 1 more for each register and slot that is not as it was left. */
static void check_frame(const struct shape *shape, u32 value, u32 base)
{
	static const u8 regs[] = { 6, 7, 8, 9, BPF_REG_AX };

	put(BPF_MOV64_IMM(0, base));
	for (u32 i = 1; i < ARRAY_SIZE(regs); i++) {
		if (!(shape->regs >> i & 1))
			continue;
		put(BPF_JMP_IMM(BPF_JEQ, regs[i], value + i, 1));
		put(BPF_ALU64_IMM(BPF_ADD, 0, 1));
	}
	for (u32 i = 8; i <= shape->depth; i += 8) {
		put(BPF_LDX_MEM(BPF_DW, 1, 10, -i));
		put(BPF_JMP_IMM(BPF_JEQ, 1, value + i, 1));
		put(BPF_ALU64_IMM(BPF_ADD, 0, 1));
	}
	put(BPF_LDX_MEM(BPF_DW, 1, 6, 0));
	put(BPF_ALU64_REG(BPF_ADD, 0, 1));
	put(BPF_EXIT_INSN());
}

static struct made *make_shape(const struct shape *shape, u32 base, const struct jit_target *target,
			       u32 place)
{
	len = 0;
	use_frame(shape, place * 1000);
	if (shape->calls)
		put_tail_call(0, 1);
	check_frame(shape, place * 1000, base);
	return make(shape->depth, shape->calls, target, place);
}

/* Every frame to every other: by the body if they are alike, and nothing is lost. */
static void test_frames(void)
{
	bool went = true, stayed = true, ways = true;
	u64 ctx[] = { 5 };

	for (u32 v = 0; v < VARIANTS; v++) {
		const struct jit_target *t = &native_variants[v].target;

		for (u32 a = 0; a < ARRAY_SIZE(shapes); a++) {
			for (u32 b = 0; b < ARRAY_SIZE(shapes) && shapes[a].calls; b++) {
				struct made *from = make_shape(&shapes[a], 100, t, 1);
				struct made *to = make_shape(&shapes[b], 200, t, 2);
				bool same = same_frame(&shapes[a], &shapes[b]);

				stayed &= run(from, ctx) == 105;
				join(from, &to->prog);
				went &= run(from, ctx) == 205;
				ways &= led_to(from->site[0].jump) ==
					(same ? to->image.start + to->image.body : from->site[0].leave);
				bpf_tail_sites_lead(&sites, 0, NULL);
				stayed &= run(from, ctx) == 105;
				forget();
				free(from);
				free(to);
			}
		}
	}
	tap_result(went, "between all kinds of frames, registers and stack are right");
	tap_result(ways, "a program with the same frame gets it, others make their own");
	tap_result(stayed, "an empty slot: the next instruction, all as it was");
}

/* ---- counting ------------------------------------------------------------------------ */

/*
 * Counts its runs in the context, calls slot 0 first and then slot 1; the result is
 * the count when both fail.
 */
static struct made *make_counting(u32 depth, const struct jit_target *target, u32 place)
{
	len = 0;
	put(BPF_MOV64_REG(6, 1));
	put(BPF_LDX_MEM(BPF_DW, 0, 6, 0));
	put(BPF_ALU64_IMM(BPF_ADD, 0, 1));
	put(BPF_STX_MEM(BPF_DW, 6, 0, 0));
	put_tail_call(0, 1);
	put_tail_call(1, 2);
	put(BPF_LDX_MEM(BPF_DW, 0, 6, 0));
	put(BPF_EXIT_INSN());
	return make(depth, 2, target, place);
}

static u64 count(const struct made *made)
{
	u64 ctx[] = { 0 };

	return run(made, ctx);
}

static void test_limit(void)
{
	bool self = true, other = true, empty = true, none = true, again = true;

	for (u32 v = 0; v < VARIANTS; v++) {
		const struct jit_target *t = &native_variants[v].target;

		for (u32 depth = 0; depth <= MAX_BPF_STACK; depth += 128) {
			struct made *one = make_counting(depth, t, 1);
			struct made *two = make_counting(depth ? depth - 8 : 8, t, 2);

			join(one, NULL);
			join(two, NULL);
			none &= count(one) == 1;
			bpf_tail_sites_lead(&sites, 0, &one->prog);
			self &= count(one) == 1 + MAX_TAIL_CALL_CNT && count(one) == 1 + MAX_TAIL_CALL_CNT;
			bpf_tail_sites_lead(&sites, 0, &two->prog);
			other &= count(one) == 1 + MAX_TAIL_CALL_CNT && count(two) == 1 + MAX_TAIL_CALL_CNT;
			bpf_tail_sites_lead(&sites, 0, NULL);
			bpf_tail_sites_lead(&sites, 1, &one->prog);
			empty &= count(one) == 17 && count(two) == 17;
			bpf_tail_sites_lead(&sites, 0, &two->prog);
			again &= count(one) == 1 + MAX_TAIL_CALL_CNT;
			forget();
			free(one);
			free(two);
		}
	}
	tap_result(none, "two empty slots: one run");
	tap_result(self, "33 calls of itself, in one frame");
	tap_result(other, "33 calls through another frame");
	tap_result(empty, "a call of an empty slot counts");
	tap_result(again, "when none is left, a second call fails as the first did");
}

/*
 * The same, but the second call is of a slot that nobody knows: it reads the index
 * and the array from the context, and both count in the same place.
 */
static struct made *make_mixed(const struct jit_target *target, u32 place)
{
	len = 0;
	put(BPF_MOV64_REG(6, 1));
	put(BPF_LDX_MEM(BPF_DW, 0, 6, 0));
	put(BPF_ALU64_IMM(BPF_ADD, 0, 1));
	put(BPF_STX_MEM(BPF_DW, 6, 0, 0));
	put_tail_call(0, 1);
	put(BPF_MOV64_REG(1, 6));
	put(BPF_LDX_MEM(BPF_DW, 2, 6, 8));
	put(BPF_LDX_MEM(BPF_DW, 3, 6, 16));
	put(BPF_RAW_INSN(BPF_JMP | BPF_TAIL_CALL, 0, 0, 0, 0));
	put(BPF_LDX_MEM(BPF_DW, 0, 6, 0));
	put(BPF_EXIT_INSN());
	return make(8, 1, target, place);
}

static void test_mixed(void)
{
	struct bpf_array *array = calloc(1, sizeof(*array) + 2 * sizeof(array->ptrs[0]));
	bool good = true;

	array->map.max_entries = 2;
	for (u32 v = 0; v < VARIANTS; v++) {
		struct made *made = make_mixed(&native_variants[v].target, 1);
		u64 ctx[] = { 0, (uintptr_t)array, 0 };

		array->ptrs[0] = &made->prog;
		join(made, NULL);
		/* An empty slot counts, then itself, looked up; 33 in all. */
		good &= run(made, ctx) == 17;
		bpf_tail_sites_lead(&sites, 0, &made->prog);
		ctx[0] = 0;
		good &= run(made, ctx) == 1 + MAX_TAIL_CALL_CNT;
		bpf_tail_sites_lead(&sites, 0, NULL);
		ctx[0] = 0;
		ctx[2] = 2;
		good &= run(made, ctx) == 1;
		forget();
		free(made);
	}
	tap_result(good, "calls of known and of other slots count together");
	free(array);
}

/* ---- many sites ----------------------------------------------------------------------- */

/* @pad instructions around each call, so that jumps are short or long. */
static struct made *make_many(u32 n, u32 pad, const struct jit_target *target, u32 place)
{
	len = 0;
	put(BPF_MOV64_REG(6, 1));
	put(BPF_MOV64_IMM(0, 0));
	for (u32 i = 0; i < n; i++) {
		for (u32 p = 0; p < pad; p++)
			put(BPF_ALU64_IMM(BPF_ADD, 0, 1));
		put(BPF_JMP_IMM(BPF_JEQ, 6, 1, 1));
		put(BPF_ALU64_IMM(BPF_ADD, 0, 1000));
		put_tail_call(i, i + 1);
	}
	put(BPF_EXIT_INSN());
	return make(0, n, target, place);
}

static struct made *make_leaf(u32 result, const struct jit_target *target, u32 place)
{
	len = 0;
	put(BPF_ALU64_IMM(BPF_ADD, 0, result));
	put(BPF_EXIT_INSN());
	return make(0, 0, target, place);
}

/* Where each of them is, is known however code was moved; it keeps R0 as well. */
static void test_places(void)
{
	static const u32 pads[] = { 0, 1, 5, 30 };
	bool good = true, stays = true;

	for (u32 v = 0; v < 4 * VARIANTS; v++) {
		const struct jit_target *t = &native_variants[v / 4].target;
		u32 pad = pads[v % 4], n = pad > 5 ? 20 : 30;
		struct made *many = make_many(n, pad, t, 1), *leaf = make_leaf(500000, t, 3);

		join(many, NULL);
		stays &= run(many, NULL) == n * (1000 + pad);
		for (u32 i = 0; i < n; i++) {
			bpf_tail_sites_lead(&sites, i, &leaf->prog);
			good &= run(many, NULL) == 500000 + (i + 1) * (1000 + pad);
			bpf_tail_sites_lead(&sites, i, NULL);
		}
		stays &= run(many, NULL) == n * (1000 + pad);
		forget();
		free(many);
		free(leaf);
	}
	tap_result(good, "each of many calls goes its own way, near or far");
	tap_result(stays, "and none when all slots are empty");
}

/* ---- changes, one by one ---------------------------------------------------------------- */

static struct made *watched[3], *was, *is;
static bool astray;

static u64 result_of(const struct made *to)
{
	return to == watched[0] ? 300 : to == watched[1] ? 400 : 105;
}

/* Continue at @leave, as a run does that came there before the change. */
static u64 run_from_leave(const struct made *from)
{
	struct bpf_tail_site *site = &watched[2]->site[0];
	void *jump = led_to(site->jump);
	u64 ctx[] = { 5 }, result;

	native_jump(site->jump, site->leave);
	result = run(from, ctx);
	native_jump(site->jump, jump);
	return result;
}

static void watch(void)
{
	u64 ctx[] = { 5 }, result = run(watched[2], ctx);

	astray |= result != result_of(was) && result != result_of(is);
	/* Some run may have come from @was by "leave", or to @is. */
	if (led_to(watched[2]->site[0].out)) {
		result = run_from_leave(watched[2]);
		astray |= result != result_of(was) && result != result_of(is);
	}
}

/* From each content of a slot to each other; two programs, and none. */
static void test_changes(const struct shape *first, const struct shape *second, const char *name)
{
	static const s8 order[] = { 0, -1, 1, -1, 0, 1, 0, 0, -1, 1, 0, -1, 1 };
	u64 ctx[] = { 5 };
	bool good = true;

	astray = false;
	for (u32 v = 0; v < VARIANTS; v++) {
		const struct jit_target *t = &native_variants[v].target;

		watched[0] = make_shape(first, 295, t, 1);
		watched[1] = make_shape(second, 395, t, 2);
		watched[2] = make_shape(&shapes[0], 100, t, 3);
		join(watched[2], NULL);
		was = NULL;
		on_poke = watch;
		for (u32 step = 0; step < ARRAY_SIZE(order); step++) {
			is = order[step] < 0 ? NULL : watched[order[step]];
			bpf_tail_sites_lead(&sites, 0, is ? &is->prog : NULL);
			good &= run(watched[2], ctx) == result_of(is);
			was = is;
		}
		on_poke = NULL;
		forget();
		for (u32 i = 0; i < 3; i++)
			free(watched[i]);
	}
	tap_result(good && !astray && !poked_outside, name);
}

/* Nothing of a program is reached once the slot has another one, or none. */
static void test_gone(void)
{
	const struct jit_target *t = &native_variants[0].target;
	u64 ctx[] = { 5 };
	bool good = true;

	for (u32 a = 0; a < ARRAY_SIZE(shapes); a++) {
		struct made *from = make_shape(&shapes[0], 100, t, 1);
		struct made *old = make_shape(&shapes[a], 200, t, 2);
		struct made *next = make_shape(&shapes[4], 300, t, 3);

		join(from, &old->prog);
		bpf_tail_sites_lead(&sites, 0, a % 2 ? &next->prog : NULL);
		native_trap(old->image.start, old->image.size);
		good &= run(from, ctx) == (a % 2 ? 305 : 105);
		bpf_tail_sites_lead(&sites, 0, &next->prog);
		good &= run(from, ctx) == 305;
		forget();
		free(from);
		free(old);
		free(next);
	}
	tap_result(good, "what left a slot is not reached any more");
}

/* One slot, many programs that call it, and others that do not. */
static void test_matching(void)
{
	const struct jit_target *t = &native_variants[0].target;
	struct made *many[8], *leaf = make_leaf(500000, t, 9);
	bool good = true;

	for (u32 i = 0; i < ARRAY_SIZE(many); i++) {
		many[i] = make_many(3, i, t, i);
		join(many[i], i == 3 ? &leaf->prog : NULL);
	}
	good &= run(many[3], NULL) == 500000 + 1003;
	for (u32 index = 0; index < 3; index++) {
		pokes = 0;
		bpf_tail_sites_lead(&sites, index, &leaf->prog);
		good &= pokes == 2 * ARRAY_SIZE(many);
	}
	for (u32 i = 0; i < ARRAY_SIZE(many); i++)
		good &= run(many[i], NULL) == 500000 + 1000 + i;
	pokes = 0;
	bpf_tail_sites_lead(&sites, 3, &leaf->prog);
	good &= !pokes;
	rb_erase(&many[2]->site[0].node, &sites);
	bpf_tail_sites_lead(&sites, 0, NULL);
	good &= pokes == ARRAY_SIZE(many) - 1 && run(many[2], NULL) == 500000 + 1002 &&
		run(many[1], NULL) == 500000 + 2002;
	tap_result(good, "all sites of a slot are changed, and no others");
	forget();
	for (u32 i = 0; i < ARRAY_SIZE(many); i++)
		free(many[i]);
	free(leaf);
}

static bool leads(const u8 *at, const void *to)
{
	s32 distance;

	memcpy(&distance, at + 1, sizeof(distance));
	return *at == 0xe9 && at + BPF_JIT_JUMP_BYTES + distance == to;
}

/* More sites of a slot than are changed in one go, and one of another slot among them. */
static void test_goes(void)
{
	enum { MANY = 3 * 256 + 5, OTHER = 300 };
	static struct bpf_tail_site site[MANY];
	struct made *leaf = make_leaf(1, &native_variants[0].target, 3);
	u8 *base = native_base();
	bool good = true;

	memset(site, 0, sizeof(site));
	for (u32 i = 0; i < MANY; i++) {
		site[i].index = i == OTHER ? 8 : 7;
		site[i].layout = leaf->image.layout + 1;
		site[i].jump = base + 16 * i;
		site[i].leave = base + 16 * i + 5;
		site[i].out = base + 16 * i + 8;
		native_jump(site[i].jump, NULL);
		native_jump(site[i].out, NULL);
		bpf_tail_site_add(&sites, &site[i], NULL);
	}
	pokes = 0;
	most_in_a_go = 0;
	bpf_tail_sites_lead(&sites, 7, &leaf->prog);
	good &= pokes == 2 * (MANY - 1) && most_in_a_go == 256 && !open_pokes && !poked_outside;
	for (u32 i = 0; i < MANY; i++)
		good &= leads(site[i].jump, site[i].leave) == (i != OTHER) &&
			leads(site[i].out, leaf->prog.tail_func) == (i != OTHER);
	tap_result(good, "many sites are changed a few at a time, and all of them");
	forget();
	free(leaf);
}

/* ---- what it costs ----------------------------------------------------------------------- */

/* R1 is there: sub, jb, and the jump. Map and index take no code, blinded or not. */
static void test_code(void)
{
	bool good = true;

	for (u32 v = 0; v < VARIANTS; v++) {
		const struct jit_target *t = &native_variants[v].target;
		struct made *made;
		u8 *body;

		len = 0;
		put_wide(2, 0x123456789abcdef0);
		put(BPF_MOV64_IMM(3, 0x12345678));
		put(BPF_RAW_INSN(BPF_JMP | BPF_TAIL_CALL, 0, 0, 0, 1));
		put(BPF_MOV64_IMM(0, 0));
		put(BPF_EXIT_INSN());
		made = make(0, 1, t, 1);
		body = made->image.start + made->image.body;
		/* sub dword [rbp - 8], 1 is 4 bytes, jb 2; there may be nops in front. */
		good &= (u8 *)made->site[0].jump - body == 6 ||
			(t->blind && (u8 *)made->site[0].jump - body <= 6 + 3 * 8);
		good &= !native_has_constant(0x12345678);
		free(made);
	}
	tap_result(good, "two instructions before the jump, none for map and index");
}

static void test_numbers(void)
{
	const struct bpf_insn program[] = {
		BPF_RAW_INSN(BPF_JMP | BPF_TAIL_CALL, 0, 0, 0, 3), BPF_MOV64_IMM(0, 0), BPF_EXIT_INSN(),
	};
	struct jit_program input = { program, ARRAY_SIZE(program), 0, 2 };
	const struct jit_target *t = &native_variants[0].target;
	struct jit_tail_site places[SITES_MAX];
	bool good = native_compile(&input, t, 0) == -EINVAL;

	input.tail_sites = 0;
	good &= native_compile(&input, t, 0) == -EINVAL;
	input.tail_sites = 3;
	good &= !native_compile(&input, t, 0) && native_sites(places) == 1 && places[0].number == 3;
	tap_result(good, "a number that is not in the table is refused");
}

int main(void)
{
	native_init();
	test_frames();
	test_limit();
	test_mixed();
	test_places();
	test_changes(&shapes[1], &shapes[4], "old or new at each moment: other frames");
	test_changes(&shapes[0], &shapes[0], "old or new at each moment: the same frame");
	test_changes(&shapes[0], &shapes[3], "old or new at each moment: one of each");
	test_gone();
	test_matching();
	test_goes();
	test_code();
	test_numbers();
	return tap_status();
}
