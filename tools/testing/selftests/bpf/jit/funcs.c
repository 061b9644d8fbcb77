// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions that call each other: their entries and frames byte by byte, what is kept
 * across a call, packet loads and helpers in them, tail calls out of them with the one
 * count of the run, the stack as who walks it sees it, and everything that may be wrong
 * with a table of functions.
 */
#include "native.h"
#include "program.h"
#include "tap.h"

#define TAIL_CALL(site)	BPF_RAW_INSN(BPF_JMP | BPF_TAIL_CALL, 0, 0, 0, site)
#define HELPER		BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, 0)

#define FUNCS_MAX	16

/* ---- a program under construction ---------------------------------------------------- */

static struct bpf_prog_func funcs[FUNCS_MAX];
static u32 nfuncs;

static void begin(void)
{
	len = 0;
	nfuncs = 0;
}

static void func(u32 stack)
{
	funcs[nfuncs++] = (struct bpf_prog_func){ len, stack };
}

/* The target is a number of a function until all are there. */
static void call(u32 number)
{
	put(BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, number));
}

static void resolve(void)
{
	for (u32 i = 0; i < len; i++)
		if (insns[i].code == (BPF_JMP | BPF_CALL) && insns[i].src_reg)
			insns[i].imm = funcs[insns[i].imm].start - i - 1;
}

static int compile_at(const struct jit_target *target, u32 sites, u32 offset)
{
	struct jit_program program = { insns, len, 0, sites, funcs, nfuncs };

	return native_compile(&program, target, offset);
}

/* And every call goes to one of @called entries of functions, or stubs. */
static bool compiles(const struct jit_target *target, u32 called)
{
	struct image_facts facts;

	return !compile_at(target, 0, 0) && native_check_image(&facts) && facts.called == called;
}

static u64 run(void *ctx)
{
	u64 result;

	return native_run(native_entry(), ctx, &result) ? result : 0xbadbadbad;
}

static bool image_is(const u8 *bytes, u32 size)
{
	return native_size() == size && !memcmp(native_image(), bytes, size);
}

/* ---- entries and frames ------------------------------------------------------------- */

static void test_golden(void)
{
	static const u8 leaf[] = {
		0x55,				/* push rbp */
		0x48, 0x89, 0xe5,		/* mov rbp, rsp */
		0xe8, 0x02, 0x00, 0x00, 0x00,	/* call leaf */
		0xc9, 0xc3,			/* leave; ret */
		0xb8, 0x05, 0x00, 0x00, 0x00,	/* leaf: mov eax, 5 */
		0xc3,				/* ret */
	};
	static const u8 saves[] = {
		0x55, 0x48, 0x89, 0xe5,		/* push rbp; mov rbp, rsp */
		0xe8, 0x02, 0x00, 0x00, 0x00,	/* call */
		0xc9, 0xc3,			/* leave; ret */
		0x55, 0x48, 0x89, 0xe5,		/* push rbp; mov rbp, rsp */
		0x48, 0x83, 0xec, 0x10,		/* sub rsp, 16 */
		0x53,				/* push rbx */
		0x48, 0x89, 0xfb,		/* mov rbx, rdi */
		0x48, 0x89, 0x5d, 0xf0,		/* mov [rbp - 16], rbx */
		0x48, 0x89, 0xd8,		/* mov rax, rbx */
		0x5b, 0xc9, 0xc3,		/* pop rbx; leave; ret */
	};
	struct jit_target ibt = native_variants[0].target;

	begin();
	func(0);
	call(1);
	put(BPF_EXIT_INSN());
	func(0);
	put(BPF_MOV64_IMM(0, 5));
	put(BPF_EXIT_INSN());
	resolve();
	tap_result(compiles(&native_variants[0].target, 1) && image_is(leaf, sizeof(leaf)) &&
		   run(NULL) == 5, "a call is a call, a leaf without frame is only its code");
	ibt.ibt = true;
	tap_result(compiles(&ibt, 1) && native_size() == sizeof(leaf) + 4 &&
		   !memcmp(native_image() + 4, leaf, sizeof(leaf)) && run(NULL) == 5,
		   "nobody jumps to a function indirectly: main alone has an endbr64");

	begin();
	func(0);
	call(1);
	put(BPF_EXIT_INSN());
	func(16);
	put(BPF_MOV64_REG(6, 1));
	put(BPF_STX_MEM(BPF_DW, 10, 6, -16));
	put(BPF_MOV64_REG(0, 6));
	put(BPF_EXIT_INSN());
	resolve();
	tap_result(compiles(&native_variants[0].target, 1) && image_is(saves, sizeof(saves)) &&
		   run((void *)77) == 77, "a function has its own frame and saves what it uses");
}

