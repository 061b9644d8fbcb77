// SPDX-License-Identifier: GPL-2.0-only
/*
 * Machine code as user space sees it: net.core.bpf_jit_*, who is translated, the
 * same results from both engines, names in /proc/kallsyms, memory that comes
 * back.
 */
#include "../engine.h"

#include <linux/filter.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define MANY	400

/* No number of user space. */
#define ENOTSUPP	524
/* What a process says that got it. */
#define REFUSED		2

/* ---- programs -------------------------------------------------------------------- */

/* Constants of every width, a packet load, a division, a jump. */
static const struct bpf_insn sample[] = {
	MOV_X(6, 1), LDABS(BPF_H, 2), MOV_X(7, 0), LD64(8, 0x1122334455667788), ALU_X(BPF_ADD, 7, 8),
	ALU_K(BPF_MUL, 7, 0x01234567), ALU_K(BPF_DIV, 7, 1000), ALU32_K(BPF_XOR, 7, 0x5a5a5a5a),
	JMP_K(BPF_JSET, 7, 0x10, 1), ALU_K(BPF_ADD, 7, 77), MOV_X(0, 7),
	ALU_K(BPF_AND, 0, 15), ALU_K(BPF_ADD, 0, 1), EXIT(),
};

static int load(void)
{
	int fd = prog_load_named("sample", sample, ARRAY_LEN(sample));

	if (fd < 0)
		bail("load: %s", strerror(errno));
	return fd;
}

static int result_of(int fd)
{
	char packet[64];

	for (size_t i = 0; i < sizeof(packet); i++)
		packet[i] = (char)(i * 37 + 11);
	return filter_run(fd, packet, sizeof(packet), NULL);
}

/* ---- engines --------------------------------------------------------------------- */

/* Without an interpreter there is no choice. */
static void test_one_engine(void)
{
	int first = load(), second;

	is(jit_write("enable", "0"), -EINVAL, "without an interpreter enable is 1");
	second = load();
	ok(is_jited(first) == 1 && is_jited(second) == 1, "machine code, before and after");
	ok(result_of(first) > 0 && result_of(first) == result_of(second), "it gives something");
	close(first);
	close(second);
}

static void test_engines(void)
{
	int interpreted, jited, blinded;

	jit_set("enable", "0");
	interpreted = load();
	is(is_jited(interpreted), 0, "enable 0: interpreted");
	jit_set("enable", "1");
	jited = load();
	is(is_jited(jited), 1, "enable 1: machine code");
	is(is_jited(interpreted), 0, "a program that is there stays as it is");
	jit_set("harden", "2");
	blinded = load();
	is(is_jited(blinded), 1, "harden 2: machine code");
	jit_set("harden", "0");

	ok(result_of(interpreted) > 0, "the sample gives something");
	is(result_of(jited), result_of(interpreted), "machine code gives the same");
	is(result_of(blinded), result_of(interpreted), "with its constants hidden, too");
	close(interpreted);
	close(jited);
	close(blinded);
}

/* ---- names ----------------------------------------------------------------------- */

/* Lines of /proc/kallsyms with this text. */
static int kallsyms(const char *text)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	char line[1024];
	int n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, text) != NULL;
	if (f)
		fclose(f);
	return n;
}

/* Programs go a grace period after their last descriptor. */
static int kallsyms_at_last(const char *text, int want)
{
	int n = -1;

	for (int i = 0; i < 100 && n != want; i++) {
		n = kallsyms(text);
		if (n != want)
			usleep(20000);
	}
	return n;
}

static void test_names(void)
{
	char name[64] = "", *tag;
	int fd = load(), fds[MANY];

	tag = strstr(fdinfo(fd), "prog_tag:\t");
	snprintf(name, sizeof(name), " t bpf_prog_%.16s_sample\t[bpf]\n", tag ? tag + 10 : "?");
	jit_set("kallsyms", "1");
	is(kallsyms(name), 1, "the name is tag and name of the program");
	jit_set("harden", "1");
	is(kallsyms(name), 0, "none with bpf_jit_harden");
	jit_set("harden", "0");
	jit_set("kallsyms", "0");
	is(kallsyms(name), 0, "none without bpf_jit_kallsyms");
	jit_set("kallsyms", "1");

	for (int i = 0; i < MANY; i++)
		fds[i] = load();
	is(kallsyms(name), MANY + 1, "each of %d programs is listed once", MANY + 1);
	for (int i = 0; i < MANY; i++)
		close(fds[i]);
	is(kallsyms_at_last(name, 1), 1, "one stays when the others go");
	close(fd);
	is(kallsyms_at_last(name, 0), 0, "none when all are gone");
}

/* ---- memory ---------------------------------------------------------------------- */

static void test_memory(void)
{
	long before = jit_text_bytes(), most;
	int fds[MANY];

	for (int i = 0; i < MANY; i++)
		fds[i] = load();
	most = jit_text_bytes();
	note("%d programs: %ld to %ld bytes", MANY, before, most);
	ok(before > 0 && before <= 4 * 4096, "few programs need few pages");
	ok(most > before && most <= MANY * 1024, "programs share pages");
	for (int i = 0; i < MANY; i++)
		close(fds[i]);
	for (int i = 0; i < 500 && jit_text_bytes() > before; i++)
		;
	ok(jit_text_bytes() <= before, "pages come back, all but %ld bytes", jit_text_bytes());
}

/* A user's filter beyond the limit is interpreted, or refused. It stays until @go is closed. */
static void unprivileged_filters(int said, int go)
{
	struct sock_filter insns[2000];
	struct sock_fprog prog = { ARRAY_LEN(insns), insns };
	int sk = socket(AF_UNIX, SOCK_DGRAM, 0);
	char status = 1;

	for (size_t i = 0; i < ARRAY_LEN(insns); i++)
		insns[i] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 0x12345678);
	insns[ARRAY_LEN(insns) - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 5);
	if (setgid(65534) || setuid(65534))
		_exit(1);
	if (!setsockopt(sk, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)))
		status = 0;
	else if (errno == ENOTSUPP)
		status = REFUSED;
	if (write(said, &status, 1) != 1 || read(go, &status, 1))
		_exit(1);
	_exit(0);
}

static void test_limit(void)
{
	long limit = jit_get("limit"), before;
	int said[2], go[2], status = -1, fd;
	char text[32], got = 1;
	pid_t pid;

	ok(limit > 1 << 20, "there is a limit");
	snprintf(text, sizeof(text), "%ld", limit);
	jit_set("limit", "4096");
	before = jit_text_bytes();
	if (pipe(said) || pipe(go))
		bail("pipe: %m");
	pid = fork();
	if (!pid) {
		close(go[1]);
		unprivileged_filters(said[1], go[0]);
	}
	close(said[1]);
	if (read(said[0], &got, 1) != 1)
		got = 1;
	if (have_interpreter())
		is(got, 0, "a user's filter beyond the limit is accepted");
	else
		is(got, REFUSED, "a user's filter beyond the limit is refused");
	is(jit_text_bytes(), before, "and gets no memory");
	close(go[1]);
	waitpid(pid, &status, 0);
	is(status, 0, "its owner has ended");
	close(said[0]);
	close(go[0]);
	fd = load();
	is(is_jited(fd), 1, "a privileged loader does");
	close(fd);
	jit_set("limit", text);
}

int main(void)
{
	if (!have_jit()) {
		skip("machine code", "no CONFIG_BPF_JIT");
		return finish();
	}
	jit_set("enable", "1");
	if (have_interpreter())
		test_engines();
	else
		test_one_engine();
	test_names();
	test_memory();
	test_limit();
	return finish();
}
