// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors of maps and programs under attack: passed through sockets, closed
 * while used, held only by a program, held only by a socket. Everything comes
 * back in the end.
 */
#include "../held.h"
#include "../memory.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>

static int pass(int sk, int fd)
{
	char space[CMSG_SPACE(sizeof(int))] = "", byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = space, .msg_controllen = sizeof(space) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(sk, &msg, 0) < 0 ? -errno : 0;
}

static int receive(int sk)
{
	char space[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = space, .msg_controllen = sizeof(space) };
	struct cmsghdr *c;
	int fd = -1;

	if (recvmsg(sk, &msg, 0) < 0)
		return -errno;
	c = CMSG_FIRSTHDR(&msg);
	if (c)
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

static int counting_filter(int map)
{
	return FILTER(ST(BPF_W, 10, -4, 0), MOV_X(2, 10), ALU_K(BPF_ADD, 2, -4), LD_MAP(1, map),
		      CALL(BPF_FUNC_map_lookup_elem), JMP_K(BPF_JEQ, 0, 0, 2), MOV_K(1, 1),
		      ATOMIC(BPF_DW, BPF_ADD, 0, 1, 0), MOV_K(0, 1), EXIT());
}

static void test_passing(void)
{
	int sk[2], map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0), got, prog;
	__u64 value = 42;
	__u32 key = 0;

	socketpair(AF_UNIX, SOCK_DGRAM, 0, sk);
	map_put(map, &key, &value, 0);
	is(pass(sk[0], map), 0, "pass a map through a socket");
	close(map);
	got = receive(sk[1]);
	value = 0;
	is(map_get(got, &key, &value), 0, "and use it");
	is(value, 42, "its value survived");

	prog = counting_filter(got);
	ok(prog >= 0, "program on it: %s", prog < 0 ? prog_log : "");
	is(pass(sk[0], prog), 0, "pass a program");
	close(prog);
	prog = receive(sk[1]);
	is(filter_run(prog, "x", 1, NULL), 1, "and run it");
	map_get(got, &key, &value);
	is(value, 43, "it counted");

	/* In flight in a socket nobody reads: freed with the socket. */
	pass(sk[0], prog);
	pass(sk[0], got);
	close(prog);
	close(got);
	close(sk[0]);
	close(sk[1]);
}

static void test_held_by_socket(void)
{
	int sk[2], map = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0), prog = counting_filter(map);
	int passed = 0;
	__u32 key = 0;
	__u64 value = 0;
	char c;

	socketpair(AF_UNIX, SOCK_DGRAM, 0, sk);
	setsockopt(sk[0], SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog));
	close(prog);
	for (int i = 0; i < 100; i++)
		if (write(sk[1], "x", 1) == 1)
			recv(sk[0], &c, 1, MSG_DONTWAIT);
	map_get(map, &key, &value);
	is(value, 100, "a socket alone holds its program");
	close(map);
	for (int i = 0; i < 100; i++)
		if (write(sk[1], "x", 1) == 1)
			passed += recv(sk[0], &c, 1, MSG_DONTWAIT) == 1;
	is(passed, 100, "a program alone holds its map, and runs");
	close(sk[0]);
	close(sk[1]);
}

/* ---- races ------------------------------------------------------------------------- */

#define SLOT_FD	400

static volatile bool stop;

/* Turns the descriptor into a map, a program, a pipe, nothing, at any time. */
static void *shuffle(void *arg)
{
	unsigned int n = 0;

	while (!stop) {
		int fd = -1;

		switch (n++ % 4) {
		case 0:
			fd = map_create(BPF_MAP_TYPE_HASH, 4, 8, 4, 0);
			break;
		case 1:
			fd = map_create(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0);
			break;
		case 2:
			fd = prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER,
					   (struct bpf_insn[]) { MOV_K(0, 1), EXIT() }, 2, "GPL",
					   0, NULL, 0);
			break;
		default:
			close(SLOT_FD);
			continue;
		}
		if (fd >= 0) {
			dup2(fd, SLOT_FD);
			close(fd);
		}
	}
	return NULL;
}

