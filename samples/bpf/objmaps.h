/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SAMPLE_OBJMAPS_H
#define SAMPLE_OBJMAPS_H

struct bpf_object;

/* show_maps - print the elements of every map of a loaded object */
void show_maps(struct bpf_object *obj);

#endif
