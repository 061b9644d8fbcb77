// SPDX-License-Identifier: GPL-2.0-only
/*
 * What validation says of each case of the lists: error and last line of the log, with
 * and without a log, at every alignment of the memory.
 *
 * usage: cases LIST...
 */
#include "blob.h"
#include "validate.h"

static char text[LOG_MAX];

static bool check_case(const struct blob_case *c)
{
	const char *wrong = NULL;
	struct btf btf;
	int err;

	memset(text, 0, 4096);
	err = validate(&btf, c->blob.data, c->blob.size, text, VLOG_LEVEL1);
	if (!err)
		wrong = broken(&btf);
	btf_free_parts(&btf);
	if (wrong || err != -c->err || strcmp(blob_last_line(text), c->last)) {
		printf("# %s: %d, wanted %d%s%s\n#  is: %s\n# not: %s\n", c->name, err, -c->err,
		       wrong ? ": " : "", wrong ?: "", blob_last_line(text), c->last);
		return false;
	}
	err = validate(&btf, c->blob.data, c->blob.size, NULL, 0);
	btf_free_parts(&btf);
	if (err != -c->err)
		printf("# %s: %d without a log\n", c->name, err);
	return err == -c->err;
}

int main(int argc, char **argv)
{
	struct blob_case c;

	for (int i = 1; i < argc; i++) {
		FILE *list = fopen(argv[i], "r");
		int bad = 0, n = 0;
		char name[64];

		if (!list)
			blob_die("cannot open", argv[i]);
		while (blob_next(list, &c)) {
			bad += !check_case(&c);
			free(c.blob.data);
			n++;
		}
		fclose(list);
		snprintf(name, sizeof(name), "%d cases as in list %d", n, i);
		tap_result(!bad && n, name);
	}
	tap_result(!machine_live, "no memory is left");
	return tap_status();
}
