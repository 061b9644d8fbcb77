// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps the proof while the verifier makes it, by the linker's --wrap:
 *
 *	check_operands()	an instruction is walked: a node
 *	explore_later()		its other edge waits: the next path but those
 *				that come between starts from this node
 *	stored_take()		the next node is what was stored
 *	stored_need()		a stored state covers the current one: the path
 *				ends in an edge to the node of that state
 *	stored_finish()		what was needed of the nodes since is final
 *
 * The stack of waiting branches is kept a second time, of nodes. When fewer
 * branches wait than before, the verifier took the latest.
 *
 * Every definition that a node names was made since the last stored state of
 * its path, since storing refreshes all that is kept. So its mark is final, and
 * still there, when that state is finished.
 */
#include "proof.h"

#define MAX_WAITING	(1 << 16)
#define TABLE_BITS	17
#define TABLE_SIZE	(1 << TABLE_BITS)
#define BLOCK_BYTES	(1 << 20)

struct block {
	struct block *next;
	size_t used;
	char bytes[];
};

/* A stored state, its node, and the nodes under it. */
struct segment {
	const struct stored *stored;
	struct node *node;
	struct node *members;
};

size_t proof_limit = 256 << 20;

/* The proof that is being made. */
static struct {
	struct proof *proof;
	struct explore *ex;
	struct node *last;
	const struct stored *taken;
	struct segment root;
	struct node *waiting[MAX_WAITING];
	u32 nwaiting;
	struct segment table[TABLE_SIZE];
	u32 used[TABLE_SIZE];
	u32 nused;
	bool ended;
} rec;

/* ---- memory --------------------------------------------------------------------- */

/* All blocks are of one size: a node is far smaller. */
static struct block *spare;

static struct block *take_block(void)
{
	struct block *block = spare;

	if (block)
		spare = block->next;
	else
		block = malloc(sizeof(*block) + BLOCK_BYTES);
	block->used = 0;
	return block;
}

static void *take(struct proof *proof, size_t size)
{
	struct block *block = proof->blocks;
	void *p;

	size = ALIGN(size, 8);
	if (!block || BLOCK_BYTES - block->used < size) {
		block = take_block();
		block->next = proof->blocks;
		proof->blocks = block;
	}
	p = block->bytes + block->used;
	block->used += size;
	proof->used += size;
	if (proof->used > proof_limit)
		proof->too_big = true;
	return p;
}

void proof_free(struct proof *proof)
{
	while (proof->blocks) {
		struct block *next = proof->blocks->next;

		proof->blocks->next = spare;
		spare = proof->blocks;
		proof->blocks = next;
	}
	memset(proof, 0, sizeof(*proof));
}

/* ---- stored states ----------------------------------------------------------------- */

/* The place of a stored state; its memory may serve another one later. */
static struct segment *segment_of(const struct stored *stored)
{
	u32 i = hash_64((uintptr_t)stored, TABLE_BITS);

	while (rec.table[i].stored && rec.table[i].stored != stored)
		i = (i + 1) % TABLE_SIZE;
	if (!rec.table[i].stored) {
		rec.table[i].stored = stored;
		rec.used[rec.nused++] = i;
		if (rec.nused > TABLE_SIZE / 2)
			rec.proof->too_big = true;
	}
	return &rec.table[i];
}

static bool recording(void)
{
	return rec.proof && !rec.proof->too_big;
}

/* A walk begins; what the one before showed does not count. */
static void record_walk(void)
{
	while (rec.nused)
		memset(&rec.table[rec.used[--rec.nused]], 0,
		       sizeof(rec.table[0]));
	rec.proof->root = NULL;
	rec.proof->blurred = false;
	rec.proof->walks++;
	rec.last = NULL;
	rec.taken = NULL;
	rec.nwaiting = 0;
	rec.ended = false;
	memset(&rec.root, 0, sizeof(rec.root));
}

/* ---- nodes ------------------------------------------------------------------------- */

/* A path that ended left its successor the latest branch that waits. */
static struct node *parent_of(const struct explore *ex)
{
	if (ex->nwaiting < rec.nwaiting) {
		rec.nwaiting = ex->nwaiting;
		return rec.waiting[rec.nwaiting];
	}
	return rec.last;
}

static struct node *add_node(struct explore *ex, size_t state)
{
	struct node *parent = parent_of(ex);
	struct node *node = take(rec.proof, sizeof(*node) + state);

	memset(node, 0, offsetof(struct node, st));
	node->pc = ex->pc;
	if (parent) {
		node->sibling = parent->child;
		parent->child = node;
	} else {
		rec.proof->root = node;
	}
	return node;
}

static void join_segment(struct explore *ex, struct node *node)
{
	struct segment *segment = ex->path ? segment_of(ex->path) : &rec.root;

	if (rec.taken) {
		segment->node = node;
		segment->members = NULL;
		rec.taken = NULL;
	}
	node->peer = segment->members;
	segment->members = node;
}

