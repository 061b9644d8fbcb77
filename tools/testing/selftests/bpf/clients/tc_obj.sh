#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Objects of clang in classifiers and actions, loaded and attached by tc.

. clients/ktap.sh
two_namespaces || { echo "Bail out! no network"; exit 2; }

obj=clients/tc_programs.bpf.o

near() {
	ip netns exec near "$@"
}

answered() {
	near ping -q -n -c 5 -i 0.05 -W 1 "$@" | sed -n 's/.* \([0-9]*\) received.*/\1/p'
}

check "clsact" near tc qdisc add dev near0 clsact
check "a classifier with direct action" near tc filter add dev near0 egress \
	bpf da obj $obj sec classifier/drop_large
check "large pings are dropped" equal "$(answered -s 1000 10.7.0.2)" 0
check "small pings pass" equal "$(answered 10.7.0.2)" 5
check "tc shows it" holds "$(near tc filter show dev near0 egress)" "drop_large.*direct-action"
check "it goes away" near tc filter del dev near0 egress
check "large pings pass again" equal "$(answered -s 1000 10.7.0.2)" 5

check "a classifier and an action" near tc filter add dev near0 egress \
	bpf obj $obj sec classifier/match_icmp action bpf obj $obj sec action/drop
check "pings are dropped" equal "$(answered 10.7.0.2)" 0
check "tc shows the action" holds "$(near tc -s filter show dev near0 egress)" "action/drop"
check "they go away" near tc filter del dev near0 egress

check "an action by itself" near tc actions add action bpf obj $obj sec action/drop index 9
check "tc lists it" holds "$(near tc actions show action bpf)" "index 9"
check "and removes it" near tc actions del action bpf index 9

near ip neigh add 10.7.0.77 lladdr "$(ip -n far -o link show far0 | sed -n 's/.*ether \([^ ]*\).*/\1/p')" dev near0
check "a classifier that rewrites addresses" near tc filter add dev near0 egress \
	bpf da obj $obj sec classifier/rewrite
check "and one that restores them" near tc filter add dev near0 ingress \
	bpf da obj $obj sec classifier/restore
check "an address that does not exist answers" equal "$(answered -s 1000 10.7.0.77)" 5
check "both go away" near sh -c "tc filter del dev near0 egress && tc filter del dev near0 ingress"
check "and it does not answer any more" equal "$(answered -s 1000 10.7.0.77)" 0

refused() {
	! near tc filter add dev near0 egress bpf da obj "$@" 2>/dev/null
}
check "a section that is not there is refused" refused $obj sec nothing
check "an object that is none is refused" refused clients/ktap.sh sec x
check "pings pass at the end" equal "$(answered 10.7.0.2)" 5
finish