static const u8 kept[] = { 6, 7, 8, 9 };

/* Main has a value in each register; the function overwrites those of @mask. */
static void make_clobbering(u32 mask, u32 stack, bool nested)
{
	u32 i;

	begin();
	func(8);
	for (i = 0; i < 4; i++)
		put(BPF_MOV64_IMM(kept[i], 1 << i));
	put(BPF_ST_MEM(BPF_DW, 10, -8, 16));
	call(1);
	for (i = 0; i < 4; i++)
		put(BPF_ALU64_REG(BPF_ADD, 0, kept[i]));
	put(BPF_LDX_MEM(BPF_DW, 1, 10, -8));
	put(BPF_ALU64_REG(BPF_ADD, 0, 1));
	put(BPF_EXIT_INSN());
	func(stack);
	put(BPF_JMP_IMM(BPF_JEQ, 1, 7, 2));
	put(BPF_MOV64_IMM(0, 1000));
	put(BPF_EXIT_INSN());
	for (i = 0; i < 5; i++)
		if (mask >> i & 1)
			put(BPF_MOV64_IMM(i < 4 ? kept[i] : BPF_REG_AX, 0x55));
	for (i = 8; i <= stack; i += 8)
		put(BPF_ST_MEM(BPF_DW, 10, -i, 0x55));
	if (nested)
		call(2);
	put(BPF_MOV64_IMM(0, 2000));
	put(BPF_EXIT_INSN());
	if (nested) {
		func(0);
		put(BPF_MOV64_IMM(9, 1));
		put(BPF_MOV64_IMM(6, 1));
		put(BPF_EXIT_INSN());
	}
	resolve();
}

static void test_kept_registers(void)
{
	bool good = true;
	u32 mask, stack, v;

	for (mask = 0; mask < 32; mask++)
		for (stack = 0; stack <= 144; stack += 72)
			for (v = 0; v < 2 * VARIANTS; v++) {
				make_clobbering(mask, stack, v & 1);
				good &= compiles(&native_variants[v / 2].target, 1 + (v & 1)) &&
					run((void *)7) == 2031 && run((void *)8) == 1031;
			}
	tap_result(good, "R6 to R9 and the stack are the caller's again, at each exit");
}

/* Each calls the next; the last writes into the frame of the first. */
static void test_depth(void)
{
	bool good = true;
	u32 n, v, i;

	for (v = 0; v < VARIANTS; v++) {
		for (n = 2; n <= BPF_MAX_FRAMES; n++) {
			begin();
			func(64);
			put(BPF_ST_MEM(BPF_DW, 10, -64, 1));
			put(BPF_MOV64_REG(1, 10));
			put(BPF_ALU64_IMM(BPF_ADD, 1, -64));
			call(1);
			put(BPF_LDX_MEM(BPF_DW, 1, 10, -64));
			put(BPF_ALU64_REG(BPF_ADD, 0, 1));
			put(BPF_EXIT_INSN());
			for (i = 1; i < n; i++) {
				func(64);
				put(BPF_MOV64_REG(6, 1));
				put(BPF_ST_MEM(BPF_DW, 10, -64, 1 << i));
				put(BPF_MOV64_IMM(0, 0));
				if (i + 1 < n)
					call(i + 1);
				put(BPF_LDX_MEM(BPF_DW, 1, 10, -64));
				put(BPF_ALU64_REG(BPF_ADD, 0, 1));
				if (i + 1 == n)
					put(BPF_ST_MEM(BPF_DW, 6, 0, 0x1000));
				put(BPF_EXIT_INSN());
			}
			resolve();
			good &= compiles(&native_variants[v].target, n - 1) &&
				run(NULL) == 0x1000 + (1 << n) - 2;
		}
	}
	tap_result(good, "8 frames, each with its stack, the last one writes into the first");
}

