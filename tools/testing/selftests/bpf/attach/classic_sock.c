// SPDX-License-Identifier: GPL-2.0-only
/*
 * Classic filters on sockets: every errno of attach, detach, lock and get, and
 * what a filter does to packets.
 */
#include "classic.h"
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <netinet/in.h>

static int sk[2];

#define RET(k)	CSTMT(BPF_RET | BPF_K, k)
#define IMM(k)	CSTMT(BPF_LD | BPF_IMM, k)

static int set_option(int option, const void *value, socklen_t len)
{
	return setsockopt(sk[0], SOL_SOCKET, option, value, len) ? -errno : 0;
}

static int set_int(int option, int value)
{
	return set_option(option, &value, sizeof(value));
}

/* SO_GET_FILTER counts in instructions, not in bytes. */
static int get_filter(struct sock_filter *insns, socklen_t len)
{
	return getsockopt(sk[0], SOL_SOCKET, SO_GET_FILTER, insns, &len) ? -errno : (int)len;
}

static int pass(int len)
{
	char packet[512] = "";

	if (write(sk[1], packet, (size_t)len) < 0)
		return -errno;
	return arrived(sk[0]);
}

static void test_argument(void)
{
	struct sock_filter ret = RET(0);
	struct sock_fprog prog = { .len = 1, .filter = &ret };
	struct sock_filter *many = calloc(65536, sizeof(*many));

	is(set_option(SO_ATTACH_FILTER, &prog, sizeof(prog) - 1), -EINVAL, "short argument");
	is(set_option(SO_ATTACH_FILTER, &prog, 8), -EINVAL, "the length of the 32-bit layout");
	is(set_option(SO_ATTACH_FILTER, &prog, sizeof(prog) + 1), -EINVAL, "long argument");
	is(set_option(SO_ATTACH_FILTER, NULL, sizeof(prog)), -EFAULT, "no argument");
	is(set_option(SO_ATTACH_FILTER, (void *)8, sizeof(prog)), -EFAULT, "bad argument address");
	is(attach_classic(sk[0], NULL, 1), -EINVAL, "no instructions");
	is(attach_classic(sk[0], (void *)8, 1), -EFAULT, "bad address of instructions");
	is(attach_classic(sk[0], &ret, 0), -EINVAL, "zero instructions");
	is(attach_classic(sk[0], (void *)8, 0), -EINVAL, "zero instructions at a bad address");

	for (int i = 0; i < 65536; i++)
		many[i] = RET(1);
	is(attach_classic(sk[0], many, 4097), -EINVAL, "4097 instructions");
	is(attach_classic(sk[0], (void *)8, 4097), -EINVAL, "4097 instructions at a bad address");
	is(attach_classic(sk[0], many, 65535), -EINVAL, "65535 instructions");
	is(attach_classic(sk[0], many, 4096), -ENOMEM, "more than option memory may hold");
	is(attach_classic(sk[0], many, 1000), 0, "a thousand instructions");
	is(pass(100), 1, "they say one byte");
	is(set_int(SO_DETACH_FILTER, 0), 0, "detach");
	free(many);
}

/* The last instruction lies on the last page that can be read, or one behind it. */
static void test_page_end(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct sock_filter *last = (struct sock_filter *)(two + page) - 1;

	munmap(two + page, page);
	*last = RET(3);
	is(attach_classic(sk[0], last, 1), 0, "instruction at the end of memory");
	is(pass(100), 3, "it runs");
	is(attach_classic(sk[0], last, 2), -EFAULT, "instruction behind the end of memory");
	is(pass(100), 3, "the filter before stays");
	munmap(two, page);
	is(set_int(SO_DETACH_FILTER, 0), 0, "detach");
}

