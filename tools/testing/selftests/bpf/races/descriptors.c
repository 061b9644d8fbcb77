// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors of arrays of programs and of events, and of what these hold, are
 * copied, closed, inherited by children, sent in messages that nobody may read, and
 * stored in one another, all at once. What the last of them held is given back.
 */
#include "race.h"

#include "../perf.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define RACE_MS		3000
#define SLOTS		8
#define SLOT(n)		(400 + (n))
#define ENTRIES		4

static unsigned long wrong, made, stored, sent, received, forked, ran;
static int wrong_err;

static void judge(int err)
{
	static const int expected[] = { 0, -EBADF, -EINVAL, -ENOENT, -EACCES, -EOPNOTSUPP };

	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		if (err == expected[i])
			return;
	wrong_err = err;
	count(&wrong);
}

/* ---- what the slots hold ----------------------------------------------------------------- */

static void put_in_slot(int fd, __u32 slot)
{
	if (fd < 0)
		return;
	dup2(fd, SLOT(slot));
	close(fd);
	count(&made);
}

static int make_array(struct racer *r)
{
	if (rnd(r, 2))
		return map_create(BPF_MAP_TYPE_PROG_ARRAY, 4, 4, ENTRIES, 0);
	return map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, ENTRIES,
			  rnd(r, 2) ? BPF_F_PRESERVE_ELEMS : 0);
}

static int make_event(struct racer *r)
{
	return software_event(rnd(r, 2) ? PERF_COUNT_SW_BPF_OUTPUT : PERF_COUNT_SW_CPU_CLOCK, -1,
			      (int)rnd(r, 2));
}

/* Goes on by whatever array of programs the slot holds, or writes to one of events. */
static int make_prog(struct racer *r, __u32 slot)
{
	const struct bpf_insn calls[] = {
		LD_MAP(2, SLOT(slot)), MOV_K(3, (int)rnd(r, ENTRIES)), CALL(BPF_FUNC_tail_call),
		MOV_K(0, 7), EXIT(),
	};
	const struct bpf_insn writes[] = {
		LD_MAP(2, SLOT(slot)), LD64(3, BPF_F_CURRENT_CPU), MOV_X(4, 10),
		ALU_K(BPF_ADD, 4, -8), ST(BPF_DW, 10, -8, 0), MOV_K(5, 8),
		CALL(BPF_FUNC_perf_event_output), MOV_K(0, 7), EXIT(),
	};
	int fd = rnd(r, 2) ? prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, calls, ARRAY_LEN(calls), "GPL",
					   0, NULL, 0) :
			     prog_load_log(BPF_PROG_TYPE_SOCKET_FILTER, writes, ARRAY_LEN(writes),
					   "GPL", 0, NULL, 0);

	if (fd < 0)
		judge(fd);
	return fd;
}

/* ---- what is done with them ---------------------------------------------------------------- */

/* Into any array, whatever it is; the array's own program is a circle. */
static void store(struct racer *r, __u32 slot, __u32 other)
{
	__u32 key = rnd(r, ENTRIES);
	int value = SLOT(other), err = map_put(SLOT(slot), &key, &value, 0);

	if (!err)
		count(&stored);
	judge(err);
	if (!rnd(r, 4))
		judge(map_del(SLOT(slot), &key));
}

static void run(__u32 slot)
{
	static const char packet[64];
	union bpf_attr attr;
	int err;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (__u32)SLOT(slot);
	attr.test.data_in = ptr64(packet);
	attr.test.data_size_in = sizeof(packet);
	err = (int)sys_bpf(BPF_PROG_TEST_RUN, &attr);
	judge(err);
	if (!err && attr.test.retval == 7)
		count(&ran);
}

/* A child has its own of each; some are used, all are closed by its end. */
static void inherit(__u32 slot, __u32 other)
{
	int value = SLOT(other);
	__u32 key = 0;
	pid_t child = fork();

	if (!child) {
		map_put(SLOT(slot), &key, &value, 0);
		close(SLOT(other));
		_exit(0);
	}
	if (child > 0) {
		waitpid(child, NULL, 0);
		count(&forked);
	}
}

static struct msghdr message(struct iovec *iov, void *control, size_t len)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = len };

	return msg;
}

static void send_fd(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = "";
	struct iovec iov = { "x", 1 };
	struct msghdr msg = message(&iov, control, sizeof(control));
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	if (sendmsg(socket, &msg, MSG_DONTWAIT) == 1)
		count(&sent);
}

/* In a message; sometimes the sockets end with it, in themselves even. */
static void pass(struct racer *r, __u32 slot, __u32 other)
{
	char control[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = "", byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = message(&iov, control, sizeof(control));
	struct cmsghdr *c;
	int pair[2], fd;

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair))
		return;
	send_fd(pair[0], SLOT(slot));
	if (!rnd(r, 4))
		send_fd(pair[0], pair[1]);
	if (rnd(r, 2) && recvmsg(pair[1], &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) == 1) {
		c = CMSG_FIRSTHDR(&msg);
		if (c) {
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
			put_in_slot(fd, other);
			count(&received);
		}
	}
	close(pair[0]);
	close(pair[1]);
}

static void *body(void *arg)
{
	struct racer *r = arg;

	while (racing()) {
		__u32 slot = rnd(r, SLOTS), other = rnd(r, SLOTS);

		switch (rnd(r, 16)) {
		case 0:
		case 1:
			put_in_slot(make_array(r), slot);
			break;
		case 2:
			put_in_slot(make_event(r), slot);
			break;
		case 3:
		case 4:
			put_in_slot(make_prog(r, other), slot);
			break;
		case 5:
			dup2(SLOT(other), SLOT(slot));
			break;
		case 6:
			close(SLOT(slot));
			break;
		case 7:
			if (!rnd(r, 8))
				inherit(slot, other);
			break;
		case 8:
		case 9:
			pass(r, slot, other);
			break;
		case 10:
		case 11:
			run(slot);
			break;
		default:
			store(r, slot, other);
		}
		r->done++;
	}
	return NULL;
}

/* ---- all ------------------------------------------------------------------------------------- */

static bool enough(void)
{
	return made > 50 && stored > 20 && sent > 20 && received > 5 && forked > 3 && ran > 5;
}

static void close_slots(void)
{
	for (int i = 0; i < SLOTS; i++)
		close(SLOT(i));
}

/*
 * Sockets that only hold each other, by descriptors in their messages, are looked for
 * when a socket is closed, but by one closer at a time: what the last ones of a race
 * left is found when another one is closed.
 */
static void collect_sockets(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		bail("socketpair: %m");
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	void *(*const bodies[THREADS])(void *) = { body, body, body, body, body, body, body, body };
	long before;
	int held;

	/* Allocators and caches take what they will keep. */
	race(bodies, 300, enough);
	close_slots();
	collect_sockets();
	pause_ms(500);
	before = available_kb_shrunk();
	held = held_objects();
	ok(race(bodies, RACE_MS, enough) > 0, "eight threads");
	is(wrong, 0, "no error but those of wrong descriptors (%d)", wrong_err);
	ok(enough(), "%lu made, %lu stored, %lu sent, %lu received, %lu children, %lu runs", made, stored,
	   sent, received, forked, ran);
	close_slots();
	collect_sockets();
	ok(memory_back(before), "memory is back");
	none_held(held);
	return finish();
}
