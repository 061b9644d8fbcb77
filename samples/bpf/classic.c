// SPDX-License-Identifier: GPL-2.0-only
/*
 * A classic filter on a socket: keep datagrams that begin with 'a', and four bytes
 * of them. Then what the other socket options do with it.
 */
#include <errno.h>
#include <linux/filter.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int attach(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 'a', 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 4),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { .len = 4, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

static void send_and_receive(const int *sk, const char *text)
{
	char got[64];
	ssize_t len;

	send(sk[1], text, strlen(text), 0);
	len = recv(sk[0], got, sizeof(got), MSG_DONTWAIT);
	printf("%-8s %.*s\n", text, len < 0 ? 7 : (int)len, len < 0 ? "dropped" : got);
}

int main(void)
{
	struct sock_filter back[4];
	socklen_t count = 4;
	int sk[2], one = 1;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, sk) || attach(sk[0])) {
		perror("attach");
		return 1;
	}
	send_and_receive(sk, "apple");
	send_and_receive(sk, "pear");
	send_and_receive(sk, "avocado");

	if (getsockopt(sk[0], SOL_SOCKET, SO_GET_FILTER, back, &count))
		return 1;
	printf("%d instructions, the first %#x\n", count, back[0].code);

	setsockopt(sk[0], SOL_SOCKET, SO_LOCK_FILTER, &one, sizeof(one));
	if (setsockopt(sk[0], SOL_SOCKET, SO_DETACH_FILTER, &one, sizeof(one)))
		printf("detach: %s\n", strerror(errno));
	return 0;
}