/* Backwards, far away, many from one place and to one. */
static void test_distances(void)
{
	bool good = true;
	u32 v, pad, i;

	for (v = 0; v < VARIANTS; v++) {
		for (pad = 0; pad <= 200; pad += 40) {
			begin();
			func(0);
			put(BPF_MOV64_IMM(1, 1));
			call(2);
			put(BPF_MOV64_REG(1, 0));
			call(1);
			put(BPF_MOV64_REG(1, 0));
			call(4);
			put(BPF_EXIT_INSN());
			func(0);
			put(BPF_MOV64_REG(0, 1));
			for (i = 0; i < pad; i++)
				put(BPF_ALU64_IMM(BPF_ADD, 0, 1000));
			put(BPF_JMP_IMM(BPF_JGT, 0, 100, 1));
			put(BPF_ALU64_IMM(BPF_ADD, 0, 7));
			put(BPF_EXIT_INSN());
			func(0);
			put(BPF_ALU64_IMM(BPF_ADD, 1, 2));
			call(3);
			put(BPF_ALU64_IMM(BPF_ADD, 0, 1));
			put(BPF_EXIT_INSN());
			func(0);
			put(BPF_MOV64_REG(0, 1));
			put(BPF_JMP_IMM(BPF_JEQ, 0, 3, 3));
			put(BPF_ALU64_IMM(BPF_MUL, 0, 3));
			put(BPF_JMP_A(1));
			put(BPF_EXIT_INSN());
			put(BPF_JMP_A(-2));
			func(0);
			call(2);
			put(BPF_EXIT_INSN());
			resolve();
			/* 1, 3, 4; + pad; (that + 2) * 3 + 1 */
			good &= compiles(&native_variants[v].target, 4) &&
				run(NULL) == 3 * (4 + (pad ? 1000 * pad : 7) + 2) + 1;
		}
	}
	tap_result(good, "calls forwards and backwards, near and far");
}

/* ---- what functions call ---------------------------------------------------------------- */

static void test_helpers(void)
{
	bool good = true, aligned = true;
	u32 v, stack, saved, i;

	for (v = 0; v < 2 * VARIANTS; v++) {
		struct jit_target t = native_variants[v / 2].target;

		t.aligned_calls = v & 1;
		for (stack = 0; stack <= 24; stack += 8) {
			for (saved = 0; saved <= 4; saved++) {
				begin();
				func(24 - stack);
				put(BPF_MOV64_IMM(6, 500));
				for (i = 1; i <= 5; i++)
					put(BPF_MOV64_IMM(i, i));
				call(1);
				put(BPF_ALU64_REG(BPF_ADD, 0, 6));
				put(BPF_EXIT_INSN());
				func(stack);
				for (i = 0; i < saved; i++)
					put(BPF_MOV64_IMM(kept[i], 3));
				put(HELPER);
				put(BPF_ALU64_IMM(BPF_ADD, 0, 1));
				put(BPF_EXIT_INSN());
				resolve();
				good &= compiles(&t, 1) && run(NULL) == 3 + 10 + 21 + 44 + 65 + 501;
				aligned &= !t.aligned_calls || native_helper_frame % 16 == 0;
			}
		}
	}
	tap_result(good, "a function calls a helper with its own arguments");
	tap_result(aligned, "who finds an aligned stack, where the target wants it");
}

/* The bounds of a packet are those of R6 of the function, before and behind a call. */
static void test_packets(void)
{
	static u8 bytes[LINEAR_BYTES];
	static struct sk_buff other;
	bool good = true, ends = true, slow = true;
	u32 v, i;

	other = native_skb;
	other.data = bytes;
	memset(bytes, 0x11, sizeof(bytes));
	for (v = 0; v < VARIANTS; v++) {
		struct bpf_insn *load;
		u64 ctx[] = { (uintptr_t)&native_skb, (uintptr_t)&other };

		begin();
		func(0);
		put(BPF_MOV64_REG(7, 1));
		put(BPF_LDX_MEM(BPF_DW, 6, 1, 0));
		put(BPF_LD_ABS(BPF_B, 3));
		put(BPF_MOV64_REG(8, 0));
		put(BPF_LDX_MEM(BPF_DW, 1, 7, 8));
		call(1);
		put(BPF_ALU64_IMM(BPF_LSH, 0, 16));
		put(BPF_ALU64_REG(BPF_OR, 8, 0));
		put(BPF_LD_ABS(BPF_B, 4));
		put(BPF_ALU64_IMM(BPF_LSH, 0, 8));
		put(BPF_ALU64_REG(BPF_OR, 0, 8));
		put(BPF_EXIT_INSN());
		func(0);
		put(BPF_MOV64_REG(6, 1));
		put(BPF_MOV64_IMM(9, 1));
		load = &insns[len];
		put(BPF_LD_ABS(BPF_B, 2));
		put(BPF_ALU64_IMM(BPF_OR, 0, 0x100));
		put(BPF_EXIT_INSN());
		resolve();
		good &= !compile_at(&native_variants[v].target, 0, 0) &&
			run(ctx) == (native_packet[3] | native_packet[4] << 8 | 0x111 << 16);
		load->imm = PACKET_BYTES;
		ends &= !compile_at(&native_variants[v].target, 0, 0) &&
			run(ctx) == (native_packet[3] | native_packet[4] << 8);
		for (i = LINEAR_BYTES; i < PACKET_BYTES; i++) {
			load->imm = i;
			slow &= !compile_at(&native_variants[v].target, 0, 0) &&
				run(ctx) == (native_packet[3] | native_packet[4] << 8 |
					     (0x100 | native_packet[i]) << 16);
		}
	}
	tap_result(good, "each function finds its own packet, whatever it calls");
	tap_result(ends, "a load outside ends the function with 0, not the program");
	tap_result(slow, "the slow way comes back into the function");
}

