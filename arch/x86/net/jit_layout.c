// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where code lies: selection into a draft, the layout, and the image.
 *
 * Selection runs once. It writes a draft in which every jump between chunks is
 * short and every distance is left open, and notes where jumps and calls to the
 * outside are. Layout then makes long what does not reach. Making a jump long can
 * only move code apart, so no jump ever becomes short again; a round that changes
 * nothing is the last, and since each other one makes at least one of finitely
 * many jumps long, there is a last one. Should there be more than ROUNDS_MAX
 * (programs can be built so that each round finds one jump), all jumps become
 * long, and that always fits. The image is the draft with its jumps and distances
 * put in; each jump must end where the layout says, or no image is handed out.
 *
 *	a chunk of 131 bytes between a jump and its target: 127 reach, so the
 *	jump takes 6 bytes in place of 2, and all behind it is 4 bytes further
 *
 * Takes no lock. It must never write outside the buffer it is given.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "jit_priv.h"

#define ROUNDS_MAX	8
#define JIT_GFP		(GFP_KERNEL | __GFP_NOWARN)
/* No displacement of an image that large could overflow. */
#define IMAGE_MAX	BIT(30)
/* More than any chunk has, and what is expected of an average one. */
#define CHUNK_MAX	512
#define CHUNK_BYTES	6
/* Selection lets others run after so many slots. */
#define YIELD_SLOTS	4096

/* ---- the draft ----------------------------------------------------------- */

/* A draft that is full becomes twice as large. Rare: apart from what is not. */
static noinline void make_room(struct jit *j)
{
	u32 size = 2 * j->code.limit;
	u8 *bytes;

	if (size > IMAGE_MAX) {
		jit_fail(j, -E2BIG);
		return;
	}
	bytes = kvmalloc(size, JIT_GFP);
	if (!bytes) {
		jit_fail(j, -ENOMEM);
		return;
	}
	memcpy(bytes, j->code.bytes, min(j->code.pos, j->code.limit));
	kvfree(j->code.bytes);
	j->code.bytes = bytes;
	j->code.limit = size;
}

/* For a chunk, or for what stands in front of the first one of a function. */
static void need_room(struct jit *j)
{
	if (unlikely(j->code.pos + CHUNK_MAX > j->code.limit))
		make_room(j);
}

static void begin_chunk(struct jit *j, u32 chunk)
{
	need_room(j);
	if (j->target.blind)
		x86_jit_pad(j);
	j->chunk = chunk;
	j->start[chunk] = j->code.pos;
}

/**
 * x86_jit_cold_chunk() - give the instruction being compiled a cold chunk
 * @j: compilation
 * @make: makes its code, behind all others so far
 *
 * Context: any.
 * Return: the chunk, to jump to or to call.
 */
u32 x86_jit_cold_chunk(struct jit *j, jit_select_t make)
{
	if (j->colds == j->uses.colds) {
		jit_fail(j, -EFAULT);
		return 0;
	}
	j->cold[j->colds] = (struct jit_cold){
		.slot = j->slot,
		.func = j->func,
		.make = make,
	};
	return j->len + 1 + j->colds++;
}

/**
 * x86_jit_jump() - jump to the start of another chunk, or call it
 * @j: compilation
 * @cc: condition, JIT_ALWAYS or JIT_CALL; or JIT_CALL_FUNC
 * @chunk: slot, or what x86_jit_cold_chunk() gave; or which function
 *
 * Context: any.
 */
void x86_jit_jump(struct jit *j, int cc, u32 chunk)
{
	if (j->nsites == j->uses.sites) {
		jit_fail(j, -EFAULT);
		return;
	}
	j->code.pos += 2;
	j->sites[j->nsites++] = (struct jit_site){
		.chunk = j->chunk,
		.drafted = j->code.pos,
		.end = j->code.pos,
		.target = chunk,
		.cc = cc,
	};
}

/**
 * x86_jit_call_address() - call, or jump to, something outside the image
 * @j: compilation
 * @address: of what
 * @jump: jump
 *
 * Whether it is within reach is known only when the image has an address.
 *
 * Context: any.
 */
void x86_jit_call_address(struct jit *j, u64 address, bool jump)
{
	if (j->noutsides == j->uses.outsides) {
		jit_fail(j, -EFAULT);
		return;
	}
	if (jump)
		x86_jmp32(&j->code, 0);
	else
		x86_call32(&j->code, 0);
	j->outsides[j->noutsides++] = (struct jit_outside){
		.drafted = j->code.pos,
		.address = address,
	};
}

/**
 * x86_jit_mark() - the owner of the image will want to know this place
 * @j: compilation
 *
 * Context: any.
 */
