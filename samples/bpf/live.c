// SPDX-License-Identifier: GPL-2.0-only
/* See live.h. */
#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "live.h"

#define SECONDS_IN_A_LOG 4

int packet_socket(const char *iface)
{
	struct sockaddr_ll where = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(iface),
	};
	int fd;

	if (!where.sll_ifindex) {
		perror(iface);
		return -1;
	}
	/* Protocol 0: it receives nothing before bind() says from where. */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&where, sizeof(where))) {
		perror("packet socket");
		return -1;
	}
	return fd;
}

/*
 * The last line that is not indented: what the command does now. By pread(),
 * because the file's offset is shared with the command, which appends.
 */
static void last_step(FILE *log, char *line, size_t size)
{
	char text[2048], *p = text;
	off_t at = lseek(fileno(log), 0, SEEK_END) - (off_t)sizeof(text) + 1;
	ssize_t n = pread(fileno(log), text, sizeof(text) - 1, at > 0 ? at : 0);

	text[n > 0 ? n : 0] = '\0';
	for (char *end; (end = strchr(p, '\n')); p = end + 1)
		if (*p != ' ')
			snprintf(line, size, "%.*s", (int)(end - p), p);
}

static void print_all(FILE *log)
{
	char text[256];

	rewind(log);
	while (fgets(text, sizeof(text), log))
		printf("  %s", text);
}

unsigned long long interface_counter(const char *iface, const char *name)
{
	unsigned long long v = ~0ULL;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s", iface, name);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%llu", &v) != 1)
		perror(path);
	if (f)
		fclose(f);
	return v;
}

/* Print and free it; returns its height. */
static int put_picture(char *picture)
{
	int lines = 0;

	for (char *p = picture; *p; p++)
		lines += *p == '\n';
	fputs(picture, stdout);
	fflush(stdout);
	free(picture);
	return lines;
}

int watch(char **command, void (*show)(void *arg, int seconds, const char *doing), void *arg)
{
	const char *live = getenv("LIVE");
	int every = live && *live == '1' ? 1 : SECONDS_IN_A_LOG;
	FILE *log = tmpfile();
	char doing[256] = "";
	int status = 0, seconds = 0, lines = 0;
	char *picture;
	size_t size;
	FILE *out;
	pid_t child;

	if (!log || fcntl(fileno(log), F_SETFL, O_APPEND)) {
		perror("tmpfile");
		return 1;
	}
	fflush(stdout);
	child = fork();
	if (child < 0) {
		perror("fork");
		return 1;
	}
	if (!child) {
		dup2(fileno(log), 1);
		dup2(fileno(log), 2);
		execvp(command[0], command);
		perror(command[0]);
		_exit(127);
	}
	while (!waitpid(child, &status, WNOHANG)) {
		sleep(1);
		if (++seconds % every)
			continue;
		last_step(log, doing, sizeof(doing));
		if (every == 1 && lines)
			printf("\033[%dA\033[J", lines);	/* up, and clear from there */
		out = stdout;
		stdout = open_memstream(&picture, &size);
		show(arg, seconds, doing);
		fclose(stdout);
		stdout = out;
		lines = put_picture(picture);
	}
	print_all(log);
	fclose(log);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
