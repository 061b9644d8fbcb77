/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libpcap as the other opinion on classic BPF: its compiler and its
 * interpreter. Apart from the tests because its header and linux/bpf.h each
 * define a struct bpf_insn.
 */
#ifndef SELFTEST_BPF_ORACLE_H
#define SELFTEST_BPF_ORACLE_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#define ORACLE_MAX 4096

struct classic {
	unsigned int len;
	struct sock_filter insns[ORACLE_MAX];
};

/* oracle_compile - Ethernet filter of @text into @out; NULL or libpcap's error */
const char *oracle_compile(const char *text, int snaplen, struct classic *out);

/* oracle_run - how many bytes of the frame libpcap's interpreter keeps */
long oracle_run(const struct classic *c, const uint8_t *data, size_t len);

#endif
