// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classifiers and actions come, are replaced and go, on the way out of one device and
 * into the other, and the whole clsact with them, while frames pass. Each frame that
 * arrives carries the marks of programs that ran to their end, and nothing else; each
 * program is held by its filter alone, and its map by the program.
 */
#include "race.h"

#include "../attach/tc.h"

#define RACE_MS		3000
#define MARKS		4
#define MARK_AT(n)	(100 + 10 * (n))
#define MARK		0xa5

static unsigned long strange, marked[MARKS], plain, sent, added, refused, removed, rebuilt;
static long errors[8];

/* ---- programs ------------------------------------------------------------------------ */

enum { DIRECT_OUT, DIRECT_IN, ACTION_OUT, ACTION_IN };

/* Writes the byte that its map holds into the place of @mark. */
static int load_marker(int mark, __u32 type)
{
	int map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0), fd;
	__u64 value = MARK;
	const struct bpf_insn insns[] = {
		MOV_X(6, 1), ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, map),
		CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 9), LDX(BPF_DW, 1, 0, 0),
		STX(BPF_B, 10, 1, -8), MOV_X(1, 6), MOV_K(2, MARK_AT(mark)), MOV_X(3, 10),
		ALU_K(BPF_ADD, 3, -8), MOV_K(4, 1), MOV_K(5, 0), CALL(BPF_FUNC_skb_store_bytes),
		MOV_K(0, type == BPF_PROG_TYPE_SCHED_ACT ? TC_ACT_OK : TC_ACT_UNSPEC), EXIT(),
	};

	map_put(map, &(int){ 0 }, &value, 0);
	fd = prog_load_log(type, insns, ARRAY_LEN(insns), "GPL", 0, NULL, 0);
	close(map);
	return fd;
}

/* ---- filters ------------------------------------------------------------------------- */

/* Everybody may be too late, or too early for the clsact to be there. */
static void judge(int err)
{
	if (err && err != -ENOENT && err != -EINVAL && err != -EEXIST && err != -EAGAIN) {
		for (size_t i = 0; i < ARRAY_LEN(errors); i++)
			if (!errors[i] || errors[i] == err) {
				errors[i] = err;
				break;
			}
	}
	count(err ? &refused : &added);
}

static int del_prio(const char *dev, __u32 hook, __u16 prio)
{
	struct tcmsg head = {
		.tcm_ifindex = (int)if_nametoindex(dev),
		.tcm_parent = hook,
		.tcm_info = TC_H_MAKE((__u32)prio << 16, htons(ETH_P_ALL)),
	};
	struct request r = request(RTM_DELTFILTER, 0, &head, sizeof(head));

	return ask(&r);
}

static void change(struct racer *r, __u32 hook)
{
	struct cls f = { .dev = hook_dev(hook), .hook = hook, .prio = (__u16)(1 + rnd(r, 3)) };
	bool in = hook == INGRESS, direct = rnd(r, 2);

	if (direct) {
		f.direct = true;
		f.fd = load_marker(in ? DIRECT_IN : DIRECT_OUT, BPF_PROG_TYPE_SCHED_CLS);
	} else {
		/* One that matches always, and what it asks for. */
		f.fd = PROG_LOAD(BPF_PROG_TYPE_SCHED_CLS, MOV_K(0, -1), EXIT());
		f.acts[0] = load_marker(in ? ACTION_IN : ACTION_OUT, BPF_PROG_TYPE_SCHED_ACT);
	}
	judge(add_cls(&f));
	close(f.fd);
	if (!direct)
		close(f.acts[0]);
	if (!rnd(r, 3) && !del_prio(f.dev, hook, (__u16)(1 + rnd(r, 3))))
		count(&removed);
	r->done++;
}

static void *change_out(void *arg)
{
	struct racer *r = arg;

	while (racing())
		change(r, EGRESS);
	return NULL;
}

static void *change_in(void *arg)
{
	struct racer *r = arg;

	while (racing())
		change(r, INGRESS);
	return NULL;
}

