// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs on kprobe and uprobe events: attaching through a perf event, and
 * running when the event fires.
 *
 * Each perf event may bring one program; all perf events of one trace event
 * share the list that call->prog_array points to. A list is never changed but
 * replaced, with one exception: taking out a program must not fail, so without
 * memory for a shorter list the program's place is given to one that does
 * nothing.
 *
 * Locking: attach_mutex protects the lists against each other's changes. Readers
 * are under RCU, on uprobes under RCU tasks trace, where user memory may fault
 * in. Both have ended before an old list is freed and before the reference to a
 * program that was taken out is dropped.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/rcupdate_trace.h>
#include <linux/slab.h>
#include <linux/trace_events.h>
#include <linux/uaccess.h>

#define PROGS_MAX	64

static DEFINE_MUTEX(attach_mutex);

/* ---- running ----------------------------------------------------------------- */

/* All run, and each may say no: the event is kept if no result lacks bit 0. */
static u32 run_progs(const struct bpf_prog_array *list, const void *ctx)
{
	const struct bpf_prog_array_item *item;
	const struct bpf_prog *prog;
	u32 keep = 1;

	for (item = list->items; (prog = READ_ONCE(item->prog)); item++)
		keep &= bpf_prog_run(prog, ctx);
	return keep;
}

/**
 * trace_call_bpf() - run the programs of an event
 * @call: event
 * @ctx: context, the registers for probes
 *
 * A program does not trace what a program does: while one runs on this CPU, in
 * whatever context, or a system call works on a map here, events do not exist.
 *
 * Context: any, preemption off.
 * Return: 1 to go on with the event, 0 to forget it.
 */
unsigned int trace_call_bpf(struct trace_event_call *call, void *ctx)
{
	const struct bpf_prog_array *list;
	unsigned int keep = 0;

	cant_sleep();
	if (likely(__this_cpu_inc_return(bpf_prog_active) == 1)) {
		rcu_read_lock();
		list = rcu_dereference(call->prog_array);
		keep = list ? run_progs(list, ctx) : 1;
		rcu_read_unlock();
	}
	__this_cpu_dec(bpf_prog_active);
	return keep;
}

/* ---- lists ------------------------------------------------------------------- */

static unsigned int keep_event(const void *ctx, const struct bpf_insn *insn)
{
	return 1;
}

static struct bpf_prog_aux nothing_aux;

/* Stands where a program was taken out and no shorter list could be made. */
static struct bpf_prog nothing = {
	.bpf_func = keep_event,
	.aux = &nothing_aux,
};

static struct bpf_prog_array *progs_of(struct trace_event_call *call)
{
	return rcu_dereference_protected(call->prog_array,
					 lockdep_is_held(&attach_mutex));
}

static u32 progs_len(const struct bpf_prog_array *list)
{
	u32 len = 0;

	while (list && list->items[len].prog)
		len++;
	return len;
}

static u32 progs_count(const struct bpf_prog_array *list)
{
	u32 i, len = progs_len(list), cnt = 0;

	for (i = 0; i < len; i++)
		cnt += list->items[i].prog != &nothing;
	return cnt;
}

static bool progs_has(const struct bpf_prog_array *list,
		      const struct bpf_prog *prog)
{
	u32 i, len = progs_len(list);

	for (i = 0; i < len; i++)
		if (list->items[i].prog == prog)
			return true;
	return false;
}

/* Room for @cnt programs and the end, which is zero as all else. */
static struct bpf_prog_array *progs_alloc(u32 cnt)
{
	struct bpf_prog_array *list;

	return kzalloc(struct_size(list, items, cnt + 1), GFP_KERNEL_ACCOUNT);
}

/* Copy all but @without and the places of nothing; returns where to go on. */
static struct bpf_prog_array_item *progs_copy(struct bpf_prog_array *to,
					      const struct bpf_prog_array *from,
					      const struct bpf_prog *without)
{
	struct bpf_prog_array_item *out = to->items;
	u32 i, len = progs_len(from);

	for (i = 0; i < len; i++)
		if (from->items[i].prog != without &&
		    from->items[i].prog != &nothing)
			*out++ = from->items[i];
	return out;
}

static void free_after_rcu(struct rcu_head *rcu)
{
	kfree_rcu(container_of(rcu, struct bpf_prog_array, rcu), rcu);
}

static void progs_replace(struct trace_event_call *call,
			  struct bpf_prog_array *new)
{
	struct bpf_prog_array *old = progs_of(call);

	rcu_assign_pointer(call->prog_array, new);
	if (old)
		call_rcu_tasks_trace(&old->rcu, free_after_rcu);
}

/* ---- attaching --------------------------------------------------------------- */

