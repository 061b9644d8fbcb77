/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SAMPLE_OBJCHECK_H
#define SAMPLE_OBJCHECK_H

struct bpf_object;

/*
 * objcheck - say in one line each what an opened object uses and the running
 * kernel does not offer
 *
 * Asks the kernel by small loads: nothing here knows a kernel's version.
 */
void objcheck(struct bpf_object *obj);

#endif