static unsigned long results[2];

/* Uses it for everything a map or program can be used for. */
static void *use(void *arg)
{
	unsigned int n = (unsigned int)(uintptr_t)arg;
	__u64 value = 1;
	__u32 key;
	long ret;

	while (!stop) {
		key = n % 4;
		switch (n++ % 6) {
		case 0:
			ret = map_put(SLOT_FD, &key, &value, 0);
			break;
		case 1:
			ret = map_get(SLOT_FD, &key, &value);
			break;
		case 2:
			ret = map_del(SLOT_FD, &key);
			break;
		case 3:
			ret = map_next(SLOT_FD, NULL, &key);
			break;
		case 4:
			ret = filter_run(SLOT_FD, "x", 1, NULL);
			break;
		default: {
			struct bpf_insn insns[] = { LD_MAP(1, SLOT_FD), MOV_K(0, 0), EXIT() };

			ret = prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, insns, 4, "GPL", 0, NULL, 0);
			if (ret >= 0)
				close((int)ret);
		}
		}
		__atomic_add_fetch(&results[ret >= 0], 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void test_races(void)
{
	pthread_t threads[6];

	for (int i = 0; i < 6; i++)
		pthread_create(&threads[i], NULL, i < 2 ? shuffle : use, (void *)(uintptr_t)i);
	sleep(quick() ? 1 : 3);
	stop = true;
	for (int i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	close(SLOT_FD);
	ok(results[0] && results[1], "descriptor races: %lu failed, %lu did something",
	   results[0], results[1]);
}

/* A map shared by processes lives as long as one of them. */
static void test_fork(void)
{
	int map = map_create(BPF_MAP_TYPE_HASH, 4, 8, 64, 0), status;
	__u64 value;
	__u32 key;

	for (__u32 i = 0; i < 8; i++)
		if (!fork()) {
			value = i * 10;
			_exit(map_put(map, &i, &value, BPF_NOEXIST) ? 1 : 0);
		}
	for (int i = 0; i < 8; i++) {
		wait(&status);
		if (status)
			ok(false, "child");
	}
	for (key = 0; key < 8; key++)
		if (map_get(map, &key, &value) || value != key * 10)
			break;
	is(key, 8, "eight processes wrote into one map");
	close(map);
}

/*
 * Thousands of maps and programs: memory does not go away with them. A fifteenth of
 * 3,000 maps is more than what is allowed to be missing; the debug kernel, which needs
 * 30 ms for each, counts them and reports a single one as well, by kmemleak.
 */
static void test_leaks(void)
{
	int rounds = on_debug_kernel() ? 300 : 3000, held;
	long before, after = 0;
	int i;

	for (i = 0; i < 50; i++)
		close(map_create(BPF_MAP_TYPE_HASH, 4, 1024, 100, 0));
	sleep(1);
	before = available_kb_shrunk();
	held = held_objects();
	for (i = 0; i < rounds; i++) {
		int map = map_create(i % 2 ? BPF_MAP_TYPE_HASH : BPF_MAP_TYPE_ARRAY, 4, 1024, 64,
				     i % 4 == 1 ? BPF_F_NO_PREALLOC : 0);
		int prog = counting_filter(map);
		int refused = FILTER(LD_MAP(1, map), MOV_K(0, 0), LDX(BPF_W, 0, 0, 0), EXIT());

		if (map < 0 || (i % 16 == 0 && refused >= 0))
			break;
		close(map);
		if (prog >= 0)
			close(prog);
	}
	is(i, rounds, "%d maps, each with a program and a refused one", rounds);
	/* Workers give it back. */
	for (i = 0; i < 100 && after < before - 8192; i++) {
		usleep(100000);
		after = available_kb_shrunk();
	}
	ok(after > before - 8192, "memory is back (%ld kB of %ld kB, after %d ms)", after, before,
	   i * 100);
	none_held(held);
}

int main(void)
{
	test_passing();
	test_held_by_socket();
	test_fork();
	test_races();
	test_leaks();
	return finish();
}
