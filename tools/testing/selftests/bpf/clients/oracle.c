// SPDX-License-Identifier: GPL-2.0-only
/* See oracle.h. */
#include <arpa/inet.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>
#include "oracle.h"

_Static_assert(sizeof(struct sock_filter) == sizeof(struct bpf_insn), "one layout");

const char *oracle_compile(const char *text, int snaplen, struct classic *out)
{
	static char why[256];
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, snaplen);
	struct bpf_program p;

	why[0] = '\0';
	if (pcap_compile(pcap, &p, text, 1, htonl(0xffffff00))) {
		snprintf(why, sizeof(why), "%s", pcap_geterr(pcap));
	} else if (p.bf_len > ORACLE_MAX) {
		snprintf(why, sizeof(why), "%u instructions", p.bf_len);
		pcap_freecode(&p);
	} else {
		out->len = p.bf_len;
		memcpy(out->insns, p.bf_insns, p.bf_len * sizeof(out->insns[0]));
		pcap_freecode(&p);
	}
	pcap_close(pcap);
	return why[0] ? why : NULL;
}

long oracle_run(const struct classic *c, const uint8_t *data, size_t len)
{
	unsigned int keep = bpf_filter((const struct bpf_insn *)c->insns, data,
				       (unsigned int)len, (unsigned int)len);

	return keep < len ? keep : (long)len;
}