static bool holds_pointer(const struct vstate *st)
{
	for (u32 f = 0; f <= st->depth; f++)
		for (u32 s = 0; s < st->frame[f].nslots; s++)
			if (reg_is_pointer(&st->frame[f].slot[s].val))
				return true;
	return false;
}

/* May the instruction access the stack, nobody knows where? */
static bool blurs(struct vstate *st, const struct bpf_insn *insn)
{
	const struct vreg *reg = vstate_top(st)->reg;
	u8 class = BPF_CLASS(insn->code);

	for (u32 r = 0; r < BPF_REG_10; r++)
		if (reg[r].kind == REG_STACK && !reg_is_fixed(&reg[r]))
			return (class == BPF_LDX || class == BPF_ST ||
				class == BPF_STX || class == BPF_JMP) &&
			       holds_pointer(st);
	return false;
}

int __real_check_operands(struct explore *ex, const struct bpf_insn *insn);
int __wrap_check_operands(struct explore *ex, const struct bpf_insn *insn);
int __wrap_check_operands(struct explore *ex, const struct bpf_insn *insn)
{
	if (recording()) {
		struct node *node;

		if (rec.ended)
			record_walk();
		node = add_node(ex, vstate_packed_size(ex->st) - sizeof(node->st));
		vstate_pack(&node->st, ex->st);
		rec.ex = ex;
		rec.last = node;
		join_segment(ex, node);
		rec.proof->blurred |= blurs(ex->st, insn);
	}
	return __real_check_operands(ex, insn);
}

int __real_explore_later(struct explore *ex, u32 pc, const struct vstate *st);
int __wrap_explore_later(struct explore *ex, u32 pc, const struct vstate *st);
int __wrap_explore_later(struct explore *ex, u32 pc, const struct vstate *st)
{
	if (recording()) {
		if (rec.nwaiting == MAX_WAITING)
			rec.proof->too_big = true;
		else
			rec.waiting[rec.nwaiting++] = rec.last;
	}
	return __real_explore_later(ex, pc, st);
}

void __real_stored_take(struct stored *old, struct vstate *cur,
			const struct live *live, struct match *match,
			struct defs *defs, u32 insn);
void __wrap_stored_take(struct stored *old, struct vstate *cur,
			const struct live *live, struct match *match,
			struct defs *defs, u32 insn);
void __wrap_stored_take(struct stored *old, struct vstate *cur,
			const struct live *live, struct match *match,
			struct defs *defs, u32 insn)
{
	rec.taken = old;
	__real_stored_take(old, cur, live, match, defs, insn);
}

void __real_stored_need(struct stored *old, struct vstate *cur,
			const struct live *live, struct defs *defs);
void __wrap_stored_need(struct stored *old, struct vstate *cur,
			const struct live *live, struct defs *defs);
void __wrap_stored_need(struct stored *old, struct vstate *cur,
			const struct live *live, struct defs *defs)
{
	if (recording())
		add_node(rec.ex, 0)->cover = segment_of(old)->node;
	__real_stored_need(old, cur, live, defs);
}

/* ---- need ----------------------------------------------------------------------------- */

static bool is_needed(const struct defs *defs, const struct vreg *reg)
{
	return reg->kind == REG_SCALAR && defs_is_needed(defs, reg->def);
}

static void keep_node(struct node *node, const struct defs *defs)
{
	const struct vframe *frame = node->st.frame;

	for (u32 f = 0; f <= node->st.depth; f++) {
		for (u32 r = 0; r < MAX_BPF_REG; r++)
			node->need_regs[f] |= is_needed(defs, &frame->reg[r]) << r;
		for (u32 s = 0; s < frame->nslots; s++)
			node->need_slots[f] |= (u64)is_needed(defs, &frame->slot[s].val) << s;
		frame = vframe_packed_next(frame);
	}
}

static void keep_needs(struct segment *segment, const struct defs *defs)
{
	struct node *node;

	for (node = segment->members; node; node = node->peer)
		keep_node(node, defs);
	segment->members = NULL;
}

/* Called before the definitions since @old was stored are dropped. */
void load_finished(struct stored *old, struct defs *defs);
void load_finished(struct stored *old, struct defs *defs)
{
	if (recording())
		keep_needs(segment_of(old), defs);
}

void __real_defs_free(struct defs *defs);
void __wrap_defs_free(struct defs *defs);
void __wrap_defs_free(struct defs *defs)
{
	if (recording()) {
		keep_needs(&rec.root, defs);
		rec.ended = true;
	}
	__real_defs_free(defs);
}

/* ---- one load --------------------------------------------------------------------------- */

void proof_of_load(struct proof *proof, struct load *load, u8 prune)
{
	memset(proof, 0, sizeof(*proof));
	proof->all = prune == PRUNE_NEVER || prune == PRUNE_FULL;
	rec.proof = proof;
	record_walk();
	load_run(load, prune);
	rec.proof = NULL;
	if (load->err || proof->too_big)
		proof->root = NULL;
}
