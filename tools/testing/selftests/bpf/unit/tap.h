/* SPDX-License-Identifier: GPL-2.0-only */
/* Test results, one line each; the runner numbers them and adds the plan. */
#ifndef _UNIT_TAP_H
#define _UNIT_TAP_H

#include <stdbool.h>
#include <stdio.h>

static int tap_failures;

/* Report one named result; remarks go before it, on lines that start with #. */
static inline void tap_result(bool good, const char *name)
{
	printf("%s - %s\n", good ? "ok" : "not ok", name);
	fflush(stdout);
	tap_failures += !good;
}

static inline int tap_status(void)
{
	return tap_failures ? 1 : 0;
}

#endif
