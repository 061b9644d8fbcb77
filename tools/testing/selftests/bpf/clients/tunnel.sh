#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Tunnels without keys, made by ip; keys set and read by programs that tc attaches.

. clients/ktap.sh
two_namespaces || { echo "Bail out! no network"; exit 2; }
mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
trace=/sys/kernel/tracing/trace
capture=/tmp/tunnel.pcap

# on NAMESPACE COMMAND...
on() {
	ip netns exec "$@"
}
# side NAMESPACE NUMBER: tun0 with address 10.8.0.NUMBER; it asks for no neighbours
side() {
	ns=$1 number=$2
	ip -n $ns link add tun0 address 02:00:00:00:00:0$number type vxlan external dstport 4789 &&
	on $ns sysctl -q -w net.ipv6.conf.tun0.disable_ipv6=1 &&
	ip -n $ns link set tun0 up && ip -n $ns addr add 10.8.0.$number/24 dev tun0 &&
	ip -n $ns neigh replace 10.8.0.$((3 - number)) lladdr 02:00:00:00:00:0$((3 - number)) dev tun0 &&
	on $ns tc qdisc add dev tun0 clsact
}
tunnel() {
	side near 1 && side far 2
}
# program NAMESPACE DIRECTION SECTION: instead of the one there
program() {
	on $1 tc filter del dev tun0 $2 2>/dev/null
	on $1 tc filter add dev tun0 $2 bpf da obj clients/tunnel.bpf.o sec classifier/$3
}
both_ways() {
	program near egress to_far && program far ingress tell &&
	program far egress to_near && program near ingress tell
}
# answered: of five pings through the tunnel; what the programs tell is new
answered() {
	echo >$trace
	on near ping -q -n -c 5 -i 0.05 -W 1 10.8.0.2 | sed -n 's/.* \([0-9]*\) received.*/\1/p'
}
# told TEXT: how often
told() {
	grep -c "bpf_trace_printk: $1\$" $trace
}

check "vxlan" tunnel
check "ip shows that its keys come from outside" holds "$(ip -n near -d link show tun0)" "vxlan external"
check "nothing passes without a key" equal "$(answered)" 0
check "programs that set keys, and programs that read them" both_ways
check "tc shows them" holds "$(on near tc filter show dev tun0 egress)" "to_far.*direct-action"
on far tcpdump -i far0 -w $capture -U -c 10 udp port 4789 2>/tmp/listening &
until_true 100 grep -q listening /tmp/listening
check "pings pass" equal "$(answered)" 5
wait $!
check "the key is read on the other side" equal "$(told 'key 123456 of a070001, ttl 44')" 5
check "... and the other key on this side" equal "$(told 'key 654321 of a070002, ttl 44')" 5
outer=$(tcpdump -n -vv -r $capture 2>/dev/null)
# seen PATTERN PATTERN: how many outer headers are such, before such a line
seen() {
	printf '%s\n' "$outer" | grep -A1 -- "$1" | grep -c -- "$2"
}
check "both are on the wire, in the outer headers" equal \
	"$(seen 'tos 0x8, ttl 44,.* flags .none.' '10.7.0.1.* > 10.7.0.2.4789: .*vni 1193046')" 5
check "... with the flags of their programs" equal \
	"$(seen 'tos 0x8, ttl 44,.* flags .DF.' '10.7.0.2.* > 10.7.0.1.4789: .no cksum. .*vni 6636321')" 5

check "a program that asks for the number" program far ingress only_123456
check "lets it pass" equal "$(answered)" 5
check "a key of 8 bytes, with another number" program near egress to_far_short
check "does not pass" equal "$(answered)" 0
check "unless nobody asks" program far ingress tell
check "pings pass with it" equal "$(answered)" 5
check "... and it is read" equal "$(told 'key 88 of a070001, ttl 64')" 5

check "a tunnel over IPv6" program near egress to_far6
check "pings pass over it" equal "$(answered)" 5
check "no key of IPv4 is there" equal "$(told 'no key')" 5
check "a program that reads keys of IPv6" program far ingress tell6
check "pings pass through it" equal "$(answered)" 5
check "the key of IPv6" equal "$(told 'key 6 of ::1, ttl 66')" 5

on near tc filter del dev tun0 egress
check "without the program nothing passes again" equal "$(answered)" 0
finish
