// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control flow, liveness and lowering of random programs against a concrete
 * machine.
 *
 * A run executes one path, with a frame of bytes that remember what they are
 * part of, and writes down what each step reads and writes. Then:
 *
 *   liveness: what a run reads before it writes it must be live at every step
 *   in between. Branches are taken at random, whatever the values say, so the
 *   runs cover more than what is feasible.
 *   order: in the postorder every successor of an instruction comes before it.
 *   lowering: with the instructions of some runs marked as seen, the lowered
 *   program does the same in those runs, although context loads have become
 *   several instructions and the rest is gone.
 */
#include <stdlib.h>
#include "insn_valid.h"
#include "verifier.h"
#include "tap.h"

#define INSN(c, d, s, o, i)	((struct bpf_insn){ c, d, s, o, i })
#define PROG_MAX	40
#define STEPS_MAX	PROG_MAX
#define RUNS		24

/* ---- what the passes call ------------------------------------------------- */

/* Helper n takes n arguments, n < 6; there is no other. */
static const struct bpf_func_proto *get_proto(enum bpf_func_id id, const struct bpf_prog *prog)
{
	static struct bpf_func_proto protos[6];
	struct bpf_func_proto *p = &protos[id % 6];
	unsigned int i;

	for (i = 0; i < MAX_BPF_FUNC_ARGS; i++)
		p->arg_type[i] = i < id ? ARG_ANYTHING : ARG_NONE;
	p->func = (void *)(long)(id + 1);
	return id < 6 ? p : NULL;
}

/* A context load becomes one to BPF_LOWER_MAX instructions with the same effect. */
static unsigned int lower_ctx(const struct bpf_insn_access *access, const struct bpf_insn *insn,
			      struct bpf_insn *out)
{
	unsigned int i, n = access->off % BPF_LOWER_MAX;

	for (i = 0; i < n; i++)
		out[i] = BPF_MOV64_IMM(insn->dst_reg, i);
	out[n] = BPF_MOV64_IMM(insn->dst_reg, access->off);
	return n + 1;
}

static const struct bpf_verifier_ops ops = {
	.get_func_proto = get_proto,
	.lower_ctx_access = lower_ctx,
};

/* ---- random programs ------------------------------------------------------- */

static u32 rnd(u32 n)
{
	static u64 seed = 88172645463325252ULL;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 32) % n;
}

#define PICK(...) ({							\
	static const int choices_[] = { __VA_ARGS__ };			\
	choices_[rnd(ARRAY_SIZE(choices_))]; })

/* Few registers and slots, so that uses meet definitions. */
static u8 any_dst(void) { return PICK(0, 1, 2, 6); }
static u8 any_src(void) { return PICK(0, 1, 2, 6, 10); }
static int any_off(void) { return PICK(-8, -8, -16, -16, -24, -4, -12, -20, -7, 0, 8, -504); }

static struct bpf_insn any_jump(u32 idx, u32 len)
{
	u8 code = PICK(BPF_JMP | BPF_JEQ, BPF_JMP | BPF_JGT | BPF_X, BPF_JMP32 | BPF_JSET,
		       BPF_JMP | BPF_JA, BPF_JMP32 | BPF_JA);
	int off = rnd(len - idx - 1);
	bool by_reg = code == (BPF_JMP | BPF_JGT | BPF_X);

	if (code == (BPF_JMP32 | BPF_JA))
		return INSN(code, 0, 0, 0, off);
	if (code == (BPF_JMP | BPF_JA))
		return INSN(code, 0, 0, off, 0);
	return INSN(code, any_dst(), by_reg ? any_src() : 0, off, by_reg ? 0 : (int)rnd(3));
}

static struct bpf_insn any_insn(u32 idx, u32 len)
{
	u8 size = PICK(BPF_DW, BPF_DW, BPF_DW, BPF_W, BPF_H, BPF_B);
	u8 wsize = PICK(BPF_DW, BPF_W);

