// SPDX-License-Identifier: GPL-2.0-only
/*
 * BPF_BTF_LOAD of each case of the lists: the error, the last line of the log, and
 * that neither depends on the log.
 *
 * usage: load LIST...
 */
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "blob.h"

#define LOG_MAX	(1u << 18)

static char text[LOG_MAX];

static int load(const struct blob *blob, int with_log)
{
	union bpf_attr a;
	int fd;

	memset(&a, 0, sizeof(a));
	a.btf = (unsigned long)blob->data;
	a.btf_size = blob->size;
	if (with_log) {
		a.btf_log_buf = (unsigned long)text;
		a.btf_log_size = sizeof(text);
		a.btf_log_level = 1;
	}
	fd = syscall(SYS_bpf, BPF_BTF_LOAD, &a, sizeof(a));
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int check_case(const struct blob_case *c)
{
	int with, without = load(&c->blob, 0);

	memset(text, 0, 4096);
	with = load(&c->blob, 1);
	if (with == c->err && without == c->err && !strcmp(blob_last_line(text), c->last))
		return 1;
	printf("# %s: %d, %d without a log, wanted %d\n#  is: %s\n# not: %s\n", c->name, with,
	       without, c->err, blob_last_line(text), c->last);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		FILE *list = fopen(argv[i], "r");
		struct blob_case c;
		int bad = 0, n = 0;

		if (!list)
			blob_die("cannot open", argv[i]);
		while (blob_next(list, &c)) {
			bad += !check_case(&c);
			free(c.blob.data);
			n++;
		}
		fclose(list);
		failed += bad || !n;
		printf("%s %d - %d cases as in %s\n", bad || !n ? "not ok" : "ok", i, n, argv[i]);
	}
	return !!failed;
}
