#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The base's own test_bpf module, built against the kernel under test: its three
# suites must pass whole. The numbers guard against a suite that ran in part.

# Not its two thousand lines on the console, but every warning.
level=$(cut -f1 /proc/sys/kernel/printk)
dmesg -n 5
insmod ./test_bpf.ko
loaded=$?
dmesg -n "$level"
log=$(dmesg | grep 'test_bpf: ')

echo 1..3
n=0
suite() {
	n=$((n + 1))
	line=$(printf '%s\n' "$log" | grep "$2$3 PASSED, 0 FAILED")
	if [ $loaded = 0 ] && [ -n "$line" ]; then
		echo "ok $n - $1: $3 of $3"
	else
		echo "not ok $n - $1: $3 passes wanted"
	fi
}
suite "classic and extended instructions" "test_bpf: Summary: " 1026
suite "tail calls" "test_bpf: test_tail_calls: Summary: " 10
suite "segmentation" "test_bpf: test_skb_segment: Summary: " 2

printf '%s\n' "$log" | grep 'Summary:' | sed 's/^/# /'
dmesg | grep -B 2 'FAIL\|UNEXPECTED' | grep -v 'Summary:' | head -n 60 | sed 's/^/# /'
rmmod test_bpf
