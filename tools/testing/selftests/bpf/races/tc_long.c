// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program of traffic control that runs for long loses, while it runs, all that holds
 * it: its filter, its hook, the slot it was called through, its array. It runs to its
 * end, with its map. Freed before that, KASAN sees it read itself.
 *
 * Not a race: the program says when it begins, and who hears that takes away.
 */
#include "long_run.h"
#include "race.h"

#include "../attach/tc.h"

enum { BEGUN = 1, ENDED };	/* keys of result_map */

static int array = -1, other = -1;
static __u32 hook;
static unsigned long in_time;

/* ---- programs ------------------------------------------------------------------------ */

static int load_long(__u32 type)
{
	struct long_run where = { result_map, BEGUN, ENDED };

	return load_long_run(type, where, LONG_RUN_MOST, TC_ACT_OK);
}

/* ---- where it stands ----------------------------------------------------------------- */

static void add(struct cls f)
{
	int err;

	f.dev = hook_dev(hook);
	f.hook = hook;
	err = add_cls(&f);
	if (err)
		bail("filter: %d", err);
}

static void in_filter(void)
{
	int prog = load_long(BPF_PROG_TYPE_SCHED_CLS);

	add((struct cls){ .fd = prog, .direct = true });
	close(prog);
}

static void in_action(void)
{
	int prog = load_long(BPF_PROG_TYPE_SCHED_ACT);
	int all = PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, MOV_K(0, -1), EXIT());

	add((struct cls){ .fd = all, .acts = { prog } });
	close(all);
	close(prog);
}

/* The filter holds the caller, and the caller the array. */
static void in_array(void)
{
	int prog = load_long(BPF_PROG_TYPE_SCHED_CLS), caller;

	array = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0);
	caller = PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, LD_MAP(2, array), MOV_K(3, 0),
			   CALL(BPF_FUNC_tail_call), MOV_K(0, TC_ACT_OK), EXIT());
	if (map_put(array, &(int){ 0 }, &prog, 0))
		bail("array");
	add((struct cls){ .fd = caller, .direct = true });
	close(caller);
	close(prog);
}

/* ---- how it goes ----------------------------------------------------------------------- */

static int remove_filter(void)
{
	return del_cls(hook_dev(hook), hook);
}

static int replace_filter(void)
{
	add((struct cls){ .fd = other, .direct = true });
	return 0;
}

static int remove_hook(void)
{
	struct tcmsg head = {
		.tcm_ifindex = (int)if_nametoindex(hook_dev(hook)),
		.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
		.tcm_parent = TC_H_CLSACT,
	};
	struct request r = request(RTM_DELQDISC, 0, &head, sizeof(head));

	return ask(&r) ?: add_clsact(hook_dev(hook));
}

static int replace_slot(void)
{
	return map_put(array, &(int){ 0 }, &other, 0);
}

static int empty_slot(void)
{
	return map_del(array, &(int){ 0 });
}

static int end_array(void)
{
	int fd = array;

	array = -1;
	return close(fd);
}

/* All at once: what called it goes as well. */
static int end_array_and_filter(void)
{
	return end_array() ?: remove_filter();
}

static const struct way {
	const char *name;
	void (*put)(void);
	int (*take)(void);
	bool at_once;	/* nothing but the end of its runs holds the program then */
	bool may_lose;	/* the device is stopped for it, and the frame lost then */
} ways[] = {
	{ "a classifier, its filter removed", in_filter, remove_filter, false, false },
	{ "a classifier, its filter replaced", in_filter, replace_filter, false, false },
	{ "a classifier, its hook removed", in_filter, remove_hook, false, true },
	{ "an action, its filter removed", in_action, remove_filter, false, false },
	{ "a called classifier, its slot replaced", in_array, replace_slot, true, false },
	{ "a called classifier, its slot emptied", in_array, empty_slot, true, false },
	{ "a called classifier, its array ended", in_array, end_array, true, false },
	{ "a called classifier, array and filter ended", in_array, end_array_and_filter,
	  true, false },
};

/* ---- all ------------------------------------------------------------------------------- */

static void *send_one(void *arg)
{
	if (send(out_fd, frame, sizeof(frame), 0) != sizeof(frame))
		bail("send: %m");
	return NULL;
}

static bool has_begun(long long before)
{
	for (long end = now_ms() + 5000; now_ms() < end; sched_yield())
		if (result(BEGUN) > before)
			return true;
	return false;
}

static void check(const struct way *way, const char *where)
{
	long long begun = result(BEGUN), ended = result(ENDED);
	pthread_t sender;
	bool runs;
	int err;

	way->put();
	drain_frames(in_fd);
	if (pthread_create(&sender, NULL, send_one, NULL))
		bail("thread: %m");
	if (!ok(has_begun(begun), "%s: %s", where, way->name))
		return;
	err = way->take();
	runs = result(ENDED) == ended;
	if (way->at_once)
		in_time += runs;
	pthread_join(sender, NULL);
	is(err, 0, "taken away%s", runs ? " while it runs" : "");
	ok(result(BEGUN) == begun + 1 && result(ENDED) == ended + 1, "it ran once, to its end");
	if (!way->may_lose)
		ok(receive(in_fd, 10000), "the frame arrived");
	del_cls(hook_dev(hook), hook);
	if (array >= 0)
		end_array();
}

int main(void)
{
	int held;

	tc_init();
	held = held_objects();
	other = PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, MOV_K(0, TC_ACT_OK), EXIT());
	for (size_t h = 0; h < ARRAY_LEN(hooks); h++)
		for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
			hook = hooks[h].hook;
			check(&ways[i], hooks[h].name);
		}
	/* Late for all of them, on a busy machine: once more. */
	for (size_t i = 0; !in_time && i < 20 * ARRAY_LEN(ways); i++)
		if (ways[i % ARRAY_LEN(ways)].at_once)
			check(&ways[i % ARRAY_LEN(ways)], "again");
	ok(in_time > 0, "%lu programs lost their last reference while they ran", in_time);
	close(other);
	none_held(held);
	return finish();
}
