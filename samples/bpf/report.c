// SPDX-License-Identifier: GPL-2.0-only
/* See report.h. Reads the maps by bpf(2) alone: any loader can use it. */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "live.h"
#include "pktcount.h"
#include "raw_bpf.h"
#include "report.h"

struct sums {
	struct pkt_sum dir[PKT_DIRECTIONS];
};

struct maps {
	int by_protocol, totals;
};

static const struct {
	__u16 ethertype;
	__u8 l4;
	const char *name;
} names[] = {
	{ ETH_P_ARP, 0, "ARP" },
	{ ETH_P_IP, IPPROTO_ICMP, "IPv4 ICMP" },
	{ ETH_P_IP, IPPROTO_TCP, "IPv4 TCP" },
	{ ETH_P_IP, IPPROTO_UDP, "IPv4 UDP" },
	{ ETH_P_IPV6, IPPROTO_HOPOPTS, "IPv6 options" },
	{ ETH_P_IPV6, IPPROTO_TCP, "IPv6 TCP" },
	{ ETH_P_IPV6, IPPROTO_UDP, "IPv6 UDP" },
	{ ETH_P_IPV6, IPPROTO_ICMPV6, "IPv6 ICMP" },
};

static const char *name_of(const struct pkt_key *key, char *buf, size_t size)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].ethertype == key->ethertype && names[i].l4 == key->l4)
			return names[i].name;
	snprintf(buf, size, "%04x/%u", key->ethertype, key->l4);
	return buf;
}

static void print_row(const char *name, const struct sums *s)
{
	printf("  %-14s%12llu%14llu%12llu%14llu\n", name,
	       s->dir[PKT_IN].packets, s->dir[PKT_IN].bytes,
	       s->dir[PKT_OUT].packets, s->dir[PKT_OUT].bytes);
}

static int by_number(const void *a, const void *b)
{
	const struct pkt_key *x = a, *y = b;

	return x->ethertype != y->ethertype ? x->ethertype - y->ethertype :
	       x->l4 != y->l4 ? x->l4 - y->l4 : x->out - y->out;
}

/* One line for each protocol; returns the sum of all rows. */
static struct sums print_table(int fd)
{
	struct pkt_key key, other, rows[2 * PKT_ROWS];
	struct sums all = { 0 };
	size_t n = 0;
	char buf[32];

	printf("  %-14s%12s%14s%12s%14s\n", "protocol", "in packets", "in bytes",
	       "out packets", "out bytes");
	for (int err = map_next(fd, NULL, &key); !err && n < ARRAY_LEN(rows); err = map_next(fd, &key, &key))
		rows[n++] = key;
	qsort(rows, n, sizeof(rows[0]), by_number);
	for (size_t i = 0; i < n; i++) {
		struct sums row = { 0 };

		other = rows[i];
		other.out ^= 1;
		map_get(fd, &rows[i], &row.dir[rows[i].out]);
		if (!map_get(fd, &other, &row.dir[other.out]) && rows[i].out)
			continue;	/* the line of its other direction has it */
		print_row(name_of(&rows[i], buf, sizeof(buf)), &row);
		for (int d = 0; d < PKT_DIRECTIONS; d++) {
			all.dir[d].packets += row.dir[d].packets;
			all.dir[d].bytes += row.dir[d].bytes;
		}
	}
	return all;
}

static void show(void *arg, int seconds, const char *doing)
{
	const struct maps *m = arg;

	printf("\n  after %d s, %s\n", seconds, doing);
	print_table(m->by_protocol);
}

static struct sums interface_sums(const char *iface)
{
	return (struct sums) {{
		[PKT_IN] = { interface_counter(iface, "rx_packets"), interface_counter(iface, "rx_bytes") },
		[PKT_OUT] = { interface_counter(iface, "tx_packets"), interface_counter(iface, "tx_bytes") },
	}};
}

static bool same(const struct sums *a, const struct sums *b)
{
	return !memcmp(a, b, sizeof(*a));
}

int report(int by_protocol_fd, int totals_fd, const char *iface, char **command)
{
	struct maps m = { by_protocol_fd, totals_fd };
	struct sums rows, program = { 0 }, before, now = interface_sums(iface);
	int status = watch(command, show, &m);

	/* Late packets (neighbour discovery, closing connections): wait for quiet. */
	for (int i = 0; i < 20; i++) {
		before = now;
		usleep(500000);
		now = interface_sums(iface);
		if (same(&before, &now))
			break;
	}
	printf("\n  totals\n");
	rows = print_table(by_protocol_fd);
	for (__u32 d = 0; d < PKT_DIRECTIONS; d++)
		map_get(totals_fd, &d, &program.dir[d]);
	print_row("program total", &program);
	print_row("the interface", &now);
	if (status)
		printf("  FAILED: the traffic command ended with %d\n", status);
	if (!same(&rows, &program))
		printf("  FAILED: the rows do not add up to the program's totals\n");
	if (!program.dir[PKT_IN].packets || !same(&program, &now))
		printf("  DIFFERENT: the program and the interface did not count the same\n");
	else
		printf("  EQUAL: the program counted what the interface did\n");
	return status || !same(&rows, &program) || !same(&program, &now) ||
	       !program.dir[PKT_IN].packets;
}
