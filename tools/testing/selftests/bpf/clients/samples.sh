#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The samples do what they claim: "make run", and a person's own object.

. clients/ktap.sh

out=$(sh samples/demo.sh 2>&1)
status=$?
printf '%s\n' "$out" | sed 's/^/# /'
equals=$(printf '%s\n' "$out" | grep -c "EQUAL: the program counted")
check "the demonstration succeeds" equal $status 0
check "both programs count what the interface counts" equal "$equals" 2
check "TCP of iperf3 is in the table" holds "$out" "IPv4 TCP  *[1-9]"
check "the bad program is refused, with a reason" holds "$out" "REFUSED, as it must be"
check "... which stands in the log" holds "$out" "R0 invalid mem access 'map_value_or_null'"

# The comparison must be able to fail: a program that is attached late misses
# packets the interface has counted.
late() {
	two_namespaces || return 1
	text=$(ip netns exec near samples/pktcount_raw near0 ping -q -c 3 -i 0.1 10.7.0.2 2>&1) && {
		echo "success, though packets were missed:"
		echo "$text"
		return 1
	}
	holds "$text" "DIFFERENT"
}
check "counts that differ are a failure" late

own() {
	sh samples/net.sh && ip netns exec near samples/objrun samples/lengths.bpf.o near0 sh samples/traffic.sh 1
}
text=$(own 2>&1)
check "objrun runs another object" equal $? 0
check "... and shows its maps" holds "$text" "^ *map by_length"
check "... with the packets in it" holds "$text" "= .*[1-9]"

# One line for each feature that is missing; nothing to say if it loads.
text=$(samples/objrun --load clients/modern.bpf.o 2>&1)
status=$?
told() {
	[ $status = 0 ] || holds "$text" "not offered by this kernel: $1"
}
check "either global data is there or its absence is told" told "global data"
check "... LRU maps" told "map type (recent): lru_hash"
check "... calls of functions" told "a function that is not inlined"
check "... a helper" told "helper function (number 46)"
check "... program types" told "program type (pass): xdp"
check "not an object" sh -c "! samples/objrun --load clients/ktap.sh"
finish
