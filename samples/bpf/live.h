/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parts that are not about eBPF: a packet socket, an interface's
 * counters, a command to watch.
 */
#ifndef SAMPLE_LIVE_H
#define SAMPLE_LIVE_H

/*
 * packet_socket - a socket that sees every packet of an interface, both ways
 *
 * The interface may still be down. Returns -1 after saying what failed.
 */
int packet_socket(const char *iface);

/*
 * interface_counter - what /sys/class/net/IFACE/statistics/NAME says
 *
 * All ones after saying what failed.
 */
unsigned long long interface_counter(const char *iface, const char *name);

/*
 * watch - run a command and call @show again and again until it ends
 *
 * On a terminal (LIVE=1 in the environment) that is every second, and each
 * picture replaces the one before; else every few seconds. What the command
 * prints appears at its end; @show gets its last line that is not indented.
 * Returns the command's exit status.
 */
int watch(char **command, void (*show)(void *arg, int seconds, const char *doing), void *arg);

#endif
