// SPDX-License-Identifier: GPL-2.0-only
/*
 * Eight threads make, use and close maps and programs behind a few descriptor
 * numbers that they take from each other all the time. Whatever a number stands
 * for at the moment it is looked up, the command works on one object from then on.
 *
 * Maps have values of three sizes, filled with a word that tells the size. So a
 * value copied with another map's size, or a program that was checked against one
 * map and runs on another, shows in what it reads.
 */
#include "race.h"

#include <fcntl.h>

#define SLOTS	6
#define SLOT(n)	(400 + (n))
#define RACE_MS	3000
#define WORDS_MAX 64
#define PACKET	1000
#define READ_AT	7	/* the word a program reads; the smallest map has fewer */

static const __u32 sizes[] = { 8, 64, 8 * WORDS_MAX };
static unsigned long mixed, wrong, strange, loaded, ran, got;

static __u64 word_of(__u32 size)
{
	return 100 + size;
}

/* ---- what the slots hold ------------------------------------------------------------- */

static void put_in_slot(int fd, __u32 slot)
{
	if (fd < 0)
		return;
	dup2(fd, SLOT(slot));
	close(fd);
}

static int make_map(struct racer *r)
{
	__u32 size = sizes[rnd(r, ARRAY_LEN(sizes))], key = 0;
	__u64 value[WORDS_MAX];
	bool hash = rnd(r, 2);
	int fd = map_create(hash ? BPF_MAP_TYPE_HASH : BPF_MAP_TYPE_ARRAY, 4, size, 2,
			    hash && rnd(r, 2) ? BPF_F_NO_PREALLOC : 0);

	for (int i = 0; i < WORDS_MAX; i++)
		value[i] = word_of(size);
	if (fd >= 0 && map_put(fd, &key, value, BPF_ANY))
		count(&wrong);
	return fd;
}

/* Lets through as many bytes as the word of the map says. */
static int make_prog(__u32 slot)
{
	struct bpf_insn insns[] = {
		ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, SLOT(slot)),
		CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 1), LDX(BPF_DW, 0, 0, 8 * READ_AT),
		EXIT(),
	};
	int fd = prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, insns, ARRAY_LEN(insns), "GPL", 0, NULL, 0);

	/* No map, a program, a map with small values; or none of these any more. */
	if (fd < 0 && fd != -EBADF && fd != -EINVAL && fd != -EACCES)
		count(&wrong);
	return fd;
}

/* ---- what is done with them --------------------------------------------------------------- */

/* 0 if nothing was ever put there, else the map's word in as many words as it has. */
static void judge(const __u64 *value, __u64 mark)
{
	__u32 n = 0;

	while (n < WORDS_MAX && value[n] != mark)
		n++;
	for (__u32 i = 0; i < n; i++)
		if (value[i] != word_of(8 * n) && value[i])
			count(&mixed);
	for (__u32 i = n; i < WORDS_MAX; i++)
		if (value[i] != mark)
			count(&mixed);
	if (n != 1 && n != 8 && n != WORDS_MAX)
		count(&mixed);
}

static void look_up(struct racer *r, __u32 slot)
{
	const __u64 mark = 0xfeedfacecafebeefULL;
	__u64 value[WORDS_MAX];
	__u32 key = rnd(r, 2);
	long ret;

	for (int i = 0; i < WORDS_MAX; i++)
		value[i] = mark;
	ret = map_get(SLOT(slot), &key, value);
	if (!ret) {
		judge(value, mark);
		count(&got);
		r->done++;
	} else if (ret != -ENOENT && ret != -EBADF && ret != -EINVAL) {
		count(&wrong);
	}
}

static void run_slot(struct racer *r, __u32 slot)
{
	static char packet[PACKET];
	int fd = make_prog(slot), len;

	if (fd < 0)
		return;
	count(&loaded);
	len = filter_run(fd, packet, sizeof(packet), NULL);
	/* Only maps with enough words pass the verifier; an array may be empty. */
	if (len == (int)word_of(64) || len == (int)word_of(8 * WORDS_MAX))
		count(&ran);
	else if (len)
		count(&strange);
	close(fd);
	r->done++;
}

static void attach_slot(struct racer *r, __u32 slot)
{
	static char packet[PACKET];
	int len = filter_run(SLOT(slot), packet, sizeof(packet), NULL);

	if (len > 0 && len != (int)word_of(64) && len != (int)word_of(8 * WORDS_MAX))
		count(&strange);
	r->done += len > 0;
}

static void *body(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		__u32 slot = rnd(r, SLOTS), other = rnd(r, SLOTS);

		switch (rnd(r, 8)) {
		case 0:
		case 1:
			put_in_slot(make_map(r), slot);
			break;
		case 2:
			put_in_slot(make_prog(other), slot);
			break;
		case 3:
			dup2(SLOT(other), SLOT(slot));
			break;
		case 4:
			close(SLOT(slot));
			break;
		case 5:
			attach_slot(r, slot);
			break;
		case 6:
			run_slot(r, slot);
			break;
		default:
			look_up(r, slot);
		}
	}
	return NULL;
}

/* ---- nothing stays ---------------------------------------------------------------------- */

static void close_slots(void)
{
	for (int i = 0; i < SLOTS; i++)
		close(SLOT(i));
}

static bool enough(void)
{
	return loaded > 20 && ran > 5 && got > 20;
}

int main(void)
{
	void *(*const bodies[THREADS])(void *) = { body, body, body, body, body, body, body, body };
	unsigned long done;
	long before;

	/* Allocators and caches take what they will keep. */
	race(bodies, 300, NULL);
	close_slots();
	pause_ms(500);
	before = available_kb_shrunk();
	mixed = wrong = strange = loaded = ran = got = 0;

	done = race(bodies, RACE_MS, enough);
	is(mixed, 0, "a value has the words and the size of one map");
	is(strange, 0, "a program reads the map it was checked against");
	is(wrong, 0, "no other error than those of a wrong descriptor");
	ok(enough(), "something happened: %lu, %lu programs, %lu ran, %lu values",
	   done, loaded, ran, got);

	close_slots();
	ok(memory_back(before), "memory is back");
	is(map_get(SLOT(0), &(int){ 0 }, &(long){ 0 }), -EBADF, "descriptors are closed");
	return finish();
}
