// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the system tells of how programs are run: net.core.bpf_jit_enable is there
 * if there is a JIT, programs say which engine runs them, and the sysctls of
 * sockets limit what a filter may take.
 */
#include "../test.h"

#include <fcntl.h>

#define JIT_ENABLE	"/proc/sys/net/core/bpf_jit_enable"
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

/* The number behind "prog_jited:" of a program's description. */
static int is_jited(int fd)
{
	char path[64], text[4096] = "", *at;
	int file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = open(path, O_RDONLY);
	if (file < 0 || read(file, text, sizeof(text) - 1) < 0)
		bail("%s: %d", path, errno);
	close(file);
	at = strstr(text, "prog_jited:\t");
	return at ? atoi(at + strlen("prog_jited:\t")) : -1;
}

static void check_engine(int filter)
{
	bool has_jit = !access(JIT_ENABLE, F_OK);

	if (!has_jit) {
		is(write_file(JIT_ENABLE, "1"), -ENOENT, "net.core.bpf_jit_enable: not there, as there is no JIT");
		is(is_jited(filter), 0, "net.core.bpf_jit_enable: programs are interpreted, and say so");
		return;
	}
	is(write_file(JIT_ENABLE, "0"), 0, "net.core.bpf_jit_enable: off");
	filter = FILTER(MOV_K(0, 1), EXIT());
	is(is_jited(filter), 0, "net.core.bpf_jit_enable: programs are interpreted then");
	close(filter);
	is(write_file(JIT_ENABLE, "1"), 0, "net.core.bpf_jit_enable: on");
	filter = FILTER(MOV_K(0, 1), EXIT());
	is(is_jited(filter), 1, "net.core.bpf_jit_enable: programs are compiled then");
	close(filter);
	is(write_file(JIT_ENABLE, "3"), -EINVAL, "net.core.bpf_jit_enable: 3 is refused");
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
