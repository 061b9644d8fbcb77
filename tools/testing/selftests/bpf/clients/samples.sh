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

# The others, each with a line of what it prints.
text=$(sh samples/net.sh && ip netns exec near samples/flows samples/flows.bpf.o near0 sh samples/traffic.sh 1 2>&1)
check "flows: tail calls from header to header" holds "$text" "^v4 *6 0a070001:[0-9]* *> 0a070002:5201 "
check "flows: of IPv6 too" holds "$text" "^v6 *6 00000001:"
text=$(samples/latency samples/latency.bpf.o vfs_read sh -c "ls -R /usr/include/linux >/dev/null" 2>&1)
check "latency: a function's calls by duration" holds "$text" "^ *[0-9]* *[1-9][0-9]* [*]"
text=$(samples/opens samples/opens.bpf.o sh -c "cat /etc/hostname >/dev/null" 2>&1)
check "opens: the file that a command opens" holds "$text" "cat  *open  */etc/hostname"
text=$(sh samples/tc.sh tc.bpf.o 2>&1)
check "tc: a classifier that drops" holds "$text" "^no_large_pings: .*small pings 3 of 3 answered, large 0 of 3"
check "tc: an action that tags" holds "$text" "^tag:  *0 of 3"
check "tc: a classifier that untags" holds "$text" "^tag and untag:  *3 of 3"
check "tc: copies to another interface" holds "$text" "^mirror_pings:  *3 of 3 answered, in0 saw [3-9] copies"
check "tc: nothing passes a tunnel without a key" holds "$text" "^a tunnel without:  *0 of 3"
check "tc: keys set and read" holds "$text" "^into and from it:  *3 of 3"

# One line for each feature that is missing; nothing to say if it loads.
text=$(samples/objrun --load clients/modern.bpf.o 2>&1)
status=$?
told() {
	[ $status = 0 ] || holds "$text" "not offered by this kernel: $1"
}
has_globals() {
	! holds "$text" "not offered by this kernel: global data" >/dev/null
}
has_functions() {
	! holds "$text" "not offered by this kernel: a function that is not inlined" >/dev/null
}
check "global data is there" has_globals
check "... LRU maps" told "map type (recent): lru_hash"
check "calls of functions are there" has_functions
check "... a helper" told "helper function (number 46)"
check "... program types" told "program type (pass): xdp"
check "not an object" sh -c "! samples/objrun --load clients/ktap.sh"
finish