	switch (rnd(16)) {
	case 0: return INSN(BPF_ALU64 | BPF_MOV | BPF_X, any_dst(), 10, 0, 0);
	case 1: return INSN(BPF_ALU64 | BPF_MOV | BPF_X, any_dst(), any_src(), PICK(0, 0, 0, 8, 32), 0);
	case 2: return INSN(BPF_ALU64 | BPF_MOV, any_dst(), 0, 0, any_off());
	case 3: return INSN(BPF_ALU64 | PICK(BPF_ADD, BPF_SUB), any_dst(), 0, 0, any_off());
	case 4: return INSN(PICK(BPF_ALU, BPF_ALU64) | PICK(BPF_ADD, BPF_AND) | BPF_X,
				 any_dst(), any_src(), 0, 0);
	case 5: return INSN(BPF_ALU64 | BPF_NEG, any_dst(), 0, 0, 0);
	case 6: case 7: return INSN(BPF_STX | BPF_MEM | size, PICK(10, 10, 0, 1, 2, 6), any_src(),
					 any_off(), 0);
	case 8: return INSN(BPF_ST | BPF_MEM | size, PICK(10, 10, 1, 2), 0, any_off(), 1);
	case 9: case 10: return INSN(BPF_LDX | BPF_MEM | size, any_dst(), PICK(10, 10, 0, 1, 2, 6),
					  any_off(), 0);
	case 11: return INSN(BPF_STX | BPF_ATOMIC | wsize, PICK(10, 10, 1, 2), PICK(0, 1, 2, 6),
				  any_off(), PICK(BPF_ADD | BPF_FETCH, BPF_XCHG));
	case 14: return INSN(BPF_STX | BPF_ATOMIC | wsize, PICK(10, 10, 1, 2), any_src(),
				  any_off(), PICK(BPF_ADD, BPF_CMPXCHG));
	case 12: return INSN(BPF_JMP | BPF_CALL, 0, 0, 0, PICK(0, 1, 2, 2, 7));
	case 13: return INSN(BPF_LD | PICK(BPF_ABS, BPF_IND) | BPF_B, 0, 0, 0, 3);
	default: return idx + 2 < len ? any_jump(idx, len) : BPF_MOV64_IMM(any_dst(), 1);
	}
}

static void any_program(struct bpf_insn *insns, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++) {
		insns[i] = any_insn(i, len - 1);
		if (i + 3 < len && !rnd(20)) {
			insns[i] = INSN(BPF_LD | BPF_IMM | BPF_DW, any_dst(), 0, 0, 5);
			insns[++i] = INSN(0, 0, 0, 0, 0);
		}
	}
	insns[len - 1] = BPF_EXIT_INSN();
}

/* ---- the machine ------------------------------------------------------------ */

/* A word: a number, or an address in the frame (offset from its top). */
struct value {
	bool is_address;
	s64 v;
};

struct step {
	u32 idx;
	u16 reads, writes;
	u8 stack_reads[MAX_BPF_STACK], stack_writes[MAX_BPF_STACK];	/* byte b is fp - 1 - b */
};

/* Each byte of the frame says of which stored word it is which part. */
struct machine {
	struct value reg[MAX_BPF_REG];
	struct {
		struct value word;
		u8 part, parts;
	} frame[MAX_BPF_STACK];
	struct step step[STEPS_MAX];
	u32 steps;
};

static struct value number(s64 v)
{
	return (struct value) { false, v };
}

/* First byte of an access, from the top, or -1 if it is not in the frame. */
static int frame_byte(struct value base, int off, int size)
{
	s64 low = base.v + off;

	return base.is_address && low >= -MAX_BPF_STACK && low + size <= 0 ? -low - 1 : -1;
}

static struct value frame_load(struct machine *m, struct step *s, struct value base, int off, int size)
{
	int first = frame_byte(base, off, size), i;
	bool whole = size == 8;
	struct value got;

