// SPDX-License-Identifier: GPL-2.0-only
/*
 * Validation with the n-th allocation failing, for every n: the error is ENOMEM, or
 * the answer is the one with memory, and nothing is left.
 *
 * usage: starved LIST
 */
#include "blob.h"
#include "validate.h"

#define MOST	64

static char text[LOG_MAX];

static int starve(const struct blob_case *c, int allowed)
{
	struct btf btf;
	int err;

	machine_allocations_left = allowed;
	err = validate(&btf, c->blob.data, c->blob.size, text, VLOG_LEVEL1);
	machine_allocations_left = -1;
	btf_free_parts(&btf);
	return err;
}

int main(int argc, char **argv)
{
	FILE *list = argc == 2 ? fopen(argv[1], "r") : NULL;
	int starved = 0, wrong = 0;
	struct blob_case c;

	if (!list)
		blob_die("usage: starved LIST", "");
	while (blob_next(list, &c)) {
		for (int n = 0; n < MOST; n++) {
			int err = starve(&c, n);

			starved += err == -ENOMEM;
			wrong += err != -ENOMEM && err != -c.err;
		}
		free(c.blob.data);
	}
	tap_result(!wrong, "the answer, or ENOMEM");
	tap_result(starved > 1000, "allocations did fail");
	tap_result(!machine_live, "no memory is left");
	return tap_status();
}
