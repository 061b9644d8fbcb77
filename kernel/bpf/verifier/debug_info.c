// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a compiler says of the program: types of its functions, lines of its source.
 *
 * Nothing here decides what the program may do. Functions must begin where functions
 * begin, lines at instructions, in order; types and texts must exist in the type
 * information that comes along. The lines appear in the log before the instructions
 * that were made of them.
 *
 * Records are copied once. A record longer than the one known must be zero where it
 * is not known. Afterwards the program holds the type information.
 */
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "verifier.h"
#include "../btf/btf.h"

#define RECORD_MAX	252u
#define FUNC_MIN	8u
#define LINE_MIN	16u

static int refuse_tail(struct verifier_env *env, const char *what)
{
	return reject(env, RULE_DEBUG_INFO, -E2BIG, "nonzero tailing record in %s", what);
}

static bool record_size_is_good(u32 size, u32 least)
{
	return size >= least && size <= RECORD_MAX && size % sizeof(u32) == 0;
}

/* One record of @size bytes, of which the first @known are wanted. */
static int read_record(struct verifier_env *env, void *to, u64 at, u32 known, u32 size,
		       const char *what)
{
	u8 record[RECORD_MAX];

	if (copy_from_user(record, u64_to_user_ptr(at), size))
		return -EFAULT;
	if (memchr_inv(record + known, 0, size - known))
		return refuse_tail(env, what);
	memcpy(to, record, known);
	return 0;
}

static bool is_function(const struct btf *btf, u32 id)
{
	return btf_has_type(btf, id) && btf_kind(btf_type(btf, id)) == BTF_KIND_FUNC;
}

/* Some texts end without a newline: so they do in 6.1. */
static int check_func(struct verifier_env *env, const struct bpf_func_info *func, u32 i)
{
	u32 before = i ? env->func[i - 1].start : 0;

	if (!i && func->insn_off)
		return reject(env, RULE_DEBUG_INFO, -EINVAL,
			      "nonzero insn_off %u for the first func info record",
			      func->insn_off);
	if (i && func->insn_off <= before)
		return reject(env, RULE_DEBUG_INFO, -EINVAL,
			      "same or smaller insn offset (%u) than previous func info record (%u)",
			      func->insn_off, before);
	if (func->insn_off != env->func[i].start)
		return reject(env, RULE_DEBUG_INFO, -EINVAL,
			      "func_info BTF section doesn't match subprog layout in BPF program\n");
	if (!is_function(env->btf, func->type_id))
		return reject(env, RULE_DEBUG_INFO, -EINVAL,
			      "invalid type id %u in func info", func->type_id);
	return 0;
}

/* A record for each function, in order: each begins where its function does. */
static int check_funcs(struct verifier_env *env, const union bpf_attr *attr)
{
	u32 i, size = attr->func_info_rec_size;
	struct bpf_func_info func;
	int err = 0;

	if (!attr->func_info_cnt)
		return 0;
	if (attr->func_info_cnt != env->funcs)
		return reject(env, RULE_DEBUG_INFO, -EINVAL,
			      "number of funcs in func_info doesn't match number of subprogs\n");
	if (!record_size_is_good(size, FUNC_MIN))
		return reject(env, RULE_DEBUG_INFO, -EINVAL,
			      "invalid func info rec size %u\n", size);
	for (i = 0; i < env->funcs && !err; i++)
		err = read_record(env, &func, attr->func_info + (u64)i * size, sizeof(func),
				  size, "func info") ?: check_func(env, &func, i);
	return err;
}

/*
 * Each function begins with a line of its own, so that no instruction counts as made of
 * a line of the function before. @func: how many have theirs.
 */
static int check_line_of_func(struct verifier_env *env, u32 insn, u32 *func)
{
	if (*func == env->funcs || insn < env->func[*func].start)
		return 0;
	if (insn > env->func[*func].start)
		return reject(env, RULE_DEBUG_INFO, -EINVAL,
			      "missing bpf_line_info for func#%u\n", *func);
	(*func)++;
	return 0;
}