	if (first < 0)
		return number(rnd(4));
	got = m->frame[first].word;
	for (i = 0; i < size; i++) {
		s->stack_reads[first - i] = 1;
		whole = whole && m->frame[first - i].parts == 8 && m->frame[first - i].part == i &&
			m->frame[first - i].word.v == got.v;
	}
	return whole ? got : number(rnd(4));
}

static void frame_store(struct machine *m, struct step *s, struct value base, int off, int size,
			struct value word)
{
	int first = frame_byte(base, off, size), i;

	for (i = 0; first >= 0 && i < size; i++) {
		s->stack_writes[first - i] = 1;
		m->frame[first - i].word = word;
		m->frame[first - i].part = i;
		m->frame[first - i].parts = size;
	}
}

static struct value alu(const struct bpf_insn *insn, struct value a, struct value b)
{
	bool is64 = BPF_CLASS(insn->code) == BPF_ALU64;

	if (is64 && BPF_OP(insn->code) == BPF_ADD && a.is_address != b.is_address)
		return (struct value) { true, a.v + b.v };
	if (is64 && BPF_OP(insn->code) == BPF_SUB && a.is_address && !b.is_address)
		return (struct value) { true, a.v - b.v };
	/* What the result is matters only as far as it is no address. */
	return number((a.v ^ b.v) & 0xff);
}

static void do_atomic(struct machine *m, struct step *s, const struct bpf_insn *insn)
{
	int size = BPF_LDST_BYTES(insn);
	struct value old = frame_load(m, s, m->reg[insn->dst_reg], insn->off, size);
	struct value new = m->reg[insn->src_reg];

	s->reads |= BIT(insn->dst_reg) | BIT(insn->src_reg);
	if (insn->imm == BPF_CMPXCHG) {
		s->reads |= BIT(0);
		m->reg[0] = old;
	} else if (insn->imm & BPF_FETCH) {
		m->reg[insn->src_reg] = old;
	}
	/* Not written for sure: the kernel need not believe that the slot dies. */
	if (insn->imm == BPF_XCHG || rnd(2))
		frame_store(m, s, m->reg[insn->dst_reg], insn->off, size, new);
}

static void clobber(struct machine *m, struct step *s)
{
	int r;

	for (r = 0; r < 6; r++) {
		m->reg[r] = number(r);
		s->writes |= BIT(r);
	}
}

static void do_call(struct machine *m, struct step *s, const struct bpf_insn *insn)
{
	int r, args = insn->imm < 6 ? insn->imm : 5;
	s64 b;

	for (r = 1; r <= args; r++) {
		s->reads |= BIT(r);
		if (!m->reg[r].is_address)
			continue;
		for (b = -m->reg[r].v - 1; b >= 0; b--)
			if (b < MAX_BPF_STACK)
				s->stack_reads[b] = 1;
	}
	clobber(m, s);
}

/* Executes one instruction; the next is chosen by the caller. */
static void execute(struct machine *m, const struct bpf_insn *insn)
{
	struct step *s = &m->step[m->steps];
	struct value *dst = &m->reg[insn->dst_reg], src = m->reg[insn->src_reg];
	bool by_reg = BPF_SRC(insn->code) == BPF_X;
	int size = BPF_LDST_BYTES(insn);

	memset(s, 0, sizeof(*s));
	switch (opcode_of(insn)->kind) {
	case INSN_ALU:
		s->reads = BIT(insn->dst_reg) | (by_reg ? BIT(insn->src_reg) : 0);
		s->writes = BIT(insn->dst_reg);
		*dst = alu(insn, *dst, by_reg ? src : number(insn->imm));
		break;
	case INSN_NEG:
		s->reads = s->writes = BIT(insn->dst_reg);
		*dst = number(1);
		break;
	case INSN_MOV:
		s->reads = by_reg ? BIT(insn->src_reg) : 0;
		s->writes = BIT(insn->dst_reg);
		*dst = !by_reg ? number(insn->imm) : insn->off ? number(src.v & 0xff) : src;
		break;
	case INSN_WIDE:
		s->writes = BIT(insn->dst_reg);
		*dst = number(insn->imm);
		break;
	case INSN_LDX:
		s->reads = BIT(insn->src_reg);
		s->writes = BIT(insn->dst_reg);
		*dst = frame_load(m, s, src, insn->off, size);
		break;
	case INSN_ST:
		s->reads = BIT(insn->dst_reg);
		frame_store(m, s, *dst, insn->off, size, number(insn->imm));
		break;
	case INSN_STX:
		s->reads = BIT(insn->dst_reg) | BIT(insn->src_reg);
		frame_store(m, s, *dst, insn->off, size, src);
		break;
	case INSN_ATOMIC:
		do_atomic(m, s, insn);
		break;
	case INSN_CALL:
		do_call(m, s, insn);
		break;
	case INSN_PACKET:
		s->reads = BIT(6) | (BPF_MODE(insn->code) == BPF_IND ? BIT(insn->src_reg) : 0);
		clobber(m, s);
		break;
	case INSN_JUMP:
		s->reads = BIT(insn->dst_reg) | (by_reg ? BIT(insn->src_reg) : 0);
		break;
	case INSN_EXIT:
		s->reads = BIT(0);
		break;
	}
}

