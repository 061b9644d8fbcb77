// SPDX-License-Identifier: GPL-2.0-only
/*
 * One hash map that system calls and programs change at the same time: four
 * threads update, delete, look up and walk, four send packets through programs
 * that do the same from the receiving side. What a system call reads is always
 * one value some writer wrote for that key, and the map never holds more than it
 * may. (Programs read elements where they are; for them nothing is promised.)
 */
#include "race.h"

#include <stddef.h>

#define RACE_MS	2500
#define KEYS	16
#define WORDS	4

static unsigned long mixed, wrong, found, ran;
static int map, progs[3];
static __u32 entries;

/* A value is the key in every word, with one random number below. */
static void judge(const __u64 *value, __u32 key)
{
	for (int i = 1; i < WORDS; i++)
		if (value[i] != value[0]) {
			count(&mixed);
			return;
		}
	if (value[0] >> 32 != key)
		count(&mixed);
	count(&found);
}

/* ---- programs: the key is the length of the packet ------------------------------------------ */

#define KEY_AT	(-8)
#define VALUE_AT (-8 - 8 * WORDS)

#define TAKE_KEY							\
	LDX(BPF_W, 7, 1, offsetof(struct __sk_buff, len)),		\
	ALU_K(BPF_AND, 7, KEYS - 1), STX(BPF_W, 10, 7, KEY_AT)

#define CALL_WITH_KEY(helper)						\
	MOV_X(2, 10), ALU_K(BPF_ADD, 2, KEY_AT), LD_MAP(1, map), CALL(helper)

static int load_update(void)
{
	return FILTER(TAKE_KEY, CALL(BPF_FUNC_get_prandom_u32), MOV32_X(6, 0), ALU_K(BPF_LSH, 7, 32),
		      ALU_X(BPF_OR, 6, 7), STX(BPF_DW, 10, 6, VALUE_AT), STX(BPF_DW, 10, 6, VALUE_AT + 8),
		      STX(BPF_DW, 10, 6, VALUE_AT + 16), STX(BPF_DW, 10, 6, VALUE_AT + 24),
		      MOV_X(3, 10), ALU_K(BPF_ADD, 3, VALUE_AT), MOV_K(4, BPF_ANY),
		      CALL_WITH_KEY(BPF_FUNC_map_update_elem), MOV_K(0, 0), EXIT());
}

static int load_delete(void)
{
	return FILTER(TAKE_KEY, CALL_WITH_KEY(BPF_FUNC_map_delete_elem), MOV_K(0, 0), EXIT());
}

static int load_lookup(void)
{
	return FILTER(TAKE_KEY, CALL_WITH_KEY(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 1),
		      LDX(BPF_DW, 1, 0, 0), MOV_K(0, 0), EXIT());
}

static void *run_programs(void *arg)
{
	static const char packet[KEYS] = "";
	struct racer *r = arg;
	int sk[3][2];

	for (int i = 0; i < 3; i++)
		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, sk[i]) ||
		    setsockopt(sk[i][0], SOL_SOCKET, SO_ATTACH_BPF, &progs[i], sizeof(int)))
			bail("attach: %m");
	while (racing()) {
		/* Updates twice as often as the others. */
		__u32 i = rnd(r, 4) % 3;

		/* The program drops it, which the sender is not told. */
		if (write(sk[i][1], packet, 1 + rnd(r, KEYS)) < 0)
			count(&wrong);
		count(&ran);
	}
	for (int i = 0; i < 3; i++) {
		close(sk[i][0]);
		close(sk[i][1]);
	}
	return NULL;
}

/* ---- system calls ------------------------------------------------------------------------------- */

/* One pass; a key taken away under it begins it anew, so there is a bound. */
static void walk(void)
{
	__u32 key, n = 0;
	int ret;

	for (ret = map_next(map, NULL, &key); !ret && n < 10000; ret = map_next(map, &key, &key)) {
		if (key >= KEYS)
			count(&wrong);
		n++;
	}
	if (ret && ret != -ENOENT && ret != -EBUSY)
		count(&wrong);
}

static void *call(void *arg)
{
	struct racer *r = arg;
	__u64 value[WORDS];
	long ret = 0;

	while (racing()) {
		__u32 key = rnd(r, KEYS);

		for (int i = 0; i < WORDS; i++)
			value[i] = (__u64)key << 32 | r->state;
		switch (rnd(r, 8)) {
		case 0:
			ret = map_del(map, &key);
			break;
		case 1:
			walk();
			continue;
		case 2:
		case 3:
			ret = map_put(map, &key, value, BPF_ANY);
			break;
		default:
			ret = map_get(map, &key, value);
			if (!ret)
				judge(value, key);
		}
		if (ret && ret != -ENOENT && ret != -E2BIG && ret != -EBUSY && ret != -ENOMEM)
			count(&wrong);
		r->done++;
	}
	return NULL;
}

static bool enough(void)
{
	return ran > 200 && found > 100;
}

static void test(const char *name, __u32 max, __u32 flags)
{
	void *(*const bodies[THREADS])(void *) = {
		call, call, call, call, run_programs, run_programs, run_programs, run_programs,
	};
	unsigned long done;
	__u32 key;
	int ret;

	mixed = wrong = found = ran = entries = 0;
	map = map_create(BPF_MAP_TYPE_HASH, 4, 8 * WORDS, max, flags);
	progs[0] = load_update();
	progs[1] = load_delete();
	progs[2] = load_lookup();
	if (map < 0 || progs[0] < 0 || progs[1] < 0 || progs[2] < 0)
		bail("%s: %s", name, prog_log);
	done = race(bodies, RACE_MS, enough);
	is(mixed, 0, "%s: a system call reads whole values of the key", name);
	is(wrong, 0, "%s: no other result", name);
	ok(enough(), "%s: %lu calls, %lu runs, %lu values read", name,
	   done, ran, found);
	for (ret = map_next(map, NULL, &key); !ret; ret = map_next(map, &key, &key))
		entries++;
	ok(entries <= max && ret == -ENOENT, "%s: %u elements of at most %u", name, entries, max);
	while (!map_next(map, NULL, &key))
		map_del(map, &key);
	for (key = 0, ret = 0; key < max; key++)
		ret |= map_put(map, &(__u32){ 1000 + key }, &(__u64[WORDS]){ 0 }, BPF_NOEXIST);
	is(ret, 0, "%s: none of its elements was lost", name);
	close(map);
	for (int i = 0; i < 3; i++)
		close(progs[i]);
}

int main(void)
{
	test("preallocated", KEYS, 0);
	test("too small", KEYS / 2, 0);
	test("on demand", KEYS, BPF_F_NO_PREALLOC);
	return finish();
}