static void test_program(void)
{
	is(ATTACH(sk[0], IMM(1)), -EINVAL, "no return at the end");
	is(ATTACH(sk[0], RET(1), IMM(1)), -EINVAL, "return not at the end");
	is(ATTACH(sk[0], CSTMT(BPF_JMP | BPF_JA, 0)), -EINVAL, "jump at the end");
	is(ATTACH(sk[0], CSTMT(BPF_JMP | BPF_JA, 1), RET(1)), -EINVAL, "jump behind the end");
	is(ATTACH(sk[0], CSTMT(BPF_JMP | BPF_JA, (__u32)-1), RET(1)), -EINVAL, "jump to itself");
	is(ATTACH(sk[0], RET(1), CSTMT(BPF_JMP | BPF_JA, (__u32)-2), RET(1)), -EINVAL, "jump back");
	is(ATTACH(sk[0], CJUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), RET(1)), -EINVAL,
	   "branch behind the end");
	is(ATTACH(sk[0], CJUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), RET(1)), -EINVAL,
	   "taken branch behind the end");
	is(ATTACH(sk[0], RET(1), CSTMT(0xffff, 0), RET(1)), -EINVAL, "bad opcode nobody reaches");
	is(ATTACH(sk[0], CSTMT(BPF_LD | BPF_MEM, 0), RET(1)), -EINVAL, "read of unwritten scratch");
	is(ATTACH(sk[0], CSTMT(BPF_LDX | BPF_MEM, 15), RET(1)), -EINVAL, "the same into X");
	is(ATTACH(sk[0], CSTMT(BPF_ST, 0), CSTMT(BPF_LD | BPF_MEM, 1), RET(1)), -EINVAL,
	   "read of another word than written");
	is(ATTACH(sk[0], CJUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0), CSTMT(BPF_ST, 0),
		  CSTMT(BPF_LD | BPF_MEM, 0), RET(1)), -EINVAL, "written on one way only");
	is(ATTACH(sk[0], CJUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2), CSTMT(BPF_ST, 0),
		  CSTMT(BPF_JMP | BPF_JA, 1), CSTMT(BPF_STX, 0),
		  CSTMT(BPF_LD | BPF_MEM, 0), RET(1)), 0, "written on both ways");
	is(ATTACH(sk[0], CSTMT(BPF_JMP | BPF_JA, 1), CSTMT(BPF_ST, 0),
		  CSTMT(BPF_LD | BPF_MEM, 0), RET(1)), -EINVAL, "written where the jump passes over");
	is(ATTACH(sk[0], RET(1), CSTMT(BPF_LD | BPF_MEM, 0), RET(1)), -EINVAL,
	   "read of unwritten scratch behind a return");
	is(ATTACH(sk[0], CSTMT(BPF_ST, 0), RET(1), CSTMT(BPF_LD | BPF_MEM, 0), RET(1)), 0,
	   "read of scratch written in front of a return");
	is(ATTACH(sk[0], CSTMT(BPF_JMP | BPF_JA, 1), CSTMT(BPF_LD | BPF_MEM, 0), RET(1)), 0,
	   "read of unwritten scratch a jump passes over");
	is(ATTACH(sk[0], CJUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 1),
		  CSTMT(BPF_LD | BPF_MEM, 0), RET(1)), 0,
	   "read of unwritten scratch a branch passes over");
	is(ATTACH(sk[0], CSTMT(BPF_ST, 16), RET(1)), -EINVAL, "scratch word 16");
}

