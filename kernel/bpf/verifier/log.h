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

#define VLOG_LEVEL1	1	/* instructions as they are walked */
#define VLOG_LEVEL2	2	/* and the state before each */
#define VLOG_STATS	4	/* the closing statistics */

struct vlog;

/*
 * Stable numbers of refusals. The name is what documents and tests use; the
 * text of the classic one-line message stands at the call of reject().
 */
#define VERIFIER_RULES(X)						\
	X(INSN_OPCODE,	 "unknown opcode")				\
	X(INSN_RESERVED, "reserved field is not zero")			\
	X(INSN_REG,	 "register number out of range")		\
	X(INSN_IMM,	 "immediate not allowed for this opcode")	\
	X(INSN_WIDE,	 "malformed 64-bit immediate")			\
	X(MAP_FD,	 "descriptor is not a usable map")		\
	X(MAP_TYPE,	 "map type not allowed here")			\
	X(CFG_JUMP,	 "jump leaves the program or splits an instruction") \
	X(CFG_END,	 "control can run past the last instruction")	\
	X(CFG_UNREACHABLE, "instruction cannot be reached")		\
	X(CFG_LOOP,	 "loop")					\
	X(CFG_CALL,	 "kind of call not supported")			\
	X(REG_UNINIT,	 "register read before it is written")		\
	X(REG_FP,	 "frame pointer written")			\
	X(PTR_ARITH,	 "arithmetic not allowed on this pointer")	\
	X(MEM_TYPE,	 "memory access through something else than a pointer to memory") \
	X(MEM_BOUNDS,	 "memory access outside of the object")		\
	X(MEM_ALIGN,	 "misaligned memory access")			\
	X(MEM_UNINIT,	 "stack read before it is written")		\
	X(MEM_KIND,	 "one instruction with two kinds of memory")	\
	X(MEM_WRITE,	 "memory may not be written")			\
	X(MEM_DIRECTION, "map closed to programs in this direction")	\
	X(SPILL,	 "pointer on the stack would be split")		\
	X(CTX_ACCESS,	 "context field not accessible")		\
	X(CTX_MODIFIED,	 "context pointer was moved")			\
	X(CALL_UNKNOWN,	 "helper unknown or not for this program type")	\
	X(CALL_GPL,	 "helper only for GPL programs")		\
	X(CALL_ARG,	 "helper argument of the wrong kind")		\
	X(PKT_LOAD,	 "packet load not allowed")			\
	X(RETURN,	 "return value not allowed")			\
	X(LEAK,		 "kernel address would leak")			\
	X(DEBUG_INFO,	 "functions or lines that are not the program's")	\
	X(LIMIT,	 "program too complex")

enum verifier_rule {
#define X(name, text) RULE_##name,
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
};

struct verifier_env;

int vlog_init(struct vlog *log, u32 level, u64 ubuf, u32 ubuf_size);
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

/* disasm.c: one instruction as text, without newline; a wide one reads insn[1]. */
void vlog_insn(struct vlog *log, const struct bpf_insn *insn);

/* disasm.c: "bpf_map_lookup_elem", or "unknown" for a number that is no helper. */
const char *vlog_func_name(s32 id);

#endif /* _BPF_VERIFIER_LOG_H */
