// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log of one load, and how a program is refused.
 *
 * Text collects in a ring in kernel memory and is copied out once, at the end.
 * The ring grows as text comes, up to the user's buffer or VLOG_RING_MAX; from
 * then on the oldest text makes room, so that the end, where the reason stands,
 * is always there. Byte n of the text sits at n modulo the ring's size, bytes
 * from @kept to @total can be read back.
 *
 * One task owns a log, there is no locking. Nothing here may turn a good load
 * into a failed one: without memory there is less text, that is all. The one
 * exception is a buffer that user space cannot be given anything in (-EFAULT).
 */
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/stdarg.h>
#include <linux/uaccess.h>

#include "verifier.h"

#define VLOG_SIZE_MIN	128
#define VLOG_SIZE_MAX	(U32_MAX >> 2)
#define VLOG_RING_MIN	4096u
#define VLOG_RING_MAX	(16u << 20)

#define VLOG_LEVELS	(VLOG_LEVEL1 | VLOG_LEVEL2 | VLOG_STATS)

/* ---- the ring --------------------------------------------------------------- */

static u32 ring_pos(const struct vlog *log, u64 n)
{
	u32 pos;

	div_u64_rem(n, log->kbuf_size, &pos);
	return pos;
}

/* Only a ring that never wrapped can grow: its text still lies in order. */
static void ring_grow(struct vlog *log, u64 need)
{
	u32 limit = min(log->ubuf_size, VLOG_RING_MAX);
	u32 size = log->kbuf_size;
	char *bigger;

	if (log->kept || log->total > size)
		return;
	while (size < need && size < limit)
		size = min(size * 2, limit);
	if (size == log->kbuf_size)
		return;

	bigger = kvmalloc(size, VERIFIER_GFP);
	if (!bigger)
		return;
	memcpy(bigger, log->kbuf, log->total);
	kvfree(log->kbuf);
	log->kbuf = bigger;
	log->kbuf_size = size;
}

static void ring_write(struct vlog *log, const char *text, u32 len)
{
	u32 pos, first;

	if (log->total + len > log->kbuf_size)
		ring_grow(log, log->total + len);
	if (len > log->kbuf_size) {
		text += len - log->kbuf_size;
		log->total += len - log->kbuf_size;
		len = log->kbuf_size;
	}

	pos = ring_pos(log, log->total);
	first = min(len, log->kbuf_size - pos);
	memcpy(log->kbuf + pos, text, first);
	memcpy(log->kbuf, text + first, len - first);
	log->total += len;
	if (log->total - log->kept > log->kbuf_size)
		log->kept = log->total - log->kbuf_size;
}

/* ---- writing ------------------------------------------------------------------ */

static __printf(2, 0) void vlog_va(struct vlog *log, const char *fmt, va_list args)
{
	char line[192];
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(line, sizeof(line), fmt, args);
	if (len < (int)sizeof(line)) {
		ring_write(log, line, len);
	} else {
		text = kvasprintf(VERIFIER_GFP, fmt, again);
		ring_write(log, text ?: line, text ? len : sizeof(line) - 1);
		kfree(text);
	}
	va_end(again);
}

/**
 * vlog() - append text
 * @log: log; without a buffer nothing happens
 * @fmt: format; no kernel pointer may be among the arguments
 *
 * Context: process context, may sleep.
 */
void vlog(struct vlog *log, const char *fmt, ...)
{
	va_list args;

	if (!log->kbuf)
		return;
	va_start(args, fmt);
	vlog_va(log, fmt, args);
	va_end(args);
}

/**
 * vlog_rewind() - take back what was written since vlog_mark()
 * @log: log
 * @mark: what vlog_mark() returned
 *
 * Text the ring has already dropped stays lost.
 *
 * Context: any.
 */
void vlog_rewind(struct vlog *log, u64 mark)
{
	log->total = mark;
	log->kept = min(log->kept, mark);
}

/**
 * vlog_insn_at() - append an instruction as a line of its own
 * @env: load
 * @idx: its index
 *
 * Context: process context, may sleep.
 */
void vlog_insn_at(struct verifier_env *env, u32 idx)
{
	vlog(&env->log, "%u: ", idx);
	vlog_insn(&env->log, &env->insns[idx]);
	vlog(&env->log, "\n");
}

/**
 * reject() - refuse the program
 * @env: load
 * @rule: what was violated
 * @err: negative errno
 * @fmt: classic message, newline included
 *
 * Context: process context, may sleep.
 * Return: @err.
 */
int reject(struct verifier_env *env, enum verifier_rule rule, int err,
	   const char *fmt, ...)
{
	struct vlog *log = &env->log;
	va_list args;

	log->rule = rule;
	log->rejected = true;
	if (log->kbuf) {
		va_start(args, fmt);
		vlog_va(log, fmt, args);
		va_end(args);
	}
	return err;
}

/* ---- life of a log -------------------------------------------------------------- */

/**
 * vlog_init() - check what the user asked for and prepare
 * @log: log, zeroed
 * @level: VLOG_*
 * @ubuf: user buffer
 * @ubuf_size: its bytes
 *
 * Level, buffer and size are given together or not at all.
 *
 * Context: process context, may sleep.
 * Return: 0, or -EINVAL if they contradict each other.
 */
int vlog_init(struct vlog *log, u32 level, u64 ubuf, u32 ubuf_size)
{
	log->level = level;
	log->ubuf = u64_to_user_ptr(ubuf);
	log->ubuf_size = ubuf_size;

	if (!log->level && !log->ubuf && !log->ubuf_size)
		return 0;
	if (!log->level || log->level & ~VLOG_LEVELS || !log->ubuf ||
	    log->ubuf_size < VLOG_SIZE_MIN || log->ubuf_size > VLOG_SIZE_MAX)
		return -EINVAL;

	log->kbuf_size = min(log->ubuf_size, VLOG_RING_MIN);
	log->kbuf = kvmalloc(log->kbuf_size, VERIFIER_GFP);
	return 0;
}

/* Copies bytes [from, to) of the text, which the ring still has. */
static bool copy_out(const struct vlog *log, u64 from, u64 to)
{
	char __user *dst = log->ubuf;

	while (from < to) {
		u32 pos = ring_pos(log, from);
		u32 len = min_t(u64, to - from, log->kbuf_size - pos);

		if (copy_to_user(dst, log->kbuf + pos, len))
			return false;
		dst += len;
		from += len;
	}
	return !put_user('\0', dst);
}

/**
 * vlog_finish() - hand the text to the user
 * @log: log
 *
 * Writes a terminated string: all of the text, or as much of its end as fits.
 *
 * Context: process context, may sleep.
 * Return: 0, or -EFAULT if the buffer cannot be written.
 */
int vlog_finish(struct vlog *log)
{
	u64 room = log->ubuf_size - 1;
	u64 from = log->kept;

	if (!log->level)
		return 0;
	if (log->total - from > room)
		from = log->total - room;
	return copy_out(log, from, log->total) ? 0 : -EFAULT;
}

/**
 * vlog_free() - release the memory of a log
 * @log: log, may be zeroed
 *
 * Context: process context, may sleep.
 */
void vlog_free(struct vlog *log)
{
	kvfree(log->kbuf);
	log->kbuf = NULL;
}
