#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Classic programs in the packet filter (xt_bpf), by iptables.

. clients/ktap.sh
two_namespaces || { echo "Bail out! no network"; exit 2; }

near() {
	ip netns exec near "$@"
}

# Programs for xt_bpf see the packet from its network header on.
bytecode() {
	tcpdump -y RAW -ddd "$@" | tr '\n' ','
}

answered() {
	near ping -q -n -c 5 -i 0.05 -W 1 "$@" 10.7.0.2 | sed -n 's/.* \([0-9]*\) received.*/\1/p'
}

counted() {
	near iptables-legacy -v -x -n -L OUTPUT | awk '$0 ~ /bpf/ { print $1; exit }'
}

iptables_add() {
	near iptables-legacy -A OUTPUT -m bpf --bytecode "$1" -j "$2"
}

check "a rule by bytecode is taken" iptables_add "$(bytecode 'icmp and greater 500')" DROP
check "large pings are dropped" equal "$(answered -s 1000)" 0
check "small pings pass" equal "$(answered)" 5
check "the rule counted five" equal "$(counted)" 5
check "it is listed again" holds "$(near iptables-legacy -S OUTPUT)" "-m bpf --bytecode"
check "it goes away" near iptables-legacy -F OUTPUT
check "a rule that matches all" iptables_add "1,6 0 0 1" ACCEPT
check "counts all" sh -c "ip netns exec near ping -q -c 4 -i 0.05 10.7.0.2"
check "four" equal "$(counted)" 4
near iptables-legacy -F OUTPUT
check "a rule that matches nothing" iptables_add "1,6 0 0 0" DROP
check "does not drop" equal "$(answered)" 5
near iptables-legacy -F OUTPUT

refused() {
	! iptables_add "$1" DROP
}
check "a jump out of the program is refused" refused "2,21 9 9 0,6 0 0 0"
check "a program without a return is refused" refused "1,0 0 0 0"
check "a program pinned where none is" sh -c \
	"! ip netns exec near iptables-legacy -A OUTPUT -m bpf --object-pinned /sys/fs/bpf/none -j DROP"
finish
