/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * With BPF_RECORD in the environment, each program that a test loads becomes a line
 * of its output, for check mode to look at where there is no kernel:
 *
 *	# program TYPE FLAGS GPL MAPS DIGITS
 *
 * MAPS is a comma after each TYPE:KEY:VALUE:ENTRIES:FLAGS, or "-"; the instructions
 * name a map by its place there. A load that cannot be read, or is too long to be
 * of interest, has no line. unit_verifier/record collects them.
 */
#ifndef SELFTEST_BPF_RECORD_H
#define SELFTEST_BPF_RECORD_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#define RECORD_INSNS	512
#define RECORD_MAPS	8

struct recorded {
	struct bpf_insn insns[RECORD_INSNS];
	int fds[RECORD_MAPS];
	int nfds;
};

/* From memory of the test, which need not be there: a pipe says so, a copy dies. */
static inline bool record_read(void *to, __u64 from, size_t size)
{
	int ends[2];
	bool good;

	if (pipe(ends))
		return false;
	good = write(ends[1], (const void *)(uintptr_t)from, size) == (ssize_t)size &&
	       read(ends[0], to, size) == (ssize_t)size;
	close(ends[0]);
	close(ends[1]);
	return good;
}

/* Descriptors become places in r->fds. */
static inline bool record_maps(struct recorded *r, __u32 len)
{
	for (__u32 i = 0; i + 1 < len; i++) {
		struct bpf_insn *insn = &r->insns[i];
		int n = 0;

		if (insn->code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		i++;
		if (insn->src_reg != BPF_PSEUDO_MAP_FD)
			continue;
		while (n < r->nfds && r->fds[n] != insn->imm)
			n++;
		if (n == RECORD_MAPS)
			return false;
		r->fds[n] = insn->imm;
		r->nfds = n < r->nfds ? r->nfds : n + 1;
		insn->imm = n;
	}
	return true;
}

/* What the kernel says of a map. */
static inline bool record_map(FILE *out, int fd)
{
	__u32 type, key, value, entries, flags;
	char path[64];
	FILE *info;
	int n;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = fopen(path, "r");
	if (!info)
		return false;
	n = fscanf(info, "%*[^\n] %*[^\n] %*[^\n] %*[^\n] map_type: %u key_size: %u value_size: %u max_entries: %u map_flags: %x",
		   &type, &key, &value, &entries, &flags);
	fclose(info);
	if (n == 5)
		fprintf(out, "%u:%u:%u:%u:%u,", type, key, value, entries, flags);
	return n == 5;
}

static inline void record_program(const union bpf_attr *attr)
{
	struct recorded *r = calloc(1, sizeof(*r));
	__u32 len = attr->insn_cnt;
	char license[4] = "", *line;
	size_t size;
	FILE *out;
	bool good;

	if (!r || !len || len > RECORD_INSNS ||
	    !record_read(r->insns, attr->insns, len * sizeof(*r->insns)) ||
	    !record_read(license, attr->license, sizeof(license)) || !record_maps(r, len)) {
		free(r);
		return;
	}
	out = open_memstream(&line, &size);
	fprintf(out, "# program %u %u %d ", attr->prog_type, attr->prog_flags, !memcmp(license, "GPL", 4));
	good = true;
	for (int n = 0; n < r->nfds; n++)
		good &= record_map(out, r->fds[n]);
	fprintf(out, r->nfds ? " " : "- ");
	for (size_t i = 0; i < len * sizeof(*r->insns); i++)
		fprintf(out, "%02x", ((const __u8 *)r->insns)[i]);
	fprintf(out, "\n");
	fclose(out);
	fflush(stdout);
	/* At once, whatever other threads print. */
	if (good && write(1, line, size) != (ssize_t)size)
		perror("record");
	free(line);
	free(r);
}

#endif
