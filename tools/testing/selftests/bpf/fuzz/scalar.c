// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scalar domain under programs that the input chooses: scalar_wide.c with
 * choices in place of random numbers.
 *
 * Input: choices.
 */
#define SCALAR_CHOSEN
#include "../unit/scalar_wide.c"
#include "target.h"

static struct choices input;

static u64 rnd(void)
{
	u64 w = choose_word(&input);

	return w << 32 | w;
}

static unsigned int below(unsigned int n)
{
	return choose(&input, n);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	input = (struct choices){ data, data + size };
	while (choices_left(&input))
		program();
	if (wrong_alu || wrong_move || wrong_join || wrong_jump || wrong_verdict || wrong_bounds)
		found("scalar does not hold a run", data, 0);
	return 0;
}
