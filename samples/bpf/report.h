/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SAMPLE_REPORT_H
#define SAMPLE_REPORT_H

/*
 * report - show both maps of pktcount while a command runs, then compare
 *
 * Returns 0 if the command succeeded and, once the interface is quiet, the
 * program's sums equal the interface's own counters: packets and bytes, each
 * direction.
 */
int report(int by_protocol_fd, int totals_fd, const char *iface, char **command);

#endif
