// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading and unloading of a program is on record for the audit daemon, which is
 * this test.
 */
#include "../test.h"

#include <linux/audit.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#define AUDIT_BPF_RECORD	1334

static int audit;

static void command(__u16 type, const void *body, size_t len)
{
	struct {
		struct nlmsghdr h;
		char body[512];
	} msg = { .h = { .nlmsg_len = NLMSG_LENGTH(len), .nlmsg_type = type,
			 .nlmsg_flags = NLM_F_REQUEST } };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	memcpy(msg.body, body, len);
	if (sendto(audit, &msg, msg.h.nlmsg_len, 0, (void *)&kernel, sizeof(kernel)) < 0)
		bail("audit command %u: %d", type, errno);
}

/* The next record about a program, or "" if none comes. */
static const char *next_record(void)
{
	static struct {
		struct nlmsghdr h;
		char text[8192];
	} msg;

	for (;;) {
		ssize_t n = recv(audit, &msg, sizeof(msg) - 1, 0);

		if (n < (ssize_t)sizeof(msg.h))
			return "";
		((char *)&msg)[n] = '\0';
		if (msg.h.nlmsg_type == AUDIT_BPF_RECORD)
			return msg.text;
	}
}

int main(void)
{
	const struct audit_status on = {
		.mask = AUDIT_STATUS_ENABLED | AUDIT_STATUS_PID,
		.enabled = 1,
		.pid = (__u32)getpid(),
	};
	const struct timeval patience = { .tv_sec = 5 };
	char want[64], text[1024];
	const char *number;
	int prog;

	audit = socket(AF_NETLINK, SOCK_RAW, NETLINK_AUDIT);
	if (audit < 0)
		bail("no audit: %d", errno);
	setsockopt(audit, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	command(AUDIT_SET, &on, sizeof(on));

	prog = FILTER(MOV_K(0, 0), EXIT());
	ok(prog >= 0, "load a program");
	snprintf(text, sizeof(text), "%s", next_record());
	is_str(text, " op=LOAD", "the load is on record");
	number = strstr(text, "prog-id=");
	ok(number && atoi(number + 8) > 0, "with a number: %s", number ?: text);
	snprintf(want, sizeof(want), "prog-id=%d op=UNLOAD", number ? atoi(number + 8) : -1);

	is(FILTER(EXIT()), -EACCES, "a program that is refused");
	close(prog);
	is_str(next_record(), want, "the next record is of the first one's end");
	return finish();
}