/* From the helper up: each function in its order, none left out. */
static void test_walk(void)
{
	s32 distance = native_walk - (char *)native_helper;
	bool good = true;
	u32 v, n, i;

	for (v = 0; v < VARIANTS; v++) {
		for (n = 1; n <= BPF_MAX_FRAMES; n++) {
			begin();
			for (i = 0; i < n; i++) {
				func(8 * (i % 3));
				if (i & 1)
					put(BPF_MOV64_IMM(7, i));
				if (i + 1 < n)
					call(i + 1);
				else
					put(BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 0, 0, distance));
				put(BPF_EXIT_INSN());
			}
			resolve();
			native_walk_len = 0;
			good &= compiles(&native_variants[v].target, n - 1) && run(NULL) == 0 &&
				native_walk_len == n;
			/* Code is in the order of the program. */
			for (i = 0; i + 1 < native_walk_len; i++)
				good &= native_walked[i] > native_walked[i + 1];
		}
	}
	tap_result(good, "who walks the stack sees all functions that were entered");
}

/* ---- tail calls ------------------------------------------------------------------------- */

/* A program and its image, each in a place of its own. */
struct made {
	struct bpf_prog prog;
	u8 *start;
	u8 *body;
	u32 layout;
	struct jit_tail_site sites[SITES_MAX];
	u32 nsites;
};

static struct made made_programs[4];

static struct made *make(const struct jit_target *target, u32 place, u32 sites)
{
	struct made *made = &made_programs[place];
	struct image_facts facts;

	resolve();
	if (compile_at(target, sites, place * 0x8000) || !native_check_image(&facts))
		abort();
	made->start = native_image();
	made->body = made->start + native_entries().body;
	made->layout = native_entries().layout;
	made->prog.bpf_func = (void *)made->start;
	made->prog.tail_func = native_tail();
	made->nsites = native_sites(made->sites);
	return made;
}

static u64 run_made(const struct made *made, void *ctx)
{
	u64 result;

	return native_run(made->start - native_base(), ctx, &result) ? result : 0xbadbadbad;
}

static unsigned int frames_taken_over;

/* As kernel/bpf/tail_sites.c does, for all sites with this number. NULL: empty. */
static void lead(struct made *from, u32 number, const struct made *to)
{
	for (u32 i = 0; i < from->nsites; i++) {
		const struct jit_tail_site *site = &from->sites[i];

		if (site->number != number)
			continue;
		if (!to) {
			native_jump(from->start + site->jump, NULL);
			continue;
		}
		native_jump(from->start + site->out, to->prog.tail_func);
		frames_taken_over += site->layout == to->layout;
		native_jump(from->start + site->jump, site->layout == to->layout ? to->body :
			    from->start + site->leave);
	}
}

static struct bpf_array *array;

/* To slot @index of the array, or to the site of that number less 1. R6: context. */
static void put_tail_call(u32 index, bool known)
{
	put(BPF_MOV64_REG(1, 6));
	put_wide(2, known ? 0xdead000000000000 : (uintptr_t)array);
	put(BPF_MOV64_IMM(3, index));
	put(TAIL_CALL(known ? index + 1 : 0));
}

static void put_in_slot(struct made *to, struct made **others, u32 n, u32 index)
{
	array->ptrs[index] = to ? &to->prog : NULL;
	for (u32 i = 0; i < n; i++)
		lead(others[i], index + 1, to);
}