void x86_jit_mark(struct jit *j)
{
	if (j->nmarks == j->uses.marks) {
		jit_fail(j, -EFAULT);
		return;
	}
	j->marks[j->nmarks++] = (struct jit_mark){
		.drafted = j->code.pos,
		.slot = j->slot,
		.func = j->func,
	};
}

/* ---- inside a chunk ------------------------------------------------------ */

/**
 * x86_jit_local() - make code with jumps inside, none further than 127 bytes
 * @j: compilation
 * @insn: for @body
 * @body: makes it; runs twice, labels are known the second time
 *
 * Context: any.
 */
void x86_jit_local(struct jit *j, const struct bpf_insn *insn, jit_select_t body)
{
	u32 at = j->code.pos, outsides = j->noutsides;

	j->label[0] = at;
	j->label[1] = at;
	body(j, insn);
	j->code.pos = at;
	j->noutsides = outsides;
	body(j, insn);
}

/**
 * x86_jit_label() - the next instruction is where local jumps go
 * @j: compilation, inside x86_jit_local()
 * @label: 0 or 1
 *
 * Context: any.
 */
void x86_jit_label(struct jit *j, int label)
{
	j->label[label] = j->code.pos;
}

/**
 * x86_jit_local_jump() - jump to a label
 * @j: compilation, inside x86_jit_local()
 * @cc: condition or JIT_ALWAYS
 * @label: 0 or 1
 *
 * Context: any.
 */
void x86_jit_local_jump(struct jit *j, int cc, int label)
{
	s64 distance = (s64)j->label[label] - j->code.pos - 2;

	if (!x86_is_s8(distance))
		jit_fail(j, -EFAULT);
	if (cc == JIT_ALWAYS)
		x86_jmp8(&j->code, distance);
	else
		x86_jcc8(&j->code, cc, distance);
}

/* ---- selection ----------------------------------------------------------- */

/* Slots that are part of an instruction before them are empty chunks. */
static void skip_chunks(struct jit *j, u32 from, u32 to)
{
	for (; from < to; from++)
		j->start[from] = j->code.pos;
}

/* The instruction at a slot, perhaps with some that follow it. Returns slots. */
static u32 select_at(struct jit *j, u32 slot)
{
	const struct bpf_insn *insn = &j->insns[slot];
	const struct jit_row *row = &x86_jit_rows[insn->code];
	u32 used = row->first ? x86_jit_fuse(j, slot) : 0;

	if (used)
		return used;
	if (!row->select) {
		jit_fail(j, -EINVAL);
		return 1;
	}
	row->select(j, insn);
	x86_jit_track(j, insn, row->upper);
	return slots_of(insn);
}

static void select_slots(struct jit *j, u32 from, u32 to)
{
	u32 i, used, pause = from + YIELD_SLOTS;

	for (i = from; i < to && !j->err; i += used) {
		if (i >= pause) {
			pause += YIELD_SLOTS;
			cond_resched();
		}
		if (j->flow[i].leader) {
			j->clear = 0;
			j->packet = false;
			j->zero_at = JIT_NOWHERE;
		}
		j->slot = i;
		begin_chunk(j, i);
		used = select_at(j, i);
		if (used > 1)
			skip_chunks(j, i + 1, i + used);
	}
}

/* Its entry is no chunk: it stands in front of the first one, and moves with it. */
static void select_func(struct jit *j, struct jit_func *f)
{
	u32 entry;

	need_room(j);
	j->func = f;
	entry = j->code.pos;
	x86_jit_prologue(j);
	select_slots(j, f->start, f->end);
	f->entry = j->start[f->start] - entry;
}

static void select_hot(struct jit *j)
{
	struct jit_func *f;

	for (f = j->funcs; f < j->funcs + j->nfuncs && !j->err; f++) {
		cond_resched();
		select_func(j, f);
	}
}

/* What holds on arrival is not known: a cold chunk has no memory. */
static void select_cold(struct jit *j)
{
	u32 i;

	for (i = 0; i < j->colds && !j->err; i++) {
		if (!(i % YIELD_SLOTS))
			cond_resched();
		j->clear = 0;
		j->slot = j->cold[i].slot;
		j->func = j->cold[i].func;
		begin_chunk(j, j->len + 1 + i);
		j->cold[i].make(j, &j->insns[j->slot]);
	}
}

static int select_all(struct jit *j)
{
	j->zero_at = JIT_NOWHERE;
	select_hot(j);
	j->start[j->len] = j->code.pos;
	select_cold(j);
	j->start[j->len + 1 + j->colds] = j->code.pos;
	if (j->code.pos > j->code.limit)
		jit_fail(j, -EFAULT);
	return j->err;
}