static void test_verdicts(void)
{
	is(ATTACH(sk[0], RET(0)), 0, "drop everything");
	is(pass(100), -EAGAIN, "dropped");
	is(ATTACH(sk[0], RET(7)), 0, "in its place: seven bytes");
	is(pass(100), 7, "shortened");
	is(pass(7), 7, "as long as allowed");
	is(pass(3), 3, "shorter than allowed");
	is(ATTACH(sk[0], RET(0xffffffff)), 0, "everything");
	is(pass(100), 100, "whole");
	is(ATTACH(sk[0], RET(0x80000000)), 0, "a number with its top bit set");
	is(pass(100), 100, "whole");
	is(ATTACH(sk[0], CSTMT(BPF_RET | BPF_A, 0)), 0, "A as it begins");
	is(pass(100), -EAGAIN, "A begins as 0");
	is(ATTACH(sk[0], CSTMT(BPF_MISC | BPF_TXA, 0), CSTMT(BPF_RET | BPF_A, 0)), 0, "X as it begins");
	is(pass(100), -EAGAIN, "X begins as 0");
	is(ATTACH(sk[0], CSTMT(BPF_LD | BPF_B | BPF_ABS, 99), RET(50)), 0, "look at byte 99");
	is(pass(100), 50, "there");
	is(pass(99), -EAGAIN, "a load behind the packet drops it");
	is(ATTACH(sk[0], CSTMT(BPF_LD | BPF_W | BPF_ABS, 96), RET(50)), 0, "look at the word at 96");
	is(pass(100), 50, "there");
	is(pass(99), -EAGAIN, "one byte short");
	is(ATTACH(sk[0], IMM(5), CSTMT(BPF_ALU | BPF_DIV | BPF_X, 0), RET(50)), 0, "divide by X");
	is(pass(100), -EAGAIN, "division by 0 drops the packet");
	is(ATTACH(sk[0], IMM(5), CSTMT(BPF_ALU | BPF_MOD | BPF_X, 0), RET(50)), 0, "modulo X");
	is(pass(100), -EAGAIN, "so does the remainder");
	is(ATTACH(sk[0], IMM(1) , CSTMT(0xffff, 0), RET(1)), -EINVAL, "a bad program");
	is(pass(100), -EAGAIN, "leaves the one before in place");
	is(set_int(SO_DETACH_FILTER, 0), 0, "detach");
	is(pass(100), 100, "no filter, whole packet");
}

static void test_detach(void)
{
	is(set_int(SO_DETACH_FILTER, 0), -ENOENT, "detach without a filter");
	is(set_option(SO_DETACH_FILTER, NULL, 0), -EINVAL, "detach wants an int");
	is(ATTACH(sk[0], RET(1)), 0, "attach");
	is(set_int(SO_DETACH_BPF, 0), 0, "SO_DETACH_BPF is the same option");
	is(set_int(SO_DETACH_BPF, 0), -ENOENT, "now there is none");
}

static void test_get(void)
{
	static const struct sock_filter prog[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 60, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 60),
		{ BPF_RET | BPF_K, 8, 9, 0 },
	};
	struct sock_filter out[8];

	is(get_filter(out, 0), 0, "length of no filter");
	is(get_filter(out, 8), 0, "no filter");
	is(attach_classic(sk[0], prog, 4), 0, "attach");
	is(get_filter(NULL, 0), 4, "length");
	is(get_filter(out, 3), -EINVAL, "too little room");
	is(get_filter((void *)8, 4), -EFAULT, "bad address");
	memset(out, 0xa5, sizeof(out));
	is(get_filter(out, 4), 4, "as much room as needed");
	ok(!memcmp(out, prog, sizeof(prog)), "the same instructions, byte for byte");
	is(out[4].code, 0xa5a5, "nothing behind them");
	is(get_filter(out, 8), 4, "more room than needed");
	is(set_int(SO_DETACH_FILTER, 0), 0, "detach");
}

static void test_extended(void)
{
	static const struct bpf_insn three[] = { MOV_K(0, 3), EXIT() };
	struct sock_filter out[4];
	int fd = prog_load(BPF_PROG_TYPE_SOCKET_FILTER, three, 2);
	int map = map_create(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);

	if (fd < 0 || map < 0) {
		skip("programs of bpf(2)", "load: %d, map: %d", fd, map);
		return;
	}
	is(set_option(SO_ATTACH_BPF, &fd, 3), -EINVAL, "three bytes of descriptor");
	is(set_option(SO_ATTACH_BPF, &fd, 8), -EINVAL, "eight bytes of descriptor");
	is(set_option(SO_ATTACH_BPF, NULL, 4), -EFAULT, "no descriptor");
	is(set_int(SO_ATTACH_BPF, -1), -EBADF, "descriptor -1");
	is(set_int(SO_ATTACH_BPF, 1000), -EBADF, "descriptor not open");
	is(set_int(SO_ATTACH_BPF, sk[1]), -EINVAL, "descriptor of a socket");
	is(set_int(SO_ATTACH_BPF, map), -EINVAL, "descriptor of a map");
	is(set_int(SO_ATTACH_BPF, fd), 0, "descriptor of a socket filter");
	is(pass(100), 3, "runs");
	is(get_filter(out, 0), -EACCES, "length of what has no classic form");
	is(get_filter(out, 4), -EACCES, "what has no classic form");
	is(close(fd), 0, "close the descriptor");
	is(pass(100), 3, "the socket keeps the program");
	is(ATTACH(sk[0], RET(9)), 0, "a classic one in its place");
	is(pass(100), 9, "runs");
	is(set_int(SO_DETACH_BPF, 0), 0, "detach");
	close(map);
}