static void add_to_context(s16 off, s32 n)
{
	put(BPF_LDX_MEM(BPF_DW, 0, 6, off));
	put(BPF_ALU64_IMM(BPF_ADD, 0, n));
	put(BPF_STX_MEM(BPF_DW, 6, 0, off));
}

/*
 * Main enters the function @calls times, which goes on as slot 0 if it can. The result
 * is the sum of what that, or the function, has given, and the registers of main.
 */
static struct made *make_caller(const struct jit_target *t, u32 place, u32 calls, u32 stack,
				bool known)
{
	begin();
	func(8);
	put(BPF_MOV64_REG(6, 1));
	put(BPF_MOV64_IMM(7, calls));
	put(BPF_MOV64_IMM(8, 0));
	put(BPF_MOV64_IMM(9, 1000000));
	put(BPF_MOV64_REG(1, 6));
	call(1);
	put(BPF_ALU64_REG(BPF_ADD, 8, 0));
	put(BPF_ALU64_IMM(BPF_SUB, 7, 1));
	put(BPF_JMP_IMM(BPF_JNE, 7, 0, -5));
	put(BPF_MOV64_REG(0, 8));
	put(BPF_ALU64_REG(BPF_ADD, 0, 9));
	put(BPF_EXIT_INSN());
	func(stack);
	put(BPF_MOV64_REG(6, 1));
	put(BPF_MOV64_IMM(7, 5));
	if (stack)
		put(BPF_STX_MEM(BPF_DW, 10, 7, -(s32)stack));
	put_tail_call(0, known);
	put(BPF_MOV64_IMM(0, 1));
	put(BPF_JMP_IMM(BPF_JEQ, 7, 5, 1));
	put(BPF_MOV64_IMM(0, 100));
	if (stack) {
		put(BPF_LDX_MEM(BPF_DW, 1, 10, -(s32)stack));
		put(BPF_JMP_IMM(BPF_JEQ, 1, 5, 1));
		put(BPF_MOV64_IMM(0, 100));
	}
	put(BPF_EXIT_INSN());
	return make(t, place, 1);
}

/* Says 1000; uses registers @mask and stack. It counts if it makes a tail call. */
static struct made *make_target(const struct jit_target *t, u32 place, u32 mask, u32 stack,
				bool counts)
{
	begin();
	func(stack);
	put(BPF_MOV64_REG(6, 1));
	for (u32 i = 0; i < 4; i++)
		if (mask >> i & 1)
			put(BPF_MOV64_IMM(kept[i], 0x77));
	for (u32 i = 8; i <= stack; i += 8)
		put(BPF_ST_MEM(BPF_DW, 10, -i, 0x77));
	put(BPF_MOV64_IMM(0, 1000));
	put(BPF_JMP_IMM(BPF_JEQ, 0, 1000, counts));
	if (counts)
		put(TAIL_CALL(1));
	put(BPF_EXIT_INSN());
	return make(t, place, 1);
}

/* In place of the function, whose caller goes on; 33 of 50 go, the others fail. */
static void test_tail_calls_of_functions(void)
{
	static const u32 stacks[] = { 0, 8, 16, 128, 248 };
	bool goes = true, empty = true;
	u32 v, s, to, known;

	frames_taken_over = 0;
	for (v = 0; v < VARIANTS; v++) {
		const struct jit_target *t = &native_variants[v].target;

		for (s = 0; s < ARRAY_SIZE(stacks); s++) {
			for (known = 0; known < 2; known++) {
				struct made *caller = make_caller(t, 1, 50, stacks[s], known);

				put_in_slot(NULL, &caller, 1, 0);
				empty &= run_made(caller, NULL) == 1000000 + 50;
				for (to = 0; to < 32; to++) {
					struct made *target = make_target(t, 2, to & 15, stacks[s],
									  to >> 4);

					put_in_slot(target, &caller, 1, 0);
					goes &= run_made(caller, NULL) == 1000000 + 33 * 1000 + 17;
				}
			}
		}
	}
	tap_result(goes, "a program goes on in place of a function, and returns to its caller");
	tap_result(empty, "an empty slot: the function goes on, all as it was");
	tap_result(frames_taken_over == VARIANTS * ARRAY_SIZE(stacks) * 2,
		   "a frame of a function goes over as it is where it is the same");
}

