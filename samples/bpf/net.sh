#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Two network namespaces joined by a pair of interfaces, both down: near (near0)
# and far (far0). Run again, it starts afresh, with all counters at zero.

for ns in near far; do
	ip netns del $ns 2>/dev/null
	ip netns add $ns && ip -n $ns link set lo up || exit 1
done
# The queue between the two must hold what iperf3 sends in a burst.
echo 10000 >/proc/sys/net/core/netdev_max_backlog
ip link add near0 netns near type veth peer name far0 netns far &&
ip -n near addr add 10.7.0.1/24 dev near0 &&
ip -n far addr add 10.7.0.2/24 dev far0 &&
ip -n near addr add fd07::1/64 dev near0 nodad &&
ip -n far addr add fd07::2/64 dev far0 nodad
