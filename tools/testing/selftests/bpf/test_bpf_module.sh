#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# test_bpf_module.sh ENABLE [HARDEN]
#
# The base's own test_bpf module, built against the kernel under test: its three
# suites must pass whole, all runs by the interpreter (ENABLE 0) or none (1, with
# net.core.bpf_jit_harden as HARDEN). The numbers guard against a suite that ran
# in part, or the other way.

enable=$1
harden=${2:-0}
core=/proc/sys/net/core
if [ -e $core/bpf_jit_enable ]; then
	was_enable=$(cat $core/bpf_jit_enable)
	was_harden=$(cat $core/bpf_jit_harden)
	echo "$enable" >$core/bpf_jit_enable
	echo "$harden" >$core/bpf_jit_harden
elif [ "$enable" != 0 ]; then
	echo 1..1
	echo "not ok 1 - a kernel that makes machine code"
	exit 1
fi
case $enable in 0) jited=0 tail_calls=0 ;; *) jited=1014 tail_calls=10 ;; esac

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
	line=$(printf '%s\n' "$log" | grep "$2$3 PASSED, 0 FAILED${4:-}")
	if [ $loaded = 0 ] && [ -n "$line" ]; then
		echo "ok $n - $1: $3 of $3"
	else
		echo "not ok $n - $1: $3 passes wanted"
	fi
}
suite "classic and extended instructions" "test_bpf: Summary: " 1026 ", \[$jited/1014 JIT'ed]"
suite "tail calls" "test_bpf: test_tail_calls: Summary: " 10 ", \[$tail_calls/10 JIT'ed]"
suite "segmentation" "test_bpf: test_skb_segment: Summary: " 2

printf '%s\n' "$log" | grep 'Summary:' | sed 's/^/# /'
dmesg | grep -B 2 'FAIL\|UNEXPECTED' | grep -v 'Summary:' | head -n 60 | sed 's/^/# /'
rmmod test_bpf
if [ -e $core/bpf_jit_enable ]; then
	echo "$was_enable" >$core/bpf_jit_enable
	echo "$was_harden" >$core/bpf_jit_harden
fi
