#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Runs in a guest: what "make run" shows. Fails if a count differs from the
# interface's, or if the bad program loads.
#
#	demo.sh			the whole show
#	demo.sh OBJECT		a person's own object

cd "$(dirname "$0")" || exit 1
in_near() {
	sh ./net.sh && ip netns exec near "$@"
}

if [ $# -gt 0 ]; then
	echo "$1 on $(cut -d" " -f3,4 /proc/version):"
	in_near ./objrun "$1" near0 sh ./traffic.sh
	exit
fi

result=0
echo "Kernel $(cut -d" " -f3,4 /proc/version). Two network namespaces, near and far; programs count on near0."
echo
echo "1. pktcount.bpf.c: C by clang, loaded with libbpf, attached to a packet socket"
in_near ./pktcount_libbpf pktcount.bpf.o near0 sh ./traffic.sh || result=1
echo
echo "2. pktcount_raw.c: the same program as instructions, by bpf(2) alone"
in_near ./pktcount_raw near0 sh ./traffic.sh 1 || result=1
echo
echo "3. refused.bpf.c: a lookup may find nothing, and the program does not ask"
out=$(./objrun --load refused.bpf.o 2>&1)
loaded=$?
printf '%s\n' "$out" | sed 's/^/  /'
# Any failure would do for objrun: the reason must be the verifier's.
if [ $loaded = 0 ] || ! printf '%s\n' "$out" | grep -q "R0 invalid mem access 'map_value_or_null'"; then
	echo "  FAILED: this program must be refused for that reason"
	result=1
else
	echo "  REFUSED, as it must be: the log says at which instruction and why"
fi
exit $result
