#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Attaches the programs of tc.bpf.o with tc, one after the other, and shows by
# pings between two network namespaces what each does.
#
#	tc.sh OBJECT

obj=${1:?usage: tc.sh OBJECT}
cd "$(dirname "$0")" || exit 1
sh ./net.sh || exit 1

near() {
	ip netns exec near "$@"
}
far() {
	ip netns exec far "$@"
}
ping_far() {
	near ping -q -n -c 3 -i 0.05 -W 1 "$@" | sed -n 's/.* \([0-9]*\) received.*/\1 of 3 answered/p'
}
# packets DEVICE: received so far
packets() {
	near cat "/sys/class/net/$1/statistics/rx_packets"
}
attach() {
	near tc filter add dev "$1" "$2" bpf da obj "$obj" sec "$3"
}

ip -n near link set near0 up && ip -n far link set far0 up || exit 1
near tc qdisc add dev near0 clsact && far tc qdisc add dev far0 clsact || exit 1
ping_far 10.7.0.2 >/dev/null

echo "no program:          small pings $(ping_far 10.7.0.2), large $(ping_far -s 1000 10.7.0.2)"
attach near0 egress tc/no_large_pings
echo "no_large_pings:      small pings $(ping_far 10.7.0.2), large $(ping_far -s 1000 10.7.0.2)"
near tc filter del dev near0 egress

# Any packet matches: the action does the work.
near tc filter add dev near0 egress bpf bytecode "1,6 0 0 4294967295" action bpf obj "$obj" sec action/tag
echo "tag:                 $(ping_far 10.7.0.2)"
far tc filter add dev far0 ingress bpf da obj "$obj" sec tc/untag
echo "tag and untag:       $(ping_far 10.7.0.2)"
near tc filter del dev near0 egress
far tc filter del dev far0 ingress

ip -n near link add out0 index 77 type veth peer name in0 &&
ip -n near link set out0 up && ip -n near link set in0 up || exit 1
sleep 1
before=$(packets in0)
attach near0 egress tc/mirror_pings
echo "mirror_pings:        $(ping_far 10.7.0.2), in0 saw $(($(packets in0) - before)) copies or more"
near tc filter del dev near0 egress

for side in near far; do
	ip -n $side link add vx0 type vxlan external dstport 4789 &&
	ip -n $side link set vx0 up || exit 1
	ip netns exec $side tc qdisc add dev vx0 clsact || exit 1
done
ip -n near addr add 10.8.0.1/24 dev vx0
ip -n far addr add 10.8.0.2/24 dev vx0
echo "a tunnel without:    $(ping_far 10.8.0.2)"
attach vx0 egress tc/into_tunnel
far tc filter add dev vx0 ingress bpf da obj "$obj" sec tc/from_tunnel
far tc filter add dev vx0 egress bpf da obj "$obj" sec tc/back_into_tunnel
echo "into and from it:    $(ping_far 10.8.0.2)"
