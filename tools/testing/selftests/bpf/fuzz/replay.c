// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs a target on each input of a corpus in text form, or on files:
 *
 *	PROGRAM CORPUS.hex	lines of hex digits, # begins a comment
 *	PROGRAM FILE...		raw inputs
 */
#include "target.h"

#define INPUT_MAX	65536

static u8 input[INPUT_MAX];
static unsigned int runs;

static int digit(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* On the heap and no longer than it is, so that reading behind it shows. */
static void run(size_t len)
{
	u8 *copy = malloc(len);

	memcpy(copy, input, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	runs++;
}

static void run_text(FILE *f)
{
	size_t len = 0, have = 0;
	int c, half = 0;

	while ((c = getc(f)) != EOF) {
		if (c == '#')
			while (c != '\n' && c != EOF)
				c = getc(f);
		if (digit(c) >= 0 && len < INPUT_MAX) {
			half = half << 4 | digit(c);
			if (++have % 2 == 0) {
				input[len++] = half;
				half = 0;
			}
		} else if (c == '\n' && len) {
			run(len);
			len = have = 0;
		}
	}
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");

		if (!f) {
			perror(argv[i]);
			return 2;
		}
		if (strlen(argv[i]) > 4 && !strcmp(argv[i] + strlen(argv[i]) - 4, ".hex"))
			run_text(f);
		else
			run(fread(input, 1, INPUT_MAX, f));
		fclose(f);
	}
	printf("%u inputs\n", runs);
	return runs ? 0 : 1;
}
