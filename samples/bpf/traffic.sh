#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Real traffic from namespace near, where this runs, to far and back. The
# interfaces come up here, after a program was attached: it sees everything.
# near0 comes up first but has no carrier before far0 is up, too.

ip link set near0 up && ip -n far link set far0 up || exit 1
SECONDS_EACH=${1:-2}

try() {
	echo "$1"
	shift
	out=$("$@" 2>&1) || { echo "$out"; echo "failed: $*"; exit 1; }
	printf '%s\n' "$out" | grep -E 'received,|receiver' | sed 's/^/  /'
}

try "ping over IPv4" ping -q -n -i 0.02 -c 50 10.7.0.2
try "ping over IPv6" ping -q -n -i 0.02 -c 50 -s 1000 fd07::2

ip netns exec far iperf3 --server --daemon --pidfile /run/iperf3-far.pid
trap 'kill $(tr -d "\000" </run/iperf3-far.pid)' EXIT
sleep 0.5
try "TCP over IPv4, iperf3" iperf3 -c 10.7.0.2 -t "$SECONDS_EACH"
try "TCP over IPv6, iperf3" iperf3 -c fd07::2 -t 1 -R
try "UDP over IPv4, iperf3" iperf3 -c 10.7.0.2 -u -b 10M -t "$SECONDS_EACH"
echo "waiting for quiet"
