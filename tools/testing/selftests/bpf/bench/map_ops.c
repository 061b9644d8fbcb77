// SPDX-License-Identifier: GPL-2.0-only
/*
 * What maps cost a program: hash maps and arrays of several sizes, keys at random.
 *
 * A program makes BATCH keys from a state that it keeps in an array of one element,
 * and does one thing with each. What it costs without the thing is subtracted, so
 * that making keys is not counted. The state is set back before each try: all
 * kernels see the same keys, and the sum of the values found must be the same.
 */
#include "bench.h"

#define BATCH	16
#define KEY_AT	(-80)
#define VALUE_AT (-88)
#define COUNTED_ROUNDS 2

enum thing { NOTHING, FILL, HIT, MISS, UPDATE, INSERT_DELETE, DELETE_MISS };

/* struct state - what a program keeps between runs */
struct state {
	__u64 seed;
	__u64 sum;
};

/* struct shape - of the map that a row is about */
struct shape {
	__u32 type, key_size, flags;
	enum thing thing;
};

static int map = -1, state = -1;

/* Not all elements are there: an insertion must find room. A program fills BATCH. */
static long filled(const struct shape *s, long size)
{
	return (s->type == BPF_MAP_TYPE_ARRAY ? size : size - size / 16) / BATCH * BATCH;
}

/* ---- programs ---------------------------------------------------------------- */

/*
 * R8 is the seed. The key's number, below @count and from @first on, goes to R9
 * and to both ends of the key; what lies between is constant.
 */
static void emit_key(struct prog *p, const struct shape *s, enum thing thing, long count, long first)
{
	if (thing == FILL)
		EMIT(p, MOV_X(9, 8), ALU_K(BPF_ADD, 8, 1));
	else
		EMIT(p, ALU_K(BPF_MUL, 8, 0x5851f42d), ALU_K(BPF_ADD, 8, 0x14057b7e), MOV_X(9, 8),
		     ALU_K(BPF_RSH, 9, 16), ALU_K(BPF_LSH, 9, 32), ALU_K(BPF_RSH, 9, 32),
		     ALU_K(BPF_MUL, 9, count), ALU_K(BPF_RSH, 9, 32), ALU_K(BPF_ADD, 9, first));
	if (s->key_size == 4)
		EMIT(p, STX(BPF_W, 10, 9, KEY_AT));
	else
		EMIT(p, STX(BPF_DW, 10, 9, KEY_AT), STX(BPF_DW, 10, 9, KEY_AT + (int)s->key_size - 8));
}

static void emit_arguments(struct prog *p)
{
	EMIT(p, LD_MAP(1, map), MOV_X(2, 10), ALU_K(BPF_ADD, 2, KEY_AT));
}

/* The value is the key's number. */
static void emit_update(struct prog *p)
{
	EMIT(p, STX(BPF_DW, 10, 9, VALUE_AT));
	emit_arguments(p);
	EMIT(p, MOV_X(3, 10), ALU_K(BPF_ADD, 3, VALUE_AT), MOV_K(4, BPF_ANY), CALL(BPF_FUNC_map_update_elem));
}

static void emit_thing(struct prog *p, enum thing thing)
{
	switch (thing) {
	case NOTHING:
		break;
	case HIT:
	case MISS:
		emit_arguments(p);
		EMIT(p, CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 2), LDX(BPF_DW, 0, 0, 0),
		     ALU_X(BPF_ADD, 7, 0));
		break;
	case INSERT_DELETE:
		emit_update(p);
		EMIT(p, ALU_X(BPF_ADD, 7, 0));
		/* fallthrough */
	case DELETE_MISS:
		emit_arguments(p);
		EMIT(p, CALL(BPF_FUNC_map_delete_elem), ALU_X(BPF_ADD, 7, 0));
		break;
	case FILL:
	case UPDATE:
		emit_update(p);
		EMIT(p, ALU_X(BPF_ADD, 7, 0));
		break;
	}
}

/* R6 is the state, R7 the sum. @thing makes the keys, @does is done with them. */
static int make_program(const struct shape *s, enum thing thing, enum thing does, long count, struct outcome *out)
{
	bool missing = thing == MISS || thing == INSERT_DELETE || thing == DELETE_MISS;
	struct prog *p = fresh();

	EMIT(p, ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, state),
	     CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JNE, 0, 0, 1), EXIT(), MOV_X(6, 0),
	     LDX(BPF_DW, 8, 6, 0), LDX(BPF_DW, 7, 6, 8));
	for (__u32 at = 0; at < s->key_size; at += 8)
		EMIT(p, ST(BPF_DW, 10, KEY_AT + (int)at, 0x1357 + (int)at));
	for (int i = 0; i < BATCH; i++) {
		emit_key(p, s, thing, count, missing ? count : 0);
		emit_thing(p, does);
	}
	EMIT(p, STX(BPF_DW, 6, 8, 0), STX(BPF_DW, 6, 7, 8), MOV_X(0, 7), EXIT());
	return load(p, out);
}

/* ---- measuring --------------------------------------------------------------- */

