#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Classic programs in the packet schedulers' classifier and action, by tc.

. clients/ktap.sh
two_namespaces || { echo "Bail out! no network"; exit 2; }

near() {
	ip netns exec near "$@"
}

# bytecode EXPRESSION - as tc wants it: "4,40 0 0 12,..." on one line
bytecode() {
	tcpdump -y EN10MB -ddd "$@" | tr '\n' ','
}

answered() {
	near ping -q -n -c 5 -i 0.05 -W 1 "$@" 10.7.0.2 | sed -n 's/.* \([0-9]*\) received.*/\1/p'
}

# sent DEV KIND - packets the first filter or action has seen
sent() {
	near tc -s "$1" show $2 | sed -n 's/.*Sent [0-9]* bytes \([0-9]*\) pkt.*/\1/p' | head -n 1
}

# TC_ACT_SHOT: the packet is dropped.
shot="1,6 0 0 2"

check "pings pass without a filter" equal "$(answered)" 5
check "clsact on near0" near tc qdisc add dev near0 clsact

big=$(bytecode "icmp and greater 500")
check "cls_bpf takes bytecode with a drop action" near tc filter add dev near0 egress \
	bpf bytecode "$big" action bpf bytecode "$shot"
check "large pings are dropped" equal "$(answered -s 1000)" 0
check "small pings pass" equal "$(answered)" 5
check "tc shows the bytecode again" holds "$(near tc filter show dev near0 egress)" "bytecode '"
check "the filter goes away" near tc filter del dev near0 egress
check "large pings pass again" equal "$(answered -s 1000)" 5

check "cls_bpf on ingress" near tc filter add dev near0 ingress \
	bpf bytecode "$(bytecode icmp)" action bpf bytecode "$shot"
check "replies are dropped" equal "$(answered)" 0
# Not on egress: ping sends again when a send is refused.
check "the action counted five" equal "$(sent filter 'dev near0 ingress')" 5
check "ingress filter goes away" near tc filter del dev near0 ingress

# Direct action: the program's return value is the verdict.
check "act_bpf takes bytecode" near tc actions add action bpf bytecode "$shot" index 7
check "tc lists the action" holds "$(near tc actions show action bpf)" "bytecode '$shot'"
check "an action that returns 2 (shot)" near tc filter add dev near0 egress \
	protocol ip bpf bytecode "1,6 0 0 4294967295" action bpf index 7
check "drops everything" equal "$(answered)" 0
check "filter and action go away" near sh -c \
	"tc filter del dev near0 egress && tc actions del action bpf index 7"

refused() {
	! near tc filter add dev near0 egress bpf bytecode "$1"
}
check "a jump out of the program is refused" refused "2,21 9 9 0,6 0 0 0"
check "a program without a return is refused" refused "1,0 0 0 0"
check "an unknown opcode is refused" refused "2,255 0 0 0,6 0 0 0"
check "pings pass at the end" equal "$(answered)" 5
finish
