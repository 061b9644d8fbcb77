/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The verifier's text for people.
 *
 * The log never decides anything: a good program loads whatever the buffer.
 * If the text does not fit, its tail is kept, because the reason of a refusal
 * stands at the end. No kernel address ever enters it.
 */
#ifndef _BPF_VERIFIER_LOG_H
#define _BPF_VERIFIER_LOG_H

#include <linux/types.h>

#include "rules.h"

#define VLOG_LEVEL1	1	/* instructions as they are walked */
#define VLOG_LEVEL2	2	/* and the state before each */
#define VLOG_STATS	4	/* the closing statistics */

struct vlog;

/* Stable numbers of refusals, in the order of rules.h. */
enum verifier_rule {
#define X(name, ...) RULE_##name,
	VERIFIER_RULES(X)
#undef X
	__RULE_MAX
};

/**
 * struct vlog - state of one log
 * @ubuf: user buffer or NULL
 * @ubuf_size: its bytes
 * @level: VLOG_*
 * @kbuf: ring that holds the last bytes, NULL without a user buffer
 * @kbuf_size: its bytes
 * @total: bytes written since the start, including those the ring dropped
 * @kept: bytes before this one are lost
 * @rule: rule of the refusal, meaningful after reject()
 * @rejected: a refusal was recorded
 * @insn: instruction the refusal is about, plus one; 0: about none
 * @reported: its report is written
 */
struct vlog {
	char __user *ubuf;
	u32 ubuf_size;
	u32 level;
	char *kbuf;
	u32 kbuf_size;
	u64 total;
	u64 kept;
	enum verifier_rule rule;
	bool rejected;
	bool reported;
	u32 insn;
};

struct verifier_env;
union bpf_attr;

int vlog_init(struct vlog *log, const union bpf_attr *attr);
int vlog_finish(struct vlog *log);
void vlog_free(struct vlog *log);

/* Append text, if there is a buffer (any level). */
__printf(2, 3) void vlog(struct vlog *log, const char *fmt, ...);

/*
 * Take text back: m = vlog_mark(), write, vlog_rewind(m). Level 1 shows only
 * the path that was refused, so a path that ended well is taken back.
 */
static inline u64 vlog_mark(const struct vlog *log)
{
	return log->total;
}

void vlog_rewind(struct vlog *log, u64 mark);

static inline bool vlog_wants(const struct vlog *log, u32 level)
{
	return log->kbuf && (log->level & level);
}

/*
 * Refuse the program: record the rule, append the classic line (6.1's wording,
 * newline included in fmt), hand back err: `return reject(env, RULE_X, -EACCES,
 * "R%d !read_ok\n", r);`
 */
__printf(4, 5) int reject(struct verifier_env *env, enum verifier_rule rule,
			  int err, const char *fmt, ...);

/* What is refused next is about this instruction. */
static inline void vlog_about(struct vlog *log, u32 idx)
{
	log->insn = idx + 1;
}

/* disasm.c: one instruction as text, without newline; a wide one reads insn[1]. */
void vlog_insn(struct vlog *log, const struct bpf_insn *insn);

/* disasm.c: "bpf_map_lookup_elem", or "unknown" for a number that is no helper. */
const char *vlog_func_name(s32 id);

#endif /* _BPF_VERIFIER_LOG_H */
