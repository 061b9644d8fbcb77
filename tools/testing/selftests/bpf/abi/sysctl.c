// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the system tells of how programs are run: net.core.bpf_jit_enable is there
 * if there is a JIT, programs say which engine runs them, and the sysctls of
 * sockets limit what a filter may take.
 */
#include "../engine.h"

#define OPTMEM_MAX	"/proc/sys/net/core/optmem_max"

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), err;

	if (fd < 0)
		return -errno;
	err = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

static void check_engine(int filter)
{
	if (!have_jit()) {
		is(jit_write("enable", "1"), -ENOENT,
		   "net.core.bpf_jit_enable: not there, as there is no JIT");
		is(is_jited(filter), 0,
		   "net.core.bpf_jit_enable: programs are interpreted, and say so");
		return;
	}
	if (have_interpreter()) {
		jit_set("enable", "0");
		filter = FILTER(MOV_K(0, 1), EXIT());
		is(is_jited(filter), 0, "net.core.bpf_jit_enable: 0, programs are interpreted");
		close(filter);
	} else {
		is(jit_write("enable", "0"), -EINVAL,
		   "net.core.bpf_jit_enable: 0 is refused, as there is no interpreter");
		is(jit_write("enable", "2"), -EINVAL,
		   "net.core.bpf_jit_enable: 2 is refused, it is 1");
		is(jit_get("enable"), 1, "net.core.bpf_jit_enable: 1 without an interpreter");
	}
	jit_set("enable", "1");
	filter = FILTER(MOV_K(0, 1), EXIT());
	is(is_jited(filter), 1, "net.core.bpf_jit_enable: 1, programs are compiled");
	close(filter);
	is(jit_write("enable", "3"), -EINVAL, "net.core.bpf_jit_enable: 3 is refused");
}

/* A filter is paid for by its socket, and a socket may have so much. */
static void check_optmem(void)
{
	struct bpf_insn insns[1000];
	int sk = socket(AF_UNIX, SOCK_DGRAM, 0), prog;

	for (size_t i = 0; i < ARRAY_LEN(insns); i++)
		insns[i] = i + 1 < ARRAY_LEN(insns) ? MOV_K(0, 1) : EXIT();
	prog = prog_load(BPF_PROG_TYPE_SOCKET_FILTER, insns, ARRAY_LEN(insns));
	is(write_file(OPTMEM_MAX, "4096"), 0, "net.core.optmem_max: 4096");
	is(setsockopt(sk, SOL_SOCKET, SO_ATTACH_BPF, &prog, 4) ? -errno : 0, -ENOMEM,
	   "net.core.optmem_max: a program of 8000 bytes is too much");
	is(write_file(OPTMEM_MAX, "20480"), 0, "net.core.optmem_max: 20480");
	is(setsockopt(sk, SOL_SOCKET, SO_ATTACH_BPF, &prog, 4) ? -errno : 0, 0,
	   "net.core.optmem_max: and fits");
	close(prog);
	close(sk);
}

int main(void)
{
	int filter = FILTER(MOV_K(0, 1), EXIT());

	is(filter_run(filter, "x", 1, NULL), 1, "a filter runs");
	check_engine(filter);
	check_optmem();
	close(filter);
	return finish();
}