static void test_other_type(void)
{
	static const struct bpf_insn zero[] = { MOV_K(0, 0), EXIT() };
	int fd = prog_load(BPF_PROG_TYPE_KPROBE, zero, 2);

	if (fd < 0) {
		skip("program of another type", "no kprobe programs: %d", fd);
		return;
	}
	is(set_int(SO_ATTACH_BPF, fd), -EINVAL, "program of another type");
	close(fd);
}

static void test_lock(void)
{
	int value = -1, fd;
	socklen_t len = sizeof(value);
	struct sock_filter ret = RET(7);
	static const struct bpf_insn three[] = { MOV_K(0, 3), EXIT() };

	is(set_int(SO_LOCK_FILTER, 0), 0, "unlock what is not locked");
	is(ATTACH(sk[0], RET(5)), 0, "attach");
	is(set_int(SO_LOCK_FILTER, 1), 0, "lock");
	is(set_int(SO_LOCK_FILTER, 1), 0, "lock again");
	is(set_int(SO_LOCK_FILTER, 0), -EPERM, "unlock");
	is(getsockopt(sk[0], SOL_SOCKET, SO_LOCK_FILTER, &value, &len), 0, "ask");
	is(value, 1, "locked");
	is(attach_classic(sk[0], &ret, 1), -EPERM, "attach");
	is(attach_classic(sk[0], NULL, 0), -EPERM, "attach of nothing");
	is(attach_classic(sk[0], (void *)8, 5000), -EPERM, "attach of what cannot be");
	is(set_int(SO_DETACH_FILTER, 0), -EPERM, "detach");
	is(set_int(SO_ATTACH_BPF, -1), -EPERM, "attach of a bad descriptor");
	is(attach_option(sk[0], SO_ATTACH_REUSEPORT_CBPF, &ret, 1), -EPERM, "reuseport program");
	is(set_int(SO_ATTACH_REUSEPORT_EBPF, -1), -EPERM, "reuseport program of bpf(2)");
	fd = prog_load(BPF_PROG_TYPE_SOCKET_FILTER, three, 2);
	if (fd >= 0) {
		is(set_int(SO_ATTACH_BPF, fd), -EPERM, "attach of a good descriptor");
		close(fd);
	}
	is(get_filter(NULL, 0), 1, "the length can still be asked");
	is(pass(100), 5, "the filter stays");
}

/* Each socket pays for its filter; 20480 bytes by default. */
static void test_memory(void)
{
	int before, after, rounds = on_debug_kernel() ? 100 : 1000;
	struct sock_filter prog[1200];

	for (int i = 0; i < 1200; i++)
		prog[i] = RET(1);
	before = attach_classic(sk[0], prog, 1200);
	is(before, 0, "a filter of 19 KB");
	is(attach_classic(sk[0], prog, 1200), -ENOMEM, "its replacement is paid for before it goes");
	is(attach_classic(sk[0], prog, 10), 0, "a small one fits beside it");
	after = attach_classic(sk[0], prog, 1200);
	is(after, 0, "what it cost was given back");
	is(set_int(SO_DETACH_FILTER, 0), 0, "detach");
	for (int i = 0; i < rounds; i++)
		if (attach_classic(sk[0], prog, 1000) || set_int(SO_DETACH_FILTER, 0)) {
			ok(false, "attached and detached %d times only", i);
			return;
		}
	ok(true, "attached and detached %d times", rounds);
}

