/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SAMPLE_LATENCY_H
#define SAMPLE_LATENCY_H

/* One for each bit of a number of nanoseconds. */
#define SLOTS 64

#endif