/* Counts its runs and goes on as slot 0 as long as it can, then says 1000. */
static struct made *make_chain(const struct jit_target *t, u32 place, u32 stack, bool known)
{
	begin();
	func(stack);
	put(BPF_MOV64_REG(6, 1));
	add_to_context(0, 1);
	put(BPF_MOV64_IMM(7, 1));
	put_tail_call(0, known);
	put(BPF_MOV64_IMM(0, 1000));
	put(BPF_JMP_IMM(BPF_JEQ, 7, 1, 1));
	put(BPF_MOV64_IMM(0, 100));
	put(BPF_EXIT_INSN());
	return make(t, place, 1);
}

/* The first function goes on 33 times, the next two find that nothing is left. */
static void test_chain_from_function(void)
{
	bool good = true, went = true;
	u32 v, stack, known;

	for (v = 0; v < VARIANTS; v++) {
		const struct jit_target *t = &native_variants[v].target;

		for (stack = 0; stack <= 16; stack += 8) {
			for (known = 0; known < 4; known++) {
				struct made *all[] = {
					make_caller(t, 1, 3, 8, known & 1),
					make_chain(t, 2, stack, known & 2),
				};
				u64 ctx[] = { 0 };

				put_in_slot(all[1], all, 2, 0);
				went &= run_made(all[0], ctx) == 1000000 + 1000 + 2;
				good &= ctx[0] == MAX_TAIL_CALL_CNT;
			}
		}
	}
	tap_result(good, "who goes on in place of a function goes on with its count");
	tap_result(went, "and leaves nothing to those that its caller enters next");
}

/*
 * Counts its runs, and in main, in two functions and in one below them goes on as itself,
 * as long as it can; the result of a run says nothing. Calls of slot 1, which is empty,
 * come in between if @waste.
 */
static struct made *make_tree(const struct jit_target *t, u32 place, u32 stack, u32 known,
			      bool waste)
{
	begin();
	func(stack);
	put(BPF_MOV64_REG(6, 1));
	add_to_context(0, 1);
	put(BPF_MOV64_IMM(9, 9));
	put(BPF_MOV64_REG(1, 6));
	call(1);
	put(BPF_MOV64_REG(1, 6));
	call(2);
	put(BPF_JMP_IMM(BPF_JNE, 9, 9, 4 + 1));
	put_tail_call(0, known & 1);
	/* In each run but those that went on: registers are right. */
	add_to_context(8, 1);
	put(BPF_EXIT_INSN());
	func(8);
	put(BPF_MOV64_REG(6, 1));
	if (waste)
		put_tail_call(1, known & 2);
	put_tail_call(0, known & 2);
	put(BPF_MOV64_REG(1, 6));
	call(3);
	put(BPF_EXIT_INSN());
	func(0);
	put(BPF_MOV64_REG(6, 1));
	put(BPF_MOV64_IMM(9, 1));
	put(BPF_MOV64_REG(1, 6));
	call(3);
	put_tail_call(0, known & 1);
	put(BPF_EXIT_INSN());
	func(stack);
	put(BPF_MOV64_REG(6, 1));
	put(BPF_MOV64_IMM(7, 1));
	put_tail_call(0, known & 2);
	put(BPF_EXIT_INSN());
	return make(t, place, 2);
}

/*
 * However runs nest, 33 is what all of them have together. Programs that take turns
 * have other frames, so that a count is handed on in each way.
 */
static void test_one_count(void)
{
	bool good = true, wasted = true, again = true;
	u32 v, known, stack;

	for (v = 0; v < VARIANTS; v++) {
		const struct jit_target *t = &native_variants[v].target;

		for (known = 0; known < 4; known++) {
			for (stack = 0; stack <= 16; stack += 8) {
				struct made *tree[] = {
					make_tree(t, 1, stack, known, false),
					make_tree(t, 2, 24 - stack, 3 - known, false),
					make_tree(t, 3, 8, known, true),
				};
				u64 ctx[2] = { 0, 0 };

				put_in_slot(NULL, tree, 3, 1);
				put_in_slot(tree[0], tree, 3, 0);
				run_made(tree[0], ctx);
				good &= ctx[0] == 1 + MAX_TAIL_CALL_CNT;
				ctx[0] = 0;
				run_made(tree[0], ctx);
				again &= ctx[0] == 1 + MAX_TAIL_CALL_CNT;
				/* Into another frame, and from there into its own. */
				put_in_slot(tree[1], tree, 3, 0);
				ctx[0] = 0;
				run_made(tree[0], ctx);
				good &= ctx[0] == 1 + MAX_TAIL_CALL_CNT;
				/* Empty slots count too: every other call is one. */
				put_in_slot(tree[2], tree, 3, 0);
				ctx[0] = 0;
				run_made(tree[2], ctx);
				wasted &= ctx[0] > 1 + MAX_TAIL_CALL_CNT / 2 - 1 &&
					  ctx[0] < 1 + MAX_TAIL_CALL_CNT;
			}
		}
	}
	tap_result(good, "33 tail calls of main and of functions together, however they nest");
	tap_result(again, "the next run has them all again");
	tap_result(wasted, "what a function wastes on an empty slot is gone for all");
}