static void run_path(struct machine *m, const struct bpf_insn *insns)
{
	u32 idx = 0;

	memset(m, 0, sizeof(*m));
	m->reg[10] = (struct value) { true, 0 };
	for (;;) {
		const struct bpf_insn *insn = &insns[idx];

		execute(m, insn);
		m->step[m->steps++].idx = idx;
		if (opcode_of(insn)->kind == INSN_EXIT)
			return;
		if (insn_jumps(insn) && (!insn_falls_through(insn) || rnd(2)))
			idx = insn_target(insn, idx);
		else
			idx += insn_slots(insn);
	}
}

/* ---- checks ------------------------------------------------------------------ */

struct sums {
	u32 programs, refused, steps, live, stack_live, lowered, bad;
};

static void show(const struct verifier_env *env, const char *what, u32 at, u64 missing)
{
	u32 i;

	printf("# %s: not live before %u: %llx\n", what, at, missing);
	for (i = 0; i < env->len; i++)
		printf("# %2u: %02x r%u r%u off %d imm %d  live %03x %llx\n", i, env->insns[i].code,
		       env->insns[i].dst_reg, env->insns[i].src_reg, env->insns[i].off,
		       env->insns[i].imm, env->live_regs[i], env->live_stack[i]);
}

/* Walks a run backwards with what it is still going to read. */
static bool liveness_holds(const struct verifier_env *env, const struct machine *m, struct sums *sums)
{
	u8 bytes[MAX_BPF_STACK] = { 0 };
	u32 n = m->steps, b;
	u16 regs = 0;

	while (n--) {
		const struct step *s = &m->step[n];
		u64 slots = 0;

		regs = (regs & ~s->writes) | s->reads;
		for (b = 0; b < MAX_BPF_STACK; b++) {
			bytes[b] = (bytes[b] && !s->stack_writes[b]) || s->stack_reads[b];
			slots |= (u64)bytes[b] << b / 8;
		}
		sums->live += !!regs;
		sums->stack_live += !!slots;
		if (regs & ~env->live_regs[s->idx]) {
			show(env, "registers", s->idx, regs & ~env->live_regs[s->idx]);
			return false;
		}
		if (slots & ~env->live_stack[s->idx]) {
			show(env, "stack", s->idx, slots & ~env->live_stack[s->idx]);
			return false;
		}
	}
	return true;
}

static bool order_holds(const struct verifier_env *env)
{
	u32 place[PROG_MAX], n;

	for (n = 0; n < env->postorder_cnt; n++)
		place[env->postorder[n]] = n;
	for (n = 0; n < env->postorder_cnt; n++) {
		u32 idx = env->postorder[n];
		const struct bpf_insn *insn = &env->insns[idx];

		if (insn_falls_through(insn) && place[idx + insn_slots(insn)] >= n)
			return false;
		if (insn_jumps(insn) && place[insn_target(insn, idx)] >= n)
			return false;
	}
	return env->postorder_cnt && env->postorder[env->postorder_cnt - 1] == 0;
}

