#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# tcpdump on a live interface: the kernel takes its filter, and what the kernel
# keeps is what tcpdump itself picks out of a capture of everything. With the
# argument "all" for 41 expressions, else for the first ten.

. clients/ktap.sh

# What starts later must see the same packets: nothing may be sent by itself.
quiet_network() {
	sh samples/net.sh || return 1
	for ns in near far; do
		ip netns exec $ns sh -c "echo 0 >/proc/sys/net/ipv6/conf/${ns}0/router_solicitations"
		ip -n $ns link set ${ns}0 up
	done
	until_true 50 ip netns exec near ping -q -c 1 -W 1 fd07::2 || return 1
	for ns in near far; do
		ip -n $ns neigh flush dev ${ns}0
	done
	until_true 30 is_quiet
}

is_quiet() {
	seen=$(ip -n near -s link show near0)
	sleep 2
	[ "$seen" = "$(ip -n near -s link show near0)" ]
}

quiet_network || { echo "Bail out! no network"; exit 2; }
dir=/tmp/tcpdump-test
mkdir -p $dir

# capture NAME [EXPRESSION] - in the background, ready when it returns
capture() {
	name=$1
	shift
	ip netns exec near strace -f -e trace=setsockopt -o $dir/$name.trace \
		tcpdump -Z root -U -n -i near0 -w $dir/$name.pcap "$@" 2>$dir/$name.err &
	until_true 100 grep -q "listening on" $dir/$name.err
}

packets() {
	tcpdump -n -r "$@" 2>/dev/null | wc -l
}

# The first line is empty: everything. Each other one matches some packets, not all.
cat >$dir/expressions <<END

icmp
icmp and greater 500
ip6 and not tcp
tcp
tcp[tcpflags] & (tcp-syn|tcp-fin) != 0
udp dst port 5201
src host 10.7.0.1 and (icmp or tcp port 5201)
not host 10.7.0.2
less 70
arp or icmp6
ip
ip6
arp
udp
not udp
not tcp
host 10.7.0.2
dst host 10.7.0.2
net 10.7.0.0/24
net 10.7.0.0/30 and udp
src net 10.7.0.0 mask 255.255.255.0
port 5201
src port 5201
tcp dst port 5201
tcp portrange 5200-5202
udp port 5201 and greater 100
greater 1000
icmp[icmptype] = icmp-echo
icmp[icmptype] = icmp-echoreply
icmp6 and ip6[40] = 128
ip[8] = 64
ip[2:2] > 600
ip[6] & 0x40 != 0
tcp[13] = 16
tcp[tcpflags] & tcp-push != 0
tcp[2:2] = 5201 and tcp[tcpflags] & tcp-ack != 0
ether proto 0x0806
ether broadcast or ether multicast
ip proto 17
(ip[2:2] - ((ip[0] & 0xf) << 2)) > 100 and ip
len > 60 and len < 200
END
[ "$1" = all ] || sed -i '12,$d' $dir/expressions

i=0
while read -r expr; do
	i=$((i + 1))
	set -- "$expr"
	[ -n "$expr" ] || set --
	capture $i "$@" || { cat $dir/$i.err; echo "Bail out! tcpdump"; exit 2; }
	eval "expr_$i=\$expr"
done <$dir/expressions

ip netns exec far iperf3 -s -D -I /run/iperf3-far.pid
sleep 0.5
ip netns exec near ping -q -c 20 -i 0.02 10.7.0.2 >/dev/null
ip netns exec near ping -q -c 20 -i 0.02 -s 1000 10.7.0.2 >/dev/null
ip netns exec near ping -q -c 5 -i 0.02 fd07::2 >/dev/null
ip netns exec near iperf3 -c 10.7.0.2 -n 200K -l 8K >/dev/null
ip netns exec near iperf3 -c 10.7.0.2 -u -b 2M -n 100K >/dev/null
ip netns exec near ip neigh flush dev near0
ip netns exec near ping -q -c 1 10.7.0.2 >/dev/null
kill "$(tr -d '\000' </run/iperf3-far.pid)"
# Quiet: no packet may reach one tcpdump and not the next while they end.
ip -n near link set near0 down
sleep 1
pids=$(pidof tcpdump)
kill -INT $pids
wait

# A packet in its own tcpdump's ring may be lost, and it says so.
lost=$(cat $dir/*.err | grep -c "^[1-9][0-9]* packets dropped by kernel")
check "no capture lost packets" equal "$lost" 0
n=2
while [ $n -le $i ]; do
	eval "expr=\$expr_$n"
	want=$(packets $dir/1.pcap "$expr")
	got=$(packets $dir/$n.pcap)
	check "'$expr': the kernel took the filter" \
		grep -q "SO_ATTACH_FILTER.*= 0" $dir/$n.trace
	check "'$expr': $got packets, as in the capture of everything" equal "$got" "$want"
	check "'$expr': it decides (0 < $got < all)" \
		test "$got" -gt 0 -a "$got" -lt "$(packets $dir/1.pcap)"
	n=$((n + 1))
done
finish