/* ---- what may be wrong ------------------------------------------------------------------- */

static void make_pair(void)
{
	begin();
	func(8);
	put(BPF_JMP_IMM(BPF_JEQ, 1, 0, 1));
	call(1);
	put(BPF_MOV64_IMM(0, 1));
	put(BPF_EXIT_INSN());
	func(8);
	put(BPF_JMP_IMM(BPF_JEQ, 1, 0, 1));
	put(BPF_MOV64_IMM(0, 2));
	put(BPF_EXIT_INSN());
	resolve();
}

static int pair_with(u32 at, struct bpf_insn insn)
{
	make_pair();
	insns[at] = insn;
	return compile_at(&native_variants[0].target, 0, 0);
}

static int pair_of(u32 first, u32 second, u32 stack)
{
	make_pair();
	funcs[0].start = first;
	funcs[1] = (struct bpf_prog_func){ second, stack };
	insns[1].imm = second - 2;
	return compile_at(&native_variants[0].target, 0, 0);
}

static void test_refusals(void)
{
	const struct bpf_insn half = { .code = BPF_LD | BPF_IMM | BPF_DW };
	bool good;
	s32 to;

	make_pair();
	good = !compile_at(&native_variants[0].target, 0, 0) && !pair_of(0, 4, 512);
	for (to = -3; to < 9; to++)
		good &= !pair_with(1, BPF_CALL_REL(to)) == (to == 2);
	tap_result(good, "a call of anything but the start of another function is refused");
	tap_result(pair_of(1, 4, 8) == -EINVAL && pair_of(0, 0, 8) == -EINVAL &&
		   pair_of(0, 7, 8) == -EINVAL && pair_of(0, 100, 8) == -EINVAL &&
		   pair_of(0, 4, 520) == -EINVAL, "so is a table that makes no sense");
	good = pair_with(0, BPF_JMP_A(3)) == -EINVAL && pair_with(0, BPF_JMP_A(4)) == -EINVAL &&
	       pair_with(4, BPF_JMP_A(-2)) == -EINVAL && pair_with(4, BPF_JMP_A(2)) == -EINVAL &&
	       pair_with(3, half) == -EINVAL && pair_with(3, BPF_MOV64_IMM(0, 1)) == -EINVAL &&
	       pair_with(3, HELPER) == -EINVAL && pair_with(3, BPF_JMP_IMM(BPF_JEQ, 0, 1, -2)) == -EINVAL &&
	       !pair_with(3, BPF_JMP_A(-2)) &&
	       pair_with(1, BPF_RAW_INSN(BPF_JMP | BPF_CALL, 0, 2, 0, 2)) == -EINVAL;
	tap_result(good, "and what leaves a function otherwise");
}

static void test_allocations(void)
{
	int n, err = -ENOMEM;
	bool good = true;

	for (n = 1; err && n < 100; n++) {
		make_pair();
		native_fail_allocation = n;
		err = compile_at(&native_variants[0].target, 0, 0);
		good &= (!err || err == -ENOMEM) && !native_live;
	}
	native_fail_allocation = 0;
	tap_result(good && n > 6 && n < 100, "each failing allocation is reported, nothing is lost");
}

int main(void)
{
	native_init();
	array = calloc(1, sizeof(*array) + 2 * sizeof(array->ptrs[0]));
	array->map.max_entries = 2;
	test_golden();
	test_kept_registers();
	test_depth();
	test_distances();
	test_helpers();
	test_packets();
	test_walk();
	test_tail_calls_of_functions();
	test_chain_from_function();
	test_one_count();
	test_refusals();
	test_allocations();
	free(array);
	return tap_status();
}
