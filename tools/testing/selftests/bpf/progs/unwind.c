// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who called a helper: the kernel's stack walker goes through machine code, whatever
 * frame it has, and by whichever way a tail call came to it, and tells its name.
 *
 * A probe at a function that a helper calls puts the stack into the trace. It must lead
 * through the program that called the helper, and no other, to the system call. The
 * caller of that function has no frame yet where the walker goes by frame pointers, and
 * is left out: that is the helper.
 */
#include "../engine.h"
#include "../tracefs.h"

#include <stddef.h>

/* What map_delete_elem calls, of a hash. */
#define PROBE	"p:unwound htab_delete\n"

static int hash;

/* R10 - 8 has no key of the map. */
#define DELETE	ST(BPF_W, 10, -8, 1), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -8), LD_MAP(1, hash), \
		CALL(BPF_FUNC_map_delete_elem)

static void write_file(const char *name, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), TRACEFS "/%s", name);
	fd = open(path, O_WRONLY | O_TRUNC);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		bail("%s: %m", path);
	close(fd);
}

/* What the trace has, as one text. */
static const char *trace(void)
{
	static char text[1 << 16];
	size_t len = 0;
	int fd = open(TRACEFS "/trace", O_RDONLY);
	ssize_t n;

	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fd);
	return text;
}

static int load(const char *name, const struct bpf_insn *insns, size_t cnt)
{
	int fd = prog_load_named(name, insns, cnt);

	if (fd < 0)
		bail("%s: %m", name);
	return fd;
}

#define LOAD(name, ...) load(name, (struct bpf_insn[]) { __VA_ARGS__ },		\
			     ARRAY_LEN(((struct bpf_insn[]) { __VA_ARGS__ })))

/* The walk from the program on; of one event. */
static char *walk_with_program(void)
{
	char *text = (char *)trace(), *at = strstr(text, "=> bpf_prog_"), *end;

	end = at ? strstr(at, "unwound:") : NULL;
	if (end)
		*end = '\0';
	return at;
}

static void expect_walk(int prog, const char *name, const char *what)
{
	char *at, *end, *caller;

	write_file("trace", "");
	prog_test_run(prog, 1);
	at = walk_with_program();
	end = at ? strchr(at, '\n') : NULL;
	if (!end) {
		ok(false, "%s", what);
		note("%s", trace());
		return;
	}
	*end = '\0';
	caller = end + 1;
	is_str(at, name, "%s: its name", what);
	ok(!strstr(caller, "=> bpf_prog_") && strstr(caller, "sys_bpf\n"), "%s: and on to its caller",
	   what);
}

static void test_frames(void)
{
	int prog;

	prog = LOAD("small", DELETE, MOV_K(0, 0), EXIT());
	expect_walk(prog, "_small", "a program with a small frame");
	close(prog);

	prog = LOAD("saving", MOV_X(6, 1), MOV_K(7, 1), MOV_K(8, 2), MOV_K(9, 3),
		    ST(BPF_DW, 10, -512, 1), DELETE, LDX(BPF_DW, 0, 10, -512), EXIT());
	expect_walk(prog, "_saving", "one with all of the stack and registers");
	close(prog);
}

static void test_tail_calls(void)
{
	int map = map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2, 0), target[2], caller;

	/* The frame of the caller, which goes over as it is, and another. */
	target[0] = LOAD("same", MOV_X(6, 1), ST(BPF_DW, 10, -8, 0), DELETE, MOV_X(1, 6),
			 LD_MAP(2, map), MOV_K(3, 1), CALL(BPF_FUNC_tail_call), MOV_K(0, 0), EXIT());
	target[1] = LOAD("other", ST(BPF_DW, 10, -256, 1), DELETE, MOV_K(0, 0), EXIT());
	caller = LOAD("caller", MOV_X(6, 1), ST(BPF_DW, 10, -8, 0), LD_MAP(2, map), MOV_K(3, 0),
		      CALL(BPF_FUNC_tail_call), MOV_X(0, 6), MOV_K(0, 0), EXIT());
	for (__u32 i = 0; i < 2; i++) {
		map_put(map, &(__u32){ 0 }, &target[i], 0);
		expect_walk(caller, i ? "_other" : "_same", i ? "by a tail call, another frame" :
			    "by a tail call, the same frame");
		close(target[i]);
	}
	close(caller);
	close(map);
}

int main(void)
{
	if (!have_jit()) {
		skip("machine code", "no CONFIG_BPF_JIT");
		return finish();
	}
	mount_tracefs();
	add_event("kprobe_events", PROBE);
	write_file("events/kprobes/unwound/enable", "1");
	write_file("options/stacktrace", "1");
	hash = map_create(BPF_MAP_TYPE_HASH, 4, 4, 4, 0);
	jit_set("enable", "1");
	jit_set("kallsyms", "1");
	jit_set("harden", "0");
	test_frames();
	test_tail_calls();
	write_file("options/stacktrace", "0");
	write_file("events/kprobes/unwound/enable", "0");
	write_file("trace", "");
	add_event("kprobe_events", "-:unwound\n");
	return finish();
}
