// SPDX-License-Identifier: GPL-2.0-only
/*
 * What comes along with a program: which functions and lines of source PROG_LOAD takes,
 * and what it says of others. The answers are those of Linux 6.1; "ours" as an argument:
 * where we differ.
 */
#include <stddef.h>

#include "types.h"

/*
 * Functions 3 and 6 return an int, 8 nothing, 10 a pointer, 12 a long, 14 an enum, 16 an
 * int by another name; 4 is static.
 */
static const char types_text[] =
	"INT 'int' 4 0x01000020  FUNC_PROTO 0 1  FUNC*1 'main' 2  FUNC 'part' 2 "
	"FUNC_PROTO*1 0 1 'x' 1  FUNC 'unary' 5  FUNC_PROTO 0 0  FUNC 'none' 7 "
	"PTR 0 1  FUNC 'pointer' 11  FUNC_PROTO 0 9  FUNC 'long' 13  FUNC_PROTO 0 17 "
	"FUNC 'enum' 15  FUNC_PROTO 0 18  FUNC 'other' 19  INT 'long' 8 0x01000040 "
	"ENUM*1 'e' 4 'E' 1  FUNC_PROTO 0 20  TYPEDEF 'myint' 1 "
	"DECL_TAG '  call part();' 3 -1  DECL_TAG '\x09return 7;' 3 -1  DECL_TAG 'a.c' 3 -1";

static struct blob types;
static int types_fd;

#define LINES_MAX	8

/* A string by its text, or a number where it matters. */
struct line {
	__u32 insn_off;
	const char *text;
	__u32 text_off;
	__u32 file_off;
};

struct given {
	const char *name;
	const struct bpf_insn *insns;
	__u32 insn_cnt;
	struct bpf_func_info func[4];
	__u32 func_cnt;
	__u32 func_size;
	struct line line[LINES_MAX];
	__u32 line_cnt;
	__u32 line_size;
	int fd;			/* as it is, if not 0 */
	__u32 tail;		/* put behind each record that is longer */
	__u64 func_at, line_at;	/* addresses, if not 0 */
	int err;
	const char *says;
	int ours;
	const char *ours_say;
};

static const struct bpf_insn one[] = { MOV_K(0, 7), EXIT() };
static const struct bpf_insn two[] = {
	INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1), EXIT(), MOV_K(0, 7), EXIT(),
};
static const struct bpf_insn wide[] = { LD64(0, 7), EXIT() };
static const struct bpf_insn packet[] = {
	MOV_X(6, 1), INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1), EXIT(),
	MOV_X(6, 1), LDABS(BPF_B, 0), MOV_K(0, 7), EXIT(),
};
static struct bpf_insn tail[] = {
	INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1), EXIT(),
	LD_MAP(2, 0), MOV_K(3, 0), CALL(BPF_FUNC_tail_call), MOV_K(0, 7), EXIT(),
};
static const struct bpf_insn bad_two[] = {
	INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1), EXIT(), JA(10), EXIT(),
};
static const struct bpf_insn bad_code[] = { INSN(0xff, 0, 0, 0, 0), EXIT() };

#define RUN(p)		.insns = p, .insn_cnt = ARRAY_LEN(p)
#define F(...)		.func = { __VA_ARGS__ }, \
			.func_cnt = ARRAY_LEN(((struct bpf_func_info[]) { __VA_ARGS__ }))
#define L(...)		.line = { __VA_ARGS__ }, \
			.line_cnt = ARRAY_LEN(((struct line[]) { __VA_ARGS__ }))

/* Most fields of most cases are not given. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

static const struct given cases[] = {
#include "info_cases.h"
};

static char log_text[1 << 16];

static int load(const struct given *g, int level)
{
	static unsigned char funcs[4096], lines[4096];
	__u32 func_size = g->func_size ?: sizeof(struct bpf_func_info);
	__u32 line_size = g->line_size ?: sizeof(struct bpf_line_info);
	union bpf_attr a;

	memset(funcs, 0, sizeof(funcs));
	memset(lines, 0, sizeof(lines));
	for (__u32 i = 0; i < g->func_cnt && i < 4 && func_size < 512; i++) {
		memcpy(funcs + i * func_size, &g->func[i], sizeof(g->func[i]));
		if (g->tail)
			memcpy(funcs + i * func_size + sizeof(g->func[i]), &g->tail, 4);
	}
	for (__u32 i = 0; i < g->line_cnt && i < LINES_MAX && line_size < 512; i++) {
		const struct line *l = &g->line[i];
		struct bpf_line_info info = {
			.insn_off = l->insn_off,
			.file_name_off = l->file_off ?: types_string(&types, "a.c"),
			.line_off = l->text ? types_string(&types, l->text) : l->text_off,
			.line_col = (100 + i) << 10 | 3,
		};

		memcpy(lines + i * line_size, &info, sizeof(info));
		if (g->tail)
			memcpy(lines + i * line_size + sizeof(info), &g->tail, 4);
	}
	memset(&a, 0, sizeof(a));
	memset(log_text, 0, sizeof(log_text));
	a.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	a.insns = ptr64(g->insns);
	a.insn_cnt = g->insn_cnt;
	a.license = ptr64("GPL");
	a.prog_btf_fd = (__u32)(g->fd ?: types_fd);
	a.func_info_cnt = g->func_cnt;
	a.func_info = g->func_at ?: ptr64(funcs);
	a.func_info_rec_size = g->func_cnt || g->func_size ? func_size : 0;
	a.line_info_cnt = g->line_cnt;
	a.line_info = g->line_at ?: ptr64(lines);
	a.line_info_rec_size = g->line_cnt || g->line_size ? line_size : 0;
	if (level) {
		a.log_level = (__u32)level;
		a.log_buf = ptr64(log_text);
		a.log_size = sizeof(log_text);
	}
	return (int)sys_bpf(BPF_PROG_LOAD, &a);
}

int main(int argc, char **argv)
{
	bool ours = argc > 1 && !strcmp(argv[1], "ours");
	int array = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 1, 0);

	types = blob_make(types_text);
	types_fd = types_load_blob(&types);
	if (types_fd < 0)
		bail("types: %d", types_fd);
	tail[2].imm = array;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct given *g = &cases[i];
		int quiet, fd;

		if (ours != !!g->ours)
			continue;
		quiet = load(g, 0);
		fd = load(g, 2);
		is(fd < 0 ? fd : 0, ours ? g->ours : g->err, "%s", g->name);
		is(quiet < 0 ? quiet : 0, fd < 0 ? fd : 0, "%s: the same without a log", g->name);
		is_str(log_text, (ours ? g->ours_say : g->says) ?: "", "%s: says so", g->name);
		close(fd);
		close(quiet);
	}
	return finish();
}