static void reset_state(void *data)
{
	static const struct state fresh_state = { .seed = 0x9e3779b97f4a7c15ULL };

	map_put(state, &(int){ 0 }, &fresh_state, BPF_ANY);
}

/* Elements 0 to @count - 1 */
static bool fill(const struct shape *s, long count, struct outcome *out)
{
	struct state from = { 0 };
	int fd = make_program(s, FILL, FILL, count, out);

	if (fd < 0)
		return false;
	map_put(state, &(int){ 0 }, &from, BPF_ANY);
	for (long done = 0, n; done < count / BATCH; done += n) {
		n = count / BATCH - done < 1000 ? count / BATCH - done : 1000;
		run(fd, (__u32)n);
	}
	close(fd);
	map_get(state, &(int){ 0 }, &from);
	if (from.sum)
		no_figure(out, "it cannot be filled");
	return !from.sum;
}

static bool make_maps(const struct shape *s, long size, struct outcome *out)
{
	state = map_create(BPF_MAP_TYPE_ARRAY, 4, sizeof(struct state), 1, 0);
	map = map_create(s->type, s->key_size, 8, size, s->flags);
	if (state < 0 || map < 0)
		no_figure(out, "a map cannot be made: %s", strerror(state < 0 ? -state : -map));
	return state >= 0 && map >= 0;
}

/* @does on keys for @row's thing: instructions of a program; checks what it found. */
static double program_cost(const struct row *row, enum thing does, struct outcome *out)
{
	const struct shape *s = row->how;
	int fd = make_program(s, s->thing, does, filled(s, row->size), out);
	double cost;

	if (fd < 0)
		return 0;
	if (does != NOTHING) {
		reset_state(NULL);
		out->check = run(fd, COUNTED_ROUNDS);
	}
	cost = run_cost(fd, reset_state, NULL);
	close(fd);
	return cost;
}

/*
 * Rows on one map stand together in the table: the map is filled once. What they
 * do to it, they undo, or do in the same way on all kernels.
 */
static const struct row *of_map;
static enum engine of_engine;

static bool same_map(const struct row *row)
{
	const struct shape *a = row->how, *b = of_map ? of_map->how : NULL;

	return b && of_map->size == row->size && of_engine == engine() && a->type == b->type &&
	       a->key_size == b->key_size && a->flags == b->flags;
}

static void measure(const struct row *row, struct outcome *out)
{
	const struct shape *s = row->how;

	if (!same_map(row)) {
		close(map);
		close(state);
		of_map = NULL;
		if (!make_maps(s, row->size, out) || !fill(s, filled(s, row->size), out))
			return;
		of_map = row;
		of_engine = engine();
	}
	out->cost = program_cost(row, s->thing, out);
	if (*out->none)
		return;
	out->cost = (out->cost - program_cost(row, NOTHING, out)) / BATCH;
	/* Reading all of a large one takes longer than the row. */
	if (row->size <= 1000)
		out->check = mix(out->check, contents(map, s->key_size, 8));
}

/* ---- rows -------------------------------------------------------------------- */

#define SHAPE(t, k, f, what) (&(const struct shape) { BPF_MAP_TYPE_##t, k, f, what })

#define HASH(k, n, g)								\
	{ "hash, key of " #k ": hit", n, SHAPE(HASH, k, 0, HIT), 0, g },	\
	{ "hash, key of " #k ": miss", n, SHAPE(HASH, k, 0, MISS), 0 }, \
	{ "hash, key of " #k ": update", n, SHAPE(HASH, k, 0, UPDATE), 0, g && k == 4 }, \
	{ "hash, key of " #k ": insert, delete", n, SHAPE(HASH, k, 0, INSERT_DELETE), 0, g && k == 4 }, \
	{ "hash, key of " #k ": delete, miss", n, SHAPE(HASH, k, 0, DELETE_MISS), 0 }

#define NO_PREALLOC(n)								\
	{ "hash, NO_PREALLOC, key of 4: hit", n, SHAPE(HASH, 4, BPF_F_NO_PREALLOC, HIT) }, \
	{ "hash, NO_PREALLOC, key of 4: update", n, SHAPE(HASH, 4, BPF_F_NO_PREALLOC, UPDATE) }, \
	{ "hash, NO_PREALLOC, key of 4: insert, delete", n, SHAPE(HASH, 4, BPF_F_NO_PREALLOC, INSERT_DELETE) }

#define ARRAY(n)								\
	{ "array: look up", n, SHAPE(ARRAY, 4, 0, HIT) },			\
	{ "array: update", n, SHAPE(ARRAY, 4, 0, UPDATE) }

static const struct row rows[] = {
	HASH(4, 1000, false), HASH(4, 10000, true), HASH(4, 100000, false), HASH(4, 1000000, false),
	HASH(16, 1000, false), HASH(16, 10000, true), HASH(16, 100000, false),
	HASH(64, 1000, false), HASH(64, 10000, false), HASH(64, 100000, false),
	NO_PREALLOC(1000), NO_PREALLOC(10000), NO_PREALLOC(100000),
	ARRAY(1000), ARRAY(10000), ARRAY(100000), ARRAY(1000000),
};

const struct group map_ops = GROUP("maps from programs", "instructions", rows, true, measure);
