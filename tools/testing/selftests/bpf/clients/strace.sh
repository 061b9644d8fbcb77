#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# strace decodes bpf(2) as on any Linux: calls, names, results.

. clients/ktap.sh
two_namespaces || { echo "Bail out! no network"; exit 2; }

trace=/tmp/strace-test
ip netns exec near strace -e trace=bpf,setsockopt -o $trace \
	samples/pktcount_raw near0 ping -q -c 3 -i 0.1 10.7.0.2 >/dev/null 2>&1
text=$(cat $trace)

check "maps are created" holds "$text" "^bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH, key_size=4, value_size=16, max_entries=64.*) = [0-9]"
check "... of both types" holds "$text" "^bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_ARRAY, .*) = [0-9]"
check "the program is loaded" holds "$text" "^bpf(BPF_PROG_LOAD, {prog_type=BPF_PROG_TYPE_SOCKET_FILTER, insn_cnt=.*license=\"GPL\".*) = [0-9]"
check "and attached" holds "$text" "SO_ATTACH_BPF, .*) = 0"
check "keys are walked from NULL" holds "$text" "^bpf(BPF_MAP_GET_NEXT_KEY, {map_fd=[0-9]*, key=NULL.*) = 0"
check "... to the end" holds "$text" "^bpf(BPF_MAP_GET_NEXT_KEY, .*) = -1 ENOENT"
check "elements are read" holds "$text" "^bpf(BPF_MAP_LOOKUP_ELEM, .*) = 0"
raw() {
	equal "$(printf '%s\n' "$text" | grep -c '^bpf(0x')" 0
}
check "nothing was left undecoded" raw
finish