/* ---- layout -------------------------------------------------------------- */

static bool is_call(const struct jit_site *s)
{
	return s->cc == JIT_CALL || s->cc == JIT_CALL_FUNC;
}

/* Where it goes, as long as nothing is moved. */
static u32 site_target(const struct jit *j, const struct jit_site *s)
{
	const struct jit_func *f;

	if (s->cc != JIT_CALL_FUNC)
		return j->start[s->target];
	f = &j->funcs[s->target];
	return j->start[f->start] - f->entry;
}

static unsigned int site_size(const struct jit_site *s)
{
	if (!s->wide)
		return 2;
	return s->cc < 0 ? 5 : 6;
}

/* Which short jumps do not reach? Their growth goes to @growth. No call is short. */
static bool widen_jumps(struct jit *j, u8 *growth, bool all)
{
	bool changed = false;
	u32 s;

	for (s = 0; s < j->nsites; s++) {
		struct jit_site *site = &j->sites[s];

		growth[s] = 0;
		if (site->wide)
			continue;
		if (!all && !is_call(site) &&
		    x86_is_s8((s64)site_target(j, site) - site->end))
			continue;
		growth[s] = site->cc < 0 ? 3 : 4;
		site->wide = true;
		changed = true;
	}
	return changed;
}

/* Sites come in the order of their chunks: one walk moves all. */
static void move_chunks(struct jit *j, const u8 *growth)
{
	u32 i, chunks = j->len + 1 + j->colds, moved = 0, s = 0;

	for (i = 0; i <= chunks; i++) {
		j->start[i] += moved;
		for (; s < j->nsites && j->sites[s].chunk == i; s++) {
			moved += growth[s];
			j->sites[s].end += moved;
		}
	}
}

static int lay_out(struct jit *j)
{
	unsigned int round = 0;
	u8 *growth;

	if (j->code.pos > IMAGE_MAX)
		return -E2BIG;
	growth = kvmalloc(j->nsites + 1, JIT_GFP);
	if (!growth)
		return -ENOMEM;
	while (widen_jumps(j, growth, round >= ROUNDS_MAX)) {
		move_chunks(j, growth);
		round++;
		cond_resched();
	}
	kvfree(growth);
	return x86_jit_size(j) > IMAGE_MAX ? -E2BIG : 0;
}

/* ---- the image ----------------------------------------------------------- */

/**
 * struct image - being written
 * @code: where to
 * @address: of its first byte, where it will run
 * @drafted: bytes of the draft it holds so far
 * @outside: next of the calls to the outside
 * @mark: next of the marks
 */
struct image {
	struct x86_code code;
	u64 address;
	u32 drafted;
	u32 outside;
	u32 mark;
};

/* The call that ends at @drafted; its distance counts from there. */
static void put_distance(struct jit *j, struct image *image, const struct jit_outside *o)
{
	u32 end = image->code.pos + (o->drafted - image->drafted);
	s64 distance = (s64)(o->address - (image->address + end));
	struct x86_code code = image->code;

	if (!x86_is_s32(distance))
		jit_fail(j, -ERANGE);
	code.pos = end - 4;
	code.limit = end;
	x86_imm(&code, distance, 4);
}

/* Of the draft up to @drafted, which is about to follow. */
static void find_marks(struct jit *j, struct image *image, u32 drafted)
{
	for (; image->mark < j->nmarks; image->mark++) {
		struct jit_mark *m = &j->marks[image->mark];

		if (m->drafted > drafted)
			break;
		m->at = image->code.pos + (m->drafted - image->drafted);
	}
}

/* The draft up to @drafted, in which there are no jumps between chunks. */
static void copy_draft(struct jit *j, struct image *image, u32 drafted)
{
	u32 n = drafted - image->drafted;
	const struct jit_outside *o;

	if (n > image->code.limit - image->code.pos) {
		jit_fail(j, -EFAULT);
		return;
	}
	memcpy(image->code.bytes + image->code.pos, j->code.bytes + image->drafted, n);
	for (; image->outside < j->noutsides; image->outside++) {
		o = &j->outsides[image->outside];
		if (o->drafted > drafted)
			break;
		put_distance(j, image, o);
	}
	find_marks(j, image, drafted);
	image->code.pos += n;
	image->drafted = drafted;
}

static void put_site(struct jit *j, struct image *image, const struct jit_site *s)
{
	s64 distance = (s64)site_target(j, s) - s->end;

	if (image->code.pos + site_size(s) != s->end || (!s->wide && !x86_is_s8(distance)))
		jit_fail(j, -EFAULT);
	else if (!s->wide && s->cc == JIT_ALWAYS)
		x86_jmp8(&image->code, distance);
	else if (!s->wide)
		x86_jcc8(&image->code, s->cc, distance);
	else if (s->cc == JIT_ALWAYS)
		x86_jmp32(&image->code, distance);
	else if (is_call(s))
		x86_call32(&image->code, distance);
	else
		x86_jcc32(&image->code, s->cc, distance);
	image->drafted += 2;
}