static int attach_locked(struct perf_event *event, struct bpf_prog *prog,
			 u64 cookie)
{
	struct trace_event_call *call = event->tp_event;
	struct bpf_prog_array *old = progs_of(call);
	struct bpf_prog_array_item *item;
	struct bpf_prog_array *new;
	u32 cnt = progs_count(old);

	if (event->prog || progs_has(old, prog))
		return -EEXIST;
	if (cnt >= PROGS_MAX)
		return -E2BIG;
	new = progs_alloc(cnt + 1);
	if (!new)
		return -ENOMEM;

	item = progs_copy(new, old, NULL);
	item->prog = prog;
	item->bpf_cookie = cookie;
	event->prog = prog;
	event->bpf_cookie = cookie;
	progs_replace(call, new);
	return 0;
}

/**
 * perf_event_attach_bpf_prog() - let an event run a program
 * @event: perf event on a trace event, its context locked
 * @prog: program; on success its reference belongs to @event
 * @bpf_cookie: value the program may ask for
 *
 * Context: process context, may sleep.
 * Return: 0; -EEXIST if @event has a program or another event brought this one to
 * the same trace event, -E2BIG if that has 64, -ENOMEM.
 */
int perf_event_attach_bpf_prog(struct perf_event *event, struct bpf_prog *prog,
			       u64 bpf_cookie)
{
	int err;

	mutex_lock(&attach_mutex);
	err = attach_locked(event, prog, bpf_cookie);
	mutex_unlock(&attach_mutex);
	return err;
}

static void detach_locked(struct perf_event *event, struct bpf_prog *prog)
{
	struct trace_event_call *call = event->tp_event;
	struct bpf_prog_array *old = progs_of(call);
	struct bpf_prog_array *new = NULL;
	u32 i, cnt = progs_count(old);

	event->prog = NULL;
	if (cnt > 1) {
		new = progs_alloc(cnt - 1);
		if (!new) {
			for (i = 0; old->items[i].prog != prog; i++)
				;
			WRITE_ONCE(old->items[i].prog, &nothing);
			return;
		}
		progs_copy(new, old, prog);
	}
	progs_replace(call, new);
}

/**
 * perf_event_detach_bpf_prog() - take the program off an event that ends
 * @event: perf event
 *
 * Context: process context, may sleep.
 */
void perf_event_detach_bpf_prog(struct perf_event *event)
{
	struct bpf_prog *prog;

	mutex_lock(&attach_mutex);
	prog = event->prog;
	if (prog)
		detach_locked(event, prog);
	mutex_unlock(&attach_mutex);
	if (!prog)
		return;

	/* The end of a program waits for RCU; readers on uprobes are not under it. */
	if (event->tp_event->flags & TRACE_EVENT_FL_UPROBE)
		synchronize_rcu_tasks_trace();
	bpf_prog_put(prog);
}

/* ---- asking ------------------------------------------------------------------ */

static u32 progs_ids(struct trace_event_call *call, u32 *ids, u32 room)
{
	const struct bpf_prog_array *list;
	u32 i, len, cnt = 0;

	mutex_lock(&attach_mutex);
	list = progs_of(call);
	len = progs_len(list);
	for (i = 0; i < len; i++) {
		if (list->items[i].prog == &nothing)
			continue;
		if (cnt < room)
			ids[cnt] = list->items[i].prog->aux->id;
		cnt++;
	}
	mutex_unlock(&attach_mutex);
	return cnt;
}

/**
 * perf_event_query_prog_array() - numbers of the programs on an event
 * @event: perf event
 * @info: struct perf_event_query_bpf of the caller
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOSPC if there are more than the caller has room for, unless that is
 * none; their number is told all the same; -EPERM, -EINVAL for an event that never
 * has programs, -E2BIG for a caller with too much room, -EFAULT, -ENOMEM.
 */
int perf_event_query_prog_array(struct perf_event *event, void __user *info)
{
	struct perf_event_query_bpf __user *out = info;
	struct perf_event_query_bpf query;
	u32 *ids, room, cnt;
	int err = 0;

	if (!perfmon_capable())
		return -EPERM;
	if (event->attr.type != PERF_TYPE_TRACEPOINT)
		return -EINVAL;
	if (copy_from_user(&query, out, sizeof(query)))
		return -EFAULT;
	room = query.ids_len;
	if (room > PROGS_MAX)
		return -E2BIG;
	ids = kcalloc(room, sizeof(*ids), GFP_USER | __GFP_NOWARN);
	if (!ids)
		return -ENOMEM;

	cnt = progs_ids(event->tp_event, ids, room);
	if (copy_to_user(&out->prog_cnt, &cnt, sizeof(cnt)) ||
	    copy_to_user(out->ids, ids, min(cnt, room) * sizeof(*ids)))
		err = -EFAULT;
	else if (room && cnt > room)
		err = -ENOSPC;
	kfree(ids);
	return err;
}