/* A TCP socket's children inherit filter and lock. */
static void test_inherit(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr), vlen = sizeof(int);
	int server = socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	int child, value = 0;
	struct sock_filter out[4];

	bind(server, (struct sockaddr *)&addr, sizeof(addr));
	listen(server, 1);
	getsockname(server, (struct sockaddr *)&addr, &len);
	is(ATTACH(server, RET(0xffffffff), RET(1)), 0, "filter on a listening socket");
	is(setsockopt(server, SOL_SOCKET, SO_LOCK_FILTER, &(int){ 1 }, sizeof(int)), 0, "locked");
	is(connect(client, (struct sockaddr *)&addr, sizeof(addr)) ? -errno : 0, 0, "connect");
	child = accept(server, NULL, NULL);
	ok(child >= 0, "accept");
	len = 4;
	is(getsockopt(child, SOL_SOCKET, SO_GET_FILTER, out, &len) ? -errno : (int)len, 2,
	   "the child has the filter");
	getsockopt(child, SOL_SOCKET, SO_LOCK_FILTER, &value, &vlen);
	is(value, 1, "and the lock");
	close(server);
	is(write(client, "hello", 5), 5, "write");
	{
		char buf[16];

		is(read(child, buf, sizeof(buf)), 5, "data arrives through the inherited filter");
	}
	close(child);
	close(client);
}

/* Asks the kernel for its interfaces; the type of the first answer or -errno. */
static int netlink_ask(int fd)
{
	struct {
		struct nlmsghdr head;
		struct rtgenmsg body;
	} ask = {
		.head = {
			.nlmsg_len = sizeof(ask), .nlmsg_type = RTM_GETLINK,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
	};
	static char answer[1 << 16];
	int type;

	if (send(fd, &ask, sizeof(ask), 0) != sizeof(ask))
		return -errno;
	if (recv(fd, answer, sizeof(answer), MSG_DONTWAIT) < 0)
		return -errno;
	type = ((struct nlmsghdr *)answer)->nlmsg_type;
	while (recv(fd, answer, sizeof(answer), MSG_DONTWAIT) > 0)
		;
	return type;
}

/* As device managers do it: the bytes of the message decide. */
static void test_netlink(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	__u32 type = htons(RTM_NEWLINK);

	is(netlink_ask(fd), RTM_NEWLINK, "netlink: an interface");
	is(ATTACH(fd, CSTMT(BPF_LD | BPF_H | BPF_ABS, 4),
		  CJUMP(BPF_JMP | BPF_JEQ | BPF_K, type, 1, 0),
		  RET(0xffffffff), RET(0)), 0, "netlink: all but interfaces");
	is(netlink_ask(fd), -EAGAIN, "netlink: nothing arrives");
	close(fd);
	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	is(ATTACH(fd, CSTMT(BPF_LD | BPF_H | BPF_ABS, 4),
		  CJUMP(BPF_JMP | BPF_JEQ | BPF_K, type, 0, 1),
		  RET(0xffffffff), RET(0)), 0, "netlink: interfaces only");
	is(netlink_ask(fd), RTM_NEWLINK, "netlink: an interface");
	close(fd);
}

static void test_privilege(void)
{
	pid_t pid = fork();
	int status, tcp;

	if (!pid) {
		struct sock_filter ret = RET(5);

		if (setuid(65534))
			_exit(100);
		tcp = socket(AF_INET, SOCK_STREAM, 0);
		if (attach_classic(tcp, &ret, 1) != -EPERM)
			_exit(1);
		if (attach_classic(sk[0], &ret, 1))
			_exit(2);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	is(WEXITSTATUS(status), 0, "without privilege: not on TCP, but on a socket of one's own");
	set_int(SO_DETACH_FILTER, 0);
}

int main(void)
{
	int ext = 0;
	socklen_t len = sizeof(ext);

	loopback_up();
	open_pair(sk);
	test_argument();
	test_page_end();
	test_program();
	set_int(SO_DETACH_FILTER, 0);
	test_verdicts();
	test_detach();
	test_get();
	test_extended();
	test_other_type();
	test_memory();
	test_inherit();
	test_netlink();
	test_privilege();
	is(getsockopt(sk[0], SOL_SOCKET, SO_BPF_EXTENSIONS, &ext, &len), 0, "ask for extensions");
	is(ext, SKF_AD_MAX, "all of them");
	test_lock();
	return finish();
}