static void env_release(struct verifier_env *env)
{
	free(env->aux);
	free(env->func);
	free(env->postorder);
	free(env->live_regs);
	free(env->asked_regs);
	free(env->live_stack);
}

static bool env_passes(struct verifier_env *env, struct bpf_insn *insns, u32 len)
{
	memset(env, 0, sizeof(*env));
	env->ops = &ops;
	env->insns = insns;
	env->len = len;
	env->aux = calloc(len, sizeof(*env->aux));
	return !verifier_functions(env) && !verifier_layout(env) && !verifier_insn_valid(env) && !verifier_cfg(env) &&
	       !verifier_liveness(env);
}

static void try_liveness(struct sums *sums)
{
	u32 len = 3 + rnd(PROG_MAX - 3);
	struct bpf_insn insns[PROG_MAX];
	static struct machine machine;
	struct verifier_env env;
	int i;

	any_program(insns, len);
	if (!env_passes(&env, insns, len)) {
		sums->refused++;
		env_release(&env);
		return;
	}
	sums->programs++;
	sums->bad += !order_holds(&env);
	for (i = 0; i < RUNS; i++) {
		run_path(&machine, insns);
		sums->steps += machine.steps;
		sums->bad += !liveness_holds(&env, &machine, sums);
	}
	env_release(&env);
}

/* ---- lowering ------------------------------------------------------------------ */

#define LONG_MAX_LEN	300

/* Straight arithmetic over context loads, and jumps that depend on it; also back. */
static void numeric_program(struct bpf_insn *insns, u32 len)
{
	u32 i;

	for (i = 0; i + 1 < len; i++) {
		int off = (int)rnd(len - 1) - (int)i - 1;

		switch (rnd(8)) {
		case 0: case 1: case 2:
			insns[i] = INSN(BPF_LDX | BPF_MEM | BPF_W, rnd(4), 6, rnd(64), 0);
			break;
		case 3:
			insns[i] = INSN(BPF_JMP | BPF_JEQ, rnd(4), 0, off, rnd(8));
			break;
		case 4:
			insns[i] = INSN(BPF_JMP | BPF_JGT | BPF_X, rnd(4), rnd(4), off, 0);
			break;
		case 5:
			insns[i] = rnd(4) ? BPF_MOV64_IMM(rnd(4), rnd(8)) : BPF_JMP_A(off);
			break;
		default:
			insns[i] = INSN(BPF_ALU64 | BPF_ADD | BPF_X, rnd(4), rnd(4), 0, 0);
		}
	}
	insns[len - 1] = BPF_EXIT_INSN();
}

/*
 * Runs such a program from given register values. Returns false if it does not
 * end in time; *result is R0, or 0 where it comes to an instruction that @only
 * says was not seen. Marks what it executes in @seen.
 */
static bool run_numbers(const struct bpf_insn *insns, u32 len, u64 start, u32 limit, u64 *result,
			struct insn_aux *seen, const struct insn_aux *only)
{
	u64 r[MAX_BPF_REG] = { start, start >> 8, start >> 16, start >> 24 };
	u32 idx = 0;

	while (limit--) {
		const struct bpf_insn *insn = &insns[idx];
		bool taken = !insn_falls_through(insn);

		if (only && !only[idx].seen) {
			*result = 0;
			return true;
		}
		if (seen)
			seen[idx].seen = true;
		switch (insn->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			r[insn->dst_reg] = insn->off;
			break;
		case BPF_ALU64 | BPF_MOV:
			r[insn->dst_reg] = insn->imm;
			break;
		case BPF_ALU64 | BPF_ADD | BPF_X:
			r[insn->dst_reg] += r[insn->src_reg];
			break;
		case BPF_JMP | BPF_JEQ:
			taken = r[insn->dst_reg] == (u64)insn->imm;
			break;
		case BPF_JMP | BPF_JGT | BPF_X:
			taken = r[insn->dst_reg] > r[insn->src_reg];
			break;
		case BPF_JMP | BPF_EXIT:
			*result = r[0];
			return true;
		}
		idx = taken && insn_jumps(insn) ? insn_target(insn, idx) : idx + 1;
		if (idx >= len)
			abort();
	}
	return false;
}