static int del_clsact(const char *dev)
{
	struct tcmsg head = {
		.tcm_ifindex = (int)if_nametoindex(dev),
		.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
		.tcm_parent = TC_H_CLSACT,
	};
	struct request r = request(RTM_DELQDISC, 0, &head, sizeof(head));

	return ask(&r);
}

/* All filters of a hook at once, or the hook with them. */
static void *remove_all(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		__u32 hook = rnd(r, 2) ? EGRESS : INGRESS;

		pause_ms(20 + rnd(r, 60));
		if (rnd(r, 2)) {
			judge(del_cls(hook_dev(hook), hook));
			continue;
		}
		if (!del_clsact(hook_dev(hook)) && !add_clsact(hook_dev(hook)))
			count(&rebuilt);
		r->done++;
	}
	return NULL;
}

/* ---- frames -------------------------------------------------------------------------- */

static void *send_frames(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		if (send(out_fd, frame, sizeof(frame), MSG_DONTWAIT) == sizeof(frame))
			count(&sent);
		else
			sched_yield();
		r->done++;
	}
	return NULL;
}

static void look_at(__u8 *bytes, ssize_t len)
{
	bool any = false;

	for (int i = 0; i < MARKS; i++) {
		if (bytes[MARK_AT(i)] != MARK)
			continue;
		bytes[MARK_AT(i)] = frame[MARK_AT(i)];
		count(&marked[i]);
		any = true;
	}
	if (!any)
		count(&plain);
	if (len != FRAME_LEN || memcmp(bytes, frame, FRAME_LEN))
		count(&strange);
}

static void *read_frames(void *arg)
{
	struct racer *r = arg;
	__u8 bytes[2048];

	while (racing()) {
		ssize_t len = recv(in_fd, bytes, sizeof(bytes), MSG_DONTWAIT);

		if (len < 0) {
			sched_yield();
			continue;
		}
		look_at(bytes, len);
		r->done++;
	}
	return NULL;
}

static bool enough(void)
{
	return marked[0] && marked[1] && marked[2] && marked[3] && plain && added > 20 &&
	       removed > 3 && rebuilt > 1;
}

/* ---- all ----------------------------------------------------------------------------- */

static bool marked_by(__u32 hook, int mark)
{
	struct cls f = { .dev = hook_dev(hook), .hook = hook, .direct = true,
			 .fd = load_marker(mark, BPF_PROG_TYPE_SCHED_CLS) };
	bool good = !add_cls(&f);

	close(f.fd);
	send_frame();
	return good && receive(in_fd, 1000) && arrived.bytes[MARK_AT(mark)] == MARK;
}

int main(void)
{
	static void *(*const bodies[THREADS])(void *) = {
		change_out, change_out, change_in, change_in, remove_all, send_frames, send_frames,
		read_frames,
	};

	int held;

	tc_init();
	held = held_objects();
	ok(race(bodies, RACE_MS, enough) > 0, "eight threads");
	is(strange, 0, "every frame that arrives has its bytes, and marks");
	is(errors[0], 0, "no other error than those of being late");
	ok(enough(),
	   "filters added %lu, refused %lu, removed %lu, hooks made again %lu; frames sent %lu, unmarked %lu, marked by classifiers %lu %lu, by actions %lu %lu",
	   added, refused, removed, rebuilt, sent, plain, marked[0], marked[1], marked[2], marked[3]);

	for (int i = 0; i < 2; i++) {
		del_clsact(hook_dev(hooks[i].hook));
		is(add_clsact(hook_dev(hooks[i].hook)), 0, "%s: afterwards there is a hook again",
		   hooks[i].name);
	}
	send_frame();
	ok(receive(in_fd, 1000) && !memcmp(arrived.bytes, frame, FRAME_LEN),
	   "without filters frames pass unmarked");
	ok(marked_by(EGRESS, DIRECT_OUT), "egress: a filter added afterwards marks them");
	ok(marked_by(INGRESS, DIRECT_IN), "ingress: so does another");
	for (int i = 0; i < 2; i++)
		del_clsact(hook_dev(hooks[i].hook));
	none_held(held);
	return finish();
}