/* ---- the interface ------------------------------------------------------- */

static int allocate(struct jit *j)
{
	u32 size;

	if (j->len > IMAGE_MAX / CHUNK_BYTES - CHUNK_MAX)
		return -E2BIG;
	size = j->len * CHUNK_BYTES + 2 * CHUNK_MAX;
	j->start = kvmalloc_array(j->len + 2 + j->uses.colds, sizeof(*j->start), JIT_GFP);
	j->cold = kvmalloc_array(j->uses.colds + 1, sizeof(*j->cold), JIT_GFP);
	j->sites = kvmalloc_array(j->uses.sites + 1, sizeof(*j->sites), JIT_GFP);
	j->outsides = kvmalloc_array(j->uses.outsides + 1, sizeof(*j->outsides), JIT_GFP);
	j->marks = kvmalloc_array(j->uses.marks + 1, sizeof(*j->marks), JIT_GFP);
	j->code.bytes = kvmalloc(size, JIT_GFP);
	if (!j->start || !j->cold || !j->sites || !j->outsides || !j->marks || !j->code.bytes)
		return -ENOMEM;
	j->code.limit = size;
	return 0;
}

static int analyse(struct jit *j)
{
	int err;

	j->flow = kvcalloc(j->len, sizeof(*j->flow), JIT_GFP);
	if (!j->flow)
		return -ENOMEM;
	err = x86_jit_flow(j);
	if (err)
		return err;
	x86_jit_decide_frames(j);
	return allocate(j);
}

/**
 * x86_jit_begin() - decide everything about the code of a program
 * @program: what to compile; its instructions are read until x86_jit_end()
 * @target: for what
 *
 * Context: process context, may sleep. Time is linear in the program.
 * Return: a compilation; -EINVAL if an instruction is not known, -ENOMEM, -E2BIG,
 * -EFAULT if the JIT contradicts itself.
 */
struct jit *x86_jit_begin(const struct jit_program *program, const struct jit_target *target)
{
	struct jit *j;
	int err;

	if (!program->len)
		return ERR_PTR(-EINVAL);
	j = kzalloc(sizeof(*j), JIT_GFP);
	if (!j)
		return ERR_PTR(-ENOMEM);
	j->insns = program->insns;
	j->len = program->len;
	j->tail_sites = program->tail_sites;
	j->target = *target;
	err = x86_jit_find_funcs(j, program);
	if (!err)
		err = analyse(j);
	if (!err)
		err = select_all(j);
	if (!err)
		err = lay_out(j);
	if (err) {
		x86_jit_end(j);
		return ERR_PTR(err);
	}
	return j;
}

/**
 * x86_jit_size() - size of the image
 * @j: compilation
 *
 * Context: any.
 * Return: bytes.
 */
u32 x86_jit_size(const struct jit *j)
{
	return j->start[j->len + 1 + j->colds];
}

/**
 * x86_jit_write() - write the image
 * @j: compilation
 * @bytes: x86_jit_size() bytes
 * @address: at which the first of them will run
 *
 * May be called again, for another place.
 *
 * Context: process context, may sleep.
 * Return: 0, -ERANGE if a helper is out of reach of @address, -EFAULT if draft and
 * layout disagree; the bytes are of no use then.
 */
int x86_jit_write(struct jit *j, u8 *bytes, u64 address)
{
	struct image image = {
		.code = { .bytes = bytes, .limit = x86_jit_size(j) },
		.address = address,
	};
	u32 s;

	j->err = 0;
	for (s = 0; s < j->nsites && !j->err; s++) {
		if (!(s % YIELD_SLOTS))
			cond_resched();
		copy_draft(j, &image, j->sites[s].drafted - 2);
		put_site(j, &image, &j->sites[s]);
	}
	if (!j->err)
		copy_draft(j, &image, j->code.pos);
	if (!j->err && image.code.pos != x86_jit_size(j))
		jit_fail(j, -EFAULT);
	return j->err;
}

/**
 * x86_jit_end() - forget a compilation
 * @j: compilation
 *
 * Context: process context.
 */
void x86_jit_end(struct jit *j)
{
	kvfree(j->funcs);
	kvfree(j->flow);
	kvfree(j->start);
	kvfree(j->cold);
	kvfree(j->sites);
	kvfree(j->outsides);
	kvfree(j->marks);
	kvfree(j->code.bytes);
	kfree(j);
}