#define POISON	0x7eadbeef

/* What no run reached must not be in the result. */
static void poison_dead(struct verifier_env *env)
{
	u32 i;

	for (i = 0; i < env->len; i++)
		if (!env->aux[i].seen && !insn_jumps(&env->insns[i]))
			env->insns[i] = BPF_MOV64_IMM(0, POISON);
}

static bool has_poison(const struct bpf_prog *prog)
{
	u32 i;

	for (i = 0; i < prog->len; i++)
		if (prog->insnsi[i].imm == POISON)
			return true;
	return false;
}

/* Is it where a branch goes? A side never seen is one that is never taken. */
static bool is_side(const struct verifier_env *env, u32 at)
{
	u32 i;

	for (i = 0; i < env->len; i++) {
		const struct bpf_insn *insn = &env->insns[i];

		if (opcode_of(insn)->kind == INSN_JUMP && env->aux[i].seen &&
		    (i + 1 == at || insn_target(insn, i) == at))
			return true;
	}
	return false;
}

static void try_lowering(struct sums *sums)
{
	static struct bpf_insn insns[LONG_MAX_LEN];
	u32 len = 2 + rnd(LONG_MAX_LEN - 2), i, cut, ended = 0;
	struct verifier_env env = { .ops = &ops, .insns = insns, .len = len };
	u64 start[8], want[8], got;

	numeric_program(insns, len);
	env.prog = bpf_prog_alloc(bpf_prog_size(len), 0);
	env.aux = calloc(len, sizeof(*env.aux));
	for (i = 0; i < ARRAY_SIZE(start); i++) {
		start[ended] = rnd(0x10000) * 0x10001ULL;
		ended += run_numbers(insns, len, start[ended], 2000, &want[ended], env.aux, NULL);
	}
	/* Control that comes to a place never seen ends with 0. */
	cut = 1 + rnd(len - 1);
	if (!is_side(&env, cut)) {
		env.aux[cut].seen = false;
		for (i = 0; i < ended; i++)
			if (!run_numbers(insns, len, start[i], 2000, &want[i], NULL, env.aux))
				abort();
	}
	for (i = 0; i < len; i++)
		if (insns[i].code == (BPF_LDX | BPF_MEM | BPF_W))
			env.aux[i].mem = MEM_CTX;

	poison_dead(&env);
	if (verifier_lower(&env)) {
		printf("# lowering failed\n");
		sums->bad++;
	} else {
		sums->bad += has_poison(env.prog);
		for (i = 0; i < ended; i++) {
			sums->lowered++;
			if (run_numbers(env.prog->insnsi, env.prog->len, start[i], 100000, &got, NULL, NULL) && got == want[i])
				continue;
			printf("# lowered program of %u instructions gives another result\n", len);
			sums->bad++;
		}
	}
	__bpf_prog_free(env.prog);
	free(env.aux);
}

int main(int argc, char **argv)
{
	u32 i, rounds = argc > 1 ? atoi(argv[1]) : 20000;
	struct sums live = { 0 }, low = { 0 };

	for (i = 0; i < rounds && !live.bad; i++)
		try_liveness(&live);
	printf("# %u programs (%u refused), %u steps, registers live at %u, stack at %u\n",
	       live.programs, live.refused, live.steps, live.live, live.stack_live);
	tap_result(!live.bad && live.programs > rounds / 50 && live.stack_live > live.steps / 20,
		   "what a run still reads is live");

	for (i = 0; i < rounds && low.bad < 3; i++)
		try_lowering(&low);
	printf("# %u runs of lowered programs\n", low.lowered);
	tap_result(!low.bad && low.lowered > rounds, "lowered programs do the same");
	return tap_status();
}