static int check_line(struct verifier_env *env, const struct bpf_line_info *line, u32 i)
{
	u32 before = i ? env->lines[i - 1].insn_off : 0;

	if ((i && line->insn_off <= before) || line->insn_off >= env->len)
		return reject(env, RULE_DEBUG_INFO, -EINVAL,
			      "Invalid line_info[%u].insn_off:%u (prev_offset:%u prog->len:%u)\n",
			      i, line->insn_off, before, env->len);
	if (!env->insns[line->insn_off].code)
		return reject(env, RULE_DEBUG_INFO, -EINVAL,
			      "Invalid insn code at line_info[%u].insn_off\n", i);
	if (!btf_name_exists(env->btf, line->line_off) ||
	    !btf_name_exists(env->btf, line->file_name_off))
		return reject(env, RULE_DEBUG_INFO, -EINVAL,
			      "Invalid line_info[%u].line_off or .file_name_off\n", i);
	return 0;
}

static int check_lines(struct verifier_env *env, const union bpf_attr *attr)
{
	u32 i, func = 0, size = attr->line_info_rec_size, n = attr->line_info_cnt;
	int err;

	if (!n)
		return 0;
	if (n > INT_MAX / sizeof(*env->lines) || !record_size_is_good(size, LINE_MIN))
		return -EINVAL;
	/* A line begins at an instruction of its own: one more than these is wrong. */
	env->lines = verifier_alloc(env, min(n, env->len + 1), sizeof(*env->lines));
	if (!env->lines)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		struct bpf_line_info *line = &env->lines[i];

		err = read_record(env, line, attr->line_info + (u64)i * size, sizeof(*line),
				  size, "line_info") ?:
		      check_line(env, line, i) ?:
		      check_line_of_func(env, line->insn_off, &func) ?: verifier_pause(i);
		if (err)
			return err;
	}
	if (func < env->funcs)
		return reject(env, RULE_DEBUG_INFO, -EINVAL,
			      "missing bpf_line_info for %u funcs starting from func#%u\n",
			      env->funcs - func, func);
	env->line_cnt = n;
	return 0;
}

/**
 * verifier_debug_info() - check what comes along with the program
 * @env: load
 *
 * Context: process context, may sleep.
 * Return: 0, -EBADF or -EINVAL for the type information's descriptor, -EINVAL,
 * -E2BIG, -EFAULT, -ENOMEM, -EAGAIN.
 */
int verifier_debug_info(struct verifier_env *env)
{
	const union bpf_attr *attr = env->attr;
	struct btf *btf;

	if (!attr->func_info_cnt && !attr->line_info_cnt)
		return 0;
	btf = btf_get_by_fd(attr->prog_btf_fd);
	if (IS_ERR(btf))
		return PTR_ERR(btf);
	env->btf = btf;
	return check_funcs(env, attr) ?: check_lines(env, attr);
}

/* The last line that begins at or before an instruction. */
static const struct bpf_line_info *find_line(const struct verifier_env *env, u32 idx)
{
	u32 lo = 0, hi = env->line_cnt;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (env->lines[mid].insn_off <= idx)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? &env->lines[lo - 1] : NULL;
}

/**
 * vlog_source() - append the line an instruction was made of
 * @env: load
 * @idx: instruction
 *
 * Nothing is written if it is the line written last.
 *
 * Context: process context, may sleep.
 */
void vlog_source(struct verifier_env *env, u32 idx)
{
	const struct bpf_line_info *line = find_line(env, idx);
	const char *text;

	if (!line || line == env->line_shown)
		return;
	env->line_shown = line;
	text = btf_name(env->btf, line->line_off);
	text += strspn(text, " \t");
	vlog(&env->log, "; " BTF_LOG_NAME "\n", text);
}
